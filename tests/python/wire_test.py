"""Sketches as bytes, and bytes of others; the bytes themselves are golden_test.py's."""

import struct

from support import TestCase, ferret, main, np, update_of

LAYOUT = ferret.Layout.per_tensor([900, 124])
FORMATS = ['1bit', '2bit', '3bit', '4bit', '8bit', 'int16', 'float32']
SKETCH = ferret.Projector(LAYOUT, 'rademacher', ferret.Uniform(64))([update_of(900), update_of(124)],
                                                                    ferret.Seed(42, 7))


class WireTest(TestCase):
    def test_every_format_comes_back(self):
        for format in FORMATS:
            message = ferret.encode(SKETCH, format, 5)
            self.assertIs(type(message), bytes)
            self.assertEqual(len(message), ferret.encoded_size(SKETCH.bases_per_block, format))
            found = ferret.decode(message, format)
            self.assertEqual(ferret.decode(message), found)
            self.assertEqual((found.seed, found.basis, found.layout_fingerprint, found.bases_per_block),
                             (SKETCH.seed, SKETCH.basis, SKETCH.layout_fingerprint, SKETCH.bases_per_block))
        self.assertEqual(found, SKETCH)  # float32, the last, is exact, and the default
        self.assertEqual(ferret.encode(SKETCH), message)

    def test_int16_is_off_by_half_a_step(self):
        found = ferret.decode(ferret.encode(SKETCH, 'int16')).coordinates
        for block in (slice(0, 32), slice(32, 64)):
            exact = SKETCH.coordinates[block]
            step = np.abs(exact).max() / 32767
            # ... and by float's rounding of the step and of the product.
            bound = step / 2 + 2 * np.finfo(np.float32).eps * np.abs(exact).max()
            self.assertLessEqual(np.abs(found[block].astype(float) - exact).max(), bound)

    def test_clients_round_differently(self):
        messages = {ferret.encode(SKETCH, '1bit', ferret.rotation_of(client)) for client in range(20)}
        self.assertEqual(len(messages), 20)
        self.assertEqual([ferret.rotation_of(client) for client in (0, 2 ** 32 - 2, 2 ** 32 - 1)],
                         [1, 2 ** 32 - 1, 1])

    def test_bytes_may_come_in_any_object_of_bytes(self):
        message = ferret.encode(SKETCH)
        for other in (bytearray(message), memoryview(message), np.frombuffer(message, np.uint8)):
            self.assertEqual(ferret.decode(other), SKETCH)
        for none in ('message', 5, [1, 2]):
            self.assert_raises(TypeError, 'message: expected bytes, got', ferret.decode, none)

    def test_another_format_than_agreed_on_is_refused(self):
        self.assert_raises(ferret.Malformed, 'expected', ferret.decode, ferret.encode(SKETCH, '1bit'), '2bit')

    def test_every_changed_bit_is_found(self):
        message = ferret.encode(SKETCH, '2bit')
        for bit in range(8 * len(message)):
            changed = bytearray(message)
            changed[bit // 8] ^= 1 << bit % 8
            with self.assertRaises(ferret.WireError):
                ferret.decode(changed)

    def test_every_shorter_and_a_longer_message_is_refused(self):
        message = ferret.encode(SKETCH, 'int16')
        for size in range(len(message)):
            with self.assertRaises(ferret.WireError):
                ferret.decode(message[:size])
        with self.assertRaises(ferret.WireError):
            ferret.decode(message + b'\0')
        self.assert_raises(ferret.Truncated, 'expected', ferret.decode, b'')
        self.assert_raises(ferret.UnsupportedVersion, 'expected', ferret.decode, b'x' * len(message))

    def test_a_claim_of_many_blocks_allocates_nothing(self):
        message = bytearray(ferret.encode(SKETCH))
        struct.pack_into('<I', message, 32, 2 ** 32 - 1)
        with self.assertRaises(ferret.WireError):
            ferret.decode(message)

    def test_coordinates_too_large_for_few_bits_are_refused(self):
        large = ferret.Sketch(SKETCH.seed, SKETCH.basis, 0, [2], [1e30, 1.0])
        self.assert_raises(ferret.NonFinite, 'coordinate', ferret.encode, large, '1bit')
        self.assertEqual(ferret.decode(ferret.encode(large)), large)


if __name__ == '__main__':
    main()
