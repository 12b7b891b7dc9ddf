"""Training and loss of a language model on examples, of whose tokens only the answers' count."""

import random

import torch

IGNORED = -100  # by the loss of transformers' models


def train(model, examples, config, seed):
    """Trains for local-steps; returns the mean loss."""
    draw = random.Random(seed)
    optimizer = torch.optim.Adam(model.parameters(), lr=config['lr'])
    losses = []
    model.train()
    for _ in range(config['local-steps']):
        loss = loss_of(model, draw.choices(examples, k=config['batch-size']))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return sum(losses) / len(losses)


def evaluate(model, examples):
    """The mean loss of the examples."""
    model.eval()
    with torch.no_grad():
        losses = [loss_of(model, [example]).item() for example in examples]
    return sum(losses) / len(losses)


def loss_of(model, batch):
    longest = max(len(tokens) for tokens, _ in batch)
    tokens = torch.zeros(len(batch), longest, dtype=torch.long)
    labels = torch.full((len(batch), longest), IGNORED)
    mask = torch.zeros(len(batch), longest, dtype=torch.long)
    for row, (example, prompt) in enumerate(batch):
        tokens[row, :len(example)] = torch.tensor(example)
        labels[row, prompt:len(example)] = torch.tensor(example[prompt:])
        mask[row, :len(example)] = 1
    return model(input_ids=tokens, attention_mask=mask, labels=labels).loss
