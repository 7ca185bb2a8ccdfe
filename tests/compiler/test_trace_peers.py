"""Reports about tracing in other libraries, tried here."""

import math

import pytest

from autograd import TraceError, Value, compile, where


def test_state_that_each_call_moves_on_is_refused():
    """jax #4312: a global key that is split at each call stays what it was when it was traced."""
    key = [1]

    def init(x):
        key[0] = key[0] * 16807 % 2147483647
        return x * key[0] / 2147483647

    with pytest.raises(TraceError, match="does not do the same each time"):
        compile(init)(1.0)


def test_a_buffer_that_the_function_writes_to_is_refused():
    """pytorch #115774: a compiled model goes on with the buffer that it was traced with."""

    class Model:
        cache = (0.0, 0.0)

        def __call__(self, x):
            self.cache = (x, *self.cache[1:])
            return sum(self.cache)

    model = Model()
    with pytest.raises(TraceError, match="keeps a traced Value somewhere"):
        compile(model)(2.0)


def test_an_accumulator_is_refused():
    """pytorch #140539: a traced module loses what it adds up from call to call."""

    class Model:
        total = 0.0

        def __call__(self, x):
            self.total = self.total + x
            return self.total * 2

    with pytest.raises(TraceError, match="keeps a traced Value somewhere"):
        compile(Model())(1.0)


class State:
    factor = 1.0
    branch = True


@pytest.mark.parametrize("attribute", ["factor", "branch"])
def test_an_attribute_that_changes_between_calls_is_found_by_check(attribute):
    """pytorch #176851, numba #253: the number of the first call is computed with for ever."""
    State.factor, State.branch = 1.0, True
    f = compile(lambda x: x * State.factor if State.branch else -x, check=True)
    assert f(4.0) == 4.0
    setattr(State, attribute, {"factor": 10.0, "branch": False}[attribute])
    with pytest.raises(RuntimeError, match=r"frozen.*pass it as an argument"):
        f(4.0)


def test_a_branch_that_is_not_taken_leaves_no_nan_in_any_order():
    """casadi #1805 and #1878: the Jacobian of if_else(x > 0, sqrt(x), 0) is nan at x < 0."""
    f = compile(lambda x: where(x > 0, x.sqrt(), 0.0) + 0 * x)
    assert [f.value_and_grad(x) for x in (-1.0, 0.0, 1.0)] == [(0.0, 0.0), (0.0, 0.0), (1.0, 0.5)]
    assert [f.hessian(x) for x in (-3.0, 0.0, 1.0)] == [0.0, 0.0, -0.25]
    assert f.cost.traces == 2


def test_a_constant_in_a_branch_keeps_the_other_branch_moving():
    """casadi #1553: a conditional with a constant in one branch has gradient 0."""
    f = compile(lambda c, x: where(c > 0.5, 0.0, x.sin()) * 2)
    assert f.value_and_grad(0.0, 2.0) == (2 * math.sin(2.0), (0.0, 2 * math.cos(2.0)))
    assert f.value_and_grad(1.0, 2.0) == (0.0, (0.0, 0.0))


def test_a_truth_value_is_no_constant():
    """pytorch #23498, #21774: the branch of the example is that of all later calls."""

    def function(x):
        assert x > -100
        return [x * x, -x][bool(x < 0)] if x != 0 else x + 1

    f = compile(function)
    assert [f(x) for x in (2.0, -2.0, 0.0, 3.0)] == [4.0, 2.0, 1.0, 9.0]
    with pytest.raises(AssertionError):
        f(-101.0)


def test_a_list_that_is_two_arguments_at_once_is_two_lists():
    """pytorch #120861: what is passed is also a global, and guarded as the global."""
    numbers = [1.0, 2.0, 3.0]
    f = compile(lambda xs, x: x + numbers[-1] + xs[-1])
    assert f(numbers, 1.0) == 7.0
    assert f([3.0, 2.0, 1.0], 1.0) == 5.0
    assert f([1.0, 2.0], 1.0) == 6.0


def test_a_traced_value_that_escapes_is_named_when_it_is_used():
    """jax #3086, #4312: an escaped tracer fails far away, or not at all."""
    kept = {}

    def function(x):
        kept["y"] = x * 2
        return x

    with pytest.raises(TraceError, match="function keeps a traced Value somewhere"):
        compile(function)(1.0)
    with pytest.raises(TraceError, match="kept after the function had returned"):
        kept["y"] + 1.0


def test_an_argument_is_not_changed():
    """HIPS autograd #177 refuses it: what a function assigns to its argument stays its own."""

    def function(xs):
        xs[0] = xs[0] * 2
        xs.append(xs[0])
        return xs[0] * xs[1] + xs[-1]

    xs = [1.0, 3.0]
    f = compile(function)
    assert f.value_and_grad(xs) == (8.0, [8.0, 2.0])
    assert xs == [1.0, 3.0]


def test_a_number_that_a_closure_rebinds_is_an_argument_of_another_function():
    """numba's frozen globals again: a function that is made anew is traced anew."""
    made = [compile(lambda x, k=k: x * k) for k in (1, 2, 3)]
    assert [f(10.0) for f in made] == [10.0, 20.0, 30.0]


def test_a_learning_rate_that_is_a_value_is_read_at_each_call():
    rate = Value(0.1)
    step = compile(lambda w: w - rate * 2 * w)
    assert step(1.0) == 0.8
    rate.data = 0.5
    assert step(1.0) == 0.0
