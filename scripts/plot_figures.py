#!/usr/bin/env python3
"""Draws the paper's figures from numbers, each as SVG and PNG.

Usage: plot_figures.py FOLDER [--out FOLDER]

FOLDER holds what examples/figures writes (figure6.csv to figure8c.csv), or the runs of one experiment of
reproduce.py with its plots.json, or both; what is there is drawn. Needs Matplotlib.
"""
import argparse
import csv
import pathlib
import statistics
import sys

import matplotlib

matplotlib.use('svg')
matplotlib.rcParams['svg.fonttype'] = 'none'
matplotlib.rcParams['svg.hashsalt'] = 'ferret'  # the same picture for the same numbers
from matplotlib import pyplot  # noqa: E402  (after the choice of backend)

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from reproduction import run_plots  # noqa: E402  (after the path)

METHODS = {'truncated-normal': 'TruncatedNormal', 'sparse-sign': 'SparseSign',
           'zeroth-order-forward': 'zeroth order', 'zeroth-order-central': 'zeroth order, central',
           'zeroth-order-same': 'zeroth order, same directions',
           'zeroth-order-redrawn': 'zeroth order, redrawn directions'}


def rows_of(file):
    with open(file, newline='') as stream:
        return [{key: value if key in ('method', 'basis') else float(value)
                 for key, value in row.items()} for row in csv.DictReader(stream)]


def label_of(method, perturbation):
    return METHODS.get(method, method) + (f', eps = {perturbation:g}' if perturbation else '')


def by_curve(rows, x, y):
    """{label: [(x, mean of y over the seeds, deviation)]}, in the file's order."""
    values = {}
    for row in rows:
        label = label_of(row['method'], row['perturbation'])
        values.setdefault(label, {}).setdefault(row[x], []).append(row[y])
    return {label: [(at, statistics.mean(some), statistics.stdev(some) if len(some) > 1 else 0.0)
                    for at, some in sorted(points.items())]
            for label, points in values.items()}


def draw_curves(axis, rows, x, y='cosine'):
    for label, points in by_curve(rows, x, y).items():
        axis.errorbar(*zip(*[(at, mean) for at, mean, _ in points]),
                      yerr=[deviation for _, _, deviation in points],
                      marker='o', markersize=3, capsize=2, label=label)


def draw_theory(axis, rows, x):
    points = sorted({(row[x], row['expected_cosine']) for row in rows})
    axis.plot(*zip(*points), color='black', linestyle='--', label='sqrt(K / (K + d))')


def finish(axis, **settings):
    axis.set(**settings)
    axis.grid(True, alpha=0.3)
    axis.legend(fontsize='small', loc='upper center', bbox_to_anchor=(0.5, -0.16), ncol=2)


def figure6(folder):
    rows = rows_of(folder / 'figure6.csv')
    figure, axis = pyplot.subplots(figsize=(5, 4.5), layout='constrained')
    for basis, label, marker in [('truncated-normal', '16-bit lattice', 'o'),
                                 ('truncated-normal-32', '24-bit lattice', 'x')]:
        points = [(row['dimension'], row['inverse_rho']) for row in rows if row['basis'] == basis]
        axis.plot(*zip(*points), marker=marker, linestyle='', label=label)
    dimensions = sorted({row['dimension'] for row in rows})
    axis.plot(dimensions, [3 * d for d in dimensions], color='black', linestyle='--', label='3d')
    finish(axis, xlabel='d', ylabel='1/rho', xscale='log', yscale='log')
    return figure


def figure7(folder):
    rows = rows_of(folder / 'figure7.csv')
    # Central differences are exact on this function: one curve stands for all perturbations.
    one = min(row['perturbation'] for row in rows if row['method'] == 'zeroth-order-central')
    rows = [row for row in rows
            if row['method'] != 'zeroth-order-central' or row['perturbation'] == one]
    figure, axis = pyplot.subplots(figsize=(6, 5.5), layout='constrained')
    draw_curves(axis, rows, 'bases')
    draw_theory(axis, rows, 'bases')
    finish(axis, xlabel=f'K (d = {rows[0]["dimension"]:.0f})', ylabel='cosine similarity')
    return figure


def figure8(folder):
    figure, axes = pyplot.subplots(2, 2, figsize=(11, 11), layout='constrained')
    axes = axes.flat
    for axis, part, x, label in [(axes[0], 'a', 'steps', 'T'), (axes[1], 'b', 'dimension', 'd'),
                                 (axes[2], 'c', 'blocks', 'L')]:
        rows = rows_of(folder / f'figure8{part}.csv')
        draw_curves(axis, rows, x)
        draw_theory(axis, rows, x)
        fixed = ', '.join(f'{name} = {rows[0][column]:.0f}'
                          for name, column in [('T', 'steps'), ('d', 'dimension'), ('K', 'bases')]
                          if column != x)
        finish(axis, xlabel=label, ylabel='cosine similarity', title=f'({part}) {fixed}',
               xscale='log')
        axis.axhline(0.0, color='black', linewidth=0.5)
    rows = rows_of(folder / 'figure8c.csv')
    for column, name in [('projection_seconds', 'projection'),
                         ('reconstruction_seconds', 'reconstruction')]:
        for label, points in by_curve(rows, 'blocks', column).items():
            axes[3].plot(*zip(*[(at, 1e3 * mean) for at, mean, _ in points]), marker='o',
                         markersize=3, label=f'{label}, {name}')
    finish(axes[3], xlabel='L', ylabel='ms', xscale='log', yscale='log', title='(c) time, one thread')
    return figure


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('folder', type=pathlib.Path)
    parser.add_argument('--out', type=pathlib.Path, help='default: the folder itself')
    arguments = parser.parse_args()
    out = arguments.out or arguments.folder

    figures = {}
    for name, draw, needed in [('figure6', figure6, ['figure6.csv']),
                               ('figure7', figure7, ['figure7.csv']),
                               ('figure8', figure8, [f'figure8{part}.csv' for part in 'abc'])]:
        if all((arguments.folder / file).exists() for file in needed):
            figures[name] = draw(arguments.folder)
    if (arguments.folder / 'plots.json').exists():
        figures.update(run_plots.draw_all(arguments.folder))
    if not figures:
        sys.exit(f'plot_figures.py: expected figure6.csv, ..., figure8c.csv or plots.json in '
                 f'{arguments.folder}, got neither')
    out.mkdir(parents=True, exist_ok=True)
    for name, figure in figures.items():
        figure.savefig(out / f'{name}.svg', metadata={'Date': None})
        figure.savefig(out / f'{name}.png', dpi=150)
        pyplot.close(figure)
        print(out / f'{name}.svg')


if __name__ == '__main__':
    main()
