"""Runs of a program, several at a time: those that are finished are skipped, interrupted ones resumed."""
import dataclasses
import json
import pathlib
import shutil
import signal
import statistics
import subprocess
import sys
import time

from .experiments import Setting
from .run_folder import RunFolder, different


@dataclasses.dataclass
class Run:
    setting: Setting
    seed: int
    folder: RunFolder
    options: dict  # of the program, with paths of this machine

    @property
    def name(self):
        return f'{self.setting.name}/seed-{self.seed}'

    @property
    def options_file(self):
        """The file beside the folder with the options that the run was begun with."""
        return self.folder.path.parent / f'seed-{self.seed}.options.json'

    def difference(self):
        """What the run was begun with otherwise than is wanted now, as text, or None."""
        if not self.folder.begun():
            return None
        begun_with = json.loads(self.options_file.read_text()) if self.options_file.exists() else {}
        return different(self.options, begun_with)

    def arguments(self):
        """The program's, to start it or to go on."""
        if self.folder.begun():
            return ['--resume', str(self.folder.path)]
        listed = [text for key, value in self.options.items() for text in (f'--{key}', str(value))]
        return [*listed, '--out', str(self.folder.path)]


def runs_of(settings, seeds, out, folders, overrides):
    """The runs of the settings. folders: what MODELS and DATA stand for; overrides: options that all
    runs get instead of their own."""
    runs = []
    for seed in seeds:
        for setting in settings:
            if setting.seeds and seed - seeds[0] >= setting.seeds:
                continue
            options = {key: str(pathlib.Path(folders[value.split('/')[0]], *value.split('/')[1:]))
                       if key in ('model', 'teacher', 'data') else value
                       for key, value in setting.options.items()}
            options.update(overrides, seed=seed)
            runs.append(Run(setting, seed, RunFolder(out / 'runs' / setting.name / f'seed-{seed}'),
                            options))
    return runs


def check_stored(runs, redo):
    """Runs that were begun with other options than are wanted now: deleted if `redo`, or an error."""
    for run in runs:
        difference = run.difference()
        if difference is None:
            continue
        if not redo:
            raise SystemExit(f'reproduce: {run.folder.path}: {difference}; --redo runs it anew')
        if run.folder.in_use():
            raise SystemExit(f'reproduce: {run.folder.path}: a run is at work there')
        shutil.rmtree(run.folder.path)


def format_duration(seconds):
    minutes = round(seconds / 60)
    if minutes == 0:
        return f'{seconds:.0f} s'
    return f'{minutes // 60}:{minutes % 60:02d} h' if minutes >= 60 else f'{minutes} min'


class Progress:
    """How much is done, and how long the rest takes by what its rounds took so far."""

    def __init__(self, runs, jobs):
        self.runs = runs
        self.jobs = jobs

    def line(self):
        seconds_by_setting, rounds_left, finished = {}, [], 0
        for run in self.runs:
            lines = run.folder.rounds()
            wanted = int(run.options['rounds'])
            finished += run.folder.finished()
            if len(lines) > 1:
                seconds_by_setting.setdefault(run.setting.name, []).append(
                    statistics.mean(sum(line['seconds'].values()) for line in lines[1:]))
            rounds_left.append((run.setting.name, wanted + 1 - len(lines)))
        text = f'{finished}/{len(self.runs)} runs'
        if not seconds_by_setting:
            return text
        means = {name: statistics.mean(some) for name, some in seconds_by_setting.items()}
        overall = statistics.mean(means.values())
        left = sum(means.get(name, overall) * rounds for name, rounds in rounds_left)
        return f'{text}, about {format_duration(left / self.jobs)} left'


class Runner:
    def __init__(self, program, runs, jobs, threads):
        self.program = program
        self.waiting = [run for run in runs if not run.folder.finished()]
        self.threads = threads
        self.jobs = jobs
        self.running = {}  # process: run
        self.failed = []
        self.progress = Progress(runs, jobs)

    def start(self, run):
        run.folder.path.parent.mkdir(parents=True, exist_ok=True)
        if not run.folder.begun():
            run.options_file.write_text(json.dumps(run.options, indent=1) + '\n')
        with open(self.log(run), 'ab') as log:
            process = subprocess.Popen(
                [*self.program, *run.arguments(), '--threads', str(self.threads)],
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)
        self.running[process] = run

    @staticmethod
    def log(run):
        return run.folder.path.parent / f'seed-{run.seed}.log'

    def collect(self):
        for process, run in list(self.running.items()):
            if process.poll() is None:
                continue
            del self.running[process]
            if process.returncode == 0:
                self.say(f'{run.name}: done; {self.progress.line()}')
                continue
            self.failed.append(run)
            last = self.log(run).read_text(errors='replace').strip().splitlines()
            self.say(f'{run.name}: FAILED with {process.returncode}: {last[-1] if last else ""}')

    @staticmethod
    def say(line):
        clear = '\r\x1b[K' if sys.stdout.isatty() else ''
        print(f'{clear}{line}', flush=True)

    def work(self):
        """Returns the runs that failed. Ctrl-C and SIGTERM stop the runs where they can be resumed."""
        signal.signal(signal.SIGTERM, self.stop)
        drawn = 0.0
        try:
            while self.waiting or self.running:
                while self.waiting and len(self.running) < self.jobs:
                    self.start(self.waiting.pop(0))
                time.sleep(0.2)
                self.collect()
                if sys.stdout.isatty() and time.monotonic() - drawn > 5.0:
                    drawn = time.monotonic()
                    print(f'\r\x1b[K{self.progress.line()}', end='', flush=True)
        except KeyboardInterrupt:
            self.end_children()
            raise SystemExit('\nreproduce: interrupted; the same command goes on') from None
        return self.failed

    def stop(self, *_):
        for process in self.running:
            process.terminate()
        raise KeyboardInterrupt

    def end_children(self):
        """They had the terminal's Ctrl-C too, or SIGTERM from stop()."""
        for process in self.running:
            process.wait()
