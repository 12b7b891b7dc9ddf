"""A federation in one process: stock ClientApps, the strategy, and messages that really go through bytes.

To import it skips the file where Flower is missing.
"""

import logging
import pathlib
import sys
import tempfile
import unittest

try:
    import numpy
    from flwr.app import Array, ArrayRecord, Context, Error, Message, MetricRecord, RecordDict
except ImportError as error:
    print(f'skipped: Flower and NumPy are needed ({error})')
    sys.exit(77)

from flwr.clientapp import ClientApp
from flwr.serverapp import Grid
from flwr.serverapp.strategy import FedAvg
from flwr.supercore.inflatable.inflatable_object import get_all_nested_objects
from flwr.supercore.inflatable.inflatable_utils import inflate_object_from_contents
from flwr.supercore.logger import FLOWER_LOGGER
from flwr.supercore.task_identity import TaskIdentity

from ferret.flower import Ferret, FerretMod, ModelFile

OPTIONS = {'ferret.bytes': '1K', 'ferret.server-lr': 1.0}
SHAPES = {'embedding.weight': (300, 20), 'head.weight': (20, 50), 'head.bias': (50,)}


def first_model():
    """A small model, 7,050 numbers."""
    draw = numpy.random.default_rng(1)
    return record({name: draw.standard_normal(shape).astype(numpy.float32) for name, shape in SHAPES.items()})


def record(arrays):
    return ArrayRecord({name: Array(array) for name, array in arrays.items()})


def train(message, context):
    """Moves the model a little, as a function of the node, the round and the model."""
    arrays = message.content['arrays']
    draw = numpy.random.default_rng([context.node_id, message.content['config']['server-round']])
    after = {name: array.numpy() * numpy.float32(0.9) + draw.standard_normal(array.shape).astype(numpy.float32) / 10
             for name, array in arrays.items()}
    metrics = MetricRecord({'num-examples': context.node_id, 'norm': norm(arrays)})
    return Message(RecordDict({'arrays': record(after), 'metrics': metrics}), reply_to=message)


def evaluate(message, context):
    """The norm of the model that the node has."""
    metrics = MetricRecord({'num-examples': 1, 'norm': norm(message.content['arrays'])})
    return Message(RecordDict({'metrics': metrics}), reply_to=message)


def norm(arrays):
    return float(sum(numpy.square(array.numpy(), dtype=numpy.float64).sum() for array in arrays.values()))


def client_app(mod=None):
    """A stock app with the mod."""
    app = ClientApp(mods=[mod or FerretMod()])
    app.train()(train)
    app.evaluate()(evaluate)
    return app


def context_of(node, folder, run=1, run_config=None):
    return Context(run_id=run, node_id=node, node_config={'ferret-folder': str(folder), 'partition-id': node},
                   state=RecordDict(), run_config=run_config or {})


def through_bytes(message):
    """What the other side gets of a message."""
    contents = {number: part.deflate() for number, part in get_all_nested_objects(message).items()}
    size = sum(map(len, contents.values()))
    number = message.object_id
    received = inflate_object_from_contents(number, contents)
    received.metadata.__dict__['_message_id'] = number
    return received, size


class Nodes(Grid):
    """A grid whose nodes are ClientApps, called one after the other.

    app: a ClientApp of all nodes, in place of client_app with each node's mod; run_config: of their contexts.
    tamper: a function of the list of replies of a sending, which returns those that arrive.
    """

    def __init__(self, folder, nodes=(1, 2, 3), mod=None, app=None, run_config=None):
        self.folder = pathlib.Path(folder)
        self.mods = dict.fromkeys(nodes, mod)
        self.app = app
        self.run_config = run_config
        self.tamper = lambda replies: replies
        self.sent = []  # (node, message as it arrived, bytes)
        self.replied = []
        self.run_id = 1
        TaskIdentity.run_id, TaskIdentity.node_id, TaskIdentity.task_id = 1, 1, 1

    run = set_run = create_message = push_messages = pull_messages = None  # what the strategies do not use

    def get_node_ids(self):
        return list(self.mods)

    def send_and_receive(self, messages, *, timeout=None):
        replies = []
        for message in messages:
            message.metadata.__dict__['_message_id'] = message.object_id
        for message in messages:
            node = message.metadata.dst_node_id
            arrived, size = through_bytes(message)
            self.sent.append((node, arrived, size))
            kept = through_bytes(message)[0]
            try:
                context = context_of(node, self.folder / str(node), self.run_id, self.run_config)
                reply = (self.app or client_app(self.mods[node]))(kept, context)
                self.replied.append((node, *through_bytes(reply)))
                reply = through_bytes(reply)[0]
            except Exception as error:  # as Flower's ClientApp process does
                reply = Message(Error(2, f'{type(error).__name__}: {error}'), reply_to=message)
            replies.append(reply)
        return self.tamper(replies)


Nodes.__abstractmethods__ = frozenset()


def context_of_server(run_config=None, run=1):
    return Context(run_id=run, node_id=1, node_config={}, state=RecordDict(),
                   run_config={**OPTIONS, **(run_config or {})})


def strategy_of(folder, run_config=None, inside=None, nodes=3):
    """Ferret around FedAvg over all nodes."""
    inside = inside or FedAvg(min_train_nodes=nodes, min_evaluate_nodes=nodes, min_available_nodes=nodes)
    return Ferret(inside, context_of_server({'ferret.folder': str(folder), **(run_config or {})}))


class FlowerTest(unittest.TestCase):
    """Gives a test a folder, and what was logged."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.lines = []
        handler = logging.Handler()
        handler.emit = lambda record: self.lines.append(record.getMessage())
        FLOWER_LOGGER.addHandler(handler)
        self.addCleanup(FLOWER_LOGGER.removeHandler, handler)

    def assert_logged(self, *parts):
        """One logged line has all parts."""
        self.assertTrue(any(all(part in line for part in parts) for line in self.lines),
                        f'expected {parts} in one of:\n' + '\n'.join(self.lines))

    def model_on(self, node):
        """The arrays that a node keeps, by name, and what is noted beside them."""
        with ModelFile(self.folder / str(node)) as file:
            model, facts = file.read()
        return dict(zip(model.names, model.arrays)), facts


