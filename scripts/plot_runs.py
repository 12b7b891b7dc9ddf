#!/usr/bin/env python3
"""Plots run folders side by side: fed_llm's test loss, or kd_lora's accuracy, against rounds, bytes and
seconds.

Usage: plot_runs.py OUTPUT.svg|.png RUN...

Bytes are what one client has sent and received if it took part in every round so far. Seconds are
those of the rounds so far if their clients work at the same time: the mean client's local training
and projection, and the aggregation; evaluation is left out. Needs Matplotlib.
"""
import json
import os
import pathlib
import sys

try:
    import matplotlib
except ImportError:
    sys.exit('plot_runs.py: expected Matplotlib (pip install matplotlib), got a python3 without')

matplotlib.use('agg')
matplotlib.rcParams['svg.fonttype'] = 'none'
matplotlib.rcParams['svg.hashsalt'] = 'ferret'  # the same picture for the same numbers
from matplotlib import pyplot  # noqa: E402  (after the choice of backend)


def whole_lines(file):
    """The lines that were not cut off by a crash, as objects."""
    # Not splitlines(): the names of clients may have other ends of lines in them.
    return [json.loads(line) for line in file.read_text(encoding='utf-8').split('\n')[:-1]]


def metric_of(folder):
    """What the program of this run is told by."""
    lines = whole_lines(folder / 'metrics.jsonl')
    for metric in ('test_loss', 'accuracy'):
        if any(metric in line for line in lines):
            return metric
    sys.exit(f'plot_runs.py: {folder}: expected a measured round, got none')


def read_run(folder, metric):
    """Lists over the rounds: numbers, the metric (NaN: not finite), bytes and seconds so far."""
    rounds = [line for line in whole_lines(folder / 'metrics.jsonl') if metric in line]
    numbers, values, sizes, seconds = [], [], [], []
    size = time = 0.0
    for line in rounds:
        clients = max(1, line['clients'])
        size += line['bytes_up_per_client'] + line['bytes_down_per_client']
        time += (line['seconds']['local_training'] + line['seconds']['projection']) / clients
        time += line['seconds']['aggregation']
        numbers.append(line['round'])
        values.append(float('nan') if line[metric] is None else line[metric])
        sizes.append(size)
        seconds.append(time)
    return numbers, values, sizes, seconds


def draw(output, folders):
    metrics = {metric_of(folder) for folder in folders}
    if len(metrics) > 1:
        sys.exit('plot_runs.py: expected runs of one program, got some with ' +
                 ' and some with '.join(sorted(metrics)))
    metric = metrics.pop()
    figure, axes = pyplot.subplots(1, 3, sharey=True, layout='constrained', figsize=(13, 4))
    for folder in folders:
        numbers, values, sizes, seconds = read_run(folder, metric)
        for axis, across in zip(axes, (numbers, sizes, seconds)):
            axis.plot(across, values, marker='.', label=folder.resolve().name)
    axes[0].set(xlabel='round', ylabel=metric.replace('_', ' '))
    axes[0].legend()
    # Runs differ by orders of magnitude in bytes. Round 0, which sends nothing, has no place there.
    axes[1].set(xlabel='bytes up and down of a client', xscale='log')
    axes[2].set(xlabel='seconds, clients in parallel')
    for axis in axes:
        axis.grid(True, alpha=0.3)
    metadata = {'Date': None} if output.suffix == '.svg' else None
    save(figure, output, metadata)


def save(figure, output, metadata):
    """Draws beside the output and renames: it is never half a picture."""
    unfinished = output.with_name(f'{output.stem}.{os.getpid()}.unfinished{output.suffix}')
    try:
        figure.savefig(unfinished, metadata=metadata, dpi=150)
        unfinished.replace(output)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        sys.exit(f'plot_runs.py: {output}: {error.strerror}')


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    output = pathlib.Path(sys.argv[1])
    if output.suffix not in ('.svg', '.png'):
        sys.exit(f'plot_runs.py: expected a file .svg or .png, got {output}')
    draw(output, [pathlib.Path(folder) for folder in sys.argv[2:]])


if __name__ == '__main__':
    main()
