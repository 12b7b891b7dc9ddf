#!/usr/bin/env python3
"""Converts a small random BERT with scripts/convert_minilm.py and checks what comes out.

    convert_minilm_test.py SCRIPT

The student must say what transformers' BERT says when all but the student's layers are taken out of it.
Exits with 77 where a package is not installed.
"""

import copy
import json
import os
import pathlib
import subprocess
import sys
import tempfile

os.environ["HF_HUB_OFFLINE"] = "1"
try:
    import safetensors.torch
    import torch
    import transformers
except ImportError as error:
    print(f"skipped: {error}")
    sys.exit(77)

LAYERS = 6


def random_bert():
    torch.manual_seed(5)
    config = transformers.BertConfig(
        vocab_size=40, hidden_size=16, num_hidden_layers=LAYERS, num_attention_heads=4,
        intermediate_size=24, max_position_embeddings=12, initializer_range=0.5,
        hidden_dropout_prob=0.15, attention_probs_dropout_prob=0.05)
    model = transformers.BertModel(config).eval()
    with torch.no_grad():
        for name, values in model.named_parameters():
            if name.endswith("bias") or "LayerNorm" in name:  # all 0 or 1 otherwise
                values += torch.rand_like(values)
    return model


def write_tokenizer(folder):
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *(f"word{i}" for i in range(35))]
    (folder / "vocab.txt").write_text("\n".join(words) + "\n")
    (folder / "tokenizer_config.json").write_text(
        json.dumps({"do_lower_case": True, "tokenizer_class": "BertTokenizer"}))


def with_layers(model, layers):
    pruned = copy.deepcopy(model)
    pruned.encoder.layer = torch.nn.ModuleList(pruned.encoder.layer[layer] for layer in layers)
    return pruned


def says(model):
    tokens = torch.tensor([[2, 7, 8, 9, 3], [2, 30, 3, 0, 0]])
    with torch.no_grad():
        return model(tokens, attention_mask=(tokens != 0).long()).last_hidden_state[:, 0]


def read_bytes(folder):
    return {file.name: file.read_bytes() for file in sorted(folder.iterdir())}


def check_conversion(convert, model, source, scratch, layers, *options):
    teacher, student = scratch / "teacher", scratch / "student"
    done = convert(teacher, student, "--model", source, *options)
    assert done.returncode == 0, done.stderr
    for name, content in read_bytes(teacher).items():
        assert content == (source / name).read_bytes(), name
    for name in ("vocab.txt", "tokenizer_config.json"):
        assert (student / name).read_bytes() == (source / name).read_bytes(), name

    found, report = transformers.DistilBertModel.from_pretrained(student, output_loading_info=True)
    assert not any(report.values()), report
    assert found.config.n_layers == len(layers), found.config
    assert (found.config.dropout, found.config.attention_dropout) == (0.15, 0.05), found.config
    assert found.config.seq_classif_dropout == 0.2, found.config
    difference = (says(found.eval()) - says(with_layers(model, layers))).abs().max().item()
    assert difference < 1e-5, difference
    again = read_bytes(student)
    assert convert(teacher, student, "--model", source, *options).returncode == 0
    assert read_bytes(student) == again
    return again


def main():
    script = sys.argv[1]

    def convert(*arguments):
        return subprocess.run([sys.executable, script, *map(str, arguments)], capture_output=True,
                              text=True)

    model = random_bert()
    with tempfile.TemporaryDirectory() as name:
        scratch = pathlib.Path(name)
        source = scratch / "source"
        model.save_pretrained(source)
        write_tokenizer(source)
        expected = check_conversion(convert, model, source, scratch, [1, 3, 5])
        check_conversion(convert, model, source, scratch, [4, 0], "--layers", "4,0")

        # The oldest folders: a prefix, TensorFlow's names, and a buffer among the weights.
        weights = safetensors.torch.load_file(source / "model.safetensors")
        old = {"bert." + name.replace("LayerNorm.weight", "LayerNorm.gamma").replace(
            "LayerNorm.bias", "LayerNorm.beta"): values for name, values in weights.items()}
        old["bert.embeddings.position_ids"] = torch.arange(12)[None]
        safetensors.torch.save_file(old, source / "model.safetensors", metadata={"format": "pt"})
        assert convert(scratch / "t", scratch / "s", "--model", source).returncode == 0
        assert read_bytes(scratch / "s") == expected

        def refused(message, *options):
            done = convert(scratch / "t", scratch / "s", "--model", source, *options)
            assert done.returncode != 0 and message in done.stderr, done.stderr
            assert "Traceback" not in done.stderr, done.stderr

        refused("expected layers of 0 to 5, got 6", "--layers", "1,6")
        refused("expected numbers with commas", "--layers", "1;3")
        # Into the source itself: the teacher stays as it is.
        before = read_bytes(source)
        assert convert(source, scratch / "s", "--model", source).returncode == 0
        assert read_bytes(source) == before
        refused_student = convert(scratch / "t", source, "--model", source)
        assert refused_student.returncode != 0 and read_bytes(source) == before

        del old["bert.encoder.layer.3.output.dense.bias"]
        safetensors.torch.save_file(old, source / "model.safetensors")
        refused("expected the tensor encoder.layer.3.output.dense.bias, found none")
        config = json.loads((source / "config.json").read_text())
        for field, value in (("model_type", "roberta"), ("hidden_act", "relu"),
                             ("layer_norm_eps", 1e-5), ("position_embedding_type", "relative_key")):
            (source / "config.json").write_text(json.dumps(config | {field: value}))
            refused(f"{field}: expected")
        (source / "config.json").write_text(json.dumps(
            {key: value for key, value in config.items() if key != "hidden_size"}))
        refused("expected the field hidden_size, found none")
        (source / "vocab.txt").unlink()
        refused("expected the file vocab.txt, found none")
    print("teacher and student as expected")


if __name__ == "__main__":
    main()
