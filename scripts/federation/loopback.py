"""A Flower federation on the loopback, with TLS and node keys, whose processes all end with it.

Ports are chosen free, keys and the certificate are made on the spot, and everything lies in one folder: a
file of log for each process, `flower` (FLWR_HOME), `nodes/N` (what SuperNode N keeps).
"""

import os
import pathlib
import signal
import socket
import subprocess
import sys
import time

given_ports = set()


def free_port():
    """A TCP port of the loopback that nobody listens on now, never the same twice."""
    while True:
        with socket.socket() as server:
            server.bind(('127.0.0.1', 0))
            port = server.getsockname()[1]
        if port not in given_ports:
            given_ports.add(port)
            return port


def make_authority(folder, name):
    """Writes NAME-ca.pem, an authority of its own, and NAME.pem and NAME.key, its server for 127.0.0.1."""
    extensions = folder / f'{name}.ext'
    extensions.write_text('subjectAltName = IP:127.0.0.1, DNS:localhost\nbasicConstraints = CA:FALSE\n')
    curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
    for arguments in (
            ['req', '-x509', *curve, '-keyout', f'{name}-ca.key', '-out', f'{name}-ca.pem', '-days', '2',
             '-subj', f'/CN={name} authority', '-addext', 'basicConstraints=critical,CA:TRUE'],
            ['req', *curve, '-keyout', f'{name}.key', '-out', f'{name}.csr', '-subj', '/CN=localhost'],
            ['x509', '-req', '-in', f'{name}.csr', '-CA', f'{name}-ca.pem', '-CAkey', f'{name}-ca.key',
             '-CAcreateserial', '-out', f'{name}.pem', '-days', '2', '-extfile', extensions.name]):
        subprocess.run(['openssl', *arguments], cwd=folder, check=True, capture_output=True)


def make_node_key(folder, name):
    """Writes NAME, a SuperNode's private key, and NAME.pub; returns the path of the former."""
    key = folder / name
    subprocess.run(['ssh-keygen', '-q', '-t', 'ecdsa', '-b', '384', '-N', '', '-f', str(key)], check=True)
    return key


class Federation:
    """A SuperLink and the SuperNodes that one starts, all of which end when the `with` block does.

    `app` is the folder of the Flower app; `environment` is added to every process's.
    """

    def __init__(self, folder, app, environment=None):
        self.folder = pathlib.Path(folder).resolve()
        self.app = pathlib.Path(app).resolve()
        self.port = free_port()
        self.processes = []
        self.environment = {
            **os.environ,
            'PATH': f'{pathlib.Path(sys.executable).parent}:{os.environ["PATH"]}',
            'FLWR_HOME': str(self.folder / 'flower'),
            'FLWR_TELEMETRY_ENABLED': '0',
            'FLWR_DISABLE_UPDATE_CHECK': '1',
            'FLWR_DISABLE_RUNTIME_DEPENDENCY_INSTALLATION': '1',
            'PYTHONUNBUFFERED': '1',
            **(environment or {})}

    def __enter__(self):
        (self.folder / 'flower').mkdir(parents=True)
        make_authority(self.folder, 'server')
        (self.folder / 'flower' / 'config.toml').write_text(
            '[superlink]\ndefault = "loopback"\n\n[superlink.loopback]\n'
            f'address = "127.0.0.1:{self.port}"\nroot-certificates = "{self.folder}/server-ca.pem"\n')
        try:
            self.start_superlink()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self, name, command):
        """Starts a process of a session of its own, with its output appended to NAME.log; returns it."""
        with open(self.folder / f'{name}.log', 'ab') as log:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                       env=self.environment, cwd=self.folder, start_new_session=True)
        self.processes.append(process)
        return process

    def start_superlink(self):
        """Starts the SuperLink, also after it was killed, and waits until it listens."""
        self.superlink = self.start('superlink', [
            'flower-superlink', '--host', '127.0.0.1', '--port', str(self.port),
            '--ssl-ca-certfile', 'server-ca.pem', '--ssl-certfile', 'server.pem', '--ssl-keyfile', 'server.key',
            '--enable-supernode-auth', '--database', 'superlink.db',
            '--disable-runtime-dependency-installation'])
        end = time.monotonic() + 120
        while True:
            try:
                socket.create_connection(('127.0.0.1', self.port), timeout=1).close()
                return
            except OSError:
                if self.superlink.poll() is not None or time.monotonic() > end:
                    raise RuntimeError('expected a SuperLink that listens, got:\n' + self.log('superlink'))
                time.sleep(0.2)

    def kill_superlink(self):
        """Kills the SuperLink as a power cut does, with what it started."""
        self.superlink.kill()
        self.superlink.wait()
        for stray in self._strays():
            signal_process(stray, signal.SIGKILL)

    def register_node(self, number):
        """Makes the key of SuperNode `number` and registers it at the SuperLink."""
        make_node_key(self.folder, f'node{number}')
        self.flwr('supernode', 'register', f'node{number}.pub', 'loopback')

    def start_node(self, number, port=None, key=None, authority='server-ca.pem', name=None, plain=False):
        """Starts SuperNode `number`, which goes through `port` (a proxy's) if that is given.

        key, authority, plain: other than the right ones, to be refused; key='' is none at all.
        """
        key = f'node{number}' if key is None else key
        (self.folder / 'nodes' / str(number)).mkdir(parents=True, exist_ok=True)
        return self.start(name or f'node{number}', [
            'flower-supernode', '--superlink', f'127.0.0.1:{port or self.port}',
            *(['--insecure'] if plain else ['--root-certificates', authority]),
            *(['--auth-supernode-private-key', key] if key else []), '--port', str(free_port()),
            '--node-config', f'partition-id={number} ferret-folder="{self.folder}/nodes/{number}"'])

    def flwr(self, *arguments):
        """Runs `flwr`; returns what it printed.

        Raises RuntimeError if it fails, subprocess.TimeoutExpired after ten minutes.
        """
        done = subprocess.run(['flwr', *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, env=self.environment, cwd=self.folder,
                              timeout=600)
        if done.returncode != 0:
            raise RuntimeError(f'flwr {" ".join(arguments)}: expected success, got:\n{done.stdout}')
        return done.stdout

    def start_run(self, name, run_config):
        """Starts a run of the app, whose log streams into NAME.log; returns the process, which ends with it."""
        return self.start(name, ['flwr', 'run', str(self.app), 'loopback', '--stream',
                                 '--run-config', ' '.join(f'{key}={toml(value)}' for key, value in run_config.items())])

    def log(self, name):
        """What a process has printed so far."""
        return (self.folder / f'{name}.log').read_text(errors='replace')

    def wait_for(self, name, text, seconds, after=0):
        """Waits until the log of `name` has `text` behind position `after`; returns the position after it.

        Raises TimeoutError with the log's end.
        """
        end = time.monotonic() + seconds
        while True:
            log = self.log(name)
            found = log.find(text, after)
            if found >= 0:
                return found + len(text)
            if time.monotonic() > end:
                raise TimeoutError(f'{name}: expected {text!r} within {seconds} s, got:\n{log[-4000:]}')
            time.sleep(0.2)

    def stop(self):
        """Ends all processes, and what they started."""
        for signal_number, seconds in ((signal.SIGTERM, 5), (signal.SIGKILL, 5)):
            for process in self.processes:
                try:
                    os.killpg(process.pid, signal_number)
                except ProcessLookupError:
                    pass
            for stray in self._strays():
                signal_process(stray, signal_number)
            end = time.monotonic() + seconds
            while ((any(process.poll() is None for process in self.processes) or self._strays())
                   and time.monotonic() < end):
                time.sleep(0.1)
        self.processes.clear()

    def _strays(self):
        """Processes of the federation in other sessions than those that it started, as Flower has some."""
        home = f'FLWR_HOME={self.environment["FLWR_HOME"]}'.encode()
        sessions = {process.pid for process in self.processes}
        found = []
        for environment in pathlib.Path('/proc').glob('[0-9]*/environ'):
            try:
                pid = int(environment.parent.name)
                if home in environment.read_bytes().split(b'\0') and os.getsid(pid) not in sessions:
                    found.append(pid)
            except OSError:
                pass  # ended meanwhile, or another user's
        return found


def signal_process(pid, number):
    """Signals a process that may have ended."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass


def toml(value):
    """A value as TOML writes it: text, a truth value or a number."""
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else str(value)
