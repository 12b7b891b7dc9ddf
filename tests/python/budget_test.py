"""Budget rules, and the budget for so many bytes."""

from support import TestCase, ferret, main


class BudgetTest(TestCase):
    def test_rules_have_the_names_of_the_library(self):
        rules = {'uniform': ferret.Uniform, 'proportional': ferret.Proportional, 'norm-share': ferret.NormShare,
                 'minimum-error': ferret.MinimumError}
        for name, rule in rules.items():
            budget, looks = rule(4096), name in ('norm-share', 'minimum-error')
            self.assertEqual((budget.rule, budget.total, budget.depends_on_update), (name, 4096, looks))
            self.assertEqual(budget, ferret.Budget(name, 4096))
        self.assertEqual(repr(ferret.Uniform(8)), "Budget('uniform', 8)")

    def test_it_is_a_value(self):
        others = ferret.Uniform(9), ferret.NormShare(8)
        self.assert_value(ferret.Uniform(8), ferret.Budget('uniform', 8), *others)

    def test_others_are_refused(self):
        self.assert_raises(ferret.UnknownName, "minimum-error, got 'norm'", ferret.Budget, 'norm', 8)
        layout = ferret.Layout.per_tensor([10, 10])
        for total in (3, 21):
            self.assert_raises(ferret.InvalidBudget, f'got {total}', ferret.Projector, layout, 'gaussian',
                               ferret.Uniform(total))
        self.assert_raises(TypeError, 'budget: expected a Budget, such as Uniform(4096), got int',
                           ferret.Projector, layout, 'gaussian', 8)
        with self.assertRaises(TypeError):
            ferret.Uniform(-1)

    def test_expected_bases_spend_the_budget(self):
        layout = ferret.Layout.per_tensor([1000, 500, 1])
        self.assertEqual(ferret.Uniform(31).expected_bases(layout), [15, 15, 1])
        self.assertEqual(sum(ferret.MinimumError(31).expected_bases(layout)), 31)

    def test_for_bytes_it_is_the_largest_that_fits(self):
        layout = ferret.Layout.per_tensor([60000, 30000])
        for format, step in (('1bit', 32), ('int16', 1), (ferret.CoordinateFormat.FLOAT32, 1)):
            for rule in ('uniform', 'norm-share'):
                budget = ferret.budget_for_bytes(layout, 1000, format, rule)
                self.assertEqual(budget.rule, rule)
                more = ferret.Budget(rule, budget.total + step)
                self.assertLessEqual(ferret.encoded_size(budget.expected_bases(layout), format), 1000)
                self.assertGreater(ferret.encoded_size(more.expected_bases(layout), format), 1000)
        self.assert_raises(ferret.InvalidBudget,
                           'bytes: expected room for the fewest coordinates of 2 blocks, got 10',
                           ferret.budget_for_bytes, layout, 10)
        self.assert_raises(ferret.UnknownName, "got 'x'", ferret.budget_for_bytes, layout, 1000, '1bit', 'x')
        self.assert_raises(ferret.UnknownName, "got '5bit'", ferret.budget_for_bytes, layout, 1000, '5bit')


if __name__ == '__main__':
    main()
