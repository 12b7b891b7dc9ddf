"""How tensors are cut into blocks."""

from support import TestCase, ferret, main, np

SIZES = [100, 200, 60, 40, 500]


class LayoutTest(TestCase):
    def test_blocks_are_cut_by_each_rule(self):
        self.assertEqual(ferret.Layout.per_tensor(SIZES).block_sizes, SIZES)
        self.assertEqual(ferret.Layout.uniform(SIZES, 400).block_sizes, [400, 400, 100])
        self.assertEqual(ferret.Layout.grouped([100, 10, 20, 100, 100]).block_sizes, [100, 30, 100, 100])

    def test_it_tells_its_sizes(self):
        layout = ferret.Layout.uniform(SIZES, 400)
        self.assertEqual((layout.parameters, layout.blocks, layout.tensor_sizes), (900, 3, SIZES))
        self.assertEqual(repr(layout), 'Layout(900 parameters in 5 tensors, 3 blocks)')

    def test_the_fingerprint_is_that_of_the_block_sizes(self):
        # The golden files have this one.
        self.assertEqual(ferret.Layout.per_tensor([5, 12, 300, 9000]).fingerprint, 0x4ba597215d4c066a)
        self.assertEqual(ferret.Layout.uniform([3, 5], 4).fingerprint,
                         ferret.Layout.per_tensor([4, 4]).fingerprint)

    def test_it_is_a_value(self):
        per_tensor, uniform, grouped = ferret.Layout.per_tensor, ferret.Layout.uniform, ferret.Layout.grouped
        for layout, same in ((per_tensor(SIZES), per_tensor(np.array(SIZES))),
                             (uniform(SIZES, 400), uniform(tuple(SIZES), 400)),
                             (grouped([9, 1, 2, 9]), grouped([9, 1, 2, 9])),
                             (per_tensor([2, 3], ['a', 'b']), per_tensor([2, 3], ['a', 'b']))):
            self.assert_value(layout, same, per_tensor([7, 7]), per_tensor([7, 7], ['a', 'b']))
        self.assertNotEqual(ferret.Layout.per_tensor([7, 7]), ferret.Layout.uniform([14], 7))
        self.assertEqual(ferret.Layout.per_tensor([2, 3], ['a', 'b']).names, ['a', 'b'])

    def test_what_describes_no_model_is_refused(self):
        for sizes in ([], [3, 0]):
            with self.assertRaises(ferret.InvalidLayout):
                ferret.Layout.per_tensor(sizes)
        with self.assertRaises(ferret.InvalidLayout):
            ferret.Layout.uniform([3], 0)
        with self.assertRaises(TypeError):
            ferret.Layout.per_tensor([-1])
        with self.assertRaises(ferret.LayoutMismatch):
            ferret.Layout.per_tensor([3, 4], ['one'])

    def test_names_stand_in_errors(self):
        layout = ferret.Layout.per_tensor([3, 4], ['embed', 'head'])
        model = [np.zeros(3, np.float32), np.zeros(5, np.float32)]
        self.assert_raises(ferret.LayoutMismatch, 'tensor 1 (head): expected 4 elements, got 5',
                           ferret.model_fingerprint, layout, model)


if __name__ == '__main__':
    main()
