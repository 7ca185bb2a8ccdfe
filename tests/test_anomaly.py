"""detect_anomaly: the first nan or inf is blamed on what made it."""

# ruff: noqa: S301  (the pickles are our own)

from __future__ import annotations

import copy
import gc
import math
import pickle
import random
import threading
import weakref
from contextlib import suppress
from decimal import Decimal
from fractions import Fraction

import mpmath
import pytest
from hypothesis import given

import autograd as ag
import nn
from autograd import AnomalyError, Value, detect_anomaly, grad, no_grad, record
from autograd.functions.rules import TABLE
from autograd.graph.modes import MODES, OPEN, Modes
from autograd.testing.computation import Computation
from autograd.testing.strategies import programs, rational_programs


def lines(error: pytest.ExceptionInfo[AnomalyError]) -> list[str]:
    """The lines of a message, without indentation."""
    return [line.strip() for line in str(error.value).splitlines()]


# -- forward ----------------------------------------------------------------------------------


def test_a_value_that_is_not_finite_is_blamed_on_its_operation_operands_and_line():
    x = Value(0.0, label="x")
    with pytest.raises(AnomalyError) as error, detect_anomaly():
        x * 3 + ag.log(x)
    gave, operands, place = lines(error)
    assert gave == "log gave -inf"
    assert operands == "operands: x = 0.0"
    assert place.startswith(f"at {__file__}:")
    assert place.endswith(", in test_a_value_that_is_not_finite_is_blamed_on_its_operation_"
                          "operands_and_line: x * 3 + ag.log(x)")  # fmt: skip
    assert error.value.node.op is ag.log
    assert error.value.node.parents == (x,)
    assert error.value.parent is None
    assert isinstance(error.value, ArithmeticError)


def test_operands_show_labels_operations_leaves_and_literals():
    x = Value(1e200, label="x")
    with pytest.raises(AnomalyError) as error, detect_anomaly():
        ag.sum([x, x * x, Value(2.0), 3.5])
    assert lines(error)[:2] == ["multiply gave inf", "operands: x = 1e+200, x = 1e+200"]
    with pytest.raises(AnomalyError) as error, detect_anomaly():
        ag.sum([x, x + 1, Value(math.inf), 3.5])
    assert lines(error)[:2] == [
        "sum gave inf",
        "operands: x = 1e+200, (add) = 1e+200, (a leaf) = inf, 3.5",
    ]


@pytest.mark.parametrize(
    ("compute", "name"),
    [
        (lambda: Value(1.0) / Value(0.0), "divide"),
        (lambda: Value(1.0) / 0, "divide"),
        (lambda: 1 / Value(0.0), "divide"),
        (lambda: Value(-1.0) ** 0.5, "power"),
        (lambda: ag.exp(Value(1e3)), "exp"),
        (lambda: ag.arcsin(Value(2.0)), "arcsin"),
        (lambda: Value(math.inf) - math.inf, "subtract"),
        (lambda: Value(0.0) * math.inf, "multiply"),
        (lambda: Value(math.nan) + 1, "add"),
        (lambda: ag.dot([Value(1e200)], [1e200]), "dot"),
    ],
)
def test_every_way_to_nan_and_inf_is_found(compute, name):
    with (
        pytest.raises(AnomalyError, match=f"^{name} gave (-?inf|nan)\n") as error,
        detect_anomaly(),
    ):
        compute()
    assert error.value.node.op.name == name
    compute()  # outside of the block nothing is raised


def test_the_module_calls_are_named():
    model = nn.MLP(1, [1], rng=random.Random(0))
    with pytest.raises(AnomalyError) as error, detect_anomaly():
        model([math.inf])
    assert "in the modules MLP > layers.0 > neurons.0" in lines(error)


class Two(nn.Module):
    """Calls two modules one after the other."""

    def __init__(self) -> None:
        self.parts = [nn.Neuron(1, rng=random.Random(i)) for i in range(2)]

    def __call__(self, x: list[float]) -> Value:
        return self.parts[1]([self.parts[0](x)])


def test_a_module_is_named_by_where_it_is_at_the_time_of_the_call():
    def called() -> list[str]:
        return [module for module, _ in model([1.0]).origin.path]

    with record():
        model = Two()
        assert called() == ["Two", "parts.1"]
        model.parts.reverse()
        assert called() == ["Two", "parts.1"]
        model.parts[1:] = [nn.Neuron(1)]
        assert called() == ["Two", "parts.1"]
        model.parts = model.parts[:1] * 2
        assert called() == ["Two", "parts.0"]
        for _ in range(20):  # others, which get the ids of those that went
            del model
            model = Two()
            assert called() == ["Two", "parts.1"]


class Careful(nn.Module):
    """A module that watches over its own work."""

    def __call__(self, x: Value) -> Value:
        with detect_anomaly():
            return ag.log(x)


def test_a_block_inside_a_module_knows_the_calls_around_it():
    with record(), pytest.raises(AnomalyError, match="in the modules Careful\n"):
        Careful()(Value(0.0))


def test_an_origin_of_an_enclosing_record_block_goes_on():
    with record():
        with pytest.raises(AnomalyError, match="log gave"), detect_anomaly():
            ag.log(Value(0.0))
        assert Value(1.0).exp().origin is not None
    with detect_anomaly(), record(), pytest.raises(AnomalyError, match="log gave"):
        ag.log(Value(0.0))


# -- backward ---------------------------------------------------------------------------------


def test_a_gradient_that_is_not_finite_is_blamed_on_the_node_and_the_parent():
    x, y = Value(0.0, label="x"), Value(2.0, label="y")
    with detect_anomaly():
        z = ag.sqrt(x) * y
        with pytest.raises(AnomalyError) as error:
            z.backward()
    message = lines(error)
    assert message[0] == (
        "the backward sweep of sqrt gave inf = inf * 2.0 "
        "(partial derivative * gradient of the node) for the gradient of x = 0.0"
    )
    assert message[1] == "operands: x = 0.0"
    assert message[2].endswith(": z = ag.sqrt(x) * y")
    assert error.value.node is z.parents[0]
    assert error.value.parent is x


def test_zero_times_infinity_is_found_where_it_happens():
    """sqrt at 0 behind a factor 0: the value is a clean 0, the gradient inf * 0 = nan."""
    x = Value(0.0, label="x")
    blame = r"sqrt gave nan = inf \* 0.0 "
    with pytest.raises(AnomalyError, match=blame) as error, detect_anomaly():
        (ag.sqrt(x) * 0.0).backward()
    assert error.value.parent is x


def test_a_graph_that_was_made_outside_is_swept_too_but_has_no_line():
    x = Value(0.0, label="x")
    y = ag.sqrt(x)
    with detect_anomaly(), pytest.raises(AnomalyError) as error:
        y.backward()
    assert lines(error)[1:] == ["operands: x = 0.0"]
    x.zero_grad()
    y.backward()
    assert x.grad == math.inf, "outside of the block nothing is raised"


@pytest.mark.parametrize("create_graph", [False, True])
def test_gradients_of_gradients_are_watched(create_graph):
    x = Value(0.0, label="x")
    y = x**1.5
    with detect_anomaly():
        y.backward(create_graph=create_graph)
        with pytest.raises(AnomalyError):
            grad(grad(lambda x: x**1.5))(0.0)


def test_an_overflow_in_the_product_of_partial_and_gradient():
    x = Value(1.0, label="x")
    with pytest.raises(AnomalyError, match=r"inf = 1e\+200 \* 1e\+200"), detect_anomaly():
        (x * 1e200).backward(seed=1e200)


def test_an_overflow_in_the_sum_of_contributions():
    x = Value(0.5, label="x")
    with pytest.raises(AnomalyError), detect_anomaly():
        (x * 1e308 + x * 1e308).backward()


def test_a_gradient_that_nobody_asked_for_raises_nothing():
    """(-3)**2 by its exponent is nan, but the gradient is taken by the base."""
    two = Value(2.0)
    with detect_anomaly():
        assert grad(lambda x: x**two)(-3.0) == -6.0
        with pytest.raises(AnomalyError, match="power gave nan"):
            grad(lambda x, two: x**two, 1)(-3.0, 2.0)


# -- other numbers ----------------------------------------------------------------------------


def test_complex_numbers():
    z = Value(complex(math.inf, 0.0), label="z")
    with pytest.raises(AnomalyError, match="add gave"), detect_anomaly():
        z + 1
    with detect_anomaly():
        w = Value(1 + 2j)
        ag.exp(w * w).backward()
    assert w.grad != 0


def test_mpmath_numbers():
    with pytest.raises(AnomalyError, match="multiply gave"), detect_anomaly():
        Value(mpmath.inf) * 2
    with pytest.raises(AnomalyError, match="subtract gave"), detect_anomaly():
        Value(mpmath.inf) - mpmath.inf
    with pytest.raises(AnomalyError, match="multiply gave"), detect_anomaly():
        Value(mpmath.mpc(0, mpmath.nan)) * 2
    with detect_anomaly():
        ag.exp(Value(mpmath.mpf(10) ** 5)).backward()  # finite, though no double is so large


def test_a_quiet_nan_among_decimals():
    with pytest.raises(AnomalyError, match="add gave NaN"), detect_anomaly():
        Value(Decimal("NaN")) + 1


def test_an_infinity_among_decimals():
    with pytest.raises(AnomalyError, match="multiply gave Infinity"), detect_anomaly():
        Value(Decimal("Infinity")) * 2


@given(rational_programs())
def test_fractions_are_always_finite(program: Computation) -> None:
    leaves = program.leaves()
    with detect_anomaly():
        program(*leaves).backward()
    assert all(type(leaf.grad) in (Fraction, int) for leaf in leaves)


@given(programs())
def test_finite_graphs_raise_nothing_and_give_the_same_bits(program: Computation) -> None:
    leaves, watched = program.leaves(), program.leaves()
    program(*leaves).backward()
    with detect_anomaly():
        program(*watched).backward()
    assert [float(x.grad).hex() for x in watched] == [float(x.grad).hex() for x in leaves]


class Watched(Value):
    """One that can be referred to weakly."""


@pytest.mark.parametrize("row", [row for row in TABLE.values() if not (row.opaque or row.integers)],
                         ids=lambda row: row.name)  # fmt: skip
def test_what_raises_in_the_derivatives_of_a_row_keeps_nothing_alive(row):
    leaves = []
    for number in (math.inf, -math.inf, 0.0, math.nan):
        leaf = Watched(number)
        y = row(leaf, *[Value(number)] * (row.arity - 1)) if row.arity else row([leaf, 1.0, 2.0])
        with suppress(AnomalyError), detect_anomaly():
            (y * Value(1.0)).backward(create_graph=True)
        leaves.append(weakref.ref(leaf))
    del leaf, y
    for generation in range(3):  # the youngest first: all of them take longer than the test
        if not all(leaf() is None for leaf in leaves):
            gc.collect(generation)
    assert all(leaf() is None for leaf in leaves)


# -- where it holds ---------------------------------------------------------------------------


def test_it_ends_with_its_block_and_other_threads_do_not_see_it():
    seen, before = [], {*OPEN}  # what threads of other tests may still hold
    with detect_anomaly():
        thread = threading.Thread(target=lambda: seen.append(ag.log(Value(0.0)).data))
        thread.start()
        thread.join()
        with detect_anomaly():
            pass
        with pytest.raises(AnomalyError):
            ag.log(Value(0.0))
    assert seen == [-math.inf]
    assert ag.log(Value(0.0)).data == -math.inf
    assert before >= {*OPEN}
    assert MODES.get() == Modes()


def test_values_without_a_graph_are_watched_too():
    with detect_anomaly(), no_grad(), pytest.raises(AnomalyError):
        ag.log(Value(0.0))


def test_the_error_survives_pickle_and_copy():
    """As it has to, to come back from another process."""
    with pytest.raises(AnomalyError) as error, detect_anomaly():
        ag.log(Value(0.0))
    for twin in (pickle.loads(pickle.dumps(error.value)), copy.copy(error.value)):
        assert str(twin) == str(error.value)
        assert twin.node.data == -math.inf
