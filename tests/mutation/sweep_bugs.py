"""Bugs planted in the sweep, and the laws that have to find them.

A bug is a change of one place in the source of the sweep (`order`, `adjoints` and `sweep` of
`autograd.graph`), which is a module of its own then. A place that has moved is an error here, not a bug that is found.
"""
# ruff: noqa: E501 -- a bug is read as one entry

from __future__ import annotations

import functools
import inspect
import math
import re
import types
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import hypothesis
from hypothesis.strategies import SearchStrategy

from autograd import Value, dot, sum
from autograd.graph import adjoints, order, sweep
from autograd.testing import Computation, replay_exact
from autograd.testing.strategies import ARITHMETIC, programs, rational_programs

PLAIN = [  # name, what stands in the source, what stands there instead
    ("forgotten += for the first of two parents",
     "parent.grad += partial * grad\n            other", "parent.grad = partial * grad\n            other"),
    ("forgotten += for the second of two parents",
     "other.grad += other_partial", "other.grad = other_partial"),
    ("forgotten += for a single parent",
     "(parent,), (partial,) = parents, partials\n            parent.grad += partial",
     "(parent,), (partial,) = parents, partials\n            parent.grad = partial"),
    ("forgotten += for many parents",
     "costs a fifth)\n                parent.grad +=", "costs a fifth)\n                parent.grad ="),
    ("parents first", "for node in reversed(order):\n        grad", "for node in order:\n        grad"),
    ("an order by discovery, not by use", "order: list[Any] = []\n    seen",
     "return _by_discovery(root)\n    seen"),
    ("visited marks forgotten", "seen.add(parent)\n", "pass\n"),
    ("stale interior gradients", "node.grad = zero", "pass"),
    ("stale gradient of the root", "root.grad = seed or zero + seed  #", "root.grad += seed\n    root.grad += 0.5  #"),
    ("leaves start from 0 at each sweep", "for node in order:\n        node.grad = zero",
     "for node in order:\n        node.grad = zero\n        for leaf in node.parents:\n            leaf.grad = zero"),
    ("the last of many parents dropped", "zip(parents, partials)", "zip(parents[:-1], partials)"),
    ("the second of two parents dropped", "other.grad += other_partial * grad", "pass"),
    ("one parent twice counts once", "other.grad += other_partial * grad",
     "other.grad += other_partial * grad if other is not parent else 0"),
    ("a parent by its value, not by itself", "parent, other = parents",
     "parent, other = parents[0], parents[0 if parents[0] == parents[1] else 1]"),
    ("partials of two parents swapped", "partial, other_partial = partials",
     "other_partial, partial = partials"),
    ("a buffer of partials reused", "partial, other_partial = partials",
     "partial = other_partial = partials[0]"),
    ("float32 leak in the adjoint", "grad = node.grad\n", "grad = _float32(node.grad)\n"),
    ("float32 leak in a partial", "(partial,) = parents, partials\n",
     "(partial,) = parents, [_float32(partials[0])]\n"),
    ("gradients clipped at 1e3", "grad = node.grad\n", "grad = max(-1e3, min(1e3, node.grad))\n"),
    ("gradients clipped at 1e15", "grad = node.grad\n", "grad = max(-1e15, min(1e15, node.grad))\n"),
    ("small gradients skipped", "grad = node.grad\n",
     "grad = node.grad if abs(node.grad) > 1e-9 else 0.0\n"),
    ("nan becomes 0", "grad = node.grad\n", "grad = node.grad if node.grad == node.grad else 0.0\n"),
    ("an inf is not looked for behind a unit that is off", "not sum(partials) * grad", "True"),
    ("units that are on count as off", "not grad and type", "type"),
    ("the sign is lost", "(partial,) = parents, partials\n",
     "(partial,) = parents, [abs(partials[0])]\n"),
    ("gradients averaged over the parents", "grad = node.grad\n",
     "grad = node.grad / max(1, len(node.parents))\n"),
    ("the seed is ignored", "root.grad = seed or zero + seed  #", "root.grad = 1.0  #"),
    ("only the last eight nodes", "reversed(order):\n        grad", "reversed(order[-8:]):\n        grad"),
    ("the first node forgotten", "reversed(order):\n        grad", "reversed(order[1:]):\n        grad"),
    ("an error of 4 units in each product", "parent.grad += partial * grad\n            other",
     "parent.grad += partial * grad * (1 + 2.0**-50)\n            other"),
    ("a damped chain rule", "grad = node.grad\n", "grad = node.grad * (1 - 1e-13)\n"),
]  # fmt: skip
OTHER_WAYS = [  # in the sweep that serves create_graph, accumulate='exact' and the transforms
    ("the last use wins", "terms.setdefault(parent, []).append(contribution)",
     "terms[parent] = [contribution]"),
    ("parents first, collected", "in reversed(order):\n        contributions", "in order:\n        contributions"),
    ("partials are constants to the second derivative",
     "differentiable_partials(node, moving, relevant) if again", "node.partials if again"),
    ("the first contribution counts alone", "functools.reduce(operator.add, terms[1:], start)", "start"),
    ("exact accumulation is not", "total, real = exact_sum if", "total, real = from_left if"),
    ("what a leaf holds is forgotten", "held = [leaf.grad] if _holds(leaf) else []", "held = []"),
    ("what a leaf holds counts twice", "summed(leaf, held + contributions)",
     "summed(leaf, held + held + contributions)"),
]  # fmt: skip


def broken(place: str, instead: str) -> types.ModuleType:
    """The sweep with a change at one place."""
    sources = [_OF_ANOTHER.sub("", inspect.getsource(part)) for part in (order, adjoints, sweep)]
    count = sum(source.count(place) for source in sources)
    if count != 1:
        raise LookupError(f"{place!r} stands {count} times in the sweep, not once")
    module = types.ModuleType("autograd.graph.sweep")
    vars(module).update(_by_discovery=_by_discovery, _float32=_float32)
    for source in sources:
        exec(source.replace(place, instead), vars(module))
    return module


_OF_ANOTHER = re.compile(r"from autograd\.graph\.(order|adjoints) import [^\n]*\n")


def _float32(x: float) -> float:
    """x rounded to single precision, as a careless array would."""
    import struct

    return float(struct.unpack("f", struct.pack("f", x))[0])


def _by_discovery(root: Value) -> list[Value]:
    """Breadth first from the root, turned round: right for trees only."""
    found = [root] if root.parents else []
    for node in found:
        found += [p for p in dict.fromkeys(node.parents) if p.parents and p not in found]
    return found[::-1]


@functools.cache
def sample() -> tuple[Computation, ...]:
    """Random programs, the same each time."""
    return _collected(programs(rows=(*ARITHMETIC, "tanh", "sum", "relu", "dot", "exp")))


@functools.cache
def rational_sample() -> tuple[Computation, ...]:
    """Random programs over Fractions, the same each time."""
    return _collected(rational_programs(rows=(*ARITHMETIC, "sum", "relu", "dot")))


def _collected(strategy: SearchStrategy[Computation]) -> tuple[Computation, ...]:
    """What a strategy draws first."""
    found: list[Computation] = []

    @hypothesis.settings(
        max_examples=60,
        database=None,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(strategy)
    def collect(program: Computation) -> None:
        found.append(program)

    collect()
    return tuple(found)


def obeys_the_laws(module: Any) -> bool:
    """Whether a sweep does what the laws say."""
    try:
        return all(law(module.backward) for law in LAWS)
    except (AttributeError, LookupError, TypeError, ValueError, RecursionError):
        return False


def _graph(program: Computation) -> tuple[list[Value], Any]:
    """A program on fresh leaves."""
    leaves = program.leaves()
    return leaves, program(*leaves)


def _swept(backward: Callable[..., None], program: Computation, **how: Any) -> list[Any]:
    """The gradient of a program by its inputs."""
    leaves, root = _graph(program)
    backward(root, **how)
    return [_bits(leaf.grad) for leaf in leaves]


def _bits(x: Any) -> str:
    """A gradient as its bits."""
    return float(x.data if isinstance(x, Value) else x).hex()


def replays(backward: Callable[..., None]) -> bool:
    """Every adjoint is the sum over its uses, in exact arithmetic, within the rounding bound."""
    for program in sample():
        _, root = _graph(program)
        backward(root)
        if root.parents and not replay_exact(root):
            return False
    return True


def scales_with_the_seed(backward: Callable[..., None]) -> bool:
    """A seed of 2**k scales every bit, of large and small adjoints alike."""
    for program in sample():
        plain = [float.fromhex(x) for x in _swept(backward, program)]
        for k in (60, -60, 3):
            scaled = _swept(backward, program, seed=2.0**k)
            if scaled != [_bits(math.ldexp(x, k)) for x in plain]:
                return False
    return True


def accumulates_in_leaves_only(backward: Callable[..., None]) -> bool:
    """A second sweep doubles the leaves and repeats the interior; zeroing restores the first."""
    for program in rational_sample():
        leaves, root = _graph(program)
        backward(root)
        first, inside = [x.grad for x in leaves], root.grad
        backward(root)
        if [x.grad for x in leaves] != [2 * g for g in first]:
            return False
        if root.parents and root.grad != inside:
            return False
    return True


def passes_nan_on(backward: Callable[..., None]) -> bool:
    """A nan adjoint reaches the leaf, and so does 0 * inf behind a unit that is off."""
    x, y = Value(2.0), Value(2.0)
    backward((x * 3.0) * 1.0, seed=math.nan)
    backward(dot([y, 1.0], [math.inf, x], y) * 0.0)
    return math.isnan(x.grad) and math.isnan(y.grad)


def counts_every_use(backward: Callable[..., None]) -> bool:
    """Small graphs whose gradients are known numbers."""
    x, y = Value(3.0), Value(3.0)
    cases = [
        (x * x, 6.0), (x * x * x, 27.0), (x - x, 0.0), (x * y, 3.0), (sum([x, x, x]), 3.0),
        (x / (x * 2.0 + x), 0.0), (sum([x * 2.0, y, x]), 3.0), (-x + x * 4.0, 3.0),
        (dot([x, x, y], [1.0, 1.0, -2.0]), 2.0),
    ]  # fmt: skip
    for root, slope in cases:
        x.grad = y.grad = 0
        backward(root)
        if abs(x.grad - slope) > 1e-15:
            return False
    chain = functools.reduce(lambda h, _: h * 1.0 + x, range(50), x * 1.0)
    x.grad = 0
    backward(chain)
    return bool(x.grad == 51.0)


def all_ways_agree(backward: Callable[..., None]) -> bool:
    """With create_graph the same bits, and a second derivative; exact sums are rounded once."""
    for program in sample():
        plain = _swept(backward, program)
        if _swept(backward, program, create_graph=True) != plain:
            return False
    x = Value(2.0)
    y = x * x * x + x / (1.0 + x * x)
    backward(y, create_graph=True)
    slope = x.grad
    x.grad = 0
    backward(slope)
    truth = 12.0 + float(2 * Fraction(2) * (Fraction(4) - 3) / Fraction(5) ** 3)
    if not math.isclose(x.grad.data if isinstance(x.grad, Value) else x.grad, truth, rel_tol=1e-14):
        return False
    weights = [1e16, 1.0, -1e16, 0.1]
    x.grad = 0.5
    backward(functools.reduce(lambda a, b: a + b, [x * w for w in weights]), accumulate="exact")
    if x.grad != float(Fraction(0.5) + sum(map(Fraction, weights))):
        return False
    x.grad = 1.0
    backward(x * x, create_graph=True)
    return bool(x.grad == 5.0)


LAWS = (
    counts_every_use, passes_nan_on, replays, scales_with_the_seed, accumulates_in_leaves_only,
    all_ways_agree,
)  # fmt: skip
