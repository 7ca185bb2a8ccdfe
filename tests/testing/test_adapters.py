"""Somebody else's gradients, each with a bug that the usual checker lets pass."""

import math

import mpmath
import numpy as np
import pytest

from autograd.testing import (
    Severity,
    Verdict,
    check_elementwise,
    check_numpy,
    check_scipy,
    check_torch,
    from_scipy,
)

SATURATED = np.array([0.5, -1.0, 20.0])


def loss(w, x):
    """A neuron's loss, as one writes it in NumPy."""
    return np.sum(np.tanh(x @ w) ** 2)


def loss_gradient(w, x):
    t = np.tanh(x @ w)
    d = 2 * t * (1 - t * t)
    return x.T @ d, np.outer(d, w)


def central(f, x, h=1e-6):
    """Finite differences as everybody writes them."""
    steps = np.eye(len(x)) * h
    return np.array([(f(x + s) - f(x - s)) / (2 * h) for s in steps])


def test_a_numpy_function_with_its_gradient():
    rng = np.random.default_rng(0)
    report = check_numpy(loss, loss_gradient, rng.normal(size=3), rng.normal(size=(4, 3)))
    assert report, report
    assert len(report.findings) == 15


def test_saturation_in_numpy():
    """d tanh = 1 - t*t has no right digit at 20; numpy.allclose with differences agrees to it."""
    f = lambda x: np.sum(np.tanh(x))  # noqa: E731
    gradient = lambda x: 1 - np.tanh(x) ** 2  # noqa: E731
    assert np.allclose(gradient(SATURATED), central(f, SATURATED))
    report = check_numpy(f, gradient, SATURATED)
    assert report.verdict is Verdict.FAIL
    assert report.worst.where == "args[0][2]"
    stable = lambda x: 4 / (np.exp(x) + np.exp(-x)) ** 2  # noqa: E731
    assert check_numpy(f, stable, SATURATED)


def test_functions_that_insist_on_floats_are_checked_to_the_digits_that_differences_see():
    def f(x):
        out = np.zeros(2)
        out[:] = np.sin(x)
        return out.sum()

    x = np.array([0.5, 1.0])
    report = check_numpy(f, np.cos, x)
    assert report
    assert report.oracle == "finite differences"
    assert "digits that differences can see" in str(report)
    assert check_numpy(f, np.cos, x, max_ulp=64).verdict is Verdict.INCONCLUSIVE
    assert check_numpy(f, np.cos, x, max_ulp=2.0**24)
    for fault in (1e-8, 1e-6, 1.0):
        assert check_numpy(f, lambda x, fault=fault: np.cos(x) + fault, x).verdict is Verdict.FAIL


def small_scale(x):
    """An objective in metres whose natural size is nanometres."""
    return 1e-9 * ((1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2)


def small_scale_gradient(x, factor=400):
    inner = x[1] - x[0] ** 2
    return 1e-9 * np.array([-2 * (1 - x[0]) - factor * x[0] * inner, 200 * inner])


def test_an_absolute_tolerance_in_scipy():
    """`check_grad` answers an absolute distance, tiny although the gradient is wrong by half."""
    x = np.array([-1.2, 1.0])
    wrong = lambda x: small_scale_gradient(x, factor=200)  # noqa: E731
    assert check_scipy(small_scale, small_scale_gradient, x)
    assert check_scipy(small_scale, wrong, x).verdict is Verdict.FAIL
    assert np.linalg.norm(wrong(x) - central(small_scale, x)) < 1e-6
    optimize = pytest.importorskip("scipy.optimize")
    assert optimize.check_grad(small_scale, wrong, x) < 1e-6


def test_what_scipy_accepts():
    both = lambda x, a: (small_scale(x) * a, small_scale_gradient(x) * a)  # noqa: E731
    x = np.array([-1.2, 1.0])
    assert check_scipy(both, True, x, args=(3.0,))
    with pytest.raises(ValueError, match="jac=False"):
        check_scipy(small_scale, False, x)


def test_what_scipys_own_check_answers_where_a_gradient_is_wrong():
    """Differences over 1.5e-8 cannot see an error of 1e-9."""
    optimize = pytest.importorskip("scipy.optimize")
    f = lambda x: np.sum(np.exp(x))  # noqa: E731
    wrong = lambda x: np.exp(x) * (1 + 1e-9)  # noqa: E731
    at = np.array([0.5, 1.0])
    answer = optimize.check_grad(f, wrong, at)
    assert answer < 1e-7
    report = check_scipy(f, wrong, at)
    assert report.verdict is Verdict.FAIL
    assert report.worst.note == f"scipy.optimize.check_grad answers {answer:.2g}"
    assert [x.note for x in report.findings].count("") == 1, "beside the worst one only"
    assert not check_scipy(f, np.exp, at).worst.note

    pair = from_scipy(np.exp, wrong)
    report = check_elementwise(*pair, mpmath.exp, points=[0.5, 1.0], values=False)
    assert report.severity is Severity.FEW_DIGITS
    assert "scipy.optimize.check_grad answers" in report.worst.note


def test_what_makes_scipys_check_raise_is_said():
    pytest.importorskip("scipy.optimize")
    text = lambda x: "text"  # noqa: E731
    pair = from_scipy(np.exp, lambda x: np.zeros(len(x)) if len(x) > 1 else text(x))
    assert "raises" in pair[0].own_check(1.0)


# -- PyTorch, where it is installed; elsewhere these are reported as skipped ---------------------


@pytest.fixture
def torch():
    return pytest.importorskip("torch", reason="torch is not installed: its adapter is not run")


@pytest.fixture
def functions(torch):
    class Tanh(torch.autograd.Function):
        """The textbook derivative: no right digit where tanh saturates."""

        @staticmethod
        def forward(ctx, x):
            y = torch.tanh(x)
            ctx.save_for_backward(y)
            return y

        @staticmethod
        def backward(ctx, g):
            (y,) = ctx.saved_tensors
            return g * (1 - y * y)

    class Scaled(torch.autograd.Function):
        """1e6 x + sin x, whose small part has the wrong sign in the backward."""

        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return 1e6 * x + torch.sin(x)

        @staticmethod
        def backward(ctx, g):
            (x,) = ctx.saved_tensors
            return g * (1e6 - torch.cos(x))

    return Tanh, Scaled


@pytest.mark.parametrize("fast_mode", [False, True])
def test_gradcheck_passes_two_functions_that_are_wrong(torch, functions, fast_mode):
    tanh, scaled = functions
    far = torch.tensor([20.0], dtype=torch.float64, requires_grad=True)
    near = torch.tensor([0.5, 1.0], dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(tanh.apply, (far,), fast_mode=fast_mode)
    assert torch.autograd.gradcheck(scaled.apply, (near,), fast_mode=fast_mode)

    report = check_torch(tanh, far, reference=np.tanh)
    assert report.verdict is Verdict.FAIL
    assert report.ulps > 1e15
    by_values = check_torch(scaled, near, reference=lambda x: 1e6 * x + np.sin(x))
    assert by_values.verdict is Verdict.FAIL


def test_torch_with_and_without_a_reference(torch, functions):
    tanh, _ = functions
    near = torch.tensor([0.25, -0.5], dtype=torch.float64)
    assert check_torch(tanh, near, reference=np.tanh)
    near = near[:1]
    assert check_torch(tanh, near)
    assert check_torch(tanh, near, max_ulp=64).verdict is Verdict.INCONCLUSIVE
    assert check_torch(tanh, near, max_ulp=2.0**24)
    assert check_torch(torch.sin, near, reference=np.sin)


def test_modules_are_checked_by_their_inputs_and_their_parameters(torch):
    class Gate(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = torch.nn.Parameter(torch.tensor([[0.5, -1.0]], dtype=torch.float64))
            self.scale = torch.nn.Parameter(torch.tensor(2.0, dtype=torch.float64))

        def forward(self, x):
            return self.scale * torch.sin(x) @ self.weight.T

        def apply(self, *args):  # what a module has of its own, and is no function of tensors
            raise AssertionError

    module, x = Gate(), torch.tensor([0.25, 1.5], dtype=torch.float64)
    reference = lambda x, p: p["scale"] * np.sin(x) @ p["weight"].T  # noqa: E731
    for report in (check_torch(module, x, reference=reference), check_torch(module, x)):
        assert report
        places = {f.where for f in report.findings}
        assert {"result[0] by args[0][1]", "result[0] by weight[0, 1]"} <= places
        assert "result[0] by scale" in places
    module.weight.register_hook(lambda g: g * torch.tensor([[1.0, 1.001]], dtype=torch.float64))
    wrong = lambda x, p: 1.001 * reference(x, p)  # noqa: E731
    report = check_torch(module, x, reference=wrong)
    assert report.verdict is Verdict.INCONCLUSIVE, "no wrong gradient: the values differ"
    assert "the reference is another function" in report.worst.note
    assert module.weight.tolist() == [[0.5, -1.0]]


def test_a_module_that_puts_its_parameters_elsewhere(torch):
    """The moved numbers reach it in its new memory, which it changes once more."""

    class Restless(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = torch.nn.Parameter(torch.tensor([0.5, -1.0], dtype=torch.float64))

        def forward(self, x):
            self.weight.data = self.weight.data * 2.0
            return torch.sin(x * self.weight / 2.0)

    x = torch.tensor([0.25, 1.5], dtype=torch.float64)
    report = check_torch(Restless(), x)
    by_weight = {f.where: f.expected for f in report.findings if "weight" in f.where}
    assert by_weight["result[1] by weight[1]"] == pytest.approx(1.5 * math.cos(1.5), rel=1e-8)
    assert report.verdict is Verdict.FAIL, "its backward multiplies by the weight / 2"


def test_modules_without_parameters_with_buffers_and_whole_numbers(torch):
    x = torch.tensor([[0.3, -0.5], [0.1, 2.0], [1.0, 1.5]], dtype=torch.float64)
    assert check_torch(torch.nn.ReLU(), x)
    norm = torch.nn.BatchNorm1d(2).double()
    assert check_torch(norm, x)
    assert norm.running_mean.tolist() == [0.0, 0.0]  # a copy was run
    report = check_torch(torch.nn.Embedding(3, 2), torch.tensor([2, 0]))
    assert report
    assert len({f.where for f in report.findings}) == (4 + 1) * 6


@pytest.mark.parametrize("name", ["float64", "float32", "float16"])
def test_tensors_are_checked_in_their_own_precision(torch, functions, name):
    tanh, _ = functions
    seen = set()

    def f(x):
        seen.add(x.dtype)
        return torch.tanh(x)

    x = torch.tensor([0.25, -0.5], dtype=getattr(torch, name))
    assert check_torch(f, x)
    assert check_torch(f, x, reference=np.tanh)
    assert seen - {torch.complex128} == {x.dtype}  # and the complex step
    assert check_torch(tanh, 10 * x[:1], reference=np.tanh)
    far = check_torch(tanh, 20 * x[:1], reference=np.tanh)  # at 5, 1 - t*t is 1.8e-4
    assert far.verdict is Verdict.FAIL


def test_tensors_that_are_not_checked(torch):
    half, single, double = (
        torch.tensor([0.5], dtype=kind) for kind in (torch.bfloat16, torch.float32, torch.float64)
    )
    for tensors, error, message in (
        ((half,), TypeError, "bfloat16"),
        ((single, double), ValueError, "mix float32 and float64"),
        ((single, 0.1), ValueError, "0.1 is no float32"),
        ((torch.tensor([1j]),), TypeError, "real and imaginary parts"),
    ):
        with pytest.raises(error, match=message):
            check_torch(lambda *xs: xs[0] * 2, *tensors)


def test_a_gradient_of_inf_in_torch_is_a_finding(torch):
    class Root(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return torch.sqrt(x)

        @staticmethod
        def backward(ctx, g):
            return g * math.inf

    x = torch.tensor([4.0, 9.0], dtype=torch.float64)
    for reference in (np.sqrt, None):
        report = check_torch(Root, x, reference=reference)
        assert report.verdict is Verdict.FAIL
        assert math.isinf(report.findings[0].got)


def test_functions_of_torch_with_several_results(torch):
    """Of floats, of whole numbers, and of floats that no input reaches: these are 0."""

    class Cube(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            spare = torch.zeros_like(x)
            ctx.mark_non_differentiable(spare)
            return spare, x**3

        @staticmethod
        def backward(ctx, _, g):
            (x,) = ctx.saved_tensors
            return 2 * x**2 * g

    x = torch.tensor([[0.25, -0.5], [1.5, 2.0]], dtype=torch.float64)
    wrong = check_torch(Cube, x)
    assert {f.where[:9] for f in wrong.findings if f.verdict is Verdict.FAIL} == {
        f"result[{k}]" for k in (4, 5, 6, 7)
    }
    assert check_torch(lambda x: x.max(dim=0), x)  # values and indices
    assert check_torch(torch.nn.LSTM(2, 1).double(), x)
    assert check_torch(lambda x: {"sines": x.sin(), "rest": [x.sum(), 3, None]}, x)
    assert check_torch(torch.zeros_like, x)
    assert not check_torch(lambda x: x.argmax(), x).findings
    several = check_torch(
        lambda x: (x.sin(), x.cos()), x, reference=lambda x: (np.sin(x), np.cos(x))
    )
    assert several
    assert several.oracle == "mpmath"
    for how in ({}, {"directions": 2}):
        cut = check_torch(lambda x: (x.sin(), (x * x).detach()), x, **how)
        assert cut.verdict is Verdict.FAIL, "0 is not the derivative of a square"
    with pytest.raises(TypeError, match="complex: check its real part and its imaginary part"):
        check_torch(lambda x: torch.exp(1j * x), x)


def test_the_scale_of_what_is_missed():
    """What an absolute tolerance of 1e-5 hides at 20 is all of the derivative."""
    assert math.tanh(20.0) == 1.0
    assert 4 * math.exp(-40.0) < 1e-5
