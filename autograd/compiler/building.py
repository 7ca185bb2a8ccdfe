"""What passes build with: blocks of new scalars, and programs with scalars left out or renamed."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd.compiler.codes import LITERAL
from autograd.compiler.flow import edges_of
from autograd.compiler.program import Program
from autograd.compiler.scalars import INDEX, starts_of

Array = NDArray[Any]


def key_of(number: float) -> Any:
    """Return what two floats share that are the same number, of the same sign."""
    return number or (number, math.copysign(1.0, number)) if number == number else "nan"


class Builder:
    """Adds scalars to a program, blocks of one code at a time.

    Parameters
    ----------
    program : Program
        It stays as it is; `done` gives the larger one.
    """

    def __init__(self, program: Program) -> None:
        self.program = program
        self.count = len(program)
        self._codes, self._sizes = [program.codes], [program.sizes]
        self._operands, self._places = [program.operands], [program.places]
        self._numbers: list[float] = []
        self._order = [np.where(program.codes == LITERAL, -1, 2 * np.arange(len(program)) + 1)]
        self._literals = {key_of(x): i for i, x in program.numbers().items()}

    @property
    def order(self) -> Array:
        """By which the scalars are to be sorted, where some were added to stand before others."""
        return np.concatenate(self._order)

    def block(
        self, code: int, operands: Array, places: Any = -1, before: Array | None = None
    ) -> Array:
        """Add a scalar of a code for each row of operands, and return their indices."""
        m, k = operands.shape
        return self.scalars(np.full(m, code), np.full(m, k), operands.reshape(-1), places, before)

    def scalars(
        self,
        codes: Array,
        sizes: Array,
        operands: Array,
        places: Any = -1,
        before: Array | None = None,
    ) -> Array:
        """Add scalars of any codes, and return their indices.

        `before` are the scalars that each is to stand before, in the `order`; all come last unless
        given, but literals come first.
        """
        m = len(codes)
        last = np.where(codes == LITERAL, -1, 2 * len(self.program) + 1)
        self._order.append(last if before is None else 2 * before)
        self._codes.append(codes)
        self._sizes.append(sizes)
        self._operands.append(operands)
        self._places.append(np.broadcast_to(places, m))
        self.count += m
        return np.arange(self.count - m, self.count)

    def one(self, code: int, *operands: int, place: int = -1) -> int:
        """Add one scalar, and return its index."""
        return int(self.block(code, np.array([operands], INDEX), place)[0])

    def literal(self, number: float) -> int:
        """Return the scalar of a number, which is added if it is not there yet."""
        key = key_of(number)
        found = self._literals.get(key)
        if found is None:
            found = self._literals[key] = self.one(LITERAL)
            self._numbers.append(float(number))
        return found

    def done(self, **changes: Any) -> Program:
        """Return the program with what was added, and with some attributes changed."""
        return self.program.with_(
            codes=np.concatenate(self._codes).astype(np.int16, copy=False),
            starts=starts_of(np.concatenate(self._sizes)),
            operands=np.concatenate(self._operands).astype(INDEX, copy=False),
            places=np.concatenate(self._places).astype(INDEX, copy=False),
            literals=np.concatenate([self.program.literals, self._numbers]),
            **changes,
        )


def with_literals(program: Program, *numbers: float) -> tuple[Program, list[int]]:
    """Return a program in which the literals of some numbers stand before all that may read them,
    and which scalars these are. If it is not so yet all literals come first, these before others.
    """
    where = np.flatnonzero(program.codes == LITERAL)
    known = {key_of(x): i for i, x in enumerate(program.literals.tolist())}
    found = [known.get(key_of(x), -1) for x in numbers]
    if min(found) >= 0 and where[max(found)] == max(found):  # nothing but literals is before them
        return program, found
    others = np.ones(len(where), bool)
    others[[i for i in found if i >= 0]] = False
    rest = np.concatenate([where[others], np.flatnonzero(program.codes != LITERAL)])
    new, count = np.empty(len(program), INDEX), len(numbers)
    new[rest] = np.arange(count, count + len(rest))
    places = np.full(count, -1, INDEX)
    for at, i in enumerate(found):
        if i >= 0:
            new[where[i]], places[at] = at, program.places[where[i]]
    codes, sizes = (np.concatenate([x, y[rest]]) for x, y in (
        (np.full(count, LITERAL, np.int16), program.codes), (np.zeros(count, int), program.sizes)
    ))  # fmt: skip
    moved = renumbered(program, new).with_(
        codes=codes,
        starts=starts_of(sizes),
        operands=new.take(program.operands),
        literals=np.concatenate([numbers, program.literals[others]]),
        places=np.concatenate([places, program.places[rest]]),
    )
    return moved, [*range(count)]


def selected(program: Program, live: Array) -> Program:
    """Return a program of the scalars that are live, and of its inputs and parameters."""
    live = live.copy()
    live[program.inputs] = live[program.parameters] = True
    if live.all():
        return program
    new = np.cumsum(live, dtype=INDEX) - INDEX(1)
    sizes = program.sizes
    return renumbered(program, new).with_(
        codes=program.codes[live],
        starts=starts_of(sizes[live]),
        operands=new.take(program.operands[np.repeat(live, sizes)]),
        literals=program.literals[live[program.codes == LITERAL]],
        places=program.places[live],
    )


def sorted_by(program: Program, order: Array) -> Program:
    """Return a program whose scalars stand in another order, each after its operands."""
    new = np.empty(len(program), INDEX)
    new[order] = np.arange(len(program), dtype=INDEX)
    numbers = np.zeros(len(program))
    is_literal = program.codes == LITERAL
    numbers[is_literal] = program.literals
    return renumbered(program, new).with_(
        codes=program.codes[order],
        starts=starts_of(program.sizes[order]),
        operands=new.take(program.operands[edges_of(program.starts, order)]),
        literals=numbers[order][is_literal[order]],
        places=program.places[order],
    )


def renamed(program: Program, alias: Array) -> Program:
    """Return a program that reads another scalar in the place of some: alias[i] in that of i."""
    while not np.array_equal(further := alias[alias], alias):
        alias = further
    alias = alias.astype(INDEX, copy=False)
    kept = renumbered(
        program.with_(inputs=program.inputs[:0], parameters=program.inputs[:0]), alias
    )
    return kept.with_(
        operands=alias.take(program.operands), inputs=program.inputs, parameters=program.parameters
    )


def renumbered(program: Program, new: Array) -> Program:
    """Return a program in which what names scalars from outside names them by their new index."""
    return program.with_(
        inputs=new[program.inputs],
        parameters=new[program.parameters],
        results=new[program.results],
        gradients=new[program.gradients],
        guards=tuple((int(new[i]), truth) for i, truth in program.guards),
    )
