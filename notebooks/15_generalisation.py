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
# # 15. Generalisation
#
# A net that has every training example right may have learned the rule, or the examples. Only
# examples that it has not seen can tell. This notebook lets a net learn by heart, and then keeps
# it from it in three ways.
#
# **You will be able to** see overfitting in two curves, and to use validation, early stopping,
# weight decay and dropout against it. **You need** notebooks 1 to 3 and 7.

# %%
import random

import matplotlib.pyplot as plt

from autograd import Value, draw, no_grad
from nn import Dropout, Layer, Neuron, Sequential, fit
from nn.data import moons
from nn.losses import binary_cross_entropy_with_logits, l2, mse
from nn.optim import SGD, AdamW

# %% [markdown]
# ## Three kinds of examples
#
# Moons again, but blurred so much that they overlap, and few to learn from. *Training* examples
# move the weights. *Validation* examples are only looked at, to decide how and how long to train.
# As one decides by them, they are no longer unseen; so a third part, for *testing*, is opened
# once, at the end.

# %%
training = moons(24, noise=0.3, rng=random.Random(1))
validation = moons(40, noise=0.3, rng=random.Random(2))
testing = moons(200, noise=0.3, rng=random.Random(3))

assert not {*training.features} & {*validation.features}
training

# %% [markdown]
# A net with far more weights than there are examples.


# %%
def network(p=0.0):
    rng = random.Random(0)
    return Sequential(
        Layer(2, 12, activation="tanh", rng=rng),
        Dropout(p, seed=1),
        Layer(12, 12, activation="tanh", rng=rng),
        Dropout(p, seed=2),
        Layer(12, 1, nonlin=False, rng=rng),
    )


def train(model, epochs=150, examples=training, decay=0.0, **options):
    optimiser = AdamW(model.parameters(), lr=0.03, weight_decay=decay)
    return fit(
        model, binary_cross_entropy_with_logits, *examples, optimiser, epochs, None,
        progress=False, validation=validation, **options,
    )  # fmt: skip


def loss_on(model, examples):
    model.eval()
    with no_grad():
        outputs = [model(x) for x in examples.features]
    return binary_cross_entropy_with_logits(outputs, [float(y) for y in examples.labels]).data


assert len(network().parameters()) == 205

# %% [markdown]
# ## Learning by heart
#
# Train, and watch both losses.

# %%
heart = network()
history = train(heart)
history.plot().set_ylim(0, 1)

assert history[-1] < 0.05
assert history.validation[-1] > 1.5 * min(history.validation)
history

# %% [markdown]
# The training loss falls and falls. The validation loss falls, too, as long as what is learned
# holds for all moons; then it rises: from there on the net learns what is true of these 24 points
# alone. The more certain it is of them, the dearer its mistakes elsewhere. See how it winds about
# single points.


# %%
def show(axis, model, title):
    xs, ys = [-2 + i / 6 for i in range(31)], [-1.5 + i / 6 for i in range(22)]
    with no_grad():
        heights = [[model([x, y]).sigmoid().data for x in xs] for y in ys]
    axis.contourf(xs, ys, heights, levels=[i / 10 for i in range(11)], cmap="RdBu_r", alpha=0.7)
    for label, colour in enumerate(("tab:blue", "tab:red")):
        pairs = zip(*training, strict=True)
        axis.plot(*zip(*[p for p, y in pairs if y == label], strict=True), "o", color=colour, ms=4)
    axis.set(title=title, xticks=[], yticks=[])


figure, axis = plt.subplots(figsize=(4.2, 2.8), layout="constrained")
show(axis, heart.eval(), f"training loss {history[-1]:.2f}")

# %% [markdown]
# ## Early stopping
#
# The simplest remedy: stop when the validation loss has not improved for a while, and go back to
# where it was best. `patience` says how long a while is.

# %%
early = network()
stopped = train(early, patience=25)

assert stopped.stopped == "early"
assert len(stopped) < len(history)
assert abs(loss_on(early, validation) - min(stopped.validation)) < 1e-12
stopped

# %% [markdown]
# Up to there it was the same training, to the last bit: nothing was done but to stop.

# %%
assert [*stopped] == history[: len(stopped)]
assert loss_on(early, testing) < loss_on(heart, testing)
f"test loss {loss_on(early, testing):.3f}, by heart {loss_on(heart, testing):.3f}"

# %% [markdown]
# ## Weight decay
#
# To wind about a point takes large weights. A price on their size,
# $\frac{\lambda}{2}\sum\theta^2$, buys smoothness. Here it is for a single neuron, as a part of
# its loss ...

# %%
neuron = Neuron(1, nonlin=False)
neuron.w[0].data = 0.5
priced = mse(neuron([2.0]), 3.0) + l2(neuron.w, 0.05)
priced.backward()

assert neuron.w[0].grad == 2 * (1.0 - 3.0) * 2.0 + 2 * 0.05 * 0.5
draw(priced)

# %% [markdown]
# ... and this is what the net makes of different prices. Too small and it learns by heart, too
# large and it learns nothing.

# %%
decays = [0.0, 0.3, 1.0, 10.0]
decayed = {0.0: (heart, history)}
for decay in decays[1:]:
    model = network()
    decayed[decay] = model, train(model, decay=decay)

figure, axis = plt.subplots(figsize=(5.5, 2.8), layout="constrained")
for decay, (_, found) in decayed.items():
    axis.plot(found.validation, label=f"decay {decay}")
axis.set(xlabel="epoch", ylabel="validation loss", ylim=(0, 1))
axis.legend()

ends = {decay: found.validation[-1] for decay, (_, found) in decayed.items()}
best = min(ends, key=ends.get)

assert 0.0 < best < 10.0
assert ends[best] < 0.7 * ends[0.0]
ends

# %% [markdown]
# The weights are indeed smaller, and the boundary no longer bends around single points.

# %%
sizes = {
    decay: sum(p.data**2 for p in model.parameters()) ** 0.5
    for decay, (model, _) in decayed.items()
}
figure, axes = plt.subplots(1, 3, figsize=(10, 2.6), layout="constrained")
for axis, decay in zip(axes, (0.0, best, 10.0), strict=True):
    show(axis, decayed[decay][0].eval(), f"decay {decay}: size {sizes[decay]:.1f}")

assert [*sizes.values()] == sorted(sizes.values(), reverse=True)

# %% [markdown]
# ## Dropout
#
# While it trains, leave out each hidden unit with probability $p$, at random and anew at each call
# (N. Srivastava et al., 2014). Then no unit can rely on another to correct it; what is learned has
# to be of use by itself. In evaluation all are there. The others are scaled up by $1/(1-p)$, so
# that on average a sum stays what it was.

# %%
dropout = Dropout(0.4, seed=0)
trained = [sum(dropout([1.0] * 10)) for _ in range(4000)]

assert dropout.eval()([1.0] * 10) == [1.0] * 10
assert abs(sum(trained) / len(trained) - 10) < 0.1
dropout.train()([1.0] * 10)

# %% [markdown]
# The training loss is now that of a net with holes, so it is high and unsteady. The validation
# loss, with all the units, does not rise as it did.

# %%
holes = network(0.4)
dropped = train(holes)
dropped.plot().set_ylim(0, 1)

assert dropped[-1] > history[-1]
assert dropped.validation[-1] < 0.85 * history.validation[-1]
dropped

# %% [markdown]
# ## The test
#
# Everything has been chosen. Now, and only now, the third part.

# %%
models = {"by heart": heart, "early": early, "decay": decayed[best][0], "dropout": holes}
final = {name: loss_on(model, testing) for name, model in models.items()}
figure, axis = plt.subplots(figsize=(5, 2.2), layout="constrained")
axis.barh([*final], [*final.values()])
axis.set(xlabel="test loss")

assert max(final, key=final.get) == "by heart"
{name: round(loss, 3) for name, loss in final.items()}

# %% [markdown]
# ## To try
#
# **1.** Show that an optimiser's `weight_decay` of $\lambda$ is the penalty `l2` with $\lambda/2$,
# for plain descent.

# %% jupyter={"source_hidden": true}
one, other = Value(0.8), Value(0.8)
by_rate, by_loss = SGD([one], lr=0.1, weight_decay=0.3), SGD([other], lr=0.1)
((one - 3) ** 2).backward()
((other - 3) ** 2 + l2([other], 0.15)).backward()
by_rate.step()
by_loss.step()

assert abs(one.data - other.data) < 1e-15

# %% [markdown]
# **2.** What does the best remedy cost? Take five times the training examples, no decay, and look
# at both losses.

# %% jupyter={"source_hidden": true}
many = train(network(), epochs=40, examples=moons(120, noise=0.3, rng=random.Random(4)))

assert many.validation[-1] < min(history.validation) * 1.1
assert many.validation[-1] - many[-1] < 0.2  # the gap has closed
many

# %% [markdown]
# **3.** Give the training points labels by tossing a coin. Can the net learn them? What does it
# say of the others?

# %% jupyter={"source_hidden": true}
rng = random.Random(0)
coins = [rng.randrange(2) for _ in training.labels]
fooled = network()
chance = train(fooled, epochs=150, examples=(training.features, coins))
right = sum((fooled(x).data > 0) == y for x, y in zip(training.features, coins, strict=True))

assert right >= 22  # it can learn anything by heart,
assert chance.validation[-1] > 1  # and knows nothing
right, chance
