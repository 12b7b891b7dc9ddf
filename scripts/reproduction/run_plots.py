"""Pictures of runs: what plots.json of an experiment asks for.

plots.json is a list of {"name", "kind", "title", "series": {label: [{"label", "runs": [folder]}]}}; the
runs of one entry differ in their seed only, and their folders are relative to plots.json.
"""
import json
import pathlib
import statistics

from matplotlib import pyplot

from .run_folder import RunFolder, mean_and_deviation


def runs_of(setting, folder):
    """The setting's runs that measured a round after round 0."""
    runs = [RunFolder(folder / run) for run in setting['runs']]
    return [run for run in runs if len(run.rounds()) > 1]


def finish(axis, **settings):
    axis.set(**settings)
    axis.grid(True, alpha=0.3)
    if axis.get_legend_handles_labels()[0]:
        axis.legend(fontsize='small')


def over_rounds(plot, folder, values_of, **settings_of_axis):
    """values_of(run) against rounds: mean, and deviation as a band."""
    figure, axis = pyplot.subplots(figsize=(6, 4.5), layout='constrained')
    for label, settings in plot['series'].items():
        values = [values_of(run) for setting in settings for run in runs_of(setting, folder)]
        if not values:
            continue
        rounds = range(min(len(some) for some in values))
        points = [mean_and_deviation([some[at] for some in values]) for at in rounds]
        means = [mean for mean, _ in points]
        line, = axis.plot(rounds, means, marker='o', markersize=3, label=label)
        axis.fill_between(rounds, [mean - deviation for mean, deviation in points],
                          [mean + deviation for mean, deviation in points],
                          alpha=0.15, color=line.get_color(), linewidth=0)
    finish(axis, xlabel='round', title=plot['title'], **settings_of_axis)
    return figure


def points_at_the_end(plot, folder, x, y):
    """(label, [(x, mean of y over the runs, deviation)]) of each curve that has runs, a point a setting."""
    for label, settings in plot['series'].items():
        points = []
        for setting in settings:
            runs = runs_of(setting, folder)
            if runs:
                points.append((statistics.mean(x(run) for run in runs),
                               *mean_and_deviation([y(run) for run in runs])))
        if points:
            yield label, sorted(points)


def draw_points(axis, label, points):
    at, means, deviations = zip(*points)
    axis.errorbar(at, means, yerr=deviations, marker='o', markersize=4, capsize=2, label=label)


def by_round(plot, folder):
    return over_rounds(plot, folder, RunFolder.test_losses, ylabel='test loss')


def accuracy_by_round(plot, folder):
    return over_rounds(plot, folder, lambda run: [line['accuracy'] for line in run.rounds()],
                       ylabel='accuracy')


def at_the_end(plot, folder, x, **settings_of_axis):
    """The loss at the end against x(run)."""
    figure, axis = pyplot.subplots(figsize=(6, 4.5), layout='constrained')
    for label, points in points_at_the_end(plot, folder, x, RunFolder.end_loss):
        draw_points(axis, label, points)
        if label == 'FedAvg' and len(points) == 1:
            mean = points[0][1]
            axis.axhspan(0.99 * mean, 1.01 * mean, color='black', alpha=0.1, linewidth=0,
                         label='within 1% of FedAvg')
    finish(axis, ylabel='test loss, mean of the last 3 rounds', title=plot['title'], xscale='log',
           **settings_of_axis)
    return figure


def accuracy_by_bytes(plot, folder):
    figure, axis = pyplot.subplots(figsize=(6, 4.5), layout='constrained')
    for label, points in points_at_the_end(plot, folder, RunFolder.bytes_a_round,
                                           lambda run: run.at_the_end('accuracy')):
        draw_points(axis, label, points)
    finish(axis, xlabel='bytes a client sends and receives a round', ylabel='accuracy',
           title=plot['title'], xscale='log')
    return figure


def by_bytes(plot, folder):
    return at_the_end(plot, folder, RunFolder.bytes_a_round,
                      xlabel='bytes a client sends and receives a round')


def by_seconds(plot, folder):
    return at_the_end(plot, folder, RunFolder.seconds_a_round,
                      xlabel='seconds a round: one client and the server')


def by_server_rate(plot, folder):
    return at_the_end(plot, folder, lambda run: run.options()['server-lr'], xlabel='server rate')


def by_clients(plot, folder):
    return at_the_end(plot, folder, lambda run: run.rounds()[-1]['clients'],
                      xlabel='active clients a round')


KINDS = {kind.__name__: kind for kind in (by_round, by_bytes, by_seconds, by_server_rate, by_clients,
                                          accuracy_by_round, accuracy_by_bytes)}


def draw_all(folder):
    """{name: figure} of folder/plots.json."""
    folder = pathlib.Path(folder)
    return {plot['name']: KINDS[plot['kind']](plot, folder)
            for plot in json.loads((folder / 'plots.json').read_text())}
