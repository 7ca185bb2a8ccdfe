"""Operators and methods as type declarations, which editors and type checkers read.

``python -m autograd.functions.printing.declarations`` writes `graph/methods.pyi` from the table.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from autograd.functions.row import Row
from autograd.functions.surface import is_method

_HEAD = '''"""What the table gives every Value; made by autograd.functions.printing.declarations."""

from typing import Any, Self

class Methods:
'''


def declarations(table: Iterable[Row]) -> str:
    """Return the stub of a class that has the operators and methods of the rows of a table."""
    lines = []
    for row in table:
        names = [row.name, *row.aliases] if is_method(row) else []
        reflected = []
        if row.operator and not row.predicate:
            names.append(f"__{row.operator}__")
            reflected = [f"__r{row.operator}__"] if row.arity == 2 else []
        lines += [_declared(name, row, row.defaults) for name in names]
        lines += [_declared(name, row, ()) for name in reflected]
    return _HEAD + "".join(lines)


def _declared(name: str, row: Row, defaults: tuple[object, ...]) -> str:
    """A method: the operands after the first are parameters by position."""
    free = len(row.operand_names) - len(defaults)
    parameters = [
        f"{operand}: Any" + " = ..." * (i >= free) for i, operand in enumerate(row.operand_names)
    ][1:]
    given = ", ".join(["self", *parameters, "/"])
    return f"    def {name}({given}) -> Self: ...\n"


if __name__ == "__main__":
    from autograd.functions.rules import TABLE

    path = Path(__file__).parents[2] / "graph" / "methods.pyi"
    path.write_text(declarations(TABLE.values()), encoding="utf-8")
