"""The processor as a backend: no bit depends on it."""

import os
import subprocess
import sys

from support import TestCase, answer, ferret, first_model, main, small_plan, update_of


class CpuTest(TestCase):
    def test_it_says_what_it_is(self):
        cpu = ferret.Cpu(3, instruction_set='portable')
        self.assertEqual((cpu.threads, cpu.instruction_set), (3, 'portable'))
        self.assertEqual(repr(cpu), "Cpu(3, instruction_set='portable')")
        self.assertEqual(ferret.Cpu().threads, 0)

    def test_no_bit_depends_on_it(self):
        layout = ferret.Layout.per_tensor([3000, 5000])
        delta = [update_of(3000), update_of(5000)]
        results = set()
        for backend in (None, ferret.Cpu(1), ferret.Cpu(4, instruction_set='portable')):
            project = ferret.Projector(layout, 'truncated-normal', ferret.NormShare(16), backend=backend)
            sketch = project(delta, ferret.Seed(1))
            model = [update_of(3000, 1), update_of(5000, 1)]
            ferret.Reconstructor(layout, 'truncated-normal', backend=backend)(sketch, model, 0.5)
            results.add((ferret.encode(sketch), ferret.model_fingerprint(layout, model, backend=backend)))
        self.assertEqual(len(results), 1)

    def test_roles_take_it(self):
        plan, model, backend = small_plan(), first_model(), ferret.Cpu(1, instruction_set='portable')
        after = [tensor - 1 for tensor in model]
        update = ferret.Client(plan, 3, backend=backend)(1, model, after)
        self.assertEqual(update, ferret.Client(plan, 3)(1, model, after))
        server = ferret.Server(plan, model, backend=backend)
        server.receive(answer(plan, model, 1, 3))
        follower, local = ferret.Follower(plan, backend=backend), first_model()
        follower.apply(server.close(model, 0.5), local)
        self.assertEqual(follower.round, 1)

    def test_others_are_refused(self):
        self.assert_raises(ferret.UnknownName, "avx512, got 'mmx'", ferret.Cpu, instruction_set='mmx')
        self.assert_raises(ValueError, 'threads: expected 0 or more, got -1', ferret.Cpu, -1)
        with self.assertRaises(ferret.Unsupported):  # no processor has both
            for instruction_set in ('neon', 'avx2'):
                ferret.Cpu(instruction_set=instruction_set)

    def test_the_environment_names_the_default(self):
        command = [sys.executable, '-c', 'import ferret; print(ferret.Cpu().instruction_set)']
        environment = {**os.environ, 'FERRET_INSTRUCTION_SET': 'portable'}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        self.assertEqual(done.stdout.strip(), 'portable')


if __name__ == '__main__':
    main()
