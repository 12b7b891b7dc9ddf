"""What the Python package adds to a round, part by part, on one thread.

Usage: python_round.py [--parameters N] [--coordinates K] [--rounds R] [--folder FOLDER]

Float32 parameters in ten tensors, SparseSign, coordinates of one bit. FOLDER is where the server's log and
the node's model are written, durably; it needs room for the model twice.
"""

import argparse
import os
import pathlib
import statistics
import tempfile
import time

import ferret
import numpy as np


def replace_durably(path, tensors):
    """The model in a file: after a power cut there is the one before or this one, whole."""
    new = path.with_suffix('.new')
    with open(new, 'wb', buffering=0) as file:
        for tensor in tensors:
            rest = memoryview(tensor).cast('B')
            while rest:
                rest = rest[file.write(rest):]
        os.fsync(file.fileno())
    os.replace(new, path)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--parameters', type=int, default=100_000_000)
    parser.add_argument('--coordinates', type=int, default=8192)
    parser.add_argument('--rounds', type=int, default=5)
    parser.add_argument('--folder', default='.')
    options = parser.parse_args()

    sizes = [options.parameters // 10] * 9
    sizes.append(options.parameters - sum(sizes))
    one_thread = ferret.Cpu(1)
    plan = ferret.Plan(ferret.Layout.per_tensor(sizes), ferret.Uniform(options.coordinates))
    numbers = np.random.default_rng(1)
    model = [numbers.standard_normal(size, dtype=np.float32) for size in sizes]
    local = [tensor.copy() for tensor in model]
    after = [tensor - np.float32(0.01) for tensor in model]
    client = ferret.Client(plan, 1, backend=one_thread)
    server = ferret.Server(plan, model, backend=one_thread)
    follower = ferret.Follower(plan, backend=one_thread)

    seconds = {}

    def timed(part, call):
        begin = time.perf_counter()
        result = call()
        seconds.setdefault(part, []).append(time.perf_counter() - begin)
        return result

    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = pathlib.Path(name)
        with ferret.RoundLog(folder / 'rounds') as log:
            for _ in range(options.rounds):
                update = timed('node: projection, fingerprint, encoding',
                               lambda: client(server.round, local, after))
                timed('server: message', lambda: server.receive(update))
                broadcast = timed('server: closing the round', lambda: server.close(model, 0.001))
                timed('server: log', lambda: log.append(broadcast))
                timed('node: following the broadcast', lambda: follower.apply(broadcast, local))
                timed('node: model to disk', lambda: replace_durably(folder / 'model', local))
                assert all(np.array_equal(a, b) for a, b in zip(model, local))

    print(f'{options.parameters} parameters, message {len(update)} bytes, broadcast {len(broadcast)} bytes')
    for part, times in seconds.items():
        print(f'{part:40} median {statistics.median(times):.3f} s, least {min(times):.3f} s')


if __name__ == '__main__':
    main()
