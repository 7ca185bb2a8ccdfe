"""A program: the scalars that a function computes, in the order in which they can be computed."""

from __future__ import annotations

import dataclasses
from array import array
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from autograd.compiler.codes import ANY, ARITIES, INPUT, LITERAL, NAMES, PARAMETER
from autograd.compiler.flow import levels
from autograd.compiler.listing import listed
from autograd.compiler.scalars import INDEX, Array, Scalars, Source, starts_of


@dataclasses.dataclass(frozen=True, eq=False)
class Program(Scalars):
    """A function as a list of scalars, each computed once from scalars before it.

    A struct of arrays: of a million scalars each takes some tens of bytes. A pass takes a program
    and returns another; none changes one.

    Attributes
    ----------
    codes : array of int16
        What each scalar is: `autograd.compiler.codes.NAMES` says it in words.
    starts : array of int32
        Where the operands of each scalar begin in `operands`, and at last where they end.
    operands : array of int32
        The scalars that each is computed from, one after the other.
    literals : array of float64
        The numbers of the scalars that are literals, in their order.
    inputs, parameters : array of int32
        The scalars that are the function's arguments, and those that are the Values it captured.
    results, gradients : array of int32
        The scalars that it answers, and the derivatives that the adjoint added.
    guards : tuple of (int, bool)
        The conditions that the function branched on, and the outcome for which this program holds.
    places : array of int32
        For each scalar the index in `sources` of the place that made it, or -1.
    sources : tuple of (str, int, str)
        File, line and function of places in the user's source.
    input_names, parameter_names, gradient_names : tuple of str
        What a reader calls them; derivatives may have no names.

    Examples
    --------
    >>> from autograd.compiler.codes import CODES
    >>> codes = [CODES["input"], CODES["literal"], CODES["multiply"], CODES["tanh"]]
    >>> program = Program.of(codes, [0, 1, 2], literals=[3.0], results=[3], input_names=["x"])
    >>> print(program)
    program(x):
        v2 = x * 3.0
        v3 = tanh(v2)
        return v3
    """

    @classmethod
    def of(
        cls,
        codes: Sequence[int] | array[int] | Array,
        operands: Sequence[int] | array[int] | Array,
        *,
        counts: Mapping[int, int] | None = None,
        literals: Sequence[float] | array[float] | Array = (),
        inputs: Sequence[int] | None = None,
        parameters: Sequence[int] | None = None,
        results: Sequence[int] = (),
        gradients: Sequence[int] = (),
        guards: Sequence[tuple[int, bool]] = (),
        places: Sequence[int] | array[int] | Array | None = None,
        sources: Sequence[Source] = (),
        input_names: Sequence[str] | None = None,
        parameter_names: Sequence[str] | None = None,
    ) -> Program:
        """Return the program of what a trace has written down, one scalar after the other.

        Parameters
        ----------
        codes, operands, literals, ... : sequence, array.array or array
            As the attributes of the same name.
        counts : mapping, optional
            The number of operands of each scalar of a code that takes any number of them.
        inputs, parameters : sequence of int, optional
            Their scalars; in the order of the program unless given.
        """
        kinds = np.array(codes, np.int16)
        sizes = ARITIES[kinds]
        if counts:
            sizes[np.fromiter(counts, np.int64, len(counts))] = list(counts.values())
        if (sizes == ANY).any():
            index = int(np.flatnonzero(sizes == ANY)[0])
            raise ValueError(
                f"scalar {index} is {NAMES[kinds[index]]}, which takes any number of operands: "
                "give it in counts"
            )
        where = np.flatnonzero(kinds == INPUT) if inputs is None else inputs
        held = np.flatnonzero(kinds == PARAMETER) if parameters is None else parameters
        xs = [f"x{i}" for i in range(len(where))] if input_names is None else input_names
        ps = [f"p{i}" for i in range(len(held))] if parameter_names is None else parameter_names
        return cls(
            codes=kinds,
            starts=starts_of(sizes),
            operands=np.array(operands, INDEX),
            literals=np.array(literals, float),
            inputs=np.array(where, INDEX),
            parameters=np.array(held, INDEX),
            results=np.array(results, INDEX),
            gradients=np.array(gradients, INDEX),
            guards=tuple((int(i), bool(truth)) for i, truth in guards),
            places=np.full(len(kinds), -1, INDEX) if places is None else np.array(places, INDEX),
            sources=tuple(sources),
            input_names=tuple(xs),
            parameter_names=tuple(ps),
        )

    def __str__(self) -> str:
        return listed(self)

    def __repr__(self) -> str:
        return (
            f"<Program of {len(self)} scalars: {len(self.inputs)} inputs, "
            f"{len(self.parameters)} parameters, {len(self.results)} results, "
            f"{len(self.gradients)} gradients>"
        )

    def stats(self) -> dict[str, Any]:
        """Return what can be counted: scalars, operations, literals, rows, depth and bytes.

        Examples
        --------
        >>> from autograd.compiler.codes import CODES
        >>> codes = [CODES["input"], CODES["tanh"], CODES["multiply"]]
        >>> program = Program.of(codes, [0, 1, 0], results=[2])
        >>> program.stats()["operations"], program.stats()["depth"], program.stats()["rows"]
        (2, 2, {'multiply': 1, 'tanh': 1})
        """
        sizes, counts = self.sizes, np.bincount(self.codes, minlength=len(NAMES))
        leaves = int(counts[[INPUT, PARAMETER, LITERAL]].sum())
        rows = {name: int(n) for name, n in zip(NAMES, counts, strict=True) if n}
        for leaf in ("input", "parameter", "literal"):
            rows.pop(leaf, None)
        attributes = [getattr(self, field.name) for field in dataclasses.fields(self)]
        return {
            "scalars": len(self),
            "operations": len(self) - leaves,
            "literals": len(self.literals),
            "inputs": len(self.inputs),
            "parameters": len(self.parameters),
            "operands": int(sizes.sum()),
            "guards": len(self.guards),
            "depth": int(levels(self).max(initial=0)),
            "rows": dict(sorted(rows.items(), key=lambda item: (-item[1], item[0]))),
            "bytes": sum(x.nbytes for x in attributes if isinstance(x, np.ndarray)),
        }
