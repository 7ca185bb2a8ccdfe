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
# # 7. Descent
#
# A gradient says which way is up. Everything else about learning is how to walk down: how many
# examples to look at before each step, how long the step is, what to remember of the steps before,
# and what to do where the ground is flat.
#
# **You will be able to** choose between per-sample, batch and mini-batch updates, say what each
# optimiser does to a gradient, see why cross-entropy learns where a squared error does not, and
# get out of a local minimum. **You need** notebooks 1 to 3.

# %%
import math
import random
from itertools import pairwise

import matplotlib.pyplot as plt

import autograd
from autograd import Value, draw
from nn import MLP, Neuron, landscape, restarts
from nn.data import batches, xor
from nn.losses import binary_cross_entropy, mse
from nn.optim import SGD, Adam, AdamW, RMSprop

# %% [markdown]
# ## How many examples make a step?
#
# Take the smallest model that has a landscape: a line, $y = wx + b$, and points that nearly lie on
# one.

# %%
rng = random.Random(0)
xs = [[-1 + 2 * i / 39] for i in range(40)]
ys = [0.8 * x + 0.3 + rng.gauss(0, 0.2) for (x,) in xs]
line = Neuron(1, nonlin=False, rng=rng)
w, b = line.parameters()
w.label, b.label = "w", "b"

draw(mse([line(xs[0])], [ys[0]]))

# %% [markdown]
# Two parameters, so the loss can be drawn as hills over a map.


# %%
def hills():
    everywhere = {"x_range": (-1.6, 1.6), "y_range": (-1.2, 1.2), "points": 17}
    return landscape(lambda: mse([line(x) for x in xs], ys), w, b, **everywhere)


map_of_it = hills()
lowest, w_lowest, b_lowest = map_of_it.lowest

assert abs(w_lowest - 0.8) < 0.1
assert abs(b_lowest - 0.3) < 0.1
map_of_it

# %% [markdown]
# Walk down in three ways, with as many examples seen in each. *Batch*: the gradient of all 40, one
# step for each sweep. *Per sample*: a step after each example. *Mini-batch*: a step after each 8,
# drawn anew in each sweep.


# %%
def walk(size, rng, lr, epochs=12):
    w.data, b.data = -1.2, -0.9
    ground, optimiser = hills(), SGD([w, b], lr=lr)
    ground.mark()
    for _ in range(epochs):
        for chosen in batches(len(xs), size, rng):
            optimiser.zero_grad()
            mse([line(xs[i]) for i in chosen], [ys[i] for i in chosen]).backward()
            optimiser.step()
            ground.mark()
    return ground


figure, axes = plt.subplots(1, 3, figsize=(11, 3), layout="constrained")
sizes, losses = {"batch": 40, "mini-batch": 8, "per sample": 1}, {}
walks = {name: walk(size, random.Random(1), lr=0.2) for name, size in sizes.items()}
for axis, (name, ground) in zip(axes, walks.items(), strict=True):
    losses[name] = ground.at(*ground.path[-1])
    ground.plot(axis).set_title(f"{name}: {len(ground.path) - 1} steps")

assert losses["mini-batch"] < losses["per sample"] < losses["batch"]
losses

# %% [markdown]
# The batch goes smoothly, and is slow: it has made 12 steps when the others have made 60 and 480.
# The single examples pull to and fro, so that their path never comes to rest. The mini-batch is
# the middle way.


# %%
def unrest(name):
    last = walks[name].path[-10:]
    return sum(math.dist(a, b) for a, b in pairwise(last)) / 9


assert unrest("per sample") > 1.5 * unrest("mini-batch")
{name: round(unrest(name), 3) for name in ("per sample", "mini-batch")}

# %% [markdown]
# On average the steps agree: the mean of the gradients of single examples is the gradient of the
# batch. So a mini-batch is an estimate of it, which costs a fifth here.

# %%
w.data, b.data = -1.2, -0.9
singles = []
for x, y in zip(xs, ys, strict=True):
    line.zero_grad()
    mse([line(x)], [y]).backward()
    singles.append(w.grad)
line.zero_grad()
mse([line(x) for x in xs], ys).backward()

assert math.isclose(sum(singles) / 40, w.grad, rel_tol=1e-12)
w.grad, min(singles), max(singles)

# %% [markdown]
# Why drawn anew? In a fixed order each sweep ends with the same examples, and the weights end near
# what *these* want. Here the order is by $x$; look at where the last hundred steps are, on
# average.


# %%
def settled(rng):
    w.data, b.data = 0.0, 0.0
    optimiser, places = SGD([w, b], lr=0.3), []
    for epoch in range(30):
        for chosen in batches(len(xs), 1, rng):
            optimiser.zero_grad()
            mse([line(xs[i]) for i in chosen], [ys[i] for i in chosen]).backward()
            optimiser.step()
        if epoch >= 10:
            places.append(w.data)
    return sum(places) / len(places), max(places) - min(places)


ordered, shuffled = settled(None), settled(random.Random(2))
slope = sum(x * y for (x,), y in zip(xs, ys, strict=True)) / sum(x * x for (x,) in xs)

assert ordered[1] < 1e-6  # the same place after every sweep ...
assert abs(ordered[0] - slope) > 2 * abs(shuffled[0] - slope)  # ... and a wrong one
f"least squares {slope:.3f}, in order {ordered[0]:.3f}, shuffled {shuffled[0]:.3f}"

# %% [markdown]
# ## How long a step?
#
# On a parabola $\tfrac{1}{2} c\,\theta^2$ the gradient is $c\,\theta$, so each step multiplies
# $\theta$ by $1 - \mathrm{lr}\,c$. Below $2/c$ it shrinks; at $2/c$ it jumps from side to side for
# ever; above, it grows.


# %%
def after(lr, steps=20, c=4.0):
    theta = Value(1.0)
    optimiser = SGD([theta], lr=lr)
    for _ in range(steps):
        optimiser.zero_grad()
        (0.5 * c * theta**2).backward()
        optimiser.step()
    return theta.data


assert abs(after(0.1) - 0.6**20) < 1e-15
assert after(0.25) == 0  # 1/c: there in one step
assert after(0.5) == 1  # 2/c
assert after(0.6) > 800
[after(lr) for lr in (0.1, 0.25, 0.5, 0.6)]

# %% [markdown]
# ## Momentum to Adam
#
# An optimiser turns gradients into steps. Feed all of them the same five gradients, 1, -2, .5, 3
# and -1, from $\theta = 1$, and look at the paths. The formulas are PyTorch's, and so are the
# numbers.


# %%
def trace(make):
    theta = Value(1.0)
    optimiser, path = make([theta]), []
    for gradient in (1.0, -2.0, 0.5, 3.0, -1.0):
        theta.grad = gradient
        optimiser.step()
        path.append(theta.data)
    return path


# %% [markdown]
# *Momentum* keeps nine tenths of the last step, and adds the new one: a heavy ball. *Nesterov's*
# form looks ahead to where that will carry it.

# %%
momentum = trace(lambda p: SGD(p, lr=0.1, momentum=0.9))
nesterov = trace(lambda p: SGD(p, lr=0.1, momentum=0.9, nesterov=True))


def agrees(path, *expected, digits=1e-9):
    return all(abs(a - b) < digits for a, b in zip(path, expected, strict=True))


assert agrees(momentum, 0.9, 1.01, 1.059, 0.8031, 0.67279)
assert agrees(nesterov, 0.81, 1.109, 1.1031, 0.57279, 0.555511)

# %% [markdown]
# *RMSprop* divides each gradient by a running root mean square of those before, so that only its
# size *compared with the usual* counts. *Adam* does both, and corrects for the start.

# %%
rmsprop = trace(lambda p: RMSprop(p, lr=0.01))
adam = trace(lambda p: Adam(p, lr=0.1))

assert agrees(rmsprop, 0.900000010, 0.9895323022, 0.9675849505, 0.8877994088, 0.9136220371)
assert agrees(adam, 0.900000001, 0.9366103535, 0.9502794197, 0.9108694304, 0.8926517886)

# %% [markdown]
# So the size of the gradient does not matter to Adam: a thousand times the gradients, the same
# path. The first step is always the learning rate.


# %%
def first_step(gradient):
    theta = Value(1.0)
    theta.grad = gradient
    Adam([theta], lr=0.1).step()
    return 1 - theta.data


assert all(abs(first_step(g) - 0.1) < 1e-8 for g in (1.0, 1000.0))

# %% [markdown]
# *Weight decay* pulls every weight to 0. As part of the gradient (L2) Adam divides it away with
# the rest; *AdamW* keeps it apart (I. Loshchilov and F. Hutter, ICLR 2019). The traces differ.

# %%
with_l2 = trace(lambda p: Adam(p, lr=0.1, weight_decay=0.1))
apart = trace(lambda p: AdamW(p, lr=0.1, weight_decay=0.1))

assert agrees(with_l2, 0.9000000009, 0.9310642948, 0.9376421549, 0.8940578308, 0.8707950276)
assert agrees(apart, 0.890000001, 0.9177103535, 0.9222023163, 0.8735703037, 0.8466169589)

# %% [markdown]
# What all this is for: a ravine, twenty times steeper across than along. Plain descent has to be
# slow, or it leaps from wall to wall. Momentum adds up along and cancels across; Adam scales each
# direction by itself.

# %%
u, v = Value(0.0, label="u"), Value(0.0, label="v")


def ravine():
    return 0.5 * (u**2 + 20 * v**2)


def descend(make, steps=40):
    u.data, v.data = -1.8, 0.8
    wide = {"x_range": (-2, 1), "y_range": (-1, 1), "points": 25}
    ground, optimiser = landscape(ravine, u, v, **wide), make([u, v])
    ground.mark()
    for _ in range(steps):
        optimiser.zero_grad()
        ravine().backward()
        optimiser.step()
        ground.mark()
    return ground


ways = {
    "plain, lr .095": lambda p: SGD(p, lr=0.095),
    "momentum .8, lr .05": lambda p: SGD(p, lr=0.05, momentum=0.8),
    "Adam, lr .2, betas .8 .99": lambda p: Adam(p, lr=0.2, betas=(0.8, 0.99)),
}
figure, axes = plt.subplots(1, 3, figsize=(11, 3), layout="constrained")
left = {}
for axis, (name, make) in zip(axes, ways.items(), strict=True):
    ground = descend(make)
    ground.plot(axis).set_title(name)
    left[name] = ground.at(*ground.path[-1])

assert left["momentum .8, lr .05"] < left["plain, lr .095"] / 3
assert left["Adam, lr .2, betas .8 .99"] < left["plain, lr .095"] / 3
left

# %% [markdown]
# ## Which loss?
#
# A sigmoid unit that should say 1 and says 0 with conviction. Its squared error has next to no
# slope there, as the sigmoid itself is flat; the cross-entropy, $-\log y$, is the steeper the more
# wrong it is. By the chain rule the flat factor $y(1-y)$ cancels, and $y - t$ is left.


# %%
def slope_of(loss, sum_):
    s = Value(sum_)
    loss(s.sigmoid(), 1.0).backward()
    return s.grad


sums = [-10 + i / 4 for i in range(61)]
squared = [slope_of(mse, s) for s in sums]
surprised = [slope_of(binary_cross_entropy, s) for s in sums]

figure, axis = plt.subplots(figsize=(6, 2.8), layout="constrained")
axis.plot(sums, squared, label="squared error")
axis.plot(sums, surprised, label="cross-entropy")
axis.set(xlabel="weighted sum of a unit that should be on", ylabel="slope")
axis.legend()

assert abs(squared[0]) < 1e-4
assert abs(surprised[0] + 1) < 1e-4
assert all(
    math.isclose(slope, 1 / (1 + math.exp(-s)) - 1, rel_tol=1e-9)
    for s, slope in zip(sums, surprised, strict=True)
)

# %% [markdown]
# So a unit that starts out wrong learns at once with one, and with the other after a long wait.


# %%
def steps_to_mend(loss):
    unit = Neuron(1, activation="sigmoid")
    unit.w[0].data, unit.b.data = -3.0, -3.0
    optimiser, steps = SGD(unit.parameters(), lr=0.5), 0
    while (y := unit([1.0])).data < 0.9:
        optimiser.zero_grad()
        loss(y, 1.0).backward()
        optimiser.step()
        steps += 1
    return steps


quick, slow = steps_to_mend(binary_cross_entropy), steps_to_mend(mse)

assert slow > 10 * quick
quick, slow

# %% [markdown]
# ## Local minima and plateaus
#
# Exclusive or with two hidden units, from two starts (notebook 6). One learns it; the other comes
# to rest at an error of 1/4.

# %%
cases = xor()
answers = [float(label) for label in cases.labels]


def error(model):
    return 0.5 * mse([model(x) for x in cases.features], answers, "sum")


def train(rng, model=None, tell=lambda: None):
    model = model or MLP(2, [2, 1], activation="sigmoid", output_activation="sigmoid")
    for parameter in model.parameters():
        parameter.data = rng.uniform(-1, 1)
    loss, optimiser = autograd.compile(lambda: error(model)), SGD(model.parameters(), 0.5, 0.9)
    found, sweeps = 1.0, 0
    while found > 0.01 and sweeps < 1500:
        tell()
        optimiser.zero_grad()
        found = loss.backward()
        optimiser.step()
        sweeps += 1
    return found, model


solved_loss, solved = train(random.Random(0))
stuck_loss, stuck = train(random.Random(2))

assert solved_loss < 0.01
assert abs(stuck_loss - 0.25) < 0.001
solved_loss, stuck_loss

# %% [markdown]
# Look around where it is stuck: a step of .5 in any of 300 directions leads up, or nowhere. Going
# by what it can feel, there is no way down.

# %%
rng = random.Random(0)
here = [p.data for p in stuck.parameters()]
around = []
for _ in range(300):
    step = [rng.gauss(0, 1) for _ in here]
    for parameter, at, part in zip(stuck.parameters(), here, step, strict=True):
        parameter.data = at + 0.5 * part / math.hypot(*step)
    around.append(error(stuck).data)
for parameter, at in zip(stuck.parameters(), here, strict=True):
    parameter.data = at

assert min(around) > stuck_loss - 0.005
min(around), max(around)

# %% [markdown]
# Nine weights make nine dimensions, and a map has two. Choose them well: to the right from the net
# that is stuck (0) to the one that has learned (1); upwards back to where the stuck one began (1).
# Both trainings, seen from above:

# %%
right = {p: q.data - p.data for p, q in zip(stuck.parameters(), solved.parameters(), strict=True)}
rng = random.Random(2)
back = {p: rng.uniform(-1, 1) - p.data for p in stuck.parameters()}
view = {"x_range": (-0.4, 1.4), "y_range": (-0.4, 1.4), "points": 37}
ground = landscape(lambda: error(stuck), right, back, **view)

for name, seed in (("learned", 0), ("stuck", 2)):
    ground.another(name)
    train(random.Random(seed), stuck, ground.mark)
axes = ground.plot()
axes.set(xlabel="from stuck to learned", ylabel="back to the start of the stuck")

assert math.dist(ground.paths["learned"][-1], (1, 0)) < 0.01
assert math.dist(ground.paths["stuck"][-1], (0, 0)) < 0.01

# %% [markdown]
# Along the bottom of the map, from one to the other, the ground rises: the way out leads over a
# ridge, which descent does not climb.

# %%
ridge = [ground.at(i / 20, 0) for i in range(21)]

assert max(ridge) > ridge[0] + 0.05
[round(loss, 2) for loss in ridge[::2]]

# %% [markdown]
# ## Restarts
#
# The oldest remedy is to begin anew. `restarts` trains from several starts and keeps the best; if
# a share $p$ of the starts is stuck, all of $k$ are with $p^k$.

# %%
found = restarts(train, 12, rng=3)

assert min(found.losses) < 0.01
assert 0.5 < found.share(below=0.02) < 1
found, [round(loss, 2) for loss in found.losses]

# %% [markdown]
# ## To try
#
# **1.** Give both hidden units the same weights at first. What do they become? (Why does everybody
# begin with random weights?)

# %% jupyter={"source_hidden": true}
twins = MLP(2, [2, 1], activation="sigmoid", output_activation="sigmoid")
for parameter in twins.parameters():
    parameter.data = 0.5
optimiser = SGD(twins.parameters(), lr=0.5, momentum=0.9)
for _ in range(200):
    optimiser.zero_grad()
    error(twins).backward()
    optimiser.step()
first, second = ([p.data for p in unit.parameters()] for unit in twins.layers[0].neurons)

assert first == second  # the same gradient, so the same for ever: the net has one hidden unit
assert error(twins).data > 0.2

# %% [markdown]
# **2.** The gradient is always 1. How long are the steps of momentum $\mu$ in the end, for a rate
# lr?

# %% jupyter={"source_hidden": true}
theta = Value(0.0)
heavy = SGD([theta], lr=0.1, momentum=0.9)
for _ in range(300):
    before, theta.grad = theta.data, 1.0
    heavy.step()

assert math.isclose(before - theta.data, 0.1 / (1 - 0.9), rel_tol=1e-9)  # lr / (1 - mu)

# %% [markdown]
# **3.** At which rate does plain descent leave the ravine for good? Predict it from the steepest
# curvature, and try both sides.

# %% jupyter={"source_hidden": true}
limit = 2 / 20

assert descend(lambda p: SGD(p, lr=0.99 * limit)).path[-1][1] ** 2 < 0.8**2
assert descend(lambda p: SGD(p, lr=1.01 * limit)).path[-1][1] ** 2 > 0.8**2
