"""What every optimiser has: groups of parameters with their settings, and what it remembers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from operator import is_
from types import MappingProxyType
from typing import Any, ClassVar

from autograd.graph.value import Value
from nn.optim.groups import listed_groups, listed_parameters
from nn.optim.loops import loop
from nn.optim.options import Group, Option, non_negative, number


class Optimizer:
    """What every optimiser has: groups of parameters with their settings, and what it remembers.

    A subclass declares its settings as `Option`, what it remembers in `memory`, and says in
    `update` how a gradient moves a parameter; or in `step`, how all of them are moved.

    Parameters
    ----------
    params : iterable of Value, or of dict
        The parameters, such as ``model.parameters()``; or groups of them with settings of their
        own, such as ``{"params": biases, "weight_decay": 0}``.
    lr : float
        The learning rate of the groups that have none of their own; a schedule may change it
        between steps.
    **options
        The other settings of a subclass, for the groups that have none of their own.

    Attributes
    ----------
    param_groups : list of dict
        The groups: each has its `params` and all its settings. A schedule adds the `initial_lr`
        that it starts from.
    params : list of Value
        The parameters of all groups.
    lr : float
        The learning rate, if it is that of all groups; set, it is set in all of them. So are the
        other settings.
    defaults : dict
        The settings of groups that are added without their own.
    state : dict of str to list
        What is remembered from step to step: for each name one number per parameter, in the order
        of `params`, or None where nothing is remembered yet. Empty before the first step.

    Raises
    ------
    TypeError
        If `params` is not an iterable of Values or of groups.
    ValueError
        If there are no parameters, one comes twice, a group has a setting that is unknown, or `lr`
        is negative or not finite.

    Examples
    --------
    >>> from nn.optim import SGD
    >>> w, b = Value(1.0), Value(1.0)
    >>> optimizer = SGD([{"params": w}, {"params": b, "weight_decay": 0}], lr=0.5, weight_decay=1)
    >>> optimizer.step()
    >>> w.data, b.data
    (0.5, 1.0)
    >>> optimizer.zero_grad()
    >>> w.grad
    0

    One of your own, the steps of which are all of the length `lr`:

    >>> from autograd import sign
    >>> class Sign(Optimizer):
    ...     @staticmethod
    ...     def update(value, gradient, *, lr):
    ...         return (value - lr * sign(gradient),)
    >>> w.grad = -0.001
    >>> Sign([w], lr=0.25).step()
    >>> w.data
    0.75
    """

    lr = Option(non_negative)

    # What a subclass remembers, each with its check; names that are not here are not taken.
    memory: ClassVar[Mapping[str, Callable[[Any, str], Any]]] = {}
    _elsewhere: Callable[[], None] | None = None  # what moves parameters that lie in arrays
    _known: Mapping[int, Group] = MappingProxyType({})  # the settings of groups that were checked

    def __init__(
        self, params: Iterable[Value] | Iterable[Group], lr: float, **options: Any
    ) -> None:
        groups = listed_groups(params)
        self.defaults = self.checked({"lr": lr, **options})
        self.param_groups: list[Group] = []
        self.state: dict[str, list[Any]] = {}
        for group in groups:
            self.add_param_group(group)
        if not self.params:
            raise ValueError("params is empty; there is nothing to optimise")

    @property
    def params(self) -> list[Value]:
        """The parameters of all groups; of one group its own list."""
        lists: list[list[Value]] = [group["params"] for group in self.param_groups]
        return lists[0] if len(lists) == 1 else [p for params in lists for p in params]

    def add_param_group(self, param_group: Mapping[str, Any]) -> None:
        """Take on more parameters, with settings of their own where the group has any.

        Parameters
        ----------
        param_group : dict
            Its `params`, a Value or an iterable of them, and settings by name.

        Examples
        --------
        >>> from nn.optim import SGD
        >>> optimizer = SGD([Value(1.0)], lr=0.5)
        >>> optimizer.add_param_group({"params": [Value(2.0)], "lr": 0.1})
        >>> [group["lr"] for group in optimizer.param_groups]
        [0.5, 0.1]
        """
        if not isinstance(param_group, Mapping) or "params" not in param_group:
            raise TypeError(
                f"a group has to be a dict with its parameters as 'params', but was {param_group!r}"
            )
        given = dict(param_group)
        params = listed_parameters(given.pop("params"))
        options = self.checked({**self.defaults, **given})
        known = {id(parameter) for parameter in self.params}
        if len(known.union(map(id, params))) < len(known) + len(params):
            raise ValueError("a parameter is in params twice and would be moved twice")
        self.param_groups.append({"params": params, **options})
        unknown = [None] * len(params)
        self.state = {name: [*numbers, *unknown] for name, numbers in self.state.items()}

    def checked(self, options: Mapping[str, Any]) -> Group:
        """Return the settings of a group as they are kept, or refuse them."""
        declared = self._options()
        unknown = sorted(options.keys() - declared.keys() - {"params", "initial_lr"})
        if unknown:
            raise ValueError(
                f"{type(self).__name__} has no setting {unknown[0]!r}; it has {', '.join(declared)}"
            )
        kept = {name: option.check(options[name], name) for name, option in declared.items()}
        if "initial_lr" in options:
            kept["initial_lr"] = non_negative(options["initial_lr"], "initial_lr")
        self.check_together(kept)
        return kept

    @staticmethod
    def update(value: Any, gradient: Any, *memory: Any, **settings: Any) -> tuple[Any, ...]:
        """Return where a gradient moves a parameter, and what is to be remembered of it.

        This is a formula, in operators and elementary functions, of operands of any kind: numbers
        are moved, Values have gradients and can be drawn. A step runs loops that are written from
        it once, so it has to depend on its arguments alone.

        Parameters
        ----------
        value, gradient : number or Value
            The parameter's.
        *memory : number or Value
            What the steps before have returned after the value, in the order of `memory` of the
            class; left out before the first.
        **settings : number or Value
            What `settings` gives. None, truth values and texts choose between formulas.
        """
        raise NotImplementedError("each kind of optimiser says how a gradient moves a parameter")

    def settings(self, group: Group) -> dict[str, Any]:
        """Return the settings that `update` takes for a group, by name: all that are declared."""
        return {name: group[name] for name in self._options()}

    def plain_settings(self, group: Group) -> dict[str, Any]:
        """Return the same, once what somebody has put in the group is checked.

        In Python's own numbers: a rate that is a scalar of NumPy would make the parameters scalars
        of NumPy, too, of as few digits as it has.

        Raises
        ------
        ValueError
            If a setting cannot be what is there: a negative rate, or a function.
        """
        known = self._known.get(id(group)) or dict.fromkeys(self._options(), Option)
        if not all(map(is_, map(group.get, known), known.values())):
            for name, setting in known.items():
                if group[name] is not setting:
                    group[name] = getattr(type(self), name).check(group[name], name)
            self.check_together(group)
            self._known = {**self._known, id(group): {name: group[name] for name in known}}
        return self.settings(group)

    def put(self, group: Group, name: str, setting: Any) -> None:
        """Put into a checked group what needs no check, such as the number of the step."""
        group[name] = self._known[id(group)][name] = setting

    def step(self) -> None:
        """Move every parameter once, by its gradient."""
        if self._elsewhere is not None:
            self._elsewhere()
            return
        update, memory = self.update, tuple(self.memory)
        if update is Optimizer.update:
            raise NotImplementedError(f"{type(self).__name__} does not say how to take a step")
        chosen = [self.plain_settings(group) for group in self.param_groups]
        for (group, span), settings in zip(self.spans(), chosen, strict=True):
            known = []
            for name in memory if self.state else ():
                if (numbers := self.recall(name, span)) is None:
                    break
                known.append(numbers)
            move = loop(update, memory, len(known), settings)
            found = move(group["params"], *known, **settings)
            for name, numbers in zip(memory, found, strict=False):
                self.remember(name, span, numbers)

    def zero_grad(self) -> None:
        """Set the gradient of every parameter back to 0."""
        for parameter in self.params:
            parameter.grad = 0

    def state_dict(self) -> dict[str, Any]:
        """Return settings and memory as plain dicts, lists and numbers, ready to be saved.

        The settings are a dict; of several groups, a list of dicts that also tell the number of
        their `params`.

        Examples
        --------
        >>> from nn.optim import SGD
        >>> SGD([Value(1.0)], lr=0.5).state_dict()["settings"]["lr"]
        0.5
        """
        name = type(self).__name__
        for attribute in vars(self).keys() - {"defaults", "param_groups", "state"}:
            if not attribute.startswith("_"):
                raise TypeError(
                    f"{name}.{attribute} would not be saved; declare it in the class, as in "
                    f"{attribute} = Option(check)"
                )
        settings = [
            {
                key: list(value) if isinstance(value, tuple) else value
                for key, value in group.items()
                if key != "params"
            }
            for group in self.param_groups
        ]
        if len(settings) > 1:
            for options, group in zip(settings, self.param_groups, strict=True):
                options["params"] = len(group["params"])
        state = {key: list(numbers) for key, numbers in self.state.items()}
        return {
            "class": name,
            "settings": settings if len(settings) > 1 else settings[0],
            "state": state,
        }

    def load_state_dict(self, saved: Mapping[str, Any]) -> None:
        """Take over what `state_dict` of an optimiser of the same class returned.

        Raises
        ------
        ValueError
            If `saved` belongs to another optimiser or to other parameters, or holds what can be
            no setting or memory; nothing is then changed.
        """
        name = type(self).__name__
        if not isinstance(saved, Mapping) or saved.get("class") != name:
            given = saved.get("class") if isinstance(saved, Mapping) else saved
            raise ValueError(f"the saved optimiser is {given!r}, but this one is {name!r}")
        unknown = [key for key in saved if key not in ("class", "settings", "state")]
        if unknown:
            raise ValueError(f"{unknown[0]!r} is no part of a saved state of {name}")
        settings = self._saved_settings(saved.get("settings"))
        state = self._saved_state(saved.get("state"), settings)
        for group, options in zip(self.param_groups, settings, strict=True):
            group.clear()
            group.update(options)
        self.state = state

    def spans(self) -> Iterator[tuple[Group, slice]]:
        """Yield each group, and where in `params` its parameters are."""
        start = 0
        for group in self.param_groups:
            end = start + len(group["params"])
            yield group, slice(start, end)
            start = end

    def recall(self, name: str, span: slice) -> list[Any] | None:
        """Return what is remembered under a name for a group, None if nothing is."""
        numbers = self.state.get(name, [])[span]
        return None if not numbers or numbers[0] is None else numbers

    def remember(self, name: str, span: slice, numbers: list[Any]) -> None:
        """Remember numbers under a name for a group, in a new list."""
        before = self.state.get(name) or [None] * len(self.params)
        self.state[name] = [*before[: span.start], *numbers, *before[span.stop :]]

    def check_together(self, options: Group) -> None:
        """Refuse settings of a group that make no sense together."""

    def check_memory(self, held: set[str], options: Group) -> None:
        """Refuse what a group is said to remember, the names `held`, if it makes no sense."""

    def __repr__(self) -> str:
        lines = [f"{type(self).__name__} ("]
        for i, group in enumerate(self.param_groups):
            lines.append(f"Parameter Group {i}")
            lines += [f"    {key}: {group[key]}" for key in sorted(group) if key != "params"]
        return "\n".join([*lines, ")"])

    def _options(self) -> dict[str, Option]:
        """Return the settings that the classes declare, those of the base first."""
        return {
            name: option
            for kind in reversed(type(self).__mro__)
            for name, option in vars(kind).items()
            if isinstance(option, Option)
        }

    def _saved_settings(self, given: Any) -> list[Group]:
        """Return the saved settings of the groups, with their parameters, or refuse them."""
        name, declared, found = type(self).__name__, self._options(), []
        listed = given if isinstance(given, list) else [given]
        if len(listed) != len(self.param_groups):
            raise ValueError(
                f"the saved {name} has {len(listed)} groups of parameters, but this one has "
                f"{len(self.param_groups)}"
            )
        for i, (group, options) in enumerate(zip(self.param_groups, listed, strict=True)):
            optional = {"initial_lr", "params"}
            if not isinstance(options, Mapping) or options.keys() - optional != declared.keys():
                raise ValueError(f"the saved settings of {name} have to be {', '.join(declared)}")
            count = len(group["params"])
            if options.get("params", count) != count:
                raise ValueError(
                    f"group {i} of the saved {name} has {options['params']} parameters, but here "
                    f"it has {count}"
                )
            for key in options.keys() - {"params"}:
                try:
                    declared.get(key, declared["lr"]).check(options[key], key)
                except ValueError:
                    message = f"the saved {key} of {name} cannot be {options[key]!r}"
                    raise ValueError(message) from None
            found.append({"params": group["params"], **self.checked(options)})
        return found

    def _saved_state(self, given: Any, settings: list[Group]) -> dict[str, list[Any]]:
        """Return what is saved as remembered, or refuse it."""
        name, count = type(self).__name__, len(self.params)
        if not isinstance(given, Mapping):
            raise ValueError(f"the saved state of {name} has to be a mapping, but was {given!r}")
        state = {}
        for key, numbers in given.items():
            if self.memory and key not in self.memory:
                raise ValueError(f"{name} remembers {', '.join(self.memory)}, but saved is {key}")
            if not isinstance(numbers, list) or len(numbers) != count:
                raise ValueError(
                    f"the saved {key} of {name} needs {count} numbers, one a parameter"
                )
            what, check = f"the saved {key} of {name}", self.memory.get(key, number)
            state[key] = [x if x is None else check(x, what) for x in numbers]
        for options, (_, span) in zip(settings, self.spans(), strict=True):
            held = {key for key, numbers in state.items() if {*numbers[span]} - {None}}
            for key in held:
                if None in state[key][span]:
                    raise ValueError(f"the saved {key} of {name} lacks some parameters of a group")
            if span.start < span.stop:
                self.check_memory(held, options)
        return state
