"""check=True: each answer of a program beside that of eager computation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from autograd.graph.adjoints import adjoints
from autograd.graph.modes import changed, no_grad
from autograd.graph.node import number_of
from autograd.graph.order import topological_order
from autograd.graph.value import Value
from autograd.numbers.kinds import as_number
from autograd.transforms.gradients import value_and_grad
from autograd.transforms.runs import name_of
from autograd.transforms.trees import flatten

Function = Callable[..., Any]
DIGITS = 1e-9  # of gradients: a checkpoint adds up in another order


def compare_values(function: Function, args: Sequence[Any], got: Any) -> None:
    """Compare what a program answered with what the function does on Values.

    Raises
    ------
    RuntimeError
        If they are not the same, to the bit.
    """
    numbers, rebuild = flatten(list(args))
    with no_grad():
        true = function(*rebuild([Value(x) for x in numbers]))
    _compare(f"the value of {name_of(function)}", true, got)


def compare_gradients(
    function: Function, args: Sequence[Any], argnums: int | tuple[int, ...], got: Any
) -> None:
    """Compare a value and a gradient with those of the function's graph."""
    true = value_and_grad(function, argnums)(*args)
    _compare(f"the value of {name_of(function)}", true[0], got[0])
    _compare(f"the gradient of {name_of(function)}", true[1], got[1], DIGITS)


def compare_captured(
    function: Function, args: Sequence[Any], captured: Sequence[Any], got: Any
) -> None:
    """Compare a value and the gradient by captured Values with those of the function's graph."""
    numbers, rebuild = flatten(list(args))
    with changed(remembers=True):
        out = function(*rebuild([Value(x) for x in numbers]))
        order = topological_order(out) if isinstance(out, Value) else []
        flow = dict(adjoints({out: 1.0}, order, create_graph=False)) if order else {out: 1.0}
    slopes = [flow.get(value, 0.0) for value in captured]
    _compare(f"the value of {name_of(function)}", out, got[0])
    _compare(f"the gradient of {name_of(function)}", slopes, list(got[1]), DIGITS)


def compare_second(function: Function, true: Any, got: Any) -> None:
    """Compare second derivatives with those of the function's graph."""
    _compare(f"the second derivative of {name_of(function)}", true, got, DIGITS)


def _compare(what: str, true: Any, got: Any, digits: float = 0.0) -> None:
    """Raise where two trees are not of the same numbers, to some digits of the largest."""
    expected, found = (_numbers(x, what) for x in (true, got))
    pairs = [*zip(expected, found, strict=False)]
    size = digits * max([abs(x) for x in expected if x - x == 0], default=0.0)
    other = [(x, y) for x, y in pairs if x != y and not abs(x - y) <= size and (x == x or y == y)]
    if other or len(expected) != len(found):
        x, y = other[0] if other else (f"{len(expected)} numbers", f"{len(found)}")
        raise RuntimeError(
            f"{what} is another one compiled than eagerly: it has {y!r} for {x!r}. What the "
            "function reads beside its arguments and the Values that it captures was frozen when "
            "it was traced: pass it as an argument"
        )


def _numbers(tree: Any, what: str) -> list[Any]:
    """The numbers of a tree as floats."""
    return [as_number(number_of(x)) for x in flatten(tree, what, scalars=True)[0]]
