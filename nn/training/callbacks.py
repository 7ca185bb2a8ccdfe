"""What `fit` tells its callbacks and its stopping condition after each epoch."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from autograd.graph.modes import no_grad
from autograd.graph.value import Value
from nn.checks import check_size
from nn.modes import evaluation
from nn.optim.base import Optimizer
from nn.optim.options import non_negative
from nn.training.history import History

Examples = tuple[Sequence[Any], Sequence[Any]]


@dataclass(frozen=True, eq=False)
class Epoch:
    """An epoch of `fit` that is over: what callbacks and `stop_when` are given.

    The weights of the model are those after the epoch, and callbacks and conditions run in
    evaluation.

    Attributes
    ----------
    number, epochs : int
        Which epoch it was, counted from 1, and of how many.
    loss : float
        The mean loss over the training examples, measured before each step.
    validation : float or None
        The mean loss over the validation examples, if there are any.
    model : callable
        What is being trained.
    optimiser : Optimizer
        What moves its parameters.
    history : History
        The losses of all epochs so far.
    examples : tuple of (inputs, targets)
        Those that are validated on, or else those that are trained on.

    Examples
    --------
    >>> from nn import Neuron
    >>> from nn.optim import SGD
    >>> neuron = Neuron(1)
    >>> optimiser = SGD(neuron.parameters())
    >>> epoch = Epoch(1, 5, 0.5, None, neuron, optimiser, History([0.5]), ([[1.0]], [1]))
    >>> epoch
    Epoch(number=1, epochs=5, loss=0.5, validation=None)
    >>> epoch.loss < 1.0, epoch.accuracy(decide=lambda output: 1)
    (True, 1.0)
    """

    number: int
    epochs: int
    loss: float
    validation: float | None
    model: Callable[[Any], Any] = field(repr=False)
    optimiser: Optimizer = field(repr=False)
    history: History = field(repr=False)
    examples: Examples = field(repr=False)

    def accuracy(
        self,
        inputs: Sequence[Any] | None = None,
        targets: Sequence[Any] | None = None,
        decide: Callable[[Any], Any] | None = None,
    ) -> float:
        """Return the share of examples that the model, as it now is, decides rightly.

        Parameters
        ----------
        inputs, targets : sequence, optional
            The examples; by default those of the attribute `examples`.
        decide : callable, optional
            Turns an output into what is compared with the target. By default the output has to be
            a list with a number for each class, the largest of which decides, and the target the
            number of a class.

        Raises
        ------
        TypeError
            If an output or a target is something else, and there is no `decide`.
        ValueError
            If there are no examples, or not as many targets.
        """
        if (inputs is None) != (targets is None):
            raise ValueError("accuracy needs inputs and targets, or neither")
        xs, ys = self.examples if inputs is None or targets is None else (inputs, targets)
        if len(xs) != len(ys) or not len(xs):
            raise ValueError(
                f"accuracy needs as many targets as inputs, at least 1, but was given "
                f"{len(xs)} inputs and {len(ys)} targets"
            )
        with evaluation(), no_grad():
            outputs = [self.model(x) for x in xs]
        if decide is None:
            right = [_largest(out) == _class(y) for out, y in zip(outputs, ys, strict=True)]
        else:
            right = [bool(decide(out) == y) for out, y in zip(outputs, ys, strict=True)]
        return sum(right) / len(right)


class Watch:
    """What looks on while `fit` trains: the callbacks, and the conditions that end a run early.

    Parameters
    ----------
    callbacks : iterable of callable
    stop_when : callable or None
    patience : int or None
    min_delta : float
        As for `fit`.

    Examples
    --------
    >>> watch = Watch([], None, 2, 0.1)
    >>> watch.waited_for([0.5, 0.45]), watch.waited_for([0.5, 0.45, 0.41])
    (False, True)
    """

    def __init__(
        self,
        callbacks: Iterable[Callable[[Epoch], object]],
        stop_when: Callable[[Epoch], bool] | None,
        patience: int | None,
        min_delta: float,
    ) -> None:
        if not isinstance(callbacks, Iterable):
            remedy = f"; write [{callbacks!r}] for a single one" if callable(callbacks) else ""
            raise TypeError(
                f"callbacks has to be a list of functions, but was {callbacks!r}{remedy}"
            )
        self.callbacks = list(callbacks)
        for given in [*self.callbacks, *([] if stop_when is None else [stop_when])]:
            if not callable(given) or isinstance(given, type):
                raise TypeError(f"a callback and stop_when have to be functions, not {given!r}")
        min_delta = non_negative(min_delta, "min_delta")
        if min_delta and patience is None:
            raise ValueError("min_delta says what patience counts as improved; pass patience")
        self.stop_when, self.patience, self.min_delta = stop_when, patience, min_delta
        self._lowest, self._waited, self._seen = math.inf, 0, 0

    def tell(self, epoch: Epoch) -> None:
        """Call the callbacks in turn."""
        with evaluation():
            for callback in self.callbacks:
                callback(epoch)

    def ended(self, epoch: Epoch) -> str:
        """Return why the run ends after this epoch, as `History.stopped` has it, or ``""``."""
        if self.waited_for(epoch.history.validation):
            return "early"
        if self.stop_when is None:
            return ""
        with evaluation():
            found = self.stop_when(epoch)
        if found is None:
            raise TypeError("stop_when returned None, but has to return True or False")
        return "condition" if found else ""

    def waited_for(self, losses: Sequence[float]) -> bool:
        """Tell whether the last `patience` of a growing list of losses brought no improvement."""
        for loss in losses[self._seen :]:
            better = loss < self._lowest - self.min_delta
            self._lowest, self._waited = (loss, 0) if better else (self._lowest, self._waited + 1)
        self._seen = len(losses)
        return self.patience is not None and self._waited >= self.patience


def _largest(output: Any) -> int:
    """Return the class of the largest of an output's numbers."""
    if not hasattr(output, "__len__") or len(output) < 2:
        raise TypeError(
            f"accuracy compares a number for each class, but the output was {output!r}; "
            "pass decide, such as lambda output: output.data > 0"
        )
    numbers = [x.data if isinstance(x, Value) else x for x in output]
    return numbers.index(max(numbers))


def _class(target: Any) -> int:
    """Return the number of a class."""
    return check_size(target, "a class", None, hint="; pass decide for targets of another kind")
