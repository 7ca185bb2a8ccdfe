"""A regressor: a network with all that turns the rows of a table into a measure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from nn.data.columns import Column
from nn.data.dataset import some_of
from nn.data.scaling import Standardiser
from nn.models.classifier import Classifier
from nn.models.tabular import Tabular, parts
from nn.saving.documents import SavedFileError
from nn.saving.saved import Saved, load


@dataclass(frozen=True)
class Regressor(Tabular):
    """A network that gives a number, with the scaling of its inputs and of its output.

    Parameters
    ----------
    network : Module
        Takes standardised features, and returns a standardised number.
    scaler : Standardiser
        What the features go through first.
    feature_names : tuple of str
        The features.
    target_name : str
        What is measured.
    mean, scale : float
        Those of the target.
    columns, na
        As for `Tabular`.

    Examples
    --------
    >>> from nn import MLP
    >>> scaler = Standardiser((0.0,), (1.0,))
    >>> model = Regressor(MLP(1, [1]), scaler, ("size",), "price", 100.0, 20.0)
    >>> _ = model.network.load_state_dict(dict.fromkeys(model.network.state_dict(), 0.5))
    >>> model.answer([2.0])
    130.0
    >>> model
    Regressor(MLP; size -> price)
    """

    network: Any
    scaler: Standardiser
    feature_names: tuple[str, ...]
    target_name: str
    mean: float
    scale: float
    columns: tuple[Column, ...] = ()
    na: tuple[str, ...] | None = None

    def __repr__(self) -> str:
        """Return what is told by what, in one line."""
        names = some_of(self.feature_names)
        return f"Regressor({type(self.network).__name__}; {names} -> {some_of([self.target_name])})"

    def answer(self, features: Sequence[float]) -> float:
        """Return the number for the features of one example."""
        (out,) = self.outputs(features)
        return self.mean + self.scale * out

    def _notes(self) -> dict[str, Any]:
        """Return the scaling of the target."""
        return {"target": {"mean": self.mean, "scale": self.scale}}

    @classmethod
    def of(cls, path: str | Path, saved: Saved) -> Self:
        """Return the regressor that a file held."""
        target = saved.notes.get("target")
        if not isinstance(target, dict) or target.keys() != {"mean", "scale"}:
            raise SavedFileError(f"{path}: it holds a model, but not of a measure")
        if not all(type(x) is float and math.isfinite(x) for x in target.values()):
            raise SavedFileError(f"{path}: its target has no finite mean and scale")
        model = cls(**parts(path, saved, "a measure"), **target)
        model.check(path, 1, "a measure is one number")
        return model


def load_tabular(path: str | Path) -> Classifier | Regressor:
    """Load a model of the rows of a table: of classes, or of a measure.

    Raises
    ------
    OSError
        If the file cannot be read.
    SavedFileError
        If the file is damaged or foreign, or holds another kind of model.
    """
    saved = load(path)
    return Regressor.of(path, saved) if "target" in saved.notes else Classifier.of(path, saved)
