"""What all losses share: numbers nested in lists, and how their losses become one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeGuard

import autograd
from autograd import Value

Number = float | Value
# A number, or numbers nested in lists to any depth: a single output, a vector, a batch.
Nested = Any


def is_sequence(given: object) -> TypeGuard[Sequence[Any]]:
    """Tell whether `given` holds numbers rather than being one."""
    return hasattr(given, "__len__")


def check_lengths(input: Sequence[Any], target: Sequence[Any]) -> None:
    """Refuse sequences that are empty or differ in length."""
    if len(input) != len(target):
        raise ValueError(
            f"input has length {len(input)}, but target has length {len(target)}; "
            "each input needs one target"
        )
    if not len(input):
        raise ValueError("input is empty; a loss needs at least one number")


def elementwise(f: Callable[[Number, Number], Any], input: Nested, target: Nested) -> Nested:
    """Return `f` of each pair of numbers, in the shape that both arguments share."""
    if is_sequence(input) != is_sequence(target):
        number, nested = ("target", "input") if is_sequence(input) else ("input", "target")
        raise ValueError(
            f"input and target have to be nested alike, but {nested} has a list "
            f"where {number} has a number"
        )
    if not is_sequence(input):
        return f(input, target)
    check_lengths(input, target)
    return [elementwise(f, x, y) for x, y in zip(input, target, strict=True)]


def _numbers(nested: Nested) -> Iterator[Number]:
    """Yield the numbers of nested lists in order."""
    if isinstance(nested, list):
        for part in nested:
            yield from _numbers(part)
    else:
        yield nested


def reduce(losses: Nested, reduction: str) -> Nested:
    """Return the losses as they are, or their mean or sum."""
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(f"reduction has to be 'mean', 'sum' or 'none', but was {reduction!r}")
    if reduction == "none" or not isinstance(losses, list):
        return losses
    terms = list(_numbers(losses))
    return autograd.mean(terms) if reduction == "mean" else autograd.sum(terms)
