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
# # 3. Neurons, layers, networks
#
# The first two notebooks differentiated expressions. A neural network is an expression, made of
# many small ones of the same form. This notebook builds it up, from one weighted sum to a net that
# bends a line around two moons.
#
# **You will be able to** say what a neuron computes and what its weights and its bias do, why the
# oldest kind of unit cannot learn from a gradient, what a hidden layer is for, and follow both
# phases of a step of learning. **You need** notebooks 1 and 2.

# %%
import random

import matplotlib.pyplot as plt

from autograd import Value, draw, no_grad, step
from nn import MLP, Layer, Neuron, fit
from nn.data import moons
from nn.losses import binary_cross_entropy_with_logits, mse
from nn.optim import SGD

# %% [markdown]
# ## A weighted sum and a bias
#
# A neuron multiplies each input by a weight, adds up, and adds its bias. A positive weight says
# that the input speaks for it, a negative one that it speaks against; the bias says how much it
# takes.

# %%
neuron = Neuron(2, nonlin=False)
neuron.w[0].data, neuron.w[1].data, neuron.b.data = 2.0, -1.0, 0.5
inputs = [1.0, 3.0]
out = neuron(inputs)

assert out.data == 2.0 * 1.0 + -1.0 * 3.0 + 0.5
draw(out)

# %% [markdown]
# The sum is 0 along a straight line. On one side it is positive, on the other negative, the more
# so the farther away. The weights are the direction in which it grows fastest, and so they are its
# gradient by the inputs.

# %%
places = [Value(1.0), Value(3.0)]
neuron(places).backward()

assert [x.grad for x in places] == [w.data for w in neuron.w]
[x.grad for x in places]

# %% [markdown]
# The gradient by the weights is the other way round: the inputs. An input of 0 teaches its weight
# nothing; the bias always learns.

# %%
neuron.zero_grad()
neuron([0.0, 3.0]).backward()

assert [w.grad for w in neuron.w] == [0.0, 3.0]
assert neuron.b.grad == 1.0

# %% [markdown]
# ## What becomes of the sum
#
# An *activation* bends the sum into an answer. The oldest is a threshold: yes or no (W. S.
# McCulloch and W. Pitts, 1943). Others go from no to yes on a straight ramp, or smoothly. Below
# each is its slope, which is what learning goes by.

# %%
units = ["heaviside", "hard_sigmoid", "sigmoid", "tanh", "relu"]
grid = [-6 + i / 10 for i in range(121)]
figure, axes = plt.subplots(2, 5, figsize=(11, 3.6), sharex=True, layout="constrained")
slopes = {}
for (top, bottom), name in zip(axes.T, units, strict=True):
    xs = [Value(x) for x in grid]
    ys = [getattr(x, name)() for x in xs]
    for y in ys:
        y.backward()
    slopes[name] = [x.grad for x in xs]
    top.plot(grid, [y.data for y in ys])
    top.set(title=name, ylim=(-1.2, 1.7))
    bottom.plot(grid, slopes[name], color="C1")
    bottom.set(xlabel="sum", ylim=(-0.1, 1.1))

assert set(slopes["heaviside"]) == {0}
assert max(slopes["sigmoid"]) == 0.25
assert set(slopes["relu"]) == {0, 1}

# %% [markdown]
# ## Why a threshold cannot learn
#
# Its slope is 0 wherever it has one. Whatever the error, the gradient says: a little more or less
# of this weight changes nothing. That is true, and of no use.

# %%
threshold = Neuron(2, activation="heaviside", rng=random.Random(0))
mse(threshold([1.0, 1.0]), 1 - threshold([1.0, 1.0]).data).backward()

assert [p.grad for p in threshold.parameters()] == [0, 0, 0]
[p.grad for p in threshold.parameters()]

# %% [markdown]
# A piecewise-linear unit has a slope on its ramp, and none beyond. A sigmoid has one everywhere,
# though a small one far out: $y(1-y)$.

# %%
taught = {}
for name in ("heaviside", "hard_sigmoid", "sigmoid"):
    for start in (1.0, 5.0):
        unit = Neuron(1, activation=name)
        unit.w[0].data, unit.b.data = start, 0.0
        mse(unit([1.0]), 0.0).backward()
        taught[name, start] = unit.w[0].grad

assert taught["hard_sigmoid", 1.0] > 0.1
assert taught["hard_sigmoid", 5.0] == 0
assert 0 < taught["sigmoid", 5.0] < 0.02
taught

# %% [markdown]
# ## Layers
#
# Neurons side by side see the same inputs. The outputs of a layer are the inputs of the next.
# Layers between the first inputs and the last outputs are *hidden*. (A layer or a net of one output
# neuron gives its number itself, not a list of one.)

# %%
layer = Layer(2, 3, activation="tanh", rng=random.Random(0))

assert len(layer([1.0, -1.0])) == 3
assert len(layer.parameters()) == 3 * (2 + 1)
layer

# %% [markdown]
# A whole net: two inputs, three hidden neurons, one output. Thirteen numbers can be learned, and
# here they all are.

# %%
model = MLP(2, [3, 1], activation="tanh", rng=random.Random(0))
picture = draw(model([1.0, -1.0]))

assert len(model.parameters()) == 3 * 3 + 4
picture

# %% [markdown]
# Without the bend the hidden layer would be for nothing: weighted sums of weighted sums are
# weighted sums.

# %%
flat = MLP(2, [3, 1], activation=lambda x: x, rng=random.Random(0))
zero, right, up, both = (flat(x).data for x in ([0, 0], [1, 0], [0, 1], [3, -2]))

assert abs(both - (zero + 3 * (right - zero) - 2 * (up - zero))) < 1e-12

# %% [markdown]
# ## Forward and backward
#
# A step of learning has two phases. *Forward*: each layer in turn computes its outputs, up to the
# loss. *Backward*: from the loss each node passes to its parents what they have contributed, down
# to the weights. Press *Next* and watch a net of two neurons in a row.


# %%
def tiny(v, w, x, target):
    hidden = (v * x).tanh()
    out = (w * hidden).sigmoid()
    return (out - target) ** 2


steps = step(tiny, 0.5, -1.0, 2.0, 1.0)
phases = [each.phase for each in steps]

assert phases == ["forward"] * 6 + ["seed"] + ["backward"] * 6
steps

# %% [markdown]
# Each node is computed once on the way up and visited once on the way down: the second phase costs
# about as much as the first, however many weights there are.

# %%
assert phases.count("forward") == phases.count("backward")

loss = mse(model([1.0, -1.0]), 1.0)
loss.backward()

assert all(p.grad != 0 for p in model.parameters())
{name: round(p.grad, 3) for name, p in model.named_parameters()}

# %% [markdown]
# What follows is not the graph's business: move each weight a little against its gradient. The
# loss falls.

# %%
for parameter in model.parameters():
    parameter.data -= 0.1 * parameter.grad
after = mse(model([1.0, -1.0]), 1.0)

assert after.data < loss.data
loss.data, after.data

# %% [markdown]
# ## Two moons
#
# Eighty points on two half circles that reach into each other. No straight line parts them.

# %%
data = moons(80, noise=0.1, rng=random.Random(1))
points, labels = data


def right_on(model):
    with no_grad():
        return sum((model(x).data > 0) == y for x, y in zip(points, labels, strict=True)) / 80


def learn(model, epochs, lr=0.3):
    optimiser = SGD(model.parameters(), lr=lr, momentum=0.9)
    return fit(
        model, binary_cross_entropy_with_logits, points, labels, optimiser, epochs, 20,
        rng=0, progress=False,
    )  # fmt: skip


def show(axis, model, title):
    xs, ys = [-1.5 + i / 8 for i in range(33)], [-1 + i / 8 for i in range(21)]
    with no_grad():
        heights = [[model([x, y]).sigmoid().data for x in xs] for y in ys]
    axis.contourf(xs, ys, heights, levels=[i / 10 for i in range(11)], cmap="RdBu_r", alpha=0.7)
    axis.contour(xs, ys, heights, levels=[0.5], colors="black")
    for label, colour in enumerate(("tab:blue", "tab:red")):
        of = [p for p, y in zip(points, labels, strict=True) if y == label]
        axis.plot(*zip(*of, strict=True), ".", color=colour, markersize=4)
    axis.set(title=title, xticks=[], yticks=[])


# %% [markdown]
# One neuron does what a line can do.

# %%
single = Neuron(2, nonlin=False, rng=random.Random(0))
learn(single, 60)

assert 0.8 < right_on(single) < 0.95
f"{right_on(single):.0%} right"

# %% [markdown]
# A net with eight hidden neurons begins with a line, too, and bends it as it learns. Black is
# where it is undecided.

# %%
model = MLP(2, [8, 1], activation="tanh", rng=random.Random(0))
figure, axes = plt.subplots(1, 5, figsize=(12, 2.4), layout="constrained")
show(axes[0], single, f"one neuron: {right_on(single):.0%}")
show(axes[1], model, f"at first: {right_on(model):.0%}")
course, done = [right_on(model)], 0
for axis, epochs in zip(axes[2:], (15, 15, 45), strict=True):
    learn(model, epochs)
    done += epochs
    course.append(right_on(model))
    show(axis, model, f"{done} epochs: {course[-1]:.0%}")

assert course[-1] >= 0.98
course

# %% [markdown]
# Where do the bends come from? Each hidden neuron draws a line of its own; the last neuron weighs
# the eight answers.

# %%
figure, axis = plt.subplots(figsize=(4.2, 2.8), layout="constrained")
show(axis, model, "the lines of the hidden neurons")
for neuron in model.layers[0].neurons:
    (a, b), c = (w.data for w in neuron.w), neuron.b.data
    axis.axline((0, -c / b), slope=-a / b, color="black", linewidth=0.7, linestyle=":")
axis.set(xlim=(-1.5, 2.5), ylim=(-1, 1.5))

assert len(model.layers[0].neurons) == 8

# %% [markdown]
# ## To try
#
# **1.** Find weights and a bias by hand with which a threshold unit computes *and*; *or*; *not*.
# (It cannot learn, but it can do.)

# %% jupyter={"source_hidden": true}


def unit(weights, bias):
    made = Neuron(len(weights), activation="heaviside")
    for w, number in zip([*made.w, made.b], [*weights, bias], strict=True):
        w.data = number
    return made


table = [[0, 0], [0, 1], [1, 0], [1, 1]]

assert [unit([1, 1], -1.5)(x).data for x in table] == [0, 0, 0, 1]
assert [unit([1, 1], -0.5)(x).data for x in table] == [0, 1, 1, 1]
assert [unit([-1], 0.5)([x]).data for x in (0, 1)] == [1, 0]

# %% [markdown]
# **2.** With these, wire up *exclusive or* in two layers.

# %% jupyter={"source_hidden": true}


def exclusive(x):
    some, all_ = unit([1, 1], -0.5)(x), unit([1, 1], -1.5)(x)
    return unit([1, -1], -0.5)([some, all_])


assert [exclusive(x).data for x in table] == [0, 1, 1, 0]

# %% [markdown]
# **3.** Three `relu` neurons and a weighted sum make a tent: 0 outside of -1 to 1, and 1 at 0.
# How? (So sums of enough of them come near any curve.)

# %% jupyter={"source_hidden": true}
tent = MLP(1, [3, 1])
for neuron, shift in zip(tent.layers[0].neurons, (1.0, 0.0, -1.0), strict=True):
    neuron.w[0].data, neuron.b.data = 1.0, shift
for w, number in zip(tent.layers[1].neurons[0].w, (1.0, -2.0, 1.0), strict=True):
    w.data = number

assert [tent([x]).data for x in (-2, -1, -0.5, 0, 0.5, 1, 2)] == [0, 0, 0.5, 1, 0.5, 0, 0]
