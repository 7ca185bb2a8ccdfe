"""The film of a training: what it looked like after every few epochs, on a page with a slider."""

from __future__ import annotations

import json
import math
import os
import re
from collections.abc import Callable, Sequence
from typing import Any

import autograd.files as files
from autograd.functions.operand import plain as number_of
from autograd.graph.modes import no_grad
from autograd.graph.value import Value
from autograd.graph.watching.recording import record
from autograd.numbers.text import shortened
from nn.checks import check_size
from nn.training.callbacks import Epoch

CELLS = 24  # a side of the plane of two inputs is divided in so many
POINTS = 400  # examples that are drawn on it
EXPLORED = 1_000  # parameters; of a larger network the graph is left out
MARGIN = 0.1  # of the plane, around the examples


class Film:
    """A callback of `fit` that keeps what the training looks like, for a page with a time slider.

    The page shows the losses, the weights as heat maps, for two inputs what the model answers in
    their plane, and the graph of one example, which can be asked and moved as in `explore`.

    Parameters
    ----------
    every : int
        After how many epochs it looks; after the first and the last it does, too.
    loss : callable, optional
        Of outputs and targets, as for `fit`: with it the graph is that of the loss of the first
        example, else that of the first output.
    most : int
        Frames that are kept: of more, every second one is left out, and `every` is doubled.

    Attributes
    ----------
    frames : list of dict
        The `epoch`, the `loss`, the `validation`, the `weights` by the names of parameters in the
        order of the model, and the `field` of answers or None.

    Examples
    --------
    >>> import nn
    >>> model, film = nn.Neuron(1, nonlin=False), Film(every=2)
    >>> optimiser = nn.optim.SGD(model.parameters(), lr=0.1)
    >>> _ = nn.fit(model, nn.losses.mse, [[1.0], [2.0]], [2.0, 4.0], optimiser, epochs=5,
    ...            callbacks=[film], progress=False)
    >>> [frame["epoch"] for frame in film.frames]
    [1, 2, 4, 5]
    """

    def __init__(
        self, every: int = 10, loss: Callable[[Any, Any], Any] | None = None, most: int = 200
    ) -> None:
        self.every, self.most = check_size(every, "every"), check_size(most, "most")
        if self.most < 2:
            raise ValueError(f"most has to be at least 2, the first and the last; was {most}")
        self.loss = loss
        self.frames: list[dict[str, Any]] = []
        self._names: list[str] = []
        self._plane: dict[str, Any] | None = None
        self._last: Epoch | None = None

    def __call__(self, epoch: Epoch) -> None:
        """Look at a training after an epoch."""
        if not hasattr(epoch.model, "named_parameters"):
            raise TypeError(f"a film is of a Module, whose weights have names; got {epoch.model!r}")
        named = dict(epoch.model.named_parameters())
        if epoch.number == 1 or list(named) != self._names:
            self.frames, self._names = [], list(named)
            self._plane = _plane(epoch)
        self._last = epoch
        if epoch.number % self.every and epoch.number not in (1, epoch.epochs):
            return
        self.frames.append(
            {"epoch": epoch.number, "loss": epoch.loss, "validation": epoch.validation,
             "weights": [_float(x) for x in named.values()], "field": self._field(epoch)}
        )  # fmt: skip
        if len(self.frames) > self.most:
            self.frames = [*self.frames[:-1:2], self.frames[-1]]
            self.every *= 2

    def to_html(self) -> str:
        """Return the page, which needs nothing from elsewhere.

        Raises
        ------
        ValueError
            If no training has been seen.
        """
        from autograd.display.explorer import script, style
        from autograd.display.page import asset, document

        text = json.dumps(self._told(), separators=(",", ":")).replace("<", "\\u003c")
        body = (
            f'<main class="glassgrad-film"><script type="application/json">{text}</script></main>\n'
            f'<script type="module">\n{script()}\n{asset("film.js")}\nfilmAll();\n</script>'
        )
        return document("Film of a training", body, "auto", style() + asset("film.css"))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the page to a file that ends in .html."""
        if not str(os.fspath(path)).lower().endswith((".html", ".htm")):
            raise ValueError(f"a film is saved as .html; got {os.fspath(path)!r}")
        files.write(path, self.to_html())

    def framed(self) -> str:
        """Return the page in a frame, with a still picture where frames are barred."""
        from autograd.display.explorer import framed

        return framed(self.to_html(), "Film of a training", self._explorer().graph, repr(self))

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        if not self.frames:
            return {"text/plain": repr(self)}
        return {"text/html": self.framed(), "text/plain": repr(self)}

    def __repr__(self) -> str:
        if not self.frames:
            return "<Film: nothing seen>"
        first, last = self.frames[0], self.frames[-1]
        losses = f"loss {shortened(first['loss'])} to {shortened(last['loss'])}"
        epochs = f"epochs {first['epoch']} to {last['epoch']}"
        return f"<Film: {len(self.frames)} frames, {epochs}, {losses}>"

    def _told(self) -> dict[str, Any]:
        """What the page is told."""
        model: Any = self._seen.model
        explored = None
        graph_names: list[str | None] = [None] * len(self._names)
        if len(self._names) <= EXPLORED:
            explorer = self._explorer()
            graph, parameters = explorer.graph, dict(model.named_parameters())
            nodes = {node.key: node.name for node in graph.nodes}
            graph_names = [nodes.get(graph.keys.get(x, -1)) for x in parameters.values()]
            explored = {**explorer.data, "title": f"{'Loss' if self.loss else 'Output'} of it"}
        return {"frames": [_finite(frame) for frame in self.frames], "matrices": self._matrices(),
                "plane": self._plane, "graph": explored, "names": graph_names}  # fmt: skip

    def _explorer(self) -> Any:
        """The graph of the first example, as the model is now."""
        from autograd.display.exploring import explore

        model: Any = self._seen.model
        inputs, targets = self._seen.examples
        x, y = inputs[0], targets[0]
        with record():
            out = model(x)
            root = (
                self.loss([out], [y]) if self.loss else out[0] if hasattr(out, "__len__") else out
            )
        return explore(root, names=model)

    @property
    def _seen(self) -> Epoch:
        """The epoch that was over last."""
        if self._last is None:
            raise ValueError("the film has seen no training: pass callbacks=[film] to fit")
        return self._last

    def _matrices(self) -> list[dict[str, Any]]:
        """The parameters in rows and columns: one row for a neuron, one picture for a layer."""
        found: dict[str, dict[str, list[int]]] = {}
        for i, name in enumerate(self._names):
            row = re.sub(r"(\.w)?\.?[^.]+$", "", name)
            found.setdefault(row.rpartition(".")[0], {}).setdefault(row, []).append(i)
        return [
            {"name": name or "weights", "rows": list(rows.values()),
             "labels": [[self._names[i] for i in row] for row in rows.values()]}
            for name, rows in found.items()
        ]  # fmt: skip

    def _field(self, epoch: Epoch) -> list[float] | None:
        """What the model answers in the plane of two inputs, row by row from below."""
        if self._plane is None:
            return None
        (left, right), (low, high) = self._plane["across"], self._plane["up"]
        with no_grad():
            return [
                _answer(epoch.model([left + (right - left) * i / (CELLS - 1),
                                     low + (high - low) * j / (CELLS - 1)]))
                for j in range(CELLS) for i in range(CELLS)
            ]  # fmt: skip


def _plane(epoch: Epoch) -> dict[str, Any] | None:
    """The plane of two inputs, with examples on it; None for inputs of another kind."""
    inputs, targets = epoch.examples
    try:
        points = [[float(number_of(x)) for x in row] for row in inputs[:POINTS]]
        marks = [float(number_of(y)) for y in targets[:POINTS]]
    except (TypeError, ValueError):
        return None
    if {len(row) for row in points} != {2}:
        return None
    with no_grad():
        outputs = epoch.model(points[0])
    ends = []
    for column in zip(*points, strict=True):
        room = MARGIN * (max(column) - min(column) or 1.0)
        ends.append([min(column) - room, max(column) + room])
    classes = len(outputs) if hasattr(outputs, "__len__") and len(outputs) > 1 else 0
    return {"across": ends[0], "up": ends[1], "points": points, "marks": marks,
            "classes": classes, "side": CELLS}  # fmt: skip


def _answer(output: Any) -> float:
    """One number for an output: the class of the largest of several, or the only one."""
    if hasattr(output, "__len__"):
        numbers: Sequence[float] = [_float(x) for x in output]
        return float(numbers.index(max(numbers))) if len(numbers) > 1 else numbers[0]
    return _float(output)


def _float(x: Any) -> float:
    """The number of a Value."""
    return float(x.data if isinstance(x, Value) else x)


def _finite(frame: dict[str, Any]) -> dict[str, Any]:
    """A frame for JSON, which has no inf and nan."""

    def told(x: Any) -> Any:
        return (
            [told(y) for y in x]
            if isinstance(x, list)
            else (x if not isinstance(x, float) or math.isfinite(x) else None)
        )

    return {key: told(x) for key, x in frame.items()}
