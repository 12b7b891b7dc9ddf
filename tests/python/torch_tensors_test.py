"""PyTorch's tensors and Parameters, read and written where they lie."""

import pathlib
import sys

from support import TestCase, ferret, main, np, update_of

try:
    import torch
except ImportError as error:
    print(f'skipped: PyTorch is needed ({error})')
    sys.exit(77)

GOLDEN = pathlib.Path(__file__).parents[1] / 'golden/model-fingerprint.txt'
LAYOUT = ferret.Layout.per_tensor([60, 40])
PROJECT = ferret.Projector(LAYOUT, 'gaussian', ferret.Uniform(8))
SKETCH = PROJECT([update_of(60), update_of(40)], ferret.Seed(1))


def rebuild(model, scale=1.0):
    ferret.Reconstructor(LAYOUT, 'gaussian')(SKETCH, model, scale)


def numbers(stream=5):
    return [update_of(60, stream).reshape(6, 10), update_of(40, stream)]


def fingerprint(model):
    return ferret.model_fingerprint(LAYOUT, model)


class TorchTensorsTest(TestCase):
    def test_a_module_s_parameters_are_written_in_place(self):
        module = torch.nn.ParameterList([torch.nn.Parameter(torch.tensor(tensor)) for tensor in numbers()])
        addresses = [parameter.data_ptr() for parameter in module.parameters()]
        expected = numbers()
        rebuild(expected)
        rebuild(module.parameters())
        for parameter, address, tensor in zip(module.parameters(), addresses, expected):
            self.assertTrue(parameter.requires_grad)
            self.assertEqual(parameter.data_ptr(), address)
            np.testing.assert_array_equal(parameter.detach().numpy(), tensor)

    def test_a_gradient_may_hang_on_them(self):
        parameter = torch.nn.Parameter(torch.tensor(update_of(100)))
        (parameter ** 2).sum().backward()
        layout = ferret.Layout.per_tensor([100])
        self.assertEqual(ferret.model_fingerprint(layout, parameter),
                         ferret.model_fingerprint(layout, update_of(100)))
        self.assertIsNotNone(parameter.grad)

    def test_bfloat16_is_read_and_written_by_its_bits(self):
        model = [torch.tensor(tensor).bfloat16() for tensor in numbers()]
        addresses = [tensor.data_ptr() for tensor in model]
        # In float, and then rounded to nearest even, which is PyTorch's rounding too.
        exact = [tensor.float().numpy() for tensor in model]
        # Read without a copy: a delta of bfloat16 is projected as the floats that it stands for.
        self.assertEqual(PROJECT(model, ferret.Seed(2)), PROJECT(exact, ferret.Seed(2)))
        rebuild(exact)
        rebuild(model)
        for tensor, address, expected in zip(model, addresses, exact):
            self.assertEqual(tensor.data_ptr(), address)
            self.assertTrue(torch.equal(tensor, torch.tensor(expected).bfloat16()))

    def test_a_change_of_one_bit_of_bfloat16_shows(self):
        model = [torch.tensor(tensor).bfloat16() for tensor in numbers()]
        before = fingerprint(model)
        model[1].view(torch.int16)[39] ^= 1
        self.assertNotEqual(fingerprint(model), before)

    def test_bfloat16_has_the_golden_fingerprints(self):
        i = np.arange(5000, dtype=np.int64)
        update = (i * 7919 % 2003 - 1001).astype(np.float32) / np.float32(1000)
        lines = [line.split() for line in GOLDEN.read_text().splitlines() if 'bfloat16' in line]
        self.assertEqual(len(lines), 3)
        for _, _, size, fingerprint in lines:
            layout = ferret.Layout.per_tensor([int(size)])
            found = ferret.model_fingerprint(layout, torch.tensor(update[:int(size)]).bfloat16())
            self.assertEqual(f'{found:016x}', fingerprint)

    def test_float16_and_float64_are_those_of_numpy(self):
        for dtype in (torch.float16, torch.float64):
            model = [torch.tensor(tensor).to(dtype) for tensor in numbers()]
            same = [tensor.numpy().copy() for tensor in model]
            self.assertEqual(fingerprint(model), fingerprint(same))
            rebuild(model)
            rebuild(same)
            for tensor, other in zip(model, same):
                np.testing.assert_array_equal(tensor.numpy(), other)

    def test_a_client_reads_what_training_left(self):
        plan = ferret.Plan(LAYOUT, ferret.Uniform(16))
        before = numbers()
        module = torch.nn.ParameterList([torch.nn.Parameter(torch.tensor(tensor)) for tensor in before])
        optimizer = torch.optim.SGD(module.parameters(), lr=0.1)
        sum((parameter ** 2).sum() for parameter in module.parameters()).backward()
        optimizer.step()
        after = [parameter.detach().numpy() for parameter in module.parameters()]
        update = ferret.Client(plan, 3)(1, before, module.parameters())
        self.assertEqual(update, ferret.Client(plan, 3)(1, before, after))
        self.assertNotEqual(update, ferret.Client(plan, 3)(1, before, before))

    def test_what_is_not_contiguous_is_refused(self):
        model = [torch.zeros(10, 6).t(), torch.zeros(40)]
        self.assert_raises(TypeError,
                           'model: tensor 0: expected contiguous memory in C order, got strides (1, 6)',
                           rebuild, model)
        self.assert_raises(TypeError, 'tensor 1: expected contiguous', fingerprint,
                           [torch.zeros(60), torch.zeros(1).expand(40)])

    def test_other_kinds_are_refused(self):
        good = torch.zeros(40)
        self.assert_raises(TypeError,
                           'tensor 0: expected dtype float32, float64, float16 or bfloat16, got torch.int64',
                           fingerprint, [torch.zeros(60, dtype=torch.int64), good])
        for odd in (torch.zeros(60, device='meta'), torch.zeros(60).to_sparse()):
            self.assert_raises(TypeError, 'tensor 0: expected a tensor', fingerprint, [odd, good])

    def test_a_gpu_s_memory_is_refused(self):
        class OnDevice(torch.Tensor):
            device = 'cuda:0'

            def __dlpack_device__(self):
                return 2, 0
        tensors = [torch.zeros(60).as_subclass(OnDevice)]
        if torch.cuda.is_available():
            tensors.append(torch.zeros(60, device='cuda'))
        for tensor in tensors:
            self.assert_raises(TypeError, 'tensor 0: expected a tensor in the processor', fingerprint,
                               [tensor, torch.zeros(40)])


if __name__ == '__main__':
    main()
