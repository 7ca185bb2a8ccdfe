"""Make the page of functions: domains, kinks and measured errors, from the table of rules.

Run ``python notebooks/reference/functions.py`` to measure at 20,000 points a function and to write
``functions.md`` and ``functions_ulp.svg`` (about an hour on two cores). ``--points 200``
measures less, ``--only NAME`` one function, ``--keep`` none: it takes the figures from the page as
it is and writes the rest anew. A test holds the page to the table. ``accuracy.py`` measures.
"""

from __future__ import annotations

import argparse
import functools
import math
import multiprocessing
import platform
import random
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
PAGE = HERE / "functions.md"
PLOT = HERE / "functions_ulp.svg"
sys.path.insert(0, str(HERE))

from accuracy import SHARE, TRUTH, Worst, measure  # noqa: E402  (from the folder that is put there)

from autograd import files  # noqa: E402  (from the folder that is put there)
from autograd.functions import rules  # noqa: E402  (from the folder that is put there)
from autograd.functions.calls import Primitive  # noqa: E402  (from the folder that is put there)
from autograd.functions.row import REALS  # noqa: E402  (from the folder that is put there)
from autograd.testing.roundings import partials_at  # noqa: E402  (from the folder that is put there)

INTRODUCTION = """# The functions: domains, kinks, measured errors

Made by `functions.py` from the table of rules; do not edit.

![ULP error of the derivative over the domain, beside the naive form](functions_ulp.svg)

## Domains, kinks and ends

"""
MEASURED = """
## Measured errors

In units in the last place (ULP) against mpmath, the largest of {points:,} points of the domain
each: plain numbers, all magnitudes down to the subnormal ones, and the neighbourhoods of the points
where formulas change and where a function of one operand or a derivative of it is 0. Second and
third partials are measured at one point of {share}, and at all about zeros. Measured with
{platform}.

- The bound of the project is 4 ULP for first partials{largest}.
- The unit of a value is its own, or that of the largest term where it is a difference: of lgamma
  and digamma at negative numbers, logaddexp, logsumexp and dot.
- The unit of a second or third partial is that of the largest of it and of the lower ones by some
  of its operands, each divided by max(1, |x|) for every operand x that it lacks. For second
  derivatives of f(x) this is the larger of f''(x) and f'(x)/max(1, |x|). Left out are kinks,
  poles, powers of negative numbers, and partials beyond the doubles.

"""
WORST = """
## Where they are largest

"""
DOMAINS = "| function | domain | at kinks and ends |"
ERRORS = "| function | value | first partials | second | third |"


@dataclass(frozen=True)
class Figures:
    """The largest errors of a function, of each order as text, and where each of them is."""

    errors: tuple[str, ...]
    where: tuple[str, ...]


EXACT = Figures(("exact",) * 4, ("",) * 4)


def rows() -> list[Primitive]:
    """The functions that have a page: all public ones, and `dot`."""
    return [rules.TABLE[name] for name in (*rules.PUBLIC, "dot")]


def figures_of(name: str, points: int) -> Figures:
    """Measure a function, and write the result down."""
    row = rules.TABLE[name]
    if row is rules.where:
        return EXACT
    found = measure(name, points)
    first = max(found.first, key=lambda worst: worst.error)
    worst = (found.value, first, found.second, found.third)
    errors = [_ulps(x) for x in worst]
    errors[1] = ", ".join(map(_ulps, found.first))
    return Figures(tuple(errors), tuple(_place(row, x) for x in worst))


def _ulps(worst: Worst) -> str:
    """An error as text."""
    return f"{worst.error:.2f}" if worst.error < 1000 else f"{worst.error:.2g}"


def _place(row: Primitive, worst: Worst) -> str:
    """Where an error is largest: by which operands, and at which."""
    if not worst.error:
        return ""
    names = row.operand_names if row.arity else range(len(worst.operands))
    by = "".join(f"{names[i]}, " for i in worst.places).removesuffix(", ")
    at = ", ".join(map(repr, worst.operands))
    return f"by {by}: {at}" if by and len(worst.operands) > 1 else at


def page(figures: dict[str, Figures], points: int, system: str) -> str:
    """The whole page, of given figures."""
    cells = {row.name: f"`{_call(row)}`" for row in rows()}
    text = INTRODUCTION
    text += _table(DOMAINS, [[cells[row.name], _domain(row), _edges(row)] for row in rows()])
    measured_by_term = [name for name, truth in TRUTH.items() if truth.largest is not None]
    largest = ""
    if measured_by_term:
        largest = f"; of {', '.join(measured_by_term)} the unit is that of the largest term"
    text += MEASURED.format(points=points, share=SHARE, platform=system, largest=largest)
    text += _table(ERRORS, [[cells[name], *figures[name].errors] for name in cells])
    text += WORST
    return text + _table(ERRORS, [[cells[name], *figures[name].where] for name in cells])


def _table(head: str, lines: Sequence[Sequence[str]]) -> str:
    """A table in Markdown."""
    text = [head, "|---" * (head.count("|") - 1) + "|"]
    text += ["| " + " | ".join(cell.replace("|", r"\|") for cell in line) + " |" for line in lines]
    return "\n".join(text) + "\n"


def read() -> tuple[dict[str, Figures], int, str]:
    """The figures, the number of points and the system that the page as it is states."""
    text = PAGE.read_text(encoding="utf-8")
    _, errors, where = text.split("\n## ")[1:]
    found = [
        {
            line.strip("| `").partition("(")[0]: tuple(x.strip() for x in line.split(" | ")[1:])
            for line in part.splitlines()
            if line.startswith("| `")
        }
        for part in (errors.replace(" |\n", "\n"), where.replace(" |\n", "\n"))
    ]
    figures = {name: Figures(found[0][name], found[1][name]) for name in found[0]}
    points = int(errors.partition("the largest of ")[2].partition(" points")[0].replace(",", ""))
    system = " ".join(errors.partition("Measured with")[2].partition(".\n")[0].split())
    return figures, points, system


def _call(row: Primitive) -> str:
    """How the function is called."""
    names = ["xs"] if row.arity is None else list(row.operand_names)
    if row is rules.dot:
        names = ["ws", "xs", "b"]
    return f"{row.name}({', '.join(names)})"


def _domain(row: Primitive) -> str:
    """The domain in words; nothing where it is all numbers."""
    pairs = zip(row.operand_names, row.domain, strict=False)
    limited = [(name, ends) for name, ends in pairs if ends != REALS]
    parts = [f"{low:g} <= {name} <= {high:g}" for name, (low, high) in limited]
    return ", ".join(parts).replace(" <= inf", "").replace("-inf <= ", "")


def _edges(row: Primitive) -> str:
    """Value and derivative at kinks and at the ends of the domain, and what the row says."""
    low, high = row.domain[0]
    points = sorted({x for x in (low, high, *row.kinks) if math.isfinite(x)})
    told = []
    if row.arity == 1:
        for x in points:
            out = row.forward(x)
            told.append(f"at {x:g}: value {out:g}, derivative {partials_at(row, [x], out)[0]:g}")
    return "; ".join(told) + (". " if told and row.edges else "") + row.edges


# -- the plot ---------------------------------------------------------------------------------

GROUP = 8  # points of which the worst is drawn
_LOG10 = math.log(10.0)
NAIVE: list[tuple[str, str, Callable[[float], float], tuple[float, float]]] = [
    ("tanh", "1 - t*t", lambda x: 1 - math.tanh(x) ** 2, (1e-3, 400)),
    ("sigmoid", "s*(1 - s)", lambda x: _s(x) * (1 - _s(x)), (1e-3, 740)),
    ("softplus", "e**x/(1 + e**x)", lambda x: math.exp(x) / (1 + math.exp(x)), (1e-3, 800)),
    ("expm1", "y + 1", lambda x: math.expm1(x) + 1, (-1e-3, -700)),
    ("arcsin", "1/sqrt(1 - x*x)", lambda x: 1 / math.sqrt(1 - x * x), (1e-3, 1)),
    ("arctanh", "1/(1 - x*x)", lambda x: 1 / (1 - x * x), (1e-3, 1)),
    ("arccosh", "1/sqrt(x*x - 1)", lambda x: 1 / math.sqrt(x * x - 1), (1, 1e200)),
    ("arcsinh", "1/sqrt(1 + x*x)", lambda x: 1 / math.sqrt(1 + x * x), (1e-3, 1e300)),
    ("arctan", "1/(1 + x*x)", lambda x: 1 / (1 + x * x), (1e-3, 1e160)),
    ("erf", "2/sqrt(pi)*e**(-x*x)",
     lambda x: 2 / math.sqrt(math.pi) * math.exp(-x * x), (1e-3, 27)),
    ("normal_pdf", "-x*e**(-x*x/2)/sqrt(2*pi)",
     lambda x: -x * (math.exp(-x * x / 2) / math.sqrt(math.tau)), (1e-3, 38.5)),
    ("silu", "s*(1 + x*(1 - s))", lambda x: _s(x) * (1 + x * (1 - _s(x))), (-1e-3, -750)),
    ("gelu", "cdf + x*pdf, by erf",
     lambda x: 0.5 * (1 + math.erf(x * math.sqrt(0.5)))
     + x * math.exp(-x * x / 2) / math.sqrt(math.tau), (-1e-3, -38.5)),
    ("cbrt", "y/(3*x)", lambda x: math.cbrt(x) / (3 * x), (1e-300, 1e300)),
    ("log10", "1/(x*ln 10)", lambda x: 1 / (x * _LOG10), (1e-300, 1.7e308)),
    ("exp2", "y*ln 2", lambda x: 2.0**x * math.log(2), (1e-3, 1024.5)),
]  # fmt: skip


def _s(x: float) -> float:
    """The sigmoid, as it is usually written."""
    return 1 / (1 + math.exp(-x))


def errors(f: Callable[[float], float], name: str, xs: Sequence[float]) -> list[float]:
    """The largest errors of a derivative over groups of points; 1e17 where it is no number."""
    found = []
    for x in xs:
        try:
            error = TRUTH[name].partial_ulps(f(x), 0, x)
        except (ArithmeticError, ValueError):
            error = math.inf
        found.append(min(max(error, 0.02), 1e17))
    return [max(found[i : i + GROUP]) for i in range(0, len(found), GROUP)]


def spread(low: float, high: float, count: int, rng: random.Random) -> list[float]:
    """Points between two ends, by magnitude; towards 1 by the distance from it."""
    if high == 1:
        return [1 - 10 ** rng.uniform(-15, -1e-3) for _ in range(count)]
    if low == 1:
        near = [1 + 10 ** rng.uniform(-15, 0) for _ in range(count // 2)]
        return near + [10 ** rng.uniform(0.1, math.log10(high)) for _ in range(count - len(near))]
    sign, a, b = math.copysign(1, high), math.log10(abs(low)), math.log10(abs(high))
    return [sign * 10 ** rng.uniform(a, b) for _ in range(count)]


def plot(count: int = 480) -> None:
    """Draw the errors of the library's derivatives beside those of the naive forms."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams.update({"svg.hashsalt": "functions", "font.size": 8, "svg.fonttype": "none"})
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(4, 4, figsize=(13, 11), sharey=True, layout="constrained")
    for axis, (name, label, naive, ends) in zip(axes.flat, NAIVE, strict=True):
        origin = 1.0 if 1 in ends else 0.0
        drawn = spread(*ends, count, random.Random(name))
        xs = sorted(drawn, key=lambda x, origin=origin: abs(x - origin))
        places = [abs(x - origin) for x in xs[::GROUP]]
        axis.plot(places, errors(naive, name, xs), color="#c0392b", linestyle="--", label=label)
        axis.plot(places, errors(derivative(name), name, xs), color="#1f5fa8", label="this library")
        axis.axhline(4, color="black", linewidth=0.6)
        axis.set(xscale="log", yscale="log", ylim=(0.01, 1e18), title=f"derivative of {name}")
        axis.set_xlabel("distance from 1" if origin else "-x" if ends[1] < 0 else "x")
        axis.legend(loc="upper left", fontsize=7)
    figure.supylabel("error of the derivative in ULP; thin line: 4; at the top: no digit is right")
    figure.savefig(PLOT, metadata={"Date": None})


def derivative(name: str) -> Callable[[float], float]:
    """The library's derivative of a function of one operand, on floats."""
    row = rules.TABLE[name]
    return lambda x: float(partials_at(row, [x], row.forward(x))[0])


def _system() -> str:
    """What the figures are measured with."""
    return f"Python {platform.python_version()} and {' '.join(platform.libc_ver())}".strip()


def _slow_first(name: str) -> int:
    """What takes mpmath longest comes first, so that no process is left alone with it."""
    slow = ("digamma", "elu", "gelu", "lgamma", "power", "normal_pdf", "norm", "logsumexp")
    return slow.index(name) if name in slow else len(slow)


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=20_000, help="points for each function")
    parser.add_argument("--jobs", type=int, default=2, help="processes to measure in")
    parser.add_argument("--keep", action="store_true", help="keep the figures, write the rest")
    parser.add_argument("--only", action="append", metavar="NAME", help="keep all others' figures")
    options = parser.parse_args()
    figures, points, system = {}, options.points, _system()
    if options.keep or options.only:
        figures, points, system = read()
    if not options.keep:
        names = options.only or sorted((row.name for row in rows()), key=_slow_first)
        with multiprocessing.Pool(options.jobs) as pool:
            found = pool.map(functools.partial(figures_of, points=points), names, chunksize=1)
        figures |= dict(zip(names, found, strict=True))
    files.write(PAGE, page(figures, points, system))
    plot()


if __name__ == "__main__":
    main()
