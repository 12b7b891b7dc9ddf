"""The model of a node, or of the server, on disk."""

import contextlib
import fcntl
import hashlib
import json
import os
import pathlib
import time

import ferret
import numpy

from .model import Model

MAGIC = b'FERRETM1'


class ModelFile:
    """A folder with one model, which one process at a time may use: `with ModelFile(folder) as file`.

    A model is replaced as a whole, and once `write` returns no power cut takes it away. The file: 8 letters,
    the size of a JSON text (8 bytes, little-endian), the text, its SHA-256, and the arrays' bytes,
    little-endian. Raises ferret.FileError if another process holds the folder for longer than `patience`
    seconds.
    """

    def __init__(self, folder, patience=60.0):
        self.folder = pathlib.Path(folder)
        self.patience = patience
        self.path = self.folder / 'model'

    def __enter__(self):
        with self._errors('open'):
            self.folder.mkdir(parents=True, exist_ok=True)
            self._lock = open(self.folder / 'lock', 'ab')
        end = time.monotonic() + self.patience
        while True:
            try:
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return self
            except BlockingIOError:
                if time.monotonic() > end:
                    self._lock.close()
                    raise ferret.FileError(f'{self.folder}: expected to hold the folder alone, got another process '
                                           f'that held it for {self.patience:g} s') from None
                time.sleep(0.1)

    def __exit__(self, *_):
        self._lock.close()

    def read(self):
        """What `write` stored last: (model, facts); None if there is nothing.

        The arrays are not checked beside their number: the model's fingerprint tells whether they are right.
        Raises ferret.FileError if the file is none, or broken.
        """
        with self._errors('read'):
            try:
                file = open(self.path, 'rb')
            except FileNotFoundError:
                return None
            with file:
                facts = self._read_facts(file)
                tensors = facts.pop('tensors')
                arrays = [numpy.fromfile(file, numpy.dtype(dtype).newbyteorder('<'), int(numpy.prod(shape, dtype=int)))
                          .reshape(shape).astype(dtype, copy=False) for _, shape, dtype in tensors]
                if file.read(1):
                    raise ValueError('bytes after the last array')
                return Model([name for name, _, _ in tensors], arrays), facts

    def facts(self):
        """The facts alone, without a reading of the arrays; {} if there is nothing."""
        with self._errors('read'):
            try:
                file = open(self.path, 'rb')
            except FileNotFoundError:
                return {}
            with file:
                facts = self._read_facts(file)
        del facts['tensors']
        return facts

    def write(self, model, facts):
        """Replaces what is stored by the model and by facts, a dict that JSON can tell.

        Cost: one writing of the arrays, and until the disk has them.
        Raises ferret.FileError, and what was stored is then still there.
        """
        tensors = [[name, list(array.shape), array.dtype.name] for name, array in zip(model.names, model.arrays)]
        header = json.dumps({**facts, 'tensors': tensors}).encode()
        new = self.folder / 'model.new'
        with self._errors('store'):
            try:
                with open(new, 'wb') as file:
                    file.write(MAGIC + len(header).to_bytes(8, 'little') + header + hashlib.sha256(header).digest())
                    for array in model.arrays:
                        array.astype(array.dtype.newbyteorder('<'), copy=False).tofile(file)
                    file.flush()
                    os.fsync(file.fileno())
                os.replace(new, self.path)
            except BaseException:
                # A disk that is full is not to stay so.
                with contextlib.suppress(OSError):
                    new.unlink()
                raise
            folder = os.open(self.folder, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)

    def _read_facts(self, file):
        size = os.fstat(file.fileno()).st_size
        length = int.from_bytes(file.read(16)[8:], 'little')
        file.seek(0)
        if file.read(8) != MAGIC or length > size:
            raise ValueError('no model of ferret')
        file.seek(16)
        header = file.read(length)
        if file.read(32) != hashlib.sha256(header).digest():
            raise ValueError('a header with another checksum')
        return json.loads(header)

    @contextlib.contextmanager
    def _errors(self, what):
        try:
            yield
        except (OSError, ValueError) as error:
            raise ferret.FileError(f'{self.path}: expected to {what} a model, got {error}') from error
