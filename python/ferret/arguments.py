"""What arguments may be, for annotations."""

from collections.abc import Callable, Iterable
from typing import Any, Protocol, TypeAlias


class Tensor(Protocol):
    """A NumPy array, a PyTorch tensor or Parameter, anything else with DLPack: float32, float64, float16 or
    bfloat16, contiguous in C order, in the processor's memory; writable where it is written."""

    @property
    def __dlpack__(self) -> Callable[..., Any]: ...


Tensors: TypeAlias = Tensor | Iterable[Tensor]
"""A model or an update: one tensor, or its tensors in the layout's order."""

Message: TypeAlias = bytes | bytearray | memoryview
"""Bytes from a file or a peer, in which nothing is taken for granted."""
