"""The house: rooms whose imports run one way, and what a new function or operand costs."""

import ast
import inspect
import math
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import autograd
import autograd.testing
import nn
from autograd import Value
from autograd.functions import rules
from autograd.functions.calls import Primitive
from autograd.functions.formulas import Expression
from autograd.functions.operand import Operand
from autograd.functions.row import formula

HOME = Path(autograd.__file__).parent.parent
PACKAGES = ("autograd", "nn")
# What a program does at its start, or asks of itself as its user would.
FROM_OUTSIDE = ("autograd.__init__", "autograd.__main__", "nn.__init__", "nn.__main__")
CORE = (
    "functions/row.py", "functions/operand.py", "graph/node.py", "graph/value.py",
    "graph/build.py", "graph/order.py", "graph/sweep.py",
)  # fmt: skip


def modules() -> dict[str, Path]:
    """Every module of the packages, by its dotted name."""
    paths = [path for package in PACKAGES for path in (HOME / package).rglob("*.py")]
    return {".".join(path.relative_to(HOME).with_suffix("").parts): path for path in paths}


MODULES = modules()


def statements(node: ast.AST) -> Iterator[ast.AST]:
    """The statements in a tree, however deep: what they are made of takes most of a walk."""
    for part in ("body", "orelse", "handlers", "finalbody", "cases"):
        for statement in getattr(node, part, ()):
            yield statement
            yield from statements(statement)


def imported(name: str) -> Iterator[str]:
    """The modules of the packages that a module imports, wherever in it that stands."""
    for node in statements(ast.parse(MODULES[name].read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            yield from (x if in_package(x) in MODULES else str(node.module) for x in names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def in_package(name: str) -> str:
    """The module that an imported name stands for."""
    return name if name in MODULES else f"{name}.__init__"


@cache
def from_the_packages(name: str) -> set[str]:
    """The modules of the packages that a module imports, each read once."""
    return {in_package(x) for x in imported(name)} & set(MODULES)


def test_no_module_imports_itself_by_way_of_others():
    """Also not for types, nor inside of functions; what a package asks for lazily is by name."""
    done: set[str] = set()
    waiting = {name: from_the_packages(name) for name in MODULES}
    while free := [name for name, found in waiting.items() if found <= done]:
        done.update(free)
        for name in free:
            del waiting[name]
    assert not waiting, "these import each other"


@pytest.mark.parametrize("name", [name for name in MODULES if name not in FROM_OUTSIDE])
def test_nothing_inside_a_package_imports_from_its_root(name: str):
    root = name.partition(".")[0]
    assert f"{root}.__init__" not in from_the_packages(name)


def test_no_module_bears_the_name_of_a_public_function():
    """A name that is imported lazily would turn into the module."""
    facades = [autograd, autograd.testing, nn, nn.data, nn.init, nn.losses, nn.optim]
    functions = {
        name
        for module in facades
        for name in getattr(module, "__all__", vars(module))
        if callable(getattr(module, name))
    }
    assert {"mse", "fit", "tanh", "moons", "xavier", "grad", "check_gradients"} <= functions
    parts = {part for name in MODULES for part in name.split(".")}
    assert not parts & functions


def test_files_are_short_enough_to_be_read():
    long = {
        name: count
        for name, path in MODULES.items()
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > 400
    }
    assert set(long) == {"autograd.functions.rules"}, "the table may be long"


EQUAL = 10  # lines that two places may not share
DOCUMENTED = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def code_of(source: str) -> list[str]:
    """The lines of a source without docstrings, empty lines and indentation."""
    documentation: set[int] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, DOCUMENTED) and ast.get_docstring(node) is not None:
            said = node.body[0]
            documentation.update(range(said.lineno, (said.end_lineno or 0) + 1))
    lines = enumerate(source.splitlines(), start=1)
    return [line.strip() for i, line in lines if line.strip() and i not in documentation]


def repeated(sources: dict[str, str]) -> list[list[str]]:
    """The names of the sources that share so many lines, one list for each place."""
    places = defaultdict(list)
    for name, source in sources.items():
        code = code_of(source)
        for i in range(len(code) - EQUAL + 1):
            places[tuple(code[i : i + EQUAL])].append(name)
    return [names for names in places.values() if len(names) > 1]


def test_no_ten_lines_stand_twice() -> None:
    assert repeated({name: path.read_text() for name, path in MODULES.items()}) == []


def test_lines_that_stand_twice_are_found_and_docstrings_passed_over() -> None:
    lines = "".join(f"x = {i}\n" for i in range(EQUAL))
    assert repeated({"a": f"y = 1\n{lines}", "b": f"{lines}z = 2\n"}) == [["a", "b"]]
    assert repeated({"a": f"y = 1\n{lines}", "b": lines.removesuffix("x = 9\n")}) == []
    assert repeated({"a": f"'''{lines}'''", "b": f"'''{lines}'''"}) == []


def test_the_core_is_read_in_one_sitting():
    lines = [len((HOME / "autograd" / path).read_text().splitlines()) for path in CORE]
    assert sum(lines) <= 900


def test_at_most_12_files_lie_directly_in_nn():
    assert len(list((HOME / "nn").glob("*.py"))) <= 12


def test_a_plain_row_is_one_line():
    source = inspect.getsource(rules)
    assert 'tanh = row(ieee.tanh, lambda x: sech2(x), "Hyperbolic tangent' in source


softsign = Primitive(formula(lambda x: x / (1 + abs(x))), lambda x: 1 / (1 + abs(x)) ** 2, "x/(1 + |x|).", name="softsign")  # fmt: skip  # noqa: E501


def test_a_new_function_is_one_line_and_its_oracle():
    """Of floats, Values to any order, exact numbers and arrays; stepped, drawn and printed."""
    x = Value(-1.5)
    y = softsign(x)
    assert softsign(-1.5) == y.data == -0.6
    y.backward(create_graph=True)
    assert x.grad.data == 1 / 2.5**2
    assert autograd.grad(autograd.grad(softsign))(-1.5) == pytest.approx(2 / 2.5**3, rel=1e-15)
    assert "softsign(x)" in str(Expression(softsign, (Expression(None, (), "x"),)))
    from autograd.testing import check_primitive

    assert check_primitive(softsign)


class Interval(Operand):
    """A new kind of operand: what is known of a number, for functions that rise."""

    __slots__ = ("high", "low")
    level = 5

    def __init__(self, low: float, high: float) -> None:
        self.low, self.high = low, high

    @staticmethod
    def apply(row, /, *operands):
        ends = [(x.low, x.high) if isinstance(x, Interval) else (x, x) for x in operands]
        return Interval(row(*(low for low, _ in ends)), row(*(high for _, high in ends)))


def test_a_new_kind_of_operand_has_operators_methods_and_functions():
    x = Interval(1.0, 2.0)
    y = (2 + x.exp() + autograd.sqrt(x)).tanh()
    assert (y.low, y.high) == tuple(math.tanh(2 + math.exp(t) + math.sqrt(t)) for t in (1.0, 2.0))
    assert len(inspect.getsource(Interval).splitlines()) < 30


def test_of_several_kinds_of_operands_the_highest_level_decides():
    x, value = Interval(1.0, 2.0), Value(3.0)
    for y in (x + 3.0, 3.0 + x, autograd.sum([3.0, x, 0.0])):
        assert isinstance(y, Interval)
    for y in (value + x, x + value, autograd.add(value, x), autograd.sum([value, x])):
        assert isinstance(y, Interval)
        assert isinstance(y.low, Value)
    assert isinstance(value + Expression(None, (), "x"), Expression)


@pytest.mark.parametrize(
    "ask", [bool, lambda x: x == 1, lambda x: x != 1, lambda x: x <= 1, lambda x: x >= 1]
)
def test_what_a_kind_of_operand_does_not_say_raises(ask):
    with pytest.raises(TypeError, match="of a Interval has no meaning"):
        ask(Interval(1.0, 2.0))


def test_a_layer_of_any_operands_is_what_its_class_says():
    """Numbers with a `data` of their own are no Values."""
    from autograd.graph.many import dots
    from autograd.testing.plain import Plain

    (y,) = dots([[2.0, 3.0]], [Plain(5.0), Plain(7.0)], [1.0])
    assert (type(y), y.data) == (Plain, 32.0)
    (y,) = dots([[Value(2.0)]], [Interval(1.0, 2.0)], [0.0])
    assert isinstance(y, Interval)


@pytest.mark.parametrize("mark", ["SLOW", "EVERY_PYTHON", "ONE_TWIN"])
def test_what_is_marked_is_there(pytestconfig, mark):
    """What is renamed would be quick, or of the engine, at once."""
    tests = HOME / "tests"
    conftest = next(
        x for x in pytestconfig.pluginmanager.get_plugins()
        if getattr(x, "__file__", None) == str(tests / "conftest.py")
    )  # fmt: skip
    sources = "".join(path.read_text(encoding="utf-8") for path in tests.rglob("test_*.py"))
    marked = {*getattr(conftest, mark)}
    assert marked == {x for x in marked if (tests / x).exists() or f"def {x}(" in sources}
