"""Examples: a prompt and an answer in tokens."""

import itertools
import json
import pathlib
import random

from .model import load_tokenizer

WORDS = 'river stone green apple seven lantern winter music paper garden silver window'.split()
TASKS = {'Turn the word around.': lambda word: word[::-1], 'Say the word twice.': lambda word: f'{word} {word}',
         'Write the word in capitals.': str.upper}
MOST = {'train': 100, 'test': 20}


def training_examples(config, node):
    """What a node has: every task whose number leaves this rest, tasks being counted over the nodes."""
    return examples_of(config, 'train', [node % config['nodes']])


def test_examples(config):
    """What the server asks of the model."""
    return examples_of(config, 'test', range(config['nodes']))


def examples_of(config, split, nodes):
    """Examples of these nodes, up to MOST of each."""
    tokenizer = load_tokenizer(config)
    examples = [example for node in nodes
                for example in itertools.islice(short_examples(config, split, node, *tokenizer), MOST[split])]
    if not examples:
        raise ValueError(f'data: expected examples of at most {config["max-length"]} tokens, got none')
    return examples


def short_examples(config, split, node, encode, begin, end):
    """(tokens, number of the prompt's among them) of a node's examples that are not over max-length."""
    rows = natural_instructions if config['data'] else made_tasks
    for instruction, text, answer in rows(config, split, node):
        prompt = [begin, *encode(f'### Instruction:\n{instruction}\n### Input:\n{text}\n### Response:\n')]
        tokens = [*prompt, *encode(answer), end]
        if len(tokens) <= config['max-length']:
            yield tokens, len(prompt)


def made_tasks(config, split, node):
    """A task a node, on words of two kinds."""
    instruction, solve = list(TASKS.items())[node % len(TASKS)]
    draw = random.Random(f'{split} {node}')
    for _ in range(MOST[split]):
        word = draw.choice(WORDS) + draw.choice(WORDS)
        yield instruction, word, solve(word)


def natural_instructions(config, split, node):
    """A node's share of the tasks of that split, and of each task the first instances."""
    folder = pathlib.Path(config['data'])
    names = (folder / 'splits' / 'default' / f'{split}_tasks.txt').read_text().split()
    tasks = [folder / 'tasks' / f'{name}.json' for name in names]
    here = [task for task in tasks if task.exists()]  # what is at hand may be a part of the 757
    for task in here[node::config['nodes']]:
        told = json.loads(task.read_text())
        for instance in told['Instances'][:MOST[split] // 2]:
            yield told['Definition'][0], instance['input'], instance['output'][0]
