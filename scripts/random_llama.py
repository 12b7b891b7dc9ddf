#!/usr/bin/env python3
"""Writes a LLaMA with random weights as a Hugging Face folder, to time fed_llm at sizes whose weights are
not at hand.

    scripts/random_llama.py FOLDER --tokenizer TOKENIZER [--shape 1.3b] [--seed 0]

TOKENIZER: a folder with a tokenizer of 32,000 tokens (tokenizer.model and the small files beside it),
which is copied. Weights are bfloat16, normal with a deviation of 0.02, norms 1. Needs NumPy.
"""
import argparse
import json
import pathlib
import shutil
import struct

import numpy

# Of published models: Sheared-LLaMA, OpenLLaMA, Llama 2.
SHAPES = {'1.3b': dict(hidden_size=2048, intermediate_size=5504, num_hidden_layers=24, num_attention_heads=16),
          '3b': dict(hidden_size=3200, intermediate_size=8640, num_hidden_layers=26, num_attention_heads=32),
          '7b': dict(hidden_size=4096, intermediate_size=11008, num_hidden_layers=32, num_attention_heads=32)}
VOCABULARY = 32000
DEVIATION = 0.02


def config_of(shape):
    return {'architectures': ['LlamaForCausalLM'], 'model_type': 'llama', 'vocab_size': VOCABULARY,
            'max_position_embeddings': 2048, 'rms_norm_eps': 1e-5, 'rope_theta': 10000.0, 'hidden_act': 'silu',
            'attention_bias': False, 'mlp_bias': False, 'tie_word_embeddings': False, 'torch_dtype': 'bfloat16',
            'num_key_value_heads': shape['num_attention_heads'], 'bos_token_id': 1, 'eos_token_id': 2, **shape}


def shapes_of(config):
    """Every tensor's name and shape, in the order of the file."""
    hidden, inner = config['hidden_size'], config['intermediate_size']
    yield 'model.embed_tokens.weight', (VOCABULARY, hidden)
    for layer in range(config['num_hidden_layers']):
        prefix = f'model.layers.{layer}.'
        for name in ('q_proj', 'k_proj', 'v_proj', 'o_proj'):
            yield f'{prefix}self_attn.{name}.weight', (hidden, hidden)
        yield f'{prefix}mlp.gate_proj.weight', (inner, hidden)
        yield f'{prefix}mlp.up_proj.weight', (inner, hidden)
        yield f'{prefix}mlp.down_proj.weight', (hidden, inner)
        yield f'{prefix}input_layernorm.weight', (hidden,)
        yield f'{prefix}post_attention_layernorm.weight', (hidden,)
    yield 'model.norm.weight', (hidden,)
    yield 'lm_head.weight', (VOCABULARY, hidden)


def bfloat16_bits(values):
    """The upper halves of floats, to nearest even."""
    bits = values.astype(numpy.float32).view(numpy.uint32)
    return ((bits + 0x7FFF + (bits >> 16 & 1)) >> 16).astype('<u2')


def write_weights(file, config, seed):
    generator = numpy.random.default_rng(seed)
    header, end = {'__metadata__': {'format': 'pt'}}, 0
    for name, shape in shapes_of(config):
        begin, end = end, end + 2 * int(numpy.prod(shape))
        header[name] = {'dtype': 'BF16', 'shape': shape, 'data_offsets': [begin, end]}
    text = json.dumps(header).encode()
    text += b' ' * (-len(text) % 8)
    with open(file, 'wb') as out:
        out.write(struct.pack('<Q', len(text)) + text)
        for _, shape in shapes_of(config):
            values = (numpy.ones(shape) if len(shape) == 1
                      else DEVIATION * generator.standard_normal(shape, dtype=numpy.float32))
            out.write(bfloat16_bits(values).tobytes())
    return end // 2


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('folder', type=pathlib.Path)
    parser.add_argument('--tokenizer', type=pathlib.Path, required=True)
    parser.add_argument('--shape', choices=SHAPES, default='1.3b')
    parser.add_argument('--seed', type=int, default=0)
    arguments = parser.parse_args()
    model = arguments.tokenizer / 'tokenizer.model'
    if not model.is_file():
        parser.error(f'--tokenizer: expected a folder with tokenizer.model, got {arguments.tokenizer}')
    arguments.folder.mkdir(parents=True, exist_ok=True)
    for file in arguments.tokenizer.glob('*token*'):
        shutil.copy(file, arguments.folder)
    config = config_of(SHAPES[arguments.shape])
    (arguments.folder / 'config.json').write_text(json.dumps(config, indent=2) + '\n')
    count = write_weights(arguments.folder / 'model.safetensors', config, arguments.seed)
    print(f'{arguments.folder}: {count:,} parameters')


if __name__ == '__main__':
    main()
