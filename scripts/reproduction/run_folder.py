"""A folder that a run of fed_llm or kd_lora writes: its options, how far it is, what it measured."""
import json
import math
import pathlib
import statistics

from .file_lock import try_lock


class RunFolder:
    def __init__(self, path):
        self.path = pathlib.Path(path)

    def begun(self):
        return (self.path / 'config.json').exists()

    def in_use(self):
        """Whether a program is at work there."""
        file = self.path / 'run.lock'
        if not file.exists():
            return False
        with open(file, 'rb') as lock:
            return not try_lock(lock)

    def options(self):
        return json.loads((self.path / 'config.json').read_text(encoding='utf-8'))['options']

    def lines(self):
        """The whole lines of metrics.jsonl; one cut off by a crash is left out."""
        file = self.path / 'metrics.jsonl'
        if not file.exists():
            return []
        # Not splitlines(): the names of clients may have other ends of lines in them.
        return [json.loads(line) for line in file.read_text(encoding='utf-8').split('\n')[:-1]]

    def rounds(self):
        """One object a round measured, round 0 being the model before."""
        return [line for line in self.lines() if 'clients' in line]

    def answers(self):
        """The line with rouge_l, or None."""
        return next((line for line in self.lines() if 'rouge_l' in line), None)

    def finished(self):
        if not self.begun():
            return False
        options, rounds = self.options(), self.rounds()
        return (bool(rounds) and rounds[-1]['round'] == options['rounds']
                and (options.get('rouge-examples', 0) == 0 or self.answers() is not None))

    def test_losses(self):
        """One a round; NaN where the loss was not finite."""
        return [math.nan if line['test_loss'] is None else line['test_loss']
                for line in self.rounds()]

    def at_the_end(self, metric):
        """The metric after the last round; None where the run has not got it."""
        rounds = self.rounds()
        return rounds[-1].get(metric) if rounds else None

    def end_loss(self):
        """The mean of the last three rounds' test losses: one alone depends on who was drawn."""
        losses = self.test_losses()
        last = losses[max(1, len(losses) - 3):] or losses
        return sum(last) / len(last)

    def mean(self, value):
        """The mean of value(line) over the rounds after round 0; 0 if there is none."""
        values = [value(line) for line in self.rounds() if line['round'] > 0]
        return sum(values) / len(values) if values else 0.0

    def bytes_a_round(self):
        """What a client sends and receives in a round."""
        return self.mean(lambda line: line['bytes_up_per_client'] + line['bytes_down_per_client'])

    def seconds_a_round(self):
        """One client's training and projection, and the server's aggregation."""
        return self.mean(lambda line: client_seconds(line, 'local_training')
                         + client_seconds(line, 'projection') + line['seconds']['aggregation'])


def mean_and_deviation(values):
    """NaN where one of them is: statistics.stdev fails on those."""
    if not all(map(math.isfinite, values)):
        return math.nan, math.nan
    return statistics.mean(values), statistics.stdev(values) if len(values) > 1 else 0.0


def client_seconds(line, phase):
    return line['seconds'][phase] / max(line['clients'], 1)


def different(wanted, stored):
    """The first option that a run has otherwise than is wanted, as text, or None."""
    for key in sorted({*wanted, *stored}):
        there, value = stored.get(key, "the program's own"), wanted.get(key, "the program's own")
        if there != value:
            return f'{key} is {there}, wanted {value}'
    return None
