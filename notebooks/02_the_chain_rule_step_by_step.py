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
# # 2. The chain rule, step by step
#
# The first notebook built a graph in which every arrow bears a local derivative. This one puts
# them together: one sweep from the result back to the leaves gives the derivative of the result
# by *every* number in the graph. That sweep is called backpropagation.

# %%
import math

from autograd import Value, draw, step

# %% [markdown]
# Begin with a chain: `x` is doubled, and the sine of that is taken.

# %%
x = Value(0.5, label="x")
n = 2 * x
n.label = "n"
y = n.sin()
y.label = "y"

assert y.data == math.sin(1.0)
draw(y)

# %% [markdown]
# If `x` grows by a little, `n` grows twice as much, and `y` grows by `cos(n)` times that. Along a
# chain the local derivatives are *multiplied*:
#
# $$\frac{dy}{dx} = \frac{dy}{dn}\,\frac{dn}{dx}$$

# %%
by_hand = y.partials[0] * n.partials[0]

assert by_hand == math.cos(1.0) * 2
by_hand

# %% [markdown]
# `backward` does the same, beginning with `dy/dy = 1`, and leaves the answer in `grad`.

# %%
y.backward()

assert y.grad == 1
assert x.grad == by_hand
draw(y)

# %% [markdown]
# Now a number that is used twice. Each use contributes, and the contributions are *added*.

# %%
a = Value(3.0, label="a")
z = a * a + a
z.backward()

assert z.partials == (1, 1)
assert a.grad == 2 * 3.0 + 1
draw(z)

# %% [markdown]
# That is the whole rule: multiply along a path, add over the paths. There are three paths from
# `a` to `z`, one for each use.

# %%
paths = [1 * a.data, 1 * a.data, 1]

assert sum(paths) == a.grad

# %% [markdown]
# A long expression has very many paths, but nobody has to list them. The sweep visits each node
# once, in such an order that its own gradient is complete before it passes it on. Step through a
# neuron: press *Next*, or the right arrow key.


# %%
def neuron(w, x, b):
    n = w * x + b
    return n.tanh()


steps = step(neuron, 0.5, 2.0, -0.25)

assert [each.phase for each in steps] == ["forward"] * 3 + ["seed"] + ["backward"] * 3
steps

# %% [markdown]
# The steps are plain Python too. The last one passes the gradient of the product to `w` and `x`.

# %%
last = steps[-1]

assert last.contributions[0].parent.label == "w"
print(last)

# %% [markdown]
# Each contribution is a product of two numbers: the gradient that arrives, and the local
# derivative.

# %%
for each in last.contributions:
    assert each.product == each.gradient * each.partial
    print(each)

# %% [markdown]
# Where a number is used twice, the running sum is spelled out. Watch `w`, which this loss uses
# once in the prediction and once in the penalty.


# %%
def loss(w, x, target):
    error = w * x - target
    return error**2 + 0.1 * w**2


steps = step(loss, 0.5, 2.0, 3.0)
sums = [each.equation for s in steps for each in s.contributions if "the sum is" in each.equation]

assert len(sums) == 1
print(sums[0])

# %% [markdown]
# The stepper's gradients are those of `backward`, to the last bit.

# %%
w, point, target = Value(0.5), Value(2.0), Value(3.0)
loss(w, point, target).backward()

assert steps.gradient("w") == w.grad
assert steps.gradient("x") == point.grad
assert steps.gradient("target") == target.grad

# %% [markdown]
# And they are right: a central difference says the same.

# %%
h = 1e-6
slope = (loss(0.5 + h, 2.0, 3.0) - loss(0.5 - h, 2.0, 3.0)) / (2 * h)

assert abs(slope - w.grad) < 1e-8
slope, w.grad

# %% [markdown]
# Gradients of leaves accumulate when `backward` is called again. That is what one wants when a
# loss is summed over many examples, and what one has to undo before the next step of learning.

# %%
before = w.grad
loss(w, point, target).backward()

assert w.grad == 2 * before
w.zero_grad()
assert w.grad == 0

# %% [markdown]
# Why backward and not forward? A loss is one number and depends on very many. One sweep back
# gives all of its derivatives; a difference quotient needs two more evaluations for each of them.

# %%
weights = [Value(0.01 * i) for i in range(100)]
total = Value(0.0)
for i, weight in enumerate(weights):
    total = total + (weight * i).tanh()
total.backward()

for i, weight in enumerate(weights):
    assert math.isclose(weight.grad, i / math.cosh(weight.data * i) ** 2, rel_tol=1e-12)

# %% [markdown]
# A large graph is drawn in part, and says so; a leaf's way to the root can be highlighted.

# %%
part = draw(total, max_nodes=12)

assert "nodes left out" in part.note
part

# %% [markdown]
# **To try.** `x * x`, `x ** 2` and `x.square()` are one function. Do they have one derivative?

# %%
for f in (lambda x: x * x, lambda x: x**2, lambda x: x.square()):
    assert step(f, 3.0).gradient("x") == 6.0
