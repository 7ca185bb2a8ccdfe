"""Groups as source for JAX, and what it calls."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.compiler.exporting import arguments
from autograd.compiler.lanes.arrays import ArrayWriter
from autograd.compiler.lanes.groups import LANES, UNIFORM, Array, Groups, Place, Slots
from autograd.functions.printing.jax import JAX


class JaxWriter(ArrayWriter):
    """The source of groups as a function of JAX.

    Attributes
    ----------
    source : str
        It calls the functions of `scope_of`, and reads the arrays in `fixed`.
    fixed : dict of array
        Indices, by their names.
    """

    def __init__(self, groups: Groups) -> None:
        super().__init__(groups, JAX)
        self.fixed: dict[str, Array] = {}
        self._names: dict[Any, str] = {}
        self._lines = [*arguments(groups), "lanes = lanes_of(inputs)"]
        self._inputs()
        self.body()
        conditions = [
            f"(({found} != 0.0) == {self._fixed(truths[:, None] if space == LANES else truths)})"
            f".all(axis={0 if space == LANES else None})"
            for space, found, truths in self.guards()
        ]
        self._lines.append(f"ok = {' & '.join(conditions) or 'True'}")
        results, gradients = map(self._answer, (groups.results, groups.gradients))
        self._lines.append(f"return {results}, {gradients}")
        lines = "".join(f"    {line}\n" for line in self._lines)
        self.source = f"def program(inputs, parameters=()):\n{lines}"

    def _inputs(self) -> None:
        """Inputs and parameters."""
        groups = self.groups
        for space, read in (
            (LANES, "rows_of(inputs, {}, lanes)"),
            (UNIFORM, "cells_of(inputs, {})"),
        ):
            these = [k for k, place in enumerate(groups.inputs) if place[0] == space]
            if these:
                slots = np.array([groups.inputs[k][1] for k in these])
                self.hold(Slots(space, slots), read.format(these))
        if len(groups.parameters):
            self.hold(Slots(UNIFORM, groups.parameters), "parameters.reshape(-1)")

    def _answer(self, places: Sequence[Place]) -> str:
        """What is asked for, or nan."""
        if not places:
            return "fill(0.0, 0)"
        found, lanes = self.answers(places)
        passed = f"jnp.where({'ok' if lanes else 'jnp.all(ok)'}, {found}, jnp.nan)"
        return self._filled(passed, len(places), lanes)

    def _fixed(self, array: Array) -> str:
        """The name of indices."""
        name = self._names.setdefault((array.shape, array.tobytes()), f"i{len(self._names)}")
        self.fixed[name] = array
        return name

    # -- the language ---------------------------------------------------------------------------
    def _named(self, text: str) -> str:
        name = f"v{len(self._arrays)}"
        self._lines.append(f"{name} = {text}")
        return name

    def _numbers(self, numbers: Sequence[float]) -> str:
        return f"fill([{', '.join(JAX.number(x).text for x in numbers)}])"

    def _joined(self, arrays: Sequence[str]) -> str:
        return f"jnp.concatenate([{', '.join(arrays)}])"

    def _part(self, array: str, first: int, end: int) -> str:
        return f"{array}[{first}:{end}]"

    def _chosen(self, array: str, at: Array) -> str:
        return f"{array}[{self._fixed(at)}]"

    def _shaped(self, array: str, *sizes: int, lanes: bool = False) -> str:
        return f"{array}.reshape({', '.join(map(str, sizes))}{', lanes' if lanes else ''})"

    def _turned(self, array: str, rows: int, columns: int) -> str:
        return f"{array}.reshape({columns}, {rows}).T"

    def _filled(self, numbers: str, size: int, lanes: bool) -> str:
        return f"fill({numbers}, {size}{', lanes' if lanes else ''})"

    def _reduced(self, array: str, *, largest: bool = False) -> str:
        return f"{array}.{'max' if largest else 'sum'}(axis=1)"

    def _once_each(self, array: str) -> str:
        return f"lanes * {array}"

    def _selected(self, condition: Array, yes: str, no: str) -> str:
        return f"jnp.where({self._fixed(condition)}, {yes}, {no})"

    def _product(self, left: str, right: str) -> str:
        return f"({left} @ {right})"

    def _over_lanes(self, left: str, right: str) -> str:
        return f'jnp.einsum("kml,knl->mn", {left}, {right}).reshape(-1)'


def scope_of(jnp: Any) -> dict[str, Any]:
    """Return what the sources call besides JAX's own functions."""

    def doubles(given: Any, count: int, what: str) -> Any:
        if len(given) != count:  # JAX would read the last row for one beyond it
            raise ValueError(f"the program has {count} {what}, but {len(given)} were given")
        alike = hasattr(given, "shape") or len(set(map(np.shape, given))) < 2
        return double(given) if alike else [double(x) for x in given]

    def double(given: Any) -> Any:
        found = jnp.asarray(given)
        if jnp.iscomplexobj(found):
            raise TypeError(f"the program is of real numbers; got complex ones: {given!r}")
        return found.astype(float)

    def shape_of(inputs: Any) -> Any:
        if hasattr(inputs, "shape"):
            return inputs.shape[1:]
        return jnp.broadcast_shapes(*{x.shape for x in inputs})

    def stacked(inputs: Any, numbers: list[Any], ok: Any = True) -> Any:
        lanes = shape_of(inputs)
        found = [jnp.where(ok, jnp.asarray(x, float), jnp.nan) for x in numbers]
        found = [jnp.broadcast_to(x, jnp.broadcast_shapes(x.shape, lanes)) for x in found]
        return jnp.stack(found) if found else jnp.zeros((0, *lanes))

    def lanes_of(inputs: Any) -> int:
        shape = shape_of(inputs)
        if len(shape) > 1:
            raise ValueError(f"each input is a number or an array of lanes; got shape {shape}")
        return shape[0] if shape else 1

    def rows_of(inputs: Any, these: list[int], lanes: int) -> Any:
        if getattr(inputs, "ndim", 0) == 2:
            return inputs[np.array(these)]
        return jnp.stack([jnp.broadcast_to(inputs[k], lanes) for k in these])

    def cells_of(inputs: Any, these: list[int]) -> Any:
        for k in these:
            if inputs[k].shape:
                raise ValueError(
                    f"input {k} of the groups is one number for all lanes, as it was in the call "
                    f"that they are of; got an array of shape {inputs[k].shape}"
                )
        return jnp.stack([inputs[k] for k in these])

    def fill(x: Any, *shape: int) -> Any:
        found = jnp.asarray(x, float)
        return jnp.broadcast_to(found, shape) if shape else found

    return {
        "doubles": doubles, "stacked": stacked, "lanes_of": lanes_of, "rows_of": rows_of,
        "cells_of": cells_of, "fill": fill,
    }  # fmt: skip
