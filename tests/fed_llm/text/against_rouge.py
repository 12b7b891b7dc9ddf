#!/usr/bin/env python3
"""Holds fed_llm's Rouge-L against the Python package `rouge` 1.0.1.

    against_rouge.py PROBE

PROBE is the program fed_llm_probe. Exits with 77 where the package is not installed.
"""

import json
import random
import subprocess
import sys

try:
    from rouge import Rouge
except ImportError:
    print("skipped: the Python package rouge is not installed")
    sys.exit(77)

# Numbers in [0, 1] by the same few operations: a fused one may round the last bits otherwise.
LARGEST_DIFFERENCE = 4e-16

WORDS = ("a b c d e the cat sat on mat dog log then 12 3.14 x=y caf\u00e9 na\u00efve \u65e5\u672c "
         "don't U.S.A. end... (so) .5 5. ,").split(" ")
SPACES = [" "] * 12 + ["  ", "\n", "\t", "\u00a0", "\u3000", "\u2028", "\x1c", "\x85", ". ", "."]


def sentence(generator, words, length):
    text = ""
    for _ in range(length):
        text += generator.choice(words) + generator.choice(SPACES)
    return text if generator.random() < 0.3 else text.strip()


def edited(generator, text):
    """The text with some of its words left out, doubled, or in another place."""
    words = text.split(" ")
    for _ in range(generator.randrange(1, 6)):
        at = generator.randrange(len(words))
        action = generator.randrange(3)
        if action == 0 and len(words) > 1:
            del words[at]
        elif action == 1:
            words.insert(at, generator.choice(WORDS))
        else:
            words.insert(generator.randrange(len(words)), words.pop(at))
    return " ".join(words)


def pairs(count):
    generator = random.Random(20240610)
    for number in range(count):
        words = WORDS[:generator.randrange(2, len(WORDS) + 1)]
        length = generator.randrange(1, 120 if number % 20 == 0 else 25)
        reference = sentence(generator, words, length)
        hypothesis = (edited(generator, reference) if generator.random() < 0.5
                      else sentence(generator, words, generator.randrange(1, 25)))
        yield hypothesis, reference


def expected(rouge, hypothesis, reference):
    try:
        return rouge.get_scores(hypothesis, reference)[0]["rouge-l"]["f"]
    except ValueError:  # a text of nothing but full stops
        return 0.0


def main():
    sys.setrecursionlimit(100_000)  # the package walks back through the table by recursion
    asked = list(pairs(5000))
    lines = "".join(json.dumps(pair) + "\n" for pair in asked)
    answer = subprocess.run([sys.argv[1], "rouge"], input=lines.encode(), stdout=subprocess.PIPE,
                            check=True)
    given = [json.loads(line) for line in answer.stdout.splitlines()]
    assert len(given) == len(asked)
    rouge = Rouge(metrics=["rouge-l"])
    largest = 0.0
    middling = 0
    for (hypothesis, reference), ours in zip(asked, given):
        theirs = expected(rouge, hypothesis, reference)
        middling += 0.05 < theirs < 0.95
        difference = abs(ours - theirs)
        if difference > LARGEST_DIFFERENCE:
            print(f"{hypothesis!r} | {reference!r}: expected {theirs}, got {ours}")
        largest = max(largest, difference)
    print(f"{len(asked)} pairs, {middling} of them between 0.05 and 0.95; "
          f"largest difference {largest:.3g}")
    sys.exit(largest > LARGEST_DIFFERENCE)


if __name__ == "__main__":
    main()
