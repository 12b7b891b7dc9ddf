"""Projector, Reconstructor and fingerprints; the bits are golden_test.py's."""

from support import TestCase, copy_of, ferret, main, np, same_bits, update_of

LAYOUT = ferret.Layout.per_tensor([3000, 1000])
BASES = ['truncated-normal', 'truncated-normal-32', 'gaussian', 'rademacher', 'sparse-sign']


def model_of(stream):
    return [update_of(3000, stream), update_of(1000, stream)]


class ProjectionTest(TestCase):
    def test_before_and_after_give_the_sketch_of_their_difference(self):
        before, after = model_of(1), model_of(2)
        delta = [a - b for a, b in zip(before, after)]
        for basis in BASES:
            project = ferret.Projector(LAYOUT, basis, ferret.NormShare(64))
            self.assertEqual(project(before, after, ferret.Seed(3)), project(delta, seed=ferret.Seed(3)))
        self.assertEqual(project.layout, LAYOUT)

    def test_the_update_comes_back_in_place(self):
        # With a coordinate for every element SparseSign's bases span the space: scale 1 adds the update.
        layout = ferret.Layout.per_tensor([64])
        delta, model = update_of(64), np.zeros(64, np.float32)
        sketch = ferret.Projector(layout, 'sparse-sign', ferret.Uniform(64))(delta, ferret.Seed(1))
        address = model.ctypes.data
        ferret.Reconstructor(layout, 'sparse-sign')(sketch, model, 1)
        self.assertEqual(model.ctypes.data, address)
        np.testing.assert_array_equal(model, delta)

    def test_bases_may_be_given_block_by_block(self):
        project = ferret.Projector(LAYOUT, 'sparse-sign', ferret.Uniform(64))
        delta, seed = model_of(1), ferret.Seed(1)
        self.assertEqual(project.with_bases(delta, [32, 32], seed), project(delta, seed))
        self.assertEqual(project.with_bases(delta, [5, 90], seed).bases_per_block, [5, 90])
        for error, bases in ((ferret.LayoutMismatch, [64]), (ferret.InvalidBudget, [3001, 2]),
                             (ferret.InvalidBudget, [0, 2])):
            self.assert_raises(error, 'expected', project.with_bases, delta, bases, seed)

    def test_several_sketches_are_rebuilt_together(self):
        project = ferret.Projector(LAYOUT, 'rademacher', ferret.Uniform(8))
        sketches = [project(model_of(client), ferret.Seed(7).derive(client)) for client in range(3)]
        reconstruct = ferret.Reconstructor(LAYOUT, 'rademacher')
        together = [np.zeros(3000), np.zeros(1000)]
        reconstruct(tuple(sketches), together, scale=0.5)
        one_by_one = [np.zeros(3000), np.zeros(1000)]
        for sketch in sketches:
            reconstruct(sketch, one_by_one, scale=0.5)
        for tensor, other in zip(together, one_by_one):
            # Each of the 3 x 4 terms of an element is rounded to float once more at most in either order.
            bound = 24 * 2.0 ** -24 * sum(np.abs(sketch.coordinates).max() for sketch in sketches) * 4
            self.assertLess(np.abs(tensor - other).max(), bound)
            self.assertGreater(np.abs(tensor).max(), 100 * bound)

    def test_errors_leave_the_model_as_it_was(self):
        model, kept = model_of(1), model_of(1)
        sketch = ferret.Projector(LAYOUT, 'gaussian', ferret.Uniform(8))(model_of(2), ferret.Seed(1))
        reconstruct = ferret.Reconstructor(LAYOUT, 'gaussian')
        self.assert_raises(ferret.SketchMismatch, 'expected basis sparse-sign, got gaussian',
                           ferret.Reconstructor(LAYOUT, 'sparse-sign'), sketch, model, 1)
        other = ferret.Layout.per_tensor([4000])
        self.assert_raises(ferret.LayoutMismatch, 'layout',
                           ferret.Reconstructor(other, 'gaussian'), sketch, model, 1)
        self.assert_raises(ferret.LayoutMismatch, 'expected 2, got 1', reconstruct, sketch, model[:1], 1)
        self.assert_raises(ferret.NonFinite, 'expected a finite scale',
                           reconstruct, sketch, model, float('nan'))
        self.assert_raises(TypeError, 'sketches: expected a Sketch or a sequence of them, got str',
                           reconstruct, 'x', model, 1)
        self.assertTrue(same_bits(model, kept))

    def test_tensors_that_share_memory_are_refused(self):
        layout, memory = ferret.Layout.per_tensor([50, 50]), update_of(80)
        sketch = ferret.Projector(layout, 'gaussian', ferret.Uniform(8))([update_of(50)] * 2, ferret.Seed(1))
        self.assert_raises(ferret.LayoutMismatch,
                           'model: expected tensors with memory of their own, got tensors 0 and 1',
                           ferret.Reconstructor(layout, 'gaussian'), sketch, [memory[:50], memory[30:]], 1)

    def test_what_is_not_finite_is_named(self):
        delta = model_of(1)
        delta[1][77] = np.inf
        project = ferret.Projector(LAYOUT, 'sparse-sign', ferret.Uniform(64))
        self.assert_raises(ferret.NonFinite, 'tensor 1, index 77', project, delta, ferret.Seed(1))

    def test_a_fingerprint_shows_one_changed_bit(self):
        model = model_of(1)
        fingerprint = ferret.model_fingerprint(LAYOUT, model)
        self.assertEqual(ferret.model_fingerprint(LAYOUT, copy_of(model)), fingerprint)
        model[1].view(np.uint32)[999] ^= 1
        self.assertNotEqual(ferret.model_fingerprint(LAYOUT, model), fingerprint)


if __name__ == '__main__':
    main()
