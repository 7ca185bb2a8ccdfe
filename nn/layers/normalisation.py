"""RMSNorm: vectors brought to a common size."""

from __future__ import annotations

import math
from typing import Any

from autograd.graph.many import dot
from autograd.graph.value import Value
from nn.checks import check_size, numbers
from nn.module import Module


class RMSNorm(Module):
    r"""Divides a vector by its root mean square, and scales each number by a gain.

    .. math:: y_i = g_i x_i \Big/ \sqrt{\tfrac1n \textstyle\sum_j x_j^2 + \epsilon}

    Parameters
    ----------
    size : int
        The size n of the vectors.
    eps : float
        Keeps the division away from 0.

    Attributes
    ----------
    gain : list of Value
        The gains, at first 1.

    References
    ----------
    B. Zhang and R. Sennrich, "Root mean square layer normalization", NeurIPS 2019.

    Examples
    --------
    >>> [round(y.data, 4) for y in RMSNorm(2, eps=0.0)([3.0, -3.0])]
    [1.0, -1.0]
    """

    def __init__(self, size: int, eps: float = 1e-5) -> None:
        if not (eps >= 0 and math.isfinite(eps)):
            raise ValueError(f"eps has to be a finite number of at least 0, but was {eps!r}")
        self.gain = [Value(1.0) for _ in range(check_size(size, "size"))]
        self.eps = eps

    def __call__(self, x: Any) -> list[Any]:
        """Return a vector, or each vector of a sequence, normalised."""
        x = numbers(x, "the input")
        if len(x) and hasattr(x[0], "__len__"):
            return [self(vector) for vector in x]
        if len(x) != len(self.gain):
            raise ValueError(f"RMSNorm({len(self.gain)}) was given {len(x)} numbers")
        scale = (dot(x, x) / len(x) + self.eps) ** -0.5
        return [gain * (v * scale) for gain, v in zip(self.gain, x, strict=True)]
