"""compile: from a function to one that computes the same without a graph."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

from autograd.callables import check_function
from autograd.compiler.compiled import Compiled


def compile(
    function: Callable[..., Any] | None = None,
    *,
    check: bool = False,
    uniform: int | Sequence[int] = (),
) -> Any:
    """Return a function that computes the same as a program: traced once, then without a graph.

    At its first call the function runs on traced Values, which write down what is done with them.
    That is differentiated and simplified, and written as a Python function of floats
    (`source`), which answers this call and those to come.

    Parameters
    ----------
    function : callable
        Of numbers and of nested lists, tuples, dicts and NumPy arrays of numbers; it gives numbers,
        in containers too. It may use what a program of Values does: branches, loops, models that it
        captures, inner derivatives. Derivatives are by positional arguments. For each truth value,
        text or other object among the keyword arguments it is traced anew.
    check : bool
        Compare every answer with that of eager computation, and raise a RuntimeError where they
        differ.
    uniform : int or sequence of int
        The places of the arguments that are the same in every lane of `map`.

    Returns
    -------
    Compiled
        ``g(*args)`` gives what the function would, as floats; ``g.value_and_grad(*args)`` the value
        and its gradient, bare for one argument and else a tuple; ``g.hvp(x, v)`` and
        ``g.hessian(*args)`` second derivatives; ``g.backward(*args)`` adds the gradient to the
        `grad` of the Values that the function captured. ``g.map(*arrays)``,
        ``g.map_value_and_grad(*arrays)``, ``g.map_backward(*arrays)`` and ``g.bound()`` are for
        many lanes at once, the first axis of each argument. To read: ``g.program``,
        ``g.source()``, ``g.cost``.

    Raises
    ------
    TraceError
        At a call that is traced, if the function does what a program cannot do at each call. The
        message names the line and the remedy.
    TypeError
        If an argument or the result is no tree of numbers.

    Notes
    -----
    No answer is another one than eager computation gives, for a function that depends on its
    arguments and on the Values that it captures alone:

    - Where it branches, the condition is kept as a guard. A call for which one fails takes another
      path, which is traced then; paths are kept. `where` needs none.
    - Captured Values without parents are parameters: their data is read at each call. One that
      was computed outside, the number, format or index of a traced Value, hooks, `backward` and
      functions declared by `primitive` raise TraceError.
    - It runs twice to be traced, and what it did has to be the same: randomness, counters and
      clocks raise TraceError. Numbers that it reads elsewhere are frozen; ``check=True`` finds
      them. What it prints or stores happens while it is traced, and not at later calls.
    - Called with Values or with numbers that are no floats, inside of what is compiled, or under
      `detect_anomaly`, it is the function itself.

    Examples
    --------
    >>> import autograd
    >>> @autograd.compile
    ... def f(x, y):
    ...     return autograd.tanh(x * y) if x > y else x * y
    >>> f(1.0, 2.0), f.value_and_grad(3.0, 0.0)
    (2.0, (0.0, (0.0, 3.0)))
    >>> print(f.program)
    program(x, y):
        v2 = x > y
        v3 = x * y
        v4 = tanh(v3)
        v5 = sech2(v3)
        v6 = v5 * x
        v7 = v5 * y
        guard v2 is True
        return v4
        gradient v7, v6
    """
    if function is None:
        return functools.partial(compile, check=check, uniform=uniform)
    check_function(function, "a Value is computed already")
    places = (uniform,) if isinstance(uniform, int) else tuple(uniform)
    if not all(type(i) is int and i >= 0 for i in places):
        raise TypeError(f"uniform names arguments by their places, from 0; got {uniform!r}")
    return Compiled(function, check, places)
