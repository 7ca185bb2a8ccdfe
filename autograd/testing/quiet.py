"""Evaluations beside a point: what is warned of there says nothing about the function."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager, nullcontext


def quietly() -> AbstractContextManager[object]:
    """Return a block within which NumPy does not warn, of this thread alone.

    Steps leave the domain of a logarithm. `warnings.filterwarnings` belongs to all threads.
    """
    np = sys.modules.get("numpy")
    return nullcontext() if np is None else np.errstate(all="ignore")
