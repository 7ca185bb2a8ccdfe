"""Splitting: a part to train on and a part held out, folds; an epoch into mini-batches."""

from __future__ import annotations

import math
import random
from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import replace
from typing import Any, overload

from nn.checks import Examples, check_size, pair
from nn.data.dataset import Dataset
from nn.rng import Rng, source


@overload
def train_test_split(
    data: Dataset, test_fraction: float = ..., rng: Rng = ..., *, stratify: bool = ...
) -> tuple[Dataset, Dataset]: ...
@overload
def train_test_split(
    data: tuple[Any, Any], test_fraction: float = ..., rng: Rng = ..., *, stratify: bool = ...
) -> tuple[Examples, Examples]: ...
def train_test_split(
    data: Dataset | tuple[Any, Any],
    test_fraction: float = 0.2,
    rng: Rng = random,
    *,
    stratify: bool = False,
) -> tuple[Any, Any]:
    """Split examples at random into a part to train on and a part held out.

    Parameters
    ----------
    data : Dataset, or tuple of (inputs, targets)
        At least two examples; inputs and targets are lists, arrays, DataFrames or Series, whose
        rows belong together by their position.
    test_fraction : float
        The share that is held out, between 0 and 1; rounded up to whole examples.
    rng : Rng
        Draws the split.
    stratify : bool
        Hold out the same share of each class, as nearly as whole examples allow; the targets are
        the classes. A class that has a single example is trained on.

    Returns
    -------
    tuple of (Dataset, Dataset), or of ((inputs, targets), (inputs, targets))
        The training part and the part held out; neither is empty.

    Raises
    ------
    TypeError
        If `data` is neither a Dataset nor a pair of what holds rows.
    ValueError
        If `test_fraction` is not between 0 and 1, or leaves nothing to train on.

    Examples
    --------
    >>> import random
    >>> from nn.data import iris
    >>> train, test = train_test_split(iris(), 0.2, random.Random(0))
    >>> len(train), len(test)
    (120, 30)
    >>> (inputs, targets), held_out = train_test_split(([5, 6, 7], ["a", "b", "c"]), 0.3, rng=1)
    >>> inputs, targets, held_out
    ([7, 5], ['c', 'a'], ([6], ['b']))
    """
    if not isinstance(data, Dataset | tuple):
        raise TypeError(
            f"data has to be a Dataset or a tuple (inputs, targets), but was a "
            f"{type(data).__name__}; write train_test_split((inputs, targets), 0.2)"
        )
    inputs, targets = pair(data, "data")
    parts_of = split(len(inputs), test_fraction, rng, targets if stratify else None)
    parts: list[Any] = []
    for chosen in parts_of:
        part = [inputs[i] for i in chosen], [targets[i] for i in chosen]
        if isinstance(data, Dataset):
            parts.append(replace(data, features=tuple(part[0]), labels=tuple(part[1])))
        else:
            parts.append(part)
    return parts[0], parts[1]


def split(
    count: int, fraction: float, rng: Rng, classes: Sequence[Hashable] | None = None
) -> tuple[list[int], list[int]]:
    """Return the places of the examples that are trained on, and of those that are held out.

    Parameters
    ----------
    count : int
        The number of examples.
    fraction : float
        The share that is held out, as for `train_test_split`.
    rng : Rng
        Draws the split.
    classes : sequence, optional
        The class of each example, if each is to be held out by its share.

    Examples
    --------
    >>> train, test = split(8, 0.25, 0, "aabbbbbb")
    >>> sorted("aabbbbbb"[i] for i in train), len(test)
    (['a', 'b', 'b', 'b', 'b', 'b'], 2)
    """
    if not 0 < fraction < 1:
        raise ValueError(f"test_fraction has to be between 0 and 1, but was {fraction!r}")
    held_out = math.ceil(count * fraction)
    if held_out >= count:
        raise ValueError(f"holding out {fraction!r} of {count} examples leaves none to train on")
    order = list(range(count))
    source(rng).shuffle(order)
    if classes is None:
        return order[held_out:], order[:held_out]
    groups = _groups(order, classes)
    shares = _shares([len(group) for group in groups], held_out)
    test = {i for group, share in zip(groups, shares, strict=True) for i in group[:share]}
    return [i for i in order if i not in test], [i for i in order if i in test]


def folds(
    count: int, number: int, rng: Rng, classes: Sequence[Hashable] | None = None
) -> list[list[int]]:
    """Return the places of examples, parted into folds whose sizes differ by one at most.

    Of each class, too, the folds have as many examples, but for one.

    Parameters
    ----------
    count, number : int
        The numbers of examples and of folds.
    rng : Rng
        Draws them.
    classes : sequence, optional
        The class of each example.

    Examples
    --------
    >>> parts = folds(10, 3, 0, "aaaabbbbbb")
    >>> sorted(len(part) for part in parts), sorted(sum(parts, []))
    ([3, 3, 4], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    """
    number = check_size(number, "the number of folds", 2)
    if number > count:
        raise ValueError(f"{number} folds need as many examples, but there are {count}")
    order = list(range(count))
    source(rng).shuffle(order)
    if classes is not None:
        order = [i for group in _groups(order, classes) for i in group]
    return [order[k::number] for k in range(number)]


def _groups(order: Sequence[int], classes: Sequence[Hashable]) -> list[list[int]]:
    """Return the places of the examples class by class."""
    found: dict[Hashable, list[int]] = defaultdict(list)
    for i in order:
        found[classes[i]].append(i)
    return list(found.values())


def _shares(sizes: Sequence[int], total: int) -> list[int]:
    """Return how many are taken of groups, `total` together, by their sizes and never all of one.

    What is left after rounding down goes to those that lost most by it. Where that cannot be,
    since all groups but few have a single member, the largest are used up.
    """
    count = sum(sizes)
    shares = [min(total * size // count, size - 1) for size in sizes]
    while (left := total - sum(shares)) > 0:
        free = [i for i, size in enumerate(sizes) if shares[i] < size - 1]
        free = free or [i for i, size in enumerate(sizes) if shares[i] < size]
        free.sort(key=lambda i: (shares[i] * count - total * sizes[i], shares[i], -sizes[i]))
        for i in free[:left]:
            shares[i] += 1
    return shares


def batches(count: int, size: int, rng: Rng | None = random) -> Iterator[list[int]]:
    """Yield the mini-batches of one epoch, each as a list of indices below `count`.

    Every index comes once; the last mini-batch may be smaller than the others.

    Parameters
    ----------
    count : int
        The number of examples.
    size : int
        The number of examples in a mini-batch, at least 1.
    rng : Rng or None
        Draws the order; None keeps the examples in theirs.

    Examples
    --------
    >>> list(batches(5, 2, rng=None))
    [[0, 1], [2, 3], [4]]
    """
    count, size = check_size(count, "count", 0), check_size(size, "size")
    order = list(range(count))
    if rng is not None:
        source(rng).shuffle(order)
    for start in range(0, count, size):
        yield order[start : start + size]
