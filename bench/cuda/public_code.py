#!/usr/bin/env python3
"""What the public Ferret and FedKSeed code does for every basis, in PyTorch on a GPU: seed the
generator, fill a buffer with trunc_normal_ (or normal_), take its dot product with delta; or, to
rebuild, add a multiple of it to the model.

Prints the medians in the form of Google Benchmark's JSON. A repetition times a few bases, each of
which costs the same.
"""
import argparse
import json
import pathlib
import statistics
import sys

try:
    import torch
except ImportError:
    sys.exit('public_code.py: expected PyTorch, got none')

BASES = 8  # in one repetition


def benchmarks(size):
    """{name: what is done for one basis}"""
    delta = torch.full((size,), 0.5, device='cuda')
    basis = torch.empty_like(delta)
    bound = size ** -0.5

    def trunc_normal():
        torch.nn.init.trunc_normal_(basis, mean=0.0, std=1.0, a=-bound, b=bound)

    def normal():
        basis.normal_()

    def project(fill):
        fill()
        return torch.dot(basis, delta)

    def reconstruct(fill):
        fill()
        delta.add_(basis, alpha=1e-6)

    return {f'public_code/{work.__name__}/{fill.__name__}': (work, fill)
            for work in (project, reconstruct) for fill in (trunc_normal, normal)}


def seconds_per_basis(work, fill, first_seed):
    start, stop = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    start.record()
    for seed in range(first_seed, first_seed + BASES):
        torch.manual_seed(seed)
        work(fill)
    stop.record()
    stop.synchronize()
    return start.elapsed_time(stop) * 1e-3 / BASES


@torch.no_grad()
def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--log2-d', type=int, default=28, help='d = 2^LOG2_D (default: 28)')
    parser.add_argument('--repetitions', type=int, default=5, help='default: 5')
    parser.add_argument('--out', type=pathlib.Path, help='write to this file instead')
    options = parser.parse_args()
    if options.log2_d < 0 or options.repetitions < 1:
        parser.error('expected --log2-d of 0 or more and --repetitions of 1 or more')
    if not torch.cuda.is_available():
        sys.exit('public_code.py: expected a GPU that PyTorch can use, got none')
    size = 2 ** options.log2_d
    runs = []
    for name, (work, fill) in benchmarks(size).items():
        seconds_per_basis(work, fill, 0)  # warm-up
        seconds = statistics.median(
            seconds_per_basis(work, fill, 1 + repetition * BASES)
            for repetition in range(options.repetitions))
        run_name = f'{name}/log2_d:{options.log2_d}'
        runs.append({
            'name': f'{run_name}_median',
            'run_name': run_name,
            'run_type': 'aggregate',
            'repetitions': options.repetitions,
            'aggregate_name': 'median',
            'iterations': options.repetitions,
            'real_time': seconds * 1e3,
            'time_unit': 'ms',
            'basis_elements': size / seconds,
        })
    context = {'device': torch.cuda.get_device_name(), 'torch': torch.__version__}
    text = json.dumps({'context': context, 'benchmarks': runs}, indent=2) + '\n'
    if options.out:
        options.out.write_text(text)
    else:
        sys.stdout.write(text)


if __name__ == '__main__':
    main()
