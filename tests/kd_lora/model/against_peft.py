#!/usr/bin/env python3
"""Holds kd_lora's adapters against the Python package `peft`.

    against_peft.py PROBE

PROBE is the program kd_lora_model_probe. Adapters that PEFT has made must give the same logits, and
what kd_lora saves of them must load in PEFT again: the same tensors, settings and logits. Exits with 77
where the packages are not installed.
"""

import pathlib
import subprocess
import sys
import tempfile

try:
    import torch
    from peft import LoraConfig, PeftModel, TaskType, get_peft_model
    from transformers import AutoModelForSequenceClassification
    from transformers.utils import logging
except ImportError as error:
    print(f"skipped: {error}")
    sys.exit(77)

from against_transformers import batches_of, bert, check_logits, distilbert, logits, randomize

ADAPTERS = {
    "distilbert": (distilbert, dict(r=8, lora_alpha=16, target_modules=["q_lin", "v_lin"])),
    "distilbert, all but attention": (distilbert, dict(r=3, lora_alpha=4,
                                                       target_modules=["lin1", "ffn.lin2"])),
    "bert": (bert, dict(r=4, lora_alpha=8, target_modules=["query", "value"])),
    "bert, whole pooler": (bert, dict(r=4, lora_alpha=8, target_modules=["key"],
                                      modules_to_save=["pooler.dense", "classifier"])),
}
# Model cards need a further package.
PeftModel.create_or_update_model_card = lambda *ignored: None

SETTINGS = ("r", "lora_alpha", "lora_dropout", "target_modules", "task_type", "bias")


def load(base, adapter):
    model = AutoModelForSequenceClassification.from_pretrained(base)
    return PeftModel.from_pretrained(model, adapter).eval()


def check_adapter(probe, scratch, name, make, settings):
    base, adapter, copy = (scratch / name / part for part in ("base", "adapter", "copy"))
    randomize(make(), 3).save_pretrained(base)
    model = get_peft_model(AutoModelForSequenceClassification.from_pretrained(base),
                           LoraConfig(task_type=TaskType.SEQ_CLS, lora_dropout=0.1, **settings))
    generator = torch.Generator().manual_seed(4)
    with torch.no_grad():
        for weight in model.parameters():
            if weight.requires_grad:
                weight.normal_(0.0, 0.2, generator=generator)
    model.eval().save_pretrained(adapter)
    batches = batches_of(41, 32)
    good = check_logits([probe, "logits", str(base), str(adapter)], model, name, batches)

    subprocess.run([probe, "copy-adapter", str(base), str(adapter), str(copy)], check=True)
    again = load(base, copy)
    left, right = model.state_dict(), again.state_dict()
    if left.keys() != right.keys() or not all(torch.equal(left[key], right[key]) for key in left):
        print(f"{name}: PEFT loads another adapter than was saved")
        good = False
    for rows in batches:
        if not torch.equal(logits(model, rows), logits(again, rows)):
            print(f"{name}: the saved adapter answers otherwise")
            good = False
    known, found = model.peft_config["default"], again.peft_config["default"]
    for field in SETTINGS:
        if getattr(known, field) != getattr(found, field):
            print(f"{name}: {field}: expected {getattr(known, field)}, got {getattr(found, field)}")
            good = False
    return good


def main():
    logging.set_verbosity_error()
    probe = sys.argv[1]
    with tempfile.TemporaryDirectory() as scratch:
        good = [check_adapter(probe, pathlib.Path(scratch), name, make, settings)
                for name, (make, settings) in ADAPTERS.items()]
    sys.exit(not all(good))


if __name__ == "__main__":
    main()
