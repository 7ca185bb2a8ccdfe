"""Twins: random operations on random Values, which both twins have to answer in equal bits.

Each twin plays the same programs in a process of its own, which tells what came of each step, and
how many Values are left when all is let go. A step may do whatever a user can: operators, methods
and functions of Values, literals and what is no number, hooks that raise, sweep or collect,
subclasses, graphs set by hand, copies, pickles, blocks. What crashes is a fault, and so is what
only one of the twins answers.
"""

from __future__ import annotations

import copy
import gc
import json
import math
import operator
import os
import pickle
import random
import re
import subprocess
import sys
import weakref
from binascii import crc32
from collections.abc import Callable
from contextlib import ExitStack, suppress
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import autograd as ag
import nn
from autograd import Value
from autograd.functions.rules import TABLE
from autograd.graph.order import ancestry, topological_order
from autograd.twin import native

STEPS = 250  # operations of a program
FLOATS = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    0.5,
    2.0,
    -3.0,
    1e-300,
    1e300,
    5e-324,
    math.inf,
    -math.inf,
    math.nan,
]
OTHERS = [Fraction(1, 3), Fraction(-2), Decimal("0.5"), 1 + 2j, True, 3, -1, 10**400, 2**53 + 1]
STRANGE = ["text", None, [1.0, 2.0], (), object, b"", 10**5000]
# Without copysign, which tells what nobody promises: the sign of nan.
ROWS = [row for row in TABLE.values()
        if row.method and not (row.integers or row.opaque or row.name == "copysign")]  # fmt: skip
BINARY = [operator.add, operator.sub, operator.mul, operator.truediv, operator.floordiv,
          operator.mod, operator.pow, divmod]  # fmt: skip
COMPARISONS = [operator.lt, operator.le, operator.eq, operator.ne, operator.gt, operator.ge]

# How many arguments there are is told in CPython's words, which are others for C.
ARGUMENTS = re.compile(r".*(takes .*given|takes no arg|takes one operand|missing .*argument).*")


class Plain(Value):
    """Nothing but attributes of its own."""


class Doubled(Value):
    """Its data is not what is stored."""

    @property
    def data(self) -> Any:
        return self.__dict__["data"] * 2

    @data.setter
    def data(self, number: Any) -> None:
        self.__dict__["data"] = number


class Counting(Value):
    """Operators of its own."""

    __slots__ = ("count",)

    def __mul__(self, other: Any) -> Any:
        self.count = getattr(self, "count", 0) + 1
        return super().__mul__(other)

    def __lt__(self, other: Any) -> Any:
        return not super().__lt__(other)


class HookError(Exception):
    """What hooks raise."""


KINDS = [Plain, Doubled, Counting]
for _kind in KINDS:
    _kind.__module__, _kind.__qualname__ = "hostile.twins", _kind.__name__


def gradient(x: Value) -> Any:
    """What a Value holds in `grad`: whether zeros were added to the first 0 is each twin's own, as
    the plain sweep passes by a unit that is off, and where there are hooks only C looks for these.
    """
    return 0.0 if type(x.grad) is int and x.grad == 0 else x.grad


class Play:
    """A program: the Values that it has, and what came of its steps."""

    def __init__(self, seed: int) -> None:
        self.source = random.Random(seed)
        self.values: list[Value] = [Value(2.0, label="x")]
        self.hooks: list[Any] = []
        self.seen: list[Any] = []
        self.told: list[str] = []

    def run(self, steps: int) -> list[str]:
        """Take so many steps, each of which may fail."""
        names = [name for name, weight in DEEDS.items() for _ in range(weight)]
        with ExitStack() as blocks:
            for _ in range(steps):
                name = self.source.choice(names)
                came = self.came_of(getattr(self, name))
                kept = crc32(self.came_of(lambda: self.values).encode())
                self.told.append(f"{name}: {came[:1300]} {kept}")
                self.source.random() < 0.02 and self.enter(blocks)
                self.source.random() < 0.02 and blocks.close()
        return self.told

    def came_of(self, deed: Callable[[], Any]) -> str:
        """What a deed gives, or the error; without addresses."""
        try:
            came = self.shown(deed())
        except RecursionError:
            came = TOO_DEEP  # Python says where the last call was
        except Exception as error:
            came = f"{type(error).__name__}: {ARGUMENTS.sub('arguments', str(error))}"
        return re.sub("0x[0-9a-f]+", "0x", came)

    def enter(self, blocks: ExitStack) -> None:
        """Open a block."""
        block = self.source.choice([ag.no_grad, ag.record, ag.detect_anomaly, ag.collector_paused])
        blocks.enter_context(block())

    # -- what there is --------------------------------------------------------------------------
    def value(self) -> Value:
        """One of the Values."""
        return self.source.choice(self.values)

    def number(self) -> Any:
        """A number, or now and then what is none."""
        kind = self.source.random()
        if kind < 0.4:
            return self.source.choice(FLOATS)
        if kind < 0.7:
            return self.source.gauss(0, 1)
        if kind < 0.85:
            return self.source.randrange(-3, 4)
        return self.source.choice(OTHERS if kind < 0.98 else STRANGE)

    def operand(self) -> Any:
        """A Value, mostly."""
        return self.value() if self.source.random() < 0.6 else self.number()

    def keep(self, out: Any) -> Any:
        """Keep a Value that is not too large, in place of another where there are many."""
        for x in out if isinstance(out, (tuple, list)) else (out,):
            if isinstance(x, Value) and len(repr(x.data)) < 200:
                if len(self.values) > 12 or self.source.random() < 0.1:
                    self.values[self.source.randrange(len(self.values))] = x
                else:
                    self.values.append(x)
        return out

    def shown(self, x: Any, depth: int = 4) -> str:
        """All that both twins have to agree upon, to some depth: Values lead to each other."""
        if isinstance(x, Value):
            parts = [x.data, gradient(x), x.partials, len(x.parents), x.op and x.op.name, x.label]
            return f"{type(x).__name__}{self.shown(parts, depth) if depth else '...'}"
        if isinstance(x, (list, tuple)):
            return f"[{', '.join(self.shown(part, depth - 1) for part in x)}]" if depth else "..."
        return f"{type(x).__name__} {x!r}"

    # -- operations -----------------------------------------------------------------------------
    def exact(self, *operands: Any) -> bool:
        """Whether numbers might grow without end."""
        data = (x.data if isinstance(x, Value) else x for x in operands)
        return any(isinstance(x, (Fraction, Decimal)) or abs(x) > 1e9
                   for x in data if isinstance(x, (Fraction, Decimal, int)))  # fmt: skip

    def operate(self) -> Any:
        """An operator, on either side."""
        a, b = self.value(), self.operand()
        f = self.source.choice(BINARY)
        if f in (operator.pow, divmod, operator.floordiv, operator.mod) and self.exact(a, b):
            f = operator.add
        return self.keep(f(b, a) if self.source.random() < 0.5 else f(a, b))

    def alone(self) -> Any:
        """An operator of one operand."""
        f = self.source.choice([operator.neg, operator.pos, abs, round, math.floor, complex, float])
        return self.keep(f(self.value()))

    def method(self) -> Any:
        """A method of a row, perhaps with too many operands."""
        row, x = self.source.choice(ROWS), self.value()
        others = [self.operand() for _ in range((row.arity or 1) - 1)]
        others += [self.operand()] * (self.source.random() < 0.03)
        others = others[: len(others) - (self.source.random() < 0.1)]
        if self.exact(x, *others):
            return None
        return self.keep(getattr(x, row.name)(*others))

    def call(self) -> Any:
        """A row as a function."""
        row = self.source.choice(ROWS)
        operands = [self.operand() for _ in range(row.arity or 3)]
        if self.exact(*operands):
            return None
        return self.keep(row(*operands) if row.arity else row(operands))

    def layer(self) -> Any:
        """A dot, or several."""
        n = self.source.randrange(4)
        xs, b = [self.operand() for _ in range(n)], self.operand()
        ws = [self.operand() for _ in range(n + (self.source.random() < 0.03))]
        if self.source.random() < 0.5:
            return self.keep(ag.dot(ws, xs, b))
        from autograd.graph.many import dots

        rows = [ws, [self.operand() for _ in range(n)]]
        return self.keep(dots(rows, xs, [b, self.operand()]))

    def network(self) -> Any:
        """A network of two inputs, whose parts may have been replaced."""
        self.model = getattr(self, "model", None) or nn.MLP(2, [2, 1], rng=self.source)
        neuron = self.source.choice([n for layer in self.model.layers for n in layer.neurons])
        deed = self.source.randrange(8)
        if deed == 0:
            neuron.w[0] = self.value()
        elif deed == 1:
            neuron.b = self.value()
        elif deed == 2:
            self.model.layers[0].neurons.append(nn.Neuron(2, rng=self.source))
        elif deed == 3:
            del self.model
            return None
        self.model.zero_grad()
        parameters = [x.data for x in self.model.parameters()]
        return [parameters, self.keep(self.model([self.operand(), self.operand()]))]

    def compare(self) -> Any:
        """A comparison, or a condition."""
        if self.source.random() < 0.2:
            return bool(self.value())
        f = self.source.choice(COMPARISONS)
        return f(self.value(), self.operand())

    def transform(self) -> Any:
        """A derivative of a function that uses the Values at hand."""
        c, row = self.operand(), self.source.choice(ROWS)
        x = self.source.gauss(0, 1)
        way = self.source.choice([ag.grad, ag.hessian, ag.value_and_grad])
        if self.exact(c):
            return None
        return way(lambda x: (row(x) if row.arity == 1 else x * x) * c + x)(x)

    # -- sweeps and hooks -----------------------------------------------------------------------
    def sweep(self) -> Any:
        """A sweep in one of its ways."""
        ways: list[dict[str, Any]] = [{}, {}, {}, {"create_graph": True}, {"accumulate": "exact"},
                                      {"seed": self.operand()}]  # fmt: skip
        root = self.value()
        way = self.source.choice(ways)
        root.backward(**way)
        return [gradient(x) for x in [*topological_order(root)[-5:], *self.values[:3]]]

    def order(self) -> Any:
        """The order, perhaps with a stop, and its leaves."""
        stop = {self.value() for _ in range(self.source.randrange(3))}
        nodes = topological_order(self.value(), *([stop] if stop else []))
        return [
            len(nodes),
            [x.data for x in nodes[-3:]],
            [x.data for x in ancestry(self.value())[:5]],
        ]

    def hook(self) -> Any:
        """A hook that may do anything."""
        x, deed, y = self.value(), self.source.randrange(7), self.value()

        def hooked(gradient: Any) -> Any:
            self.seen.append(deed)
            if deed == 0:
                raise HookError(str(gradient))
            if deed == 1:
                y.backward()
            if deed == 2:
                gc.collect()
            if deed == 3:
                y.data = 1.5
            if deed == 4:
                return y.grad
            return gradient * 2 if deed == 5 else None

        self.hooks.append(x.register_hook(hooked))
        return deed

    def unhook(self) -> Any:
        """A hook goes."""
        while len(self.hooks) > self.source.randrange(3):
            self.hooks.pop(0).remove()
        return len(self.seen)

    def zero(self) -> Any:
        """A gradient goes."""
        return self.value().zero_grad()

    # -- life -----------------------------------------------------------------------------------
    def make(self) -> Any:
        """A leaf of any class."""
        kind = self.source.choice([Value, Value, Value, *KINDS])
        out = self.keep(kind(self.number()))
        if self.source.random() < 0.1:
            out.__init__(self.number())
        return out

    def write(self) -> Any:
        """An attribute is set."""
        x = self.value()
        name = self.source.choice(["data", "data", "grad", "label", "parents", "partials",
                                   "operands", "op", "note"])  # fmt: skip
        if name in ("data", "grad"):
            given: Any = self.operand() if name == "grad" else self.number()
        elif name == "label":
            given = self.source.choice(["a", "", None])
        elif name == "op":
            given = self.source.choice([None, self.value().op])
        elif name == "parents":
            given = self.source.choice([x.parents, (), (Value(1.0),)])
        else:
            given = getattr(self.value(), name, 1.0)
        setattr(x, name, given)
        return name

    def read(self) -> Any:
        """All that a Value says of itself."""
        x = self.value()
        return [x, str(x), f"{x}", hash(x) == hash(x), x in [x], x == x, x.origin is None]

    def again(self) -> Any:
        """A copy, by one of the ways."""
        ways: list[Callable[[Any], Any]] = [copy.copy, copy.deepcopy, self.pickled, Value.detach]
        return self.keep(self.source.choice(ways)(self.value()))

    def pickled(self, x: Any) -> Any:
        """What comes out of a pickle."""
        return pickle.loads(pickle.dumps(x))  # noqa: S301

    def forget(self) -> Any:
        """Values go, one of them watched."""
        kept = self.value()
        watched = weakref.ref(kept) if type(kept) is Plain else lambda: None
        del kept
        self.values = self.source.sample(self.values, 1 + len(self.values) // 2)
        return watched() is None or isinstance(watched(), Value)

    def collect(self) -> Any:
        """All that is garbage goes."""
        gc.collect(self.source.randrange(3))

    def circle(self) -> Any:
        """A Value that leads to itself."""
        x = self.value()
        if self.source.random() < 0.5:
            x.register_hook(lambda gradient: x.label and None).remove()
        if type(x) is Plain:
            x.me = x  # type: ignore[attr-defined]
        y = Value(1.0)
        y.grad = y * x
        return y

    def misused(self) -> Any:
        """What is refused."""
        x = self.value()
        deeds: list[Callable[[], Any]] = [
            lambda: Value(), lambda: Value("a"), lambda: Value(x),
            lambda: x.backward(seed="a"), lambda: x.tanh(1, 2), lambda: ag.tanh(),
            lambda: ag.tanh(x, x), lambda: x[0], lambda: x(),
            lambda: x & x, lambda: x << 1, lambda: math.sin(x), lambda: {x: 1}[x],
            lambda: x @ x, lambda: Value(1.0, 2), lambda: x.nothing, lambda: iter(x),
        ]  # fmt: skip
        return self.source.choice(deeds)()


DEEDS = {
    "operate": 40, "alone": 4, "method": 12, "call": 12, "layer": 8, "compare": 8, "network": 4,
    "transform": 2,
    "sweep": 10, "order": 3, "hook": 2, "unhook": 2, "zero": 3, "make": 10, "write": 4, "read": 3,
    "again": 4, "forget": 2, "collect": 1, "circle": 1, "misused": 2,
}  # fmt: skip


TOO_DEEP = "RecursionError"


def played(seed: int, steps: int = STEPS) -> tuple[list[str], int]:
    """What comes of a program, and how many Values more there are than before."""
    gc.collect()
    before = native.living() if native else 0
    play: Play | None = Play(seed)
    told = play.run(steps)
    play = None
    ag.checkpoint(lambda x: x)(Value(1.0)).backward()  # the last one is kept for its outputs
    gc.collect()
    return told, (native.living() if native else 0) - before


# -- the two processes --------------------------------------------------------------------------


class Twin:
    """A process in which one of the twins plays."""

    def __init__(self, pure: str, start: tuple[str, ...] = (sys.executable,)) -> None:
        environment = {**os.environ, "GLASSGRAD_PUREPYTHON": pure, "PYTHONHASHSEED": "0"}
        paths = [str(Path(__file__).parents[2]), str(Path(__file__).parents[1])]
        environment["PYTHONPATH"] = os.pathsep.join(paths)
        script = "from hostile.twins import serve; serve()"
        self.process = subprocess.Popen(
            [*start, "-W", "ignore", "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            env=environment, text=True,
        )  # fmt: skip

    def ask(self, seed: int) -> None:
        """Have a program played."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{seed}\n")
        self.process.stdin.flush()

    def answer(self) -> tuple[list[str], int]:
        """What came of it; a process that has crashed raises."""
        assert self.process.stdout is not None
        told = self.process.stdout.readline()
        if not told:
            raise ChildProcessError(f"crashed: {self.process.wait()}")
        return tuple(json.loads(told))  # type: ignore[return-value]


def serve() -> None:
    """Play what is asked for on standard input, until that ends."""
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        out.write(json.dumps(played(int(line))) + "\n")
        out.flush()


@cache
def twins() -> tuple[Twin, Twin]:
    """The two processes, which go with this one."""
    return Twin("0"), Twin("1")


def attempt(source: random.Random, _: Path | None = None) -> str:
    """Let both play a program; where they differ, tell the first step that does."""
    seed = source.getrandbits(64)
    pair = twins()
    try:
        for twin in pair:
            twin.ask(seed)
        (in_c, left), (in_python, _left) = (twin.answer() for twin in pair)
    except BaseException:
        for twin in pair:
            with suppress(OSError):
                twin.process.kill()
        twins.cache_clear()
        raise
    for step, (a, b) in enumerate(zip(in_c, in_python, strict=True)):
        if a != b:
            raise AssertionError(f"seed {seed}, step {step}: C {a}; Python {b}")
        if TOO_DEEP in a:  # how deep it came, and what was done on the way, is each one's own
            break
    if left:
        raise AssertionError(f"seed {seed}: {left} Values are left")
    return "equal"
