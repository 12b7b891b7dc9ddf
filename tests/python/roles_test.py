"""Client, Server and Follower. That their bytes are the C++ roles' is rounds_test.py's."""

from support import TestCase, answer, copy_of, ferret, first_model, main, np, same_bits, small_plan


class RolesTest(TestCase):
    def setUp(self):
        self.plan, self.model = small_plan(), first_model()
        self.server = ferret.Server(self.plan, self.model)

    def test_a_round_moves_server_and_follower_alike(self):
        follower, local = ferret.Follower(self.plan), first_model()
        addresses = [tensor.ctypes.data for tensor in self.model + local]
        for round_number in (1, 2, 3):
            self.assertEqual((self.server.round, self.server.received, follower.round),
                             (round_number, 0, round_number - 1))
            before = copy_of(local)
            for client in (4, 9):
                self.server.receive(answer(self.plan, local, round_number, client))
            self.assertEqual(self.server.received, 2)
            follower.apply(self.server.close(self.model, 0.5), local)
            self.assertTrue(same_bits(self.model, local))
            self.assertFalse(same_bits(before, local))
        self.assertEqual([tensor.ctypes.data for tensor in self.model + local], addresses)

    def test_a_message_of_few_bits_is_the_default(self):
        plan = ferret.Plan(self.plan.layout, ferret.Uniform(64))
        update = ferret.Client(plan, 1)(1, self.model, [tensor - 1 for tensor in self.model])
        self.assertEqual(len(update), 54 + ferret.encoded_size([32, 32], '1bit'))

    def test_the_order_of_messages_changes_no_bit(self):
        updates = [answer(self.plan, self.model, 1, client) for client in range(4)]
        broadcasts = set()
        for order in (updates, updates[::-1]):
            server, model = ferret.Server(self.plan, self.model), copy_of(self.model)
            for update in order:
                server.receive(update)
            broadcasts.add(server.close(model, 0.5))
        self.assertEqual(len(broadcasts), 1)

    def test_updates_weigh_by_examples_where_the_server_says_so(self):
        first = answer(self.plan, self.model, 1, 1, examples=3)
        second = answer(self.plan, self.model, 1, 2, examples=1)
        server, model = ferret.Server(self.plan, self.model, weighting='by-examples'), copy_of(self.model)
        for update in (first, second):
            server.receive(update)
        mean = ferret.decode(ferret.decode_broadcast(server.close(model, 1)).sketches[0])
        sketches = [ferret.decode_update(update).sketch for update in (first, second)]
        self.assertEqual(mean, ferret.sum(sketches, [3, 1]).scaled(0.25))
        self.assert_raises(ferret.UnknownName, "weighting: expected one of equal by-examples, got 'size'",
                           ferret.Server, self.plan, self.model, 'size')
        server = ferret.Server(self.plan, self.model, 'by-examples')
        self.assert_raises(ferret.Malformed, 'expected examples, got none', server.receive,
                           answer(self.plan, self.model, 1, 1, examples=0))

    def test_a_server_and_a_follower_go_on_from_a_round(self):
        server, follower = ferret.Server(self.plan, self.model, rounds=7), ferret.Follower(self.plan, 7)
        self.assertEqual((server.round, follower.round), (8, 7))
        local = copy_of(self.model)
        server.receive(answer(self.plan, local, 8, 1))
        follower.apply(server.close(self.model, 0.5), local)
        self.assertEqual((follower.round, server.round), (8, 9))

    def test_a_server_refuses_by_name_and_goes_on(self):
        good = answer(self.plan, self.model, 1, 1)
        self.server.receive(good)
        other_plan = small_plan(seed=43)
        other_model = [tensor + 1 for tensor in self.model]
        for error, update in ((ferret.Duplicate, good),
                              (ferret.WrongRound, answer(self.plan, self.model, 2, 2)),
                              (ferret.ModelMismatch, answer(self.plan, other_model, 1, 2)),
                              (ferret.SketchMismatch, answer(other_plan, self.model, 1, 2)),
                              (ferret.Malformed, answer(small_plan(up='1bit'), self.model, 1, 2)),
                              (ferret.Truncated, good[:5]),
                              (ferret.UnsupportedVersion, b'x' * 100)):
            self.assert_raises(error, 'expected', self.server.receive, update)
        damaged = good[:-1] + bytes([good[-1] ^ 1])
        self.assert_raises(ferret.ChecksumMismatch, 'update: the checksum of', self.server.receive, damaged)
        self.assertEqual((self.server.round, self.server.received), (1, 1))
        self.server.receive(answer(self.plan, self.model, 1, 2))
        self.assertEqual(self.server.received, 2)

    def test_a_round_is_closed_on_its_own_model_only(self):
        self.server.receive(answer(self.plan, self.model, 1, 1))
        other = [tensor + 1 for tensor in self.model]
        kept = copy_of(other)
        self.assert_raises(ferret.ModelMismatch, 'model before round 1', self.server.close, other, 0.5)
        self.assert_raises(ferret.NonFinite, 'expected a finite rate',
                           self.server.close, self.model, float('inf'))
        self.assertTrue(same_bits(other, kept))
        self.assertEqual((self.server.round, self.server.received), (1, 1))
        self.server.close(self.model, 0.5)
        self.assertEqual(self.server.round, 2)

    def test_a_follower_refuses_by_name_with_its_model_untouched(self):
        local = copy_of(self.model)
        self.server.receive(answer(self.plan, self.model, 1, 1))
        first = self.server.close(self.model, 0.5)
        second = self.server.close(self.model, 0.5)  # nobody answered
        follower, kept = ferret.Follower(self.plan), copy_of(local)
        other = [tensor + 1 for tensor in local]
        for error, broadcast, model in ((ferret.WrongRound, second, local),
                                        (ferret.ModelMismatch, first, other),
                                        (ferret.Truncated, first[:5], local),
                                        (ferret.UnsupportedVersion, b'y' * 80, local)):
            self.assert_raises(error, 'expected', follower.apply, broadcast, model)
        damaged = first[:-1] + bytes([first[-1] ^ 1])
        self.assert_raises(ferret.ChecksumMismatch, 'broadcast: the checksum of',
                           follower.apply, damaged, local)
        with self.assertRaises(ferret.SketchMismatch):
            ferret.Follower(small_plan(basis='gaussian')).apply(first, local)
        with self.assertRaises(TypeError):
            follower.apply(first, [tensor.astype(np.int32) for tensor in local])
        self.assertTrue(same_bits(local, kept))
        self.assertEqual(follower.round, 0)
        follower.apply(first, local)
        follower.apply(second, local)
        self.assertTrue(same_bits(local, self.model))

    def test_a_client_refuses_other_tensors(self):
        client = ferret.Client(self.plan, 1)
        self.assert_raises(ferret.LayoutMismatch, 'tensor 1: expected 120 elements, got 119',
                           client, 1, self.model, [self.model[0], self.model[1][:-1]])
        after = copy_of(self.model)
        after[0][5] = np.nan
        self.assert_raises(ferret.NonFinite, 'tensor 0, index 5', client, 1, self.model, after)
        with self.assertRaises(TypeError):
            client(-1, self.model, after)


if __name__ == '__main__':
    main()
