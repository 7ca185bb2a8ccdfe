"""Convolutions: one small layer that looks through every window of a signal or an image."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from nn.layers import Activation, Layer, check_size
from nn.module import Module
from nn.rng import Rng


class Filters(Layer):
    """The layer that a convolution slides: each of its inputs is seen by several windows."""

    def __init__(
        self, channels: int, nout: int, window: int, activation: Activation | None, rng: Rng
    ) -> None:
        nonlin, name = activation is not None, activation or "relu"
        nin = check_size(channels, "nin") * window
        super().__init__(nin, nout, nonlin, activation=name, rng=rng)
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
        kernel_size: int,
        stride: int = 1,
        padding: int = 0,
        *,
        activation: Activation | None = None,
        rng: Rng = random,
    ) -> None:
        self.kernel_size = check_size(kernel_size, "kernel_size")
        self.stride = check_size(stride, "stride")
        self.padding = check_size(padding, "padding", least=0)
        self.filters = Filters(nin, nout, self.kernel_size**self.axes, activation, rng)
        self.channels = nin


class Conv1d(_Convolution):
    r"""A convolution along one axis: every window of a signal meets the same filters.

    .. math:: y_{f,t} = \varphi\Big(b_f + \sum_{c,k} w_{f,c,k}\, x_{c,\,t s + k - p}\Big)

    with stride s and padding p. The filters are shared by identity: their gradient is the sum
    over all windows.

    Parameters
    ----------
    nin, nout : int
        The numbers of channels that come in, and of filters.
    kernel_size : int
        The length of a window.
    stride : int
        The distance between windows.
    padding : int
        The number of zeros added at both ends.
    activation : str, callable or None
        As for `Neuron`; None for a linear convolution, as PyTorch's is.
    rng : Rng
        Draws the weights.

    Attributes
    ----------
    filters : Layer
        One neuron for each filter; its weights run over channels, then over the window.

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
        _check_channels(self, x)
        zeros = [0.0] * self.padding
        rows = [[*zeros, *channel, *zeros] for channel in x]
        size = self.kernel_size
        windows = (
            [number for row in rows for number in row[start : start + size]]
            for start in _starts(self, len(rows[0]), "length")
        )
        return _transposed([self.filters.outputs(window) for window in windows])


class Conv2d(_Convolution):
    r"""A convolution over a plane: every window of an image meets the same filters.

    .. math:: y_{f,i,j} =
        \varphi\Big(b_f + \sum_{c,k,l} w_{f,c,k,l}\, x_{c,\,i s+k-p,\,j s+l-p}\Big)

    Parameters
    ----------
    nin, nout : int
        The numbers of channels that come in, and of filters.
    kernel_size : int
        The side of the square window.
    stride, padding, activation, rng
        As for `Conv1d`.

    Attributes
    ----------
    filters : Layer
        One neuron for each filter; its weights run over channels, rows and columns.

    Examples
    --------
    >>> image = [[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]]
    >>> conv = Conv2d(1, 4, 2, activation="tanh")
    >>> maps = conv(image)
    >>> len(maps), len(maps[0]), len(maps[0][0])
    (4, 2, 2)
    """

    axes = 2

    def __call__(self, x: Sequence[Sequence[Sequence[Any]]]) -> list[list[list[Any]]]:
        """Return a plane for each filter, with an output for each window, from one per channel."""
        _check_channels(self, x)
        planes = [self._padded(plane) for plane in x]
        size = self.kernel_size
        rows = []
        for top in _starts(self, len(planes[0]), "height"):
            windows = (
                [
                    number
                    for plane in planes
                    for row in plane[top : top + size]
                    for number in row[left : left + size]
                ]
                for left in _starts(self, len(planes[0][0]), "width")
            )
            row = _transposed([self.filters.outputs(window) for window in windows])
            rows.append(row)
        return _transposed(rows)

    def _padded(self, plane: Sequence[Sequence[Any]]) -> list[list[Any]]:
        """Return a plane with zeros all around."""
        zeros = [0.0] * self.padding
        rows = [[*zeros, *row, *zeros] for row in plane]
        blank = [[0.0] * len(rows[0]) for _ in zeros]
        return [*blank, *rows, *blank]


def _check_channels(conv: _Convolution, x: Sequence[Any]) -> None:
    """Refuse an input with another number of channels."""
    if len(x) != conv.channels:
        raise ValueError(
            f"{conv!r} takes {conv.channels} channels, but was given {len(x)}; "
            "the first axis of the input is that of the channels, as in [image]"
        )


def _starts(conv: _Convolution, length: int, name: str) -> range:
    """Return where the windows begin on an axis, padding included."""
    starts = range(0, length - conv.kernel_size + 1, conv.stride)
    if not starts:
        raise ValueError(f"{conv!r} finds no window in a {name} of {length}, padding included")
    return starts


def _transposed(rows: list[list[Any]]) -> list[list[Any]]:
    """Return columns as rows."""
    return [list(column) for column in zip(*rows, strict=True)]
