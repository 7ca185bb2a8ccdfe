"""What a function cannot do while it is traced: each with the line that did it and the remedy."""

import copy
import itertools
import math
import pickle
import random
import threading
import time

import numpy as np
import pytest

import autograd
import nn
from autograd import TraceError, Value, no_grad
from autograd import compile as compiled
from autograd.graph.node import number_of

w = Value(3.0)
double = w * 2  # computed outside


@autograd.primitive(partials=lambda x, out: (out,))
def opaque(x):
    return math.exp(x)


def swallowed(x):
    """A program goes on without what failed; the trace does not."""
    try:
        return x * float(x)
    except TypeError:
        return x


REFUSED = {
    "the number": (lambda x: x * x.data, r"\.data .*frozen.*detach"),
    "setting it": (lambda x: setattr(x, "data", 1.0), r"setting \.data .*return it"),
    "float": (lambda x: x * float(x), r"float\(\) .*frozen.*autograd"),
    "math": (lambda x: math.exp(x), r"float\(\) .*functions of autograd"),
    "int": (lambda x: x * int(x), r"int\(\) "),
    "complex": (lambda x: x * complex(x), r"complex\(\) "),
    "index": (lambda x: [1.0, 2.0][x] * x, r"an index .*pick"),
    "range": (lambda x: sum(x for _ in range(x)), "an index .*outside of the arguments"),
    "format": (lambda x: x * float(f"{x:.3f}"), "formatting "),
    "grad": (lambda x: x * x.grad, r"\.grad .*autograd\.grad"),
    "parents": (lambda x: x * len(x.parents), r"\.parents .*no graph"),
    "backward": (lambda x: (x * x).backward(), r"backward\(\) .*value_and_grad"),
    "backward of what is captured": (lambda x: (w * w).backward(), r"backward\(\) "),
    "zero_grad": (lambda x: x.zero_grad(), r"zero_grad\(\) "),
    "a hook": (lambda x: (x * x).register_hook(print), "a hook "),
    "a hook of what is captured": (lambda x: w.register_hook(print), "a hook .*outside"),
    "pickle": (lambda x: pickle.dumps(x), "pickling "),
    "pickle of what is captured": (lambda x: pickle.dumps(w), "pickling "),
    "an interior Value": (lambda x: x * double, "computed outside .*compute it inside.*detach"),
    "an opaque function": (lambda x: opaque(x), "opaque is opaque.*functions of autograd"),
    "another kind of number": (lambda x: x * 1j, "computes with floats"),
    "a captured one": (lambda x: x * Value(1j), "computes with floats"),
    "a root": (lambda x: autograd.root(lambda z: z * z - x, 1.0), "fixed_point and root .*loop"),
    "dropout": (lambda x: nn.Dropout(0.5, seed=1)(x), r"dropout .*eval\(\)"),
    "what is caught": (swallowed, r"float\(\) "),
}


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_with_the_line_and_the_remedy(name):
    function, message = REFUSED[name]
    with pytest.raises(TraceError, match=f"(?s){message}") as caught:
        compiled(function)(1.5)
    code = function.__code__
    assert f"{code.co_filename}" in str(caught.value)
    line = int(str(caught.value).split("in line ")[1].split(" ")[0])
    assert code.co_firstlineno <= line <= code.co_firstlineno + 5
    with pytest.raises(TraceError):
        compiled(function).value_and_grad(1.5)


def test_what_is_returned_may_be_what_is_refused():
    with pytest.raises(TraceError, match="computed outside"):
        compiled(lambda x: double)(1.5)


def test_it_is_a_type_error_as_eagerly():
    assert issubclass(TraceError, TypeError)


ALLOWED = {
    "a print": lambda x: print(x, f"{x}", repr(x), str(x)) or x * x,
    "a label": lambda x: x * x if not x.label else x,
    "isinstance": lambda x: x * x if isinstance(x, Value) else 0.0,
    "a dict by identity": lambda x: {x: 2.0}[x] * x,
    "a set": lambda x: x * len({x, x}),
    "a copy": lambda x: copy.copy(x) * copy.deepcopy([x])[0],
    "a copy of what is captured": lambda x: x * copy.deepcopy({"w": [w]})["w"][0],
    "detached outside": lambda x: x * DETACHED,
    "without a graph outside": lambda x: x * FREE,
    "builtin sum and max": lambda x: sum([x, x, 1]) * max(x, 0.5) * min(x, w),
    "sorted": lambda x: sorted([x, w, x * x, 0.2])[1],
    "in a list": lambda x: x * 2 if x in [1.0, w, 2.5] else x,
    "divmod, round, abs": lambda x: sum(divmod(x, 0.4)) + round(x, 1) + abs(-x) + math.floor(x),
    "a reflected power": lambda x: 2**x + x**2,
    "complex parts": lambda x: x.real + x.imag + x.conjugate(),
    "None": lambda x: x if x is not None and x != None else 0.0,  # noqa: E711
    "numbers of NumPy": lambda x: np.float64(2) * x + np.float32(0.5) + np.int64(3) * x,
    "NumPy's sort": lambda x: np.sort(np.array([x, 2 - x, w]))[1],
    "a fraction of a range": lambda x: sum(x / k for k in range(1, 4)),
}
DETACHED = double.detach()
with no_grad():
    FREE = w * 2  # a leaf


@pytest.mark.parametrize("name", ALLOWED)
def test_it_is_allowed_and_what_eager_computation_gives(name, capsys):
    function = ALLOWED[name]
    got = compiled(function, check=True).value_and_grad(1.5)
    value, slope = autograd.value_and_grad(function)(1.5)
    assert got == (number_of(value), number_of(slope))


counter = itertools.count()
draws, normals, one = random.Random(1), np.random.default_rng(1), iter([2.0])
cells = {"n": 0.0}


def count_in_a_cell(x):
    cells["n"] += 1
    return x * cells["n"]


def branches_by_counting(x):
    return x if next(counter) % 2 else x * x


DIFFERENT = {
    "a counter": lambda x: x * next(counter),
    "a cell": count_in_a_cell,
    "a way of counting": branches_by_counting,
    "the time": lambda x: x * time.perf_counter(),
    "a stream of its own": lambda x: x * draws.random(),
    "a stream of NumPy's": lambda x: x * normals.normal(),
    "a Value made of one": lambda x: x * Value(draws.random()),
    "an iterator that ends": lambda x: x * next(one),
    "an order": lambda x: [x, -x][next(counter) % 2],
    "a shape": lambda x: [x] * (1 + next(counter) % 2),
    "another Value": lambda x: x * [w, FREE][next(counter) % 2],
}


@pytest.mark.parametrize("name", DIFFERENT)
def test_what_does_not_do_the_same_twice_is_refused(name):
    with pytest.raises(TraceError, match="does not do the same each time"):
        compiled(DIFFERENT[name])(1.5)


@pytest.mark.parametrize(
    "draw",
    [random.random, lambda: random.choice([1.0, 1.0]), lambda: np.random.normal()],
    ids=["random", "a choice that is the same", "numpy"],
)
def test_what_draws_from_the_shared_sources_is_refused_whatever_it_draws(draw):
    def function(x):
        return x * draw()

    with pytest.raises(TraceError, match=r"draws random numbers.*outside"):
        compiled(function)(1.5)


def test_the_difference_is_named():
    numbers = iter([10.0, 11.0])
    with pytest.raises(TraceError, match=r"the number 10.0 is 11.0 now"):
        compiled(lambda x: x * next(numbers))(1.5)


def test_numbers_of_captured_values_that_are_read_are_found_when_they_change():
    scale = Value(2.0)
    f = compiled(lambda x: x * scale * scale.data)
    assert f(1.5) == 6.0
    assert f(2.0) == 8.0
    scale.data = 3.0
    with pytest.raises(TraceError, match=r"the number 2.0 is 3.0 now.*captured"):
        f(1.5)


def test_a_value_kept_from_a_trace_cannot_be_used():
    kept = []

    def function(x):
        kept.append(x * x)
        return x

    with pytest.raises(TraceError, match=r"function keeps a traced Value somewhere.*return it"):
        compiled(function)(1.5)
    for use in (
        lambda: kept[0] + 1,
        lambda: 1.0 - kept[0],
        lambda: kept[0] * w,
        lambda: kept[0].tanh(),
        lambda: kept[0] > 1,
        lambda: bool(kept[0]),
        lambda: autograd.exp(kept[0]),
        lambda: autograd.sum([w, kept[0]]),
        lambda: kept[0].detach(),
        lambda: kept[0].data,
        lambda: autograd.grad(lambda z: z * kept[0])(2.0),
        lambda: compiled(lambda x: x * kept[0])(1.0),
        lambda: compiled(lambda x: kept[0])(1.0),
        lambda: compiled(lambda x: autograd.dot([w], [kept[0]]))(1.0),
    ):
        with pytest.raises(TraceError, match=r"kept|frozen"):
            use()


def test_a_traced_value_stays_in_its_thread():
    errors = []

    def function(x):
        def run():
            try:
                x * x
            except TraceError as error:
                errors.append(error)

        thread = threading.Thread(target=run)
        thread.start()
        thread.join()
        return x

    with pytest.raises(TraceError, match="another thread"):
        compiled(function)(1.5)
    assert len(errors) == 1


def test_errors_of_the_function_are_its_own():
    with pytest.raises(ZeroDivisionError):
        compiled(lambda x: x / (1 // 0))(1.0)
    with pytest.raises(ValueError, match="dot takes as many weights"):
        compiled(lambda x: autograd.dot([x], [x, x]))(1.0)
    with pytest.raises(TypeError, match="got a truth value"):
        compiled(lambda x: x > 0)(1.0)
    with pytest.raises(TypeError, match="got None"):
        compiled(lambda x: None)(1.0)
    with pytest.raises(TypeError, match="gives one number, but <lambda> gives a tree of 2"):
        compiled(lambda x: (x, x)).value_and_grad(1.0)


def test_what_is_kept_by_a_cycle_alone_is_not_kept():
    def function(x):
        def power(n):
            return x if n == 1 else x * power(n - 1)

        return power(3)

    assert compiled(function)(2.0) == 8.0


def test_results_and_arguments_are_not_kept(monkeypatch):
    import gc
    import weakref

    class Row(list):
        pass

    row = Row([1.0, 2.0])
    gone = weakref.ref(row)
    f = compiled(lambda row: {"sum": row[0] + row[1]})
    assert f(row) == {"sum": 3.0}
    del row
    gc.collect()
    assert gone() is None
