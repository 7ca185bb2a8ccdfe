"""Trains a multi-layer perceptron from the command line: ``python -m nn``."""

from __future__ import annotations

import argparse
import io
import math
import os
import random
import sys
import time
from collections.abc import Callable, Sequence
from typing import NoReturn, TypeVar

from autograd import no_grad
from nn.data import DataError, Dataset, Standardiser, iris, load_csv, train_test_split
from nn.layers import MLP
from nn.losses import cross_entropy
from nn.optim import SGD
from nn.training import fit

FAILED, BAD_INPUT, INTERRUPTED = 1, 2, 130
MOMENTUM = 0.9
SHOWN_CLASSES = 6

N = TypeVar("N", int, float)


class _Parser(argparse.ArgumentParser):
    """A parser that reports a mistake in one line, without the usage."""

    def error(self, message: str) -> NoReturn:
        """Report `message` and exit."""
        sys.exit(_report(message, BAD_INPUT))


def main(arguments: Sequence[str] | None = None) -> int:
    """Train and evaluate as the command line says, and return the exit status.

    Parameters
    ----------
    arguments : sequence of str, optional
        What follows ``python -m nn``; by default that of the running program.

    Returns
    -------
    int
        0; 1 if training failed, 2 if the input cannot be used, 130 if it was interrupted.

    Examples
    --------
    >>> main(["--epochs", "1", "--no-progress"])  # doctest: +ELLIPSIS
    data      Fisher's iris: 150 rows, 4 features, 3 classes (setosa, versicolor, virginica)
    ...
    0
    """
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.data is None and options.target is not None:
        parser.error("--target is for a CSV file of your own; name the file first")
    try:
        return _run(options)
    except DataError as error:
        return _report(str(error), BAD_INPUT)
    except FloatingPointError as error:
        return _report(f"training failed: {error}", FAILED)
    except KeyboardInterrupt:
        return _report("interrupted", INTERRUPTED)
    except BrokenPipeError:
        # Whoever read the output has gone; without this the interpreter complains on exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED


def _run(options: argparse.Namespace) -> int:
    """Load the data, train, evaluate, and print a line about each."""
    data = _load(options)
    source = random.Random(options.seed)
    train, test = _split(data, options.test_fraction, source)
    _say("split", f"{len(train)} training rows, {len(test)} held out")

    sizes = [len(data.feature_names), *options.hidden, len(data.class_names)]
    model = MLP(sizes[0], sizes[1:], rng=source)
    parameters = model.parameters()
    _say("model", f"MLP {'-'.join(map(str, sizes))}, relu, {len(parameters)} parameters")
    _say(
        "training",
        f"{options.epochs} epochs, batch size {options.batch_size}, "
        f"SGD with lr {options.lr:g} and momentum {MOMENTUM:g}",
    )
    _say("seed", str(options.seed))

    standardise = Standardiser.fit(train.features)
    start = time.perf_counter()
    history = fit(
        model,
        cross_entropy,
        standardise(train.features),
        train.labels,
        SGD(parameters, lr=options.lr, momentum=MOMENTUM),
        options.epochs,
        options.batch_size,
        source,
        options.progress,
    )
    seconds = time.perf_counter() - start
    _say("loss", f"{history[-1]:.4g} in the last epoch")
    right = _right_answers(model, standardise(test.features), test.labels)
    _say("accuracy", f"{right / len(test):.3f} on the held-out rows ({right} of {len(test)})")
    _say("time", f"{seconds:.1f} s")
    return 0


def _load(options: argparse.Namespace) -> Dataset:
    """Load and describe the data that `options` name."""
    path = options.data
    if path is None:
        data, title = iris(), "Fisher's iris"
    else:
        title = path
        try:
            data = load_csv(path, options.target)
        except OSError as error:
            raise DataError(f"cannot read {path}: {error.strerror}") from error
    names, rows = data.class_names, len(data)
    if len(names) > max(2, rows / 2):
        raise DataError(
            f"{path}, column {data.target_name!r}: {len(names)} classes in {rows} rows; "
            "that looks like a measurement, so name the column of the class with --target"
        )
    shown = ", ".join(names[:SHOWN_CLASSES]) + (", ..." if len(names) > SHOWN_CLASSES else "")
    features = len(data.feature_names)
    columns = f"{features} feature{'s' if features > 1 else ''}"
    _say("data", f"{title}: {rows} rows, {columns}, {len(names)} classes ({shown})")
    guessed = path is not None and options.target is None
    hint = " (the last column; choose another with --target)" if guessed else ""
    _say("target", data.target_name + hint)
    return data


def _split(data: Dataset, test_fraction: float, source: random.Random) -> tuple[Dataset, Dataset]:
    """Split `data`, reporting a fraction that leaves nothing to train on."""
    try:
        return train_test_split(data, test_fraction, source)
    except ValueError as error:
        raise DataError(f"--test-fraction: {error}") from error


def _right_answers(model: MLP, features: Sequence[Sequence[float]], labels: Sequence[int]) -> int:
    """Return how many examples get the highest logit at their own class."""
    right = 0
    with no_grad():
        for row, label in zip(features, labels, strict=True):
            logits = [logit.data for logit in model(row)]
            right += logits.index(max(logits)) == label
    return right


def _parser() -> _Parser:
    """Return the parser of the command line."""
    parser = _Parser(
        prog="python -m nn",
        description="Train a multi-layer perceptron to tell classes apart, on Fisher's iris "
        "data or on a CSV file of your own, and measure it on rows held out.",
        epilog="example: python -m nn flowers.csv --target species --hidden 16 8 --seed 1",
    )
    add = parser.add_argument
    add(
        "data",
        nargs="?",
        help="a CSV file in UTF-8 with a header: one column names the class, the others hold "
        "numbers (default: Fisher's iris data)",
    )
    add("--target", metavar="COLUMN", help="the column of the class (default: the last)")
    add(
        "--hidden",
        nargs="*",
        type=_whole,
        default=[16],
        metavar="N",
        help="the sizes of the hidden layers; none for a linear model (default: 16)",
    )
    add(
        "--epochs",
        type=_whole,
        default=40,
        metavar="N",
        help="how often every training row is visited (default: %(default)s)",
    )
    add(
        "--batch-size",
        type=_whole,
        default=16,
        metavar="N",
        help="examples in each update (default: %(default)s)",
    )
    add(
        "--lr",
        type=_rate,
        default=0.05,
        metavar="X",
        help="the learning rate (default: %(default)s)",
    )
    add(
        "--seed",
        type=_seed,
        default=0,
        metavar="N",
        help="fixes split, weights and order of examples (default: %(default)s)",
    )
    add(
        "--test-fraction",
        type=_fraction,
        default=0.2,
        metavar="X",
        help="the share of rows held out (default: %(default)s)",
    )
    add("--no-progress", action="store_false", dest="progress", help="show no progress bar")
    return parser


def _read(kind: Callable[[str], N], text: str, allowed: Callable[[N], bool], what: str) -> N:
    """Return `text` as a number that is allowed, or say what was expected."""
    try:
        number = kind(text)
    except ValueError:
        pass
    else:
        if allowed(number):
            return number
    raise argparse.ArgumentTypeError(f"expected {what}, but was given {text!r}")


def _whole(text: str) -> int:
    """Return the size that `text` names."""
    return _read(int, text, lambda n: n >= 1, "a whole number of at least 1")


def _seed(text: str) -> int:
    """Return the seed that `text` names."""
    return _read(int, text, lambda _: True, "a whole number")


def _rate(text: str) -> float:
    """Return the learning rate that `text` names."""
    return _read(float, text, lambda x: 0 < x < math.inf, "a finite number above 0")


def _fraction(text: str) -> float:
    """Return the share that `text` names."""
    return _read(float, text, lambda x: 0 < x < 1, "a number between 0 and 1")


def _say(subject: str, text: str) -> None:
    """Print a line at once, so that it stands there while the training runs."""
    print(f"{subject:<10}{text}", flush=True)


def _report(message: str, status: int) -> int:
    """Print one line about a run that did not end well, and return its exit status."""
    kind = "nn: " if status == INTERRUPTED else "nn: error: "
    print(kind + " ".join(message.splitlines()), file=sys.stderr)
    return status


if __name__ == "__main__":
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A class may have a name that the terminal's encoding cannot express.
        sys.stdout.reconfigure(errors="backslashreplace")
    sys.exit(main())
