"""Convolutions: one small layer that looks through every window of a signal or an image."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from typing import Any

from autograd.graph.modes import tracing
from autograd.graph.node import number_of
from nn.checks import check_size
from nn.layers.activations import Activation
from nn.layers.neurons import BiasInit, Layer
from nn.layers.windows import Axis, Extent, Plane, of_plane, per_axis, planes, starts
from nn.module import Module
from nn.rng import Rng


class Filters(Layer):
    """The layer that a convolution slides: each of its inputs is seen by several windows."""

    def __init__(
        self,
        channels: int,
        nout: int,
        window: int,
        activation: Activation | None,
        *,
        bias_init: BiasInit = 0.0,
        rng: Rng = random,
    ) -> None:
        nonlin, name = activation is not None, activation or "relu"
        nin = check_size(channels, "nin") * window
        super().__init__(nin, nout, nonlin, activation=name, bias_init=bias_init, rng=rng)
        self.window = window

    @property
    def fans(self) -> tuple[int, int]:
        """How many wires run into each filter, and how many run from each input."""
        return len(self.neurons[0].w), len(self.neurons) * self.window


class _Convolution(Module):
    """What `Conv1d` and `Conv2d` share: filters that every window meets, and where windows are."""

    axes: int  # along how many axes the windows slide

    def __init__(
        self,
        nin: int,
        nout: int,
        kernel_size: Extent,
        stride: Extent = 1,
        padding: Extent | str = 0,
        dilation: Extent = 1,
        *,
        activation: Activation | None = None,
        bias_init: BiasInit = 0.0,
        rng: Rng = random,
    ) -> None:
        self.kernel_size = per_axis(kernel_size, "kernel_size", self.axes)
        self.stride = per_axis(stride, "stride", self.axes)
        self.padding = _padding(padding, self.axes)
        self.dilation = per_axis(dilation, "dilation", self.axes)
        if self.padding == "same" and of_plane(self.stride, self.axes, 1) != (1, 1):
            raise ValueError(f"padding 'same' needs a stride of 1, but it was {stride!r}")
        window = math.prod(of_plane(self.kernel_size, self.axes, 1))
        self.filters = Filters(nin, nout, window, activation, bias_init=bias_init, rng=rng)
        self.channels = check_size(nin, "nin")

    def _maps(self, x: Any) -> list[Plane]:
        """Return a plane for each filter, with an output for each window."""
        found = planes(self, x, self.axes)
        if len(found) != self.channels:
            raise ValueError(
                f"{self!r} takes {self.channels} channels, but was given {len(found)}; "
                "the first axis of the input is that of the channels, as in [image]"
            )
        settings = (self.kernel_size, self.stride, self.dilation)
        sizes, strides, dilations = (of_plane(given, self.axes, 1) for given in settings)
        # The padding is written into the planes, so the windows find none.
        rows, columns = map(Axis, sizes, strides, (0, 0), dilations)
        padded = [self._padded(plane, rows, columns) for plane in found]
        tops, lefts = starts(self, (rows, columns), padded[0])
        maps = []
        for top in tops:
            band = [row for plane in padded for row in rows.cut(plane, top)]
            windows = ([x for row in band for x in columns.cut(row, left)] for left in lefts)
            maps.append(_transposed([self.filters.outputs(window) for window in windows]))
        return _transposed(maps)

    def _padded(self, plane: Plane, rows: Axis, columns: Axis) -> Plane:
        """Return a plane with zeros all around."""
        if isinstance(self.padding, str):
            spare = [axis.reach - 1 if self.padding == "same" else 0 for axis in (rows, columns)]
            (top, bottom), (left, right) = ((n // 2, n - n // 2) for n in spare)
        else:
            top, left = bottom, right = of_plane(self.padding, self.axes, 0)
        zero = _zero_beside(plane)
        wide = [[*[zero] * left, *row, *[zero] * right] for row in plane]
        blank = [zero] * len(wide[0])
        return [*[blank] * top, *wide, *[blank] * bottom]


class Conv1d(_Convolution):
    r"""A convolution along one axis: every window of a signal meets the same filters.

    .. math:: y_{f,t} = \varphi\Big(b_f + \sum_{c,k} w_{f,c,k}\, x_{c,\,t s + k d - p}\Big)

    with stride s, padding p and dilation d. The filters are shared by identity: their gradient
    is the sum over all windows.

    Parameters
    ----------
    nin, nout : int
        The numbers of channels that come in, and of filters.
    kernel_size : int
        How many numbers of a channel a window sees.
    stride : int
        The distance between windows.
    padding : int, "valid" or "same"
        The number of zeros added at both ends; "valid" for none, "same" for as many as keep the
        length (the odd one at the end), which needs a stride of 1.
    dilation : int
        The distance between the numbers that a window sees.
    activation : str, callable or None
        As for `Neuron`; None for a linear convolution, as PyTorch's is.
    bias_init : float or "uniform"
        As for `Neuron`.
    rng : Rng
        Draws the weights.

    Attributes
    ----------
    filters : Layer
        One neuron for each filter; its weights run over channels, then over the window.

    Raises
    ------
    ValueError
        If a size is below 1, or the padding is negative or unknown; in a call, if the input has
        other channels, channels of different lengths, or no room for a window.

    References
    ----------
    Y. LeCun et al., "Backpropagation applied to handwritten zip code recognition", Neural
    Computation 1 (1989), 541-551.

    Examples
    --------
    >>> conv = Conv1d(1, 1, 2)
    >>> conv.filters.neurons[0].w[0].data, conv.filters.neurons[0].w[1].data = -1.0, 1.0
    >>> [y.data for y in conv([[1.0, 4.0, 9.0, 16.0]])[0]]
    [3.0, 5.0, 7.0]
    """

    axes = 1

    def __call__(self, x: Sequence[Sequence[Any]]) -> list[list[Any]]:
        """Return a list for each filter, with an output for each window, from one per channel."""
        return [row for (row,) in self._maps(x)]


class Conv2d(_Convolution):
    r"""A convolution over a plane: every window of an image meets the same filters.

    .. math:: y_{f,i,j} =
        \varphi\Big(b_f + \sum_{c,k,l} w_{f,c,k,l}\, x_{c,\,i s+k d-p,\,j s+l d-p}\Big)

    Parameters
    ----------
    nin, nout : int
        The numbers of channels that come in, and of filters.
    kernel_size : int or tuple of (int, int)
        The height and the width of a window; an int stands for both, here and below.
    stride, padding, dilation : int or tuple of (int, int)
        As for `Conv1d`, for rows and columns; `padding` may be "valid" or "same".
    activation, bias_init, rng
        As for `Conv1d`.

    Attributes
    ----------
    filters : Layer
        One neuron for each filter; its weights run over channels, rows and columns.

    Examples
    --------
    >>> image = [[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]]
    >>> maps = Conv2d(1, 4, 2, activation="tanh")(image)
    >>> len(maps), len(maps[0]), len(maps[0][0])
    (4, 2, 2)
    >>> wide = Conv2d(1, 1, (1, 3), padding="same")(image)
    >>> len(wide[0]), len(wide[0][0])
    (3, 3)
    """

    axes = 2

    def __call__(self, x: Sequence[Sequence[Sequence[Any]]]) -> list[list[list[Any]]]:
        """Return a plane for each filter, with an output for each window, from one per channel."""
        return self._maps(x)


def _zero_beside(plane: Plane) -> float:
    """An int, which is exact beside every type of number; beside floats alone a float, as layers
    read rows of floats in one go.
    """
    if tracing() is not None:
        return 0
    return 0.0 if all(type(number_of(x)) is float for row in plane for x in row) else 0


def _padding(given: Any, axes: int) -> Extent | str:
    """Return the padding of a convolution, a number or a word."""
    if not isinstance(given, str):
        return per_axis(given, "padding", axes, least=0)
    if given not in ("valid", "same"):
        raise ValueError(f"padding has to be a number, 'valid' or 'same', but was {given!r}")
    return given


def _transposed(rows: list[list[Any]]) -> list[list[Any]]:
    """Return columns as rows."""
    return [list(column) for column in zip(*rows, strict=True)]
