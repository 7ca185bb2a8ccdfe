"""What the page answers: the value, the gradients and a page for an expression and its numbers."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable
from typing import Any

import autograd
from autograd import Value
from autograd.functions.parsing import ExpressionError, ParsedExpression, read_number
from autograd.lines import line
from autograd.numbers.text import in_full

LONGEST = 290  # characters of an error
SHOWN = ("explore", "step", "draw")


def answer(text: str, numbers: str, show: str) -> str:
    """Answer as JSON: `names` where the text could be read, and `value`, `gradients` and `page`, or
    an `error` of one line.
    """
    found: dict[str, Any] = {}
    try:
        names, function = read(text)
        found["names"] = names
        given = json.loads(numbers)
        values = [float(read_number(given.get(name, "1"), False)) for name in names]
        found |= shown(function, names, values, show)
    except Exception as error:  # a visitor's function may raise anything
        found["error"] = line(str(error) or type(error).__name__, LONGEST)
    return json.dumps(found)


def read(text: str) -> tuple[list[str], Callable[..., Any]]:
    """Return the names of the variables of an expression or a function, and what takes them."""
    if any(x.lstrip().startswith(("def ", "from ", "import ", "@")) for x in text.splitlines()):
        return _function(text)
    expression = ParsedExpression(text)

    def f(*xs: Any) -> Any:
        return expression.evaluate(dict(zip(expression.names, xs, strict=True)))

    return expression.names, f


def _function(text: str) -> tuple[list[str], Callable[..., Any]]:
    """The last function that some Python code defines; it runs in the visitor's own browser."""
    # Without `compile`, which needs NumPy.
    offered = [name for name in autograd.__all__ if name not in ("TraceError", "compile")]
    scope: dict[str, Any] = {name: getattr(autograd, name) for name in offered}
    before = set(scope)
    exec(compile(text, "<your function>", "exec"), scope)
    own = [x for name, x in scope.items() if name not in before and inspect.isfunction(x)]
    if not own:
        raise ExpressionError("there is no function: write def f(x, y): and what it returns")
    names = list(inspect.signature(own[-1]).parameters)
    return names, own[-1]


def shown(
    function: Callable[..., Any], names: list[str], values: list[float], show: str
) -> dict[str, Any]:
    """The value, the gradients and the page of a function at some numbers."""
    leaves = [Value(x, label=name) for name, x in zip(names, values, strict=True)]
    with autograd.record():
        root = function(*leaves)
    if isinstance(root, bool):
        raise ExpressionError("a comparison has no derivative")
    if not isinstance(root, Value):
        raise ExpressionError(f"it gives {root!r}, which depends on no variable")
    root.backward()
    drawn = getattr(autograd, show if show in SHOWN else SHOWN[0])(root)
    return {
        "value": f"= {in_full(root.data)}",
        "gradients": [f"{leaf.grad:.6g}" for leaf in leaves],
        "page": drawn.to_html(),
    }
