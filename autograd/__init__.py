"""A glass-box scalar autodiff engine: numbers that remember where they came from."""

from typing import TYPE_CHECKING

from autograd import rules
from autograd.anomaly import AnomalyError, detect_anomaly
from autograd.custom import primitive
from autograd.modes import collector_paused, is_grad_enabled, no_grad
from autograd.recording import record
from autograd.transforms import grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp
from autograd.value import Value, dot, softmax

if TYPE_CHECKING:  # a type checker reads the functions' names off the table
    from autograd.rules import *  # noqa: F403
else:
    globals().update({name: rules.TABLE[name] for name in rules.PUBLIC})

__all__ = ["Value", "dot", "softmax"]
__all__ += ["AnomalyError", "collector_paused", "detect_anomaly", "is_grad_enabled", "no_grad"]
__all__ += ["primitive", "record"]
__all__ += ["grad", "value_and_grad", "jacobian", "hessian", "vjp", "jvp", "hvp"]
__all__ += rules.PUBLIC
__version__ = "0.1.0"
