"""fixed_point and root: Values that are defined by an equation, and their derivatives.

By the implicit function theorem the solution x of F(x, p) = 0 moves with the parameters p by
dx/dp = -(dF/dx)^-1 dF/dp. Each component of the solution is one node, whose parents are the Values
that F was computed from and whose partials are that matrix: the steps that led to the solution
are not remembered. For networks this is recurrent backpropagation (Almeida 1987; Pineda 1987).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from autograd.crossing import is_real
from autograd.kinds import as_number
from autograd.modes import changed, no_grad
from autograd.primitives import Primitive
from autograd.sweep import adjoints, topological_order
from autograd.trees import flatten
from autograd.value import Value, number_of

Function = Callable[..., Any]
Matrix = list[list[Any]]


class ConvergenceError(ArithmeticError):
    """No solution was found; the message tells the steps taken and what was left."""


def fixed_point(
    f: Function, x0: Any, *params: Any, tolerance: float = 1e-14, max_steps: int = 10_000
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
    tolerance : float
        The relaxation ends when no component moves by more than this, relative to its size where
        that is above 1.
    max_steps : int
        How long it may take.

    Returns
    -------
    tree of Value
        With the structure of `x0`.

    Raises
    ------
    ConvergenceError
        If the relaxation does not settle: then `root` may still find the solution.

    Examples
    --------
    >>> from autograd import Value, cos, fixed_point
    >>> a = Value(1.0)
    >>> x = fixed_point(lambda x, a: cos(a * x), 0.5, a)
    >>> x.backward()
    >>> print(f"{x.data:.12f} {a.grad:.12f}")
    0.739085133215 -0.297474341510
    """
    problem = _Problem(f, x0, params, minus_x=True)
    x, moved, step = problem.settled(problem.residuals, tolerance, max_steps)
    if moved <= tolerance:
        return problem.solution(x)
    raise ConvergenceError(
        f"fixed_point did not settle: after {step} steps the last still moved by {moved:.2g}. f is "
        "no contraction here (the spectral radius of its Jacobian is 1 or more): start elsewhere, "
        "or use root(lambda x: f(x) - x, x0)"
    )


def root(f: Function, x0: Any, *params: Any, tolerance: float = 1e-14, max_steps: int = 100) -> Any:
    """Return the x at which f(x, *params) = 0, found by Newton's method from `x0`.

    The result is differentiable by the parameters, passed to `f` or captured by it, to any order.
    Parameters and result are those of `fixed_point`; `f` gives as many numbers as `x0` has.

    Raises
    ------
    ConvergenceError
        If Newton's method does not settle, or meets a singular Jacobian.

    Examples
    --------
    >>> from autograd import Value, root
    >>> a = Value(2.0)
    >>> x = root(lambda x, a: x * x - a, 1.0, a)
    >>> x.backward()
    >>> print(f"{x.data:.12f} {a.grad:.12f}")
    1.414213562373 0.353553390593
    """
    problem = _Problem(f, x0, params, minus_x=False)
    x, moved, step = problem.settled(problem.newton_step, tolerance, max_steps)
    if moved <= tolerance:
        return problem.solution(x)
    raise ConvergenceError(
        f"root did not settle: after {step} steps the last still moved by {moved:.2g}; "
        "start nearer to the solution"
    )


class _Problem:
    """The equation F(x, *params) = 0 on flat lists, where F is f, or f minus x."""

    def __init__(self, f: Function, x0: Any, params: Sequence[Any], minus_x: bool) -> None:
        leaves, self.rebuild = flatten(x0, "x0")
        self.start = [as_number(number_of(x)) for x in leaves]
        self.f, self.params, self.minus_x = f, params, minus_x

    def __call__(self, x: list[Any]) -> list[Any]:
        """F at a flat x."""
        outputs, _ = flatten(self.f(self.rebuild(x), *self.params), "the result of f")
        if len(outputs) != len(x):
            raise ValueError(f"f gives {len(outputs)} numbers for an x of {len(x)}")
        return [y - a for y, a in zip(outputs, x, strict=True)] if self.minus_x else outputs

    def residuals(self, x: list[Any]) -> list[Any]:
        """F at a flat x, as numbers."""
        with no_grad():
            return [number_of(r) for r in self(x)]

    def settled(
        self, move: Callable[[list[Any]], list[Any]], tolerance: float, max_steps: int
    ) -> tuple[list[Any], float, int]:
        """Where x = x + move(x) ends, the size of its last move, and the steps that it took."""
        x, moved, step = self.start, float("inf"), 0
        while step < max_steps:
            step += 1
            new = [a + b for a, b in zip(x, move(x), strict=True)]
            moved = _largest_move(x, new)
            x = new
            if moved <= tolerance or not moved < float("inf"):
                break
        return x, moved, step

    def derivatives(
        self, x: list[Value], create_graph: bool = False
    ) -> tuple[Matrix, list[dict[Value, Any]]]:
        """The matrix dF/dx, and for each component of F its derivatives by what it captured."""
        made: dict[Value, None] = {}
        with changed(made=made, remembers=True):
            outputs = self([*x])
        own = set(x)
        captured = {p: None for node in made for p in node.parents if p not in made}
        rows = []
        for output in outputs:
            flow: dict[Value, Any] = {}
            if isinstance(output, Value):
                with changed(remembers=True):
                    order = topological_order(output, own.union(captured))
                    seed = {output: type(output.data)(1)}
                    real = is_real(output)
                    flow = dict(adjoints(seed, order, create_graph=create_graph, real_root=real))
            rows.append(flow)
        by_captured = [{p: row[p] for p in captured if p in row and p not in own} for row in rows]
        return [[row.get(a, 0) for a in x] for row in rows], by_captured

    def newton_step(self, x: list[Any]) -> list[Any]:
        """The step by which Newton's method goes on from a flat x."""
        matrix, _ = self.derivatives([Value(a) for a in x])
        return [-row[0] for row in solve(matrix, [[r] for r in self.residuals(x)])]

    def solution(self, x: list[Any]) -> Any:
        """The nodes of a solution, as x0 is structured."""
        x = [a + b for a, b in zip(x, self.newton_step(x), strict=True)]  # the last bits
        plain = self._movement([Value(a) for a in x])
        parents = tuple(dict.fromkeys(p for row in plain for p in row))
        nodes: list[Any] = []

        def partials(i: int) -> Callable[..., list[Any]]:
            def of_parents(*operands: Any, out: Any) -> list[Any]:
                # Where gradients are to be differentiated again, the equation is linearised at
                # the solution's own nodes, which move with the parameters.
                rows = self._movement(nodes, create_graph=True) if isinstance(out, Value) else plain
                return [rows[i].get(p, 0.0) for p in (parents if rows is plain else operands)]

            return of_parents

        for i, number in enumerate(x):
            row = Primitive(
                "solution",
                lambda *_, number=number: number,
                partials(i),
                "A component of the solution of an equation.",
                arity=len(parents),
                formulas=False,
            )
            nodes.append(row(*parents) if parents else Value(number))
        return self.rebuild(nodes)

    def _movement(self, x: list[Value], create_graph: bool = False) -> list[dict[Value, Any]]:
        """How each component of the solution moves with what F captured: -(dF/dx)^-1 dF/dp."""
        by_x, by_captured = self.derivatives(x, create_graph)
        parents = list(dict.fromkeys(p for row in by_captured for p in row))
        right = [[row.get(p, 0) for p in parents] for row in by_captured]
        moved = solve(by_x, right)
        return [dict(zip(parents, [-a for a in row], strict=True)) for row in moved]


def solve(matrix: Matrix, right: Matrix) -> Matrix:
    """Return the solution of matrix @ x = right by elimination with partial pivoting.

    The elements are numbers or Values; the pivots are chosen by the numbers.

    Raises
    ------
    ConvergenceError
        If the matrix is singular.
    """
    n = len(matrix)
    rows = [[*a, *b] for a, b in zip(matrix, right, strict=True)]
    for k in range(n):
        pivot = max(range(k, n), key=lambda i: abs(number_of(rows[i][k])))
        rows[k], rows[pivot] = rows[pivot], rows[k]
        if not abs(number_of(rows[k][k])) > 0:
            raise ConvergenceError(
                "the Jacobian is singular: the solution does not depend smoothly"
            )
        rows[k] = [a / rows[k][k] for a in rows[k]]
        for i in range(n):
            factor = rows[i][k]
            if i != k and number_of(factor) != 0:
                rows[i] = [a - factor * b for a, b in zip(rows[i], rows[k], strict=True)]
    return [row[n:] for row in rows]


def _largest_move(old: list[Any], new: list[Any]) -> float:
    """The largest step of a component, relative to its size where that is above 1."""
    return max((abs(b - a) / max(1, abs(b)) for a, b in zip(old, new, strict=True)), default=0.0)
