"""Mutants of the table: every small error that a hand could make in a row."""

from __future__ import annotations

import ast
import copy
import inspect
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from autograd.functions import rules
from autograd.functions.calls import Primitive

SWAPPED = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult,
           ast.FloorDiv: ast.Div, ast.Pow: ast.Mult}  # fmt: skip
ORDERED = (ast.Sub, ast.Div, ast.FloorDiv, ast.Pow)
LOOKALIKES = {
    "sin": ["cos"], "cos": ["sin"], "sinh": ["cosh"], "cosh": ["sinh"], "tanh": ["sech2", "sinh"],
    "exp": ["expm1", "exp2"], "expm1": ["exp"], "log": ["log1p", "log2"], "sqrt": ["cbrt"],
    "sech2": ["tanh", "lorentzian"], "sigmoid": ["logistic_density", "tanh"],
    "logistic_density": ["sigmoid", "sech2"], "normal_cdf": ["normal_pdf"],
    "normal_pdf": ["x_normal_pdf", "normal_cdf"], "x_normal_pdf": ["normal_pdf"],
    "x_logistic_density": ["logistic_density"], "exp_neg_square": ["normal_pdf"],
    "lorentzian": ["sech2"], "hypot": ["maximum"], "norm": ["sum"], "digamma": ["lgamma"],
    "over_square": ["divide"], "over_norm_square": ["over_square"],
    "power_by_base": ["power_by_exponent"], "power_by_exponent": ["power_by_base"],
    "sign": ["heaviside", "flat"], "heaviside": ["sign"], "flat": ["sign", "positive"],
    "nonnegative": ["positive", "abs"], "direction": ["share"], "share": ["max_share"],
    "max_share": ["share"], "cofactor": ["share"], "TWO_OVER_SQRT_PI": ["INVERSE_SQRT_TAU"],
    "INVERSE_SQRT_TAU": ["TWO_OVER_SQRT_PI"], "LOG2_E": ["LN2_"], "LOG10_E": ["LOG2_E"],
    "DEGREE": ["RADIAN"], "RADIAN": ["DEGREE"], "prod": ["sum"],
}  # fmt: skip

# What a textbook or a hurried hand would write: right in algebra, wrong in floats.
NAIVE_PARTIALS = {
    "tanh": "lambda x, out: (1 - out * out,)",
    "sigmoid": "lambda x, out: (out * (1 - out),)",
    "softplus": "lambda x, out: (exp(x) / (1 + exp(x)),)",
    "log_sigmoid": "lambda x, out: (1 - exp(out),)",
    "expm1": "lambda x, out: (out + 1,)",
    "logaddexp": "lambda x, y, out: (exp(x - out), exp(y - out))",
    "arcsin": "lambda x, out: (1 / sqrt(1 - x * x),)",
    "arccos": "lambda x, out: (-1 / sqrt(1 - x * x),)",
    "arctanh": "lambda x, out: (1 / nonnegative(1 - x * x),)",
    "arccosh": "lambda x, out: (1 / sqrt(x * x - 1),)",
    "arcsinh": "lambda x, out: (1 / sqrt(1 + x * x),)",
    "arctan": "lambda x, out: (1 / (1 + x * x),)",
    "arctan2": "lambda y, x, out: (x / (x * x + y * y), -y / (x * x + y * y))",
    "hypot": "lambda x, y, out: (x / out, y / out)",
    "norm": "lambda *xs, out: tuple(x / out for x in xs)",
    "erf": "lambda x, out: (TWO_OVER_SQRT_PI * exp(-x * x),)",
    "erfc": "lambda x, out: (-(TWO_OVER_SQRT_PI * exp(-x * x)),)",
    "normal_cdf": "lambda x, out: (INVERSE_SQRT_TAU * exp(-x * x / 2),)",
    "normal_pdf": "lambda x, out: (-x * out,)",
    "power": "lambda x, y, out: (y * x ** (y - 1), out * log(x))",
    "exp2": "lambda x, out: (LN2_ * out,)",
    "divide": "lambda x, y, out: (1 / y, -x / (y * y))",
    "log2": "lambda x, out: (1 / (nonnegative(x) * LN2_),)",
    "log10": "lambda x, out: (1 / (nonnegative(x) * LN10_),)",
    "log": "lambda x, out: (1 / x,)",
    "cbrt": "lambda x, out: (out / (3 * x),)",
    "tan": "lambda x, out: (1 / square(cos(x)),)",
    "silu": "lambda x, out: (sigmoid(x) * (1 + x * (1 - sigmoid(x))),)",
    "gelu": "lambda x, out: (normal_cdf(x) + x * normal_pdf(x),)",
    "prod": "lambda *xs, out: tuple(out / x for x in xs)",
    "logsumexp": "lambda *xs, out: tuple(exp(x - out) for x in xs)",
    "gamma": "lambda x, out: (out * digamma(x),)",
    "abs": "lambda x, out: (x / out,)",
    "relu": "lambda x, out: (where(x < 0, 0, 1),)",
    "maximum": "lambda x, y, out: (where(x < y, 0, 1), where(x < y, 1, 0))",
    "minimum": "lambda x, y, out: (where(x > y, 0, 1), where(x > y, 1, 0))",
    "elu": "lambda x, alpha, out: (where(x > 0, 1, out + alpha), where(x > 0, 0, expm1(x)))",
    "reciprocal": "lambda x, out: (-1 / (x * x * x / x),)",
    "sech2": "lambda x, out: (-2 * out,)",
}
NAIVE_FORWARDS = {
    "sech2": "lambda x: 1.0 - math.tanh(x) ** 2",
    "logistic_density": "lambda x: ieee.sigmoid(x) * (1.0 - ieee.sigmoid(x))",
    "x_logistic_density": "lambda x: x * ieee.logistic_density(x)",
    "exp_neg_square": "lambda x: ieee.exp(-x * x)",
    "x_normal_pdf": "lambda x: x * ieee.normal_pdf(x)",
    "silu_slope": "lambda x: ieee.sigmoid(x) + ieee.x_logistic_density(x)",
    "gelu_slope": "lambda x: ieee.normal_cdf(x) + ieee.x_normal_pdf(x)",
    "lorentzian": "lambda x: 1.0 / (1.0 + x * x)",
    "over_norm_square": "lambda x, y: ieee.divide(x, x * x + y * y)",
    "over_square": "lambda x, y: ieee.divide(x, y * y)",
    "one_minus_square": "lambda x: 1.0 - x * x",
    "power_by_base": "lambda x, y: y * ieee.power(x, y - 1.0)",
    "power_by_exponent": "lambda x, y: ieee.power(x, y) * ieee.log(x)",
    "cbrt": "math.cbrt",
    "normal_cdf": "lambda x: 0.5 * math.erfc(-x * math.sqrt(0.5))",
    "normal_pdf": "lambda x: math.exp(-0.5 * x * x) / math.sqrt(math.tau)",
    "gamma": "lambda x: ieee.exp(ieee.lgamma(x))",
    "lgamma": "lambda x: math.lgamma(x) if x > 0 else math.inf",
    "digamma": "lambda x: math.log(x) - 0.5 / x if x > 0 else math.nan",
    "sigmoid": "lambda x: 1.0 / (1.0 + ieee.exp(-x))",
    "softplus": "lambda x: ieee.log(1.0 + ieee.exp(x))",
    "log_sigmoid": "lambda x: ieee.log(ieee.sigmoid(x))",
    "silu": "lambda x: x * ieee.sigmoid(x)",
    "gelu": "lambda x: 0.5 * x * (1.0 + math.erf(x * math.sqrt(0.5)))",
    "expm1": "lambda x: ieee.exp(x) - 1.0",
    "log1p": "lambda x: ieee.log(1.0 + x)",
    "hypot": "lambda x, y: math.sqrt(x * x + y * y)",
    "logaddexp": "lambda x, y: ieee.log(ieee.exp(x) + ieee.exp(y))",
    "logsumexp": "lambda *xs: ieee.log(reductions.sum(*map(ieee.exp, xs)))",
    "sum": "lambda *xs: float(builtins.sum(xs))",
    "mean": "lambda *xs: float(builtins.sum(xs)) / len(xs)",
    "prod": "lambda *xs: float(math.prod(xs))",
    "norm": "lambda *xs: math.sqrt(builtins.sum(x * x for x in xs))",
    "erfc": "lambda x: 1.0 - math.erf(x)",
    "exp2": "lambda x: ieee.exp(x * math.log(2.0))",
    "log2": "lambda x: ieee.log(x) / math.log(2.0) + 0.0",
    "deg2rad": "lambda x: x * math.pi / 180.0",
    "hard_sigmoid": "lambda x: ieee.clip(x / 6.0 + 0.5, 0.0, 1.0)",
    "elu": "lambda x, alpha: x if x > 0.0 else alpha * (ieee.exp(x) - 1.0)",
    "maximum": "lambda x, y: x if x > y else y",
    "minimum": "lambda x, y: x if x < y else y",
    "relu": "lambda x: x if x > 0.0 else 0.0",
    "sign": "lambda x: math.copysign(1.0, x)",
    "heaviside": "lambda x, h0: 1.0 if x >= 0.0 else 0.0",
    "flat": "lambda x: 0.0",
    "nonnegative": "lambda x: x",
    "rint": "lambda x: ieee.floor(x + 0.5)",
    "trunc": "ieee.floor",
    "remainder": "lambda x, y: math.fmod(x, y) if y else math.nan",
}


@dataclass(frozen=True)
class Mutant:
    """A row with one error.

    Parameters
    ----------
    name : str
        What was changed, stable from run to run: it stands in the list of equivalents.
    row : Primitive
        A copy of the row that has the error.
    """

    name: str
    row: Primitive


def mutants() -> Iterator[Mutant]:
    """Every mutant of every row."""
    scope = vars(rules) | {"LN2_": 0.6931471805599453, "LN10_": 2.302585092994046}
    for name, partials, forward in declarations():
        row = rules.TABLE[name]
        for source in mutated(partials):
            yield Mutant(f"{name}: {source}", _with(row, partials=_evaluated(source, scope)))
        if isinstance(forward, ast.Lambda):
            for source in mutated(forward):
                yield Mutant(f"{name} = {source}", _with(row, forward=_evaluated(source, scope)))
        if name in NAIVE_PARTIALS:
            source = NAIVE_PARTIALS[name]
            yield Mutant(f"{name}: {source}", _with(row, partials=_evaluated(source, scope)))
        if name in NAIVE_FORWARDS:
            source = NAIVE_FORWARDS[name]
            yield Mutant(f"{name} = {source}", _with(row, forward=_evaluated(source, scope)))


def declarations() -> Iterator[tuple[str, ast.Lambda, ast.expr]]:
    """The source of every row: its name, its partials and its value."""
    for node in ast.parse(inspect.getsource(rules)).body:
        call = node.value if isinstance(node, ast.Assign) else None
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") in ("row", "inner"):
            forward, partials = call.args[:2]
            yield node.targets[0].id, _in_full(partials), _unwrapped(forward)  # type: ignore[union-attr, attr-defined]


def _in_full(partials: Any) -> ast.Lambda:
    """Partials as a function of all operands and `out` that answers a tuple."""
    if isinstance(partials, ast.Lambda) and not partials.args.vararg:
        if all(x.arg != "out" for x in partials.args.args):
            partials.args.args.append(ast.arg("out"))
        if len(partials.args.args) == 2:
            partials.body = ast.Tuple([partials.body], ast.Load())
    return partials  # type: ignore[no-any-return]


def _unwrapped(value: Any) -> ast.expr:
    """The function that a value is, or that its formula is."""
    is_formula = isinstance(value, ast.Call) and getattr(value.func, "id", "") == "formula"
    return value.args[0] if is_formula else value  # type: ignore[no-any-return]


def mutated(function: ast.Lambda) -> list[str]:
    """The source of a lambda with one change, in every way."""
    original = ast.unparse(function)
    found: dict[str, None] = {}
    for count in itertools.count():
        tree = copy.deepcopy(function)
        node = next(itertools.islice(ast.walk(tree.body), count, None), None)
        if node is None:
            return [source for source in found if source != original]
        for change in _changes(node, function):
            fresh = copy.deepcopy(function)
            target = next(itertools.islice(ast.walk(fresh.body), count, None))
            replacement = change(target)
            if replacement is not target:
                fresh = _Replacer(target, replacement).visit(fresh)
            found[ast.unparse(ast.fix_missing_locations(fresh))] = None
    raise AssertionError("the count does not end by itself")


class _Replacer(ast.NodeTransformer):
    """Puts one node in the place of another."""

    def __init__(self, target: ast.AST, replacement: ast.AST) -> None:
        self.target, self.replacement = target, replacement

    def visit(self, node: ast.AST) -> Any:
        return self.replacement if node is self.target else self.generic_visit(node)


def _changes(node: ast.AST, function: ast.Lambda) -> Iterator[Callable[[Any], ast.AST]]:
    """What can be done to a node: functions that change it or give another in its place."""
    if isinstance(node, ast.BinOp):
        if type(node.op) in SWAPPED:
            yield lambda n: _set(n, op=SWAPPED[type(n.op)]())
        if isinstance(node.op, ORDERED):
            yield lambda n: _set(n, left=n.right, right=n.left)
        yield lambda n: n.left
        yield lambda n: n.right
    elif isinstance(node, ast.UnaryOp):
        yield lambda n: n.operand
    elif isinstance(node, ast.Constant) and isinstance(node.value, (int, float)):
        for other in {node.value + 1, node.value - 1, -node.value} - {node.value}:
            yield lambda n, other=other: _set(n, value=other)
    elif isinstance(node, ast.Compare):
        swapped = {ast.Lt: ast.Gt, ast.Gt: ast.Lt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq}
        yield lambda n: _set(n, ops=[swapped.get(type(n.ops[0]), ast.Lt)()])
    elif isinstance(node, ast.Tuple) and len(node.elts) > 1:
        for order in itertools.permutations(range(len(node.elts))):
            yield lambda n, order=order: _set(n, elts=[n.elts[i] for i in order])
    elif isinstance(node, ast.IfExp):
        yield lambda n: _set(n, body=n.orelse, orelse=n.body)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        if node.func.id == "where":  # the other value at the kink itself
            yield lambda n: _set(n, args=[_turned(n.args[0]), n.args[2], n.args[1]])
            yield lambda n: _set(n, args=[n.args[0], n.args[2], n.args[1]])
        elif len(node.args) > 1:
            yield lambda n: _set(n, args=n.args[::-1])
        if node.func.id in ("flat", "nonnegative") and len(node.args) == 1:
            yield lambda n: ast.Constant(0) if n.func.id == "flat" else n.args[0]
    elif isinstance(node, ast.Name):
        for other in LOOKALIKES.get(node.id, []):
            yield lambda n, other=other: _set(n, id=other)
        names = [x.arg for x in (*function.args.args, *function.args.kwonlyargs)]
        if node.id in names:
            for other in names:
                yield lambda n, other=other: _set(n, id=other)


def _turned(condition: Any) -> Any:
    """A condition with its sides exchanged: as good as the opposite, but for a tie."""
    if isinstance(condition, ast.Compare):
        return _set(condition, left=condition.comparators[0], comparators=[condition.left])
    return condition


def _set(node: Any, **fields: Any) -> Any:
    """A node with other fields."""
    for name, value in fields.items():
        setattr(node, name, value)
    return node


def _evaluated(source: str, scope: dict[str, Any]) -> Any:
    """A function from its source, in the scope of the table."""
    return eval(source, scope)  # our own source, with one change


def _with(row: Primitive, **fields: Any) -> Primitive:
    """A copy of a row with other fields, that is in no table."""
    twin = object.__new__(Primitive)
    made = ("rules", "complex_rules", "curved", "partials_of_floats")  # of the row as it was
    vars(twin).update({name: x for name, x in vars(row).items() if name not in made}, **fields)
    return twin
