"""Memory that runs out in C: a MemoryError, nothing left behind, and all can be done again."""

import gc
import sys

import pytest

from autograd import Value, maximum, no_grad, tanh
from autograd.functions import rules
from autograd.graph.many import dots
from autograd.twin import native

pytestmark = [
    pytest.mark.skipif(native is None, reason="of C alone; Python's is in hostile/memory"),
    # Where the function of a generator or a block has no memory.
    pytest.mark.skipif(sys.version_info >= (3, 12), reason="CPython itself crashes from 3.12 on"),
]


class Plain(Value):
    """A subclass."""


def graph():
    """A graph of every shape, and its leaf: y = tanh((2x + x) x) + x^2 + 0.25."""
    x = Value(0.5)
    (layer,) = dots([[Value(2.0), x]], [x, 1.0], [0.0])
    built = x * x
    built.partials = built.partials
    return x, tanh(layer * x) + (built + 0.25)


x, y = graph()
z, mean, plain = x * y, dots([[x, 2.0]], [y, 1.0], [0.0])[0], Plain(1.0)
slopes = (0.25, 0.5)
variables = [Value(2.0), Value(3.0)]
product = variables[0] * variables[1] * variables[0]


def set_partials():
    node = x * 3.0
    node.partials = slopes
    return node.partials == slopes


def modes():
    with no_grad():
        return x * x


OPERATIONS = [
    lambda: x * y, lambda: 2.0 - x, lambda: tanh(x), lambda: tanh(0.5), lambda: maximum(x, 1),
    lambda: x.leaky_relu(0.5), lambda: -x, lambda: abs(y), lambda: x**y, lambda: x < 2,
    lambda: bool(x),
    lambda: Value(1.0), lambda: Plain(1.0), lambda: plain * x, lambda: setattr(x, "data", 0.5),
    lambda: z.data, lambda: z.grad, lambda: z.parents, lambda: z.partials, lambda: z.operands,
    lambda: z.op, lambda: mean.parents, lambda: mean.partials, lambda: mean.operands, set_partials,
    lambda: dots([[x, y], [x, x]], [1.0, 2.0], [x, 0.5]), lambda: dots([[x, y]], [y, 1.0], [x]),
    modes, lambda: y.backward(),
    lambda: native.sweep(y, 1.0), lambda: native.gradients(product, 1.0, variables),
    lambda: native.collecting("start", {"generation": 2}), gc.collect, lambda: native.functions(),
    lambda: native.remember(Value, rules.square, 4.0, (x,), (x,), (1.0,)),
    lambda: native.remember(Plain, rules.square, 4.0, (x,), (x,), (1.0,)),
]  # fmt: skip


@pytest.fixture(autouse=True)
def frozen():
    """Collections look at what the test makes; a hook is alive, which has to be looked for."""
    hooked = Value(1.0)
    after = (hooked * 2.0).tanh()
    hook = hooked.register_hook(lambda gradient: after.data and None)
    gc.collect()
    gc.freeze()
    yield  # and it all stays frozen: unfreezing would set free what the suite has frozen, too
    hook.remove()


def without(nth, operation):
    """What comes of an operation whose n-th allocation fails."""
    capi = pytest.importorskip("_testcapi")
    capi.set_nomemory(nth, nth + 1)
    try:
        return operation()
    finally:
        capi.remove_mem_hooks()


# What is raised within the collector's callback is only printed.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("operation", OPERATIONS)
def test_whichever_allocation_fails_nothing_is_left_and_it_can_be_done_again(operation):
    for _ in range(3):
        operation()  # what is made once is made
    gc.collect()
    before, went_on, nth = native.living(), 0, 0
    while went_on < 5:  # what is done without is never missed
        nth += 1
        came = None
        try:
            came = without(nth, operation)
        except MemoryError:
            went_on = -1
        went_on += 1
        del came
        assert native.living() == before or (gc.collect(), native.living())[1] == before, nth
        x.zero_grad()
        y.backward()
        assert x.grad == pytest.approx(6 * 0.5 * (1 - tanh(3 * 0.5**2) ** 2) + 2 * 0.5), nth
    operation()
