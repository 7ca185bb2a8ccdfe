"""Print how well the estimators of nn do beside scikit-learn's own, on rows held out.

Usage, from the repository's root: ``python tests/benchmarks/estimators.py [--seeds N]``; a few
minutes. Both have the same network, settings, standardisation and splits.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
import warnings
from typing import Any

from sklearn import datasets, neural_network
from sklearn.compose import TransformedTargetRegressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from nn.estimators import MLPClassifier, MLPRegressor

SETTINGS = {"hidden_layer_sizes": (16,), "learning_rate_init": 0.01, "tol": 1e-3, "max_iter": 200}
WITHIN = 0.02
DATA = {
    "iris": datasets.load_iris,
    "wine": datasets.load_wine,
    "breast_cancer": datasets.load_breast_cancer,
    "diabetes": datasets.load_diabetes,
}


def ours(seed: int, measured: bool) -> Any:
    """Return the estimator of nn."""
    return (MLPRegressor if measured else MLPClassifier)(**SETTINGS, random_state=seed)


def theirs(seed: int, measured: bool) -> Any:
    """Return scikit-learn's, with features and target standardised."""
    if not measured:
        network = neural_network.MLPClassifier(**SETTINGS, random_state=seed)
        return make_pipeline(StandardScaler(), network)
    network = neural_network.MLPRegressor(**SETTINGS, random_state=seed)
    pipeline = make_pipeline(StandardScaler(), network)
    return TransformedTargetRegressor(pipeline, transformer=StandardScaler())


def scores(name: str, make: Any, seeds: int) -> tuple[list[float], float]:
    """Return the accuracy, or R2, on a quarter held out by each seed, and the seconds of a run."""
    X, y = DATA[name](return_X_y=True)
    measured, found, start = name == "diabetes", [], time.perf_counter()
    for seed in range(seeds):
        strata = None if measured else y
        parts = train_test_split(X, y, test_size=0.25, random_state=seed, stratify=strata)
        learned, held_out, answers, truth = parts
        found.append(make(seed, measured).fit(learned, answers).score(held_out, truth))
    return found, (time.perf_counter() - start) / seeds


def main() -> int:
    """Print a table; the status is 1 if a mean is below scikit-learn's by more than .02."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    options = parser.parse_args()
    warnings.simplefilter("ignore", ConvergenceWarning)
    print(f"means over {options.seeds} seeds; {SETTINGS}\n")
    print("| data | nn | scikit-learn | difference | s a run |\n|---|---|---|---|---|")
    worst = 0.0
    for name in DATA:
        (mine, seconds), (other, _) = (scores(name, make, options.seeds) for make in (ours, theirs))
        a, b = statistics.mean(mine), statistics.mean(other)
        worst = min(worst, a - b)
        print(f"| {name} | {a:.3f} | {b:.3f} | {a - b:+.3f} | {seconds:.1f} |", flush=True)
    return int(worst < -WITHIN)


if __name__ == "__main__":
    sys.exit(main())
