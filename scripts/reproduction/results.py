"""What an experiment's runs measured, as Markdown tables and as the plots.json of plot_figures.py."""
import json
import os
import statistics

from .run_folder import client_seconds, mean_and_deviation


def spread(values, digits, factor=1.0):
    """'4.321 ± 0.012', or the number alone if there is one."""
    if not values:
        return '-'
    mean, deviation = mean_and_deviation(values)
    text = f'{factor * mean:.{digits}f}'
    return f'{text} ± {factor * deviation:.{digits}f}' if len(values) > 1 else text


def average(runs, value, digits):
    values = [run.mean(value) for run in runs if len(run.rounds()) > 1]
    return f'{statistics.mean(values):,.{digits}f}' if values else '-'


LOSS_COLUMNS = ['setting', 'seeds', 'rounds', 'test loss before', 'test loss after', 'last 3 rounds',
           'over FedAvg, %', 'Rouge-L, %', 'exact match, %', 'bytes up', 'bytes down', 'training, s',
           'projection, s', 'aggregation, s']


def end_losses(runs):
    """{seed: loss at the end} of the runs that have one."""
    return {run.seed: run.folder.end_loss() for run in runs if len(run.folder.rounds()) > 1}


def loss_row(label, all_runs, fedavg):
    """A line of fed_llm's table: means over the seeds and, after ±, their deviation. fedavg: FedAvg's
    runs, whose losses those of the same seed are compared with: clients and data are the same."""
    losses = end_losses(fedavg)
    over = [loss / losses[seed] - 1 for seed, loss in end_losses(all_runs).items() if seed in losses]
    runs = [run.folder for run in all_runs if run.folder.rounds()]
    answers = [folder.answers() for folder in runs if folder.answers()]
    exact = [answer['exact_match'] for answer in answers if answer.get('exact_match') is not None]
    rounds = sorted({folder.rounds()[-1]['round'] for folder in runs})
    return [label, str(len(runs)), ' to '.join(str(at) for at in (rounds[:1] + rounds[1:][-1:])) or '-',
            spread([run.test_losses()[0] for run in runs], 3),
            spread([run.test_losses()[-1] for run in runs], 3),
            spread([run.end_loss() for run in runs], 3),
            spread(over, 1, 100.0),
            spread([answer['rouge_l'] for answer in answers], 2, 100.0),
            spread(exact, 2, 100.0),
            average(runs, lambda line: line['bytes_up_per_client'], 0),
            average(runs, lambda line: line['bytes_down_per_client'], 0),
            average(runs, lambda line: client_seconds(line, 'local_training'), 3),
            average(runs, lambda line: client_seconds(line, 'projection'), 4),
            average(runs, lambda line: line['seconds']['aggregation'], 4)]


ACCURACY_COLUMNS = ['setting', 'seeds', 'accuracy', 'Matthews', 'loss', 'teacher accuracy', 'bytes up',
                    'bytes down', 'training, s', 'aggregation, s']


def accuracy_row(label, all_runs, _):
    """A line of kd_lora's table: after the last round, mean and deviation over the seeds."""
    runs = [run.folder for run in all_runs if run.folder.rounds()]

    def ends(metric, digits):
        return spread([value for run in runs if (value := run.at_the_end(metric)) is not None], digits)

    return [label, str(len(runs)), ends('accuracy', 4), ends('matthews', 4), ends('loss', 4),
            ends('teacher_accuracy', 4),
            average(runs, lambda line: line['bytes_up_per_client'], 0),
            average(runs, lambda line: line['bytes_down_per_client'], 0),
            average(runs, lambda line: client_seconds(line, 'local_training'), 2),
            average(runs, lambda line: line['seconds']['aggregation'], 2)]


TABLES = {'loss': (LOSS_COLUMNS, loss_row), 'accuracy': (ACCURACY_COLUMNS, accuracy_row)}


def markdown(rows):
    lines = ['| ' + ' | '.join(row) + ' |' for row in rows]
    lines.insert(1, '|---' + '|---:' * (len(rows[0]) - 1) + '|')
    return '\n'.join(lines) + '\n'


def tables(experiment, runs):
    """A table a plot. runs: those of the experiment."""
    text = [f'# {experiment.name}\n', 'Mean over the seeds ± their standard deviation; over '
            'FedAvg: of the last 3 rounds, seed by seed; bytes and seconds per client and round, '
            'aggregation per round.\n']
    columns, row = TABLES[experiment.table]
    for plot in experiment.plots:
        rows = [columns]
        fedavg = [run for run in runs if run.setting in plot.series.get('FedAvg', [])]
        for settings in plot.series.values():
            for setting in settings:
                rows.append(row(setting.label, [run for run in runs if run.setting == setting], fedavg))
        text.append(f'## {plot.name}: {plot.title}\n')
        text.append(markdown(rows))
    return '\n'.join(text)


def write(experiment, runs, folder):
    """folder/results.md and folder/plots.json."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / 'results.md').write_text(tables(experiment, runs))
    plots = [{'name': plot.name, 'kind': plot.kind, 'title': plot.title, 'series': {
        label: [{'label': setting.label,
                 'runs': [os.path.relpath(run.folder.path, folder) for run in runs
                          if run.setting.name == setting.name]} for setting in settings]
        for label, settings in plot.series.items()}} for plot in experiment.plots]
    (folder / 'plots.json').write_text(json.dumps(plots, indent=1) + '\n')
