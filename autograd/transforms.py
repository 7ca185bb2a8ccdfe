"""Functions from functions: gradients, Jacobians, Hessians, and products with them.

All of them take functions of numbers and of nested lists, tuples, dicts and NumPy arrays of
numbers. They nest to any order: inside another transform, and where an argument is a Value, the
results are Values that can be differentiated again. They touch no `grad`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextvars import ContextVar
from typing import Any

from autograd import rules
from autograd.crossing import CROSSED, is_real, pushed
from autograd.hooks import HOOKED
from autograd.kinds import as_number, fitted, untrapped
from autograd.modes import MODES, changed
from autograd.sweep import adjoints, differentiable_partials, sweep, topological_order
from autograd.trees import Rebuild, flatten
from autograd.value import Value, number_of

Function = Callable[..., Any]

# How many transforms are running around this one: inside of another, results are Values.
_inside: ContextVar[bool] = ContextVar("inside", default=False)


def grad(f: Function, argnums: int | tuple[int, ...] = 0) -> Function:
    """Return the function that gives the gradient of a scalar function.

    Parameters
    ----------
    f : callable
        Gives one number. A plain number has gradient 0.
    argnums : int or tuple of int
        By which positional arguments. An int gives the bare gradient, a tuple a tuple.

    Returns
    -------
    callable
        Takes the arguments of `f`; the gradient has the structure of the argument.

    Raises
    ------
    TypeError
        At the call: if an argument is no tree of numbers, or `f` gives no single number (a bool
        or None is none).

    Notes
    -----
    Of a holomorphic function of complex numbers it is the complex derivative; of a real function
    of z = x + iy it is df/dx - i df/dy, JAX's convention (see `autograd.crossing`).

    Examples
    --------
    >>> from autograd import grad
    >>> grad(lambda x: x**3)(2.0)
    12.0
    >>> grad(grad(lambda x: x**3))(2.0)
    12.0
    >>> grad(lambda p: p["w"] * p["x"][0])({"w": 2.0, "x": [3.0, 4.0]})
    {'w': 3.0, 'x': [2.0, 0.0]}
    """
    run = value_and_grad(f, argnums)
    return _named(f"grad of {_name(f)}", lambda *args, **kwargs: run(*args, **kwargs)[1])


def value_and_grad(f: Function, argnums: int | tuple[int, ...] = 0) -> Function:
    """Return the function that gives the value of a scalar function and its gradient.

    Parameters and errors are those of `grad`.

    Examples
    --------
    >>> from autograd import value_and_grad
    >>> value_and_grad(lambda x, y: x * y, argnums=(0, 1))(2.0, 3.0)
    (6.0, (3.0, 2.0))
    """
    _check_function(f)

    def run(*args: Any, **kwargs: Any) -> Any:
        traced = _Traced(f, args, kwargs, argnums)
        outputs, _ = flatten(traced.output, f"the result of {_name(f)}")
        if not outputs or outputs[0] is not traced.output:
            raise TypeError(
                f"grad takes a function that gives one number; {_name(f)} gives "
                f"{traced.output!r}: take jacobian or vjp, or sum it up"
            )
        return traced.result(outputs[0]), traced.gradient(outputs, [1])

    return _named(f"value and grad of {_name(f)}", run)


def jacobian(f: Function, argnums: int | tuple[int, ...] = 0) -> Function:
    """Return the function that gives all first derivatives of a function of many outputs.

    Parameters
    ----------
    f : callable
        Gives a tree of numbers.
    argnums : int or tuple of int
        As for `grad`.

    Returns
    -------
    callable
        Its result has the output's structure, and in place of each number of the output the
        gradient of that number. So an array of shape m by an array of shape n gives an array of
        shape m + n. One sweep is made for each output.

    Examples
    --------
    >>> from autograd import jacobian
    >>> jacobian(lambda x: [x[0] * x[1], x[1] ** 2])([2.0, 3.0])
    [[3.0, 2.0], [0.0, 6.0]]
    """
    _check_function(f)

    def run(*args: Any, **kwargs: Any) -> Any:
        traced = _Traced(f, args, kwargs, argnums)
        outputs, rebuild = flatten(traced.output, f"the result of {_name(f)}")
        return rebuild([traced.gradient([output], [1]) for output in outputs])

    return _named(f"jacobian of {_name(f)}", run)


def hessian(f: Function, argnums: int | tuple[int, ...] = 0) -> Function:
    """Return the function that gives the matrix of second derivatives: jacobian(grad(f)).

    Examples
    --------
    >>> from autograd import hessian
    >>> hessian(lambda x: x[0] ** 2 * x[1])([2.0, 3.0])
    [[6.0, 4.0], [4.0, 0.0]]
    """
    run = jacobian(grad(f, argnums), argnums)
    return _named(f"hessian of {_name(f)}", run)


def vjp(f: Function, *args: Any) -> tuple[Any, Callable[[Any], tuple[Any, ...]]]:
    """Return the value of f(*args), and the function that pulls cotangents back: v -> v'J.

    Returns
    -------
    value : tree
        The output of `f`, as numbers.
    pullback : callable
        Takes a tree with the output's structure, of numbers that fit the output's as a seed does
        (see `Value.backward`), and gives a tuple with one gradient for each of `args`. It can be
        called again.

    Examples
    --------
    >>> from autograd import vjp
    >>> value, pullback = vjp(lambda x, y: [x * y, x + y], 2.0, 3.0)
    >>> value, pullback([1.0, 10.0])
    ([6.0, 5.0], (13.0, 12.0))
    """
    _check_function(f)
    traced = _Traced(f, args, {}, tuple(range(len(args))))
    outputs, rebuild = flatten(traced.output, f"the result of {_name(f)}")

    def pullback(cotangent: Any) -> tuple[Any, ...]:
        seeds = _matching(cotangent, outputs, "the cotangent", f"the result of {_name(f)}")
        gradients: tuple[Any, ...] = traced.gradient(outputs, seeds)
        return gradients

    return rebuild([traced.result(x) for x in outputs]), pullback


def jvp(f: Function, args: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
    """Return the value of f(*args), and its derivative along given tangents: J t.

    Forward mode over the partial derivatives that the nodes hold.

    Parameters
    ----------
    f : callable
    args, tangents : sequences of equal structure
        The arguments, and for each the direction in which it moves: numbers that fit those of
        the argument as a seed does (see `Value.backward`).

    Returns
    -------
    (value, tangent)
        Both with the structure of the output.

    Examples
    --------
    >>> from autograd import jvp
    >>> jvp(lambda x, y: x * y, (2.0, 3.0), (1.0, 0.0))
    (6.0, 3.0)
    """
    _check_function(f)
    traced = _Traced(f, tuple(args), {}, tuple(range(len(args))))
    directions = [
        _given(tangent, leaf, "a tangent")
        for tangent, leaf in zip(
            _matching(list(tangents), traced.leaves, "the tangents", "the arguments"),
            traced.leaves,
            strict=True,
        )
    ]
    outputs, rebuild = flatten(traced.output, f"the result of {_name(f)}")
    pushed = traced.pushed(outputs, directions)
    return rebuild([traced.result(x) for x in outputs]), rebuild(pushed)


def hvp(f: Function, x: Any, v: Any) -> Any:
    """Return the Hessian of f at x times v, without the Hessian: forward over reverse.

    Examples
    --------
    >>> from autograd import hvp
    >>> hvp(lambda x: x[0] ** 2 * x[1], [2.0, 3.0], [1.0, 0.0])
    [6.0, 4.0]
    """
    return jvp(grad(f), (x,), (v,))[1]


class _Traced:
    """One run of a function, on fresh leaves in place of the numbers in some of its arguments."""

    def __init__(
        self,
        f: Function,
        args: Sequence[Any],
        kwargs: dict[str, Any],
        argnums: int | tuple[int, ...],
    ) -> None:
        self.bare = isinstance(argnums, int)
        self.asked = _picked(f, args, argnums)
        self.picked = picked = tuple(dict.fromkeys(self.asked))
        trees = [flatten(args[i], f"argument {i} of {_name(f)}") for i in picked]
        self.rebuilds: list[Rebuild] = [rebuild for _, rebuild in trees]
        numbers = [leaves for leaves, _ in trees]
        self.sizes = [len(leaves) for leaves in numbers]
        # Inside another transform f may have captured its variables, so that the result has to
        # be differentiable also where no argument is a Value.
        self.create_graph = _inside.get() or any(
            isinstance(x, Value) for leaves in numbers for x in leaves
        )
        new = list(args)
        with changed(remembers=True):
            fresh = [[_fresh(x) for x in leaves] for leaves in numbers]
            self.leaves = [leaf for leaves in fresh for leaf in leaves]
            for i, leaves, rebuild in zip(picked, fresh, self.rebuilds, strict=True):
                new[i] = rebuild(leaves)
            token = _inside.set(True)
            try:
                self.output = f(*new, **kwargs)
            finally:
                _inside.reset(token)

    def gradient(self, outputs: Sequence[Any], seeds: Sequence[Any]) -> Any:
        """The gradient of the sum of seed * output, as the arguments are structured."""
        again = self._again(seeds)
        with untrapped(_kind(self.leaves)):
            found = self._adjoints(outputs, seeds, again)
        gradients = [self.result(found.get(x, type(x.data)(0)), again) for x in self.leaves]
        parts, start = {}, 0
        for i, size, rebuild in zip(self.picked, self.sizes, self.rebuilds, strict=True):
            parts[i] = rebuild(gradients[start : start + size])
            start += size
        return parts[self.asked[0]] if self.bare else tuple(parts[i] for i in self.asked)

    def _again(self, given: Sequence[Any]) -> bool:
        """Whether a result is to be differentiated again, for given seeds or directions."""
        return self.create_graph or any(isinstance(x, Value) for x in given)

    def _order(self, outputs: Sequence[Any]) -> list[Value]:
        """The nodes between the leaves and all outputs, parents first."""
        leaves = set(self.leaves)
        order: dict[Value, None] = {}
        for output in outputs:
            if isinstance(output, Value) and output not in order:
                order.update(dict.fromkeys(topological_order(output, leaves)))
        return list(order)

    def _adjoints(
        self, outputs: Sequence[Any], given: Sequence[Any], again: bool
    ) -> dict[Value, Any]:
        """The adjoints of the leaves: nothing flows to Values that do not depend on them."""
        leaves, order = set(self.leaves), self._order(outputs)
        seeds: dict[Value, Any] = {}
        for output, seed in zip(outputs, given, strict=True):
            if isinstance(output, Value):
                seed = _given(seed, output, "a cotangent")
                seeds[output] = seeds[output] + seed if output in seeds else seed
        if len(seeds) == 1 and order and not (again or HOOKED or CROSSED or MODES.get().watched):
            reached = set().union(*(node.parents for node in order))
            if reached <= leaves.union(order):  # all of the graph was made in this run
                for leaf in leaves:
                    leaf.grad = 0
                ((root, seed),) = seeds.items()
                sweep(root, seed, order)
                return {leaf: leaf.grad for leaf in reached & leaves}
        relevant = set(leaves)
        for node in order:
            if not relevant.isdisjoint(node.parents):
                relevant.add(node)
        found: dict[Value, Any] = {}
        with changed(remembers=True):
            for real in {is_real(x) for x in seeds}:  # a sweep for the real outputs is its own
                some = {x: seed for x, seed in seeds.items() if is_real(x) is real}
                flow = adjoints(some, order, create_graph=again, relevant=relevant, real_root=real)
                for x, adjoint in flow:
                    if x in leaves:
                        found[x] = found[x] + adjoint if x in found else adjoint
        return found

    def pushed(self, outputs: Sequence[Any], directions: Sequence[Any]) -> list[Any]:
        """The tangents of the outputs: forward over the partials."""
        again = self._again(directions)
        tangents: dict[Value, Any] = dict(zip(self.leaves, directions, strict=True))
        with changed(remembers=True), untrapped(_kind(tangents)):
            for node in self._order(outputs):
                moving = [parent in tangents for parent in node.parents]
                if not any(moving):
                    continue
                partials = differentiable_partials(node) if again else node.partials
                terms = [
                    partial * tangents[parent]
                    for parent, partial, moves in zip(node.parents, partials, moving, strict=True)
                    if moves
                ]
                tangent = rules.sum(terms) if len(terms) > 1 else terms[0]
                tangents[node] = pushed(node, tangent) if CROSSED else tangent
        kinds = [type(as_number(number_of(x))) for x in outputs]
        return [
            self.result(tangents.get(x, kind(0)) if isinstance(x, Value) else kind(0), again)
            for x, kind in zip(outputs, kinds, strict=True)
        ]

    def result(self, x: Any, again: bool | None = None) -> Any:
        """A plain number, or a Value where it is to be differentiated again."""
        if self.create_graph if again is None else again:
            return x if isinstance(x, Value) else Value(x)
        return as_number(number_of(x))


def _given(x: Any, value: Value, what: str) -> Any:
    """A seed or a direction for a Value, as a number of its type or a Value."""
    number = fitted(number_of(x), type(value.data), what)
    return x if isinstance(x, Value) else number


def _kind(values: Iterable[Value]) -> type:
    """The number type of the first of some Values."""
    return next((type(x.data) for x in values), float)


def _fresh(x: Any) -> Value:
    """A leaf for a number; for a Value a node of its own, so that nested transforms differ."""
    return +x if isinstance(x, Value) else Value(x)


def _picked(f: Function, args: Sequence[Any], argnums: int | tuple[int, ...]) -> tuple[int, ...]:
    """The positions of the arguments to differentiate by, checked and counted from 0."""
    positions = (argnums,) if isinstance(argnums, int) else tuple(argnums)
    for i in positions:
        if not isinstance(i, int) or not -len(args) <= i < len(args):
            raise TypeError(
                f"argnums asks for argument {i!r} of {_name(f)}, which was called with "
                f"{len(args)} positional arguments"
            )
    return tuple(i % len(args) for i in positions)


def _matching(tree: Any, leaves: Sequence[Any], what: str, of: str) -> list[Any]:
    """The numbers of a tree that has to be structured like another."""
    numbers, _ = flatten(tree, what)
    if len(numbers) != len(leaves):
        raise ValueError(
            f"{what} has {len(numbers)} numbers, but {of} {len(leaves)}; give it the same structure"
        )
    return numbers


def _check_function(f: Any) -> None:
    """Refuse what is not callable: a Value, most often."""
    if not callable(f):
        raise TypeError(
            f"a function is needed, got {f!r} ({type(f).__name__}); "
            "the gradient of a Value comes from its backward()"
        )


def _name(f: Any) -> str:
    """The name of a function, for messages."""
    return getattr(f, "__name__", repr(f))


def _named(name: str, run: Function) -> Function:
    """Give a new function its name."""
    run.__name__ = run.__qualname__ = name
    return run
