"""Training: the loop, what it tells and leaves behind, and runs that can be taken up again."""

from nn.training.callbacks import Epoch
from nn.training.history import History
from nn.training.landscapes import Landscape, direction, landscape
from nn.training.loop import fit
from nn.training.starting import Restarts, restarts

__all__ = [
    "Epoch", "History", "Landscape", "Restarts", "direction", "fit", "landscape", "restarts",
]  # fmt: skip
