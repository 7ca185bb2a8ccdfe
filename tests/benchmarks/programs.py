"""Compiled functions of one example: what a gradient costs to call, and a plan to make."""

from __future__ import annotations

import importlib
import random
import resource
import time
from collections.abc import Callable, Sequence
from typing import Any

import peers
from measure import Sample, in_child, in_turn
from report import Row

CASADI, JAX, TRACE = "casadi", "jax", "trace"
MOST = {"26 operations": 1.2, "1,000 operations": 90.0}  # microseconds of a call
ROWS = ("tanh", "sin", "sigmoid", "relu")


def micrograds_example(f: Any, a: Any, b: Any) -> Any:
    """The expression of micrograd's README, 26 operations."""
    c = a + b
    d = a * b + b * b * b
    c = c + (c + 1.0)
    c = c + (1.0 + c + (-a))
    d = d + (d * 2.0 + f.relu(b + a))
    d = d + (3.0 * d + f.relu(b - a))
    e = c - d
    g = e * e
    return g / 2.0 + 10.0 / g


def tangle(f: Any, xs: Sequence[Any], operations: int) -> Any:
    """A sum of random operations, each on two of the last fifty numbers."""
    rng, vs = random.Random(0), list(xs)
    for k in range(operations):
        q = rng.random()
        a, b = (vs[rng.randrange(max(0, len(vs) - 50), len(vs))] for _ in range(2))
        if q < 0.7:
            vs.append(a * b if q < 0.3 else a + b if q < 0.5 else a - b)
        elif q < 0.95:
            vs.append(getattr(f, ROWS[(q > 0.78) + (q > 0.84) + (q > 0.9)])(a))
        else:
            vs.append(a * 0.5)
        if k % 10 == 9:
            vs.append(f.tanh(vs[-1]))
    total = vs[-1]
    for v in vs[-50:-1]:
        total = total + v
    return total


PROGRAMS: dict[str, tuple[Callable[..., Any], list[float]]] = {
    "26 operations": (micrograds_example, [-4.0, 2.5]),
    "1,000 operations": (lambda f, *xs: tangle(f, xs, 1000), [0.1 * k for k in range(8)]),
}


def called(name: str, what: str, calls: int) -> list[float]:
    """Return the microseconds of calls of a gradient, the fastest of each of ten rounds."""
    call = {peers.GLASSGRAD: _ours, CASADI: _casadi, JAX: _jax}[name](*PROGRAMS[what])
    rounds = []
    for _ in range(10):
        began = time.perf_counter()
        for _ in range(calls):
            call()
        rounds.append((time.perf_counter() - began) / calls * 1e6)
    return rounds


def _ours(function: Callable[..., Any], xs: list[float]) -> Callable[[], Any]:
    """The generated Python of value and gradient."""
    from autograd.compiler.planning import with_gradient
    from autograd.compiler.python import python_function
    from autograd.compiler.recording import recorded

    engine = peers.glassgrad()
    program = recorded(lambda *args: function(engine, *args), xs).program
    gradient = python_function(with_gradient(program))
    return lambda: gradient(*xs)


def _casadi(function: Callable[..., Any], xs: list[float]) -> Callable[[], Any]:
    """The same by CasADi's virtual machine, called from Python."""
    casadi = importlib.import_module(CASADI)
    symbols = [casadi.SX.sym(f"x{i}") for i in range(len(xs))]
    casadi.relu, casadi.sigmoid = (
        (lambda x: casadi.fmax(x, 0)),
        (lambda x: 1 / (1 + casadi.exp(-x))),
    )
    out = function(casadi, *symbols)
    both = casadi.Function("f", symbols, [out, casadi.gradient(out, casadi.vertcat(*symbols))])
    return lambda: both(*xs)


def _jax(function: Callable[..., Any], xs: list[float]) -> Callable[[], Any]:
    """The same by JAX, compiled, called from Python and waited for."""
    jax = importlib.import_module(JAX)
    jax.config.update("jax_enable_x64", True)

    class Functions:
        tanh, sin = jax.numpy.tanh, jax.numpy.sin
        relu, sigmoid = jax.nn.relu, jax.nn.sigmoid

    both = jax.jit(jax.value_and_grad(lambda *a: function(Functions, *a), tuple(range(len(xs)))))
    return lambda: jax.block_until_ready(both(*xs))


def planned(operations: int) -> tuple[float, float, float]:
    """Return what planning a gradient takes: microseconds for each scalar traced, megabytes of the
    process, and operations of the plan for each of the function.
    """
    from autograd.compiler.planning import with_gradient
    from autograd.compiler.recording import recorded

    engine = peers.glassgrad()
    xs = [0.1 * k for k in range(8)]
    with_gradient(recorded(lambda *args: tangle(engine, args, 100), xs).program)  # the rules, once
    program = recorded(lambda *args: tangle(engine, args, operations), xs).program
    began = time.perf_counter()
    plan = with_gradient(program)
    each = (time.perf_counter() - began) / len(program) * 1e6
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return each, most, plan.stats()["operations"] / program.stats()["operations"]


def followed(name: str, steps: int) -> Callable[[], Any]:
    """Return the task to trace a chain of so many scalars, or to build it of Values."""
    from autograd import Value
    from autograd.compiler.recording import recorded

    def chain(x: Any) -> Any:
        y = x
        for _ in range(steps // 2):
            y = y * 0.99 + x
        return y

    return (lambda: recorded(chain, [0.5])) if name == TRACE else (lambda: chain(Value(0.5)))


def traces(quick: bool) -> list[Row]:
    """Measure a trace beside what building the same Values takes in Python, as a user does it."""
    rows = []
    for steps in (10_000,) if quick else (10_000, 100_000, 1_000_000):
        makers = {name: (followed, name, steps) for name in (TRACE, peers.PYTHON)}
        places = {TRACE: peers.GLASSGRAD, peers.PYTHON: peers.PYTHON}
        environments = {name: peers.environment(place) for name, place in places.items()}
        times = in_turn(makers, 3 if quick else 9, collecting=True, environments=environments)
        ours, theirs = (Sample.of(times[name], per=steps * 1e-9) for name in makers)
        what = f"trace of a chain of {steps:,}, a scalar, beside building it"
        rows.append(Row(what, "ns", ours, peers.PYTHON, theirs, slowdown_at_most=0.5))
    return rows


def run(quick: bool) -> list[Row]:
    """Measure traces, calls of gradients beside CasADi and JAX where they are installed, plans."""
    rows = traces(quick)
    for what, most in MOST.items():
        calls = max(1, int((200 if quick else 20_000) / most))
        names = [name for name in (CASADI, JAX) if peers.installed(name)]
        times = {name: Sample.of(in_child(called, name, what, calls)) for name in names}
        ours = Sample.of(in_child(called, peers.GLASSGRAD, what, calls))
        rows += [
            Row(f"gradient of {what}, a call (Python source)", "us", ours, name, times.get(name),
                at_most=most)
            for name in (CASADI, JAX)
        ]  # fmt: skip
    for size in (10_000,) if quick else (10_000, 100_000, 1_000_000):
        each, most_memory, ratio = in_child(planned, size)
        found = {"us": (each, 10.0), "MB": (most_memory, None), "": (ratio, 3.0)}
        told = {
            "us": "plan, for each scalar",
            "MB": "plan, the process",
            "": "operations, of gradient over function",
        }
        rows += [
            Row(f"{size:,} operations: {told[unit]}", unit or "times", Sample(x, x), at_most=bound)
            for unit, (x, bound) in found.items()
        ]
    return rows
