"""The door: what is given to `nn`, of whichever library, as lists and Python's own numbers.

What holds rows is read by position, never by label.
"""

from __future__ import annotations

import math
import operator
import reprlib
from collections.abc import Iterator, Mapping, Sequence, Set
from typing import Any, SupportsIndex

from autograd.functions import rules
from autograd.functions.operand import Operand
from autograd.graph.value import Value
from autograd.numbers.kinds import is_number

Examples = tuple[Sequence[Any], Sequence[Any]]

# What is no container; a list of these alone is taken as it is.
_PLAIN = frozenset({float, int, bool, complex, str, bytes, type(None), Value})
_NUMBERS = frozenset({float, int, Value})


def rows(given: Any, name: str) -> list[Any]:
    """Return what is given row by row as a list: its place is all that tells one row from another.

    Taken are lists, tuples and other sequences, NumPy arrays, and DataFrames and Series, whose
    index is ignored. Arrays, frames and series become lists wherever they occur, and their numbers
    Python's own, each with its exact value. Any other object may be a row.

    Parameters
    ----------
    given : sequence, array, DataFrame or Series
        The rows.
    name : str
        What a message calls it.

    Raises
    ------
    TypeError
        If it has no order (a set), one of keys (a mapping), can be read but once (an iterator), or
        is no sequence of rows: a number, a text, a sparse matrix.
    ValueError
        If a number is missing (NaT, NA) or masked.

    Examples
    --------
    >>> import numpy as np
    >>> rows(np.array([[1, 2], [3, 4]], np.float32), "inputs")
    [[1.0, 2.0], [3.0, 4.0]]
    >>> rows({2.0, 1.0}, "inputs")
    Traceback (most recent call last):
        ...
    TypeError: inputs has to be a list, a tuple, an array, a DataFrame or a Series, but was a set, \
which has no order; make a list, in the order that you mean
    """
    found = _opened_within(given, name)
    if not isinstance(found, list | tuple):
        raise _refusal(given, name)
    return list(found)


def examples(inputs: Any, targets: Any, of: str = "") -> tuple[list[Any], list[Any]]:
    """Return inputs and targets row by row, which belong together by their position.

    Raises
    ------
    TypeError
        If one of them cannot be read so; see `rows`.
    ValueError
        If they differ in length, or a number is missing or masked.

    Examples
    --------
    >>> examples((1.0, 2.0), [True, False])
    ([1.0, 2.0], [True, False])
    """
    of = of and f" of {of}"
    both = rows(inputs, f"inputs{of}"), rows(targets, f"targets{of}")
    if len(both[0]) != len(both[1]):
        raise ValueError(
            f"there are {len(both[0])} inputs, but {len(both[1])} targets{of}; "
            "each input needs one target"
        )
    return both


def pair(given: Any, name: str) -> tuple[list[Any], list[Any]]:
    """Return inputs and targets, as `examples` does, that are given as one argument.

    Examples
    --------
    >>> pair([1.0, 2.0, 3.0], "validation")
    Traceback (most recent call last):
        ...
    TypeError: validation has to be a tuple (inputs, targets) or a Dataset, but was a list
    """
    found: Any = () if isinstance(given, Set | Mapping) else given
    try:
        inputs, targets = found
    except (TypeError, ValueError):
        raise TypeError(
            f"{name} has to be a tuple (inputs, targets) or a Dataset, but was a "
            f"{type(given).__name__}"
        ) from None
    return examples(inputs, targets, name)


def numbers(given: Any, name: str) -> Any:
    """Return a number as it is, and numbers nested in containers as nested lists.

    The containers are those of `rows`.

    Raises
    ------
    TypeError
        If something is neither such a container nor a number, a Value or another operand.
    ValueError
        If a number is missing or masked.

    Examples
    --------
    >>> import numpy as np
    >>> numbers([1.0, np.array([2, 3])], "target")
    [1.0, [2, 3]]
    >>> numbers(["a"], "target")
    Traceback (most recent call last):
        ...
    TypeError: target has to be a number, or numbers in lists, arrays, DataFrames or Series, \
but there was the text 'a'
    """
    found = _opened(given, name)
    if isinstance(found, list | tuple):
        if type(found) is list and _NUMBERS.issuperset(map(type, found)):
            return found
        return [numbers(part, name) for part in found]
    if is_operand(found):
        return found
    raise TypeError(
        f"{name} has to be a number, or numbers in lists, arrays, DataFrames or Series, "
        f"but there was {_described(given)}"
    )


def is_operand(given: Any) -> bool:
    """Tell whether something is a number, a Value or another operand, and no container of them.

    Examples
    --------
    >>> is_operand(2.0), is_operand(Value(2.0)), is_operand([2.0])
    (True, True, False)
    """
    return isinstance(given, Operand) or is_number(given)


def listed(out: Any) -> Any:
    """Return what a module has made: a number that comes bare as a list of one, lists as they are.

    Examples
    --------
    >>> listed(2.0), listed([2.0, 3.0])
    ([2.0], [2.0, 3.0])
    """
    return [out] if not isinstance(out, list) and is_operand(out) else out


def table(given: Any, name: str) -> list[Sequence[Any]]:
    """Return rows of finite numbers, all of one length.

    Examples
    --------
    >>> table([(1, 2.5), (3, 4.5)], "features")
    [(1, 2.5), (3, 4.5)]
    >>> table([1.0, 2.0], "features")
    Traceback (most recent call last):
        ...
    TypeError: features needs one list of numbers for each example, but row 0 is 1.0; \
of a single feature write [[x] for x in features]
    """
    found = rows(given, name)
    for i, row in enumerate(found):
        if not isinstance(row, list | tuple):
            raise TypeError(
                f"{name} needs one list of numbers for each example, but row {i} is "
                f"{reprlib.repr(row)}; of a single feature write [[x] for x in {name}]"
            )
        if len(row) != len(found[0]):
            raise ValueError(
                f"row {i} of {name} has {len(row)} numbers, but row 0 has {len(found[0])}"
            )
        for x in row:
            if type(x) is not float and not (isinstance(x, Value) or is_number(x)):
                raise TypeError(f"row {i} of {name} has {reprlib.repr(x)}, which is no number")
            if not _is_finite(x):
                raise ValueError(f"row {i} of {name} has {x!r}, which is no finite real number")
    return found


def check_size(
    given: SupportsIndex,
    name: str,
    least: int | None = 1,
    why: str = "",
    *,
    below: int | None = None,
    allowed: str = "",
    hint: str = "",
) -> int:
    """Return `given` as an int, which has to be within its bounds: a size, a place, a seed.

    Parameters
    ----------
    given : int
        Of Python, NumPy or whatever has an `__index__`.
    name : str
        What a message calls it.
    least, below : int or None
        The bounds; None for none.
    why, allowed, hint : str
        For messages: the reason for `least`; what has numbers below `below`; what an int would be.

    Examples
    --------
    >>> import numpy as np
    >>> check_size(np.int64(3), "nin")
    3
    >>> check_size(3, "a symbol", 0, below=3, allowed="the table has rows")
    Traceback (most recent call last):
        ...
    ValueError: a symbol is 3, but the table has rows from 0 to 2
    """
    try:
        size = operator.index(given)
    except TypeError:
        raise TypeError(f"{name} has to be an int, but was {given!r}{hint}") from None
    if below is not None and (size >= below or (least is not None and size < least)):
        raise ValueError(f"{name} is {size}, but {allowed} from {least} to {below - 1}")
    if least is not None and size < least:
        reason = f", {why}," if why else ","
        raise ValueError(f"{name} has to be at least {least}{reason} but was {size}")
    return size


def check_place(given: Any, name: str, count: int, allowed: str) -> Any:
    """Return the place of one of so many: an int, or a Value that holds one (see `autograd.pick`).

    Examples
    --------
    >>> check_place(3, "a symbol", 3, "the table has rows")
    Traceback (most recent call last):
        ...
    ValueError: a symbol is 3, but the table has rows from 0 to 2
    """
    if not isinstance(given, Value):
        return check_size(given, name, 0, below=count, allowed=allowed)
    if not (0 <= given <= count - 1 and rules.rint(given) == given):
        raise ValueError(f"{name} is {given!r}, but {allowed} from 0 to {count - 1}")
    return given


def plain(given: Any) -> Any:
    """Return dicts, lists, tuples and what NumPy has as dicts, lists and Python's own numbers.

    Examples
    --------
    >>> import numpy as np
    >>> plain({"sizes": (np.int64(3), np.array([1.0, 2.0]))})
    {'sizes': [3, [1.0, 2.0]]}
    """
    if isinstance(given, dict):
        return {key: plain(part) for key, part in given.items()}
    if isinstance(given, list | tuple):
        return [plain(part) for part in given]
    return given.tolist() if hasattr(type(given), "tolist") else given


def _opened_within(given: Any, name: str) -> Any:
    """Return arrays, frames, series and other sequences as lists, and what else there is as it is.

    They are opened at any depth; a list or tuple is made anew only if something in it was.
    """
    given = _opened(given, name)
    if not isinstance(given, list | tuple) or _PLAIN.issuperset(map(type, given)):
        return given
    members = [_opened_within(member, name) for member in given]
    if all(a is b for a, b in zip(members, given, strict=True)):
        return given
    return tuple(members) if isinstance(given, tuple) else members


def _opened(given: Any, name: str) -> Any:
    """Return a container as a list or tuple, a scalar of NumPy as Python's, others as they are."""
    kind = type(given)
    if kind in _PLAIN or isinstance(given, list | tuple | str | bytes | bytearray):
        return given
    if isinstance(given, Iterator):
        raise _refusal(given, name)
    if kind.__name__ in ("NAType", "NaTType"):
        raise ValueError(f"{name} lacks a number: it has {given!r}; fill or drop such rows")
    if hasattr(kind, "itertuples"):  # a DataFrame: each column keeps its own type
        return list(map(list, given.itertuples(index=False, name=None)))
    if hasattr(kind, "filled") and bool(given.mask.any()):
        raise ValueError(f"{name} is a masked array in which numbers are masked; fill or drop them")
    if getattr(getattr(given, "dtype", None), "kind", "") in ("m", "M"):
        raise TypeError(
            f"{name} holds dates or times ({given.dtype}); turn them into numbers first"
        )
    if hasattr(kind, "tolist"):
        return given.tolist()
    if hasattr(kind, "to_numpy"):
        return given.to_numpy().tolist()
    return list(given) if isinstance(given, Sequence) else given


def _refusal(given: Any, name: str) -> TypeError:
    """Return the error for something that cannot be read by position."""
    return TypeError(
        f"{name} has to be a list, a tuple, an array, a DataFrame or a Series, but was "
        f"{_described(given)}"
    )


def _described(given: Any) -> str:
    """Return what something is that cannot be read by position, and the remedy."""
    kind = type(given).__name__
    if isinstance(given, str):
        return f"the text {reprlib.repr(given)}"
    if isinstance(given, Mapping):
        return f"a {kind}, whose members go by keys; take its values"
    if isinstance(given, Set):
        return f"a {kind}, which has no order; make a list, in the order that you mean"
    if isinstance(given, Iterator):
        return f"a {kind}, which can be read but once; write list(...)"
    if hasattr(given, "toarray"):
        return f"a sparse {kind}; call its toarray()"
    if hasattr(given, "features") and hasattr(given, "labels"):
        return f"a {kind}; take its features or its labels"
    return " ".join(reprlib.repr(given).split())


def _is_finite(x: Any) -> bool:
    """Tell whether a number, or that of a Value, is real and finite as a float."""
    try:
        return math.isfinite(x.data if isinstance(x, Value) else x)
    except (TypeError, ValueError, OverflowError):
        return False
