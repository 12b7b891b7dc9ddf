#!/usr/bin/env python3
"""scripts/update_energy.py on models whose updates are known. Exits with 77, for skipped, without NumPy."""
import importlib.util
import json
import pathlib
import struct
import subprocess
import sys
import tempfile
import unittest

SCRIPT = pathlib.Path(__file__).resolve().parent.parent.parent / 'scripts' / 'update_energy.py'
FORMATS = {'F32': lambda value: struct.pack('<f', value), 'F16': lambda value: struct.pack('<e', value),
           'BF16': lambda value: struct.pack('<f', value)[2:]}


class UpdateEnergy(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name)

    def model(self, name, tensors, kind='F32'):
        """A folder with the tensors, one a file."""
        (self.folder / name).mkdir()
        for tensor, numbers in tensors.items():
            data = b''.join(map(FORMATS[kind], numbers))
            header = json.dumps({tensor: {'dtype': kind, 'shape': [len(numbers)],
                                          'data_offsets': [0, len(data)]}}).encode()
            (self.folder / name / f'{tensor}.safetensors').write_bytes(
                len(header).to_bytes(8, 'little') + header + data)
        return str(self.folder / name)

    def run_on(self, before, after):
        return subprocess.run([sys.executable, str(SCRIPT), before, after], capture_output=True,
                              text=True, timeout=300)

    def test_counts_the_energy_of_the_largest_entries_over_all_tensors(self):
        # 16 entries: of the energy 36 + 12 + 12 * 1 = 60, the largest has 36, the four largest 48.
        for kind in FORMATS:
            before = self.model(f'before-{kind}', {'a': [6.0] + 7 * [1.0], 'b': 3 * [-2.0] + 5 * [1.0]},
                                kind)
            after = self.model(f'after-{kind}', {'a': 8 * [0.0], 'b': 8 * [0.0]}, kind)
            done = self.run_on(before, after)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn('d = 16\n', done.stdout)
            self.assertIn('| 1 | 1/16 | 0.600 | 0.111 |\n', done.stdout)
            self.assertIn('| 4 | 1/4 | 0.800 | 0.333 |\n', done.stdout)

    def test_refuses_what_it_cannot_compare(self):
        model = self.model('model', {'a': [1.0, 2.0]})
        other = self.model('other', {'a': [1.0]})
        for before, after, problem in ((model, model, 'other than zero'), (model, other, 'same names'),
                                       (model, str(self.folder), 'found none')):
            done = self.run_on(before, after)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn(problem, done.stderr)


if __name__ == '__main__':
    if importlib.util.find_spec('numpy') is None:
        print('skipped: needs NumPy')
        sys.exit(77)
    unittest.main()
