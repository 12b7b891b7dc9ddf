#!/usr/bin/env python3
"""Holds fed_llm's models against the Python package `transformers`.

    against_transformers.py PROBE [FOLDER...]
    against_transformers.py --stored     prints the answers that transformers_test.cpp stores

PROBE is the program fed_llm_probe. Small models of every kind that fed_llm reads are made here; each
FOLDER adds a model of its own. Logits and greedy answers must agree, and what fed_llm saves must load
again to the same weights and tokens. Works with releases 4 and 5, whose config.json differ. Exits
with 77 where the packages are not installed.
"""

import json
import pathlib
import random
import subprocess
import sys
import tempfile

try:
    import numpy
    import torch
    import transformers
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers
    from transformers import (AutoModelForCausalLM, AutoTokenizer, LlamaConfig, LlamaForCausalLM,
                              PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM)
    from transformers.utils import logging
except ImportError as error:
    print(f"skipped: {error}")
    sys.exit(77)

# Some dozens of float32 roundings of 6e-8 each, amplified by the layers.
LARGEST_DIFFERENCE = 2e-5

SIZES = dict(hidden_size=24, intermediate_size=20, num_hidden_layers=3, num_attention_heads=4,
             num_key_value_heads=2, max_position_embeddings=256, rms_norm_eps=1e-5,
             bos_token_id=1, eos_token_id=2)
RELEASE = int(transformers.__version__.split(".")[0])
NEW_TOKENS = 80  # beyond the contexts of 64
STORED_TOKENS = [1, 30, 4, 17, 17, 0, 36, 2, 9] * 8


def rope(theta, rope_type, **fields):
    """Positions as this release of transformers is told them."""
    if RELEASE >= 5:
        return dict(rope_parameters=dict(rope_type=rope_type, rope_theta=theta, **fields))
    return dict(rope_theta=theta, rope_scaling=dict(rope_type=rope_type, **fields))


LLAMA3 = rope(500.0, "llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
              original_max_position_embeddings=64)


def from_pretrained(folder):
    dtype = {"dtype" if RELEASE >= 5 else "torch_dtype": torch.float32}
    return AutoModelForCausalLM.from_pretrained(folder, **dtype).eval()


def llama(vocab_size, **fields):
    return LlamaForCausalLM(LlamaConfig(vocab_size=vocab_size, **{**SIZES, **fields}))


def qwen2(vocab_size, **fields):
    return Qwen2ForCausalLM(Qwen2Config(vocab_size=vocab_size, **{**SIZES, **fields}))


# Release 4.46 takes max_position_embeddings for the original context whatever stands there.
YARN = rope(500.0, "yarn", factor=4.0, beta_fast=8.0, beta_slow=0.5)
YARN_IN_FULL = rope(500.0, "yarn", factor=4.0, original_max_position_embeddings=64, beta_fast=8.0,
                    beta_slow=0.5, mscale=0.7, mscale_all_dim=1.0, truncate=False)


def stored_models():
    return {"llama3": llama(37, head_dim=16, **LLAMA3),
            "qwen2": qwen2(37, **rope(1e6, "default")),
            "linear": llama(37, head_dim=16, **rope(500.0, "linear", factor=4.0)),
            "dynamic": llama(37, head_dim=16, **rope(500.0, "dynamic", factor=4.0),
                             max_position_embeddings=32),
            "yarn": llama(37, head_dim=16, **YARN, max_position_embeddings=32)}


def models_by_name(vocab_size):
    models = {
        "llama": llama(vocab_size),
        "tied": llama(vocab_size, tie_word_embeddings=True),
        "several ends": llama(vocab_size, eos_token_id=[2, 5]),
        "biases": llama(vocab_size, attention_bias=True),
        "llama3": llama(vocab_size, head_dim=16, **LLAMA3),
        "linear": llama(vocab_size, **rope(500.0, "linear", factor=4.0)),
        "dynamic": llama(vocab_size, head_dim=16, **rope(500.0, "dynamic", factor=4.0),
                         max_position_embeddings=64),
        "yarn": llama(vocab_size, head_dim=16, **YARN, max_position_embeddings=64),
        "yarn attention": llama(vocab_size, head_dim=16, max_position_embeddings=64,
                                **rope(500.0, "yarn", factor=4.0, attention_factor=0.9)),
        "qwen2": qwen2(vocab_size, **rope(1e6, "default")),
        "qwen2 linear": qwen2(vocab_size, **rope(1e6, "linear", factor=2.0)),
        "qwen2 tied": qwen2(vocab_size, tie_word_embeddings=True),
    }
    if RELEASE >= 5:
        models["yarn in full"] = llama(vocab_size, head_dim=16, **YARN_IN_FULL)
    return models


def fill(model):
    """Weights that a test can compute again: large, so that every part shows in the output."""
    with torch.no_grad():
        for number, (name, weight) in enumerate(model.named_parameters()):
            index = numpy.arange(weight.numel(), dtype=numpy.float64)
            wave = numpy.sin(0.37 * index * index + number + 1.0)
            values = (0.5 * wave if weight.dim() == 2 or name.endswith(".bias")
                      else 1.0 + 0.3 * wave)
            weight.copy_(torch.from_numpy(values).to(torch.float32).view(weight.shape))
    return model.eval()


def randomize(model, seed):
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            weight.normal_(0.0, 0.3, generator=generator)
            if name.endswith("norm.weight"):
                weight.add_(1.0)
    return model.eval()


def logits(model, tokens):
    with torch.no_grad():
        return model(torch.tensor([tokens])).logits[0].double()


def print_stored():
    for name, model in stored_models().items():
        last = logits(fill(model), STORED_TOKENS)[-1]
        print(name, ", ".join(f"{value:.6g}" for value in last.tolist()))


def small_tokenizer():
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(vocab_size=300, show_progress=False,
                                  special_tokens=["<unknown>", "<begin>", "<end>"],
                                  initial_alphabet=pre_tokenizers.ByteLevel.alphabet())
    tokenizer.train_from_iterator(["the cat sat on the mat, and the dog on the log"] * 3, trainer)
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, bos_token="<begin>",
                                   eos_token="<end>")


def check_logits(probe, folder, name, sequences):
    model = from_pretrained(folder)
    lines = "".join(json.dumps(sequence) + "\n" for sequence in sequences)
    answer = subprocess.run([probe, "logits", str(folder)], input=lines.encode(),
                            stdout=subprocess.PIPE, check=True)
    given = answer.stdout.splitlines()
    assert len(given) == len(sequences)
    worst = 0.0
    for sequence, line in zip(sequences, given):
        theirs = logits(model, sequence)
        ours = torch.tensor(json.loads(line), dtype=torch.float64).view(theirs.shape)
        worst = max(worst, ((ours - theirs).abs().max() / theirs.abs().max()).item())
    print(f"{name}: {len(sequences)} sequences, largest difference {worst:.2g} of the largest logit")
    return worst <= LARGEST_DIFFERENCE


def answer(model, prompt):
    """Greedy search, token by token from a cache, up to the end token."""
    ends = model.config.eos_token_id
    ends = ends if isinstance(ends, list) else [ends]
    tokens, cache, following = [], None, prompt
    while len(tokens) < NEW_TOKENS:
        with torch.no_grad():
            output = model(torch.tensor([following]), past_key_values=cache, use_cache=True)
        token = output.logits[0, -1].argmax().item()
        if token in ends:
            break
        tokens.append(token)
        cache, following = output.past_key_values, [token]
    return tokens


def check_answers(probe, folder, name, prompts):
    lines = "".join(json.dumps(prompt) + "\n" for prompt in prompts)
    given = subprocess.run([probe, "answer", str(folder), str(NEW_TOKENS)], input=lines.encode(),
                           stdout=subprocess.PIPE, check=True).stdout.splitlines()
    assert len(given) == len(prompts)
    same = True
    for prompt, line in zip(prompts, given):
        # A fresh model: positions of type dynamic remember longer sequences in transformers.
        theirs = answer(from_pretrained(folder), prompt)
        if json.loads(line) != theirs:
            print(f"{name}: expected the answer {theirs}, got {line.decode()}")
            same = False
    return same


def check_copy(probe, folder, copy, name):
    subprocess.run([probe, "copy", str(folder), str(copy)], check=True)
    model, again = from_pretrained(folder), from_pretrained(copy)
    left, right = model.state_dict(), again.state_dict()
    same = left.keys() == right.keys() and all(torch.equal(left[key], right[key]) for key in left)
    ignored = {"_name_or_path", "dtype", "torch_dtype"}
    known = {key: value for key, value in model.config.to_dict().items() if key not in ignored}
    found = {key: again.config.to_dict().get(key) for key in known}
    if found != known:
        print(f"{name}: config.json: expected {known}, got {found}")
        same = False
    text = "the cat sat on a log: 12 na\u00efve dogs<end>"
    if AutoTokenizer.from_pretrained(copy)(text) != AutoTokenizer.from_pretrained(folder)(text):
        print(f"{name}: the saved tokenizer gives other tokens")
        same = False
    if not same:
        print(f"{name}: the saved model is another one")
    return same


def main():
    if sys.argv[1:] == ["--stored"]:
        print_stored()
        return
    logging.disable_progress_bar()
    probe, *folders = sys.argv[1:]
    generator = random.Random(5)
    good = True
    with tempfile.TemporaryDirectory() as scratch:
        tokenizer = small_tokenizer()
        for seed, (name, model) in enumerate(models_by_name(len(tokenizer)).items()):
            folder = pathlib.Path(scratch) / name
            randomize(model, seed).save_pretrained(folder)
            tokenizer.save_pretrained(folder)
            sequences = [[generator.randrange(len(tokenizer)) for _ in range(length)]
                         for length in (1, 7, 64, 200)]
            good &= check_logits(probe, folder, name, sequences)
            good &= check_answers(probe, folder, name, sequences[1:3])
            good &= check_copy(probe, folder, pathlib.Path(scratch) / (name + " copy"), name)
        for folder in folders:
            tokens = AutoTokenizer.from_pretrained(folder)("The capital of France is Paris, 1234.")
            good &= check_logits(probe, pathlib.Path(folder), folder, [tokens["input_ids"]])
            good &= check_copy(probe, folder, pathlib.Path(scratch) / "copy", folder)
    sys.exit(not good)


if __name__ == "__main__":
    main()
