"""map: the answers of eager computation for many lanes, whatever path each of them takes."""

import math
import pickle
import random
import threading
from fractions import Fraction

import numpy as np
import pytest

import autograd
import nn
from autograd import TraceError, Value, compile, detect_anomaly
from autograd.compiler.lanes import machine as machines
from autograd.compiler.lanes import mapping

INF, NAN = math.inf, math.nan
RNG = np.random.default_rng(5)


def eager(function, *args):
    """The value and the gradient of one lane, of numbers one by one."""
    values = [Value(float(x)) for x in args]
    out = function(*values)
    if isinstance(out, Value):
        out.backward()
    return float(getattr(out, "data", out)), [float(x.grad) for x in values]


def piecewise(x, y):
    if x > y:
        return autograd.tanh(x) * y
    if x * y > 0.2:
        return autograd.exp(-x * x) + y
    return x * y + autograd.sin(y)


def newton(x, y):
    root = x * 0 + 1.0
    while abs(root * root - x) > 1e-9:
        root = (root + x / root) / 2
    return root * y


def choosing(x, y):
    best = max(x, y, x * y)
    return best if best > 0 else autograd.where(x > y, x * 2, autograd.sqrt(y * y + 1))


def delicate(x, y):
    return autograd.log(x) * y + autograd.maximum(x, y) / x


@pytest.mark.parametrize("function", [piecewise, newton, choosing, delicate])
def test_each_lane_is_answered_as_eager_answers_it(function):
    x, y = RNG.uniform(0.5, 9.0, 400), RNG.uniform(-1.0, 1.0, 400)
    if function is not newton:
        x = x - 4.0
    g = compile(function)
    values, (by_x, by_y) = g.map_value_and_grad(x, y)
    assert g.map(x, y) == pytest.approx(values, rel=1e-13, nan_ok=True)
    for lane in range(400):
        value, slopes = eager(function, x[lane], y[lane])
        got = values[lane], by_x[lane], by_y[lane]
        assert got == pytest.approx((value, *slopes), rel=1e-12, abs=1e-13, nan_ok=True)


@pytest.mark.parametrize("special", [0.0, -0.0, INF, -INF, NAN, 5e-324, 1e300])
@pytest.mark.parametrize("function", [piecewise, choosing, delicate])
def test_a_special_lane_is_eagers_and_leaves_the_others_alone(function, special):
    xs, ys = [1.5, special, 0.75, special], [0.5, 0.5, special, special]
    values, (by_x, by_y) = compile(function).map_value_and_grad(xs, ys)
    for lane, (x, y) in enumerate(zip(xs, ys, strict=True)):
        value, slopes = eager(function, x, y)
        got = [values[lane], by_x[lane], by_y[lane]]
        assert got == pytest.approx([value, *slopes], rel=1e-13, nan_ok=True)


def test_paths_are_kept_and_every_lane_has_its_own():
    g = compile(lambda x: x * 2 if x > 1 else -x if x > 0 else x / 4)
    assert g.map([2.0, 0.5, -1.0, 3.0]).tolist() == [4.0, -0.5, -0.25, 6.0]
    traces = g.cost.traces
    assert g.map([-4.0, -8.0, 0.25]).tolist() == [-1.0, -2.0, -0.25]
    assert g.cost.traces == traces


def test_beyond_so_many_paths_lanes_are_computed_one_by_one(monkeypatch):
    monkeypatch.setattr(mapping, "MOST_PATHS", 3)

    def steps(x):
        k = 0
        while x > k:
            k += 1
        return x * k

    xs = [0.5, 1.5, 2.5, 3.5, 4.5, 5.5]
    assert compile(steps).map(xs).tolist() == [0.5, 3.0, 7.5, 14.0, 22.5, 33.0]


def test_a_lane_that_its_own_path_does_not_take_is_computed_exactly(monkeypatch):
    """Where roundings of NumPy's functions decide: here they are all made wrong."""

    def passed(machine):
        return np.zeros(machine.rows.shape[1], bool)

    monkeypatch.setattr(machines.Machine, "passed", passed)
    assert compile(lambda x: x * 2 if x > 1 else x).map([2.0, 0.5]).tolist() == [4.0, 0.5]


# -- arguments --------------------------------------------------------------------------------
def test_the_first_axis_is_the_lanes_and_numbers_are_uniform():
    g = compile(lambda x, a: [a * x[0], x[1] + a])
    first, second = g.map(np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), 10.0)
    assert (first.tolist(), second.tolist()) == ([10.0, 30.0, 50.0], [12.0, 14.0, 16.0])


def test_uniform_arguments_are_of_any_structure():
    g = compile(lambda p, x: p["w"][0] * x + p["b"], uniform=0)
    tree = {"w": [2.0, 3.0], "b": 1.0}
    assert g.map(tree, [1.0, 2.0]).tolist() == [3.0, 5.0]
    _, (by_tree, by_x) = g.map_value_and_grad(tree, [1.0, 2.0])
    assert by_tree["w"][0].tolist() == [1.0, 2.0]
    assert by_tree["w"][1].tolist() == [0.0, 0.0]
    assert (by_tree["b"].tolist(), by_x.tolist()) == ([1.0, 1.0], [2.0, 2.0])


def test_a_uniform_array_has_a_gradient_for_each_lane():
    g = compile(lambda w, x: w[0] * x + w[1] * x * x, uniform=(0,))
    _, (by_w, _) = g.map_value_and_grad(np.array([1.0, 2.0]), [3.0, 4.0])
    assert by_w.tolist() == [[3.0, 9.0], [4.0, 16.0]]


@pytest.mark.parametrize(
    "rows", [[[1.0, 2.0], [3.0, 4.0]], [(1, 2), (3, 4)], np.array([[1, 2], [3, 4]], np.float32)]
)
def test_lists_tuples_and_arrays_of_any_float_are_rows(rows):
    values, slopes = compile(lambda x: x[0] * x[1]).map_value_and_grad(rows)
    assert (values.tolist(), slopes.tolist()) == ([2.0, 12.0], [[2.0, 1.0], [4.0, 3.0]])


def test_frames_and_series_are_taken_by_position():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"a": [1.0, 2.0], "b": [3.0, 4.0]}, index=[7, 3])
    weight = pandas.Series([10.0, 20.0], index=[1, 0])
    assert compile(lambda x, t: (x[0] + x[1]) * t).map(frame, weight).tolist() == [40.0, 120.0]


def test_results_are_lanes_first_whatever_they_are_in():
    def f(x):
        return {"a": x, "b": (x * 2, np.array([[x, x * x], [x, 1.0]]))}

    found = compile(f).map([1.0, 2.0, 3.0])
    assert found["a"].tolist() == [1.0, 2.0, 3.0]
    assert found["b"][0].tolist() == [2.0, 4.0, 6.0]
    assert found["b"][1].shape == (3, 2, 2)
    assert found["b"][1][2].tolist() == [[3.0, 9.0], [3.0, 1.0]]


REFUSED = [
    ([1.0], [1.0, 2.0], ValueError, "argument 0 has 1, argument 1 has 2"),
    ([], [], ValueError, "no lanes"),
    (1.0, 2.0, TypeError, "no argument of .* has lanes"),
    ([[1.0], [1.0, 2.0]], [1.0, 2.0], ValueError, "argument 0 is ragged"),
    (np.ma.array([1.0, 2.0], mask=[0, 1]), 1.0, TypeError, "argument 0 of a map .* mask would be"),
    (np.array([Fraction(1, 2)], object), 1.0, TypeError, "argument 0 of a map has to be of floats"),
    ([True, False], [1.0, 2.0], TypeError, "argument 0 has to be of numbers"),
    (["a", "b"], [1.0, 2.0], TypeError, "argument 0 has to be of numbers"),
    ([Value(1.0), Value(2.0)], [1.0, 2.0], TypeError, "argument 0 of a map has to be of floats"),
    ([1j, 2j], [1.0, 2.0], TypeError, "argument 0 has to be of numbers"),
    ({"a": [1.0]}, [1.0], TypeError, "argument 0 has lanes, and has to be an array"),
]


@pytest.mark.parametrize(("x", "y", "error", "message"), REFUSED)
def test_what_is_no_lanes_is_refused_by_name(x, y, error, message):
    with pytest.raises(error, match=message):
        compile(lambda x, y: x * y).map(x, y)


def test_a_gradient_needs_one_number():
    with pytest.raises(TypeError, match="gives a tree of 2"):
        compile(lambda x: [x, x]).map_value_and_grad([1.0, 2.0])


def test_lanes_have_results_of_one_structure():
    with pytest.raises(TypeError, match="lane 1 with another structure"):
        compile(lambda x: x if x > 0 else [x, x]).map([1.0, -1.0])


@pytest.mark.parametrize("uniform", [-1, "x", (0.5,), True])
def test_uniform_names_arguments_by_their_places(uniform):
    with pytest.raises(TypeError, match="by their places"):
        compile(lambda x: x, uniform=uniform)


def test_what_cannot_be_traced_raises_here_too():
    with pytest.raises(TraceError):
        compile(lambda x: float(x) * x).map([1.0, 2.0])


def test_lanes_are_not_watched():
    g = compile(lambda x: x * x)
    with detect_anomaly(), pytest.raises(TypeError, match="call it lane by lane"):
        g.map([1.0])
    with pytest.raises(TypeError, match="call it lane by lane"):
        compile(lambda x: g.map([1.0])[0] * x)(2.0)


def test_the_places_of_uniform_arguments_are_pickled():
    g = pickle.loads(pickle.dumps(compile(math_free, uniform=(1,))))  # noqa: S301  (our own)
    assert g.map([1.0, 2.0], [3.0, 4.0]).tolist() == [7.0, 14.0]


def math_free(x, w):
    return x * (w[0] + w[1])


# -- captured Values --------------------------------------------------------------------------
def test_a_step_over_lanes_is_that_of_the_mean_loss():
    model = nn.MLP(2, [8, 1], activation="tanh", rng=random.Random(1))
    xs, ts = RNG.normal(size=(50, 2)), RNG.choice([-1.0, 1.0], 50)
    g = compile(lambda x, t: autograd.relu(1 - t * model(x)))
    value = g.map_backward(xs, ts)
    got = [p.grad for p in model.parameters()]
    model.zero_grad()
    out = nn.losses.hinge([model(x) for x in xs.tolist()], ts.tolist())
    out.backward()
    assert value == pytest.approx(out.data, rel=1e-13)
    assert got == pytest.approx([p.grad for p in model.parameters()], rel=1e-12, abs=1e-15)


def test_gradients_add_up_and_go_through_hooks():
    w = Value(2.0)
    w.register_hook(lambda slope: slope * 10)
    g = compile(lambda x: w * x)
    assert g.map_backward([1.0, 2.0]) == 3.0
    assert g.map_backward([1.0, 2.0]) == 3.0
    assert w.grad == 30.0


def test_lanes_of_several_paths_have_one_mean():
    w, v = Value(2.0), Value(3.0)
    g = compile(lambda x: w * x if x > 0 else v * w * x)
    xs = [1.0, -1.0, 2.0, -3.0, 5.0]
    assert g.map_backward(xs) == pytest.approx((2.0 * 8 - 6.0 * 4) / 5, rel=1e-15)
    assert (w.grad, v.grad) == pytest.approx(((8.0 - 3 * 4.0) / 5, -2.0 * 4 / 5), rel=1e-15)
    b = g.bound()
    assert b.backward(xs) == pytest.approx((2.0 * 8 - 6.0 * 4) / 5, rel=1e-15)
    found = dict(zip(b.values, b.gradient.tolist(), strict=True))
    assert found == {w: w.grad, v: v.grad}


def test_an_infinite_lane_has_eagers_sum():
    w = Value(1.0)
    g = compile(lambda x: autograd.where(x > 0, autograd.log(x) * w, w))
    assert g.map_backward([1.0, -1.0]) == 0.5
    assert w.grad == 0.5
    assert compile(lambda x: autograd.log(x) * w).map_backward([0.0, 1.0]) == -INF


def test_bound_arrays_are_pulled_and_pushed():
    w = Value(2.0)
    g = compile(lambda x: w * w * x)
    with pytest.raises(RuntimeError, match="has not been traced yet"):
        g.bound()
    assert g.map([1.0]).tolist() == [4.0]
    b = g.bound()
    b.parameters[:] = 3.0
    assert (b.backward([1.0, 3.0]), b.gradient.tolist(), w.data) == (18.0, [12.0], 2.0)
    b.push()
    assert w.data == 3.0
    w.data = 5.0
    b.pull()
    assert b.parameters.tolist() == [5.0]


def test_numbers_of_captured_values_are_not_frozen_in_bound_arrays():
    w = Value(2.0)
    g = compile(lambda x: x * w.data + w)
    assert g.map([1.0]).tolist() == [4.0]
    b = g.bound()
    b.parameters[:] = 3.0
    with pytest.raises(TraceError, match="would be frozen"):
        b.backward([1.0])
    assert w.data == 2.0


def test_a_value_that_is_met_later_is_not_bound():
    w, v = Value(2.0), Value(3.0)
    g = compile(lambda x: w * x if x > 0 else v * x)
    assert g(1.0) == 2.0
    b = g.bound()
    with pytest.raises(RuntimeError, match="call bound"):
        b.backward([1.0, -1.0])


def test_objects_that_are_floats_are_floats():
    """As a column of a table may hold them."""
    g = compile(lambda x, y: x * y)
    assert g.map(np.array([1.5, 2], object), 2.0).tolist() == [3.0, 4.0]


# -- blocks and threads -----------------------------------------------------------------------
def test_many_lanes_are_the_same_in_blocks_and_at_once(monkeypatch):
    x, y = RNG.uniform(-2.0, 2.0, (2, 1000))
    at_once = compile(piecewise).map_value_and_grad(x, y)
    monkeypatch.setattr(machines, "BYTES", 1)
    monkeypatch.setattr(machines, "FEWEST", 7)
    in_blocks = compile(piecewise).map_value_and_grad(x, y)
    assert in_blocks[0].tolist() == at_once[0].tolist()
    assert [s.tolist() for s in in_blocks[1]] == [s.tolist() for s in at_once[1]]


def test_threads_share_a_compiled_function():
    g = compile(piecewise)
    x, y = RNG.uniform(-2.0, 2.0, (2, 500))
    true = g.map(x, y).tolist()
    found = []

    def call():
        found.extend(g.map(x, y).tolist() == true for _ in range(50))

    threads = [threading.Thread(target=call) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [True] * 200


# -- keyword arguments --------------------------------------------------------------------------
def scaled(x, y=1.0, *, factor=2.0, way="product"):
    return x * x * y * factor if way == "product" else x + y * factor


@pytest.mark.parametrize(
    ("args", "keywords"),
    [
        (([1.0, 2.0, -3.0],), {"factor": 5.0}),
        (([1.0, 2.0, -3.0],), {"factor": [5.0, 6.0, 7.0]}),
        (([1.0, 2.0, -3.0], 4.0), {"factor": np.array([5.0, 6.0, 7.0]), "way": "sum"}),
        (([1.0, 2.0, -3.0], [4.0, 5.0, 6.0]), {"way": "sum"}),
        ((2.0,), {"factor": [5.0, 6.0, 7.0]}),
    ],
)
def test_keyword_arguments_of_lanes_mean_what_they_do_lane_by_lane(args, keywords):
    f = autograd.compile(scaled)

    def lane(k, x):
        return x if isinstance(x, (float, str)) else float(x[k])

    given = [
        ([lane(k, x) for x in args], {name: lane(k, x) for name, x in keywords.items()})
        for k in range(3)
    ]
    true = [autograd.value_and_grad(scaled, (*range(len(args)),))(*a, **b) for a, b in given]
    assert f.map(*args, **keywords).tolist() == [value for value, _ in true]
    values, slopes = f.map_value_and_grad(*args, **keywords)
    assert values.tolist() == [value for value, _ in true]
    slopes = slopes if len(args) > 1 else (slopes,)
    assert np.transpose(slopes).tolist() == [list(gradient) for _, gradient in true]


def test_what_is_wrong_with_keyword_arguments_is_named():
    f = autograd.compile(scaled)
    with pytest.raises(ValueError, match="argument 0 has 2, argument factor has 3"):
        f.map([1.0, 2.0], factor=[1.0, 2.0, 3.0])
    with pytest.raises(TypeError, match="by its positional arguments, but all of x were given"):
        f.map_value_and_grad(x=[1.0, 2.0])
    with pytest.raises(TypeError, match="unexpected keyword argument 'z'"):
        f.map([1.0, 2.0], z=2.0)


def test_captured_values_have_their_gradient_whatever_lanes_are_given_by_keyword():
    w = Value(2.0)
    f = autograd.compile(lambda x, *, k: w * x * k)
    assert f.map_backward([3.0, 1.0], k=[5.0, 7.0]) == 22.0
    assert w.grad == 11.0
    assert "rows[" in str(f.groups)
