"""The training loop."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import Any

from autograd import Value, collector_paused
from nn.data import batches
from nn.optim import Optimizer
from nn.rng import Rng


def fit(
    model: Callable[[Any], Any],
    loss: Callable[[list[Any], list[Any]], Any],
    inputs: Sequence[Any],
    targets: Sequence[Any],
    optimiser: Optimizer,
    epochs: int,
    batch_size: int | None = 32,
    rng: Rng = random,
    progress: bool = True,
) -> list[float]:
    """Train a model: lower the mean loss over the examples, mini-batch by mini-batch.

    Each epoch visits every example once, in an order drawn anew; each mini-batch makes one
    step of the optimiser.

    Parameters
    ----------
    model : callable
        Turns one input into one output.
    loss : callable
        ``loss(outputs, targets)`` returns the mean loss of a mini-batch as one Value, as the
        functions of `nn.losses` do.
    inputs, targets : sequence
        The examples, and what the model should make of them.
    optimiser : Optimizer
        Moves the parameters.
    epochs : int
        How often every example is visited.
    batch_size : int or None
        The number of examples in a step: 1 for an update after every example, None for all
        of them (the full batch).
    rng : Rng
        Draws the order of the examples.
    progress : bool
        True for a progress bar on standard error.

    Returns
    -------
    list of float
        The mean loss over the examples in each epoch, measured before each step.

    Raises
    ------
    FloatingPointError
        If a loss or its gradient is not finite. The weights are left as they were before
        the step that would have used it.
    TypeError
        If `loss` does not return a Value.
    ValueError
        If there are no examples, `inputs` and `targets` differ in length, or `epochs` or
        `batch_size` is below 1.

    Examples
    --------
    >>> import random
    >>> from nn.layers import Neuron
    >>> from nn.losses import mse
    >>> from nn.optim import SGD
    >>> model = Neuron(1, nonlin=False, rng=random.Random(0))
    >>> optimiser = SGD(model.parameters(), lr=0.1)
    >>> history = fit(
    ...     model, mse, [[0.0], [1.0]], [1.0, 3.0], optimiser, 500, None, progress=False
    ... )
    >>> print(f"{model.w[0].data:.3f} {model.b.data:.3f}")
    2.000 1.000
    """
    count = len(inputs)
    if len(targets) != count:
        raise ValueError(f"there are {count} inputs, but {len(targets)} targets")
    if not count:
        raise ValueError("there are no examples to train on")
    if epochs < 1:
        raise ValueError(f"epochs has to be at least 1, but was {epochs}")
    size = count if batch_size is None else batch_size
    if size < 1:
        raise ValueError(f"batch_size has to be at least 1, or None, but was {size}")
    history: list[float] = []
    with _bar(epochs * math.ceil(count / size)) if progress else nullcontext() as bar:
        for epoch in range(1, epochs + 1):
            total = 0.0
            for number, batch in enumerate(batches(count, size, rng), start=1):
                examples = [(inputs[i], targets[i]) for i in batch]
                where = f"epoch {epoch}, batch {number}"
                total += _step(model, loss, examples, optimiser, where) * len(batch)
                if bar is not None:
                    bar.update()
            history.append(total / count)
            if bar is not None:
                bar.set_postfix(epoch=epoch, loss=f"{history[-1]:.4g}", refresh=False)
    return history


def _step(
    model: Callable[[Any], Any],
    loss: Callable[[list[Any], list[Any]], Any],
    examples: list[tuple[Any, Any]],
    optimiser: Optimizer,
    where: str,
) -> float:
    """Take one step for a mini-batch and return its loss; refuse what is not finite."""
    remedy = "a smaller learning rate, or standardised inputs, may help"
    with collector_paused():
        mean = loss([model(x) for x, _ in examples], [y for _, y in examples])
        if not isinstance(mean, Value):
            raise TypeError(f"the loss has to be a Value, but in {where} it was {mean!r}")
        if not math.isfinite(mean.data):
            raise FloatingPointError(f"the loss is {mean.data} in {where}; {remedy}")
        optimiser.zero_grad()
        mean.backward()
        if not all(math.isfinite(parameter.grad) for parameter in optimiser.params):
            raise FloatingPointError(f"a gradient is not finite in {where}; {remedy}")
        optimiser.step()
        return float(mean.data)


def _bar(total: int) -> Any:
    """Return a progress bar over `total` steps, on standard error."""
    # Imported only here, so that importing nn stays light.
    from tqdm import tqdm

    return tqdm(total=total, desc="training", unit="batch")
