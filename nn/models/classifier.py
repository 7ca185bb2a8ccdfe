"""A classifier: a network with all that turns the rows of a table into the names of classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from autograd.graph.many import softmax
from nn.data.columns import Column
from nn.data.dataset import some_of
from nn.data.scaling import Standardiser
from nn.models.tabular import Tabular, parts, texts
from nn.saving.documents import SavedFileError
from nn.saving.saved import Saved, load


@dataclass(frozen=True)
class Classifier(Tabular):
    """A network that gives a logit for each class, with the scaling of its inputs and the names.

    It answers as in evaluation, whatever the mode of the network, which stays as it is.

    Parameters
    ----------
    network : Module
        Takes standardised features, and returns a list of logits.
    scaler : Standardiser
        What the features go through first.
    feature_names, class_names : tuple of str
        The features, and the classes.
    target_name : str
        What the classes are classes of.
    columns, na
        As for `Tabular`.

    Examples
    --------
    >>> from nn import MLP
    >>> scaler = Standardiser((0.0,), (1.0,))
    >>> model = Classifier(MLP(1, [2]), scaler, ("weight",), ("cat", "dog"), "kind")
    >>> _ = model.network.load_state_dict(
    ...     dict.fromkeys(model.network.state_dict(), 0.0) | {"layers.0.neurons.1.b": 1.0}
    ... )
    >>> [round(p, 3) for p in model.probabilities([4.5])], model.answer([4.5])
    ([0.269, 0.731], 1)
    >>> model
    Classifier(MLP; weight -> kind: cat, dog)
    """

    network: Any
    scaler: Standardiser
    feature_names: tuple[str, ...]
    class_names: tuple[str, ...]
    target_name: str
    columns: tuple[Column, ...] = ()
    na: tuple[str, ...] | None = None

    def __repr__(self) -> str:
        """Return what is told apart by what, in one line."""
        return (
            f"Classifier({type(self.network).__name__}; {some_of(self.feature_names)} -> "
            f"{some_of([self.target_name])}: {some_of(self.class_names)})"
        )

    def probabilities(self, features: Sequence[float]) -> list[float]:
        """Return the probability of each class, for the features of one example."""
        return [float(p) for p in softmax(self.outputs(features))]

    def answer(self, features: Sequence[float]) -> int:
        """Return the most probable class, for the features of one example."""
        logits = self.outputs(features)
        return logits.index(max(logits))

    def _notes(self) -> dict[str, Any]:
        """Return the names of the classes."""
        return {"class_names": list(self.class_names)}

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Load a classifier from a file that `save` wrote.

        Raises
        ------
        OSError
            If the file cannot be read.
        SavedFileError
            If the file is damaged or foreign, or holds another kind of model.
        """
        return cls.of(path, load(path))

    @classmethod
    def of(cls, path: str | Path, saved: Saved) -> Self:
        """Return the classifier that a file held."""
        classes = texts(saved.notes.get("class_names"))
        if not classes:
            raise SavedFileError(f"{path}: it holds a model, but not of the classes of a table")
        model = cls(**parts(path, saved, "the classes"), class_names=classes)
        model.check(path, len(classes), f"{len(classes)} classes")
        return model
