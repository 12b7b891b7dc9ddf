"""Basis families by class and by name."""

from support import TestCase, ferret, main

NAMES = ['truncated-normal', 'truncated-normal-32', 'gaussian', 'rademacher', 'sparse-sign']


class BasisTest(TestCase):
    def test_families_have_the_names_of_the_library(self):
        families = [ferret.TruncatedNormal(), ferret.TruncatedNormal(32), ferret.Gaussian(),
                    ferret.Rademacher(), ferret.SparseSign()]
        self.assertEqual([family.name for family in families], NAMES)
        self.assertEqual(families, [ferret.Basis(name) for name in NAMES])
        self.assertEqual([family.is_sparse for family in families], [False] * 4 + [True])
        self.assertEqual(ferret.TruncatedNormal(16), ferret.TruncatedNormal())

    def test_it_is_a_value(self):
        self.assert_value(ferret.SparseSign(), ferret.Basis('sparse-sign'), ferret.Gaussian())
        self.assertEqual(repr(ferret.SparseSign()), "Basis('sparse-sign')")

    def test_others_are_refused_by_name(self):
        self.assert_raises(ferret.UnknownName, "sparse-sign, got 'sparse'", ferret.Basis, 'sparse')
        self.assert_raises(ValueError, 'expected 16 or 32, got 8', ferret.TruncatedNormal, 8)
        layout = ferret.Layout.per_tensor([10])
        self.assert_raises(ferret.UnknownName, "got 'x'", ferret.Reconstructor, layout, 'x')
        self.assert_raises(TypeError, 'basis: expected a Basis or a name, got int',
                           ferret.Reconstructor, layout, 5)


if __name__ == '__main__':
    main()
