"""Functions of many operands that are more than a row: dot for neurons, softmax."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import chain
from operator import countOf, index, itemgetter, mul
from typing import Any

from autograd.functions import rules
from autograd.functions.rules import sumprod
from autograd.graph.build import in_open_modes
from autograd.graph.modes import OPEN, tracing
from autograd.graph.node import new, number_of
from autograd.graph.value import Value
from autograd.twin import faster


def dot(ws: Iterable[Any], xs: Iterable[Any], b: Any = 0) -> Any:
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
    return dots([list(ws)], tuple(xs), [b])[0]


@faster
def dots(rows: Sequence[Sequence[Any]], xs: Sequence[Any], bs: Sequence[Any]) -> list[Any]:
    """Return `dot(ws, xs, b)` for each of the rows ws and the biases b: a layer of neurons.

    The numbers of all rows, and those of the inputs, are read and checked in one go: this is the
    inner loop of every network.

    Parameters
    ----------
    rows : sequence of sequences of Value or number
        The weights of each neuron.
    xs : sequence of Value or number
        The inputs, which all neurons share.
    bs : sequence of Value or number
        The biases.

    Returns
    -------
    list of Value or number

    Raises
    ------
    ValueError
        If a row has not as many weights as there are inputs.

    Examples
    --------
    >>> dots([[1.0, 2.0], [3.0, 4.0]], [10.0, 1.0], [0.0, 0.5])
    [12.0, 34.5]
    """
    n = len(xs)
    for ws in rows:
        if len(ws) != n:
            raise ValueError(f"dot takes as many weights as inputs; got {len(ws)} and {n}")
    if OPEN and tracing() is not None:
        return [rules.dot((*ws, *xs, b)) for ws, b in zip(rows, bs, strict=True)]
    row, out = rules.dot, []
    weights, active_weights = _read(rows)
    x, active_inputs = _read((xs,))
    all_weights = active_weights == n * len(rows)
    floats = bool(x and weights and (all_weights or active_inputs))
    with_inputs = all_weights and active_inputs == n
    without_inputs = all_weights and not active_inputs
    partials = (*x, 1.0) if without_inputs else ()
    start = 0
    for ws, b in zip(rows, bs, strict=True):
        operands = (*ws, *xs, b)
        active_bias = type(b) is Value
        bias = b.data if active_bias else b
        if not floats or type(bias) is not float:
            if not floats or type(bias) is not int:
                out.append(row(operands))  # other kinds of number, or perhaps nothing to remember
                start += n
                continue
            bias = float(bias)
        w = weights[start : (start := start + n)]
        node = new(Value)
        node.data = (sumprod(w, x) if sumprod else sum(map(mul, w, x))) + bias
        node.grad = 0
        node.operands = operands
        if with_inputs and active_bias:
            node.parents, node.partials = operands, (*x, *w, 1.0)
        elif without_inputs and active_bias:
            node.parents, node.partials = (*ws, b), partials
        else:
            both = zip(operands, (*x, *w, 1.0), strict=True)
            pairs = [(v, partial) for v, partial in both if type(v) is Value]
            node.parents, node.partials = zip(*pairs, strict=True)
        node.op = row
        out.append(in_open_modes(node) if OPEN else node)
    return out


_first = itemgetter(0)


def _read(rows: Sequence[Sequence[Any]]) -> tuple[list[float], int]:
    """The floats of Values and floats, row by row, and how many are Values; no floats if one is of
    a kind of its own.
    """
    numbers: list[Any] | None = None
    try:
        # Of a row that begins with a Value the others are taken to be some: to ask each of them
        # for its class would cost a seventh of a layer.
        if countOf(map(type, map(_first, rows)), Value) == len(rows):
            numbers = [x.data for xs in rows for x in xs]
            values = len(numbers)
    except (AttributeError, IndexError):  # plain numbers among them, or nothing
        pass
    if numbers is None:
        flat = list(chain.from_iterable(rows))
        values = countOf(map(type, flat), Value)
        numbers = [x.data if type(x) is Value else x for x in flat]
    if countOf(map(type, numbers), float) < len(numbers):
        return [], 0
    return numbers, values


def dist(p: Iterable[Any], q: Iterable[Any]) -> Any:
    """Return the distance between two points, the norm of the differences of their coordinates.

    Raises
    ------
    ValueError
        If the points have not as many coordinates.

    Examples
    --------
    >>> from autograd import Value, dist
    >>> p = [Value(1.0), Value(2.0)]
    >>> d = dist(p, [4.0, 6.0])
    >>> d.backward()
    >>> d.data, [x.grad for x in p]
    (5.0, [-0.6, -0.8])
    """
    p, q = list(p), list(q)
    if len(p) != len(q):
        raise ValueError(f"dist takes points of one dimension; got {len(p)} and {len(q)}")
    return rules.norm([x - y for x, y in zip(p, q, strict=True)])


def pick(xs: Iterable[Any], i: Any) -> Any:
    """Return the element at place `i`, which may be a Value: xs[i] where the place is computed.

    No gradient flows to the place. In what is compiled it is a sum of choices, one for each
    element, so that one program serves every place.

    Parameters
    ----------
    xs : iterable of Value or number
    i : int or Value
        Counted from 0.

    Raises
    ------
    IndexError
        If there is no such place.

    Examples
    --------
    >>> from autograd import Value, pick
    >>> pick([10.0, 20.0, 30.0], Value(1.0))
    20.0
    """
    xs = list(xs)
    if not isinstance(i, Value):
        place = index(i)
        if not 0 <= place < len(xs):
            raise IndexError(f"there is no place {i} among {len(xs)}")
        return xs[place]
    if not (0 <= i <= len(xs) - 1 and rules.rint(i) == i):
        raise IndexError(f"there is no place {i!r} among {len(xs)}")
    if tracing() is None:
        return xs[int(i.data)]
    return rules.sum([rules.where(rules.equal(i, k), x, 0.0) for k, x in enumerate(xs)])


def softmax(xs: Iterable[Any]) -> list[Any]:
    r"""Return the softmax weights exp(xi) / (exp(x1) + ... + exp(xn)), in the order of `xs`.

    The largest operand is subtracted first, as a plain number: the weights do not depend on it,
    so neither does any gradient, and no exponential overflows.

    An operand of -inf, a masked one, has weight 0 and passes no gradient on. Where all are -inf
    every weight is 0, and so is every gradient: what attends to nothing gets nothing. k operands of
    inf have weight 1/k each.

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
    >>> softmax([float("-inf"), float("-inf")])
    [0.0, 0.0]
    """
    xs = list(xs)
    if not xs:
        return []
    if OPEN and tracing() is not None:
        shift = rules.largest(xs)  # the same number, of which a trace alone knows
    else:
        shift = rules.max([number_of(x) for x in xs])
    if shift in (math.inf, -math.inf):
        return [*rules.share.each(*xs, out=shift)]
    weights = [rules.exp(x - shift) for x in xs]
    total = rules.sum(weights)
    return [weight / total for weight in weights]
