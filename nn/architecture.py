"""Architectures: a module described by what it was made of, and made again from that."""

from __future__ import annotations

import inspect
import math
import random
from collections.abc import Iterable, Mapping
from typing import Any

from autograd import Value, rules
from autograd.primitives import Primitive
from nn.module import ARGUMENTS, Module

Classes = Mapping[str, type[Module]]
DEEPEST = 200  # containers within one another in a description


def describe(module: Module) -> dict[str, Any]:
    """Return a module's class and arguments, and those of the modules among them, as plain data.

    Parameters
    ----------
    module : Module
        Of this package, or a class of your own whose arguments are plain as well.

    Returns
    -------
    dict
        A module met twice is described once, so that shared weights stay shared.

    Raises
    ------
    TypeError
        If an argument is neither plain nor a module, such as a function of your own.

    Examples
    --------
    >>> from nn import MLP
    >>> describe(MLP(2, [3, 1]))
    {'class': 'MLP', 'arguments': {'nin': 2, 'nouts': [3, 1]}}
    """
    return _module(module, {})


def build(
    description: Any, classes: Iterable[type[Module]] = (), size: int | None = None
) -> Module:
    """Make the module that `describe` described; its weights are all 0.

    Parameters
    ----------
    description : dict
        What `describe` returned.
    classes : iterable of type
        The classes of your own that may occur.
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
    known = {found.__name__: found for found in [*_own_classes(), *classes]}
    builder = _Builder(known, math.inf if size is None else 10 * size + 4096)
    _check_depth(description)
    module = builder.build(description)
    if not isinstance(module, Module):
        raise ValueError(f"the architecture describes no module, but {module!r}")
    return module


def differences(first: Any, second: Any, path: str = "") -> str:
    """Return the path of the first thing in which two modules differ beside weights, or ``""``.

    Attributes with a leading underscore, sources of random numbers and the training state are
    left out.

    Examples
    --------
    >>> from nn import Neuron
    >>> one, two = Neuron(2), Neuron(2)
    >>> two.nonlin = False
    >>> differences(one, two)
    'nonlin'
    """
    first, second = _without_numpy(first), _without_numpy(second)
    if type(first) is not type(second):
        return path or "class"
    pairs: list[dict[Any, Any]]
    if isinstance(first, Module):
        pairs = [_visible(first), _visible(second)]
    elif isinstance(first, dict):
        pairs = [first, second]
    elif isinstance(first, list | tuple):
        pairs = [dict(enumerate(first)), dict(enumerate(second))]
    else:
        same = isinstance(first, Value | random.Random) or first == second
        return "" if same else path
    if pairs[0].keys() != pairs[1].keys():
        return path or "attributes"
    found = (
        differences(value, pairs[1][key], f"{path}.{key}" if path else str(key))
        for key, value in pairs[0].items()
    )
    return next(filter(None, found), "")


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

    def __init__(self, classes: Classes, limit: float) -> None:
        self.classes, self.limit = classes, limit
        self.made: list[Module] = []
        self.rng = _Zeros(limit)

    def build(self, given: Any) -> Any:
        """Return what a description, or an argument in one, stands for."""
        if isinstance(given, list):
            return [self.build(part) for part in given]
        if not isinstance(given, dict):
            return given
        if given.keys() == {"function"}:
            row = rules.TABLE.get(_text(given["function"]))
            if row is None:
                raise ValueError(f"there is no elementary function {given['function']!r}")
            return row
        if given.keys() == {"same_as"}:
            index = given["same_as"]
            if type(index) is not int or not 0 <= index < len(self.made):
                raise ValueError(f"there is no module number {index!r}")
            return self.made[index]
        if given.keys() != {"class", "arguments"} or not isinstance(given["arguments"], dict):
            raise ValueError("a module needs a class and arguments, and nothing else")
        return self._make(_text(given["class"]), given["arguments"])

    def _make(self, name: str, given: dict[str, Any]) -> Module:
        """Return a new module of the class of that name."""
        cls = self.classes.get(name)
        if cls is None:
            raise ValueError(f"the class {name!r} is not known; pass it among `classes`")
        for key, value in given.items():
            sizes = value if isinstance(value, list) else [value]
            if key != "seed" and any(type(n) is int and n > self.limit for n in sizes):
                raise ValueError(f"{name} of {key} {value!r} does not fit to the parameters")
        arguments = {key: self.build(value) for key, value in given.items()}
        signature = inspect.signature(cls.__init__)
        several = [key for key, p in signature.parameters.items() if p.kind is p.VAR_POSITIONAL]
        positional = arguments.pop(several[0], []) if several else []
        if "rng" in signature.parameters:
            arguments["rng"] = self.rng
        try:
            module = cls(*positional, **arguments)
        except (TypeError, ValueError) as error:
            raise ValueError(f"{name} cannot be made: {error}") from None
        self.made.append(module)
        return module


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


def _module(module: Module, seen: dict[int, int]) -> dict[str, Any]:
    """Describe a module; `seen` numbers those described before, in the order of their making."""
    if id(module) in seen:
        return {"same_as": seen[id(module)]}
    args, kwargs = vars(module)[ARGUMENTS]
    bound = inspect.signature(type(module).__init__).bind(module, *args, **kwargs)
    _, *given = bound.arguments.items()
    arguments = {}
    for key, value in given:
        if bound.signature.parameters[key].kind is inspect.Parameter.VAR_KEYWORD:
            arguments.update({name: _plain(x, f"{key} {name}", seen) for name, x in value.items()})
        else:
            arguments[key] = _plain(value, f"{type(module).__name__}'s {key}", seen)
    seen[id(module)] = len(seen)
    return {"class": type(module).__name__, "arguments": arguments}


def _plain(given: Any, name: str, seen: dict[int, int]) -> Any:
    """Return an argument as plain data."""
    given = _without_numpy(given)
    if given is None or isinstance(given, bool | int | float | str):
        return given
    if isinstance(given, Module):
        return _module(given, seen)
    if isinstance(given, Primitive):
        return {"function": given.name}
    if isinstance(given, list | tuple):
        return [_plain(part, name, seen) for part in given]
    raise TypeError(
        f"{name} cannot be saved: {given!r} is neither a number, a text, a list nor a module; "
        "a function can be named, or made a Module"
    )


def _without_numpy(given: Any) -> Any:
    """Return NumPy's numbers and arrays as Python's own."""
    return given.tolist() if hasattr(type(given), "tolist") else given


def _own_classes() -> list[type[Module]]:
    """Return the classes of modules that this package offers."""
    found, stack = [], [Module]
    while stack:
        for cls in stack.pop().__subclasses__():
            stack.append(cls)
            if cls.__module__.startswith("nn.") and not cls.__name__.startswith("_"):
                found.append(cls)
    return found


def _visible(module: Module) -> dict[str, Any]:
    """Return what a module is, without what it is made with and what it is doing."""
    return {
        key: value
        for key, value in vars(module).items()
        if not key.startswith("_") and key != "training"
    }


def _text(given: Any) -> str:
    """Return a name, which has to be a text."""
    if not isinstance(given, str):
        raise ValueError(f"a name has to be a text, but was {given!r}")
    return given
