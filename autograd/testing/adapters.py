"""Checking gradients that other libraries work with: NumPy, SciPy's optimisers, PyTorch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from autograd.testing.conventions import advised
from autograd.testing.extras import require
from autograd.testing.gradients import check_gradients, check_vjp
from autograd.testing.names import name_of
from autograd.testing.references import referred
from autograd.testing.reports import Report


def check_numpy(
    f: Callable[..., Any],
    grad: Callable[..., Any],
    *arrays: Any,
    reference: Callable[..., Any] | None = None,
    **how: Any,
) -> Report:
    """Check a hand-written gradient of a function on NumPy arrays.

    If `f` is made of arithmetic, `@` and NumPy's universal functions it is evaluated on arrays of
    high-precision numbers, and the truth is good to all digits. A function that insists on
    floats (`float(x)`, `np.zeros(n)` that is filled) is differentiated by finite differences,
    and the report says so: it is then inconclusive unless `max_ulp` leaves room for their error.

    Parameters
    ----------
    f : callable
        `f(*arrays)`, a number.
    grad : callable
        `grad(*arrays)`, one array for each, or the one array.
    *arrays : array
        The point.
    reference : callable, optional
        The same function for numbers of mpmath, where `f` takes nothing but floats. Its values
        are compared with those of `f` first (`references.referred`).
    **how
        What `check_gradients` takes.

    Returns
    -------
    Report

    Examples
    --------
    >>> import numpy as np
    >>> x = np.array([0.5, 20.0])
    >>> log_cosh = lambda x: np.sum(np.log(np.cosh(x)))
    >>> bool(check_numpy(log_cosh, np.tanh, x))
    True
    >>> bool(check_numpy(log_cosh, lambda x: np.tanh(x) + 1e-11 * (x > 9), x))
    False
    """
    report = referred(f, reference, arrays, lambda g: check_gradients(g, arrays, grad=grad, **how))
    return advised(report)


def check_scipy(
    fun: Callable[..., Any],
    jac: Callable[..., Any] | bool,
    x0: Any,
    args: Sequence[Any] = (),
    **how: Any,
) -> Report:
    """Check a function and its gradient as they are passed to `scipy.optimize.minimize`.

    Parameters
    ----------
    fun : callable
        `fun(x, *args)`, a number; or with `jac=True` the number and the gradient.
    jac : callable or True
        `jac(x, *args)`.
    x0 : array
        The point.
    args : sequence
        Passed on as they are; nothing is differentiated by them.
    **how
        What `check_gradients` takes.

    Returns
    -------
    Report

    Examples
    --------
    >>> def rosen(x):
    ...     return (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2
    >>> def slope(x):
    ...     inner = x[1] - x[0] ** 2
    ...     return [-2 * (1 - x[0]) - 400 * x[0] * inner, 200 * inner]
    >>> bool(check_scipy(rosen, slope, [-1.2, 1.0]))
    True
    """
    if isinstance(jac, bool) and not jac:
        raise ValueError("jac=False leaves no gradient to check: pass a callable, or True")

    def value(x: Any) -> Any:
        y = fun(x, *args)
        return y[0] if jac is True else y

    def gradient(x: Any) -> Any:
        return fun(x, *args)[1] if isinstance(jac, bool) else jac(x, *args)

    value.__name__ = name_of(fun)
    return check_gradients(value, (x0,), grad=gradient, **how)


def check_torch(
    function: Any, *inputs: Any, reference: Callable[..., Any] | None = None, **how: Any
) -> Report:
    """Check the backward of a `torch.autograd.Function`, or of any function of tensors.

    Parameters
    ----------
    function : type or callable
        A subclass of `torch.autograd.Function`, or a callable on tensors.
    *inputs : tensor, array or number
        The point, taken in double precision.
    reference : callable, optional
        The same function for NumPy arrays, made of universal functions or of mpmath's. Its values
        are compared with the tensors' first (`references.referred`). Tensors hold only floats;
        with a reference the truth is good to all digits, without one it comes from finite
        differences of the forward, and the verdict is often "inconclusive".
    **how
        What `check_gradients` takes.

    Returns
    -------
    Report
    """
    torch = require("torch", "check_torch")
    apply = getattr(function, "apply", function)

    def tensors(arrays: Sequence[Any], grad: bool) -> list[Any]:
        doubles = (torch.as_tensor(x, dtype=torch.float64) for x in arrays)
        return [x.detach().clone().requires_grad_(grad) for x in doubles]

    def value(*arrays: Any) -> Any:
        with torch.no_grad():
            return apply(*tensors(arrays, grad=False)).numpy()

    def vjp(cotangent: Any, *arrays: Any) -> Any:
        given = tensors(arrays, grad=True)
        (y,) = tensors([cotangent], grad=False)
        found = torch.autograd.grad(apply(*given), given, y, allow_unused=True)
        return tuple(
            torch.zeros_like(x) if g is None else g for g, x in zip(found, given, strict=True)
        )

    def as_arrays(*arguments: Any) -> Any:
        return tuple(x.numpy() for x in vjp(*arguments))

    value.__name__ = name_of(function)
    points = [x.numpy() for x in tensors(inputs, grad=False)]
    report = referred(value, reference, points, lambda g: check_vjp(g, as_arrays, points, **how))
    return advised(report)
