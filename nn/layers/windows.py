"""Windows that slide over signals and images: what convolutions and pooling share."""

from __future__ import annotations

import reprlib
from collections.abc import Sequence
from typing import Any, NamedTuple

from nn.checks import check_size

Extent = int | tuple[int, ...]  # the same for every axis, or one for each
Plane = list[list[Any]]


class Axis(NamedTuple):
    """The windows along one axis: positions count from its first number, below 0 is padding."""

    size: int
    stride: int
    padding: int = 0
    dilation: int = 1
    ceil_mode: bool = False

    @property
    def reach(self) -> int:
        """The distance from the first position of a window to the one behind its last."""
        return self.dilation * (self.size - 1) + 1

    def starts(self, length: int) -> range:
        """Return the first position of each window; all end within the padded axis.

        With `ceil_mode` one more may overhang its end, if it starts before the padding there.
        """
        last, left = divmod(length + 2 * self.padding - self.reach, self.stride)
        if self.ceil_mode and left and (last + 1) * self.stride < length + self.padding:
            last += 1
        return range(-self.padding, (last + 1) * self.stride - self.padding, self.stride)

    def cut(self, row: Sequence[Any], start: int) -> Sequence[Any]:
        """Return what the window at `start` sees of a row, without the padding."""
        first = start if start >= 0 else start % self.dilation
        return row[first : start + self.reach : self.dilation]

    def span(self, start: int, length: int) -> int:
        """Return how far the window at `start` reaches, padding included, overhang left out."""
        return min(start + self.reach, length + self.padding) - start


def per_axis(given: Any, name: str, axes: int, least: int = 1) -> Extent:
    """Return an argument as an int, or as a tuple with an int for each axis."""
    if isinstance(given, str) or not hasattr(given, "__len__"):
        return check_size(given, name, least)
    if len(given) != axes:
        expected = "an int" if axes == 1 else "an int, or one for rows and one for columns"
        raise ValueError(f"{name} has to be {expected}, but was {given!r}")
    return tuple(check_size(number, name, least) for number in given)


def of_plane(given: Extent, axes: int, neutral: int) -> tuple[int, int]:
    """Return what holds for rows and columns; a signal is an image that is one row high."""
    several = given if isinstance(given, tuple) else (given,) * axes
    rows, columns = several if axes == 2 else (neutral, *several)
    return rows, columns


def planes(module: Any, x: Any, axes: int) -> list[Plane]:
    """Return the channels of a signal or an image as planes, all of which have one shape."""
    try:
        found = [[[*row] for row in (channel if axes == 2 else [channel])] for channel in x]
        if any(hasattr(row[0], "__len__") for plane in found for row in plane if row):
            raise TypeError
    except TypeError:
        channel = "a list of numbers" if axes == 1 else "a list of rows of numbers"
        raise TypeError(
            f"{module!r} takes a list of channels, each of them {channel}, "
            f"but was given {reprlib.repr(x)}"
        ) from None
    heights = {len(plane) for plane in found}
    widths = {len(row) for plane in found for row in plane}
    if len(heights) != 1 or len(widths) != 1 or 0 in widths:
        raise ValueError(
            f"{module!r} takes channels of one shape that are not empty, "
            f"but was given {reprlib.repr(x)}"
        )
    return found


def starts(module: Any, axes: tuple[Axis, Axis], plane: Plane) -> list[range]:
    """Return where windows begin on the rows and columns of a plane, which has to have some."""
    found = []
    names = ("length", "length") if module.axes == 1 else ("height", "width")
    for axis, name, length in zip(axes, names, (len(plane), len(plane[0])), strict=True):
        found.append(axis.starts(length))
        if not found[-1]:
            raise ValueError(
                f"{module!r} finds no window in a {name} of {length}, padding included"
            )
    return found
