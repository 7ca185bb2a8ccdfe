"""Code that was never written for us: what of NumPy, SciPy and the standard library just runs.

===================  =====================================================  =======================
library              runs, with the right gradient                          cannot, and why
===================  =====================================================  =======================
NumPy, elementwise   arithmetic, powers, exponentials, logarithms,          on bare arrays those
                     trigonometric and hyperbolic functions, roundings,     without a loop for
                     hypot, arctan2, comparisons, sign (its derivative      objects: logaddexp,
                     is 0)                                                  isnan, modf ...
NumPy, the rest      sums, products and cumulations, dot, matmul, einsum,   what needs doubles in
                     outer, kron, cross, trapezoid, convolve, polynomials   memory: linalg's det,
                     of every family, sort, median, quantile, where,        solve, eig, lstsq; fft,
                     clip, select, piecewise, ufuncs' reduce and            interp, polyfit, roots;
                     accumulate, linalg's norm (1, 2, inf), matrix_power    arrays of dtype float
SciPy                what is written in Python: rosen and its derivatives,  compiled code: most of
                     trapezoid, simpson, fixed_quad, softmax,               special, quad, brentq,
                     direct convolution; erf, expit, ndtr, gamma ...        lfilter, interpolators
built-in functions   sum, max, min, abs, pow, divmod, round, sorted,        three-place pow
                     reduce, accumulate, math.prod, floor, ceil and trunc
math, cmath          (use autograd's functions)                             all else: float(x) is
                                                                            refused with a remedy
statistics           median, quantiles, zscore                              means, variances, pdf:
                                                                            they ask for floats
standard library     colorsys, random's distributions by their              hsv_to_rgb; Fraction(x),
                     parameters, heapq                                      Decimal(x), json, struct
===================  =====================================================  =======================

The functions of the table run on bare arrays, as `np.array([x, y])` makes them of Values: NumPy's
affair, whose `np.maximum` takes one of two equal operands, so that at a tie the whole gradient goes
there. The arrays that transforms hand to a function, and what a Value makes of an array, know the
rows: ties are shared, and more functions run, also with plain numbers beside the Values
(`test_arrays`; NumPy 2.4, SciPy 1.17):

======================================================  ======  ====
element by element, on three Values and a float         before  now
======================================================  ======  ====
of NumPy's 75 universal functions of floats             28      68
of scipy.special's 223                                  0       12
======================================================  ======  ====
"""

from __future__ import annotations

import array
import cmath
import colorsys
import decimal
import fractions
import functools
import heapq
import itertools
import json
import math
import operator
import random
import statistics
import struct
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import scipy.integrate
import scipy.interpolate
import scipy.optimize
import scipy.signal
import scipy.special

import autograd as ag
from autograd import Value, grad
from autograd.functions.arrays import value_array

POINT = (0.6, 0.3, 0.8)
A = np.array  # of floats for floats, of objects for Values
Function = Callable[[Any, Any, Any], Any]


def weighted(result: Any) -> Any:
    """One number of all numbers in a result, each with a weight of its own."""
    numbers = np.asarray(result).ravel().tolist()
    return sum((k + 1.25) * x for k, x in enumerate(numbers))


def quotient(f: Callable[..., float], i: int) -> tuple[float, float]:
    """A difference quotient of the fourth order, and a bound of its error.

    With h = 2**-8 the quotients of step h and 2h differ by 15 times the truncation error of the
    finer one, up to higher orders; twice the fifteenth allows for those. Rounding adds at most
    1.5 / h times the error of a function value, which is taken for 8 units in the last place.
    """

    def at(step: float) -> float:
        moved = list(POINT)
        moved[i] += step
        return float(f(*moved))

    def fourth(h: float) -> float:
        return (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h)

    h = 2.0**-8
    fine, coarse = fourth(h), fourth(2 * h)
    return fine, abs(fine - coarse) * 2 / 15 + 12 * 2.0**-52 / h * max(1.0, abs(at(0.0)))


def elementwise(name: str) -> Function:
    """A universal function of NumPy on an array of the operands, or on two."""
    ufunc = getattr(np, name)
    if ufunc.nin == 1:
        return lambda a, b, c: ufunc(A([a, b, c]))
    return lambda a, b, c: ufunc(A([a, b, c]), A([c, a, b]))


def first(f: Callable[[Any], Any]) -> Function:
    """A function of one number, on the first operand."""
    return lambda a, b, c: f(a)


UFUNCS = (
    "absolute", "add", "arccos", "arcsin", "arcsinh", "arctan", "arctan2", "arctanh", "cbrt",
    "ceil", "cos", "cosh", "deg2rad", "degrees", "divide", "exp", "exp2", "expm1", "fabs", "floor",
    "floor_divide", "fmax", "fmin", "fmod", "hypot", "log", "log10", "log1p", "log2", "maximum",
    "minimum", "multiply", "negative", "positive", "power", "rad2deg", "radians", "reciprocal",
    "remainder", "rint", "sign", "sin", "sinh", "sqrt", "square", "subtract", "tan", "tanh",
    "trunc",
)  # fmt: skip

NUMPY: dict[str, Function] = {f"np.{name}": elementwise(name) for name in UFUNCS} | {
    "np.arccosh": lambda a, b, c: np.arccosh(1 + A([a, b, c])),
    "np.sum": lambda a, b, c: np.sum(A([[a, b], [c, a]]), axis=0),
    "np.mean": lambda a, b, c: np.mean(A([a, b, c])),
    "np.prod": lambda a, b, c: np.prod(A([a, b, c])),
    "np.cumsum": lambda a, b, c: np.cumsum(A([a, b, c])),
    "np.cumprod": lambda a, b, c: np.cumprod(A([a, b, c])),
    "np.nanmean": lambda a, b, c: np.nanmean(A([a, b, c])),
    "np.dot": lambda a, b, c: np.dot(A([a, b, c]), A([b, c, a])),
    "np.matmul": lambda a, b, c: A([[a, b], [c, a]]) @ A([b, c]),
    "np.einsum": lambda a, b, c: np.einsum("ij,j->i", A([[a, b], [c, a]]), A([c, b])),
    "np.tensordot": lambda a, b, c: np.tensordot(A([a, b]), A([c, b]), 1),
    "np.inner": lambda a, b, c: np.inner(A([a, b]), A([c, b])),
    "np.outer": lambda a, b, c: np.outer(A([a, b]), A([c, b])),
    "np.kron": lambda a, b, c: np.kron(A([a, b]), A([c, b])),
    "np.cross": lambda a, b, c: np.cross(A([a, b, c]), A([c, a, 1.0])),
    "np.trace": lambda a, b, c: np.trace(A([[a, b], [c, a * b]])),
    "np.diff": lambda a, b, c: np.diff(A([a, b, c])),
    "np.trapezoid": lambda a, b, c: np.trapezoid(A([a, b, c]), dx=0.5),
    "np.convolve": lambda a, b, c: np.convolve(A([a, b, c]), A([c, 2.0])),
    "np.correlate": lambda a, b, c: np.correlate(A([a, b, c]), A([b, a])),
    "np.vander": lambda a, b, c: np.vander(A([a, b, c])),
    "np.where": lambda a, b, c: np.where(A([a, b, c]) > 0.4, A([a, b, c]) ** 2, A([c, a, b])),
    "np.clip": lambda a, b, c: np.clip(A([a, b, c]) ** 2, 0.2, 0.5),
    "np.select": lambda a, b, c: np.select([A([a, b]) > 0.4], [A([a, b]) * c], 0.0),
    "np.piecewise": lambda a, b, c: np.piecewise(
        A([a, b, c]), [A([a, b, c]) > 0.4], [lambda x: x * x, lambda x: -x]
    ),
    "np.max": lambda a, b, c: np.max(A([a, b, c])) * np.min(A([a, b, c])),
    "np.ptp": lambda a, b, c: np.ptp(A([a, b, c])),
    "np.sort": lambda a, b, c: np.sort(A([a, b, c])),
    "np.argsort": lambda a, b, c: A([a, b, c])[np.argsort(A([a, b, c]))],
    "np.median": lambda a, b, c: np.median(A([a, b, c, 0.7])),
    "np.quantile": lambda a, b, c: np.quantile(A([a, b, c]), 0.3),
    "np.average": lambda a, b, c: np.average(A([1.0, 2.0, 3.0]), weights=A([a, b, c])),
    "np.sinc": lambda a, b, c: np.sinc(A([a, b, c])),
    "np.linspace": lambda a, b, c: np.linspace(a, b, 3),
    "np.geomspace": lambda a, b, c: np.geomspace(a, b, 3),
    "np.concatenate": lambda a, b, c: np.concatenate([A([a, b]), A([c])]),
    "np.roll": lambda a, b, c: np.roll(A([a, b, c]), 1),
    "np.pad": lambda a, b, c: np.pad(A([a, b, c]), 1, mode="edge"),
    "np.vectorize": lambda a, b, c: np.vectorize(lambda x: x * x)(A([a, b, c])),
    "np.fromfunction": lambda a, b, c: np.fromfunction(lambda i: a * i, (3,)),
    "np.add.reduce": lambda a, b, c: np.add.reduce(A([a, b, c])),
    "np.multiply.accumulate": lambda a, b, c: np.multiply.accumulate(A([a, b, c])),
    "np.subtract.outer": lambda a, b, c: np.subtract.outer(A([a, b]), A([c, a])),
    "np.digitize": lambda a, b, c: np.digitize(A([a, b, c]), [0.4]),
    "np.linalg.norm": lambda a, b, c: np.linalg.norm(A([a, b, c])),
    "np.linalg.norm 1": lambda a, b, c: np.linalg.norm(A([a, -b, c]), 1),
    "np.linalg.norm inf": lambda a, b, c: np.linalg.norm(A([a, b, c]), np.inf),
    "np.linalg.matrix_power": lambda a, b, c: np.linalg.matrix_power(A([[a, b], [c, a]]), 3),
    "np.linalg.multi_dot": lambda a, b, c: np.linalg.multi_dot(
        [A([[a, b], [c, a]]), A([[b, b], [c, a]]), A([a, b])]
    ),
    "np.polyval": lambda a, b, c: np.polyval([1.0, a, 2.0, b], c),
    "np.polymul": lambda a, b, c: np.polymul(A([a, b]), A([c, 1.0])),
    "np.polyder": lambda a, b, c: np.polyder(A([a, b, c])),
    "np.poly1d": lambda a, b, c: np.poly1d([1.0, 2.0, 3.0])(a),
    "Polynomial": lambda a, b, c: np.polynomial.Polynomial(A([a, b, c]))(c),
    "Chebyshev.deriv": lambda a, b, c: np.polynomial.Chebyshev([1.0, 2.0, 3.0]).deriv()(a),
    "legval": lambda a, b, c: np.polynomial.legendre.legval(a, [1.0, b, c, 4.0]),
    "hermval": lambda a, b, c: np.polynomial.hermite.hermval(a, [1.0, b, c, 4.0]),
    "lagval": lambda a, b, c: np.polynomial.laguerre.lagval(a, [1.0, b, c, 4.0]),
}

SCIPY: dict[str, Function] = {
    "rosen": lambda a, b, c: scipy.optimize.rosen(A([a, b, c])),
    "rosen_der": lambda a, b, c: scipy.optimize.rosen_der(A([a, b, c])),
    "rosen_hess": lambda a, b, c: scipy.optimize.rosen_hess(A([a, b, c])),
    "trapezoid": lambda a, b, c: scipy.integrate.trapezoid(A([a, b, c])),
    "cumulative_trapezoid": lambda a, b, c: scipy.integrate.cumulative_trapezoid(A([a, b, c])),
    "simpson": lambda a, b, c: scipy.integrate.simpson(A([a, b, c])),
    "fixed_quad": lambda a, b, c: scipy.integrate.fixed_quad(lambda x: a * x**3 + b * c, 0.0, 1.0)[
        0
    ],
    "softmax": lambda a, b, c: scipy.special.softmax(A([a, b, c])),
    "convolve": lambda a, b, c: scipy.signal.convolve(A([a, b, c]), A([b, c]), method="direct"),
}

STANDARD: dict[str, Function] = {
    "sum": lambda a, b, c: sum([a, b * b], c),
    "max, min": lambda a, b, c: max(a, b, c) * min([a, b, c]),
    "abs": lambda a, b, c: abs(b - c),
    "pow": lambda a, b, c: pow(a, b),
    "divmod": lambda a, b, c: [*divmod(c, b), *divmod(a, 0.25), *divmod(2.0, c)],
    "round": lambda a, b, c: [round(a, 1), round(b)],
    "sorted": lambda a, b, c: sorted([a, b, c]),
    "functools.reduce": lambda a, b, c: functools.reduce(operator.mul, [a, b, c]),
    "itertools.accumulate": lambda a, b, c: list(itertools.accumulate([a, b, c], operator.mul)),
    "math.prod": lambda a, b, c: math.prod([a, b, c]),
    "math.floor": lambda a, b, c: [math.floor(a), math.ceil(b), math.trunc(c)],
    "heapq.nsmallest": lambda a, b, c: heapq.nsmallest(2, [a, b, c]),
    "statistics.median": lambda a, b, c: statistics.median([a, b, c, 1.0]),
    "statistics.quantiles": lambda a, b, c: statistics.quantiles([a, b, c], n=3),
    "NormalDist.zscore": lambda a, b, c: statistics.NormalDist(1.0, 2.0).zscore(a),
    "random.uniform": lambda a, b, c: random.Random(0).uniform(a, b),
    "random.gauss": lambda a, b, c: random.Random(0).gauss(a, b),
    "random.expovariate": lambda a, b, c: random.Random(0).expovariate(a),
    "random.triangular": lambda a, b, c: random.Random(0).triangular(a, c),
    "colorsys.rgb_to_hsv": colorsys.rgb_to_hsv,
    "colorsys.rgb_to_hls": colorsys.rgb_to_hls,
    "colorsys.hls_to_rgb": colorsys.hls_to_rgb,
    "colorsys.rgb_to_yiq": colorsys.rgb_to_yiq,
    "colorsys.yiq_to_rgb": colorsys.yiq_to_rgb,
}
WORKS = NUMPY | {f"scipy {name}": f for name, f in SCIPY.items()} | STANDARD


def check(f: Function) -> None:
    """Compare values and gradients with plain floats and their difference quotients."""
    run = lambda *xs: weighted(f(*xs))  # noqa: E731
    values = [Value(x) for x in POINT]
    result = run(*values)
    assert getattr(result, "data", result) == pytest.approx(run(*POINT), rel=1e-14, abs=1e-15)
    for i, got in enumerate(grad(run, (0, 1, 2))(*POINT)):
        slope, error = quotient(run, i)
        assert abs(got - slope) <= error, (i, got, slope, error)


@pytest.mark.parametrize("name", WORKS)
def test_it_runs_and_its_gradient_is_right(name):
    check(WORKS[name])


@pytest.mark.parametrize("name", NUMPY)
def test_it_runs_on_the_arrays_of_transforms_too(name, monkeypatch):
    def handed(x):
        bare = np.array(x)
        return bare.view(value_array()) if bare.dtype == object else bare

    monkeypatch.setitem(globals(), "A", handed)
    check(NUMPY[name])


CONJUGATE: dict[str, Function] = {
    "np.conjugate": lambda a, b, c: np.conjugate(A([a, b, c])),
    "np.var": lambda a, b, c: np.var(A([a, b, c])),
    "np.std": lambda a, b, c: np.std(A([a, b, c])),
    "np.vdot": lambda a, b, c: np.vdot(A([a, b]), A([c, b])),
}


@pytest.mark.parametrize("name", CONJUGATE)
def test_what_needs_conjugate_runs_too(name):
    check(CONJUGATE[name])


@pytest.mark.parametrize(("theirs", "ours"), [(np.maximum, ag.maximum), (np.minimum, ag.minimum)])
def test_at_a_tie_numpy_takes_one_side_and_autograd_shares(theirs, ours):
    """The documented limit of bare arrays, which the arrays of transforms do not have."""
    at_tie = [
        grad(lambda x, y, f=f: f(A([x]), A([y]))[0], (0, 1))(2.0, 2.0) for f in (theirs, ours)
    ]
    assert sorted(at_tie[0]) == [0.0, 1.0]
    assert at_tie[1] == (0.5, 0.5)
    assert grad(lambda x: theirs(x[:1], x[1:])[0])(np.array([2.0, 2.0])).tolist() == [0.5, 0.5]


def test_second_derivatives_go_through_foreign_code_too():
    x = np.array([0.6, 0.3, 0.8])
    got = ag.hessian(scipy.optimize.rosen)(x)
    np.testing.assert_allclose(got, scipy.optimize.rosen_hess(x), rtol=1e-13, atol=1e-13)


# -- what cannot ------------------------------------------------------------------------------

REMEDY = r"use autograd\.exp\(x\) for math\.exp\(x\)"
LOOPLESS = "not supported for the input types"

CANNOT: dict[str, tuple[Function, Any, str]] = {
    f"math.{name}": (first(getattr(math, name)), TypeError, REMEDY)
    for name in ("exp", "log", "sqrt", "sin", "tanh", "fabs", "isnan", "erf", "gamma", "degrees")
}
CANNOT |= {
    f"cmath.{name}": (first(getattr(cmath, name)), TypeError, REMEDY)
    for name in ("exp", "sqrt", "phase", "polar")
}
CANNOT |= {
    f"np.{name}": (elementwise(name), TypeError, LOOPLESS)
    for name in ("logaddexp", "heaviside", "copysign", "isnan", "isfinite", "modf", "frexp")
}
CANNOT |= {
    "math.fsum": (lambda a, b, c: math.fsum([a, b]), TypeError, REMEDY),
    "math.hypot": (lambda a, b, c: math.hypot(a, b), TypeError, REMEDY),
    "math.dist": (lambda a, b, c: math.dist([a, b], [b, c]), TypeError, REMEDY),
    "math.copysign": (lambda a, b, c: math.copysign(a, b), TypeError, REMEDY),
    "float": (lambda a, b, c: float(a), TypeError, REMEDY),
    "int": (lambda a, b, c: int(a), TypeError, REMEDY),
    "complex": (lambda a, b, c: complex(a, b), TypeError, REMEDY),
    "%f": (lambda a, b, c: "%f" % a, TypeError, REMEDY),  # noqa: UP031
    "pow, 3": (lambda a, b, c: pow(a, b, c), TypeError, "argument"),
    "range": (lambda a, b, c: range(a), TypeError, "'Value'.*integer"),
    "index": (lambda a, b, c: [1, 2][a], TypeError, "indices.*Value"),
    "json": (lambda a, b, c: json.dumps([a]), TypeError, "Value is not JSON serializable"),
    "array.array": (lambda a, b, c: array.array("d", [a]), TypeError, REMEDY),
    "struct": (lambda a, b, c: struct.pack("d", a), struct.error, "not a float"),
    "Fraction": (lambda a, b, c: fractions.Fraction(a), TypeError, "argument"),
    "Decimal": (lambda a, b, c: decimal.Decimal(a), TypeError, "Value"),
    "hsv_to_rgb": (colorsys.hsv_to_rgb, TypeError, REMEDY),
    "random.choices": (lambda a, b, c: random.choices([1, 2], [a, b]), TypeError, REMEDY),
    "statistics.mean": (lambda a, b, c: statistics.mean([a, b]), TypeError, "'Value'"),
    "statistics.variance": (lambda a, b, c: statistics.variance([a, b]), TypeError, "'Value'"),
    "statistics.fmean": (lambda a, b, c: statistics.fmean([a, b]), TypeError, REMEDY),
    "linear_regression": (
        lambda a, b, c: statistics.linear_regression([1.0, 2.0, 4.0], [a, b, c]), TypeError, REMEDY
    ),
    "NormalDist": (lambda a, b, c: statistics.NormalDist(a, b), TypeError, REMEDY),
    "NormalDist.pdf": (lambda a, b, c: statistics.NormalDist().pdf(a), TypeError, REMEDY),
    "astype": (lambda a, b, c: A([a, b]).astype(float), TypeError, REMEDY),
    "np.asarray": (lambda a, b, c: np.asarray([a, b], dtype=float), TypeError, REMEDY),
    "item of a float array": (
        lambda a, b, c: np.zeros(2).__setitem__(0, a), TypeError, REMEDY
    ),
    "np.interp, x": (lambda a, b, c: np.interp(a, [0.0, 1.0], [2.0, 3.0]), TypeError, REMEDY),
    "np.interp, y": (lambda a, b, c: np.interp(0.5, [0.0, 1.0], A([a, b])), TypeError, "Cannot"),
    "np.gradient": (lambda a, b, c: np.gradient(A([a, b, c])), TypeError, REMEDY),
    "np.roots": (lambda a, b, c: np.roots(A([a, b, c])), TypeError, REMEDY),
    "np.polyfit": (lambda a, b, c: np.polyfit([1.0, 2.0, 3.0], A([a, b, c]), 1), TypeError, "O"),
    "np.i0": (lambda a, b, c: np.i0(A([a, b])), TypeError, REMEDY),
    "np.isclose": (lambda a, b, c: np.isclose(A([a]), A([b])), TypeError, LOOPLESS),
    "np.histogram": (lambda a, b, c: np.histogram(A([a, b])), TypeError, REMEDY),
    "np.fft.fft": (lambda a, b, c: np.fft.fft(A([a, b])), TypeError, LOOPLESS),
    "np.linalg.det": (lambda a, b, c: np.linalg.det(A([[a, b], [c, a]])), TypeError, "cast"),
    "np.linalg.inv": (lambda a, b, c: np.linalg.inv(A([[a, b], [c, a]])), TypeError, "cast"),
    "np.linalg.solve": (
        lambda a, b, c: np.linalg.solve(A([[a, b], [c, a]]), A([a, b])), TypeError, "cast"
    ),
    "np.linalg.svd": (lambda a, b, c: np.linalg.svd(A([[a, b], [c, a]])), TypeError, "cast"),
    "np.linalg.norm 3": (
        lambda a, b, c: np.linalg.norm(A([a, b]), 3), AttributeError, "no attribute 'dtype'"
    ),
    "scipy erf": (lambda a, b, c: scipy.special.erf(A([a, b])), TypeError, LOOPLESS),
    "scipy erfinv": (lambda a, b, c: scipy.special.erfinv(a), TypeError, "erfinv is known for fl"),
    "scipy quad": (lambda a, b, c: scipy.integrate.quad(lambda x: a * x, 0, 1), TypeError, REMEDY),
    "scipy brentq": (
        lambda a, b, c: scipy.optimize.brentq(lambda x: x - a, 0.0, 1.0),
        # Compiled code that asks for a float, and may go on with what it did not get; SciPy's
        # own check for nan may be what refuses first.
        (TypeError, SystemError, ValueError),
        f"{REMEDY}|exception set|must have different signs|'isnan' not supported",
    ),
    "scipy interp1d": (
        lambda a, b, c: scipy.interpolate.interp1d([0.0, 1.0], [2.0, 3.0])(a),
        ValueError, "object arrays are not supported",
    ),
    "scipy lfilter": (
        lambda a, b, c: scipy.signal.lfilter([1.0, 0.5], [1.0, 0.2], A([a, b, c])),
        NotImplementedError, "'object' not supported",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CANNOT)
def test_what_cannot_run_says_so_and_never_gives_a_zero_gradient(name):
    f, error, message = CANNOT[name]
    with pytest.raises(error, match=message):
        f(*(Value(x) for x in POINT))
    with pytest.raises(error):
        grad(lambda *xs: weighted(f(*xs)), (0, 1, 2))(*POINT)
