"""Small problems made on the spot: classic patterns that tell one network from another."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from itertools import product

from nn.checks import check_size
from nn.data.dataset import Dataset, Row
from nn.rng import Rng, source


def moons(n: int = 100, noise: float = 0.1, rng: Rng = random) -> Dataset:
    """Return points on two interleaved half circles of radius 1, the moons.

    The upper moon has its centre at (0, 0), the lower one at (1, 1/2). The points of each
    are spread evenly along it, those of the upper moon first.

    Parameters
    ----------
    n : int
        The number of points, half of them (rounded down) on the upper moon.
    noise : float
        The standard deviation of the normal noise added to both coordinates.
    rng : Rng
        Draws the noise.

    Returns
    -------
    Dataset
        The features x and y, and the classes upper and lower.

    Raises
    ------
    ValueError
        If `n` is below 2, or `noise` is negative or not finite.

    Examples
    --------
    >>> moons(4, noise=0.0).features[0]
    (1.0, 0.0)
    """
    n = check_size(n, "n", 2, "one point for each moon")
    curves = [
        lambda t: (math.cos(math.pi * t), math.sin(math.pi * t)),
        lambda t: (1 - math.cos(math.pi * t), 0.5 - math.sin(math.pi * t)),
    ]
    return _plane(curves, n, noise, rng, ("upper", "lower"), "moon")


def circles(n: int = 100, noise: float = 0.05, factor: float = 0.5, rng: Rng = random) -> Dataset:
    """Return points on two circles about the origin, one within the other.

    Parameters
    ----------
    n : int
        The number of points, half of them (rounded down) on the outer circle of radius 1.
    noise : float
        The standard deviation of the normal noise added to both coordinates.
    factor : float
        The radius of the inner circle, between 0 and 1.
    rng : Rng
        Draws the noise.

    Returns
    -------
    Dataset
        The features x and y, and the classes outer and inner.

    Examples
    --------
    >>> circles(8, noise=0.0, factor=0.25).features[4]
    (0.25, 0.0)
    """
    n, factor = check_size(n, "n", 2, "one point for each circle"), float(factor)
    if not 0 < factor < 1:
        raise ValueError(f"factor has to be between 0 and 1, but was {factor!r}")
    outer, inner = n // 2, n - n // 2
    # The last point of a turn would be the first again.
    curves = [_turn(1.0, (outer - 1) / outer), _turn(factor, (inner - 1) / inner)]
    return _plane(curves, n, noise, rng, ("outer", "inner"), "circle")


def spirals(
    n: int = 150, arms: int = 3, noise: float = 0.05, turns: float = 0.75, rng: Rng = random
) -> Dataset:
    """Return points on interleaved spiral arms that start at the origin and end at radius 1.

    Parameters
    ----------
    n : int
        The number of points, spread over the arms as evenly as can be.
    arms : int
        The number of arms, each a class of its own.
    noise : float
        The standard deviation of the normal noise added to both coordinates.
    turns : float
        How often each arm winds about the origin.
    rng : Rng
        Draws the noise.

    Returns
    -------
    Dataset
        The features x and y, and a class for each arm.

    Examples
    --------
    >>> data = spirals(9, arms=3, noise=0.0)
    >>> data.labels
    (0, 0, 0, 1, 1, 1, 2, 2, 2)
    """
    arms, turns = check_size(arms, "arms", 2), float(turns)
    n = check_size(n, "n", arms, "one point for each arm")
    curves = [_arm(arm / arms, turns) for arm in range(arms)]
    names = tuple(str(arm) for arm in range(arms))
    return _plane(curves, n, noise, rng, names, "arm")


def xor() -> Dataset:
    """Return the four cases of exclusive or, which no single threshold unit can tell apart.

    References
    ----------
    M. Minsky and S. Papert, "Perceptrons", MIT Press 1969.

    Examples
    --------
    >>> xor().features
    ((0.0, 0.0), (0.0, 1.0), (1.0, 0.0), (1.0, 1.0))
    >>> xor().labels
    (0, 1, 1, 0)
    """
    return parity(2)


def parity(bits: int = 4) -> Dataset:
    """Return all patterns of bits, and whether the number of ones is odd.

    Parameters
    ----------
    bits : int
        The number of bits, at least 1.

    Returns
    -------
    Dataset
        2**bits examples, and the classes even and odd.

    References
    ----------
    D. E. Rumelhart, G. E. Hinton and R. J. Williams, "Learning internal representations by error
    propagation", Parallel Distributed Processing 1 (1986), chapter 8.

    Examples
    --------
    >>> parity(3).labels
    (0, 1, 1, 0, 1, 0, 0, 1)
    """
    return _patterns(bits, lambda pattern: sum(pattern) % 2 == 1, ("even", "odd"), "parity")


def symmetry(bits: int = 6) -> Dataset:
    """Return all patterns of bits, and whether they read the same from both ends.

    Parameters
    ----------
    bits : int
        The number of bits, at least 1.

    Returns
    -------
    Dataset
        2**bits examples, and the classes asymmetric and symmetric.

    References
    ----------
    D. E. Rumelhart, G. E. Hinton and R. J. Williams, "Learning representations by
    back-propagating errors", Nature 323 (1986), 533-536.

    Examples
    --------
    >>> sum(symmetry(6).labels)
    8
    """
    names = ("asymmetric", "symmetric")
    return _patterns(bits, lambda pattern: pattern == pattern[::-1], names, "symmetry")


def encoder(size: int = 8) -> Dataset:
    """Return patterns with a single one, each a class of its own, to be squeezed through few units.

    Parameters
    ----------
    size : int
        The number of patterns, and of bits in each, at least 2.

    Returns
    -------
    Dataset
        The unit vectors; for an autoencoder the features are the targets as well.

    References
    ----------
    D. H. Ackley, G. E. Hinton and T. J. Sejnowski, "A learning algorithm for Boltzmann machines",
    Cognitive Science 9 (1985), 147-169.

    Examples
    --------
    >>> encoder(2).features
    ((1.0, 0.0), (0.0, 1.0))
    """
    size = check_size(size, "size", 2, "for there is nothing to tell apart")
    features = tuple(tuple(float(i == j) for j in range(size)) for i in range(size))
    names = tuple(map(str, range(size)))
    return Dataset(features, tuple(range(size)), names, _titles(size), "unit")


def _plane(
    curves: list[Callable[[float], tuple[float, float]]],
    n: int,
    noise: float,
    rng: Rng,
    class_names: tuple[str, ...],
    target_name: str,
) -> Dataset:
    """Return points spread evenly over t from 0 to 1 on curves of the plane, with noise."""
    noise, draw = float(noise), source(rng)
    if not (noise >= 0 and math.isfinite(noise)):
        raise ValueError(f"noise has to be a finite number of at least 0, but was {noise!r}")
    labels: list[int] = []
    points: list[Row] = []
    for label, curve in enumerate(curves):
        count = n * (label + 1) // len(curves) - n * label // len(curves)
        points += [curve(i / max(count - 1, 1)) for i in range(count)]
        labels += [label] * count
    if noise:
        points = [(x + draw.gauss(0, noise), y + draw.gauss(0, noise)) for x, y in points]
    return Dataset(tuple(points), tuple(labels), class_names, ("x", "y"), target_name)


def _turn(radius: float, share: float) -> Callable[[float], tuple[float, float]]:
    """Return the circle of a radius, as far as a share of a full turn."""
    return lambda t: (
        radius * math.cos(math.tau * share * t),
        radius * math.sin(math.tau * share * t),
    )


def _arm(start: float, turns: float) -> Callable[[float], tuple[float, float]]:
    """Return a spiral arm that leaves the origin at a share `start` of a full turn."""
    return lambda t: (
        t * math.cos(math.tau * (start + turns * t)),
        t * math.sin(math.tau * (start + turns * t)),
    )


def _patterns(
    bits: int, holds: Callable[[Row], bool], class_names: tuple[str, ...], target_name: str
) -> Dataset:
    """Return all patterns of bits, in counting order, and whether something holds for each."""
    bits = check_size(bits, "bits", 1, "for a pattern has to have some")
    features = tuple(product((0.0, 1.0), repeat=bits))
    labels = tuple(int(holds(pattern)) for pattern in features)
    return Dataset(features, labels, class_names, _titles(bits), target_name)


def _titles(count: int) -> tuple[str, ...]:
    """Return names for features that have none of their own."""
    return tuple(f"x{i}" for i in range(count))
