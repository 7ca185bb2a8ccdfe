"""A run of ``python -m nn``: what is asked for is done, and what goes wrong becomes one line."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence

from autograd.lines import abandon_output
from nn.command.keeping import LateError, described
from nn.command.options import parsed
from nn.command.statuses import BAD_INPUT, FAILED, INTERRUPTED, told
from nn.command.using import evaluate, predict
from nn.command.verbs import train
from nn.data.faults import DataError
from nn.saving.documents import SavedFileError

VERBS: dict[str, Callable[[argparse.Namespace], bool]] = {
    "train": train,
    "evaluate": evaluate,
    "predict": predict,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says, and return the exit status.

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
    verb, options = parsed(list(sys.argv[1:] if arguments is None else arguments))
    try:
        finished = VERBS[verb](options)
        sys.stdout.flush()
    except (DataError, SavedFileError, ModuleNotFoundError) as error:
        return told(str(error), BAD_INPUT)
    except BrokenPipeError:  # whoever read the output has gone
        abandon_output()
        return FAILED
    except LateError as error:
        abandon_output()
        return told(str(error), FAILED)
    except OSError as error:
        if error.filename is not None:
            return told(described(error), BAD_INPUT)
        abandon_output()
        return told(described(error), FAILED)
    except FloatingPointError as error:
        return told(f"training failed: {error}", FAILED)
    except KeyboardInterrupt:
        finished = False
    return 0 if finished else told("interrupted", INTERRUPTED)
