"""The rules in JavaScript: printed from the table, and equal to Python's within 1e-12."""

from __future__ import annotations

import atexit
import functools
import itertools
import json
import math
import os
import random
import shutil
import subprocess
import sys
from typing import Any

import pytest

from autograd.display.javascript import MODULE, printed, said
from autograd.display.page import asset
from autograd.display.scripts import Scripts
from autograd.functions.calls import Primitive
from autograd.functions.row import formula
from autograd.functions.rules import TABLE
from autograd.native.expressions import UnprintableError

INF, NAN = math.inf, math.nan
RULES = asset("python.js", "rules.js")
SAID = [row for row in TABLE.values() if f"\n  {row.name}: {{" in RULES]
SIZES = (0.0, INF, sys.float_info.max, sys.float_info.min, 5e-324, 1.0, 0.5, 2.0, 3.0, 1e-300,
         1e-154, 1e-8, 1 / 3, math.pi, 2.5, 6.0, 26.7, 37.5, 40.0, 700.0, 709.8, 745.2, 800.0,
         2.0**52 + 0.5, 2.0**53, 1e154, 1e290, 1.0 - 2.0**-53, 1.0 + 2.0**-52,
         1.2784645427610738)  # fmt: skip
SPECIAL = [NAN, *(sign * size for sign in (1.0, -1.0) for size in SIZES)]
# The functions of JavaScript have errors of their own, of some units in the last place.
DIGITS = 1e-12


# Modules as lines of JSON, each with what its function `answer` is given: a process of its own for
# each would take a tenth of a second. A module is fresh each time, whatever the last one left.
SERVER = """
import { createInterface } from 'node:readline';
const told = (x) => JSON.stringify(x, (_, y) => (typeof y === 'number' &&
  !Number.isFinite(y) ? String(y) : y));
let count = 0;
for await (const line of createInterface({ input: process.stdin })) {
  const [source, given] = JSON.parse(line);
  const text = Buffer.from(`${source}\nexport { answer }; // ${count++}`).toString('base64');
  let reply;
  try {
    reply = [(await import(`data:text/javascript;base64,${text}`)).answer(given), null];
  } catch (error) {
    reply = [null, String(error.stack)];
  }
  console.log(told(reply));
}
"""


@functools.cache
def server() -> subprocess.Popen[str]:
    """The process of node that answers all the questions of this one."""
    program = shutil.which("node")
    if program is None:
        message = "JavaScript is tested in node, which is not installed: apt install nodejs"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(message)
    process = subprocess.Popen(
        [program, "--input-type=module", "-e", SERVER],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    atexit.register(process.communicate)  # which ends what it reads, and waits
    return process


def node(source: str, given: Any) -> Any:
    """What a module of JavaScript answers: what it makes of `given` by its function `answer`."""
    process = server()
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(f"{json.dumps([source, given])}\n")
    process.stdin.flush()
    answer, error = json.loads(process.stdout.readline())
    assert error is None, error
    return answer


def written(x: float) -> float | str:
    """A number as JSON has it."""
    return x if math.isfinite(x) else {INF: "Infinity", -INF: "-Infinity"}.get(x, "NaN")


def test_the_committed_rules_are_what_the_table_prints() -> None:
    assert MODULE.read_text(encoding="utf-8") == said()[0], (
        "run python -m autograd.display.javascript, and commit rules.js"
    )


def test_the_rows_that_javascript_cannot_say_are_these() -> None:
    """Of the public ones those of the gamma function, which takes integers of any size."""
    left = said()[1]
    assert {name for name in left if not TABLE[name].inner} == {"gamma", "lgamma", "digamma"}
    assert {row.name for row in SAID} | set(left) == {
        row.name for row in TABLE.values() if not row.predicate
    }


@functools.cache
def points(row: Primitive) -> list[list[float]]:
    """Where a row is tried: all that is special crossed, and random points, some of them close."""
    rng = random.Random(row.name)
    count = 1 if row.arity == 1 else 2
    special = [list(xs) for xs in itertools.product(SPECIAL, repeat=count)]
    scales = (1e-3, 1.0, 5.0, 50.0, 1e3)
    found = special + [[rng.gauss(0, rng.choice(scales)) for _ in range(count)] for _ in range(500)]
    found += [[x * (1 + 1e-8 * rng.gauss(0, 1)) for x in xs] for xs in found if len(xs) == 1]
    if row.arity is None:
        sizes = (1, 3, 5, 9)
        found += [[rng.choice(SPECIAL) for _ in range(n)] for n in sizes for _ in range(100)]
        found += [
            [rng.gauss(0, rng.choice(scales)) for _ in range(n)] for n in sizes for _ in range(100)
        ]
        if row.name == "dot":  # weights, as many inputs, and what is added
            found = [xs for xs in found if len(xs) % 2]
    if row.integers:
        found = [xs for xs in found if row.arity or len(xs) > 1]
        orders = [[rng.randrange(6 if row.arity else len(xs) - 1) for _ in range(row.integers)]
                  for xs in found]  # fmt: skip
        found = [order + xs[row.integers :] for order, xs in zip(orders, found, strict=True)]
    missing = (row.arity or 0) - count
    return [xs + [rng.gauss(0, 1) for _ in range(missing)] for xs in found]


ASKED = """
function answer([name, points]) {
  const { value, partials, many } = RULES[name];
  return points.map((point) => {
    const xs = many ? [point.map(Number)] : point.map(Number);
    const out = value(...xs);
    return [out, ...partials(out, ...xs)];
  });
}
"""


def in_javascript(row: Primitive, source: str = RULES) -> list[Any]:
    """What a rule in JavaScript answers at the points of its row."""
    return node(source + ASKED, [row.name, [list(map(written, xs)) for xs in points(row)]])


def differences(row: Primitive, answers: list[Any]) -> list[str]:
    """The points where JavaScript answers something else than Python."""
    wrong = []
    for xs, answer in zip(points(row), answers, strict=True):
        out = row.forward(*xs)
        expected = [out, *row.partials_by(range(len(xs)), xs, out)]
        sizes = [row.terms(*xs) if row.terms else 0.0] + [0.0] * len(xs)
        if not all(map(same, expected, map(float, answer), sizes)):
            wrong.append(f"{row.name}{tuple(xs)}: {answer} for {expected}")
    return wrong


def same(x: float, y: float, terms: float = 0.0) -> bool:
    """Whether two numbers are one, but for roundings; below 1e-300 doubles have fewer digits."""
    if not (math.isfinite(x) and math.isfinite(y)):
        return x == y or (x != x and y != y)
    return abs(x - y) <= DIGITS * max(abs(x), terms) + 1e-310


@pytest.mark.parametrize("row", SAID, ids=lambda row: row.name)
def test_javascript_answers_what_python_does(row: Primitive) -> None:
    assert differences(row, in_javascript(row))[:5] == []


@pytest.mark.parametrize(("name", "right", "wrong"), [
    ("power", "x === 1 || ", ""),
    ("power", "if (remainder(y, 1) != 0) {", "if (remainder(y, 1)) {"),
    ("floor_divide", "q - whole > 0.5 ? whole + 1 : whole", "whole"),
    ("remainder", "(r < 0) !== (y < 0) ? r + y : r", "r"),
    ("rint", "size + 2 ** 52 - 2 ** 52", "Math.round(size)"),
    ("cbrt", "(c - c) != 0", "c - c"),
    ("sum", "2 ** 960", "Infinity"),
    ("prod", "e + (i + j)", "e + i"),
    ("norm", "y == x", "y === x"),
    ("erfc", "k = 100", "k = 5"),
    ("erf", "-x * x", "-x"),
    ("logsumexp", "[-1, ...", "[0, ..."),
])  # fmt: skip
def test_a_bug_in_the_javascript_is_noticed(name: str, right: str, wrong: str) -> None:
    assert right in RULES
    row = TABLE[name]
    assert differences(row, in_javascript(row, RULES.replace(right, wrong)))


def test_a_sum_has_the_very_bits_of_pythons() -> None:
    """Also at ties that hang on what is far smaller, and where terms cancel."""
    rng, sums = random.Random(5), []
    for _ in range(3000):
        x = rng.gauss(0, 1) * 2.0 ** rng.randrange(-300, 300)
        tie = math.ulp(x) / rng.choice((1, 2, 4)) * rng.choice((1, -1))
        least = rng.choice((0.0, 5e-324, tie * 2.0**-60, -x, rng.random()))
        sums.append(rng.sample((x, tie, least, -least), rng.randrange(1, 5)))
    asked = "function answer(sums) { return sums.map(fsum); }"
    assert [float(x) for x in node(RULES + asked, sums)] == [math.fsum(xs) for xs in sums]


def looping(x: float) -> float:
    """Until it is small."""
    while x > 1.0:
        x -= 1.0
    return x


def handled(x: float, *ys: float) -> float:
    """The quotients."""
    try:
        z = [math.log(y) / x for y in ys if y]
    except (ValueError, ZeroDivisionError):
        return 0.0 if not x < 1.0 < x * x else -INF
    return z[-1] or x


def test_a_float_function_is_printed_and_throws_in_a_try_where_python_raises() -> None:
    scripts = Scripts()
    scripts.name(handled)
    assert (
        scripts.printed["ag_handled"]
        == """\
// The quotients.
function ag_handled(x, ys) {
  let z;
  try {
    z = ys.filter((y) => y != 0).map((y) => over(checked(Math.log(y), y), x));
  } catch {
    return !(x < 1 && 1 < x * x) ? 0 : -Infinity;
  }
  return z.at(-1) != 0 ? z.at(-1) : x;
}
"""
    )


def test_what_it_has_no_word_for_is_named() -> None:
    with pytest.raises(UnprintableError, match="looping: while x > 1"):
        Scripts().name(looping)


def test_a_formula_is_written_out_in_place() -> None:
    row = Primitive(formula(lambda x: x / (1 + abs(x))), lambda x: 1 / (1 + abs(x)) ** 2, name="f")
    assert (
        printed(row, Scripts())
        == """\
  f: {
    value: (x) => x / (1 + Math.abs(x)),
    partials: (out, x) => [1 / pow(1 + Math.abs(x), 2)],
  },
"""
    )
