"""Points that mutants asked for: where an error shows that shows nowhere else.

`EDGES` are written like those of the tests of the rules: row, operands, value, partials. `POINTS`
are operands only; the truth about them comes from `oracles`.
"""

import math

INF, NAN = math.inf, math.nan

EDGES = [
    # outside of the domain, and at its end from the other side
    ("log", (-0.0,), -INF, (INF,)),
    ("log2", (-2.0,), NAN, (NAN,)),
    ("log2", (-0.0,), -INF, (INF,)),
    ("log10", (-0.0,), -INF, (INF,)),
    ("sqrt", (-0.0,), -0.0, (INF,)),
    ("nonnegative", (-1.0,), NAN, (1.0,)),
    ("nonnegative", (-0.0,), 0.0, (1.0,)),
    # exact where a reader expects it
    ("log2", (2.0**29,), 29.0, (1.4426950408889634 / 2**29,)),
    ("rint", (2.5,), 2.0, (0.0,)),
    ("rint", (-3.5,), -4.0, (0.0,)),
    ("mean", (1e16, 1.0, -1e16), 1 / 3, (1 / 3, 1 / 3, 1 / 3)),
    # three sizes, of which a sum that keeps what was rounded off, as Python 3.12's, loses one
    ("sum", (1e100, 1e50, 4.0, -1e50, -1e100), 4.0, (1.0,) * 5),
    ("mean", (1e100, 1e50, 4.0, -1e50, -1e100), 0.8, (0.2,) * 5),
    # a nan that reaches the value reaches every partial that has a choice; one that does not, none
    ("clip", (NAN, 0.0, 1.0), NAN, (NAN, NAN, NAN)),
    ("clip", (0.5, NAN, 1.0), NAN, (NAN, NAN, NAN)),
    ("clip", (0.5, 0.0, NAN), NAN, (NAN, NAN, NAN)),
    ("leaky_relu", (2.0, NAN), 2.0, (1.0, 0.0)),
    ("leaky_relu", (NAN, 0.1), NAN, (NAN, NAN)),
    ("elu", (2.0, NAN), 2.0, (1.0, 0.0)),
    ("elu", (NAN, 1.0), NAN, (NAN, NAN)),
    ("heaviside", (2.0, NAN), 1.0, (0.0, 0.0)),
    ("heaviside", (-2.0, NAN), 0.0, (0.0, 0.0)),
    ("heaviside", (0.0, NAN), NAN, (0.0, NAN)),
    ("floor_divide", (0.0, 0.0), NAN, (0.0, 0.0)),
    ("truncate_divide", (0.0, 0.0), NAN, (0.0, 0.0)),
    ("max_share", (0, NAN, 1.0), NAN, (0.0, NAN, 0.0)),
    ("round_to", (1, NAN), NAN, (0.0, NAN)),
    # the sign of a zero
    ("clip", (0.0, -1.0, -0.0), 0.0, (0.0, 0.0, 0.0)),
    ("clip", (-0.0, 0.0, 1.0), -0.0, (0.0, 0.0, 0.0)),
    ("relu", (-0.0,), 0.0, (0.0,)),
    # choices
    ("where", (True, 0.0, 4.0), 0.0, (0.0, 1.0, 0.0)),
    ("where", (False, 4.0, 0.0), 0.0, (0.0, 0.0, 1.0)),
    ("where", (False, 3.0, 4.0), 4.0, (0.0, 0.0, 1.0)),
    ("hard_sigmoid", (2.5,), 5.5 / 6, (1 / 6,)),
    ("hard_sigmoid", (-3.5,), 0.0, (0.0,)),
    ("hard_sigmoid", (3.5,), 1.0, (0.0,)),
    ("round_to", (1, 2.26), 2.3, (0.0, 0.0)),
    ("round_to", (1, INF), INF, (0.0, 0.0)),
    ("greater", (2.0, 1.0), True, (0.0, 0.0)),
    ("isnan", (math.nan,), True, (0.0,)),
    ("isnan", (math.inf,), False, (0.0,)),
    ("isinf", (-math.inf,), True, (0.0,)),
    ("isinf", (math.nan,), False, (0.0,)),
    ("isfinite", (1.0,), True, (0.0,)),
    ("isfinite", (math.inf,), False, (0.0,)),
    ("less", (1.0, 2.0), True, (0.0, 0.0)),
    ("greater_equal", (2.0, 2.0), True, (0.0, 0.0)),
    ("greater_equal", (1.0, 2.0), False, (0.0, 0.0)),
    ("less_equal", (2.0, 2.0), True, (0.0, 0.0)),
    ("less_equal", (2.0, 1.0), False, (0.0, 0.0)),
    ("equal", (NAN, NAN), False, (0.0, 0.0)),
    ("equal", (0.0, -0.0), True, (0.0, 0.0)),
    ("not_equal", (NAN, NAN), True, (0.0, 0.0)),
    ("not_equal", (0.0, -0.0), False, (0.0, 0.0)),
    ("both", (True, False), False, (0.0, 0.0)),
    ("both", (False, True), False, (0.0, 0.0)),
    ("both", (True, True), True, (0.0, 0.0)),
    # what has no derivative, and what has nothing else
    ("held", (3.0,), 3.0, (0.0,)),
    ("held", (-0.0,), -0.0, (0.0,)),
    ("tangent", (3.0,), 0.0, (1.0,)),
    ("tangent", (INF,), 0.0, (1.0,)),
    ("largest", (1.0, 3.0, 3.0), 3.0, (0.0, 0.0, 0.0)),
    ("largest", (1.0, NAN), NAN, (0.0, 0.0)),
    ("exp_difference", (INF, INF), 1.0, (1.0, -1.0)),
    ("exp_difference", (-INF, -INF), 0.0, (0.0, -0.0)),
    ("exp_difference", (1.0, INF), 0.0, (0.0, -0.0)),
    ("exp_difference", (-INF, 1.0), 0.0, (0.0, -0.0)),
    ("exp_difference", (INF, 1.0), INF, (INF, -INF)),
    ("exp_difference", (NAN, 1.0), NAN, (NAN, NAN)),
    ("exp_difference", (1000.0, 1.0), INF, (INF, -INF)),
    # places of the operands
    ("dot", (2.0, 3.0, 5.0, 7.0, 11.0), 42.0, (5.0, 7.0, 2.0, 3.0, 1.0)),
    ("sum", (1.0, 2.0, 4.0), 7.0, (1.0, 1.0, 1.0)),
    ("polygamma", (1, INF), 0.0, (0.0, -0.0)),
    ("gamma_derivative", (1, 1.0), -0.5772156649015329, (0.0, 1.978111990655945)),
    ("power_partial", (2, 0, 0.0, 2.0), 2.0, (0.0, 0.0, 0.0, 3.0)),
    ("divide_partial", (1, 3.0, 1.0), -3.0, (0.0, -1.0, 6.0)),
    ("arctan2_partial", (1, 0, 0.0, 2.0), 0.5, (0.0, 0.0, 0.0, -0.25)),
    ("norm_partial", ((0, 0), 3.0, 4.0), 0.128, (0.0, -0.04608, 0.00256)),
    ("exp_neg_square_derivative", (1, 0.0), 0.0, (0.0, -2.0)),
    ("normal_pdf_derivative", (1, 0.0), 0.0, (0.0, -0.3989422804014327)),
    ("share", (0, 0.0, 0.0), 0.5, (0.0, 0.25, -0.25)),
    ("direction", (0, 3.0, 0.0), 1.0, (0.0, 0.0, 0.0)),
    ("cofactor", (0, 2.0, 3.0), 3.0, (0.0, 0.0, 1.0)),
]

POINTS: dict[str, list[tuple[float, ...]]] = {
    "exp2": [(1024.25,), (1024.5,)],  # the value overflows, the derivative does not
    "log2": [(6.1e-309,), (7.3e-309,), (1.3e-308,)],  # a product with ln 2 loses digits
    "log10": [(1.1e308,), (1.7e308,), (6.3e-309,)],
    "arcsin": [(0.999999,), (-0.9999999123,), (0.99999998712345,)],
    "arccos": [(0.999999,), (-0.9999999123,), (0.99999998712345,)],
    "deg2rad": [(1.7e308,)],
    "normal_pdf": [(38.31,), (-38.07,), (37.9123,)],
    "gelu": [(-38.31,), (-38.07,), (-37.9123,)],
    "x_normal_pdf": [(38.31,), (-38.07,)],
    "lorentzian": [(1e155,), (1.5e154,)],
    "hard_sigmoid": [(-2.9999999123,), (-2.99999991,)],
    "power_by_exponent": [(1e-160, 2.01), (1.3e-300, 1.0399), (1e200, 1.5397)],
    "cbrt": [(x / 7.0,) for x in range(1, 400)],
}
