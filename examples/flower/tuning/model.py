"""The language model, its tokens, and its weights as Flower's arrays."""

import collections
import json
import pathlib

import sentencepiece
import torch
from flwr.app import ArrayRecord
from transformers import LlamaConfig, LlamaForCausalLM, logging

logging.set_verbosity_error()
BYTES = 256  # of a made model's tokens, one a byte; then the two below
BEGIN, END = 256, 257


def load_model(config):
    """The model in the folder `model`, or one of random weights, the same wherever they are made."""
    if config['model']:
        return LlamaForCausalLM.from_pretrained(config['model'])
    torch.manual_seed(0)
    hidden = config['hidden-size']
    return LlamaForCausalLM(LlamaConfig(
        vocab_size=BYTES + 2, hidden_size=hidden, intermediate_size=3 * hidden, num_hidden_layers=config['layers'],
        num_attention_heads=4, max_position_embeddings=config['max-length'], bos_token_id=BEGIN, eos_token_id=END,
        tie_word_embeddings=True))


def load_tokenizer(config):
    """A function from a text to tokens, and the tokens that begin and end an example."""
    if not config['model']:
        return lambda text: list(text.encode()), BEGIN, END
    folder = pathlib.Path(config['model'])
    told = json.loads((folder / 'config.json').read_text())
    tokenizer = sentencepiece.SentencePieceProcessor(model_file=str(folder / 'tokenizer.model'))
    return tokenizer.encode, told['bos_token_id'], told['eos_token_id']


def arrays_of(model):
    """The weights, each once: a state_dict has those that are tied under two names."""
    return ArrayRecord(collections.OrderedDict((name, weight.detach()) for name, weight in model.named_parameters()))


def set_arrays(model, arrays):
    """Gives the model the weights of an ArrayRecord."""
    model.load_state_dict(arrays.to_torch_state_dict(), strict=False)


def initial_model(context):
    """What a federation begins with, which every node has or makes itself."""
    return arrays_of(load_model(context.run_config))
