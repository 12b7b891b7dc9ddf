"""What a federation agrees on."""

from support import TestCase, ferret, main

LAYOUT = ferret.Layout.per_tensor([300, 120])
OPTIONS = dict(basis='rademacher', seed=2 ** 64 - 1, sharing='per-client',
               refresh='fixed', up='int16', down='8bit')


class PlanTest(TestCase):
    def test_it_tells_what_it_was_told(self):
        plan = ferret.Plan(LAYOUT, ferret.NormShare(64), **OPTIONS)
        self.assertEqual((plan.layout, plan.budget, plan.basis, plan.seed),
                         (LAYOUT, ferret.NormShare(64), ferret.Rademacher(), 2 ** 64 - 1))
        self.assertEqual((plan.sharing, plan.refresh, plan.up, plan.down),
                         ('per-client', 'fixed', ferret.CoordinateFormat.INT16,
                          ferret.CoordinateFormat.EIGHT_BITS))

    def test_its_defaults_are_those_of_the_library(self):
        plan = ferret.Plan(LAYOUT, ferret.Uniform(64))
        self.assertEqual((plan.basis, plan.seed, plan.sharing, plan.refresh, plan.up, plan.down),
                         (ferret.SparseSign(), 0, 'shared', 'each-round', ferret.CoordinateFormat.ONE_BIT,
                          ferret.CoordinateFormat.ONE_BIT))

    def test_its_text_has_it_all_and_a_pickle_too(self):
        import pickle
        plan = ferret.Plan(LAYOUT, ferret.NormShare(64), **OPTIONS)
        self.assertEqual(repr(plan), 'Plan(Layout(420 parameters in 2 tensors, 2 blocks), '
                         f"Budget('norm-share', 64), Basis('rademacher'), seed={2 ** 64 - 1}, "
                         "sharing='per-client', refresh='fixed', up='int16', down='8bit')")
        again = pickle.loads(pickle.dumps(plan))
        self.assertEqual(repr(again), repr(plan))
        self.assertEqual(again.layout, LAYOUT)

    def test_seeds_are_shared_and_refreshed_as_it_says(self):
        budget = ferret.Uniform(64)
        plan = ferret.Plan(LAYOUT, budget, seed=5)
        self.assertEqual(plan.seed_of(3, 1), ferret.Seed(5, 3))
        self.assertEqual(plan.seed_of(3, 2), ferret.Seed(5, 3))
        fixed = ferret.Plan(LAYOUT, budget, seed=5, refresh='fixed')
        self.assertEqual(fixed.seed_of(3, 1), ferret.Seed(5, 0))
        self.assertEqual(ferret.Plan(LAYOUT, budget, seed=5, sharing='per-client').seed_of(3, 1),
                         ferret.Seed(5, 3).derive(1))

    def test_others_are_refused(self):
        for option, text in (('sharing', "sharing: expected one of shared per-client, got 'x'"),
                             ('refresh', "refresh: expected one of each-round fixed, got 'x'"),
                             ('up', "got 'x'"), ('down', "got 'x'"), ('basis', "got 'x'")):
            self.assert_raises(ferret.UnknownName, text, ferret.Plan, LAYOUT, ferret.Uniform(64),
                               **{option: 'x'})
        self.assert_raises(ferret.InvalidBudget, 'got 421', ferret.Plan, LAYOUT, ferret.Uniform(421))


if __name__ == '__main__':
    main()
