"""The loops of the optimisers: the formula for one parameter, written out over lists of numbers.

An `update` is a formula in operators and elementary functions. For the numbers of all parameters it
becomes a few list comprehensions: what it needs twice is computed once, and what depends on the
settings alone, before. The source can be read, and stepped through in a debugger.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator
from types import MethodType
from typing import Any

import autograd.functions.rules as rules
from autograd.functions.formulas import Expression
from autograd.functions.printing.python import QUICK

READ = ("p.data", "p.grad")  # of a parameter p
CHOOSING = {type(None), bool, str}  # settings that are no numbers


def loop(
    update: Callable[..., Any], memory: tuple[str, ...], known: int, settings: dict[str, Any]
) -> Callable[..., list[list[Any]]]:
    """Return a function of parameters, of what is known of them, and of settings.

    It moves the parameters, and returns lists of what is to be remembered of them.

    Parameters
    ----------
    update : callable
        ``update(value, gradient, *memory, **settings)`` returns a tuple: the new value, then what
        is to be remembered.
    memory : tuple of str
        What `update` calls the numbers that it remembers.
    known : int
        How many of them, the first ones, there are so far.
    settings : dict
        Their numbers may change from step to step; None, truth values and texts choose the formula.

    Examples
    --------
    >>> from autograd import Value
    >>> def update(value, gradient, old=0.0, *, lr, keep):
    ...     mean = keep * old + (1 - keep) * gradient
    ...     return value - lr * mean, mean
    >>> move = loop(update, ("old",), 1, {"lr": 0.5, "keep": 0.75})
    >>> print(move.__doc__)
    def move(params, olds, lr, keep):
        const_0 = 1 - keep
        new_olds = [keep * old + const_0 * p.grad for p, old in zip(params, olds, strict=True)]
        for p, new_old in zip(params, new_olds, strict=True):
            p.data = p.data - lr * new_old
        return [new_olds]
    >>> x = Value(1.0)
    >>> move([x], [2.0], lr=0.5, keep=0.75), x.data
    ([[1.5]], 0.25)
    """
    choices = [x if type(x) in CHOOSING else ... for x in settings.values()]
    move = _MADE.get(key := (update, known, *settings, *choices))
    if move is None:
        choosing = dict(zip(settings, choices, strict=True))
        move = _MADE[key] = _made(update, memory, known, choosing)
    return move


# Two threads may make the same function twice, which does no harm.
_MADE: dict[tuple[Any, ...], Callable[..., list[list[Any]]]] = {}


def _made(
    update: Callable[..., Any], memory: tuple[str, ...], known: int, choices: dict[str, Any]
) -> Callable[..., list[list[Any]]]:
    """Return the function that `loop` describes, generated; choices are ... for a number."""
    from autograd.generated import code_of  # not before it is needed: importing stays light

    if isinstance(update, MethodType):  # what it read of its owner would be written down for good
        raise TypeError(
            f"{update.__qualname__} has to be a staticmethod, which is given all settings by name"
        )
    settings = {
        name: Expression(None, (), name) if choice is ... else choice
        for name, choice in choices.items()
    }
    names = [*memory, *choices, "p", "params", "math"]
    if len(set(names)) < len(names):
        raise ValueError(f"{update.__qualname__} has two things of one name among {names}")
    outs = update(*(Expression(None, (), name) for name in (*READ, *memory[:known])), **settings)
    if not isinstance(outs, tuple) or not 1 <= len(outs) <= 1 + len(memory):
        raise TypeError(
            f"{update.__qualname__} has to return a tuple of the new value and of what is to be "
            f"remembered as {', '.join(memory) or 'nothing'}, but returned {outs!r}"
        )
    source = _Source(outs, memory, tuple(choices)).written(memory[:known])
    filename = f"<nn: generated from {update.__qualname__} for {known} {[*choices.values()]}>"
    scope: dict[str, Any] = {name: row.forward for name, row in rules.TABLE.items()}
    scope |= {"math": math, "inf": math.inf, "nan": math.nan}
    exec(code_of(source, filename), scope)  # our own table's functions, and these names
    move: Callable[..., list[list[Any]]] = scope["move"]
    move.__doc__ = source.rstrip()
    return move


class _Source:
    """The source of a loop, put together from formulas of what is remembered under some names."""

    def __init__(
        self, outs: tuple[Any, ...], memory: tuple[str, ...], settings: tuple[str, ...]
    ) -> None:
        self.moved, *self.kept = outs
        self.titles = [f"new_{name}" for name in memory][: len(self.kept)]
        self.settings = settings
        self.names: dict[int, Expression] = {}  # of the parts that have been written down
        self.lines: list[str] = []

    def written(self, known: tuple[str, ...]) -> str:
        """Return the source of a function of parameters and of what is known of them."""
        outs = (*self.kept, self.moved)
        parts = [*{id(x): x for out in outs for x in _parts(out)}.values()]
        uses = Counter(id(x) for part in parts for x in part.operands)
        titles = {id(out): title for out, title in zip(self.kept, self.titles, strict=True)}
        alone = {id(part) for part in parts if self._is_constant(part)}
        inner = {id(x) for part in parts if id(part) in alone for x in part.operands}
        for part in parts:  # the constants first, before the loops
            if id(part) in alone - inner:
                self._name(part, name := f"const_{len(self.lines)}", f"{name} = {self._text(part)}")
        for part in parts:
            if id(part) not in alone and (uses[id(part)] > 1 or id(part) in titles):
                title = titles.get(id(part), f"part_{len(self.lines)}")
                self._name(part, title, f"{title}s = [{self._text(part)} {self._over(part)}]")
        for out, title in zip(self.kept, self.titles, strict=True):
            if self._text(out) != title:  # it is no part, but something that was given
                self.lines.append(f"{title}s = [{self._text(out)} {self._over(out)}]")
        self.lines.append(f"{self._over(self.moved, 'p')}:")
        self.lines.append(f"    p.data = {self._text(self.moved)}")
        self.lines.append(f"return [{', '.join(f'{title}s' for title in self.titles)}]")
        given = ", ".join(["params", *(f"{name}s" for name in known), *self.settings])
        return "".join(f"    {line}\n" for line in self.lines).join([f"def move({given}):\n", ""])

    def _name(self, part: Expression, name: str, line: str) -> None:
        """Write a line down, after which a part goes by a name."""
        self.lines.append(line)
        self.names[id(part)] = Expression(None, (), name)

    def _over(self, out: Any, *rows: str) -> str:
        """Return the head of a loop over all that a part is written in."""
        names = [*rows, *(name for name in self._leaves(out) if name not in self.settings)]
        columns = dict.fromkeys("p" if name in READ else name for name in names) or ["p"]
        rows = tuple(sorted(columns, key="p".__ne__))
        lists = ", ".join("params" if row == "p" else f"{row}s" for row in rows)
        return f"for {', '.join(rows)} in {f'zip({lists}, strict=True)' if rows[1:] else lists}"

    def _text(self, out: Any) -> str:
        """Return a part as Python, in the names of what has been written down."""
        return QUICK(self._named(out))

    def _named(self, term: Any) -> Any:
        """Return a part in which names stand for what has been written down, and for numbers."""
        if isinstance(term, int | float):  # as a name, so that an int stays one
            return Expression(None, (), f"{term}" if term >= 0 else f"({term})")
        if not isinstance(term, Expression) or term.primitive is None:
            return term
        if id(term) in self.names:
            return self.names[id(term)]
        return Expression(term.primitive, tuple(map(self._named, term.operands)))

    def _leaves(self, term: Any) -> Iterator[str]:
        """Yield the names that a part is written in, but for those of constants and numbers."""
        if isinstance(term, Expression):
            named = self.names.get(id(term), term)
            if named.primitive is not None:
                for x in named.operands:
                    yield from self._leaves(x)
            elif not named.name.startswith("const_"):
                yield named.name

    def _is_constant(self, part: Expression) -> bool:
        """Tell whether a part depends on the settings alone."""
        return set(self.settings).issuperset(self._leaves(part))


def _parts(out: Any) -> Iterator[Expression]:
    """Yield what a formula is put together from, and itself: the innermost first."""
    if isinstance(out, Expression) and out.primitive is not None:
        for x in out.operands:
            yield from _parts(x)
        yield out
