"""Data to learn from: tables, patterns, collected data; splitting, scaling, mini-batches."""

from nn.data.dataset import Dataset
from nn.data.faults import DataError
from nn.data.guessing import Format
from nn.data.patterns import circles, encoder, moons, parity, spirals, symmetry, xor
from nn.data.samples import digits, iris, names
from nn.data.scaling import Standardiser
from nn.data.splitting import batches, train_test_split
from nn.data.tables import load_csv

__all__ = [
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
    "spirals",
    "symmetry",
    "train_test_split",
    "xor",
]
