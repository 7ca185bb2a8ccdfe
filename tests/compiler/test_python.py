"""Programs as Python: what is written, that it can be read, and that it never raises."""

import importlib
import inspect
import linecache
import math
import random
import struct

import pytest
from compiler.random_programs import FIXED, N_ARY, Recipe, numbers, recipe
from compiler.test_passes import program

from autograd.compiler import python, renaming
from autograd.compiler.codes import CODES, ROWS
from autograd.compiler.evaluating import evaluated
from autograd.compiler.inlining import inline
from autograd.compiler.planning import with_gradient
from autograd.compiler.program import Program
from autograd.compiler.python import SCOPE, python_function, python_source

INF, NAN = math.inf, math.nan


def bits(x):
    return "nan" if x != x else struct.pack("d", x)


def test_a_gradient_is_read_like_its_function():
    made = program("input\ninput\nmultiply @0 @1\nadd @2 1.0\ntanh @3\ndivide @4 @1")
    made = made.with_(input_names=("x", "w"))
    assert python_source(with_gradient(made), "loss") == inspect.cleandoc("""
        from math import cosh, tanh

        def loss(x, w):
            try:
                v4 = x * w + 1.0
                v5 = tanh(v4)
                # from the result back to the arguments
                _s = w * w
                v8 = v5 / _s if 1e-290 < _s < 1e+290 else over_square(v5, w)
                v11 = 1.0 / w * (2.0 / (1.0 + cosh(2.0 * v4)))
                return v5 / w, (v11 * w + 0.0, v11 * x - v8 + 0.0,)
            except (ArithmeticError, ValueError):  # what IEEE 754 has an answer to
                return safe(x, w)
    """)


def test_the_users_lines_stand_above_what_they_compute(tmp_path):
    file = tmp_path / "net.py"
    file.write_text("h = (w * x).tanh()\ny = h * h\n", encoding="utf-8")
    made = program("input\nparameter\nmultiply @1 @0\ntanh @2\nmultiply @3 @3")
    made = made.with_(
        sources=((str(file), 1, "f"), (str(file), 2, "f")),
        places=made.places * 0 + [-1, -1, 0, 0, 1], input_names=("x",), parameter_names=("w",),
    )  # fmt: skip
    assert python_source(made, "f", safe=True) == inspect.cleandoc("""
        def f(x, w):
            # net.py:1 f: h = (w * x).tanh()
            v3 = tanh(w * x)
            # net.py:2 f: y = h * h
            return v3 * v3
    """)


def test_an_argument_may_have_the_name_of_a_function_of_math():
    made = program("input\ninput\nexp @0\nlog @1\nadd @2 @3").with_(input_names=("exp", "pow"))
    powers = program("input\npower @0 2.5").with_(input_names=("pow",))
    assert python_function(made)(1.0, 1.0) == math.e
    assert python_source(made).splitlines()[2] == "def program(exp_, pow):"
    assert python_function(powers)(4.0) == 32.0
    assert "math.pow(pow, 2.5)" in python_source(powers)


@pytest.mark.parametrize("text", ["evil\nimport os", "a\rb", "x\u2028y", "tab\x00", "*/"])
def test_a_name_in_a_program_is_never_code(text):
    made = program("input\nexp @0").with_(
        sources=((text, 1, text),), places=program("input\nexp @0").places * 0,
        input_names=(text,),
    )  # fmt: skip
    source = python_source(made)
    assert len(source.splitlines()) == 8
    assert python_function(made)(0.0) == 1.0


@pytest.mark.parametrize(
    ("names", "given"),
    [
        (("x", "x"), "x, x_"), (("math", "sum"), "math_, sum_"), (("v2", "safe"), "v2_, safe_"),
        (("w[0][1]", "lambda"), "w_0_1, lambda_"), (("3", "é"), "x3, x"), (("_e", ""), "e, x"),
        (("None", "abs"), "None_, abs_"),
    ],
)  # fmt: skip
def test_arguments_have_the_users_names_where_these_are_free(names, given):
    made = program("input\ninput\nadd @0 @1\ntanh @2").with_(input_names=names)
    assert python_source(made).splitlines()[2] == f"def program({given}):"
    assert python_function(made)(0.0, 0.0) == 0.0


def test_a_guard_that_fails_answers_none_before_anything_behind_it():
    made = program("input\ngreater @0 0.0\nlog @0\nless @2 1.0\nboth @3 @1\nmultiply @2 2.0")
    index = {row: int((made.codes == CODES[row]).argmax()) for row in ("greater", "less", "both")}
    made = made.with_(guards=((index["greater"], True), (index["both"], False)))
    source = python_source(made, safe=True)
    assert "if not x0 > 0.0:\n        return None" in source or "if not v" in source
    f = python_function(made)
    assert f(-1.0) is None
    assert f(1.0) is None
    assert f(math.e**2) == pytest.approx(4.0)


@pytest.mark.parametrize("size", [1, 99, 100, 101, 5000])
@pytest.mark.parametrize("row", ["pairs", "sum", "dot", "max", "add"])
def test_sums_of_any_length_are_compiled(size, row):
    made = Recipe()
    xs = [made.add("input") for _ in range(size)]
    if row == "pairs":
        made.add("pairs", *[x for pair in zip(xs, xs, strict=True) for x in pair])
    elif row == "dot":
        made.add("dot", *xs, *xs, xs[0])
    elif row == "add":
        for other in xs:
            made.add("add", len(made.scalars) - 1, other)
    else:
        made.add(row, *xs)
    rng = random.Random(size)
    numbers_ = [rng.uniform(-1.0, 1.0) for _ in range(size)]
    true = evaluated(made.program(), numbers_)[-1]
    assert bits(python_function(made.program())(*numbers_)) == bits(true)
    assert max(map(len, python_source(made.program()).splitlines())) < 40 * size + 2000


@pytest.mark.parametrize("seed", range(40))
def test_every_row_answers_as_the_table_does_where_python_raises(seed):
    """Every other number is one that some function has a case for."""
    rng = random.Random(seed)
    made = recipe(rng, 12, FIXED + 2 * N_ARY + 4 * ["where"], special=0.5)
    count, others = made.counts
    plan = with_gradient(made.program())
    for _ in range(5):
        xs, ps = numbers(rng, count, 0.5), numbers(rng, others, 0.5)
        found = evaluated(plan, xs, ps)
        true = [found[plan.results[0]], *(found[i] + 0.0 for i in plan.gradients)]
        out, slopes = python_function(plan)(*xs, *ps)
        assert [*map(bits, (out, *slopes))] == [*map(bits, true)]
        names = dict(SCOPE)
        exec(python_source(plan, "f", safe=True), names)
        out, slopes = names["f"](*xs, *ps)
        assert [*map(bits, (out, *slopes))] == [*map(bits, true)]


INLINED = [row for row in ROWS if row and row.arity and not row.integers and inline(row.forward)]
EDGES = [NAN, *(s * x for s in (1.0, -1.0) for x in (
    0.0, INF, 1.0, 0.5, 2.0, 3.0, 1e-300, 1e300, 1e-160, 5e-324, 700.0, 40.0, 26.0,
    1e8))]  # fmt: skip


@pytest.mark.parametrize("row", INLINED, ids=lambda row: row.name)
def test_what_is_written_out_is_what_the_function_answers(row):
    made = Recipe()
    made.add(row.name, *[made.add("input") for _ in range(row.arity)])
    f = python_function(made.program())
    seconds = EDGES if row.arity == 2 else [None]
    for x in EDGES:
        for y in seconds:
            xs = [x] if y is None else [x, y]
            assert bits(f(*xs)) == bits(row.forward(*xs)), xs
    if row.arity == 2:  # with a literal, whose part is computed beforehand
        for y in EDGES:
            one = Recipe()
            one.add(row.name, one.add("input"), one.add("literal", y))
            f = python_function(one.program())
            for x in EDGES:
                assert bits(f(x)) == bits(row.forward(x, y)), (x, y)


def test_enough_is_written_out():
    names = {row.name for row in INLINED}
    assert {"sech2", "sigmoid", "logistic_density", "over_square", "power_by_base"} <= names


def test_a_function_whose_file_has_changed_is_called(tmp_path, monkeypatch):
    """What its lines say now is not what runs."""
    file = tmp_path / "floats_of_mine.py"
    file.write_text("def twice(x):\n    return 2.0 * x\n", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    twice = importlib.import_module("floats_of_mine").twice
    assert inline(twice).value == "2.0 * {0}"
    file.write_text("def twice(x):\n    return 2.5 * x\n", encoding="utf-8")
    inline.cache_clear()
    linecache.checkcache(str(file))
    assert inline(twice) is None


def test_the_source_is_found_by_debuggers_and_tracebacks():
    f = python_function(program("input\nexp @0"), "growth")
    source = python_source(program("input\nexp @0"), "growth")
    assert inspect.getsource(f).splitlines() == source.splitlines()[2:]  # below its imports
    assert f.__code__.co_filename in linecache.cache
    assert f.__name__ == "growth"


@pytest.mark.parametrize("seed", range(30))
def test_names_that_are_read_no_more_are_used_again_in_long_functions(seed, monkeypatch):
    rng = random.Random(seed)
    made = recipe(rng, 60, FIXED + 4 * N_ARY + 10 * ["where"])
    count, others = made.counts
    program_ = made.program().with_(input_names=tuple(f"v{1000 + i}" for i in range(count)))
    plan = with_gradient(program_)
    xs, ps = numbers(rng, count), numbers(rng, others)
    plain = python_function(plan)
    monkeypatch.setattr(renaming, "MANY", 4)
    short = python_function(plan)
    assert len(short.__code__.co_varnames) <= len(plain.__code__.co_varnames)
    (out, slopes), (again, others_) = plain(*xs, *ps), short(*xs, *ps)
    assert [*map(bits, (again, *others_))] == [*map(bits, (out, *slopes))]


def test_a_long_chain_needs_few_names():
    made = program("\n".join(["input", *(f"sin @{i}" for i in range(3000))]))
    assert len(python_function(made).__code__.co_varnames) < 5


def test_the_source_goes_with_its_function():
    f = python_function(program("input\nexp @0"), "short_lived")
    file = f.__code__.co_filename
    assert file in linecache.cache
    del f
    python_function(program("input\nexp @0"))
    assert file not in linecache.cache


def test_a_function_may_end_while_somebody_looks_through_the_cache_of_lines(monkeypatch):
    """As a collection of garbage may happen anywhere: linecache.checkcache had a KeyError then."""
    functions = []

    class Cache(dict):
        def __getitem__(self, file):
            functions.clear()
            return super().__getitem__(file)

    monkeypatch.setattr(linecache, "cache", Cache(linecache.cache))
    functions.append(python_function(program("input\nexp @0")))
    linecache.checkcache()
    assert not functions


def test_a_program_without_a_function_of_its_own_answers_the_same(monkeypatch):
    rng = random.Random(7)
    made = recipe(rng, 40, FIXED + N_ARY)
    count, others = made.counts
    plan = with_gradient(made.program())
    guarded = program("input\ngreater @0 0.0\nadd @0 @0").with_(guards=((2, True),))
    xs = numbers(rng, count, 0), numbers(rng, others, 0)
    own = python_function(plan)(*xs[0], *xs[1])
    monkeypatch.setattr(python, "LARGE", 0)
    assert python_function(plan)(*xs[0], *xs[1]) == own
    assert [python_function(guarded)(x) for x in (-1.0, 2.0)] == [None, 4.0]


def test_several_results_are_a_tuple():
    made = Program.of([CODES["input"], CODES["exp"]], [0], results=[0, 1, 0])
    assert python_function(made)(0.0) == (0.0, 1.0, 0.0)
