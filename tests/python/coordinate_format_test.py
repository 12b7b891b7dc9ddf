"""Coordinate formats by class and by name."""

from support import TestCase, ferret, main, update_of

NAMES = {'1bit': ferret.CoordinateFormat.ONE_BIT, '2bit': ferret.CoordinateFormat.TWO_BITS,
         '3bit': ferret.CoordinateFormat.THREE_BITS, '4bit': ferret.CoordinateFormat.FOUR_BITS,
         '8bit': ferret.CoordinateFormat.EIGHT_BITS, 'int16': ferret.CoordinateFormat.INT16,
         'float32': ferret.CoordinateFormat.FLOAT32}


class CoordinateFormatTest(TestCase):
    def test_a_name_stands_for_its_format(self):
        self.assertEqual(set(NAMES.values()), set(ferret.CoordinateFormat))
        layout = ferret.Layout.per_tensor([500])
        sketch = ferret.Projector(layout, 'sparse-sign', ferret.Uniform(64))(update_of(500), ferret.Seed(1))
        sizes = {name: len(ferret.encode(sketch, name)) for name in NAMES}
        self.assertEqual(sizes, {name: len(ferret.encode(sketch, format)) for name, format in NAMES.items()})
        self.assertEqual(sorted(sizes, key=sizes.get), list(NAMES))
        for name, size in sizes.items():
            self.assertEqual(ferret.encoded_size([64], name), size)

    def test_others_are_refused(self):
        self.assert_raises(ferret.UnknownName, "float32, got '5bit'", ferret.encoded_size, [64], '5bit')
        self.assert_raises(TypeError, 'expected a CoordinateFormat or a name, got int',
                           ferret.encoded_size, [64], 1)


if __name__ == '__main__':
    main()
