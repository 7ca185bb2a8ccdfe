"""The options of ``python -m nn``: what may be asked for, and what is said about a mistake."""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import NoReturn, TypeVar

from nn.command.objectives import LOSSES
from nn.command.problems import DATA_SETS
from nn.command.statuses import BAD_INPUT, told
from nn.command.verbs import OPTIMISERS
from nn.data.targets import TASKS
from nn.layers.neurons import Neuron

N = TypeVar("N", int, float)


class _Parser(argparse.ArgumentParser):
    """A parser that reports a mistake in one line, without the usage."""

    def error(self, message: str) -> NoReturn:
        """Report `message` and exit."""
        sys.exit(told(message, BAD_INPUT))


def parsed(arguments: Sequence[str]) -> tuple[str, argparse.Namespace]:
    """Return what a command line asks for, a verb, and the options that it gives.

    Examples
    --------
    >>> verb, options = parsed(["predict", "model.json", "new.csv"])
    >>> verb, options.model
    ('predict', 'model.json')
    >>> parsed(["--epochs", "3"])[0]
    'train'
    """
    verb = arguments[0] if arguments and arguments[0] in PURPOSES else "train"
    if verb != "train":
        return verb, _parser_for_saved(verb).parse_args(arguments[1:])
    parser = _training_parser()
    options = parser.parse_args(arguments)
    for name in OF_A_FILE if options.data in DATA_SETS else ():
        if getattr(options, name) != parser.get_default(name):
            parser.error(f"{OF_A_FILE[name]} is for a table of your own; name the file first")
    if options.patience is not None and options.validation is None:
        parser.error("--patience needs --validation, a share of the training rows to watch")
    if options.resume and options.checkpoint is None:
        parser.error("--resume needs --checkpoint, to know from where")
    return verb, options


PURPOSES = {
    "evaluate": "Measure a saved model on the rows of a table.",
    "predict": "Write the rows of a table with the answer of a saved model to each.",
}
OF_A_FILE = {
    "target": "--target", "features": "--features", "drop": "--drop", "task": "--task",
    "sep": "--sep", "decimal": "--decimal", "header": "--no-header", "encoding": "--encoding",
    "na": "--na",
}  # fmt: skip


def _training_parser() -> _Parser:
    """Return the parser of the command line that trains."""
    parser = _Parser(
        prog="python -m nn",
        description="Train a multi-layer perceptron to tell classes apart or to predict a measure, "
        "on Fisher's iris data or on a table of your own, and measure it on rows held out.",
        epilog="examples: python -m nn flowers.csv --target species --hidden 16 8; "
        "python -m nn flowers.csv --save model.json; python -m nn evaluate model.json more.csv; "
        "python -m nn predict model.json new.csv",
    )
    add = parser.add_argument
    add(
        "data",
        nargs="?",
        default="iris",
        help="a file with a table, as CSV or the like; or one of "
        f"{', '.join(DATA_SETS)} (default: %(default)s)",
    )
    add("--target", metavar="COLUMN", help="the column that is to be told (default: the last)")
    add("--features", nargs="+", metavar="COLUMN", help="the columns to tell it by (default: all)")
    add("--drop", nargs="+", metavar="COLUMN", help="columns to leave out")
    add("--task", choices=TASKS, help="what the target is (default: as it looks)")
    _add_form(parser)
    add(
        "--hidden",
        nargs="*",
        type=_whole,
        default=[16],
        metavar="N",
        help="the sizes of the hidden layers; none for a linear model (default: 16)",
    )
    add(
        "--activation",
        type=_activation,
        default="tanh",
        metavar="F",
        help="the units of the hidden layers, by the name of a function (default: %(default)s)",
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
        "--weight-decay",
        type=_decay,
        default=0.1,
        metavar="X",
        help="how strongly weights are drawn to 0 (default: %(default)s)",
    )
    add(
        "--optimizer",
        choices=[*OPTIMISERS],
        default="adamw",
        help="what takes the steps (default: %(default)s)",
    )
    add(
        "--loss",
        choices=[name for own in LOSSES.values() for name in own],
        help=f"what is made small: {'; '.join(f'of {x}: {_or(LOSSES[x])}' for x in TASKS)} "
        "(default: the first)",
    )
    add(
        "--dropout",
        type=_share,
        default=0.0,
        metavar="P",
        help="how probably a hidden unit is left out of a step (default: %(default)s)",
    )
    add("--class-weight", choices=["balanced"], help="let each class weigh the same, however rare")
    add(
        "--validation",
        type=_fraction,
        metavar="X",
        help="a share of the training rows to watch, and not to train on",
    )
    add(
        "--patience",
        type=_whole,
        metavar="N",
        help="stop when the loss on the validation rows has not improved for so many epochs",
    )
    add("--cv", type=_folds, metavar="K", help="measure on K folds first")
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
    add("--save", metavar="FILE", help="save the model, as .json or .safetensors")
    add("--report", metavar="FILE", help="write an HTML page with figures (needs matplotlib)")
    add("--checkpoint", metavar="FILE", help="note the state of the training after each epoch")
    add(
        "--resume",
        action="store_true",
        help="go on from the checkpoint as if there had been no break; data and options have to be "
        "the same, --epochs too, since the learning rate falls over all of them",
    )
    return parser


def _parser_for_saved(command: str) -> _Parser:
    """Return the parser of the command line that evaluates or predicts."""
    parser = _Parser(prog=f"python -m nn {command}", description=PURPOSES[command])
    parser.add_argument("model", help="a file that python -m nn --save wrote")
    parser.add_argument(
        "data", help="a file with the columns that the model learnt from, in any order"
    )
    _add_form(parser)
    if command == "predict":
        parser.add_argument(
            "--output", metavar="FILE", help="write the table there (default: -, standard output)"
        )
        parser.add_argument(
            "--strict", action="store_true", help="refuse the file if any row cannot be answered"
        )
    else:
        parser.add_argument(
            "--target",
            metavar="COLUMN",
            help="the column with what is right (default: as in training)",
        )
        parser.add_argument("--report", metavar="FILE", help="write an HTML page")
    return parser


def _add_form(parser: _Parser) -> None:
    """Add the options that say how a table is written, and whether to show how far one is."""
    add = parser.add_argument
    add("--no-progress", action="store_false", dest="progress", help="show no progress bar")
    guessed = "(default: guessed)"
    add("--sep", type=_character, metavar="C", help=f"what parts the cells of a row {guessed}")
    add("--decimal", choices=[".", ","], help=f"the decimal mark {guessed}")
    add(
        "--no-header",
        action="store_false",
        dest="header",
        default=None,
        help=f"the first row is data; the columns are called column 1, column 2 ... {guessed}",
    )
    add("--encoding", metavar="NAME", help=f"the encoding of the text {guessed}")
    add(
        "--na",
        nargs="*",
        metavar="TEXT",
        help="what stands for a missing value beside an empty cell; none for nothing else "
        "(default: NA, ?, nan, null and the like)",
    )


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


def _folds(text: str) -> int:
    """Return the number of folds that `text` names."""
    return _read(int, text, lambda n: n >= 2, "a whole number of at least 2")


def _character(text: str) -> str:
    """Return the separator that `text` names."""
    found = {"\\t": "\t", "tab": "\t", "space": " "}.get(text, text)
    if len(found) != 1 or found in "\"'\r\n\0":
        raise argparse.ArgumentTypeError(f"expected one character, or tab, but was given {text!r}")
    return found


def _share(text: str) -> float:
    """Return the probability that `text` names."""
    return _read(float, text, lambda x: 0 <= x < 1, "a number of at least 0 and below 1")


def _or(names: Iterable[str]) -> str:
    """Return names to choose from."""
    return ", ".join(names)


def _seed(text: str) -> int:
    """Return the seed that `text` names."""
    return _read(int, text, lambda _: True, "a whole number")


def _rate(text: str) -> float:
    """Return the learning rate that `text` names."""
    return _read(float, text, lambda x: 0 < x < math.inf, "a finite number above 0")


def _decay(text: str) -> float:
    """Return the weight decay that `text` names."""
    return _read(float, text, lambda x: 0 <= x < math.inf, "a finite number of at least 0")


def _activation(text: str) -> str:
    """Return the name of the units that `text` names."""
    try:
        Neuron(1, activation=text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    return text


def _fraction(text: str) -> float:
    """Return the share that `text` names."""
    return _read(float, text, lambda x: 0 < x < 1, "a number between 0 and 1")
