"""Flower's SuperNode with another time between its signs of life: supernode.py SECONDS [flower-supernode's].

Flower takes no option for it. A SuperNode that dies is noticed after two of them, a minute by Flower's 30 s.
"""

import sys

import flwr.common.constant

flwr.common.constant.HEARTBEAT_DEFAULT_INTERVAL = int(sys.argv.pop(1))

from flwr.supernode.cli import flower_supernode  # noqa: E402 - it reads the constant when it is imported

flower_supernode()
