"""What counts as a tensor, and that it is read and written where it lies."""

import array

from support import TestCase, ferret, main, np, update_of

ONE = ferret.Layout.per_tensor([64])
SKETCH = ferret.Projector(ONE, 'gaussian', ferret.Uniform(4))(update_of(64), ferret.Seed(1))


def fingerprint(model, layout=ONE):
    return ferret.model_fingerprint(layout, model)


def rebuild(model):
    ferret.Reconstructor(ONE, 'gaussian')(SKETCH, model, 1.0)


class OnDevice:
    """A tensor in a GPU's memory, as far as one gets to see of it."""

    device = 'cuda:1'

    def __dlpack_device__(self):
        return 2, 1

    def __dlpack__(self, **options):
        raise AssertionError('its memory was asked for')


class Exporting:
    """A tensor of another library's, known by DLPack alone."""

    def __init__(self, array):
        self.array = array

    def __dlpack_device__(self):
        return self.array.__dlpack_device__()

    def __dlpack__(self, **options):
        return self.array.__dlpack__(**options)


class TensorsTest(TestCase):
    def test_tensors_may_come_in_any_iterable(self):
        layout, model = ferret.Layout.per_tensor([3, 64]), [update_of(3), update_of(64)]
        expected = fingerprint(model, layout)
        named = dict(enumerate(model))
        for tensors in (tuple(model), iter(model), (tensor for tensor in model), named.values()):
            self.assertEqual(fingerprint(tensors, layout), expected)
        self.assertEqual(fingerprint(model[1]), fingerprint([model[1]]))
        self.assertEqual(fingerprint(model[1].reshape(4, 1, 16)), fingerprint(model[1]))
        self.assertEqual(fingerprint(model[1].reshape(16, 4).T.T), fingerprint(model[1]))

    def test_tensors_of_others_are_taken_by_dlpack_or_buffer(self):
        model = update_of(64)
        for other in (memoryview(model), array.array('f', model), Exporting(model)):
            self.assertEqual(fingerprint(other), fingerprint(model))

    def test_every_storage_type_is_written_in_place(self):
        for dtype in (np.float16, np.float32, np.float64):
            model = update_of(64).astype(dtype)
            kept, address = model.copy(), model.ctypes.data
            rebuild(model)
            self.assertEqual(model.ctypes.data, address)
            expected = kept.astype(np.float64)
            rebuild(expected)
            # In float or double, then rounded to the type: off by at most a unit in the last place.
            np.testing.assert_allclose(model.astype(np.float64), expected, rtol=float(np.finfo(dtype).eps),
                                       atol=float(np.finfo(np.float32).eps) * np.abs(kept).max())
            self.assertFalse(np.array_equal(model, kept))

    def test_a_view_is_written_and_nothing_beside_it(self):
        memory = update_of(100)
        kept = memory.copy()
        rebuild(memory[20:84])
        expected = kept[20:84].copy()
        rebuild(expected)
        np.testing.assert_array_equal(memory, np.concatenate([kept[:20], expected, kept[84:]]))

    def test_an_argument_lives_no_longer_than_the_call(self):
        import sys
        model = update_of(64)
        references = sys.getrefcount(model)
        fingerprint([model])
        rebuild(model)
        self.assertEqual(sys.getrefcount(model), references)

    def test_read_only_memory_is_read_and_not_written(self):
        model = update_of(64)
        expected = fingerprint(model)
        model.flags.writeable = False
        frozen = memoryview(model.tobytes()).cast('f')
        for tensor in (model, frozen, np.frombuffer(frozen, np.float32)):
            self.assertEqual(fingerprint(tensor), expected)
            self.assert_raises(TypeError, 'model: expected a writable tensor, got a read-only one',
                               rebuild, tensor)
        self.assertEqual(fingerprint(model), expected)

    def test_memory_that_is_not_contiguous_is_refused(self):
        model = update_of(128)
        self.assert_raises(TypeError, 'model: expected contiguous memory in C order, got strides (2)',
                           fingerprint, model[::2])
        self.assert_raises(TypeError,
                           'model: tensor 0: expected contiguous memory in C order, got strides (1, 16)',
                           fingerprint, [model[:64].reshape(4, 16).T])
        self.assert_raises(TypeError, 'contiguous', fingerprint, model[:64][::-1])

    def test_other_types_are_refused(self):
        for dtype in (np.int32, np.uint16, np.bool_, np.complex64, np.longdouble, '>f4'):
            self.assert_raises(TypeError, 'model: ', fingerprint, np.zeros(64, dtype))
        self.assert_raises(TypeError, 'expected dtype float32, float64, float16 or bfloat16, got int32',
                           fingerprint, [np.zeros(64, np.int32)])
        self.assert_raises(TypeError, 'expected dtype', fingerprint, bytes(64))

    def test_memory_between_two_elements_is_refused(self):
        crooked = np.frombuffer(bytearray(257), np.float32, count=64, offset=1)
        self.assert_raises(TypeError, 'expected memory aligned to its elements', fingerprint, crooked)

    def test_memory_of_a_device_is_refused(self):
        self.assert_raises(TypeError, "model: tensor 1: expected a tensor in the processor's memory, "
                           'got one on device cuda:1', fingerprint, [update_of(64), OnDevice()])

    def test_what_is_no_tensor_is_refused(self):
        self.assert_raises(TypeError, 'model: expected a tensor or an iterable of tensors, got int',
                           fingerprint, 3)
        self.assert_raises(TypeError, 'model: tensor 0: expected a NumPy array, a PyTorch tensor or another '
                           'with DLPack, got float', fingerprint, [1.0, 2.0])
        self.assert_raises(TypeError, 'got str', fingerprint, {'weight': update_of(64)})
        with self.assertRaises(TypeError):
            fingerprint(None)

    def test_an_iterable_s_own_error_comes_through(self):
        def broken():
            yield update_of(64)
            raise KeyError('weights')
        with self.assertRaises(KeyError):
            fingerprint(broken())

    def test_each_argument_is_named(self):
        project = ferret.Projector(ONE, 'gaussian', ferret.Uniform(4))
        self.assert_raises(TypeError, 'before: ', project, 1, update_of(64), ferret.Seed(1))
        self.assert_raises(TypeError, 'after: ', project, update_of(64), 1, ferret.Seed(1))
        self.assert_raises(TypeError, 'delta: ', project, 1, ferret.Seed(1))


if __name__ == '__main__':
    main()
