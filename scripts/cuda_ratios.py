#!/usr/bin/env python3
"""Prints, as a Markdown table, how the GPU's benchmarks stand to the bars they have to clear.

Usage: cuda_ratios.py FILE.json...

Takes the medians from the JSON files of few_bits_cuda_bench, projector_cuda_bench and
reconstructor_cuda_bench, run with --benchmark_repetitions and --benchmark_out=FILE.json, and of
bench/cuda/public_code.py. Ratios to a ceiling are taken within one file. What is below its bar is bold.
"""
import json
import pathlib
import sys

NOT_MEASURED = 'not measured'


def medians(path):
    """{name without the repetitions' aggregate: the run}, or None after telling what is wrong."""
    try:
        runs = json.loads(pathlib.Path(path).read_text())['benchmarks']
        return {run['run_name']: run for run in runs if run.get('aggregate_name') == 'median'}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        print(f'cuda_ratios.py: {path}: expected the JSON of a benchmark, got {error!r}',
              file=sys.stderr)
        return None


def kernel(operation, basis, log2_d=28, bases=64, question='kernels'):
    return (f'{question}/{operation}/basis:{basis}/log2_d:{log2_d}/K:{bases}/dtype:0/clients:1'
            '/manual_time')


class Results:
    def __init__(self, files):
        self.files = files  # the medians of each

    def value(self, name, counter):
        """A counter of one benchmark, or None."""
        for runs in self.files:
            if name in runs:
                return runs[name].get(counter)
        return None

    def ratio(self, name, other, counter):
        """A counter of one benchmark over that of another, of the same file where it has both."""
        for runs in self.files:
            if name in runs:
                bar = runs.get(other, {}).get(counter) or self.value(other, counter)
                value = runs[name].get(counter)
                return value / bar if value and bar else None
        return None


def rows(results):
    """(what is measured, bar or None, measured or None)"""
    operations = (('project', 'projection'), ('reconstruct', 'reconstruction'))
    for operation, title in operations:
        dense = kernel(operation, 'truncated-normal')
        fine = kernel(operation, 'truncated-normal-32')
        yield (f'TruncatedNormal 16-bit {title}, d = 2^28, K = 64, against the bare kernel', 0.85,
               results.ratio(dense, 'ceiling/philox_16/manual_time', 'basis_elements'))
        yield '... basis elements per second', 2e12, results.value(dense, 'basis_elements')
        yield ("... against PyTorch doing the public code's work", 50,
               results.ratio(dense, f'public_code/{operation}/trunc_normal/log2_d:28',
                             'basis_elements'))
        yield (f'TruncatedNormal 32-bit {title} against the bare kernel', None,
               results.ratio(fine, 'ceiling/philox_32/manual_time', 'basis_elements'))
        yield ("... against cuRAND's Philox doing a projection", None,
               results.ratio(fine, 'curand/project/manual_time', 'basis_elements'))
        yield (f"Gaussian {title} against PyTorch doing the public code's work", None,
               results.ratio(kernel(operation, 'gaussian'),
                             f'public_code/{operation}/normal/log2_d:28', 'basis_elements'))
    sparse = (('project_on_device', 'projection, coordinates left in device memory', 0.8),
              ('project', 'projection', None), ('reconstruct', 'reconstruction', 0.8))
    for operation, title, bar in sparse:
        for power in range(6, 21, 2):
            name = kernel(operation, 'sparse-sign', bases=2 ** power, question='sparse')
            yield (f"SparseSign {title}, d = 2^28, K = 2^{power}, against the copy's bandwidth",
                   bar, results.ratio(name, 'ceiling/copy/manual_time', 'bytes'))
    for operation, title in (('encode', 'Writing'), ('decode', 'Reading')):
        for bits in (1, 2, 4, 8):
            yield (f'{title} 2^26 coordinates of {bits} bits, the kernel alone, as floats against the'
                   " plain read's bandwidth", None,
                   results.ratio(f'kernels/{operation}/{bits}bit/log2_K:26/manual_time',
                                 'ceiling/read/manual_time', 'bytes'))


def number(value):
    return f'{value:.0f}' if 100 <= value < 1e6 else f'{value:.3g}'.replace('e+', 'e')


def main():
    if len(sys.argv) < 2 or sys.argv[1].startswith('-'):
        sys.exit(__doc__)
    files = [medians(path) for path in sys.argv[1:]]
    results = Results([runs for runs in files if runs is not None])
    print('| bar | at least | measured |')
    print('|---|---:|---:|')
    for title, bar, measured in rows(results):
        text = NOT_MEASURED if measured is None else number(measured)
        if measured is not None and bar is not None and measured < bar:
            text = f'**{text}**'
        print(f'| {title} | {"" if bar is None else number(bar)} | {text} |')
    if None in files:
        sys.exit(1)


if __name__ == '__main__':
    main()
