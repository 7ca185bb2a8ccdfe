# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 4. Testing gradients
#
# A wrong gradient does not crash. The network learns a little worse, and nobody knows why. After
# this notebook you can state laws that a gradient has to keep, let Hypothesis look for numbers that
# break them, and check your own functions, NumPy's and PyTorch's. At the end a usual check passes
# derivatives of well-known libraries in which not one digit is right. It needs notebooks 1 and 2,
# Hypothesis and mpmath (`pip install 'glassgrad[testing]'`).

# %%
import math
from importlib.util import find_spec

import matplotlib.pyplot as plt
import mpmath
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd as ag
from autograd import Value, draw, grad, primitive
from autograd.testing import (
    GradientError,
    adjoint_test,
    check_elementwise,
    check_gradients,
    check_numpy,
    strategies,
    taylor_test,
)

# %% [markdown]
# ## A bug, planted
#
# The *softsign* unit is $x/(1+|x|)$. Its slope is $1/(1+|x|)^2$. Written with the output $y$ that
# is $(1-|y|)^2$. Somebody forgot the absolute value.


# %%
@primitive(partials=lambda _, out: ((1 - out) ** 2,))
def softsign(x):
    """The softsign unit, with a mistake."""
    return x / (1 + abs(x))


y = softsign(Value(0.5, label="x"))
y.backward()
draw(y)

# %% [markdown]
# The usual test takes an example or two, works out what should come, and passes.

# %%
assert grad(softsign)(0.0) == 1
assert math.isclose(grad(softsign)(0.5), 1 / 1.5**2)
assert math.isclose(grad(softsign)(3.0), 1 / 4**2)

# %% [markdown]
# ## A law in the place of examples
#
# `check_gradients` needs no expected number: it has an oracle, the derivative that mpmath finds
# with some forty digits. So we can say what holds for *every* number, to six digits here, and
# leave it to Hypothesis to find one for which it does not.


# %%
@settings(derandomize=True, database=None)
@given(st.floats(-100, 100))
def the_gradient_is_that_of_mpmath(x):
    report = check_gradients(softsign, (x,), rtol=1e-6)
    if not report:
        failures.append(x)
    report.check()


failures = []
try:
    the_gradient_is_that_of_mpmath()
except GradientError as error:
    found = error.report

assert found.severity.value == "wrong"
print(found)

# %% [markdown]
# Hypothesis tried numbers until one failed, and then simpler ones that fail as well. What it shows
# in the end is hardly ever the first that it met: it is one that a person can look at.

# %%
first, simplest = failures[0], failures[-1]

assert simplest < 0
assert len(repr(simplest)) <= len(repr(first))
simplest

# %% [markdown]
# The picture shows why the examples passed.

# %%
xs = np.linspace(-4, 4, 161)
figure, axes = plt.subplots(figsize=(6, 3))
axes.plot(xs, [grad(softsign)(float(x)) for x in xs], label="planted")
axes.plot(xs, 1 / (1 + abs(xs)) ** 2, label="true slope")
axes.legend()

assert [bool(check_gradients(softsign, (x,))) for x in (-1.0, 1.0)] == [False, True]

# %% [markdown]
# ## All digits
#
# With the absolute value it passes. But without `rtol` the law asks for every digit that the
# operations can give, and finds a mistake that nobody has planted: for large $x$ the output is
# nearly 1, and $1-|y|$ has only the few digits in which they differ.


# %%
@primitive(partials=lambda _, out: ((1 - abs(out)) ** 2,))
def softsign_of_output(x):
    """The softsign unit, its slope written with the output."""
    return x / (1 + abs(x))


digits = check_gradients(softsign_of_output, (1000.0,))

assert check_gradients(softsign_of_output, (1000.0,), rtol=1e-6)
assert digits.severity.value == "few digits"
print(digits.worst)

# %% [markdown]
# ## Laws that need no oracle
#
# What if nobody knows the truth? A gradient has to keep laws. Along a line a function differs from
# its tangent by something that falls as the *square* of the step: halve the step, and a quarter is
# left. With a wrong gradient half is left. That is Taylor's test.

# %%
steps = [2.0**-k for k in range(1, 16)]
at, slopes = -1.0, {"planted": grad(softsign)(-1.0), "true slope": 0.25}
figure, axes = plt.subplots(figsize=(6, 3))
for name, slope in slopes.items():
    rest = [abs(softsign(at + h) - softsign(at) - slope * h) for h in steps]
    axes.loglog(steps, rest, ".-", label=name)
axes.set_xlabel("step")
axes.set_ylabel("what the tangent misses")
axes.legend()

assert not taylor_test(softsign, grad(softsign), -1.0)
assert taylor_test(softsign, lambda x: (1 - abs(x) / (1 + abs(x))) ** 2, -1.0)

# %% [markdown]
# And the two directions of differentiation are each other's transpose: $v \cdot (J u)$, computed
# forward, equals $(J^T v) \cdot u$, computed backward, for any $u$ and $v$.


# %%
def g(xs):
    return [xs[0] * ag.sin(xs[1]), xs[0] / xs[1]]


point = [0.7, 1.9]
transposed = adjoint_test(
    lambda u: ag.jvp(g, (point,), (u,))[1],
    lambda v: ag.vjp(g, point)[1](v),
    inputs=[0.0, 0.0],
    outputs=[0.0, 0.0],
)

assert transposed
print(transposed)

# %% [markdown]
# ## Programs for examples
#
# The tests of this library go one step further. They do not draw numbers for a function, but whole
# functions: `strategies.programs` draws programs of elementary functions, and they shrink as well.


# %%
@settings(derandomize=True, database=None, max_examples=25, deadline=None)
@given(strategies.programs(max_length=6))
def every_program_has_the_right_gradient(program):
    check_gradients(lambda *xs: program(*xs), program.inputs).check()
    drawn.append(program)


drawn = []
every_program_has_the_right_gradient()
longest = max(drawn, key=lambda program: len(program.operations))

assert len(drawn) == 25
print(longest.to_python())

# %% [markdown]
# ## Your own code
#
# A function written with operators and the functions of `autograd` is checked in one line. Lists,
# dicts and arrays of numbers are arguments too.


# %%
def energy(model, x):
    return ag.logsumexp([model["w"] * x, model["b"]]) - ag.tanh(x) / 2


report = check_gradients(energy, ({"w": 0.5, "b": -1.0}, 2.0))

assert report
print(report)

# %% [markdown]
# NumPy functions with a gradient by hand are checked by `check_numpy`. Here is the cross-entropy of
# logits whose right class is the first; the gradient has forgotten the one-hot vector.


# %%
def cross_entropy(z):
    return np.log(np.sum(np.exp(z))) - z[0]


def forgetful(z):
    return np.exp(z) / np.sum(np.exp(z))


def mended(z):
    return forgetful(z) - np.eye(len(z))[0]


z = np.array([0.1, 0.2, 0.7])
report = check_numpy(cross_entropy, forgetful, z)

assert not report
assert check_numpy(cross_entropy, mended, z)
print(report)

# %% [markdown]
# For PyTorch there is `check_torch`, for tensors, modules and a `torch.autograd.Function`. The same
# planted bug, in PyTorch's words; the cell says so where PyTorch is not installed.

# %%
if find_spec("torch"):
    import torch

    from autograd.testing import check_torch

    class Softsign(torch.autograd.Function):
        """The softsign unit, with the same mistake."""

        @staticmethod
        def forward(ctx, x):
            y = x / (1 + x.abs())
            ctx.save_for_backward(y)
            return y

        @staticmethod
        def backward(ctx, flow):
            (y,) = ctx.saved_tensors
            return flow * (1 - y) ** 2

    assert check_torch(Softsign, torch.tensor(1.0, dtype=torch.float64))
    report = check_torch(Softsign, torch.tensor(-1.0, dtype=torch.float64))
    assert not report
    print(report)
else:
    print("PyTorch is not installed here, so this cell has nothing to check.")

# %% [markdown]
# ## What a usual check lets through
#
# The usual check compares with a difference quotient, and allows a thousandth of the derivative and
# a hundred-thousandth more, as `torch.autograd.gradcheck` does by default. Whatever is smaller than
# that passes, right or wrong.


# %%
def usual_check(f, slope, x, h=1e-6):
    quotient = (f(x + h) - f(x - h)) / (2 * h)
    return bool(abs(slope - quotient) <= 1e-5 + 1e-3 * abs(quotient))


assert usual_check(np.tanh, 1.0, 0.0)
assert not usual_check(np.tanh, 1.01, 0.0)
assert usual_check(np.tanh, 0.0, 20.0)

# %% [markdown]
# But a small derivative may matter: it is multiplied by others, and its logarithm is a plain
# number. These are derivatives in libraries that many people use. Each function gives what its
# library says is the derivative at a point.


# %%
def of_torch(name, x):
    import torch

    given = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    getattr(torch, name)(given).backward()
    return given.grad.item()


def of_jax(name, x):
    import jax

    with jax.enable_x64(True):
        return float(jax.grad(getattr(jax.nn if name == "sigmoid" else jax.numpy, name))(x))


def of_mygrad(name, x):
    import mygrad

    given = mygrad.tensor(x)
    getattr(mygrad, name)(given).backward()
    return float(given.grad)


def of_casadi(name, x):
    import casadi

    given = casadi.SX.sym("x")
    slope = casadi.gradient(getattr(casadi, name)(given), given)
    return float(casadi.Function("slope", [given], [slope])(x))


def of_uncertainties(name, x):
    from uncertainties import ufloat, umath

    given = ufloat(x, 1.0)
    return getattr(umath, name)(given).derivatives[given]


def of_xad(name, x):
    import xad.adj_1st
    import xad.math

    with xad.adj_1st.Tape() as tape:
        given = xad.adj_1st.Real(x)
        tape.registerInput(given)
        tape.newRecording()
        y = getattr(xad.math, name)(given)
        tape.registerOutput(y)
        y.derivative = 1.0
        tape.computeAdjoints()
        return given.derivative


def of_sklearn(name, x):  # by its output, as its multi-layer perceptron does
    import sklearn.neural_network._base as base

    name = {"sigmoid": "logistic"}.get(name, name)
    output, flow = np.array([x]), np.array([1.0])
    base.ACTIVATIONS[name](output)
    base.DERIVATIVES[name](output, flow)
    return float(flow[0])


# %% [markdown]
# Each is asked where it is installed. The last column was measured on 26 November 2026 with torch
# 2.14.1, jax 0.10.2, mygrad 2.5.0, casadi 3.8.2, uncertainties 3.2.3, xad 1.5.2 and scikit-learn
# 1.9.1; [findings.md](reference/findings.md) has many more.

# %%
functions = {
    "sinc": (np.sinc, mpmath.sincpi),
    "tanh": (np.tanh, mpmath.tanh),
    "sigmoid": (lambda x: 1 / (1 + np.exp(-x)), lambda x: 1 / (1 + mpmath.exp(-x))),
}
rows = [
    ("torch", of_torch, "sinc", 1e-9, 0.0),
    ("torch", of_torch, "tanh", 20.0, 0.0),
    ("torch", of_torch, "sigmoid", 40.0, 0.0),
    ("jax", of_jax, "sinc", 1e-9, 0.0),
    ("jax", of_jax, "tanh", 20.0, 0.0),
    ("jax", of_jax, "sigmoid", 40.0, 0.0),
    ("mygrad", of_mygrad, "sinc", 1e-9, 0.0),
    ("mygrad", of_mygrad, "tanh", 20.0, 0.0),
    ("casadi", of_casadi, "tanh", 20.0, 0.0),
    ("uncertainties", of_uncertainties, "tanh", 20.0, 0.0),
    ("xad", of_xad, "tanh", 20.0, 0.0),
    ("sklearn", of_sklearn, "tanh", 20.0, 0.0),
    ("sklearn", of_sklearn, "sigmoid", 40.0, 0.0),
]
mpmath.mp.dps = 40
print(
    f"{'library':14}{'function':9}{'at':>6}{'truth':>11}{'here':>15}{'measured':>10}  usual check"
)
for library, derivative, name, x, measured in rows:
    f, reference = functions[name]
    truth = float(mpmath.diff(reference, x))
    here = derivative(name, x) if find_spec(library) else None
    passes = usual_check(f, measured if here is None else here, x)
    shown = "not installed" if here is None else f"{here:.3g}"
    verdict = "passes" if passes else "fails"
    print(f"{library:14}{name:9}{x:6g}{truth:11.3g}{shown:>15}{measured:10.3g}  {verdict}")
    assert passes
    assert abs(measured - truth) >= abs(truth)

# %% [markdown]
# Ours are rows of their own, which keep the digits.

# %%
tanh_slope, sigmoid_slope = grad(ag.tanh)(20.0), grad(ag.sigmoid)(40.0)

assert math.isclose(tanh_slope, mpmath.sech(20) ** 2, rel_tol=4e-16)
assert math.isclose(sigmoid_slope, mpmath.sech(20) ** 2 / 4, rel_tol=4e-16)
tanh_slope, sigmoid_slope

# %% [markdown]
# `check_elementwise` is for functions of arrays. It holds value and derivative against mpmath at
# points where formulas are known to fail, and says by how much.

# %%
report = check_elementwise(np.tanh, lambda x: 1 - np.tanh(x) ** 2, mpmath.tanh, points=200)

assert report.severity.value == "few digits"
print(report)

# %% [markdown]
# **To try 1.** Mend `softsign` so that all digits are right, and let Hypothesis look again.


# %% jupyter={"source_hidden": true}
@primitive(partials=lambda x, out: (1 / (1 + abs(x)) ** 2,))  # noqa: ARG005
def right_softsign(x):
    """The softsign unit."""
    return x / (1 + abs(x))


@settings(derandomize=True, database=None)
@given(st.floats(-100, 100))
def the_mended_gradient_is_right(x):
    check_gradients(right_softsign, (x,)).check()


the_mended_gradient_is_right()

# %% [markdown]
# **To try 2.** A gradient that is too large by one per cent: which of the checks of this notebook
# see it, the usual one, Taylor's test, `check_numpy`?

# %% jupyter={"source_hidden": true}
off = 1.01 * math.cos(1.0)

assert not usual_check(np.sin, off, 1.0)
assert not taylor_test(math.sin, lambda x: 1.01 * math.cos(x), 1.0)
assert not check_numpy(lambda x: np.sin(x[0]), lambda x: 1.01 * np.cos(x), np.array([1.0]))

# %% [markdown]
# **To try 3.** Write `sinc` as the quotient $\sin(\pi x)/(\pi x)$ of our own functions. Is its
# derivative at 1e-9 right? Should backpropagation be blamed? Then declare it as a `primitive` whose
# slope near 0 is the first term of its series.


# %% jupyter={"source_hidden": true}
def quotient(x):
    return ag.sin(ag.pi * x) / (ag.pi * x)


@primitive(
    partials=lambda x, out: (
        -((ag.pi**2) * x) / 3 if abs(x) < 1e-5 else (ag.cos(ag.pi * x) - out) / x,
    )
)
def sinc(x):
    """The sine of pi x by pi x."""
    return math.sin(math.pi * x) / (math.pi * x) if x else 1.0


truth = float(mpmath.diff(mpmath.sincpi, 1e-9))

# Each partial is right to its last bit: it is their sum in which everything cancels.
assert abs(grad(quotient)(1e-9) / truth - 1) > 0.1
assert math.isclose(grad(sinc)(1e-9), truth, rel_tol=1e-9)
