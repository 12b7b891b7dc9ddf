"""What bases are regenerated from."""

from support import TestCase, ferret, main


class SeedTest(TestCase):
    def test_it_is_a_value(self):
        largest = 2 ** 64 - 1
        others = ferret.Seed(1, 7), ferret.Seed(1)
        self.assert_value(ferret.Seed(largest, round=7), ferret.Seed(largest, 7), *others)
        self.assertEqual(repr(ferret.Seed(42, 1)), 'Seed(42, 1)')
        self.assertEqual(ferret.Seed(42).round, 0)

    def test_derived_ones_keep_the_round_and_differ(self):
        derived = [ferret.Seed(42, 3).derive(stream) for stream in range(100)]
        self.assertEqual({seed.round for seed in derived}, {3})
        self.assertEqual(len({seed.value for seed in derived}), 100)
        self.assertEqual(derived[5], ferret.Seed(42, 3).derive(5))

    def test_integers_of_64_bits_are_asked_for(self):
        for value in (-1, 2 ** 64, 1.5, 'a'):
            with self.assertRaises(TypeError):
                ferret.Seed(value)


if __name__ == '__main__':
    main()
