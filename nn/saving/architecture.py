"""Architectures: a module described by what it was made of, and made again from that."""

from __future__ import annotations

import inspect
import math
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import BuiltinFunctionType, FunctionType
from typing import Any

import autograd.functions.rules as rules
from autograd.functions.calls import Primitive
from autograd.graph.value import Value
from nn.members import PLAIN, members
from nn.module import ARGUMENTS, Module
from nn.saving.identity import facts
from nn.saving.tags import TAGGED, UNTAGGED, put_together, text

Named = type[Module] | Callable[..., Any]  # what a description names, and a file does not hold
DEEPEST = 200  # containers within one another in a description


def describe(module: Module) -> dict[str, Any]:
    """Return a module's class and arguments, and those of the modules among them, as plain data.

    Parameters
    ----------
    module : Module
        Of this package, or of a class of your own.

    Returns
    -------
    dict
        A module met twice is described once, so that shared weights stay shared. Numbers, texts and
        tables of them are there; functions of your own by their names, other objects by what can
        be told of them.

    Examples
    --------
    >>> from nn import MLP
    >>> describe(MLP(2, [3, 1]))
    {'class': 'MLP', 'arguments': {'nin': 2, 'nouts': [3, 1]}}
    """
    return _Describer().module(module)


def rebuild(module: Module) -> Module:
    """Return a new module of the same description; its weights are all 0."""
    describer = _Describer()
    description = describer.module(module)
    _check_depth(description)
    return _Builder(describer.known, math.inf, describer.objects).module(description)


def build(description: Any, classes: Iterable[Named] = (), size: int | None = None) -> Module:
    """Make the module that `describe` described; its weights are all 0.

    Parameters
    ----------
    description : dict
        What `describe` returned.
    classes : iterable of type or function
        The classes and functions of your own that may occur.
    size : int, optional
        The number of parameters expected; something far larger is refused before it is made.

    Raises
    ------
    ValueError
        If the description is no such thing, or a class refuses its arguments.

    Examples
    --------
    >>> from nn import MLP
    >>> build(describe(MLP(2, [3, 1])))([1.0, 2.0]).data
    0.0
    """
    known = {_name(found): found for found in [*_own_classes(), *classes]}
    builder = _Builder(known, math.inf if size is None else 10 * size + 4096)
    _check_depth(description)
    return builder.module(description)


def _check_depth(description: Any) -> None:
    """Refuse what is nested deeper than a builder, which calls itself, should follow."""
    level = [description]
    for _ in range(DEEPEST):
        level = [
            part
            for given in level
            if isinstance(given, dict | list)
            for part in (given.values() if isinstance(given, dict) else given)
        ]
        if not level:
            return
    raise ValueError("the architecture is nested too deeply")


class _Builder:
    """Makes modules of known classes from descriptions, within a limit of size."""

    def __init__(
        self, known: Mapping[str, Named], limit: float, objects: Sequence[Any] = ()
    ) -> None:
        self.known, self.left, self.objects = known, limit, iter(objects)
        self.made: list[Any] = []
        self.seen: dict[int, Any] = {}
        self.rng = _Zeros(limit)

    def module(self, description: Any) -> Module:
        """Return the module that a description stands for."""
        module = self.build(description)
        if not isinstance(module, Module):
            raise ValueError(f"the architecture describes no module, but {module!r}")
        return module

    def build(self, given: Any) -> Any:
        """Return what a description, or an argument in one, stands for."""
        if isinstance(given, list):
            return [self.build(part) for part in given]
        if not isinstance(given, dict):
            return given
        if given.keys() == {"class", "arguments"} and isinstance(given["arguments"], dict):
            return self._make(text(given["class"]), given["arguments"])
        if len(given) != 1:
            raise ValueError("a module needs a class and arguments, and nothing else")
        ((tag, content),) = given.items()
        if tag in UNTAGGED:
            return put_together(tag, content, self.build)
        if tag == "function":
            row = rules.TABLE.get(text(content))
            if row is None:
                raise ValueError(f"there is no elementary function {content!r}")
            return row
        if tag == "same_as":
            if type(content) is not int or not 0 <= content < len(self.made):
                raise ValueError(f"there is no module number {content!r}")
            return self.made[content]
        if tag == "value":
            self.made.append(Value(0.0))
            return self.made[-1]
        if tag == "named":
            if text(content) not in self.known:
                raise ValueError(
                    f"the function {content!r} is not known; pass it among `classes`, or a model"
                )
            return self.known[content]
        if tag == "object":
            for found in self.objects:
                return found
            raise ValueError(f"it has an object that no file can hold, {content!r}; pass a model")
        raise ValueError("a module needs a class and arguments, and nothing else")

    def _make(self, name: str, given: dict[str, Any]) -> Module:
        """Return a new module of the class of that name."""
        cls: Any = self.known.get(name)
        if not (isinstance(cls, type) and issubclass(cls, Module)):
            raise ValueError(f"the class {name!r} is not known; pass it among `classes`")
        ours = cls.__module__.startswith("nn.")  # whose ints are sizes, but for a seed
        for key, value in given.items():
            if ours and key != "seed" and _largest(value) > self.left:
                raise ValueError(f"{name} of {key} {value!r} does not fit to the parameters")
        arguments = {key: self.build(value) for key, value in given.items()}
        signature = inspect.signature(cls.__init__)
        rng = signature.parameters.get("rng")
        if rng is not None and rng.default is not None:
            arguments["rng"] = self.rng
        try:
            module = _call(cls, signature, arguments)
        except (TypeError, ValueError) as error:
            raise ValueError(f"{name} cannot be made: {error}") from None
        self.made.append(module)
        self._count(module)
        return module

    def _count(self, module: Module) -> None:
        """Take the Values that are new with a module off what may still be made."""
        stack: list[Any] = [module] if self.left < math.inf else []
        while stack:
            for _, member in members(stack.pop()):
                if type(member) in PLAIN or id(member) in self.seen:
                    continue
                self.seen[id(member)] = member
                if isinstance(member, Value):
                    self.left -= 1
                else:
                    stack.append(member)
        if self.left < 0:
            raise ValueError("it would have far more parameters than were saved")


def _call(cls: type[Module], signature: inspect.Signature, arguments: dict[str, Any]) -> Module:
    """Call a class with arguments by name, but by position those that have no other way."""
    parameters = list(signature.parameters.values())[1:]
    rest = next((p.name for p in parameters if p.kind is p.VAR_POSITIONAL), None)
    collected = arguments.pop(rest, []) if rest else []
    positional: list[Any] = []
    for p in parameters:
        if p.kind is not p.POSITIONAL_ONLY and (
            p.kind is not p.POSITIONAL_OR_KEYWORD or not collected
        ):
            break
        if p.name not in arguments and p.default is p.empty:
            raise TypeError(f"it lacks the argument {p.name!r}")
        positional.append(arguments.pop(p.name, p.default))
    return cls(*positional, *collected, **arguments)


def _largest(given: Any) -> float:
    """Return the largest of the ints in an argument."""
    if isinstance(given, list | dict):
        parts = given.values() if isinstance(given, dict) else given
        return max(map(_largest, parts), default=0)
    return given if type(given) is int else 0


class _Zeros(random.Random):
    """A source whose every number is 0, and which runs dry before memory does."""

    def __init__(self, limit: float) -> None:
        super().__init__(0)
        self.left = limit

    def uniform(self, a: float, b: float) -> float:  # noqa: ARG002  (as random's)
        """Return 0, as long as the limit lasts."""
        self.left -= 1
        if self.left < 0:
            raise ValueError("it would have far more parameters than were saved")
        return 0.0

    gauss = normalvariate = uniform  # type: ignore[assignment]  # (other names of operands)


class _Describer:
    """Describes modules, each once, and keeps what a description can only name."""

    def __init__(self) -> None:
        self.seen: dict[int, int] = {}  # modules and Values, in the order of their making
        self.known: dict[str, Named] = {}
        self.objects: list[Any] = []

    def module(self, module: Module) -> dict[str, Any]:
        """Describe a module."""
        args, kwargs = vars(module)[ARGUMENTS]
        bound = inspect.signature(type(module).__init__).bind_partial(module, *args, **kwargs)
        _, *given = bound.arguments.items()
        arguments = {}
        for key, value in given:
            if bound.signature.parameters[key].kind is inspect.Parameter.VAR_KEYWORD:
                arguments.update({name: self.plain(x) for name, x in value.items()})
            elif key != "rng":
                arguments[key] = self.plain(list(value) if _collects(bound, key) else value)
        self.seen[id(module)] = len(self.seen)
        return {"class": self._named(type(module)), "arguments": arguments}

    def plain(self, given: Any) -> Any:
        """Return an argument as plain data."""
        if hasattr(given, "tolist"):  # an array, or a number of NumPy
            given = given.tolist()
        if id(given) in self.seen:
            return {"same_as": self.seen[id(given)]}
        if isinstance(given, Module):
            return self.module(given)
        if isinstance(given, Value) and not given.parents:
            self.seen[id(given)] = len(self.seen)
            return {"value": None}
        if isinstance(given, Primitive):
            return {"function": given.name}
        if given is None or type(given) in (bool, int, str):
            return given
        if type(given) is float and math.isfinite(given):
            return given
        if type(given) is list:
            return [self.plain(part) for part in given]
        if type(given) in TAGGED:
            tag, apart = TAGGED[type(given)]
            return {tag: self.plain(apart(given))}
        if isinstance(given, FunctionType | BuiltinFunctionType | type):
            return {"named": self._named(given)}
        self.objects.append(given)
        return {"object": facts(type(given).__name__, given)}

    def _named(self, thing: Named) -> str:
        """Return the name of a class or function, with a number if others have the same."""
        name, number = _name(thing), 1
        while self.known.setdefault(name, thing) is not thing:
            number += 1
            name = f"{_name(thing)} {number}"
        return name


def _collects(bound: inspect.BoundArguments, key: str) -> bool:
    """Tell whether a parameter takes all that is left."""
    return bound.signature.parameters[key].kind is inspect.Parameter.VAR_POSITIONAL


def _name(named: Any) -> str:
    """Return the name by which a class or function is known."""
    return str(named.__name__)


def _own_classes() -> list[type[Module]]:
    """Return the classes of modules that this package offers."""
    found, stack = [], [Module]
    while stack:
        for cls in stack.pop().__subclasses__():
            stack.append(cls)
            if cls.__module__.startswith("nn.") and not cls.__name__.startswith("_"):
                found.append(cls)
    return found
