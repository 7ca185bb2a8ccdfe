"""Loss functions, with PyTorch's argument names: what training makes small."""

from nn.losses.classes import cross_entropy, log_softmax, nll
from nn.losses.consolidation import EWC
from nn.losses.elementwise import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    hinge,
    mse,
)
from nn.losses.penalties import l1, l2

__all__ = [
    "mse",
    "hinge",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "cross_entropy",
    "nll",
    "log_softmax",
    "l1",
    "l2",
    "EWC",
]
