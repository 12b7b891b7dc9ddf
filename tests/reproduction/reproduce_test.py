#!/usr/bin/env python3
"""scripts/reproduce.py from its command line, with a stub in place of fed_llm and kd_lora.

Usage: reproduce_test.py [PROGRAM...]    of the real programs, by their names, --help has to know every option
"""
import fcntl
import importlib.util
import json
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
SCRIPTS = HERE.parent.parent / 'scripts'
sys.path.insert(0, str(SCRIPTS))
from reproduction import results, runner  # noqa: E402  (after the path)
from reproduction.experiments import EXPERIMENTS, Experiment, Plot, Setting  # noqa: E402

PROGRAMS = {}
SETTING = 'natural-ferret-dense'


class Reproduce(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name)
        self.stub = self.folder / 'programs' / 'fed_llm'
        self.stub.mkdir(parents=True)
        shutil.copy(HERE / 'stub_fed_llm.py', self.stub / 'fed_llm')
        # It answers to both names, and its files are beside the first.
        (self.folder / 'programs' / 'kd_lora').mkdir()
        (self.folder / 'programs' / 'kd_lora' / 'kd_lora').symlink_to(self.stub / 'fed_llm')
        self.out = self.folder / 'out'

    def command(self, *arguments, experiment='table', only=SETTING):
        return [sys.executable, str(SCRIPTS / 'reproduce.py'), experiment, '--models',
                str(self.folder / 'models'), '--data', str(self.folder / 'data'), '--out',
                str(self.out), '--programs', str(self.folder / 'programs'), '--only', only, *arguments]

    def reproduce(self, *arguments, **where):
        return subprocess.run(self.command(*arguments, **where), capture_output=True, text=True,
                              timeout=600)

    def starts(self):
        return (self.stub / 'starts').read_text().splitlines()

    def row(self, label='Ferret, TruncatedNormal'):
        text = (self.out / 'table' / 'results.md').read_text()
        line = next(line for line in text.splitlines() if line.startswith(f'| {label} '))
        return [cell.strip() for cell in line.strip('|').split('|')]

    def test_lists_whole_commands_and_runs_nothing(self):
        done = self.reproduce('--list', '--seeds', '2')
        self.assertEqual(done.returncode, 0, done.stderr)
        lines = done.stdout.splitlines()
        self.assertEqual(len(lines), 2)
        data = self.folder / 'data' / 'natural-instructions-2.8'
        self.assertIn(f'--data {data} ', lines[0])
        self.assertIn(f'--model {self.folder / "models" / "stories260K"} ', lines[0])
        self.assertIn('--algorithm ferret ', lines[0])
        self.assertIn('--seed 2 ', lines[1])
        self.assertFalse(self.out.exists())

    def test_runs_every_seed_and_writes_means_and_deviations(self):
        done = self.reproduce('--seeds', '3', '--jobs', '2', '--threads', '2', '--set', 'rounds=3',
                              '--set', 'server-lr=0.5')
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(len(self.starts()), 3)
        self.assertTrue(all('--threads 2' in start for start in self.starts()))
        # Losses seed + 8 / (r + 1) + 0.5 for seeds 1, 2, 3: deviation 1; 4.0 in the mean of rounds
        # 1 to 3 is 8 (1/2 + 1/3 + 1/4) / 3 = 2.889 in the first part.
        self.assertEqual(self.row()[1:], ['3', '3', '10.500 ± 1.000', '4.500 ± 1.000',
                                          '5.389 ± 1.000', '-', '12.50 ± 0.00', '-', '1,000', '3,000',
                                          '2.000', '1.0000', '0.2500'])
        for name in ('table-natural.svg', 'table-natural.png', 'plots.json'):
            self.assertTrue((self.out / 'table' / name).stat().st_size > 0)

    def test_skips_what_is_finished(self):
        for _ in range(2):
            done = self.reproduce('--seeds', '1', '--set', 'rounds=2')
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(len(self.starts()), 1)

    def test_reports_a_failed_run_and_resumes_it(self):
        (self.stub / 'stop_after').write_text('1')
        done = self.reproduce('--seeds', '1', '--set', 'rounds=3')
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertIn(f'{SETTING}/seed-1: FAILED with 130: interrupted; to continue', done.stdout)
        self.assertEqual(self.row()[2], '1')
        (self.stub / 'stop_after').unlink()
        done = self.reproduce('--seeds', '1', '--set', 'rounds=3')
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn('--resume', self.starts()[1])
        self.assertEqual(self.row()[2], '3')

    def test_a_signal_stops_the_runs_where_they_can_be_resumed(self):
        (self.stub / 'stop_after').write_text('1')
        (self.stub / 'slow').touch()
        options = ('--seeds', '2', '--jobs', '2', '--set', 'rounds=3')
        driver = subprocess.Popen(self.command(*options), stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, text=True)
        metrics = [self.out / 'runs' / SETTING / f'seed-{seed}' / 'metrics.jsonl' for seed in (1, 2)]
        deadline = time.monotonic() + 300
        while not all(file.exists() and file.read_text().count('\n') == 2 for file in metrics):
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.05)
        driver.send_signal(signal.SIGTERM)
        _, errors = driver.communicate(timeout=300)
        self.assertEqual(driver.returncode, 1)
        self.assertIn('the same command goes on', errors)
        for seed in (1, 2):
            log = self.out / 'runs' / SETTING / f'seed-{seed}.log'
            self.assertIn('interrupted', log.read_text())
        (self.stub / 'stop_after').unlink()
        done = self.reproduce(*options)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(self.row()[1:3], ['2', '3'])

    def test_runs_begun_with_other_options_are_named_and_redone(self):
        self.reproduce('--seeds', '1', '--set', 'rounds=2')
        done = self.reproduce('--seeds', '1', '--set', 'rounds=3')
        self.assertNotEqual(done.returncode, 0)
        self.assertIn('rounds is 2, wanted 3', done.stderr)
        self.assertEqual(len(self.starts()), 1)
        done = self.reproduce('--seeds', '1', '--set', 'rounds=3', '--redo')
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(self.row()[2], '3')
        # What is not asked for any more counts as well, and is left out of other runs' tables.
        done = self.reproduce('--seeds', '1')
        self.assertIn("rounds is 3, wanted 12", done.stderr)
        self.reproduce('--seeds', '1', '--set', 'budget-rule=uniform', '--set', 'lr=0.5', '--redo')
        self.reproduce('--seeds', '1', only='natural-fedavg')
        self.assertEqual(self.row()[1], '0')
        self.assertEqual(self.row('FedAvg')[1], '1')

    def test_a_folder_belongs_to_one_driver_at_a_time(self):
        self.out.mkdir()
        with open(self.out / 'reproduce.lock', 'ab') as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            done = self.reproduce('--seeds', '1', '--set', 'rounds=1')
            self.assertEqual(done.returncode, 1)
            self.assertIn('another reproduce.py is at work there', done.stderr)
            self.assertEqual(self.reproduce('--list', '--seeds', '1').returncode, 0)
        self.assertFalse((self.stub / 'starts').exists())
        done = self.reproduce('--seeds', '1', '--set', 'rounds=1')
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_a_folder_in_which_a_run_is_at_work_is_not_deleted(self):
        self.reproduce('--seeds', '1', '--set', 'rounds=1')
        run = self.out / 'runs' / SETTING / 'seed-1'
        with open(run / 'run.lock', 'ab') as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            done = self.reproduce('--seeds', '1', '--set', 'rounds=2', '--redo')
            self.assertEqual(done.returncode, 1)
            self.assertIn('a run is at work there', done.stderr)
        self.assertTrue((run / 'config.json').exists())

    def test_options_of_the_driver_itself_cannot_be_set(self):
        done = self.reproduce('--set', 'seed=7')
        self.assertEqual(done.returncode, 2)
        self.assertIn('got seed', done.stderr)

    def test_a_diverged_run_is_told_and_drawn(self):
        (self.stub / 'diverge').touch()
        done = self.reproduce('--seeds', '2', '--set', 'rounds=2')
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(self.row()[4], 'nan ± nan')

    def test_draws_every_kind_of_plot(self):
        for experiment in ('convergence', 'study', 'smollm2', 'glue'):
            done = self.reproduce('--seeds', '1', '--jobs', '4', '--set', 'rounds=2', '--set',
                                  'rouge-examples=0', experiment=experiment, only='')
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            for plot in json.loads((self.out / experiment / 'plots.json').read_text()):
                self.assertTrue((self.out / experiment / f'{plot["name"]}.svg').exists())
                for settings in plot['series'].values():
                    for setting in settings:
                        for run in setting['runs']:
                            self.assertTrue((self.out / experiment / run / 'metrics.jsonl').exists())


class Results(unittest.TestCase):
    def test_losses_are_held_against_fedavg_of_the_same_seed(self):
        fedavg, other = Setting('a', 'FedAvg', {}), Setting('b', 'other', {})
        experiment = Experiment('made-up', [fedavg, other],
                                [Plot('losses', 'by_bytes', '', {'FedAvg': [fedavg], 'other': [other]})])
        # Seed 3 has no FedAvg to be held against.
        losses = {'a': {1: 2.0, 2: 4.0}, 'b': {1: 2.2, 2: 4.2, 3: 99.0}}
        with tempfile.TemporaryDirectory() as folder:
            runs = runner.runs_of(experiment.settings, range(1, 4), pathlib.Path(folder), {}, {})
            for run in runs:
                loss = losses[run.setting.name].get(run.seed)
                if loss is None:
                    continue
                run.folder.path.mkdir(parents=True)
                seconds = dict.fromkeys(('local_training', 'projection', 'aggregation'), 1.0)
                (run.folder.path / 'metrics.jsonl').write_text(''.join(
                    json.dumps({'round': at, 'test_loss': loss, 'clients': at, 'seconds': seconds,
                                'bytes_up_per_client': 8, 'bytes_down_per_client': 8}) + '\n'
                    for at in range(2)))
            table = results.tables(experiment, runs)
        self.assertIn('| FedAvg | 2 | 1 | 3.000 ± 1.414 | 3.000 ± 1.414 | 3.000 ± 1.414 | 0.0 ± 0.0 |',
                      table)
        # 10% and 5%.
        self.assertIn('| 35.133 ± 55.319 | 7.5 ± 3.5 |', table)


    def test_accuracy_is_the_last_rounds(self):
        setting = Setting('a', 'FedLoRA', {})
        experiment = Experiment('made-up', [setting],
                                [Plot('accuracy', 'accuracy_by_bytes', '', {'FedLoRA': [setting]})],
                                table='accuracy')
        with tempfile.TemporaryDirectory() as folder:
            runs = runner.runs_of(experiment.settings, range(1, 3), pathlib.Path(folder), {}, {})
            for run in runs:
                run.folder.path.mkdir(parents=True)
                (run.folder.path / 'metrics.jsonl').write_text(''.join(
                    json.dumps({'round': at, 'accuracy': 0.5 + 0.1 * at * run.seed, 'matthews': 0.25,
                                'loss': 0.5, 'clients': 4 * at, 'bytes_up_per_client': 8,
                                'bytes_down_per_client': 9,
                                'seconds': {'local_training': 4.0, 'aggregation': 3.0}}) + '\n'
                    for at in range(3)))
            table = results.tables(experiment, runs)
        # Seeds 1 and 2: 0.7 and 0.9; 4 s of 4 clients, then of 8.
        self.assertIn('| FedLoRA | 2 | 0.8000 ± 0.1414 | 0.2500 ± 0.0000 | 0.5000 ± 0.0000 | - | 8 | 9 | '
                      '0.75 | 3.00 |', table)


class Experiments(unittest.TestCase):
    def test_a_name_stands_for_one_setting(self):
        for make in EXPERIMENTS.values():
            experiment = make()
            names = [setting.name for setting in experiment.settings]
            self.assertEqual(len(names), len(set(names)))
        by_name = {}
        for make in EXPERIMENTS.values():
            for setting in make().settings:
                self.assertEqual(by_name.setdefault(setting.name, setting.options), setting.options)

    def test_every_plotted_setting_is_run(self):
        for make in EXPERIMENTS.values():
            experiment = make()
            run = {setting.name for setting in experiment.settings}
            for plot in experiment.plots:
                for settings in plot.series.values():
                    self.assertLessEqual({setting.name for setting in settings}, run)

    def test_the_programs_know_every_option(self):
        if not PROGRAMS:
            self.skipTest('no program was named')
        for make in EXPERIMENTS.values():
            experiment = make()
            name, *subcommand = experiment.program
            known = subprocess.run([PROGRAMS[name], *subcommand, '--help'], capture_output=True,
                                   text=True).stdout.split()
            for setting in experiment.settings:
                for key in setting.options:
                    self.assertIn(f'--{key}', known)


if __name__ == '__main__':
    if importlib.util.find_spec('matplotlib') is None:
        print('skipped: Matplotlib is missing')
        sys.exit(77)
    PROGRAMS = {pathlib.Path(program).name: program for program in sys.argv[1:]}
    unittest.main(argv=sys.argv[:1], verbosity=2)
