"""The rules in C: printed from the table, and equal to Python's in every bit."""

from __future__ import annotations

import ctypes
import itertools
import math
import os
import random
import re
import shlex
import shutil
import struct
import subprocess
import sys
import sysconfig
from array import array
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import pytest

from autograd import Value
from autograd.functions import rules
from autograd.functions.calls import FLOATS, Primitive
from autograd.functions.formulas import Expression, variable
from autograd.functions.printing.python import QUICK
from autograd.functions.row import formula
from autograd.functions.rules import TABLE
from autograd.native.expressions import UnprintableError
from autograd.native.floats import Functions
from autograd.native.printing import HEADER, LEFT, candidates, header, printed
from autograd.numbers import reductions
from autograd.numbers.kinds import ratio

INF, NAN = math.inf, math.nan
PRINTED = [row for row in candidates() if row.name not in LEFT]
LARGEST, SMALLEST, NORMAL = sys.float_info.max, 5e-324, sys.float_info.min
# Zeros, ends of the range, and where some function has a kink, a pole, an end or a case of its own.
SPECIAL = [NAN, *(sign * size for sign in (1.0, -1.0) for size in (
    0.0, INF, LARGEST, NORMAL, SMALLEST, 1.0, 0.5, 2.0, 3.0, 1e-300, 1e-290, 1e-154, 1e-8, 1 / 3,
    math.pi, 6.0, 26.7, 37.0, 40.0, 700.0, 709.8, 745.2, 800.0, 1e8, 2.0**52 + 0.5, 2.0**53,
    1e154, 1e290, 1.0 - 2.0**-53, 1.0 + 2.0**-52,
))]  # fmt: skip
# The numbers that are written in the rules, among them those where a function changes its ways.
EDGES = [*SPECIAL, *(sign * float(x) for sign in (1.0, -1.0) for x in sorted(
    set(re.findall(r"\d+\.\d+(?:e[+-]?\d+)?", HEADER.read_text(encoding="utf-8")))))]  # fmt: skip
POINTS = 20_000


# -- what is printed, and what is not ------------------------------------------------------------


def test_the_committed_header_is_what_the_table_prints():
    assert HEADER.read_text(encoding="utf-8") == header(), (
        "run python -m autograd.native.printing, and commit rules.h"
    )


@pytest.mark.parametrize("row", candidates(), ids=lambda row: row.name)
def test_a_row_is_printed_or_there_is_a_reason(row: Primitive):
    if row.name in LEFT:
        with pytest.raises(UnprintableError):
            printed(row, Functions())
    else:
        printed(row, Functions())


def test_reasons_are_given_for_rows_of_the_table_only():
    assert set(LEFT) <= {row.name for row in candidates()}


@pytest.mark.parametrize("name", ["maximum", "minimum", "logaddexp"])
def test_partials_found_by_one_pass_over_many_operands_are_printed_for_two(name: str):
    assert TABLE[name] in PRINTED


def lines(value: Callable[..., float]) -> str:
    functions = Functions()
    functions.name(value)
    return "\n".join(functions.printed.values())


def total(x: float, y: float = 2.0) -> float:
    """The quotient."""
    try:
        z = math.log(x) if x > y else x / y
        return x and z
    except (ValueError, ZeroDivisionError):
        pass
    return -x if not 0.0 < x < y or y else reductions.INF


def test_a_float_function_is_printed_with_a_check_wherever_python_raises():
    assert (
        lines(total)
        == """\
/* The quotient. */
static double ag_total(double x, double y)
{
    double r1, z;
    if (x > y) {
        r1 = log(x);
        if (py_raised1(r1, x)) goto raised1;
        z = r1;
    } else {
        if (y == 0.0) goto raised1;
        z = x / y;
    }
    return x ? z : x;
raised1:;
    return (!(0.0 < x && x < y) || y) ? -x : INFINITY;
}
"""
    )


THREE = (0.5, 2.0, -math.inf)


def horner(x: float) -> float:
    """A polynomial."""
    series, total = THREE, 0.0
    for c in series:
        total = total * x + c
    return math.fsum((total, x, 1.0))


def test_a_series_of_numbers_is_an_array():
    assert (
        lines(horner)
        == """\
static const double ag_THREE[3] = {
    0.5, 2.0, -INFINITY
};

/* A polynomial. */
static double ag_horner(double x)
{
    double total, c;
    const double *series;
    series = ag_THREE;
    total = 0.0;
    for (int i1 = 0; i1 < 3; i1++) {
        c = series[i1];
        total = total * x + c;
    }
    return py_fsum3(total, x, 1.0);
}
"""
    )


def looping(x: float) -> float:
    """A loop."""
    for _ in range(3):
        x = x * x
    return x


def swapping(x: float, y: float) -> float:
    """An exchange."""
    x, y = y, x
    return x - y


def lengthy(x: float) -> float:
    """A length."""
    return math.hypot(1.0, x)


def conditional(x: float) -> float:
    """A condition that may raise."""
    try:
        if math.log(x) > 1.0:
            return x
    except ValueError:
        pass
    return 0.0


def between(x: float) -> float:
    """A comparison whose end is not always reached."""
    try:
        inside = 0.0 < x < 1.0 / x
        return x if inside else 0.0
    except ZeroDivisionError:
        return 0.0


def largest(x: float) -> float:
    """What only Python has."""
    return max(x, 0.0)


def whole(x: float) -> float:
    """A method of floats."""
    return x if x.is_integer() else 0.0


def forgetful(x: float) -> float:
    """An error that is not of arithmetic."""
    try:
        return x / x
    except KeyError:
        return 0.0


def halving(x: float) -> float:
    """A quotient that is whole in C."""
    return x * (1 / 2)


def hasty(x: float) -> float:
    """A second condition that only counts after the first."""
    try:
        positive = x > 0.0 and math.log(x) > 1.0
        return x if positive else 0.0
    except ValueError:
        return 0.0


@pytest.mark.parametrize(("function", "message"), [
    (halving, "a quotient of integers"), (hasty, "a condition that may raise"),
    (between, "a condition that may raise"), (largest, "max> has no source"),
    (whole, "whole: x.is_integer"),
    (looping, "looping: for _ in range"), (swapping, r"swapping: \(y, x\)"),
    (lengthy, "math.hypot is CPython's own"), (conditional, "a condition that may raise"),
    (forgetful, "forgetful: try"), (math.lgamma, "no source"), (TABLE["sum"].forward, "any number"),
    (reductions.share, "any number"),
])  # fmt: skip
def test_what_has_no_word_in_c_is_named(function: Callable[..., float], message: str):
    with pytest.raises(UnprintableError, match=message):
        lines(function)


def test_a_new_row_that_is_neither_printed_nor_listed_is_an_error(monkeypatch):
    row = Primitive(looping, lambda x: 1, "A loop.", name="loop")
    monkeypatch.setitem(TABLE, "loop", row)
    with pytest.raises(UnprintableError, match=r"loop has no C \(looping: for .* reason in LEFT"):
        header()


def test_a_formula_is_written_out_in_place():
    row = Primitive(formula(lambda x: x / (1 + abs(x))), lambda x: 1 / (1 + abs(x)) ** 2)
    assert printed(row, Functions())[1:] == (
        "x / (1.0 + fabs(x))", ["1.0 / pow(1.0 + fabs(x), 2.0)"]
    )  # fmt: skip


@pytest.mark.parametrize(("meant", "written"), [
    (lambda x, y: x - (y - x), "x - (y - x)"),
    (lambda x, y: -rules.negative(x) - -y, "-(-x) - -y"),  # two signs in a row would decrement
    (lambda x, y: -2 * (x % y) / y, "-2.0 * ag_remainder(x, y) / y"),
    (lambda x, y: x / (y * x) * (x / y), "x / (y * x) * (x / y)"),
    (lambda x, y: ratio(1, 3) * x + 1, "0.3333333333333333 * x + 1.0"),
    (lambda x, y: (-x) ** 2 + 2**x, "pow(-x, 2.0) + pow(2.0, x)"),
    (lambda x, y: rules.where((x > y) & (y < 3), x, 1) + rules.where(x > y, 0, y),
     "(x > y && y < 3.0 ? x : 1.0) + (x > y ? 0.0 : y)"),
])  # fmt: skip
def test_a_formula_has_parentheses_where_c_needs_them(meant, written: str):
    language = Functions().language
    assert language(meant(variable("x"), variable("y"))) == written


# -- the shares of two operands ------------------------------------------------------------------


@pytest.mark.parametrize(("many", "of_two"), [
    (reductions.shares, reductions.share_of_two),
    (reductions.max_shares, reductions.max_share_of_two),
])  # fmt: skip
def test_a_share_of_two_is_the_first_of_the_shares_of_many(many, of_two):
    pairs = [*itertools.product(SPECIAL, repeat=2), *zip(numbers(1), numbers(2), strict=True)]
    pairs += [(x, x + 1e-3 * y) for x, y in pairs]
    for x, y in pairs:
        assert bits([of_two(x, y), of_two(y, x)]) == bits(many(x, y)), (x, y)


# -- bits ----------------------------------------------------------------------------------------

HARNESS = """
#include "rules.h"
#define UNARY(name) \\
    void all_##name(long n, const double *x, double *out) \\
    { \\
        for (; n--; x += 1, out += 2) { \\
            out[0] = name##_value(x[0]); \\
            out[1] = name##_by_x(x[0], out[0]); \\
        } \\
    }
#define BINARY(name) \\
    void all_##name(long n, const double *x, double *out) \\
    { \\
        for (; n--; x += 2, out += 3) { \\
            out[0] = name##_value(x[0], x[1]); \\
            out[1] = name##_by_x(x[0], x[1], out[0]); \\
            out[2] = name##_by_y(x[0], x[1], out[0]); \\
        } \\
    }
UNARY_ROWS(UNARY)
BINARY_ROWS(BINARY)
void all_fsum3(long n, const double *x, double *out)
{
    for (; n--; x += 3, out++)
        *out = py_fsum3(x[0], x[1], x[2]);
}
"""


def compiled(text: str, folder: Path) -> ctypes.CDLL:
    """The rules of a header, in a library of their own."""
    compiler = shlex.split(os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc")
    if not shutil.which(compiler[0]):
        reason = f"no C compiler ({compiler[0]}) is here: apt-get install build-essential"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    (folder / "rules.h").write_text(text, encoding="utf-8")
    (folder / "rules.c").write_text(HARNESS)
    flags = ["-O2", "-Wall", "-Werror", "-ffp-contract=off", "-fPIC", "-shared"]
    names = [str(folder / "rules.c"), "-o", str(folder / "rules.so"), "-lm"]
    done = subprocess.run([*compiler, *flags, *names], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return ctypes.CDLL(str(folder / "rules.so"))


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> ctypes.CDLL:
    """The printed rules, compiled."""
    return compiled(HEADER.read_text(encoding="utf-8"), tmp_path_factory.mktemp("rules"))


def in_c(
    library: ctypes.CDLL, name: str, size: int, points: list[tuple[float, ...]]
) -> list[tuple[float, ...]]:
    """What a function of the harness answers at many points, so many floats at each."""
    xs = array("d", itertools.chain.from_iterable(points))
    out = array("d", bytes(8 * len(points) * size))
    given, found = ((ctypes.c_double * len(a)).from_buffer(a) for a in (xs, out))
    getattr(library, f"all_{name}")(ctypes.c_long(len(points)), given, found)
    return list(zip(*[iter(out)] * size, strict=True))


def in_python(row: Primitive, active: Sequence[int]) -> Callable[..., list[float]]:
    """Value and partials by some operands, as the engine finds them.

    Where the quick form of what is asked for raises, all of it is found in the general way.
    """
    names = ", ".join(row.operand_names)
    quick = QUICK(Expression(row, tuple(map(variable, row.operand_names))))
    value = eval(f"lambda {names}: {quick}", FLOATS)
    rules = ", ".join(QUICK(row.rules[i]) for i in active)
    partials = eval(f"lambda {names}, out: [out, {rules}]", FLOATS)

    def found(*xs: float) -> list[float]:
        try:
            return partials(*xs, value(*xs))
        except (ArithmeticError, ValueError):
            out = row.forward(*xs)
            return [out, *row.partials_by(active, xs, out)]

    return found


def bits(xs: Iterable[float]) -> bytes:
    """The bits of floats, in which all nans are one."""
    return array("d", [x if x == x else NAN for x in xs]).tobytes()


def numbers(seed: object) -> list[float]:
    """Random floats: of any magnitude, moderate, beside what is special, whole and half numbers."""
    rng = random.Random(repr(seed))
    found: list[float] = []
    while len(found) < POINTS:
        near = rng.choice(EDGES)
        for _ in range(rng.randrange(4)):
            near = math.nextafter(near, rng.choice((-INF, INF)))
        (anything,) = struct.unpack("<d", rng.randbytes(8))
        tiny = rng.choice((-1, 1)) * rng.randrange(1 << 52) * SMALLEST
        power = rng.choice((-1, 1)) * 10.0 ** rng.uniform(-308, 308)
        scale = rng.choice((1.0, 1.0, 5.0, 50.0, 800.0))
        found += [near, anything, tiny, power, rng.gauss(0, scale), rng.gauss(0, scale)]
        found.append(rng.randrange(-60, 60) / 2)
    return found[:POINTS]


def points(row: Primitive) -> list[tuple[float, ...]]:
    """Where a row is tried: all that is special crossed, and random points, some of them close."""
    ends = [x for x in (*itertools.chain(*row.domain), *row.kinks) if math.isfinite(x)]
    if row.arity == 1:
        return [(x,) for x in [*EDGES, *ends, *numbers(row.name)]]
    special = [*SPECIAL, *ends]
    rng = random.Random(row.name)
    pairs = zip(
        numbers(row.name), sorted(numbers("other"), key=lambda _: rng.random()), strict=True
    )
    near = lambda x, y: x + rng.choice((0.0, 1e-16, 1e-8, 1.0)) * rng.gauss(0, 1) * x  # noqa: E731
    mixed = [(x, near(x, y) if rng.random() < 0.1 else y) for x, y in pairs]
    return [*itertools.product(special, repeat=2), *mixed]


def differences(library: ctypes.CDLL, row: Primitive) -> list[tuple[float, ...]]:
    """The points where C is not Python, of Values and of a Value with a literal on either side."""
    tried, arity = points(row), row.arity or 0
    assert len(tried) >= POINTS + len(SPECIAL) ** arity
    answers = in_c(library, row.name, 1 + arity, tried)
    wrong = []
    for active in [(0,)] if arity == 1 else [(0, 1), (0,), (1,)]:
        python = in_python(row, active)
        expected = [bits(python(*xs)) for xs in tried]
        found = [bits([out, *(slopes[i] for i in active)]) for out, *slopes in answers]
        wrong += [xs for xs, a, b in zip(tried, expected, found, strict=True) if a != b]
    return wrong


@pytest.mark.parametrize("row", PRINTED, ids=lambda row: row.name)
def test_c_and_python_give_the_same_bits(row: Primitive, library: ctypes.CDLL):
    assert not differences(library, row)


@pytest.mark.parametrize(("name", "right", "wrong"), [
    ("power", "if (py_raised1(r2, x)) goto raised1;", ""),
    ("power", "if (fabs(y) < 0.5)", "if (1)"),
    ("floor_divide", "copysign(0.0, x / y)", "0.0"),
    ("floor_divide", "q -= 1.0", "q -= 0.0"),
    ("remainder", "return copysign(0.0, y)", "return r"),
    ("divide", "1e-290 < s", "0.0 < s"),
    ("logaddexp", "x > -INFINITY", "1"),
    ("silu", "x > -700.0", "1"),
    ("gelu", "return most + odd", "return most + rest"),
    ("cbrt", "c - c", "0"),
])  # fmt: skip
def test_a_bug_in_the_c_is_noticed(name: str, right: str, wrong: str, tmp_path: Path):
    text = HEADER.read_text(encoding="utf-8")
    assert right in text
    assert differences(compiled(text.replace(right, wrong), tmp_path), TABLE[name])


@pytest.mark.parametrize("row", PRINTED, ids=lambda row: row.name)
def test_c_gives_what_values_do(row: Primitive, library: ctypes.CDLL):
    arity = row.arity or 0
    tried = list(itertools.product(SPECIAL, repeat=arity))
    answers = in_c(library, row.name, 1 + arity, tried)
    for xs, answer in zip(tried, answers, strict=True):
        y = row(*map(Value, xs))
        assert bits(answer) == bits([y.data, *y.partials]), xs


@pytest.mark.parametrize(("name", "xs", "answer"), [
    ("remainder", (-1.0, 1.0), (0.0, 1.0, 1.0)), ("remainder", (1.0, -1.0), (-0.0, 1.0, 1.0)),
    ("remainder", (-1.0, 3.0), (2.0, 1.0, 1.0)), ("floor_divide", (0.0, -1.0), (-0.0, 0.0, 0.0)),
    ("floor_divide", (1.0, 0.2), (4.0, 0.0, 0.0)),  # 0.2 is above a fifth
    ("fmod", (-7.0, 4.0), (-3.0, 1.0, 1.0)),
    ("power", (-0.0, -0.9999999999999999), (INF, -INF, -INF)),
    ("power", (0.0, 0.0), (1.0, 0.0, 0.0)), ("power", (0.0, -1.0), (INF, -INF, -INF)),
    ("power", (-2.0, 3.0), (-8.0, 12.0, NAN)), ("power", (-2.0, 0.5), (NAN, NAN, NAN)),
    ("logaddexp", (-INF, -INF), (-INF, 0.0, 0.0)), ("logaddexp", (INF, INF), (INF, 0.5, 0.5)),
    ("logaddexp", (INF, 0.0), (INF, 1.0, 0.0)), ("logaddexp", (NAN, INF), (NAN, NAN, NAN)),
    ("maximum", (2.0, 2.0), (2.0, 0.5, 0.5)), ("maximum", (NAN, 2.0), (NAN, NAN, NAN)),
    ("minimum", (-0.0, 0.0), (-0.0, 0.5, 0.5)), ("relu", (-0.0,), (0.0, 0.0)),
    ("log", (0.0,), (-INF, INF)), ("log", (-1.0,), (NAN, NAN)), ("arctanh", (1.0,), (INF, INF)),
    ("divide", (1.0, -0.0), (-INF, -INF, -INF)), ("arctan2", (0.0, 0.0), (0.0, NAN, NAN)),
])  # fmt: skip
def test_what_other_libraries_have_had_wrong_is_right(name, xs, answer, library: ctypes.CDLL):
    """By C99's Annex F, and by what the rows say of their edges."""
    assert bits(in_c(library, name, len(answer), [xs])[0]) == bits(answer)


def test_the_sum_of_three_is_rounded_once(library: ctypes.CDLL):
    """Also where the last bit hangs on what is far smaller, and with zeros of either sign."""
    rng = random.Random(3)
    tried = [
        tuple(rng.choices((0.0, -0.0, 1.0, -1.0, SMALLEST, 2.0**-53), k=3)) for _ in range(999)
    ]
    for _ in range(POINTS):
        x = rng.gauss(0, 1) * 2.0 ** rng.randrange(-300, 300)
        y = rng.choice((-1, 1, rng.random())) * math.ulp(x) / rng.choice((1, 2, 4))
        z = rng.choice((0.0, SMALLEST, y, y * 2.0**-60, rng.gauss(0, 1) * math.ulp(y), -x))
        tried.append(tuple(rng.sample((x, y, z), 3)))
    for xs, (total,) in zip(tried, in_c(library, "fsum3", 1, tried), strict=True):
        assert bits([total]) == bits([math.fsum(xs)]), xs
