"""Train on public tables that PyPI packages ship, and say which were trained, refused or nonsense.

Usage, from the repository's root: ``python tests/benchmarks/tables.py [--only WORD] [--peer]``.
With ``--peer`` the tables of `PEERS` are learnt by scikit-learn's MLP of the same size too,
over five seeds. What is not installed (``pip install --group bench``) is said to be missing.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import io
import re
import sys
import tarfile
import tempfile
import time
import tomllib
import warnings
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nn.command.program import main as command

LIST = Path(__file__).with_name("tables.toml")
PEERS = (
    "penguins.csv", "titanic_all.csv", "forensic_glass.csv", "mpg.csv", "biopsy.csv",
    "anes96.csv", "Boston.csv", "auto-mpg.csv", "mtcars.csv", "gapminder.csv",
)  # fmt: skip
SEEDS = range(5)
LEVEL = 10  # tables on which both have to be level


def tables(folder: Path) -> Iterator[tuple[dict[str, Any], Path | None]]:
    """Yield what is known of each table, and its file; None if its package is not installed."""
    for module, entry in tomllib.loads(LIST.read_text(encoding="utf-8")).items():
        spec = importlib.util.find_spec(module)
        home = Path(spec.origin).parent if spec and spec.origin else None
        for facts in entry["files"]:
            path = home and home / facts["path"]
            if path is not None and "member" in facts and path.exists():
                path = _unpacked(path, facts["member"], folder)
            known = {"package": entry.get("package", module), "licence": entry["licence"], **facts}
            yield known, path if path is not None and path.exists() else None


def trained(facts: dict[str, Any], path: Path, *options: str) -> tuple[str, str, dict[str, str]]:
    """Train on a table by the bare command: what came of it, a line to show, what was said."""
    out, err = io.StringIO(), io.StringIO()
    target = ["--target", facts["target"]] if "target" in facts else []
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            status = command([str(path), *target, "--no-progress", *options])
        except SystemExit as stop:
            status = int(stop.code or 0)
    said = {line[:10].strip(): line[10:] for line in out.getvalue().splitlines()}
    lines = err.getvalue().splitlines()
    if status:
        clear = status == 2 and len(lines) == 1 and lines[0].startswith("nn: error: ")
        return ("refused" if clear else "crashed"), lines[-1] if lines else "", said
    score, base = _scores(said)
    honest = score > base or "no better" in said.get("warning", "")
    task = "regression" if "R2" in said else "classification"
    if task != facts["task"] or not honest:
        return "nonsense", f"{task}: {score} beside {base}", said
    kind = "R2" if task == "regression" else "accuracy"
    worse = ", no better than the baseline, and says so" if score <= base else ""
    return "trained", f"{kind} {score:.3f}, baseline {base:.3f}{worse}", said


def main() -> int:
    """Run all tables that are there; 1 if one is nonsense, crashes, or too few are trained."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="tables whose path has this word")
    parser.add_argument("--peer", action="store_true", help="compare with scikit-learn")
    options = parser.parse_args()
    tally: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        for facts, path in tables(Path(folder)):
            name = Path(facts.get("member", facts["path"])).name
            if options.only not in name or (options.peer and name not in PEERS):
                continue
            if path is None:
                came, shown = "missing", f"pip install {facts['package']}"
            elif options.peer:
                came, shown = _beside(facts, path)
            else:
                start = time.perf_counter()
                came, shown, _ = trained(facts, path)
                shown += f" ({time.perf_counter() - start:.0f} s)"
                if came == "refused" and not facts.get("refused"):
                    came = "refused, which was not expected"
            tally[came] += 1
            print(f"{came:<10} {facts['package']:<17} {name:<26} {shown}", flush=True)
    print(", ".join(f"{count} {came}" for came, count in tally.items()))
    if options.peer:
        return int(tally["level"] + tally["missing"] < LEVEL)
    return int(any(came not in ("trained", "refused", "missing") for came in tally))


def _scores(said: dict[str, str]) -> tuple[float, float]:
    """Return the accuracy or R2 that was said, and that of the baseline."""
    if "R2" in said:
        found = re.findall(r"-?\d+\.\d+", said["R2"])
        return float(found[0]), max(0.0, float(found[-1]))
    return float(said["accuracy"].split(" ")[0]), float(said["baseline"].split(" ")[0])


def _beside(facts: dict[str, Any], path: Path) -> tuple[str, str]:
    """Compare the mean score over some seeds with that of scikit-learn's MLP of the same size."""
    mine, theirs = [], []
    for seed in SEEDS:
        _, _, said = trained(facts, path, "--seed", str(seed))
        mine.append(_scores(said)[0])
        theirs.append(_of_peer(facts, path, seed))
    a, b = sum(mine) / len(mine), sum(theirs) / len(theirs)
    came = "level" if a > b - 0.02 else "behind"
    return came, f"{facts['task']}: {a:.3f}, scikit-learn {b:.3f}, over {len(mine)} seeds"


def _of_peer(facts: dict[str, Any], path: Path, seed: int) -> float:
    """Return the score of scikit-learn's MLP of the same size on the very rows and features."""
    import random

    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPClassifier, MLPRegressor

    from nn.command.options import parsed
    from nn.command.problems import problem
    from nn.command.verbs import part

    target = ["--target", facts["target"]] if "target" in facts else []
    _, options = parsed([str(path), *target, "--no-progress", "--seed", str(seed)])
    source = random.Random(seed)
    with contextlib.redirect_stdout(io.StringIO()):
        found = problem(options, source, [])
    learned, held_out = part(found, list(range(len(found.target.rows))), 0.2, source)
    _, features = found.encode(learned)
    mean, scale = features[learned].mean(0), features[learned].std(0)
    inputs = (features - mean) / scale
    values = [found.target.values[i] for i in range(len(features))]
    kind = MLPClassifier if found.target.class_names else MLPRegressor
    network = kind(hidden_layer_sizes=(16,), max_iter=500, random_state=seed)
    ys = values
    if not found.target.class_names:
        low = sum(values[i] for i in learned) / len(learned)
        spread = (sum((values[i] - low) ** 2 for i in learned) / len(learned)) ** 0.5
        ys = [(y - low) / spread for y in values]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        network.fit(inputs[learned], [ys[i] for i in learned])
    return float(network.score(inputs[held_out], [ys[i] for i in held_out]))


def _unpacked(archive: Path, member: str, folder: Path) -> Path | None:
    """Return a file of an archive, unpacked into a folder."""
    path = folder / Path(member).name
    with tarfile.open(archive) as whole, contextlib.suppress(KeyError):
        file = whole.extractfile(member)
        if file is not None:
            path.write_bytes(file.read())
    return path


if __name__ == "__main__":
    sys.exit(main())
