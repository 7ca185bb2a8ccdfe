"""Functions of other libraries for arrays: value, derivative, and the library's own check."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd.testing.extras import require
from autograd.testing.names import name_of

Pair = tuple[Callable[[Any], Any], Callable[[Any], Any]]


def from_torch(f: Callable[[Any], Any]) -> Pair:
    """Return a function of tensors and its derivative, element by element, for arrays.

    They are what `check_elementwise` takes, which then also tells whether
    `torch.autograd.gradcheck` passes where the derivative is worst:
    `check_elementwise(*from_torch(torch.digamma), mpmath.digamma)`.

    Parameters
    ----------
    f : callable
        A function of one tensor that acts element by element.
    """
    torch = require("torch", "from_torch")

    def value(xs: Any) -> Any:
        with torch.no_grad():
            return f(torch.from_numpy(xs)).numpy()

    def derivative(xs: Any) -> Any:
        given = torch.from_numpy(xs).requires_grad_()
        y = f(given)
        if not y.requires_grad:
            return torch.zeros_like(given).detach().numpy()
        (found,) = torch.autograd.grad(y, given, torch.ones_like(y), allow_unused=True)
        return (torch.zeros_like(given) if found is None else found).detach().numpy()

    def own_check(x: float) -> str:
        given = torch.tensor([x], dtype=torch.float64, requires_grad=True)
        return _said("torch.autograd.gradcheck", lambda: torch.autograd.gradcheck(f, (given,)))

    return _named(value, f, "torch", own_check), derivative


def from_jax(f: Callable[[Any], Any]) -> Pair:
    """Return a function of JAX arrays and its derivative, element by element, for NumPy arrays.

    They are what `check_elementwise` takes, which then also tells whether
    `jax.test_util.check_grads` passes where the derivative is worst. In float64 JAX computes only
    after `jax.config.update("jax_enable_x64", True)`.

    Parameters
    ----------
    f : callable
        A function of one array that acts element by element.
    """
    jax = require("jax", "from_jax")
    numpy = require("numpy", "from_jax")

    def value(xs: Any) -> Any:
        return numpy.asarray(f(jax.numpy.asarray(xs)))

    def derivative(xs: Any) -> Any:
        y, pull = jax.vjp(f, jax.numpy.asarray(xs))
        return numpy.asarray(pull(jax.numpy.ones_like(y))[0])

    def own_check(x: float) -> str:
        tools: Any = require("jax.test_util", "from_jax")
        check = lambda: tools.check_grads(f, (x,), order=1) is None  # noqa: E731
        return _said("jax.test_util.check_grads", check)

    return _named(value, f, "jax", own_check), derivative


def _named(value: Any, f: Any, library: str, own_check: Callable[[float], str]) -> Any:
    """A function that is called as in its library."""
    name = name_of(f)
    value.__name__ = name if name.startswith("the lambda") else f"{library}.{name}"
    value.own_check = own_check
    return value


def _said(name: str, check: Callable[[], Any]) -> str:
    """Whether a check passes, in words."""
    try:
        passed = bool(check())
    except Exception:
        passed = False
    return f"{name} {'passes this' if passed else 'sees it'}"
