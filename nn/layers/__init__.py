"""Layers: neurons and all that is put together from them."""

from nn.layers.attention import Attention
from nn.layers.containers import Flatten, Residual, Sequential
from nn.layers.convolution import Conv1d, Conv2d
from nn.layers.dropout import Dropout
from nn.layers.embedding import Embedding
from nn.layers.neurons import MLP, Layer, Neuron
from nn.layers.normalisation import RMSNorm
from nn.layers.pooling import AvgPool1d, AvgPool2d, MaxPool1d, MaxPool2d
from nn.layers.recurrent import GRU, RNN, RecurrentBackprop

__all__ = [
    "Neuron", "Layer", "MLP", "Sequential", "Residual", "Flatten", "Conv1d", "Conv2d", "MaxPool1d",
    "MaxPool2d", "AvgPool1d", "AvgPool2d", "RNN", "GRU", "Embedding", "Attention", "RMSNorm",
    "Dropout", "RecurrentBackprop",
]  # fmt: skip
