#!/usr/bin/env python3
"""Holds kd_lora's classifiers against the Python package `transformers`.

    against_transformers.py PROBE [FOLDER...]

PROBE is the program kd_lora_model_probe. Small models are made here; each FOLDER adds a model of its
own. Logits of padded batches must agree, and what kd_lora saves must load again to the same weights and
configuration. Exits with 77 where the packages are not installed.
"""

import json
import pathlib
import random
import subprocess
import sys
import tempfile

try:
    import torch
    import transformers
    from transformers import (AutoModelForSequenceClassification, BertConfig,
                              BertForSequenceClassification, BertModel, DistilBertConfig,
                              DistilBertForSequenceClassification)
    from transformers.utils import logging
except ImportError as error:
    print(f"skipped: {error}")
    sys.exit(77)

# Some dozens of float32 roundings of 6e-8 each, amplified by the layers.
LARGEST_DIFFERENCE = 2e-5

BERT = dict(vocab_size=41, hidden_size=24, intermediate_size=20, num_hidden_layers=3,
            num_attention_heads=4, max_position_embeddings=32)
DISTILBERT = dict(vocab_size=41, dim=24, hidden_dim=20, n_layers=3, n_heads=4,
                  max_position_embeddings=32)


def bert(**fields):
    return BertForSequenceClassification(BertConfig(**{**BERT, **fields}))


def distilbert(**fields):
    return DistilBertForSequenceClassification(DistilBertConfig(**{**DISTILBERT, **fields}))


def models_by_name():
    return {
        "bert": bert(),
        "bert with five labels": bert(num_labels=5),
        "bert with relu": bert(hidden_act="relu", layer_norm_eps=1e-3, type_vocab_size=3),
        "bert with dropout": bert(classifier_dropout=0.3, hidden_dropout_prob=0.2),
        "distilbert": distilbert(),
        "distilbert with names": distilbert(id2label={0: "no", 1: "perhaps", 2: "yes"},
                                            label2id={"no": 0, "perhaps": 1, "yes": 2}),
        "distilbert with relu": distilbert(activation="relu", seq_classif_dropout=0.4),
    }


def randomize(model, seed):
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            weight.normal_(0.0, 0.3, generator=generator)
            if "norm" in name.lower() and name.endswith("weight"):
                weight.add_(1.0)
    return model.eval()


def batches_of(vocabulary, longest):
    generator = random.Random(5)
    return [[[generator.randrange(1, vocabulary) for _ in range(length)] for length in lengths]
            for lengths in ((1,), (3, longest, 7), (longest, longest))]


def logits(model, rows):
    length = max(map(len, rows))
    tokens = torch.tensor([row + [0] * (length - len(row)) for row in rows])
    with torch.no_grad():
        return model(input_ids=tokens, attention_mask=(tokens != 0).long()).logits.double()


def check_logits(arguments, model, name, batches):
    lines = "".join(json.dumps(rows) + "\n" for rows in batches)
    given = subprocess.run(arguments, input=lines.encode(), stdout=subprocess.PIPE,
                           check=True).stdout.splitlines()
    assert len(given) == len(batches)
    worst = 0.0
    for rows, line in zip(batches, given):
        theirs = logits(model, rows)
        ours = torch.tensor(json.loads(line), dtype=torch.float64)
        assert ours.shape == theirs.shape
        worst = max(worst, ((ours - theirs).abs().max() / theirs.abs().max()).item())
    print(f"{name}: {len(batches)} batches, largest difference {worst:.2g} of the largest logit")
    return worst <= LARGEST_DIFFERENCE


def load(folder):
    model, report = AutoModelForSequenceClassification.from_pretrained(folder,
                                                                       output_loading_info=True)
    return model.eval(), report


def check_copy(probe, folder, copy, name):
    subprocess.run([probe, "copy", str(folder), str(copy)], check=True)
    (model, _), (again, report) = load(folder), load(copy)
    same = not any(report[key] for key in ("missing_keys", "unexpected_keys", "mismatched_keys"))
    left, right = model.state_dict(), again.state_dict()
    same &= left.keys() == right.keys() and all(torch.equal(left[key], right[key]) for key in left)
    ignored = {"_name_or_path", "dtype", "torch_dtype", "transformers_version"}
    known = {key: value for key, value in model.config.to_dict().items() if key not in ignored}
    found = {key: again.config.to_dict().get(key) for key in known}
    if found != known:
        print(f"{name}: config.json: expected {known}, got {found}")
        same = False
    if not same:
        print(f"{name}: the saved model is another one: {report}")
    return same


def check_bare(probe, scratch):
    """An encoder without classifier gets a head, and transformers then finds it all."""
    encoder = randomize(BertModel(BertConfig(**BERT)), 7)
    encoder.save_pretrained(scratch / "bare")
    subprocess.run([probe, "copy", str(scratch / "bare"), str(scratch / "with head")], check=True)
    model, report = load(scratch / "with head")
    left, right = encoder.state_dict(), model.bert.state_dict()
    same = left.keys() == right.keys() and all(torch.equal(left[key], right[key]) for key in left)
    if report["missing_keys"] or report["unexpected_keys"] or not same:
        print(f"bare: the saved model is another one: {report}")
        return False
    return True


def main():
    logging.set_verbosity_error()
    probe, *folders = sys.argv[1:]
    good = True
    with tempfile.TemporaryDirectory() as name:
        scratch = pathlib.Path(name)
        for seed, (name, model) in enumerate(models_by_name().items()):
            randomize(model, seed).save_pretrained(scratch / name)
            good &= check_logits([probe, "logits", str(scratch / name)], model, name,
                                 batches_of(41, 32))
            good &= check_copy(probe, scratch / name, scratch / (name + " copy"), name)
        good &= check_bare(probe, scratch)
        for folder in folders:
            model, _ = load(folder)
            good &= check_logits([probe, "logits", folder], model, folder,
                                 batches_of(model.config.vocab_size, 20))
            good &= check_copy(probe, folder, scratch / "copy", folder)
    sys.exit(not good)


if __name__ == "__main__":
    main()
