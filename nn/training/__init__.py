"""Training: the loop, what it tells and leaves behind, and runs that can be taken up again."""

from nn.training.callbacks import Epoch
from nn.training.history import History
from nn.training.loop import fit

__all__ = ["Epoch", "History", "fit"]
