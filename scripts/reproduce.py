#!/usr/bin/env python3
"""Runs what the paper's tables and figures are redrawn from, and draws them.

  reproduce.py figures-numeric --out DIR
  reproduce.py table|convergence|study|smollm2|bytes|bases|glue --models DIR --data DIR --out DIR

Runs that are finished are skipped and interrupted ones continued, so the same command can be given
again at any time. Runs are in DIR/runs, tables and figures in DIR/EXPERIMENT. One command at a time
has DIR.
"""
import argparse
import importlib.util
import pathlib
import shlex
import subprocess
import sys

SCRIPTS = pathlib.Path(__file__).resolve().parent
BUILT = SCRIPTS.parent / 'build' / 'release' / 'examples'
sys.path.insert(0, str(SCRIPTS))
from reproduction import results, runner  # noqa: E402  (after the path)
from reproduction.experiments import EXPERIMENTS  # noqa: E402
from reproduction.file_lock import try_lock  # noqa: E402


def override(text):
    key, equals, value = text.partition('=')
    if not (key and equals):
        raise argparse.ArgumentTypeError(f'expected KEY=VALUE, got {text}')
    if key in ('seed', 'threads', 'out', 'resume'):
        raise argparse.ArgumentTypeError(f'expected an option that the driver does not set, got {key}')
    try:
        return key, float(value) if '.' in value or 'e' in value else int(value)
    except ValueError:
        return key, value


def parse():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('experiment', choices=['figures-numeric', *EXPERIMENTS])
    parser.add_argument('--out', type=pathlib.Path, required=True)
    parser.add_argument('--models', type=pathlib.Path,
                        help='folder with stories260K, smollm2-135m-instruct, minilm-student')
    parser.add_argument('--data', type=pathlib.Path,
                        help='folder with natural-instructions-2.8, dolly-15k, code-alpaca, gsm8k, cola, sst2')
    parser.add_argument('--seeds', type=int, default=4, help='runs of each setting (default: 4)')
    parser.add_argument('--first-seed', type=int, default=1)
    parser.add_argument('--jobs', type=int, default=1, help='runs at a time (default: 1)')
    parser.add_argument('--threads', type=int, default=1, help='threads of a run (default: 1)')
    parser.add_argument('--only', action='append', default=[], metavar='TEXT',
                        help='only settings whose name contains it; can be given again')
    parser.add_argument('--set', action='append', default=[], type=override, metavar='KEY=VALUE',
                        help="an option of the program in place of the settings' own")
    parser.add_argument('--list', action='store_true', help='print the commands and stop')
    parser.add_argument('--redo', action='store_true',
                        help='run those anew that were begun with other options')
    parser.add_argument('--programs', type=pathlib.Path, default=BUILT,
                        help='folder of the built examples (default: build/release/examples)')
    arguments = parser.parse_args()
    if arguments.experiment != 'figures-numeric' and not (arguments.models and arguments.data):
        parser.error(f'{arguments.experiment} needs --models and --data')
    if min(arguments.seeds, arguments.jobs, arguments.threads) < 1:
        parser.error('expected --seeds, --jobs and --threads of 1 or more')
    return arguments


def draw(folder):
    return subprocess.call([sys.executable, str(SCRIPTS / 'plot_figures.py'), str(folder)])


def numeric_figures(arguments):
    folder = arguments.out / 'figures-numeric'
    command = [str(arguments.programs / 'figures' / 'figures'), '--out', str(folder),
               '--seeds', str(arguments.seeds), '--first-seed', str(arguments.first_seed)]
    if arguments.list:
        print(shlex.join(command))
        return 0
    missed = subprocess.call(command)
    return draw(folder) or missed


def federated(arguments):
    experiment = EXPERIMENTS[arguments.experiment]()
    seeds = range(arguments.first_seed, arguments.first_seed + arguments.seeds)
    folders = {'MODELS': arguments.models.absolute(), 'DATA': arguments.data.absolute()}
    out = arguments.out.absolute()
    all_runs = runner.runs_of(experiment.settings, seeds, out, folders, dict(arguments.set))
    runs = [run for run in all_runs if not arguments.only
            or any(text in run.setting.name for text in arguments.only)]
    name, *subcommand = experiment.program
    program = [str(arguments.programs / name / name), *subcommand]
    if arguments.list:
        for run in runs:
            state = 'finished' if run.folder.finished() else 'begun' if run.folder.begun() else 'new'
            print(f'{state:9}', shlex.join([*program, *run.arguments()]))
        return 0
    runner.check_stored(runs, arguments.redo)
    failed = runner.Runner(program, runs, arguments.jobs, arguments.threads).work()
    folder = out / experiment.name
    results.write(experiment, [run for run in all_runs if run.difference() is None], folder)
    print(folder / 'results.md')
    return draw(folder) or (1 if failed else 0)


def main():
    arguments = parse()
    if not arguments.list and importlib.util.find_spec('matplotlib') is None:
        sys.exit('reproduce: Matplotlib is missing, which draws the figures; install it '
                 '(python3-matplotlib, or pip install matplotlib) for ' + sys.executable)
    work = numeric_figures if arguments.experiment == 'figures-numeric' else federated
    if arguments.list:
        return work(arguments)
    arguments.out.mkdir(parents=True, exist_ok=True)
    with open(arguments.out / 'reproduce.lock', 'ab') as lock:
        if not try_lock(lock):
            sys.exit(f'reproduce: {arguments.out}: another reproduce.py is at work there')
        return work(arguments)


if __name__ == '__main__':
    sys.exit(main())
