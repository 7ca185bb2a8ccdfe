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
# # 16. How this engine is built
#
# After this notebook you can say where in this library a line belongs, follow one function from the
# table through everything that is made of it, and step into the engine with a debugger. It needs
# notebooks 1, 2 and 14, and mpmath. One idea carries everything: *an elementary function is
# declared once, as one row of a table*. We follow the hyperbolic tangent.

# %%
import inspect
import math
import os
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import autograd as ag
from autograd import Value, draw, grad, step
from autograd.functions import rules
from autograd.functions.formulas import variable
from autograd.testing import check_primitive

# %% [markdown]
# ## The row
#
# This is all that the library knows of it: its value, its derivative, and a sentence.

# %%
table = inspect.getsource(rules).splitlines()
(row,) = [line for line in table if line.startswith("tanh = ")]

assert row.startswith("tanh = row(ieee.tanh, lambda x: sech2(x)")
print(row)

# %% [markdown]
# The derivative is written with another row, `sech2`, whose derivative is written with rows again.
# So every order is there. Why not `1 - tanh(x)**2`? Notebook 5 has shown how that loses its digits;
# the numerical trick has one place, in the value of `sech2`.

# %%
start = next(i for i, line in enumerate(table) if line.startswith("sech2 = "))

assert "tanh" in "".join(table[start : start + 6])
print("\n".join(table[start : start + 6]))

# %% [markdown]
# ## Value
#
# The name in `autograd` is the row itself. It takes a number, and gives one.

# %%
tanh = ag.tanh

assert tanh is rules.tanh
assert tanh(0.5) == math.tanh(0.5)
tanh, tanh(0.5)

# %% [markdown]
# ## Partial derivative
#
# The rule is run on whatever the operands are. On floats it gives a float.

# %%
assert tanh.partials(0.5, out=tanh(0.5)) == (rules.sech2(0.5),)
tanh.partials(0.5, out=tanh(0.5))

# %% [markdown]
# On Values it gives a `Value`, with a graph: that is how there are derivatives of derivatives.

# %%
x = Value(0.5, label="x")
(slope,) = tanh.partials(x, out=tanh(x))
slope.backward()

assert slope.op.name == "sech2"
assert math.isclose(x.grad, grad(grad(tanh))(0.5))
draw(slope)

# %% [markdown]
# And on symbols it gives a formula. `sech2` has a *reading* for people, which is the textbook's.

# %%
symbol = variable("x")
(formula,) = tanh.partials(symbol, out=tanh(symbol))
reading = rules.sech2.reading(symbol)

assert (str(formula), str(reading)) == ("sech2(x)", "1 - tanh(x) ** 2")
print(f"{tanh(symbol)} has the derivative {formula}, that is {reading}")

# %% [markdown]
# ## Drawing and step
#
# A node remembers its row. The label of its box is the row's name, the number on the arrow is what
# the rule gave.

# %%
x = Value(0.5, label="x")
y = x.tanh()
y.backward()

assert y.op is tanh
assert y.partials == (rules.sech2(0.5),)
draw(y)

# %% [markdown]
# The stepper writes the formula, then the formula with the numbers in it. Nobody has written that
# sentence for the tangent.

# %%
steps = step(lambda x: x.tanh(), 0.5)

assert "1 - tanh(x) ** 2 = 1 - tanh(0.5) ** 2" in str(steps[-1])
print(steps[-1])
steps

# %% [markdown]
# ## Page
#
# Its documentation is made of the row, too, and so is its line on the page of functions.

# %%
print(ag.tanh.__doc__)
page = Path(ag.__file__).parents[1] / "notebooks" / "reference" / "functions.md"
if page.exists():  # in a clone of the repository
    lines = [line for line in page.read_text("utf-8").splitlines() if line.startswith("| `tanh(")]
    assert lines
    print("\n".join(lines))

assert "Hyperbolic tangent" in ag.tanh.__doc__

# %% [markdown]
# ## Compiled
#
# The compiler runs a function on traced Values, writes down the rows that it meets, and runs
# *their* rules on its variables: that is the derivative as a program.

# %%
compiled = ag.compile(lambda x: ag.tanh(x))
value, slope = compiled.value_and_grad(0.5)

assert (value, slope) == (tanh(0.5), rules.sech2(0.5))
print(compiled.program)

# %% [markdown]
# A program is written out by a printer, of which there is one for each language. Here is Python.

# %%
print(compiled.source())

assert "return tanh(x)," in compiled.source()

# %% [markdown]
# ## C
#
# The engine in C has the same rows. A printer writes them into a header; nobody writes a derivative
# in C by hand.

# %%
header = (Path(ag.__file__).parent / "native" / "rules.h").read_text()
in_c = [line for line in header.splitlines() if " tanh_" in line]

assert any("return tanh(x);" in line for line in in_c)
assert any("ag_sech2(x)" in line for line in in_c)
print("\n".join(in_c))

# %% [markdown]
# ## Test
#
# The row is also its own test case: its domain and its kinks say where to look. `check_primitive`
# holds value, derivative and second derivative against mpmath, at the edges as well, and the
# written forms against the value.

# %%
report = check_primitive(tanh)

assert report
print(report)

# %% [markdown]
# What holds for this row holds for each of them. That is the use of a table.

# %%
names = sorted(rules.FUNCTIONS)
every = [
    check_primitive(rules.FUNCTIONS[name], points=4) for name in ("sin", "log", "erf", "sigmoid")
]

assert all(every)
assert "tanh" in names
print(len(names), "functions:", *names)

# %% [markdown]
# ## The sweep
#
# A graph is swept in a few lines: an order in which each node comes after everything that uses it,
# and a sum of products. This is a sweep for pictures in the head; the real one is
# `autograd/graph/sweep.py`, which knows hooks, seeds and interrupts as well.


# %%
def sweep(root):
    order, seen, stack = [], set(), [(root, False)]
    while stack:  # no recursion: a chain of a million nodes is normal
        node, done = stack.pop()
        if done:
            order.append(node)
        elif node not in seen:
            seen.add(node)
            stack += [(node, True), *((parent, False) for parent in node.parents)]
    adjoints = dict.fromkeys(order, 0)
    adjoints[root] = 1
    for node in reversed(order):
        for parent, partial in zip(node.parents, node.partials, strict=True):
            adjoints[parent] += adjoints[node] * partial
    return adjoints


w, x = Value(0.5, label="w"), Value(2.0, label="x")
loss = ((w * x).tanh() - w).square()
loss.backward()
ours = sweep(loss)

assert (ours[w], ours[x]) == (w.grad, x.grad)

# %% [markdown]
# A *hook* is called with the gradient of a node when it is complete, and may put another in its
# place. Inside `record()` each node keeps the line that it was made in: that is where the stepper
# and the blame of a `nan` have it from.

# %%
heard = []
with ag.record():
    w = Value(0.5, label="w")
    y = w * w
w.register_hook(heard.append)
halved = w.register_hook(lambda gradient: gradient / 2)
y.backward()
halved.remove()

assert (heard, w.grad) == ([1.0], 0.5)  # both uses together, and then half of that
assert y.origin.source.strip() == "y = w * w"
y.origin.source

# %% [markdown]
# ## Stepping into it
#
# The engine comes twice: in C, fast, and in Python, to read. The environment variable
# `GLASSGRAD_PUREPYTHON=1` takes the second. Its methods are generated from the table, one for each
# row when it is first called, as source that a debugger can walk through line by line. Here is the
# method that `x.tanh()` calls there; a `breakpoint()` before the call, then `s` for *step*, leads
# into it.

# %%
program = """
import inspect, autograd
autograd.Value(0.5).tanh()
print(inspect.getsource(autograd.Value.tanh))
"""
shown = subprocess.run(
    [sys.executable, "-c", program],
    env={**os.environ, "GLASSGRAD_PUREPYTHON": "1"},
    capture_output=True,
    text=True,
    check=True,
)

assert "partials = (sech2(x),)" in shown.stdout
print(shown.stdout)

# %% [markdown]
# The rooms of the house, from the ground up: `numbers` knows numbers, `functions` the table,
# `graph` nodes and the sweep, `transforms` derivatives of functions; `compiler`, `display` and
# `testing` look at the graph, and `nn` stands on all of them. No room imports from one above it.

# %%
rooms = sorted(path.name for path in Path(ag.__file__).parent.iterdir() if path.is_dir())

assert {"compiler", "display", "functions", "graph", "numbers", "testing", "transforms"} <= {*rooms}
assert not any("autograd.graph" in line for line in table if line.startswith(("import", "from")))

# %% [markdown]
# **To try 1.** Add a row of your own: the *softplus* of base 2, $\log_2(1 + 2^x)$, by
# `ag.primitive`, with its derivative. Draw it, and have it checked.


# %% jupyter={"source_hidden": true}
@ag.primitive(partials=lambda x, out: (1 / (1 + 2 ** (-x)),))  # noqa: ARG005
def softplus2(x):
    """Softplus in base 2."""
    return ag.log2(1 + 2**x)


x = Value(1.0, label="x")
y = softplus2(x)
y.backward()

assert math.isclose(x.grad, 2 / 3)
assert math.isclose(grad(grad(softplus2))(0.0), math.log(2) / 4)
draw(y)

# %% [markdown]
# **To try 2.** Our `sweep` has no word about types. Does it work with fractions?

# %% jupyter={"source_hidden": true}
a = Value(Fraction(2, 3))
b = a * a / (1 + a)
b.backward()

assert sweep(b)[a] == a.grad == Fraction(16, 25)

# %% [markdown]
# **To try 3.** What is the formula of the second derivative of the tangent, as the table writes it?

# %% jupyter={"source_hidden": true}
(second,) = rules.sech2.partials(symbol, out=rules.sech2(symbol))

assert math.isclose(second.evaluate({"x": 0.5}), grad(grad(tanh))(0.5))
print(second)
