"""Landscapes and restarts: where a loss is low, and from where it is reached."""

import math
import random

import pytest

import nn
from autograd import Value
from nn.losses import mse
from nn.optim import SGD
from nn.training import direction, landscape, restarts


def valley(a, b):
    """Rosenbrock's: 0 at (1, 1)."""
    return lambda: (1 - a) ** 2 + 100 * (b - a * a) ** 2


def test_the_grid_is_that_of_the_function_and_nothing_is_moved():
    a, b = Value(3.0, label="a"), Value(-2.0)
    hills = landscape(valley(a, b), a, b, x_range=(-1, 1), y_range=(0, 1), points=5)
    assert (a.data, b.data, a.grad) == (3.0, -2.0, 0)
    assert hills.xs == [-1.0, -0.5, 0.0, 0.5, 1.0]
    assert hills.ys == [0.0, 0.25, 0.5, 0.75, 1.0]
    assert hills.losses == [
        [(1 - x) ** 2 + 100 * (y - x * x) ** 2 for x in hills.xs] for y in hills.ys
    ]
    assert hills.lowest == (0.0, 1.0, 1.0)
    assert repr(hills) == "Landscape(5 x 5 losses; lowest 0 at a 1, y 1)"


def test_a_path_is_the_one_that_the_training_took():
    a, b = Value(0.0), Value(0.5)
    hills = landscape(valley(a, b), a, b, points=3)
    optimiser = SGD([a, b], lr=0.001)
    hills.mark()
    for _ in range(3):
        optimiser.zero_grad()
        valley(a, b)().backward()
        optimiser.step()
        hills.mark()
    assert len(hills.path) == 4
    assert hills.path[0] == (0.0, 0.5)
    assert hills.path[-1] == (a.data, b.data)


def test_it_marks_the_path_as_a_callback_of_fit():
    model = nn.Neuron(1, nonlin=False, rng=random.Random(0))
    inputs, targets = [[0.0], [1.0]], [1.0, 3.0]
    hills = landscape(
        lambda: mse([model(x) for x in inputs], targets), model.w[0], model.b, points=3
    )
    nn.fit(
        model, mse, inputs, targets, SGD(model.parameters(), lr=0.1), 4, None, progress=False,
        callbacks=[hills.mark],
    )  # fmt: skip
    assert len(hills.path) == 4
    assert hills.path[-1] == (model.w[0].data, model.b.data)


def test_several_paths_are_kept_by_name_and_drawn_beside_one_another():
    pyplot = pytest.importorskip("matplotlib.pyplot")
    a, b = Value(0.0), Value(0.5)
    hills = landscape(valley(a, b), a, b, points=3)
    for name, rate in (("slow", 0.001), ("fast", 0.002)):
        a.data, b.data = 0.0, 0.5
        hills.another(name)
        hills.mark()
        optimiser = SGD([a, b], lr=rate)
        optimiser.zero_grad()
        valley(a, b)().backward()
        optimiser.step()
        hills.mark()
    # At (0, 1/2) the gradient is (-2, 100).
    assert hills.paths == {
        "slow": [(0.0, 0.5), (0.002, 0.4)],
        "fast": [(0.0, 0.5), (0.004, 0.3)],
    }
    assert hills.path is hills.paths["fast"]
    axes = hills.plot()
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["slow", "fast"]
    assert len(axes.lines) == 4
    pyplot.close(axes.figure)
    with pytest.raises(ValueError, match="there is a path 'slow'"):
        hills.another("slow")


def test_along_directions_places_are_steps_from_where_all_were():
    model = nn.MLP(2, [3, 1], rng=random.Random(0))
    rng = random.Random(1)
    x, y = direction(model, rng), direction(model, rng)
    start = [p.data for p in model.parameters()]
    size = lambda: sum(p * p for p in model.parameters())  # noqa: E731
    hills = landscape(size, x, y, points=3)
    assert [p.data for p in model.parameters()] == start
    assert hills.losses[1][1] == pytest.approx(sum(p * p for p in start), rel=1e-15)
    for p in model.parameters():
        p.data += 0.25 * x[p] - 0.5 * y[p]
    assert hills.place() == pytest.approx((0.25, -0.5), rel=1e-12)


def test_directions_are_as_long_as_the_weights_of_each_neuron():
    model = nn.MLP(2, [3, 1], rng=random.Random(0))
    way = direction(model, random.Random(0))
    assert {*way} == {*model.parameters()}
    for layer in model.layers:
        for neuron in layer.neurons:
            long = math.hypot(*[way[w] for w in neuron.w])
            assert long == pytest.approx(math.hypot(*[w.data for w in neuron.w]))


def test_after_an_exception_parameters_are_where_they_were():
    a, b = Value(1.0), Value(2.0)

    def loss():
        if a.data < 0.5:
            raise RuntimeError("too low")
        return a * b

    with pytest.raises(RuntimeError, match="too low"):
        landscape(loss, a, b)
    assert (a.data, b.data) == (1.0, 2.0)


def test_what_is_no_landscape_is_refused():
    a, b = Value(1.0), Value(2.0)
    with pytest.raises(ValueError, match="moved along both axes"):
        landscape(lambda: a, a, a)
    with pytest.raises(ValueError, match="moved along both axes"):
        landscape(lambda: a, a, {a: 1.0, b: 1.0})
    with pytest.raises(ValueError, match="y has to be a Value, or a mapping of Values to steps"):
        landscape(lambda: a, a, {})
    with pytest.raises(ValueError, match="from a number to a larger one"):
        landscape(lambda: a, a, b, x_range=(1, 1))


def test_a_loss_that_is_not_finite_is_a_gap_in_the_picture():
    pyplot = pytest.importorskip("matplotlib.pyplot")
    a, b = Value(1.0), Value(1.0)
    hills = landscape(lambda: a.log() + b, a, b, x_range=(-1, 1), points=5)
    assert hills.losses[0][0] != hills.losses[0][0]
    hills.path += [(0.5, 0.5), (1.0, 1.0)]
    axes = hills.plot()
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("x", "y")
    assert len(axes.lines) == 2
    pyplot.close(axes.figure)


# -- restarts -----------------------------------------------------------------------------------
def test_the_best_of_several_starts_is_kept_and_can_be_made_again():
    def train(rng):
        x = rng.uniform(-2, 2)
        return (x * x - 1) ** 2, x

    found = restarts(train, 20, rng=3)
    assert len(found.attempts) == 20 == len({a.seed for a in found.attempts})
    best = min(found.attempts, key=lambda a: a.loss)
    assert train(random.Random(best.seed)) == (best.loss, found.best)
    assert found.losses == sorted(a.loss for a in found.attempts)
    assert restarts(train, 20, rng=3) == found
    assert found.share(math.inf) == 1.0
    assert found.share(best.loss) == 0.0


def test_attempts_that_fail_are_told_and_none_of_them_is_the_best():
    def train(rng):
        x = rng.uniform(-1, 1)
        if x < 0:
            raise FloatingPointError("not finite")
        return (math.nan if x > 0.8 else x), x

    found = restarts(train, 30)
    failed = [a for a in found.attempts if a.failure]
    assert 5 < len(failed) < 25
    assert f"{len(failed)} failed" in repr(found)
    assert 0 <= found.best <= 0.8
    with pytest.raises(FloatingPointError, match="always"):
        restarts(lambda _: (_ for _ in ()).throw(FloatingPointError("always")), 3)
