"""nn: neural networks from scalars, every neuron a node and every weight a `Value`."""

from typing import TYPE_CHECKING, Any

import autograd

if not hasattr(autograd, "Value"):
    raise ImportError(
        f"nn needs glassgrad's package autograd, but {autograd.__file__} is of another library of "
        "that name; remedy: pip uninstall -y autograd glassgrad, then pip install glassgrad"
    )

import nn.data as data
import nn.init as init
import nn.losses as losses
import nn.optim as optim
from nn.layers.attention import Attention
from nn.layers.containers import Flatten, Residual, Sequential
from nn.layers.convolution import Conv1d, Conv2d
from nn.layers.dropout import Dropout
from nn.layers.embedding import Embedding
from nn.layers.neurons import MLP, Layer, Neuron
from nn.layers.normalisation import RMSNorm
from nn.layers.pooling import AvgPool1d, AvgPool2d, MaxPool1d, MaxPool2d
from nn.layers.recurrent import GRU, RNN, RecurrentBackprop
from nn.models.gpt import GPT
from nn.models.summaries import summary
from nn.module import Module
from nn.saving.saved import load, save
from nn.training.film import Film
from nn.training.landscapes import landscape
from nn.training.loop import fit
from nn.training.starting import restarts

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
    "RecurrentBackprop",
    "Embedding",
    "Attention",
    "RMSNorm",
    "Dropout",
    "GPT",
    "Film",
    "fit",
    "landscape",
    "restarts",
    "summary",
    "save",
    "load",
    "data",
    "init",
    "losses",
    "optim",
]

if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        """Import the estimators, which need scikit-learn, when they are first asked for."""
        if name != "estimators":
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        return import_module("nn.estimators")
