"""Compiled functions: random programs against eager, before and after sums are fused."""

from __future__ import annotations

import random
import struct
from collections.abc import Sequence
from pathlib import Path

from compiler.bounds import bounded
from compiler.random_programs import FIXED, N_ARY, SMOOTH, Recipe, eager, numbers, recipe

import autograd
from autograd.compiler.differentiating import adjoint
from autograd.compiler.fusing import fuse
from autograd.compiler.planning import leaves, simplified
from autograd.compiler.program import Program
from autograd.compiler.pruning import prune
from autograd.compiler.python import python_function
from autograd.compiler.storing import load_program, save_program
from autograd.compiler.verifying import verified
from hostile.trying import check

CHOICES = [
    SMOOTH, SMOOTH + N_ARY, FIXED, FIXED + N_ARY, SMOOTH + 3 * ["where"],
    FIXED + N_ARY + 20 * ["where"],
]  # fmt: skip


def attempt(source: random.Random, folder: Path) -> str:
    """Try one program: its value and gradient in eager, compiled, fused, and from a file."""
    rows = source.choice(CHOICES)
    made = recipe(source, source.choice([3, 8, 20, 50, 120]), rows, source.choice([0.0, 0.1, 0.5]))
    count, others = made.counts
    special = source.choice([0.0, 0.1, 0.5])
    xs, ps = numbers(source, count, special), numbers(source, others, special)
    value, slopes = eager(made, xs, ps)
    true = [value, *slopes]
    program = verified(made.program())
    raw = verified(adjoint(program, int(program.results[0]), leaves(program)))
    plan = verified(simplified(raw))
    got = answered(plan, xs, ps)
    given = (made.scalars, xs, ps, got, true)
    if "where" in rows:  # eager sweeps what is shared in an order that the branches decide
        within(raw, xs, ps, true, given)
        check(same(got[:1], true[:1]), "the value is another one", given)
    else:
        check(same(got, true), "value or gradient is another one", given)
    fused = fuse(adjoint_of(prune(fuse(prune(program)))))
    within(verified(fused), xs, ps, true, given)
    if source.random() < 0.1:
        save_program(plan, folder / "program.json")
        again = answered(load_program(folder / "program.json"), xs, ps)
        check(same(got, again), "read from a file it is another one", given)
    if source.random() < 0.1:
        through_a_trace(made, xs, ps, true, given)
    return "to the bit" if same(got, true) else "within the bound"


def adjoint_of(program: Program) -> Program:
    """A program with the derivatives of its result by all leaves."""
    return adjoint(program, int(program.results[0]), leaves(program))


def answered(plan: Program, xs: Sequence[float], ps: Sequence[float]) -> list[float]:
    """The value and the gradient that the Python function of a plan answers."""
    value, slopes = python_function(plan)(*xs, *ps)
    return [value, *slopes]


def through_a_trace(
    made: Recipe, xs: Sequence[float], ps: Sequence[float], true: list[float], given: object
) -> None:
    """Whether `autograd.compile` answers the same, of parameters that are Values."""
    captured = [autograd.Value(p) for p in ps]
    f = autograd.compile(lambda *zs: made.values(zs, captured)[-1])
    value, slopes = f.value_and_grad(*xs)
    found = [value, *(slopes if len(xs) > 1 else [slopes])]
    compared = 1 if any(what == "where" for what, _ in made.scalars) else len(found)
    check(same(found[:compared], true[:compared]), "traced it is another one", (found, given))


def within(
    program: Program, xs: Sequence[float], ps: Sequence[float], true: list[float], given: object
) -> None:
    """Whether the numbers are eager's within the bound of their sums."""
    found, errors = bounded(program, xs, ps)
    at = [program.results[0], *program.gradients]
    for i, x in zip(at, true, strict=True):
        y = found[i] + 0.0 * (i != at[0])
        check(same([y], [x]) or abs(y - x) <= errors[i], "not within the bound", (y, x, given))


def same(xs: Sequence[float], ys: Sequence[float]) -> bool:
    """Whether floats have the same bits; any nan is one."""
    return [*map(bits, xs)] == [*map(bits, ys)]


def bits(x: float) -> bytes:
    """The bits of a float."""
    return b"nan" if x != x else struct.pack("d", x)
