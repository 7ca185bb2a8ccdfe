"""What a model of the rows of a table has beside its network: columns, scaling, names, a file."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from autograd.graph.modes import no_grad
from nn.checks import listed
from nn.data.cells import Cells
from nn.data.choosing import encode
from nn.data.columns import Column, Number, column_of
from nn.data.reading import Table
from nn.data.scaling import Standardiser
from nn.modes import evaluation
from nn.optim.base import Optimizer
from nn.saving.documents import SavedFileError
from nn.saving.saved import Saved, save


class Tabular(ABC):
    """A network with all that turns the rows of a table into its inputs.

    It answers as in evaluation, whatever the mode of the network, which stays as it is.

    Attributes
    ----------
    network : Module
        Takes standardised features.
    scaler : Standardiser
        What the features go through first.
    feature_names : tuple of str
        The names of the features; what is not a number in the table becomes several.
    target_name : str
        What is told.
    columns : tuple of Column
        What becomes the features; by default a column of numbers for each.
    na : tuple of str or None
        What stood for a missing cell in the table that it learnt from; None for what usually does.
    """

    network: Any
    scaler: Standardiser
    feature_names: tuple[str, ...]
    target_name: str
    columns: tuple[Column, ...]
    na: tuple[str, ...] | None

    def __post_init__(self) -> None:
        """Take features for columns of numbers, if there is no other word of them."""
        object.__setattr__(self, "columns", self.columns or numbers(self.feature_names))

    def encode(self, table: Table) -> tuple[Cells, Cells, int]:
        """Return the features of the rows of a table; see `nn.data.choosing.encode`."""
        return encode(self.columns, table)

    def outputs(self, features: Sequence[float]) -> list[float]:
        """Return what the network makes of the features of one example."""
        (inputs,) = self.scaler([features])
        with evaluation(), no_grad():
            return [out.data for out in listed(self.network(inputs))]

    def save(self, path: str | Path, optimiser: Optimizer | None = None, seed: int = 0) -> None:
        """Save the model in a file; see `nn.save`."""
        notes = {
            "feature_names": list(self.feature_names),
            "target_name": self.target_name,
            "columns": [column.plain() for column in self.columns],
            "na": None if self.na is None else list(self.na),
            **self._notes(),
        }
        save(self.network, path, scaler=self.scaler, optimiser=optimiser, seed=seed, notes=notes)

    @abstractmethod
    def _notes(self) -> dict[str, Any]:
        """Return what else a file has to hold."""

    def check(self, path: str | Path, outputs: int, what: str) -> None:
        """Refuse what was loaded if the parts do not fit together."""
        names = tuple(x for column in self.columns for x in column.features)
        if names != self.feature_names:
            raise SavedFileError(f"{path}: its columns are not those of its features")
        try:
            count = len(self.outputs([0.0] * len(self.feature_names)))
        except (TypeError, ValueError, AttributeError) as error:
            raise SavedFileError(f"{path}: its model takes other inputs: {error}") from None
        if count != outputs:
            raise SavedFileError(f"{path}: it has {count} outputs, but {what}")


def numbers(names: Sequence[str]) -> tuple[Column, ...]:
    """Return a column of numbers for each name."""
    return tuple(Number(name) for name in names)


def parts(path: str | Path, saved: Saved, what: str) -> dict[str, Any]:
    """Return what every model of a table has, from a file; `what` it is a model of.

    Raises
    ------
    SavedFileError
        If it holds something else.
    """
    notes, scaler = saved.notes, saved.scaler
    names, target = texts(notes.get("feature_names")), notes.get("target_name")
    if scaler is None or not names or not isinstance(target, str):
        raise SavedFileError(f"{path}: it holds a model, but not of {what} of a table")
    given, na = notes.get("columns"), notes.get("na")
    try:
        columns = numbers(names) if given is None else tuple(map(column_of, given))
    except (TypeError, ValueError) as error:
        raise SavedFileError(f"{path}: {error}") from None
    found: dict[str, Any] = {"network": saved.model, "scaler": scaler, "feature_names": names}
    return found | {
        "target_name": target, "columns": columns, "na": None if na is None else texts(na),
    }  # fmt: skip


def texts(given: Any) -> tuple[str, ...]:
    """Return the texts in a list; none, if it is something else."""
    if not isinstance(given, list) or not all(isinstance(name, str) for name in given):
        return ()
    return tuple(given)
