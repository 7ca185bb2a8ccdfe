"""A model at a glance: its modules in a table, with shapes and numbers of parameters."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from autograd.graph.modes import Block, no_grad
from autograd.graph.watching.recording import Recorder
from autograd.lines import visible
from nn.layers.neurons import Neuron
from nn.modes import evaluation
from nn.module import Module

Shape = tuple[int, ...]


class Row(NamedTuple):
    """A line of a `Summary`.

    Attributes
    ----------
    depth : int
        How many modules the module is within.
    name, kind : str
        Its name in the one around it, and its class.
    shapes : dict of str to tuple of int
        The shapes of its own parameters, by name.
    parameters : int
        How many parameters it has, those of the modules within it included.
    output : tuple of int or None
        The shape of what it returned last; None if it was not called.
    """

    depth: int
    name: str
    kind: str
    shapes: dict[str, Shape]
    parameters: int
    output: Shape | None


@dataclass(frozen=True)
class Summary:
    """What `summary` returns: the modules of a model; as a text, a table.

    Attributes
    ----------
    rows : tuple of Row
        The modules, each once, owner first; the neurons of a layer are in the row of the layer.
    total : int
        The number of parameters; one that is shared counts once.

    Examples
    --------
    >>> from nn import MLP
    >>> summary(MLP(2, [3, 1])).total
    13
    """

    rows: tuple[Row, ...]
    total: int

    def __repr__(self) -> str:
        """Return the table."""
        lines = [("module", "shape", "parameters", "output")]
        for row in self.rows:
            title = "  " * row.depth + (f"{row.name}: {row.kind}" if row.name else row.kind)
            shapes = ", ".join(f"{name} {_text(shape)}" for name, shape in row.shapes.items())
            output = "" if row.output is None else _text(row.output)
            lines.append((title, shapes, f"{row.parameters:,}", output))
        lines.append(("total", "", f"{self.total:,}", ""))
        if all(row.output is None for row in self.rows):
            lines = [(*line[:3], "") for line in lines]
        lines = [(visible(a), visible(b), c, d) for a, b, c, d in lines]  # names are the user's
        wide, middle, narrow, _ = (max(map(len, column)) for column in zip(*lines, strict=True))
        return "\n".join(
            f"{module:{wide}}  {shape:{middle}}  {parameters:>{narrow}}  {output}".rstrip()
            for module, shape, parameters, output in lines
        )


def summary(model: Module, x: Any = None) -> Summary:
    """Return the modules of a model, with the shapes and numbers of their parameters, as a table.

    The weights of a layer are a matrix with a row for each neuron, as in PyTorch.

    Parameters
    ----------
    model : Module
        The model.
    x : optional
        An input, for a further column: the shape of what each module made of it. The model is
        called with it once, in the state for evaluation, and no graph is built.

    Returns
    -------
    Summary
        It prints as a table; its rows can also be read one by one.

    Raises
    ------
    TypeError
        If `model` is no Module.

    Examples
    --------
    >>> from nn import MLP
    >>> summary(MLP(2, [16, 1]), [0.5, 1.0])
    module             shape         parameters  output
    MLP                                      65  scalar
      layers.0: Layer  w 16x2, b 16          48  16
      layers.1: Layer  w 1x16, b 1           17  scalar
    total                                    65
    """
    if not isinstance(model, Module):
        raise TypeError(f"summary takes a Module, but was given a {type(model).__name__}")
    outputs = {} if x is None else _outputs(model, x)
    shown = {
        path: module
        for path, module in model.named_modules()
        if module is model or not isinstance(module, Neuron)
    }
    own: dict[str, list[str]] = {path: [] for path in shown}
    for path, _ in model.named_parameters():
        holder = _holder(path, shown)
        own[holder].append(path[len(holder) :])
    depths: dict[str, int] = {}
    rows = []
    for path, module in shown.items():
        holder = _holder(path, shown) if path else ""
        depths[path] = depths[holder] + 1 if path else 0
        rows.append(
            Row(
                depths[path],
                path[len(holder) :].removeprefix("."),
                type(module).__name__,
                _shapes(own[path]),
                len(module.parameters()),
                outputs.get(id(module)),
            )
        )
    return Summary(tuple(rows), len(model.parameters()))


class _Outputs(Recorder):
    """Notes the shape of what each module returns."""

    def __init__(self) -> None:
        super().__init__()
        self.shapes: dict[int, Shape] = {}

    def returned(self, module: Any, out: Any) -> None:
        """Note the shape of what the call of a module returned."""
        self.shapes[id(module)] = _shape(out)


def _outputs(model: Any, x: Any) -> dict[int, Shape]:
    """Return the shapes of what the modules make of an input, by the identity of the module."""
    own = _Outputs()
    with evaluation(), no_grad(), Block(lambda: lambda modes: modes._replace(recorder=own)):
        model(x)
    return own.shapes


def _holder(path: str, shown: Iterable[str]) -> str:
    """Return the path of the innermost module around what is at `path`."""
    holder = path.rpartition(".")[0]
    while holder not in shown:
        holder = holder.rpartition(".")[0]
    return holder


def _shapes(names: list[str]) -> dict[str, Shape]:
    """Return the shapes of parameters by name; where they fill none, how many they are."""
    places: dict[str, list[Shape]] = {}
    for name in names:
        keys = name.strip(".").split(".")
        words = [key for key in keys if not key.isdigit() and key != "neurons"]
        places.setdefault(".".join(words), []).append(tuple(int(k) for k in keys if k.isdigit()))
    shapes = {}
    for word, indices in places.items():
        shape = tuple(max(column) + 1 for column in zip(*indices, strict=False))
        shapes[word] = shape if math.prod(shape) == len(indices) else (len(indices),)
    return shapes


def _shape(out: Any) -> Shape:
    """Return the shape of nested lists, as far as all within have one length."""
    if not isinstance(out, list | tuple):
        return tuple(getattr(out, "shape", ()))
    inner = {_shape(part) for part in out}
    return (len(out), *(inner.pop() if len(inner) == 1 else ()))


def _text(shape: Shape) -> str:
    """Return a shape as it is printed."""
    return "x".join(map(str, shape)) or "scalar"
