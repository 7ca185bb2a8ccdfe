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
# # 10. Language, one character after another
#
# After this notebook you can turn text into numbers, say how surprised a model is by a text, train
# a recurrent network and a small transformer to continue names, and let them invent some. It needs
# notebooks 2 and 7, Matplotlib, and the package `names` (`pip install 'glassgrad[names,plot]'`).

# %%
import math
import random
from collections import Counter

import matplotlib.pyplot as plt

import nn
from autograd import draw, no_grad, record
from nn.data import Characters
from nn.losses import cross_entropy

# %% [markdown]
# ## Text as numbers
#
# The text is some 5,000 first names from the United States census of 1990. Two hundred of them are
# put aside, to be asked about later.

# %%
texts = list(nn.data.names())
random.Random(0).shuffle(texts)
held, rest = texts[:200], texts[200:]

assert not set(held) & set(rest)
rest[:8]

# %% [markdown]
# Each character gets a number; 0 stands before the first and after the last. A model reads a name
# up to some place and says what comes next. One name is several examples.

# %%
letters = Characters(texts)
read, expected = letters.example("ada")

assert (read, expected) == ([0, 1, 4, 1], [1, 4, 1, 0])
letters, len(letters)

# %% [markdown]
# ## Surprise
#
# A model gives each of the 27 symbols a probability $p$. It is surprised by what really comes by
# $-\log p$, measured in nats. The mean surprise is the cross-entropy, and the loss to be lowered.
# Who knows nothing gives all symbols the same probability, and is surprised by $\log 27$.

# %%
nothing = math.log(27)

assert math.isclose(cross_entropy([0.0] * 27, 4), nothing)
nothing

# %% [markdown]
# A little more knows who has counted which letter follows which. (Each pair is counted once more
# than it was seen, so that nothing is impossible.)

# %%
pairs = Counter(pair for text in rest for pair in zip(*letters.example(text), strict=True))
seen = Counter()
for (before, _), count in pairs.items():
    seen[before] += count


def after(before):
    """The logarithms of the probabilities of the next symbol, from counts."""
    return [math.log((pairs[before, i] + 1) / (seen[before] + 27)) for i in range(27)]


def counted(read):
    return [after(symbol) for symbol in read]


def surprise(model, texts):
    """The mean surprise of a model at each character of texts, in nats."""
    total = count = 0
    with no_grad():
        for text in texts:
            read, expected = letters.example(text)
            loss = cross_entropy(model(read), expected, reduction="sum")
            total += getattr(loss, "data", loss)
            count += len(expected)
    return total / count


by_pairs = surprise(counted, held)

assert 2.3 < by_pairs < 2.6
by_pairs

# %% [markdown]
# ## A recurrent network
#
# Counting triples, and quadruples, soon runs out of names. A *recurrent* network reads one symbol
# after another and keeps a state: what it says depends on all that it has read. Each symbol is
# first a vector of its own, its *embedding*, which is learned as well.


# %%
class Recurrent(nn.Module):
    """Embeddings, a recurrent layer, and logits for the next symbol."""

    def __init__(self, rng):
        self.symbols = nn.Embedding(len(letters), 8, rng=rng)
        self.memory = nn.RNN(8, 24, rng=rng)
        self.head = nn.Layer(24, len(letters), nonlin=False, rng=rng)

    def __call__(self, read):
        states = self.memory([self.symbols(symbol) for symbol in read])
        return [self.head(state) for state in states]


recurrent = Recurrent(random.Random(1))

assert len(recurrent([0, 1, 4, 1])) == 4
nn.summary(recurrent)

# %% [markdown]
# One step of learning for each name. The rate falls in a straight line, from large strides to small
# ones.


# %%
def train(model, texts, rate, **adam):
    """Adam, one step a name; return the losses."""
    optimiser = nn.optim.Adam(model.parameters(), lr=rate, **adam)
    losses = []
    for i, text in enumerate(texts):
        read, expected = letters.example(text)
        optimiser.param_groups[0]["lr"] = rate * (1 - i / len(texts))
        optimiser.zero_grad()
        loss = cross_entropy(model(read), expected)
        loss.backward()
        optimiser.step()
        losses.append(loss.data)
    return losses


by_recurrence = train(recurrent, rest[:700], 0.02)
recurrent_surprise = surprise(recurrent, held)

assert recurrent_surprise < 2.7 < nothing
recurrent_surprise

# %% [markdown]
# It has read 700 names, once. That is not yet as good as counting all of them, but far better than
# knowing nothing, with 1,683 numbers in place of a library.
#
# The same weights serve every letter. In the graph of a short name the memory's cell is called once
# for each symbol, each time with the state that the call before has left: the network is *unrolled*
# in time, and a sweep runs through it backwards.

# %%
with record():
    tiny = nn.RNN(1, 1, rng=random.Random(0))
    state = tiny([[0.1], [0.4], [0.1]])[-1][0]
state.backward()
names = {"w_x": tiny.cell.neurons[0].w[0], "w_h": tiny.cell.neurons[0].w[1]}

assert state.op.name == "tanh"
draw(state, names=names)

# %% [markdown]
# ## A small GPT
#
# A transformer has no state. At each place *attention* looks back at all places before, and decides
# by their content which of them matter; what it gathers is added to a stream, and so is what a
# small perceptron makes of it. This one is 16 wide, with 4 heads and one block, as in Karpathy's
# microgpt.

# %%
gpt = nn.GPT(len(letters), context=16, width=16, heads=4, blocks=1, rng=random.Random(0))

assert sum(1 for _ in gpt.parameters()) == 4411
nn.summary(gpt)

# %%
with record():
    small = nn.GPT(3, context=4, width=2, heads=1, rng=random.Random(0))
    loss = cross_entropy(small([0, 1]), [1, 0])
draw(loss, collapse=2, show=("data",))

# %% [markdown]
# It may look back only. What it says after `an` does not depend on what follows: that would be
# cheating, as the next letter is what it has to guess.

# %%
first = gpt(letters.encode("anna"))
second = gpt(letters.encode("andy"))

assert [x.data for x in first[1]] == [x.data for x in second[1]]
assert [x.data for x in first[2]] != [x.data for x in second[2]]

# %% [markdown]
# A thousand names, a step for each: some seconds with the engine in C. With eight names a step it
# comes further: to 2.14 nats on the 200 names, where one name a step comes to 2.29, as means of
# three starts (`python tests/course names`).

# %%
by_attention = train(gpt, rest[:1000], 0.01, betas=(0.85, 0.99))
gpt_surprise = surprise(gpt, held)

assert gpt_surprise < 2.35
gpt_surprise


# %%
def smooth(losses, width=50):
    return [sum(losses[i : i + width]) / width for i in range(len(losses) - width)]


figure, axes = plt.subplots(figsize=(6, 3.5))
axes.plot(smooth(by_recurrence), label="recurrent")
axes.plot(smooth(by_attention), label="GPT")
axes.axhline(nothing, color="grey", linestyle=":", label="knows nothing")
axes.axhline(by_pairs, color="grey", linestyle="--", label="counts pairs")
axes.set_xlabel("names read")
axes.set_ylabel("surprise in nats, mean of 50 names")
axes.legend()

assert gpt_surprise < by_pairs < nothing

# %% [markdown]
# ## New names
#
# Now let it talk: draw the first letter by its probability, append it, ask for the next one, until
# it says that the name ends. The *temperature* divides the logits: below 1 the likely becomes
# likelier.


# %%
def invented(temperature, count, seed=0):
    rng = random.Random(seed)
    names = (gpt.generate([0], 15, temperature, stop=0, rng=rng) for _ in range(count))
    return [letters.decode(name[1:]) for name in names]


names = invented(0.5, 20)
new = [name for name in names if name not in texts]

assert len(new) >= 5
print(*names)

# %%
print(*invented(1.0, 10), "|", *invented(2.0, 10))

# %% [markdown]
# The embeddings have learned something that nobody told the network: here are the 16 numbers of
# each letter, seen from the two directions in which they differ most. Vowels stand together.

# %%
import numpy as np

vectors = np.array([[x.data for x in gpt.symbols(i)] for i in range(1, 27)])
vectors -= vectors.mean(axis=0)
_, _, axes_of_most = np.linalg.svd(vectors)
places = vectors @ axes_of_most[:2].T
figure, axes = plt.subplots(figsize=(5, 4))
axes.scatter(*places.T, s=0)
for letter, place in zip(letters.characters, places, strict=True):
    axes.annotate(letter, place, color="tab:red" if letter in "aeiouy" else "black", fontsize=13)

vowels = np.array([letter in "aeiou" for letter in letters.characters])
apart = np.linalg.norm(vectors[vowels].mean(axis=0) - vectors[~vowels].mean(axis=0))
assert apart > 0.5 * np.linalg.norm(vectors, axis=1).mean()

# %% [markdown]
# **To try 1.** A surprise of $s$ nats is that of a choice among $e^s$ equal possibilities, the
# *perplexity*. Among how many letters does each of the models choose?

# %% jupyter={"source_hidden": true}
choices = [math.exp(s) for s in (nothing, by_pairs, gpt_surprise)]

assert math.isclose(choices[0], 27)
assert choices == sorted(choices, reverse=True)
[round(x, 1) for x in choices]

# %% [markdown]
# **To try 2.** What does the model say at temperature 0? Twice?

# %% jupyter={"source_hidden": true}
once, twice = invented(0, 1, seed=1), invented(0, 1, seed=2)

assert once == twice
once

# %% [markdown]
# **To try 3.** Counting is learning, too. Take a table of 27 times 27 logits, `nn.Embedding(27,
# 27)`, as the model. Show that at the logarithms of the counts its gradient is 0: no descent would
# move it.

# %% jupyter={"source_hidden": true}
examples = [letters.example(text) for text in rest[:300]]
read = [symbol for before, _ in examples for symbol in before]
expected = [symbol for _, after in examples for symbol in after]
seen_now, pairs_now = Counter(read), Counter(zip(read, expected, strict=True))
table = nn.Embedding(27, 27, rng=random.Random(0))
for i, row in enumerate(table.table):
    for j, weight in enumerate(row):
        share = pairs_now[i, j] / seen_now[i] if seen_now[i] else 0
        weight.data = math.log(share) if share else -math.inf
cross_entropy([table(i) for i in read], expected).backward()

assert max(abs(x.grad) for x in table.parameters()) < 1e-12
