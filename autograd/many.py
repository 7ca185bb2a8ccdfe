"""Functions of many operands that are more than a row: dot for neurons, softmax."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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
        The numbers, where all of them are floats; else empty.
    values : int
        How many of `xs` are Values; the others are plain floats, which become no parents.
    """

    numbers: list[float]
    values: int

    def __new__(cls, xs: Iterable[Any]) -> Inputs:
        """Make the tuple and read its numbers."""
        self = super().__new__(cls, xs)
        self.numbers, self.values = _read(self)
        return self


def _read(xs: Sequence[Any]) -> tuple[list[float], int]:
    """The floats of Values and floats, and how many are Values; no floats if one is of a kind of
    its own.
    """
    try:
        numbers, values = [x.data for x in xs], len(xs)
    except AttributeError:  # plain numbers among them, or nothing else
        values = countOf(map(type, xs), Value)
        numbers = [x.data if type(x) is Value else x for x in xs]
    if countOf(map(type, numbers), float) < len(numbers):
        return [], 0
    return numbers, values


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
    try:  # what _read does, without the call: this is the inner loop of every network
        w, weights = [v.data for v in ws], n
    except AttributeError:
        w, weights = _read(ws)
    bias = b.data if type(b) is Value else b
    if not (x and weights) or type(bias) is not float or countOf(map(type, w), float) != n:
        return rules.dot_row(operands)  # other kinds of number, or nothing to remember
    out = new(Value)
    out.data = (sumprod(w, x) if sumprod else sum(map(mul, w, x))) + bias
    out.grad = 0
    out.operands = operands
    if weights == xs.values == n and bias is not b:
        out.parents, out.partials = operands, (*x, *w, 1.0)
    elif weights == n and not xs.values and bias is not b:
        out.parents, out.partials = (*ws, b), (*x, 1.0)
    else:
        both = zip(operands, (*x, *w, 1.0), strict=True)
        pairs = [(v, partial) for v, partial in both if type(v) is Value]
        out.parents, out.partials = zip(*pairs, strict=True)
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
