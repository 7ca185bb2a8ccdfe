"""Faults planted in right gradients: none is missed, and no right gradient raises an alarm.

A fault of relative size 1e-9 and up where the function takes numbers of high precision, of 1e-5
and up where it takes nothing but floats; over functions of NumPy, of this library and of PyTorch.
"""

import random
from itertools import pairwise

import numpy as np
import pytest

import autograd as ag
from autograd import Value
from autograd.testing import Verdict, check_gradients, check_numpy, check_torch, check_vjp

SEEDS, OPAQUE_SEEDS = 5, 3


def scaled(g, rng, size, at):
    """One component off by a factor."""
    g[at] *= 1 + rng.choice((-1, 1)) * size
    return g


def all_scaled(g, rng, size, at):
    """All components off by one factor, as a forgotten scale has it."""
    return g * (1 + rng.choice((-1, 1)) * size)


def shifted(g, rng, size, at):
    """A term that does not belong there."""
    return g + rng.choice((-1, 1)) * size * np.max(np.abs(g))


def turned(g, rng, size, at):
    """A wrong sign."""
    g[at] = -g[at]
    return g


def dropped(g, rng, size, at):
    """A path that was forgotten."""
    g[at] = 0.0
    return g


FAULTS = [scaled, all_scaled, shifted, turned, dropped]

A = np.array([[2.0, -1.0, 0.5, 0.1], [0.3, 1.5, -0.7, 0.2], [0.0, 0.4, 1.1, -0.9], [1.0, 0, 0, 3]])


def softmax(x):
    e = np.exp(x - np.max(x.astype(float)))
    return e / e.sum()


NUMPY = {  # a function of a vector of four, and its gradient
    "log cosh": (lambda x: np.sum(np.log(np.cosh(x))), np.tanh),
    "softplus": (lambda x: np.sum(np.log1p(np.exp(x))), lambda x: 1 / (1 + np.exp(-x))),
    "tanh": (lambda x: np.sum(np.tanh(x)), lambda x: 1 / np.cosh(x) ** 2),
    "a quadratic form": (lambda x: x @ (A @ x), lambda x: (A + A.T) @ x),
    "logsumexp": (lambda x: np.log(np.sum(np.exp(x))), softmax),
    "a norm": (lambda x: np.sqrt(np.sum(x * x)), lambda x: x / np.sqrt(np.sum(x * x))),
    "a product": (lambda x: x[0] * x[1] * x[2] * x[3], lambda x: np.prod(x) / x),
    "a bell": (
        lambda x: np.exp(-np.sum(x * x) / 2),
        lambda x: -x * np.exp(-np.sum(x * x) / 2),
    ),
    "a neuron": (
        lambda x: np.sum(np.tanh(A @ x) ** 2),
        lambda x: A.T @ (2 * np.tanh(A @ x) / np.cosh(A @ x) ** 2),
    ),
    "Rosenbrock": (
        lambda x: np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2),
        lambda x: (
            np.append(-400 * x[:-1] * (x[1:] - x[:-1] ** 2) - 2 * (1 - x[:-1]), 0)
            + np.append(0, 200 * (x[1:] - x[:-1] ** 2))
        ),
    ),
    "waves": (
        lambda x: np.sum(np.sin(x) * np.exp(-x / 3)),
        lambda x: (np.cos(x) - np.sin(x) / 3) * np.exp(-x / 3),
    ),
    "logarithms": (
        lambda x: np.sum(np.log(1 + x * x)) / 7,
        lambda x: 2 * x / (1 + x * x) / 7,
    ),
}

OURS = {  # of a list of four
    "a chain": lambda x: ag.tanh(x[0] * x[1]) + ag.exp(-x[2]) * ag.sin(x[3]),
    "an entropy": lambda x: -ag.sum([p * ag.log(p) for p in ag.softmax(list(x))]),
    "a likelihood": lambda x: ag.softplus(x[0] - x[1]) + ag.logaddexp(x[2], x[3]) * x[0],
    "powers": lambda x: ag.sum([abs(a) ** (1.5 + b * b) for a, b in pairwise(x)]),
    "units": lambda x: ag.sum([ag.gelu(a) * ag.silu(b) for a, b in zip(x, x[::-1], strict=True)]),
    "angles": lambda x: ag.arctan2(x[0], x[1]) * ag.hypot(x[2], x[3]),
}


def points(name, count):
    """Random points, each with the source of the faults planted there."""
    for seed in range(count):
        rng = random.Random(f"{name} {seed}")
        yield np.array([rng.choice((-1, 1)) * rng.uniform(0.3, 1.7) for _ in range(4)]), rng


def planted(right, rng, least):
    """The gradient with one fault of every kind, in one of its larger components."""
    large = np.flatnonzero(np.abs(right) >= 0.03 * np.max(np.abs(right)))
    for fault in FAULTS:
        size = 10 ** rng.uniform(np.log10(least), 0)
        yield fault.__name__, fault(right.copy(), rng, size, rng.choice(list(large)))


def found(check, right, rng, least):
    """Hold a right gradient and those with faults to what a check says of them."""
    report = check(right)
    assert report, report
    count = 0
    for name, wrong in planted(right, rng, least):
        report = check(wrong)
        assert report.verdict is Verdict.FAIL, (name, report)
        count += 1
    return count


@pytest.mark.parametrize("name", NUMPY)
def test_of_numpy(name):
    f, gradient = NUMPY[name]
    for x, rng in points(name, SEEDS):
        check = lambda g, x=x: check_numpy(f, lambda _: g, x)  # noqa: E731
        assert check(gradient(x)).oracle == "mpmath"
        assert found(check, gradient(x), rng, 1e-9) == len(FAULTS)


@pytest.mark.parametrize("name", NUMPY)
def test_of_code_that_takes_only_floats(name):
    f, gradient = NUMPY[name]

    def compiled(x):
        if x.dtype.name != "float64":
            raise ValueError("Buffer dtype mismatch")
        return float(f(x))

    for x, rng in points(name, OPAQUE_SEEDS):
        check = lambda g, x=x: check_numpy(compiled, lambda _: g, x)  # noqa: E731
        assert check(gradient(x)).oracle == "finite differences"
        found(check, gradient(x), rng, 1e-5)


@pytest.mark.parametrize("name", OURS)
def test_of_our_own(name):
    f = OURS[name]
    for x, rng in points(name, SEEDS):
        leaves = [Value(float(a)) for a in x]
        f(leaves).backward()
        right = np.array([leaf.grad for leaf in leaves])
        check = lambda g, x=x: check_gradients(f, (list(x),), grad=lambda _: list(g))  # noqa: E731
        found(check, right, rng, 1e-9)


@pytest.mark.parametrize("name", ["tanh", "softplus", "logsumexp", "a neuron"])
def test_in_one_row_of_a_jacobian(name):
    """The gradient of a function, as one result of three."""
    f, gradient = NUMPY[name]
    both = lambda x: [np.sum(x * x), f(x), x[0] * x[1]]  # noqa: E731
    for x, rng in points(f"{name}, a row", SEEDS):
        last = np.array([x[1], x[0], 0, 0])

        def check(g, x=x, last=last):
            return check_vjp(both, lambda c, x: c[0] * 2 * x + c[1] * g + c[2] * last, (x,))

        found(check, gradient(x), rng, 1e-9)


def test_these_are_five_hundred():
    families = (len(NUMPY) + len(OURS) + 4) * SEEDS + len(NUMPY) * OPAQUE_SEEDS
    assert families * len(FAULTS) >= 500


TORCH = {  # what torch calls it, and the reference
    "tanh": np.tanh,
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "exp": np.exp,
    "sin": np.sin,
    "log1p": lambda x: np.log1p(x),
    "atan": np.arctan,
    "square": np.square,
    "softplus": lambda x: np.log1p(np.exp(x)),
}


@pytest.mark.parametrize("with_reference", [True, False])
@pytest.mark.parametrize("name", TORCH)
def test_of_torch(name, with_reference):
    torch = pytest.importorskip(
        "torch", reason="torch is not installed: its faults are not planted"
    )
    f = getattr(torch, name, None) or getattr(torch.nn.functional, name)
    reference = TORCH[name] if with_reference else None
    for x, rng in points(name, SEEDS):
        x = np.abs(x)
        at = torch.tensor(x, requires_grad=True)
        (right,) = torch.autograd.grad(f(at).sum(), at)
        report = check_torch(f, at, reference=reference)
        assert report, report
        for kind, wrong in planted(right.numpy(), rng, 1e-9 if with_reference else 1e-5):
            factors = torch.tensor(wrong / right.numpy())

            class Faulty(torch.autograd.Function):
                @staticmethod
                def forward(ctx, x):
                    return x.clone()

                @staticmethod
                def backward(ctx, g, factors=factors):
                    return g * factors

            report = check_torch(lambda x, F=Faulty: f(F.apply(x)), at, reference=reference)
            assert report.verdict is Verdict.FAIL, (kind, report)
