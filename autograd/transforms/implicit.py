"""fixed_point and root: Values that are defined by an equation, and their derivatives.

By the implicit function theorem the solution x of F(x, p) = 0 moves with the parameters p by
dx/dp = -(dF/dx)^-1 dF/dp. The steps that led to the solution are not remembered: the graph has F at
the solution, and its factors, through which a sweep solves the adjoint equation. For networks this
is recurrent backpropagation (Almeida 1987; Pineda 1987).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from autograd.callables import check_function
from autograd.functions.calls import Primitive
from autograd.functions.row import numbered
from autograd.graph.adjoints import derivatives
from autograd.graph.build import in_open_modes
from autograd.graph.changes import check_same_operands
from autograd.graph.joint import Vector
from autograd.graph.modes import MODES, changed, tracing
from autograd.graph.node import number_of
from autograd.graph.value import Value
from autograd.graph.variables import differentiating
from autograd.numbers.kinds import as_number
from autograd.transforms.elimination import ConvergenceError, Factors, Matrix, factored
from autograd.transforms.runs import Function
from autograd.transforms.solving import Newton, Place, relaxed, resolution
from autograd.transforms.trees import flatten

__all__ = ["ConvergenceError", "fixed_point", "root"]

Flow = dict[Value, Any]  # the derivatives of one output

ROUNDING = 4  # units in the last place, by which an elementary function may be off


def fixed_point(
    f: Function, x0: Any, *params: Any, tolerance: float | None = None, max_steps: int = 10_000
) -> Any:
    """Return the x at which f(x, *params) = x, found by relaxing x = f(x, *params) from `x0`.

    The result is differentiable by the parameters, passed to `f` or captured by it, to any order.

    Parameters
    ----------
    f : callable
        Gives a tree of the structure of `x0`. Near the solution it has to be a contraction: the
        spectral radius of its Jacobian below 1.
    x0 : number, or nested containers of numbers
        Where the relaxation starts; no gradient flows to it.
    *params : trees of numbers and Values
    tolerance : float, optional
        The relaxation ends when no component moves by more than this, relative to its size where
        that is above 1; 32 units in the last place of the number's type unless given. Then Newton's
        method takes the last step, which mends what slow relaxation has left.
    max_steps : int
        How long the relaxation may take.

    Returns
    -------
    tree of Value
        With the structure of `x0`; Values of no parents where nothing but numbers went in.

    Raises
    ------
    ConvergenceError
        If the relaxation does not settle: the message estimates the spectral radius from the last
        moves. Below 1 it tells the `max_steps` that it will take; else `root` may still find the
        solution.

    Examples
    --------
    >>> from autograd import Value, cos, fixed_point
    >>> a = Value(1.0)
    >>> x = fixed_point(lambda x, a: cos(a * x), 0.5, a)
    >>> x.backward()
    >>> print(f"{x.data:.12f} {a.grad:.12f}")
    0.739085133215 -0.297474341510
    """
    problem = _Problem(f, x0, params, tolerance, max_steps, minus_x=True)
    x, complaint, near = problem.relaxed()
    if not near:
        raise ConvergenceError(complaint)
    try:
        return problem.solution(x, "Newton's method after fixed_point", 100)
    except ConvergenceError as error:
        raise ConvergenceError(complaint or str(error)) from error


def root(
    f: Function, x0: Any, *params: Any, tolerance: float | None = None, max_steps: int = 100
) -> Any:
    """Return the x at which f(x, *params) = 0, found by Newton's method from `x0`.

    The result is differentiable by the parameters, passed to `f` or captured by it, to any order.
    A step is halved until it makes the largest number of f smaller. The solution is one that the
    arithmetic resolves: the last step is within the tolerance, or within what the roundings of `f`
    cause, and Newton's method comes back to it from around, which it does not to a multiple root.

    Parameters
    ----------
    f : callable
        Gives as many numbers as `x0` has.
    x0 : number, or nested containers of numbers
        Where the search starts; no gradient flows to it. The type of the numbers decides on the
        digits: mpmath's mpf at 50 digits gives 50.
    *params : trees of numbers and Values
    tolerance : float, optional
        How large the last step may be, relative to the size of each component: 32 units in the last
        place unless given. Fractions have no last place: without a tolerance they end where `f` is
        0 exactly, as it soon is if it is linear.
    max_steps : int
        How many steps may be taken.

    Returns
    -------
    tree of Value
        With the structure of `x0`; Values of no parents where nothing but numbers went in.

    Raises
    ------
    ConvergenceError
        If there is no such solution near, or the Jacobian is singular: the message has the steps,
        where they ended, what was left and what may help.

    Examples
    --------
    >>> from autograd import Value, root
    >>> a = Value(2.0)
    >>> x = root(lambda x, a: x * x - a, 1.0, a)
    >>> x.backward()
    >>> print(f"{x.data:.12f} {a.grad:.12f}")
    1.414213562373 0.353553390593
    """
    problem = _Problem(f, x0, params, tolerance, max_steps, minus_x=False)
    return problem.solution(problem.start, "root", max_steps)


class _Problem:
    """The equation F(x, *params) = 0 on flat lists, where F is f, or f minus x."""

    def __init__(
        self,
        f: Function,
        x0: Any,
        params: Sequence[Any],
        tolerance: float | None,
        max_steps: int,
        minus_x: bool,
    ) -> None:
        if (trace := tracing()) is not None:
            trace.refuse(
                "fixed_point and root",
                "as many steps as the numbers ask for are no program; compile what they solve, or "
                "write a loop",
            )
        check_function(f, "it is given x and the parameters")
        if tolerance is not None and not tolerance >= 0:
            raise ValueError(f"a tolerance is a number of at least 0, or None; got {tolerance!r}")
        if not max_steps >= 1:
            raise ValueError(f"max_steps is a number of at least 1; got {max_steps!r}")
        leaves, self.rebuild = flatten(x0, "x0")
        self.start = [as_number(number_of(x)) for x in leaves]
        self.f, self.params, self.minus_x = f, params, minus_x
        self.tolerance, self.max_steps = tolerance, max_steps

    def image(self, x: list[Any]) -> list[Any]:
        """What f gives at a flat x."""
        outputs, _ = flatten(self.f(self.rebuild(x), *self.params), "the result of f")
        if len(outputs) != len(x):
            raise ValueError(f"f gives {len(outputs)} numbers for an x of {len(x)}")
        return outputs

    def traced(self, x: list[Value]) -> tuple[list[Any], dict[Value, None]]:
        """F at a flat x, and the Values that it was computed from beside x."""
        made: dict[Value, None] = {}
        with changed(made=made, remembers=True), differentiating(x):
            outputs = self.image([*x])
            if self.minus_x:
                outputs = [y - a for y, a in zip(outputs, x, strict=True)]
        own = {*x, *made}
        return outputs, {p: None for node in made for p in node.parents if p not in own}

    def relaxed(self) -> tuple[list[Any], str, bool]:
        """Where x = f(x) settles (see `solving.relaxed`)."""

        def step(x: list[Any]) -> list[Any]:
            # As Values, whose arithmetic answers inf and nan where that of floats raises.
            return [as_number(number_of(y)) for y in self.image([Value(a) for a in x])]

        with changed(remembers=False, made=None, recorder=None, watched=False):
            return relaxed(step, self.start, self.tolerance, self.max_steps)

    def at(self, x: list[Any]) -> Place:
        """The equation at a flat x."""
        leaves = [Value(a) for a in x]
        outputs, captured = self.traced(leaves)
        residuals = [as_number(number_of(r)) for r in outputs]

        def linearised() -> tuple[Matrix, list[Any]]:
            flows = self.flows(outputs, {*leaves, *captured})
            # To first order each node passes its own rounding on, times its adjoint.
            roundings = [
                ROUNDING
                * resolution(r)
                * sum(abs(a * v.data) for v, a in flow.items() if not isinstance(a, Vector))
                for r, flow in zip(residuals, flows, strict=True)
            ]
            return [[flow.get(a, 0) for a in leaves] for flow in flows], roundings

        return Place(x, residuals, linearised)

    def flows(self, outputs: list[Any], stop: set[Value], create_graph: bool = False) -> list[Flow]:
        """The derivatives of each output by all that it was computed from, down to `stop`."""
        return [
            derivatives(output, stop, create_graph) if isinstance(output, Value) else {}
            for output in outputs
        ]

    def solution(self, start: list[Any], name: str, max_steps: int) -> Any:
        """The nodes of the solution that Newton's method finds, as x0 is structured."""
        with changed(made=None, recorder=None, watched=False):
            x = Newton(name, self.at, self.tolerance).solution(start, max_steps)
        if not MODES.get().remembers:
            return self.rebuild([Value(a) for a in x])
        return self.rebuild(_Solution(self, x).nodes())


class _Solution:
    """The equation F(x, p) = 0 at its solution, where dF/dx dx + dF/dp dp = 0.

    Elimination makes L U of dF/dx. So there is a node for each component of y = L^-1 F, whose
    parents are what F was computed from and the y before it; and one for each component of
    x = x0 - U^-1 y, whose parents are its y and the x after it. A sweep solves the adjoint equation
    by going backwards through them.
    """

    def __init__(self, problem: _Problem, x: list[Any]) -> None:
        self.problem, self.x = problem, x
        self.residuals, self.flows, self.factors = self.linearised([Value(a) for a in x])
        self.data = [[p.data for p in flow] for flow in self.flows]
        self.again: tuple[list[Flow], Factors] | None = None

    def linearised(
        self, x: list[Value], create_graph: bool = False
    ) -> tuple[list[Any], list[Flow], Factors]:
        """F at x, its derivatives by what it was computed from beside x, and by x."""
        outputs, captured = self.problem.traced(x)
        flows = self.problem.flows(outputs, {*x, *captured}, create_graph)
        by_captured = [{p: a for p, a in flow.items() if p in captured} for flow in flows]
        order = self.factors.order if create_graph else ()
        by_x = factored([[flow.get(a, 0) for a in x] for flow in flows], order)
        return [number_of(r) for r in outputs], by_captured, by_x

    def derivatives(self, differentiable: bool) -> tuple[list[Flow], Factors]:
        """The derivatives of F; as functions of what F captured, with which x moves, if asked."""
        if not differentiable:
            return self.flows, self.factors
        if self.again is None:
            for flow, data in zip(self.flows, self.data, strict=True):
                check_same_operands("a solution", [*flow], [*flow], data)
            with changed(remembers=True):
                _, flows, factors = self.linearised(self.nodes(), create_graph=True)
            self.again = flows, factors
        return self.again

    def nodes(self) -> list[Value]:
        """The components of the solution."""
        n, (order, lower, upper) = len(self.x), self.factors
        ys: list[Value] = []
        for k, i in enumerate(order):
            before = [j for j in range(k) if _moves(lower[k][j], ys[j])]
            parents = (*self.flows[i], *(ys[j] for j in before))
            partials = partial(self.partials_of_y, k, before)
            ys.append(_node("equation", self.residuals[i], parents, partials))
        xs: dict[int, Value] = {}
        for i in reversed(range(n)):
            own = [i] if ys[i].parents else []
            after = [k for k in range(i + 1, n) if _moves(upper[i][k - i], xs[k])]
            parents = (*(ys[k] for k in own), *(xs[k] for k in after))
            partials = partial(self.partials_of_x, i, own, after)
            xs[i] = _node("solution", self.x[i], parents, partials)
        return [xs[i] for i in range(n)]

    def partials_of_y(self, k: int, before: list[int], *operands: Any, out: Any) -> list[Any]:
        """The partials of a component of y by what F was computed from, and by those before it."""
        i = self.factors.order[k]
        flow = self.flows[i]
        if isinstance(out, Value):
            check_same_operands("a solution", operands[: len(flow)], [*flow], self.data[i])
        flows, factors = self.derivatives(isinstance(out, Value))
        # What F made for itself, a constant, is another one at each run.
        own = [flows[i].get(p, was) for p, was in flow.items()]
        return [*own, *(-factors.lower[k][j] for j in before)]

    def partials_of_x(
        self, i: int, own: list[int], after: list[int], *_: Any, out: Any
    ) -> list[Any]:
        """The partials of a component of x by that of y, and by those after it."""
        row = self.derivatives(isinstance(out, Value))[1].upper[i]
        return [*(-1 / row[0] for _ in own), *(-row[k - i] / row[0] for k in after)]


def _moves(factor: Any, value: Value) -> bool:
    """Whether something flows to a Value by a factor."""
    return type(factor) is not int and bool(value.parents)


def _node(
    name: str, number: Any, parents: tuple[Value, ...], partials: Callable[..., list[Any]]
) -> Value:
    """A node whose partials are known; a leaf where there are no parents."""
    node = Value(number)
    if not parents:
        return node
    summary = f"A component of the {name}."
    node.op = Primitive(
        lambda *_: number, partials, summary, name=name, operands=numbered(parents), opaque=True
    )
    node.parents = node.operands = parents
    node.partials = tuple(partials(*parents, out=number))
    built: Value = in_open_modes(node)
    return built
