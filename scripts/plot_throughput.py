#!/usr/bin/env python3
"""Plots throughput against K and d from Google Benchmark's JSON files.

Usage: plot_throughput.py OUTPUT.svg FILE.json...

Takes the medians of the benchmarks by_K and by_d of projector_bench and reconstructor_bench, run with
--benchmark_repetitions and --benchmark_out=FILE.json. Needs Matplotlib.
"""
import json
import pathlib
import sys

import matplotlib

matplotlib.use('svg')
matplotlib.rcParams['svg.fonttype'] = 'none'
matplotlib.rcParams['svg.hashsalt'] = 'ferret'  # the same picture for the same numbers
from matplotlib import pyplot  # noqa: E402  (after the choice of backend)


def medians(paths):
    """{(question, operation): {basis: [(K or d, basis elements or None, values a second)]}}"""
    series = {}
    for path in paths:
        for run in json.loads(pathlib.Path(path).read_text())['benchmarks']:
            if run.get('aggregate_name') != 'median':
                continue
            question, operation, *arguments = run['run_name'].split('/')
            if question not in ('by_K', 'by_d'):
                continue
            values = dict(argument.split(':') for argument in arguments if ':' in argument)
            x = int(values['K']) if question == 'by_K' else 2 ** int(values['log2_d'])
            series.setdefault((question, operation), {}).setdefault(values['basis'], []).append(
                (x, run.get('basis_elements'), run['values']))
    return series


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    series = medians(sys.argv[2:])
    if not series:
        sys.exit('plot_throughput.py: expected medians of by_K or by_d, got none')
    operations = sorted({operation for _, operation in series})
    figure, axes = pyplot.subplots(len(operations), 3, squeeze=False, layout='constrained',
                                   figsize=(13, 4 * len(operations)))
    panels = [('by_K', 1, 'basis elements per second'),
              ('by_K', 2, "the model's values per second"),
              ('by_d', 1, 'basis elements per second')]
    for row, operation in zip(axes, operations):
        for axis, (question, column, label) in zip(row, panels):
            for basis, points in series.get((question, operation), {}).items():
                points = sorted(point for point in points if point[column] is not None)
                if not points:
                    continue  # a sparse family touches d elements, not K d
                axis.plot([point[0] for point in points], [point[column] for point in points],
                          marker='o', label=basis)
            axis.set(xscale='log', yscale='log', ylabel=label, title=operation,
                     xlabel='K (d = 2^20)' if question == 'by_K' else 'd (K = 64)')
            axis.grid(True, alpha=0.3)
            if column == 1:
                axis.set_ylim(1e9, 1e11)
            else:
                axis.legend()
    figure.savefig(sys.argv[1], metadata={'Date': None})


if __name__ == '__main__':
    main()
