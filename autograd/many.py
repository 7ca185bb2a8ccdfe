"""Functions of many operands that are more than a row: dot for neurons, softmax."""

from __future__ import annotations

from collections.abc import Iterable
from operator import countOf, mul
from typing import Any

from autograd import rules
from autograd.modes import OPEN
from autograd.rules import sumprod
from autograd.value import Value, in_open_modes, new, number_of


class Inputs(tuple[Any, ...]):
    """Operands that several `dot` nodes share, as the neurons of a layer do.

    Their numbers are read once, when the tuple is made.

    Parameters
    ----------
    xs : iterable of Value or number

    Attributes
    ----------
    numbers : list of float
        The numbers, if `xs` are all floats or all Values of floats; else empty.
    literal : bool
        Whether `xs` are plain floats, which become no parents.
    """

    numbers: list[float]
    literal: bool

    def __new__(cls, xs: Iterable[Any]) -> Inputs:
        """Make the tuple and read its numbers."""
        self = super().__new__(cls, xs)
        self.literal = bool(self) and type(self[0]) is float
        try:
            numbers = list(self) if self.literal else [x.data for x in self]
        except AttributeError:  # numbers among Values
            numbers = []
        self.numbers = numbers if countOf(map(type, numbers), float) == len(self) else []
        return self


def dot(ws: Iterable[Any], xs: Iterable[Any], b: Any = 0.0) -> Any:
    r"""Return the affine form w1*x1 + ... + wn*xn + b as one node.

    Parameters
    ----------
    ws, xs : iterables of Value or number
        Of the same length n; ws are the weights of a neuron, xs its inputs.
    b : Value or number
        The bias.

    Returns
    -------
    Value or number
        With up to 2n + 1 parents; the partial derivatives are xs, ws and 1.

    Raises
    ------
    ValueError
        If the lengths differ.

    Examples
    --------
    >>> from autograd import Value, dot
    >>> w = [Value(2.0), Value(-1.0)]
    >>> y = dot(w, [3.0, 4.0], Value(1.0))
    >>> y.backward()
    >>> y.data, [v.grad for v in w]
    (3.0, [3.0, 4.0])
    """
    if type(ws) is not list:
        ws = list(ws)
    if type(xs) is not Inputs:
        xs = Inputs(xs)
    n = len(ws)
    if n != len(xs):
        raise ValueError(f"dot takes as many weights as inputs; got {n} and {len(xs)}")
    operands = (*ws, *xs, b)
    x = xs.numbers
    try:
        w = [v.data for v in ws]
        bias = b.data
    except AttributeError:  # numbers among Values
        return rules.dot_row(operands)
    if not x or type(bias) is not float or countOf(map(type, w), float) != n:
        return rules.dot_row(operands)
    out = new(Value)
    out.data = (sumprod(w, x) if sumprod else sum(map(mul, w, x))) + bias
    out.grad = 0
    if xs.literal:
        out.parents, out.partials = (*ws, b), (*x, 1.0)
    else:
        out.parents, out.partials = operands, (*x, *w, 1.0)
    out.operands = operands
    out.op = rules.dot_row
    out.label = ""
    return in_open_modes(out) if OPEN else out


def softmax(xs: Iterable[Any]) -> list[Any]:
    r"""Return the softmax weights exp(xi) / (exp(x1) + ... + exp(xn)), in the order of `xs`.

    The largest operand is subtracted first, as a plain number: the weights do not depend on it,
    so neither does any gradient, and no exponential overflows.

    Parameters
    ----------
    xs : iterable of Value or number

    Returns
    -------
    list of Value or number

    Examples
    --------
    >>> from autograd import softmax
    >>> softmax([1000.0, 1000.0])
    [0.5, 0.5]
    """
    xs = list(xs)
    if not xs:
        return []
    shift = rules.max([number_of(x) for x in xs])
    weights = [rules.exp(x - shift) for x in xs]
    total = rules.sum(weights)
    return [weight / total for weight in weights]
