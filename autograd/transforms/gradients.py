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

from autograd.callables import check_function
from autograd.transforms.runs import Function, Traced, matched, name_of
from autograd.transforms.trees import flatten


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
    return _named(f"grad of {name_of(f)}", lambda *args, **kwargs: run(*args, **kwargs)[1])


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
        traced = Traced(f, args, kwargs, argnums)
        outputs = traced.outputs
        if not outputs or outputs[0] is not traced.rebuild(outputs):
            raise TypeError(
                f"grad takes a function that gives one number; {name_of(f)} gives "
                f"{traced.output!r}: take jacobian or vjp, or sum it up"
            )
        gradient = traced.gradient(outputs, [1])
        return traced.value(outputs[0]), gradient

    return _named(f"value and grad of {name_of(f)}", run)


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
        traced = Traced(f, args, kwargs, argnums)
        return traced.rebuild([traced.gradient([output], [1]) for output in traced.outputs])

    return _named(f"jacobian of {name_of(f)}", run)


def hessian(f: Function, argnums: int | tuple[int, ...] = 0) -> Function:
    """Return the function that gives the matrix of second derivatives: jacobian(grad(f)).

    Examples
    --------
    >>> from autograd import hessian
    >>> hessian(lambda x: x[0] ** 2 * x[1])([2.0, 3.0])
    [[6.0, 4.0], [4.0, 0.0]]
    """
    run = jacobian(grad(f, argnums), argnums)
    return _named(f"hessian of {name_of(f)}", run)


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
    traced = Traced(f, args, {}, tuple(range(len(args))))

    def pullback(cotangent: Any) -> tuple[Any, ...]:
        seeds = _matching(cotangent, traced.outputs, "the cotangent", f"the result of {name_of(f)}")
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
    for what, given in (("args", args), ("tangents", tangents)):
        if not isinstance(given, Iterable):
            raise TypeError(
                f"{what} is a tuple of what the arguments have, as in jvp(f, (x,), (t,)); "
                f"got {given!r} ({type(given).__name__})"
            )
    return _pushed(f, args, tangents, scalars=True)


def _pushed(
    f: Function, args: Sequence[Any], tangents: Sequence[Any], scalars: bool
) -> tuple[Any, Any]:
    """What `jvp` gives; an array without an axis in it is a number, or keeps its kind."""
    _check_function(f)
    traced = Traced(f, tuple(args), {}, tuple(range(len(args))), scalars)
    directions = [
        matched(tangent, leaf, "a tangent")
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


def _matching(tree: Any, leaves: Sequence[Any], what: str, of: str) -> list[Any]:
    """The numbers of a tree that has to be structured like another."""
    numbers, _ = flatten(tree, what)
    if len(numbers) != len(leaves):
        raise ValueError(
            f"{what} has {len(numbers)} numbers, but {of} {len(leaves)}; give it the same structure"
        )
    return numbers


def _check_function(f: Any) -> None:
    """Refuse what is no function."""
    check_function(f, "the gradient of a Value comes from its backward()")


def _named(name: str, run: Function) -> Function:
    """Give a new function its name."""
    run.__name__ = run.__qualname__ = name
    return run
