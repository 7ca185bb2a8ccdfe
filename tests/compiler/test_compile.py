"""compile: the answers of eager computation, by programs that are kept."""

import collections
import gc
import inspect
import itertools
import math
import random
import subprocess
import sys
import threading
import warnings
import weakref
from fractions import Fraction

import numpy as np
import pytest

import autograd
from autograd import Value, compile, detect_anomaly, no_grad, pick, where
from autograd.compiler import compiled as module

INF, NAN = math.inf, math.nan


def same(x, y):
    return x == y or (x != x and y != y)


def all_same(xs, ys):
    flat = [autograd.transforms.trees.flatten(x, scalars=True)[0] for x in (xs, ys)]
    return len(flat[0]) == len(flat[1]) and all(map(same, *flat))


# -- answers ----------------------------------------------------------------------------------


def sorting(xs):
    """Branches: an insertion sort."""
    done = []
    for x in xs:
        i = len(done)
        while i and done[i - 1] > x:
            i -= 1
        done.insert(i, x)
    return sum(x * k for k, x in enumerate(done))


def newton(a):
    """A loop whose end depends on the number."""
    x = a * 0 + 1.0
    while abs(x * x - a) > 1e-9:
        x = (x + a / x) / 2
    return x


def pieces(xs):
    """Choices, ties and n-ary rows."""
    low, *_, high = xs
    y = where(low > high, low.sqrt(), -high) + autograd.max(xs) * autograd.min(xs)
    return y * autograd.logsumexp(xs) + autograd.norm(xs) + autograd.softmax(xs)[0]


def black_scholes(s, k, r, v, t):
    d = (autograd.log(s / k) + (r + v * v / 2) * t) / (v * autograd.sqrt(t))
    return s * autograd.normal_cdf(d) - k * autograd.exp(-r * t) * autograd.normal_cdf(
        d - v * autograd.sqrt(t)
    )


def units(x):
    return x.relu() + x.clip(-1.0, 1.0) + abs(x) + x.maximum(0.5) + x.elu() + x.heaviside()


PROGRAMS = {
    "branches": (sorting, lambda rng: [[rng.choice([1.0, 2.0, rng.random()]) for _ in range(4)]]),
    "a loop": (newton, lambda rng: [rng.uniform(0.1, 30.0)]),
    "ties": (pieces, lambda rng: [[rng.choice([0.5, 1.0, 2.0, rng.random()]) for _ in range(3)]]),
    "nan and inf": (pieces, lambda rng: [[rng.choice([NAN, INF, -INF, 1.0]) for _ in range(3)]]),
    "a formula": (black_scholes, lambda rng: [rng.uniform(0.5, 2.0) for _ in range(5)]),
    "kinks": (units, lambda rng: [rng.choice([0.0, -0.0, 1.0, -1.0, 0.5, NAN, INF, -2.0])]),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_values_and_gradients_are_those_of_eager_computation(name):
    function, draw = PROGRAMS[name]
    rng = random.Random(name)
    f = compile(function)
    for _ in range(30):
        args = draw(rng)
        argnums = 0 if len(args) == 1 else tuple(range(len(args)))
        value, slopes = autograd.value_and_grad(function, argnums)(*args)
        assert all_same(f.value_and_grad(*args), (value, slopes)), args
        assert same(f(*args), value)


@pytest.mark.parametrize("name", ["a loop", "a formula"])
def test_second_derivatives_are_those_of_eager_computation(name):
    function, draw = PROGRAMS[name]
    rng = random.Random(name)
    f = compile(lambda xs: function(*xs))
    eager = autograd.hessian(lambda xs: function(*xs))
    for _ in range(5):
        xs, vector = draw(rng), draw(rng)
        true = np.array(eager(xs))
        assert np.allclose(f.hessian(xs), true, rtol=1e-10, atol=1e-12 * abs(true).max())
        product = true @ vector
        assert np.allclose(f.hvp(xs, vector), product, rtol=1e-9, atol=1e-12 * abs(true).max())


def test_the_hessian_is_structured_as_eagerly():
    def function(x, y):
        return x[0] ** 2 * x[1] * y

    f = compile(function)
    for args in (([2.0, 3.0], 4.0), (np.array([2.0, 3.0]), 4.0)):
        got, true = f.hessian(*args), autograd.hessian(function, (0, 1))(*args)
        assert repr(got) == repr(true)
    square = compile(lambda x: (x * x).sum())
    got = square.hessian(np.ones((2, 2)))
    assert got.shape == (2, 2, 2, 2)
    assert square.hvp(np.ones((2, 2)), np.eye(2)).tolist() == [[2.0, 0.0], [0.0, 2.0]]
    with pytest.raises(ValueError, match="structured like the argument"):
        f.hvp([1.0, 2.0], [1.0])


Point = collections.namedtuple("Point", "x y")


@pytest.mark.parametrize(
    "args",
    [
        (1.0,), (1.0, 2.0), ([1.0, 2.0],), ((1.0, 2.0),), ({"b": 1.0, "a": [2.0]},),
        (Point(1.0, [2.0]),), (np.array([1.0, 2.0]),), (np.ones((2, 1, 2)),), (np.array(3.0),),
        (np.float64(2.0),), (np.float32(0.5),), (2, [3, 4.0]), ([],), ([1.0, [2.0, (3.0,)]], {}),
        (collections.OrderedDict(a=1.0),), (np.array([1, 2]), True and 1.0),
    ],
)  # fmt: skip
def test_arguments_of_any_structure(args):
    """As for value_and_grad: gradients are structured like them, bare for one."""

    def function(*args):
        numbers = autograd.transforms.trees.flatten(list(args))[0]
        return sum((x * x * (k + 1) for k, x in enumerate(numbers)), 0.5)

    argnums = 0 if len(args) == 1 else tuple(range(len(args)))
    true = autograd.value_and_grad(function, argnums)(*args)
    f = compile(function)
    for _ in range(2):
        got = f.value_and_grad(*args)
        assert repr(got) == repr(true)
        assert type(got[0]) is float


@pytest.mark.parametrize(
    "function",
    [
        lambda x: [x, 2 * x],
        lambda x: (x, [x, {"a": x}]),
        lambda x: Point(x, 1),
        lambda x: np.array([x, 1.0]),
        lambda x: np.array([[x, x * x]]) * 2,
        lambda x: np.array(x),
        lambda x: {"x": x, "y": ()},
        lambda x: [],
        lambda x: 2,
        lambda x: x,
        lambda x: (x > 0) * (x > 1),
    ],
)
def test_results_of_any_structure(function):
    """What the function would give, as floats: those that a pullback's value has."""
    true, _ = autograd.vjp(function, 1.5)
    got = compile(function)(1.5)
    assert repr(got) == repr(autograd.jvp(function, (1.5,), (0.0,))[0])
    assert all_same(got, true)
    assert {type(x) for x in autograd.transforms.trees.flatten(got)[0]} <= {float}


def test_what_is_no_number_is_refused():
    f = compile(lambda x: x)
    for bad in ("1", None, [True], [None], {1.0}):
        with pytest.raises(TypeError, match=r"has to be a number|argument 0"):
            f(bad)
    with pytest.raises(TypeError, match="a function is needed"):
        compile(3.0)
    with pytest.raises(TypeError):
        f(1.0, 2.0)
    assert f(1.0) == 1.0


# -- paths ------------------------------------------------------------------------------------


def test_each_path_is_traced_once():
    runs = []

    @compile
    def f(x):
        runs.append(1)
        return x if x > 0 else x * x

    assert [f(x) for x in (2.0, 3.0, -2.0, 4.0, -3.0, 2.0)] == [2.0, 3.0, 4.0, 4.0, 9.0, 2.0]
    assert len(runs) == f.cost.traces == 4
    assert f.cost.scalars > 0 < f.cost.tracing < 10
    assert "4 traces" in repr(f.cost)


def test_arguments_of_other_structures_have_paths_of_their_own():
    f = compile(lambda xs: autograd.sum(xs))
    assert f([1.0]) == 1.0
    assert f([1.0, 2.0]) == 3.0
    assert f((1.0, 2.0)) == 3.0
    assert f.cost.traces == 6


def test_too_many_paths_are_computed_eagerly(monkeypatch):
    monkeypatch.setattr(module, "MOST_PATHS", 2)

    @compile
    def f(x):
        for k in range(10):
            if x < k:
                return x * k
        return x

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert [f(0.5), f(1.5)] == [0.5, 3.0]
    with pytest.warns(RuntimeWarning, match=r"more than 2 paths.*where"):
        assert f(2.5) == 7.5
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert f.value_and_grad(3.5) == (14.0, 4.0)
        assert f.value_and_grad(0.5) == (0.5, 1.0)


def test_a_program_can_be_read():
    @compile
    def square(x, y=2.0):
        """Return a product."""
        return x * y * x

    with pytest.raises(RuntimeError, match="has not been traced yet: call it once"):
        square.program  # noqa: B018
    assert (square.__name__, square.__doc__) == ("square", "Return a product.")
    assert repr(square) == "<compiled square>"
    assert str(inspect.signature(square)) == "(x, y=2.0)"
    assert square(3.0) == 18.0
    assert str(square.program) == "program(x):\n    v2 = x * 2.0\n    v3 = v2 * x\n    return v3"
    assert square(3.0, 1.0) == 9.0
    assert square.program.stats()["operations"] == 2
    assert square.source().startswith("def square(x, y):")
    with pytest.raises(ValueError, match="'python', 'c' or 'jax'; got 'fortran'"):
        square.source("fortran")


# -- what is captured -------------------------------------------------------------------------


def test_captured_values_are_read_at_each_call():
    w = Value(2.0)
    f = compile(lambda x: w * x + w * w)
    assert f(3.0) == 10.0
    w.data = 3.0
    assert f(3.0) == 18.0
    w.data = 4  # an int, as a user may put it
    assert f(3.0) == 28.0
    assert f.value_and_grad(3.0) == (28.0, 4.0)
    w.data = Fraction(1, 2)
    assert f(Fraction(1)).data == Fraction(3, 4)


def test_it_is_traced_again_only_where_a_captured_number_changes_for_the_first_time():
    moving, standing, late, undefined = map(Value, (1.0, 2.0, 3.0, NAN))
    f = compile(lambda x: moving * x + standing * late + where(x > 0, 0.0, undefined))
    traces = []
    for step in range(6):
        assert f(2.0) == moving.data * 2.0 + standing.data * late.data
        traces.append(f.cost.traces)
        moving.data += 1.0
        late.data += step == 2
    assert traces == [2, 3, 3, 4, 4, 4]


def test_backward_adds_the_gradient_to_what_is_captured():
    w, unused = Value(2.0), Value(5.0)
    seen = []
    hook = w.register_hook(lambda g: seen.append(g) or g * 10)
    f = compile(lambda x: where(x > 0, w * w, unused) * x)
    assert f.backward(3.0) == 12.0
    assert (w.grad, unused.grad, seen) == (120.0, 0.0, [12.0])
    hook.remove()
    f.backward(3.0)
    assert w.grad == 132.0
    f.backward(-1.0)
    assert unused.grad == -1.0


def test_the_gradients_of_what_is_captured_begin_with_those_of_eager_computation():
    rng = random.Random(1)
    ws = [Value(rng.gauss(0, 1)) for _ in range(6)]

    def loss(x):
        return (autograd.dot(ws[:2], [x, x * x], ws[2]).tanh() * ws[3] + ws[4] * ws[4] * x).exp()

    f = compile(loss, check=True)
    f.backward(0.7)
    got = [w.grad for w in ws]
    for w in ws:
        w.zero_grad()
    loss(0.7).backward()
    assert got == [w.grad if w is not ws[5] else 0 for w in ws]


# -- where the function itself runs -----------------------------------------------------------


def test_of_values_it_is_the_function_itself():
    f = compile(lambda x, y: x * y if x > 0 else y)
    x = Value(3.0)
    y = f(x, 2.0)
    y.backward()
    assert (y.data, x.grad) == (6.0, 2.0)
    assert autograd.grad(lambda x: f(x, x) * x)(2.0) == 12.0
    assert f(Fraction(1, 2), Fraction(1, 3)) == Fraction(1, 6)
    third = Fraction(1, 3)
    assert f.value_and_grad(Fraction(1, 2), third) == (Fraction(1, 6), (third, Fraction(1, 2)))
    value, slopes = f.value_and_grad(Value(3.0), 2.0)
    assert (value.data, slopes[0].data) == (6.0, 2.0)


def test_variables_of_a_derivative_around_it_are_reached():
    """It captures one, or what was computed from one."""

    def outer(w):
        f = compile(lambda x: w * x * x)
        g = compile(lambda x, v=2 * w: v * x)
        return f(2.0) + g(3.0)

    assert autograd.grad(outer)(5.0) == 10.0
    assert autograd.grad(autograd.grad(lambda w: compile(lambda x: w**3 * x)(2.0)))(5.0) == 60.0
    w = Value(5.0)
    f = compile(lambda x: w * x)
    assert f(2.0) == 10.0  # w is no variable yet

    def moved(v):
        w.data = v.data
        return f(v)

    assert autograd.grad(moved)(3.0) == 5.0 * 0 + 3.0


def test_inside_of_what_is_compiled_it_is_part_of_the_program():
    w = Value(2.0)
    inner = compile(lambda x: w * x)
    outer = compile(lambda x: inner(x) * inner(2.0))
    assert outer(3.0) == 24.0
    w.data = 3.0
    assert outer(3.0) == 54.0
    assert outer.value_and_grad(3.0) == (54.0, 18.0)


def test_where_each_node_is_looked_at_it_runs_eagerly():
    f = compile(lambda x: autograd.log(x))
    assert f(1.0) == 0.0
    with pytest.raises(autograd.AnomalyError), detect_anomaly():
        f(-1.0)
    with no_grad():
        assert f(1.0) == 0.0
        assert f.value_and_grad(1.0) == (0.0, 1.0)


# -- check ------------------------------------------------------------------------------------


class Settings:
    factor = 1.0


def test_frozen_state_is_found_by_check():
    for kind in ("value", "gradient"):
        Settings.factor = 1.0
        f = compile(lambda x: x * Settings.factor, check=True)
        ask = f if kind == "value" else f.value_and_grad
        ask(4.0)
        Settings.factor = 10.0
        with pytest.raises(RuntimeError, match=r"it has 4\.0 for 40\.0.*frozen"):
            ask(4.0)


def test_frozen_state_is_found_by_check_in_backward():
    w = Value(2.0)
    Settings.factor = 1.0
    f = compile(lambda x: x * w * Settings.factor, check=True)
    f.backward(4.0)
    Settings.factor = 10.0
    with pytest.raises(RuntimeError, match="frozen"):
        f.backward(4.0)
    assert w.grad == 4.0


def test_check_is_a_decorator_with_arguments():
    @compile(check=True)
    def f(x):
        return x * x

    assert f.value_and_grad(3.0) == (9.0, 6.0)


# -- pick -------------------------------------------------------------------------------------


def test_pick_takes_the_element_at_a_computed_place():
    xs = [Value(10.0), 20.0, Value(30.0), INF, NAN]
    for i in (0, 1, 2, 3, 4):
        assert same(pick(xs, i).data if i in (0, 2) else pick(xs, i), [10, 20, 30, INF, NAN][i])
        assert pick(xs, Value(i)) is xs[i]
    f = compile(lambda xs, i: pick(xs, i), check=True)
    for i in range(5):
        numbers = [10.0, 20.0, 30.0, INF, NAN]
        value, (slopes, of_place) = f.value_and_grad(numbers, i)
        assert same(value, numbers[i])
        assert (slopes, of_place) == ([float(k == i) for k in range(5)], 0.0)
    assert f.cost.traces == 2, "one program serves every place"


@pytest.mark.parametrize("place", [-1, 3, 1.5, NAN])
def test_there_is_no_place_outside_or_between(place):
    xs = [1.0, 2.0, 3.0]
    with pytest.raises(IndexError, match="no place"):
        pick(xs, Value(place))
    f = compile(lambda i: pick(xs, i))
    assert f(1.0) == 2.0
    with pytest.raises(IndexError, match="no place"):
        f(place)
    if place in (-1, 3):
        with pytest.raises(IndexError, match="no place"):
            pick(xs, place)


# -- the house --------------------------------------------------------------------------------


def test_importing_autograd_imports_neither_numpy_nor_the_compiler():
    code = (
        "import sys, autograd; print('numpy' in sys.modules, 'autograd.compiler' in sys.modules); "
        "autograd.compile; print('numpy' in sys.modules)"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout == "False False\nTrue\n"


def test_threads_may_call_one_compiled_function():
    w = Value(2.0)
    f = compile(lambda x: x * w if x > 0 else x - w)
    answers = {}

    def run(k):
        rng = random.Random(k)
        answers[k] = []
        for _ in range(200):
            x = rng.uniform(-1, 1)
            answers[k].append(f.value_and_grad(x) == ((x * 2.0, 2.0) if x > 0 else (x - 2.0, 1.0)))

    threads = [threading.Thread(target=run, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(map(all, answers.values()))
    assert len(answers) == 4


def test_a_compiled_function_keeps_no_values_but_the_captured():
    w = Value(2.0)
    f = compile(lambda x: (x * w).tanh() + Value(1.0))
    f(1.0)
    gc.collect()
    traced = [x for x in gc.get_objects() if type(x).__name__ in ("Traced", "Condition")]
    assert not [x for x in traced if type(x).__module__ == "autograd.compiler.traced"]


def test_a_long_loop_is_compiled():
    """No recursion: 20,000 operations, one after the other."""

    def function(x):
        y = x
        for _ in range(10_000):
            y = y * 0.999 + x * 0.001
        return y

    f = compile(function)
    value, slope = f.value_and_grad(0.5)
    assert value == pytest.approx(0.5, rel=1e-12)
    assert (value, slope) == autograd.value_and_grad(function)(0.5)


# -- keyword arguments --------------------------------------------------------------------------
def scaled(x, y=1.0, *, factor=2.0, way="product", on=True):
    return x * x * y * factor if way == "product" and on else x + y


@pytest.mark.parametrize(
    ("args", "keywords"),
    [
        ((3.0,), {}),
        ((3.0,), {"factor": 5.0}),
        ((3.0,), {"factor": 7.0}),
        ((3.0, 4.0), {"factor": 5.0, "way": "sum"}),
        ((3.0,), {"y": 4.0, "on": False}),
        ((3.0,), {"on": True, "way": "product"}),
    ],
)
def test_keyword_arguments_mean_what_they_do_eagerly(args, keywords):
    f = compile(scaled, check=True)
    argnums = 0 if len(args) == 1 else (0, 1)
    for _ in range(2):
        assert f(*args, **keywords) == scaled(*args, **keywords)
        true = autograd.value_and_grad(scaled, argnums)(*args, **keywords)
        assert all_same(f.value_and_grad(*args, **keywords), true)


def test_numbers_by_keyword_are_arguments_of_the_program_and_other_objects_are_its_own():
    f = compile(scaled)
    for factor in (5.0, 7.0):
        assert f(3.0, factor=factor) == 9.0 * factor
    assert str(f.program).startswith("program(x, factor):")
    assert f.cost.traces == 2
    assert f(3.0, factor=7.0, on=1.0) == f(3.0, factor=7.0)  # a number: a guard tells
    assert f(3.0, on=False) == 4.0
    assert f.source().startswith("def scaled(x):")


def test_programs_for_objects_that_are_others_at_each_call_are_not_kept_for_ever(monkeypatch):
    monkeypatch.setattr(module, "MOST_PATHS", 3)
    f = compile(lambda x, *, way: x * x)
    objects = [type("Way", (), {})() for _ in range(5)]
    watched = [weakref.ref(x) for x in objects]
    assert [f(3.0, way=x) for x in objects] == [9.0] * 5
    del objects
    gc.collect()
    assert [x() is None for x in watched] == [True, True, False, False, False]


def test_derivatives_are_by_positional_arguments():
    f = compile(scaled)
    with pytest.raises(TypeError, match="by its positional arguments, but all of x, y were given"):
        f.value_and_grad(x=1.0, y=2.0)
    with pytest.raises(TypeError, match=r"way of scaled has to be a tree .* got \[\{\}\]"):
        f(1.0, way=[{}])
    with pytest.raises(TypeError, match="unexpected keyword argument 'z'"):
        f(1.0, z=2.0)


def test_captured_values_have_their_gradient_whatever_is_given_by_keyword():
    w = Value(2.0)
    f = compile(lambda x, *, k: w * x * k)
    assert f.backward(3.0, k=5.0) == 30.0
    assert w.grad == 15.0


def test_a_method_is_compiled_when_it_is_bound():
    class Model:
        def __init__(self):
            self.w = Value(2.0)
            self.own = compile(self.loss)

        def loss(self, x):
            return self.w * x

        @compile
        def other(self, x):
            return self.w * x

    assert Model().own.value_and_grad(3.0) == (6.0, 2.0)
    assert "compiled" in repr(Model.other)
    with pytest.raises(TypeError, match=r"compile the bound method once, as in self.f = "):
        Model().other(3.0)


# -- check: second derivatives ------------------------------------------------------------------
@pytest.mark.parametrize("name", ["hessian", "hvp"])
def test_frozen_state_is_found_by_check_in_second_derivatives(name):
    class Settings:
        factor = 2.0

    f = compile(lambda x: x * x * Settings.factor, check=True)
    second = {"hessian": lambda: f.hessian(3.0), "hvp": lambda: f.hvp(3.0, 1.0)}[name]
    assert second() == 4.0
    Settings.factor = 3.0
    with pytest.raises(RuntimeError, match=r"second derivative .* has 4.0 for 6.0"):
        second()


# -- the second derivatives of rows of many operands ---------------------------------------------
MANY = {
    "max": autograd.max, "min": autograd.min, "norm": autograd.norm, "prod": autograd.prod,
    "logsumexp": autograd.logsumexp, "softmax": lambda xs: autograd.softmax(xs)[-1],
    "hypot": lambda xs: autograd.hypot(*xs),
}  # fmt: skip


@pytest.mark.parametrize("name", MANY)
@pytest.mark.parametrize("n", [1, 2, 3])
def test_second_derivatives_of_many_operands_are_eagers_at_ties_infinities_and_nan(name, n):
    f = compile(MANY[name])
    for xs in itertools.product([0.0, 1.0, -2.0, math.inf, -math.inf, math.nan, 1e200], repeat=n):
        true = np.array(autograd.hessian(MANY[name])([*xs]))
        got = np.array(f.hessian([*xs]))
        assert np.allclose(got, true, rtol=1e-12, atol=1e-300, equal_nan=True), xs


def test_the_second_derivatives_of_a_length_do_not_cancel():
    """y^2/r^3, which is lost in 1/r - x^2/r^3."""
    f = compile(autograd.norm)
    assert f.hessian([1.0, 1e-10])[0][0] == pytest.approx(1e-20, rel=1e-15)
    assert f.hessian([1.0, 1e-10, 0.0])[0][0] == pytest.approx(1e-20, rel=1e-15)
