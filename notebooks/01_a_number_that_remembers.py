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
# Larger expressions are built in the same way, one operation at a time. Together the numbers and
# what they remember form a *graph*.

# %%
b = Value(-0.25, label="b")
y = (w * x + b).tanh()

assert round(y.data, 4) == 0.6351
y

# %% [markdown]
# Here it is. Time runs from left to right: leaves are round, results have corners. A number on an
# arrow is a *local derivative*: how much the box at its end changes for a small change of the box
# at its start, while everything else stays as it is.

# %%
from autograd import draw

drawing = draw(y)

assert len(drawing.graph) == 6
drawing

# %% [markdown]
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
# The last operation was a hyperbolic tangent. Its local derivative is $1 - \tanh^2$, which the
# library knows from one row of a table.

# %%
assert abs(y.partials[0] - (1 - y.data**2)) < 1e-15
y.partials

# %% [markdown]
# A plain number in an expression is a literal. It costs no box of its own.

# %%
doubled = 2 * w

assert doubled.parents == (w,)
draw(doubled)

# %% [markdown]
# A number may be used more than once; then several arrows leave its box.

# %%
square = w * w

assert square.parents == (w, w)
assert square.partials == (0.5, 0.5)
draw(square)

# %% [markdown]
# The gradients in the pictures are still a point: nobody has asked for them yet. A point is not a
# zero, which would say that `w` does not matter. How they are found is the subject of
# the next notebook.

# %%
assert all(node.grad is None for node in drawing.graph.nodes)

# %% [markdown]
# **To try.** Build `(w - x) * (w + x)` and `w*w - x*x`. Are their values the same? Are their
# graphs?

# %%
left, right = (w - x) * (w + x), w * w - x * x

assert left.data == right.data
assert [node.sign for node in draw(left).graph.nodes if node.sign] == ["-", "+", "*"]
assert [node.sign for node in draw(right).graph.nodes if node.sign] == ["*", "*", "-"]
