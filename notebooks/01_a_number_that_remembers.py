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
# # 1. A number that remembers
#
# A neural network learns by asking of every one of its numbers: *if you were a little larger,
# would the result be better or worse?* The answer to that question is a derivative. This notebook
# shows how a number can remember where it came from. The next one shows what that is good for.
#
# **You will be able to** build a graph, read its picture, and say what the number on each of its
# arrows means, also where it surprises. **You need** to know what a derivative is, and some Python.

# %% [markdown]
# A `Value` holds one number. It can have a name, for us to read.

# %%
from autograd import Value

w = Value(0.5, label="w")
x = Value(2.0, label="x")

assert w.data == 0.5
w

# %% [markdown]
# Arithmetic gives a new `Value`. Its number is what one expects.

# %%
product = w * x

assert product.data == 0.5 * 2.0
product

# %% [markdown]
# But it is more than a number: it remembers what it was computed from. Its *parents* are the very
# same objects, not copies.

# %%
assert product.parents == (w, x)
assert product.parents[0] is w
product.parents

# %% [markdown]
# It also remembers how it was computed.

# %%
assert product.op.name == "multiply"
product.op

# %% [markdown]
# A number that was not computed from others has no parents. It is called a *leaf*.

# %%
assert w.parents == ()
assert w.op is None

# %% [markdown]
# Larger expressions are built in the same way, one operation at a time. Results may have names,
# too. Together the numbers and what they remember form a *graph*.

# %%
b = Value(-0.25, label="b")
n = product + b
y = n.tanh()
product.label, n.label, y.label = "product", "n", "y"

assert round(y.data, 4) == 0.6351
y

# %% [markdown]
# Here it is. Time runs from left to right: leaves are round, results have corners. A number on an
# arrow is a *local derivative*: how much the box at its end changes for a small change of the box
# at its start, while everything else stays as it is.

# %%
from autograd import draw

drawing = draw(y)

assert [node.label for node in drawing.graph.nodes] == ["w", "x", "product", "b", "n", "y"]
drawing

# %% [markdown]
# Where a box will have its gradient there is a question mark. Nobody has asked for gradients yet:
# they are found by the sweep of the next notebook. A question mark is not a zero, which would say
# that `w` does not matter.

# %%
assert all(node.grad is None for node in drawing.graph.nodes)

# %% [markdown]
# ## Local derivatives
#
# The local derivative of a product by one factor is the other factor. Indeed: `product` says 2
# for `w`, which is the data of `x`, and 0.5 for `x`, which is the data of `w`.

# %%
assert product.partials == (x.data, w.data)
product.partials

# %% [markdown]
# Do not take it on trust. Enlarge `w` by a millionth and look how much the product grows.

# %%
small = 1e-6
growth = ((w.data + small) * x.data - w.data * x.data) / small

assert abs(growth - product.partials[0]) < 1e-8
growth

# %% [markdown]
# The last operation was a hyperbolic tangent. The local derivative of $y = \tanh n$ is
# $1 - \tanh^2 n$, that is $1 - y^2$. The library knows it from one row of a table.

# %%
assert abs(y.partials[0] - (1 - y.data**2)) < 1e-15
y.partials

# %% [markdown]
# Subtraction has a sign for each side: the difference grows with `w`, and falls as `x` grows.

# %%
difference = w - x

assert difference.partials == (1, -1)
draw(difference)

# %% [markdown]
# Far out the tangent is *saturated*. Its number is 1, as near as a float can say, and its slope is
# nearly 0: what happens at `n` hardly reaches `y`. But nearly 0 is not 0.

# %%
saturated = Value(20.0, label="n").tanh()

assert saturated.data == 1.0
assert 0 < saturated.partials[0] < 1e-16
draw(saturated)

# %% [markdown]
# `relu` has a *kink* at 0: its slope is 0 on the left and 1 on the right. At the kink there is
# none, and a program has to say something all the same. Its row says 0; more
# of that is in [notebook 5](05_numbers.ipynb).

# %%
kink = Value(0.0, label="x").relu()

assert [Value(at).relu().partials for at in (-1.0, 0.0, 1.0)] == [(0,), (0,), (1,)]
draw(kink)

# %% [markdown]
# Powers at 0 are no trap if one thinks of their curves. $x^2$ is flat there, $x$ has slope 1, and
# $x^0$ is the constant 1 and so has slope 0. (The formula $n x^{n-1}$ would say $0 \cdot \infty$.)
# The root rises straight up: its slope is infinite.

# %%
zero = Value(0.0, label="x")
powers = [zero**0, zero**1, zero**2, zero**0.5]

assert [power.partials for power in powers] == [(0,), (1,), (0,), (float("inf"),)]
draw(zero**2 + zero**0)

# %% [markdown]
# ## What has a box
#
# A plain number in an expression is a literal. It costs no box of its own.

# %%
doubled = 2 * w

assert doubled.parents == (w,)
assert doubled.operands == (2, w)
draw(doubled)

# %% [markdown]
# A number may be used more than once; then several arrows leave its box.

# %%
square = w * w

assert square.parents == (w, w)
assert square.partials == (0.5, 0.5)
draw(square)

# %% [markdown]
# ## To try
#
# **1.** Build `(w - x) * (w + x)` and `w*w - x*x`. Are their values the same? Are their graphs?

# %% jupyter={"source_hidden": true}
left, right = (w - x) * (w + x), w * w - x * x

assert left.data == right.data
assert [node.sign for node in draw(left).graph.nodes if node.sign] == ["-", "+", "*"]
draw(left)

# %% jupyter={"source_hidden": true}
assert [node.sign for node in draw(right).graph.nodes if node.sign] == ["*", "*", "-"]
draw(right)

# %% [markdown]
# **2.** What are the local derivatives of a quotient `w / x`? Write them down, then ask.

# %% jupyter={"source_hidden": true}
quotient = w / x

assert quotient.partials == (1 / x.data, -w.data / x.data**2)
quotient.partials

# %% [markdown]
# **3.** `x = x + 1` in a loop: is there one box, or are there several? What do the names say?

# %% jupyter={"source_hidden": true}
count = Value(0.0, label="count")
for _ in range(3):
    count = count + 1

assert len(draw(count).graph) == 4  # each turn makes a new number, and remembers the one before
draw(count)
