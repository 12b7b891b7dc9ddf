#!/usr/bin/env python3
"""Seconds of a training step of kd_lora's student against PyTorch's, on the same batches.

    pip install torch transformers
    bench/kd_lora_step.py PROGRAM MODEL SENTENCES     # build/.../bench/kd_lora_step, a DistilBERT, a TSV

Both train on one thread in float32: adapters and head (FedLoRA), then all parameters. They take turns, a
pass over the batches each, so that both meet the machine's other work; the medians of the passes and
their ratio are printed. PyTorch's side is transformers' DistilBertForSequenceClassification with
adapters of its own, and torch.optim.AdamW, fused.
"""

import argparse
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ["OMP_NUM_THREADS"] = "1"
try:
    import torch
    from torch import nn
    from transformers import AutoTokenizer, DistilBertForSequenceClassification
except ImportError as error:
    sys.exit(f"{error}: pip install torch transformers")


class Lora(nn.Module):
    """A projection with an adapter of rank 8 and alpha 16."""

    def __init__(self, base):
        super().__init__()
        self.base, self.dropout = base, nn.Dropout(0.1)
        self.a = nn.Parameter(torch.empty(8, base.in_features))
        self.b = nn.Parameter(torch.zeros(base.out_features, 8))
        nn.init.kaiming_uniform_(self.a, a=math.sqrt(5))

    def forward(self, x):
        low = nn.functional.linear(self.dropout(x), self.a)
        return self.base(x) + nn.functional.linear(low, self.b) * 2.0


def make_model(folder, scheme):
    model = DistilBertForSequenceClassification.from_pretrained(folder, attn_implementation="eager")
    if scheme == "fedlora":
        for parameter in model.distilbert.parameters():
            parameter.requires_grad_(False)
        for layer in model.distilbert.transformer.layer:
            layer.attention.q_lin = Lora(layer.attention.q_lin)
            layer.attention.v_lin = Lora(layer.attention.v_lin)
    return model.train()


def make_batches(folder, file, count, size=32):
    with open(file, encoding="utf-8") as lines:
        rows = [line.rstrip("\n").split("\t") for line in lines][1:count * size + 1]
    tokenizer = AutoTokenizer.from_pretrained(folder)
    batches = []
    for start in range(0, len(rows), size):
        part = rows[start:start + size]
        batch = tokenizer([row[0] for row in part], padding=True, return_tensors="pt")
        batches.append({"input_ids": batch["input_ids"], "attention_mask": batch["attention_mask"],
                        "labels": torch.tensor([int(row[1]) for row in part])})
    return batches


def write_batches(batches, file):
    file.write(f"{len(batches)}\n")
    for batch in batches:
        rows, length = batch["input_ids"].shape
        for numbers in ([rows, length], batch["input_ids"].flatten().tolist(), batch["labels"].tolist()):
            file.write(" ".join(map(str, numbers)) + "\n")
    file.flush()


def pass_of_pytorch(model, optimizer, batches):
    start = time.perf_counter()
    for batch in batches:
        loss = model(**batch).loss
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        loss.item()
    return time.perf_counter() - start


def compare(arguments, scheme, batches, file):
    model = make_model(arguments.model, scheme)
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    # PyTorch 1.13 has no fused AdamW on the processor.
    fused = {"fused": True} if int(torch.__version__.split(".")[0]) >= 2 else {}
    optimizer = torch.optim.AdamW(trained, lr=1e-4, eps=1e-6, weight_decay=0.0, **fused)
    command = [arguments.program, arguments.model, scheme, file]
    ours, theirs = [], []
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as program:
        for turn in range(arguments.passes + 1):
            program.stdin.write("go\n")
            program.stdin.flush()
            answer = program.stdout.readline().split()
            if len(answer) != 2:
                sys.exit(f"{arguments.program}: expected seconds and a loss, got {answer}")
            seconds = pass_of_pytorch(model, optimizer, batches)
            if turn > 0:  # the first is to warm up
                ours.append(float(answer[0]) / len(batches))
                theirs.append(seconds / len(batches))
        program.stdin.close()
    mine, other = statistics.median(ours), statistics.median(theirs)
    ratios = sorted(a / b for a, b in zip(ours, theirs))
    print(f"{scheme:8}  kd_lora {mine * 1e3:7.1f} ms  PyTorch {other * 1e3:7.1f} ms  ratio {mine / other:.3f}"
          f"  (of pairs: {ratios[0]:.3f} to {ratios[-1]:.3f})", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("program", help="the built kd_lora_step")
    parser.add_argument("model", help="a DistilBERT's folder")
    parser.add_argument("sentences", help="SST-2's train.tsv or its like")
    parser.add_argument("--batches", type=int, default=8, help="of 32 sentences, a pass (default: 8)")
    parser.add_argument("--passes", type=int, default=7, help="timed passes (default: 7)")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(1)
    batches = make_batches(arguments.model, arguments.sentences, arguments.batches)
    print(f"PyTorch {torch.__version__}, {len(batches)} batches, {arguments.passes} passes")
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        write_batches(batches, file)
        for scheme in ("fedlora", "full"):
            compare(arguments, scheme, batches, file.name)


if __name__ == "__main__":
    main()
