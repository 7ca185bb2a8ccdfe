"""Landscapes: a loss over two parameters, or over two directions in which many move."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import cycle
from typing import Any

from autograd.extras import need
from autograd.graph.modes import no_grad
from autograd.graph.node import number_of
from autograd.graph.value import Value
from nn.checks import check_size
from nn.module import Module
from nn.rng import Rng, source

Direction = Value | Mapping[Value, float]
Range = tuple[float, float]
CONTOURS = 20
COLORS = ("white", "tab:red", "tab:orange", "tab:pink", "black")


class Landscape:
    """A loss over a grid of places, and the ways that trainings have taken through it.

    Made by `landscape`.

    Attributes
    ----------
    xs, ys : list of float
        The coordinates of the grid: the numbers of two parameters, or how far everything has moved
        along two directions.
    losses : list of list of float
        One row for each of `ys`, one number for each of `xs`; not finite where the loss is not.
    path : list of (float, float)
        The places that `mark` has noted, since `another` was called, if it was.
    paths : dict of str to list of (float, float)
        All paths by their names, `path` the last of them.
    """

    def __init__(
        self, loss: Callable[[], Any], directions: tuple[Direction, Direction], names: Sequence[str]
    ) -> None:
        self.loss, self.names = loss, tuple(names)
        self.single = [x if isinstance(x, Value) else None for x in directions]
        self.ways: list[Mapping[Value, float]] = [
            {x: 1.0} if isinstance(x, Value) else dict(x) for x in directions
        ]
        self.moved = list(dict.fromkeys(x for way in self.ways for x in way))
        self.start: dict[Value, Any] = {x: x.data for x in self.moved}
        self.xs: list[float] = []
        self.ys: list[float] = []
        self.losses: list[list[float]] = []
        self.path: list[tuple[float, float]] = []
        self.paths = {"": self.path}

    def __repr__(self) -> str:
        low, x, y = self.lowest
        across, up = self.names
        size = f"{len(self.xs)} x {len(self.ys)} losses"
        return f"Landscape({size}; lowest {low:.4g} at {across} {x:.4g}, {up} {y:.4g})"

    @property
    def lowest(self) -> tuple[float, float, float]:
        """The lowest loss of the grid and where it is: loss, x, y."""
        found = [
            (loss, x, y)
            for y, row in zip(self.ys, self.losses, strict=True)
            for x, loss in zip(self.xs, row, strict=True)
            if loss == loss
        ]
        return min(found, default=(math.nan, math.nan, math.nan))

    def at(self, x: float, y: float) -> float:
        """Return the loss at a place; the parameters are back where they were afterwards."""
        kept = {value: value.data for value in self.moved}
        try:
            for value, start in self.start.items():
                steps = zip((x, y), self.ways, self.single, strict=True)
                base = 0.0 if value in self.single else start
                value.data = base + sum([s * way[value] for s, way, _ in steps if value in way])
            with no_grad():
                return float(number_of(self.loss()))
        finally:
            for value, number in kept.items():
                value.data = number

    def place(self) -> tuple[float, float]:
        """Return where the parameters are now: of directions the nearest place in their plane."""
        found = [math.nan, math.nan]
        for k, value in enumerate(self.single):
            if value is not None:
                found[k] = value.data
        if None not in self.single:
            return found[0], found[1]
        moved = {x: x.data - start for x, start in self.start.items() if x not in self.single}
        open_ways = [k for k, value in enumerate(self.single) if value is None]
        for k, step in zip(
            open_ways, _nearest(moved, [self.ways[k] for k in open_ways]), strict=True
        ):
            found[k] = step
        return found[0], found[1]

    def mark(self, *_: object) -> None:
        """Note where the parameters are: before a training, and as a callback of `nn.fit`."""
        self.path.append(self.place())

    def another(self, name: str) -> None:
        """Begin another path, to which `mark` adds from now on; the picture tells them by name.

        Raises
        ------
        ValueError
            If a path of that name is there.
        """
        if name in self.paths:
            raise ValueError(f"there is a path {name!r}; each needs a name of its own")
        if not self.path:
            del self.paths[[*self.paths][-1]]
        self.path = self.paths[name] = []

    def plot(self, axes: Any = None) -> Any:
        """Draw contours and the paths, and return Matplotlib's axes.

        Parameters
        ----------
        axes : matplotlib.axes.Axes, optional
            Where to draw; by default new axes.

        Raises
        ------
        ModuleNotFoundError
            If Matplotlib is not installed: ``pip install "glassgrad[plot]"``.
        """
        if axes is None:
            axes = need("matplotlib.pyplot", "plot").subplots()[1]
        finite = [[z if math.isfinite(z) else math.nan for z in row] for row in self.losses]
        drawn = axes.contourf(self.xs, self.ys, finite, levels=CONTOURS)
        axes.figure.colorbar(drawn, ax=axes, label="loss")
        for (name, path), color in zip(self.paths.items(), cycle(COLORS), strict=False):
            if path:
                across, up = zip(*path, strict=True)
                line = {"color": color, "linewidth": 1.5, "marker": ".", "markersize": 4}
                axes.plot(across, up, label=name, **line)
                axes.plot(across[-1], up[-1], color=color, marker="o")
        if any(self.paths):
            axes.legend()
        axes.set_xlabel(self.names[0])
        axes.set_ylabel(self.names[1])
        return axes


def landscape(
    loss: Callable[[], Any],
    x: Direction,
    y: Direction,
    *,
    x_range: Range | None = None,
    y_range: Range | None = None,
    points: int = 41,
) -> Landscape:
    """Compute a loss over two parameters, or along two directions from where all are now.

    Nothing is changed: afterwards every parameter has the number that it had.

    Parameters
    ----------
    loss : callable
        Of no arguments: the loss with the parameters as they are.
    x, y : Value, or mapping of Value to float
        A parameter; or how far each of some parameters moves for a step of 1 (`direction` draws
        such a one for a whole model).
    x_range, y_range : (float, float), optional
        The numbers of a parameter, or the steps along a direction; from 1 below to 1 above where it
        is unless given.
    points : int
        How many along each axis.

    Returns
    -------
    Landscape
        With `losses`, `lowest`, `plot()`, and `mark` for the path of a training.

    Raises
    ------
    ValueError
        If both are the same parameter, a direction is empty, a parameter of one axis is moved by
        the other, or a range is no range.

    References
    ----------
    H. Li et al., "Visualizing the loss landscape of neural nets", NeurIPS 2018.

    Examples
    --------
    >>> a, b = Value(1.0, label="a"), Value(2.0, label="b")
    >>> wide = (-2, 2)
    >>> hills = landscape(
    ...     lambda: a * a + 2 * b * b, a, b, x_range=wide, y_range=wide, points=5
    ... )
    >>> hills
    Landscape(5 x 5 losses; lowest 0 at a 0, b 0)
    >>> hills.losses[0], a.data
    ([12.0, 9.0, 8.0, 9.0, 12.0], 1.0)
    """
    names = [_name(way, k) for k, way in enumerate((x, y))]
    for name, way in zip(names, (x, y), strict=True):
        if not isinstance(way, Value) and not (isinstance(way, Mapping) and way):
            raise ValueError(
                f"{name} has to be a Value, or a mapping of Values to steps; got {way!r}"
            )
    found = Landscape(loss, (x, y), names)
    shared = [value for value in found.single if value is not None and _both(value, found.ways)]
    if shared:
        raise ValueError(f"{shared[0]!r} is moved along both axes: take two parameters")
    points = check_size(points, "points", 2)
    found.xs, found.ys = (
        _spread(given, value, name, points)
        for given, value, name in zip((x_range, y_range), found.single, names, strict=True)
    )
    found.losses = [[found.at(a, b) for a in found.xs] for b in found.ys]
    return found


def direction(model: Module | Iterable[Value], rng: Rng = random) -> dict[Value, float]:
    """Draw a direction for all parameters of a model, for `landscape`.

    Each step is drawn from the normal distribution and scaled as its parameter is: those of a
    neuron's weights are together as long as these are (the filter normalisation of Li et al.), that
    of any other parameter is at most its size on average.

    Examples
    --------
    >>> from nn.layers import Neuron
    >>> neuron = Neuron(2)
    >>> way = direction(neuron, random.Random(0))
    >>> length = math.hypot(*[way[w] for w in neuron.w])
    >>> math.isclose(length, math.hypot(*[w.data for w in neuron.w]))
    True
    """
    draw = source(rng)
    groups = [*_groups(model)]
    found: dict[Value, float] = {}
    for group in groups:
        steps = [draw.gauss(0.0, 1.0) for _ in group]
        size, length = math.hypot(*[p.data for p in group]), math.hypot(*steps)
        scale = size / length if length and len(group) > 1 else size
        found.update((p, step * scale) for p, step in zip(group, steps, strict=True))
    return found


def _groups(model: Module | Iterable[Value]) -> Iterable[list[Value]]:
    """The parameters of a model, those of a neuron's weights together."""
    parameters = model.parameters() if isinstance(model, Module) else [*model]
    taken: set[Value] = set()
    for part in model.modules() if isinstance(model, Module) else ():
        weights = getattr(part, "w", None)
        if isinstance(weights, list) and weights and all(isinstance(w, Value) for w in weights):
            taken.update(weights)
            yield weights
    yield from ([p] for p in parameters if p not in taken)


def _name(way: Direction, k: int) -> str:
    """What an axis is called."""
    return (way.label if isinstance(way, Value) else "") or ("x", "y")[k]


def _both(value: Value, ways: Sequence[Mapping[Value, float]]) -> bool:
    """Whether both ways move a parameter."""
    return all(value in way for way in ways)


def _spread(given: Range | None, value: Value | None, name: str, points: int) -> list[float]:
    """The coordinates along an axis."""
    middle = 0.0 if value is None else float(value.data)
    low, high = (middle - 1, middle + 1) if given is None else map(float, given)
    if not low < high or not math.isfinite(high - low):
        raise ValueError(f"the range of {name} goes from a number to a larger one; got {given!r}")
    return [low + (high - low) * i / (points - 1) for i in range(points)]


def _nearest(moved: Mapping[Value, float], ways: Sequence[Mapping[Value, float]]) -> list[float]:
    """The steps along one or two ways that lead nearest to where parameters have moved."""
    by = [sum([s * moved.get(v, 0.0) for v, s in way.items()]) for way in ways]
    gram = [[sum([s * b.get(v, 0.0) for v, s in a.items()]) for b in ways] for a in ways]
    if len(ways) == 1:
        return [by[0] / gram[0][0] if gram[0][0] else math.nan]
    (a, b), (_, d) = gram
    determinant = a * d - b * b
    if not determinant:
        return [math.nan, math.nan]
    return [(d * by[0] - b * by[1]) / determinant, (a * by[1] - b * by[0]) / determinant]
