"""Numbers of any kind as text, in short and in full."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import decimal


def shortened(x: Any) -> str:
    """Return a number of any kind in four significant digits, or as it is where it is exact.

    A number that is exact and long keeps its sign and its size, whatever its type: it is 0 only
    if it is shown as 0.

    Examples
    --------
    >>> from fractions import Fraction
    >>> [shortened(x) for x in (2.0, 1 / 3, Fraction(1, 3), Fraction(-1, 3) ** 701)]
    ['2', '0.3333', '1/3', '-3.451e-335']
    """
    if isinstance(x, (float, complex)):
        return f"{x:.4g}"
    if hasattr(x, "_mpf_") or hasattr(x, "_mpc_"):
        written = str(x)
        return written if len(written) <= 12 else str(x.context.nstr(x, 4))
    if hasattr(x, "numerator"):
        if max(x.numerator.bit_length(), x.denominator.bit_length()) > _LONG:
            return f"{_rounded(x.numerator, x.denominator):.4g}"
        written = str(x)
        return written if len(written) <= 12 else f"{_rounded(x.numerator, x.denominator):.4g}"
    written = str(x)
    if len(written) <= 12:
        return written
    return f"{x:.4g}" if hasattr(x, "as_tuple") else f"{written[:9]}..."  # a Decimal has a "g" too


_LONG = 64  # bits of an integer whose digits are not all shown


def _rounded(numerator: int, denominator: int) -> decimal.Decimal:
    """A quotient of integers of any size, to the digits that are shown."""
    import decimal  # not before it is needed

    wide = decimal.Context(prec=40, Emax=decimal.MAX_EMAX, Emin=decimal.MIN_EMIN)
    up, down = (max(0, n.bit_length() - 128) for n in (numerator, denominator))
    leading = wide.divide(decimal.Decimal(numerator >> up), decimal.Decimal(denominator >> down))
    return wide.multiply(leading, wide.power(2, up - down))


def in_full(x: Any) -> str:
    """Return a number as Python writes it; in short, if it has more digits than Python writes.

    Examples
    --------
    >>> in_full(0.1), in_full(10**5000)
    ('0.1', '1.000e+5000')
    """
    try:
        return str(x)
    except ValueError:  # of thousands of digits, for which it would take long
        return shortened(x)
