"""Checking gradients that other libraries work with: NumPy, SciPy's optimisers, PyTorch."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from importlib.util import find_spec
from typing import Any

from autograd.callables import check_function
from autograd.extras import need
from autograd.testing.conventions import advised
from autograd.testing.gradients import check_gradients
from autograd.testing.naming import name_of
from autograd.testing.peers import answer_of_check_grad
from autograd.testing.references import referred
from autograd.testing.reports import Report, Verdict
from autograd.testing.vjps import check_vjp


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
    floats (`float(x)`, `np.zeros(n)` that is filled, compiled code) is differentiated by the
    complex step or finite differences; the report says to how many digits that is.

    Parameters
    ----------
    f : callable
        `f(*arrays)`, a number.
    grad : callable
        `grad(*arrays)`, one array for each, or the one array.
    *arrays : array
        The point. Arrays of float32 or float16 are passed on as such, and the gradient is held to
        the digits that these have.
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
        The worst failure says what `scipy.optimize.check_grad` answers, where SciPy is installed.

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
    check_function(fun, "check_scipy takes what scipy.optimize.minimize does")
    if isinstance(jac, bool) and not jac:
        raise ValueError("jac=False leaves no gradient to check: pass a callable, or True")

    def value(x: Any) -> Any:
        y = fun(x, *args)
        return y[0] if jac is True else y

    def gradient(x: Any) -> Any:
        return fun(x, *args)[1] if isinstance(jac, bool) else jac(x, *args)

    value.__name__ = name_of(fun)
    report = check_gradients(value, (x0,), grad=gradient, **how)
    if report.verdict is not Verdict.FAIL or find_spec("scipy") is None:
        return report
    said = answer_of_check_grad(value, gradient, x0)
    worst = report.worst
    findings = (
        replace(x, note="; ".join(filter(None, (x.note, said)))) if x is worst else x
        for x in report.findings
    )
    return replace(report, findings=tuple(findings))


def check_torch(
    function: Any, *inputs: Any, reference: Callable[..., Any] | None = None, **how: Any
) -> Report:
    """Check the backward of a `torch.autograd.Function`, a module, or any function of tensors.

    It may answer a tensor, or a list, tuple or dict of them. Those of whole numbers have no
    gradient; one of floats that is cut off from the inputs has the gradient 0, which fails unless
    it is true.

    Parameters
    ----------
    function : type or callable
        A subclass of `torch.autograd.Function`, a `torch.nn.Module`, or a callable on tensors. A
        module is checked by its inputs and by its parameters, which appear under their names:
        "weight[0, 1]".
    *inputs : tensor, array or number
        The point, in the precision of the tensors: all of float64, float32 or float16, and Python's
        numbers along with them. Tensors of whole numbers are passed on as they are.
    reference : callable, optional
        The same function for NumPy arrays, made of universal functions or of mpmath's; its values
        are compared with the tensors' first (`references.referred`). Tensors hold only floats:
        with a reference the truth is good to all digits, without one it comes from finite
        differences of the forward. That of a module gets the inputs, and last a dict of its
        parameters.
    **how
        What `check_gradients` takes.

    Returns
    -------
    Report
    """
    torch = need("torch", purpose="check_torch")
    import numpy as np

    call: Any = function
    if isinstance(function, type) and issubclass(function, torch.autograd.Function):
        call = getattr(function, "apply")  # noqa: B009  (types know no subclass of torch's)
    given = [_tensor(torch, x) for x in inputs]
    whole = {i: x for i, x in enumerate(given) if not x.is_floating_point()}
    if any(x.is_complex() for x in given):
        raise TypeError("complex tensors: check the function of their real and imaginary parts")
    points: list[Any] = [
        float(inputs[i]) if type(inputs[i]) in (int, float) else _array(x)
        for i, x in enumerate(given)
        if i not in whole
    ]
    kind = next((x.dtype for x in points if hasattr(x, "dtype")), None)
    parameters = {}
    if isinstance(function, torch.nn.Module):
        call = copy.deepcopy(function)  # whose parameters will be moved
        parameters = {n: p for n, p in call.named_parameters() if p.requires_grad}
    memory = _Memory()
    if parameters:
        points.append({name: _array(p) for name, p in parameters.items()})

    def result(*arrays: Any) -> tuple[Any, list[Any]]:
        """The function's tensor, and those that it was computed from."""
        rest, leaves = list(arrays), []
        for name, array in rest.pop().items() if parameters else ():
            if array.dtype.kind != "f":
                raise TypeError(f"the parameter {name} is real")
            memory.write(parameters[name], array)
        if rest:
            leaves = [torch.from_numpy(np.asarray(x, getattr(x, "dtype", kind))) for x in rest]
            leaves = [x.requires_grad_() for x in leaves] if torch.is_grad_enabled() else leaves
        floats = iter(leaves)
        tensors = [whole[i] if i in whole else next(floats) for i in range(len(given))]
        return call(*tensors), [*leaves, *parameters.values()]

    def value(*arrays: Any) -> Any:
        with torch.no_grad():
            return _arrays(result(*arrays)[0])

    def vjp(cotangent: Any, *arrays: Any) -> Any:
        y, leaves = result(*arrays)
        pairs = [(out, seed) for out, seed in _paired(y, cotangent) if out.requires_grad]
        outs = [out for out, _ in pairs]
        seeds = [torch.as_tensor(x, dtype=out.dtype).reshape(out.shape) for out, x in pairs]
        found = (
            torch.autograd.grad(outs, leaves, seeds, allow_unused=True)
            if outs
            else [None] * len(leaves)
        )
        pulled = [_array(x if g is None else g) for g, x in zip(found, leaves, strict=True)]
        pulled = [x * 0 if g is None else x for g, x in zip(found, pulled, strict=True)]
        last = (
            [dict(zip(parameters, pulled[-len(parameters) :], strict=True))] if parameters else []
        )
        return *pulled[: len(pulled) - len(parameters)], *last

    value.__name__ = name_of(function)
    report = referred(value, reference, points, lambda g: check_vjp(g, vjp, points, **how))
    if parameters:
        shown = {f"args[{len(points) - 1}][{name!r}]": name for name in parameters}
        findings = (replace(x, where=_renamed(x.where, shown)) for x in report.findings)
        report = replace(report, findings=tuple(findings))
    return advised(report)


class _Memory:
    """That of a module's parameters, seen by NumPy, which writes to it at a fifth of the cost."""

    def __init__(self) -> None:
        self.seen: dict[Any, Any] = {}  # by address: a forward may put a parameter elsewhere

    def write(self, parameter: Any, array: Any) -> None:
        """Set a parameter to the numbers of an array."""
        if not parameter.is_cpu:
            parameter.detach().copy_(parameter.new_tensor(array))
            return
        where = parameter.data_ptr(), parameter.shape
        if where not in self.seen:
            self.seen[where] = parameter.detach().numpy()
        self.seen[where][...] = array


def _tensor(torch: Any, x: Any) -> Any:
    """An input as a tensor; Python's floats are doubles."""
    double = type(x) in (int, float) or isinstance(x, (list, tuple))
    return torch.as_tensor(x, dtype=torch.float64 if double else None).detach()


def _array(x: Any) -> Any:
    """A tensor as an array of its own."""
    if str(x.dtype) == "torch.bfloat16":
        raise TypeError("tensors of bfloat16: the kit knows float64, float32 and float16")
    return x.detach().cpu().numpy().copy()


def _arrays(y: Any) -> Any:
    """What a function answers, with arrays for its tensors of floats: only these have gradients."""
    if isinstance(y, dict):
        return {key: _arrays(part) for key, part in y.items()}
    if isinstance(y, (list, tuple)):
        return [_arrays(part) for part in y]
    if not hasattr(y, "is_floating_point"):
        return None
    return _array(y) if y.is_floating_point() or y.is_complex() else None


def _paired(y: Any, cotangent: Any) -> Iterator[tuple[Any, Any]]:
    """The tensors of floats that a function answers, each with its cotangent."""
    if isinstance(y, dict):
        for key, part in y.items():
            yield from _paired(part, cotangent[key])
    elif isinstance(y, (list, tuple)):
        for part, seed in zip(y, cotangent, strict=True):
            yield from _paired(part, seed)
    elif cotangent is not None:
        yield y, cotangent


def _renamed(where: str, shown: Mapping[str, str]) -> str:
    """A place with the name of a parameter instead of the argument that holds it."""
    for argument, name in shown.items():
        if argument in where:
            return where.replace(argument, name)
    return where
