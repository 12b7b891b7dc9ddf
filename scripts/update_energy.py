#!/usr/bin/env python3
"""How an update's energy is spread over its entries: what top-k can keep, and what a random basis does.

Usage: update_energy.py BEFORE AFTER

BEFORE and AFTER are two models of the same shape in Hugging Face's layout, such as --model and the
model/ that `fed_llm --algorithm fedavg --rounds 1 --clients-per-round 1` leaves. For n entries, prints the share of the
update's squared norm in its n largest entries, and the squared cosine K/(K + d) that K = 2 n
coordinates in random bases reach: as many bytes, since an entry is an index and a value. Needs NumPy.
"""
import json
import pathlib
import sys

import numpy

KINDS = {'F32': numpy.float32, 'F16': numpy.float16, 'BF16': numpy.uint16}
FRACTIONS = (2048, 512, 200, 100, 32, 16, 4)  # of d


def read_file(path):
    """{name: numbers as float32} of a safetensors file."""
    content = path.read_bytes()
    start = 8 + int.from_bytes(content[:8], 'little')
    tensors = {}
    for name, entry in json.loads(content[8:start]).items():
        if name == '__metadata__':
            continue
        if entry['dtype'] not in KINDS:
            sys.exit(f'update_energy.py: {path}: {name}: expected {", ".join(KINDS)}, '
                     f'got {entry["dtype"]}')
        begin, end = entry['data_offsets']
        numbers = numpy.frombuffer(content[start + begin:start + end], dtype=KINDS[entry['dtype']])
        if entry['dtype'] == 'BF16':
            numbers = (numbers.astype(numpy.uint32) << 16).view(numpy.float32)
        tensors[name] = numbers.astype(numpy.float32)
    return tensors


def read_model(folder):
    files = sorted(pathlib.Path(folder).glob('*.safetensors'))
    if not files:
        sys.exit(f'update_energy.py: {folder}: expected a folder with *.safetensors, found none')
    tensors = {}
    for path in files:
        tensors.update(read_file(path))
    return tensors


def squares_of_update(before, after):
    """The update's squared entries, largest first."""
    if {name: len(tensor) for name, tensor in before.items()} != \
            {name: len(tensor) for name, tensor in after.items()}:
        sys.exit('update_energy.py: expected two models with tensors of the same names and sizes')
    update = numpy.concatenate([before[name] - after[name] for name in before])
    squares = numpy.square(update, dtype=numpy.float64)
    squares.sort()
    return squares[::-1]


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    squares = squares_of_update(read_model(sys.argv[1]), read_model(sys.argv[2]))
    size = len(squares)
    below = numpy.cumsum(squares)
    if not 0 < below[-1] < numpy.inf:
        sys.exit(f'update_energy.py: expected an update other than zero, got a squared norm of {below[-1]}')
    print(f'd = {size}')
    print('| entries | share of d | energy in the largest | K/(K + d) at equal bytes |')
    print('|---:|---:|---:|---:|')
    for count in sorted({max(1, size // fraction) for fraction in FRACTIONS}):
        print(f'| {count} | 1/{size / count:.0f} | {below[count - 1] / below[-1]:.3f} '
              f'| {2 * count / (2 * count + size):.3f} |')


if __name__ == '__main__':
    main()
