"""primitive: elementary functions of the user's own, with the derivatives that they know."""

# ruff: noqa: S301  (the pickles are our own)

from __future__ import annotations

import copy
import inspect
import math
import pickle
from fractions import Fraction

import mpmath
import numpy as np
import pytest

import autograd as ag
from autograd import Value, grad, hessian, jacobian, jvp, no_grad, primitive, vjp


@primitive(partials=lambda x, out: (2 * x * out,))
def bell(x):
    """The exponential of a square.

    More about it.
    """
    return math.exp(x * x)


def step_or_line(x, out):
    """Partials that branch: the slope of a line bent at 1."""
    if x < 1:
        return (2,)
    return (5,)


bent = primitive(step_or_line)(lambda x: 2 * x if x < 1 else 5 * x - 3)


@primitive(partials=lambda x, y=2.0, z=3.0, *, out: (y * z, x * z, x * y))
def volume(x, y=2.0, z=3.0):
    return x * y * z


def bell_mp(x):
    """The oracle of `bell`."""
    return mpmath.exp(x * x)


def test_it_is_one_node_with_the_partials_given():
    x = Value(0.5)
    y = bell(x)
    assert y.data == math.exp(0.25)
    assert y.parents == (x,)
    assert y.partials == (math.exp(0.25),)
    assert y.op is bell
    y.backward()
    assert x.grad == y.data
    assert bell(0.5) == y.data, "a number gives a number"
    assert type(bell(0.5)) is float


@pytest.mark.parametrize("order", range(1, 6))
def test_partials_written_with_operators_can_be_differentiated_again(order):
    """Relative 1e-14: at most some dozens of rounded operations, all terms positive."""
    f = bell
    for _ in range(order):
        f = grad(f)
    with mpmath.workdps(40):
        truth = float(mpmath.diff(bell_mp, 0.5, order))
    assert f(0.5) == pytest.approx(truth, rel=1e-14)


def test_partials_may_use_the_functions_of_autograd_and_other_primitives():
    @primitive(partials=lambda x, out: (-ag.sin(x) * bell(x) + ag.cos(x) * 2 * x * bell(x),))
    def wave(x):
        return math.cos(x) * math.exp(x * x)

    with mpmath.workdps(40):
        truth = [float(mpmath.diff(lambda x: mpmath.cos(x) * bell_mp(x), 0.5, n)) for n in (1, 2)]
    assert grad(wave)(0.5) == pytest.approx(truth[0], rel=1e-14)
    assert grad(grad(wave))(0.5) == pytest.approx(truth[1], rel=1e-14)
    x = Value(0.5)
    wave(x).backward(create_graph=True)
    slope = x.grad
    x.zero_grad()
    slope.backward()
    assert x.grad == pytest.approx(truth[1], rel=1e-14)


def test_python_branches_inside_partials():
    """Values compare by their data, so that an `if` goes the right way at every order."""
    for x, slope in [(0.5, 2.0), (3.0, 5.0)]:
        assert grad(bent)(x) == slope
        assert grad(grad(bent))(x) == 0.0
        assert grad(lambda x: bent(x) ** 2)(x) == 2 * bent(x) * slope
        assert grad(grad(lambda x: bent(x) ** 2))(x) == 2 * slope**2


def test_several_operands_literals_and_defaults():
    x, z = Value(5.0), Value(7.0)
    node = volume(x, 11.0, z)
    assert node.parents == (x, z)
    assert node.operands == (x, 11.0, z)
    assert node.partials == (77.0, 55.0)
    assert volume(x).data == 30.0
    assert volume(x, 4.0).data == 60.0
    assert volume(1, 2, 3) == 6.0
    assert hessian(lambda v: volume(*v))([2.0, 3.0, 5.0]) == [
        [0.0, 5.0, 3.0], [5.0, 0.0, 2.0], [3.0, 2.0, 0.0]
    ]  # fmt: skip
    with pytest.raises(TypeError, match=r"volume\(\) takes .* 3 .* but 4 were given"):
        volume(1, 2, 3, 4)
    with pytest.raises(TypeError, match=r"missing .* required positional argument.*'x'"):
        volume()


def test_the_other_transforms_take_it_too():
    assert jvp(volume, (2.0, 3.0, 5.0), (1.0, 0.0, 1.0)) == (30.0, 21.0)
    assert vjp(volume, 2.0, 3.0, 5.0)[1](2.0) == (30.0, 20.0, 12.0)
    assert jacobian(lambda x: [bent(x), bent(2 * x)])(0.75) == [2.0, 10.0]
    with no_grad():
        assert bell(Value(0.5)).parents == ()


def test_arrays_are_taken_elementwise_and_broadcast():
    x, y = Value(0.5), Value(1.5)
    result = bell(np.array([x, y]))
    assert [v.parents for v in result] == [(x,), (y,)]
    plain = bell(np.array([0.5, 1.5]))
    assert plain.dtype == float
    assert plain.tolist() == [bell(0.5), bell(1.5)]
    boxes = volume(np.array([[1.0], [2.0]]), [3.0, 4.0], x)
    assert boxes.shape == (2, 2)
    assert boxes[1, 1].data == 4.0
    assert boxes[1, 1].parents == (x,)


def test_other_number_types_are_taken_as_far_as_the_function_takes_them():
    cube = primitive(lambda x, out: (3 * x * x,))(lambda x: x**3)
    assert grad(cube)(Fraction(1, 3)) == Fraction(1, 3)
    assert grad(grad(cube))(Fraction(1, 3)) == 2
    assert grad(cube)(1j) == -3
    with pytest.raises(TypeError, match="bell is not defined for complex"):
        bell(Value(1j))


# -- mistakes ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("partials", "error", "message"),
    [
        (lambda x, out: 2 * x, TypeError, r"partials of mine.*tuple.*write \(partial,\)"),
        (lambda x, out: None, TypeError, "partials of mine.*got None"),
        (lambda x, out: (1, 2), ValueError, "mine has 1 operands, but its partials are 2"),
        (lambda x, out: (), ValueError, "mine has 1 operands, but its partials are 0"),
        (lambda x, out: ("a",), TypeError, "a partial of mine is no number: 'a'"),
        (lambda x, out: (None,), TypeError, "a partial of mine is no number: None"),
        (lambda x, out: (np.ones(2),), TypeError, "a partial of mine is no number: array"),
    ],
)
def test_wrong_partials_are_refused_when_the_function_is_applied(partials, error, message):
    def mine(x):
        return x

    with pytest.raises(error, match=message):
        primitive(partials)(mine)(Value(1.0))


def test_partials_have_to_be_a_function():
    with pytest.raises(TypeError, match="partials is a function of the operands and out; got 3"):
        primitive(3)


def test_a_function_that_gives_no_number_is_refused():
    nothing = primitive(lambda x, out: (1,))(lambda x: None)
    with pytest.raises(TypeError, match="None"):
        nothing(Value(1.0))
    with pytest.raises(TypeError, match="bell takes numbers"):
        bell("text")


def test_an_exception_in_the_function_passes_through():
    with pytest.raises(OverflowError, match="range"):
        bell(Value(100.0))


def test_a_wrong_derivative_is_used_as_it_is():
    """What the author says is what the sweep takes: gradient checking is there to find it."""
    wrong = primitive(lambda x, out: (7,))(lambda x: x * x)
    assert grad(wrong)(3.0) == 7.0


# -- being an object --------------------------------------------------------------------------


def test_names_docs_and_signature():
    assert (bell.__name__, bell.name) == ("bell", "bell")
    assert bell.__module__ == __name__
    assert bell.__doc__.splitlines()[:3] == ["The exponential of a square.", "", "bell(x)"]
    assert volume.__doc__.startswith("The function volume.")
    assert str(inspect.signature(volume)) == "(x, y=2.0, z=3.0, /)"
    assert repr(bell) == "<elementary function bell>"


def test_pickle_is_by_reference_so_graphs_with_it_survive():
    x = Value(0.5, label="x")
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        twin = pickle.loads(pickle.dumps(bell(x) * 2, protocol))
        assert twin.parents[0].op is bell
        twin.backward()
        assert twin.parents[0].parents[0].grad == 2 * bell(0.5)
    assert copy.deepcopy(bell(x)).op is bell
    assert copy.deepcopy(bell) is copy.copy(bell) is bell


def test_one_that_no_module_holds_cannot_be_pickled():
    hidden = primitive(lambda x, out: (1,))(lambda x: x)
    with pytest.raises((pickle.PicklingError, AttributeError)):
        pickle.dumps(hidden(Value(1.0)))
