#!/usr/bin/env python3
"""Converts a small GGUF file with scripts/convert_smollm2.py and checks what comes out.

    convert_smollm2_test.py SCRIPT

Exits with 77 where the script's packages are not installed.
"""

import json
import pathlib
import subprocess
import sys
import tempfile

try:
    import gguf
    import numpy
    import safetensors.numpy
except ImportError as error:
    print(f"skipped: {error}")
    sys.exit(77)

HIDDEN, INNER, HEADS, KEY_HEADS, LAYERS = 64, 96, 4, 2, 2
TOKENS = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "a", "b", "ab"]
PARTS = {"self_attn.q_proj": ("attn_q", (HIDDEN, HIDDEN)),
         "self_attn.k_proj": ("attn_k", (HIDDEN // 2, HIDDEN)),
         "self_attn.v_proj": ("attn_v", (HIDDEN // 2, HIDDEN)),
         "self_attn.o_proj": ("attn_output", (HIDDEN, HIDDEN)),
         "mlp.gate_proj": ("ffn_gate", (INNER, HIDDEN)),
         "mlp.up_proj": ("ffn_up", (INNER, HIDDEN)),
         "mlp.down_proj": ("ffn_down", (HIDDEN, INNER)),
         "input_layernorm": ("attn_norm", (HIDDEN,)),
         "post_attention_layernorm": ("ffn_norm", (HIDDEN,))}


def tensors():
    """Hugging Face's and llama.cpp's name of every tensor, and its values in Hugging Face's order."""
    generator = numpy.random.default_rng(3)

    def draw(shape):
        return generator.standard_normal(shape).astype(numpy.float32)

    yield "model.embed_tokens", "token_embd", draw((len(TOKENS), HIDDEN))
    for layer in range(LAYERS):
        for name, (source, shape) in PARTS.items():
            yield f"model.layers.{layer}.{name}", f"blk.{layer}.{source}", draw(shape)
    yield "model.norm", "output_norm", draw((HIDDEN,))


def in_neighbouring_pairs(weight, heads):
    """Row i and row i + head_dim / 2 of each head become rows 2i and 2i + 1."""
    head_dim = weight.shape[0] // heads
    result = numpy.empty_like(weight)
    for head in range(heads):
        for i in range(head_dim // 2):
            result[head * head_dim + 2 * i] = weight[head * head_dim + i]
            result[head * head_dim + 2 * i + 1] = weight[head * head_dim + i + head_dim // 2]
    return result


def write_gguf(file, drop=None):
    writer = gguf.GGUFWriter(file, "llama")
    writer.add_block_count(LAYERS)
    writer.add_context_length(128)
    writer.add_embedding_length(HIDDEN)
    writer.add_feed_forward_length(INNER)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KEY_HEADS)
    writer.add_rope_freq_base(100000.0)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(len(TOKENS))
    writer.add_rope_dimension_count(HIDDEN // HEADS)
    writer.add_add_bos_token(False)
    writer.add_tokenizer_model("gpt2")
    if drop != "tokenizer.ggml.pre":
        writer.add_tokenizer_pre("smollm")
    writer.add_token_list(TOKENS)
    writer.add_token_types([3, 3, 3, 1, 1, 1])
    writer.add_token_merges(["a b"])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_unk_token_id(0)
    writer.add_pad_token_id(2)
    writer.add_chat_template("{{ messages }}")
    expected = {}
    for name, source, values in tensors():
        heads = {"attn_q": HEADS, "attn_k": KEY_HEADS}.get(source.split(".")[-1])
        if heads is not None:
            stored = in_neighbouring_pairs(values, heads)
        else:
            stored = values
        kind = (gguf.GGMLQuantizationType.Q4_1 if values.ndim == 2
                else gguf.GGMLQuantizationType.F32)
        data = gguf.quants.quantize(stored, kind)
        writer.add_tensor(f"{source}.weight", data, raw_dtype=kind)
        # Quantisation goes by rows, so it does not mind their order.
        expected[f"{name}.weight"] = gguf.quants.dequantize(gguf.quants.quantize(values, kind), kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return expected


def main():
    script = sys.argv[1]
    with tempfile.TemporaryDirectory() as scratch:
        source, folder = pathlib.Path(scratch) / "model.gguf", pathlib.Path(scratch) / "model"
        expected = write_gguf(source)
        subprocess.run([sys.executable, script, folder, "--gguf", source], check=True)
        found = safetensors.numpy.load_file(folder / "model.safetensors")
        assert found.keys() == expected.keys(), found.keys() ^ expected.keys()
        for name, values in expected.items():
            assert numpy.array_equal(found[name], values), name

        config = json.loads((folder / "config.json").read_text())
        assert config["rms_norm_eps"] == 1e-5 and config["rope_theta"] == 100000.0, config
        assert (config["bos_token_id"], config["eos_token_id"]) == (1, 2), config
        assert (config["num_attention_heads"], config["num_key_value_heads"]) == (4, 2), config
        tokenizer = json.loads((folder / "tokenizer.json").read_text())
        assert tokenizer["model"]["vocab"] == {name: i for i, name in enumerate(TOKENS)}
        assert tokenizer["model"]["merges"] == ["a b"]
        assert [token["content"] for token in tokenizer["added_tokens"]] == TOKENS[:3]
        settings = json.loads((folder / "tokenizer_config.json").read_text())
        assert (settings["bos_token"], settings["eos_token"]) == (TOKENS[1], TOKENS[2])

        write_gguf(source, drop="tokenizer.ggml.pre")
        refused = subprocess.run([sys.executable, script, folder, "--gguf", source],
                                 capture_output=True, text=True)
        assert refused.returncode != 0 and "tokenizer.ggml.pre" in refused.stderr, refused.stderr
    print(f"{len(expected)} tensors, config.json and tokenizer.json as expected")


if __name__ == "__main__":
    main()
