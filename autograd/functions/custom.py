"""primitive: a function of the user's own, with the derivative that its author knows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from autograd.functions.calls import Primitive
from autograd.functions.operand import Operand
from autograd.numbers.kinds import is_number


def primitive(
    partials: Callable[..., Sequence[Any]],
) -> Callable[[Callable[..., Any]], Primitive]:
    """Make an elementary function of a plain Python function and its partial derivatives.

    The function becomes one node in a graph: what happens inside of it is not differentiated.

    Parameters
    ----------
    partials : callable
        `partials(*operands, out)` returns a tuple with one partial derivative for each operand;
        `out` is the function's value. It is called with numbers in a plain sweep, and with Values
        where gradients are differentiated again: written with operators and the functions of
        `autograd` it serves both. For a real function of complex numbers x + iy it gives
        du/dx - i du/dy.

    Returns
    -------
    callable
        A decorator for the function of numbers.

    Raises
    ------
    TypeError
        When the function is applied: if `partials` gives something else than a tuple of numbers.
    ValueError
        When it is applied: if there are not as many partials as operands.

    Examples
    --------
    >>> import math
    >>> from autograd import Value, exp, primitive
    >>> @primitive(partials=lambda x, out: (2 * x * out,))
    ... def bell(x):
    ...     return math.exp(x * x)
    >>> x = Value(0.5)
    >>> y = bell(x)
    >>> y.backward()
    >>> x.grad == y.data
    True
    """
    if not callable(partials):
        raise TypeError(f"partials is a function of the operands and out; got {partials!r}")

    def decorate(f: Callable[..., Any]) -> Primitive:
        from inspect import Parameter, signature

        name = getattr(f, "__name__", "function")
        operands = [
            parameter
            for parameter in signature(f).parameters.values()
            if parameter.kind in (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)
        ]

        def checked(*xs: Any, out: Any) -> Sequence[Any]:
            found = partials(*xs, out=out)
            if not isinstance(found, (tuple, list)):
                raise TypeError(
                    f"the partials of {name} have to be a tuple, one for each operand; "
                    f"got {found!r}: for one operand write (partial,)"
                )
            if len(found) != len(xs):
                raise ValueError(
                    f"{name} has {len(xs)} operands, but its partials are {len(found)}"
                )
            for partial in found:
                if not (is_number(partial) or isinstance(partial, Operand)):
                    raise TypeError(f"a partial of {name} is no number: {partial!r}")
            return found

        row = Primitive(
            f,
            checked,
            (f.__doc__ or f"The function {name}.").strip().partition("\n\n")[0],
            name=name,
            operands=[p.name for p in operands],
            defaults=tuple(p.default for p in operands if p.default is not Parameter.empty),
            everywhere=True,
            opaque=True,
        )
        row.__module__, row.__qualname__ = f.__module__, f.__qualname__
        return row

    return decorate
