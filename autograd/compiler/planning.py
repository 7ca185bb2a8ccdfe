"""Plans: the passes in their order, from what a trace has written to what an executor runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd.compiler.building import Builder
from autograd.compiler.codes import INPUT, PAIRS
from autograd.compiler.differentiating import adjoint
from autograd.compiler.expanding import expand_joint, expand_wide
from autograd.compiler.folding import fold
from autograd.compiler.fusing import fuse
from autograd.compiler.program import Program
from autograd.compiler.pruning import prune
from autograd.compiler.scalars import INDEX, starts_of
from autograd.compiler.sharing import share

Array = NDArray[Any]
INPUTS, PARAMETERS, BOTH = "inputs", "parameters", "both"
LARGE = 100_000  # scalars of a program in which equal ones are no longer looked for


def simplified(program: Program) -> Program:
    """Return the program without what is known, equal or unread. Every number stays the same."""
    return without_twins(fold(program))


def without_twins(program: Program) -> Program:
    """Return the program without what is equal or unread: what fused sums of a simplified one may
    leave. Nothing more is known of them.
    """
    return prune(share(program) if len(program) <= LARGE else program)


def with_gradient(program: Program, wrt: str = BOTH, fused: bool = False) -> Program:
    """Return the program of a function with one result together with its gradient.

    Parameters
    ----------
    program : Program
    wrt : {"inputs", "parameters", "both"}
        By which leaves; the inputs come first.
    fused : bool
        Add up in another order than eager, for executors that gain by it.

    Examples
    --------
    >>> from autograd.compiler.codes import CODES
    >>> names = ("input", "input", "multiply", "tanh")
    >>> f = Program.of([CODES[name] for name in names], [0, 1, 2], results=[3])
    >>> print(with_gradient(f))
    program(x0, x1):
        v2 = x0 * x1
        v3 = tanh(v2)
        v4 = sech2(v2)
        v5 = v4 * x0
        v6 = v4 * x1
        return v3
        gradient v6, v5
    """
    program = prune(expand_wide(program))
    if fused:
        program = prune(fuse(program))
    by = leaves(program, wrt)
    found = adjoint(program, int(program.results[0]), by)
    called = dict(zip(leaves(program), program.input_names + program.parameter_names, strict=True))
    found = simplified(found.with_(gradient_names=tuple(f"d/d{called[i]}" for i in by)))
    return without_twins(fuse(found)) if fused else found


def with_hvp(program: Program, fused: bool = False) -> Program:
    """Return the program of a function together with its Hessian times a vector, of further inputs
    as many as there are, in the place of the gradient.
    """
    first = prune(expand_joint(with_gradient(program, INPUTS, fused)))
    builder = Builder(first)
    vector = builder.block(INPUT, np.empty((len(first.inputs), 0), INDEX))
    pairs = np.stack([vector, first.gradients], axis=1).reshape(1, -1)
    root = int(builder.block(PAIRS, pairs)[0])
    names = tuple(f"v_{name}" for name in first.input_names)
    both = builder.done(
        inputs=np.concatenate([first.inputs, vector.astype(INDEX)]),
        input_names=first.input_names + names,
        gradients=first.gradients[:0],
        gradient_names=tuple(f"(H v)/{name}" for name in first.input_names),
    )
    return simplified(adjoint(both, root, first.inputs))


def with_hessian(program: Program, fused: bool = False) -> Program:
    """Return the program of a function together with its Hessian by the inputs, row by row, in the
    place of the gradient.
    """
    first = prune(expand_joint(with_gradient(program, INPUTS, fused)))
    rows = first.gradients.tolist()
    names = first.input_names
    first = first.with_(
        gradients=first.gradients[:0],
        gradient_names=tuple(f"d2/d{a} d{b}" for a in names for b in names),
    )
    return simplified(side_by_side(first, [adjoint(first, row, first.inputs) for row in rows]))


def leaves(program: Program, wrt: str = BOTH) -> Array:
    """Return the inputs of a program, its parameters, or both."""
    found: Array = np.concatenate([program.inputs, program.parameters])
    count = len(program.inputs)
    return found if wrt == BOTH else found[:count] if wrt == INPUTS else found[count:]


def side_by_side(program: Program, larger: Sequence[Program]) -> Program:
    """Return a program with what was added to it in each of some larger ones, and all of their
    gradients.
    """
    n, count = len(program), len(program)
    operands, gradients = [program.operands], [program.gradients]
    for one in larger:
        moved = np.where(np.arange(len(one)) < n, 0, count - n) + np.arange(len(one))
        operands.append(moved[one.operands[len(program.operands) :]])
        gradients.append(moved[one.gradients[len(program.gradients) :]])
        count += len(one) - n
    added = [one.sizes[n:] for one in larger]
    return program.with_(
        codes=np.concatenate([program.codes, *(one.codes[n:] for one in larger)]),
        starts=starts_of(np.concatenate([program.sizes, *added])),
        operands=np.concatenate(operands).astype(INDEX),
        literals=np.concatenate(
            [program.literals, *(one.literals[len(program.literals) :] for one in larger)]
        ),
        places=np.concatenate([program.places, *(one.places[n:] for one in larger)]),
        gradients=np.concatenate(gradients).astype(INDEX),
    )
