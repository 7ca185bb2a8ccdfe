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
# # 17. From scalars back to matrices
#
# After this notebook you can say how one function is a list of scalar operations, a program and a
# few matrix products in turn, what each of the three costs, and how a program that was written
# down for one way through a function never answers for another way. It needs notebooks 3, 14 and
# 16.

# %%
import math
import random
import time
from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np

import autograd as ag
import nn
from autograd import Value, draw
from nn.data import moons

# %% [markdown]
# ## A list of scalars
#
# A network of eight hidden units, the loss of one point, and what the engine makes of it: a node
# for each sum and each function.

# %%
points, labels = moons(100, rng=random.Random(1))
xs = [[float(v) for v in point] for point in points]
ts = [2.0 * label - 1.0 for label in labels]
model = nn.MLP(2, [8, 1], activation="tanh", rng=random.Random(2))


def loss(x, t):
    """What is missing to a margin of 1."""
    return (1 - t * model(x)).relu()


y = loss(xs[0], ts[0])
y.backward()
eager = [p.grad for p in model.parameters()]

print(f"{y.data:.4f}, with {len(eager)} derivatives")

# %% [markdown]
# Nothing in the next call with another point would be new but the numbers: the same operations in
# the same order. So they are written down once. `compile` runs the function on traced Values,
# which note what is done with them, and differentiates what they noted.

# %%
compiled = ag.compile(loss)
for p in model.parameters():
    p.grad = 0
value = compiled.backward(xs[0], ts[0])

assert value == y.data
assert [p.grad for p in model.parameters()] == eager  # to the bit
print(compiled.program.stats())

# %% [markdown]
# ## A program
#
# The same list, printed. A parameter is `p`, an input has the name of the argument. Below the
# loss, `v56`, stand the derivatives, from the loss back to the parameters: each is a product of a
# partial and of the derivative by what comes after it. That is the chain rule, as a program.

# %%
lines = str(compiled.program).splitlines()
print("\n".join(line[:90] for line in [*lines[1:4], "    ...", *lines[9:24]]))

assert any("sech2" in line for line in lines)

# %% [markdown]
# A small one is a picture. Here is a single neuron with its gradient by weight, input and bias.

# %%
neuron = ag.compile(lambda w, x, b: ag.tanh(w * x + b))
neuron.value_and_grad(0.5, 2.0, 1.0)

assert neuron.program.stats()["operations"] == 6
draw(neuron.program)

# %% [markdown]
# What it answers is written as a Python function of floats. No node is made any more, and no graph
# is walked.

# %%
print(neuron.source())

assert "Value(" not in neuron.source()

# %% [markdown]
# ## Matrix work
#
# A hundred points go through the same program, each in a *lane* of its own. Then a scalar is a row
# of a hundred numbers, and the eight sums `p0*x[0] + p1*x[1] + p2` are a matrix of parameters
# times a matrix of inputs. `map_backward` finds such grids in the list, though nobody has told it
# that there ever were layers.

# %%
for p in model.parameters():
    p.grad = 0
mean = compiled.map_backward(xs, ts)
together = [p.grad for p in model.parameters()]

print(compiled.groups)

# %% [markdown]
# Every `@` is a matrix product. The first two are the layers; the last two are the gradients by
# their weights, "over lanes", which textbooks write as $\delta\, x^\top$. Of 71 operations for
# each of 100 points are left 17 lines.

# %%
groups = str(compiled.groups).splitlines()[1:]
products = [line for line in groups if "@" in line]
one_by_one = sum(loss(x, t).data for x, t in zip(xs, ts, strict=True)) / len(xs)

assert len(products) == 4
assert len(groups) < 20
assert math.isclose(mean, one_by_one, rel_tol=1e-13)

# %% [markdown]
# ## What it costs
#
# The loss and its gradient over a thousand points: as a graph, as a Python function for each
# point, as matrix work, and written in NumPy by hand.


# %%
points, labels = moons(1000, rng=random.Random(4))
many = [[float(v) for v in point] for point in points]
targets = [2.0 * label - 1.0 for label in labels]


def by_graph():
    """A node for each operation of each point."""
    total = sum(loss(x, t) for x, t in zip(many, targets, strict=True)) / len(many)
    total.backward()


def by_function():
    """The program, point by point."""
    for x, t in zip(many, targets, strict=True):
        compiled.backward(x, t)


inputs, signs = np.array(many).T, np.array(targets)
first = np.array([[w.data for w in n.w] for n in model.layers[0].neurons])
bias = np.array([[n.b.data] for n in model.layers[0].neurons])
(out,) = model.layers[1].neurons
second, last = np.array([w.data for w in out.w]), out.b.data


def by_hand():
    """As one would write it who knows the network, and its derivative."""
    hidden = np.tanh(first @ inputs + bias)
    missing = 1 - signs * (second @ hidden + last)
    slope = -signs * (missing > 0) / len(signs)
    before = np.outer(second, slope) * (1 - hidden**2)
    return slope @ hidden.T, before @ inputs.T, before.sum(axis=1)


bound = compiled.bound()
arrays = np.array(many), np.array(targets)


def by_matrices():
    """The groups, with the parameters as one array."""
    bound.backward(*arrays)


def seconds(call, rounds=10):
    """The fastest of some calls."""
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        call()
        times.append(time.perf_counter() - began)
    return min(times)


took = {call: seconds(call) for call in (by_graph, by_function, by_matrices, by_hand)}
for call, each in took.items():
    print(f"{call.__name__:12} {each * 1e6:7.0f} us, {took[by_graph] / each:5.1f} times as fast")

place = {value: k for k, value in enumerate(bound.values)}  # a Value is found by what it is
assert np.allclose(by_hand()[0], [bound.gradient[place[w]] for w in out.w])
assert took[by_matrices] < took[by_graph] / 3

# %% [markdown]
# A function of one point at a time gains nothing here: the engine in C makes a whole layer in one
# call, and the function computes it number by number. It gains on long formulas. And a program has
# to be made first, which takes as long as many steps.

# %%
print(compiled.cost)

assert compiled.cost.tracing + compiled.cost.planning > took[by_matrices]

# %% [markdown]
# That is why `nn.fit` begins with Values, and goes over to programs once it has taken so many
# steps that they pay. It says what it did.

# %%
student = nn.MLP(2, [16, 16, 1], activation="tanh", rng=random.Random(3))
optimiser = nn.optim.Adam(student.parameters(), lr=0.02)
history = nn.fit(student, nn.losses.hinge, xs, ts, optimiser, 120, None, progress=False)
print(history.steps)

assert "by programs from step " in history.steps
assert history[-1] < 0.1

# %% [markdown]
# ## Guards
#
# A program knows no `if`. What if the function has one?


# %%
def bent(x):
    """A parabola, and a line beyond 1."""
    return x * x if x < 1 else 2 * x - 1


h = ag.compile(bent)
h(0.5)
print(h.program)

# %% [markdown]
# The condition is part of the program, as a *guard*: this program holds where `x < 1` is true.
# Where it is not, the function is traced again, and there are two programs. No call is answered by
# one whose guard fails.

# %%
assert h(2.0) == 3.0
print(h.program)
print(h.cost)

assert (h(0.25), h(3.0)) == (0.0625, 5.0)

assert h.cost.traces == 4  # two for each way: what differs between them would be frozen

# %% [markdown]
# Lanes that disagree are parted. This function takes another way in each of three regions of the
# plane; each lane goes to the program of its way, and the answers are put together again.


# %%
def terrain(p):
    """A bowl, a plain and waves."""
    x, y = p
    if x * x + y * y < 1:
        return x * x + y * y - 1
    if x < y:
        return 0.3 * x
    return ag.sin(3 * x) * ag.cos(2 * y)


ground = ag.compile(terrain)
rng = np.random.default_rng(0)
plane = rng.uniform(-2, 2, (3000, 2))
heights, slopes = ground.map_value_and_grad(plane)

assert heights[7] == terrain(plane[7].tolist())
assert ground.cost.traces == 6  # three ways, each traced twice

fig, (left, right) = plt.subplots(1, 2, figsize=(9, 4), sharey=True)
way = np.where((plane**2).sum(axis=1) < 1, 0, np.where(plane[:, 0] < plane[:, 1], 1, 2))
left.scatter(*plane.T, c=way, s=4, cmap="viridis")
left.set_title("the way that a lane takes")
right.quiver(*plane[::6].T, *slopes[::6].T, heights[::6], cmap="coolwarm", scale=40)
right.set_title("its gradient, and its height as colour")
plt.show()

# %% [markdown]
# `where` chooses without a way of its own: both sides are computed, and one is taken. Then all
# lanes stay together.

# %%
both = ag.compile(lambda x: ag.where(x < 1, x * x, 2 * x - 1))

assert both.map([0.5, 2.0]).tolist() == [bent(0.5), bent(2.0)]
assert both.cost.traces == 2
print(both.groups)

# %% [markdown]
# What is neither an argument nor a Value would be frozen. What changes by itself is noticed, since
# each way is traced twice.

# %%
source = random.Random(0)
noisy = ag.compile(lambda x: x + source.random())
try:
    noisy(1.0)
except ag.compiler.TraceError as error:
    message = str(error)
    print(message.splitlines()[0])

assert "does not do the same each time" in message

# %% [markdown]
# **To try 1.** The gradient of a function of a hundred arguments: how many times as many
# operations has it as the value? Try a sum of products of neighbours, and its tangents. (The
# answer does not depend on the hundred. Griewank calls it the *cheap gradient*.)


# %% jupyter={"source_hidden": true}
def chained(xs):
    """Products of neighbours, bent."""
    return ag.sum([ag.tanh(a * b) for a, b in pairwise(xs)])


counts = []
for n in (10, 100, 1000):
    f = ag.compile(chained)
    f([0.5] * n)
    value_alone = f.program.stats()["operations"]
    f.value_and_grad([0.5] * n)
    counts.append(f.program.stats()["operations"] / value_alone)

assert all(ratio < 5 for ratio in counts)
print([round(ratio, 2) for ratio in counts])

# %% [markdown]
# **To try 2.** Newton's method for a square root, `while abs(r * r - x) > 1e-12 * x`: how many
# programs do 2,000 numbers between 1 and 100 need? And what is the derivative?


# %% jupyter={"source_hidden": true}
def root(x):
    """Newton's method, from 1."""
    r = 1.0
    while abs(r * r - x) > 1e-12 * x:
        r = (r + x / r) / 2
    return r


newton = ag.compile(root)
numbers = np.linspace(1.5, 100.0, 2000)
roots, rates = newton.map_value_and_grad(numbers)

assert np.allclose(roots, np.sqrt(numbers), rtol=1e-12)
assert np.allclose(rates, 0.5 / np.sqrt(numbers), rtol=1e-4)  # one step behind the root
assert 3 <= newton.cost.traces / 2 <= 9  # one for each number of steps
print(newton.cost.traces // 2, "programs")

# %% [markdown]
# **To try 3.** A loss of a network with a penalty on its weights: in which lines of the groups
# does the penalty stand, and is it added once, or once for each lane?

# %% jupyter={"source_hidden": true}
weights = [Value(0.5), Value(-1.0)]
penalised = ag.compile(lambda x: ag.tanh(weights[0] * x + weights[1]) + nn.losses.l2(weights, 0.1))
# It is computed in cells, for all lanes together; it counts in each, and so once in their mean.
average = penalised.map_backward([1.0, 2.0, 3.0])
plain = np.mean([math.tanh(0.5 * x - 1.0) for x in (1.0, 2.0, 3.0)])

assert math.isclose(average, plain + 0.1 * 1.25)
assert any("cells" in line and "rows" not in line for line in str(penalised.groups).splitlines())
print(penalised.groups)
