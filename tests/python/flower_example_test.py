"""examples/flower in one process, with FedAvg and with ferret, and the parts of scripts/federation."""

import dataclasses
import pathlib
import socket
import sys
import threading
import tomllib
import unittest

from flower_support import FlowerTest, Nodes, context_of_server  # first: it skips the file without Flower

try:
    import sentencepiece  # noqa: F401 - what the example needs
    import torch
    import transformers  # noqa: F401
except ImportError as error:
    print(f'skipped: PyTorch, transformers and sentencepiece are needed ({error})')
    sys.exit(77)

from ferret.flower import Options
from flwr.common.config import flatten_dict
from flwr.serverapp.strategy import Strategy

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / 'examples' / 'flower'), str(ROOT / 'scripts' / 'federation')]
from compare import main, table, value_of  # noqa: E402 - they lie elsewhere
from counting_proxy import CountingProxy  # noqa: E402
from loopback import free_port, toml  # noqa: E402
from tuning import client_app, data, server_app  # noqa: E402

SMALL = {'hidden-size': 16, 'layers': 1, 'local-steps': 4, 'rounds': 2, 'nodes': 2, 'max-length': 128}


def run_config(**overrides):
    told = tomllib.loads((ROOT / 'examples' / 'flower' / 'pyproject.toml').read_text())
    return {**flatten_dict(told['tool']['flwr']['app']['config']), **SMALL, **overrides}


class ExampleTest(FlowerTest):

    def run_app(self, algorithm):
        """The grid and the result of a run of the example."""
        config = run_config(algorithm=algorithm, **{'ferret.folder': str(self.folder / 'server')})
        nodes = Nodes(self.folder, (0, 1), app=client_app.app, run_config=config)
        results = []
        start = Strategy.start

        def remember(*arguments, **options):
            results.append(start(*arguments, **options))
            return results[-1]
        Strategy.start = remember
        try:
            server_app.main(nodes, context_of_server(config))
        finally:
            Strategy.start = start
        return nodes, results[0]

    def test_both_algorithms_tune_the_model_and_ferret_sends_no_arrays(self):
        torch.set_num_threads(1)
        for algorithm in ('fedavg', 'ferret'):
            nodes, result = self.run_app(algorithm)
            losses = [metrics['test-loss'] for metrics in result.evaluate_metrics_serverapp.values()]
            self.assertEqual(len(losses), 3)
            self.assertLess(losses[-1], losses[0])
            whole = sum(array.numpy().nbytes for array in result.arrays.values())
            with_arrays = [size for _, message, size in nodes.sent + nodes.replied if message.content.array_records]
            self.assertEqual(len(with_arrays), 0 if algorithm == 'ferret' else 8)
            self.assertTrue(all(size > whole for size in with_arrays))
        arrays, facts = self.model_on(0)
        self.assertEqual(facts['round'], 1)  # and that of round 2 would come with the next message
        self.assertNotIn('lm_head.weight', arrays)  # tied: it is the embedding

    def test_every_node_has_examples_of_its_own(self):
        first, second = (data.training_examples(run_config(), node) for node in (0, 1))
        self.assertTrue(first and second)
        self.assertNotEqual(first[0][0][:20], second[0][0][:20])
        for tokens, prompt in first + second + data.test_examples(run_config()):
            self.assertTrue(0 < prompt < len(tokens) <= SMALL['max-length'])
        with self.assertRaisesRegex(ValueError, 'expected examples of at most 9 tokens'):
            data.test_examples(run_config(**{'max-length': 9}))

    def test_natural_instructions_as_they_lie_in_their_folder(self):
        (self.folder / 'splits' / 'default').mkdir(parents=True)
        (self.folder / 'tasks').mkdir()
        (self.folder / 'splits' / 'default' / 'train_tasks.txt').write_text('a\nabsent\nb\nc\n')
        for name in 'abc':
            (self.folder / 'tasks' / f'{name}.json').write_text(
                '{"Definition": ["Say %s"], "Instances": [{"input": "x", "output": ["%s", "?"]}]}' % (name, name))
        config = run_config(data=str(self.folder))
        told = [list(data.natural_instructions(config, 'train', node)) for node in (0, 1)]
        self.assertEqual(told, [[('Say a', 'x', 'a'), ('Say c', 'x', 'c')], [('Say b', 'x', 'b')]])

    def test_a_proxy_counts_both_directions(self):
        with socket.create_server(('127.0.0.1', 0)) as server:
            def answer():
                client, _ = server.accept()
                with client:
                    asked = b''
                    while len(asked) < 1000:
                        asked += client.recv(1000)
                    client.sendall(asked * 3)
            threading.Thread(target=answer, daemon=True).start()
            proxy = CountingProxy(server.getsockname()[1])
            self.addCleanup(proxy.close)
            with socket.create_connection(('127.0.0.1', proxy.port), timeout=60) as client:
                client.sendall(bytes(1000))
                answered = b''
                while data_here := client.recv(4096):
                    answered += data_here
            self.assertEqual((len(answered), proxy.up, proxy.down), (3000, 1000, 3000))

    def test_a_port_is_given_once(self):
        self.assertEqual(len({free_port() for _ in range(100)}), 100)

    def test_a_run_may_choose_any_option_of_ferret(self):
        told = {key for key in run_config() if key.startswith('ferret.')}
        self.assertEqual(told, {'ferret.' + field.name.replace('_', '-') for field in dataclasses.fields(Options)})
        self.assertEqual(Options.of(run_config()), Options(bytes='4K'))

    def test_rounds_and_nodes_that_are_none_are_refused(self):
        for override in ('rounds=0', 'rounds=x', 'nodes=0', 'nodes=4'):
            with self.assertRaisesRegex(SystemExit, 'expected a number in 1 to'):
                main(self.folder / 'run', override)
        self.assertFalse((self.folder / 'run').exists())

    def test_the_table_and_values_of_a_command_line(self):
        rows = table([
            {'algorithm': 'fedavg', 'losses': [3.0, 2.0], 'up': 4e6, 'down': 5e6, 'seconds': 10.04},
            {'algorithm': 'ferret', 'losses': [3.0, 2.5], 'up': 2e4, 'down': 1e4, 'seconds': 9.0}]).split('\n')
        self.assertEqual([row.split() for row in rows[1:]], [
            ['fedavg', '3.000', '2.000', '4,000,000', '5,000,000', '10.0'],
            ['ferret', '3.000', '2.500', '20,000', '10,000', '9.0'], ['ratio', '200', '500']])
        self.assertEqual([value_of(text) for text in ('3', '0.5', '4K', '')], [3, 0.5, '4K', ''])
        self.assertEqual([toml(value) for value in (3, 0.5, '4K', True)], ['3', '0.5', '"4K"', 'true'])


if __name__ == '__main__':
    unittest.main()
