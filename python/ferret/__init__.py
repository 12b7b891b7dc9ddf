"""Federated full-parameter tuning that exchanges a few thousand bits a round.

A client's update becomes a sketch (Projector), a sketch becomes bytes (encode), and bytes become the same
update anywhere (decode, Reconstructor). Client, Server and Follower make rounds of it.

Tensors are one tensor or an iterable of tensors: NumPy arrays, PyTorch tensors and Parameters, anything else
with DLPack; of float32, float64, float16 or bfloat16, contiguous, in the processor's memory. They are read
and written where they lie: nothing is copied.
"""

from .arguments import Message, Tensor, Tensors
from ._ferret import (
    Basis, Broadcast, Budget, ChecksumMismatch, Client, CoordinateFormat, Cpu, Duplicate, Error, FileError,
    Follower, Forged, Gaussian, InvalidBudget, InvalidLayout, Layout, LayoutMismatch, Malformed, MinimumError,
    ModelMismatch, NonFinite, NormShare, Plan, Projector, Proportional, Rademacher, Reconstructor, RoundLog,
    Seed, Server, Sketch, SketchMismatch, SparseSign, TooFewClients, Truncated, TruncatedNormal, Uniform,
    UnknownName, UnsafeRequest, Unsupported, UnsupportedVersion, UpdateMessage, WireError, WrongRound,
    WrongStep, __version__, budget_for_bytes, can_add, catch_up, damping, decode, decode_broadcast,
    decode_update, encode, encoded_size, fold, model_fingerprint, rotation_of, round_noise, round_unlikeness,
    sum,
)

__all__ = [
    'Basis', 'Broadcast', 'Budget', 'ChecksumMismatch', 'Client', 'CoordinateFormat', 'Cpu', 'Duplicate',
    'Error', 'FileError', 'Follower', 'Forged', 'Gaussian', 'InvalidBudget', 'InvalidLayout', 'Layout',
    'LayoutMismatch', 'Malformed', 'Message', 'MinimumError', 'ModelMismatch', 'NonFinite', 'NormShare',
    'Plan', 'Projector', 'Proportional', 'Rademacher', 'Reconstructor', 'RoundLog', 'Seed', 'Server',
    'Sketch', 'SketchMismatch', 'SparseSign', 'Tensor', 'Tensors', 'TooFewClients', 'Truncated',
    'TruncatedNormal', 'Uniform', 'UnknownName', 'UnsafeRequest', 'Unsupported', 'UnsupportedVersion',
    'UpdateMessage', 'WireError', 'WrongRound', 'WrongStep', 'budget_for_bytes', 'can_add', 'catch_up',
    'damping', 'decode', 'decode_broadcast', 'decode_update', 'encode', 'encoded_size', 'fold',
    'model_fingerprint', 'rotation_of', 'round_noise', 'round_unlikeness', 'sum',
]

# The place to import them from, which messages and pickles name too.
for _name in __all__:
    if isinstance(globals()[_name], type):
        globals()[_name].__module__ = 'ferret'
del _name
