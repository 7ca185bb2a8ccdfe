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
# # 9. Static and recurrent backpropagation
#
# In the nets so far a signal passes each unit once: a *static* mapping. If units see each other in
# a circle there is no last one. Their activity goes round until it settles, and where it settles
# is the answer. L. B. Almeida and F. J. Pineda found in 1987 how such nets learn, without
# remembering how they settled.
#
# **You will be able to** differentiate a fixed point, train a net that settles, compare it with
# the same net unrolled in time, and tell when neither will work. **You need** notebooks 1 to 3; a
# matrix is met on the way.

# %%
import math
import random
from itertools import count

import matplotlib.pyplot as plt
import numpy as np

from autograd import ConvergenceError, Value, chain, cos, draw, fixed_point, root, tanh
from nn import MLP, RecurrentBackprop, fit
from nn.losses import mse
from nn.optim import Adam

# %% [markdown]
# ## A fixed point
#
# Press the cosine key of a calculator again and again. Whatever you began with, the number comes
# to rest where $x = \cos x$.

# %%
xs = [0.0]
while len(xs) < 100:
    xs.append(math.cos(xs[-1]))

assert abs(xs[-1] - math.cos(xs[-1])) < 1e-15
xs[:4], xs[-1]

# %% [markdown]
# Each step goes up to the curve and across to the diagonal. Where they cross, nothing changes any
# more.

# %%
grid = np.linspace(0, 1.2)
figure, axis = plt.subplots(figsize=(3.6, 3.4), layout="constrained")
axis.plot(grid, np.cos(grid), grid, grid, color="0.6")
path = [(a, b) for x in xs[:12] for a, b in ((x, x), (x, math.cos(x)))]
axis.plot(*zip(*path, strict=True), color="C1", linewidth=1)
axis.set(xlabel="x", ylabel="cos x", aspect=1)

slope = -math.sin(xs[-1])
moves = [abs(x - xs[-1]) for x in xs[:30]]

assert abs(moves[21] / moves[20] - abs(slope)) < 1e-3  # each step leaves |f'| of the distance

# %% [markdown]
# Now let it depend on a parameter, $x = \cos(ax)$. If `a` grows a little, where does the fixed
# point go? Do not differentiate the steps; differentiate the *equation*, on both sides:
#
# $$\frac{dx}{da} = \frac{\partial f}{\partial a} + \frac{\partial f}{\partial x}\frac{dx}{da}
# \qquad\Longrightarrow\qquad
# \frac{dx}{da} = \frac{\partial f/\partial a}{1 - \partial f/\partial x}$$
#
# That is the implicit function theorem. `fixed_point` relaxes, and its result has this derivative.

# %%
a = Value(1.0, label="a")
x = fixed_point(lambda x, a: cos(a * x), 0.5, a)
x.label = "x"
x.backward()
by_hand = -math.sin(x.data) * x.data / (1 + math.sin(x.data))

assert abs(a.grad - by_hand) < 1e-15
assert abs(a.grad - -0.297474341509832) < 1e-15
a.grad

# %% [markdown]
# The graph has none of the steps, of which there were many: the equation at the solution, and the
# solution.

# %%
picture = draw(x)

assert len(picture.graph) == 3
picture

# %% [markdown]
# ## Units that see each other
#
# Four units, each of which sees an input and all four: $x = \tanh(Wx + I)$. A positive weight
# excites, a negative one inhibits.

# %%
rng = np.random.default_rng(5)
W = rng.normal(size=(4, 4))
W *= 0.6 / max(abs(np.linalg.eigvals(W)))  # how strongly they feed back: see below
drive = rng.normal(size=4)


def relax(step, x, tolerance=1e-15):
    """Step until nothing moves."""
    steps, moved = 0, tolerance + 1
    while moved > tolerance:
        before, x = x, step(x)
        steps, moved = steps + 1, max(abs(x - before))
        assert steps < 5000, "it does not settle"
    return x, steps


path = [np.zeros(4)]
for _ in range(12):
    path.append(np.tanh(W @ path[-1] + drive))
x, steps = relax(lambda x: np.tanh(W @ x + drive), np.zeros(4))
figure, axis = plt.subplots(figsize=(5, 2.6), layout="constrained")
axis.plot(path)
axis.set(xlabel="step", ylabel="activity of each unit")

assert np.allclose(x, np.tanh(W @ x + drive), rtol=0, atol=1e-15)
f"settled after {steps} steps"

# %% [markdown]
# ## The second relaxation
#
# The last unit should have been on: its error is $e = x_4 - 1$, the others have none. Every unit
# has a share in that error, its own and what it has passed on to the others: $z = J^T z + e$ with
# $J = \mathrm{diag}(f')\,W$. That is an equation of the same form, so it is solved in the same
# way: by letting it settle. Then
#
# $$\frac{\partial E}{\partial W_{ij}} = f'_i\, z_i\, x_j .$$

# %%
slopes = 1 - x**2
J = slopes[:, None] * W
e = np.array([0, 0, 0, x[3] - 1])
z, back = relax(lambda z: J.T @ z + e, np.zeros(4))
relaxed = np.outer(slopes * z, x)
f"settled after {back} steps"

# %% [markdown]
# Nobody has multiplied through the steps of the first relaxation, or kept them. Still it is the
# derivative that the implicit function theorem gives with a matrix inverted ...

# %%
inverted = np.outer(slopes * np.linalg.solve(np.eye(4) - J.T, e), x)

assert abs(relaxed - inverted).max() < 1e-14

# %% [markdown]
# ... and the one that `RecurrentBackprop` leaves in the weights, as does any layer of `nn`.

# %%
net = RecurrentBackprop(1, 4)
for i, neuron in enumerate(net.cell.neurons):
    neuron.b.data = drive[i]
    for j, weight in enumerate(neuron.w):
        weight.data = W[i, j - 1] if j else 0.0
(0.5 * (net([0.0])[3] - 1) ** 2).backward()
learned = np.array([[w.grad for w in neuron.w[1:]] for neuron in net.cell.neurons])

assert abs(learned - relaxed).max() < 1e-12
abs(learned - relaxed).max()

# %% [markdown]
# ## Unrolled in time
#
# The other way is to lay the steps out: a net with a layer for each, all of which share their
# weights, differentiated as any other. It gives the derivative after so many steps, which nears
# that of the fixed point. How fast depends on the largest eigenvalue of $J$ in size, its *spectral
# radius*: what is left of a disturbance after each round.


# %%
def unrolled(weights, steps):
    rows = [[Value(w) for w in row] for row in weights]
    x = [0.0] * 4
    for _ in range(steps):
        sums = [sum(w * v for w, v in zip(row, x, strict=True)) for row in rows]
        x = [tanh(s + b) for s, b in zip(sums, drive, strict=True)]
    (0.5 * (x[3] - 1) ** 2).backward()
    return np.array([[w.grad for w in row] for row in rows])


def exact(weights):
    x, _ = relax(lambda x: np.tanh(weights @ x + drive), np.zeros(4), 1e-14)
    slopes = 1 - x**2
    J = slopes[:, None] * weights
    e = np.array([0, 0, 0, x[3] - 1])
    radius = max(abs(np.linalg.eigvals(J)))
    return np.outer(slopes * np.linalg.solve(np.eye(4) - J.T, e), x), radius


figure, axis = plt.subplots(figsize=(5.5, 3), layout="constrained")
lengths, off = range(2, 42, 3), {}
for strength in (0.75, 1.5, 2.0):
    truth, radius = exact(strength * W)
    errors = [abs(unrolled(strength * W, n) - truth).max() for n in lengths]
    off[radius] = errors
    axis.semilogy(lengths, errors, label=f"spectral radius {radius:.2f}")
axis.set(xlabel="steps unrolled", ylabel="error of the gradient")
axis.legend()

{f"{radius:.2f}": f"{errors[6]:.0e}" for radius, errors in off.items()}  # after 20 steps

# %% [markdown]
# Each round takes off the same factor: the error falls as the radius to the number of steps. A net
# that settles slowly needs to be unrolled far.

# %%
radii = sorted(off)

assert [off[r][6] for r in radii] == sorted(off[r][6] for r in radii)
for r in radii[1:]:
    fall = (off[r][9] / off[r][4]) ** (1 / 15)
    assert abs(fall - r) < 0.1
    print(f"radius {r:.2f}: each step leaves {fall:.2f} of the error")

# %% [markdown]
# Unrolling costs memory, too: the graph has all the steps. `chain` builds none of it, remembers a
# few states and repeats the steps between them when it sweeps; the numbers are the same, to the
# last bit.


# %%
def looped(step, x, n):
    for i in range(n):
        x = step(x, i)
    return x


rate = Value(0.9)


def step(x, _):
    return (rate * x + 0.3).tanh()


long = looped(step, Value(0.1), 1000)
long.backward()
expected, rate.grad = rate.grad, 0

short = chain(step, Value(0.1), 1000, snapshots=10)
short.backward()

assert rate.grad == expected
assert len(draw(long, max_nodes=10_000).graph) > 3000
assert len(draw(short).graph) < 5
rate.grad

# %% [markdown]
# How often does it repeat? With $s$ states for $l$ steps the least is known (A. Griewank and A.
# Walther, 2000), and no step is run twice that need not be: ten times ten steps cost 3.6 runs of
# the thousand.

# %%
runs = count()
chain(lambda x, i: (next(runs), step(x, i))[1], Value(0.1), 1000, snapshots=10).backward()
beside = next(runs) - 1000  # those that the sweep itself needs with their graph

assert beside == 3636
beside

# %% [markdown]
# ## Where it diverges
#
# With a radius of 1 and more there is nothing to wait for: what is sent round comes back larger.
# `fixed_point` says so, and ends.

# %%
try:
    fixed_point(lambda x: -2 * x + 1, 0.0)
except ConvergenceError as error:
    print(error)

# %% [markdown]
# There is a fixed point, 1/3, and each step leaps past it, twice as far as it was. `root` finds it
# by Newton's method, which asks the slope where to go.

# %%
rate = Value(-2.0)
found = root(lambda x: rate * x + 1 - x, 0.0)
found.backward()

assert abs(found.data - 1 / 3) < 1e-15
assert abs(rate.grad - 1 / 27 * 3) < 1e-15  # x / (1 - rate)
found.data, rate.grad

# %% [markdown]
# The second relaxation is no better off: it goes round with the transposed matrix, which has the
# same eigenvalues. It settles just when the first does, and as fast. Two units that shut each
# other off too eagerly never agree:

# %%
rivals = RecurrentBackprop(1, 2)
for k, neuron in enumerate(rivals.cell.neurons):
    neuron.w[1 + k].data, neuron.w[2 - k].data = -3.0, -3.0
try:
    rivals([0.1])
except ConvergenceError as error:
    print(str(error).split(";")[0])

# %% [markdown]
# ## One task, both ways
#
# Exclusive or once more, with -.8 for no and .8 for yes. The static net has a hidden layer; in the
# other all four units see each other, and the last is the answer.

# %%
inputs, targets = [[0, 0], [0, 1], [1, 0], [1, 1]], [-0.8, 0.8, 0.8, -0.8]


def learn(model):
    return fit(
        model, mse, inputs, targets, Adam(model.parameters(), lr=0.03), 600, None,
        progress=False, stop_when=lambda epoch: epoch.loss < 0.01,
    )  # fmt: skip


static = MLP(2, [3, 1], activation="tanh", output_activation="tanh", rng=random.Random(0))
settling = RecurrentBackprop(2, 4, 1, rng=random.Random(0))
histories = {"static": learn(static), "recurrent": learn(settling)}
figure, axis = plt.subplots(figsize=(5.5, 2.8), layout="constrained")
for name, history in histories.items():
    axis.semilogy(history, label=name)
axis.set(xlabel="sweep", ylabel="loss")
axis.legend()

assert all(history[-1] < 0.01 for history in histories.values())
{name: len(history) for name, history in histories.items()}

# %% [markdown]
# Both learn it. The static net has its answer in two layers; the other goes round until it
# settles, for each input, and round again for the error. What it gains is a memory in the circle:
# such a net can complete a pattern or hold on to one of several states.


# %%
def rounds(net, x):
    def once_more(h):
        return np.array([unit.data for unit in net.cell.outputs([*x, *map(Value, h)])])

    return relax(once_more, np.zeros(4), 1e-12)[1]


assert all(rounds(settling, x) > 2 for x in inputs)
[rounds(settling, x) for x in inputs]

# %% [markdown]
# ## To try
#
# **1.** $x = \tanh(wx + .3)$. Write down $dx/dw$, and compare at $w = .5$.

# %% jupyter={"source_hidden": true}
w = Value(0.5)
x = fixed_point(lambda x: tanh(w * x + 0.3), 0.0)
x.backward()
flat = 1 - x.data**2

assert abs(w.grad - flat * x.data / (1 - flat * 0.5)) < 1e-15
assert abs(w.grad - 0.5999315006234137) < 1e-15

# %% [markdown]
# **2.** A planet is at the angle $E$ for which $E = M + \varepsilon \sin E$ (Kepler). How fast
# does $E$ change with the time $M$, at $\varepsilon = .3$?

# %% jupyter={"source_hidden": true}
M = Value(1.0)
E = fixed_point(lambda E: M + 0.3 * E.sin(), 1.0)
E.backward()

assert abs(M.grad - 1 / (1 - 0.3 * math.cos(E.data))) < 1e-15

# %% [markdown]
# **3.** The square root of $a$ is the fixed point of $x = (x + a/x)/2$. What is the spectral
# radius there, and what does that mean for the number of steps?

# %% jupyter={"source_hidden": true}
a, places = Value(2.0), [1.0]
for _ in range(5):
    places.append((places[-1] + 2 / places[-1]) / 2)
x = fixed_point(lambda x: (x + a / x) / 2, 1.0)
x.backward()

assert abs(a.grad - 0.5 / math.sqrt(2)) < 1e-15
assert abs(places[-1] - math.sqrt(2)) < 1e-15  # the radius is 0: the digits double in each step
