"""What makes functions of functions: gradients, implicit functions, checkpoints."""

from __future__ import annotations

from typing import Any


def __getattr__(name: str) -> Any:
    """Find what pickles name that were made when this was one module; see `moved`."""
    from importlib import import_module

    return getattr(import_module("autograd.transforms.gradients"), name)
