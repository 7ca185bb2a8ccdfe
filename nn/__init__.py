"""nn: neural networks from scalars, every neuron a node and every weight a `Value`."""

import autograd

if not hasattr(autograd, "Value"):
    raise ImportError(
        f"nn needs glassgrad's package autograd, but {autograd.__file__} is of another library of "
        "that name; remedy: pip uninstall -y autograd glassgrad, then pip install glassgrad"
    )

from nn import data, init, losses, optim
from nn.attention import Attention
from nn.containers import Flatten, Residual, Sequential
from nn.convolution import Conv1d, Conv2d
from nn.dropout import Dropout
from nn.embedding import Embedding
from nn.gpt import GPT
from nn.layers import MLP, Layer, Neuron
from nn.module import Module
from nn.normalisation import RMSNorm
from nn.pooling import AvgPool1d, AvgPool2d, MaxPool1d, MaxPool2d
from nn.recurrent import GRU, RNN
from nn.saving import load, save
from nn.summaries import summary
from nn.training import fit

__all__ = [
    "Module",
    "Neuron",
    "Layer",
    "MLP",
    "Sequential",
    "Residual",
    "Flatten",
    "Conv1d",
    "Conv2d",
    "MaxPool1d",
    "MaxPool2d",
    "AvgPool1d",
    "AvgPool2d",
    "RNN",
    "GRU",
    "Embedding",
    "Attention",
    "RMSNorm",
    "Dropout",
    "GPT",
    "fit",
    "summary",
    "save",
    "load",
    "data",
    "init",
    "losses",
    "optim",
]
