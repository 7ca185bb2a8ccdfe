"""A row that is called: on numbers of any type, on Values, on arrays, on formulas."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, cast

from autograd.ending import lazily
from autograd.functions.arrays import check_array, elementwise
from autograd.functions.documentation import documented
from autograd.functions.formulas import Expression, variable
from autograd.functions.operand import Operand, highest
from autograd.functions.printing.python import QUICK, SAFE, library_name
from autograd.functions.printing.text import sign_of
from autograd.functions.row import Row
from autograd.numbers import definitions, higher, pieces
from autograd.numbers.kinds import is_number, unify
from autograd.numbers.libraries import is_complex, is_mpmath, of_mpmath, own

# The float functions of the table by name: the scope of source that is printed from its rows.
FLOATS: dict[str, Any] = {"math": math}


class _Documentation:
    """A docstring that a class has for itself and that each instance makes of its own fields."""

    def __init__(self, of_class: str | None) -> None:
        self.of_class = of_class

    def __get__(self, row: Primitive | None, owner: type) -> str | None:
        return self.of_class if row is None else documented(row)


class Primitive(Row):
    """A row that is called like the function that it is.

    Floats give a float, Values a `Value`, NumPy arrays and lists an array (broadcast as NumPy
    does). An n-ary row takes one iterable. For the parameters see `Row`.
    """

    __doc__ = cast(str, _Documentation(__doc__))

    def __init__(self, *args: Any, **fields: Any) -> None:
        super().__init__(*args, **fields)
        if self.formula is not None:
            self.definition = self._meant

    @property
    def sign(self) -> str:
        """The operator's sign or the function's name, as a user writes it."""
        return sign_of(self)

    @lazily
    def forward(self) -> Callable[..., Any]:
        """The value for floats; that of a formula from source that is printed from it."""
        if self.formula is None:
            return cast("Callable[..., Any]", self.value)
        names = ", ".join(self.operand_names)
        source = SAFE(Expression(self, tuple(map(variable, self.operand_names))))
        made: Callable[..., Any] = eval(f"lambda {names}: {source}", FLOATS)  # of our own table
        return made

    @lazily
    def meaning(self) -> Any:
        """The formula of the value, in the names of the operands."""
        return cast("Any", self.formula)(*map(variable, self.operand_names))

    def _meant(self, *xs: Any) -> Any:
        """The value of the formula for numbers; of a choice only what is taken is computed."""
        names = dict(zip(self.operand_names, xs, strict=True))

        def value(term: Any) -> Any:
            if not isinstance(term, Expression):
                return term
            if term.primitive is None:
                return names[term.name]
            if term.primitive.chooses:
                condition, taken, other = term.operands
                return value(taken if value(condition) else other)
            return term.primitive(*map(value, term.operands))

        return value(self.meaning)

    # -- partials -------------------------------------------------------------------------------
    @lazily
    def rules(self) -> tuple[Any, ...]:
        """The partials as formulas in the names of the operands and `out` (fixed arity)."""
        return self._written_out(self.partials)

    @lazily
    def complex_rules(self) -> tuple[Any, ...]:
        """The same for complex operands."""
        of_complex = self.complex_partials
        return self.rules if of_complex is None else self._written_out(of_complex)

    def _written_out(self, partials: Callable[..., Sequence[Any]]) -> tuple[Any, ...]:
        """What `partials` are for the names of the operands."""
        return tuple(partials(*map(variable, self.operand_names), out=variable("out")))

    @lazily
    def curved(self) -> bool:
        """Whether a partial is a function of the operands, not just one of them or a number."""
        if self.arity is None and self.integers:
            return True  # a derivative of another n-ary row
        of_three = self.arity is None and self.partials(*map(variable, "xyz"), out=variable("out"))
        rules = of_three or self.rules
        return any(isinstance(rule, Expression) and rule.primitive is not None for rule in rules)

    @lazily
    def partials_of_floats(self) -> Callable[..., tuple[float, ...]]:
        """The rules as a function of the float operands and `out`, which may raise."""
        names, rules = ", ".join(self.operand_names), ", ".join(map(QUICK, self.rules))
        made: Callable[..., Any] = eval(f"lambda {names}, out: ({rules},)", FLOATS)
        return made

    def partial(self, index: int, operands: Sequence[Any], out: Any) -> Any:
        """Return the partial derivative by one operand, computing no other."""
        return self.partials_by([index], operands, out)[0]

    def partials_by(
        self, indices: Sequence[int], operands: Sequence[Any], out: Any, over_complex: bool = False
    ) -> list[Any]:
        """Return the partial derivatives by some of the operands, computing no others."""
        if self.arity is None or self.opaque:
            of_complex = self.complex_partials if over_complex else None
            everything = (of_complex or self.partials)(*operands, out=out)
            return [everything[i] for i in indices]
        names = dict(zip(self.operand_names, operands, strict=True), out=out)
        rules = self.complex_rules if over_complex else self.rules
        return [
            rules[i].evaluate(names) if isinstance(rules[i], Expression) else rules[i]
            for i in indices
        ]

    def each(self, *xs: Any, out: Any = None) -> Sequence[Any]:
        """Return f(i, *xs) for every i, in one pass where all of `xs` are floats.

        Where they are the gradient of a function of many operands, whose value is `out`, a graph
        has a node for all of them.
        """
        if self.each_forward is not None and all(type(x) is float for x in xs):
            return self.each_forward(*xs)
        graph = highest(xs) if len(xs) > 2 and out is not None else None
        if graph is None:
            return tuple(self(i, *xs) for i in range(len(xs)))
        return cast("Sequence[Any]", graph.outputs(self, xs, out))

    # -- calls ----------------------------------------------------------------------------------
    def __call__(self, *operands: Any) -> Any:
        """Apply the function to numbers, Values or arrays; an n-ary one to one iterable."""
        if self.arity is None:
            if len(operands) == 1 and not self.integers:
                operands = _items(self, operands[0])
            if len(operands) < self.least:
                raise ValueError(f"{self.name} takes at least {self.least} operand; got none")
        elif len(operands) != self.arity:
            if self.otherwise is not None and operands:
                return self.otherwise(*operands)
            operands = self._all_of(*operands)
        if self.integers:  # a rule such as n + 1 made floats of them
            first = (int(x) if type(x) is float else x for x in operands[: self.integers])
            operands = (*first, *operands[self.integers :])
        each = operands[self.integers :]
        graph: Any = None
        for x in each if len(each) < 4 else {type(x): x for x in each}.values():
            if isinstance(x, Operand):
                graph = x if graph is None or x.level > graph.level else graph
            elif not is_number(x):
                return elementwise(self, operands)
        return evaluate(self, operands) if graph is None else graph.apply(self, *operands)

    @lazily
    def _all_of(self) -> Callable[..., tuple[Any, ...]]:
        """A function that gives its operands with those left out, or Python's error about them."""
        names = ", ".join(self.operand_names)
        function = eval(f"lambda {names}, /: ({names},)")  # names of our own table
        function.__name__ = function.__qualname__ = self.name
        function.__defaults__ = self.defaults
        return cast("Callable[..., tuple[Any, ...]]", function)

    def call_by(self, function: Callable[..., Any]) -> None:
        """Have calls of this row run a function made for it, which Python finds in its class."""
        own = {"__slots__": (), "__doc__": vars(Primitive)["__doc__"], "__module__": __name__}
        own["__call__"] = staticmethod(function)
        self.__class__ = type("Primitive", (Primitive,), own)


def evaluate(row: Primitive, numbers: Sequence[Any]) -> Any:
    """Return the value of an elementary function of plain numbers of any kind.

    Raises
    ------
    TypeError
        If the numbers do not mix, or their type has no such function.
    """
    fixed = numbers[: row.integers]
    kind, operands = unify(numbers[row.integers :])
    if kind is float:
        return row.forward(*fixed, *operands)
    function = _function(row, kind)
    remedy = f"{row.name} is not defined for {kind.__name__}; use float operands for it"
    if function is None:
        raise TypeError(remedy)
    try:
        out = function(*fixed, *operands)
    except TypeError as error:
        raise TypeError(f"{remedy} ({error})") from error
    except (ArithmeticError, ValueError):  # a pole; what is there, the float function knows
        if row.opaque or not is_mpmath(kind):
            raise
        out = row.forward(*fixed, *(float(x.real) for x in operands))
    if type(out) is kind or (row.predicate and row.arity == 1):  # isnan and its like
        return out
    if type(out) in (int, bool) or is_mpmath(kind):
        if is_complex(type(out)) and not is_complex(kind):
            return kind("nan")  # outside of the domain
        keeps = row.complex_partials and is_complex(kind)
        return out if keeps else kind(out)
    if not is_complex(kind) or not (row.opaque or row.complex_partials):
        raise TypeError(f"{remedy} (it answers {type(out).__name__})")
    return out


def _function(row: Primitive, kind: type) -> Callable[..., Any] | None:
    """What a row is for numbers of a kind other than float."""
    if row.opaque:  # a user's own function, whatever its name
        return row.definition or of_mpmath(row.name, kind)
    found = own(row.name, kind)
    for module in (higher, pieces, definitions):
        found = found or getattr(module, row.name, None)
    return found or row.definition or of_mpmath(library_name(row), kind)


def _items(row: Row, xs: Any) -> tuple[Any, ...]:
    """The operands of an n-ary row, from its one iterable."""
    if hasattr(xs, "dtype"):
        check_array(xs, row.name)
    try:
        return tuple(xs.ravel().tolist() if hasattr(xs, "ravel") else xs)
    except TypeError:
        raise TypeError(
            f"{row.name} takes one iterable of numbers and Values, as {row.name}([x, y]); "
            f"got {xs!r} ({type(xs).__name__})"
        ) from None
