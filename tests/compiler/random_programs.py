"""Random straight-line programs, each built twice: as a `Program`, and with Values."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from autograd import Value, rules
from autograd.compiler.codes import CODES
from autograd.compiler.program import Program

INF, NAN = math.inf, math.nan
LEFT_OUT = ("held", "tangent", "copysign")
LEAVES = ("input", "parameter", "literal")
PREDICATES = [name for name, row in rules.TABLE.items() if row.predicate and name != "both"]
# What a trace alone writes down has no meaning in eager: there `detach` is no row. And
# copysign reads the sign of a nan, which depends on how operators were compiled, in eager too.
FIXED = [
    name
    for name, row in rules.TABLE.items()
    if row.arity and not (row.integers or row.predicate or row.chooses or name in LEFT_OUT)
]
N_ARY = ["sum", "mean", "prod", "norm", "max", "min", "logsumexp", "dot"]
SMOOTH = ["add", "subtract", "multiply", "multiply", "tanh", "sin", "sigmoid", "square", "negative"]
SPECIAL = [NAN, INF, -INF, 0.0, -0.0, 1.0, -1.0, 0.5, 1e200, -1e200, 5e-324, 1e-200, 2.0]


@dataclass
class Recipe:
    """Scalars in order: (what it is, its operands), a literal with its number."""

    scalars: list[tuple[str, tuple[Any, ...]]] = field(default_factory=list)

    def add(self, what: str, *operands: Any) -> int:
        self.scalars.append((what, operands))
        return len(self.scalars) - 1

    def program(self, results: Sequence[int] | None = None) -> Program:
        operands: list[int] = []
        literals: list[float] = []
        counts: dict[int, int] = {}
        for i, (what, given) in enumerate(self.scalars):
            if what == "literal":
                literals += given
            elif what not in LEAVES:
                operands += given
                counts[i] = len(given)
        return Program.of(
            [CODES[what] for what, _ in self.scalars],
            operands,
            counts=counts,
            literals=literals,
            results=[len(self.scalars) - 1] if results is None else results,
        )

    def values(self, xs: Sequence[Any], ps: Sequence[Any]) -> list[Any]:
        """What the scalars are in eager, of Values or numbers for the inputs and the parameters."""
        inputs, parameters = iter(xs), iter(ps)
        found: list[Any] = []
        for what, given in self.scalars:
            if what in LEAVES:
                leaf = {"input": inputs, "parameter": parameters, "literal": iter(given)}[what]
                found.append(next(leaf))
                continue
            operands = [found[i] for i in given]
            row = rules.TABLE[what]
            found.append(row(operands) if row.arity is None else row(*operands))
        return found

    @property
    def counts(self) -> tuple[int, int]:
        """How many inputs and parameters there are."""
        kinds = [what for what, _ in self.scalars]
        return kinds.count("input"), kinds.count("parameter")


def recipe(rng: random.Random, size: int, rows: Sequence[str], special: float = 0.1) -> Recipe:
    """A random program of so many operations, which ends in a sum of its last scalars.

    `rows` may name "where", a choice by a predicate of earlier scalars. `special` is how often a
    literal is one that some function has a case for.
    """
    made = Recipe()
    scalars = [made.add("input") for _ in range(rng.randint(1, 4))]
    scalars += [made.add("parameter") for _ in range(rng.randint(0, 3))]

    def operand() -> int:
        if rng.random() < 0.1:
            number = rng.choice(SPECIAL) if rng.random() < special else rng.uniform(-2.0, 2.0)
            return made.add("literal", number)
        return rng.choice(scalars[-rng.choice([4, 12, 1000]) :])

    for _ in range(size):
        name = rng.choice(rows)
        if name == "where":
            predicate = rng.choice(PREDICATES)
            given = [operand() for _ in range(rules.TABLE[predicate].arity or 0)]
            condition = made.add(predicate, *given)
            if rng.random() < 0.2:
                condition = made.add("both", condition, made.add("less", operand(), operand()))
            scalars.append(made.add("where", condition, operand(), operand()))
        elif name == "dot":
            n = rng.randint(1, 4)
            scalars.append(made.add("dot", *(operand() for _ in range(2 * n + 1))))
        else:
            arity = rules.TABLE[name].arity
            count = rng.randint(1, 5) if arity is None else arity
            scalars.append(made.add(name, *(operand() for _ in range(count))))
    total = scalars[-1]
    for other in scalars[-rng.randint(2, 6) : -1]:
        total = made.add("add", total, other)
    return made


def numbers(rng: random.Random, count: int, special: float = 0.1) -> list[float]:
    """Random arguments, some of them special, some of them tied."""
    found: list[float] = []
    for _ in range(count):
        if found and rng.random() < 0.15:
            found.append(rng.choice(found))
        elif rng.random() < special:
            found.append(rng.choice(SPECIAL))
        else:
            found.append(rng.uniform(-2.0, 2.0))
    return found


def eager(made: Recipe, xs: Sequence[float], ps: Sequence[float]) -> tuple[float, list[float]]:
    """The value and the gradient by inputs and parameters, as eager computes them."""
    inputs, parameters = [Value(x) for x in xs], [Value(p) for p in ps]
    root = made.values(inputs, parameters)[-1]
    leaves = inputs + parameters
    if not isinstance(root, Value):
        return float(root), [0.0] * len(leaves)
    root.backward()
    return root.data, [float(leaf.grad) for leaf in leaves]
