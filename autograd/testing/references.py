"""References: functions that are the truth, in the numbers of mpmath."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from autograd.extras import need
from autograd.functions.operand import plain as number_of
from autograd.testing.arguments import Arguments
from autograd.testing.naming import name_of
from autograd.testing.plain import Plain
from autograd.testing.precise import Precise
from autograd.testing.reports import Finding, Report, Severity, Verdict
from autograd.testing.stochastic import is_watched
from autograd.testing.subject import BARE, advising, flattened
from autograd.testing.units import Format, measured, nearest, ratio, unit

VALUE_UNITS = 64
_ANOTHER = "the reference is another function, or the value is wrong: no gradient was judged"


class Reference:
    """A function of one real number as the truth.

    It may be one of mpmath's functions, a function of mpmath's numbers, either made a universal
    function by `np.frompyfunc`, or a function of ours or of NumPy's. Called with a number of mpmath
    it returns one, as precise as mpmath's working precision; None at poles and outside of the
    domain.

    Parameters
    ----------
    f : callable

    Examples
    --------
    >>> import mpmath, numpy
    >>> Reference(mpmath.erfc)(mpmath.mpf(30))
    mpf('2.5646562037561117e-393')
    >>> Reference(numpy.tanh)(mpmath.mpf(1) / 2) == mpmath.tanh(0.5)
    True
    """

    def __init__(self, f: Callable[..., Any]) -> None:
        self.f, self.name = f, name_of(f)
        self.bare = getattr(need("mpmath", "testing", "a reference").mp, self.name, None) == f

    def of(self, x: Any) -> Any:
        """Return the value at a number of mpmath, or at one that is watched; poles raise."""
        y = number_of(self.f(x if self.bare or is_watched(x) else Plain(x)))
        return number_of(y.item()) if hasattr(y, "item") and hasattr(y, "shape") else y

    def __call__(self, x: Any) -> Any:
        """Return the value at a number of mpmath, None where there is no real one."""
        try:
            y = self.of(x)
        except (ZeroDivisionError, ValueError, OverflowError):  # mpmath's poles
            return None
        except (TypeError, AttributeError) as error:
            raise TypeError(
                f"the reference {self.name} does not take numbers of mpmath: {error}. {REMEDY}"
            ) from error
        if type(y) is int:
            y = x.context.mpf(y)
        if hasattr(y, "_mpc_") or isinstance(y, complex):
            return None  # outside of the real domain
        if not hasattr(y, "_mpf_"):
            raise TypeError(
                f"the reference {self.name} answered {y!r} ({type(y).__name__}), which has no more "
                f"digits than what is checked. {REMEDY}"
            )
        return y if x.context.isfinite(y) else None


REMEDY = (
    "A reference is a function of mpmath (mpmath.erfc; np.frompyfunc(mpmath.erfc, 1, 1) for "
    f"arrays), or is written with operators and NumPy's universal functions; {BARE}"
)


def referred(
    f: Callable[..., Any],
    reference: Callable[..., Any] | None,
    args: Sequence[Any],
    check: Callable[[Callable[..., Any]], Report],
) -> Report:
    """Return the report of a gradient that is held against a reference, its values held first.

    Parameters
    ----------
    f : callable
        The function whose gradient is checked.
    reference : callable or None
        The same function for arrays of numbers of mpmath.
    args : sequence
        The point.
    check : callable
        Given the function to differentiate, it returns the report of the gradient.

    Examples
    --------
    >>> import math, mpmath
    >>> from autograd.testing import check_gradients
    >>> slope = lambda x: 2 / math.sqrt(math.pi) * math.exp(-x * x)
    >>> check = lambda f: check_gradients(f, (0.5,), grad=slope)
    >>> bool(referred(math.erf, mpmath.erf, (0.5,), check))
    True
    >>> print(referred(math.erf, mpmath.erfc, (0.5,), check).findings[0].note)
    the reference is another function, or the value is wrong: no gradient was judged
    """
    if reference is None:
        return check(f)
    values = tuple(compared(f, reference, args))
    wrong = [x for x in values if x.severity is Severity.WRONG]
    if len(wrong) * 2 > len(values):
        unjudged = [replace(x, verdict=Verdict.INCONCLUSIVE, note=_ANOTHER) for x in wrong]
        return Report(f"values of {name_of(f)}", tuple(unjudged), f"mpmath's {name_of(reference)}")
    report = check(reference)
    worth = tuple(x for x in values if x.verdict is Verdict.FAIL)
    title = report.title.replace(name_of(reference), name_of(f))
    return replace(report, title=title, findings=(*report.findings, *worth))


def compared(
    f: Callable[..., Any], reference: Callable[..., Any], args: Sequence[Any]
) -> Iterator[Finding]:
    """Hold the values of a function against those of a reference.

    A value may be off by `VALUE_UNITS` units in its last place, or by as much as so many units of
    the arguments change it.
    """
    given = Arguments(tuple(args))
    form = given.form()
    got = Arguments((f(*given.rebuilt(given.numbers)),)).numbers

    def values(xs: Sequence[Any]) -> list[Any]:
        wrapped = xs if is_watched(xs[0]) else [Plain(x) for x in xs]
        with advising(f"the reference {name_of(reference)}", "numbers of mpmath"):
            return list(map(number_of, flattened(reference(*given.rebuilt(wrapped)))))

    judge = Precise(values, given.numbers)
    for k, number in enumerate(got):
        value = judge.value(k)
        where = "value" if len(got) == 1 else f"value[{k}]"
        if value is None:
            continue
        units, unsure = measured(float(number), value.value, value.error, form=form)
        one = unit(value.value, form)
        found = Finding(
            where,
            Verdict.PASS,
            float(number),
            nearest(value.value, form),
            units,
            VALUE_UNITS,
            unsure,
        )
        if units > VALUE_UNITS + unsure:
            reach = sum(map(abs, _changes(judge, k, given.numbers, form)), Fraction(0))
            allowed = VALUE_UNITS * max(1.0, ratio(reach, one))
            verdict = Verdict.FAIL if units > allowed + unsure else Verdict.PASS
            found = replace(found, verdict=verdict, allowed=allowed)
        yield found


def _changes(judge: Precise, k: int, numbers: Sequence[Any], form: Format) -> Iterator[Fraction]:
    """What a unit in the last place of each argument changes."""
    for i, x in enumerate(numbers):
        slope = judge.slope(i, k).derivative
        if slope is not None:
            yield slope.value * unit(Fraction(x), form)
