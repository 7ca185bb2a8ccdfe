"""The engines that are compared, each behind the few names that the benchmarks use."""

from __future__ import annotations

import importlib
import math
import os
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata
from importlib.util import find_spec
from operator import methodcaller
from types import ModuleType
from typing import Any

GLASSGRAD = "glassgrad"
PYTHON = "its twin in Python"
MICROGRAD = "micrograd"
XAD = "xad"
REFERENCE = "reference"
PEERS = (MICROGRAD, XAD)


@dataclass(frozen=True)
class Engine:
    """A scalar engine written in Python: its value class and two functions of such values."""

    Value: Any
    exp: Callable[[Any], Any]
    log: Callable[[Any], Any]


def in_c() -> bool:
    """Tell whether the twin of the engine that is measured is the one in C."""
    built = find_spec("autograd._value") is not None
    return built and not os.environ.get("GLASSGRAD_PUREPYTHON")


def environment(name: str) -> dict[str, str]:
    """Return the environment in which an engine's child runs."""
    return {**os.environ, **({"GLASSGRAD_PUREPYTHON": "1"} if name == PYTHON else {})}


def installed(name: str) -> bool:
    """Tell whether an engine can be imported."""
    return name in (GLASSGRAD, PYTHON, REFERENCE) or find_spec(name) is not None


def version(name: str) -> str:
    """Tell an engine's version, or how to install it."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "not installed as a distribution" if installed(name) else missing(name)


def missing(name: str) -> str:
    """Say that a peer is missing, and what to do about it."""
    return f"missing (pip install {name})"


def glassgrad() -> ModuleType:
    """Import glassgrad's engine.

    Raises
    ------
    ImportError
        If there is none, or if `autograd` is another project's package.
    """
    try:
        module = importlib.import_module("autograd")
    except ModuleNotFoundError as error:
        if error.name != "autograd":
            raise
        raise ImportError("glassgrad is not installed: run `pip install -e .`") from error
    if not hasattr(module, "Value"):
        raise ImportError(
            f"the package `autograd` at {module.__file__} is not glassgrad's (it has no Value): "
            "run `pip uninstall autograd`, then `pip install -e .`"
        )
    return module


def engine(name: str) -> Engine:
    """Load the engine called `name`: glassgrad, its twin, micrograd or reference."""
    if name == MICROGRAD:
        value = importlib.import_module("micrograd.engine").Value
        return Engine(value, lambda x: _micrograd_exp(value, x), lambda x: _micrograd_log(value, x))
    value = (
        glassgrad() if name in (GLASSGRAD, PYTHON) else importlib.import_module("reference")
    ).Value
    return Engine(value, methodcaller("exp"), methodcaller("log"))


# micrograd has no exp and no log. They are added as functions: a subclass would not do, since
# micrograd's operators answer its base class. They are built as its own operators are.


def _micrograd_exp(value: Any, x: Any) -> Any:
    """Return micrograd's missing exponential."""
    out = value(math.exp(x.data), (x,), "exp")

    def backward() -> None:
        x.grad += out.data * out.grad

    out._backward = backward
    return out


def _micrograd_log(value: Any, x: Any) -> Any:
    """Return micrograd's missing logarithm."""
    out = value(math.log(x.data), (x,), "log")

    def backward() -> None:
        x.grad += out.grad / x.data

    out._backward = backward
    return out
