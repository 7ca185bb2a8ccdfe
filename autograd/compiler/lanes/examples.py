"""The arguments of a map taken apart: what has a number for each lane, and what has one for all."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd.compiler.lanes.groups import Array
from autograd.compiler.structure import read
from autograd.functions.arrays import check_array
from autograd.graph.node import Node
from autograd.numbers.kinds import is_number
from autograd.transforms.trees import Rebuild, flatten, opened

FLOATS = np.dtype(float)


class Part(NamedTuple):
    """One argument.

    Attributes
    ----------
    given : object
        As it was given.
    columns : array, (lanes, numbers), or None
        Of one with lanes its numbers; None of one that is uniform.
    shape : tuple of int
        Of one with lanes that of a lane.
    numbers : list of float
        Of one that is uniform.
    rebuild : callable
        Puts the numbers of a uniform one together again.
    """

    given: Any
    columns: Array | None
    shape: tuple[int, ...] = ()
    numbers: Sequence[float] = ()
    rebuild: Rebuild = list

    @property
    def size(self) -> int:
        """How many numbers of each lane there are."""
        return len(self.numbers) if self.columns is None else self.columns.shape[1]

    @property
    def key(self) -> Hashable:
        """What it has in common with others that are put together alike."""
        if self.columns is None:
            return read(self.given, [])
        if isinstance(self.given, (list, tuple)):
            return (True, *self.shape, read(self.given[0], []))
        return (None, *self.shape)

    def example(self, lane: int) -> Any:
        """Return the argument of one lane, as a call of the function would be given it."""
        if self.columns is None:
            return self.given
        if isinstance(self.given, (list, tuple)):
            return self.given[lane]
        row = self.columns[lane].reshape(self.shape)
        return float(row) if not self.shape else row

    def gradient(self, slopes: Array) -> Any:
        """Put derivatives together, (numbers, lanes): lanes first, else as the argument is."""
        if self.columns is not None:
            return np.ascontiguousarray(slopes.T).reshape(-1, *self.shape)
        return lanes_first(self.rebuild([*slopes]))


class Examples(NamedTuple):
    """The arguments of a map.

    Attributes
    ----------
    parts : list of Part
    lanes : int
    key : hashable
        What calls have in common whose lanes are put together alike.
    """

    parts: list[Part]
    lanes: int
    key: Hashable

    @property
    def flags(self) -> tuple[bool, ...]:
        """For each number of a lane whether it is its own."""
        return tuple(x.columns is not None for x in self.parts for _ in range(x.size))

    @property
    def numbers(self) -> list[float]:
        """What is the same in every lane."""
        return [n for part in self.parts if part.columns is None for n in part.numbers]

    def example(self, lane: int) -> tuple[Any, ...]:
        """Return the arguments of one lane."""
        return tuple(part.example(lane) for part in self.parts)

    def gradient(self, slopes: Array) -> Any:
        """Put derivatives together: bare for one argument, else a tuple."""
        found, start = [], 0
        for part in self.parts:
            found.append(part.gradient(slopes[start : start + part.size]))
            start += part.size
        return found[0] if len(found) == 1 else tuple(found)


def examples_of(
    args: Sequence[Any], uniform: Sequence[int], what: str, keywords: Sequence[str] = ()
) -> Examples:
    """Take the arguments of a map apart.

    Raises
    ------
    TypeError
        If an argument holds no numbers, or none has lanes.
    ValueError
        If there are no lanes, or not the same number of them in each argument.

    Examples
    --------
    >>> found = examples_of([[[1.0, 2.0], [3.0, 4.0]], 5.0], (), "f")
    >>> found.lanes, found.flags, found.example(1)
    (2, (True, True, False), ([3.0, 4.0], 5.0))
    """
    first = len(args) - len(keywords)

    def called(i: int) -> str:
        return f"argument {i if i < first else keywords[i - first]}"

    parts = [
        _with_lanes(x, called, i)
        if i not in uniform and (isinstance(x, np.ndarray) or not _is_number(x))
        else _uniform(x, called(i))
        for i, x in enumerate(args)
    ]
    counts = {len(x.columns) for x in parts if x.columns is not None}
    if args and not counts:
        raise TypeError(f"no argument of {what} has lanes: call it by itself for one example")
    if len(counts) > 1:
        told = ", ".join(
            f"{called(i)} has {len(x.columns)}"
            for i, x in enumerate(parts)
            if x.columns is not None
        )
        raise ValueError(f"all arguments with lanes need as many of them, but {told}")
    lanes = counts.pop() if counts else 1
    if not lanes:
        raise ValueError(f"{what} was given no lanes")
    return Examples(parts, lanes, tuple([x.key for x in parts]))


def _uniform(x: Any, what: str) -> Part:
    """An argument that is the same in every lane."""
    numbers: list[Any] = []
    read(x, numbers, what)
    _refuse_others(numbers, what)
    return Part(x, None, (), [float(n) for n in numbers], flatten(x, what)[1])


def _is_number(x: Any) -> bool:
    """Whether an argument is one number."""
    return is_number(x) or isinstance(x, Node)


def _with_lanes(x: Any, called: Callable[[int], str], place: int) -> Part:
    """An argument whose first axis is the lanes."""
    if type(x) is np.ndarray and x.dtype is FLOATS and x.ndim:
        shape = x.shape[1:]
        return Part(x, x if x.ndim == 2 else x.reshape(len(x), math.prod(shape)), shape)
    what = called(place)
    check_array(x, f"{what} of a map")
    if opened(x) is not None and not isinstance(x, (list, tuple)):
        raise TypeError(
            f"{what} has lanes, and has to be an array or a list of them; got {type(x).__name__}. "
            "What is the same in every lane is named in compile(f, uniform=...)"
        )
    try:
        found = np.asarray(x)
    except ValueError:
        raise ValueError(f"{what} is ragged: every lane has to be structured alike") from None
    if found.dtype.kind == "O":
        numbers: list[Any] = []
        read(x, numbers, what)
        _refuse_others(numbers, what)
        if not all(map(_is_number, found.ravel().tolist())):
            raise ValueError(f"{what} is ragged: every lane has to be structured alike")
        found = found.astype(float)
    if found.dtype.kind not in "fiu":
        raise TypeError(f"{what} has to be of numbers that are floats; got {found.dtype}")
    if not found.ndim:
        raise TypeError(f"{what} has no axis for the lanes")
    count = math.prod(found.shape[1:])
    columns = np.ascontiguousarray(found.reshape(len(found), count), float)
    return Part(x, columns, found.shape[1:])


def _refuse_others(numbers: Sequence[Any], what: str) -> None:
    """Refuse numbers that are no floats."""
    for x in numbers:
        if isinstance(x, Node) or not isinstance(x, (int, float, np.integer, np.floating)):
            raise TypeError(f"{what} of a map has to be of floats; got {x!r} ({type(x).__name__})")


def lanes_first(tree: Any) -> Any:
    """Return a tree in which the arrays, whose last axis is the lanes, have it first.

    Examples
    --------
    >>> lanes_first([np.zeros((3, 4, 5)), np.zeros(5)])[0].shape
    (5, 3, 4)
    """
    if isinstance(tree, np.ndarray):
        return np.ascontiguousarray(np.moveaxis(tree, -1, 0))
    inside = opened(tree)
    return tree if inside is None else inside.make([lanes_first(x) for x in inside.members])
