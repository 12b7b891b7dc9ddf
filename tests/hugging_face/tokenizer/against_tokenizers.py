#!/usr/bin/env python3
"""Holds hugging_face's byte-level tokenizers against the Python package `tokenizers`.

    against_tokenizers.py PROBE [FOLDER...]
    against_tokenizers.py --store FILE     writes stored_tokenizers.json, for byte_level_tokenizer_test

PROBE is the program hugging_face_probe. Small tokenizers with the steps of Llama 3, Qwen2.5 and SmolLM2
are trained here; each FOLDER adds a model's own. Every text must give the same tokens, and the tokens
the same text again. Exits with 77 where the package is not installed.
"""

import json
import pathlib
import random
import subprocess
import sys
import tempfile
import unicodedata

try:
    from tokenizers import (AddedToken, Regex, Tokenizer, decoders, models, normalizers,
                            pre_tokenizers, processors, trainers)
except ImportError:
    print("skipped: the Python package tokenizers is not installed")
    sys.exit(77)

ENDINGS = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)"
SPACES = r"\s*[\r\n]+|\s+(?!\S)|\s+"
WORDS = r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}%s| ?[^\s\p{L}\p{N}]+[\r\n]*|"
BYTE_LEVEL = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)

CORPUS = [
    "the cat sat on the mat and the dog sat on the log, then they're gone: it's 12345 o'clock",
    "Hello World! HELLO world, hello  worlds\n\nwhat we'll do\t\twith 3.14159 or 1,000,000?\r\n",
    "naïve café déjà vu; Ångström; ça va; größer; Россия и мир; 日本語のテキスト; 한국어; مرحبا",
    "def f(x):\n    return x ** 2  # comment\n\n\nfor i in range(10):\n\tprint(f(i))\n",
]


def with_words(digits, normalizer=None, whole_pieces=False):
    tokenizer = Tokenizer(models.BPE(ignore_merges=whole_pieces))
    split = pre_tokenizers.Split(Regex(ENDINGS + WORDS % digits + SPACES), "isolated")
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([split, BYTE_LEVEL])
    if normalizer is not None:
        tokenizer.normalizer = normalizer
    return tokenizer


def with_digits():
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Digits(individual_digits=True),
        pre_tokenizers.ByteLevel(add_prefix_space=False),
    ])
    return tokenizer


def with_prefix_space():
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    return tokenizer


def trained(tokenizer, added):
    trainer = trainers.BpeTrainer(vocab_size=330, show_progress=False,
                                  initial_alphabet=pre_tokenizers.ByteLevel.alphabet())
    tokenizer.train_from_iterator(CORPUS, trainer)
    tokenizer.add_special_tokens(["<|end|>", "<|end|><|end|>", "<|im_start|>"])
    tokenizer.add_tokens(added)
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer


def small_tokenizers():
    """By the name of the family whose steps they have."""
    plain = [AddedToken("<tool>", normalized=False)]
    llama = trained(with_words("{1,3}", whole_pieces=True), plain)
    llama.post_processor = processors.Sequence([
        processors.ByteLevel(trim_offsets=False),
        processors.TemplateProcessing(
            single="<|im_start|> $A", special_tokens=[
                ("<|im_start|>", llama.token_to_id("<|im_start|>"))]),
    ])
    return {
        "llama3": llama,
        "qwen2.5": trained(with_words("", normalizers.NFC()),
                           plain + [AddedToken("<note>", normalized=True)]),
        "smollm2": trained(with_digits(), plain),
        "prefix-space": trained(with_prefix_space(), plain),
    }


def with_sequences():
    """DeepSeek's normalizer, and one as it could be."""
    nested = normalizers.Sequence([normalizers.Sequence([]), normalizers.NFC()])
    return {
        "empty sequence": trained(with_words("", normalizers.Sequence([])), []),
        "nested sequence": trained(with_words("", nested), [AddedToken("<note>", normalized=True)]),
    }


def texts(count):
    """Every assigned character in some surroundings, then seeded mixtures of all sorts."""
    generator = random.Random(20240609)
    characters = [chr(code) for code in range(0x110000)
                  if not 0xD800 <= code < 0xE000 and unicodedata.category(chr(code)) != "Cn"
                  and not 0xE000 <= code < 0xF900 and code < 0xF0000]
    common = [c for c in characters if ord(c) < 0x3000 or 0xAC00 <= ord(c) < 0xB000]
    for begin in range(0, len(characters), 40):
        yield "".join(f"a{c} {c}1'{c}" for c in characters[begin:begin + 40])
    atoms = (["'s", "'S", "'\u017f", "'re", "'LL", "'d", " ", "  ", "   ", "\n", "\r\n", "\n\n",
              "\t", "\u00a0", "\u3000", "\u180e", "\u2028", "\u0085", "\x1c", "\x00", ".", "...",
              "!?", "12", "345", "6789", "\u0663", "\u00bd", "\u216b", "<|end|>", "<|end|",
              "<|im_start|>", "<tool>", "<note>", "<|endoftext|>", "e\u0301", "cafe\u0301s",
              "caf\u00e9s", "\u1100\u1161\u11a8", "\u212b", "q\u0307\u0323", "\U0001f468\u200d"]
             + [word for line in CORPUS for word in line.split(" ")])
    for _ in range(count):
        length = generator.randrange(1, 30)
        yield "".join(generator.choice(atoms) if generator.random() < 0.8
                      else generator.choice(common) for _ in range(length))
    yield ""
    yield "a" * 20000 + " " * 20000 + "b"


STORED_TEXTS = [
    "the cat sat on the mat", "they're  here,   aren't THEY'LL?", "it\u017fs 's'S'\u017f",
    "12345 1,000,000 3.14 \u0663\u00bd\u216b", "line\n\n  next\r\n\tend  ", " ", "", "\n", "   x",
    "na\u00efve caf\u00e9, cafe\u0301 \u212b q\u0307\u0323", "\u65e5\u672c\u8a9e\u3067\u3059",
    "\u1100\u1161\u11a8 \U0001f468\u200d\U0001f469", "a\u180eb\u00a0c\u3000d\x85e\u2028f\x1cg",
    "<|end|>the<|end|><|end|><|end|>", "<|im_start|>user\nhi<tool>x</tool><note> <|end|",
    "def f(x):\n    return x ** 2  # \x00\x7f",
]


def store(file):
    stored = {}
    for name, tokenizer in small_tokenizers().items():
        answers = []
        for text in STORED_TEXTS:
            tokens = tokenizer.encode(text, add_special_tokens=False).ids
            answers.append({"text": text, "tokens": tokens, "decoded": tokenizer.decode(tokens)})
        stored[name] = {"tokenizer": json.loads(tokenizer.to_str()), "answers": answers}
    lines = (f"{json.dumps(name)}: {json.dumps(entry)}" for name, entry in stored.items())
    pathlib.Path(file).write_text("{" + ",\n".join(lines) + "}\n")


def compare(probe, folder, name, lines):
    reference = Tokenizer.from_file(str(folder / "tokenizer.json"))
    answer = subprocess.run([probe, str(folder)], input=lines.encode(),
                            stdout=subprocess.PIPE, check=True)
    given = [json.loads(line) for line in answer.stdout.splitlines()]
    asked = [json.loads(line) for line in lines.splitlines()]
    assert len(given) == len(asked)
    wrong = 0
    count = 0
    for text, ours in zip(asked, given):
        tokens = reference.encode(text, add_special_tokens=False).ids
        count += len(tokens)
        if ours["tokens"] != tokens or ours["text"] != reference.decode(tokens):
            wrong += 1
            if wrong <= 5:
                print(f"{name}: {text!r}:\n  expected {tokens} {reference.decode(tokens)!r},"
                      f"\n  got      {ours['tokens']} {ours['text']!r}")
    print(f"{name}: {len(asked)} texts, {count} tokens, {wrong} texts differ")
    return wrong


def main():
    if sys.argv[1] == "--store":
        store(sys.argv[2])
        return
    probe, *folders = sys.argv[1:]
    lines = "".join(json.dumps(text) + "\n" for text in texts(4000))
    wrong = 0
    with tempfile.TemporaryDirectory() as scratch:
        for name, tokenizer in {**small_tokenizers(), **with_sequences()}.items():
            folder = pathlib.Path(scratch) / name
            folder.mkdir()
            tokenizer.save(str(folder / "tokenizer.json"))
            (folder / "tokenizer_config.json").write_text('{"eos_token": "<|end|>"}')
            wrong += compare(probe, folder, name, lines)
    for folder in folders:
        wrong += compare(probe, pathlib.Path(folder), folder, lines)
    sys.exit(wrong > 0)


if __name__ == "__main__":
    main()
