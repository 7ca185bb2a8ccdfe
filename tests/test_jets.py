"""The oracle for higher derivatives, against what is published and against differences."""

import math

from jets import FORMULAS, derivatives
from mpmath import mp, mpf


def test_the_oracle_knows_published_derivatives():
    """Abramowitz and Stegun 4.5.64, 4.4.42, 6.4.2, 7.1.19; the cumulants of a fair coin."""
    pi, zeta3 = mp.pi, mp.zeta(3)
    known = [
        ("tanh", (0,), (1, 0, -2, 0)),
        ("arctan", (0,), (1, 0, -2, 0)),
        ("arcsin", (0,), (1, 0, 1, 0)),
        ("tan", (pi / 4,), (2, 4, 16, 80)),
        ("lgamma", (1,), (-mp.euler, pi**2 / 6, -2 * zeta3, pi**4 / 15)),
        ("lgamma", (mpf(1) / 2,), (-mp.euler - 2 * mp.log(2), pi**2 / 2, -14 * zeta3, pi**4)),
        ("erf", (0,), (2 / mp.sqrt(pi), 0, -4 / mp.sqrt(pi), 0)),
        ("normal_pdf", (1,), (-phi(1), 0, 2 * phi(1), -2 * phi(1))),
        ("sigmoid", (0,), (mpf(1) / 4, 0, -mpf(1) / 8, 0)),
        ("logsumexp", (5, 5), {(2, 0): 0.25, (1, 1): -0.25, (3, 0): 0, (4, 0): -0.125}),
        ("hypot", (3, 4), {(2, 0): mpf(16) / 125, (1, 1): -mpf(12) / 125, (0, 2): mpf(9) / 125}),
        ("arctan2", (0, 1), {(1, 0): 1, (1, 1): -1, (3, 0): -2, (1, 2): 2, (2, 1): 0, (1, 3): -6}),
        ("power", (4, 2.5), {(1, 0): 20, (2, 0): 7.5, (3, 0): 0.9375, (4, 0): -0.1171875}),
        ("power", (1, 2), {(1, 1): 1, (2, 1): 3, (1, 2): 0, (2, 2): 2, (0, 4): 0}),
        ("divide", (1, 2), {(0, 4): mpf(24) / 32, (1, 3): -mpf(6) / 16, (2, 0): 0}),
    ]
    for name, xs, truths in known:
        found = derivatives(FORMULAS[name], *map(mpf, xs))
        if not isinstance(truths, dict):
            truths = {(k,): true for k, true in enumerate(truths, start=1)}
        for exponents, true in truths.items():
            assert mp.almosteq(found[exponents], true, abs_eps=1e-14), (name, exponents)


def phi(x):
    return mp.npdf(x)


def test_the_oracle_agrees_with_numerical_differentiation_where_that_works():
    """mpmath's, at 60 digits and ordinary points."""
    smooth = {
        "expm1": mp.expm1, "log1p": mp.log1p, "log2": lambda x: mp.log(x, 2), "sqrt": mp.sqrt,
        "cbrt": mp.cbrt, "tan": mp.tan, "arccos": mp.acos, "arcsinh": mp.asinh, "cosh": mp.cosh,
        "arctanh": mp.atanh, "gamma": mp.gamma, "lgamma": mp.loggamma, "digamma": mp.digamma,
        "erfc": mp.erfc, "normal_cdf": mp.ncdf, "gelu": lambda x: x * mp.ncdf(x), "tanh": mp.tanh,
        "softplus": lambda x: mp.log1p(mp.exp(x)), "silu": lambda x: x / (1 + mp.exp(-x)),
    }  # fmt: skip
    with mp.workdps(60):
        for name, function in smooth.items():
            for x in (0.25, 0.75):
                numerical = [c * math.factorial(k) for k, c in enumerate(mp.taylor(function, x, 4))]
                for k, true in enumerate(numerical[1:], start=1):
                    found = derivatives(FORMULAS[name], x)[k,]
                    assert mp.almosteq(found, true, 1e-12, 1e-12), (name, x, k)
