"""What runs groups in NumPy: their source, bound to arrays of cells and of rows."""

from __future__ import annotations

import linecache
import weakref
from collections.abc import Callable, Sequence
from itertools import count
from typing import Any, NamedTuple

import numpy as np

from autograd.compiler.lanes.groups import LANES, UNIFORM, Array, Groups
from autograd.compiler.lanes.reusing import reusing
from autograd.compiler.lanes.writing import SECTIONS, Writer

BYTES = 1 << 21  # that the rows of a block of lanes may take
FEWEST, MOST = 64, 1 << 14  # lanes of a block
BOUND = 8  # numbers of lanes whose arrays are kept
_made = count(1)


class Code(NamedTuple):
    """Groups as NumPy, to be bound.

    Attributes
    ----------
    groups : Groups
    writer : Writer
    compiled : code
    block : int
        How many lanes are computed at a time.
    """

    groups: Groups
    writer: Writer
    compiled: Any
    block: int


def code_of(groups: Groups) -> Code:
    """Return groups as NumPy, the source of which debuggers find.

    Examples
    --------
    >>> from autograd.compiler.codes import CODES
    >>> from autograd.compiler.lanes.rolling import roll
    >>> from autograd.compiler.program import Program
    >>> program = Program.of([CODES["input"], CODES["tanh"]], [0], results=[1])
    >>> machine = Machine(code_of(roll(program, [True])))
    >>> machine.run(3, lambda rows, part: rows.__setitem__(0, [0.0, np.inf, -np.inf]))
    >>> machine.rows[1].tolist()
    [0.0, 1.0, -1.0]
    """
    groups = reusing(groups)
    writer = Writer(groups)
    source, filename = writer.source, f"<autograd: compiled groups {next(_made)}>"
    linecache.cache[filename] = len(source), None, source.splitlines(keepends=True), filename
    compiled = compile(source, filename, "exec")  # printed from our table
    weakref.finalize(writer, linecache.cache.pop, filename, None).atexit = False
    block = min(max(BYTES // (8 * max(groups.rows, 1)), FEWEST), MOST)
    return Code(groups, writer, compiled, block)


class Machine:
    """Arrays of cells and rows, and functions that compute in them, for one thread at a time.

    Attributes
    ----------
    code : Code
    cells : array
        The numbers of the cells.
    rows : array, (rows, lanes)
        The numbers of the rows, of the block of lanes that ran last.
    """

    def __init__(self, code: Code) -> None:
        self.code = code
        self.cells = np.zeros(max(code.groups.cells, 1))
        for cell, number in code.groups.constants.items():
            self.cells[cell] = number
        self.rows = np.zeros((0, 0))
        self._bound: dict[int, tuple[Array, list[Callable[[], None]]]] = {}
        _, lanes, _ = code.groups.sections()
        totals = [x.at.reshape(-1) for one in lanes for x in one.writes() if x.space == UNIFORM]
        self._totals = np.concatenate(totals) if totals else np.zeros(0, np.int64)

    def run(
        self,
        lanes: int,
        put: Callable[[Array, slice], Any] = lambda _, __: None,
        take: Callable[[Array, slice], Any] = lambda _, __: None,
    ) -> None:
        """Compute for so many lanes, block by block; sums over the lanes are in the cells then.

        Parameters
        ----------
        lanes : int
        put : callable
            Given the rows and which lanes they are for, writes the inputs of those lanes.
        take : callable
            Given the same, reads what was computed.
        """
        block = self.code.block
        with np.errstate(all="ignore"):
            if lanes <= block:  # nothing to be added up
                self.rows, (before, each, after) = self._of(lanes)
                put(self.rows, slice(0, lanes))
                before()
                each()
                take(self.rows, slice(0, lanes))
                after()
                return
            before = self._of(block)[1][0]
            before()
            sums = np.zeros(len(self._totals))
            for start in range(0, lanes, block):
                part = slice(start, min(start + block, lanes))
                self.rows, (_, each, after) = self._of(part.stop - start)
                put(self.rows, part)
                each()
                take(self.rows, part)
                sums += self.cells[self._totals]
            self.cells[self._totals] = sums
            after()

    def _of(self, lanes: int) -> tuple[Array, list[Callable[[], None]]]:
        """The rows for so many lanes, and the functions that compute with them."""
        found = self._bound.get(lanes)
        if found is None:
            if len(self._bound) >= BOUND:
                self._bound.pop(next(iter(self._bound)))
            rows = np.zeros((self.code.groups.rows, lanes))
            scope: dict[str, Any] = {"U": self.cells, "V": rows}
            for name, recipe in self.code.writer.recipes.items():
                scope[name] = recipe(self.cells, rows)
            exec(self.code.compiled, scope)
            found = self._bound[lanes] = rows, [scope[name] for name in SECTIONS]
        return found

    def numbers(self, places: Sequence[tuple[int, ...]]) -> list[float]:
        """Return what is in cells."""
        return [float(self.cells[place[1]]) for place in places]


class Pool:
    """Machines of one code: each call takes one that nobody uses."""

    def __init__(self, groups: Groups) -> None:
        self.code = code_of(groups)
        self._free: list[Machine] = []

    def take(self) -> Machine:
        """Return a machine, to be given back."""
        try:
            return self._free.pop()  # one piece: no other thread gets the same
        except IndexError:
            return Machine(self.code)

    def give(self, machine: Machine) -> None:
        """Take a machine back."""
        self._free.append(machine)


def place_in(machine: Machine, place: tuple[int, ...]) -> Any:
    """Return what is in a slot: a number, or a row."""
    return machine.rows[place[1]] if place[0] == LANES else machine.cells[place[1]]
