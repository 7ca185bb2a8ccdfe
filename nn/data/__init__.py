"""Data to learn from: tables, patterns, collected data; splitting, scaling, mini-batches."""

from typing import TYPE_CHECKING, Any

from nn.data.characters import Characters
from nn.data.dataset import Dataset
from nn.data.faults import DataError
from nn.data.guessing import Format
from nn.data.patterns import circles, encoder, moons, parity, spirals, symmetry, xor
from nn.data.rehearsing import rehearsed
from nn.data.samples import digits, iris, names
from nn.data.scaling import Standardiser
from nn.data.splitting import batches, train_test_split

if TYPE_CHECKING:
    from nn.data.tables import load_csv as load_csv

__all__ = [
    "Characters",
    "DataError",
    "Dataset",
    "Format",
    "Standardiser",
    "batches",
    "circles",
    "digits",
    "encoder",
    "iris",
    "load_csv",
    "moons",
    "names",
    "parity",
    "rehearsed",
    "spirals",
    "symmetry",
    "train_test_split",
    "xor",
]

if not TYPE_CHECKING:  # to a type checker every name is there from the start

    def __getattr__(name: str) -> Any:
        """Import what reads tables, and needs NumPy, when it is first asked for."""
        if name != "load_csv":
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        return import_module("nn.data.tables").load_csv
