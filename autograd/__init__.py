"""A glass-box scalar autodiff engine: numbers that remember where they came from."""

from autograd.modes import collector_paused, is_grad_enabled, no_grad
from autograd.rules import *  # noqa: F403  (the table is the list of the functions' names)
from autograd.rules import __all__ as _functions
from autograd.value import Value, dot, softmax

__all__ = ["Value", "collector_paused", "dot", "is_grad_enabled", "no_grad", "softmax"]
__all__ += _functions
__version__ = "0.1.0"
