"""A real federation on the loopback: TLS, node keys, and SuperNodes and a SuperLink that are killed."""

import atexit
import pathlib
import re
import signal
import sys
import time
import unittest

from flower_support import FlowerTest  # first: it skips the file without Flower

import ferret
from ferret.flower import ModelFile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / 'scripts' / 'federation'))
from loopback import Federation, make_authority, make_node_key  # noqa: E402 - it lies elsewhere

PATIENCE = 600  # seconds for what takes a few, and a minute until Flower misses a node
LONGEST = 2300  # seconds for all, less than ctest's, which would leave the processes behind


def end(*_):
    sys.exit('ended by a signal')  # an error of the test, whose cleanup ends the processes


class FederationTest(FlowerTest):

    def setUp(self):
        super().setUp()
        self.control = self.folder / 'control'
        self.control.mkdir()
        self.federation = Federation(self.folder / 'federation', HERE / 'flowerapp', environment={
            'FERRET_TEST_CONTROL': str(self.control), 'FLWR_SUPEREXEC_TASK_POLL_INTERVAL': '0.2'})
        for number in (signal.SIGTERM, signal.SIGALRM):
            signal.signal(number, end)
        signal.alarm(LONGEST)
        atexit.register(self.federation.stop)
        self.enterContext(self.federation)

    def hold(self, node, number):
        (self.control / f'hold-{node}-{number}').touch()

    def release(self, node, number):
        (self.control / f'hold-{node}-{number}').unlink()

    def wait_until_held(self, node, number):
        end = time.monotonic() + PATIENCE
        while not (self.control / f'held-{node}-{number}').exists():
            self.assertLess(time.monotonic(), end, self.federation.log(f'node{node}')[-4000:])
            time.sleep(0.1)

    def wait_for(self, name, *texts):
        """Waits for lines of a log that have these texts, one after the other."""
        position = 0
        for text in texts:
            position = self.federation.wait_for(name, text, PATIENCE, position)

    def finish(self, process, name):
        """The fingerprint of the model that a run ends with."""
        self.assertEqual(process.wait(PATIENCE), 0)
        found = re.findall(r'ferret: model after round \d+: ([0-9a-f]{16})\s', self.federation.log(name))
        self.assertTrue(found, self.federation.log(name)[-4000:])
        return int(found[-1], 16)

    def fingerprint_on(self, node):
        with ModelFile(self.folder / 'federation' / 'nodes' / str(node)) as file:
            model = file.read()[0]
        return ferret.model_fingerprint(ferret.Layout.uniform(model.sizes, sum(model.sizes)), model.arrays)

    def test_nodes_and_the_superlink_die_and_come_back(self):
        for node in range(4):
            self.federation.register_node(node)
        nodes = [self.federation.start_node(node) for node in range(3)]
        for node in range(3):
            self.wait_for(f'node{node}', 'SuperNode ID:')
        strangers = self.start_strangers()
        self.nodes_die(nodes)
        self.check_strangers(strangers)
        self.superlink_dies()

    def nodes_die(self, nodes):
        self.hold(2, 2)
        self.hold(0, 3)
        run = self.federation.start_run('nodes', {'rounds': 4, 'nodes': 2})

        # Node 2 dies in round 2, and its ClientApp does not.
        self.wait_until_held(2, 2)
        nodes[2].kill()
        nodes[2].wait()
        early = self.federation.start_node(2, name='early')
        self.wait_for('nodes', 'ferret: round 1: 3 updates')
        self.wait_for('nodes', 'ferret: node', 'failed: ', 'ferret: round 2: 2 updates')
        # Back before it was missed, it is not let in; later it is, and follows what it missed.
        self.assertNotEqual(early.wait(PATIENCE), 0)
        self.assertIn('Failed to initialize the connection', self.federation.log('early'))
        self.wait_until_held(0, 3)
        self.federation.start_node(2, name='late')
        self.federation.start_node(3)
        for name in ('late', 'node3'):
            self.wait_for(name, 'SuperNode ID:')
        self.release(0, 3)
        self.wait_for('late', 'from disk and 2 broadcasts')
        # The ClientApp of round 2 goes on now. The model is left alone.
        self.release(2, 2)
        self.wait_for('node2', 'held back: 2-2 goes on', 'StaleMessage')
        # Node 3 is new in round 4: first it has nothing, then the model.
        self.wait_for('node3', 'got none from no model at all', 'from the message and 0 broadcasts')
        final = self.finish(run, 'nodes')
        self.assertIn('ferret: round 4: 4 updates', self.federation.log('nodes'))
        for node in range(4):
            self.assertEqual(self.fingerprint_on(node), final, f'node {node}')

    def superlink_dies(self):
        options = {'rounds': 3, 'nodes': 4, 'evaluate': False}
        undisturbed = self.finish(self.federation.start_run('undisturbed', options), 'undisturbed')

        options['ferret.folder'] = str(self.folder / 'rounds')
        self.hold(0, 2)
        self.federation.start_run('killed', options)
        self.wait_until_held(0, 2)
        self.federation.kill_superlink()
        self.release(0, 2)
        self.federation.start_superlink()
        resumed = self.finish(self.federation.start_run('resumed', options), 'resumed')
        self.assertIn('ferret: goes on after round 1', self.federation.log('resumed'))
        self.assertEqual(resumed, undisturbed)

    def start_strangers(self):
        """SuperNodes that the SuperLink must not let in."""
        federation = self.federation
        make_node_key(federation.folder, 'unknown')
        make_authority(federation.folder, 'other')
        return {'wrong key': federation.start_node(4, name='wrong key', key='unknown'),
                'no key': federation.start_node(4, name='no key', key=''),
                'wrong CA': federation.start_node(4, name='wrong CA', key='node3', authority='other-ca.pem'),
                'plain': federation.start_node(4, name='plain', key='', plain=True),
                'plain with a key': federation.start_node(4, name='plain with a key', key='node3', plain=True)}

    def check_strangers(self, strangers):
        for name, text in (('wrong key', 'Failed to activate SuperNode'),
                           ('no key', 'All SuperNodes must be registered via the CLI'),
                           ('wrong CA', 'CERTIFICATE_VERIFY_FAILED'),
                           ('plain with a key', 'requires a secure TLS connection')):
            with self.subTest(name):
                self.assertNotEqual(strangers[name].wait(PATIENCE), 0)
                self.assertIn(text, self.federation.log(name))
        # Without TLS and key a SuperNode goes on trying; nobody hears it.
        self.assertIsNone(strangers['plain'].poll())
        self.assertIn('Connection attempt failed', self.federation.log('plain'))
        self.assertNotIn('SuperNode ID:', self.federation.log('plain'))


if __name__ == '__main__':
    unittest.main()
