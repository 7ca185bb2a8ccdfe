"""Programs and groups as functions of JAX: groups by the same instructions on arrays, each of whose
results is an array of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from autograd.compiler.codes import PAIRS
from autograd.compiler.exporting import applied, jax_source
from autograd.compiler.lanes.groups import (
    LANES,
    OF_CELLS,
    OF_ROWS,
    UNIFORM,
    Array,
    Expression,
    Groups,
    Instruction,
    Place,
    Product,
    Slots,
    Step,
    Sums,
)
from autograd.compiler.program import Program
from autograd.extras import need
from autograd.functions.printing.jax import JAX
from autograd.functions.printing.printer import Written


class JaxWriter:
    """The source of groups as a function of JAX.

    Attributes
    ----------
    source : str
        It calls the functions of `scope_of`, and reads the arrays in `fixed`.
    fixed : dict of array
        Indices, by their names.
    """

    def __init__(self, groups: Groups) -> None:
        self.groups = groups
        self.fixed: dict[str, Array] = {}
        self._names: dict[Any, str] = {}
        # In which array of the function each slot is by now, and where in it; and their sizes.
        self._array = [np.full(groups.cells, -1), np.full(groups.rows, -1)]
        self._place = [np.zeros(groups.cells, int), np.zeros(groups.rows, int)]
        self._sizes: list[int] = []
        lines = "".join(f"    {line}\n" for line in self._lines())
        self.source = f"def program(inputs, parameters=()):\n{lines}"

    def _lines(self) -> Iterator[str]:
        """The statements of the function."""
        groups = self.groups
        of_rows = [k for k, (space, _) in enumerate(groups.inputs) if space == LANES]
        of_cells = [k for k, (space, _) in enumerate(groups.inputs) if space == UNIFORM]
        yield "lanes = lanes_of(inputs)"
        for space, these, from_inputs in (
            (LANES, of_rows, "rows_of(inputs, {}, lanes)"),
            (UNIFORM, of_cells, "cells_of(inputs, {})"),
        ):
            if these:
                slots = Slots(space, np.array([groups.inputs[k][1] for k in these]))
                yield f"{self._held(slots)} = {from_inputs.format(these)}"
        if len(groups.parameters):
            held = self._held(Slots(UNIFORM, groups.parameters))
            yield f"{held} = parameters_of(parameters, {len(groups.parameters)})"
        if groups.constants:
            numbers = ", ".join(JAX.number(x).text for x in groups.constants.values())
            yield f"{self._held(Slots(UNIFORM, np.array([*groups.constants])))} = fill([{numbers}])"
        if groups.ones:
            held = self._held(Slots(LANES, np.array(groups.ones)))
            yield f"{held} = fill(1.0, {len(groups.ones)}, lanes)"
        for one in groups.body:
            yield from self._instruction(one)
        yield from self._guarded()
        results, gradients = map(self._answer, (groups.results, groups.gradients))
        yield f"return {results}, {gradients}"

    # -- names ----------------------------------------------------------------------------------
    def _held(self, slots: Slots) -> str:
        """The name of a new array, which holds some slots from now on."""
        flat, k = slots.at.reshape(-1), len(self._sizes)
        self._array[slots.space][flat] = k
        self._place[slots.space][flat] = np.arange(len(flat))
        self._sizes.append(len(flat))
        return f"v{k}"

    def _fixed(self, array: Array) -> str:
        """The name of indices."""
        name = self._names.setdefault((array.shape, array.tobytes()), f"i{len(self._names)}")
        self.fixed[name] = array
        return name

    def _flat(self, slots: Slots) -> str:
        """Slots, one after the other, from the arrays that hold them."""
        flat = slots.at.reshape(-1)
        arrays, at = self._array[slots.space][flat], self._place[slots.space][flat]
        known = np.unique(arrays)
        sizes = [self._sizes[k] for k in known.tolist()]
        begins = np.cumsum([0, *sizes])
        at = at + begins[np.searchsorted(known, arrays)]
        names = [f"v{k}" for k in known.tolist()]
        whole = names[0] if len(names) == 1 else f"jnp.concatenate([{', '.join(names)}])"
        if not (np.diff(at) == 1).all():
            return f"{whole}[{self._fixed(at)}]"
        first, end = int(at[0]), int(at[-1]) + 1
        return whole if (first, end) == (0, begins[-1]) else f"{whole}[{first}:{end}]"

    def _read(self, slots: Slots, lanes: bool) -> str:
        """Slots that are read; where lanes are computed with, cells are a column."""
        if slots.space == UNIFORM and slots.at.size == 1:
            number = self.groups.constants.get(int(slots.at.item()))
            if number is not None:
                return JAX.number(number).text
        return f"{self._flat(slots)}{'[:, None]' if lanes and slots.space == UNIFORM else ''}"

    def _shaped(self, slots: Slots, *shape: int) -> str:
        """Slots as a matrix, or as matrices of which each element has a number for each lane."""
        sizes = ", ".join(map(str, shape)) + (", -1" if slots.space == LANES else "")
        return f"{self._flat(slots)}.reshape({sizes})"

    # -- instructions ---------------------------------------------------------------------------
    def _instruction(self, one: Instruction) -> Iterator[str]:
        """The lines of an instruction."""
        if isinstance(one, Expression):
            for step in one.steps:
                found = self._step(step)
                yield f"{self._held(step.out)} = {found}"
            return
        found = self._product(one) if isinstance(one, Product) else self._sums(one)
        yield f"{self._held(one.out)} = {found}"

    def _step(self, step: Step) -> str:
        """A row, or sums of products."""
        size = step.out.at.size
        once = step.summed and all(x.space == UNIFORM for x in step.operands)
        lanes = step.over_lanes and not once
        integers = [Written(str(i)) for i in step.integers]
        operands = [Written(self._read(x, lanes)) for x in step.operands]
        if step.code == PAIRS:
            pairs = zip(operands[::2], operands[1::2], strict=True)
            value = " + ".join(_product_of(a.text, b.text) for a, b in pairs) or "0.0"
        else:
            value = applied(JAX, step.code, [*integers, *operands]).text
        filled = f"fill({value}, {size}{', lanes' if lanes else ''})"
        if once:
            return f"lanes * {filled}"
        return f"{filled}.sum(axis=1)" if step.summed else filled

    def _product(self, one: Product) -> str:
        """A product of matrices."""
        left, right, size = one.left, one.right, one.out.at.size
        if one.kind == OF_ROWS:
            found = f"{self._shaped(left, size, right.at.size)} @ {self._flat(right)}"
        elif one.kind == OF_CELLS:
            inner = right.at.shape[0]
            found = f"{self._shaped(left, -1, inner)} @ {self._shaped(right, inner, -1)}"
            found = f"({found}).reshape(-1)"
        else:
            inner = len(left.at)
            sides = [self._shaped(x, inner, x.at.size // inner) for x in (left, right)]
            found = f'jnp.einsum("kml,knl->mn", {", ".join(sides)}).reshape(-1)'
        return " + ".join([found, *(self._read(x, one.kind == OF_ROWS) for x in one.addends)])

    def _sums(self, one: Sums) -> str:
        """Sums of products of any lengths, or the largest."""
        lanes, count = one.over_lanes, len(one.left)
        value = self._side(one.left, lanes)
        if not one.largest:
            value = _product_of(value, self._side(one.right, lanes))
        filled = f"fill({value}, {count}{', lanes' if lanes else ''})"
        sizes = np.diff(np.append(one.starts, count))
        how = "max" if one.largest else "sum"
        if (sizes == sizes[0]).all():
            shape = f"{len(sizes)}, {sizes[0]}{', -1' if lanes else ''}"
            found = f"{filled}.reshape({shape}).{how}(axis=1)"
        else:
            owners = self._fixed(np.repeat(np.arange(len(sizes)), sizes))
            found = f"segment_{how}({filled}, {owners}, {len(sizes)})"
        return f"{found}.sum(axis=1)" if one.summed else found

    def _side(self, side: Array, lanes: bool) -> str:
        """Slots of either space: a row, or ~cell."""
        of_rows = side >= 0
        if not of_rows.any():
            numbers = {self.groups.constants.get(int(i)) for i in np.unique(~side)}
            return "1.0" if numbers == {1.0} else self._read(Slots(UNIFORM, ~side), lanes)
        if of_rows.all():
            return self._read(Slots(LANES, side), True)
        row, cell = side[of_rows][0], ~side[~of_rows][0]
        rows = self._read(Slots(LANES, np.where(of_rows, side, row)), True)
        cells = self._read(Slots(UNIFORM, np.where(of_rows, cell, ~side)), True)
        return f"jnp.where({self._fixed(of_rows[:, None])}, {rows}, {cells})"

    # -- answers --------------------------------------------------------------------------------
    def _guarded(self) -> Iterator[str]:
        """Whether each lane takes the path of the program."""
        conditions = []
        for space, axis in ((LANES, "0"), (UNIFORM, "None")):
            these = [(slot, truth) for s, slot, truth in self.groups.guards if s == space]
            if these:
                found = self._flat(Slots(space, np.array([slot for slot, _ in these])))
                truths = np.array([truth for _, truth in these])
                asked = self._fixed(truths[:, None] if space == LANES else truths)
                conditions.append(f"(({found} != 0.0) == {asked}).all(axis={axis})")
        yield f"ok = {' & '.join(conditions) or 'True'}"

    def _answer(self, places: Sequence[Place]) -> str:
        """What is asked for, or nan."""
        if not places:
            return "fill(0.0, 0)"
        lanes = any(space == LANES for space, _ in places)
        side = np.array([slot if space == LANES else ~slot for space, slot in places])
        found = self._side(side, lanes)
        size = f"{len(places)}{', lanes' if lanes else ''}"
        return f"fill(jnp.where({'ok' if lanes else 'jnp.all(ok)'}, {found}, jnp.nan), {size})"


def _product_of(a: str, b: str) -> str:
    """A product, or the one factor if the other is 1."""
    return b if a == "1.0" else a if b == "1.0" else f"({a}) * ({b})"


def scope_of(jax: Any, jnp: Any) -> dict[str, Any]:
    """Return what the sources call besides JAX's own functions."""

    def stacked(inputs: Any, numbers: list[Any], ok: Any = True) -> Any:
        lanes = jnp.broadcast_shapes(*map(jnp.shape, inputs))
        found = [jnp.where(ok, jnp.asarray(x, float), jnp.nan) for x in numbers]
        found = [jnp.broadcast_to(x, jnp.broadcast_shapes(x.shape, lanes)) for x in found]
        return jnp.stack(found) if found else jnp.zeros((0, *lanes))

    def lanes_of(inputs: Any) -> int:
        shape = jnp.broadcast_shapes(*{jnp.shape(x) for x in inputs})
        if len(shape) > 1:
            raise ValueError(f"each input is a number or an array of lanes; got shape {shape}")
        return shape[0] if shape else 1

    def rows_of(inputs: Any, these: list[int], lanes: int) -> Any:
        if getattr(inputs, "ndim", 0) == 2:
            return jnp.asarray(inputs, float)[np.array(these)]
        return jnp.stack([jnp.broadcast_to(jnp.asarray(inputs[k], float), lanes) for k in these])

    def cells_of(inputs: Any, these: list[int]) -> Any:
        for k in these:
            if jnp.shape(inputs[k]):
                raise ValueError(
                    f"input {k} of the groups is one number for all lanes, as it was in the call "
                    f"that they are of; got an array of shape {jnp.shape(inputs[k])}"
                )
        return jnp.stack([jnp.asarray(inputs[k], float) for k in these])

    def parameters_of(parameters: Any, count: int) -> Any:
        found = jnp.asarray(parameters, float).reshape(-1)
        if len(found) != count:
            raise ValueError(f"the groups have {count} parameters, but {len(found)} were given")
        return found

    def fill(x: Any, *shape: int) -> Any:
        found = jnp.asarray(x, float)
        return jnp.broadcast_to(found, shape) if shape else found

    return {
        "stacked": stacked, "lanes_of": lanes_of, "rows_of": rows_of, "cells_of": cells_of,
        "parameters_of": parameters_of, "fill": fill,
        "segment_sum": jax.ops.segment_sum, "segment_max": jax.ops.segment_max,
    }  # fmt: skip


def to_jax(program: Program | Groups) -> Any:
    """Return a program as a function of JAX arrays, for `jax.jit`, `jax.vmap` and a GPU.

    Parameters
    ----------
    program : Program or Groups
        As `Compiled.program` has it, with a gradient or without: scalar by scalar. Or as
        `Compiled.groups` has it after a call over lanes: as products of matrices and formulas on
        whole arrays, which is what a network is for, and takes a fraction of the time to compile.

    Returns
    -------
    callable
        ``f(inputs, parameters)`` answers results and gradients, each stacked along the first axis,
        in the order of the program. `inputs` and `parameters` have a number, or an array of a
        number for each lane, for each input and parameter. Of groups parameters are numbers, and so
        are inputs that were the same in every lane of the call; those of `Bound.backward` may have
        one more, 1/lanes, by which sums over the lanes are multiplied. Where a lane takes another
        path than the program's (a guard fails) all its answers are nan, and sums over the lanes.
        Results of groups of which none depends on the lanes have no axis of lanes.

    Raises
    ------
    ModuleNotFoundError
        If JAX is not installed: ``pip install 'glassgrad[jax]'``.
    ProgramError
        If JAX has no function for a row of it.
    RuntimeError
        If JAX computes in single precision: it is told by ``jax.config.update("jax_enable_x64",
        True)`` to do otherwise.

    Notes
    -----
    It is differentiable by JAX itself. Functions are JAX's own, whose last digits are others; rows
    that JAX does not have are their definitions, without our float functions' care for digits.
    """
    jax = need("jax", "jax", "to_jax")
    if not jax.config.jax_enable_x64:
        raise RuntimeError(
            "JAX computes in single precision; call jax.config.update('jax_enable_x64', True) first"
        )
    jnp = need("jax.numpy", "jax", "to_jax")
    scope = {"jnp": jnp, "nn": need("jax.nn", "jax"), "special": need("jax.scipy.special", "jax")}
    scope |= scope_of(jax, jnp)
    if isinstance(program, Groups):
        written = JaxWriter(program)
        source, scope = written.source, scope | written.fixed
    else:
        source = jax_source(program)
    exec(source, scope)  # printed from our table; names are in comments alone
    return scope["program"]
