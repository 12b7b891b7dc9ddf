"""Federated tuning of a small language model: an app of Flower."""
