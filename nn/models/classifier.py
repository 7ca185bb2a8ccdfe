"""A classifier: a network with all that turns the rows of a table into the names of classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from autograd.graph.many import softmax
from autograd.graph.modes import no_grad
from nn.data.dataset import some_of
from nn.data.scaling import Standardiser
from nn.modes import evaluation
from nn.optim.base import Optimizer
from nn.saving.documents import SavedFileError
from nn.saving.saved import load, save


@dataclass(frozen=True)
class Classifier:
    """A network that gives a logit for each class, with the scaling of its inputs and the names.

    It answers as in evaluation, whatever the mode of the network, which stays as it is.

    Parameters
    ----------
    network : Module
        Takes standardised features, and returns a list of logits.
    scaler : Standardiser
        What the features go through first.
    feature_names, class_names : tuple of str
        The columns of the table, and the classes.
    target_name : str
        What the classes are classes of.

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

    def __repr__(self) -> str:
        """Return what is told apart by what, in one line."""
        return (
            f"Classifier({type(self.network).__name__}; {some_of(self.feature_names)} -> "
            f"{some_of([self.target_name])}: {some_of(self.class_names)})"
        )

    def probabilities(self, features: Sequence[float]) -> list[float]:
        """Return the probability of each class, for the features of one example."""
        return [float(p) for p in softmax(self._logits(features))]

    def answer(self, features: Sequence[float]) -> int:
        """Return the most probable class, for the features of one example."""
        logits = self._logits(features)
        return logits.index(max(logits))

    def _logits(self, features: Sequence[float]) -> list[Any]:
        """Return a number for each class."""
        (inputs,) = self.scaler([features])
        with evaluation(), no_grad():
            return [logit.data for logit in self.network(inputs)]

    def save(self, path: str | Path, optimiser: Optimizer | None = None, seed: int = 0) -> None:
        """Save the classifier in a file; see `nn.save`."""
        notes = {
            "feature_names": list(self.feature_names),
            "class_names": list(self.class_names),
            "target_name": self.target_name,
        }
        save(self.network, path, scaler=self.scaler, optimiser=optimiser, seed=seed, notes=notes)

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
        saved = load(path)
        notes = saved.notes
        features, classes = (_names(notes.get(key)) for key in ("feature_names", "class_names"))
        target = notes.get("target_name")
        if saved.scaler is None or not (features and classes and isinstance(target, str)):
            raise SavedFileError(f"{path}: it holds a model, but not of the classes of a table")
        model = cls(saved.model, saved.scaler, features, classes, target)
        try:
            count = len(model.probabilities([0.0] * len(features)))
        except (TypeError, ValueError, AttributeError) as error:
            raise SavedFileError(f"{path}: its model takes other inputs: {error}") from None
        if count != len(classes):
            raise SavedFileError(f"{path}: it has {count} outputs, but {len(classes)} classes")
        return model


def _names(given: Any) -> tuple[str, ...]:
    """Return the texts in a list; none, if it is something else."""
    if not isinstance(given, list) or not all(isinstance(name, str) for name in given):
        return ()
    return tuple(given)
