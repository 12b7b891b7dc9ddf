"""How far a server follows a noisy update."""

from support import TestCase, answer, ferret, first_model, main, small_plan


class NoiseTest(TestCase):
    def test_noise_is_that_of_the_plan(self):
        # Shared bases: d / K (1 + h q / m) - 1, with q = 0 of float32; bases of their own: h / m (d / K - 1).
        self.assertAlmostEqual(ferret.round_noise(small_plan(), 4), 420 / 64 - 1)
        own = small_plan(sharing='per-client')
        self.assertAlmostEqual(ferret.round_noise(own, 4, unlikeness=2), (420 / 64 - 1) / 2)

    def test_damping_is_less_the_more_noise(self):
        self.assertEqual(ferret.damping(0, 1_200_000), 1)
        self.assertAlmostEqual(ferret.damping(1000, 1_200_000), 0.5)

    def test_unlikeness_is_told_from_messages(self):
        plan, model = small_plan(), first_model()
        alike = ferret.decode_update(answer(plan, model, 1, 1)).sketch
        self.assertAlmostEqual(ferret.round_unlikeness(plan, [alike, alike]), 1)
        self.assertEqual(ferret.round_unlikeness(plan, [alike, alike.scaled(-1)]), 2)
        self.assert_raises(ferret.SketchMismatch, 'expected sketches, got none',
                           ferret.round_unlikeness, plan, [])
        other = ferret.Plan(ferret.Layout.per_tensor([420]), ferret.Uniform(64))
        with self.assertRaises(ferret.LayoutMismatch):
            ferret.round_unlikeness(other, [alike])


if __name__ == '__main__':
    main()
