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
# # 8. Reading digits
#
# After this notebook you can say what a convolution computes and why its weights are shared, follow
# a gradient through a pooling, and compare a multi-layer perceptron with a convolutional net at
# reading handwriting. It needs notebooks 3 and 7, Matplotlib and scikit-learn (`pip install
# 'glassgrad[digits,plot]'`).

# %%
import random

import matplotlib.pyplot as plt

import autograd
import nn
from autograd import Value, draw, no_grad, record

# %% [markdown]
# ## The pictures
#
# Each is 8 by 8 numbers, from 0 for paper to 1 for ink, and the digit that somebody meant (Alpaydin
# and Kaynak, 1998). A fifth of them is held out: nets are asked about it, and never learn from it.

# %%
data = nn.data.digits()
pictures = [[[x / 16 for x in row[i : i + 8]] for i in range(0, 64, 8)] for row in data.features]
order = list(range(len(pictures)))
random.Random(0).shuffle(order)
held, rest = order[: len(order) // 5], order[len(order) // 5 :]
figure, axes = plt.subplots(2, 8, figsize=(8, 2.4))
for i, place in zip(rest, axes.flat, strict=False):
    place.imshow(pictures[i], cmap="Greys")
    place.set_title(data.labels[i], fontsize=9)
    place.axis("off")

assert (len(rest), len(held)) == (1438, 359)

# %% [markdown]
# ## A perceptron sees 64 numbers
#
# To a multi-layer perceptron a picture is a list. Each hidden neuron has a weight for each pixel;
# which pixels are neighbours it is not told.

# %%
mlp = nn.Sequential(nn.Flatten(), nn.MLP(64, [24, 10], rng=random.Random(0)))
logits = mlp([pictures[0]])

assert len(logits) == 10
nn.summary(mlp)

# %% [markdown]
# ## A convolution looks through a window
#
# A *convolution* has few weights, and looks at the picture through a small window that slides over
# it. Here is one on a signal of four numbers with a window of two. There are three windows, but
# only two weights and a bias: look how each is used three times.

# %%
conv = nn.Conv1d(1, 1, 2, rng=random.Random(0))
w0, w1, b = conv.parameters()
for value, label in ((w0, "w0"), (w1, "w1"), (b, "b")):
    value.label = label
signal = [1.0, 2.0, 0.0, -1.0]
(response,) = conv([signal])
total = autograd.sum(response)
total.backward()

assert [y.parents for y in response] == [(w0, w1, b)] * 3
draw(total)

# %% [markdown]
# A weight that is used several times gets the sum of what flows back from all its uses. That is the
# rule of notebook 2, and nothing more: *sharing weights* needs no rule of its own.

# %%
assert w0.grad == sum(signal[0:3])
assert w1.grad == sum(signal[1:4])
assert b.grad == 3

# %% [markdown]
# What a window finds at one place it would find at any other. If the picture moves, the response
# moves along.

# %%
edge = nn.Conv2d(1, 1, 3)
for weight, x in zip(edge.parameters(), [-1, 0, 1] * 3 + [0], strict=True):
    weight.data = x / 3
picture = pictures[rest[1]]
moved = [[0.0, *row[:-1]] for row in picture]
with no_grad():
    (here,), (there,) = edge([picture]), edge([moved])

assert [[x.data for x in row[:-1]] for row in here] == [[x.data for x in row[1:]] for row in there]

# %%
figure, axes = plt.subplots(1, 4, figsize=(8, 2.2))
planes = {"a picture": picture, "its edges": here, "moved": moved, "edges, moved": there}
for place, (title, plane) in zip(axes, planes.items(), strict=True):
    place.imshow([[getattr(x, "data", x) for x in row] for row in plane], cmap="RdBu")
    place.set_title(title, fontsize=9)
    place.axis("off")

assert len(here) == len(here[0]) == 6

# %% [markdown]
# ## Pooling keeps what is strongest
#
# *Max pooling* passes on the largest number of each window, and the gradient goes to that one
# alone. So it does not matter much where exactly in the window it was.

# %%
patch = [[Value(x, label=f"{x}") for x in row] for row in ([0.1, 0.9], [0.3, 0.2])]
((largest,),) = nn.MaxPool2d(2)([patch])[0]
largest.backward()

assert [[x.grad for x in row] for row in patch] == [[0, 1], [0, 0]]
draw(largest)

# %% [markdown]
# ## Both learn
#
# The convolutional net has eight filters. Zeros are *padded* around the picture, so that its rim is
# seen as well, and a pooling halves the sides. It has fewer parameters than the perceptron, and
# most of them are in the last layer.


# %%
def convolutional(rng):
    return nn.Sequential(
        nn.Conv2d(1, 8, 3, padding="same", activation="relu", rng=rng),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Layer(128, 10, nonlin=False, rng=rng),
    )


cnn = convolutional(random.Random(0))
counts = [sum(1 for _ in net.parameters()) for net in (mlp, cnn)]

assert counts == [1810, 1370]
nn.summary(cnn)

# %% [markdown]
# The whole net as a drawing, each call of a module a box.

# %%
with record():
    small = nn.Sequential(
        nn.Conv2d(1, 1, 3, activation="relu", rng=random.Random(1)),
        nn.MaxPool2d(3),
        nn.Flatten(),
        nn.Layer(4, 2, nonlin=False, rng=random.Random(1)),
    )
    outputs = small([pictures[0]])
draw(outputs, collapse=2, show=("data",))

# %% [markdown]
# They learn from 400 pictures here, so that it takes seconds.


# %%
def learn(net, chosen, rate, epochs):
    rng = random.Random(2)
    nn.init.kaiming(net, rng=rng)
    optimiser = nn.optim.Adam(net.parameters(), lr=rate)
    schedule = nn.optim.LinearLR(optimiser, 1.0, 0.0, epochs)
    return nn.fit(
        net,
        nn.losses.cross_entropy,
        [[pictures[i]] for i in chosen],
        [data.labels[i] for i in chosen],
        optimiser,
        epochs,
        batch_size=10,
        rng=rng,
        schedule=schedule,
        progress=False,
    )


def says(net, i):
    with no_grad():
        logits = net([pictures[i]])
    return max(range(10), key=lambda k: logits[k])


def accuracy(net, chosen):
    return sum(says(net, i) == data.labels[i] for i in chosen) / len(chosen)


mlp_losses = learn(mlp, rest[:400], 0.01, 15)
cnn_losses = learn(cnn, rest[:400], 0.02, 6)
scores = accuracy(mlp, held), accuracy(cnn, held)

assert min(scores) > 0.9
scores

# %%
figure, axes = plt.subplots(figsize=(6, 3))
axes.semilogy(range(1, 16), mlp_losses, ".-", label="perceptron")
axes.semilogy(range(1, 7), cnn_losses, ".-", label="convolutional net")
axes.set_xlabel("epoch")
axes.set_ylabel("cross-entropy")
axes.legend()

assert mlp_losses[-1] < 0.2 * mlp_losses[0]
assert cnn_losses[-1] < 0.2 * cnn_losses[0]

# %% [markdown]
# From so few pictures the convolutional net is not ahead. From all of them, and with two
# convolutions one after the other, they learn more: `python tests/course digits` trains both from
# three starts. There the perceptron reads 97.6 of 100 held-out digits, the convolutional net 98.1.

# %% [markdown]
# Some of those that the convolutional net has read wrongly. Would you have read them right?

# %%
wrong = [i for i in held if says(cnn, i) != data.labels[i]]
figure, axes = plt.subplots(1, 8, figsize=(8, 1.6))
for place in axes:
    place.axis("off")
for i, place in zip(wrong, axes, strict=False):
    place.imshow(pictures[i], cmap="Greys")
    place.set_title(f"{data.labels[i]}, not {says(cnn, i)}", fontsize=8)

assert len(wrong) == round((1 - scores[1]) * len(held))

# %% [markdown]
# And its eight filters: they have become detectors of edges and strokes.

# %%
figure, axes = plt.subplots(1, 8, figsize=(8, 1.4))
for neuron, place in zip(cnn.parts[0].filters.neurons, axes, strict=True):
    window = [[w.data for w in neuron.w[i : i + 3]] for i in (0, 3, 6)]
    place.imshow(window, cmap="RdBu", vmin=-1, vmax=1)
    place.axis("off")

assert len(cnn.parts[0].filters.neurons) == 8

# %% [markdown]
# **To try 1.** How many weights would a dense layer need that maps the 64 pixels to the 512 numbers
# of the convolution, and how many has the convolution?

# %% jupyter={"source_hidden": true}
dense, shared = 64 * 512 + 512, sum(1 for _ in cnn.parts[0].parameters())

assert shared == 8 * (9 + 1)
assert dense == 416 * shared

# %% [markdown]
# **To try 2.** Shuffle the pixels of all pictures in the same way. Show that to a perceptron
# nothing has changed: with its weights shuffled likewise it says the same.

# %% jupyter={"source_hidden": true}
import math

mixed = random.Random(4).sample(range(64), 64)
flat = [x for row in pictures[0] for x in row]
said = [x.data for x in mlp([pictures[0]])]
for neuron in mlp.parts[1].layers[0].neurons:
    neuron.w = [neuron.w[i] for i in mixed]
again = [x.data for x in mlp.parts[1]([flat[i] for i in mixed])]

assert all(math.isclose(a, b, abs_tol=1e-9) for a, b in zip(said, again, strict=True))

# %% [markdown]
# **To try 3.** Where does the gradient go in an average pooling, and where in a max pooling of four
# equal numbers?

# %% jupyter={"source_hidden": true}
for pool, numbers in (
    (nn.AvgPool2d(2), [[0.1, 0.9], [0.3, 0.2]]),
    (nn.MaxPool2d(2), [[0.5, 0.5], [0.5, 0.5]]),
):
    patch = [[Value(x) for x in row] for row in numbers]
    pool([patch])[0][0][0].backward()
    assert [x.grad for row in patch for x in row] == [0.25] * 4
