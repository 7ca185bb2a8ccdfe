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
# # 6. Learning representations
#
# Units between input and output have no targets. Nobody tells them what to stand for; they find
# out. That was the news of 1986 (D. E. Rumelhart, G. E. Hinton and R. J. Williams, *Nature* 323,
# 533-536), and this notebook repeats its two experiments and two of the book that came with it
# (*Parallel Distributed Processing*, volume 1, chapter 8).
#
# **You will be able to** train a net with hidden units, draw its weights, and say what each hidden
# unit has come to represent. **You need** notebooks 1 to 3.

# %%
import json
import random
from pathlib import Path

import matplotlib.pyplot as plt

import autograd
from autograd import draw
from nn import MLP, Layer, Module
from nn.data import encoder, symmetry, xor
from nn.losses import mse
from nn.optim import SGD

# %% [markdown]
# ## The method
#
# The error is half the sum of the squared differences, over all units and all cases. Each sweep
# through the cases changes every weight by
#
# $$\Delta w(t) = -\varepsilon\,\frac{\partial E}{\partial w} + \alpha\,\Delta w(t-1)$$
#
# which is what `SGD` with a momentum does. The loss is compiled, since it is computed a few
# thousand times without a change: `loss.backward()` leaves gradients in the same places, faster.


# %%
def net(*sizes, width, seed):
    rng = random.Random(seed)
    bends = {"activation": "sigmoid", "output_activation": "sigmoid"}
    model = MLP(sizes[0], sizes[1:], **bends)
    for parameter in model.parameters():
        parameter.data = rng.uniform(-width, width)
    return model


def learn(model, inputs, targets, eps, alpha=0.0, below=0.1, sweeps=3000):
    loss = autograd.compile(lambda: 0.5 * mse([model(x) for x in inputs], targets, "sum"))
    optimiser, losses = SGD(model.parameters(), lr=eps, momentum=alpha), []
    while not losses or (losses[-1] >= below and len(losses) < sweeps):
        optimiser.zero_grad()
        losses.append(loss.backward())
        optimiser.step()
    return losses


# %% [markdown]
# ## Exclusive or
#
# No single unit can compute it: a unit draws one straight line, and no line has (0, 1) and (1, 0)
# on one side, (0, 0) and (1, 1) on the other. With two hidden units there are two lines.

# %%
cases = xor()
answers = [float(label) for label in cases.labels]
model = net(2, 2, 1, width=1, seed=0)
losses = learn(model, cases.features, answers, eps=0.5, alpha=0.9, below=0.01)
outputs = [model(x).data for x in cases.features]

assert [round(y) for y in outputs] == [0, 1, 1, 0]
[round(y, 2) for y in outputs], f"{len(losses)} sweeps"

# %% [markdown]
# This is the net that has learned, for the input (1, 0).

# %%
picture = draw(model([1.0, 0.0]))

assert round(picture.graph.root.data) == 1
picture

# %% [markdown]
# What do the hidden units stand for? Ask them.

# %%
hidden = [[h.data for h in model.layers[0](x)] for x in cases.features]

for x, h, y in zip(cases.features, hidden, outputs, strict=True):
    print(x, "->", [round(v, 2) for v in h], "->", round(y, 2))

# %% [markdown]
# They have moved the four points: what no line could part in the plane of the inputs, one line
# parts in the plane of the hidden units, where (0, 1) and (1, 0) have come together.

# %%
figure, axes = plt.subplots(1, 2, figsize=(7, 3.2), layout="constrained")
for axis, points, title in zip(axes, (cases.features, hidden), ("inputs", "hidden"), strict=True):
    for (a, b), label in zip(points, cases.labels, strict=True):
        axis.plot(a, b, "o" if label else "s", color="C1" if label else "C0", markersize=9)
    axis.set(title=title, xlim=(-0.1, 1.1), ylim=(-0.1, 1.1))
v, c = [w.data for w in model.layers[1].neurons[0].w], model.layers[1].neurons[0].b.data
axes[1].axline((0, -c / v[1]), slope=-v[0] / v[1], color="grey")

assert [v[0] * a + v[1] * b + c > 0 for a, b in hidden] == [False, True, True, False]

# %% [markdown]
# Not every start leads there. From this one the net ends on a plateau: it has two cases right and
# answers one half to the two others. Notebook 7 looks at such places.

# %%
stuck = net(2, 2, 1, width=1, seed=2)
losses = learn(stuck, cases.features, answers, eps=0.5, alpha=0.9, below=0.01)
outputs = sorted(stuck(x).data for x in cases.features)

assert abs(losses[-1] - 0.25) < 1e-3
assert [round(y, 1) for y in outputs] == [0.0, 0.5, 0.5, 1.0]
[round(y, 2) for y in outputs], f"loss {losses[-1]:.4f} after {len(losses)} sweeps"

# %% [markdown]
# ## Symmetry
#
# Six inputs, two hidden units; the output has to be on if the pattern reads the same from both
# ends. Eight of the 64 patterns do. $\varepsilon = .1$, $\alpha = .9$, weights at first between
# -.3 and .3, as in the paper.

# %%
patterns = symmetry(6)
targets = [float(label) for label in patterns.labels]
model = net(6, 2, 1, width=0.3, seed=8)
losses = learn(model, patterns.features, targets, eps=0.1, alpha=0.9, below=0.2)
wrong = [x for x, t in zip(patterns.features, targets, strict=True) if round(model(x).data) != t]

assert sum(targets) == 8
assert wrong == []
f"{len(losses)} sweeps"

# %% [markdown]
# For more than half of the sweeps little seems to happen. A net that says *no* to everything has
# an error of one half for each of the eight symmetric patterns, 4 in all, and it stays near that.
# Then it finds the way out.

# %%
figure, axis = plt.subplots(figsize=(6, 2.8), layout="constrained")
axis.plot(losses)
axis.set(xlabel="sweep", ylabel="error", ylim=(0, 8))

assert all(3.4 < loss < 4.1 for loss in losses[20 : len(losses) // 2])

# %% [markdown]
# Draw the weights as the paper does: a square for each, white if positive, black if negative, its
# area the size of the weight.


# %%
def hinton(axis, rows, title="", names=(), largest=None):
    largest = largest or max(abs(w) for row in rows for w in row)
    axis.add_patch(plt.Rectangle((-0.5, -0.5), len(rows[0]), len(rows), color="0.6", zorder=0))
    for i, row in enumerate(rows):
        for j, w in enumerate(row):
            side = 0.95 * (abs(w) / largest) ** 0.5
            colour = "white" if w > 0 else "black"
            corner = (j - side / 2, i - side / 2)
            axis.add_patch(plt.Rectangle(corner, side, side, color=colour, linewidth=0))
    axis.set(xlim=(-0.5, len(rows[0]) - 0.5), ylim=(len(rows) - 0.5, -0.5), title=title, aspect=1)
    axis.set_xticks(range(len(names)), names, rotation=90, fontsize=7)
    axis.set_yticks([])
    axis.spines[:].set_visible(False)


weights = [[w.data for w in neuron.w] for neuron in model.layers[0].neurons]
figure, axes = plt.subplots(2, 1, figsize=(4, 2.4), layout="constrained")
for k, axis in enumerate(axes):
    hinton(axis, [weights[k]], f"hidden unit {k + 1}", largest=10)

# %% [markdown]
# Two things stand out, and the paper explains them. Weights that are equally far from the middle
# are opposite: a symmetric pattern cancels itself, and both hidden units stay off.

# %%
for row in weights:
    assert all(abs(row[i] + row[5 - i]) < 0.01 * max(row) for i in range(3))

[round(w, 2) for w in weights[0]]

# %% [markdown]
# And their sizes are as 1 : 2 : 4, so that no other pattern cancels itself. Each of the eight ways
# to fill one half gives a sum of its own. The two units have opposite signs: each pattern that is
# not symmetric switches one of them on, whichever half outweighs the other.

# %%
sizes = sorted(abs(w) for w in weights[0][:3])
ratios = [size / sizes[0] for size in sizes]
halves = {round(sum(w * (n >> i & 1) for i, w in enumerate(weights[0][:3]))) for n in range(8)}

assert all(abs(r - n) < 0.1 for r, n in zip(ratios, (1, 2, 4), strict=True))
assert len(halves) == 8
assert all(a * b < 0 for a, b in zip(*weights, strict=True))
[round(ratio, 2) for ratio in ratios]

# %% [markdown]
# ## Through the bottleneck: 8-3-8
#
# Eight patterns, each with a single one, are to come out as they went in, past three hidden units.
# Three numbers that are nearly 0 or 1 can name eight things, and nobody has told the net how.

# %%
units = encoder(8).features
model = net(8, 3, 8, width=1, seed=2)
losses = learn(model, units, units, eps=1.0)
codes = [[h.data for h in model.layers[0](x)] for x in units]
bits = [tuple(round(h) for h in code) for code in codes]

assert len({*bits}) == 8
assert all(max(range(8), key=lambda i: model(x)[i].data) == units.index(x) for x in units)
sorted(bits)

# %% [markdown]
# It has invented the binary numbers, in an order of its own.

# %%
figure, axis = plt.subplots(figsize=(5, 2.2), layout="constrained")
axis.imshow(list(zip(*codes, strict=True)), cmap="gray", vmin=0, vmax=1)
axis.set(xlabel="pattern", ylabel="hidden unit", yticks=range(3))

assert all(min(h, 1 - h) < 0.25 for code in codes for h in code)

# %% [markdown]
# ## Family trees
#
# Two families of twelve, one English and one Italian, are related in the same way. From them come
# facts such as *Colin has the aunt Jennifer*. Here is the English tree: each line has a couple and
# their children.

# %%
TREE = """Christopher Penelope: Arthur Victoria
Andrew Christine: James Jennifer
James Victoria: Colin Charlotte
Arthur Margaret:
Charles Jennifer:"""
NAMES = """Christopher Andrew Arthur James Charles Colin
Penelope Christine Victoria Jennifer Margaret Charlotte
Roberto Pierro Emilio Marco Tomaso Alfonso
Maria Francesca Lucia Angela Gina Sophia"""
KINSHIP = "father mother husband wife son daughter uncle aunt brother sister nephew niece"

PEOPLE, RELATIONS = NAMES.split(), KINSHIP.split()
ENGLISH, ITALIAN, MEN = PEOPLE[:12], PEOPLE[12:], PEOPLE[:6]

# %% [markdown]
# All relations follow from marriages and births. There are 104 questions.


# %%
def facts():
    homes = [[part.split() for part in line.split(":")] for line in TREE.splitlines()]
    spouses = {a: [b] for (h, w), _ in homes for a, b in ((h, w), (w, h))}
    parents = {c: couple for couple, children in homes for c in children}
    children = {p: theirs for couple, theirs in homes for p in couple}
    siblings = {c: [d for d in theirs if d != c] for _, theirs in homes for c in theirs}

    def of(table, people):
        return [other for person in people for other in table.get(person, [])]

    for person in ENGLISH:
        uncles = of(siblings, of(parents, [person]))
        couple = [person, *of(spouses, [person])]
        groups = [
            of(parents, [person]),
            of(spouses, [person]),
            of(children, [person]),
            [*uncles, *of(spouses, uncles)],
            of(siblings, [person]),
            of(children, of(siblings, couple)),
        ]
        for k, relation in enumerate(RELATIONS):
            who = [other for other in groups[k // 2] if (other in MEN) == (k % 2 == 0)]
            if who:
                yield (person, relation), who


english = [*facts()]
translated = dict(zip(ENGLISH, ITALIAN, strict=True))
italian = [((translated[p], r), [translated[x] for x in who]) for (p, r), who in english]
questions = english + italian

assert len(questions) == 104
assert dict(questions)["Colin", "aunt"] == ["Jennifer", "Margaret"]
questions[:3]

# %% [markdown]
# The net has a unit for each person and for each relation; six units that see the persons only and
# six that see the relations only; 12, then 6 hidden units; and again a unit for each person.


# %%
def one(name, names):
    return [float(name == other) for other in names]


class FamilyNet(Module):
    def __init__(self):
        self.person = Layer(24, 6, activation="sigmoid")
        self.relation = Layer(12, 6, activation="sigmoid")
        self.joined = Layer(12, 12, activation="sigmoid")
        self.hidden = Layer(12, 6, activation="sigmoid")
        self.answer = Layer(6, 24, activation="sigmoid")

    def __call__(self, question):
        person, relation = question
        seen = self.person(one(person, PEOPLE)) + self.relation(one(relation, RELATIONS))
        return self.answer(self.hidden(self.joined(seen)))


family = FamilyNet()
family

# %% [markdown]
# A unit that should be on is wrong by what it lacks to .8, one that should be off by what it has
# above .2: within these bounds there is nothing to learn. Four of the questions are held out.
#
# The full training takes 1,500 sweeps; `python tests/course family_trees` does it from 30 starts,
# by a compiled program, and all of them learn at least 99 of the 100. Here are its first sweeps ...


# %%
def loss_of(cases):
    terms = []
    for question, who in cases:
        for y, name in zip(family(question), PEOPLE, strict=True):
            terms.append(((0.8 - y) if name in who else (y - 0.2)).relu().square())
    return 0.5 * autograd.sum(terms)


folder = Path("reference") if Path("reference").exists() else Path("notebooks/reference")
kept = json.loads((folder / "family_trees.json").read_text())
rng = random.Random(kept["seed"])
for parameter in family.parameters():
    parameter.data = rng.uniform(-1, 1)
rng.shuffle(questions)
trained, held = questions[:100], questions[100:]

optimiser, losses = SGD(family.parameters(), lr=0.05, momentum=0.5), []
for _ in range(8):
    optimiser.zero_grad()
    loss = loss_of(trained)
    loss.backward()
    losses.append(loss.data)
    optimiser.step()
    for parameter in family.parameters():
        parameter.data *= 1 - 0.0002  # weights that are of no use decay

assert all(abs(a - b) < 1e-4 * b for a, b in zip(losses, kept["losses"], strict=False))
[round(loss, 2) for loss in losses]

# %% [markdown]
# ... and these are the weights that they end with.

# %%
for name, parameter in family.named_parameters():
    parameter.data = kept["weights"][name]


def answers_of(question):
    return {name for name, y in zip(PEOPLE, family(question), strict=True) if y.data > 0.5}


right = sum(answers_of(question) == {*who} for question, who in trained)
guessed = sum(answers_of(question) == {*who} for question, who in held)

assert right >= 99
f"{right} of 100 that it was trained on, {guessed} of 4 that it never saw", held

# %% [markdown]
# How can it answer what nobody has told it? Look at the weights from the 24 persons to the six
# units that see them. The upper row has the English, the lower row the Italians, at the same place
# who has the same place in the tree.

# %%
person = [[w.data for w in neuron.w] for neuron in family.person.neurons]
largest = max(abs(w) for row in person for w in row)
figure, axes = plt.subplots(3, 2, figsize=(8, 5), layout="constrained")
for k, axis in enumerate(axes.flat):
    names = ENGLISH if k >= 4 else ()
    hinton(axis, [person[k][:12], person[k][12:]], f"unit {k + 1}", names, largest)

# %% [markdown]
# The second unit tells the two families apart: it is off for nearly all the English, and on for
# nearly all the Italians.

# %%
second = person[1]

assert sum(w < 0 for w in second[:12]) >= 11
assert sum(w > 0 for w in second[12:]) >= 10
sum(w < 0 for w in second[:12]), sum(w > 0 for w in second[12:])

# %% [markdown]
# The others have their two rows much alike: they have found what the trees share, such as the
# generation or the branch. So what is learned about one family serves the other. Here is how alike
# the rows are, as a correlation.


# %%
def likeness(row):
    a, b = row[:12], row[12:]
    a, b = ([x - sum(half) / 12 for x in half] for half in (a, b))
    dot = sum(x * y for x, y in zip(a, b, strict=True))
    return dot / (sum(x * x for x in a) * sum(y * y for y in b)) ** 0.5


alike = [likeness(row) for row in person]

assert min(alike) > 0.4
[round(x, 2) for x in alike]

# %% [markdown]
# ## From many starts
#
# One run may be luck. `python tests/course` repeats the experiments from 100 starts, the family
# trees from 30, and keeps its results, with date and machine, in `tests/course/results`. Most
# starts solve the symmetry problem, and all that do have opposite weights; a tenth or more of the
# nets for exclusive or are stuck.

# %% [markdown]
# ## To try
#
# **1.** Are 1 : 2 : 4 the only sizes that work for symmetry? Try 1 : 2 : 3 and 2 : 3 : 4 on paper
# first: which sums cancel?

# %% jupyter={"source_hidden": true}
from itertools import product


def cancels(*sizes):
    signs = [s for s in product((-1, 0, 1), repeat=3) if any(s)]
    return any(sum(s * w for s, w in zip(each, sizes, strict=True)) == 0 for each in signs)


assert cancels(1, 2, 3)  # 1 + 2 - 3
assert not cancels(1, 2, 4)
assert not cancels(2, 3, 4)  # which starts do find, too

# %% [markdown]
# **2.** The book has another net for exclusive or: a single hidden unit, and an output that sees
# it and both inputs. Build it.

# %% jupyter={"source_hidden": true}
from nn import Neuron


class Shortcut(Module):
    def __init__(self, rng):
        self.hidden = Neuron(2, activation="sigmoid", rng=rng)
        self.output = Neuron(3, activation="sigmoid", rng=rng)

    def __call__(self, x):
        return self.output([*x, self.hidden(x)])


direct = Shortcut(random.Random(1))
learn(direct, cases.features, answers, eps=0.5, alpha=0.9, below=0.01)

assert [round(direct(x).data) for x in cases.features] == [0, 1, 1, 0]
[round(w.data, 1) for w in direct.output.w]  # the inputs pull one way, the hidden unit the other

# %% [markdown]
# **3.** Is a bottleneck of two units too narrow for eight patterns? Count the bits first; then
# train.

# %% jupyter={"source_hidden": true}
narrow = net(8, 2, 8, width=1, seed=0)
losses = learn(narrow, units, units, eps=1.0, sweeps=6000)
levels = sorted({round(h.data, 1) for x in units for h in narrow.layers[0](x)})
known = sum(max(range(8), key=lambda i: narrow(x)[i].data) == units.index(x) for x in units)

assert len(levels) > 2  # it has to use values in between
f"{known} of 8", levels
