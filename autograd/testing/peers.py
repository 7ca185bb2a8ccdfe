"""Functions of other libraries for arrays: value, derivative, and the library's own check."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from autograd.extras import need
from autograd.testing.naming import name_of

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
    torch = need("torch", purpose="from_torch")

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
    jax = need("jax", purpose="from_jax")
    numpy = need("numpy", purpose="from_jax")

    def value(xs: Any) -> Any:
        return numpy.asarray(f(jax.numpy.asarray(xs)))

    def derivative(xs: Any) -> Any:
        y, pull = jax.vjp(f, jax.numpy.asarray(xs))
        return numpy.asarray(pull(jax.numpy.ones_like(y))[0])

    def own_check(x: float) -> str:
        tools: Any = need("jax.test_util", purpose="from_jax")
        check = lambda: tools.check_grads(f, (x,), order=1) is None  # noqa: E731
        return _said("jax.test_util.check_grads", check)

    return _named(value, f, "jax", own_check), derivative


def from_scipy(f: Callable[[Any], Any], df: Callable[[Any], Any]) -> Pair:
    """Return a function of NumPy arrays and its derivative, to be checked beside SciPy's check.

    They are what `check_elementwise` takes, which then also tells what
    `scipy.optimize.check_grad` answers where the derivative is worst.

    Parameters
    ----------
    f, df : callable
        Functions of an array that act element by element.

    Examples
    --------
    >>> import mpmath, numpy as np
    >>> from autograd.testing import check_elementwise
    >>> pair = from_scipy(np.tanh, lambda x: 1 - np.tanh(x)**2)
    >>> report = check_elementwise(*pair, mpmath.tanh, points=[20.0])
    >>> report.worst.note
    'scipy.optimize.check_grad answers 0'
    """

    def value(xs: Any) -> Any:
        return f(xs)

    def own_check(x: float) -> str:
        return answer_of_check_grad(lambda xs: f(xs)[0], df, [x])

    value.__name__ = name_of(f)
    setattr(value, "own_check", own_check)  # noqa: B010  (types know no attributes of functions)
    return value, df


def answer_of_check_grad(f: Any, df: Any, x0: Any, args: Sequence[Any] = ()) -> str:
    """Return what SciPy's own check answers: how far a gradient is from its differences."""
    optimize = need("scipy.optimize", "testing", "from_scipy")
    try:
        answer = float(optimize.check_grad(f, df, x0, *args))
    except Exception as error:
        return f"scipy.optimize.check_grad raises {type(error).__name__}"
    return f"scipy.optimize.check_grad answers {answer:.2g}"


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
