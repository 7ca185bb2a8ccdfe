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
# # 14. Beyond the first derivative
#
# After this notebook you can take derivatives of derivatives, find a minimum by Newton's method,
# differentiate a number that is known only as the solution of an equation, and trade memory for
# computing in a long loop. It needs notebook 2, and Matplotlib.

# %%
import math
import tracemalloc
from itertools import pairwise

import matplotlib.pyplot as plt

import autograd as ag
from autograd import (
    ConvergenceError,
    Value,
    chain,
    checkpoint,
    draw,
    fixed_point,
    grad,
    hessian,
    hvp,
    root,
)

# %% [markdown]
# ## The gradient is a number with a graph
#
# The local derivatives of our functions are written with our functions. So a sweep can build a
# graph of its own: what it finds is a `Value`, and can be swept again.

# %%
x = Value(0.5, label="x")
y = x.sin() * x
y.backward(create_graph=True)
slope = x.grad

assert math.isclose(slope.data, math.cos(0.5) * 0.5 + math.sin(0.5))
draw(slope)

# %%
x.zero_grad()
slope.backward()

assert math.isclose(x.grad, 2 * math.cos(0.5) - 0.5 * math.sin(0.5))
x.grad

# %% [markdown]
# `grad` does this for functions, and nests. Here are four derivatives of the hyperbolic tangent.
# The second is 0 in the middle, where the curve is steepest and does not bend.

# %%
orders = [ag.tanh]
for _ in range(4):
    orders.append(grad(orders[-1]))
xs = [i / 25 - 3 for i in range(151)]
figure, axes = plt.subplots(figsize=(6, 3))
for n, f in enumerate(orders):
    axes.plot(xs, [f(x) for x in xs], label=f"order {n}")
axes.legend(loc="upper left", fontsize=8)

assert [f(0.0) for f in orders] == [0, 1, 0, -2, 0]

# %% [markdown]
# ## The Hessian
#
# With several variables the second derivatives are a table: how does the slope along one axis
# change along another? Rosenbrock's valley is the classic test for those who look for minima. It is
# narrow and bent, and its lowest point is (1, 1).


# %%
def valley(p):
    x, y = p
    return (1 - x) ** 2 + 100 * (y - x * x) ** 2


bent = hessian(valley)([-1.2, 1.0])

assert bent == [[1330.0, 480.0], [480.0, 200.0]]
bent

# %% [markdown]
# It is symmetric: the order of two derivatives does not matter. By hand it is
# $2 + 1200x^2 - 400y$, $-400x$ and $200$.

# %%
x, y = -1.2, 1.0

assert bent[0][1] == bent[1][0] == -400 * x
assert math.isclose(bent[0][0], 2 + 1200 * x * x - 400 * y)

# %% [markdown]
# ## Newton's method
#
# Descent goes down the slope, as far as a fixed rate says. Newton's method asks where the slope
# will be 0 if it goes on changing as it does here: it solves $H d = -g$ and steps by $d$.


# %%
def newton(f, p, steps):
    path = [p]
    for _ in range(steps):
        (a, b), (_, c) = hessian(f)(p)
        g, h = grad(f)(p)
        determinant = a * c - b * b
        p = [p[0] - (c * g - b * h) / determinant, p[1] - (a * h - b * g) / determinant]
        path.append(p)
    return path


def descent(f, p, rate, steps):
    path = [p]
    for _ in range(steps):
        p = [x - rate * g for x, g in zip(p, grad(f)(p), strict=True)]
        path.append(p)
    return path


by_newton = newton(valley, [-1.2, 1.0], 7)
by_descent = descent(valley, [-1.2, 1.0], 0.001, 2000)

assert max(abs(x - 1) for x in by_newton[-1]) < 1e-12
assert valley(by_descent[-1]) > 0.01

# %%
grid = [i / 40 for i in range(-60, 61)]
heights = [[math.log(valley((x, y + 0.75)) + 1e-3) for x in grid] for y in grid]
figure, axes = plt.subplots(figsize=(6, 4))
axes.contourf(grid, [y + 0.75 for y in grid], heights, levels=20, cmap="Greys")
for name, path in (("2000 steps of descent", by_descent), ("7 steps of Newton", by_newton)):
    axes.plot([p[0] for p in path], [p[1] for p in path], ".-", markersize=3, label=name)
axes.set_xlim(-1.5, 1.5)
axes.set_ylim(-0.75, 2.25)
axes.legend()

assert valley(by_newton[-1]) < 1e-20

# %% [markdown]
# Near the solution the number of right digits doubles with each step. (One step led far out of the
# picture: Newton's method is bold, and does not look whether it went down.)

# %%
distances = [math.hypot(x - 1, y - 1) for x, y in by_newton]

assert distances[-2] < 10 * distances[-3] ** 2
[f"{d:.1e}" for d in distances]

# %% [markdown]
# A network with a million weights has a Hessian of a million million numbers, which nobody stores.
# What it does to *one* direction costs about as much as a few gradients.


# %%
def big(xs):
    return sum((b - a * a) ** 2 for a, b in pairwise(xs))


ones = [1.0] * 500
turned = hvp(big, ones, ones)

assert turned[:3] == [4.0, 2.0, 2.0]
assert turned[-1] == -2.0

# %% [markdown]
# A function that is called often is compiled: traced once into a list of scalar operations,
# differentiated there, and simplified. `hessian` of the compiled function gives the same numbers.

# %%
compiled = ag.compile(valley)

assert compiled.hessian([-1.2, 1.0]) == bent
print(compiled.source())

# %% [markdown]
# ## Numbers that solve an equation
#
# The position of a planet at time $M$ on an orbit of eccentricity $e$ is the $E$ for which
# $E - e \sin E = M$ (Kepler's equation). No formula gives $E$; `root` finds it by Newton's method.
# How does it depend on $e$? By the implicit function theorem: with $F(E, e) = 0$,
# $dE/de = -F_e / F_E$. No step of the search is remembered.


# %%
def kepler(E, e, M):
    return E - e * E.sin() - M


e, M = Value(0.4, label="e"), Value(1.0, label="M")
E = root(kepler, 1.0, e, M)
E.label = "E"
E.backward()

assert abs(kepler(E, e, M).data) < 1e-15
assert math.isclose(e.grad, math.sin(E.data) / (1 - 0.4 * math.cos(E.data)), rel_tol=1e-14)
assert math.isclose(M.grad, 1 / (1 - 0.4 * math.cos(E.data)), rel_tol=1e-14)
E, e.grad, M.grad

# %% [markdown]
# A *fixed point* is a number that a function leaves alone. `fixed_point` relaxes until nothing
# moves any more, and differentiates by the same theorem. Beside it the long way: 60 steps,
# remembered.

# %%
a, b = Value(1.0, label="a"), Value(1.0, label="a, in the loop")
settled = fixed_point(lambda x, a: ag.cos(a * x), 0.5, a)
settled.backward()
x = Value(0.5)
for _ in range(60):
    x = ag.cos(b * x)
x.backward()

assert math.isclose(a.grad, -0.297474341509832, rel_tol=1e-12)
assert math.isclose(b.grad, a.grad, rel_tol=1e-8)
len(draw(settled).graph), len(draw(x).graph)

# %% [markdown]
# The graph of the settled number has the function once, at the solution.

# %%
draw(settled)

# %% [markdown]
# Where a step does not bring numbers closer together there is nothing to settle to. That is an
# error, not an endless loop.

# %%
try:
    fixed_point(lambda x: 3 * x * (1 - x) * 1.2, 0.3)
except ConvergenceError as error:
    print(error)
    refused = True

assert refused

# %% [markdown]
# ## Computing again instead of remembering
#
# A sweep needs the numbers of the way forward, so they are all kept. `checkpoint` keeps only what a
# function was given, and runs it again when the sweep arrives: memory for time.


# %%
def bent_many_times(x):
    for _ in range(30):
        x = (x * 1.1).tanh() + 0.2
    return x


w, v = Value(0.3, label="w"), Value(0.3, label="w")
plain, again = bent_many_times(v), checkpoint(bent_many_times)(w)
plain.backward()
again.backward()

assert (again.data, w.grad) == (plain.data, v.grad)
assert (len(draw(plain).graph), len(draw(again).graph)) == (91, 2)
draw(again)

# %% [markdown]
# A long loop is a harder case: to sweep from the last step to the first, the state before each step
# is needed, in the wrong order. With room for $s$ states, which ones should be kept? `chain`
# follows the schedule that runs the fewest steps: $r l - \binom{s+r}{r-1}$ beside the $l$ that are
# swept, the first run included, where $r$ is the smallest number with $\binom{s+r}{s} \ge l$
# (Griewank and Walther, "Algorithm 799: revolve", 2000). Count them.


# %%
def run(n, snapshots):
    """Sweep n steps; return how many were run beside those that were swept, and the gradient."""
    calls = 0

    def step(x, _):
        nonlocal calls
        calls += 1
        return rate * x * (1 - x)

    rate = Value(3.5)
    chain(step, Value(0.2), n, snapshots=snapshots).backward()
    return calls - n, rate.grad


counts = {(n, s): run(n, s)[0] for n, s in ((10, 3), (100, 5), (1000, 10))}

assert counts == {(10, 3): 15, (100, 5): 316, (1000, 10): 3636}
counts

# %% [markdown]
# The gradient is that of the loop which remembers everything.

# %%
rate, x = Value(3.5), Value(0.2)
for _ in range(100):
    x = rate * x * (1 - x)
x.backward()

assert all(run(100, s)[1] == rate.grad for s in (2, 5, 20))

# %% [markdown]
# With one state every step is run from the start again; with all of them the first run is all there
# is. Between them surprisingly few states will do: the curve falls steeply.

# %%
room = [1, 2, 3, 4, 5, 7, 10, 14, 20, 50, 100]
repeated = [run(100, s)[0] for s in room]
figure, axes = plt.subplots(figsize=(6, 3))
axes.loglog(room, repeated, ".-")
axes.set_xlabel("states remembered, of 100")
axes.set_ylabel("steps run beside the sweep")

assert (repeated[0], repeated[-1]) == (100 * 99 / 2, 99)
assert repeated == sorted(repeated, reverse=True)

# %% [markdown]
# And the memory? `tracemalloc` tells the peak of a sweep of $n$ steps, of four nodes each. That of
# the loop grows with $n$. That of the chain is the graph of one step and twenty states, however
# long it is.


# %%
def memory(run, n):
    """The peak of running and sweeping n steps, in MB, and the gradient."""
    rate = Value(3.5)
    tracemalloc.start()
    run(lambda x, _: (rate * x * (1 - x)).tanh(), n).backward()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak / 2**20, rate.grad


def loop(step, n):
    x = Value(0.2)
    for i in range(n):
        x = step(x, i)
    return x


lengths = [250, 1_000, 4_000]
ways = {"loop": loop, "chain": lambda step, n: chain(step, Value(0.2), n, snapshots=20)}
found = {name: [memory(run, n) for n in lengths] for name, run in ways.items()}
peaks = {name: [peak for peak, _ in runs] for name, runs in found.items()}
figure, axes = plt.subplots(figsize=(6, 3))
for name, curve in peaks.items():
    axes.plot(lengths, curve, ".-", label=name)
axes.set(xlabel="steps", ylabel="peak of memory in MB")
axes.legend()

assert [g for _, g in found["loop"]] == [g for _, g in found["chain"]]
assert peaks["loop"][2] > 3.5 * peaks["loop"][1]
assert peaks["chain"][2] < 1.5 * peaks["chain"][0] < 0.5
{name: [f"{peak:.2f}" for peak in curve] for name, curve in peaks.items()}

# %% [markdown]
# **To try 1.** Find $\sqrt[3]{5}$ by Newton's method for equations, $x \to x - f(x)/f'(x)$, with
# `grad` for $f'$. How many right digits have steps 3, 4 and 5 from 2?

# %% jupyter={"source_hidden": true}
x, digits = 2.0, []
for _ in range(5):
    x -= (x**3 - 5) / grad(lambda x: x**3 - 5)(x)
    digits.append(-math.log10(max(abs(x / 5 ** (1 / 3) - 1), 1e-16)))

assert digits[2] > 1.8 * digits[1]
assert digits[-1] > 15

# %% [markdown]
# **To try 2.** The recurrent unit $x = \tanh(w x + 0.3)$ settles for $w = 0.5$. What is $dx/dw$, by
# `fixed_point`, and by the theorem with pencil and paper?

# %% jupyter={"source_hidden": true}
w = Value(0.5)
x = fixed_point(lambda x: (w * x + 0.3).tanh(), 0.0)
x.backward()
on_paper = x.data * (1 - x.data**2) / (1 - w.data * (1 - x.data**2))

assert math.isclose(w.grad, 0.5999315006234137, rel_tol=1e-12)
assert math.isclose(w.grad, on_paper, rel_tol=1e-12)

# %% [markdown]
# **To try 3.** How much room does a sweep of 100 steps need, if no step may be run more than twice
# beside the sweep? Find it by counting, and by the binomial.

# %% jupyter={"source_hidden": true}
least = next(s for s in range(1, 100) if run(100, s)[0] <= 2 * 100 - math.comb(s + 2, 1))

assert math.comb(least + 2, 2) >= 100 > math.comb(least + 1, 2)
