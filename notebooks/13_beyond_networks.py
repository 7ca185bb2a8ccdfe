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
# # 13. Beyond networks
#
# Gradients are good for more than networks. After this notebook you can compute the sensitivities
# of a price and hold them against closed forms, fit a curve and say how sure its parameters are,
# aim a throw through the air, solve a differential equation by a loss, and learn from a table of
# your own. It needs notebooks 2 and 14, Matplotlib, SciPy and pandas.

# %%
import math
import random
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

import autograd as ag
import nn
from autograd import Value, draw, grad, jacobian, root, value_and_grad

# %% [markdown]
# ## The Greeks of an option
#
# Who holds a European call may buy a share at time $T$ for the price $K$. If the share is at $S$
# now, moves with volatility $\sigma$, and money earns the rate $r$, the call is worth
# $S\,N(d_1) - K e^{-rT} N(d_2)$ (Black and Scholes, "The pricing of options and corporate
# liabilities", 1973).


# %%
def call(S, K, T, r, sigma):
    d1 = (ag.log(S / K) + (r + sigma**2 / 2) * T) / (sigma * ag.sqrt(T))
    d2 = d1 - sigma * ag.sqrt(T)
    return S * ag.normal_cdf(d1) - K * ag.exp(-r * T) * ag.normal_cdf(d2)


names = ("S", "K", "T", "r", "sigma")
terms = dict(zip(names, (100.0, 105.0, 0.5, 0.03, 0.2), strict=True))
inputs = {name: Value(x, label=name) for name, x in terms.items()}
price = call(**inputs)
price.backward()

assert 4 < price.data < 4.5
draw(price)

# %% [markdown]
# Traders call its derivatives the *Greeks*. One sweep gives all of the first order, and each agrees
# with its closed form.

# %%
S, K, T, r, sigma = terms.values()
d1 = (math.log(S / K) + (r + sigma**2 / 2) * T) / (sigma * math.sqrt(T))
d2 = d1 - sigma * math.sqrt(T)
N, density = ag.normal_cdf, ag.normal_pdf
closed = {
    "S": N(d1),
    "K": -math.exp(-r * T) * N(d2),
    "T": S * density(d1) * sigma / (2 * math.sqrt(T)) + r * K * math.exp(-r * T) * N(d2),
    "r": K * T * math.exp(-r * T) * N(d2),
    "sigma": S * density(d1) * math.sqrt(T),
}

for name, truth in closed.items():
    assert math.isclose(inputs[name].grad, truth, rel_tol=1e-12)
{name: round(x.grad, 4) for name, x in inputs.items()}

# %% [markdown]
# *Gamma* says how *delta*, the derivative by $S$, moves with $S$: it is a second derivative.


# %%
def delta(S):
    return grad(call)(S, K, T, r, sigma)


gamma = grad(delta)
prices = [60 + i for i in range(91)]
figure, (left, right) = plt.subplots(1, 2, figsize=(8, 2.8))
left.plot(prices, [delta(float(s)) for s in prices])
left.set_title("delta")
right.plot(prices, [gamma(float(s)) for s in prices])
right.set_title("gamma")

assert math.isclose(gamma(S), density(d1) / (S * sigma * math.sqrt(T)), rel_tol=1e-12)

# %% [markdown]
# What volatility does the market think of, if the call costs 5? That is a number which solves an
# equation, and its derivative by the price is 1 by *vega*.

# %%
cost = Value(5.0, label="cost")
implied = root(lambda v: call(S, K, T, r, v) - cost, 0.3)
implied.backward()
vega = grad(call, 4)(S, K, T, r, implied.data)

assert math.isclose(call(S, K, T, r, implied.data), 5)
assert math.isclose(cost.grad, 1 / vega, rel_tol=1e-10)
implied

# %% [markdown]
# ## A curve with error bars
#
# Something decays, and is measured with an error: $y = a e^{-bt} + c$. Which $a$, $b$, $c$ fit
# best, and how sure are they?

# %%
rng = random.Random(3)
times = [0.25 * i for i in range(30)]
truth = [2.5, 0.9, 0.5]


def curve(p, t):
    a, b, c = p
    return a * ag.exp(-b * t) + c


measured = [curve(truth, t) + rng.gauss(0, 0.08) for t in times]

assert len(measured) == 30

# %% [markdown]
# Gauss and Newton take the residuals for linear: with their Jacobian $J$ the step solves
# $J^T J\,d = -J^T r$. A few steps do. The same matrix tells the uncertainty: the covariance of the
# parameters is $s^2 (J^T J)^{-1}$, where $s^2$ is the mean square of what is left.


# %%
def residuals(p):
    return [curve(p, t) - y for t, y in zip(times, measured, strict=True)]


fitted = [1.0, 0.5, 0.0]
for _ in range(10):
    J, rest = np.array(jacobian(residuals)(fitted)), np.array(residuals(fitted))
    fitted = [float(x) for x in fitted - np.linalg.solve(J.T @ J, J.T @ rest)]
variance = sum(x * x for x in residuals(fitted)) / (len(times) - 3)
covariance = variance * np.linalg.inv(J.T @ J)
errors = [float(x) for x in np.sqrt(np.diag(covariance))]

for x, error, true in zip(fitted, errors, truth, strict=True):
    assert abs(x - true) < 3 * error
[f"{x:.3f} +- {e:.3f}" for x, e in zip(fitted, errors, strict=True)]

# %% [markdown]
# SciPy, which knows no derivatives of ours, says the same.

# %%
from scipy.optimize import curve_fit

theirs, their_covariance = curve_fit(
    lambda t, a, b, c: a * np.exp(-b * t) + c, times, measured, p0=[1.0, 0.5, 0.0]
)

assert np.allclose(theirs, fitted, rtol=1e-5)
assert np.allclose(their_covariance, covariance, rtol=1e-3)

# %% [markdown]
# The band is what the uncertainty of the parameters makes of the curve: its variance at $t$ is
# $g^T C g$, with the gradient $g$ of the curve by the parameters. It is propagation of errors.

# %%
spread = []
for t in times:
    g = np.array(grad(curve)(fitted, t))
    spread.append(2 * math.sqrt(g @ covariance @ g))
middle = np.array([curve(fitted, t) for t in times])
figure, axes = plt.subplots(figsize=(6, 3))
axes.errorbar(times, measured, yerr=0.08, fmt=".", label="measured")
axes.plot(times, middle, label="fitted")
axes.fill_between(times, middle - spread, middle + spread, alpha=0.3, label="two deviations")
axes.legend()

assert max(spread) < 0.2

# %% [markdown]
# ## A throw through the air
#
# A ball flies with air drag, which grows with the square of its speed. There is no formula for
# where it lands, but a loop computes it, and a loop can be differentiated like anything else.


# %%
def flight(vx, vy, drag, steps=60, duration=1.5):
    """The places of a ball after each step, by the midpoint rule."""
    dt, x, y, places = duration / steps, 0.0, 1.0, []

    def pull(vx, vy):
        speed = ag.sqrt(vx * vx + vy * vy)
        return -drag * speed * vx, -9.81 - drag * speed * vy

    for _ in range(steps):
        ax, ay = pull(vx, vy)
        mx, my = vx + ax * dt / 2, vy + ay * dt / 2
        ax, ay = pull(mx, my)
        x, y, vx, vy = x + mx * dt, y + my * dt, vx + ax * dt, vy + ay * dt
        places.append((x, y))
    return places


free = flight(8.0, 6.0, 0.0)[-1]

assert math.isclose(free[0], 8.0 * 1.5)
assert math.isclose(free[1], 1 + 6.0 * 1.5 - 9.81 * 1.5**2 / 2, abs_tol=1e-9)

# %% [markdown]
# With which velocity does it hit a target 10 metres away, 2 metres high, after a second and a half?
# Two equations for two unknowns, through sixty steps: `root` finds them. And it knows by how much
# the aim has to change if the air is a little thicker.


# %%
def missed(v, drag):
    x, y = flight(*v, drag)[-1]
    return [x - 10.0, y - 2.0]


drag = Value(0.05, label="drag")
vx, vy = root(missed, [8.0, 6.0], drag)
(vx + 0).backward()
thicker = root(missed, [8.0, 6.0], 0.051)

assert max(map(abs, missed([vx.data, vy.data], 0.05))) < 1e-10
assert math.isclose(drag.grad, (thicker[0].data - vx.data) / 0.001, rel_tol=0.05)
vx.data, vy.data, drag.grad

# %%
figure, axes = plt.subplots(figsize=(6, 3))
for name, v, k in (
    ("in a vacuum", (8.0, 6.0), 0.0),
    ("the same with drag", (8.0, 6.0), 0.05),
    ("aimed", (vx.data, vy.data), 0.05),
):
    axes.plot(*zip(*flight(*v, k), strict=True), label=name)
axes.plot(10, 2, "k*", markersize=12)
axes.legend()

assert flight(8.0, 6.0, 0.05)[-1][0] < 10 < free[0]

# %% [markdown]
# ## A differential equation as a loss
#
# Something is warmed by day and cooled by night: $u' = \cos t - u$, from $u(0) = 0$. Take for $u$ a
# small network times $t$, so that the start is right, and lower the mean square of $u' + u - \cos
# t$ at some times. Such a *physics-informed* loss has the derivative of the network by its input
# inside, and the gradient goes through it (Raissi, Perdikaris and Karniadakis, 2019).

# %%
net = nn.MLP(1, [6, 1], activation="tanh", rng=random.Random(0))
moments = [0.25 * i for i in range(17)]


def u(t):
    return t * net([t])


def law():
    misfits = []
    for t in moments:
        value, slope = value_and_grad(u)(t)
        misfits.append((slope + value - math.cos(t)) ** 2)
    return ag.mean(misfits)


before = law().data
result = nn.optim.minimise(law, net.parameters(), options={"maxiter": 60})

assert result.fun < before / 1000
before, result.fun

# %% [markdown]
# The solution is $(\cos t + \sin t - e^{-t})/2$. The network was never told.

# %%
exact = [(math.cos(t) + math.sin(t) - math.exp(-t)) / 2 for t in moments]
found = [u(t).data for t in moments]
figure, axes = plt.subplots(figsize=(6, 3))
axes.plot(moments, exact, label="solution")
axes.plot(moments, found, "o", markerfacecolor="none", label="network")
axes.legend()

assert max(abs(a - b) for a, b in zip(exact, found, strict=True)) < 0.02

# %% [markdown]
# ## A table of your own
#
# Whatever is in a CSV file can be learned from: the columns may be numbers, categories or dates.
# Here is one, written as a spreadsheet would: of plants that live or die.

# %%
rng = random.Random(5)
lines = ["water,light,place,fate"]
for _ in range(120):
    water, light = rng.uniform(0, 10), rng.uniform(0, 10)
    place = rng.choice(["window", "cellar"])
    alive = abs(water - 5) < 3 and light > (3 if place == "window" else 6)
    lines.append(f"{water:.1f},{light:.1f},{place},{'lives' if alive else 'dies'}")
with tempfile.TemporaryDirectory() as folder:
    path = Path(folder, "plants.csv")
    path.write_text("\n".join(lines))
    plants = nn.data.load_csv(path, "fate")

assert plants.class_names == ("dies", "lives")
plants

# %%
scale = nn.data.Standardiser.fit(plants.features)
rows, fates = scale(plants.features), list(plants.labels)
model = nn.MLP(len(rows[0]), [12, 2], activation="tanh", rng=random.Random(0))
optimiser = nn.optim.Adam(model.parameters(), lr=0.05)
history = nn.fit(
    model, nn.losses.cross_entropy, rows[:90], fates[:90], optimiser, 60, progress=False
)
right = sum(
    (model(x)[1] > model(x)[0]) == bool(y) for x, y in zip(rows[90:], fates[90:], strict=True)
)

assert right >= 24
right / 30

# %% [markdown]
# In a shell, `python -m nn plants.csv --target fate` does all of it.

# %% [markdown]
# **To try 1.** Put and call parity: a call less a put is worth $S - K e^{-rT}$, whatever the
# volatility. Show that both have the same vega and the same gamma, without computing either.


# %% jupyter={"source_hidden": true}
def parity(S, K, T, r, sigma):
    put = call(S, K, T, r, sigma) - S + K * ag.exp(-r * T)
    return call(S, K, T, r, sigma) - put


assert abs(grad(parity, 4)(S, K, T, r, sigma)) < 1e-12
assert abs(grad(grad(parity))(S, K, T, r, sigma)) < 1e-12
assert math.isclose(grad(parity)(S, K, T, r, sigma), 1)

# %% [markdown]
# **To try 2.** After what time has the decay come down to 1, and how sure is that? Use `root` with
# the fitted parameters, and the covariance.

# %% jupyter={"source_hidden": true}
parameters = [Value(x) for x in fitted]
when = root(lambda t: curve(parameters, t) - 1, 1.0)
when.backward()
g = np.array([x.grad for x in parameters])
doubt = math.sqrt(g @ covariance @ g)
true_time = math.log(2.5 / 0.5) / 0.9

assert math.isclose(when.data, math.log(fitted[0] / (1 - fitted[2])) / fitted[1], rel_tol=1e-12)
assert abs(when.data - true_time) < 3 * doubt
when.data, doubt

# %% [markdown]
# **To try 3.** In a vacuum, from the ground, a throw goes farthest at 45 degrees. Find it by
# descent on the angle, with $x = v^2 \sin(2\theta)/g$. Where is it if the ball starts a metre high?


# %% jupyter={"source_hidden": true}
def reach(angle, height):
    vx, vy = 10 * ag.cos(angle), 10 * ag.sin(angle)
    return vx * (vy + ag.sqrt(vy * vy + 2 * 9.81 * height)) / 9.81


def best(height):
    angle = 0.5
    for _ in range(200):
        angle += 0.02 * grad(reach)(angle, height)
    return math.degrees(angle)


assert math.isclose(best(0.0), 45, rel_tol=1e-6)
assert 42 < best(1.0) < 45
best(1.0)
