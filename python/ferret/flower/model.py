"""A model as Flower has it: named arrays in their order."""

import hashlib
import json

import ferret
import numpy
from flwr.app import Array, ArrayRecord

DTYPES = ('float16', 'float32', 'float64')


class Model:
    """Names and arrays, which ferret reads and writes in place.

    names: a list of str; arrays: as many writable NumPy arrays, C-contiguous, of DTYPES.
    Raises ferret.LayoutMismatch for an array of another dtype or none at all.
    """

    def __init__(self, names, arrays):
        self.names = list(names)
        self.arrays = list(arrays)
        if not self.arrays:
            raise ferret.LayoutMismatch('model: expected arrays, got none')
        for name, array in zip(self.names, self.arrays):
            if array.dtype.name not in DTYPES or not array.dtype.isnative:
                raise ferret.LayoutMismatch(f'model: expected {", ".join(DTYPES)}, got {array.dtype} in {name!r}')

    @classmethod
    def of(cls, record, like=None):
        """The model in an ArrayRecord; its arrays are copies.

        like: a model whose names, shapes and dtypes are expected, in whatever order; the result has its
        order. Raises ferret.LayoutMismatch if they differ, or if something in the record is no array,
        or the record no ArrayRecord.
        """
        if not isinstance(record, ArrayRecord):
            raise ferret.LayoutMismatch(f'model: expected an ArrayRecord, got {type(record).__name__}')
        names = list(record) if like is None else like.names
        if like is not None and set(record) != set(names):
            odd = sorted(set(record) ^ set(names))
            raise ferret.LayoutMismatch(f'model: expected the arrays that came, got other names: {odd[:5]}')
        arrays = []
        for name in names:
            try:
                arrays.append(numpy.require(record[name].numpy(), requirements='CW'))
            except Exception as error:  # NumPy has many kinds for bytes that are no array
                raise ferret.LayoutMismatch(f'model: expected an array in {name!r}, got {error}') from error
        model = cls(names, arrays)
        for expected, got, name in zip(like.arrays if like else (), arrays, names):
            if (expected.shape, expected.dtype) != (got.shape, got.dtype):
                raise ferret.LayoutMismatch(f'model: expected {expected.dtype} {expected.shape} in {name!r}, '
                                            f'got {got.dtype} {got.shape}')
        return model

    def record(self):
        """An ArrayRecord with copies of the arrays."""
        return ArrayRecord({name: Array(array) for name, array in zip(self.names, self.arrays)})

    def copy(self):
        """A model with arrays of its own."""
        return Model(self.names, [array.copy() for array in self.arrays])

    @property
    def sizes(self):
        """The number of elements of each array."""
        return [array.size for array in self.arrays]

    @property
    def bytes(self):
        """The bytes of all arrays: what FedAvg sends."""
        return sum(array.nbytes for array in self.arrays)

    @property
    def tensors(self):
        """A digest of names, shapes and dtypes in their order, 32 hexadecimal digits."""
        told = [[name, list(array.shape), array.dtype.name] for name, array in zip(self.names, self.arrays)]
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:32]
