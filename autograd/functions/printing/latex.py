"""Formulas as LaTeX, without the dollar signs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograd.functions.printing.printer import SIGNED, Known, Printer, Written
from autograd.functions.printing.text import OPERATORS
from autograd.functions.row import Row


def _called(name: str) -> str:
    """The template of a function of one operand."""
    return rf"{name}\left({{0}}\right)"


_ADDITIVE, _TIMES, _SIGN, _POWER = 4, 5, SIGNED, 7

KNOWN: Known = {
    **{name: OPERATORS[name] for name in ("add", "subtract", "negative", "positive")},
    **{name: OPERATORS[name] for name in ("greater", "less")},
    "greater_equal": (r"{0:r} \ge {1:r}", 3),
    "less_equal": (r"{0:r} \le {1:r}", 3),
    "equal": ("{0:r} = {1:r}", 3),
    "not_equal": (r"{0:r} \ne {1:r}", 3),
    **{name: _called(rf"\{name}") for name in (
        "sin", "cos", "tan", "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh")},
    **{name: _called(rf"\operatorname{{{{{operator}}}}}") for name, operator in (
        ("arcsinh", "arsinh"), ("arccosh", "arcosh"), ("arctanh", "artanh"),
        ("real", "Re"), ("imag", "Im"))},
    "multiply": (r"{0:l} \, {1:r}", _TIMES),
    "divide": (r"\frac{{{0}}}{{{1}}}", _TIMES),
    "floor_divide": (r"\left\lfloor\frac{{{0}}}{{{1}}}\right\rfloor", _TIMES),
    "truncate_divide": r"\operatorname{{trunc}}\left(\frac{{{0}}}{{{1}}}\right)",
    "remainder": (r"{0:l} \bmod {1:r}", _TIMES),
    "power": ("{0:r}^{{{1}}}", _POWER),
    "both": (r"{0:r} \wedge {1:r}", 2),
    "conjugate": r"\overline{{{0}}}",
    "square": r"\left({0}\right)^2",
    "reciprocal": r"\frac{{1}}{{{0}}}",
    "exp": ("e^{{{0}}}", _POWER),
    "exp2": ("2^{{{0}}}", _POWER),
    "log": _called(r"\ln"),
    "log1p": r"\ln\left(1 + {0}\right)",
    "log2": _called(r"\log_2"),
    "log10": _called(r"\log_{{10}}"),
    "sqrt": r"\sqrt{{{0}}}",
    "cbrt": r"\sqrt[3]{{{0}}}",
    "abs": r"\left|{0}\right|",
    "floor": r"\left\lfloor{0}\right\rfloor",
    "ceil": r"\left\lceil{0}\right\rceil",
    "angle": _called(r"\arg"),
    "maximum": r"\max\left({0}, {1}\right)",
    "minimum": r"\min\left({0}, {1}\right)",
    "normal_cdf": _called(r"\Phi"),
    "normal_pdf": _called(r"\varphi"),
    "x_normal_pdf": r"{0}\,\varphi\left({0}\right)",
    "normal_pdf_derivative": r"\varphi^{{({0})}}\left({1}\right)",
    "gamma": _called(r"\Gamma"),
    "gamma_derivative": r"\Gamma^{{({0})}}\left({1}\right)",
    "lgamma": r"\ln\left|\Gamma\left({0}\right)\right|",
    "digamma": _called(r"\psi"),
    "polygamma": r"\psi^{{({0})}}\left({1}\right)",
    "sigmoid": _called(r"\sigma"),
    "logistic_density": _called(r"\sigma'"),
    "x_logistic_density": r"{0}\,\sigma'\left({0}\right)",
    "sech2": _called(r"\operatorname{{sech}}^2"),
    "exp_times": ("{1} e^{{{0}}}", _TIMES),
    "exp_neg_square": ("e^{{-{0}^2}}", _POWER),
    "exp_neg_square_derivative": r"\left(e^{{-{1}^2}}\right)^{{({0})}}",
    "unit_hypot": r"\sqrt{{1 + {0}^2}}",
    "lorentzian": r"\frac{{1}}{{1 + {0}^2}}",
    "one_minus_square": ("1 - {0}^2", _ADDITIVE),
    "over_square": r"\frac{{{0}}}{{{1}^2}}",
    "over_norm_square": r"\frac{{{0}}}{{{0}^2 + {1}^2}}",
    "divide_partial": r"\partial_{{{2}}}^{{{0}}} \frac{{{1}}}{{{2}}}",
    "power_by_base": r"{1}\,{0}^{{{1} - 1}}",
    "power_by_exponent": r"{0}^{{{1}}} \ln {0}",
    "power_partial": r"\partial_{{{2}}}^{{{0}}} \partial_{{{3}}}^{{{1}}} {2}^{{{3}}}",
    "arctan2_partial": r"\partial_{{{2}}}^{{{0}}} \partial_{{{3}}}^{{{1}}} "
                       r"\operatorname{{arctan2}}\left({2}, {3}\right)",
    "flat": "0",
    "nonnegative": "{0}",
}  # fmt: skip


class Latex(Printer):
    """LaTeX, in which a function without a sign of its own stands upright."""

    def call(self, row: Row, operands: Sequence[Written]) -> Written:
        """Return a call of a function that has no sign of its own."""
        name = row.name.replace("_", r"\_")
        return Written(rf"\operatorname{{{name}}}({', '.join(format(x, '') for x in operands)})")

    def literal(self, x: Any) -> str:
        """Return the LaTeX of a real number."""
        return getattr(x, "latex", None) or str(x)


LATEX = Latex(KNOWN)
