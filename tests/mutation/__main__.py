"""Mutate a module of the engine and count what the tests notice: a command, not part of CI.

    python tests/mutation autograd.sweep
    python tests/mutation autograd.value --every 5

Each mutant is one change in one function, as for the rows of the table. It is tested in a process
of its own, which loads the changed source in the module's place and runs the tests of `Value`, the
programs of micrograd and the laws of the sweep until the first failure. Survivors are printed, to
be read: an equivalent, or a test that is missing.
"""

from __future__ import annotations

import argparse
import ast
import copy
import importlib.abc
import importlib.util
import os
import signal
import sys
from collections.abc import Iterator
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).parents[2]
TESTS = ["tests/test_value.py", "tests/test_micrograd.py",
         "tests/mutation/test_mutation.py::test_the_sweep_obeys_the_laws"]  # fmt: skip
PATIENCE = 60  # seconds for one mutant: an endless loop is noticed as well
SWAPPED: dict[type[ast.AST], type[ast.AST]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.Lt: ast.LtE,
    ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.And: ast.Or,
    ast.Or: ast.And, ast.Break: ast.Continue, ast.Continue: ast.Break,
}  # fmt: skip


def mutants(source: str) -> Iterator[tuple[str, str]]:
    """What was changed, and the changed source."""
    tree = ast.parse(source)
    for count, node in enumerate(ast.walk(tree)):
        for kind in range(2):
            fresh = copy.deepcopy(tree)
            target = next(x for i, x in enumerate(ast.walk(fresh)) if i == count)
            before = ast.unparse(target)[:60]
            if _changed(target, kind):
                place = f"line {getattr(node, 'lineno', '?')}: {before}"
                yield f"{place}  ->  {ast.unparse(target)[:60]}", ast.unparse(fresh)


def _changed(node: Any, kind: int) -> bool:
    """Change a node in place; whether there was anything to change in this way."""
    if isinstance(node, (ast.BinOp, ast.AugAssign, ast.BoolOp)) and type(node.op) in SWAPPED:
        node.op = SWAPPED[type(node.op)]()
        return kind == 0
    if isinstance(node, ast.Compare) and type(node.ops[0]) in SWAPPED:
        node.ops[0] = SWAPPED[type(node.ops[0])]()
        return kind == 0
    if isinstance(node, (ast.If, ast.IfExp, ast.While)):
        node.test = ast.UnaryOp(ast.Not(), node.test) if kind else ast.Constant(True)
        return not (isinstance(node, ast.While) and not kind)
    if isinstance(node, ast.Constant) and type(node.value) in (int, float, bool):
        node.value = not node.value if isinstance(node.value, bool) else node.value + 1
        return kind == 0
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        node.operand = ast.UnaryOp(ast.Not(), node.operand)
        return kind == 0
    if isinstance(node, ast.Return) and node.value is not None:
        node.value = ast.Constant(None)
        return kind == 0
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        node.value = ast.Constant(None)
        return kind == 0
    return False


class Replaced(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Loads one module from a source of our own."""

    def __init__(self, name: str, path: Path, source: str) -> None:
        self.name, self.path, self.source = name, path, source

    def find_spec(self, name: str, path: Any, target: Any = None) -> ModuleSpec | None:
        if name != self.name:
            return None
        return importlib.util.spec_from_file_location(name, self.path, loader=self)

    def create_module(self, spec: ModuleSpec) -> None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        exec(compile(self.source, str(self.path), "exec"), vars(module))


def survives(name: str, path: Path, source: str) -> bool:
    """Whether the tests pass with a module replaced."""
    child = os.fork()
    if not child:
        signal.alarm(PATIENCE)  # ends the child by a signal, which counts as noticed
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        sys.meta_path.insert(0, Replaced(name, path, source))
        os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
        import pytest

        options = ["-x", "-q", "-p", "no:doctest", "-p", "no:randomly", "-o", "addopts="]
        mode = ["--import-mode=importlib", "-p", "no:cacheprovider"]
        os._exit(int(pytest.main([*options, *mode, *TESTS])))
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def main() -> None:
    """Test the mutants of one module."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("module", help="such as autograd.sweep")
    parser.add_argument("--every", type=int, default=1, help="test every n-th mutant only")
    options = parser.parse_args()
    os.chdir(ROOT)
    sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
    for package in ("hypothesis", "mpmath", "numpy", "pytest"):  # shared by the children
        importlib.import_module(package)
    path = ROOT / (options.module.replace(".", "/") + ".py")
    source = path.read_text(encoding="utf-8")
    if not survives(options.module, path, source):
        raise SystemExit("the tests fail without any change: nothing can be said of mutants")
    chosen = list(mutants(source))[:: options.every]
    alive = []
    for what, changed in chosen:
        if survives(options.module, path, changed):
            alive.append(what)
            print(what, flush=True)
    killed = len(chosen) - len(alive)
    print(f"{options.module}: {killed} of {len(chosen)} mutants noticed")


if __name__ == "__main__":
    main()
