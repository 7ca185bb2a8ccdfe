"""Mutants of the table that are no errors, each with the reason, and nothing else.

Reviewed by hand: a mutant may stand here only if no operands tell it from the row within what the
library promises. A line that no mutant matches any more is an error as well.
"""

WITHIN_THE_PROMISE = "another formula whose error is within the promise"
OUT_FOR_X = "flat looks at nan only, and the value is nan exactly where x is"
MINUS_FLAT = "flat is 0 or nan: its sign does not matter beside a number"
SYMMETRIC = "the function is symmetric in its operands or their signs"
SIGNS = "a sign is 1 or -1, of which a quotient is the product; the value's is that of y"
SAME_CHOICE = "the value lies on the same side of the bound as the operand, in every case"
KINK_VALUE = "both branches give the same number at the kink"
GUARD = "the case that is guarded against cannot occur"

EQUIVALENTS: dict[str, tuple[str, ...]] = {
    WITHIN_THE_PROMISE: (
        "log2: lambda x, out: (1 / (nonnegative(x) * LN2_),)",
        "tan: lambda x, out: (1 / square(cos(x)),)",
    ),
    SIGNS: (
        "copysign: lambda x, y, out: (sign(x) * copysign(-1, y), 0)",
        "copysign: lambda x, y, out: (sign(x) * copysign(1, out), 0)",
        "copysign: lambda x, y, out: (sign(x) / copysign(1, y), 0)",
    ),
    OUT_FOR_X: (
        "sign: lambda x, out: (flat(out),)",
        "imag: lambda x, out: (flat(out),)",
        "angle: lambda x, out: (flat(out),)",
        "floor: lambda x, out: (flat(out),)",
        "ceil: lambda x, out: (flat(out),)",
        "trunc: lambda x, out: (flat(out),)",
        "rint: lambda x, out: (flat(out),)",
        "flat: lambda x, out: (flat(out),)",
        "hard_sigmoid: lambda x, out: ((where((x > -3) & (x < 3), 1, 0) + flat(out)) / 6,)",
        "hard_tanh: lambda x, out: (where((x > -1) & (x < 1), 1, 0) + flat(out),)",
        "round_to: lambda digits, x, out: (0, flat(out))",
    ),
    MINUS_FLAT: (
        "heaviside: lambda x, h0, out: (flat(x), where(x > 0, 0, where(x < 0, 0, 1)) - flat(out))",
        "leaky_relu: lambda x, slope, out: "
        "(where(x > 0, 1, slope) - flat(x), where(x > 0, 0, x + flat(slope)))",
        "leaky_relu: lambda x, slope, out: "
        "(where(x > 0, 1, slope) + flat(x), where(x > 0, 0, x - flat(slope)))",
        "elu: lambda x, alpha, out: "
        "(where(x > 0, 1, exp_times(x, alpha)), where(x > 0, 0, expm1(x)) - flat(out))",
        "hard_sigmoid: lambda x, out: ((where((x > -3) & (x < 3), 1, 0) - flat(x)) / 6,)",
        "hard_tanh: lambda x, out: (where((x > -1) & (x < 1), 1, 0) - flat(x),)",
    ),
    SYMMETRIC: (
        "arcsinh: lambda x, out: (1 / hypot(x, 1),)",
        "arcsinh: lambda x, out: (1 / hypot(-1, x),)",
        "unit_hypot = lambda x: ieee.hypot(-1.0, x)",
        "lorentzian: lambda x, out: (-2 * out * over_norm_square(x, -1),)",
        "cofactor: lambda i, *xs, out: (0, *(0 if j == i else "
        "_product([x for k, x in enumerate(xs) if k not in (j, i)]) for j in range(len(xs))))",
        # 2n + 1 operands: -n - 1 counts from the end what n counts from the start
        "dot: lambda *operands, out: "
        "(*operands[len(operands) // -2:-1], *operands[:len(operands) // 2], 1)",
        "dot: lambda *operands, out: "
        "(*operands[len(operands) // 2:-1], *operands[:len(operands) // -2], 1)",
    ),
    SAME_CHOICE: (
        "relu: lambda x, out: (heaviside(out, 0),)",
        "hard_tanh: lambda x, out: (where((out > -1) & (x < 1), 1, 0) + flat(x),)",
        "hard_tanh: lambda x, out: (where((x > -1) & (out < 1), 1, 0) + flat(x),)",
    ),
    KINK_VALUE: (
        "elu: lambda x, alpha, out: "
        "(where(x > 0, 1, exp_times(x, alpha)), where(0 > x, expm1(x), 0) + flat(out))",
    ),
    GUARD: (
        "sqrt: lambda x, out: (1 / abs(2 * out),)",  # a square root is nan or not negative
        "round_to = lambda digits, x: round(x, digits) if math.isfinite(digits) else x",
    ),
}

_CLIP = (
    "where((low < x) & (x < high), 1, 0) + flat(out)",
    "where(high < low, 0, where(x < low, 1, 0)) + flat(out)",
    "where(high < maximum(x, low), 1, 0) + flat(out)",
)


def _clip(place: int, before: str, after: str) -> str:
    """A mutant of clip: its rule is long, and one thing in it changes."""
    parts = [part.replace(before, after) if i == place else part for i, part in enumerate(_CLIP)]
    return f"clip: lambda x, low, high, out: ({', '.join(parts)})"


EQUIVALENTS[MINUS_FLAT] += tuple(_clip(i, "+ flat", "- flat") for i in range(3))
EQUIVALENTS[SYMMETRIC] += (_clip(2, "maximum(x, low)", "maximum(low, x)"),)
EQUIVALENTS[SAME_CHOICE] += (
    _clip(0, "low < x", "low < out"),
    _clip(0, "x < high", "out < high"),
    _clip(1, "x < low", "x < out"),
    _clip(1, "high < low", "out < low"),
    _clip(2, "high <", "out <"),
)
REVIEWED = {name: reason for reason, names in EQUIVALENTS.items() for name in names}
