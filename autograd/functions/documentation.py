"""The documentation of a function, made from its row."""

from __future__ import annotations

from typing import Any

from autograd.functions.formulas import Expression, variable
from autograd.functions.printing.text import TEXT
from autograd.functions.row import REALS
from autograd.functions.textbook import textbook


def documented(row: Any) -> str:
    """Return what `help` shows: the formula, its derivatives, domain, edges and an example."""
    lines = [row.summary, ""]
    if row.arity is None:
        lines += [f"{row.name}(xs): xs is an iterable of numbers and Values."]
    else:
        names = row.operand_names
        lines += [TEXT(Expression(row, tuple(map(variable, names))))]
        if not row.opaque:
            lines += [
                f"    derivative by {name}: {TEXT(textbook(rule))}"
                for name, rule in zip(names, row.rules, strict=True)
            ]
        if not row.opaque and row.complex_partials:
            lines += [f"    for complex operands: {TEXT(textbook(row.complex_rules[-1]))}"]
    for name, (low, high) in zip(row.operand_names, row.domain, strict=False):
        if (low, high) != REALS:
            lines += [f"Domain: {low:g} <= {name} <= {high:g}; elsewhere nan."]
    if row.kinks:
        lines += [f"Kinks: {', '.join(f'{kink:g}' for kink in row.kinks)}."]
    lines += [row.edges] if row.edges else []
    expression, printed = row.example or _example(row)
    return "\n".join([*lines, "", f">>> {expression}", printed] if expression else lines)


def _example(row: Any) -> tuple[str, str]:
    """An example of a public function of numbers: at 1, which is in every domain."""
    if row.inner or row.opaque or row.arity != 1:
        return "", ""
    return f"{row.name}(1.0)", repr(row.forward(1.0))
