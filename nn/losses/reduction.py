"""What all losses share: numbers nested in lists, weights, and how their losses become one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeGuard

import autograd.functions.rules as rules
import nn.checks as checks
from autograd.graph.modes import tracing
from autograd.graph.node import number_of
from autograd.graph.value import Value

Number = float | Value
# A number, or numbers nested in lists to any depth: a single output, a vector, a batch.
Nested = Any


def numbers(given: Nested, name: str) -> Nested:
    """Return a number as it is, and numbers in containers as nested lists, by position."""
    if isinstance(given, str) and given in ("mean", "sum", "none"):
        raise TypeError(f"{name} has to hold numbers, but was {given!r}; pass reduction={given!r}")
    return checks.numbers(given, name)


def pair(input: Nested, target: Nested) -> tuple[Nested, Nested]:
    """Return inputs and targets as nested lists, which have to be alike."""
    input, target = numbers(input, "input"), numbers(target, "target")
    check_alike(input, target)
    return input, target


def is_list(given: Nested) -> TypeGuard[list[Any]]:
    """Tell whether `given` holds numbers rather than being one."""
    return isinstance(given, list | tuple)


def check_lengths(input: Sequence[Any], other: Sequence[Any], name: str = "target") -> None:
    """Refuse sequences that are empty or differ in length."""
    if len(input) != len(other):
        raise ValueError(
            f"input has length {len(input)}, but {name} has length {len(other)}; "
            f"each input needs one {name}"
        )
    if not len(input):
        raise ValueError("input is empty; a loss needs at least one number")


def check_alike(input: Nested, other: Nested, name: str = "target") -> None:
    """Refuse numbers that are nested otherwise than `input`."""
    if is_list(input) != is_list(other):
        number, nested = (name, "input") if is_list(input) else ("input", name)
        raise ValueError(
            f"input and {name} have to be nested alike, but {nested} has a list "
            f"where {number} has a number"
        )
    if is_list(input):
        check_lengths(input, other, name)
        for x, y in zip(input, other, strict=True):
            check_alike(x, y, name)


def check_each(nested: Nested, holds: Callable[[Any], bool], what: str, remedy: str = "") -> None:
    """Refuse the first number for which `holds` is not true, and name it and its position."""
    for place, number in _places(nested, ()):
        known = number if tracing() is not None else number_of(number)
        if not holds(known):
            where = f" at position {', '.join(map(str, place))}" if place else ""
            raise ValueError(f"{what}, but one was {known!r}{where}{remedy}")


def elementwise(f: Callable[..., Any], *nested: Nested) -> Nested:
    """Return `f` of the numbers at each position, of arguments that are nested alike."""
    if not is_list(nested[0]):
        return f(*nested)
    return [elementwise(f, *parts) for parts in zip(*nested, strict=True)]


def weights(given: Nested, like: Nested, name: str) -> Nested:
    """Return weights, stretched to the nesting of `like` as NumPy and PyTorch do."""
    given = numbers(given, name)
    check_finite(given, name)
    return _stretched(given, like, name)


def check_finite(given: Nested, name: str) -> None:
    """Refuse weights of inf or nan."""
    check_each(given, rules.isfinite, f"{name} has to hold finite numbers")


def scaled(loss: Number, weight: Number) -> Any:
    """Return weight * loss; a weight of 0 leaves nothing, of an infinite loss too."""
    if isinstance(weight, Value) or weight or rules.isfinite(loss):
        return weight * loss
    return nothing([loss])


def nothing(operands: Sequence[Any]) -> Any:
    """Return the loss 0 of what does not count: a Value, if an operand is one."""
    return Value(0.0) if any(isinstance(x, Value) for x in operands) else 0.0


def reduce(losses: Nested, reduction: str) -> Nested:
    """Return the losses as they are, or their mean or sum."""
    check_reduction(reduction)
    if reduction == "none" or not is_list(losses):
        return losses
    terms = [number for _, number in _places(losses, ())]
    return rules.mean(terms) if reduction == "mean" else rules.sum(terms)


def check_reduction(reduction: str) -> None:
    """Refuse an unknown reduction."""
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(f"reduction has to be 'mean', 'sum' or 'none', but was {reduction!r}")


def over(loss: Any, total: Any) -> Any:
    """Return loss / total, the mean under weights of that total."""
    if total == 0:
        raise ValueError("the weights add up to 0, so that there is no mean; take reduction='sum'")
    return loss / total


def _places(nested: Nested, place: tuple[int, ...]) -> Iterator[tuple[tuple[int, ...], Any]]:
    """Yield the numbers of nested lists in order, each after its position."""
    if is_list(nested):
        for i, part in enumerate(nested):
            yield from _places(part, (*place, i))
    else:
        yield place, nested


def _stretched(given: Nested, like: Nested, name: str) -> Nested:
    """Return `given` as often as `like` asks for it, from the innermost lists outwards."""
    if not is_list(like):
        if is_list(given):
            raise ValueError(f"{name} is nested more deeply than the input")
        return given
    if _depth(given) < _depth(like):
        return [_stretched(given, part, name) for part in like]
    if len(given) not in (1, len(like)):
        raise ValueError(f"{name} has length {len(given)}, where the input has length {len(like)}")
    parts = given * len(like) if len(given) == 1 else given
    return [_stretched(part, row, name) for part, row in zip(parts, like, strict=True)]


def _depth(nested: Nested) -> int:
    """Return how many lists enclose the first number."""
    depth = 0
    while is_list(nested):
        depth, nested = depth + 1, nested[0] if nested else None
    return depth
