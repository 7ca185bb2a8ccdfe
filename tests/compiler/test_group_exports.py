"""Groups as JAX functions and ONNX models: run there, and compared with NumPy's machine."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from compiler.random_programs import SMOOTH, recipe
from compiler.running import RUNS, Lanes, jax_of_doubles

import autograd
import nn
from autograd.compiler.lanes.exporting import to_jax

RNG = np.random.default_rng(3)


def of_groups(g: Any, language: str, inputs: Any, *more: float) -> list[Lanes]:
    """Results and gradients of what answered the last call over lanes, by another runtime."""
    rows = np.moveaxis(np.asarray(inputs).reshape(len(inputs), -1), 0, 1).copy()
    return RUNS[language](g.groups, rows, g.bound().parameters.copy(), more)


def images(x: list[list[float]]) -> Any:
    """A network of convolutions, pooling, sums of unequal lengths and a largest."""
    rng = random.Random(2)
    layers = nn.Conv2d(1, 2, 3, padding=1, rng=rng), nn.MaxPool2d(2), nn.Flatten()
    z = nn.Sequential(*layers, nn.Layer(8, 3, activation="silu", rng=rng))([x])
    return autograd.logsumexp(z) + autograd.sum(z[:2]) ** 2 - autograd.dot(z, x[0][:3])


SOFTMAX = nn.MLP(3, [8, 4], activation="tanh", rng=random.Random(1))
RECURRENT = nn.GRU(2, 3, rng=random.Random(3))
TEXT = nn.GPT(5, context=2, width=4, heads=2, rng=random.Random(4))


def language(x: list[list[float]]) -> Any:
    """The loss of a transformer for a stream of vectors, in place of those of its symbols."""
    logits = [TEXT.head(z) for z in TEXT.body(x)]
    return nn.losses.cross_entropy(logits, [1, 4])


NETWORKS: dict[str, tuple[Callable[..., Any], tuple[int, ...]]] = {
    "moons": (nn.MLP(2, [16, 16, 1], rng=random.Random(0)), (2,)),
    "softmax": (lambda x: nn.losses.cross_entropy([SOFTMAX(x)], [2]), (3,)),
    "images": (images, (4, 4)),
    "series": (lambda x: autograd.norm(RECURRENT(x)[-1]), (3, 2)),
    "language": (language, (2, 4)),
    "gelu": (nn.MLP(2, [3, 1], activation="gelu", rng=random.Random(0)), (2,)),
}


def first(found: Any) -> Any:
    """The one number of a network's answer."""
    return found[0] if isinstance(found, list) else found


# ONNX Runtime has no erf of doubles, and the reference's is of single precision.
@pytest.mark.parametrize(("name", "language"), [
    (name, language) for name in NETWORKS for language in RUNS
    if name != "gelu" or language == "jax"
])  # fmt: skip
def test_groups_over_lanes(name: str, language: str) -> None:
    """Values and gradients of each lane, and the gradient of their mean by the parameters."""
    model, shape = NETWORKS[name]
    g = autograd.compile(lambda x: first(model(x)))
    xs = RNG.normal(size=(20, *shape))
    values, slopes = g.map_value_and_grad(xs)
    results, gradients = of_groups(g, language, xs)
    np.testing.assert_allclose(results[0], values, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(gradients.T.reshape(slopes.shape), slopes, rtol=1e-10, atol=1e-13)
    if not len(g.bound().values):
        return
    b = g.bound()
    mean = b.backward(xs)
    uniform = sum(space == 0 for space, _ in g.groups.inputs)
    results, gradients = of_groups(g, language, xs, *[1 / len(xs)] * uniform)
    scale = 1.0 if uniform else 1 / len(xs)
    assert results.shape == (1, 1)
    assert results[0, 0] / len(xs) == pytest.approx(mean, rel=1e-12)
    np.testing.assert_allclose(gradients[:, 0] * scale, b.gradient, rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize("language", RUNS)
def test_groups_of_random_functions(language: str) -> None:
    """Thirty scalars rolled up, with a gradient."""
    for seed in range(6):
        rng = random.Random(seed)
        made = recipe(rng, 30, SMOOTH, special=0.0)
        count, others = made.counts
        held = [autograd.Value(rng.uniform(0.3, 1.0)) for _ in range(others)]
        g = autograd.compile(lambda x, made=made, held=held: made.values(x, held)[-1])
        xs = RNG.uniform(0.3, 1.0, size=(7, count))
        values, slopes = g.map_value_and_grad(xs)
        results, gradients = of_groups(g, language, xs)
        np.testing.assert_allclose(np.broadcast_to(results[0], 7), values, rtol=1e-9)
        gradients = np.broadcast_to(gradients.T, slopes.shape)  # they may be of no lane
        np.testing.assert_allclose(gradients, slopes, rtol=1e-6, atol=1e-12)


@pytest.mark.parametrize("language", RUNS)
def test_lanes_of_groups_that_take_another_path_are_nan(language: str) -> None:
    g = autograd.compile(
        lambda x, a: (a * autograd.log(x) if x > 0 else x) if a > 1 else a, uniform=(1,)
    )
    g.map([1.0, math.e], 2.0)
    for a, expected in ((3.0, ["0.0", "nan", "3.0"]), (0.5, ["nan"] * 3)):
        [found, _] = of_groups(g, language, [[1.0], [-1.0], [math.e]], a)
        assert [str(x) for x in found[0].round(12).tolist()] == expected


@pytest.mark.parametrize("language", RUNS)
def test_sums_over_lanes_are_nan_if_one_lane_takes_another_path(language: str) -> None:
    w = autograd.Value(2.0)
    g = autograd.compile(lambda x: w * x if x > 0 else x)
    g.map([1.0, 2.0])
    g.bound().backward([1.0, 2.0])
    share = [0.5] * sum(space == 0 for space, _ in g.groups.inputs)
    for xs, expected in (([1.0, 2.0], 6.0), ([1.0, -2.0], math.nan)):
        results, _ = of_groups(g, language, xs, *share)
        np.testing.assert_array_equal(results, [[expected]])


def test_numbers_of_all_lanes_are_numbers_and_as_many_parameters_are_given() -> None:
    jax_of_doubles()
    w = autograd.Value(2.0)
    g = autograd.compile(lambda x, a: w * a * x, uniform=(1,))
    g.map([1.0, 2.0], 3.0)
    f = to_jax(g.groups)
    assert np.asarray(f([np.array([1.0, 2.0]), 4.0], [0.5])[0]).tolist() == [[2.0, 4.0]]
    with pytest.raises(ValueError, match=r"input 1 of the groups is one number for all lanes"):
        f(np.ones((2, 3)), [0.5])
    with pytest.raises(ValueError, match="has 1 parameters, but 2 were given"):
        f([np.ones(3), 1.0], [0.5, 0.5])
