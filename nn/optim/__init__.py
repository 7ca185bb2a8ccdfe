"""Optimisers, clipping and schedules, with PyTorch's names and keywords."""

from nn.optim.adaptive import Adam, AdamW, RMSprop
from nn.optim.base import Optimizer
from nn.optim.clipping import clip_grad_norm_, clip_grad_value_
from nn.optim.options import Option
from nn.optim.plateau import ReduceLROnPlateau
from nn.optim.schedules import (
    CosineAnnealingLR,
    LinearLR,
    Schedule,
    SequentialLR,
    StepLR,
)
from nn.optim.sgd import SGD
from nn.optim.wholebatch import minimise

__all__ = [
    "SGD",
    "RMSprop",
    "Adam",
    "AdamW",
    "Optimizer",
    "Option",
    "clip_grad_norm_",
    "clip_grad_value_",
    "Schedule",
    "StepLR",
    "CosineAnnealingLR",
    "LinearLR",
    "SequentialLR",
    "ReduceLROnPlateau",
    "minimise",
]
