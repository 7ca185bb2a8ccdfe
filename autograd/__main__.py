"""`python -m autograd "tanh(w*x + b)" w=0.5 x=2 b=1`: the value and the gradients."""

from __future__ import annotations

import argparse
import os
import sys
import unicodedata
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, NoReturn

import autograd.files as files
from autograd.functions.parsing import LIMIT, ExpressionError, ParsedExpression, read_number
from autograd.graph.value import Value
from autograd.lines import abandon_output, line, visible
from autograd.numbers.exact import BudgetError
from autograd.numbers.text import in_full
from autograd.transforms.gradients import hessian, value_and_grad
from autograd.twin import info

LONGEST = 290  # characters of a line of error
EXAMPLES = """
examples:
  python -m autograd "tanh(w*x + b)" w=0.5 x=2 b=1
  python -m autograd "x**2 * y" x=3 y=1/3 --order 2 --exact
  python -m autograd "x*sigmoid(x)" x=-800 --check
  python -m autograd "relu(w*x + b)" w=2 x=3 b=-1 --draw graph.svg --step steps.html
  python -m autograd "tanh(w*x + b)" w=0.5 x=2 b=1 --explore page.html
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit status: 0, or 2 after one line of error."""
    given = sys.argv[1:] if arguments is None else arguments
    # A leading space keeps argparse from taking the expression "-x" for an option.
    minus = [x.startswith("-") and not x.startswith("--") and x != "-h" for x in given]
    spaced = [f" {x}" if is_minus else x for x, is_minus in zip(given, minus, strict=True)]
    options = _parser().parse_args(spaced)
    try:
        status = _run(options)
        sys.stdout.flush()
    except BrokenPipeError:  # whoever read the output has gone
        abandon_output()
        return 1
    except OSError as error:
        if error.filename is None:
            abandon_output()
        what = "the output" if error.filename is None else os.fsdecode(error.filename)
        return _failed(f"cannot write {what}: {error.strerror or error}")
    except ZeroDivisionError:
        return _failed("an exact number was divided by zero")
    except (ArithmeticError, BudgetError, ImportError, TypeError, ValueError) as error:
        return _failed(str(error) or type(error).__name__)
    return status


def _failed(message: str) -> int:
    """Print one line of error, and return the exit status."""
    with suppress(OSError):  # nobody is left to be told
        print(line(f"autograd: error: {message}", LONGEST), file=sys.stderr, flush=True)
    return 2


class _OneLineParser(argparse.ArgumentParser):
    """A parser whose errors are one line."""

    def error(self, message: str) -> NoReturn:
        """End with the message and a hint, and no usage text."""
        sys.exit(_failed(f"{message}; see python -m autograd --help"))


def _parser() -> argparse.ArgumentParser:
    """The command line's options."""
    parser = _OneLineParser(
        prog="python -m autograd",
        description="Evaluate an expression and differentiate it by each of its variables.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("expression", help="arithmetic and the functions of autograd, in quotes")
    parser.add_argument("values", nargs="*", metavar="NAME=NUMBER", help="the variables' values")
    parser.add_argument("--order", type=int, choices=(1, 2), default=1, help="2: second ones too")
    parser.add_argument("--exact", action="store_true", help="compute in exact fractions")
    parser.add_argument("--check", action="store_true", help="compare with finite differences")
    parser.add_argument("--draw", metavar="FILE", help="save the graph: .svg .png .html .dot .mmd")
    parser.add_argument("--step", metavar="FILE", help="save a page that steps through: .html")
    parser.add_argument("--explore", metavar="FILE", help="save a page to move numbers on: .html")
    how = "tell whether the engine runs in C or in Python, and why"
    parser.add_argument("--info", action="version", version=info(), help=how)
    return parser


def _run(options: argparse.Namespace) -> int:
    """Evaluate, differentiate and print what was asked for."""
    for path in filter(None, (options.draw, options.step, options.explore)):
        files.check(path)
    expression = ParsedExpression(options.expression, options.exact)
    values = _values(options.values, expression, options.exact)
    names = list(values)

    def f(*numbers: Any) -> Any:
        value = expression.evaluate(dict(zip(names, numbers, strict=True)))
        if isinstance(value, bool):
            raise ExpressionError(f"{expression.text} is a comparison: it has no derivative")
        return value

    numbers = tuple(values.values())
    everything = tuple(range(len(names)))
    value, gradient = value_and_grad(f, everything)(*numbers)
    print(f"{line(expression.text, LIMIT)} = {in_full(value)}")
    for name, slope in zip(names, gradient, strict=True):
        print(f"  d/d{name} = {in_full(slope)}")
    if options.order == 2 and names:
        for name, row in zip(names, hessian(f, everything)(*numbers), strict=True):
            for other, curvature in zip(names, row, strict=True):
                print(f"  d2/d{name}d{other} = {in_full(curvature)}")
    status = 0
    if options.check and names:
        from autograd.testing import check_gradients

        # Finite differences reach some ten digits: a million ULP are 2e-10 of the gradient.
        point = tuple(map(float, numbers))
        report = check_gradients(f, point, oracle="finite", max_ulp=1e6)
        print(report)
        status = 1 if report.verdict.value == "fail" else 0
    if options.draw or options.step or options.explore:
        _show(options, f, values)
    return status


def _values(
    assignments: Sequence[str], expression: ParsedExpression, exact: bool
) -> dict[str, Any]:
    """The variables' numbers, in the order in which the expression names them."""
    given: dict[str, Any] = {}
    for assignment in assignments:
        name, equals, text = assignment.partition("=")
        name = unicodedata.normalize("NFKC", name)  # as Python reads the names in the expression
        if not equals or not name.isidentifier():
            raise ExpressionError(f"{assignment!r} is no NAME=NUMBER")
        if name in given:
            raise ExpressionError(f"{name} is given twice")
        if name not in expression.names:
            raise ExpressionError(f"{name} is not in the expression {expression.text}")
        given[name] = expression.number(read_number(text, exact))
    return {name: given[name] for name in expression.names if name in given}


def _show(options: argparse.Namespace, f: Any, values: dict[str, Any]) -> None:
    """Save the drawing, the stepper and the explorer."""
    from autograd.display import draw, explore, step

    root = f(*(Value(number, label=name) for name, number in values.items()))
    if not isinstance(root, Value):
        raise ExpressionError("there is nothing to draw: the expression has no variable")
    root.backward()
    shown = ((options.draw, draw), (options.step, step), (options.explore, explore))
    for path, make in shown:
        if path:
            make(root).save(path)
            print(f"saved {visible(path)}")


if __name__ == "__main__":
    sys.exit(main())
