"""A function at a point: the oracle that it accepts, what it may return, which branch it takes."""

from fractions import Fraction

import numpy as np
import pytest

import autograd as ag
from autograd.graph.value import Value
from autograd.testing import check_gradients
from autograd.testing.oracles import UnsuitableError
from autograd.testing.stochastic import Run, unwatched
from autograd.testing.subject import Subject, flattened

THIRD = Fraction(1, 3)


def of_floats(x):
    if type(x) is not float:
        raise ValueError("a float is needed")
    return x * x


def of_machine_numbers(x):
    """As compiled code has it that is written for complex numbers too."""
    if type(x) not in (float, complex):
        raise TypeError("a double is needed")
    return x * x


CHOSEN = [  # function, point, oracle asked for -> the one that is taken
    (ag.tanh, 0.5, "auto", "mpmath"), (ag.tanh, 0.5, "mpmath", "mpmath"),
    (ag.tanh, 0.5, "finite", "finite differences"),
    (of_machine_numbers, 0.5, "auto", "complex step"),
    (of_machine_numbers, 0.5, "complex", "complex step"),
    (of_machine_numbers, 0.5, "finite", "finite differences"),
    (of_floats, 0.5, "auto", "finite differences"),
    (of_floats, 0.5, "finite", "finite differences"),
    (lambda x: x * x, THIRD, "auto", "Fraction"), (lambda x: x * x, 0.5, "fraction", "Fraction"),
    (lambda x: x * x, THIRD, "fraction", "Fraction"), (lambda x: x * x, THIRD, "mpmath", "mpmath"),
    (lambda x: x * x, THIRD, "finite", "finite differences"),
    (lambda x: x * x, THIRD, "complex", "complex step"),
]  # fmt: skip


@pytest.mark.parametrize(("f", "x", "asked", "taken"), CHOSEN)
def test_the_oracle_that_is_taken(f, x, asked, taken):
    assert Subject(f, (x,)).oracle(asked).name == taken


@pytest.mark.parametrize("oracle", ["mpmath", "complex"])
def test_an_oracle_that_was_asked_for_is_not_replaced(oracle):
    with pytest.raises(UnsuitableError, match="a float is needed"):
        check_gradients(of_floats, (0.5,), grad=lambda x: 2 * x, oracle=oracle)


@pytest.mark.parametrize(
    "result", [np.zeros(2), np.zeros((1, 2)), np.zeros(0), [], [1.0], (1.0,), [1.0, 2.0], "1", None]
)
def test_what_is_not_one_number_is_refused(result):
    with pytest.raises(TypeError, match=r"has to return one number.*use check_vjp"):
        Subject(lambda x: result, (0.5,)).plain([0.5])


@pytest.mark.parametrize("wrap", [float, np.float64, np.array, lambda x: np.array([[x]])])
def test_one_number_may_come_in_an_array(wrap):
    assert Subject(lambda x: wrap(x), (0.5,)).plain([0.5]) == 0.5


@pytest.mark.parametrize("count", [2, 300])
@pytest.mark.parametrize("more", [-1, 0, 1])
def test_a_gradient_has_a_number_for_each_argument(count, more):
    subject = Subject(lambda x: sum(x), ([1.0] * count,))
    if not more:
        assert subject.matching([2.0] * count) == [2.0] * count
    else:
        with pytest.raises(ValueError, match=rf"has {count + more} numbers, but .* have {count}"):
            subject.matching([2.0] * (count + more))


BRANCHES = {  # x + 1e-20 is x in floats, and more than x in truth
    "none in floats": lambda x: x if x + 1e-20 > x else -x,
    "none in truth": lambda x: -x if x + 1e-20 > x else x,
    "other operations": lambda x: ag.sin(x) if x + 1e-20 > x else ag.cos(x),
    "other operations, exchanged": lambda x: ag.cos(x) if x + 1e-20 > x else ag.sin(x),
    "true in floats": lambda x: ag.sin(x) if x + 1e-20 <= x else ag.cos(x),
    "another literal": lambda x: x * (2.0 if x + 1e-20 > x else 3.0),
}


@pytest.mark.parametrize("name", BRANCHES)
def test_roundings_that_lead_to_another_branch_are_seen(name):
    subject = Subject(BRANCHES[name], (0.5,))
    assert subject.takes_another_branch(subject.oracle("auto"))
    (found,) = check_gradients(BRANCHES[name], (0.5,)).findings
    assert found.verdict is None
    assert "roundings lead to another branch" in found.note


def test_a_branch_that_the_result_ignores_is_none():
    f = lambda x: x * x if x + 1e-20 > x else x * x  # noqa: E731, RUF034  (the point of it)
    subject = Subject(f, (0.5,))
    assert not subject.takes_another_branch(subject.oracle("auto"))
    assert not subject.takes_another_branch(subject.oracle("finite"))
    assert check_gradients(f, (0.5,))


@pytest.mark.parametrize("error", [ZeroDivisionError, ValueError, OverflowError])
def test_a_pole_of_high_precision_is_no_branch(error):
    def f(x):
        if hasattr(getattr(x, "data", x), "_mpf_"):
            raise error
        return x * x

    judge = Subject(ag.exp, (0.5,)).oracle("auto")
    assert Subject(f, (0.5,)).takes_another_branch(judge) is False


def test_a_function_may_have_values_of_its_own():
    """What asks for more than a number has to meet Values; a run sees what is computed."""
    w = Value(2.0)

    def asking(x):
        assert x.op is None  # which only Values have
        return w * x

    for f, several, expected in (
        (asking, False, 6.0),
        (lambda x: [asking(x), x, 1.0], True, [6.0, 3.0, 1.0]),
    ):
        subject, run = Subject(f, (3.0,), several=several), Run()
        assert subject.values([3.0]) == expected
        found = subject.values(run.watch([3.0]))
        numbers = found if several else [found]
        assert [float(unwatched(x)) for x in numbers] == np.atleast_1d(expected).tolist()
        assert run.path == [("multiply", None)]


def test_arguments_come_as_a_vector_where_there_are_arrays():
    assert isinstance(Subject(np.sum, (np.ones(2),)).floats(), np.ndarray)
    assert Subject(ag.exp, (Fraction(1, 2),)).floats() == [0.5]


def test_points_that_are_refused():
    with pytest.raises(TypeError, match=r"args\[1\] = 1j is complex"):
        Subject(lambda x, y: x, (0.5, 1j))
    with pytest.raises(ValueError, match="there is no number to differentiate by"):
        Subject(lambda x: x, ("text",))


def test_results_are_flattened_to_numbers():
    assert flattened({"a": [1.0, None], "b": ("text", True, np.array([[2.0]]))}) == [1.0, 2.0]
    assert flattened(None) == flattened([]) == []
