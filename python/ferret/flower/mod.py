"""The client's side: a mod that keeps the model at the node, and sends coordinates in place of arrays."""

import logging
import pathlib

import ferret
from flwr.app import Message, MessageType, RecordDict
from flwr.supercore import log

from .errors import StaleMessage
from .folders import flower_home
from .messages import RECORD, Reply, Request, examples_of
from .model import Model
from .model_file import ModelFile
from .options import make_plan


class Lacks(Exception):
    """The node cannot come to the model that it shall work on. fingerprints: of the models that it has."""

    def __init__(self, fingerprints):
        super().__init__('expected the broadcasts that lead to the model, got none from '
                         + (', '.join(f'{number:016x}' for number in fingerprints) or 'no model at all'))
        self.fingerprints = tuple(fingerprints)


class FerretMod:
    """A mod for ClientApp(mods=[...]); train and evaluate functions see arrays in messages, as ever.

    Where the server's strategy is not ferret.flower.Ferret, the mod does nothing.

    The node keeps the model in the folder that its `--node-config 'ferret-folder="..."'` names, else in
    $FLWR_HOME/ferret/<node's number>. It goes from round to round by broadcasts, and says what it has where
    these do not lead on from there; the server then sends those that it misses, or the model.

    initial_model: a function of the Context that returns the ArrayRecord a federation begins with, where the
    node can make it itself (a pretrained model on its disk): then the model is never sent.
    """

    def __init__(self, initial_model=None):
        self.initial_model = initial_model

    def __call__(self, message, context, call_next):
        """Answers the message; raises ferret.Error for one that is refused, with the model untouched."""
        request = Request.of(message.content)
        if request is None:
            return call_next(message, context)
        try:
            with ModelFile(folder_of(context)) as file:
                model, plan = self._follow(file, request, message, context)
        except Lacks as lacking:
            log(logging.INFO, 'ferret: model after round %d: %s', request.round, lacking)
            reply = Reply(lacking.fingerprints, lacks=str(lacking))
            return Message(RecordDict({RECORD: reply.record()}), reply_to=message)
        del message.content[RECORD]
        message.content[request.arrays] = model.record()
        reply = call_next(message, context)
        if reply.has_error():
            return reply
        update = b''
        if message.metadata.message_type.split('.')[0] == MessageType.TRAIN:
            update = make_update(reply.content, model, plan, request, context.node_id)
        reply.content[RECORD] = Reply((request.fingerprint,), update).record()
        return reply

    def _follow(self, file, request, message, context):
        """The model that the request is about, which the file then has, and the plan.

        Raises Lacks, ferret.Error.
        """
        check_age(file, request.round, message.metadata.run_id)
        found = []
        for origin, model in self._candidates(file, request, message, context):
            if model.tensors != request.tensors:
                continue
            plan = make_plan(request.terms, model.sizes)
            fingerprint = ferret.model_fingerprint(plan.layout, model.arrays)
            missing = broadcasts_from(request, fingerprint)
            if missing is None:
                found.append(fingerprint)
                continue
            apply(plan, missing, model)
            if missing or origin != 'disk':
                file.write(model, {'round': request.round, 'run': message.metadata.run_id})
            log(logging.INFO, 'ferret: model after round %d: %016x, from %s and %d broadcasts', request.round,
                request.fingerprint, origin, len(missing))
            return model, plan
        if request.arrays in message.content:
            raise ferret.ModelMismatch(f'model in the message: expected {request.tensors} {request.fingerprint:016x}, '
                                       f'got {" ".join(f"{number:016x}" for number in found) or "other tensors"}')
        raise Lacks(found)

    def _candidates(self, file, request, message, context):
        """Where the model may come from, and what is there."""
        if request.arrays in message.content:
            yield 'the message', Model.of(message.content[request.arrays])
            return
        try:
            stored = file.read()
        except ferret.FileError as error:
            log(logging.WARNING, 'ferret: the stored model is left aside: %s', error)
            stored = None
        if stored is not None:
            yield 'disk', stored[0]
        if self.initial_model is not None:
            yield 'initial_model', Model.of(self.initial_model(context))


ferret_mod = FerretMod()


def folder_of(context):
    """Where a node keeps its model."""
    if 'ferret-folder' in context.node_config:
        return pathlib.Path(context.node_config['ferret-folder'])
    return flower_home() / 'ferret' / str(context.node_id)


def check_age(file, number, run):
    """Raises StaleMessage if the node's model has more rounds of the run behind it than the message's."""
    try:
        facts = file.facts()
    except ferret.FileError:
        return  # to be replaced, which the reading of the model tells
    if facts.get('run') == run and number < facts['round']:
        raise StaleMessage(f'message: expected one of the model after round {facts["round"]} or later, since the node '
                           f'has followed that, got one of the model after round {number}')


def broadcasts_from(request, fingerprint):
    """The broadcasts that bring a model of this fingerprint to the request's; None if the request has them
    not.

    Raises ferret.WireError for one that is none, ferret.ModelMismatch if they lead to another model.
    """
    if fingerprint == request.fingerprint:
        return ()
    decoded = [ferret.decode_broadcast(broadcast) for broadcast in request.broadcasts]
    starts = [index for index, broadcast in enumerate(decoded) if broadcast.model_before == fingerprint]
    if not starts:
        return None
    if decoded[-1].model_after != request.fingerprint:
        raise ferret.ModelMismatch(f'broadcasts: expected some that lead to {request.fingerprint:016x}, '
                                   f'got {decoded[-1].model_after:016x}')
    return request.broadcasts[starts[-1]:]


def apply(plan, broadcasts, model):
    """Moves the model by broadcasts, each of the round after the one before.

    Raises ferret.Error as ferret.Follower.apply; the model is then of no use.
    """
    if broadcasts:
        follower = ferret.Follower(plan, rounds=ferret.decode_broadcast(broadcasts[0]).round - 1)
        for broadcast in broadcasts:
            follower.apply(broadcast, model.arrays)


def make_update(content, before, plan, request, node):
    """The message of coordinates, in place of the ArrayRecord in a train function's reply.

    Raises ferret.LayoutMismatch for another model, ferret.Malformed without a number of examples,
    ferret.NonFinite.
    """
    names = list(content.array_records)
    if len(names) != 1:
        raise ferret.LayoutMismatch(f'reply of the train function: expected one ArrayRecord, got {len(names)}')
    after = Model.of(content[names[0]], like=before)
    examples = examples_of(content, request.weight)
    del content[names[0]]
    return ferret.Client(plan, node)(request.round + 1, before.arrays, after.arrays, examples=examples)
