"""Other Python threads run while C++ works, and threads may share what changes."""

import concurrent.futures
import pathlib
import sys
import tempfile
import threading

from support import TestCase, answer, copy_of, ferret, first_model, main, np, same_bits, small_plan, update_of

SIZE = 2 ** 18
LAYOUT = ferret.Layout.per_tensor([SIZE])
PLAN = ferret.Plan(LAYOUT, ferret.Uniform(64), basis='gaussian')
ONE_THREAD = ferret.Cpu(1)


def other_thread_runs_during(call):
    """Whether a thread that is ready to go on does so within the call. Python takes the interpreter from no
    thread by itself here, so that it does only if the call gives it away."""
    ready, ran = threading.Lock(), []
    ready.acquire()
    thread = threading.Thread(target=lambda: (ready.acquire(), ran.append(True)))
    thread.start()
    ready.release()
    call()
    found = bool(ran)
    thread.join()
    return found


class LockTest(TestCase):
    def setUp(self):
        self.addCleanup(sys.setswitchinterval, sys.getswitchinterval())
        sys.setswitchinterval(1000)

    def assert_gives_way(self, prepare):
        # The system may be slow to wake the thread, so that a short call is over before: then once more.
        self.assertTrue(any(other_thread_runs_during(prepare()) for _ in range(200)))

    def test_a_call_that_keeps_the_interpreter_is_told_apart(self):
        delta = update_of(SIZE)
        self.assertFalse(any(other_thread_runs_during(delta.tobytes) for _ in range(200)))

    def test_projection_and_reconstruction(self):
        delta, model = update_of(SIZE), np.zeros(SIZE, np.float32)
        project = ferret.Projector(LAYOUT, 'gaussian', ferret.Uniform(64), backend=ONE_THREAD)
        reconstruct = ferret.Reconstructor(LAYOUT, 'gaussian', backend=ONE_THREAD)
        sketch = project(delta, ferret.Seed(1))
        self.assert_gives_way(lambda: lambda: project(delta, ferret.Seed(1)))
        self.assert_gives_way(lambda: lambda: project(model, delta, ferret.Seed(1)))
        self.assert_gives_way(lambda: lambda: reconstruct(sketch, model, 1))
        self.assert_gives_way(lambda: lambda: ferret.model_fingerprint(LAYOUT, model, backend=ONE_THREAD))

    def test_roles(self):
        before, after = np.zeros(SIZE, np.float32), update_of(SIZE)
        client = ferret.Client(PLAN, 1, backend=ONE_THREAD)
        update = client(1, before, after)

        def answered():
            server = ferret.Server(PLAN, before, backend=ONE_THREAD)
            server.receive(update)
            return server

        def closing():
            server, model = answered(), before.copy()
            return lambda: server.close(model, 1)

        broadcast = closing()()

        def applying():
            follower, model = ferret.Follower(PLAN, backend=ONE_THREAD), before.copy()
            return lambda: follower.apply(broadcast, model)

        self.assert_gives_way(lambda: lambda: client(1, before, after))
        self.assert_gives_way(lambda: lambda: ferret.Server(PLAN, before, backend=ONE_THREAD))
        self.assert_gives_way(closing)
        self.assert_gives_way(applying)

    def test_messages(self):
        plan = ferret.Plan(LAYOUT, ferret.Uniform(2 ** 16), up='8bit', down='8bit')
        project = ferret.Projector(LAYOUT, 'sparse-sign', ferret.Uniform(2 ** 16))
        sketch = project(update_of(SIZE), ferret.Seed(0, 1))
        message = ferret.encode(sketch, '8bit')
        update = ferret.Client(plan, 1)(1, np.zeros(SIZE, np.float32), update_of(SIZE))
        self.assert_gives_way(lambda: lambda: ferret.encode(sketch, '8bit'))
        self.assert_gives_way(lambda: lambda: ferret.decode(message))
        self.assert_gives_way(lambda: lambda: ferret.decode_update(update))
        self.assert_gives_way(lambda: lambda: ferret.sum([sketch] * 4))

    def test_a_round_log(self):
        with tempfile.TemporaryDirectory() as folder:
            server, model = ferret.Server(small_plan(), first_model()), first_model()
            with ferret.RoundLog(pathlib.Path(folder) / 'rounds') as log:
                def appending():
                    broadcast = server.close(model, 1)
                    return lambda: log.append(broadcast)
                self.assert_gives_way(appending)


class SharingTest(TestCase):
    def test_threads_share_a_server(self):
        plan, model = small_plan(), first_model()
        updates = [answer(plan, model, 1, client) for client in range(64)]
        alone, shared = ferret.Server(plan, model), ferret.Server(plan, model)
        for update in updates:
            alone.receive(update)
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            list(pool.map(shared.receive, updates))
            self.assertEqual(shared.received, 64)
        first, second = copy_of(model), copy_of(model)
        self.assertEqual(alone.close(first, 0.5), shared.close(second, 0.5))
        self.assertTrue(same_bits(first, second))

    def test_of_threads_that_apply_one_broadcast_one_does(self):
        plan, model = small_plan(), first_model()
        server, follower, local = ferret.Server(plan, model), ferret.Follower(plan), first_model()
        server.receive(answer(plan, model, 1, 1))
        broadcast = server.close(model, 0.5)

        def apply(_):
            try:
                follower.apply(broadcast, local)
                return True
            except ferret.WrongRound:
                return False

        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            self.assertEqual(sum(pool.map(apply, range(8))), 1)
        self.assertTrue(same_bits(local, model))


if __name__ == '__main__':
    main()
