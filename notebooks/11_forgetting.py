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
# # 11. Forgetting, and what helps
#
# A child that has learned to add ones goes on to adding twos, and still knows the ones. A net does
# not. M. McCloskey and N. J. Cohen showed it in 1989 with just these facts, and named it
# *catastrophic interference*.
#
# **You will be able to** measure how much a net forgets, say why, and compare two remedies:
# rehearsal, and elastic weight consolidation. **You need** notebooks 1 to 3 and 7.

# %%
import random

import matplotlib.pyplot as plt

from autograd import Value, draw, no_grad
from nn import MLP, Module, landscape
from nn.data import rehearsed
from nn.losses import EWC, mse
from nn.optim import SGD

# %% [markdown]
# ## The facts
#
# A digit is shown by three neighbours among twelve units, so that digits that are near look alike.
# A question is two digits with four units for the plus sign between, 28 in all; an answer has two
# digits, 24. That is the coding of the paper, but for which of the units mean plus.


# %%
def digit(d):
    return [float(d <= i <= d + 2) for i in range(12)]


def question(a, b):
    return [*digit(a), 1.0, 0.0, 1.0, 0.0, *digit(b)]


def answer(a, b):
    return [*digit((a + b) // 10), *digit((a + b) % 10)]


ones = [(1, n) for n in range(1, 10)] + [(n, 1) for n in range(2, 10)]
twos = [(2, n) for n in range(1, 10)] + [(n, 2) for n in (1, 3, 4, 5, 6, 7, 8, 9)]

assert len(ones) == len(twos) == 17
assert {*ones} & {*twos} == {(1, 2), (2, 1)}
assert len(question(1, 2)) == 28
assert len(answer(1, 2)) == 24

# %% [markdown]
# A net of 28-50-24 units. It recalls a fact if each half of its answer is nearest to the right
# digit.


# %%
def nearest(part):
    return min(
        range(10), key=lambda d: sum((x.data - y) ** 2 for x, y in zip(part, digit(d), strict=True))
    )


def recalled(facts):
    with no_grad():
        outputs = [model(question(a, b)) for a, b in facts]
    said = [10 * nearest(out[:12]) + nearest(out[12:]) for out in outputs]
    return sum(n == a + b for n, (a, b) in zip(said, facts, strict=True)) / len(facts)


def examples(facts):
    return [question(a, b) for a, b in facts], [answer(a, b) for a, b in facts]


rng = random.Random(0)
model = MLP(28, [50, 24], activation="sigmoid", output_activation="sigmoid", rng=rng)
for parameter in model.parameters():
    parameter.data = rng.uniform(-0.3, 0.3)


def error(inputs, targets):
    return 0.5 * mse([model(x) for x in inputs], targets, "sum")


def train(data, epochs, lr, penalty=None, look=None):
    optimiser = SGD(model.parameters(), lr=lr)
    for epoch in range(epochs):
        if look:
            look(epoch)
        optimiser.zero_grad()
        loss = error(*data)
        (loss if penalty is None else loss + penalty()).backward()
        optimiser.step()
    if look:
        look(epochs)


# %% [markdown]
# First the ones, until it knows them all.

# %%
at_first = 0
while recalled(ones) < 1:
    train(examples(ones), 5, lr=0.3)
    at_first += 5
learned = [p.data for p in model.parameters()]

assert recalled(ones) == 1
assert recalled(twos) < 0.3
f"{at_first} epochs: ones {recalled(ones):.2f}, twos {recalled(twos):.2f}"

# %% [markdown]
# Now the twos, and nothing else.

# %%
EPOCHS = 40


def then(data, penalty=None):
    """Train on from the net that knows the ones; return what it recalls on the way."""
    curve = {}
    for parameter, number in zip(model.parameters(), learned, strict=True):
        parameter.data = number

    def look(epoch):
        if epoch % 5 == 0:
            curve[epoch] = recalled(ones), recalled(twos)

    train(data, EPOCHS, 0.1, penalty, look)
    return curve


alone = then(examples(twos))
forgetful = [p.data for p in model.parameters()]

assert alone[0][0] == 1
assert alone[20][0] < 0.75
assert alone[EPOCHS][0] <= 0.35
{
    epoch: f"ones {a:.2f}, twos {b:.2f}"
    for epoch, (a, b) in alone.items()
    if epoch in (0, 5, 10, 20, 40)
}

# %% [markdown]
# Long before the twos are known the ones are gone.


# %%
def plot(curves):
    size = (4 * len(curves), 2.8)
    _, axes = plt.subplots(1, len(curves), figsize=size, layout="constrained", squeeze=False)
    for axis, (title, curve) in zip(axes[0], curves.items(), strict=True):
        axis.plot([*curve], [*curve.values()], marker=".", label=["ones", "twos"])
        axis.set(title=title, xlabel="epochs of twos", ylabel="recalled", ylim=(-0.05, 1.05))
        axis.legend()


plot({"twos alone": alone})

# %% [markdown]
# ## Why
#
# Nothing in the gradient of the twos speaks for the ones. All facts share the weights, and the
# twos want them elsewhere: where the ones had come to rest, the two gradients are at odds as often
# as not, and the error of the ones has to rise.

# %%
for parameter, number in zip(model.parameters(), learned, strict=True):
    parameter.data = number


def gradient(facts):
    model.zero_grad()
    error(*examples(facts)).backward()
    return [p.grad for p in model.parameters()]


g_ones, g_twos = gradient(ones), gradient(twos)
against = sum(a * b < 0 for a, b in zip(g_ones, g_twos, strict=True)) / len(g_ones)

assert against > 0.25
assert sum(g * g for g in g_twos) > 5 * sum(g * g for g in g_ones)  # and the twos are louder
f"{against:.0%} of the weights are pulled both ways"

# %% [markdown]
# ## Rehearsal
#
# Go over the old while learning the new. `rehearsed` mixes some of the old examples among the new
# ones (A. Robins, 1995).

# %%
everything = then(rehearsed(examples(twos), examples(ones), 17, rng=random.Random(0)))
half = then(rehearsed(examples(twos), examples(ones), 8, rng=random.Random(0)))
plot({"with 8 of the ones": half, "with all 17": everything})

assert everything[EPOCHS][0] >= 0.9
assert everything[EPOCHS][0] >= half[EPOCHS][0] > alone[EPOCHS][0]
everything[EPOCHS], half[EPOCHS]

# %% [markdown]
# It keeps the ones. It learns the twos more slowly, as it has more to get right at a time: after
# 800 epochs it knows 0.99 of the ones and 0.98 of the twos, and had some ones wrong on the way, as
# means of five starts (`python tests/course forgetting`). And it needs the old examples, which may
# be gone.

# %% [markdown]
# ## Elastic weight consolidation
#
# Not every weight mattered to the first task. Hold each where it is, as firmly as the first task
# needs it (J. Kirkpatrick et al., 2017): add $\frac{\lambda}{2} \sum_i F_i (\theta_i -
# \theta^*_i)^2$ to the new error. For two tasks with a valley each, along the axes, that is
# exactly right. Here are two, with one parameter across and one up.


# %%
class Point(Module):
    def __init__(self):
        self.across, self.up = Value(0.0, label="across"), Value(0.0, label="up")

    def __call__(self, _):
        return [self.across, self.up]


def valley(stiffness):
    def loss(outputs, targets):
        (place,), (target,) = outputs, targets
        return sum(0.5 * s * (p - t) ** 2 for s, p, t in zip(stiffness, place, target, strict=True))

    return loss


first, first_lowest = valley((8.0, 0.5)), (-1.0, 0.5)
second, second_lowest = valley((0.5, 4.0)), (1.0, -0.5)
point = Point()
point.across.data, point.up.data = first_lowest
held = EWC(point, first, [[0.0]], [first_lowest], importance="hessian")

assert held.importances == [8.0, 0.5]
draw(held(1.0))

# %% [markdown]
# Descend into the second valley, once free and once held: the weight that the first task needs
# stays, the one that it does not need goes.


# %%
def follow(penalty):
    point.across.data, point.up.data = first_lowest

    def both():
        return first([point([])], [first_lowest]) + second([point([])], [second_lowest])

    wide = {"x_range": (-1.6, 1.6), "y_range": (-1.2, 1.2), "points": 25}
    ground, optimiser = (
        landscape(both, point.across, point.up, **wide),
        SGD(point.parameters(), 0.1),
    )
    for _ in range(400):
        ground.mark()
        optimiser.zero_grad()
        loss = second([point([])], [second_lowest])
        (loss + held(1.0) if penalty else loss).backward()
        optimiser.step()
    return ground


figure, axes = plt.subplots(1, 2, figsize=(9, 3), layout="constrained")
for axis, penalty in zip(axes, (False, True), strict=True):
    follow(penalty).plot(axis).set_title("held" if penalty else "free")

best = [
    (a * p + b * q) / (a + b)
    for a, p, b, q in zip((8.0, 0.5), first_lowest, (0.5, 4.0), second_lowest, strict=True)
]
assert all(abs(x.data - y) < 1e-9 for x, y in zip(point.parameters(), best, strict=True))
[x.data for x in point.parameters()], best

# %% [markdown]
# That is the optimum of both tasks together, found without the examples of the first. Now the
# sums. The importance of a weight is the mean of its squared gradients over the ones.

# %%
for parameter, number in zip(model.parameters(), learned, strict=True):
    parameter.data = number
anchor = EWC(model, lambda outputs, targets: 0.5 * mse(outputs, targets, "sum"), *examples(ones))
held_firmly = then(examples(twos), lambda: anchor(6000.0))
plot({"twos alone": alone, "held firmly": held_firmly})

alone[20], held_firmly[20]

# %% [markdown]
# The more firmly it is held, the later it forgets, and the later it learns: here one is only
# traded for the other. The valleys of a net are not along the axes. What the ones need is a
# *combination* of weights, and a penalty on each weight alone cannot say that.

# %%
assert held_firmly[20][0] > alone[20][0]  # after 20 epochs it knows more of the ones ...
assert held_firmly[20][1] < alone[20][1]  # ... and fewer of the twos
assert not any(a >= 0.9 and b >= 0.6 for a, b in held_firmly.values())

# %% [markdown]
# ## To try
#
# **1.** Tilt the two valleys. Is a penalty on each weight alone still exact?

# %% jupyter={"source_hidden": true}


def tilted(outputs, targets):
    (place,), (target,) = outputs, targets
    u, v = ((p - t) for p, t in zip(place, target, strict=True))
    return 4 * (u + v) ** 2 + 0.1 * (u - v) ** 2


point.across.data, point.up.data = first_lowest
tied = EWC(point, tilted, [[0.0]], [first_lowest], importance="hessian")


def settle(old):
    point.across.data, point.up.data = first_lowest
    optimiser = SGD(point.parameters(), 0.05)
    for _ in range(2000):
        optimiser.zero_grad()
        (second([point([])], [second_lowest]) + old()).backward()
        optimiser.step()
    return [x.data for x in point.parameters()]


true = settle(lambda: tilted([point([])], [first_lowest]))
approximate = settle(lambda: tied(1.0))

assert abs(true[0] - approximate[0]) > 0.5  # it cannot move along the valley, as it might
true, approximate

# %% [markdown]
# **2.** What does EWC hold if the weights were never trained on anything the loss depends on?

# %% jupyter={"source_hidden": true}
idle = EWC(point, lambda outputs, _: outputs[0][0] * 0 + 1, [[0.0]], [0])

assert idle.importances == [0, 0]  # nothing: what no task needs may go anywhere

# %% [markdown]
# **3.** Teach it the ones once more after the twos. Is anything left of them?

# %% jupyter={"source_hidden": true}
for parameter, number in zip(model.parameters(), forgetful, strict=True):
    parameter.data = number
again = 0
while recalled(ones) < 1:
    train(examples(ones), 5, lr=0.3)
    again += 5

assert again < at_first  # what cannot be recalled is still learned sooner than before
at_first, again
