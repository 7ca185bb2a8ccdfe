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
#
# **You will be able to** sweep a graph by hand, in the right order, say why contributions are
# added, and what is left in `grad` afterwards. **You need** notebook 1.

# %%
import math

from autograd import Value, draw, step

# %% [markdown]
# Begin with a chain: `x` is doubled, and the sine of that is taken.

# %%
x = Value(0.5, label="x")
n = 2 * x
y = n.sin()
n.label, y.label = "n", "y"

assert y.data == math.sin(1.0)
before = draw(y)
before

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
# A drawing shows what is known when it is made. The first one was made before the sweep, and keeps
# its question marks.

# %%
assert [node.grad for node in before.graph.nodes] == [None, None, None]
assert all(node.grad is not None for node in draw(y).graph.nodes)

# %% [markdown]
# And this is a zero: `c` was swept, and does not matter.

# %%
b, c = Value(0.5, label="b"), Value(3.0, label="c")
indifferent = 2 * b + 0 * c
indifferent.backward()

assert (b.grad, c.grad) == (2, 0)
draw(indifferent)

# %% [markdown]
# ## Contributions are added
#
# Now a number that is used twice. Each use contributes, and the contributions are *added*: if `a`
# grows, `z` grows on account of each of them. That is why a sweep writes `+=`. With `=` the last
# use would be all that counts.

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
# ## The order
#
# A node may pass its gradient on when it is complete, that is, after everything that uses it. In
# this diamond `p` is used by `q` and by `r`.

# %%
a = Value(1.0, label="a")
p = 3 * a
q = p * p
r = p + q
p.label, q.label, r.label = "p", "q", "r"

draw(r)

# %% [markdown]
# Sweep it by hand. This goes to `p` too early: what comes through `q` arrives there when `p` is
# done, and never reaches `a`. All is said of `p`, and too little of `a`.


# %%
def sweep_by_hand(*order):
    for node in order:
        node.grad = 0.0
    order[0].grad = 1.0
    for node in order:
        for parent, partial in zip(node.parents, node.partials, strict=True):
            parent.grad += node.grad * partial
    return a.grad


wrong = sweep_by_hand(r, p, q, a)
picture = draw(r)

assert (wrong, p.grad) == (3.0, 7.0)
picture

# %% [markdown]
# With `q` before `p` it is right: $r = 3a + 9a^2$, whose derivative is $3 + 18a$. `backward` finds
# such an order by itself.

# %%
right = sweep_by_hand(r, q, p, a)
a.zero_grad()
r.backward()

assert right == a.grad == 3 + 18 * a.data
draw(r)

# %% [markdown]
# The right order is called *topological*: each node comes after everything that uses it, before
# what it was computed from. Any such order will do.
#
# ## No recursion
#
# One could let each node call its parents: "here is a contribution, pass it on". That walks every
# path, and paths are many. Here each number is twice the one before; four boxes have eight paths.

# %%
x = Value(1.0, label="x")
y = x
for _ in range(3):
    y = y + y


def walk(node, arrived):
    """Pass a contribution on along every path; return how many calls it took."""
    if not node.parents:
        passed.append(arrived)
    return 1 + sum(
        walk(parent, arrived * partial)
        for parent, partial in zip(node.parents, node.partials, strict=True)
    )


passed = []
calls = walk(y, 1.0)
y.backward()

assert sum(passed) == x.grad == 8
assert (calls, len(passed), len(draw(y).graph)) == (15, 8, 4)
draw(y)

# %% [markdown]
# After forty doublings there would be a million million paths. The sweep still visits each node
# once. Nor does it call itself, not even once for each node: a long chain would meet Python's limit
# of some thousand calls within one another. It goes through a list.

# %%
deep, x = 100_000, Value(1.0)
y = x
for _ in range(deep):
    y = y + 1
y.backward()

assert x.grad == 1
try:
    walk(y, 1.0)
except RecursionError as error:
    print(type(error).__name__, "at", deep, "nodes; the sweep is through:", x.grad)

# %% [markdown]
# ## Step through it
#
# Press *Next*, or the right arrow key, and follow a neuron forwards and back.


# %%
def neuron(w, x, b):
    n = w * x + b
    return n.tanh()


steps = step(neuron, 0.5, 2.0, -0.25)

assert [each.phase for each in steps] == ["forward"] * 3 + ["seed"] + ["backward"] * 3
steps

# %% [markdown]
# The steps are plain Python too. The last one passes the gradient of the product to `w` and `x`.
# Each contribution is the gradient that arrives, times the local derivative.

# %%
last = steps[-1]

assert last.contributions[0].parent.label == "w"
assert all(each.product == each.gradient * each.partial for each in last.contributions)
print(last)

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
# The stepper's gradients are those of `backward`, to the last bit. And they are right: a central
# difference says the same.

# %%
w, point, target = Value(0.5, label="w"), Value(2.0), Value(3.0)
value = loss(w, point, target)
value.backward()
h = 1e-6
slope = (loss(0.5 + h, 2.0, 3.0) - loss(0.5 - h, 2.0, 3.0)) / (2 * h)

assert steps.gradient("w") == w.grad
assert abs(slope - w.grad) < 1e-8
slope, w.grad

# %% [markdown]
# ## Backward twice
#
# The gradients of leaves *accumulate* when `backward` is called again, here on the same graph.
# That is what one wants when a loss is summed over many examples. Between the leaves nothing
# accumulates: each sweep begins there anew. (If it did not, the second sweep would pass the first
# one on again, and the leaf would have three times its gradient.)

# %%
(squared, _), once = value.parents, w.grad
within = squared.grad
value.backward()

assert w.grad == 2 * once
assert squared.grad == within
draw(value)

# %% [markdown]
# Before the next step of learning the sum has to go. `zero_grad` of a `Value` clears that one, and
# nobody else; that of a model or an optimiser clears all their parameters. The nodes between need
# no clearing.

# %%
w.zero_grad()

assert w.grad == 0
assert point.grad != 0
assert squared.grad == within

# %% [markdown]
# ## Why backward and not forward?
#
# A loss is one number and depends on very many. One sweep back gives all of its derivatives; a
# difference quotient needs two more evaluations for each of them.

# %%
weights = [Value(0.01 * i) for i in range(100)]
total = Value(0.0)
for i, weight in enumerate(weights):
    total = total + (weight * i).tanh()
total.backward()

for i, weight in enumerate(weights):
    assert math.isclose(weight.grad, i * (1 - math.tanh(weight.data * i) ** 2), abs_tol=1e-14)

# %% [markdown]
# A large graph is drawn in part, and says so.

# %%
part = draw(total, max_nodes=12)

assert "nodes left out" in part.note
part

# %% [markdown]
# ## To try
#
# **1.** `x * x`, `x ** 2` and `x.square()` are one function. Do they have one derivative?

# %% jupyter={"source_hidden": true}
for f in (lambda x: x * x, lambda x: x**2, lambda x: x.square()):
    assert step(f, 3.0).gradient("x") == 6.0

# %% [markdown]
# **2.** In which orders may the nodes of $z = (a + b)(a - b)$ be swept? Which of them are right?

# %% jupyter={"source_hidden": true}
from itertools import permutations

a, b = Value(3.0, label="a"), Value(2.0, label="b")
plus, minus = a + b, a - b
z = plus * minus


def by_order(order):
    grad = dict.fromkeys((z, plus, minus, a, b), 0.0)
    grad[z] = 1.0
    for node in order:
        for parent, partial in zip(node.parents, node.partials, strict=True):
            grad[parent] += grad[node] * partial
    return grad[a], grad[b]


good = [order for order in permutations((z, plus, minus)) if by_order(order) == (6.0, -4.0)]

assert len(good) == 2  # the result first; the sum and the difference do not wait for each other
draw(z)

# %% [markdown]
# **3.** Call `backward` three times on `z`, clearing nothing. What does `a.grad` say? And if the
# expression is built anew each time?

# %% jupyter={"source_hidden": true}
for _ in range(3):
    z.backward()
kept = a.grad
a.zero_grad()
for _ in range(3):
    ((a + b) * (a - b)).backward()

assert kept == a.grad == 3 * 6.0  # a leaf does not know which graph a contribution comes from
