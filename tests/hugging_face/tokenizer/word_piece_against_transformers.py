#!/usr/bin/env python3
"""Holds hugging_face's WordPiece against BertTokenizerFast of the Python package `transformers`.

    word_piece_against_transformers.py PROBE [SHARED]

PROBE is the program hugging_face_probe. Every character that may count, mixtures of all sorts and pairs
must give the same tokens and types, cased and uncased, with every option, cut and whole. The folder
SHARED adds bert-base-uncased's vocabulary and the sentences of CoLA's and SST-2's dev sets, where it is
there. Exits with 77 where the packages are not installed.
"""

import json
import pathlib
import random
import subprocess
import sys
import tempfile
import unicodedata

try:
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers
    from transformers import BertTokenizerFast
    from transformers.utils import logging
except ImportError as error:
    print(f"skipped: {error}")
    sys.exit(77)

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]

CORPUS = [
    "The cat sat on the mat and the dog sat on the log, then they're gone: it's 12345 o'clock",
    "Hello World! HELLO world, hello  worlds\n\nwhat we'll do\t\twith 3.14159 or 1,000,000?\r\n",
    "Naïve café déjà vu; Ångström; ça va; größer; Россия и мир; 日本語のテキスト; 한국어; مرحبا",
    "unaffable playing players' playfulness antidisestablishmentarianism _under_score_ C++ F-16",
]

CONFIGS = {
    "uncased": {},
    "cased": {"do_lower_case": False},
    "uncased with accents": {"strip_accents": False},
    "cased without accents": {"do_lower_case": False, "strip_accents": True},
    "Chinese in words": {"tokenize_chinese_chars": False},
    "up to 16 tokens": {"model_max_length": 16},
    "up to 17 tokens, cased": {"model_max_length": 17, "do_lower_case": False},
}


def plain(normalizer=None):
    switched_off = dict(clean_text=False, handle_chinese_chars=False, strip_accents=False,
                        lowercase=False)
    return normalizers.BertNormalizer(**{**switched_off, **(normalizer or {})})


def agreed_characters():
    """Those that `tokenizers`, whose tables are of Unicode 8, and this Python's newer tables take for
    the same; of what is not assigned, some."""
    clean = plain({"clean_text": True})
    stripped = plain({"strip_accents": True})
    lowered = plain({"lowercase": True})
    words = pre_tokenizers.BertPreTokenizer()
    agreed, left_out = [], 0
    for code in range(0x110000):
        character = chr(code)
        category = unicodedata.category(character)
        if category == "Cs" or (category in ("Cn", "Co") and code % 4096 >= 8):
            continue
        dropped = category in ("Cc", "Cf", "Co") and character not in "\t\n\r"
        sign = category[0] == "P" or (code < 128 and category[0] == "S")
        base = "".join(part for part in unicodedata.normalize("NFD", character)
                       if unicodedata.category(part) != "Mn")
        same = (character == "\ufffd" or (clean.normalize_str(character) == "") == dropped) \
            and (len(words.pre_tokenize_str(f"a{character}b")) == 3) == sign \
            and stripped.normalize_str(character) == base \
            and lowered.normalize_str(character) == character.lower()
        if same or character.isspace():
            agreed.append(character)
        else:
            left_out += 1
    print(f"{len(agreed)} characters; {left_out} left out, which came or changed after Unicode 8")
    return agreed


def mixtures(characters, count):
    generator = random.Random(20240609)
    common = [c for c in characters if ord(c) < 0x3000 or 0xAC00 <= ord(c) < 0xB000]
    atoms = (SPECIAL + [token.lower() for token in SPECIAL]
             + [" ", "  ", "\n", "\r\n", "\t", "\u00a0", "\u3000", "\u200b", "\u2028", "\u0085", "\x1c",
                "\x00", "\ufffd", ".", "...", "!?", "12", "345", "[", "]", "##", "e\u0301", "\u0130",
                "\u1e69\u0323", "q\u0307\u0323", "\u1100\u1161\u11a8", "\u212b", "\u03a3 ", "\u6211",
                "\U00020000", "\ufa0e", "\U0001f468\u200d", "a" * 100, "b" * 101, "\u00e9" * 60]
             + [word for line in CORPUS for word in line.split(" ")])
    for _ in range(count):
        yield "".join(generator.choice(atoms) if generator.random() < 0.8
                      else generator.choice(common) for _ in range(generator.randrange(1, 30)))


def dev_sets(shared):
    texts = []
    for name, column in (("cola/dev.tsv", 3), ("sst2/dev.tsv", 0)):
        file = shared / "data" / name
        if file.is_file():
            lines = file.read_text(encoding="utf-8").split("\n")
            texts += [line.split("\t")[column] for line in lines if line]
    return texts


def trained_vocabulary(characters, texts):
    """Pieces of the texts, cased and uncased, and every character, so that no difference hides behind
    [UNK]."""
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer = trainers.WordPieceTrainer(vocab_size=3000, show_progress=False)
    lines = CORPUS + texts
    tokenizer.train_from_iterator(lines + [line.lower() for line in lines], trainer)
    pieces = sorted(tokenizer.get_vocab())
    alone = [c for c in characters if not c.isspace() and c not in "\x1c\x1d\x1e\x1f\x85"]
    return list(dict.fromkeys(SPECIAL + pieces + alone + ["##" + c for c in alone]))


def compare(probe, folder, name, asked):
    reference = BertTokenizerFast.from_pretrained(folder)
    lines = "".join(json.dumps(texts) + "\n" for texts in asked)
    answer = subprocess.run([probe, "--word-piece", str(folder)], input=lines.encode(),
                            stdout=subprocess.PIPE, check=True)
    given = [json.loads(line) for line in answer.stdout.splitlines()]
    assert len(given) == len(asked)
    wrong = 0
    count = 0
    expected = reference([tuple(texts) if isinstance(texts, list) else texts for texts in asked],
                         truncation=True, return_attention_mask=False)
    expected = zip(expected["input_ids"], expected["token_type_ids"])
    for texts, ours, (tokens, types) in zip(asked, given, expected):
        count += len(tokens)
        if ours["tokens"] != tokens or ours["types"] != types:
            wrong += 1
            if wrong <= 5:
                print(f"{name}: {texts!r}:\n"
                      f"  expected {reference.convert_ids_to_tokens(tokens)}\n"
                      f"  got      {reference.convert_ids_to_tokens(ours['tokens'])}")
    print(f"{name}: {len(asked)} texts and pairs, {count} tokens, {wrong} differ")
    return wrong


def main():
    logging.set_verbosity_error()
    probe = sys.argv[1]
    shared = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else "none")
    characters = agreed_characters()
    sentences = dev_sets(shared)
    print(f"{len(sentences)} sentences of CoLA and SST-2")
    texts = ["", " ", "x" * 30000] + sentences + list(mixtures(characters, 2000))
    pairs = [[texts[i], texts[-1 - i * 7 % len(texts)]] for i in range(0, len(texts), 3)]
    surroundings = ["".join(f"a{c}b A{c} {c}1" for c in characters[begin:begin + 40])
                    for begin in range(0, len(characters), 40)]
    asked = texts + pairs + surroundings
    own = "".join(token + "\n" for token in trained_vocabulary(characters, sentences))
    tokenizers = [("own", own, name) for name in CONFIGS]
    bert = shared / "models/tokenizers/bert-base-uncased/vocab.txt"
    if bert.is_file():
        lines = bert.read_text(encoding="utf-8")
        tokenizers += [(bert.parent.name, lines, name) for name in ("uncased", "cased")]
    wrong = 0
    with tempfile.TemporaryDirectory() as scratch:
        for vocabulary, lines, name in tokenizers:
            folder = pathlib.Path(scratch) / f"{vocabulary}, {name}"
            folder.mkdir()
            (folder / "vocab.txt").write_text(lines, encoding="utf-8", newline="")
            (folder / "tokenizer_config.json").write_text(json.dumps(CONFIGS[name]))
            wrong += compare(probe, folder, folder.name, asked)
    sys.exit(wrong > 0)


if __name__ == "__main__":
    main()
