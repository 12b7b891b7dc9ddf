"""The server's side: a strategy around one that averages."""

import logging

import ferret
from flwr.app import RecordDict
from flwr.serverapp.strategy import Strategy
from flwr.supercore import log

from .average import check_average, with_stand_ins
from .errors import NodeLacksModel
from .folders import flower_home
from .messages import RECORD, Reply, Request, examples_of
from .model import Model
from .options import Options
from .replies import failure, match, metrics_of, refusal, same_question, told, usual_metrics
from .rounds import Rounds


class Ferret(Strategy):
    """A strategy that leaves to `strategy` whom to ask, with what configuration, and the metrics, and sends
    and averages by ferret.

    strategy: FedAvg or another one that averages by the number of examples, and whose loop is Flower's.
    context: of the ServerApp's main function, whose run-config has the options (ferret.flower.Options); those
    that are given here come first.

    A node gets the broadcasts of the rounds since the model that it has, unless these take more bytes than
    the model itself; it gets the model if it has none that was the federation's. What a node has it says in
    each reply; a node that has not answered yet is asked first.
    """

    def __init__(self, strategy, context, **options):
        if type(strategy).start is not Strategy.start:
            raise TypeError(f'strategy: expected one with the loop of flwr.serverapp.strategy.Strategy, '
                            f'got {type(strategy).__name__}, which has its own')
        self.strategy = strategy
        self.options = Options.of(context.run_config, **options)
        self.folder = self.options.folder or flower_home() / 'ferret' / f'run-{context.run_id}'
        self.weight = getattr(strategy, 'weighted_by_key', 'num-examples')
        self._nodes = {}  # fingerprint of the model that a node has; None: it has none

    def summary(self):
        """Logs the strategy inside, and the plan."""
        self.strategy.summary()
        log(logging.INFO, '\t└──> ferret: %s, in %s', self._rounds.terms, self.folder)

    def start(self, grid, initial_arrays, num_rounds=3, timeout=3600, train_config=None, evaluate_config=None,
              evaluate_fn=None):
        """Flower's loop. Where the folder has rounds already it goes on after them."""
        initial = Model.of(initial_arrays)
        self._rounds = Rounds(self.folder, initial, self.options.terms(initial))
        try:
            self._grid, self._timeout = grid, timeout
            self._arrays = self._rounds.model.record()
            done = self._rounds.done
            result = super().start(
                grid, self._arrays, max(num_rounds - done, 0), timeout, train_config, evaluate_config,
                evaluate_fn and (lambda number, arrays: evaluate_fn(done + number, arrays)))
            result.arrays = self._arrays
            for metrics in ('train_metrics_clientapp', 'evaluate_metrics_clientapp', 'evaluate_metrics_serverapp'):
                setattr(result, metrics, {done + key: value for key, value in getattr(result, metrics).items()})
            log(logging.INFO, 'ferret: model after round %d: %016x', self._rounds.done, self._rounds.fingerprint)
            return result
        finally:
            self._rounds.close()

    def configure_train(self, server_round, arrays, config, grid):
        """The strategy's messages, with broadcasts in place of the model."""
        return self._requests(self.strategy.configure_train(self._rounds.done + 1, arrays, config, grid))

    def configure_evaluate(self, server_round, arrays, config, grid):
        """The strategy's messages, with broadcasts in place of the model."""
        return self._requests(self.strategy.configure_evaluate(self._rounds.done, arrays, config, grid))

    def aggregate_train(self, server_round, replies):
        """Closes the round: the model moves by what was not refused; the metrics are the strategy's."""
        number = self._rounds.done + 1
        taken, failed = self._answers(replies, self._take_update)
        average, metrics = self.strategy.aggregate_train(number, with_stand_ins(taken) + failed)
        check_average(average, taken, self.weight)
        rate = self._rounds.close_round(self.options.server_lr)
        self._arrays = self._rounds.model.record()
        log(logging.INFO, 'ferret: round %d: %d updates, rate %.3g, model %016x', number, len(taken), rate,
            self._rounds.fingerprint)
        return self._arrays, metrics

    def aggregate_evaluate(self, server_round, replies):
        """The strategy's metrics of those replies that were not refused."""
        taken, failed = self._answers(replies, lambda message, reply, said: examples_of(reply.content, self.weight))
        return self.strategy.aggregate_evaluate(self._rounds.done, taken + failed)

    def _take_update(self, message, reply, said):
        if reply.content.array_records:
            raise ferret.Malformed(f'reply: expected no ArrayRecord beside the update, '
                                   f'got {sorted(reply.content.array_records)}')
        self._rounds.receive(said.update, message.metadata.dst_node_id, examples_of(reply.content, self.weight))

    def _requests(self, messages):
        """The messages as a list, since the grid goes through it twice."""
        self._sent = list(messages)
        for message in self._sent:
            names = [name for name, record in message.content.array_records.items() if record is self._arrays]
            if len(names) != 1:
                raise ferret.LayoutMismatch(f'strategy {type(self.strategy).__name__}: expected the model once in a '
                                            f'message, got it {len(names)} times')
            self._arrays_name = names[0]
            self._address(message)
        return self._sent

    def _address(self, message):
        """Gives a message what its node needs to come to the model: nothing, broadcasts, or the model."""
        rounds, node = self._rounds, message.metadata.dst_node_id
        broadcasts = rounds.broadcasts_from(self._nodes[node]) if node in self._nodes else ()
        whole = broadcasts is None
        request = Request(rounds.done, rounds.fingerprint, rounds.model.tensors, rounds.terms, self._arrays_name,
                          self.weight, () if whole else broadcasts)
        records = {name: record for name, record in message.content.items() if name != self._arrays_name}
        if whole:
            records[self._arrays_name] = self._arrays
        message.content = RecordDict({**records, RECORD: request.record()})

    def _answers(self, replies, take):
        """The replies that are good, without ferret's record, and errors in place of the others.

        Nodes that lack something are sent it, once, with the same question.
        """
        heard, failed = [], []
        for may_ask_again in (True, False):
            again = []
            for message, reply in match(self._sent, replies):
                if reply.has_error():
                    failed.append(failure(message, reply.error))
                    continue
                try:
                    said = self._hear(message, reply)
                    if said.lacks and may_ask_again:
                        again.append(same_question(message))
                        continue
                    self._check(said)
                    heard.append((message, reply, said))
                except ferret.Error as error:
                    failed.append(refusal(message, error))
            if not again:
                break
            self._sent = again
            for message in again:
                self._address(message)
            replies = self._grid.send_and_receive(again, timeout=self._timeout)
        taken = []
        usual = usual_metrics([reply for _, reply, _ in heard])
        for message, reply, said in heard:
            try:
                if metrics_of(reply) != usual:
                    raise ferret.Malformed(f'reply: expected the metrics {usual} as most have, got {metrics_of(reply)}')
                take(message, reply, said)
                taken.append(reply)
            except ferret.Error as error:
                failed.append(refusal(message, error))
        return taken, failed

    def _hear(self, message, reply):
        """What a reply's record says; what it has is known from now on."""
        said = Reply.of(reply.content)
        del reply.content[RECORD]
        known = [fingerprint for fingerprint in said.fingerprints if self._rounds.had(fingerprint)]
        self._nodes[message.metadata.dst_node_id] = known[0] if known else None
        return said

    def _check(self, said):
        if said.lacks:
            raise NodeLacksModel(told(said.lacks))
        if said.fingerprints != (self._rounds.fingerprint,):
            raise ferret.ModelMismatch(f'reply: expected work on the model {self._rounds.fingerprint:016x}, got on '
                                       f'{", ".join(f"{number:016x}" for number in said.fingerprints) or "none"}')
