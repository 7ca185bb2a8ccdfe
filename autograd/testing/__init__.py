"""Gradient testing that takes no tolerance: checks, oracles, laws and random programs.

What the library tests itself with, for other people's gradients too:

- `check_gradients`, `check_vjp`: a gradient against an independent oracle;
- `check_primitive`: everything that one elementary function says of itself;
- `check_partials`, `replay_exact`: a graph and its sweep, node by node, without any conditioning;
- `taylor_test`, `adjoint_test`: laws that need no oracle;
- `check_numpy`, `check_scipy`, `check_torch`: somebody else's code;
- `check_elementwise`: a function of arrays and its derivative, at thousands of points;
- `Table`: reports side by side, for continuous integration, with the failures that are known;
- `strategies`: Hypothesis strategies for floats and programs.

A check returns a `Report`: true if it passed, and its `check` raises if not. Importing this is
cheap; the strategies need Hypothesis and the best oracle needs mpmath:
`pip install 'glassgrad[testing]'`.
"""

from autograd.testing.adapters import check_numpy, check_scipy, check_torch
from autograd.testing.computation import Computation
from autograd.testing.elementwise import check_elementwise
from autograd.testing.gradients import check_gradients
from autograd.testing.laws import adjoint_test, replay_exact, taylor_test
from autograd.testing.local import check_partials
from autograd.testing.peers import from_jax, from_scipy, from_torch
from autograd.testing.reports import Finding, GradientError, Report, Severity, Verdict
from autograd.testing.roundings import rounding_bounds
from autograd.testing.rows import check_primitive
from autograd.testing.table import Table
from autograd.testing.vjps import check_vjp

__all__ = [
    "Finding",
    "GradientError",
    "Computation",
    "Report",
    "Severity",
    "Table",
    "Verdict",
    "adjoint_test",
    "check_elementwise",
    "check_gradients",
    "check_numpy",
    "check_partials",
    "check_primitive",
    "check_scipy",
    "check_torch",
    "check_vjp",
    "from_jax",
    "from_scipy",
    "from_torch",
    "replay_exact",
    "rounding_bounds",
    "strategies",
    "taylor_test",
]


def __getattr__(name: str) -> object:
    """Import the strategies, which need Hypothesis, when they are asked for."""
    if name == "strategies":
        import importlib

        return importlib.import_module("autograd.testing.strategies")
    if name == "Program":
        import warnings

        warnings.warn(
            "autograd.testing.Program is called Computation now", DeprecationWarning, stacklevel=2
        )
        return Computation
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
