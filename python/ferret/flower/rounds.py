"""The server's rounds: the model, and all broadcasts that led to it, on disk."""

import logging
import pathlib
import time

import ferret
from flwr.supercore import log

from .model_file import ModelFile
from .options import make_plan

PATIENCE = 60.0  # seconds for a server that was killed to give its files back
HELD = 'expected to hold alone the file'  # what ferret.RoundLog says of a file that another process has


class Rounds:
    """What a server keeps in its folder: `model`, and the log `rounds`.

    Begins with the initial model, or goes on after the last round that the folder has. One server at a time
    has a folder; another one waits for a minute and fails. Raises ferret.FileError, and ferret.SketchMismatch
    if the folder is of other terms or tensors.
    """

    def __init__(self, folder, initial, terms):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self._log = open_log(self.folder / 'rounds')
        try:
            self.model, stored_round = self._open_model(initial, terms)
            self.terms = terms
            self.plan = make_plan(terms, self.model.sizes)
            self._fingerprints = self._read_fingerprints()
            self._catch_up(stored_round)
            self._open_round()
        except BaseException:
            self.close()
            raise

    def close(self):
        """Gives the folder back."""
        self._log.close()

    @property
    def done(self):
        """How many rounds the model has behind it."""
        return self._log.rounds

    @property
    def fingerprint(self):
        """The model's."""
        return self._fingerprints[-1]

    def had(self, fingerprint):
        """Whether this was the model's after one of the rounds, or before the first."""
        return fingerprint in self._fingerprints

    def broadcasts_from(self, fingerprint):
        """The broadcasts that bring a model of this fingerprint to the last round; None if it was never here, or if
        they take more bytes than the model itself.
        """
        if not self.had(fingerprint):
            return None
        broadcasts, size, number = [], 0, self.done
        while self._fingerprints[number] != fingerprint:
            broadcasts.append(self._log.broadcast(number))
            size += len(broadcasts[-1])
            if size > self.model.bytes:
                return None
            number -= 1
        return tuple(reversed(broadcasts))

    def receive(self, update, node, examples):
        """Takes a node's message into the open round.

        Raises ferret.Error as ferret.Server.receive; ferret.Malformed for another client or number of
        examples than the reply around it has; ferret.NonFinite for coordinates that no broadcast can hold.
        """
        decoded = ferret.decode_update(update, self.plan.up)
        for what, expected, got in (('client', node, decoded.client), ('examples', examples, decoded.examples)):
            if expected != got:
                raise ferret.Malformed(f'update: expected {expected} as {what}, got {got}')
        # What could not go down again would end the round, and the run, when it is closed: few bits hold coordinates
        # under 2^90. A mean of numbers under half of that is under it too, however it is rounded.
        ferret.encode(ferret.sum([decoded.sketch], [2.0 * examples]), '1bit')
        self._server.receive(update)
        self._sketches[node] = decoded.sketch

    def close_round(self, server_lr):
        """Ends the open round with those that answered: moves the model and stores it. Returns the rate.

        server_lr: 0 leaves it to the noise of the rebuilt mean.
        """
        rate = server_lr or self._damping()
        broadcast = self._server.close(self.model.arrays, rate)
        # The log first: a stored model that is a round behind catches up by it.
        self._log.append(broadcast)
        with ModelFile(self.folder) as file:
            file.write(self.model, {'round': self.done, 'terms': self.terms})
        self._fingerprints.append(ferret.decode_broadcast(broadcast).model_after)
        self._open_round()
        return rate

    def _damping(self):
        """A function of this round's messages alone, so that a round that is repeated has the same."""
        if not self._sketches:
            return 1.0
        # By node, as the server adds them: sums in another order are other bits.
        sketches = [self._sketches[node] for node in sorted(self._sketches)]
        unlikeness = ferret.round_unlikeness(self.plan, sketches)
        return ferret.damping(ferret.round_noise(self.plan, len(sketches), unlikeness), sum(self.model.sizes))

    def _open_round(self):
        self._server = ferret.Server(self.plan, self.model.arrays, weighting='by-examples', rounds=self.done)
        self._sketches = {}  # by node

    def _open_model(self, initial, terms):
        """The stored model and its round; the initial one, stored, in a new folder."""
        with ModelFile(self.folder) as file:
            stored = file.read()
            if stored is None:
                if self._log.rounds:
                    raise ferret.FileError(f'{file.path}: expected a model beside {self._log.rounds} rounds, got none')
                file.write(initial, {'round': 0, 'terms': terms})
                return initial, 0
        model, facts = stored
        stored_terms = facts.get('terms', {})  # a node's folder has none
        if stored_terms != terms or model.tensors != initial.tensors:
            other = {key for key in terms if stored_terms.get(key) != terms[key]} or {'tensors'}
            raise ferret.SketchMismatch(f'{self.folder}: expected the options and tensors of the rounds that it has, '
                                        f'got others: {", ".join(sorted(other))}')
        log(logging.INFO, 'ferret: goes on after round %d of %s', self._log.rounds, self.folder)
        return model, facts['round']

    def _read_fingerprints(self):
        """That of the model after each round, from 0 on."""
        if not self.done:
            return [ferret.model_fingerprint(self.plan.layout, self.model.arrays)]
        found = [ferret.decode_broadcast(self._log.broadcast(1)).model_before]
        for number in range(1, self.done + 1):
            found.append(ferret.decode_broadcast(self._log.broadcast(number)).model_after)
        return found

    def _catch_up(self, stored_round):
        """Brings the stored model to the last round, which a server that was killed had logged."""
        follower = ferret.Follower(self.plan, rounds=stored_round)
        for number in range(stored_round + 1, self.done + 1):
            follower.apply(self._log.broadcast(number), self.model.arrays)
        found = ferret.model_fingerprint(self.plan.layout, self.model.arrays)
        if found != self.fingerprint:
            raise ferret.ModelMismatch(f'{self.folder}: expected the model {self.fingerprint:016x} after round '
                                       f'{self.done}, got {found:016x}')


def open_log(path):
    """The log of rounds, also while a server that was killed has yet to give it back.

    Raises ferret.FileError; where another process holds it, after PATIENCE.
    """
    end = time.monotonic() + PATIENCE
    while True:
        try:
            return ferret.RoundLog(path)
        except ferret.FileError as error:
            if HELD not in str(error) or time.monotonic() > end:
                raise
            log(logging.INFO, 'ferret: waits: %s', error)
            time.sleep(2)
