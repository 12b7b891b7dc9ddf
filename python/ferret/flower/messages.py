"""The record `ferret` that travels in Flower's messages, down and up.

Flower's ConfigRecord holds str, int, float and bytes, of 63 bits the ints: fingerprints are 16 hexadecimal
digits.
"""

import dataclasses
import json

import ferret
from flwr.app import ConfigRecord

from .options import check_terms

RECORD = 'ferret'
VERSION = 1
MOST_FINGERPRINTS = 2  # of a node: the model on its disk, and the one that it can make


@dataclasses.dataclass(frozen=True)
class Request:
    """What the server says in a message: which model to work on, and how to come to it.

    round: rounds that the model has behind it; fingerprint: the model's. tensors: Model.tensors of it. terms:
    Options.terms. arrays: name of the message's ArrayRecord that the model belongs into, and stands in where
    it travels whole. weight: name of the metric that counts the examples. broadcasts: those of the rounds
    that lead to the model, one after the other.
    """

    round: int
    fingerprint: int
    tensors: str
    terms: dict
    arrays: str
    weight: str
    broadcasts: tuple = ()

    def record(self):
        """The request as a ConfigRecord."""
        record = ConfigRecord({
            'version': VERSION, 'round': self.round, 'fingerprint': f'{self.fingerprint:016x}',
            'tensors': self.tensors, 'terms': json.dumps(self.terms), 'arrays': self.arrays, 'weight': self.weight})
        if self.broadcasts:
            record['broadcasts'] = list(self.broadcasts)
        return record

    @classmethod
    def of(cls, content):
        """The request in a message's content; None if its server does not speak ferret.

        Raises ferret.Malformed, ferret.UnsupportedVersion.
        """
        if RECORD not in content:
            return None
        record = _config_record(content)
        broadcasts = _value(record, 'broadcasts', list, [])
        if not all(isinstance(broadcast, bytes) for broadcast in broadcasts):
            raise ferret.Malformed('ferret record: expected bytes in broadcasts, got something else')
        try:
            terms = json.loads(_value(record, 'terms', str))
        except ValueError as error:
            raise ferret.Malformed(f'ferret record: expected JSON in terms, got {error}') from error
        check_terms(terms)
        number = _value(record, 'round', int)
        if number < 0:
            raise ferret.Malformed(f'ferret record: expected a round from 0 on, got {number}')
        fingerprint = _fingerprint(_value(record, 'fingerprint', str))
        return cls(number, fingerprint, _value(record, 'tensors', str), terms,
                   _value(record, 'arrays', str), _value(record, 'weight', str), tuple(broadcasts))


@dataclasses.dataclass(frozen=True)
class Reply:
    """What a node says: which model it has, and what came of its training.

    fingerprints: of the models that it has or can make, the one it works on first; none: it has no such
    model. update: the message of ferret.Client, of a train function's reply. lacks: what it misses to do what
    it was asked.
    """

    fingerprints: tuple
    update: bytes = b''
    lacks: str = ''

    def record(self):
        """The reply as a ConfigRecord."""
        record = ConfigRecord({'version': VERSION,
                               'fingerprints': ' '.join(f'{number:016x}' for number in self.fingerprints)})
        if self.update:
            record['update'] = self.update
        if self.lacks:
            record['lacks'] = self.lacks
        return record

    @classmethod
    def of(cls, content):
        """The reply in a message's content.

        Raises ferret.Malformed, also if the node does not speak ferret; ferret.UnsupportedVersion.
        """
        if RECORD not in content:
            raise ferret.Malformed('reply: expected a record ferret, got none: does the node have ferret_mod?')
        record = _config_record(content)
        digits = _value(record, 'fingerprints', str).split()
        if len(digits) > MOST_FINGERPRINTS:
            raise ferret.Malformed(f'ferret record: expected at most {MOST_FINGERPRINTS} fingerprints, '
                                   f'got {len(digits)}')
        fingerprints = tuple(map(_fingerprint, digits))
        return cls(fingerprints, _value(record, 'update', bytes, b''), _value(record, 'lacks', str, ''))


def examples_of(content, weight):
    """How many examples a train function says that it trained on, in the metric of that name.

    Raises ferret.Malformed unless there is one MetricRecord, with a whole number of at least 1 there.
    """
    records = list(content.metric_records.values())
    if len(records) != 1:
        raise ferret.Malformed(f'reply: expected one MetricRecord, got {len(records)}')
    examples = records[0].get(weight)
    if type(examples) not in (int, float) or examples != examples or not 1 <= examples < 2**63 or examples % 1:
        raise ferret.Malformed(f'reply: expected a number of examples in the metric {weight!r}, got {examples!r}')
    return int(examples)


def _config_record(content):
    record = content[RECORD]
    if not isinstance(record, ConfigRecord):
        raise ferret.Malformed(f'ferret record: expected a ConfigRecord, got {type(record).__name__}')
    version = _value(record, 'version', int)
    if version != VERSION:
        raise ferret.UnsupportedVersion(f'ferret record: expected version {VERSION}, got {version}')
    return record


def _value(record, key, kind, default=None):
    value = record.get(key, default)
    if type(value) is not kind:
        raise ferret.Malformed(f'ferret record: expected {kind.__name__} in {key}, got {type(value).__name__}')
    return value


def _fingerprint(digits):
    if len(digits) != 16 or not set(digits) <= set('0123456789abcdef'):
        raise ferret.Malformed(f'ferret record: expected 16 hexadecimal digits of a fingerprint, got {digits[:40]!r}')
    return int(digits, 16)
