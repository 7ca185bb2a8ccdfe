"""What Dropout draws for a batch at once: the very numbers that it would draw one by one."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


class Drawn:
    """The streams of Dropout layers, which NumPy's generator of the same kind goes on with.

    Examples
    --------
    >>> from nn import Dropout
    >>> one, two = Dropout(0.5, seed=1), Dropout(0.5, seed=1)
    >>> first, second = Drawn().of_batch([[one] * 3, [one] * 2])
    >>> [*first.tolist(), *second.tolist()] == two([1.0] * 5)
    True
    """

    def __init__(self) -> None:
        self._streams: dict[Any, Any] = {}

    def begin(self) -> None:
        """Take the streams up where they are now."""
        self._streams.clear()

    def end(self) -> None:
        """Bring the layers' own streams to where these are."""
        for layer, (stream, gauss) in self._streams.items():
            _, key, position, _, _ = stream.get_state(legacy=True)
            layer.rng.setstate((3, (*map(int, key), int(position)), gauss))
        self._streams.clear()

    def state(self) -> dict[Any, Any]:
        """Return what `back_to` goes back to."""
        return {layer: stream.get_state() for layer, (stream, _) in self._streams.items()}

    def back_to(self, state: dict[Any, Any]) -> None:
        """Go back to an earlier state."""
        for layer in list(self._streams):
            if layer in state:
                self._streams[layer][0].set_state(state[layer])
            else:
                del self._streams[layer]

    def of_batch(self, draws: Sequence[Sequence[Any]]) -> list[Array]:
        """Return the factors for each example, of the layers that draw for it, in their order."""
        layers = {layer: None for given in draws for layer in given}
        found = [np.empty(len(given)) for given in draws]
        for layer in layers:
            places = [[k for k, x in enumerate(given) if x is layer] for given in draws]
            factors = self._factors(layer, sum(map(len, places)))
            start = 0
            for out, at in zip(found, places, strict=True):
                out[at] = factors[start : start + len(at)]
                start += len(at)
        return found

    def _factors(self, layer: Any, count: int) -> Array:
        """What a layer multiplies so many numbers by."""
        if layer not in self._streams:
            if type(layer.rng) is not random.Random:
                raise TypeError(f"{layer!r} draws from {layer.rng!r}")
            _, (*key, position), gauss = layer.rng.getstate()
            stream = np.random.RandomState()
            stream.set_state(("MT19937", np.array(key, np.uint32), position, 0, 0.0))
            self._streams[layer] = stream, gauss
        uniform = self._streams[layer][0].random_sample(count)
        return np.where(uniform < layer.p, 0.0, 1 / (1 - layer.p))
