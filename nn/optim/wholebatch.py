"""A bridge to SciPy's minimisers, for training on the whole batch at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from autograd.callables import check_function
from autograd.ending import collector_paused
from autograd.extras import need
from autograd.graph.value import Value
from nn.optim.groups import values


def minimise(
    loss: Callable[[], Value],
    parameters: Iterable[Value],
    method: str = "L-BFGS-B",
    tol: float | None = None,
    options: dict[str, Any] | None = None,
) -> Any:
    """Minimise a loss by one of SciPy's methods, which choose the length of their steps themselves.

    Parameters
    ----------
    loss : callable
        Returns the loss for the present values of the parameters, without chance in it.
    parameters : iterable of Value
        They are left at the minimum found.
    method : str
        A method of ``scipy.optimize.minimize``, such as "L-BFGS-B", "BFGS", "CG" or "Nelder-Mead".
    tol, options
        As for ``scipy.optimize.minimize``.

    Returns
    -------
    scipy.optimize.OptimizeResult
        With `x`, `fun`, `nit`, `success`, `message`.

    Raises
    ------
    ModuleNotFoundError
        If SciPy is not installed: ``pip install "glassgrad[scipy]"``.

    Examples
    --------
    >>> x, y = Value(-1.0), Value(2.0)
    >>> result = minimise(lambda: (1 - x) ** 2 + 100 * (y - x * x) ** 2, [x, y])
    >>> print(f"{x.data:.3f} {y.data:.3f}")
    1.000 1.000
    """
    optimize = need("scipy.optimize", "scipy")
    check_function(loss, "it is called without arguments, and returns a Value")
    parameters = values(parameters)
    derivative_free = method.lower() in ("nelder-mead", "powell", "cobyla", "cobyqa")

    def put(point: Any) -> None:
        for parameter, number in zip(parameters, point, strict=True):
            parameter.data = float(number)

    def value_and_slope(point: Any) -> Any:
        put(point)
        for parameter in parameters:
            parameter.grad = 0
        with collector_paused():
            value = loss()
            if derivative_free:
                return float(value.data)
            value.backward()
        return float(value.data), [float(parameter.grad) for parameter in parameters]

    result = optimize.minimize(
        value_and_slope,
        [parameter.data for parameter in parameters],
        method=method,
        jac=None if derivative_free else True,
        tol=tol,
        options=options,
    )
    put(result.x)
    return result
