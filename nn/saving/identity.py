"""What a run consists of, as texts that can be compared: the options, the code and the data."""

from __future__ import annotations

import dis
import hashlib
import random
import sys
import types
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Set
from functools import partial
from typing import Any

from autograd.functions.calls import Primitive
from autograd.graph.value import Value
from nn.members import PLAIN, attributes, members, search
from nn.module import ARGUMENTS, Module
from nn.optim.base import Optimizer
from nn.optim.schedules import Schedule

LONGEST = 200  # characters of a text; of a longer one, the checksum is kept
CHECKSUM = "sha256:"
CLOCKS = {"params", "state", "steps", "defaults"}  # of an optimiser: no settings of a step

Parts = list[tuple[str, Any]]


def facts(name: str, thing: Any) -> dict[str, str]:
    """Return what a thing is, part by part: a text for each, by its dotted path.

    Numbers of parameters, sources of random numbers, clocks, and attributes with a leading
    underscore are left out: they are the state of a run. A function of the user's own is told
    by its code, and by what it refers to.

    Examples
    --------
    >>> from nn import Neuron
    >>> facts("model", Neuron(2, activation="tanh"))
    {'model': 'Neuron', 'model.nonlin': 'True', 'model.activation': "'tanh'"}
    """
    found: dict[str, str] = {}
    seen: dict[int, Any] = {}  # what was met stays alive, so that nothing takes its id
    stack = [(name, thing)]
    while stack:
        path, part = stack.pop()
        if isinstance(part, (Value, types.ModuleType, *source_kinds())) or id(part) in seen:
            continue
        kind, parts = _taken_apart(part)
        if kind:
            found[path] = kind if len(kind) <= LONGEST else checksum(kind)
        if parts:
            seen[id(part)] = part
            stack += reversed([(f"{path}.{key}", x) for key, x in parts])
    return found


def checksum(data: Any) -> str:
    """Return a checksum of examples, however they are nested; lists and arrays count alike.

    Raises
    ------
    TypeError
        If among them is an iterator, which can be read but once.

    Examples
    --------
    >>> import numpy as np
    >>> checksum([[1.0, 2.0]]) == checksum(np.array([[1, 2]])) != checksum([[1.0, 2.5]])
    True
    """
    summed = hashlib.sha256()
    stack: list[tuple[Any, Iterator[Any]]] = [(None, iter([data]))]
    around: set[int] = set()
    while stack:
        holder, parts = stack[-1]
        for part in parts:
            part = part.data if isinstance(part, Value) else part
            part = part.tolist() if hasattr(part, "tolist") else part
            if isinstance(part, int) and abs(part) <= 2**53:
                part = float(part)
            if type(part) in PLAIN:
                summed.update(f"{part!r},".encode())
            elif id(part) in around:
                summed.update(b"itself,")
            else:
                summed.update(b"[")
                around.add(id(part))
                stack.append((part, _inside(part)))
                break
        else:
            stack.pop()
            around.discard(id(holder))
            summed.update(b"]")
    return CHECKSUM + summed.hexdigest()


def whole(model: Callable[[Any], Any]) -> Module:
    """Return a model as a module: itself, or one that holds what a function refers to.

    Examples
    --------
    >>> from nn import Neuron
    >>> [name for name, _ in whole(Neuron(1).__call__).named_parameters()]
    ['__self__.w.0', '__self__.b']
    """
    if isinstance(model, Module):
        return model
    holder = Module()
    found: dict[str, Any] = {}
    queue: deque[tuple[str, Any]] = deque([("", model)])
    while queue:
        path, thing = queue.popleft()
        for name, x in _reached(thing):
            if id(x) not in map(id, found.values()):
                found[path + name] = x
                if callable(x) and not isinstance(x, Module | Value | Primitive | type):
                    queue.append((f"{path}{name}.", x))
    kinds = (Module, Value, *source_kinds())
    vars(holder).update(
        {name: x for name, x in found.items() if x is random or any(search([x], kinds))}
    )
    return holder


def source_kinds() -> tuple[type, ...]:
    """Return the classes of sources of random numbers; the module `random` is one beside."""
    numpy: Any = sys.modules.get("numpy.random")
    return (random.Random, *([numpy.Generator] if numpy else []))


def _taken_apart(thing: Any) -> tuple[str, Parts]:
    """Return a text for a thing, and those of its parts that have texts of their own."""
    kind = _name(type(thing))
    if isinstance(thing, Module):
        return kind, _visible(thing, {ARGUMENTS, "training"})
    if isinstance(thing, Optimizer):
        return kind, [(key, x) for key, x in _settings(thing) if key.split(".")[-1] not in CLOCKS]
    if isinstance(thing, Schedule):
        return kind, _visible(thing, {*thing.state_dict(), "optimizer"})
    if isinstance(thing, types.MethodType | partial):
        return kind, _reached(thing)
    if _is_own(thing):
        return _name(thing) + _mark(thing.__code__), _reached(thing)
    if isinstance(thing, Mapping) and not _is_plain(thing):
        return "", [(str(key), x) for key, x in thing.items()]
    if isinstance(thing, list | tuple | deque) and not _is_plain(thing):
        return "", [(str(i), x) for i, x in enumerate(thing)]
    text = _told(thing)
    return (kind, _visible(thing, set())) if " at 0x" in text else (text, [])


def _settings(optimiser: Optimizer) -> Parts:
    """Return the settings of an optimiser, by group where there are several."""
    own = _visible(optimiser, {"param_groups"})
    groups: list[dict[str, Any]] = getattr(optimiser, "param_groups", [])
    if len(groups) == 1:
        return own + list(groups[0].items())
    return own + [(f"{i}.{key}", x) for i, group in enumerate(groups) for key, x in group.items()]


def _told(thing: Any) -> str:
    """Return a text that tells a thing from others: a number, a name, a table of them."""
    if isinstance(thing, Primitive):
        return f"autograd.{thing.name}"
    if hasattr(thing, "tolist"):  # an array, or a number of NumPy
        return _told(thing.tolist())
    if isinstance(thing, list | tuple | deque):
        return f"({', '.join(map(_told, thing))})"
    if isinstance(thing, Mapping):
        return f"{{{', '.join(f'{_told(key)}: {_told(x)}' for key, x in thing.items())}}}"
    if isinstance(thing, Set):
        return f"{{{', '.join(sorted(map(_told, thing)))}}}"
    return _name(thing) if isinstance(thing, NAMED) else repr(thing)


def _visible(thing: Any, besides: set[str]) -> Parts:
    """Return the attributes of an object without those that are no part of what it is."""
    found = attributes(thing).items()
    return [(key, x) for key, x in found if not key.startswith("_") and key not in besides]


def _is_plain(thing: Any) -> bool:
    """Tell whether a table holds numbers and texts alone."""
    if isinstance(thing, Mapping):
        thing = [*thing.keys(), *thing.values()]
    if isinstance(thing, list | tuple | deque):
        return all(type(x) in PLAIN or _is_plain(x) for x in thing)
    return type(thing) in PLAIN or hasattr(thing, "tolist")


NAMED = (type, types.FunctionType, types.BuiltinFunctionType)


def _is_own(thing: Any) -> bool:
    """Tell whether a thing is a function of the user's own, and not one of this package."""
    return isinstance(thing, types.FunctionType) and (
        (thing.__module__ or "").partition(".")[0] not in ("nn", "autograd")
    )


def _name(thing: Any) -> str:
    """Return the name of a class or function, wherever it is defined now."""
    return str(thing.__qualname__)


def _mark(code: types.CodeType) -> str:
    """Return a mark of a function's code, and of the Python that it was compiled by."""
    parts: list[Any] = []
    stack = [code]
    while stack:
        part = stack.pop()
        inner = [x for x in part.co_consts if isinstance(x, types.CodeType)]
        stack += inner
        consts = [repr(x) for x in part.co_consts if x not in inner]
        parts += [part.co_code, part.co_names, part.co_varnames, consts]
    return f" with the code {checksum(parts)[len(CHECKSUM) :][:8]}"


def _reached(thing: Any) -> Parts:
    """Return what a function, a method or an object that can be called may make use of."""
    if isinstance(thing, types.MethodType):
        return [("__func__", thing.__func__), ("__self__", thing.__self__)]
    if isinstance(thing, partial):
        return list(members(thing))
    return _referred(thing) if _is_own(thing) else list(attributes(thing).items())


def _referred(function: types.FunctionType) -> Parts:
    """Return what a function refers to: its defaults, and the variables around it."""
    code, found = function.__code__, dict[str, Any]()
    for name, cell in zip(code.co_freevars, function.__closure__ or (), strict=True):
        try:
            found[name] = cell.cell_contents
        except ValueError:  # not yet assigned
            continue
    stack = [code]
    while stack:
        part = stack.pop()
        stack += [x for x in part.co_consts if isinstance(x, types.CodeType)]
        names = [x.argval for x in dis.get_instructions(part) if x.opname == "LOAD_GLOBAL"]
        found |= {x: function.__globals__[x] for x in names if x in function.__globals__}
    defaults = enumerate(function.__defaults__ or ())
    found |= {f"__defaults__.{i}": x for i, x in defaults}
    found |= {f"__kwdefaults__.{key}": x for key, x in (function.__kwdefaults__ or {}).items()}
    return list(found.items())


def _inside(thing: Any) -> Iterator[Any]:
    """Return what makes up an example that is no number, one after the other."""
    if isinstance(thing, Mapping):
        return iter([x for pair in thing.items() for x in pair])
    if isinstance(thing, Set):
        return iter(sorted(map(_told, thing)))
    if isinstance(thing, Iterator):
        raise TypeError(f"an example is {thing!r}, which can be read but once; pass a list")
    if hasattr(thing, "__iter__") or hasattr(thing, "__getitem__"):
        return iter(thing)
    text = repr(thing)
    name = _name(type(thing))
    return iter([name, *attributes(thing).items()] if " at 0x" in text else [name, text])
