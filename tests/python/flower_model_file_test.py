"""The model on disk: atomic, whole or refused, and one process at a time."""

import os
import subprocess
import sys
import unittest
import unittest.mock

from flower_support import FlowerTest  # first: it skips the file without Flower

import ferret
import numpy
from ferret.flower import Model, ModelFile


def model_of(*values):
    return Model(['a', 'b', 'c'], [numpy.array(values, numpy.float32), numpy.ones((2, 3), numpy.float16),
                                   numpy.array(7.5)])


class ModelFileTest(FlowerTest):

    def test_a_model_comes_back_as_it_was(self):
        with ModelFile(self.folder / 'new' / 'folder') as file:
            self.assertIsNone(file.read())
            self.assertEqual(file.facts(), {})
            file.write(model_of(1, -0.0, float('nan')), {'round': 3})
            model, facts = file.read()
            self.assertEqual(file.facts(), {'round': 3})
        self.assertEqual(facts, {'round': 3})
        self.assertEqual(model.names, ['a', 'b', 'c'])
        for array, expected in zip(model.arrays, model_of(1, -0.0, float('nan')).arrays):
            self.assertEqual((array.tobytes(), array.shape, array.dtype),
                             (expected.tobytes(), expected.shape, expected.dtype))
            self.assertTrue(array.flags.writeable and array.flags.c_contiguous)

    def test_what_breaks_off_leaves_the_model_that_was(self):
        with ModelFile(self.folder) as file:
            file.write(model_of(1), {'round': 1})
            # A kill at any moment of the writing leaves a part of model.new, never of model.
            (self.folder / 'model.new').write_bytes(b'FERRETM1 and then nothing')
            self.assertEqual(file.read()[0].arrays[0][0], 1)
            file.write(model_of(2), {'round': 2})
            self.assertEqual(file.read()[0].arrays[0][0], 2)
            self.assertFalse((self.folder / 'model.new').exists())

    def test_a_file_that_is_none_or_cut_is_refused(self):
        with ModelFile(self.folder) as file:
            file.write(model_of(1, 2), {'round': 1})
            whole = file.path.read_bytes()
            header = 16 + int.from_bytes(whole[8:16], 'little') + 32
            for cut in [*range(header + 1), len(whole) - 1]:
                file.path.write_bytes(whole[:cut])
                with self.assertRaises(ferret.FileError, msg=f'{cut} bytes'):
                    file.read()
            for index in range(header):
                file.path.write_bytes(whole[:index] + bytes([whole[index] ^ 1]) + whole[index + 1:])
                with self.assertRaises(ferret.FileError, msg=f'byte {index}'):
                    file.read()
            file.path.write_bytes(whole + b'\0')
            with self.assertRaisesRegex(ferret.FileError, 'after the last array'):
                file.read()

    def test_a_write_that_fails_names_the_file_and_changes_nothing(self):
        with ModelFile(self.folder) as file:
            file.write(model_of(1), {'round': 1})
            (self.folder / 'model.new').mkdir()  # in the way
            with self.assertRaisesRegex(ferret.FileError, 'expected to store a model'):
                file.write(model_of(2), {'round': 2})
            self.assertEqual(file.read()[0].arrays[0][0], 1)
            (self.folder / 'model.new').rmdir()
            # A full disk does not stay full.
            with unittest.mock.patch('os.fsync', side_effect=OSError(28, 'No space left on device')):
                with self.assertRaisesRegex(ferret.FileError, 'No space left'):
                    file.write(model_of(2), {'round': 2})
            self.assertFalse((self.folder / 'model.new').exists())
            self.assertEqual(file.read()[0].arrays[0][0], 1)

    def test_a_folder_is_held_by_one_process_and_free_when_that_is_killed(self):
        code = ('import sys; from ferret.flower import ModelFile\n'
                'with ModelFile(sys.argv[1]): print("held", flush=True); sys.stdin.read()')
        with subprocess.Popen([sys.executable, '-c', code, str(self.folder)], text=True, env=os.environ,
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
            self.assertEqual(other.stdout.readline(), 'held\n')
            with self.assertRaisesRegex(ferret.FileError, 'hold the folder alone'):
                with ModelFile(self.folder, patience=0):
                    self.fail('two hold it')
            other.kill()
        with ModelFile(self.folder, patience=0) as file:
            self.assertIsNone(file.read())

    def test_a_model_has_arrays_of_real_numbers(self):
        for array in (numpy.ones(3, numpy.int64), numpy.ones(3, '>f4'), numpy.ones(3, bool)):
            with self.assertRaisesRegex(ferret.LayoutMismatch, "expected float16, float32, float64, .* in 'x'"):
                Model(['x'], [array])
        with self.assertRaises(ferret.LayoutMismatch):
            Model([], [])


if __name__ == '__main__':
    unittest.main()
