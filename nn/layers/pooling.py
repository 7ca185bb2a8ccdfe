"""Pooling: every window of a signal or an image becomes one number, channel by channel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import autograd.functions.rules as rules
from nn.layers.windows import Axis, Extent, Plane, of_plane, per_axis, planes, starts
from nn.module import Module


class _Pool(Module):
    """What all pooling shares: where windows are; a kind says what becomes of one."""

    axes: int  # along how many axes the windows slide

    def __init__(
        self, kernel_size: Any, stride: Any, padding: Any, dilation: Any, ceil_mode: bool
    ) -> None:
        self.kernel_size = per_axis(kernel_size, "kernel_size", self.axes)
        self.stride = self.kernel_size if stride is None else per_axis(stride, "stride", self.axes)
        self.padding = per_axis(padding, "padding", self.axes, least=0)
        self.dilation = per_axis(dilation, "dilation", self.axes)
        self.ceil_mode = ceil_mode
        for axis in self._windows():
            if 2 * axis.padding > axis.reach:
                raise ValueError(
                    f"padding has to be at most half of the window, which spans {axis.reach}, "
                    f"but was {axis.padding}"
                )

    def _windows(self) -> tuple[Axis, Axis]:
        """Return the windows along rows and along columns."""
        sizes, strides, paddings, dilations = (
            of_plane(given, self.axes, neutral)
            for given, neutral in (
                (self.kernel_size, 1),
                (self.stride, 1),
                (self.padding, 0),
                (self.dilation, 1),
            )
        )
        rows, columns = map(Axis, sizes, strides, paddings, dilations, [self.ceil_mode] * 2)
        return rows, columns

    def _maps(self, x: Any) -> list[Plane]:
        """Return a plane for each channel, with a number for each window."""
        found = planes(self, x, self.axes)
        rows, columns = self._windows()
        tops, lefts = starts(self, (rows, columns), found[0])
        heights = [rows.span(top, len(found[0])) for top in tops]
        widths = [columns.span(left, len(found[0][0])) for left in lefts]
        return [
            [
                [
                    self._pooled(
                        [x for row in rows.cut(plane, top) for x in columns.cut(row, left)],
                        height * width,
                    )
                    for left, width in zip(lefts, widths, strict=True)
                ]
                for top, height in zip(tops, heights, strict=True)
            ]
            for plane in found
        ]

    def _pooled(self, numbers: list[Any], places: int) -> Any:
        """Return what becomes of the numbers in a window with so many places, padding included."""
        raise NotImplementedError(f"{type(self).__name__} does not say what becomes of a window")


class _MaxPool(_Pool):
    """The largest number of each window; padding never counts."""

    def __init__(
        self,
        kernel_size: Extent,
        stride: Extent | None = None,
        padding: Extent = 0,
        dilation: Extent = 1,
        *,
        ceil_mode: bool = False,
    ) -> None:
        super().__init__(kernel_size, stride, padding, dilation, ceil_mode)

    def _pooled(self, numbers: list[Any], places: int) -> Any:  # noqa: ARG002  (only a mean needs places)
        if not numbers:
            raise ValueError(
                f"{self!r} has a window that meets only padding; a smaller dilation would see more"
            )
        return rules.max(numbers)


class _AvgPool(_Pool):
    """The mean of each window."""

    def __init__(
        self,
        kernel_size: Extent,
        stride: Extent | None = None,
        padding: Extent = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> None:
        super().__init__(kernel_size, stride, padding, 1, ceil_mode)
        self.count_include_pad = count_include_pad

    def _pooled(self, numbers: list[Any], places: int) -> Any:
        zeros = [0] * (places - len(numbers)) if self.count_include_pad else []
        return rules.mean([*numbers, *zeros])


class MaxPool1d(_MaxPool):
    r"""The largest number of each window of a signal, channel by channel.

    .. math:: y_{c,t} = \max_k x_{c,\,t s + k d - p}

    with stride s, padding p and dilation d, over the positions that are not padding. Where k
    numbers of a window are equally the largest, each gets 1/k of the gradient, as of
    `autograd.max`; PyTorch gives all of it to the first.

    Parameters
    ----------
    kernel_size : int
        How many numbers a window sees.
    stride : int, optional
        The distance between windows; by default `kernel_size`, so that they do not overlap.
    padding : int
        How far windows may begin before the signal, and end behind it: at most by half a window.
    dilation : int
        The distance between the numbers that a window sees.
    ceil_mode : bool
        True for a last window that overhangs the end, if numbers would be left over without it;
        windows that would begin in the padding there are left out.

    Raises
    ------
    ValueError
        If a size is below 1, or the padding above half a window; in a call, if the channels
        differ in length, there is no room for a window, or a window meets only padding.

    Examples
    --------
    >>> MaxPool1d(2)([[1.0, 5.0, 2.0, 3.0, 4.0]])
    [[5.0, 3.0]]
    >>> MaxPool1d(2, ceil_mode=True)([[1.0, 5.0, 2.0, 3.0, 4.0]])
    [[5.0, 3.0, 4.0]]
    """

    axes = 1

    def __call__(self, x: Sequence[Sequence[Any]]) -> list[list[Any]]:
        """Return a list for each channel, with the largest number of each window."""
        return [row for (row,) in self._maps(x)]


class MaxPool2d(_MaxPool):
    """The largest number of each window of an image, channel by channel.

    Parameters
    ----------
    kernel_size : int or tuple of (int, int)
        The height and the width of a window; an int stands for both, here and below.
    stride, padding, dilation : int or tuple of (int, int)
        As for `MaxPool1d`, for rows and columns.
    ceil_mode : bool
        As for `MaxPool1d`.

    Examples
    --------
    >>> image = [[[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]]]
    >>> MaxPool2d(2)(image), MaxPool2d((1, 2))(image)
    ([[[6.0, 8.0]]], [[[2.0, 4.0], [6.0, 8.0]]])
    """

    axes = 2

    def __call__(self, x: Sequence[Sequence[Sequence[Any]]]) -> list[list[list[Any]]]:
        """Return a plane for each channel, with the largest number of each window."""
        return self._maps(x)


class AvgPool1d(_AvgPool):
    r"""The mean of each window of a signal, channel by channel.

    .. math:: y_{c,t} = \frac1n \sum_k x_{c,\,t s + k - p}

    with stride s and padding p. Each window is divided by its own number n of positions: with the
    zeros of the padding, or without, but never with those at which it overhangs the padded
    signal, as in PyTorch.

    Parameters
    ----------
    kernel_size, stride, padding, ceil_mode
        As for `MaxPool1d`.
    count_include_pad : bool
        False to leave the padding out of n.

    Examples
    --------
    >>> AvgPool1d(2)([[1.0, 5.0, 2.0, 4.0]])
    [[3.0, 3.0]]
    >>> AvgPool1d(2, padding=1)([[4.0, 6.0]])
    [[2.0, 3.0]]
    >>> AvgPool1d(2, padding=1, count_include_pad=False)([[4.0, 6.0]])
    [[4.0, 6.0]]
    """

    axes = 1

    def __call__(self, x: Sequence[Sequence[Any]]) -> list[list[Any]]:
        """Return a list for each channel, with the mean of each window."""
        return [row for (row,) in self._maps(x)]


class AvgPool2d(_AvgPool):
    """The mean of each window of an image, channel by channel.

    Parameters
    ----------
    kernel_size, stride, padding, ceil_mode
        As for `MaxPool2d`.
    count_include_pad : bool
        As for `AvgPool1d`.

    Examples
    --------
    >>> AvgPool2d(2)([[[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]]])
    [[[3.5, 5.5]]]
    """

    axes = 2

    def __call__(self, x: Sequence[Sequence[Sequence[Any]]]) -> list[list[list[Any]]]:
        """Return a plane for each channel, with the mean of each window."""
        return self._maps(x)
