#!/usr/bin/env python3
"""Reads what write_event_file wrote with TensorBoard's own reader.

Usage: read_event_file.py WRITE_EVENT_FILE. Exits with 77, for skipped, without tensorboard.
"""
import subprocess
import sys
import tempfile

try:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
except ImportError as error:
    print(f'skipped: {error}')
    sys.exit(77)


def main():
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.argv[1], folder], check=True)
        events = EventAccumulator(folder)
        events.Reload()
        scalars = {tag: [(event.wall_time - 1700000000, event.step, event.value)
                         for event in events.Scalars(tag)]
                   for tag in events.Tags()['scalars']}
    ends = (0.25, 8.5, 16.75)  # seconds measured so far
    expected = {
        'loss/test': [(ends[0], 0, 4.0), (ends[1], 1, 3.5), (ends[2], 2, 3.0)],
        'loss/training': [(ends[1], 1, 3.5), (ends[2], 2, 3.5)],
        'bytes/up': [(ends[1], 1, 1000.0), (ends[2], 2, 1000.0)],
        'bytes/down': [(ends[1], 1, 500.0), (ends[2], 2, 500.0)],
        'seconds/local training': [(ends[1], 1, 8.0), (ends[2], 2, 8.0)],
        'seconds/evaluation': [(end, step, 0.25) for step, end in enumerate(ends)],
        'answers/rouge l': [(17.75, 2, 0.125)],
        'answers/exact match': [(17.75, 2, 0.75)],
    }
    wrong = {tag: (points, scalars.get(tag)) for tag, points in expected.items()
             if scalars.get(tag) != points}
    if wrong:
        sys.exit(f'expected and got: {wrong}')
    print(f'{len(scalars)} tags as expected')


if __name__ == '__main__':
    main()
