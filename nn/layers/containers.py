"""Modules made of modules: one after the other, around a shortcut, or flattening in between."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from autograd.functions.operand import Operand
from nn.checks import listed, numbers
from nn.module import Module, titled


class Sequential(Module):
    """Modules, or plain functions, one after the other.

    Parameters
    ----------
    *parts : callable
        Each takes what the one before it returned. A bare Value, or other operand, is handed on as
        a list of one, since that is what layers take.

    Attributes
    ----------
    parts : list of callable
        As given.

    Examples
    --------
    >>> from autograd import Value
    >>> from nn import Layer
    >>> model = Sequential(Layer(2, 3, activation="tanh"), Layer(3, 1, nonlin=False))
    >>> len(model.parameters()), isinstance(model([1.0, -1.0]), Value)
    (13, True)
    """

    def __init__(self, *parts: Callable[[Any], Any]) -> None:
        if not parts:
            raise ValueError("Sequential needs at least one part")
        for part in parts:
            if not callable(part):
                raise TypeError(f"a part has to be a module or a function, but one was {part!r}")
        self.parts = list(parts)

    def __call__(self, x: Any) -> Any:
        """Return what the last part makes of the outputs of the others."""
        out = self.parts[0](x)
        for part in self.parts[1:]:
            out = part([out] if isinstance(out, Operand) else out)
        return out

    def __repr__(self) -> str:
        """Return the list of the parts."""
        return f"{type(self).__name__} of [{', '.join(map(titled, self.parts))}]"


class Residual(Sequential):
    r"""A shortcut around its parts: :math:`y = x + f(x)`.

    Parameters
    ----------
    *parts : callable
        Together they compute f, which has to keep the shape of its input.

    References
    ----------
    K. He, X. Zhang, S. Ren and J. Sun, "Deep residual learning for image recognition", CVPR 2016.

    Examples
    --------
    >>> Residual(lambda x: [10 * v for v in x])([1.0, 2.0])
    [11.0, 22.0]
    """

    def __call__(self, x: Any) -> Any:
        """Return the sum of the input and of what the parts make of it."""
        change = super().__call__(x)
        return _plus(x, listed(change) if hasattr(x, "__len__") else change)


class Flatten(Module):
    """Turns nested lists, such as the channels of an image, into one list of numbers.

    Examples
    --------
    >>> Flatten()([[[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0], [7.0, 8.0]]])
    [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]
    """

    def __call__(self, x: Any) -> list[Any]:
        """Return the numbers of `x` in order."""
        return list(_numbers(numbers(x, "the input")))


def _numbers(nested: Any) -> Iterator[Any]:
    """Yield the numbers of nested lists in order."""
    if hasattr(nested, "__len__"):
        for part in nested:
            yield from _numbers(part)
    else:
        yield nested


def _plus(x: Any, y: Any) -> Any:
    """Return the sum of two lists nested alike."""
    if not hasattr(x, "__len__"):
        return x + y
    if not hasattr(y, "__len__") or len(x) != len(y):
        given = f"{len(y)} outputs" if hasattr(y, "__len__") else "a single number"
        raise ValueError(
            f"a shortcut adds its input to its output, but {len(x)} inputs gave {given}"
        )
    return [_plus(a, b) for a, b in zip(x, y, strict=True)]
