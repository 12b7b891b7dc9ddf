"""Updates in coordinates."""

from support import TestCase, ferret, main, np, update_of

LAYOUT = ferret.Layout.per_tensor([300, 120])


def sketch_of(stream, basis='sparse-sign', seed=ferret.Seed(42, 1)):
    delta = [update_of(300, stream), update_of(120, stream)]
    return ferret.Projector(LAYOUT, basis, ferret.Uniform(32))(delta, seed)


class SketchTest(TestCase):
    def test_it_tells_what_it_is(self):
        sketch = sketch_of(1)
        self.assertEqual((sketch.seed, sketch.basis, sketch.layout_fingerprint, sketch.bases_per_block),
                         (ferret.Seed(42, 1), ferret.SparseSign(), LAYOUT.fingerprint, [16, 16]))
        self.assertEqual(repr(sketch), "Sketch(32 coordinates in 2 blocks, basis 'sparse-sign', Seed(42, 1))")

    def test_its_coordinates_are_a_view_that_cannot_be_written(self):
        sketch = sketch_of(1)
        coordinates = sketch.coordinates
        self.assertEqual((coordinates.dtype, coordinates.shape), (np.float32, (32,)))
        self.assertEqual(coordinates.ctypes.data, sketch.coordinates.ctypes.data)
        with self.assertRaises(ValueError):
            coordinates[0] = 1
        kept = coordinates.tobytes()
        del sketch  # the view keeps it
        self.assertEqual(coordinates.tobytes(), kept)

    def test_it_is_a_value(self):
        sketch = sketch_of(1)
        again = ferret.Sketch(sketch.seed, sketch.basis, sketch.layout_fingerprint, sketch.bases_per_block,
                              sketch.coordinates)
        self.assert_value(sketch, again, sketch_of(2), sketch.scaled(2))

    def test_parts_that_contradict_each_other_are_refused(self):
        make = lambda bases, coordinates: ferret.Sketch(ferret.Seed(1), 'gaussian', 0, bases, coordinates)
        self.assert_raises(ferret.SketchMismatch, 'sketch: ', make, [2, 1], [1.0, 2.0])
        self.assert_raises(ferret.SketchMismatch, 'sketch: ', make, [2, 0], [1.0, 2.0])
        self.assert_raises(ferret.NonFinite, 'sketch: ', make, [2], [1.0, float('nan')])

    def test_scaling_makes_another(self):
        sketch = sketch_of(1)
        before = sketch.coordinates.copy()
        scaled = sketch.scaled(-0.5)
        np.testing.assert_array_equal(scaled.coordinates, before * np.float32(-0.5))
        np.testing.assert_array_equal(sketch.coordinates, before)
        for factor in (float('inf'), float('nan'), 3e38):
            with self.assertRaises(ferret.NonFinite):
                sketch.scaled(factor)

    def test_sums_add_coordinates_in_double(self):
        sketches = [sketch_of(stream) for stream in range(3)]
        weights = [0.25, 2.0, -1.0]
        total = np.zeros(32)
        for sketch, weight in zip(sketches, weights):
            total += weight * sketch.coordinates.astype(np.float64)
        np.testing.assert_array_equal(ferret.sum(sketches, weights).coordinates, total.astype(np.float32))
        self.assertEqual(ferret.sum(sketches[:1]), sketches[0])
        self.assertTrue(ferret.can_add(sketches))

    def test_sketches_that_do_not_add_are_refused(self):
        first, other = sketch_of(1), sketch_of(1, seed=ferret.Seed(42, 2))
        self.assertFalse(ferret.can_add([first, other]))
        self.assert_raises(ferret.SketchMismatch, 'round', ferret.sum, [first, other])
        self.assert_raises(ferret.SketchMismatch, 'expected', ferret.sum, [])
        self.assert_raises(ferret.SketchMismatch, 'expected', ferret.sum, [first], [1.0, 2.0])
        with self.assertRaises(TypeError):
            ferret.sum([first, 'sketch'])


if __name__ == '__main__':
    main()
