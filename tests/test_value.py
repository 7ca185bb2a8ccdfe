"""Value as a number: what it stores, how it meets other numbers, what it refuses."""

import bdb
import copy
import inspect
import linecache
import math
import operator
import pickle
import random
import subprocess
import sys
import threading
import traceback

import numpy as np
import pytest

import autograd
from autograd import Value, dot, no_grad, softmax
from autograd.functions import rules
from autograd.graph.many import dots


def test_a_value_remembers_parents_partials_operands_and_its_row():
    x, y = Value(2.0, label="x"), Value(3.0)
    z = x * y
    assert (z.data, z.grad, z.label) == (6.0, 0, "")
    assert z.parents == z.operands == (x, y)
    assert z.partials == (3.0, 2.0)
    assert z.op is rules.multiply
    assert (x.parents, x.partials, x.operands, x.op) == ((), (), (), None)


def test_only_the_branch_that_where_takes_becomes_a_parent():
    x, y = Value(2.0), Value(3.0)
    for condition, operands, parents in [
        (True, (x, y), (x,)),
        (False, (x, y), (y,)),
        (True, (x, 3.0), (x,)),
        (True, (2.0, y), ()),
        (Value(1.0), (x, y), (x,)),
    ]:
        node = rules.where(condition, *operands)
        assert node.data == (operands[0] if condition else operands[1])
        assert (node.parents, node.partials) == (parents, (1.0,) * len(parents))


@pytest.mark.python_twin("C makes a tuple at each look")
def test_where_all_operands_are_values_one_tuple_serves_as_both():
    x, y = Value(2.0), Value(3.0)
    for node in (x * y, x.sin(), dot([x], [y], x), rules.sum([x, y, x]), rules.clip(x, y, y)):
        assert node.parents is node.operands


def test_a_literal_costs_no_node_and_has_no_partial():
    x = Value(2.0)
    for node, operands, partials in [
        (x * 3, (x, 3), (3.0,)),
        (3 - x, (3, x), (-1.0,)),
        (x**2, (x, 2), (4.0,)),
        (2**x, (2, x), (4 * math.log(2),)),
        (1.5 / x, (1.5, x), (-1.5 / 4,)),
    ]:
        assert node.parents == (x,)
        assert node.operands == operands
        assert node.partials == partials
        assert all(type(partial) is float for partial in node.partials)


OPERATORS = [
    operator.add, operator.sub, operator.mul, operator.truediv, operator.floordiv, operator.mod,
    operator.pow,
]  # fmt: skip


@pytest.mark.parametrize("binary", OPERATORS)
@pytest.mark.parametrize("other", [2, 2.5, True, np.float64(2.5), np.int64(2), np.float32(0.5)])
def test_operators_meet_numbers_on_either_side_as_floats_do(binary, other):
    expected = binary(3.75, float(other)), binary(float(other), 3.75)
    results = binary(Value(3.75), other), binary(other, Value(3.75))
    assert tuple(result.data for result in results) == expected
    assert all(type(result) is Value and type(result.data) is float for result in results)
    assert binary(Value(3.75), Value(float(other))).data == expected[0]


@pytest.mark.parametrize(
    ("unary", "number"),
    [
        (operator.neg, -2.5), (operator.pos, 2.5), (abs, 2.5), (round, 2.0), (math.floor, 2.0),
        (math.ceil, 3.0), (math.trunc, 2.0), (lambda x: round(x, 1), 2.5),
    ],
)  # fmt: skip
def test_unary_operators_and_roundings(unary, number):
    assert unary(Value(2.5)).data == number
    assert type(unary(Value(2.5))) is Value


def test_comparisons_are_those_of_the_data_and_the_hash_is_the_identity():
    x, y = Value(2.0), Value(2.0)
    assert x == y
    assert x == 2
    assert x != 3
    for compare in (operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne):
        for number in (1.0, 2.0, 3.0):
            assert compare(x, Value(number)) is compare(x, number) is compare(2.0, number)
            assert compare(number, x) is compare(number, 2.0)
    assert len({x, y}) == 2
    assert (1 if x == 2 else 0) == 1, "a foreign `if x == 2:` takes the right branch"
    assert not Value(0.0)
    assert Value(math.nan) != Value(math.nan)
    assert x != "2"


def test_int_bool_and_numpy_scalars_become_float():
    for number in (2, True, np.float64(2), np.float32(2), np.int8(2), np.bool_(True)):
        assert type(Value(number).data) is float


@pytest.mark.parametrize("operand", ["a", None, [1.0]], ids=repr)
def test_an_operand_that_is_no_number_is_refused(operand):
    given = rf"maximum takes numbers and Values; got .*\({type(operand).__name__}\)"
    with pytest.raises(TypeError, match=given):
        Value(1.0).maximum(operand)


@pytest.mark.parametrize(
    ("thing", "message"),
    [
        ("2", r"got '2' \(str\).*float\(text\)"),
        (None, "may lack its return"),
        ([1.0], "one Value for each number"),
        (np.ones(2), "one Value for each number"),
        (Value(1.0), "detach"),
    ],
)
def test_a_value_of_something_else_is_refused_with_a_remedy(thing, message):
    with pytest.raises(TypeError, match=message):
        Value(thing)


@pytest.mark.parametrize("convert", [float, int, complex, math.exp, math.sqrt, "{:d}".format])
def test_a_value_never_turns_into_a_plain_number_in_silence(convert):
    with pytest.raises((TypeError, ValueError)) as error:
        convert(Value(2.0))
    assert "autograd.exp(x)" in str(error.value) or convert == "{:d}".format


def test_unsupported_operands_raise_the_usual_type_error():
    for call in (lambda: Value(1.0) + "a", lambda: [] * Value(1.0), lambda: Value(1.0) < "a"):
        with pytest.raises(TypeError):
            call()


def test_an_integer_too_large_for_a_float_is_an_error_not_a_wrong_number():
    with pytest.raises(OverflowError, match="too large"):
        Value(2.0) * 10**400


def test_repr_and_format():
    x = Value(2.0, label="x")
    assert repr(x) == str(x) == "Value(data=2.0, grad=?, label='x')"
    assert repr(Value(2)) == "Value(data=2.0, grad=?)"
    assert f"{x:.3f}" == "2.000"


def test_arrays_of_values_work_elementwise_both_ways():
    x, y = Value(1.0), Value(2.0)
    array = np.array([x, y])
    for result in (array * x, x * array, 2 * array, array * 2.0, array + array, x - array):
        assert result.shape == (2,)
        assert all(type(element) is Value for element in result)
    assert (array @ array).data == 5.0
    assert (np.array([1.0, 2.0]) * x)[1].parents == (x,)
    for ufunc in (np.exp, np.tanh, np.sqrt, np.log1p, np.rint, np.deg2rad, np.absolute, np.square):
        result = ufunc(array)
        assert result[1].data == pytest.approx(ufunc(2.0), rel=1e-15)
        assert set(result[1].parents) == {y}


def test_detach_and_zero_grad():
    x = Value(3.0, label="x")
    y = x * x.detach()
    y.backward()
    assert x.grad == 3.0
    x.zero_grad()
    assert x.grad == 0
    assert x.detach().label == "x"


def test_dot_is_one_node_with_2n_plus_1_parents():
    ws, xs, b = [Value(2.0), Value(-1.0)], [Value(3.0), Value(4.0)], Value(0.5)
    y = dot(ws, xs, b)
    assert y.data == 2.5
    assert y.parents == (*ws, *xs, b)
    assert y.partials == (3.0, 4.0, 2.0, -1.0, 1.0)
    assert dot(ws, [3.0, 4.0], b).parents == (*ws, b)
    assert dot(ws, [3.0, xs[1]], 0.5).partials == (3.0, 4.0, -1.0)
    assert dot(ws, [3, 4]).parents == tuple(ws)
    assert dot([2.0], [3.0], 1.0) == 7.0
    assert dot([], [], b).parents == (b,)
    assert dot([], []) == 0.0
    with pytest.raises(ValueError, match="got 2 and 1"):
        dot(ws, [1.0], b)
    with pytest.raises(TypeError, match="'a'"):
        dot(ws, [1.0, "a"], b)


def test_softmax_weights_sum_to_one_and_are_safe_at_large_logits():
    weights = softmax([Value(1e4), Value(1e4), Value(-1e4)])
    assert [w.data for w in weights] == [0.5, 0.5, 0.0]
    assert softmax([]) == []
    x = [Value(0.1), Value(-0.3)]
    softmax(x)[0].backward()
    p = 1 / (1 + math.exp(-0.4))
    assert x[0].grad == pytest.approx(p * (1 - p), rel=1e-15)
    assert x[1].grad == pytest.approx(-p * (1 - p), rel=1e-15)


def test_no_grad_gives_parentless_values():
    x = Value(2.0)
    with no_grad():
        y = (x * 3).tanh() + dot([x], [x], x)
        assert not autograd.is_grad_enabled()
    assert y.parents == ()
    assert y.op is None
    assert autograd.is_grad_enabled()
    assert (x * 3).parents == (x,)

    @no_grad()
    def predict():
        return x * 2

    assert predict().parents == ()


def test_no_grad_holds_for_its_own_thread_only():
    x = Value(2.0)
    seen = []
    with no_grad():
        thread = threading.Thread(target=lambda: seen.append((x * 3).parents))
        thread.start()
        thread.join()
    assert seen == [(x,)]


def test_copies_and_pickles_keep_data_grad_label_and_graph():
    x = Value(2.0, label="x")
    y = (x * 3).tanh()
    y.backward()
    for twin in (copy.deepcopy(y), pickle.loads(pickle.dumps(y))):  # noqa: S301
        leaf = twin.parents[0].parents[0]
        assert (twin.data, twin.op) == (y.data, rules.tanh)
        assert (leaf.data, leaf.grad, leaf.label) == (2.0, x.grad, "x")
        assert leaf is not x
    assert copy.copy(y).parents[0] is y.parents[0]


@pytest.mark.python_twin("C has no source to step through")
def test_generated_methods_can_be_read_and_stepped_through():
    Value(0.5).tanh()
    method = Value.tanh
    code = method.__code__
    line = linecache.getline(code.co_filename, code.co_firstlineno, method.__globals__)
    assert line.startswith("def value_tanh(self")
    assert "sech2(x)" in "".join(linecache.getlines(code.co_filename))
    assert method.__doc__ == rules.tanh.summary

    class Stepper(bdb.Bdb):
        """Step until the debugger shows a line of the generated function."""

        seen = ""

        def user_line(self, frame):
            if "generated" in frame.f_code.co_filename:
                self.seen += linecache.getline(
                    frame.f_code.co_filename, frame.f_lineno, frame.f_globals
                )
            self.set_step()

    assert inspect.getsource(Value.tanh).startswith("def value_tanh(self):\n")
    assert inspect.getsource(autograd.tanh.__call__).startswith("def value___call__(x, /)")
    lines = linecache.getlines(bdb.Bdb().canonic(code.co_filename))
    assert "out = math.tanh(x)" in "".join(lines)
    stepper = Stepper()
    before = sys.gettrace()
    stepper.runcall(Value(0.5).tanh)
    sys.settrace(before)
    assert "out = math.tanh(x)" in stepper.seen


def test_a_method_that_was_wrapped_before_its_first_call_stays_wrapped():
    """In a process of its own, in which none has been called."""
    script = """if True:
        from autograd import Value, relu
        given = Value.relu
        Value.relu = lambda self: 2 * given(self)
        x = Value(3.0)
        print(*(x.relu().data for _ in range(3)), relu(x).data, (1 + x).data)
        before = Value.__rsub__
        Value.__rsub__ = lambda self, other: -before(self, other)
        print((1 - x).data, (1 - x).data, (x - 1).data)
    """
    out = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert out.stdout == "6.0 6.0 6.0 3.0 4.0\n2.0 2.0 2.0\n"


@pytest.mark.python_twin("C has no source to step through")
@pytest.mark.parametrize(
    ("symbol", "function"),
    [
        ("add", "add"), ("sub", "subtract"), ("mul", "multiply"), ("truediv", "divide"),
        ("floordiv", "floor_divide"), ("mod", "remainder"), ("pow", "power"),
    ],
)  # fmt: skip
def test_operators_are_generated_for_both_sides(symbol, function):
    getattr(operator, symbol)(Value(2.0), 3.0)
    methods = [getattr(Value, f"__{side}{symbol}__") for side in ("", "r")]
    source = f"<autograd: generated from the row {function}>"
    assert [method.__code__.co_filename for method in methods] == [source, source]
    assert methods[0] is not methods[1]


def test_functions_of_three_operands_are_methods_too():
    x, low = Value(-2.0), Value(-1.0)
    y = x.clip(low, 1)
    assert (y.data, y.parents, y.partials) == (-1.0, (x, low), (0.0, 1.0))


class SymPyNumber:
    """As SymPy's numbers: before another number, their operators ask for its float."""

    is_number = True

    def __float__(self):
        return 2.0

    def __mul__(self, other):
        return float(self) * float(other)


def test_a_number_of_sympy_is_told_the_remedy_on_either_side():
    x, two = Value(3.0), SymPyNumber()
    with pytest.raises(TypeError, match=r"as in float\(n\) \* x"):
        two * x
    with pytest.raises(TypeError, match=r"got .*\(SymPyNumber\): convert it .* float\(x\)"):
        x * two
    assert (float(two) * x).data == 6.0


def test_sympy_itself_asks_for_a_float():
    sympy = pytest.importorskip("sympy")
    for two in (sympy.Integer(2), sympy.Rational(3, 2), sympy.Float(0.5), sympy.pi):
        for operate in (operator.add, operator.mul, operator.truediv, operator.pow, operator.mod):
            with pytest.raises(TypeError, match=r"as in float\(n\) \* x"):
                operate(two, Value(3.0))


@pytest.mark.parametrize("name", ["where", "greater", "round_to", "polygamma", "share"])
def test_a_function_whose_first_operand_is_no_value_is_no_method(name):
    assert not hasattr(Value, name)


@pytest.mark.skipif(sys.platform == "emscripten", reason="a browser's stack needs one")
def test_a_value_has_no_finaliser():
    """It would cost each node as much as the sweep does."""
    assert not hasattr(Value, "__del__")


@pytest.mark.python_twin("C has no source to step through")
def test_a_traceback_through_a_generated_method_shows_its_source():
    with pytest.raises(OverflowError) as error:
        Value(1.0) * 10**400
    assert "return operate(row, self, other)" in "".join(traceback.format_tb(error.tb))


def test_importing_is_light():
    """Nothing heavy is loaded, and no method is generated before it is used."""
    script = (
        "import sys, autograd; heavy = {'numpy', 'graphviz', 'tqdm', 'scipy', 'inspect', "
        "'dataclasses', 'fractions', 'decimal', 'mpmath'}; print(sorted(heavy & set(sys.modules)))"
    )
    out = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


# -- sums of a layer ----------------------------------------------------------------------------


def products_that_cancel(source: random.Random) -> tuple[list[float], list[float]]:
    """Numbers whose products are of all sizes, and of which little is left in the end."""
    ws, xs = (
        [source.gauss(0, 1) * 2.0 ** source.randrange(-90, 90) for _ in range(4)] for _ in range(2)
    )
    order = source.sample(range(2 * len(ws)), 2 * len(ws))
    ws, xs = ws + [-w for w in ws], xs + [x * (1 + source.choice([0, 2**-52, 2**-30])) for x in xs]
    return [ws[i] for i in order], [xs[i] for i in order]


def test_the_weighted_sums_of_a_layer_are_those_of_math():
    """Each rounded once from Python 3.12 on, which has `math.sumprod`; by `sum` before."""
    source = random.Random(1)
    sumprod = getattr(math, "sumprod", lambda ws, xs: sum(map(operator.mul, ws, xs)))
    for _ in range(2_000):
        ws, xs = products_that_cancel(source)
        (y,) = dots([[Value(w) for w in ws]], xs, [0.0])
        assert y.data.hex() == (sumprod(ws, xs) + 0.0).hex()


@pytest.mark.parametrize("ws", [[1e308, 1e308, -1e308], [math.inf, 1.0], [math.inf, -math.inf]])
def test_the_weighted_sum_of_a_layer_that_overflows_is_that_of_a_dot(ws):
    xs = [10.0] * len(ws)
    (y,) = dots([[Value(w) for w in ws]], xs, [1.0])
    assert repr(y.data) == repr(dot([Value(w) for w in ws], xs, 1.0).data)
