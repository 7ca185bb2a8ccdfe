"""The rules in C: value and partials of every row of one or two operands, from the table.

``python -m autograd.native.printing`` writes `rules.h`, which is committed and never edited.
"""

from __future__ import annotations

import json
from inspect import signature
from pathlib import Path
from typing import NamedTuple

from autograd.functions.calls import Primitive
from autograd.functions.formulas import Expression, variable
from autograd.functions.rules import TABLE
from autograd.native.expressions import UnprintableError
from autograd.native.floats import Functions

HEADER = Path(__file__).with_name("rules.h")

# The rows that Python keeps, and why.
_HYPOT = "math.hypot is CPython's own algorithm, not the C library's"
_HERMITE = "its derivatives of any order take loops over polynomials"
_INTEGERS = "its derivatives take integers of any size"
LEFT = {
    **dict.fromkeys(("hypot", "arcsinh", "unit_hypot"), _HYPOT),
    "lgamma": "math.lgamma is CPython's own algorithm, not the C library's",
    "digamma": "its derivative is a sum of any length by math.fsum, CPython's own algorithm",
    **dict.fromkeys(("exp_neg_square", "x_normal_pdf", "gelu_slope"), _HERMITE),
    **dict.fromkeys(("gamma", "over_square", "over_norm_square"), _INTEGERS),
    **dict.fromkeys(("power_by_base", "power_by_exponent"), "its derivatives take polynomials"),
}


class Printed(NamedTuple):
    """A row in C: expressions in the names of its operands and `out`."""

    row: Primitive
    value: str
    partials: list[str]


def candidates() -> list[Primitive]:
    """Return the rows that the engine has fast ways into: of one or two operands of numbers."""
    rows = TABLE.values()
    return [x for x in rows if x.arity in (1, 2) and x.method and not (x.predicate or x.integers)]


def printed(row: Primitive, functions: Functions) -> Printed:
    """Return a row in C, and have the float functions that it calls printed.

    Raises
    ------
    UnprintableError
        If one of them cannot be.
    """
    language = functions.language
    value = Expression(row, tuple(map(variable, row.operand_names)))
    try:
        return Printed(row, language(value), [language(rule) for rule in row.rules])
    except UnprintableError as error:
        remedy = "write it otherwise, or give the reason in LEFT of autograd.native.printing"
        raise UnprintableError(f"{row.name} has no C ({error}): {remedy}") from error


def header() -> str:
    """Return the text of rules.h.

    Raises
    ------
    UnprintableError
        If a row cannot be printed that is not listed as left to Python.
    """
    functions = Functions()
    rows = [printed(row, functions) for row in candidates() if row.name not in LEFT]
    parts = [*functions.printed.values(), *map(_definitions, rows)]
    for name, arity in (("UNARY_ROWS", 1), ("BINARY_ROWS", 2)):
        names = [x.row.name for x in rows if x.row.arity == arity]
        listed = " \\\n".join(f"    ROW({name})" for name in names)
        parts.append(f"#define {name}(ROW) \\\n{listed}\n")
    left = "".join(f"\n   {name}: {reason}" for name, reason in LEFT.items())
    return _HEAD + INCLUDES + PYTHONS + "\n" + "\n".join(parts) + f"\n/* Left to Python:{left} */\n"


def _definitions(x: Printed) -> str:
    """The C functions of a row: its value, and its partial by each operand."""
    given = ", ".join(f"double {name}" for name in x.row.operand_names)
    functions = {"value": (given, x.value)}
    for name, partial in zip("xy", x.partials, strict=False):
        functions[f"by_{name}"] = (f"{given}, double out", partial)
    lines = [
        f"static inline double {x.row.name}_{name}({parameters}) {{ return {text}; }}\n"
        for name, (parameters, text) in functions.items()
    ]
    return f"/* {x.row.summary} */\n{_documented(x.row)}{''.join(lines)}"


def _documented(row: Primitive) -> str:
    """The docstring of the method of a row, from whose first line Python reads its signature."""
    parameters = str(signature(row)).removeprefix(f"({row.operand_names[0]}")
    text = f"{row.name}($self{parameters}\n--\n\n{row.summary}"
    return f"#define {row.name}_doc {json.dumps(text)}\n"


_HEAD = """\
/* The elementary functions on doubles, in the bits of the Python twin. Printed from the table by
   python -m autograd.native.printing; do not edit.

   UNARY_ROWS(ROW) and BINARY_ROWS(ROW) list the rows of one and of two operands. Of each there are
   NAME_value(x), or NAME_value(x, y), and the local partials by the first and the second operand,
   NAME_by_x(x, out), or NAME_by_x(x, y, out) and NAME_by_y(x, y, out), where `out` is the value;
   NAME_doc is the docstring of its method, with the signature.
   They answer as IEEE 754 does and never fail. Compile with -ffp-contract=off. */
"""

# What every C file of doubles begins with whose bits are to be Python's.
INCLUDES = """
#include <float.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#if FLT_EVAL_METHOD != 0 || defined(__FAST_MATH__)
#error "doubles have to be computed as such: the Python twin serves here"
#endif
#if defined(_MSC_VER)
#pragma fp_contract(off)
#elif defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#endif

"""

PYTHONS = """\
/* Python's %: its sign is that of y. */
static double py_remainder(double x, double y)
{
    double r = fmod(x, y);
    if (r == 0.0)
        return copysign(0.0, y);
    return (r < 0.0) != (y < 0.0) ? r + y : r;
}

/* Python's //, of a y other than 0. */
static double py_floor_divide(double x, double y)
{
    double r = fmod(x, y), q = (x - r) / y, whole;
    if (r != 0.0 && (r < 0.0) != (y < 0.0))
        q -= 1.0;
    if (q == 0.0)
        return copysign(0.0, x / y);
    whole = floor(q);
    return q - whole > 0.5 ? whole + 1.0 : whole;
}

/* The rounded sum of two, and what rounding took away (Knuth 4.2.2). */
static void py_two_sum(double a, double b, double *sum, double *error)
{
    double s = a + b, z = s - a;
    *sum = s;
    *error = (a - (s - z)) + (b - z);
}

/* math.fsum of three finite numbers, their sum rounded once (Boldo and Melquiond 2008). */
static double py_fsum3(double a, double b, double c)
{
    double high, low, most, rest, odd, error;
    uint64_t bits;
    py_two_sum(b, c, &high, &low);
    py_two_sum(a, high, &most, &rest);
    py_two_sum(rest, low, &odd, &error);
    memcpy(&bits, &odd, sizeof bits);
    if (error != 0.0 && !(bits & 1))    /* rounded to odd, it says on which side of a tie it is */
        odd = nextafter(odd, error > 0.0 ? INFINITY : -INFINITY);
    return most + odd;
}

/* math.frexp: C leaves open what the exponent of inf and nan is. */
static double py_frexp(double x, int *e)
{
    *e = 0;
    return x - x == 0.0 ? frexp(x, e) : x;
}

/* Whether a function of `math` raises: a nan of numbers, an infinity of finite ones. */
static int py_raised1(double r, double x)
{
    return r != r ? x == x : r - r != 0.0 && x - x == 0.0;
}

static int py_raised2(double r, double x, double y)
{
    return r != r ? x == x && y == y : r - r != 0.0 && x - x == 0.0 && y - y == 0.0;
}
"""

if __name__ == "__main__":
    HEADER.write_text(header(), encoding="utf-8")
