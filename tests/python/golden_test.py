"""The golden files, given by the package: the same bits as from C++."""

import pathlib
import sys

from support import TestCase, ferret, main, np

FOLDER = pathlib.Path(__file__).parents[1] / 'golden'
sys.path.insert(0, str(FOLDER))
from independent import crc64  # noqa: E402

SKETCHES = sorted(path for path in FOLDER.glob('*.txt')
                  if path.name not in ('few-bits.txt', 'model-fingerprint.txt'))


def update_of(size):
    """The update that golden/README.md states."""
    i = np.arange(size, dtype=np.int64)
    return ((i * 7919 % 2003 - 1001).astype(np.float32) / np.float32(1000)).astype(np.float32)


def checksum(floats):
    return f'{crc64(np.ascontiguousarray(floats, "<f4").tobytes()):016x}'


def lines_of(path):
    lines = [line.split(' ') for line in path.read_text().splitlines()[1:]]
    return lines, {line[0]: line[1:] for line in lines}


class GoldenTest(TestCase):
    def test_sketches_updates_and_messages(self):
        self.assertGreater(len(SKETCHES), 8)
        for path in SKETCHES:
            with self.subTest(path.name):
                self.check_sketch(*lines_of(path))

    def check_sketch(self, lines, values):
        sizes = [int(size) for size in values['block_sizes']]
        bases = [int(count) for count in values['bases_per_block']]
        layout = ferret.Layout.per_tensor(sizes)
        basis, seed = values['basis'][0], ferret.Seed(*map(int, values['seed']))
        self.assertEqual(f'{layout.fingerprint:016x}', values['layout_fingerprint'][0])

        block_ends, base_ends = np.cumsum(sizes), np.cumsum(bases)
        delta = np.split(update_of(block_ends[-1]), block_ends[:-1])
        project = ferret.Projector(layout, basis, ferret.Uniform(sum(bases)))
        sketch = project.with_bases(delta, bases, seed)
        for block, k, value in (fields for key, *fields in lines if key == 'coordinate'):
            index = base_ends[int(block)] - bases[int(block)] + int(k)
            self.assertEqual(sketch.coordinates[index].item(), float.fromhex(value))
        self.assertEqual(checksum(sketch.coordinates), values['coordinates_checksum'][0])
        if 'update_checksum' in values:
            self.check_update(layout, basis, sketch, lines, values)

    def check_update(self, layout, basis, sketch, lines, values):
        model = [np.zeros(size, np.float32) for size in layout.block_sizes]
        ferret.Reconstructor(layout, basis)(sketch, model, -0.5)
        for block, i, value in (fields for key, *fields in lines if key == 'update'):
            self.assertEqual(model[int(block)][int(i)].item(), float.fromhex(value))
        self.assertEqual(checksum(np.concatenate(model)), values['update_checksum'][0])

        for format in ('float32', 'int16'):
            self.assertEqual(ferret.encode(sketch, format).hex(), values['message_' + format][0])
        few_bits = 0
        for key, *fields in lines:
            kind, _, format = key.partition('_')
            if kind == 'message' and len(fields) == 2:
                self.assertEqual(ferret.encode(sketch, format, int(fields[0])).hex(), fields[1])
                few_bits += 1
            elif kind == 'decoded':
                found = ferret.decode(ferret.encode(sketch, format, int(fields[0])), format)
                self.assertEqual(checksum(found.coordinates), fields[1])
        self.assertIn(few_bits, (0, 10))

    def test_few_bits_of_many_coordinates(self):
        lines, values = lines_of(FOLDER / 'few-bits.txt')
        bases = [int(count) for count in values['bases_per_block']]
        seed = ferret.Seed(*map(int, values['seed']))
        sketch = ferret.Sketch(seed, 'sparse-sign', 0, bases, update_of(sum(bases)))
        messages = [fields for key, *fields in lines if key == 'few_bits']
        self.assertEqual(len(messages), 10)
        for format, rotation, of_bytes, of_decoded in messages:
            message = ferret.encode(sketch, format, int(rotation))
            # docs/wire.md: 36 + 4 L bytes and the rotation before the chunks, the checksum after them.
            self.assertEqual(f'{crc64(message[40 + 4 * len(bases):-8]):016x}', of_bytes)
            self.assertEqual(checksum(ferret.decode(message).coordinates), of_decoded)

    def test_fingerprints(self):
        lines, _ = lines_of(FOLDER / 'model-fingerprint.txt')
        checked = 0
        for dtype, size, fingerprint in (fields for _, *fields in lines):
            if dtype == 'bfloat16':
                continue  # torch_tensors_test.py
            model = update_of(int(size)).astype(dtype)
            found = ferret.model_fingerprint(ferret.Layout.per_tensor([model.size]), model)
            self.assertEqual(f'{found:016x}', fingerprint)
            checked += 1
        self.assertEqual(checked, 9)


if __name__ == '__main__':
    main()
