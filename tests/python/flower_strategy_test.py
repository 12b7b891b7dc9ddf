"""The strategy and the mod with each other: rounds, catching up, resuming, and replies that are refused."""

import unittest
import unittest.mock

from flower_support import (
    FlowerTest, Nodes, context_of_server, first_model, norm, record, strategy_of, through_bytes,
)  # first: it skips the file without Flower

import ferret
import numpy
from ferret.flower import Ferret, FerretMod, Model, UnexpectedAverage
from ferret.flower.messages import Request
from ferret.flower.options import make_plan
from ferret.flower.rounds import open_log
from flwr.app import ArrayRecord, Error, Message
from flwr.serverapp.strategy import FedAvg, FedMedian


class StrategyTest(FlowerTest):

    def setUp(self):
        super().setUp()
        self.nodes = Nodes(self.folder)

    def start(self, rounds, folder='server', nodes=None, **run_config):
        grid = nodes or self.nodes
        strategy = strategy_of(self.folder / folder, run_config, nodes=len(grid.mods))
        return strategy.start(grid, first_model(), rounds, timeout=1)

    def assert_same(self, arrays, others):
        self.assertEqual(list(arrays), list(others))
        for name in arrays:
            self.assertEqual(numpy.asarray(arrays[name]).tobytes(), numpy.asarray(others[name]).tobytes(), name)

    def test_nodes_server_and_a_loop_without_flower_have_the_same_bits(self):
        result = self.start(3)
        final = {name: array.numpy() for name, array in result.arrays.items()}
        for node in self.nodes.mods:
            arrays, facts = self.model_on(node)
            self.assert_same(arrays, final)
            self.assertEqual(facts['round'], 3)

        names, model = zip(*((name, array.numpy().copy()) for name, array in first_model().items()))
        updates = [reply.content['ferret']['update'] for _, reply, _ in self.nodes.replied
                   if 'update' in reply.content['ferret']]
        plan = ferret.Plan(ferret.Layout.uniform([array.size for array in model], 7050),
                           ferret.Uniform(len(ferret.decode_update(updates[0]).sketch.coordinates)), seed=42)
        server = ferret.Server(plan, model, weighting='by-examples')
        for index, update in enumerate(updates):
            server.receive(update)
            if index % 3 == 2:
                server.close(model, 1.0)
        self.assertEqual(server.round, 4)
        self.assert_same(dict(zip(names, model)), final)

    def test_metrics_are_the_strategys(self):
        result = self.start(2)
        self.assertEqual(set(result.train_metrics_clientapp), {1, 2})
        self.assertAlmostEqual(result.train_metrics_clientapp[1]['norm'], norm(first_model()), 5)
        self.assertAlmostEqual(result.evaluate_metrics_clientapp[2]['norm'], norm(result.arrays), 5)

    def test_the_model_travels_once_and_then_never(self):
        self.start(3)
        whole = [node for node, message, _ in self.nodes.sent if 'arrays' in message.content]
        self.assertEqual(sorted(whole), [1, 2, 3])
        for node, message, size in self.nodes.sent:
            if 'arrays' not in message.content:
                self.assertLess(size, 3000)
        for node, reply, size in self.nodes.replied:
            self.assertLess(size, 2500)
            self.assertEqual(len(reply.content.array_records), 0)

    def test_it_never_travels_where_nodes_can_make_it(self):
        nodes = Nodes(self.folder, mod=FerretMod(lambda context: first_model()))
        self.start(2, nodes=nodes)
        self.assertFalse([node for node, message, _ in nodes.sent if 'arrays' in message.content])

    def test_a_broadcast_goes_to_each_node_once(self):
        self.start(3)
        for node in self.nodes.mods:
            rounds = [ferret.decode_broadcast(broadcast).round for asked, message, _ in self.nodes.sent if asked == node
                      for broadcast in message.content['ferret'].get('broadcasts', [])]
            self.assertEqual(rounds, [1, 2, 3])

    def test_a_node_that_missed_rounds_gets_their_broadcasts(self):
        self.start(1)
        del self.nodes.mods[3]
        self.start(3)
        self.nodes.mods[3] = None
        self.nodes.sent.clear()
        result = self.start(4)
        self.assertFalse([node for node, message, _ in self.nodes.sent if 'arrays' in message.content])
        self.assert_same(self.model_on(3)[0], {name: array.numpy() for name, array in result.arrays.items()})
        self.assert_logged('from disk and 2 broadcasts')

    def test_where_broadcasts_are_longer_than_the_model_it_travels_whole(self):
        # 1 KiB a round against 28,200 bytes of the model: 30 rounds are longer.
        self.start(1)
        del self.nodes.mods[3]
        self.start(32)
        self.nodes.mods[3] = None
        self.nodes.sent.clear()
        self.start(33)
        self.assertEqual([node for node, message, _ in self.nodes.sent if 'arrays' in message.content], [3])

    def test_a_node_that_lost_its_model_gets_it(self):
        self.start(1)
        (self.folder / '2' / 'model').write_bytes(b'nonsense')
        self.nodes.sent.clear()
        result = self.start(2)
        self.assertEqual([node for node, message, _ in self.nodes.sent if 'arrays' in message.content], [2])
        self.assert_logged('the stored model is left aside')
        self.assert_same(self.model_on(2)[0], {name: array.numpy() for name, array in result.arrays.items()})

    def test_a_model_whose_bits_rotted_is_noticed_and_replaced(self):
        self.start(1)
        path = self.folder / '2' / 'model'
        rotten = bytearray(path.read_bytes())
        rotten[-5] ^= 1
        path.write_bytes(rotten)
        result = self.start(2)
        self.assert_same(self.model_on(2)[0], {name: array.numpy() for name, array in result.arrays.items()})

    def test_a_node_whose_train_function_fails_is_left_out(self):
        class Broken(FerretMod):
            def __call__(self, message, context, call_next):
                def fail(message, context):
                    raise ZeroDivisionError('loss')
                return super().__call__(message, context, fail)
        self.nodes.mods[2] = Broken()
        self.start(1)
        self.assert_logged('node 2 failed', 'ZeroDivisionError')
        self.assert_logged('round 1: 2 updates')
        self.assertEqual(self.model_on(1)[1]['round'], 1)

    def test_a_run_with_the_folder_of_another_goes_on_with_the_same_bits(self):
        undisturbed = self.start(4)
        broken = Nodes(self.folder / 'others')
        self.start(2, folder='other', nodes=broken)
        broken.run_id = 2
        resumed = self.start(4, folder='other', nodes=broken)
        self.assert_same({n: a.numpy() for n, a in undisturbed.arrays.items()},
                         {n: a.numpy() for n, a in resumed.arrays.items()})
        self.assertEqual(set(resumed.train_metrics_clientapp), {3, 4})
        self.assert_logged('goes on after round 2')

    def test_a_server_killed_between_log_and_model_catches_up(self):
        self.start(1)
        behind = (self.folder / 'server' / 'model').read_bytes()
        expected = self.start(2)
        (self.folder / 'server' / 'model').write_bytes(behind)
        again = self.start(2)
        self.assert_same({n: a.numpy() for n, a in expected.arrays.items()},
                         {n: a.numpy() for n, a in again.arrays.items()})

    def test_a_folder_of_other_options_or_another_model_is_refused(self):
        self.start(1)
        with self.assertRaisesRegex(ferret.SketchMismatch, 'others: seed'):
            self.start(2, **{'ferret.seed': 1})
        other = record({'x': numpy.ones(100, numpy.float32)})
        with self.assertRaisesRegex(ferret.SketchMismatch, 'budget|tensors'):
            strategy_of(self.folder / 'server').start(self.nodes, other, 2)
        (self.folder / 'server' / 'model').unlink()
        with self.assertRaisesRegex(ferret.FileError, 'expected a model beside 1 rounds'):
            self.start(2)

    def test_the_rate_is_lessened_by_the_noise_unless_it_is_given(self):
        self.start(1, folder='damped', **{'ferret.server-lr': 0.0, 'ferret.bytes': '200'})
        self.start(1, folder='given', **{'ferret.server-lr': 0.25})
        scales = []
        for folder in ('damped', 'given'):
            with ferret.RoundLog(self.folder / folder / 'rounds') as log:
                scales.append(ferret.decode_broadcast(log.broadcast(1)).scale)
        self.assertEqual(scales[1], -0.25)
        self.assertTrue(-0.25 < scales[0] < 0, scales)

    def test_the_rate_is_the_same_in_whatever_order_nodes_are_asked(self):
        class Ordered(FedAvg):
            def configure_train(self, *arguments):
                return sorted(super().configure_train(*arguments), key=lambda message: message.metadata.dst_node_id,
                              reverse=self.reverse)
        broadcasts, asked = [], []
        unlikeness = ferret.round_unlikeness

        def remember(plan, sketches):
            asked.append([float(sketch.coordinates[0]) for sketch in sketches])
            return unlikeness(plan, sketches)
        self.enterContext(unittest.mock.patch('ferret.round_unlikeness', remember))
        for reverse in (False, True):
            folder = self.folder / f'server-{reverse}'
            inside = Ordered(min_train_nodes=4, min_available_nodes=4, fraction_evaluate=0.0)
            inside.reverse = reverse
            strategy = strategy_of(folder, {'ferret.server-lr': 0.0}, inside)
            strategy.start(Nodes(self.folder / str(reverse), range(2, 6)), first_model(), 3)
            with ferret.RoundLog(folder / 'rounds') as log:
                broadcasts.append([log.broadcast(number) for number in (1, 2, 3)])
        self.assertTrue(broadcasts[0] == broadcasts[1])
        self.assertEqual(asked[:3], asked[3:])  # whose sums differ in another order, if seldom by a float's bit

    def test_a_log_is_waited_for_only_while_another_process_has_it(self):
        path = self.folder / 'rounds'
        held = ferret.RoundLog(path)
        with unittest.mock.patch('time.sleep', side_effect=lambda seconds: held.close()) as sleep:
            open_log(path).close()
            self.assertEqual(sleep.call_count, 1)
            path.write_bytes(b'nonsense')
            with self.assertRaisesRegex(ferret.FileError, 'begins with FRRL'):
                open_log(path)
            self.assertEqual(sleep.call_count, 1)

    def test_a_node_s_folder_is_no_server_s(self):
        self.start(1)
        with self.assertRaisesRegex(ferret.SketchMismatch, 'expected the options and tensors'):
            self.start(1, folder='2')

    def test_seeds_of_each_client(self):
        result = self.start(2, **{'ferret.seeds': 'per-client', 'ferret.basis': 'rademacher'})
        for node in self.nodes.mods:
            self.assert_same(self.model_on(node)[0], {n: a.numpy() for n, a in result.arrays.items()})

    # What is refused. Each is told by name, and the others' round goes on as without it.

    def refused(self, tamper, *logged, updates=2, **run_config):
        """Tampers with the first round's training replies; the model is then that of the others alone."""
        def only_once(replies):
            if any('ferret' in reply.content and 'update' in reply.content['ferret'] for reply in replies
                   if not reply.has_error()):
                self.nodes.tamper = lambda others: others
                return tamper(replies)
            return replies
        self.nodes.tamper = only_once
        result = self.start(1, **run_config)
        self.assert_logged('refused', *logged)
        self.assert_logged(f'round 1: {updates} updates')
        for node in self.nodes.mods:
            self.assert_same(self.model_on(node)[0], {n: a.numpy() for n, a in result.arrays.items()})

    def tampered(self, change, *logged, **run_config):
        """Refused: the reply of node 2 after `change`."""
        def tamper(replies):
            for reply in replies:
                if reply.metadata.src_node_id == 2:
                    change(reply)
            return replies
        self.refused(tamper, 'node 2', *logged, **run_config)

    def test_a_reply_to_another_message_is_refused(self):
        def change(reply):
            reply.metadata.__dict__['_reply_to_message_id'] = 'another'
        self.tampered(change, 'ForeignReply', "'another', an update of round 1")

    def test_a_reply_of_another_node_is_refused(self):
        def tamper(replies):
            replies[0].metadata.__dict__['_src_node_id'] = 77
            return replies
        self.refused(tamper, 'node 77', 'ForeignReply', 'got one from node 77')

    def test_an_error_counts_only_from_the_node_or_the_superlink(self):
        def tamper(replies):
            by_node = {reply.metadata.src_node_id: reply for reply in replies}
            asked = {node: reply.metadata.reply_to_message_id for node, reply in by_node.items()}
            errors = []
            for source, about in ((77, 2), (1, 3)):  # 1 is the SuperLink's number
                error = Message(Error(3, 'gone\nwith the wind ' + 'x' * 1000), reply_to=self.nodes.sent[-1][1])
                error.metadata.__dict__['_reply_to_message_id'] = asked[about]
                error.metadata.__dict__['_src_node_id'] = source
                errors.append(error)
            return errors + [by_node[1], by_node[2]]
        self.refused(tamper, 'node 77', 'ForeignReply', 'expected a reply from node 2, got one from node 77')
        self.assert_logged('node 3 failed', "'gone\\nwith the wind xx")
        self.assertLess(max(map(len, self.lines)), 700)

    def test_a_second_reply_is_refused(self):
        self.refused(lambda replies: replies + [through_bytes(replies[0])[0]], 'Duplicate', updates=3)

    def test_a_reply_of_the_last_round_is_refused(self):
        strategy = strategy_of(self.folder / 'server')
        old = []
        def tamper(replies):
            updates = [reply for reply in replies if 'update' in reply.content.get('ferret', {})]
            if updates and not old:
                old.append(through_bytes(updates[0])[0])
            elif updates:
                late = next(reply for reply in replies if reply.metadata.src_node_id == old[0].metadata.src_node_id)
                late.content['ferret']['update'] = old[0].content['ferret']['update']
            return replies
        self.nodes.tamper = tamper
        strategy.start(self.nodes, first_model(), 2, timeout=1)
        self.assert_logged('refused', 'WrongRound', 'expected round 2, got 1')
        self.assert_logged('round 2: 2 updates')

    def test_malformed_replies_are_refused(self):
        def without(reply):
            del reply.content['ferret']
        self.tampered(without, 'Malformed', 'does the node have ferret_mod?')

    def test_a_record_that_is_none_is_refused(self):
        def change(reply):
            reply.content['ferret'] = record({'update': numpy.ones(3)})
        self.tampered(change, 'Malformed', 'expected a ConfigRecord')

    def test_a_reply_of_another_version_is_refused(self):
        def change(reply):
            reply.content['ferret']['version'] = 2
        self.tampered(change, 'UnsupportedVersion')

    def test_a_damaged_update_is_refused(self):
        def change(reply):
            update = bytearray(reply.content['ferret']['update'])
            update[60] ^= 1
            reply.content['ferret']['update'] = bytes(update)
        self.tampered(change, 'ChecksumMismatch')

    def test_coordinates_that_could_not_go_down_again_are_refused(self):
        # Such an update can be written with floats; a mean with them has no few bits.
        def change(reply):
            request = Request.of(self.nodes.sent[-1][1].content)
            before = Model.of(first_model())
            after = Model(before.names, [array + numpy.float32(2.0**100) for array in before.arrays])
            client = ferret.Client(make_plan(request.terms, before.sizes), 2)
            reply.content['ferret']['update'] = client(1, before.arrays, after.arrays, examples=2)
        self.tampered(change, 'NonFinite', 'for few bits', **{'ferret.coordinates': 'float32'})

    def test_a_number_of_examples_that_makes_them_too_large_is_refused(self):
        def change(reply):
            request = Request.of(self.nodes.sent[-1][1].content)
            before = Model.of(first_model())
            after = Model(before.names, [array + numpy.float32(2.0**40) for array in before.arrays])
            client = ferret.Client(make_plan(request.terms, before.sizes), 2)
            reply.content['ferret']['update'] = client(1, before.arrays, after.arrays, examples=2**62)
            reply.content['metrics']['num-examples'] = 2**62
        self.tampered(change, 'NonFinite', 'for few bits', **{'ferret.coordinates': 'float32'})

    def test_arrays_beside_an_update_are_refused(self):
        def change(reply):
            reply.content['mine'] = first_model()
        self.tampered(change, 'Malformed', "expected no ArrayRecord beside the update, got ['mine']")

    def test_no_update_is_refused(self):
        def change(reply):
            del reply.content['ferret']['update']
        self.tampered(change, 'Truncated')

    def test_an_update_of_another_shape_is_refused(self):
        def change(reply):
            plan = ferret.Plan(ferret.Layout.uniform([99], 99), ferret.Uniform(50), seed=42)
            before = [numpy.zeros(99, numpy.float32)]
            reply.content['ferret']['update'] = ferret.Client(plan, 2)(1, before, [before[0] + 1], examples=2)
        self.tampered(change, 'Mismatch')

    def test_an_update_in_the_name_of_another_node_is_refused(self):
        def tamper(replies):
            by_node = {reply.metadata.src_node_id: reply for reply in replies}
            by_node[2].content['ferret']['update'] = by_node[3].content['ferret']['update']
            return replies
        self.refused(tamper, 'node 2', 'Malformed', 'expected 2 as client, got 3')

    def test_an_update_with_other_examples_than_the_metric_is_refused(self):
        def change(reply):
            reply.content['metrics']['num-examples'] = 1000
        self.tampered(change, 'Malformed', 'expected 1000 as examples, got 2')

    def test_an_evaluation_without_a_number_of_examples_is_refused(self):
        def tamper(replies):
            for reply in replies:
                if reply.metadata.message_type == 'evaluate':
                    if reply.metadata.src_node_id == 2:
                        reply.content['metrics']['num-examples'] = float('nan')
                        reply.content['metrics']['norm'] = 1e9
            return replies
        self.nodes.tamper = tamper
        result = self.start(1)
        self.assert_logged('refused', 'node 2', 'Malformed', 'expected a number of examples')
        self.assertAlmostEqual(result.evaluate_metrics_clientapp[1]['norm'], norm(result.arrays), 5)

    def test_a_number_of_examples_that_is_none_is_refused(self):
        for examples in (0, -1, 2.5, float('nan')):
            with self.subTest(examples):
                self.setUp()
                def change(reply):
                    reply.content['metrics']['num-examples'] = examples
                self.tampered(change, 'Malformed', 'expected a number of examples')

    def test_other_metrics_than_most_have_are_refused(self):
        for name, value in (('surprise', 1.0), ('norm', [1.0, 2.0])):
            with self.subTest(name):
                self.setUp()

                def change(reply):
                    reply.content['metrics'][name] = value
                self.tampered(change, 'Malformed', 'expected the metrics', name)

    def test_work_on_another_model_is_refused(self):
        def change(reply):
            reply.content['ferret']['fingerprints'] = '0123456789abcdef'
        self.tampered(change, 'ModelMismatch', 'got on 0123456789abcdef')

    def test_fingerprints_that_are_none_are_refused(self):
        def change(reply):
            reply.content['ferret']['fingerprints'] = '0123456789ABCDEF'
        self.tampered(change, 'Malformed', 'hexadecimal')

    def test_more_fingerprints_than_a_node_has_are_refused(self):
        def change(reply):
            reply.content['ferret']['fingerprints'] += ' 0123456789abcdef' * 2
        self.tampered(change, 'Malformed', 'expected at most 2 fingerprints, got 3')

    def test_a_node_that_lacks_the_model_again_and_again_is_refused(self):
        class Forgetful(FerretMod):
            def __call__(self, message, context, call_next):
                if 'arrays' in message.content:
                    del message.content['arrays']
                return super().__call__(message, context, call_next)
        self.nodes.mods[2] = Forgetful()
        self.start(1)
        self.assert_logged('refused', 'node 2', 'NodeLacksModel')
        self.assert_logged('round 1: 2 updates')

    def test_if_all_are_refused_the_model_stays(self):
        def tamper(replies):
            for reply in replies:
                reply.content.pop('ferret')
            return replies
        self.nodes.tamper = tamper
        result = self.start(1)
        self.assert_logged('round 1: 0 updates')
        self.assert_same({n: a.numpy() for n, a in result.arrays.items()},
                         {n: a.numpy() for n, a in first_model().items()})

    def test_strategies_that_do_not_average_are_refused(self):
        with self.assertRaisesRegex(UnexpectedAverage, 'expected the mean by num-examples'):
            strategy = strategy_of(self.folder / 'server',
                                   inside=FedMedian(min_train_nodes=3, min_available_nodes=3))
            strategy.start(self.nodes, first_model(), 1)

        class OwnLoop(FedAvg):
            def start(self, *arguments):
                pass
        with self.assertRaisesRegex(TypeError, 'OwnLoop, which has its own'):
            Ferret(OwnLoop(), context_of_server())

        class NoModel(FedAvg):
            def configure_train(self, server_round, arrays, config, grid):
                return super().configure_train(server_round, ArrayRecord(), config, grid)
        with self.assertRaisesRegex(ferret.LayoutMismatch, 'NoModel: expected the model once in a message, got it 0'):
            strategy_of(self.folder / 'server', inside=NoModel()).start(self.nodes, first_model(), 1)


if __name__ == '__main__':
    unittest.main()
