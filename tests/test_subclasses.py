"""Subclasses: what they override is asked for by both twins, and what they hide is not read."""

import random
from typing import ClassVar

import pytest

import autograd
import nn
from autograd import Value, dot, maximum, tanh
from autograd.functions import rules
from autograd.functions.surface import is_method

pytestmark = pytest.mark.usefixtures("plain_sweep")


class Asked(Value):
    """A Value whose data is computed when it is asked for."""

    asked = 0

    @property
    def data(self):
        type(self).asked += 1
        return self.__dict__["data"]

    @data.setter
    def data(self, number):
        self.__dict__["data"] = number


@pytest.mark.parametrize(
    "operation",
    [
        lambda x: x + Value(1.0), lambda x: Value(1.0) + x, lambda x: 1.0 - x, lambda x: x**2,
        lambda x: x.tanh(), tanh, lambda x: maximum(Value(9.0), x), lambda x: -x, abs,
        lambda x: Value(1.0) < x, lambda x: x == 3.0, lambda x: 3.0 - x < 1.0, bool,
        lambda x: dot([Value(1.0), Value(2.0)], [x, x], x), lambda x: dot([x], [Value(2.0)]),
    ],
)  # fmt: skip
def test_the_data_of_a_subclass_is_asked_for_by_whatever_needs_it(operation):
    x = Asked(3.0)
    before = Asked.asked
    out = operation(x)
    assert Asked.asked > before
    assert isinstance(out, (Value, bool))


def test_a_gradient_that_a_subclass_computes_is_asked_for_by_the_sweep():
    class Clipped(Value):
        @property
        def grad(self):
            return self.__dict__.get("grad", 0)

        @grad.setter
        def grad(self, gradient):
            self.__dict__["grad"] = max(-1.0, min(1.0, gradient))

    x, y = Clipped(3.0), Value(2.0)
    (x * y * y).backward()
    # x*y is Clipped as well, and passes 1 on to both.
    assert (x.grad, y.grad) == (1.0, 9.0)
    z, z_parent = Value(2.0) * 3.0, Clipped(1.0)
    z.parents = (z_parent,)
    z.backward()
    assert z_parent.grad == 1.0


class Traced(Value):
    """A toy tracer: it writes down what is done to it, and has no number."""

    __slots__ = ()
    level = 2
    done: ClassVar[list[str]] = []

    def __init__(self):
        pass

    @property
    def data(self):
        raise AssertionError("a tracer has no number")

    @staticmethod
    def apply(row, /, *operands):
        Traced.done.append(row.name)
        return Traced()


def _applied(row, reflected=False):
    return lambda x, *others: Traced.apply(row, *((*others, x) if reflected else (x, *others)))


def _answered(name):
    return lambda x, *others: Traced.done.append(name) or True


for _row in rules.TABLE.values():
    if _row.operator and not _row.predicate:
        setattr(Traced, f"__{_row.operator}__", _applied(_row))
        setattr(Traced, f"__r{_row.operator}__", _applied(_row, reflected=True))
    for _name in (_row.name, *_row.aliases) if is_method(_row) else ():
        setattr(Traced, _name, _applied(_row))
for _name in ("lt", "le", "eq", "ne", "gt", "ge", "bool"):
    setattr(Traced, f"__{_name}__", _answered(_name))


def test_a_tracer_sees_every_operation_of_a_network_and_is_never_read():
    model = nn.MLP(2, [3, 1], activation="tanh", rng=random.Random(0))
    Traced.done.clear()
    y = model([Traced(), Traced()])
    loss = (y - 1.0) ** 2 + 0.1 * sum(w * w for w in [y, *model.parameters()[:1]])
    assert type(loss) is Traced
    assert Traced.done == [
        "dot", "dot", "dot", "tanh", "tanh", "tanh", "dot", "subtract", "power", "multiply",
        "add", "add", "multiply", "add",
    ]  # fmt: skip


@pytest.mark.parametrize(("operation", "done"), [
    (lambda w, x: w + x, "add"), (lambda w, x: x + w, "add"), (lambda w, x: 1 - x, "subtract"),
    (lambda w, x: w / x, "divide"), (lambda w, x: w // x, "floor_divide"),
    (lambda w, x: w % x, "remainder"), (lambda w, x: w**x, "power"), (lambda w, x: -x, "negative"),
    (lambda w, x: +x, "positive"), (lambda w, x: abs(x), "abs"), (lambda w, x: tanh(x), "tanh"),
    (lambda w, x: maximum(w, x), "maximum"), (lambda w, x: maximum(x, 1), "maximum"),
    (lambda w, x: x.leaky_relu(), "leaky_relu"), (lambda w, x: dot([w], [w], x), "dot"),
    (lambda w, x: autograd.sum([w, x]), "sum"), (lambda w, x: w < x, "gt"),
    (lambda w, x: x < w, "lt"), (lambda w, x: w >= x, "le"), (lambda w, x: w.data <= x, "ge"),
    (lambda w, x: w == x, "eq"), (lambda w, x: x != 1, "ne"), (lambda w, x: not x, "bool"),
])  # fmt: skip
def test_a_tracer_is_asked_beside_a_value_on_either_side(operation, done):
    w, x = Value(2.0), Traced()
    operation(w, Value(3.0))  # what is made at a first call is made
    Traced.done.clear()
    operation(w, x)
    assert Traced.done == [done]


# -- found by playing programs on both (tests/hostile/twins.py) ----------------------------------


@pytest.mark.parametrize("number", [10**400, Value(7.0), "text", None])
def test_an_init_that_fails_leaves_the_data(number):
    x = Value(3.0)
    with pytest.raises((OverflowError, TypeError)):
        x.__init__(number)
    assert x.data == 3.0


@pytest.mark.parametrize("operation", [
    lambda x: x + 1, lambda x: 1 / x, tanh, lambda x: dot([x], [x]), lambda x: x.clip(0, 9), abs,
    lambda x: autograd.norm([x, x]),
])  # fmt: skip
def test_a_subclass_stores_what_is_computed_by_its_own_setters(operation):
    x = Asked(3.0)
    y = operation(x)
    assert y.__dict__["data"] == operation(Value(3.0)).data
    y.backward()
    assert y.grad == 1.0
