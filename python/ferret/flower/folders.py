"""Where things lie that nobody chose a place for."""

import os
import pathlib


def flower_home():
    """Flower's own folder: $FLWR_HOME, else ~/.flwr."""
    return pathlib.Path(os.environ.get('FLWR_HOME') or pathlib.Path.home() / '.flwr')
