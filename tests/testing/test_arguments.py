"""Arguments are seen as a list of numbers, and made again of others: structure, types and names."""

import cmath
import math
from collections import namedtuple
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from mpmath import mpc, mpf

import autograd as ag
from autograd import exp
from autograd.graph.value import Value
from autograd.testing import (
    adjoint_test,
    check_elementwise,
    check_gradients,
    check_numpy,
    check_partials,
    check_primitive,
    check_scipy,
    check_vjp,
    replay_exact,
    taylor_test,
)
from autograd.testing.arguments import Arguments, is_unreal, numbers_in

Point = namedtuple("Point", "x y")

ARGS = (
    1.0, [2, Value(3.0), (4.0, [5.0])], {"w": 6.0, "mode": "mean", "rest": None}, True,
    Point(7.0, 8.0), np.array([[9.0, 10.0], [11.0, 12.0]]), np.array(13.0), np.arange(14, 16),
    np.array([16.0, Fraction(17)], object), np.array(["text"]), np.float32(18.0), Fraction(19),
    np.array([20.0, 21.0], "f4"), np.bool_(True),
)  # fmt: skip


def test_numbers_are_found_in_order():
    assert Arguments(ARGS).numbers == [float(n) for n in range(1, 22)]
    assert numbers_in(ARGS) == Arguments(ARGS).numbers
    assert numbers_in(None) == numbers_in("text") == numbers_in(True) == []


def test_the_names_of_numbers_are_expressions():
    found = Arguments(ARGS)
    for name, number in zip(found.names, found.numbers, strict=True):
        x = eval(name, {"args": ARGS})
        assert (x.data if isinstance(x, Value) else x) == number
    assert found.names[10] == "args[5][1, 0]"
    assert found.names[12] == "args[6]"


def test_arguments_are_made_again_of_other_numbers():
    """As floats: arrays of float32 and NumPy's own keep their type, and what is no number stays."""
    numbers = [n + 0.5 for n in range(1, 22)]
    made = Arguments(ARGS).rebuilt(numbers)
    assert numbers_in(made) == numbers
    assert made[:5] == (
        1.5, [2.5, 3.5, (4.5, [5.5])], {"w": 6.5, "mode": "mean", "rest": None}, True,
        Point(7.5, 8.5),
    )  # fmt: skip
    assert type(made[4]) is Point
    assert made[3] is True
    assert made[9] is ARGS[9]
    kinds = [getattr(x, "dtype", None) for x in made[5:13]]
    double, single = np.dtype(float), np.dtype("f4")
    assert kinds == [double] * 4 + [ARGS[9].dtype, single, None, single]
    assert [getattr(x, "shape", None) for x in made[5:9]] == [(2, 2), (), (2,), (2,)]
    assert type(made[10]) is np.float32
    assert type(made[11]) is float


def test_arguments_are_cut_from_a_vector():
    numbers = np.arange(1.0, 22.0) + 0.5
    made = Arguments(ARGS).rebuilt(numbers)
    assert numbers_in(made) == list(numbers)
    assert type(made[0]) is float
    assert made[5].shape == (2, 2)
    assert made[12].dtype == np.dtype("f4")
    made[5][0, 0] = 99.0
    assert numbers[8] == 9.5, "what a function writes stays its own"


@pytest.mark.parametrize("number", [Value(1.5), mpf(1.5), Fraction(3, 2), 1.5 + 0.5j, mpc(1, 2)])
def test_numbers_of_other_types_come_as_they_are(number):
    args = (1.0, np.array([2.0, 3.0], "f4"), np.float32(4.0))
    x, array, single = Arguments(args).rebuilt([number] * 4)
    assert x is number
    assert single is number
    assert array.shape == (2,)
    assert all(y == number for y in array.tolist()) or isinstance(number, Value)
    assert array.dtype == (np.dtype(complex) if type(number) is complex else np.dtype(object))
    if isinstance(number, Value):
        assert array[0] is number
        assert np.tanh(array)[0].data == ag.tanh(1.5), "NumPy's functions work on it"


def test_arrays_of_no_numbers():
    (empty,) = Arguments((np.zeros((0, 2)),)).rebuilt([])
    assert empty.shape == (0, 2)
    assert not Arguments((1.0, [np.zeros(2)])).has_arrays, "none stands among the arguments"
    assert Arguments((1.0, np.zeros(2))).has_arrays
    assert not Arguments((np.float64(1.0), Value(2.0))).has_arrays


def test_complex_numbers_are_told_from_real_ones():
    assert all(map(is_unreal, (1j, np.complex64(1), np.complex128(1j), mpc(1), cmath.exp(1j))))
    assert not any(map(is_unreal, (1.0, 1, True, np.float16(1), mpf(1), Fraction(1), "1", None)))


@pytest.mark.parametrize("check", [
    lambda: check_gradients("f", [1.0]),
    lambda: check_gradients(Value(1.0), [1.0]),
    lambda: check_gradients(exp, [1.0], grad="f"),
    lambda: check_vjp(exp, "f", [1.0]),
    lambda: check_elementwise(math.exp, "f", mpmath.exp),
    lambda: check_elementwise(math.exp, math.exp, "f"),
    lambda: taylor_test(exp, "f", 1.0),
    lambda: adjoint_test("f", exp),
])  # fmt: skip
def test_what_is_no_function_is_named(check):
    with pytest.raises(TypeError, match=r"a function is needed, got ('f' \(str\)|Value\(data=1.0)"):
        check()


@pytest.mark.parametrize(("check", "message"), [
    (lambda: check_gradients(exp, 1.0), r"args is a list of .* got 1.0 \(float\)"),
    (lambda: check_vjp(exp, exp, Value(1.0)), r"args is a list of .*\(Value\)"),
    (lambda: check_partials(3), "a Value is needed, whose graph is checked; got 3"),
    (lambda: replay_exact("y"), "a Value is needed, whose graph is checked; got 'y'"),
    (lambda: check_primitive("exp"), "an elementary function is needed, .* got 'exp'"),
    (lambda: check_scipy("f", "g", [1.0]), "a function is needed, got 'f'"),
    (lambda: check_numpy("f", "g", [1.0]), "a function is needed, got 'f'"),
])  # fmt: skip
def test_what_a_check_cannot_take_is_named(check, message):
    with pytest.raises(TypeError, match=message):
        check()
