"""A module: something that holds parameters, which are found by walking it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Self

from autograd import Value


class Module:
    """The base of everything with parameters; it discovers them, so that no class lists them.

    A parameter is a leaf `Value` (one without parents) that can be reached from the module
    through attributes, lists, tuples, dicts and other modules. Attributes come in the order
    in which they were first set, the members of a container in its own order. A Value or a module
    reached twice counts once, under the first of its names. Sets are not walked, as they
    have no order, and neither are arrays.

    A subclass needs no call of `super().__init__()`.

    Attributes
    ----------
    training : bool
        True while the module is trained, the state it starts in; see `train` and `eval`.

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

    training: bool = True

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
        for name, found in _walk(self):
            if isinstance(found, Value):
                yield name, found

    def parameters(self) -> list[Value]:
        """Return the parameters in the order of `named_parameters`.

        Examples
        --------
        >>> from nn.layers import MLP
        >>> len(MLP(2, [16, 16, 1]).parameters())
        337
        """
        return [parameter for _, parameter in self.named_parameters()]

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

    def modules(self) -> Iterator[Module]:
        """Yield this module and every module within it, each once.

        Examples
        --------
        >>> from nn.layers import MLP
        >>> [type(module).__name__ for module in MLP(1, [1]).modules()]
        ['MLP', 'Layer', 'Neuron']
        """
        for _, found in _walk(self):
            if isinstance(found, Module):
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


def _walk(root: Module) -> Iterator[tuple[str, Module | Value]]:
    """Yield every module and leaf Value below `root`, in order, each once, with its path."""
    seen: set[int] = set()
    stack: list[tuple[str, Any]] = [("", root)]
    while stack:
        path, node = stack.pop()
        if isinstance(node, Value):
            if not node.parents and id(node) not in seen:
                seen.add(id(node))
                yield path, node
            continue
        members = _members(node)
        if members is None or id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, Module):
            # The members are read before the yield: `train` sets an attribute meanwhile.
            yield path, node
        prefix = f"{path}." if path else ""
        stack.extend((f"{prefix}{key}", member) for key, member in reversed(members))


def _members(node: object) -> list[tuple[Any, Any]] | None:
    """Return the named members of a module or container, None for anything else."""
    if isinstance(node, Module):
        return list(vars(node).items())
    if isinstance(node, dict):
        return list(node.items())
    if isinstance(node, list | tuple):
        return list(enumerate(node))
    return None
