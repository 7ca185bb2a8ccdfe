"""Points at which derivatives of one argument go wrong: a list of hard ones, and random ones."""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from typing import Any

from autograd.extras import need
from autograd.functions.row import REALS

_SMALL = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12)
_SATURATED = (15, 16, 17, 18, 19, 20, 21, 22, 25, 30, 36, 36.7, 37, 40, 45, 50, 70, 88.5, 89, 100,
              103.5, 150, 200, 300, 500, 700, 708, 709.7, 710, 744, 745, 746, 1000)  # fmt: skip
_LARGE = (1e4, 1e5, 1e6, 1e8, 1e10, 1e15, 2.0**53, 1e16, 1e22, 1e30, 1e38, 1e77, 1e100, 1e154,
          1e200, 1e300)  # fmt: skip
_TINY = (0.1, 0.01, 1e-3, 1e-4, 1e-5, 1e-6, 1.5e-8, 1e-8, 1e-10, 1.1e-16, 1e-16, 1e-20, 1e-38,
         1e-45, 1e-50, 1e-77, 1e-100, 1e-154, 1e-200, 1e-300, 1e-308, 1e-310, 5e-324)  # fmt: skip
_NEAR = (2.0**-40, 2.0**-26, 2.0**-12, 2.0**-4)  # of an end, a kink or a pole, relative to it
_MODERATE = 40.0


def place_of(x: float) -> int:
    """Return where a float stands among all floats: its distance from 0 in units.

    Examples
    --------
    >>> place_of(0.0), place_of(5e-324), place_of(-5e-324)
    (0, 1, -1)
    """
    (bits,) = struct.unpack("<q", struct.pack("<d", abs(x)))
    return -int(bits) if x < 0 else int(bits)


def float_at(place: int) -> float:
    """Return the float that stands at a place: the inverse of `place_of`."""
    (size,) = struct.unpack("<d", struct.pack("<q", abs(place)))
    return math.copysign(size, place)


def hard_points(
    domain: tuple[float, float] = REALS, *, special: Sequence[float] = (), dtype: Any = "float64"
) -> Any:
    """Return the points where formulas of one argument fail, in order, each with its neighbours.

    They are 0 and -0, the smallest and largest numbers, powers of ten between them, where
    exponentials saturate, underflow and overflow, small whole numbers and halves (poles, kinks,
    bounds), multiples of pi/2, and the ends of the domain and special points, approached from
    1 unit in the last place to 6 %.

    Parameters
    ----------
    domain : tuple of (float, float)
        The smallest and the largest argument.
    special : sequence of float
        Kinks, poles, thresholds.
    dtype : NumPy dtype

    Returns
    -------
    array

    Examples
    --------
    >>> points = hard_points((0.0, 1.0))
    >>> 5e-324 in points, 1 - 2**-53 in points, 2.0 in points
    (True, True, False)
    """
    import numpy as np

    info = np.finfo(dtype)
    halves = [k / 2 for k in range(1, 42)]
    turns = [k * math.pi / 2 for k in (*range(1, 9), 20, 101, 10**6 + 1)]
    ends = (info.max, info.tiny, info.smallest_subnormal, info.eps)
    sizes = (0.0, *_SMALL, *halves, *turns, *_SATURATED, *_LARGE, *_TINY, *map(float, ends))
    about = [float(x) for x in (*special, *domain) if math.isfinite(x)]
    around = [x + sign * share * (abs(x) or 1.0) for x in about for share in _NEAR
              for sign in (1, -1)]  # fmt: skip
    with np.errstate(over="ignore", under="ignore"):
        points = np.array([*sizes, *(-x for x in sizes), *about, *around]).astype(dtype)
        near = [points]
        for side in (np.inf, -np.inf):
            there = points
            for _ in range(2):
                there = np.nextafter(there, np.asarray(side, dtype))
                near.append(there)
    return _within(np.concatenate(near), domain)


def random_points(
    count: int, domain: tuple[float, float] = REALS, *, dtype: Any = "float64", seed: int = 0
) -> Any:
    """Return random points of a domain: moderate ones, log-uniform ones, and all floats alike.

    Examples
    --------
    >>> points = random_points(1000, (0.0, 1e300))
    >>> len(points), bool((points >= 0).all()), bool((points < 1e-100).any())
    (1000, True, True)
    """
    import numpy as np

    rng, info = np.random.default_rng(seed), np.finfo(dtype)
    low, high = max(domain[0], float(info.min)), min(domain[1], float(info.max))
    if not low <= high:
        raise ValueError(f"no number of {info.dtype} lies in the domain {domain!r}")
    sign = rng.choice((1.0, -1.0), count)
    kinds = [sign * np.exp2(rng.uniform(-16, 10, count)), _among_all(rng, low, high, count)]
    near_low, near_high = max(low, -_MODERATE), min(high, _MODERATE)
    kinds += [rng.uniform(near_low, near_high, count)] * 2 if near_low < near_high else []
    chosen = np.choose(rng.integers(0, len(kinds), count), kinds)
    outside = ~((low <= chosen) & (chosen <= high))
    chosen[outside] = _among_all(rng, low, high, int(outside.sum()))
    return np.clip(chosen.astype(dtype), *np.asarray((low, high), dtype))


def chosen_points(
    points: Any, domain: tuple[float, float], special: tuple[float, ...], dtype: Any, seed: int
) -> tuple[Any, Any]:
    """Return the points that `check_elementwise` is asked for, in order, and their dtype."""
    import numpy as np

    if isinstance(points, int):
        dtype = np.dtype(dtype or "float64")
        hard = hard_points(domain, special=special, dtype=dtype)
        count = max(points - len(hard), points // 4)
        drawn = random_points(count, domain, dtype=dtype, seed=seed)
        return np.sort(np.r_[hard, drawn]), dtype
    if hasattr(points, "example"):
        points = _drawn(points)
    given = np.asarray(points)
    if given.dtype.kind in "iu":
        given = given.astype(float)
    dtype = np.dtype(dtype or given.dtype)
    xs = given.astype(dtype).ravel()
    if not np.array_equal(xs.astype(given.dtype), given.ravel(), equal_nan=True):
        raise ValueError(
            f"points holds numbers that are none of {dtype}: they would be rounded in silence; "
            f"give points.astype({str(dtype)!r})"
        )
    return np.sort(xs[np.isfinite(xs)]), dtype


def _drawn(strategy: Any, count: int = 1000) -> list[float]:
    """What a Hypothesis strategy draws, the same each time."""
    hypothesis = need("hypothesis", "testing", "points that are a strategy")
    found: list[float] = []

    settings = hypothesis.settings(
        max_examples=count, database=None, derandomize=True, deadline=None
    )
    settings(hypothesis.given(strategy)(lambda x: found.append(x)))()
    return found


def _among_all(rng: Any, low: float, high: float, count: int) -> Any:
    """Floats between two of them, every one as likely as any other: log-uniform sizes."""
    import numpy as np

    places = rng.integers(place_of(low), place_of(high), count, endpoint=True)
    return np.where(places < 0, -1.0, 1.0) * np.abs(places).view(np.float64)


def _within(points: Any, domain: tuple[float, float]) -> Any:
    """The different points of a domain in order, 0 and -0 both."""
    import numpy as np

    inside = points[(points >= domain[0]) & (points <= domain[1]) & np.isfinite(points)]
    unsigned = np.unique(np.where(inside == 0, 0, inside))
    if not (inside == 0).any():
        return unsigned
    return np.insert(unsigned, np.searchsorted(unsigned, 0), -0.0)
