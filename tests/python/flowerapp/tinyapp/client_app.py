"""Steps towards a matrix of the node's own, and a mod that holds a message back as long as a test wants."""

import os
import pathlib
import signal
import time

import numpy
from ferret.flower import ferret_mod
from flwr.app import Array, ArrayRecord, Message, MetricRecord, RecordDict
from flwr.clientapp import ClientApp


def hold(message, context, call_next):
    """Waits while a file hold-NODE-ROUND is there, whatever becomes of the SuperNode."""
    control = pathlib.Path(os.environ['FERRET_TEST_CONTROL'])
    name = f'{context.node_config["partition-id"]}-{message.content["config"]["server-round"]}'
    if message.metadata.message_type == 'train' and (control / f'hold-{name}').exists():
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # which Flower sends an orphan
        (control / f'held-{name}').touch()
        while (control / f'hold-{name}').exists():
            time.sleep(0.1)
        print(f'held back: {name} goes on', flush=True)
    return call_next(message, context)


app = ClientApp(mods=[hold, ferret_mod])


@app.train()
def train(message, context):
    weight = message.content['arrays']['weight'].numpy()
    aim = numpy.random.default_rng(context.node_config['partition-id']).standard_normal(weight.shape)
    after = (weight + (aim - weight) / 4).astype(numpy.float32)
    return Message(RecordDict({'arrays': ArrayRecord({'weight': Array(after)}),
                               'metrics': MetricRecord({'num-examples': 10})}), reply_to=message)


@app.evaluate()
def evaluate(message, context):
    weight = message.content['arrays']['weight'].numpy()
    return Message(RecordDict({'metrics': MetricRecord({'num-examples': 10, 'sum': float(weight.sum(dtype=float))})}),
                   reply_to=message)
