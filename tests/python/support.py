"""What the tests of the Python package have in common. To import it skips the file where NumPy is missing."""

import sys
import unittest

try:
    import numpy as np
except ImportError as error:
    print(f'skipped: NumPy is needed ({error})')
    sys.exit(77)

import ferret


def update_of(size, stream=0):
    """Float32 numbers that look random, other ones for each stream."""
    return np.random.default_rng([size, stream]).standard_normal(size, dtype=np.float32)


def small_plan(**options):
    """Of a model of 300 and 120 parameters, without rounding unless the options say otherwise."""
    settings = {'seed': 42, 'up': 'float32', 'down': 'float32', **options}
    return ferret.Plan(ferret.Layout.per_tensor([300, 120]), ferret.Uniform(64), **settings)


def first_model():
    return [update_of(300, 1), update_of(120, 2)]


def trained(model, round_number, client):
    """What a client's training makes of the model; another for every round and client."""
    return [tensor - update_of(tensor.size, 10 * round_number + client) / 16 for tensor in model]


def answer(plan, model, round_number, client, examples=1):
    after = trained(model, round_number, client)
    return ferret.Client(plan, client)(round_number, model, after, examples)


def copy_of(model):
    return [tensor.copy() for tensor in model]


def same_bits(model, other):
    return [tensor.tobytes() for tensor in model] == [tensor.tobytes() for tensor in other]


class TestCase(unittest.TestCase):
    """With the tests that every value's binding gets."""

    def assert_value(self, value, same, *others):
        """Equality, hash, and pickles of a value that does not change."""
        import copy
        import pickle
        self.assertEqual(value, same)
        self.assertEqual(hash(value), hash(same))
        self.assertEqual(value, pickle.loads(pickle.dumps(value)))
        self.assertEqual(value, copy.deepcopy(value))
        for other in others:
            self.assertNotEqual(value, other)
        self.assertNotEqual(value, 'of another type')

    def assert_raises(self, error, text, call, *arguments, **options):
        """The error's class is the one named, not one below it, and its message has the text."""
        with self.assertRaises(error) as raised:
            call(*arguments, **options)
        self.assertIs(type(raised.exception), error)
        self.assertIn(text, str(raised.exception))


main = unittest.main
