#!/usr/bin/env python3
"""scripts/plot_figures.py draws what `figures --quick` wrote.

Usage: plots_test.py FOLDER    with figure6.csv to figure8c.csv
"""
import importlib.util
import pathlib
import subprocess
import sys
import tempfile
import xml.dom.minidom

SCRIPT = pathlib.Path(__file__).resolve().parent.parent.parent / 'scripts' / 'plot_figures.py'
# In the legends, which SVG keeps as text.
CURVES = {'figure6': ['3d', '16-bit lattice', '24-bit lattice'],
          'figure7': ['TruncatedNormal', 'SparseSign', 'zeroth order, eps = 0.001',
                      'zeroth order, eps = 1', 'sqrt(K / (K + d))'],
          'figure8': ['TruncatedNormal', 'SparseSign, reconstruction',
                      'zeroth order, same directions, eps = 0.0005',
                      'zeroth order, redrawn directions, eps = 0.0005']}


def main():
    if importlib.util.find_spec('matplotlib') is None:
        print('skipped: Matplotlib is missing')
        return 77
    with tempfile.TemporaryDirectory() as out:
        subprocess.run([sys.executable, SCRIPT, sys.argv[1], '--out', out], check=True)
        for name, curves in CURVES.items():
            picture = xml.dom.minidom.parse(str(pathlib.Path(out, f'{name}.svg')))
            texts = {node.firstChild.data for node in picture.getElementsByTagName('text')}
            for curve in curves:
                if curve not in texts:
                    print(f'{name}: expected a curve {curve}, got {sorted(texts)}')
                    return 1
            assert pathlib.Path(out, f'{name}.png').read_bytes().startswith(b'\x89PNG')
        done = subprocess.run([sys.executable, SCRIPT, out, '--out', out], capture_output=True,
                              text=True)
        if done.returncode == 0 or 'expected figure6.csv' not in done.stderr:
            print(f'expected an error that names figure6.csv, got {done.stderr}')
            return 1
    return 0


if __name__ == '__main__':
    sys.exit(main())
