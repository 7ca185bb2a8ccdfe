"""A module: something that holds parameters, which are found by walking it."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, NamedTuple, Self

from autograd.graph.value import Value
from autograd.graph.watching.recording import register_module_class
from autograd.numbers.kinds import as_number, is_number
from nn.members import Pairs, attributes, members, path, search, slots
from nn.modes import is_evaluating
from nn.trail import Trail


class Module:
    """The base of everything with parameters; it discovers them, so that no class lists them.

    A parameter is a leaf `Value` (one without parents) that can be reached from the module
    through attributes (slots too), lists, tuples, deques, dicts, arrays of objects, dataclasses,
    bound methods, `functools.partial` and other modules, however nested. Attributes come in the
    order in which they were first set, the members of a container in its own order. A Value or a
    module reached twice counts once, under the first of its names. One that is only in a set or
    a key of a dict has no place in an order, and is refused. Functions and objects of other
    classes are not looked into.

    A subclass needs no call of `super().__init__()`.

    Attributes
    ----------
    training : bool
        True while the module is trained, the state it starts in; see `train` and `eval`. While
        `fit` validates, or a `Classifier` answers, it is False, whatever was set.

    Examples
    --------
    >>> class Line(Module):
    ...     def __init__(self):
    ...         self.slope, self.offset = Value(2.0), Value(1.0)
    ...     def __call__(self, x):
    ...         return self.slope * x + self.offset
    >>> line = Line()
    >>> line(3.0).backward()
    >>> {name: p.grad for name, p in line.named_parameters()}
    {'slope': 3.0, 'offset': 1.0}
    """

    _place_of_rng: ClassVar[int | None] = None  # among the arguments given by position

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Let `autograd.record` know of the calls of every kind of module."""
        super().__init_subclass__(**kwargs)
        register_module_class(cls)
        _, *given = inspect.signature(cls.__init__).parameters.values()
        names = [parameter.name for parameter in given if parameter.kind in BY_POSITION]
        cls._place_of_rng = names.index("rng") if "rng" in names else None

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        """Make the module, and remember what it is made of, so that it can be saved."""
        if cls.__init__ is object.__init__ and (args or kwargs):
            raise TypeError(f"{cls.__name__} takes no arguments")
        self = super().__new__(cls)
        kwargs.pop("rng", None)  # the numbers that were drawn are saved, not their source
        at = cls._place_of_rng
        if at is not None and at < len(args):
            args = (*args[:at], None, *args[at + 1 :])
        vars(self).update({ARGUMENTS: (args, kwargs), TRAIL: Trail()})
        return self

    @property
    def training(self) -> bool:
        """True while the module is trained."""
        return not is_evaluating() and bool(vars(self).get("training", True))

    @training.setter
    def training(self, mode: bool) -> None:
        vars(self)["training"] = mode

    def __repr__(self) -> str:
        """Return the call that made the module."""
        args, kwargs = vars(self)[ARGUMENTS]
        named = (f"{name}={titled(value)}" for name, value in kwargs.items())
        return f"{type(self).__name__}({', '.join([*map(titled, args), *named])})"

    def named_parameters(self) -> Iterator[tuple[str, Value]]:
        """Yield each parameter with its dotted path from this module, in the order of the walk.

        Yields
        ------
        tuple of (str, Value)
            A name such as ``layers.0.neurons.1.w.2``, and the parameter itself.

        Examples
        --------
        >>> from nn.layers import Neuron
        >>> [name for name, _ in Neuron(2).named_parameters()]
        ['w.0', 'w.1', 'b']
        """
        for way, found in search(self, (Module, Value)):
            if isinstance(found, Value) and not found.parents:
                yield path(way), found

    def parameters(self) -> list[Value]:
        """Return the parameters in the order of `named_parameters`.

        Examples
        --------
        >>> from nn.layers import MLP
        >>> len(MLP(2, [16, 16, 1]).parameters())
        337
        """
        own = [member for member in vars(self).values() if type(member) is not Trail]
        trail = vars(self).get(TRAIL)
        if trail is not None and trail.leads(own):
            return list(trail.found)
        read: list[Any] = []
        values = [x for _, x in search(self, (Module, Value), read) if isinstance(x, Value)]
        found = [value for value in values if not value.parents]
        modules = [x for x in read if isinstance(x, Module)]
        lists = [x for x in read if type(x) in (list, tuple)]
        # Of other holders, and of a Value that is computed, a change would not be noticed.
        known = len(modules) + len(lists) == len(read) and len(found) == len(values)
        if known and not any(slots(type(x)) for x in [self, *modules]):
            vars(self)[TRAIL] = Trail([*found], own, modules, lists)
        return found

    def zero_grad(self) -> None:
        """Set the gradient of every parameter back to 0.

        Examples
        --------
        >>> from nn.layers import Neuron
        >>> neuron = Neuron(1, nonlin=False)
        >>> neuron([3.0]).backward()
        >>> neuron.b.grad
        1.0
        >>> neuron.zero_grad()
        >>> neuron.b.grad
        0
        """
        for parameter in self.parameters():
            parameter.grad = 0

    def named_modules(self) -> Iterator[tuple[str, Module]]:
        """Yield this module, under an empty name, and every module within it, with its path.

        Examples
        --------
        >>> from nn.layers import MLP
        >>> [name for name, _ in MLP(1, [1]).named_modules()]
        ['', 'layers.0', 'layers.0.neurons.0']
        """
        for way, found in search(self, Module):
            yield path(way), found

    def modules(self) -> Iterator[Module]:
        """Yield this module and every module within it, each once.

        Examples
        --------
        >>> from nn.layers import MLP
        >>> [type(module).__name__ for module in MLP(1, [1]).modules()]
        ['MLP', 'Layer', 'Neuron']
        """
        for _, found in search(self, Module):
            yield found

    def train(self, mode: bool = True) -> Self:
        """Set `training` of this module and of every module within it, and return this module.

        Parameters
        ----------
        mode : bool
            True to train, False to evaluate.

        Examples
        --------
        >>> from nn.layers import Neuron
        >>> Neuron(1).train(False).training
        False
        """
        for module in self.modules():
            module.training = mode
        return self

    def eval(self) -> Self:
        """Leave the training state: the same as ``train(False)``.

        Examples
        --------
        >>> from nn.layers import MLP
        >>> {module.training for module in MLP(1, [2, 1]).eval().modules()}
        {False}
        """
        return self.train(False)

    def state_dict(self) -> dict[str, Any]:
        """Return the number of each parameter by its name.

        Examples
        --------
        >>> from nn.layers import Neuron
        >>> neuron = Neuron(1)
        >>> neuron.w[0].data = 0.5
        >>> neuron.state_dict()
        {'w.0': 0.5, 'b': 0.0}
        """
        return {name: parameter.data for name, parameter in self.named_parameters()}

    def load_state_dict(self, state: Mapping[str, Any], strict: bool = True) -> IncompatibleKeys:
        """Give each parameter the number that `state` has under its name.

        Parameters
        ----------
        state : mapping of str to number
            What `state_dict` of a module of the same shape returned.
        strict : bool
            False to let names be missing or unknown: a parameter whose name is missing keeps its
            number, an unknown name is passed over.

        Returns
        -------
        IncompatibleKeys
            The names that were missing and unexpected, in two lists.

        Raises
        ------
        TypeError
            If `state` is no mapping.
        ValueError
            If a name is missing or unknown and `strict` is true, or something is no number;
            nothing is then changed.

        Examples
        --------
        >>> from nn.layers import Neuron
        >>> first, second = Neuron(2), Neuron(2)
        >>> second.load_state_dict(first.state_dict())
        <All keys matched successfully>
        >>> second([1.0, 2.0]).data == first([1.0, 2.0]).data
        True
        >>> Neuron(1).load_state_dict(first.state_dict(), strict=False)
        IncompatibleKeys(missing_keys=[], unexpected_keys=['w.1'])
        """
        if not isinstance(state, Mapping):
            raise TypeError(
                "a state is a mapping of names to numbers, as state_dict() returns, "
                f"but was a {type(state).__name__}"
            )
        parameters = dict(self.named_parameters())
        keys = IncompatibleKeys(
            [name for name in parameters if name not in state],
            [name for name in state if name not in parameters],
        )
        for names, fault in zip(keys, ("lacks", "has the unknown"), strict=True):
            if names and strict:
                listed = ", ".join(sorted(names)[:3]) + (", ..." if len(names) > 3 else "")
                raise ValueError(
                    f"the state {fault} {listed}; the module has {len(parameters)} "
                    f"parameters, the state {len(state)}"
                )
        taken = {name: state[name] for name in parameters if name in state}
        for name, number in taken.items():
            if not is_number(number):
                raise ValueError(f"the state has no number for {name}, but {number!r}")
        for name, number in taken.items():
            parameters[name].data = as_number(number)
        return keys


def titled(given: Any) -> str:
    """Return how an argument is shown: a function by its name, without its address."""
    return repr(given) if isinstance(given, Module) else getattr(given, "__name__", repr(given))


class IncompatibleKeys(NamedTuple):
    """The names in which a state and a module differ, as PyTorch's `load_state_dict` tells them.

    Attributes
    ----------
    missing_keys : list of str
        The parameters that the state has no number for, in the order of the module.
    unexpected_keys : list of str
        The names in the state that are none of the module's, in the order of the state.

    Examples
    --------
    >>> IncompatibleKeys([], ["b"]).unexpected_keys
    ['b']
    """

    missing_keys: list[str]
    unexpected_keys: list[str]

    def __repr__(self) -> str:
        """Return the names, or that there are none."""
        if not (self.missing_keys or self.unexpected_keys):
            return "<All keys matched successfully>"
        return (
            f"{type(self).__name__}(missing_keys={self.missing_keys}, "
            f"unexpected_keys={self.unexpected_keys})"
        )


BY_POSITION = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
ARGUMENTS = "_arguments"  # where a module remembers what it was made of
TRAIL = "_trail"  # and where its parameters were found


@members.register
def _of_a_module(module: Module) -> Pairs:
    """The attributes of a module: all of them now, as `train` sets one during the search."""
    return [(name, member) for name, member in attributes(module).items() if name != ARGUMENTS]
