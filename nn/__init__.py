"""nn: neural networks from scalars, every neuron a node and every weight a `Value`."""

from nn import data, losses, optim
from nn.layers import MLP, Layer, Neuron
from nn.module import Module
from nn.training import fit

__all__ = ["MLP", "Layer", "Module", "Neuron", "data", "fit", "losses", "optim"]
