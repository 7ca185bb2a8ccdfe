"""Expressions: by grammar against duals of fractions, by mutation against the rules of errors."""

from __future__ import annotations

import io
import random
import re
import unicodedata
from contextlib import redirect_stderr, redirect_stdout
from fractions import Fraction
from pathlib import Path
from typing import Any

from autograd.__main__ import main
from autograd.functions import rules
from hostile.trying import PIECES, check, hostile_text, obeyed

NAMES = ["x", "y", "\u00b5", "\ufb01", "e\u0301"]  # the last ones have more forms than one
MOST = 1_000_000  # bits of a number
Dual = tuple[Fraction, dict[str, Fraction]]


def attempt(source: random.Random, folder: Path) -> str:
    """Try one expression."""
    return source.choice([exact, exact, mutated, mutated, large])(source, folder)


def command(*arguments: str) -> tuple[int, str, str]:
    """Return the status and what the command prints; both have to be fit for a terminal."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        try:
            status = main(arguments)
        except SystemExit as stop:
            status = int(stop.code or 0)
    shown, error = out.getvalue(), err.getvalue()
    check(status in (0, 2), f"the status is {status}", arguments)
    check(not obeyed(shown), "a terminal would obey the output", shown)
    if status == 2:
        check(shown == "" or "--draw" in arguments, "there is output beside the error", shown)
        check(error.startswith("autograd: error: ") and error.count("\n") == 1, "no line", error)
        check(not obeyed(error), "a terminal would obey the error", error)
        check(len(error) <= 300, "the line is too long", error)
    else:
        check(error == "", "there is an error beside the output", error)
    return status, shown, error


def exact(source: random.Random, folder: Path) -> str:
    """An exact expression and its gradient, against the arithmetic of duals."""
    names = source.sample(NAMES, 2)
    point = {name: Fraction(source.randrange(-9, 10), source.randrange(1, 10)) for name in names}
    tree = grown(source, names, source.randrange(1, 6))
    text = written(tree)
    given = [f"{other_form(source, name)}={number}" for name, number in point.items()]
    used = {name for name in names if name in text}
    given = [x for x, name in zip(given, names, strict=True) if name in used]
    drawn = []
    if source.random() < 0.1:
        name = "".join(
            c for c in hostile_text(source)[:20] if c not in "/\0" and not "\ud800" <= c <= "\udfff"
        )
        drawn = ["--draw", str(folder / f"x{name}.dot")]
    status, shown, error = command(text, *given, "--exact", *drawn)
    try:
        value, slopes = dual(tree, point)
    except ZeroDivisionError:
        check(status == 2, "a division by zero has a value", (text, given))
        return "refused"
    if status == 2 and "nothing to draw" in error:
        check(not used, "an expression with a variable is not drawn", (text, given))
        return "refused"
    if status == 2:
        check("bits" in error, "a right expression is refused", (text, given, error))
        return "refused"
    lines = dict(x.strip().rsplit(" = ", 1) for x in shown.splitlines() if " = " in x)
    by_name = {unicodedata.normalize("NFKC", name): x for name, x in slopes.items()}
    found = {key.removeprefix("d/d"): x for key, x in lines.items() if key.startswith("d/d")}
    if "bits" in shown:
        return "large"
    first = Fraction(shown.splitlines()[0].rsplit(" = ", 1)[1])
    check(first == value, "wrong value", (text, given))
    for name, number in found.items():
        check(Fraction(number) == by_name.get(name, 0), f"wrong slope by {name}", (text, given))
    check(set(by_name) <= set(found), "a slope is missing", (text, given))
    return "right"


def other_form(source: random.Random, name: str) -> str:
    """Return a name in a form that Python takes for the same."""
    return unicodedata.normalize(source.choice(["NFC", "NFD", "NFKC", "NFKD"]), name)


def grown(source: random.Random, names: list[str], depth: int) -> Any:
    """Return a random tree of arithmetic."""
    if not depth:
        return source.choice([*names, *names, Fraction(source.randrange(10))])
    sign = source.choice(["+", "-", "*", "/", "**", "neg"])
    left = grown(source, names, depth - 1)
    if sign == "neg":
        return (sign, left)
    if sign == "**":
        return (sign, left, Fraction(source.choice([-2, -1, 1, 2, 3])))
    return (sign, left, grown(source, names, source.randrange(depth)))


def written(tree: Any) -> str:
    """Return a tree as text."""
    if not isinstance(tree, tuple):
        return str(tree)
    if tree[0] == "neg":
        return f"(-{written(tree[1])})"
    return f"({written(tree[1])} {tree[0]} {written(tree[2])})"


def dual(tree: Any, point: dict[str, Fraction]) -> Dual:
    """Return the value of a tree and its slopes, by the rules of the first order."""
    if isinstance(tree, str):
        return point[tree], {tree: Fraction(1)}
    if isinstance(tree, Fraction):
        return tree, {}
    (a, da), *rest = (dual(part, point) for part in tree[1:])
    b, db = rest[0] if rest else (Fraction(0), {})
    by = {**da, **db}

    def joined(left: Fraction, right: Fraction) -> dict[str, Fraction]:
        return {name: left * da.get(name, 0) + right * db.get(name, 0) for name in by}

    match tree[0]:
        case "neg":
            return -a, {name: -x for name, x in da.items()}
        case "+":
            return a + b, joined(Fraction(1), Fraction(1))
        case "-":
            return a - b, joined(Fraction(1), Fraction(-1))
        case "*":
            return a * b, joined(b, a)
        case "/":
            return a / b, joined(1 / b, -a / b**2)
    return a**b, {name: b * a ** (b - 1) * x for name, x in da.items()}


SEEDS = ["tanh(w*x + b)", "x**2 * y", "where(x > 0, log(x), 0)", "logsumexp([x, x]) - log(2)",
         "leaky_relu(x)", "-x", "0.1 + 0.2", "1e300*x", "floor(x) % 2"]  # fmt: skip
TOKENS = [*rules.PUBLIC, "(", ")", "[", "]", ",", "**", "//", "=", "lambda", "__import__", "if",
          "9" * 30, "1e999", "x.y", ":=", "'", *PIECES]  # fmt: skip


def mutated(source: random.Random, folder: Path) -> str:
    """An expression with characters changed, and values of all kinds."""
    text = list(source.choice(SEEDS))
    for _ in range(source.randrange(4)):
        at = source.randrange(len(text) + 1)
        text[at : at + source.randrange(3)] = source.choice(TOKENS)
    values = [f"{name}={source.choice(['1', '-2.5', '1/3', 'inf', 'nan', '1e-400', *PIECES])}"
              for name in source.sample(["w", "x", "b", "y"], source.randrange(5))]  # fmt: skip
    options = [["--exact"], ["--order", "2"], ["--step", "no/x.html"], []][source.randrange(4)]
    status, *_ = command("".join(text), *values, *options)
    return "refused" if status else "printed"


def large(source: random.Random, folder: Path) -> str:
    """Exact powers of powers, which have to end soon, with a number or with a refusal."""
    if source.random() < 0.3:
        status, shown, _ = command(f"x**{source.randrange(10**5, 10**6)}", "x=3", "--exact")
        return checked(status, shown)
    text = "x" if source.random() < 0.7 else f"x**{source.randrange(10**5, 2 * 10**6)}"
    for _ in range(source.randrange(40)):
        power = source.choice([2, 2, 2, 3, -2, 10**3, 10**6, 10**12])
        text = source.choice([f"({text})**{power}", f"({text})*({text[:200]})", f"1/({text}+x)",
                              f"square({text})"] if text.count("(") < 90 else [text])  # fmt: skip
        if text.count("(") != text.count(")"):
            text = "x"
    number = source.choice(["3", "1/2", "2/3", "1e-400", "1e400", "1", "0", "-1"])
    status, shown, _ = command(text, f"x={number}", "--exact")
    return checked(status, shown)


def checked(status: int, shown: str) -> str:
    """Check that no number that is printed has more bits than are allowed."""
    for bits in re.findall("Fraction of ([0-9,]+) bits", shown):
        check(int(bits.replace(",", "")) <= MOST, f"{bits} bits", shown)
    return "refused" if status else "printed"
