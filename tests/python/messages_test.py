"""A round's messages, read."""

from support import TestCase, answer, copy_of, ferret, first_model, main, small_plan


class MessagesTest(TestCase):
    def setUp(self):
        self.plan, self.model = small_plan(), first_model()
        self.fingerprint = ferret.model_fingerprint(self.plan.layout, self.model)
        self.update = answer(self.plan, self.model, 1, 2 ** 64 - 1, examples=17)

    def test_an_update_tells_what_is_in_it(self):
        message = ferret.decode_update(self.update)
        self.assertEqual((message.round, message.client, message.examples, message.model_before),
                         (1, 2 ** 64 - 1, 17, self.fingerprint))
        self.assertEqual(message.sketch.seed, self.plan.seed_of(1, 0))
        self.assertEqual(repr(message), f'UpdateMessage(round 1, client {2 ** 64 - 1})')
        self.assertEqual(len(self.update), 54 + len(ferret.encode(message.sketch, 'float32')))

    def test_a_broadcast_tells_what_is_in_it(self):
        server, model = ferret.Server(self.plan, self.model), copy_of(self.model)
        server.receive(self.update)
        broadcast = ferret.decode_broadcast(server.close(model, 0.25))
        self.assertEqual((broadcast.round, broadcast.model_before, broadcast.model_after, broadcast.scale),
                         (1, self.fingerprint, ferret.model_fingerprint(self.plan.layout, model), -0.25))
        sketch, = broadcast.sketches
        self.assertEqual(ferret.decode(sketch), ferret.decode_update(self.update).sketch)
        self.assertEqual(repr(broadcast), 'Broadcast(round 1, 1 sketches)')

    def test_damaged_ones_are_refused(self):
        server, model = ferret.Server(self.plan, self.model), copy_of(self.model)
        broadcast = server.close(model, 1)
        for message, decode in ((self.update, ferret.decode_update), (broadcast, ferret.decode_broadcast)):
            for byte in range(len(message)):
                changed = bytearray(message)
                changed[byte] ^= 0x10
                with self.assertRaises(ferret.WireError):
                    decode(changed)
                with self.assertRaises(ferret.WireError):
                    decode(message[:byte])
            with self.assertRaises(ferret.WireError):
                decode(message + b'\0')
            self.assert_raises(TypeError, 'message: expected bytes, got str', decode, 'message')

    def test_one_is_not_taken_for_the_other(self):
        with self.assertRaises(ferret.UnsupportedVersion):
            ferret.decode_broadcast(self.update)
        with self.assertRaises(ferret.UnsupportedVersion):
            ferret.decode_update(ferret.Server(self.plan, self.model).close(copy_of(self.model), 1))

    def test_an_update_of_another_format_is_refused(self):
        with self.assertRaises(ferret.Malformed):
            ferret.decode_update(self.update, '1bit')
        self.assertEqual(ferret.decode_update(self.update, 'float32').client, 2 ** 64 - 1)


if __name__ == '__main__':
    main()
