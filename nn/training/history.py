"""What a training run leaves behind: the losses of its epochs, and why it ended."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from autograd.extras import need


class History(list[float]):
    """The mean loss of each epoch, as a list, with what else is known about a run.

    Parameters
    ----------
    losses : iterable of float
        The mean loss over the training examples in each epoch, measured before each step.
    validation : iterable of float
        The mean loss over the validation examples after each epoch.

    Attributes
    ----------
    validation : list of float
        As given; empty without validation.
    stopped : str
        "" if all epochs were run, "early" if validation stopped improving, "condition" if
        `stop_when` was true, "interrupted" after Ctrl-C.
    steps : str
        How `fit` took its steps in the end, in words: with Values, or by programs, and how long
        each took; why not by programs.

    Examples
    --------
    >>> history = History([0.9, 0.5, 0.4], [0.8, 0.5, 0.6])
    >>> history[-1], history.best_epoch
    (0.4, 2)
    >>> history
    History(3 epochs; loss 0.9 -> 0.4; validation 0.8 -> 0.6, best 0.5 after epoch 2)
    """

    def __init__(self, losses: Iterable[float] = (), validation: Iterable[float] = ()) -> None:
        super().__init__(losses)
        self.validation = list(validation)
        self.stopped = ""
        self.steps = ""

    def __repr__(self) -> str:
        """Return where the losses began and ended, in one line."""
        said = [f"{len(self)} epoch{'' if len(self) == 1 else 's'}"]
        if self:
            said.append(f"loss {self[0]:.4g} -> {self[-1]:.4g}")
        if self.validation:
            best = f"best {min(self.validation):.4g} after epoch {self.best_epoch}"
            said.append(f"validation {self.validation[0]:.4g} -> {self.validation[-1]:.4g}, {best}")
        if self.stopped:
            said.append(self.stopped)
        return f"History({'; '.join(said)})"

    @property
    def best_epoch(self) -> int | None:
        """The epoch, counted from 1, after which the validation loss was lowest."""
        if not self.validation:
            return None
        return self.validation.index(min(self.validation)) + 1

    def plot(self, axes: Any = None) -> Any:
        """Draw the losses over the epochs, and return Matplotlib's axes.

        Parameters
        ----------
        axes : matplotlib.axes.Axes, optional
            Where to draw; by default new axes.

        Raises
        ------
        ModuleNotFoundError
            If Matplotlib is not installed: ``pip install "glassgrad[plot]"``.
        """
        if axes is None:
            axes = need("matplotlib.pyplot", "plot").subplots()[1]
        epochs = range(1, len(self) + 1)
        axes.plot(epochs, self, label="training")
        if self.validation:
            axes.plot(epochs[: len(self.validation)], self.validation, label="validation")
            axes.axvline(self.best_epoch, color="grey", linewidth=0.8, linestyle=":")
        axes.set_xlabel("epoch")
        axes.set_ylabel("loss")
        axes.legend()
        return axes
