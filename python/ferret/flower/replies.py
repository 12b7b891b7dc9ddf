"""Which reply is to which message, and what becomes of those that are refused."""

import logging

import ferret
from flwr.app import Error, Message, RecordDict
from flwr.common.constant import SUPERLINK_NODE_ID
from flwr.supercore import log

from .errors import ForeignReply
from .messages import Reply

REFUSED = 100  # code of an error in place of a refused reply; Flower's own are below
LONGEST = 500  # characters of what a node says that go into the log


def match(sent, replies):
    """Pairs of a message and its first reply, in the order of the messages: the order of arrival tells
    nothing.

    Replies that are to none of the messages, come from another node than the one that was asked, or come a
    second time are refused, which is logged; an error may come from the SuperLink in a node's place.
    """
    messages = {message.metadata.message_id: message for message in sent}
    first = {}
    for reply in replies:
        asked = reply.metadata.reply_to_message_id
        node = reply.metadata.src_node_id
        try:
            if asked not in messages:
                raise ForeignReply(f'expected a reply to a message of this round, got one to {asked!r}{_age(reply)}')
            expected = messages[asked].metadata.dst_node_id
            if node != expected and not (reply.has_error() and node == SUPERLINK_NODE_ID):
                raise ForeignReply(f'expected a reply from node {expected}, got one from node {node}')
            if asked in first:
                raise ferret.Duplicate('expected one reply to a message, got another')
            first[asked] = reply
        except ferret.Error as error:
            log_refusal(node, error)
    return [(message, first[asked]) for asked, message in messages.items() if asked in first]


def metrics_of(reply):
    """Records, names and lengths of a reply's metrics; a number has none."""
    return sorted((record, name, len(value) if isinstance(value, list) else None)
                  for record, metrics in reply.content.metric_records.items() for name, value in metrics.items())


def usual_metrics(replies):
    """metrics_of most replies. A strategy that averages them fails at the first that differs."""
    counted = [metrics_of(reply) for reply in replies]
    return max(counted, key=counted.count, default=None)


def refusal(message, error):
    """An error of the node that was asked, in place of its reply."""
    log_refusal(message.metadata.dst_node_id, error)
    return Message(Error(REFUSED, f'{type(error).__name__}: {str(error)[:LONGEST]}'), reply_to=message)


def failure(message, error):
    """The error of a node, or of the SuperLink in its place, as the node's."""
    reason = told(error.reason or '')
    log(logging.WARNING, 'ferret: node %d failed: %s', message.metadata.dst_node_id, reason)
    return Message(Error(error.code, reason), reply_to=message)


def log_refusal(node, error):
    """Logs what is wrong with a node's reply."""
    log(logging.WARNING, 'ferret: refused a reply of node %d: %s: %s', node, type(error).__name__,
        str(error)[:LONGEST])


def told(text):
    """A node's words as the log may have them: in one line, and not too many."""
    return repr(text[:LONGEST])


def same_question(message):
    """The message once more."""
    return Message(RecordDict(dict(message.content)), message.metadata.dst_node_id, message.metadata.message_type,
                   ttl=message.metadata.ttl, group_id=message.metadata.group_id)


def _age(reply):
    """Tells the round of a reply that came too late."""
    try:
        return f', an update of round {ferret.decode_update(Reply.of(reply.content).update).round}'
    except (ValueError, ferret.Error):
        return ''
