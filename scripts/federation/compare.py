"""Runs examples/flower with FedAvg and with ferret in a federation on the loopback, and prints both side by
side.

    compare.py FOLDER [KEY=VALUE ...]    run-config for both runs; FOLDER is for logs and must not be there
    yet

Three SuperNodes reach their SuperLink through proxies that count bytes: everything between Flower's processes
counts, TLS, heartbeats, questions for work and the app itself included.
"""

import json
import os
import pathlib
import re
import signal
import sys
import time

from counting_proxy import CountingProxy
from loopback import Federation

NODES = 3
APP = pathlib.Path(__file__).resolve().parents[2] / 'examples' / 'flower'
HEADINGS = ('algorithm', 'test loss before', 'test loss after', 'bytes up', 'bytes down', 'seconds')


def shared_inputs():
    """The model and data of FERRET_SHARED_DIR as run-config, as far as they are there."""
    shared = pathlib.Path(os.environ.get('FERRET_SHARED_DIR', pathlib.Path(__file__).resolve().parents[3] / 'shared'))
    places = {'model': shared / 'models' / 'stories260K', 'data': shared / 'data' / 'natural-instructions-2.8'}
    if all(place.is_dir() for place in places.values()):
        return {**{key: str(place) for key, place in places.items()}, 'max-length': 512, 'batch-size': 4}
    return {}


def value_of(text):
    """A number if the text is one."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            pass
    return text


def measure(federation, proxies, algorithm, config):
    """One run: what the table has of it."""
    before = [(proxy.up, proxy.down) for proxy in proxies]
    begin = time.monotonic()
    run = federation.start_run(algorithm, {**config, 'algorithm': algorithm})
    code = run.wait()
    seconds = time.monotonic() - begin
    log = federation.log(algorithm)
    losses = [float(loss) for loss in re.findall(r"{'test-loss': ([0-9.e+-]+)}", log)]
    if code != 0 or len(losses) != config['rounds'] + 1 or re.search(r'and [1-9]\d* failures', log):
        raise RuntimeError(f'{algorithm}: expected {config["rounds"]} rounds without failures, got:\n{log[-6000:]}')
    share = NODES * config['rounds']
    up, down = (sum(after - old[way] for after, old in zip(now, before)) / share
                for way, now in enumerate(zip(*((proxy.up, proxy.down) for proxy in proxies))))
    result = {'algorithm': algorithm, 'losses': losses, 'up': up, 'down': down, 'seconds': seconds / config['rounds']}
    fingerprints = re.findall(r'model after round \d+: ([0-9a-f]{16})', log)
    if fingerprints:
        result['fingerprint'] = fingerprints[-1]
    return result


def table(results):
    """Both runs, and how they compare."""
    rows = [HEADINGS] + [(result['algorithm'], f'{result["losses"][0]:.3f}', f'{result["losses"][-1]:.3f}',
                          f'{result["up"]:,.0f}', f'{result["down"]:,.0f}', f'{result["seconds"]:.1f}')
                         for result in results]
    first, last = results
    rows.append(('ratio', '', '', f'{first["up"] / last["up"]:.0f}', f'{first["down"] / last["down"]:.0f}', ''))
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    return '\n'.join('  '.join(cell.ljust(width) if column == 0 else cell.rjust(width)
                               for column, (cell, width) in enumerate(zip(row, widths))) for row in rows)


def main(folder, *overrides):
    config = {'rounds': 3, 'nodes': NODES, **shared_inputs()}
    for override in overrides:
        key, _, value = override.partition('=')
        config[key] = value_of(value)
    for key, most in (('rounds', sys.maxsize), ('nodes', NODES)):
        if type(config[key]) is not int or not 1 <= config[key] <= most:
            raise SystemExit(f'{key}: expected a number in 1 to {most}, got {config[key]!r}')
    # As many threads as processors in each of four processes would be in each other's way.
    with Federation(folder, APP, {'OMP_NUM_THREADS': '1'}) as federation:
        for node in range(NODES):
            federation.register_node(node)
        proxies = [CountingProxy(federation.port) for _ in range(NODES)]
        for node, proxy in enumerate(proxies):
            federation.start_node(node, proxy.port)
        print(f'{NODES} SuperNodes on the loopback, {config}, logs in {folder}', flush=True)
        results = []
        for algorithm in ('fedavg', 'ferret'):
            results.append(measure(federation, proxies, algorithm, config))
            print(f'{algorithm}: done', flush=True)
        for proxy in proxies:
            proxy.close()
    (federation.folder / 'results.json').write_text(json.dumps(results, indent=1))
    print('\nA node in a round, seconds with all that goes on around it:\n')
    print(table(results))


if __name__ == '__main__':
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # by way of what ends the processes
    main(*sys.argv[1:])
