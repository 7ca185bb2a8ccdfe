"""What a compiled function does with many lanes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.compiler.lanes.bound import Bound, summed
from autograd.compiler.lanes.examples import Examples
from autograd.compiler.lanes.groups import Groups
from autograd.compiler.lanes.mapping import LanePath, Mapper
from autograd.compiler.lanes.remote import Remote
from autograd.compiler.paths import Cost, Path, give
from autograd.graph.modes import OPEN, look_around
from autograd.transforms.runs import name_of


class OverLanes:
    """The calls over many lanes, in NumPy: as few instructions on arrays."""

    function: Callable[..., Any]
    cost: Cost
    uniform: tuple[int, ...]
    _mapper: Mapper | None = None
    _last: tuple[Path, str] | None
    _by_keywords: Callable[..., Any]

    def map(self, *arrays: Any, client: Any = None, **keywords: Any) -> Any:
        """Return the results for many lanes, as arrays whose first axis is the lanes.

        Parameters
        ----------
        *arrays : array, list or number
            The arguments. The first axis of each is the lanes; a number is the same in every lane,
            and so are the arguments named in ``compile(f, uniform=...)``.
        client : distributed.Client, optional
            Of dask, whose workers compute blocks of lanes: with the very bits of this process.
        **keywords : array, list, number or object
            Keyword arguments. Arrays and lists of numbers have lanes, too; a truth value, a text or
            another object is what it is to all of them.

        Raises
        ------
        ValueError
            If there are no lanes, or not as many in each argument.

        Examples
        --------
        >>> import autograd
        >>> g = autograd.compile(lambda x, a: autograd.exp(a * x) if x > 0 else x)
        >>> g.map([1.0, -2.0, 0.5], 2.0).round(4).tolist()
        [7.3891, -2.0, 2.7183]
        """
        self._alone()
        if keywords:
            return self._by_keywords("map", arrays, keywords, client=client)
        return self._over_lanes().map(arrays, _remote(client))

    def map_value_and_grad(self, *arrays: Any, client: Any = None, **keywords: Any) -> Any:
        """Return the values of many lanes, and the gradient of each, lanes first.

        The gradient is bare for one argument, for more of them a tuple; by an argument that is the
        same in every lane it is that of each lane too, and there is none by keyword arguments.

        Examples
        --------
        >>> import autograd
        >>> values, slopes = autograd.compile(lambda x: x[0] * x[1]).map_value_and_grad(
        ...     [[1.0, 2.0], [3.0, 4.0]]
        ... )
        >>> values.tolist(), slopes.tolist()
        ([2.0, 12.0], [[2.0, 1.0], [4.0, 3.0]])
        """
        self._alone()
        if keywords:
            return self._by_keywords("map_value_and_grad", arrays, keywords, client=client)
        return self._over_lanes().map_both(arrays, _remote(client))

    def map_backward(self, *arrays: Any, client: Any = None, **keywords: Any) -> float:
        """Add the gradient of the mean over many lanes to the `grad` of the captured Values.

        Returns
        -------
        float
            The mean of the values.

        Examples
        --------
        >>> import autograd
        >>> w = autograd.Value(2.0)
        >>> autograd.compile(lambda x: w * x).map_backward([1.0, 2.0]), w.grad
        (3.0, 1.5)
        """
        self._alone()
        if keywords:
            return float(self._by_keywords("map_backward", arrays, keywords, client=client))
        mapper = self._over_lanes()
        examples = mapper.examples(arrays)
        total, found = 0.0, dict[Any, float]()
        for path, value, slopes in summed(mapper, examples, _numbers, _remote(client)):
            total += value
            for parameter, slope in zip(path.path.captured, slopes.tolist(), strict=True):
                found[parameter] = found.get(parameter, 0.0) + slope
        for parameter, slope in found.items():
            give(parameter, slope / examples.lanes)
        return total / examples.lanes

    def bound(self, client: Any = None) -> Bound:
        """Return this function with the Values that it captured as one flat array.

        Parameters
        ----------
        client : distributed.Client, optional
            Of dask, whose workers compute blocks of lanes in each `backward`.

        Raises
        ------
        RuntimeError
            If it was not called yet, so that nobody knows which Values it captures.
        """
        mapper = self._over_lanes()
        captured: dict[Any, None] = {}
        for path in self._traced():
            captured.update(dict.fromkeys(path.captured))
        return Bound(mapper, [*captured], _remote(client))

    @property
    def groups(self) -> Groups:
        """The instructions over arrays that answered the last call over lanes, to be printed.

        Examples
        --------
        >>> import autograd
        >>> g = autograd.compile(lambda x: autograd.tanh(x) * x)
        >>> g.map([0.0, 1.0]).round(3).tolist()
        [0.0, 0.762]
        >>> print(g.groups)
        groups of 1 instruction on 1 cell and 3 rows:
            rows[1] = tanh(rows[0])
            rows[2] = rows[1] * rows[0]
        """
        last = self._over_lanes().last
        if last is None:
            raise RuntimeError(f"{name_of(self.function)} was not called over lanes yet")
        return last.groups

    def _traced(self) -> Sequence[Path]:
        """The paths that are known."""
        mapper = self._over_lanes()
        found = [x.path for paths in mapper.known() for x in paths]
        if self._last is not None:
            found.append(self._last[0])
        if not found:
            raise RuntimeError(
                f"{name_of(self.function)} has not been traced yet: call it once, with one example "
                "or with lanes, to find the Values that it captures"
            )
        return found

    def _over_lanes(self) -> Mapper:
        """What computes for lanes."""
        if self._mapper is None:
            value: Any = self
            self._mapper = Mapper(
                self.function, self.uniform, self.cost, value, value.value_and_grad
            )
        return self._mapper

    def _alone(self) -> None:
        """Refuse to run where nodes are to be seen."""
        if OPEN:
            modes = look_around()
            if modes.watched or any(x is not None for x in (modes.trace, modes.listener)):
                raise TypeError(
                    f"the lanes of {name_of(self.function)} are computed without nodes, which "
                    "nothing can trace or watch: call it lane by lane here"
                )


def _remote(client: Any) -> Remote | None:
    """What the workers of a client compute through."""
    return None if client is None else Remote(client)


def _numbers(path: LanePath, examples: Examples) -> Any:
    """The numbers of the Values that a path captured."""
    return np.array(path.parameters(examples))
