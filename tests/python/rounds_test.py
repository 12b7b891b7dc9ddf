"""Rounds of the package for the updates of rounds in C++: the same messages, broadcasts and models."""

import os
import pathlib
import subprocess
import tempfile

from support import TestCase, ferret, main, np

SIZES = [5000, 40, 2500]
RATE = 0.25
PER_TENSOR = ferret.Layout.per_tensor(SIZES)

# As in write_rounds.cpp.
CASES = {
    'default': (ferret.Plan(ferret.Layout.uniform(SIZES, 4000), ferret.Uniform(512), seed=42), 'equal'),
    'exact': (ferret.Plan(PER_TENSOR, ferret.NormShare(32), basis='truncated-normal', seed=7, refresh='fixed',
                          up='float32', down='float32'), 'by-examples'),
    'own-bases': (ferret.Plan(PER_TENSOR, ferret.MinimumError(256), basis='sparse-sign', seed=9,
                              sharing='per-client', up='2bit', down='int16'), 'by-examples'),
}


def read_model(path):
    return [tensor.copy() for tensor in np.split(np.fromfile(path, np.float32), np.cumsum(SIZES)[:-1])]


class RoundsTest(TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        subprocess.run([os.environ['FERRET_WRITE_ROUNDS'], folder.name], check=True)
        cls.folder = pathlib.Path(folder.name)

    def test_the_cases_are_the_program_s(self):
        self.assertEqual({path.name for path in self.folder.iterdir()}, set(CASES))

    def test_bytes_and_models_are_those_of_cpp(self):
        for name, (plan, weighting) in CASES.items():
            with self.subTest(name), ferret.RoundLog(self.folder / name / 'log') as log:
                self.check(self.folder / name, plan, weighting, log)

    def check(self, folder, plan, weighting, log):
        model, local = read_model(folder / 'model'), read_model(folder / 'model')
        server, follower = ferret.Server(plan, model, weighting), ferret.Follower(plan)
        fingerprints = [int(line) for line in (folder / 'fingerprints').read_text().split()]
        self.assertEqual(len(fingerprints), 4)
        for round_number, fingerprint in enumerate(fingerprints, 1):
            clients = [int(path.name.rpartition('-')[2]) for path in folder.glob(f'after-{round_number}-*')]
            self.assertEqual(len(clients), 3)
            for client in clients:
                after = read_model(folder / f'after-{round_number}-{client}')
                update = ferret.Client(plan, client)(round_number, local, after, client % 10 + 1)
                self.assertEqual(update, (folder / f'update-{round_number}-{client}').read_bytes())
                server.receive(update)
            broadcast = server.close(model, RATE)
            self.assertEqual(broadcast, (folder / f'broadcast-{round_number}').read_bytes())
            follower.apply(broadcast, local)
            log.append(broadcast)
            self.assertEqual(ferret.model_fingerprint(plan.layout, local), fingerprint)
        late, behind = read_model(folder / 'model'), ferret.Follower(plan)
        ferret.catch_up(behind, log, late)
        expected = (folder / 'model-after').read_bytes()
        for tensors in (model, local, late):
            self.assertEqual(b''.join(tensor.tobytes() for tensor in tensors), expected)


if __name__ == '__main__':
    main()
