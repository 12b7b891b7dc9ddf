#!/usr/bin/env python3
"""Stands in for fed_llm and kd_lora in reproduce_test.py: the same run folder, from made-up numbers.

The loss after round r is seed + 8 / (r + 1) + server-lr. Files beside this program: `starts` has a line
a call; `stop_after` makes it exit as if interrupted after that round; with `slow` there, it waits for
a signal after that round instead; with `diverge` there, the losses after round 0 are not finite.
"""
import json
import pathlib
import signal
import sys

DEFAULTS = {'rounds': 10, 'rouge-examples': 50, 'server-lr': 1.0, 'seed': 42, 'threads': 0}


def number(text):
    try:
        return float(text) if '.' in text or 'e' in text else int(text)
    except ValueError:
        return text


def main():
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    here = pathlib.Path(__file__).resolve().parent
    words = sys.argv[1:]
    if words[0] == 'run':
        words.pop(0)
    given = {key[2:]: number(value) for key, value in zip(words[::2], words[1::2])}
    with open(here / 'starts', 'a') as starts:
        starts.write(' '.join(words) + '\n')
    if 'resume' in given:
        folder = pathlib.Path(given['resume'])
        options = json.loads((folder / 'config.json').read_text())['options']
    else:
        folder = pathlib.Path(given.pop('out'))
        options = {**DEFAULTS, **given}
        folder.mkdir(parents=True)
        # Whole or not at all, as fed_llm writes it: the driver reads it meanwhile.
        (folder / 'config.json.new').write_text(json.dumps({'options': options, 'facts': {}}))
        (folder / 'config.json.new').rename(folder / 'config.json')
    stop = here / 'stop_after'
    last = int(stop.read_text()) if stop.exists() else options['rounds']
    metrics = folder / 'metrics.jsonl'
    done = len(metrics.read_text().splitlines()) if metrics.exists() else 0
    with open(metrics, 'a') as stream:
        for at in range(done, last + 1):
            loss = options['seed'] + 8 / (at + 1) + options['server-lr']
            if at > 0 and (here / 'diverge').exists():
                loss = None
            line = {'round': at, 'test_loss': loss, 'accuracy': 0.5 + at / 100, 'clients': 5 if at else 0,
                    'bytes_up_per_client': 1000.0 if at else 0.0,
                    'bytes_down_per_client': 3000 if at else 0,
                    'seconds': {'local_training': 10.0, 'projection': 5.0, 'aggregation': 0.25,
                                'evaluation': 1.0}}
            stream.write(json.dumps(line) + '\n')
        if last < options['rounds']:
            if (here / 'slow').exists():
                stream.flush()
                signal.sigwait({signal.SIGTERM})
            print('interrupted; to continue: fed_llm --resume')
            return 130
        if options['rouge-examples'] > 0:
            stream.write(json.dumps({'round': last, 'examples': 40, 'seconds': 1.0,
                                     'rouge_l': 0.125}) + '\n')
    return 0


if __name__ == '__main__':
    sys.exit(main())
