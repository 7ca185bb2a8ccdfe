"""What has to hold in a browser's Python: run.mjs runs it; each line it prints is one that held.

Nothing here needs NumPy, which Pyodide would load from the network.
"""

import contextlib
import copy
import pickle
import sys

DEPTHS = (1_000, 3_000, 10_000, 100_000)


def chain(length):
    """A leaf, and the end of a chain of so many pairs of Values upon it."""
    from autograd import Value

    x = end = Value(1.0)
    for _ in range(length):
        end = end * 0.5 + x
    return x, end


def importing():
    """The package needs nothing but the standard library until it is asked for more."""
    import autograd  # noqa: F401

    assert sys.platform == "emscripten"
    assert "numpy" not in sys.modules


def gradients():
    """First and second derivatives, and a recorded line, are what they are elsewhere."""
    from autograd import Value, exp, grad, hessian, record, tanh

    x, y = Value(2.0), Value(3.0)
    (tanh(x * y) + exp(-x)).backward()
    assert abs(y.grad - 2 * (1 - tanh(6.0) ** 2)) < 1e-15
    assert grad(grad(lambda x: x**5))(2.0) == 160.0
    assert hessian(lambda v: v[0] ** 2 * v[1])([2.0, 3.0]) == [[6.0, 4.0], [4.0, 0.0]]
    with record():
        z = x * y
    assert z.origin.line is not None


def deep(length):
    """Built, swept, copied and freed: a browser's stack holds a few thousand frames only."""
    x, end = chain(length)
    end.backward()
    assert abs(x.grad - 2.0) < 1e-12
    if length <= 10_000:
        for twin in (copy.deepcopy(end), pickle.loads(pickle.dumps(end))):  # noqa: S301
            assert twin.data == end.data
        del twin
    del end


def deep_gradient():
    """The graph of a gradient, tangled with the graph that it came from, is freed as well."""
    from autograd import grad

    def f(x):
        for _ in range(3_000):
            x = x.sin()
        return x

    assert grad(grad(f))(0.5) < 0.0


def wide():
    """A sum of 10,000 terms."""
    from autograd import Value

    x = Value(1.0)
    sum([x * k for k in range(10_000)], Value(0.0)).backward()
    assert x.grad == 49_995_000.0


def refused():
    """A Value that could not be made is freed without a word."""
    from autograd import Value

    complaints = []
    sys.unraisablehook = complaints.append
    with contextlib.suppress(TypeError):
        Value("text")
    assert not complaints


if __name__ == "__main__":
    sys.path.insert(0, "/glassgrad")
    for held in (importing, gradients, deep_gradient, wide, refused):
        held()
        print(held.__name__)
    for depth in DEPTHS:
        deep(depth)
        print("deep", depth)
