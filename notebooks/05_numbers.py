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
# # 5. Numbers that bend, saturate and overflow
#
# After this notebook you can say what a derivative is where a curve has a corner, tell a gradient
# that is small from one that was lost, count an error in units in the last place, compute gradients
# without any rounding, find the line that made a `nan`, and keep infinities out by working with
# logarithms. It needs notebooks 1 and 2, Matplotlib and mpmath.

# %%
import math
from fractions import Fraction

import matplotlib.pyplot as plt
import mpmath

import autograd as ag
from autograd import AnomalyError, Value, detect_anomaly, draw, grad

# %% [markdown]
# ## Corners
#
# `relu(x)` is `x` above 0 and 0 below. Its slope is 1 on one side and 0 on the other. At 0 there is
# no derivative; every number from 0 to 1 is the slope of a line that touches the curve there.

# %%
xs = [i / 50 - 1 for i in range(101)]
figure, (left, right) = plt.subplots(1, 2, figsize=(8, 2.8))
left.plot(xs, [ag.relu(x) for x in xs])
for slope in (0.25, 0.5, 0.75):
    left.plot(xs, [slope * x for x in xs], ":", linewidth=1)
left.set_title("relu, and lines that touch it at 0")
right.plot(xs, [grad(ag.relu)(x) for x in xs], ".", markersize=3)
right.set_title("what grad says")

assert [grad(ag.relu)(x) for x in (-1.0, 1.0)] == [0, 1]

# %% [markdown]
# A program has to say something at 0 all the same. Each row of the table says what: `relu` has 0,
# `abs` has 0, and a `maximum` of two equal numbers shares the gradient.

# %%
a, b = Value(1.0, label="a"), Value(1.0, label="b")
tie = ag.maximum(a, b)
tie.backward()

assert grad(ag.relu)(0.0) == grad(ag.abs)(0.0) == 0
assert (a.grad, b.grad) == (0.5, 0.5)
draw(tie)

# %% [markdown]
# So two ways to write one function may differ at its corner, and only there. Neither is wrong. A
# descent that lands exactly on a corner is rare, unless numbers are whole, or all zero at first.

# %%
one = grad(ag.relu)
other = grad(lambda x: ag.maximum(x, 0))

assert [one(x) == other(x) for x in (-1e-300, 0.0, 1e-300)] == [True, False, True]
one(0.0), other(0.0)

# %% [markdown]
# A check of gradients has to know it. Ours skips a corner, and says what lies on its two sides.

# %%
from autograd.testing import check_gradients

report = check_gradients(ag.relu, (0.0,))

assert "a kink: between 0.0 and 1.0" in str(report)
print(report)

# %% [markdown]
# ## Saturation
#
# The hyperbolic tangent levels off. From about 19 on its nearest float is 1 itself, but its slope
# is not 0: it is about $4 e^{-2x}$. Who computes the slope as $1 - y^2$ from the rounded $y$ loses
# all of it.

# %%
x = Value(20.0)
y = x.tanh()
y.backward()

assert y.data == 1.0
assert 1 - y.data**2 == 0.0
assert math.isclose(x.grad, 4 * math.exp(-40), rel_tol=1e-12)
x.grad

# %% [markdown]
# The digits go one after another, long before the last of them.

# %%
xs = [i / 10 for i in range(1, 250)]
slopes = [grad(ag.tanh)(x) for x in xs]
lost = [abs((1 - math.tanh(x) ** 2) / slope - 1) for x, slope in zip(xs, slopes, strict=True)]
figure, axes = plt.subplots(figsize=(6, 3))
axes.semilogy(xs, [share or math.nan for share in lost], ".")
axes.set_xlabel("x")
axes.set_ylabel("relative error of 1 - tanh(x)**2")

assert all(slopes)
assert lost[-1] == 1.0

# %% [markdown]
# That is accuracy, not a cure: a slope of 1e-17 is right, and a weight behind it will not learn.

# %% [markdown]
# ## Units in the last place
#
# Floats are not evenly spread. From 1 to 2 they are 2.2e-16 apart, from 1024 to 2048 a thousand
# times as much. The distance at a number is its *unit in the last place*, ULP. An error of half an
# ULP is the best that rounding can do.

# %%
assert math.ulp(1.0) == 2**-52
assert math.ulp(1024.0) == 1024 * math.ulp(1.0)
math.ulp(1.0), math.ulp(1024.0)

# %% [markdown]
# With mpmath, whose numbers may have any number of digits, we can say how far off a derivative is.

# %%
mpmath.mp.dps = 40


def error(got, truth):
    """The distance from the truth, in ULP of the truth."""
    return float(abs(mpmath.mpf(got) - truth) / math.ulp(float(truth)))


def f(x):
    return ag.exp(ag.sin(x))


at = 1.5
truth = mpmath.cos(at) * mpmath.exp(mpmath.sin(at))

assert error(grad(f)(at), truth) < 4
error(grad(f)(at), truth)

# %% [markdown]
# A difference quotient has two errors that fight. With a large step the curve bends away from the
# line, with a small one the subtraction keeps only the noise of the two values. Between them the
# best is still some hundred thousand ULP off; backpropagation has no step to choose.

# %%
steps = [10 ** (-k / 4) for k in range(4, 61)]
quotients = [(f(at + h) - f(at - h)) / (2 * h) for h in steps]
errors = [error(q, truth) for q in quotients]
figure, axes = plt.subplots(figsize=(6, 3))
axes.loglog(steps, errors, ".-", label="central difference")
axes.axhline(error(grad(f)(at), truth), color="tab:orange", label="backpropagation")
axes.set_xlabel("step")
axes.set_ylabel("error in ULP")
axes.legend()

assert min(errors) > 10_000 > error(grad(f)(at), truth)

# %% [markdown]
# ## Without any rounding
#
# A `Value` may hold a fraction. Then data and gradients are fractions, and nothing is rounded.

# %%
x = Value(Fraction(1, 3), label="x")
y = (x**3 - x / 7) / (1 + x**2)
y.backward()

assert y.data == Fraction(-1, 105)
assert x.grad == Fraction(31, 175)
y.data, x.grad

# %% [markdown]
# The quotient rule by hand gives the same number, not nearly, but exactly.

# %%
t = Fraction(1, 3)
top, bottom = t**3 - t / 7, 1 + t**2
by_hand = ((3 * t**2 - Fraction(1, 7)) * bottom - top * 2 * t) / bottom**2

assert by_hand == x.grad

# %% [markdown]
# A float met by a fraction is refused: 0.1 is not a tenth, and nobody should find that out later.

# %%
try:
    x * 0.1
except TypeError as refusal:
    print(refusal)

assert Fraction(0.1) != Fraction(1, 10)

# %% [markdown]
# ## Where does the nan come from?
#
# The length of a vector is $\sqrt{x^2 + y^2}$. At the origin its value is 0, and its gradient, by
# these operations, is `nan`: the root's slope is infinite, and it is multiplied by 0.


# %%
def length(x, y):
    squares = x * x + y * y
    return squares.sqrt()


x, y = Value(0.0, label="x"), Value(0.0, label="y")
r = length(x, y)
r.backward()

assert r.data == 0
assert math.isnan(x.grad)
draw(r)

# %% [markdown]
# In a large program the `nan` shows up far from its cause. Inside `detect_anomaly` the first number
# that is not finite raises, and names the operation, its operands and its line.

# %%
try:
    with detect_anomaly():
        length(x, y).backward()
except AnomalyError as found:
    anomaly = found
message = str(anomaly)
where = message.splitlines()[-1]

assert anomaly.node.op.name == "sqrt"
assert where.endswith("return squares.sqrt()")
print(message.replace(where, "  at ... " + where.partition(", in ")[2]))

# %% [markdown]
# The remedy is a function that knows what it is: `hypot` and `norm` are elementary functions, and
# say 0 at the origin, one of the slopes between those on all sides.

# %%
assert grad(ag.hypot, (0, 1))(0.0, 0.0) == (0, 0)
assert grad(ag.hypot, (0, 1))(3.0, 4.0) == (3 / 5, 4 / 5)

# %% [markdown]
# ## Infinities, and logarithms
#
# The chance of a thousand heads in a row is a fine number, but not a float: it is rounded to 0. Its
# logarithm is harmless. So probabilities are multiplied by adding their logarithms.

# %%
p = Value(0.5, label="p")
product, total = p**1100, 1100 * p.log()
total.backward()

assert product.data == 0.0
assert math.isclose(total.data, -1100 * math.log(2))
assert p.grad == 2200
total.data

# %% [markdown]
# To *add* numbers that are given by their logarithms one would go back through `exp`, which
# overflows.


# %%
def naive(a, b):
    return (a.exp() + b.exp()).log()


a, b = Value(1000.0, label="a"), Value(999.0, label="b")
naive(a, b).backward()

assert math.isnan(a.grad)
naive(a, b).data, a.grad

# %% [markdown]
# `logsumexp` subtracts the largest first: $\log(e^a + e^b) = m + \log(e^{a-m} + e^{b-m})$. Its
# partial derivatives are the shares of the terms, which is what *softmax* gives.

# %%
a, b = Value(1000.0, label="a"), Value(999.0, label="b")
both = ag.logsumexp([a, b])
both.backward()
shares = ag.softmax([1000.0, 999.0])

assert both.data == 1000 + math.log1p(math.exp(-1))
assert math.isclose(a.grad, shares[0], rel_tol=1e-15)
assert math.isclose(a.grad + b.grad, 1, rel_tol=1e-15)
draw(both)

# %% [markdown]
# An impossible event has probability 0, whose logarithm is $-\infty$. It adds nothing, and nothing
# flows to it.

# %%
a, b = Value(-math.inf, label="a"), Value(0.0, label="b")
ag.logsumexp([a, b]).backward()

assert (a.grad, b.grad) == (0, 1)

# %% [markdown]
# **To try 1.** What is the gradient of `sqrt(x*x)` at 0, and of `abs(x)`? Which would you take?

# %% jupyter={"source_hidden": true}
rooted = grad(lambda x: (x * x).sqrt())

assert math.isnan(rooted(0.0))
assert grad(ag.abs)(0.0) == 0
assert rooted(-2.0) == grad(ag.abs)(-2.0) == -1

# %% [markdown]
# **To try 2.** The loss of a classifier that says the logit $z$ for an example of class 1 is
# $-\log \sigma(z)$. At $z = -800$, what do `-log(sigmoid(z))` and `-log_sigmoid(z)` give, and which
# gradient is right?

# %% jupyter={"source_hidden": true}
split, whole = Value(-800.0), Value(-800.0)
lost, kept = -split.sigmoid().log(), -whole.log_sigmoid()
lost.backward()
kept.backward()

assert lost.data == math.inf
assert math.isnan(split.grad)
assert kept.data == 800
assert whole.grad == -1

# %% [markdown]
# **To try 3.** Newton's iteration for $\sqrt 2$ is $x \to (x + 2/x)/2$. Take five steps from 1 with
# fractions. How many digits has the result, and by how much does it move with the 2?

# %% jupyter={"source_hidden": true}
two = Value(Fraction(2))
x = Value(Fraction(1))
for _ in range(5):
    x = (x + two / x) / 2
x.backward()

root = mpmath.sqrt(2)
assert abs(mpmath.mpf(x.data.numerator) / x.data.denominator - root) < mpmath.mpf(10) ** -23
assert abs(mpmath.mpf(two.grad.numerator) / two.grad.denominator - 1 / (2 * root)) < 1e-20
