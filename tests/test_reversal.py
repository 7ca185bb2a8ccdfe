"""chain: the loop's numbers and derivatives, the fewest steps, and little memory."""

import tracemalloc
from fractions import Fraction
from functools import cache

import pytest

import autograd
from autograd import Value, chain, checkpoint, compile, grad, hessian, jacobian, jvp, no_grad
from autograd.transforms.reversal import forward_steps


def loop(step, state, n):
    for i in range(n):
        state = step(state, i)
    return state


# -- the schedule -------------------------------------------------------------------------------
@cache
def fewest(n, snapshots):
    """The least number of steps beside the swept ones, by trying every place for a snapshot."""
    if n == 1:
        return 0
    if snapshots == 1:
        return n * (n - 1) // 2
    return min(m + fewest(n - m, snapshots - 1) + fewest(m, snapshots) for m in range(1, n))


@pytest.mark.parametrize("snapshots", [1, 2, 3, 5, 8])
@pytest.mark.parametrize("n", [1, 2, 3, 7, 10, 30])
def test_no_schedule_takes_fewer_steps(n, snapshots):
    assert forward_steps(n, snapshots) == fewest(n, snapshots)


@pytest.mark.parametrize(
    ("n", "snapshots", "published"), [(10, 3, 15), (100, 5, 316), (1000, 10, 3636)]
)
def test_the_published_numbers_of_steps_are_what_a_sweep_takes(n, snapshots, published):
    ran = []

    def step(x, i):
        ran.append(i)
        return x * 0.99 + 0.1

    x = Value(1.0)
    chain(step, x, n, snapshots=snapshots).backward()
    assert len(ran) - n == forward_steps(n, snapshots) == published
    assert x.grad == pytest.approx(0.99**n, rel=1e-12)


@pytest.mark.parametrize("snapshots", [1, 2, 3, 4, 9])
@pytest.mark.parametrize("n", [1, 2, 5, 17, 40])
def test_each_schedule_takes_as_few_as_there_are(n, snapshots):
    ran = []
    chain(lambda x, i: (ran.append(i), x.sin())[1], Value(1.0), n, snapshots=snapshots).backward()
    assert len(ran) - n == forward_steps(n, snapshots)


def test_memory_is_that_of_few_states_whatever_the_length():
    def most(run):
        tracemalloc.start()
        run().backward()
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    def step(x, _):
        return (x * 1.01).tanh() + 0.1

    most(lambda: chain(step, Value(0.3), 10, snapshots=4))  # what is made once
    short, long = (most(lambda n=n: chain(step, Value(0.3), n, snapshots=8)) for n in (200, 5_000))
    assert long < 2 * short < most(lambda: loop(step, Value(0.3), 5_000)) / 20


# -- derivatives --------------------------------------------------------------------------------
def mixed(state, i):
    """Numbers in containers; one is passed on, one is constant, one was captured as well."""
    x, (v, w), _ = state["x"], state["vw"], state["c"]
    return {"x": x * v + w * i, "vw": (v - x * w / 3, w), "c": Fraction(1, 2)}


def of_mixed(run):
    def function(p):
        a, b, w = p
        out = run(mixed, {"x": a * b, "vw": (b, w), "c": a})
        return out["x"] * out["vw"][0] + out["vw"][1] * out["c"] * a

    return function


POINT = [Fraction(1, 3), Fraction(-2, 5), Fraction(3, 4)]


@pytest.mark.parametrize("snapshots", [1, 2, 3])
def test_derivatives_of_all_orders_are_exactly_those_of_the_loop(snapshots):
    plain = of_mixed(lambda step, state: loop(step, state, 4))
    kept = of_mixed(lambda step, state: chain(step, state, 4, snapshots=snapshots))
    assert kept(POINT) == plain(POINT)
    assert grad(kept)(POINT) == grad(plain)(POINT)
    assert hessian(kept)(POINT) == hessian(plain)(POINT)
    direction = [Fraction(1), Fraction(-1), Fraction(2)]
    assert jvp(kept, (POINT,), (direction,)) == jvp(plain, (POINT,), (direction,))
    third = [grad(lambda p, f=f: grad(lambda q: grad(f)(q)[0])(p)[1])(POINT) for f in (kept, plain)]
    assert third[0] == third[1]


def test_what_is_a_state_and_captured_too_counts_as_both():
    w = Value(0.7)

    def step(x, i):
        return (x * w).sin() + w * i

    expected = grad(lambda a: loop(lambda x, i: (x * a).sin() + a * i, a, 6))(0.7)
    chain(step, w, 6, snapshots=2).backward()
    assert w.grad == pytest.approx(expected, rel=1e-14)


def test_each_step_may_capture_values_of_its_own():
    weights = [Value(0.1 * k) for k in range(1, 8)]
    x = Value(0.5)
    chain(lambda x, i: (x + weights[i]).tanh(), x, 7, snapshots=2).backward()
    kept = [x.grad, *(w.grad for w in weights)]
    for leaf in (x, *weights):
        leaf.grad = 0
    loop(lambda x, i: (x + weights[i]).tanh(), x, 7).backward()
    assert kept == [x.grad, *(w.grad for w in weights)]


def test_it_can_be_swept_again_and_gradients_add_up():
    x = Value(0.4)
    y = chain(lambda x, _: x.sin(), x, 9, snapshots=2)
    y.backward()
    once = x.grad
    y.backward()
    assert x.grad == 2 * once


def test_a_step_may_take_derivatives():
    """As a step of Newton's method does: torch 102223."""

    def newton(run):
        def step(x, _):
            return x - (x * x - a) / grad(lambda z: z * z - a)(x)

        a = Value(2.0)
        run(step, Value(1.5)).backward()
        return a.grad

    kept = newton(lambda step, x: chain(step, x, 5, snapshots=2))
    assert kept == pytest.approx(newton(lambda step, x: loop(step, x, 5)), rel=1e-12)
    assert kept == pytest.approx(0.5 / 2**0.5, rel=1e-12)


def test_thousands_of_chains_beside_each_other_and_after_each_other():
    """Where a sweep that ran within itself would have no stack left: torch 6959."""
    w = Value(0.5)
    y = autograd.sum([chain(lambda x, _: x * w, Value(1.0), 2) for _ in range(2_000)])
    y.backward()
    assert w.grad == 2_000
    z = w
    for _ in range(500):
        z = chain(lambda x, _: x * 1.0, z, 2)
    w.grad = 0
    z.backward()
    assert w.grad == 1


def test_what_a_root_does_not_need_is_not_swept():
    a, b = Value(2.0), Value(3.0)
    state = chain(lambda s, _: [s[0] * 2, s[1] * 3], [a, b], 4, snapshots=2)
    state[0].backward()
    assert (a.grad, b.grad) == (16.0, 0.0)


def test_hooks_of_captured_values_run_once_a_sweep():
    w, seen = Value(2.0), []
    w.register_hook(seen.append)
    chain(lambda x, _: x * w, Value(1.0), 3, snapshots=1).backward()
    assert seen == [12.0]


def test_jacobians_of_a_state_take_a_sweep_for_each_number():
    def f(xs):
        return chain(lambda s, _: [s[1] * s[0], s[0] + s[1]], xs, 3, snapshots=2)

    assert jacobian(f)([2.0, 3.0]) == jacobian(
        lambda xs: loop(lambda s, _: [s[1] * s[0], s[0] + s[1]], xs, 3)
    )([2.0, 3.0])


# -- where there is nothing to remember ----------------------------------------------------------
def test_plain_numbers_stay_plain_numbers():
    assert chain(lambda x, i: x + i, 1.5, 3) == 4.5
    with no_grad():
        y = chain(lambda x, _: x * 2, Value(1.5), 3)
    assert (y.data, y.parents) == (12.0, ())


def test_compiled_it_is_the_loop():
    f = compile(lambda x: chain(lambda x, _: x.sin(), x, 4))
    assert f.value_and_grad(0.3)[1] == pytest.approx(
        grad(lambda x: loop(lambda x, _: x.sin(), x, 4))(0.3), rel=1e-15
    )


# -- what is refused ----------------------------------------------------------------------------
@pytest.mark.parametrize("given", [{"n": 0}, {"n": 2.0}, {"n": True}, {"n": 3, "snapshots": 0}])
def test_counts_are_whole_numbers(given):
    with pytest.raises(ValueError, match="is a whole number of at least 1; got"):
        chain(lambda x, _: x, Value(1.0), **given)


def test_a_step_keeps_the_structure():
    with pytest.raises(ValueError, match=r"a state of the structure .* of 1 numbers; it gave 2"):
        chain(lambda x, _: [x, x], Value(1.0), 3)


def test_a_step_that_does_something_else_the_second_time_is_an_error():
    drawn = iter(range(100))
    y = chain(lambda x, _: x * next(drawn), Value(1.0), 5, snapshots=1)
    with pytest.raises(RuntimeError, match="gave another result when it ran again"):
        y.backward()


def test_data_that_was_changed_is_an_error():
    w = Value(2.0)
    y = chain(lambda x, _: x * w, Value(1.0), 5, snapshots=1)
    w.data = 3.0
    with pytest.raises(RuntimeError, match="data was changed after a chain had been computed"):
        y.backward()


def test_complex_numbers_are_refused():
    with pytest.raises(TypeError, match="chain takes steps between real numbers"):
        chain(lambda x, _: x * 1j, Value(1.0), 2)


# -- checkpoint, which is of the same kind --------------------------------------------------------
def test_many_results_take_one_run_and_one_sweep():
    runs, seen = [], []
    w = Value(0.5)
    inner = w * 1.0
    inner.register_hook(seen.append)

    @checkpoint
    def f(x):
        runs.append(1)
        return [x * inner * k for k in range(20)]

    x = Value(2.0)
    autograd.sum(f(x)).backward()
    assert (x.grad, w.grad, len(runs), len(seen)) == (95.0, 380.0, 2, 1)


def test_all_derivatives_of_many_results_are_exact():
    def f(p):
        x, y = p
        return [x * y, x * x * y, y]

    def total(run):
        return lambda p: autograd.prod([z * z + p[0] for z in run(f, p)])

    plain, kept = total(lambda f, p: f(p)), total(lambda f, p: checkpoint(f)(p))
    point = [Fraction(1, 3), Fraction(5, 7)]
    assert grad(kept)(point) == grad(plain)(point)
    assert hessian(kept)(point) == hessian(plain)(point)
    assert jvp(kept, (point,), (point,)) == jvp(plain, (point,), (point,))
