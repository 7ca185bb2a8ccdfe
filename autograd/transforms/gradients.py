"""Functions from functions: gradients, Jacobians, Hessians, and products with them.

All of them take functions of numbers and of nested lists, tuples, dicts and NumPy arrays of
numbers; an array without an axis, with which a function answers, is the number in it. They nest to
any order: a result that depends on Values other than the transform's own variables is a Value,
which can be differentiated again: on an argument that was a Value, on the variables of a transform
around it, on parameters that the function captured. Under `no_grad` parameters are captured as
plain numbers. They touch no `grad`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from autograd.ending import lazily
from autograd.functions import rules
from autograd.graph.adjoints import adjoints, differentiable_partials
from autograd.graph.crossing import CROSSED, is_real, pushed
from autograd.graph.joint import Vector
from autograd.graph.modes import MODES, OPEN, changed, look_around
from autograd.graph.node import new, number_of
from autograd.graph.order import topological_order
from autograd.graph.sweep import sweep
from autograd.graph.turns import SWEEPING
from autograd.graph.value import Value
from autograd.graph.variables import differentiating
from autograd.graph.watching.hooks import HOOKED
from autograd.numbers.kinds import as_number, fitted, untrapped
from autograd.transforms.trees import Rebuild, flatten

Function = Callable[..., Any]


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
    of z = x + iy it is df/dx - i df/dy, JAX's convention (see `autograd.graph.crossing`).

    Examples
    --------
    >>> from autograd import grad
    >>> grad(lambda x: x**3)(2.0)
    12.0
    >>> grad(grad(lambda x: x**3))(2.0)
    12.0
    >>> grad(lambda p: p["w"] * p["x"][0])({"w": 2.0, "x": [3.0, 4.0]})
    {'w': 3.0, 'x': [2.0, 0.0]}

    A derivative inside a loss moves with the parameters that the function captured. A network that
    is to obey an equation, here u' = 2x, learns from it (a physics-informed loss):

    >>> from nn import MLP
    >>> u = MLP(1, [4, 1], activation="tanh")
    >>> loss = sum((grad(lambda x: u([x]))(x) - 2 * x) ** 2 for x in (-1.0, 0.0, 1.0))
    >>> loss.backward()
    >>> all(p.grad != 0 for p in u.parameters()[:8])
    True
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
        outputs = traced.outputs
        if not outputs or outputs[0] is not traced.rebuild(outputs):
            raise TypeError(
                f"grad takes a function that gives one number; {_name(f)} gives "
                f"{traced.output!r}: take jacobian or vjp, or sum it up"
            )
        return traced.value(outputs[0]), traced.gradient(outputs, [1])

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
        return traced.rebuild([traced.gradient([output], [1]) for output in traced.outputs])

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

    def pullback(cotangent: Any) -> tuple[Any, ...]:
        seeds = _matching(cotangent, traced.outputs, "the cotangent", f"the result of {_name(f)}")
        gradients: tuple[Any, ...] = traced.gradient(traced.outputs, seeds)
        return gradients

    return traced.rebuild([traced.value(x) for x in traced.outputs]), pullback


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
    return _pushed(f, args, tangents, scalars=True)


def _pushed(
    f: Function, args: Sequence[Any], tangents: Sequence[Any], scalars: bool
) -> tuple[Any, Any]:
    """What `jvp` gives; an array without an axis in it is a number, or keeps its kind."""
    _check_function(f)
    traced = _Traced(f, tuple(args), {}, tuple(range(len(args))), scalars)
    directions = [
        _given(tangent, leaf, "a tangent")
        for tangent, leaf in zip(
            _matching(list(tangents), traced.leaves, "the tangents", "the arguments"),
            traced.leaves,
            strict=True,
        )
    ]
    values = [traced.value(x) for x in traced.outputs]
    return traced.rebuild(values), traced.rebuild(traced.pushed(directions))


def hvp(f: Function, x: Any, v: Any) -> Any:
    """Return the Hessian of f at x times v, without the Hessian: forward over reverse.

    Examples
    --------
    >>> from autograd import hvp
    >>> hvp(lambda x: x[0] ** 2 * x[1], [2.0, 3.0], [1.0, 0.0])
    [6.0, 4.0]
    """
    return _pushed(grad(f), (x,), (v,), scalars=False)[1]


class _Traced:
    """One run of a function, on fresh leaves in place of the numbers in some of its arguments."""

    def __init__(
        self,
        f: Function,
        args: Sequence[Any],
        kwargs: dict[str, Any],
        argnums: int | tuple[int, ...],
        scalars: bool = True,
    ) -> None:
        if OPEN:
            look_around()
        self.bare = isinstance(argnums, int)
        self.asked = _picked(f, args, argnums)
        self.picked = picked = tuple(dict.fromkeys(self.asked))
        trees = [flatten(args[i], f"argument {i} of {_name(f)}") for i in picked]
        self.rebuilds: list[Rebuild] = [rebuild for _, rebuild in trees]
        numbers = [leaves for leaves, _ in trees]
        self.sizes = [len(leaves) for leaves in numbers]
        self.create_graph = any(isinstance(x, Value) for leaves in numbers for x in leaves)
        new = list(args)
        with changed(remembers=True):
            fresh = [[_fresh(x) for x in leaves] for leaves in numbers]
            self.leaves = [leaf for leaves in fresh for leaf in leaves]
            for i, leaves, rebuild in zip(picked, fresh, self.rebuilds, strict=True):
                new[i] = rebuild(leaves)
            with differentiating(self.leaves) as self.born:
                self.output = f(*new, **kwargs)
        what = f"the result of {_name(f)}"
        self.outputs, self.rebuild = flatten(self.output, what, scalars)
        self.order = self._order_of(self.outputs)

    def _order_of(self, outputs: Sequence[Any]) -> list[Value]:
        """The nodes between the leaves and some outputs, parents first."""
        above = new(Value)  # all of them at once, so that what they share is visited once
        above.parents = tuple(x for x in outputs if isinstance(x, Value))
        return topological_order(above, set(self.leaves))[:-1]

    @lazily
    def _foreign(self) -> set[Value]:
        """The leaves that the outputs were computed from, or are, beside the variables."""
        leaves = {x for x in self.outputs if isinstance(x, Value) and not x.parents}
        leaves.update([x for node in self.order for x in node.parents if not x.parents])
        return leaves.difference(self.leaves)

    @lazily
    def _moving(self) -> set[Value]:
        """What a result has to be differentiable by, and all of the run that depends on it.

        These are variables that were made of Values, and leaves that are neither variables nor
        made in the run: f has captured them.
        """
        moving = self._foreign.difference(self.born)
        moving.update(leaf for leaf in self.leaves if leaf.parents)
        for node in self.order if moving else ():
            if not moving.isdisjoint(node.parents):
                moving.add(node)
        return moving

    def _live(self) -> set[Value]:
        """The same, as far as the block around asks for it: not under `no_grad`."""
        return self._moving if self.create_graph or MODES.get().remembers else set()

    def gradient(self, outputs: Sequence[Any], seeds: Sequence[Any]) -> Any:
        """The gradient of the sum of seed * output, as the arguments are structured."""
        with untrapped(_kind(self.leaves)):
            found = self._adjoints(outputs, seeds)
        live = any(map(_is_value, seeds))
        gradients = [self._result(found.get(x, type(x.data)(0)), live) for x in self.leaves]
        parts, start = {}, 0
        for i, size, rebuild in zip(self.picked, self.sizes, self.rebuilds, strict=True):
            parts[i] = rebuild(gradients[start : start + size])
            start += size
        return parts[self.asked[0]] if self.bare else tuple(parts[i] for i in self.asked)

    def _adjoints(self, outputs: Sequence[Any], given: Sequence[Any]) -> dict[Value, Any]:
        """The adjoints of the leaves: nothing flows to Values that do not depend on them."""
        leaves, moving = set(self.leaves), self._live()
        order = self.order if outputs is self.outputs else self._order_of(outputs)
        seeds: dict[Value, Any] = {}
        for output, seed in zip(outputs, given, strict=True):
            if isinstance(output, Value):
                seed = _given(seed, output, "a cotangent")
                seeds[output] = seeds[output] + seed if output in seeds else seed
        special = moving or HOOKED or CROSSED or MODES.get().watched or any(map(_is_value, given))
        if len(seeds) == 1 and order and not (special or self._foreign):
            ((root, seed),) = seeds.items()
            with SWEEPING: return _swept(root, seed, order, leaves)  # fmt: skip  # noqa: E701
        relevant = set(leaves)
        for node in order:
            if not relevant.isdisjoint(node.parents):
                relevant.add(node)
        found: dict[Value, Any] = {}
        with changed(remembers=True):
            for real in {is_real(x) for x in seeds}:  # a sweep for the real outputs is its own
                flow = adjoints(
                    {x: seed for x, seed in seeds.items() if is_real(x) is real},
                    order,
                    create_graph=bool(moving),
                    moving=moving,
                    relevant=relevant,
                    real_root=real,
                )
                for x, adjoint in flow:
                    if x in leaves:
                        found[x] = found[x] + adjoint if x in found else adjoint
        return found

    def pushed(self, directions: Sequence[Any]) -> list[Any]:
        """The tangents of the outputs: forward over the partials."""
        # What stands still moves nothing, also where a partial derivative is inf or nan.
        pairs = zip(self.leaves, directions, strict=True)
        tangents: dict[Value, Any] = {x: t for x, t in pairs if _is_value(t) or t != 0}
        moving = self._live()
        with changed(remembers=True), untrapped(_kind(self.leaves)):
            for node in self.order:
                active = [parent in tangents for parent in node.parents]
                if not any(active):
                    continue
                partials: Sequence[Any] = node.partials
                if node in moving:
                    partials = differentiable_partials(node, moving, tangents)
                terms = [
                    partial * tangents[parent]
                    for parent, partial, flows in zip(node.parents, partials, active, strict=True)
                    if flows
                ]
                total = Vector.sum if isinstance(terms[0], Vector) else rules.sum
                tangent = total(terms) if len(terms) > 1 else terms[0]
                tangents[node] = pushed(node, tangent) if CROSSED else tangent
        kinds = [type(as_number(number_of(x))) for x in self.outputs]
        live = any(map(_is_value, directions))
        return [
            self._result(tangents.get(x, kind(0)) if _is_value(x) else kind(0), live)
            for x, kind in zip(self.outputs, kinds, strict=True)
        ]

    def value(self, output: Any) -> Any:
        """An output: a plain number, or a Value where it is to be differentiated again."""
        if self.create_graph:
            return output if isinstance(output, Value) else Value(output)
        live = _is_value(output) and output in self._live()
        return _own(output) if live else as_number(number_of(output))

    def _result(self, derivative: Any, live: bool) -> Any:
        """A derivative: always a Value where an argument, a seed or a direction was one."""
        if self.create_graph or live:
            return derivative if isinstance(derivative, Value) else Value(derivative)
        return _own(derivative) if _is_value(derivative) else as_number(derivative)


def _swept(root: Value, seed: Any, order: list[Value], leaves: set[Value]) -> dict[Value, Any]:
    """What one plain sweep brings to the leaves that it reaches."""
    for leaf in leaves:
        leaf.grad = 0
    sweep(root, seed, order)
    return {leaf: leaf.grad for leaf in leaves if type(leaf.grad) is not int}


def _own(x: Value) -> Value:
    """A result that is no leaf of somebody else's, whose data may change."""
    return x if x.parents else +x


def _is_value(x: Any) -> bool:
    """Whether something is a Value."""
    return isinstance(x, Value)


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
