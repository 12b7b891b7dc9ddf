#!/usr/bin/env python3
"""Plots which client has how many examples of which category.

Usage: plot_split.py RUN_FOLDER_OR_SPLIT.csv OUTPUT.svg|OUTPUT.png

Takes the split.csv of a fed_llm run: a column of clients, then a column for each category. Needs
Matplotlib.
"""
import csv
import pathlib
import sys

import matplotlib

matplotlib.use('agg')
matplotlib.rcParams['svg.fonttype'] = 'none'
matplotlib.rcParams['svg.hashsalt'] = 'ferret'  # the same picture for the same numbers
from matplotlib import pyplot  # noqa: E402  (after the choice of backend)


def read_split(path):
    """The clients, the categories, and a list of the clients' numbers for each category."""
    with open(path, newline='') as file:
        rows = list(csv.reader(file))
    if len(rows) < 2 or rows[0][:1] != ['client'] or any(len(row) != len(rows[0]) for row in rows):
        sys.exit(f'plot_split.py: {path}: expected a table of clients that begins with "client"')
    try:
        counts = [[int(field) for field in row[1:]] for row in rows[1:]]
    except ValueError as error:
        sys.exit(f'plot_split.py: {path}: expected whole numbers: {error}')
    return [row[0] for row in rows[1:]], rows[0][1:], [list(column) for column in zip(*counts)]


def shortened(name, most=28):
    return name if len(name) <= most else name[:most - 1] + '…'


def plot(clients, categories, counts):
    named = len(clients) <= 50
    width = min(max(8.0, 0.12 * len(clients)), 24.0)
    legend_columns = int(width / 2.6)
    legend_rows = -(-len(categories) // legend_columns)
    longest = max(len(shortened(name)) for name in clients) if named else 0
    figure, axis = pyplot.subplots(figsize=(width, 3.5 + 0.2 * legend_rows + 0.07 * longest),
                                   layout='constrained')
    colours = pyplot.get_cmap('tab10' if len(categories) <= 10 else 'tab20').colors
    bottom = [0] * len(clients)
    for index, (category, column) in enumerate(zip(categories, counts)):
        axis.bar(range(len(clients)), column, bottom=bottom, width=0.9, label=shortened(category),
                 color=colours[index % len(colours)],
                 hatch='//' if index >= len(colours) else None)
        bottom = [below + count for below, count in zip(bottom, column)]
    axis.set(xlabel='client', ylabel='examples', xlim=(-0.6, len(clients) - 0.4))
    if named:
        axis.set_xticks(range(len(clients)), [shortened(name) for name in clients], rotation=90,
                        fontsize=7)
    axis.grid(True, axis='y', alpha=0.3)
    figure.legend(loc='outside upper center', ncols=legend_columns, fontsize=8)
    return figure


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    source = pathlib.Path(sys.argv[1])
    figure = plot(*read_split(source / 'split.csv' if source.is_dir() else source))
    metadata = {'Date': None} if sys.argv[2].endswith('.svg') else None
    figure.savefig(sys.argv[2], metadata=metadata, dpi=150)


if __name__ == '__main__':
    main()
