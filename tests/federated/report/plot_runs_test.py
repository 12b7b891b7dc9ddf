#!/usr/bin/env python3
"""Draws two small runs with plot_runs.py.

Usage: plot_runs_test.py PLOT_RUNS. Exits with 77, for skipped, without Matplotlib.
"""
import importlib.util
import json
import pathlib
import subprocess
import sys
import tempfile

if importlib.util.find_spec('matplotlib') is None:
    print('skipped: there is no Matplotlib')
    sys.exit(77)


def write_run(folder, losses):
    folder.mkdir()
    lines = [{'round': number, 'test_loss': loss, 'clients': 2 if number else 0,
              'bytes_up_per_client': 100.0, 'bytes_down_per_client': 50,
              'seconds': {'local_training': 4.0, 'projection': 2.0, 'aggregation': 0.5}}
             for number, loss in enumerate(losses)]
    text = ''.join(json.dumps(line) + '\n' for line in lines)
    (folder / 'metrics.jsonl').write_text(text + '{"round":9,"test_')  # cut off by a crash


def run(script, *arguments):
    return subprocess.run([sys.executable, script, *map(str, arguments)], capture_output=True,
                          text=True, check=False)


def main():
    script = sys.argv[1]
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        write_run(folder / 'first-run', [4.0, 3.0, 2.0])
        write_run(folder / 'second-run', [4.0, None])
        write_run(folder / 'empty', [])
        runs = folder / 'first-run', folder / 'second-run'

        done = run(script, folder / 'runs.svg', *runs)
        assert done.returncode == 0, done.stderr
        picture = (folder / 'runs.svg').read_text()
        for part in 'first-run', 'second-run', 'round', 'bytes up and down', 'seconds':
            assert part in picture, part
        done = run(script, folder / 'runs.png', *runs)
        assert done.returncode == 0, done.stderr
        assert (folder / 'runs.png').read_bytes().startswith(b'\x89PNG')

        assert not list(folder.glob('*unfinished*'))

        done = run(script, folder / 'missing' / 'runs.svg', *runs)
        assert done.returncode != 0 and 'No such file' in done.stderr, done.stderr
        assert 'Traceback' not in done.stderr, done.stderr
        # A name with a character that ends lines elsewhere, as JSON allows it.
        with open(folder / 'first-run' / 'metrics.jsonl', 'r+', encoding='utf-8') as metrics:
            text = metrics.read().replace('{"round": 0', '{"name": "a\u2028b", "round": 0', 1)
            metrics.seek(0)
            metrics.write(text)
        done = run(script, folder / 'runs.svg', *runs)
        assert done.returncode == 0, done.stderr

        done = run(script, folder / 'empty.svg', folder / 'empty')
        assert done.returncode != 0 and 'expected a measured round' in done.stderr, done.stderr
        done = run(script, folder / 'runs.txt', *runs)
        assert done.returncode != 0 and '.svg or .png' in done.stderr, done.stderr
    print('drawn')


if __name__ == '__main__':
    main()
