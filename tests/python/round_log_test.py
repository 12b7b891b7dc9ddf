"""The broadcasts of past rounds in a file."""

import pathlib
import subprocess
import sys
import tempfile

from support import TestCase, answer, copy_of, ferret, first_model, main, np, same_bits, small_plan


class RoundLogTest(TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.file = pathlib.Path(folder.name) / 'rounds'

    def run_rounds(self, log, plan, count):
        model = first_model()
        server = ferret.Server(plan, model)
        for round_number in range(1, count + 1):
            for client in (1, 2):
                server.receive(answer(plan, model, round_number, client))
            log.append(server.close(model, 0.25))
        return model

    def test_a_late_follower_catches_up_from_the_file(self):
        plan = small_plan(up='1bit', down='2bit')
        with ferret.RoundLog(self.file) as log:
            self.assertEqual(log.rounds, 0)
            model = self.run_rounds(log, plan, 5)
            self.assertEqual(log.rounds, 5)
            third = log.broadcast(3)
        self.assertEqual(ferret.decode_broadcast(third).round, 3)
        with ferret.RoundLog(str(self.file)) as log:
            follower, local = ferret.Follower(plan), first_model()
            ferret.catch_up(follower, log, local)
            self.assertEqual((follower.round, log.broadcast(3)), (5, third))
        self.assertTrue(same_bits(local, model))

    def test_a_log_of_fixed_bases_folds_to_one_sketch(self):
        plan = small_plan(refresh='fixed')
        with ferret.RoundLog(self.file) as log:
            model = self.run_rounds(log, plan, 4)
            folded = ferret.fold(log)
        local = first_model()
        ferret.Reconstructor(plan.layout, plan.basis)(folded, local, 1)
        for tensor, other, first in zip(local, model, first_model()):
            # The rounds round the model to float four times; numbers stay within that of the largest.
            largest = max(np.abs(other).max(), np.abs(first).max())
            self.assertLess(np.abs(tensor - other).max(), 8 * np.finfo(np.float32).eps * largest)
            self.assertFalse(np.array_equal(other, first))

    def test_what_does_not_follow_is_refused(self):
        plan, model = small_plan(), first_model()
        server = ferret.Server(plan, model)
        first, second = server.close(model, 1), server.close(model, 1)
        with ferret.RoundLog(self.file) as log:
            self.assert_raises(ferret.WrongRound, 'expected round 1, got 2', log.append, second)
            self.assert_raises(ferret.Truncated, 'expected', log.append, b'')
            self.assert_raises(TypeError, 'message: expected bytes, got str', log.append, 'broadcast')
            log.append(first)
            for missing in (0, 2):
                self.assert_raises(ferret.WrongRound,
                                   f'expected a round in 1 to 1, got {missing}', log.broadcast, missing)
            self.assertEqual(log.rounds, 1)

    def test_what_was_being_written_is_cut_off(self):
        with ferret.RoundLog(self.file) as log:
            self.run_rounds(log, small_plan(), 3)
        whole = self.file.read_bytes()
        for missing in (1, 20):
            self.file.write_bytes(whole[:-missing])
            with ferret.RoundLog(self.file) as log:
                self.assertEqual(log.rounds, 2)

    def test_a_file_that_is_no_log_is_refused(self):
        self.file.write_bytes(b'something else')
        self.assert_raises(ferret.FileError, 'begins with FRRL', ferret.RoundLog, self.file)
        self.assert_raises(ferret.FileError, 'expected to open', ferret.RoundLog, self.file / 'below')
        self.assertEqual(self.file.read_bytes(), b'something else')

    def test_one_process_at_a_time_holds_it(self):
        command = [sys.executable, '-c', 'import ferret, sys; ferret.RoundLog(sys.argv[1])', str(self.file)]
        with ferret.RoundLog(self.file):
            other = subprocess.run(command, capture_output=True, text=True)
            self.assertIn('ferret.FileError', other.stderr)
            self.assertIn('hold alone', other.stderr)
            self.assertNotEqual(other.returncode, 0)
        self.assertEqual(subprocess.run(command).returncode, 0)

    def test_a_closed_one_says_so(self):
        log = ferret.RoundLog(self.file)
        log.close()
        log.close()
        for call in (lambda: log.rounds, lambda: log.broadcast(1), lambda: log.append(b''),
                     lambda: ferret.fold(log)):
            self.assert_raises(ferret.FileError, 'one that is closed', call)

    def test_an_error_in_the_block_comes_through_and_closes_it(self):
        with self.assertRaises(KeyError):
            with ferret.RoundLog(self.file) as log:
                raise KeyError('of the block')
        self.assert_raises(ferret.FileError, 'closed', lambda: log.rounds)


if __name__ == '__main__':
    main()
