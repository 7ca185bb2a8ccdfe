"""A glass-box scalar autodiff engine: numbers that remember where they came from."""

from math import e, inf, nan, pi, tau
from typing import TYPE_CHECKING, Any

import autograd.moved as _moved  # noqa: F401  (it finds modules under their old names)
from autograd.ending import collector_paused
from autograd.extras import warn_of_hips
from autograd.functions import rules
from autograd.functions.custom import primitive
from autograd.graph.many import dist, dot, pick, softmax
from autograd.graph.modes import is_grad_enabled, no_grad
from autograd.graph.value import Value
from autograd.graph.watching.anomaly import AnomalyError, detect_anomaly
from autograd.graph.watching.recording import record
from autograd.numbers.protocol import Number
from autograd.transforms.gradients import grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp
from autograd.transforms.recompute import checkpoint

if TYPE_CHECKING:  # a type checker reads the functions' names off the table
    from autograd.compiler import TraceError, compile
    from autograd.display import compare, draw, explore, snapshot, step
    from autograd.functions.rules import *  # type: ignore[assignment]  # noqa: F403  (`dot` is that of `many`)
    from autograd.transforms.implicit import ConvergenceError, fixed_point, root
    from autograd.transforms.reversal import chain
else:
    globals().update(rules.FUNCTIONS)

__all__ = ["Number", "Value", "dist", "dot", "pick", "softmax"]
__all__ += ["AnomalyError", "collector_paused", "detect_anomaly", "is_grad_enabled", "no_grad"]
__all__ += ["chain", "checkpoint", "primitive", "record"]
__all__ += ["grad", "value_and_grad", "jacobian", "hessian", "vjp", "jvp", "hvp"]
__all__ += ["ConvergenceError", "fixed_point", "root"]
__all__ += ["TraceError", "compile"]
__all__ += ["compare", "draw", "explore", "snapshot", "step"]
__all__.extend(rules.FUNCTIONS)
__all__ += ["e", "inf", "nan", "pi", "tau"]
__version__ = "0.1.0"

warn_of_hips(__file__)

if not TYPE_CHECKING:  # to a type checker every name is there from the start

    def __getattr__(name: str) -> Any:
        """Import what solves, draws and tests when it is first asked for: importing stays light."""
        from importlib import import_module

        if name in ("ConvergenceError", "fixed_point", "root"):
            return getattr(import_module("autograd.transforms.implicit"), name)
        if name == "chain":
            return import_module("autograd.transforms.reversal").chain
        if name in ("TraceError", "compile"):
            return getattr(import_module("autograd.compiler"), name)
        if name in ("compare", "draw", "explore", "snapshot", "step"):
            return getattr(import_module("autograd.display"), name)
        if name in ("display", "testing"):
            return import_module(f"autograd.{name}")
        hint = ""
        if not name.startswith("__"):  # doctest, pytest and others ask every module for such names
            hint = import_module("autograd.lines").did_you_mean(name, __all__)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}{hint}")

    def __dir__() -> list[str]:
        """List what is imported when it is asked for, too."""
        return sorted({*globals(), *__all__, "display", "testing"})
