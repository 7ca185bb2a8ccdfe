"""What an elementary function is: one row, from which every face of the function comes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast

from autograd.graph.turns import lazily
from autograd.numbers.kinds import evaluate, is_number

REALS = (-float("inf"), float("inf"))
ATOM = 9  # the precedence of names, numbers and calls: they never need parentheses


class Operand:
    """What operators and elementary functions accept beside plain numbers.

    A subclass says in `apply` what applying a row means: a `Value` computes and remembers, an
    `Expression` only writes down. The operators come from the table (`install_operators`).
    """

    __slots__ = ()

    @staticmethod
    def apply(primitive: Primitive, /, *operands: Any) -> Any:
        """Return what `primitive` of `operands` is for this class."""
        raise NotImplementedError("each kind of operand says what applying a row to it means")

    @staticmethod
    def outputs(row: Primitive, operands: Sequence[Any], out: Any) -> Sequence[Any]:  # noqa: ARG004  (Value needs it)
        """Return all f(i, *operands) of a row that is the gradient of a function of value `out`."""
        return [row(i, *operands) for i in range(len(operands))]


class _Documentation:
    """A docstring that a class has for itself and that each instance makes of its own fields."""

    def __init__(self, of_class: str | None) -> None:
        self.of_class = of_class

    def __get__(self, row: Primitive | None, owner: type) -> str | None:
        return self.of_class if row is None else row.documentation


class Primitive:
    """An elementary function: its value, its partial derivatives, and how it is written.

    A row is called like the function that it is: floats give a float, Values a `Value`, NumPy
    arrays and lists an array (broadcast as NumPy does). An n-ary row takes one iterable.

    Parameters
    ----------
    name : str
        The public name, and the name of the method.
    forward : callable or None
        The value for floats. It answers inf and nan as IEEE 754 does, and never raises. None: the
        field `python` is an expression that does so, short enough to be written out in place.
    partials : callable
        `partials(*operands, out)` returns the local partial derivative for each operand,
        written with operators and other rows only, so that its meaning follows its operands:
        numbers give numbers, Values a differentiable gradient, expressions the formula.
        Coefficients are integers or `Constant`, exact for every number type.
    summary : str
        The first sentence of the documentation.
    **fields
        Any of the attributes that are declared with a default in the class.
    """

    __doc__ = cast(str, _Documentation(__doc__))

    # -- what it is ---------------------------------------------------------------------------
    arity: int | None = 1  # None: n-ary
    least: int = 0  # how few operands an n-ary row takes
    integers: int = 0  # so many operands, the first ones, are plain integers without derivative
    formulas: bool = True  # the partials may be run on formulas: they never branch
    # For complex operands, where `partials` would leave the branch or the function is not
    # holomorphic: then they are du/dx - i du/dy of a real result (see `crossing`).
    complex_partials: Callable[..., Sequence[Any]] | None = None
    predicate: bool = False  # answers a truth value, which is no Value
    defaults: tuple[Any, ...] = ()  # trailing operands, when they are left out
    # In operators and other rows: for the steps, and for the number types that have a function of
    # this name neither in a library of their own nor in `formulas`.
    definition: Callable[..., Any] | None = None
    reading: Callable[..., Any] | None = None  # as textbooks write it, if not so (see `textbook`)
    each_forward: Callable[..., tuple[float, ...]] | None = None  # all f(i, *xs) in one pass
    # All f(i, *xs) are a gradient: the product of their Jacobian, which is symmetric, and a vector
    # {i: number}, at the floats xs.
    product: Callable[[Sequence[float], dict[int, float]], Sequence[float]] | None = None
    domain: tuple[tuple[float, float], ...] = ()  # closed; outside of it value and partials are nan
    kinks: tuple[float, ...] = ()  # where the derivative jumps or does not exist
    edges: str = ""  # what holds at kinks and at the ends of the domain, in words
    # -- how it is written: {0} is an operand; {0:l} gets parentheses where it binds looser than
    # -- this row, {0:r} also where it binds equally
    text: str = ""  # as a user writes it
    spelled: Callable[..., str] | None = None  # how an n-ary row is written, if not as a call
    python: str = ""  # as fast source over floats, which may raise where `forward` does not
    latex: str = ""
    precedence: int = ATOM
    operator: str = ""  # the special method without underscores, as "add"
    aliases: tuple[str, ...] = ()  # further names, which `rules` gives
    # What a call with more or fewer operands means, which `math` has for some functions.
    otherwise: Callable[..., Any] | None = None
    example: tuple[str, str] = ("", "")  # an expression and what it prints, as a doctest

    def __init__(
        self,
        name: str,
        forward: Callable[..., Any] | None,
        partials: Callable[..., Sequence[Any]],
        summary: str = "",
        **fields: Any,
    ) -> None:
        unknown = [key for key in fields if key not in Primitive.__annotations__]
        if unknown:
            known = ", ".join(Primitive.__annotations__)
            raise TypeError(f"a row has no field {unknown[0]!r}; there are {known}")
        vars(self).update(fields)
        if self.otherwise is not None:
            self.otherwise.__qualname__ = name  # which Python's errors about operands tell
        self.name = self.__name__ = self.__qualname__ = name
        self.partials, self.summary = partials, summary
        code = getattr(partials, "__code__", None)
        names = code.co_varnames[: code.co_argcount] if code else "xyz"[: self.arity or 0]
        self.operand_names = tuple(name for name in names if name != "out")
        self.domain = self.domain or (REALS,) * (self.arity or 1)
        places = ", ".join(f"{{{i}}}" for i in range(self.arity or 0))
        self.text = self.text or f"{name}({places})"
        self.python = self.python or self.text
        escaped = name.replace("_", r"\_")
        self.latex = self.latex or rf"\operatorname{{{{{escaped}}}}}({places})"
        inline = f"lambda {', '.join(self.operand_names)}: {self.python}"
        self.forward: Callable[..., Any] = forward or eval(inline.format(*self.operand_names))
        self._rules: tuple[Any, ...] = ()
        self._complex_rules: tuple[Any, ...] = ()

    @property
    def sign(self) -> str:
        """The operator's sign or the function's name, as the row writes it.

        Examples
        --------
        >>> from autograd import rules
        >>> rules.multiply.sign, rules.tanh.sign, rules.sum.sign
        ('*', 'tanh', 'sum')
        """
        import re

        return re.sub(r"\{\d(:\w)?\}", "", self.text).split("(")[0].strip() or self.name

    @property
    def library_name(self) -> str:
        """What `math`, `cmath` and `mpmath` call the function."""
        module, _, rest = self.python.partition(".")
        return rest.partition("(")[0] if module == "math" else self.name

    @property
    def __signature__(self) -> Any:
        """The signature that `help` and editors show."""
        from inspect import Parameter, Signature

        names = self.operand_names or ("xs",)
        free = len(names) - len(self.defaults)
        defaults = (Parameter.empty,) * free + self.defaults
        kind = Parameter.POSITIONAL_ONLY
        pairs = zip(names, defaults, strict=True)
        return Signature([Parameter(name, kind, default=default) for name, default in pairs])

    @property
    def rules(self) -> tuple[Any, ...]:
        """The partials as formulas in the names of the operands and `out` (fixed arity)."""
        if not self._rules:
            self._rules = self._written_out(self.partials)
        return self._rules

    @lazily
    def curved(self) -> bool:
        """Whether a partial is a function of the operands, not just one of them or a number."""
        if self.arity is None and self.integers:
            return True  # a derivative of another n-ary row
        if self.arity is None:
            xs = [Expression(None, (), name) for name in "xyz"]
            rules = tuple(self.partials(*xs, out=Expression(None, (), "out")))
        else:
            rules = self.rules
        return any(isinstance(rule, Expression) and rule.primitive is not None for rule in rules)

    @property
    def complex_rules(self) -> tuple[Any, ...]:
        """The same for complex operands."""
        if self.complex_partials is None:
            return self.rules
        if not self._complex_rules:
            self._complex_rules = self._written_out(self.complex_partials)
        return self._complex_rules

    def _written_out(self, partials: Callable[..., Sequence[Any]]) -> tuple[Any, ...]:
        """What `partials` are for the names of the operands."""
        names = [Expression(None, (), name) for name in self.operand_names]
        return tuple(partials(*names, out=Expression(None, (), "out")))

    @property
    def documentation(self) -> str:
        """The documentation of the function, made from the row."""
        from autograd.functions.textbook import textbook  # which knows the table

        lines = [self.summary, ""]
        if self.arity is None:
            lines += [f"{self.name}(xs): xs is an iterable of numbers and Values."]
        else:
            lines += [self.text.format(*(Written(name, ATOM) for name in self.operand_names))]
            lines += [
                f"    derivative by {name}: {written(textbook(rule))}"
                for name, rule in zip(self.operand_names, self.rules, strict=True)
                if self.formulas
            ]
            if self.formulas and self.complex_partials:
                lines[-1:] += [
                    f"    for complex operands: {written(textbook(self.complex_rules[-1]))}"
                ]
        for name, (low, high) in zip(self.operand_names, self.domain, strict=False):
            if (low, high) != REALS:
                lines += [f"Domain: {low:g} <= {name} <= {high:g}; elsewhere nan."]
        if self.kinks:
            lines += [f"Kinks: {', '.join(f'{kink:g}' for kink in self.kinks)}."]
        lines += [self.edges] if self.edges else []
        expression, printed = self.example
        return "\n".join([*lines, "", f">>> {expression}", printed] if expression else lines)

    def partial(self, index: int, operands: Sequence[Any], out: Any) -> Any:
        """Return the partial derivative by one operand, computing no other."""
        return self.partials_by([index], operands, out)[0]

    def partials_by(
        self, indices: Sequence[int], operands: Sequence[Any], out: Any, over_complex: bool = False
    ) -> list[Any]:
        """Return the partial derivatives by some of the operands, computing no others."""
        if self.arity is None or not self.formulas:
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
        graph = [x for x in xs if isinstance(x, Operand)] if len(xs) > 2 else []
        if out is None or not graph:
            return tuple(self(i, *xs) for i in range(len(xs)))
        return graph[0].outputs(self, xs, out)

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
        each = {type(x): x for x in operands[self.integers :]}.values()  # one of each type
        graph = [x for x in each if isinstance(x, Operand)]
        if not all(isinstance(x, Operand) or is_number(x) for x in each):
            from autograd.functions.arrays import elementwise

            return elementwise(self, operands)
        return graph[0].apply(self, *operands) if graph else evaluate(self, operands)

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
        function.__name__ = function.__qualname__ = self.name
        own = {"__slots__": (), "__doc__": vars(Primitive)["__doc__"], "__module__": __name__}
        own["__call__"] = staticmethod(function)
        self.__class__ = type("Primitive", (Primitive,), own)

    def __repr__(self) -> str:
        return f"<elementary function {self.name}>"

    def __reduce__(self) -> str | tuple[Any, ...]:
        """Rows are pickled and copied by name: there is one of each."""
        return (_row, (self.name,)) if self.formulas else self.__qualname__


class Expression(Operand):
    """A formula: a named operand, or a row applied to formulas and numbers."""

    __slots__ = ("name", "operands", "primitive")

    def __init__(
        self, primitive: Primitive | None, operands: tuple[Any, ...], name: str = ""
    ) -> None:
        self.primitive, self.operands, self.name = primitive, operands, name

    @staticmethod
    def apply(primitive: Primitive, /, *operands: Any) -> Expression:
        """Write the application down."""
        return Expression(primitive, operands)

    def evaluate(self, names: dict[str, Any]) -> Any:
        """Return the formula's meaning for operands of any kind, given by name."""
        if self.primitive is None:
            return names[self.name]
        return self.primitive(
            *(x.evaluate(names) if isinstance(x, Expression) else x for x in self.operands)
        )

    def __str__(self) -> str:
        return written(self)

    def __bool__(self) -> bool:
        raise TypeError(f"the formula {self} has no truth value: a rule uses where, never if")


def written(term: Any, style: str = "text") -> str:
    """Return a formula, or a number in one, as `text`, `python` or `latex`."""
    return _term(term, style).text


class Written:
    """A written operand, which knows when it needs parentheses (see `Primitive.text`)."""

    __slots__ = ("limit", "precedence", "text")

    def __init__(self, text: str, precedence: int) -> None:
        self.text, self.precedence, self.limit = text, precedence, 0

    def __format__(self, side: str) -> str:
        loose = {"l": self.precedence < self.limit, "r": self.precedence <= self.limit}
        return f"({self.text})" if loose.get(side, not self.precedence) else self.text


def _term(term: Any, style: str, integer: bool = False) -> Written:
    """A formula or a number in one of the written styles."""
    if not isinstance(term, Expression):
        if isinstance(term, complex):  # -1j, a coefficient for complex operands
            return Written(f"{'-' * (term.imag < 0)}{abs(term.imag):g}j", 6)
        number = term if integer or style != "python" else float(term)
        precedence = ATOM if getattr(number, "denominator", 1) == 1 else 5  # 1/3 is a quotient
        text = getattr(term, style, None) or str(number)
        return Written(text, precedence if term >= 0 else 6)
    row = term.primitive
    if row is None:
        return Written(term.name, ATOM)
    template = getattr(row, style)
    if row.arity is None:
        places = ", ".join(f"{{{i}}}" for i in range(len(term.operands)))
        template = template.replace("()", f"({places})")
    operands = [_term(x, style, i < row.integers) for i, x in enumerate(term.operands)]
    for operand in operands:
        operand.limit = row.precedence
    return Written(template.format(*operands), row.precedence)


def install_operators(table: Sequence[Primitive]) -> None:
    """Give `Operand` the operators that the rows of `table` name, with their reflected forms."""
    for row in table:
        if row.operator:
            setattr(Operand, f"__{row.operator}__", _operator(row, reflected=False))
            if row.arity == 2 and row.operator not in ("gt", "lt"):  # Python turns those around
                setattr(Operand, f"__r{row.operator}__", _operator(row, reflected=True))


def _operator(row: Primitive, reflected: bool) -> Callable[..., Any]:
    """A special method that applies `row`."""
    if row.arity == 1:
        return lambda self: self.apply(row, self)
    if reflected:
        return lambda self, other: self.apply(row, other, self)
    return lambda self, other: self.apply(row, self, other)


def _items(row: Primitive, xs: Any) -> tuple[Any, ...]:
    """The operands of an n-ary row, from its one iterable."""
    if hasattr(xs, "dtype"):
        from autograd.functions.arrays import check_array

        check_array(xs, row.name)
    try:
        return tuple(xs.ravel().tolist() if hasattr(xs, "ravel") else xs)
    except TypeError:
        raise TypeError(
            f"{row.name} takes one iterable of numbers and Values, as {row.name}([x, y]); "
            f"got {xs!r} ({type(xs).__name__})"
        ) from None


def _row(name: str) -> Any:
    """The row of a name, for pickle and copy."""
    from autograd.functions import rules  # which imports this module

    return rules.TABLE[name]
