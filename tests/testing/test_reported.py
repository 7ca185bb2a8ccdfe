"""What users reported of the gradient checks of other libraries, asked of ours."""

import math

import numpy as np
import pytest

from autograd.testing import Verdict, check_gradients, check_numpy

PASS, FAIL = Verdict.PASS, Verdict.FAIL


@pytest.mark.parametrize("name", ["sin", "exp", "tanh"])
def test_a_step_is_no_smaller_than_the_format_can_take(name):
    """jax 7742: half precision, in which x + 1e-4 is x and every derivative looks like 0."""
    f, slope = {
        "sin": (np.sin, np.cos), "exp": (np.exp, np.exp),
        "tanh": (np.tanh, lambda x: 1 - np.tanh(x) ** 2),
    }[name]  # fmt: skip
    total = lambda x: np.float16(f(x.astype("float16")).sum(dtype="float32"))  # noqa: E731
    xs = np.array([0.5, 1.25], "float16")
    right = lambda x: slope(x.astype(float)).astype("float16")  # noqa: E731
    assert check_numpy(total, right, xs, oracle="finite")
    assert check_numpy(total, lambda x: 2 * right(x), xs, oracle="finite").verdict is FAIL


@pytest.mark.parametrize("away", [1e-3, 1e-6, 1e-9, 1e-12])
@pytest.mark.parametrize("side", [-1, 1])
def test_no_step_is_taken_over_a_jump(away, side):
    """scipy 12487: a difference that looked to the other side."""

    def f(x):
        return 3 * float(x) if float(x) <= 1 else 3 * float(x) + 5

    at = (1 + side * away,)
    assert check_gradients(f, at, grad=lambda x: 3.0).verdict is not FAIL
    assert check_gradients(f, at, grad=lambda x: 4.0).verdict is not PASS


def test_a_large_component_hides_no_small_one():
    """warp 508, scipy 7766: 1.6e-4 beside 1e-5 passes where errors are absolute."""
    sizes = np.array([1e-5, 1.0])

    def f(x):
        return math.fsum(s * math.sin(float(t)) for s, t in zip(sizes, x, strict=True))

    xs = np.array([0.3, 0.4])
    assert check_numpy(f, lambda x: sizes * np.cos(x), xs)
    wrong = check_numpy(f, lambda x: sizes * np.cos(x) * [4.6, 1.0], xs)
    assert [x.where for x in wrong.findings if x.verdict is FAIL] == ["args[0][0]"]
    tiny = check_gradients(lambda x: 1e-12 * math.sin(float(x)), (0.3,), grad=lambda x: 2e-12)
    assert tiny.verdict is FAIL


def test_arrays_without_numbers():
    """tensorflow 33660: they were expected to have another shape."""
    none, two = np.zeros((0, 3)), np.ones(2)
    squares = lambda x, y: (x * x).sum() + y.sum()  # noqa: E731
    assert check_numpy(squares, lambda x, y: (2 * x, np.zeros((0, 3))), two, none)
    with pytest.raises(ValueError, match="there is no number to differentiate by"):
        check_numpy(np.sum, np.ones_like, none)


def test_a_function_with_many_results_is_told_what_checks_it():
    """scipy 2993: "setting an array element with a sequence"."""
    with pytest.raises(TypeError, match="use check_vjp for a function with several results"):
        check_numpy(np.sin, np.cos, np.arange(3.0))
