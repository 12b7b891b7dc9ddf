"""The mod by itself: messages that it refuses, with the model untouched, and those that it lets through."""

import json
import unittest

from flower_support import (
    FlowerTest, Nodes, client_app, context_of, first_model, record, strategy_of, through_bytes, train,
)  # first: it skips the file without Flower

import ferret
import numpy
from ferret.flower import FerretMod, StaleMessage, ferret_mod
from flwr.app import Array, ArrayRecord, ConfigRecord, Error, Message, MetricRecord, RecordDict


class ModTest(FlowerTest):

    def setUp(self):
        super().setUp()
        self.nodes = Nodes(self.folder)
        strategy_of(self.folder / 'server').start(self.nodes, first_model(), 2, timeout=1)
        self.train = [message for node, message, _ in self.nodes.sent
                      if node == 2 and message.metadata.message_type == 'train']
        self.stored = (self.folder / '2' / 'model').read_bytes()

    def answer(self, message, mod=None, train_function=train, folder='2'):
        message = through_bytes(message)[0]
        return (mod or ferret_mod)(message, context_of(2, self.folder / folder), train_function)

    def refuses(self, error, text, message, **arguments):
        with self.assertRaisesRegex(error, text):
            self.answer(message, **arguments)
        self.assertEqual((self.folder / '2' / 'model').read_bytes(), self.stored)

    def changed(self, message=None, **values):
        """The last round's message, as of the round after it, with other values in its record; None takes one away."""
        message = through_bytes(message or self.train[-1])[0]
        for key, value in {'round': 2, **values}.items():
            message.content['ferret'].pop(key, None)
            if value is not None:
                message.content['ferret'][key] = value
        return message

    def next_round(self):
        """A message of the round after the last, whose model the node has."""
        return self.changed(fingerprint=self.nodes.replied[-1][1].content['ferret']['fingerprints'])

    def test_without_ferret_at_the_server_nothing_happens(self):
        content = RecordDict({'arrays': first_model(), 'config': ConfigRecord({'server-round': 1})})
        message = Message(content, 2, 'train')
        reply = self.answer(message, folder='new')
        self.assertEqual(set(reply.content), {'arrays', 'metrics'})
        self.assertFalse((self.folder / 'new').exists())

    def test_a_message_that_a_later_one_has_overtaken_is_refused(self):
        # As a ClientApp sends it whose node was killed, and which was still at work when that had come back.
        for message in self.train:
            self.refuses(StaleMessage, 'the model after round 2 or later, .* got one of the model after round [01]',
                         message)
        # Clocks do not matter, and of another run's rounds it is not told whether they are older.
        fresh = self.next_round()
        fresh.metadata.__dict__['_created_at'] = 0.0
        self.assertIn('update', self.answer(fresh).content['ferret'])
        other = self.changed(round=1)
        other.metadata.__dict__['_run_id'] = 2
        self.assertIn('lacks', self.answer(other).content['ferret'])

    def test_a_message_that_comes_twice_gets_the_same_update(self):
        again = self.next_round()
        first, second = (self.answer(again).content['ferret'] for _ in range(2))
        self.assertEqual(first, second)
        self.assertEqual((self.folder / '2' / 'model').read_bytes(), self.stored)

    def test_broadcasts_that_do_not_start_at_the_node_are_told_to_the_server(self):
        reply = self.answer(self.changed(fingerprint='00000000000000aa')).content['ferret']
        self.assertIn('expected the broadcasts that lead to the model', reply['lacks'])
        self.assertEqual(reply['fingerprints'], self.nodes.replied[-1][1].content['ferret']['fingerprints'])
        self.assertEqual((self.folder / '2' / 'model').read_bytes(), self.stored)

    def test_broadcasts_of_another_model_are_refused(self):
        log = ferret.RoundLog(self.folder / 'server' / 'rounds')
        broadcasts = [log.broadcast(1), log.broadcast(2)]
        log.close()
        target = f'{ferret.decode_broadcast(broadcasts[1]).model_after:016x}'
        initial = FerretMod(lambda context: first_model())
        good = self.changed(fingerprint=target, broadcasts=broadcasts)
        self.assertIn('update', self.answer(good, initial, folder='new').content['ferret'])

        damaged = bytearray(broadcasts[1])
        damaged[70] ^= 1
        (self.folder / '2' / 'model').write_bytes(b'')
        self.stored = b''
        for error, text, change in (
                (ferret.ChecksumMismatch, '', {'broadcasts': [broadcasts[0], bytes(damaged)]}),
                (ferret.WireError, '', {'broadcasts': [broadcasts[0], broadcasts[1][:30]]}),
                (ferret.ModelMismatch, 'that lead to 00000000000000aa, got', {'fingerprint': '00' * 7 + 'aa'}),
                (ferret.ModelMismatch, 'expected some that lead to', {'broadcasts': broadcasts[:1]}),
                (ferret.SketchMismatch, '', {'terms': self.terms(basis='rademacher')}),
                (ferret.WireError, 'format', {'terms': self.terms(coordinates_down='8bit')})):
            with self.subTest(text or error.__name__):
                self.refuses(error, text, self.changed(good, **change), mod=initial)

    def terms(self, **values):
        return json.dumps({**json.loads(self.train[-1].content['ferret']['terms']), **values})

    def test_malformed_messages_are_refused(self):
        for error, text, values in (
                (ferret.UnsupportedVersion, 'expected version 1, got 2', {'version': 2}),
                (ferret.Malformed, 'expected int in version', {'version': None}),
                (ferret.Malformed, 'expected int in round', {'round': 'one'}),
                (ferret.Malformed, 'expected a round from 0 on, got -1', {'round': -1}),
                (ferret.Malformed, 'expected str in fingerprint', {'fingerprint': 1}),
                (ferret.Malformed, '16 hexadecimal digits', {'fingerprint': 'xyz'}),
                (ferret.Malformed, 'expected bytes in broadcasts', {'broadcasts': ['text']}),
                (ferret.Malformed, 'expected list in broadcasts', {'broadcasts': b'bytes'}),
                (ferret.Malformed, 'expected JSON in terms', {'terms': '{'}),
                (ferret.Malformed, 'expected str in arrays', {'arrays': None}),
                (ferret.Malformed, 'terms: expected int in budget, got None', {'terms': '{}'}),
                (ferret.Malformed, "terms: expected int in budget, got '7'", {'terms': self.terms(budget='7')}),
                (ferret.Malformed, 'terms: expected .* got a list', {'terms': '[]'}),
                (ferret.Malformed, 'terms: expected .* of 64 bits', {'terms': self.terms(seed=-1)}),
                (ferret.UnknownName, 'layout', {'terms': self.terms(layout='x')})):
            with self.subTest(text):
                self.refuses(error, text, self.changed(**values))

    def test_a_model_in_a_message_that_is_another_is_refused(self):
        whole = next(message for message in self.train if 'arrays' in message.content)
        for change in ({'fingerprint': '00' * 8}, {'tensors': '00' * 16}):
            self.refuses(ferret.ModelMismatch, 'model in the message', self.changed(whole, **change))
        bad = self.changed(whole)
        bad.content['arrays'] = record({name: numpy.ones(3, numpy.int32) for name in bad.content['arrays']})
        self.refuses(ferret.LayoutMismatch, 'int32', bad)
        bad = self.changed(whole)
        bad.content['arrays'] = ConfigRecord()
        self.refuses(ferret.LayoutMismatch, 'expected an ArrayRecord, got ConfigRecord', bad)

        good = numpy.ones(3, numpy.float32)
        contents = Array(good).data
        many = contents.replace(b'(3,)', b'(%d,)' % 10**14)  # more than there is memory for
        for data in (b'', b'PK\x03\x04', contents[:20], contents[:-1], many, contents.replace(b'<f4', b'<x4'),
                     contents.replace(b"'descr'", b"('descr'")):
            with self.subTest(data):
                bad = self.changed(whole)
                bad.content['arrays'] = ArrayRecord({'x': Array(str(good.dtype), good.shape, 'numpy.ndarray', data)})
                self.refuses(ferret.LayoutMismatch, "expected an array in 'x'", bad)

    def test_what_a_train_function_may_not_return(self):
        def reply_with(arrays, metrics=None):
            def function(message, context):
                records = {'metrics': MetricRecord(metrics or {'num-examples': 1}), **arrays(message.content['arrays'])}
                return Message(RecordDict(records), reply_to=message)
            return function

        def values(change):
            return lambda arrays: {'arrays': record(change({name: array.numpy() for name, array in arrays.items()}))}
        message = self.next_round()
        bias = 'head.bias'
        for error, text, function in (
                (ferret.LayoutMismatch, 'expected one ArrayRecord, got 0', reply_with(lambda arrays: {})),
                (ferret.LayoutMismatch, 'got 2', reply_with(lambda arrays: {'a': arrays, 'b': ArrayRecord()})),
                (ferret.LayoutMismatch, "other names: \\['head.bias'\\]",
                 reply_with(values(lambda a: {n: v for n, v in a.items() if n != bias}))),
                (ferret.LayoutMismatch, r"\(50,\) in 'head.bias', got float32 \(51,\)",
                 reply_with(values(lambda a: {**a, bias: numpy.ones(51, numpy.float32)}))),
                (ferret.LayoutMismatch, "float64",
                 reply_with(values(lambda a: {**a, bias: a[bias].astype(float)}))),
                (ferret.NonFinite, '', reply_with(values(lambda a: {**a, bias: a[bias] * numpy.float32('inf')}))),
                (ferret.Malformed, "in the metric 'num-examples', got None",
                 reply_with(values(lambda a: a), {'loss': 1.0}))):
            with self.subTest(text):
                self.refuses(error, text, message, train_function=function)
        # In whatever order they come.
        turned = self.answer(message, train_function=reply_with(values(lambda a: dict(reversed(list(a.items()))))))
        self.assertIn('update', turned.content['ferret'])

    def test_an_error_of_the_train_function_passes(self):
        message = self.next_round()
        reply = self.answer(message, train_function=lambda m, c: Message(Error(7, 'no data'), reply_to=m))
        self.assertEqual(reply.error.reason, 'no data')

    def test_a_clientapp_has_it_in_its_mods(self):
        message = self.next_round()
        reply = client_app()(through_bytes(message)[0], context_of(2, self.folder / '2'))
        self.assertEqual(set(reply.content), {'metrics', 'ferret'})


if __name__ == '__main__':
    unittest.main()
