"""The table of rules, row by row: accuracy of the partials, edges, written forms.

The truth comes from `oracles`, where every function and derivative is written out in mpmath.
"""

import copy
import inspect
import itertools
import math
import operator
import pickle
import random
from contextlib import suppress
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from oracles import TRUTH, exact, ulps

import autograd
from autograd import Value
from autograd.functions import rules
from autograd.functions.calls import FLOATS, Primitive
from autograd.functions.formulas import Expression, variable
from autograd.functions.printing.latex import LATEX
from autograd.functions.printing.python import QUICK, SAFE
from autograd.functions.printing.text import TEXT
from autograd.graph.eager import method_of
from autograd.numbers import ieee
from autograd.numbers.kinds import Constant

INF, NAN = math.inf, math.nan
PUBLIC = [rules.TABLE[name] for name in rules.PUBLIC]
PROVED = [
    row
    for row in rules.TABLE.values()
    if row.name in TRUTH and row is not rules.where and not row.integers
]
GENERATED = [
    row for row in PROVED if row.arity in (1, 2) and callable(getattr(Value, row.name, None))
]
CONSTANTS = {name: c for name, c in vars(rules).items() if isinstance(c, Constant)}

# Where the floats of a test come from: plain numbers, every magnitude, subnormal numbers, and
# the neighbourhoods of the points where formulas change.
CRITICAL = [0.0, 0.5, 1.0, 2.0, 3.0, 6.0, 27.0, 38.5, 88.7, 708.4, 709.8, 745.1, 1e8, 1e154, 1e200]


def draw(rng, domain):
    """One float in a closed interval, of one of five kinds."""
    low, high = domain
    while True:
        kind = rng.randrange(5)
        if kind == 0:
            x = rng.gauss(0, 1)
        elif kind == 1:
            x = rng.uniform(-30, 30)
        elif kind == 2:
            x = rng.choice((-1, 1)) * 10 ** rng.uniform(-308, 308.2)
        elif kind == 3:
            x = rng.choice((-1, 1)) * rng.getrandbits(rng.randrange(1, 53)) * 5e-324
        else:
            ends = [end for end in domain if math.isfinite(end)]
            x = rng.choice((-1, 1)) * rng.choice(CRITICAL + ends)
            towards = rng.choice((-INF, INF))
            for _ in range(rng.randrange(20)):
                x = math.nextafter(x, towards)
        if low <= x <= high and math.isfinite(x):
            return x


def draw_operands(rng, row):
    """A point where a row is defined; n-ary rows get one to six operands, dot an odd number."""
    while True:
        count = row.arity or rng.randrange(1, 7, 2 if row is rules.dot else 1)
        xs = [draw(rng, row.domain[min(i, len(row.domain) - 1)]) for i in range(count)]
        if not is_singular(row.name, xs):
            return xs


def is_singular(name, xs):
    """Whether a point belongs to the table of edges instead: poles, and powers that are nan."""
    if name in ("divide", "remainder", "fmod", "floor_divide", "truncate_divide", "over_square"):
        return xs[1] == 0
    if name.startswith("power"):
        return xs[0] == 0 or (xs[0] < 0 and (xs[1] % 1 != 0 or abs(xs[1]) > 2**53))
    if name in ("gamma", "lgamma", "digamma", "polygamma"):
        return xs[-1] <= 0 and xs[-1] % 1 == 0
    return name in ("reciprocal", "arctan2", "over_norm_square", "angle") and not any(xs)


def node_at(row, xs):
    """The node that a row makes of Values (an integer operand stays a number)."""
    values = [Value(x) if isinstance(x, float) else x for x in xs]
    return row(values) if row.arity is None and not row.integers else row(*values)


# -- the promise: accuracy -------------------------------------------------------------------

POINTS = 120  # a row here; the full measurement is a command of its own
each_row = pytest.mark.parametrize("row", PROVED, ids=operator.attrgetter("name"))


def test_every_public_row_has_a_truth_to_be_held_against():
    assert {row.name for row in PUBLIC} - set(TRUTH) == {"where"}, "where is in the table of edges"


@pytest.mark.parametrize(
    "row",  # the partials of the rules' own rows are second partials: see below
    [row for row in PROVED if row in PUBLIC],
    ids=operator.attrgetter("name"),
)
def test_first_partials_are_within_4_ulp_over_the_whole_domain(row):
    rng = random.Random(row.name)
    for _ in range(POINTS):
        xs = draw_operands(rng, row)
        for i, partial in enumerate(node_at(row, xs).partials):
            error = TRUTH[row.name].partial_ulps(partial, i, *xs)
            assert error <= 4, f"{row.name} at {xs}, by operand {i}: {partial} is {error} ULP off"


@pytest.mark.parametrize(
    ("row", "zero"),  # where the derivative is 0 although the function is not flat
    [(rules.silu, -1.2784645427610737), (rules.gelu, -0.7517915246935645),
     (rules.lgamma, 1.4616321449683622), (rules.gamma, 1.4616321449683622),
     (rules.gamma, -0.5040830082644554), (rules.gamma, -3.635293366436901)],
)  # fmt: skip
def test_first_partials_are_within_4_ulp_next_to_their_zeros_too(row, zero):
    rng = random.Random(row.name)
    for k in range(-60, 400):
        x = (
            zero + k * math.ulp(zero)
            if k < 60
            else zero * (1 + rng.choice((-1, 1)) * 2.0 ** -(k / 8))
        )
        error = TRUTH[row.name].partial_ulps(node_at(row, [x]).partials[0], 0, x)
        assert error <= 4, f"{row.name} at {x} is {error} ULP off"


def size_of_terms(name, xs):
    """For the gamma family, which has zeros: the error is in ULP of the largest term."""
    if name == "digamma":
        return exact(TRUTH["lgamma"].largest, *xs)
    return exact(lambda x: abs(mpmath.loggamma(abs(x))) + 4, *xs) if name == "lgamma" else None


@each_row
def test_values_are_within_3_ulp(row):
    rng = random.Random(row.name)
    for _ in range(POINTS):
        xs = draw_operands(rng, row)
        value = node_at(row, xs).data
        error = ulps(value, TRUTH[row.name].exact_value(*xs), size_of_terms(row.name, xs))
        assert error <= 3, f"{row.name} at {xs}: {value} is {error} ULP off"


@pytest.mark.parametrize(
    "row", [row for row in PUBLIC if row is not rules.where], ids=operator.attrgetter("name")
)
def test_second_partials_are_within_8_ulp_of_the_larger_of_first_and_second(row):
    """For operands of magnitude up to 20, at least 0.001 from the ends of the domain."""
    rng = random.Random(row.name)
    for _ in range(5):
        xs = [
            rng.uniform(max(low + 1e-3, -20), min(high - 1e-3, 20))
            for low, high in (row.domain * 3)[: row.arity or 3]
        ]
        if row is rules.power:
            xs[0] = abs(xs[0])
        operands = [Value(x) for x in xs]
        output = row(operands) if row.arity is None else row(*operands)
        output.backward(create_graph=True)
        for i, first in enumerate([x.grad for x in operands]):
            for x in operands:
                x.grad = 0
            if isinstance(first, Value):  # else it is constant
                first.backward()
            for j, x in enumerate(operands):
                with mpmath.workdps(60):
                    partial = lambda *ys, i=i: TRUTH[row.name].partials(*ys)[i]  # noqa: E731
                    exact_first = partial(*map(mpmath.mpf, xs))
                    order = tuple(int(k == j) for k in range(len(xs)))
                    truth = mpmath.diff(partial, tuple(map(mpmath.mpf, xs)), order)
                    unit = max(abs(truth), abs(exact_first)) * mpmath.mpf(2) ** -52
                    assert abs(x.grad - truth) <= 8 * unit, f"{row.name} at {xs}, by {i} and {j}"


@pytest.mark.parametrize("name", CONSTANTS)
def test_constants_are_the_doubles_nearest_to_their_exact_numbers(name):
    constant = CONSTANTS[name]
    with mpmath.workprec(200):
        assert float(constant) == float(constant.exact(mpmath.mpf))


# -- the edges -------------------------------------------------------------------------------

EDGES = [  # expression in Values, value, partial derivatives by its operands in order
    ("relu", (0.0,), 0.0, (0.0,)),
    ("abs", (0.0,), 0.0, (0.0,)),
    ("sign", (0.0,), 0.0, (0.0,)),
    ("maximum", (2.0, 2.0), 2.0, (0.5, 0.5)),
    ("minimum", (2.0, 2.0), 2.0, (0.5, 0.5)),
    ("maximum", (INF, INF), INF, (0.5, 0.5)),
    ("max", (3.0, 1.0, 3.0, 3.0), 3.0, (1 / 3, 0.0, 1 / 3, 1 / 3)),
    ("min", (1.0, 1.0, 2.0), 1.0, (0.5, 0.5, 0.0)),
    ("clip", (0.0, 0.0, 1.0), 0.0, (0.0, 0.0, 0.0)),
    ("clip", (1.0, 0.0, 1.0), 1.0, (0.0, 0.0, 0.0)),
    ("clip", (0.5, 0.0, 1.0), 0.5, (1.0, 0.0, 0.0)),
    ("clip", (-1.0, 0.0, 1.0), 0.0, (0.0, 1.0, 0.0)),
    ("clip", (2.0, 0.0, 1.0), 1.0, (0.0, 0.0, 1.0)),
    ("clip", (0.5, 1.0, 0.0), 0.0, (0.0, 0.0, 1.0)),
    ("clip", (0.5, 1.0, 1.0), 1.0, (0.0, 1.0, 0.0)),
    ("sqrt", (0.0,), 0.0, (INF,)),
    ("sqrt", (-1.0,), NAN, (NAN,)),
    ("cbrt", (0.0,), 0.0, (INF,)),
    ("log", (0.0,), -INF, (INF,)),
    ("log", (-1.0,), NAN, (NAN,)),
    ("log2", (0.0,), -INF, (INF,)),
    ("log10", (-2.0,), NAN, (NAN,)),
    ("log1p", (-1.0,), -INF, (INF,)),
    ("log1p", (-2.0,), NAN, (NAN,)),
    ("arcsin", (1.0,), math.pi / 2, (INF,)),
    ("arcsin", (2.0,), NAN, (NAN,)),
    ("arccos", (1.0,), 0.0, (-INF,)),
    ("arccos", (-2.0,), NAN, (NAN,)),
    ("arccosh", (1.0,), 0.0, (INF,)),
    ("arccosh", (0.5,), NAN, (NAN,)),
    ("arctanh", (1.0,), INF, (INF,)),
    ("arctanh", (3.0,), NAN, (NAN,)),
    ("hypot", (0.0, 0.0), 0.0, (0.0, 0.0)),
    ("hypot", (INF, NAN), NAN, (NAN, NAN)),
    ("norm", (0.0, 0.0, 0.0), 0.0, (0.0, 0.0, 0.0)),
    ("arctan2", (0.0, 0.0), 0.0, (NAN, NAN)),
    ("angle", (0.0,), 0.0, (0.0,)),
    ("angle", (-0.0,), math.pi, (0.0,)),
    ("angle", (-2.0,), math.pi, (0.0,)),
    ("imag", (-2.0,), 0.0, (0.0,)),
    ("imag", (NAN,), NAN, (NAN,)),
    ("divide", (1.0, 0.0), INF, (INF, -INF)),
    ("divide", (0.0, 0.0), NAN, (INF, NAN)),
    ("reciprocal", (0.0,), INF, (-INF,)),
    ("remainder", (1.0, 0.0), NAN, (1.0, -INF)),
    ("fmod", (-7.0, 2.0), -1.0, (1.0, 3.0)),
    ("fmod", (1.0, 0.0), NAN, (1.0, -INF)),
    ("copysign", (0.0, -1.0), -0.0, (-0.0, 0.0)),
    ("copysign", (2.0, -0.0), -2.0, (-1.0, 0.0)),
    ("gamma", (0.0,), INF, (-INF,)),
    ("gamma", (-0.0,), -INF, (-INF,)),
    ("gamma", (-1.0,), NAN, (NAN,)),
    ("gamma", (INF,), INF, (INF,)),
    ("gamma", (-INF,), NAN, (NAN,)),
    ("gamma", (171.5,), 9.4833675668248e307, (INF,)),
    ("gamma", (172.0,), INF, (INF,)),
    ("gamma", (-184.5,), 0.0, (0.0,)),
    ("power", (0.0, 0.0), 1.0, (0.0, 0.0)),
    ("power", (0.0, 1.0), 0.0, (1.0, 0.0)),
    ("power", (0.0, 2.0), 0.0, (0.0, 0.0)),
    ("power", (0.0, 0.5), 0.0, (INF, 0.0)),
    ("power", (0.0, -1.0), INF, (-INF, -INF)),
    ("power", (-2.0, 3.0), -8.0, (12.0, NAN)),
    ("power", (-2.0, 0.5), NAN, (NAN, NAN)),
    ("exp", (1000.0,), INF, (INF,)),
    ("exp", (-1000.0,), 0.0, (0.0,)),
    ("tanh", (400.0,), 1.0, (0.0,)),
    ("sigmoid", (-1000.0,), 0.0, (0.0,)),
    ("softplus", (1000.0,), 1000.0, (1.0,)),
    ("logaddexp", (1e4, 1e4), 1e4 + math.log(2), (0.5, 0.5)),
    ("logsumexp", (-1e4, 1e4), 1e4, (0.0, 1.0)),
    ("heaviside", (0.0, 0.5), 0.5, (0.0, 1.0)),
    ("hard_sigmoid", (3.0,), 1.0, (0.0,)),
    ("hard_tanh", (-1.0,), -1.0, (0.0,)),
    ("leaky_relu", (0.0, 0.01), 0.0, (0.01, 0.0)),
    ("elu", (0.0, 2.0), 0.0, (2.0, 0.0)),
    ("floor", (2.0,), 2.0, (0.0,)),
    ("prod", (0.0, 2.0, 3.0), 0.0, (6.0, 0.0, 0.0)),
    ("sum", (), 0.0, ()),
    ("prod", (), 1.0, ()),
]


def same(a, b):
    return math.isnan(a) if math.isnan(b) else a == b


@pytest.mark.parametrize(("name", "xs", "value", "partials"), EDGES)
def test_edges(name, xs, value, partials):
    row = rules.TABLE[name]
    assert same(row(list(xs)) if row.arity is None else row(*xs), value)
    if xs:
        node = node_at(row, xs)
        assert same(node.data, value)
        assert all(map(same, node.partials, partials)), node.partials


# Their partials by one operand do not depend on it.
LINEAR = {
    "multiply", "prod", "sum", "mean", "dot", "divide", "remainder", "fmod", "over_square",
    "exp_times",
}  # fmt: skip
PRODUCTS = (rules.multiply, rules.prod, rules.dot)


@each_row
def test_a_nan_operand_that_reaches_the_value_gives_a_nan_partial_never_zero(row):
    """Where the partial does not depend on the operands (x + y) it is what it always is."""
    count = row.arity or (3 if row is rules.dot else 2)
    for i in range(count):
        for other in (0.5, -0.5, 0.0):
            xs = [other] * count
            xs[i] = NAN
            node = node_at(row, xs)
            constant = row.arity and not any(isinstance(rule, Expression) for rule in row.rules)
            if math.isnan(node.data):
                assert node.partials[i] != 0 or row in PRODUCTS, (xs, i)
                assert math.isnan(node.partials[i]) or constant or row.name in LINEAR, (xs, i)


def test_where_lets_no_nan_through_from_the_branch_not_taken():
    """The gradient of where(x > 0, log(x), 0) at -1 is 0: the trap of every peer."""
    x = Value(-1.0)
    output = autograd.where(x > 0, x.log(), 0.0 * x)
    output.backward()
    assert (output.data, x.grad) == (0.0, 0.0)
    taken = autograd.where(True, x, x.log())
    assert taken.parents == (x,)
    assert taken.partials == (1.0,)
    assert autograd.where(False, x, 3.0).parents == ()


# -- one row, many faces -----------------------------------------------------------------------


@pytest.mark.python_twin("C has no source to step through")
@pytest.mark.parametrize("row", GENERATED, ids=operator.attrgetter("name"))
def test_the_fast_functions_are_generated(row):
    assert "generated" in method_of(row).__code__.co_filename
    assert "generated" in type(row).__call__.__code__.co_filename


@pytest.mark.parametrize("row", GENERATED, ids=operator.attrgetter("name"))
def test_generated_functions_and_the_general_path_agree_to_the_bit(row):
    """The method and the call of the row, of Values and of a Value beside a float."""
    method = method_of(row)
    rng = random.Random(row.name)
    special = itertools.product((0.0, -0.0, 1.0, -2.5, INF, -INF, NAN), repeat=row.arity)
    for xs in [*(draw_operands(rng, row) for _ in range(30)), *special]:
        value = row.forward(*xs)
        partials = [float(row.partial(i, xs, value)) for i in range(row.arity)]
        values = [Value(x) for x in xs]
        assert same(row(*xs), value)
        for function in (method, row):
            for operands in (values, [values[0], *xs[1:]], [*xs[:-1], values[-1]]):
                if function is method and type(operands[0]) is float:
                    continue  # what an operator's other side is for
                node = function(*operands)
                expected = [p for p, x in zip(partials, operands, strict=True) if type(x) is Value]
                assert same(node.data, value)
                assert list(map(same, node.partials, expected)) == [True] * len(expected)


def test_the_rules_of_three_operands_written_out_and_evaluated_agree_to_the_bit():
    rng = random.Random(3)
    special = itertools.product((0.0, -0.0, 1.0, -2.5, INF, -INF, NAN), repeat=3)
    for xs in [*(draw_operands(rng, rules.clip) for _ in range(30)), *special]:
        value = rules.clip.forward(*xs)
        expected = rules.clip.partials_by(range(3), xs, value)
        assert all(map(same, Value(xs[0]).clip(*map(Value, xs[1:])).partials, expected))


@pytest.mark.parametrize("row", PUBLIC, ids=operator.attrgetter("name"))
def test_a_public_row_is_a_documented_function(row):
    assert getattr(autograd, row.name) is row
    assert row.summary.endswith(".")
    assert row.__doc__.startswith(row.summary)
    assert ">>> " in row.__doc__, "every function shows an example, which is run as a doctest"
    assert inspect.signature(row).parameters
    assert pickle.loads(pickle.dumps(row)) is copy.deepcopy(row) is row  # noqa: S301


@pytest.mark.parametrize(
    "row",
    [row for row in PUBLIC if row.arity and row is not rules.where],
    ids=operator.attrgetter("name"),
)
def test_a_public_row_takes_floats_values_and_arrays(row):
    xs = [2.0, 0.25, 4.0][: row.arity]
    if row.name.startswith("arc") and row is not rules.arccosh:
        xs[0] = 0.5
    number = row(*xs)
    values = [Value(x) for x in xs]
    assert type(number) is float
    method = getattr(values[0], row.name)
    if row not in (rules.real, rules.imag):  # a number has these as attributes
        assert method(*xs[1:]).data == number
    assert row(*values).data == number
    array = row(*([x, x] for x in xs))
    assert array.dtype == float
    assert array.tolist() == [number, number]
    mixed = row(np.array([values[0], xs[0]]), *xs[1:])
    assert [type(x) for x in mixed] == [Value, float]


@pytest.mark.parametrize(
    "row", [row for row in rules.TABLE.values() if row.arity], ids=operator.attrgetter("name")
)
def test_formulas_are_written_with_matching_brackets(row):
    for rule in row.rules:
        for printer in (TEXT, QUICK, LATEX):
            text = printer(rule)
            assert text.count("(") == text.count(")")
            assert text.count("{") == text.count("}")
            assert text.count(r"\left") == text.count(r"\right")


ATOMS = st.sampled_from([variable("x"), variable("y"), variable("z"), 2.0, -1.5, -3.0])
OPERATIONS = [
    operator.add, operator.sub, operator.mul, operator.truediv, operator.mod, operator.floordiv,
    operator.pow, lambda x, y: x - -y, lambda x, y: -x, lambda x, y: abs(x),
    lambda x, y: rules.square(x), lambda x, y: rules.tanh(x), lambda x, y: rules.where(x, y, -x),
]  # fmt: skip
FORMULAS = st.recursive(
    ATOMS, lambda inner: st.tuples(st.sampled_from(OPERATIONS), inner, inner), max_leaves=12
)


def grown(tree):
    """The formula of a tree of operations."""
    if not isinstance(tree, tuple):
        return tree
    operation, x, y = tree
    x, y = grown(x), grown(y)
    return operation(x if isinstance(x, Expression) else variable("x") * x, y)


@given(FORMULAS)
@example((operator.truediv, variable("x"), (operator.truediv, variable("y"), variable("z"))))
@example((operator.mul, -3.0, (operator.mod, variable("x"), variable("y"))))
@example((operator.pow, (operator.pow, variable("x"), variable("y")), variable("z")))
def test_what_is_printed_for_python_means_the_formula(tree):
    formula = grown(tree)
    names = {"x": 1.75, "y": -0.625, "z": 2.5}
    for printer in (SAFE, QUICK) if isinstance(formula, Expression) else ():
        with suppress(ArithmeticError, ValueError):  # what is quick leaves these to what is safe
            printed = eval(printer(formula), dict(FLOATS), dict(names))
            meant = formula.evaluate(names)
            assert printed == meant or (math.isnan(printed) and math.isnan(meant))


WRITTEN = [  # a printed formula is a specification: names, precedence, nothing superfluous
    (rules.divide, 1, "-over_square(x, y)", r"-\frac{x}{y^2}"),
    (rules.arccos, 0, "-1 / sqrt(one_minus_square(x))", r"\frac{-1}{\sqrt{1 - x^2}}"),
    (rules.tanh, 0, "sech2(x)", r"\operatorname{sech}^2\left(x\right)"),
    (rules.exp2, 0, "power_by_exponent(2, x)", r"2^{x} \ln 2"),
    (rules.cbrt, 0, "over_square(1, out) / 3", r"\frac{\frac{1}{out^2}}{3}"),
]


@pytest.mark.parametrize(("row", "index", "text", "latex"), WRITTEN)
def test_rules_print_as_textbook_formulas(row, index, text, latex):
    assert (TEXT(row.rules[index]), LATEX(row.rules[index])) == (text, latex)


def test_python_parentheses_keep_the_order_of_evaluation():
    x, y, z = (Expression(None, (), name) for name in "xyz")
    assert QUICK(x - (y - z)) == "x - (y - z)"
    assert QUICK((x - y) - z) == "x - y - z"
    assert QUICK((x + y) * -z) == "(x + y) * -z"
    assert QUICK((-x) * 2) == "-x * 2.0"
    assert str((x**y) ** z) == "(x ** y) ** z"


def test_a_row_with_an_unknown_field_is_refused():
    with pytest.raises(TypeError, match="no field 'kink'"):
        Primitive(abs, lambda x: 1, name="f", kink=())


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: autograd.tanh(), r"tanh\(\) missing 1 required .*: 'x'"),
        (lambda: autograd.maximum(1.0), r"maximum\(\) missing 1 required .*: 'y'"),
        (lambda: autograd.tanh(1.0, 2.0), r"tanh\(\) takes 1 .* but 2 were given"),
        (lambda: autograd.tanh("1"), "takes numbers, Values, and arrays"),
        (lambda: autograd.sum(1.0), "takes one iterable"),
        (lambda: autograd.sum(["a"]), "takes numbers"),
        (lambda: autograd.exp(Fraction(1, 2)), "exp is not defined for Fraction"),
        (lambda: autograd.maximum(Value(1.0), "a"), "maximum takes numbers, Values"),
    ],
)
def test_misuse_of_a_function_names_what_was_given(call, message):
    with pytest.raises(TypeError, match=message):
        call()


@pytest.mark.parametrize("function", [autograd.max, autograd.min, autograd.mean])
def test_the_largest_of_nothing_is_an_error(function):
    with pytest.raises(ValueError, match="at least 1 operand; got none"):
        function([])


def test_the_float_functions_never_raise():
    """Also where `math` does: at every combination of special operands."""
    special = [0.0, -0.0, 1.0, -1.0, 0.5, -2.0, 3.0, 1e308, -1e308, 5e-324, INF, -INF, NAN]
    for row in rules.TABLE.values():
        if row.arity == 2 and not row.integers:
            for x in special:
                for y in special:
                    row.forward(x, y)
                    assert len(node_at(row, [x, y]).partials) == 2 if not row.predicate else True
        elif row.arity == 1 and row.predicate:
            assert {type(row.forward(x)) for x in special} == {bool}
        elif row.arity == 1:
            for x in special:
                assert type(row.forward(x)) is float
                assert type(node_at(row, [x]).partials[0]) is float
    assert ieee.divide(1.0, 0.0) == INF
