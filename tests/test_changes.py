"""Data that is changed between the forward pass and a differentiable sweep.

The partials that the nodes hold belong to the data of the forward pass, and so does a plain sweep.
A differentiable one computes them anew: it gives what it would have given, or an error, never the
derivatives of something else.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Sequence
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

import mpmath
import pytest
from hypothesis import given

import autograd as ag
from autograd import Value, checkpoint, grad, primitive, root, vjp
from autograd.display import step
from autograd.functions.rules import TABLE
from autograd.testing.computation import Computation
from autograd.testing.strategies import FLOAT_ROWS, WILD, programs, rational_programs

REFUSED = r"data was changed after"


def gradients(y: Any, leaves: Sequence[Value], create_graph: bool = True) -> list[Any]:
    """The gradient of a root by the leaves, starting from zeros."""
    for leaf in leaves:
        leaf.zero_grad()
    if isinstance(y, Value):
        y.backward(create_graph=create_graph)
    return [leaf.grad for leaf in leaves]


def two_orders(y: Value, leaves: Sequence[Value]) -> list[str]:
    """The bits of the first and second derivatives."""
    first = gradients(y, leaves)
    second = [g for slope in first for g in gradients(slope, leaves, create_graph=False)]
    return [float(getattr(g, "data", g)).hex() for g in first + second]


# -- what is refused --------------------------------------------------------------------------


def test_a_change_that_only_the_second_derivative_would_show_is_refused() -> None:
    """tanh' is even, tanh'' is not: at -x the first derivative is right, the second is not."""
    x = Value(0.5)
    y = x.tanh()
    x.data = -0.5
    with pytest.raises(RuntimeError, match=r"its value was 0\.46.* would now be -0\.46"):
        y.backward(create_graph=True)


POINTS = {"arccosh": 1.7, "clip": 0.4}
UNARY = [name for name in FLOAT_ROWS if name != "where"]


@pytest.mark.parametrize("name", UNARY)
@pytest.mark.parametrize("change", [lambda x: -x, lambda x: x + 1, lambda x: 3 * x])
def test_each_row_refuses_or_is_right_to_the_second_order(
    name: str, change: Callable[[float], float]
) -> None:
    """After a change of one operand both orders have the bits of before, or there is an error."""
    row = TABLE[name]
    count = row.arity or 3
    for i in range(count):
        leaves = [Value(POINTS.get(name, 0.5) + 0.125 * k) for k in range(count)]
        y = row(leaves) if row.arity is None else row(*leaves)
        before = two_orders(y, leaves)
        leaves[i].data = change(leaves[i].data)
        try:
            assert two_orders(y, leaves) == before
        except RuntimeError as error:
            assert REFUSED in str(error)  # noqa: PT017  (either is right)


@pytest.mark.parametrize(
    "number", [Fraction(2), Decimal(2), 2 + 1j, mpmath.mpf(2), mpmath.mpc(2, 1)]
)
def test_every_number_type_is_watched(number: Any) -> None:
    """As for floats, also through a row with a partial of its own."""
    for f in (lambda x: x * x * x, lambda x: 1 / x, lambda x: x**3):
        x = Value(number)
        y = f(x)
        x.data = number + 1
        with pytest.raises(RuntimeError, match=REFUSED):
            y.backward(create_graph=True)


def test_an_interior_value_is_watched_like_a_leaf() -> None:
    """A changed result is found where it is used, and where a partial is made of it."""
    x = Value(0.5, "x")
    h = x * 3
    y = h * h
    h.data = 7.0
    with pytest.raises(RuntimeError, match=r"\(multiply\) = 7\.0"):
        y.backward(create_graph=True)
    y = x.exp()
    y.data = 7.0
    with pytest.raises(RuntimeError, match=r"by x = 0\.5 was 1\.648\d* and would now be 7\.0"):
        y.backward(create_graph=True)


def test_functions_of_many_operands_are_watched() -> None:
    """dot, prod and a function of the user's own."""

    @primitive(partials=lambda x, out: (2 * x * out,))
    def bell(x: Any) -> Any:
        return math.exp(x * x)

    for f in (
        lambda x, y: ag.dot([x, y], [y, x], 1.0),
        lambda x, y: ag.prod([x, y, x]),
        lambda x, y: ag.logsumexp([x, y]),
        lambda x, y: bell(x) * y,
    ):
        x, y = Value(0.5), Value(0.25)
        z = f(x, y)
        x.data = 1.5
        with pytest.raises(RuntimeError, match=REFUSED):
            z.backward(create_graph=True)


def test_what_runs_a_function_again_looks_at_its_operands() -> None:
    """A checkpoint at each sweep, a solution at a differentiable one: both were even or flat in
    their partials alone.
    """
    x = Value(0.5, "x")
    y = checkpoint(lambda x: x.cosh())(x)
    x.data = -0.5
    with pytest.raises(RuntimeError, match=r"x = -0\.5 was 0\.5"):
        y.backward()
    a = Value(0.5, "a")
    z = root(lambda z: z - a.tanh(), 0.0)
    a.data = -0.5
    z.backward()
    assert a.grad == pytest.approx(1 / math.cosh(0.5) ** 2, rel=1e-15)
    with pytest.raises(RuntimeError, match=r"a = -0\.5 was 0\.5"):
        z.backward(create_graph=True)


def test_a_pullback_that_is_differentiable_is_watched() -> None:
    """A captured Value that was changed before the pullback is called."""
    w = Value(2.0, "w")
    _, pullback = vjp(lambda x: w * x * x, 3.0)
    w.data = 5.0
    with pytest.raises(RuntimeError, match=r"w = 5\.0"):
        pullback(Value(1.0))


def test_a_copy_whose_function_would_run_on_the_original_is_refused() -> None:
    """Its first derivatives are its own; for higher ones its gradient would be lost."""
    for f in (checkpoint(lambda a: a.sqrt()), lambda a: root(lambda x: x * x - a, 1.0)):
        a = Value(4.0)
        b, y = copy.deepcopy((a, f(a)))
        y.backward()
        assert (a.grad, b.grad) == (0, 0.25)
        with pytest.raises(RuntimeError, match="a copy of"):
            y.backward(create_graph=True)


# -- what is not ------------------------------------------------------------------------------


@given(programs(inputs=WILD, literals=WILD, moderate=False) | rational_programs() | programs())
def test_unchanged_data_are_never_refused(program: Computation) -> None:
    """Neither at the first order nor at the second, for no float whatever and no fraction."""
    leaves = program.leaves()
    for slope in gradients(program(*leaves), leaves):
        gradients(slope, leaves)


@given(programs(max_length=4))
def test_unchanged_mpf_are_never_refused_at_another_precision(program: Computation) -> None:
    """Digits that come or go with the precision are no change."""
    with mpmath.workdps(30):
        leaves = [Value(mpmath.mpf(x)) for x in program.inputs]
        y = program(*leaves)
    for digits in (30, 50):
        with mpmath.workdps(digits):
            gradients(y, leaves)


def test_decimals_are_not_refused_at_another_precision() -> None:
    """The derivative of 1/x at 3, computed at 10 digits and swept at 40."""
    x = Value(Decimal(3))
    with localcontext() as context:
        context.prec = 10
        y = (1 / x).exp()
        context.prec = 40
        (slope,) = gradients(y, [x])
    assert float(slope.data) == pytest.approx(-math.exp(1 / 3) / 9, rel=1e-9)


def test_a_partial_that_does_not_depend_on_the_data_allows_the_change() -> None:
    """Sums, means and multiples of x are right whatever x is now."""
    x, y = Value(2.0), Value(3.0)
    z = ag.mean([x + y, x - y, -x, 4 * x, ag.where(x > 0, x, y)])
    x.data = -5.0
    assert gradients(z, [x, y], create_graph=False) == [x.grad, y.grad]
    assert [g.data for g in gradients(z, [x, y])] == pytest.approx([6 / 5, 0.0], abs=1e-16)


def test_nan_is_nan_and_zero_has_no_sign() -> None:
    """Partials that are nan, or 0 of the other sign, are as they were."""
    x, y = Value(math.nan), Value(0.0)
    z = x * y + ag.log(x)
    gradients(z, [x, y])
    y.data = -0.0
    assert math.isnan(gradients(z, [x, y])[0].data)


def test_an_optimiser_may_change_data_once_the_sweep_is_over() -> None:
    """A gradient penalty in a training loop: each step builds the graph again."""
    w, x = Value(0.5), Value(1.5)
    for _ in range(3):
        slope = gradients((w * x).tanh(), [x])[0]
        penalty = (slope - 1) ** 2
        (by_w,) = gradients(penalty, [w], create_graph=False)
        assert by_w == pytest.approx(grad(lambda w: _penalty(w, x.data))(w.data), rel=1e-13)
        w.data -= 0.1 * by_w
    slope.backward()  # a plain sweep keeps to the data of the forward pass


def _penalty(w: Any, x: float) -> Any:
    """(d tanh(w x)/dx - 1)**2, the derivative written out."""
    return (w * (1 - ag.tanh(w * x) ** 2) - 1) ** 2


def test_the_steps_show_the_partials_of_the_forward_pass() -> None:
    """The display takes what the nodes hold."""
    x = Value(2.0, "x")
    y = x * x
    x.data = 5.0
    last = step(y)[-1]
    assert [contribution.partial for contribution in last.contributions] == [2.0, 2.0]
    assert last.contributions[-1].after == 4.0
