"""The twins of the engine, in C and in Python: one surface, and no cycle that is not freed."""

import gc
import importlib
import inspect
import math
import os
import pickle
import pydoc
import random
import struct
import subprocess
import sys

import pytest

import autograd
from autograd import (
    Value,
    checkpoint,
    cos,
    dot,
    fixed_point,
    hessian,
    maximum,
    primitive,
    record,
    root,
    tanh,
)
from autograd.functions import rules
from autograd.functions.surface import is_method
from autograd.graph import eager
from autograd.graph.watching.hooks import HOOKED
from autograd.graph.watching.recording import register_module_class
from autograd.native.printing import candidates
from autograd.twin import native


def living() -> int:
    """How many Values there are, those of subclasses included."""
    gc.collect()
    return native.living() if native else sum(isinstance(x, Value) for x in gc.get_objects())


# -- cycles -------------------------------------------------------------------------------------


def gradient_is_a_function_of_its_leaf():
    x = Value(2.0)
    ((x**3).tanh() * x).backward(create_graph=True)


def gradient_of_the_gradient():
    x = Value(2.0)
    ((x**3).tanh() * x).backward(create_graph=True)
    slope, x.grad = x.grad, 0
    slope.backward(create_graph=True)


def built_after_the_gradient():
    x = Value(2.0)
    (x**3).backward(create_graph=True)
    return (x * 2 + 1) * x


def deep_below_the_gradient():
    x = y = Value(1.0)
    for _ in range(20_000):
        y = y * 0.999 + x
    y.backward(create_graph=True)


def gradient_set_by_hand():
    x = Value(1.0)
    x.grad = x * 2


def its_own_gradient():
    x = Value(1.0)
    x.grad = x


def operation_that_is_its_own_parent():
    y = Value(1.0) * 2.0
    y.operands = y.parents = (y,)


def its_own_parent():
    x = Value(1.0)
    x.parents = (x,)


def hook_of_its_own_leaf():
    x = Value(2.0)
    x.register_hook(lambda g: print(x.data, g))
    return x * x


def hook_that_holds_what_comes_later():
    x = Value(2.0)
    x.register_hook(lambda g: g * y.data)
    y = (x * x).tanh()


def hook_that_holds_what_was_there():
    x = Value(2.0)
    y = (x * x).tanh()
    x.register_hook(lambda g: y.data and None)


def hook_that_was_swept():
    x = Value(2.0)
    y = (x * x).tanh()
    x.register_hook(lambda g: y.data and None)
    y.backward()


def hook_between():
    x = Value(2.0)
    between = x * x
    between.register_hook(lambda g: y.data and None)
    y = between.tanh()
    y.backward()


class Keeper:
    """A hook that keeps what it is given from outside."""

    def __init__(self):
        self.kept = []

    def __call__(self, gradient):
        return None


def hook_that_is_given_something_later():
    keeper, x = Keeper(), Value(2.0)
    y = (x * x).tanh()
    x.register_hook(keeper)
    keeper.kept.append(y)


def solution_of_a_fixed_point():
    a = Value(1.0)
    fixed_point(lambda x, a: cos(a * x), 0.5, a).backward()


def solution_of_an_equation():
    a = Value(2.0)
    root(lambda x, a: x * x - a, 1.0, a).backward(create_graph=True)


def checkpoint_that_was_swept():
    x = Value(0.5)
    checkpoint(lambda x: (x.exp() * x.sin()).tanh())(x).backward()
    checkpoint(lambda x: x)(Value(1.0)).backward()  # the last one is kept for its other outputs


def function_of_a_users_own():
    @primitive(partials=lambda x, out: (2 * x,))
    def squared(x):
        return x * x

    squared.kept = [squared(Value(2.0))]


def attributes_of_a_subclass():
    class Named(Value):
        pass

    x = Named(2.0)
    x.me, x.double = x, x * 2


def second_derivatives():
    hessian(lambda v: v[0] ** 2 * v[1])([2.0, 3.0])


class Model:
    """A module that keeps what it computed last, within `record`."""

    def named_modules(self):
        return [("", self)]

    def __call__(self, x):
        self.last = x * 2 + 1
        return self.last


def place_in_a_module():
    register_module_class(Model)
    with record():
        Model()(Value(1.0))


CYCLES = [
    gradient_is_a_function_of_its_leaf, gradient_of_the_gradient, built_after_the_gradient,
    deep_below_the_gradient, gradient_set_by_hand, its_own_gradient, its_own_parent,
    operation_that_is_its_own_parent,
    hook_of_its_own_leaf, hook_that_holds_what_comes_later, hook_that_holds_what_was_there,
    hook_that_was_swept, hook_between, hook_that_is_given_something_later,
    solution_of_a_fixed_point, solution_of_an_equation, checkpoint_that_was_swept,
    function_of_a_users_own, attributes_of_a_subclass, second_derivatives,
    place_in_a_module,
]  # fmt: skip


@pytest.mark.parametrize("cycle", CYCLES, ids=lambda cycle: cycle.__name__)
def test_a_cycle_that_nobody_holds_is_freed(cycle):
    cycle()  # what is made once and kept
    before = living()
    for _ in range(3):
        cycle()
    assert living() == before
    assert not HOOKED


def test_what_a_cycle_holds_is_not_freed():
    x = Value(2.0)
    x.register_hook(lambda g: y.data and None)
    y = tanh(x * x) * 2
    before = living()
    gc.collect()
    assert living() == before
    y.backward()
    assert x.grad == pytest.approx(2 * 4 * (1 - tanh(4.0) ** 2))


# -- freeing ------------------------------------------------------------------------------------


def test_a_chain_by_gradients_is_freed_without_recursion():
    before = living()
    x = Value(0.0)
    for _ in range(200_000):
        x, x.grad = Value(0.0), x
    del x
    assert living() == before


def test_a_chain_of_every_shape_is_freed_without_recursion():
    """Of one operand, two, a dot, and what Python builds; and by labels and hooks."""
    before = living()
    x = Value(0.5)
    for _ in range(50_000):
        x = dot([tanh(x) * 0.5, 1.0], [1.0, 0.25], 0.0)
        x = maximum(x, x.gelu().clip(-1, 1))
    del x
    assert living() == before


# -- numbers ------------------------------------------------------------------------------------


def test_a_dot_has_the_bits_of_its_row():
    """Of products that cancel, overflow and underflow; and its partials are the very operands."""
    rng = random.Random(5)
    scales = (1.0, 1.0, 1e-8, 1e8, 1e-150, 1e150, 1e-300, 1e300)

    def number() -> float:
        edge = rng.choice((math.inf, -math.inf, math.nan, -0.0, 5e-324))
        return edge if rng.random() < 0.01 else rng.gauss(0, 1) * rng.choice(scales)

    for _ in range(3_000):
        n = rng.randrange(1, 20)
        ws, xs, b = [number() for _ in range(n)], [number() for _ in range(n)], number()
        if rng.random() < 0.3:
            ws[-1], xs[-1] = ws[0], -xs[0]
        node = dot([*map(Value, ws)], xs, b)
        expected = rules.dot.forward(*ws, *xs, b)
        assert struct.pack("d", node.data) == struct.pack("d", expected) or expected != expected
        assert [*map(repr, node.partials)] == [*map(repr, xs)]


# -- one surface --------------------------------------------------------------------------------


def of_the_other_twin(script: str, given: bytes = b"") -> bytes:
    """What a script prints that runs on the other twin."""
    environment = dict(os.environ)
    environment.pop("GLASSGRAD_PUREPYTHON", None)
    if native:
        environment["GLASSGRAD_PUREPYTHON"] = "1"
    run = subprocess.run(
        [sys.executable, "-c", script],
        input=given,
        capture_output=True,
        env=environment,
        check=True,
    )
    return run.stdout


def test_both_have_the_same_names():
    names = of_the_other_twin("from autograd import Value; print(*sorted(dir(Value)))")
    assert names.decode().split() == sorted(dir(Value))


@pytest.mark.parametrize("row", candidates(), ids=lambda row: row.name)
def test_a_method_is_documented_by_its_row(row):
    """With the signature that the row has as a function: so many operands, these defaults."""
    fast = eager.method_of(row)
    assert (fast.__name__, fast.__qualname__) == (row.name, f"Value.{row.name}")
    assert fast.__doc__ == row.summary
    operands, of_row = inspect.signature(fast).parameters, inspect.signature(row).parameters
    assert [x.default for x in operands.values()] == [x.default for x in of_row.values()]
    if native and row.name in native.ROWS.split():
        assert [*operands] == ["self", *row.operand_names[1:]]
        assert all(x.kind is x.POSITIONAL_ONLY for x in operands.values())
    if is_method(row):
        assert row.summary in pydoc.plain(pydoc.render_doc(getattr(Value, row.name)))


def test_a_pickle_of_one_is_read_by_the_other():
    x, y = Value(0.5, label="x"), Value(3.0)
    z = dot([tanh(x) * y, 2.0], [x, 1.0], 1) + maximum(x, y)
    z.backward()
    script = (
        "import pickle, sys; z = pickle.load(sys.stdin.buffer); z.backward();"
        "sys.stdout.buffer.write(pickle.dumps(z))"
    )
    there_and_back = pickle.loads(of_the_other_twin(script, pickle.dumps(z)))  # noqa: S301
    x_again = there_and_back.parents[0].parents[0].parents[0].parents[0]
    assert (there_and_back.data, x_again.label, x_again.data) == (z.data, "x", 0.5)
    assert x_again.grad == x.grad * 2


@pytest.mark.skipif(native is None, reason="there is no library")
def test_the_library_serves_one_package_and_makes_its_class_once():
    assert native.claim(autograd)
    assert not native.claim(os)
    value, x = sys.modules["autograd.graph.value"], Value(2.0)
    with pytest.raises(ImportError, match="cannot be loaded again"):
        importlib.reload(value)
    assert value.Value is Value is type(x * x)
