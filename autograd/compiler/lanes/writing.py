"""Groups as NumPy: generated source, a line for each step, with `out` in views made beforehand."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd.compiler.codes import CODES, NAMES, PAIRS
from autograd.compiler.lanes.formulas import MAXIMUM_IS_RELU
from autograd.compiler.lanes.given import Span, read_as_given
from autograd.compiler.lanes.groups import (
    LANES,
    OF_CELLS,
    OF_ROWS,
    UNIFORM,
    Expression,
    Groups,
    Instruction,
    Product,
    Slots,
    Step,
    Sums,
)
from autograd.compiler.lanes.vectors import vector
from autograd.compiler.scalars import Array

POWER, POWER_BY_BASE, RELU = CODES["power"], CODES["power_by_base"], CODES["relu"]
SECTIONS = ("before", "lanes", "after")


class Memory(NamedTuple):
    """Arrays of cells and of rows, and arrays that stand in the place of some of the cells."""

    cells: Array
    rows: Array
    outside: tuple[tuple[slice, Array], ...] = ()

    def home(self, low: int, high: int) -> tuple[Array, int]:
        """Return the array in which cells are, and which cell is its first."""
        for part, array in self.outside:
            if part.start <= low and high < part.stop:
                return array, part.start
        return self.cells, 0


Recipe = Callable[[Memory], Any]


class Writer:
    """The source of a program of groups: three functions, which share their names.

    Attributes
    ----------
    recipes : dict
        How each name in the source is made, of the arrays of cells and of rows.
    totals : array of int
        The cells that are sums over the lanes.
    given : dict
        Of inputs that are read where they are given, by the first and the one after the last: their
        names, and whether each is of them as columns.
    """

    def __init__(self, groups: Groups, given: Sequence[Span] | None = None) -> None:
        self.groups = groups
        self.recipes: dict[str, Recipe] = {}
        self._names: dict[Any, str] = {}
        self._cells: list[tuple[int, int]] = []  # first and last of what is read or written at once
        sections = groups.sections()
        functions = zip(SECTIONS, sections, strict=True)
        self.source = "\n".join([line for x in functions for line in self._function(*x)])
        written = [x for one in sections[1] for x in one.writes() if x.space == UNIFORM]
        self.totals = np.concatenate([np.zeros(0, np.int64), *(x.at.reshape(-1) for x in written)])
        self.given = {
            span: [
                (self._names[key], turned)
                for turned in (False, True)
                if (key := _rows_key(*span, turned)) in self._names
            ]
            for span in (read_as_given(groups) if given is None else given)
        }

    def apart(self, *parts: slice) -> bool:
        """Return whether some cells may be those of another array each."""
        return all(
            (part.start <= low and high < part.stop) or high < part.start or low >= part.stop
            for low, high in self._cells
            for part in parts
        )

    def _function(self, name: str, body: Sequence[Instruction]) -> Iterator[str]:
        """One of the functions."""
        yield f"def {name}():"
        for one in body:
            for line in self._lines(one):
                yield f"    {line}"
        yield "    return\n"

    def _lines(self, one: Instruction) -> Iterator[str]:
        """The lines of an instruction."""
        if isinstance(one, Expression):
            for step in one.steps:
                yield from self._step(step)
        elif isinstance(one, Product):
            yield from self._product(one)
        else:
            yield from self._sums(one)

    # -- names ----------------------------------------------------------------------------------
    def _name(self, key: Any, recipe: Recipe) -> str:
        """The name of something that is made before anything runs."""
        name = self._names.get(key)
        if name is None:
            name = self._names[key] = f"a{len(self._names)}"
            self.recipes[name] = recipe
        return name

    def _fixed(self, array: Array) -> str:
        """The name of indices."""
        return self._name((array.shape, array.tobytes()), lambda _: array)

    def _scratch(self, shape: tuple[int, ...], lanes: bool, k: int) -> str:
        """The name of an array for what is on its way; k tells two apart that are used at once."""

        def make(memory: Memory) -> Array:
            return np.empty((*shape, memory.rows.shape[1]) if lanes else shape)

        return self._name(("scratch", shape, lanes, k), make)

    def _read(self, slots: Slots, lanes: bool) -> str:
        """Slots that are read; where lanes are computed with, cells are a column."""
        at = slots.at
        if slots.space == UNIFORM and at.size == 1:
            number = self.groups.constants.get(int(at.reshape(-1)[0]))
            if number is not None and number == number and abs(number) != np.inf:
                return repr(number)
        if (view := self._view(slots, lanes)) is not None:
            return view
        if slots.space == LANES:
            return f"V.take({self._fixed(at)}, 0)"
        self._cells.append((0, self.groups.cells))
        return f"U.take({self._fixed(at[:, None] if lanes and at.ndim == 1 else at)})"

    def _view(self, slots: Slots, lanes: bool, turned: bool = False) -> str | None:
        """The name of slots that lie at equal distances, and of a view of them; None of others."""
        at, space = slots.at, slots.space
        strides = slots.strides
        if strides is None:
            return None
        first, shape = int(at.item(0)), at.shape
        column = space == UNIFORM and lanes and len(shape) == 1
        low, high = slots.span
        if space == UNIFORM:
            self._cells.append((low, high))

        def make(memory: Memory) -> Array:
            base, start = (memory.rows, 0) if space == LANES else memory.home(low, high)
            inner = (base.shape[1:], base.strides[1:])
            by = tuple(stride * base.strides[0] for stride in strides)
            offset = (first - start) * base.strides[0]
            view = np.ndarray(shape + inner[0], float, base, offset, by + inner[1])
            view = view[:, None] if column else view
            return view.T if turned else view

        return self._name(("view", space, shape, first, strides, column, turned), make)

    def _out(self, out: Slots, lanes: bool) -> tuple[str, str]:
        """Where a result goes, and the line that puts it into its place, if it is not there."""
        if (view := self._view(out, lanes)) is not None:
            return view, ""
        name = self._scratch(out.at.shape, out.space == LANES, 0)
        if out.space == UNIFORM:
            self._cells.append((0, self.groups.cells))
        return name, f"{'UV'[out.space]}[{self._fixed(out.at)}] = {name}"

    def _function_name(self, code: int, integers: tuple[int, ...]) -> str:
        """The name of a row's function."""
        name = f"{NAMES[code]}{''.join(f'_{i}'.replace('-', 'm') for i in integers)}"
        self.recipes[name] = lambda _: vector(code, integers)
        return name

    # -- steps ----------------------------------------------------------------------------------
    def _step(self, step: Step) -> Iterator[str]:
        """A row, or sums of products."""
        lanes = step.over_lanes
        operands = [self._read(x, lanes) for x in step.operands]
        if step.summed:
            yield from self._summed(step, operands)
            return
        out, then = self._out(step.out, lanes)
        yield from self._computed(step, operands, out, lanes)
        if then:
            yield then

    def _summed(self, step: Step, operands: list[str]) -> Iterator[str]:
        """The sum over the lanes of a step."""
        out, then = self._out(step.out, False)
        if all(x.space == UNIFORM for x in step.operands):  # it counts once for each lane
            flat = [self._read(x, False) for x in step.operands]
            yield from self._computed(step, flat, out, False)
            count = self._name("count", lambda memory: float(memory.rows.shape[1]))
            yield f"{self._known('multiply')}({out}, {count}, {out})"
        else:
            plain = step.code == PAIRS and len(operands) == 2 and operands[0] == "1.0"
            whole = plain and step.operands[1].at.size == step.out.at.size
            if whole:
                found = operands[1]
            else:
                found = self._scratch(step.out.at.shape, True, 0)
                yield from self._computed(step, operands, found, True)
            yield f"{self._known('add')}.reduce({found}, 1, None, {out})"
        if then:
            yield then

    def _computed(self, step: Step, operands: list[str], out: str, lanes: bool) -> Iterator[str]:
        """A step into an array."""
        if step.code == PAIRS:
            yield from self._pairs(operands, out, step.out.at.shape, lanes)
        elif step.code == POWER and operands[1] == "2.0":
            yield f"{self._known('multiply')}({operands[0]}, {operands[0]}, {out})"
        elif step.code == POWER_BY_BASE and operands[1] == "2.0":
            yield f"{self._known('multiply')}({operands[0]}, 2.0, {out})"
        elif step.code == RELU and MAXIMUM_IS_RELU:
            yield f"{self._maximum()}({operands[0]}, 0.0, out={out})"
        else:
            name = self._function_name(step.code, step.integers)
            yield f"{name}({', '.join([*operands, out])})"

    def _known(self, name: str) -> str:
        """One of NumPy's own functions."""
        return self._function_name(CODES[name], ())

    def _maximum(self) -> str:
        """NumPy's maximum."""
        self.recipes["largest"] = lambda _: np.maximum
        return "largest"

    def _pairs(
        self, operands: list[str], out: str, shape: tuple[int, ...], lanes: bool
    ) -> Iterator[str]:
        """A sum of products: the products first, then what is added or subtracted alone."""
        pairs = list(zip(operands[::2], operands[1::2], strict=True))
        products = [x for x in pairs if x[0] not in ("1.0", "-1.0")]
        plain = [b for a, b in pairs if a == "1.0"]
        minus = [b for a, b in pairs if a == "-1.0"]
        add, subtract, multiply = map(self._known, ("add", "subtract", "multiply"))
        if products:
            yield f"{multiply}({products[0][0]}, {products[0][1]}, {out})"
        elif len(plain) > 1:
            yield f"{add}({plain.pop(0)}, {plain.pop(0)}, {out})"
        elif plain and minus:
            yield f"{subtract}({plain.pop()}, {minus.pop(0)}, {out})"
        elif plain:
            yield f"{self._known('positive')}({plain.pop()}, {out})"
        elif minus:
            yield f"{self._known('negative')}({minus.pop(0)}, {out})"
        else:
            yield f"{out}[...] = 0.0"
        for a, b in products[1:]:
            product = self._scratch(shape, lanes, 1)
            yield f"{multiply}({a}, {b}, {product})"
            yield f"{add}({out}, {product}, {out})"
        yield from (f"{add}({out}, {x}, {out})" for x in plain)
        yield from (f"{subtract}({out}, {x}, {out})" for x in minus)

    # -- products -------------------------------------------------------------------------------
    def _product(self, one: Product) -> Iterator[str]:
        """A product of matrices."""
        out, then = self._out(one.out, one.kind == OF_ROWS)
        matmul = self._name("matmul", lambda _: np.matmul)
        if one.kind in (OF_CELLS, OF_ROWS):
            left, right = self._read(one.left, False), self._read(one.right, False)
            yield f"{matmul}({left}, {right}, {out})"
            for x in one.addends:
                yield f"{self._known('add')}({out}, {self._read(x, one.kind == OF_ROWS)}, {out})"
        else:
            to = out
            for k, (a, b) in enumerate(zip(one.left.at, one.right.at, strict=True)):
                left, right = self._read(Slots(LANES, a), True), self._turned(Slots(LANES, b))
                yield f"{matmul}({left}, {right}, {to})"
                if k:
                    yield f"{self._known('add')}({out}, {to}, {out})"
                to = self._scratch(one.out.at.shape, False, 1)
        if then:
            yield then

    def _turned(self, slots: Slots) -> str:
        """Rows as columns."""
        return self._view(slots, True, turned=True) or f"{self._read(slots, True)}.T"

    # -- sums -----------------------------------------------------------------------------------
    def _sums(self, one: Sums) -> Iterator[str]:
        """Sums of products of any lengths."""
        lanes = one.over_lanes
        out, then = self._out(one.out, lanes and not one.summed)
        terms, right = self._side(one.left, lanes), self._side(one.right, lanes)
        if terms == "1.0":
            terms, right = right, terms
        if not one.largest and right != "1.0":
            terms = f"{self._known('multiply')}({terms}, {right})"
        sizes = np.diff(np.append(one.starts, len(one.left)))
        function = self._known("add")
        if one.largest:
            function = self._maximum()
        if (sizes == sizes[0]).all() and terms[0] not in "-0123456789":
            shape = (len(sizes), int(sizes[0]), -1) if lanes else (len(sizes), int(sizes[0]))
            found = f"{function}.reduce({terms}.reshape({shape}), 1"
        else:
            found = f"{function}.reduceat({terms}, {self._fixed(one.starts)}, 0"
        if one.summed:
            yield f"{self._known('add')}.reduce({found}), 1, None, {out})"
        else:
            yield f"{found}, None, {out})"
        if then:
            yield then

    def _side(self, side: Array, lanes: bool) -> str:
        """The factors on one side."""
        if (side < 0).all():
            numbers = {self.groups.constants.get(int(i)) for i in np.unique(~side)}
            return "1.0" if numbers == {1.0} else self._read(Slots(UNIFORM, ~side), lanes)
        if (side >= 0).all():
            return self._read(Slots(LANES, side), True)
        rows, cells = (
            Slots(LANES, np.maximum(side, 0)),
            Slots(UNIFORM, np.where(side < 0, ~side, 0)),
        )
        where = self._name("choose", lambda _: np.where)
        chosen = self._fixed((side >= 0)[:, None])
        return f"{where}({chosen}, {self._read(rows, True)}, {self._read(cells, True)})"


def _rows_key(first: int, end: int, turned: bool) -> Any:
    """By what a view of rows one after the other is known."""
    return "view", LANES, (end - first,), first, (1,), False, turned
