"""What a function does, written down: printed programs."""

import gc
import math
import random
import textwrap

import numpy as np
import pytest

import autograd
from autograd import Value, detect_anomaly, no_grad, record, where
from autograd.compiler.evaluating import evaluated
from autograd.compiler.recording import check_again, recorded
from autograd.compiler.verifying import verified
from autograd.functions import rules
from autograd.graph.modes import MODES, OPEN
from autograd.graph.variables import VARIABLES


def program(function, *args):
    """The program of a function, which does the same when it runs again."""
    recording = recorded(function, args)
    check_again(function, args, recording)
    verified(recording.program)
    return recording.program


def printed(function, *args):
    return str(program(function, *args))


def lines(text):
    """A program as it is printed, from an indented text."""
    return textwrap.dedent(text).strip()


w = Value(3.0, "w")  # captured


@pytest.mark.parametrize(
    ("function", "args", "text"),
    [
        (
            lambda x, y: autograd.tanh(x * y) + 2 * x,
            (2.0, 1.0),
            """
            program(x, y):
                v2 = x * y
                v3 = tanh(v2)
                v5 = 2.0 * x
                v6 = v3 + v5
                return v6
            """,
        ),
        (  # a literal is one scalar, of whichever type; a zero has a sign
            lambda x: (x + 2) * 2.0 - 0.0 * np.float64(2) + x * -0.0,
            (1.0,),
            """
            program(x):
                v2 = x + 2.0
                v3 = v2 * 2.0
                v5 = v3 - 0.0
                v7 = x * -0.0
                v8 = v5 + v7
                return v8
            """,
        ),
        (  # expressions of captured Values alone are computed at each call, too
            lambda x: x + w * w,
            (1.0,),
            """
            program(x, w):
                v2 = w * w
                v3 = x + v2
                return v3
            """,
        ),
        (  # leaves that are made inside are numbers, and no parameters
            lambda x: x * Value(2.0) + autograd.sum([x, Value(0.5)]),
            (1.0,),
            """
            program(x):
                v2 = x * 2.0
                v4 = sum(x, 0.5)
                v5 = v2 + v4
                return v5
            """,
        ),
        (
            lambda x: x if x > w else -x,
            (1.0,),
            """
            program(x, w):
                v2 = x > w
                v3 = -x
                guard v2 is False
                return v3
            """,
        ),
        (  # a comparison that is handed on is no branch
            lambda x: where(x >= 0, x.sqrt(), -x) + (x != 1) * 3,
            (4.0,),
            """
            program(x):
                v2 = x >= 0.0
                v3 = sqrt(x)
                v4 = -x
                v5 = where(v2, v3, v4)
                v7 = x != 1.0
                v9 = v7 * 3.0
                v10 = v5 + v9
                return v10
            """,
        ),
        (
            lambda x: where((x > 0) & (x < w) | (x == 5), x, 1.0),
            (4.0,),
            """
            program(x, w):
                v2 = x > 0.0
                v4 = x < w
                v5 = v2 and v4
                v7 = x == 5.0
                v8 = v5 == 0.0
                v9 = v7 == 0.0
                v10 = v8 and v9
                v11 = v10 == 0.0
                v13 = where(v11, x, 1.0)
                return v13
            """,
        ),
        (  # truth of a number, as Python has it
            lambda x: 2 * x if x else x,
            (4.0,),
            """
            program(x):
                v2 = x != 0.0
                v4 = 2.0 * x
                guard v2 is True
                return v4
            """,
        ),
        (  # asked twice, a condition is one guard
            lambda x: (lambda c: x if c and c else -x)(x > 0),
            (4.0,),
            """
            program(x):
                v2 = x > 0.0
                guard v2 is True
                return x
            """,
        ),
        (
            lambda x: x.detach() * x + w.detach(),
            (4.0,),
            """
            program(x, w):
                v1 = held(x)
                v2 = v1 * x
                v4 = held(w)
                v5 = v2 + v4
                return v5
            """,
        ),
        (
            lambda x: round(x, 2) + round(x) + x // 2 + divmod(x, w)[1] + math.floor(x) + abs(x),
            (4.0,),
            """
            program(x, w):
                v2 = round(x, 2)
                v3 = rint(x)
                v4 = v2 + v3
                v5 = x // 2.0
                v6 = v4 + v5
                v8 = x // w
                v9 = x % w
                v10 = v6 + v9
                v11 = floor(x)
                v12 = v10 + v11
                v13 = abs(x)
                v14 = v12 + v13
                return v14
            """,
        ),
        (
            lambda x: autograd.dot([w, 2.0], x, w) + autograd.norm(x) + x[0] ** 2,
            ([1.0, 2.0],),
            """
            program(x[0], x[1], w):
                v4 = w * x[0] + 2.0 * x[1] + w
                v5 = norm(x[0], x[1])
                v6 = v4 + v5
                v7 = x[0] ** 2.0
                v8 = v6 + v7
                return v8
            """,
        ),
        (  # a checkpointed function is a function
            lambda x: autograd.checkpoint(lambda z: z.exp() * z)(x),
            (4.0,),
            """
            program(x):
                v1 = exp(x)
                v2 = v1 * x
                return v2
            """,
        ),
        (
            lambda x: autograd.grad(lambda z: z**3)(x),
            (4.0,),
            """
            program(x):
                v1 = +x
                v3 = v1 ** 3.0
                v4 = power_by_base(v1, 3.0)
                v6 = 0.0 + v4
                return v6
            """,
        ),
        (
            lambda x: {"a": x, "b": [w, 2.0]},
            (4.0,),
            """
            program(x, w):
                return x, w, 2.0
            """,
        ),
    ],
)
def test_a_program_says_what_was_done(function, args, text):
    assert printed(function, *args) == lines(text)


def test_numpy_hands_on_to_the_rows():
    """Universal functions, their operators, sums of arrays, matrix products."""
    x = np.array([[1.0, 2.0], [3.0, 4.0]])
    text = printed(lambda x: np.sum(np.exp(x) @ np.array([1.0, 2.0])), x)
    assert text == lines("""
        program(x[0], x[1], x[2], x[3]):
            v4 = exp(x[0])
            v5 = exp(x[1])
            v6 = exp(x[2])
            v7 = exp(x[3])
            v9 = v4 * 1.0
            v11 = v5 * 2.0
            v12 = v9 + v11
            v13 = v6 * 1.0
            v14 = v7 * 2.0
            v15 = v13 + v14
            v16 = v12 + v15
            return v16
    """)


@pytest.mark.parametrize(
    "function",
    [
        lambda x: np.linalg.norm(x) + x @ x + x.mean() + x.max() + np.prod(x),
        lambda x: np.where(x > 0, x, 0 * x).sum() + x[x > 0].sum() + np.maximum(x, 0.5).sum(),
        lambda x: np.clip(x, -1, 1).sum() + abs(x).sum() + (x**2).sum() + np.dot(x, x),
        lambda x: (
            np.concatenate([x, x * 2])[::-1][0] + np.outer(x, x).sum() + x.reshape(2, 1)[0, 0]
        ),
        lambda x: np.sum(np.stack([x, np.tanh(x)]), axis=0)[1] + np.hypot(x, 1).sum(),
    ],
)
def test_what_numpy_does_with_arrays_of_values_it_does_with_traced_ones(function):
    f = autograd.compile(function, check=True)
    for x in ([3.0, -4.0], [0.5, 2.0], [-1.0, -1.0]):
        f.value_and_grad(np.array(x))


def test_a_loop_is_unrolled_as_often_as_it_ran():
    def newton(a):
        x = a
        while abs(x * x - a) > 1e-9:
            x = (x + a / x) / 2
        return x

    found = program(newton, 2.0)
    assert [truth for _, truth in found.guards] == [True] * 4 + [False]


def test_softmax_shifts_by_a_scalar_and_branches_on_infinities_alone():
    found = program(lambda xs: autograd.softmax(xs), [1.0, 2.0, 3.0])
    assert found.stats()["rows"] == {
        "divide": 3, "exp": 3, "subtract": 3, "equal": 2, "largest": 1, "sum": 1,
    }  # fmt: skip
    assert [truth for _, truth in found.guards] == [False, False]


@pytest.mark.parametrize("name", [n for n in rules.PUBLIC if rules.TABLE[n].arity in (1, 2)])
def test_every_method_operator_and_function_of_a_row_writes_that_row(name):
    row = rules.TABLE[name]

    def rows_of(function, *numbers):
        rows = program(function, *numbers).stats()["rows"]
        return rows, [*rows][:1] == [name]

    if row.arity == 1:
        assert rows_of(lambda x: getattr(autograd, name)(x), 0.5)[1]
        if row.method:
            assert rows_of(lambda x: getattr(x, name)(), 0.5)[1]
    else:
        for function in (
            lambda x, y: getattr(autograd, name)(x, y),
            lambda x, y: getattr(autograd, name)(x, w),
            lambda x, y: getattr(autograd, name)(w, y),
            lambda x, y: getattr(autograd, name)(2.0, y),
            lambda x, y: getattr(autograd, name)(x, 2),
        ):
            assert rows_of(function, 0.5, 1.5)[1]
    if row.operator:
        special, reflected = f"__{row.operator}__", f"__r{row.operator}__"
        if row.arity == 1:
            assert rows_of(lambda x: getattr(x, special)(), 0.5)[1]
        else:
            assert rows_of(lambda x, y: getattr(x, special)(y), 0.5, 1.5)[1]
            assert rows_of(lambda x, y: getattr(x, reflected)(2.0), 0.5, 1.5)[1]
            left = program(lambda x: getattr(x, reflected)(2.0), 0.5)
            assert left.operands.tolist() == [1, 0], "the literal stands on the left"


def test_what_a_method_lacks_is_said_as_eagerly():
    with pytest.raises(TypeError, match="takes numbers"):
        recorded(lambda x: x.maximum("3"), (1.0,))
    with pytest.raises(TypeError, match="unsupported operand"):
        recorded(lambda x: x + "3", (1.0,))
    with pytest.raises(TypeError, match="computes with floats"):
        recorded(lambda x: x + 1j, (1.0,))


def test_what_runs_without_a_graph_has_no_derivative():
    def function(x):
        with no_grad():
            y = x * w
            z = w * w
        return y + z + x

    assert printed(function, 2.0) == lines("""
        program(x, w):
            v2 = x * w
            v3 = held(v2)
            v4 = w * w
            v5 = held(v4)
            v6 = v3 + v5
            v7 = v6 + x
            return v7
    """)


def test_record_keeps_the_lines_that_made_each_scalar():
    def function(x):
        y = x * x
        return y + w * w

    with record():
        found = program(function, 2.0)
    (first, second) = found.sources
    assert first[1] + 1 == second[1]
    assert {first[0], second[0]} == {__file__}
    assert found.places.tolist() == [-1, 0, -1, 1, 1]


def test_a_trace_leaves_nothing_behind():
    modes, before = MODES.get(), len(VARIABLES)
    recorded(lambda x: x * w, (1.0,))
    with pytest.raises(ZeroDivisionError):
        recorded(lambda x: x / (1 // 0), (1.0,))
    gc.collect()
    assert (MODES.get(), len(VARIABLES), OPEN) == (modes, before, {})
    assert (w.data, w.grad, w.parents) == (3.0, 0, ())
    assert (w * w).parents == (w, w)


def test_comparisons_of_plain_values_are_not_changed_by_a_trace_elsewhere():
    """Another thread computes while one traces."""
    import threading

    inside, done = threading.Event(), threading.Event()
    found = []

    def function(x):
        inside.set()
        assert done.wait(10)
        return x * w

    thread = threading.Thread(target=lambda: found.append(recorded(function, (1.0,))))
    thread.start()
    assert inside.wait(10)
    y = w * 2
    assert y > w
    assert y.parents == (w,)
    done.set()
    thread.join()
    assert len(found) == 1


def test_anomalies_are_no_business_of_a_trace():
    with detect_anomaly():
        assert "log" in printed(lambda x: autograd.log(x), -1.0)


# -- inner derivatives, against those of eager computation ------------------------------------

INNER = {
    "gradient": lambda x: autograd.grad(lambda z: z[0] ** 3 * z[1].sin())(x),
    "of a constant": lambda x: autograd.grad(lambda z: z[0] * w)([1.0])[0] * x[0],
    "value and gradient": lambda x: autograd.value_and_grad(lambda z: (z * z).exp())(x[0]),
    "nested": lambda x: autograd.grad(autograd.grad(lambda z: (z * x[1]).tanh()))(x[0]),
    "jacobian": lambda x: autograd.jacobian(lambda z: [z[0] * z[1], z[1] / z[0]])(x),
    "hessian": lambda x: autograd.hessian(lambda z: (z[0] * z[1]).sigmoid() + z[1] ** 3)(x),
    "jvp": lambda x: autograd.jvp(lambda z: [z * z, z.log()], (x[0],), (x[1],)),
    "hvp": lambda x: autograd.hvp(lambda z: z[0] * z[1] ** 2, x, [1.0, x[0]]),
    "vjp": lambda x: autograd.vjp(lambda z: [z[0] * z[1], z[1].exp()], x)[1]([x[0], 2.0]),
    "softmax": lambda x: autograd.jacobian(autograd.softmax)(x),
    "largest": lambda x: autograd.grad(lambda z: autograd.max(z) * z[0])([x[0], x[0]]),
    "logsumexp": lambda x: autograd.grad(autograd.logsumexp)([*x, 0.5]),
    "norm": lambda x: autograd.grad(autograd.norm)([*x, 0.5]),
    "product": lambda x: autograd.grad(autograd.prod)([*x, 0.5]),
    "literals": lambda x: autograd.grad(lambda z: z / 2 + 2 / z + 2**z + z**2)(x[0]),
    "shared": lambda x: autograd.grad(lambda z: (lambda y: y * y.exp() + y / (1 + y * y))(z * z))(
        x[0]
    ),
    "detached": lambda x: autograd.grad(lambda z: z * z.detach() + autograd.erf(z))(x[0]),
    "units": lambda x: autograd.grad(lambda z: z.gelu() + z.silu() + z.softplus() + z.relu())(x[0]),
    "orders": lambda x: autograd.grad(autograd.grad(lambda z: z.lgamma() + z.arctan2(2.0)))(x[0]),
    "degrees": lambda x: autograd.grad(lambda z: autograd.deg2rad(z) * z)(x[0]),
    "rounded": lambda x: autograd.grad(lambda z: round(z, 1) * z)(x[0]),
}


def numbers_of(tree):
    return autograd.transforms.trees.flatten(tree, scalars=True)[0]


@pytest.mark.parametrize("name", INNER)
def test_an_inner_derivative_has_the_numbers_of_eager_computation(name):
    rng = random.Random(name)
    for _ in range(5):
        x = [rng.uniform(0.2, 2.0), rng.uniform(0.2, 2.0)]
        recording = recorded(INNER[name], (x,))
        every = evaluated(recording.program, x, [v.data for v in recording.parameters])
        got = [every[i] for i in recording.program.results.tolist()]
        true = [v.data for v in numbers_of(INNER[name]([Value(v) for v in x]))]
        assert got == true


@pytest.mark.parametrize("x", [-2.0, 3.0])
def test_an_inner_gradient_flows_into_the_branch_that_is_taken(x):
    """The other one is log(-2) or its like, whose derivative is nan."""

    def function(x):
        def inner(z):
            low, high = z * z, z.log() * z.sqrt()
            return where(z > 0, high, where(z < -1, low * 2, low)) + low

        return autograd.grad(inner)(x)

    for example in (-2.0, 3.0, -0.5):
        recording = recorded(function, (example,))
        (result,) = recording.program.results.tolist()
        slope = evaluated(recording.program, [x])[result]
        by_hand = 6 * x if x < 0 else (2 + math.log(x)) / (2 * math.sqrt(x)) + 2 * x
        assert slope == pytest.approx(by_hand, rel=1e-15)
        assert slope == function(Value(x)).data
