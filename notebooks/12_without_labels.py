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
# # 12. Learning without labels
#
# Labels cost work; data by itself is plenty. After this notebook you can compress examples with an
# autoencoder, hold it against the best that any plane can do, and make a sequence its own teacher.
# It needs notebooks 3 and 7, Matplotlib, and SciPy (`pip install 'glassgrad[scipy,plot]'`).

# %%
import math
import random
from collections import Counter
from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np

import autograd
import nn
from autograd import draw, no_grad, record
from nn.losses import cross_entropy

# %% [markdown]
# ## Four numbers through two
#
# Fisher's flowers have four measurements each. We take every third flower, scale each measurement
# to mean 0 and deviation 1, and put the species aside: nothing below learns from it.

# %%
iris = nn.data.iris()
scale = nn.data.Standardiser.fit(iris.features[::3])
flowers = [list(row) for row in scale(iris.features[::3])]
species = iris.labels[::3]

assert (len(flowers), len(flowers[0])) == (50, 4)
flowers[0]

# %% [markdown]
# An *autoencoder* is asked to give back what it was given. That would be easy, but it has to pass
# through a bottleneck: of four numbers two, and of these four again. What the two keep is the
# *code*.


# %%
class Autoencoder(nn.Module):
    """A linear encoder and a linear decoder."""

    def __init__(self, wide, narrow, rng):
        self.encode = nn.Layer(wide, narrow, nonlin=False, rng=rng)
        self.decode = nn.Layer(narrow, wide, nonlin=False, rng=rng)

    def code(self, x):
        found = self.encode(x)
        return found if isinstance(found, list) else [found]

    def __call__(self, x):
        return self.decode(self.code(x))


with record():
    net = Autoencoder(4, 2, random.Random(0))
    outputs = net(flowers[0])
draw(outputs, collapse=2, show=("data",))

# %% [markdown]
# The loss is the square of what is missing, summed over the four numbers: the input is its own
# target.


# %%
def missing(model, examples):
    """The mean square distance of what comes out from what went in."""
    squares = [
        autograd.sum((out - x) ** 2 for out, x in zip(model(example), example, strict=True))
        for example in examples
    ]
    return autograd.mean(squares)


before = missing(net, flowers).data
nn.optim.minimise(lambda: missing(net, flowers), net.parameters())
after = missing(net, flowers).data

assert after < before / 5
before, after

# %% [markdown]
# ## Principal components
#
# How good can it be? Of all planes the one in the two directions of the largest variance loses
# least: the *principal components*. They come from a singular value decomposition, without any
# learning, and what they lose is the sum of the squares of the other singular values (Eckart and
# Young, 1936).

# %%
table = np.array(flowers)
_, sizes, directions = np.linalg.svd(table, full_matrices=False)
least = {k: float(sum(sizes[k:] ** 2)) / len(flowers) for k in (1, 2, 3)}

assert least[2] <= after < 1.001 * least[2]
least[2], after

# %% [markdown]
# Descent has found the very same plane, in coordinates of its own. The cosines of the angles
# between the two planes are the singular values of the product of their axes: both are 1.

# %%
decoder = np.array([[w.data for w in neuron.w] for neuron in net.decode.neurons])
axes_found, _ = np.linalg.qr(decoder)
cosines = np.linalg.svd(directions[:2] @ axes_found)[1]

assert min(cosines) > 0.999
cosines

# %% [markdown]
# The codes, with the species as colours. The net was never told of them, and yet they lie apart.

# %%
with no_grad():
    codes = np.array([[z.data for z in net.code(x)] for x in flowers])
principal = table @ directions[:2].T
figure, (left, right) = plt.subplots(1, 2, figsize=(8, 3))
left.scatter(*codes.T, c=species)
left.set_title("code of the autoencoder")
right.scatter(*principal.T, c=species)
right.set_title("principal components")

first = [codes[[s == k for s in species]].mean(axis=0) for k in range(3)]
assert np.linalg.norm(first[0] - first[2]) > np.linalg.norm(first[1] - first[2])

# %% [markdown]
# ## Around a bend
#
# What a plane cannot do, layers with an activation can. These points lie on an arc: one number says
# where. The best straight line misses them.

# %%
arc = [[math.cos(t), math.sin(t)] for t in (math.pi * i / 23 for i in range(24))]
centre = np.mean(arc, axis=0)
straight = np.linalg.svd(np.array(arc) - centre)
line_loss = float(straight[1][1] ** 2) / len(arc)

bent = nn.Sequential(
    nn.MLP(2, [6, 1], activation="tanh", rng=random.Random(3)),
    nn.MLP(1, [6, 2], activation="tanh", rng=random.Random(4)),
)
nn.optim.minimise(lambda: missing(bent, arc), bent.parameters(), options={"maxiter": 200})
bent_loss = missing(bent, arc).data

assert bent_loss < line_loss / 5
line_loss, bent_loss

# %%
with no_grad():
    back = [[x.data for x in bent(point)] for point in arc]
axis = straight[2][0]
on_line = [centre + axis * float((point - centre) @ axis) for point in np.array(arc)]
figure, axes = plt.subplots(figsize=(5, 3))
axes.plot(*zip(*arc, strict=True), "o", markerfacecolor="none", label="points")
axes.plot(*zip(*on_line, strict=True), "--", label="best line")
axes.plot(*zip(*back, strict=True), ".-", label="autoencoder")
axes.set_aspect("equal")
axes.legend()

assert len(back) == 24

# %% [markdown]
# ## The next token
#
# A sequence is its own teacher as well: what comes next is the label of what came before. Here each
# symbol is the sum of the two before it, modulo 3; nobody tells the net.

# %%
sequence = [0, 1]
while len(sequence) < 40:
    sequence.append((sequence[-1] + sequence[-2]) % 3)

assert sequence[:8] == sequence[8:16] == [0, 1, 1, 2, 0, 2, 2, 1]
print(*sequence[:24])

# %% [markdown]
# Who sees one symbol cannot know the next: after a 1 there came 1, 2 and 0. The best that counts
# can do is this surprise.

# %%
pairs = Counter(pairwise(sequence))
seen = Counter(sequence[:-1])
by_one = -sum(n * math.log(n / seen[a]) for (a, _), n in pairs.items()) / (len(sequence) - 1)

assert 0.9 < by_one < math.log(3)
by_one

# %% [markdown]
# Who sees two can. Each symbol becomes two numbers of its own, a hidden layer sees both pairs.


# %%
class Next(nn.Module):
    """The logits of the next symbol, from the last two."""

    def __init__(self, rng):
        self.symbols = nn.Embedding(3, 2, rng=rng)
        self.body = nn.MLP(4, [8, 3], activation="tanh", rng=rng)

    def __call__(self, last):
        return self.body([x for symbol in last for x in self.symbols(symbol)])


contexts = [sequence[i : i + 2] for i in range(len(sequence) - 2)]
model = Next(random.Random(0))
optimiser = nn.optim.Adam(model.parameters(), lr=0.05)
history = nn.fit(
    model, cross_entropy, contexts, sequence[2:], optimiser, 60, batch_size=None, progress=False
)
figure, axes = plt.subplots(figsize=(6, 3))
axes.plot(history)
axes.axhline(by_one, color="grey", linestyle="--", label="from one symbol")
axes.set_xlabel("epoch")
axes.set_ylabel("surprise in nats")
axes.legend()

assert history[-1] < 0.1 < by_one

# %% [markdown]
# Now it can go on by itself, each symbol that it says being part of what it sees next.

# %%
said = [2, 1]
for _ in range(12):
    logits = model(said[-2:])
    said.append(max(range(3), key=lambda k: logits[k]))

assert all(c == (a + b) % 3 for a, b, c in zip(said, said[1:], said[2:], strict=False))
print(*said)

# %% [markdown]
# Notebook 10 does the same with names, letter by letter. It is how large language models learn,
# too.

# %% [markdown]
# **To try 1.** Put the principal components into the autoencoder, as its weights. Show that the
# gradient of its loss is 0: there is nothing left to learn.

# %% jupyter={"source_hidden": true}
ready = Autoencoder(4, 2, random.Random(1))
for k, neuron in enumerate(ready.encode.neurons):
    for weight, x in zip(neuron.w, directions[k], strict=True):
        weight.data = float(x)
for i, neuron in enumerate(ready.decode.neurons):
    for k, weight in enumerate(neuron.w):
        weight.data = float(directions[k][i])
loss = missing(ready, flowers)
loss.backward()

assert math.isclose(loss.data, least[2], rel_tol=1e-12)
assert max(abs(x.grad) for x in ready.parameters()) < 1e-12

# %% [markdown]
# **To try 2.** How much is lost through one number, and through three, by descent and by principal
# components?

# %% jupyter={"source_hidden": true}
for narrow in (1, 3):
    other = Autoencoder(4, narrow, random.Random(0))
    nn.optim.minimise(lambda: missing(other, flowers), other.parameters())  # noqa: B023
    assert least[narrow] <= missing(other, flowers).data < 1.01 * least[narrow]
print(least)

# %% [markdown]
# **To try 3.** There are nine pairs of symbols, but the sequence has eight of them. Which one is
# missing? What does the model say after it, and what should it say?

# %% jupyter={"source_hidden": true}
met = {tuple(pair) for pair in contexts}
never = [(a, b) for a in range(3) for b in range(3) if (a, b) not in met]

assert never == [(0, 0)]
[round(float(z.data), 1) for z in model([0, 0])]
