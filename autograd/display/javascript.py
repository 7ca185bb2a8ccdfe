"""The rules in JavaScript: value and partials of every row that it can say, from the table.

``python -m autograd.display.javascript`` writes `rules.js`, which is committed and never edited.
"""

from __future__ import annotations

import ast
import inspect
from functools import cache
from pathlib import Path

from autograd.display.scripts import Scripts
from autograd.functions import rules
from autograd.functions.calls import Primitive
from autograd.functions.formulas import Expression, variable
from autograd.functions.rules import TABLE
from autograd.graph.joint import joint
from autograd.native.expressions import UnprintableError

MODULE = Path(__file__).with_name("rules.js")


def printed(row: Primitive, scripts: Scripts) -> str:
    """Return a row as an item of the object of all rules, and print the functions it calls.

    Raises
    ------
    UnprintableError
        If JavaScript cannot say it.
    """
    if row.product is not None:
        return _together(row, scripts)
    if row.arity is None:
        value, partials = _of_many(row, scripts)
        given = "xs"
    else:
        language, names = scripts.language, row.operand_names
        value = language(Expression(row, tuple(map(variable, names))))
        partials = f"[{', '.join(map(language, row.rules))}]"
        given = ", ".join(names)
    many = "    many: true,\n" if row.arity is None else ""
    return (
        f"  {row.name}: {{\n{many}    value: ({given}) => {value},\n"
        f"    partials: (out, {given}) => {partials},\n  }},\n"
    )


def _together(row: Primitive, scripts: Scripts) -> str:
    """A component of the gradient of a function of many operands, and all of them together."""
    each, product = (scripts.name(x) for x in (row.each_forward, row.product) if x)  # it has both
    return (
        f"  {row.name}: {{\n    many: true,\n    value: ([i, ...xs]) => {each}(xs)[i],\n"
        f"    partials: (out, [i, ...xs]) => [0, ...{product}(xs, new Map([[i, 1]]))],\n  }},\n"
        f"  {joint(row).name}: {{\n    many: true,\n"
        f"    value: (xs) => {scripts.name(_integral(row).forward)}(xs),\n"
        f"    outputs: (xs) => {each}(xs),\n    product: (xs, v) => {product}(xs, v),\n  }},\n"
    )


def _integral(row: Primitive) -> Primitive:
    """The first function of the table whose gradient a row has the components of."""
    x, out = variable("x"), variable("out")
    for other in TABLE.values():
        if other.arity is None and other.name in _declared():
            slope = other.partials(x, x, x, out=out)[0]
            if isinstance(slope, Expression) and slope.primitive is row:
                return other
    raise LookupError(f"no function has {row.name} as its gradient")


def _of_many(row: Primitive, scripts: Scripts) -> tuple[str, str]:
    """The value and the partials of a row of any number of operands."""
    value = f"{scripts.name(row.forward)}(xs)"
    return value, scripts.expression(row.partials, _declared()[row.name])


@cache
def _declared() -> dict[str, ast.Lambda]:
    """The source of the partials of each row, by its name."""
    found = {}
    for node in ast.parse(inspect.getsource(rules)).body:
        match node:
            case ast.Assign(
                targets=[ast.Name(id=name)], value=ast.Call(args=[_, ast.Lambda() as partials, *_])
            ):
                found[name] = partials
    return found


@cache
def said() -> tuple[str, dict[str, str]]:
    """Return the text of rules.js, and for each row that is not in it the reason."""
    scripts, items, left = Scripts(), [], {}
    for row in TABLE.values():
        if row.predicate:
            continue
        before = dict(scripts.printed)
        try:
            items.append(printed(row, scripts))
        except UnprintableError as error:
            scripts.printed = before
            left[row.name] = str(error)
    functions = "\n".join(scripts.printed.values())
    return f"{_HEAD}\n{functions}\nexport const RULES = {{\n{''.join(items)}}};\n", left


_HEAD = """\
// The elementary functions on doubles. Printed from the table by
// python -m autograd.display.javascript; do not edit. It stands behind python.js.
//
// Of each row that JavaScript can say there are its value, and the local partials by all operands
// as a function of the value and the operands. Those of a row of `many` operands are one list. A
// node of all components of a gradient has these as `outputs`, and of their Jacobian, which is
// symmetric, the product with a vector, a Map: value is the number of the function.
"""

if __name__ == "__main__":
    MODULE.write_text(said()[0], encoding="utf-8")
