"""Where gradients cross from real numbers to complex ones: functions that are not holomorphic.

A holomorphic function has one complex derivative, and gradients are products of such. The real
part, the imaginary part, the angle, a length and the conjugate have none; what flows through them
is JAX's convention: the gradient of a real quantity u by z = x + iy is du/dx - i du/dy. So a node
that is real although it was computed from complex numbers passes on its partials, which follow
that convention, times an adjoint that is real; the conjugate passes on the conjugate of its
adjoint; and a real number keeps the real part of what complex ones pass back to it.

All of this is so where the root of the sweep is real. A complex root has a derivative only where
everything between is holomorphic; it is complex, for real leaves too.
"""

from __future__ import annotations

from typing import Any

from autograd.graph.node import Node
from autograd.numbers.libraries import is_complex

# One entry for each node that is not holomorphic and lives anywhere; while it is empty no sweep
# meets complex numbers below a real root. It is a list and no number, for to append and to pop is
# one step of the interpreter each, which no other thread and no interrupt comes between.
CROSSED: list[None] = []


class Crossing(tuple[Any, ...]):
    """The partials of a node that is not holomorphic."""

    __slots__ = ()

    def __new__(cls, partials: Any = ()) -> Crossing:
        """Make the tuple, and let the sweeps know."""
        CROSSED.append(None)
        return super().__new__(cls, partials)

    def __del__(self) -> None:
        CROSSED.pop()


def is_real(value: Node) -> bool:
    """Whether the number of a Value is of a real type."""
    return not is_complex(type(value.data))


def kept(value: Node, adjoint: Any, real_root: bool) -> Any:
    """What a Value keeps of its complete adjoint: the real part, if it is real itself.

    Raises
    ------
    TypeError
        If the Value is a function that is not holomorphic and the root of the sweep is complex.
    """
    if real_root:
        return adjoint.real if is_real(value) else adjoint
    if (is_real(value) and not all(map(is_real, value.parents))) or _conjugates(value):
        raise TypeError(
            f"{value.op.name if value.op else 'a function'} is not holomorphic, so that a complex "
            "root has no derivative by what it was computed from: take the derivatives of real(y) "
            "and imag(y) in place of those of y"
        )
    return adjoint


def passed(value: Node, adjoint: Any) -> Any:
    """The factor by which a Value passes its partials on: its adjoint, or the conjugate."""
    return adjoint.conjugate() if _conjugates(value) else adjoint


def pushed(value: Node, tangent: Any) -> Any:
    """The tangent of a Value, from the sum of partials times tangents."""
    if is_real(value):
        return tangent.real
    return tangent.conjugate() if _conjugates(value) else tangent


def outgrown(value: Node) -> bool:
    """Whether a real Value holds the complex gradient of a complex root."""
    return is_real(value) and is_complex(type(getattr(value.grad, "data", value.grad)))


def _conjugates(value: Node) -> bool:
    """Whether a Value is the conjugate of a complex number."""
    return isinstance(value.partials, Crossing) and not is_real(value)
