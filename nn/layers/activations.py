"""Activations: the function that a unit bends its sum by, given by name or as a function."""

from __future__ import annotations

import difflib
from collections.abc import Callable

import autograd.functions.rules as rules
from autograd.functions.calls import Primitive
from autograd.graph.value import Value

Activation = str | Callable[[Value], Value]


def resolved(activation: Activation) -> Callable[[Value], Value]:
    """Return the function that `activation` names or is."""
    if not isinstance(activation, str):
        if not callable(activation):
            raise TypeError(
                f"activation has to be a name or a function, but was {activation!r}; "
                "for a linear neuron, set nonlin=False"
            )
        return activation
    if activation in rules.TABLE and _takes_one(rules.TABLE[activation]):
        return rules.TABLE[activation]
    if activation.endswith("softmax"):
        raise ValueError(
            f"{activation!r} takes all outputs of a layer together, so no neuron can apply it; "
            "cross_entropy takes logits, and autograd.softmax turns them into probabilities"
        )
    names = [name for name, row in rules.TABLE.items() if _takes_one(row)]
    close = difflib.get_close_matches(activation, names, n=3)
    hint = f"did you mean {' or '.join(map(repr, close))}?" if close else "'tanh' is one"
    raise ValueError(
        f"activation has to name an elementary function of one operand, but was "
        f"{activation!r}; {hint}"
    )


def _takes_one(row: Primitive) -> bool:
    """Tell whether a row can be applied to one operand, the others having defaults."""
    return row.arity is not None and row.arity - len(row.defaults) == 1


def title(activation: Activation) -> str:
    """Return the name of an activation as micrograd writes it: ReLU, Tanh, LeakyReLU."""
    name = activation if isinstance(activation, str) else _name(activation)
    return "".join(part[:1].upper() + part[1:] for part in name.split("_")).replace("Relu", "ReLU")


def _name(function: Callable[[Value], Value]) -> str:
    """Return what a function, or an object that can be called, is called."""
    return getattr(function, "__name__", type(function).__name__)
