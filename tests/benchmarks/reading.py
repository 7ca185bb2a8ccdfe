"""A large table, read, encoded and standardised, beside pandas and scikit-learn, interleaved.

Usage, from the repository's root: ``python tests/benchmarks/reading.py [--rows N]``.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from nn.data import Standardiser
from nn.data.choosing import choose, encode, learn
from nn.data.reading import TableFile

COLUMNS, TEXTS, REPEATS = 20, 2, 5


def main() -> int:
    """Print the times, the memory and their ratios; 1 if one is above 3."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    rows = parser.parse_args().rows
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "large.csv")
        written(path, rows)
        pairs = [(timed(ours, path), timed(theirs, path)) for _ in range(REPEATS)]
        mine, peer = (min(times) for times in zip(*pairs, strict=True))
        held = pandas.read_csv(path).memory_usage(deep=True).sum()
        tracemalloc.start()
        ours(path)
        peak = tracemalloc.get_traced_memory()[1]
    print(f"{rows:,} rows of {COLUMNS} columns, {TEXTS} of them texts, 1 cell of 100 missing")
    print(f"time    {mine:.2f} s, pandas and scikit-learn {peer:.2f} s: {mine / peer:.2f}x")
    size = held / 1e6
    print(f"memory  {peak / 1e6:.0f} MB at the most, the table {size:.0f} MB: {peak / held:.2f}x")
    return int(max(mine / peer, peak / held) > 3)


def written(path: Path, rows: int) -> None:
    """Write a table of numbers and texts with a class."""
    rng = np.random.default_rng(0)
    frame = pandas.DataFrame(rng.normal(size=(rows, COLUMNS - TEXTS)).round(4))
    frame = frame.mask(rng.random(frame.shape) < 0.01)
    for i in range(TEXTS):
        frame[f"text {i}"] = rng.choice([f"word {k}" for k in range(8)], rows)
    frame["k"] = rng.choice(["a", "b"], rows)
    frame.columns = [f"c {name}" for name in frame.columns]
    frame.to_csv(path, index=False)


def ours(path: Path) -> np.ndarray:
    """Return the standardised features."""
    file = TableFile(path)
    target = file.names[-1]
    table = file.read([target])
    del file
    choice = choose(table, target)
    features, _, _ = encode(learn(choice, table, range(len(table))), table)
    return Standardiser.fit(features).array(features, out=features)


def theirs(path: Path) -> np.ndarray:
    """Return what pandas and scikit-learn make of the table."""
    frame = pandas.read_csv(path)
    inputs = frame.drop(columns=frame.columns[-1])
    kinds = inputs.dtypes.map(lambda kind: kind.kind == "f")
    steps = make_column_transformer(
        (SimpleImputer(strategy="median", add_indicator=True), list(inputs.columns[kinds])),
        (OneHotEncoder(handle_unknown="ignore", sparse_output=False), list(inputs.columns[~kinds])),
    )
    return np.asarray(make_pipeline(steps, StandardScaler()).fit_transform(inputs))


def timed(run: Callable[[Path], np.ndarray], path: Path) -> float:
    """Return the seconds of CPU that a run takes, which others on the machine do not lengthen."""
    start = time.process_time()
    run(path)
    return time.process_time() - start


if __name__ == "__main__":
    sys.exit(main())
