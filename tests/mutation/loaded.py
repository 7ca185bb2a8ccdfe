"""Changing a module that is loaded, in place: others hold its functions, classes and constants."""

from __future__ import annotations

import ast
import inspect
import sys
from types import FunctionType

KEPT = {"__dict__", "__weakref__", "__module__", "__doc__", "__annotations__", "__slots__"}


def put(module, source, line):
    """Change what is loaded, in place, to what the source says on a line."""
    statement = next(x for x in ast.parse(source).body if x.end_lineno >= line)
    scope, flags = dict(vars(module)), annotations.compiler_flag
    exec(compile(ast.Module([statement], []), module.__file__, "exec", flags), scope)
    for name in [x for x in vars(module) if scope[x] is not vars(module)[x]]:
        old, new = vars(module)[name], scope[name]
        if isinstance(statement, ast.ClassDef):
            scope[name] = old
            for key in {*vars(old), *vars(new)} - KEPT:
                replace(old, key, vars(new).get(key))
        elif not replace(module, name, new):
            users = [module] if name.startswith("_") else list(sys.modules.values())
            for user in [x for x in users if getattr(x, name, None) is old]:
                setattr(user, name, new)


def replace(owner, name, new):
    """Give a name another function, in the very object if it can: others hold that."""
    old = vars(owner).get(name)
    a, b = function_in(old), function_in(new)
    if type(old) is type(new) and a and b and a.__code__.co_freevars == b.__code__.co_freevars:
        a.__code__, a.__defaults__, a.__kwdefaults__ = b.__code__, b.__defaults__, b.__kwdefaults__
    elif inspect.isclass(owner) and type(old).__name__ != "member_descriptor" and old != new:
        delattr(owner, name) if new is None else setattr(owner, name, new)
    return a is not None


def function_in(x):
    """What a property, a method of a class or a decorated function was made of."""
    for name in ("fget", "func", "__func__"):
        x = getattr(x, name, None) or x
    x = inspect.unwrap(x) if callable(x) else x
    return x if isinstance(x, FunctionType) else None
