"""Whether the loss of a batch is the mean of those of its examples: asked of their programs."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from typing import Any

from autograd.compiler.codes import CODES, INPUT, LITERAL, PARAMETER
from autograd.compiler.recording import Recording

SUM, MEAN, ADD, SUBTRACT, NEGATIVE, POSITIVE, MULTIPLY, DIVIDE = (
    CODES[name]
    for name in ("sum", "mean", "add", "subtract", "negative", "positive", "multiply", "divide")
)
DIGITS = 1e-12
Terms = dict[Hashable, float]


class Linear:
    """The result of a program as a sum of numbers times scalars that are no sums.

    Parameters
    ----------
    recording : Recording
        Of a function with one result.
    whose : sequence of int
        For each input which example it belongs to, counted from 0.

    Attributes
    ----------
    of_examples : list of dict
        For each example the factors of the scalars that read it alone, by what they compute.
    of_none, of_several : dict
        The factors of scalars that read none, and of those that read several.
    guards : list of set
        For each example the conditions that read it alone, and their outcomes.
    mixed : bool
        Whether a condition reads several examples.
    """

    def __init__(self, recording: Recording, whose: Sequence[int]) -> None:
        program = recording.program
        starts, operands = program.starts.tolist(), program.operands.tolist()
        self._codes, self._numbers = program.codes.tolist(), program.numbers()
        self._of = [operands[starts[i] : starts[i + 1]] for i in range(len(program))]
        self._parameters = {
            i: id(x) for i, x in zip(program.parameters.tolist(), recording.parameters, strict=True)
        }
        self._reads, self._what = [0] * len(program), list[Hashable]([None] * len(program))
        self._look(dict(zip(program.inputs.tolist(), whose, strict=True)))
        count = max(whose, default=-1) + 1
        self.of_examples: list[Terms] = [{} for _ in range(count)]
        self.of_none: Terms = {}
        self.of_several: Terms = {}
        for i, factor in self._terms(int(program.results[0])).items():
            self._add(i, factor)
        self.guards: list[set[Hashable]] = [set() for _ in range(count)]
        self.mixed = False
        for i, truth in program.guards:
            reads = self._reads[i]
            if reads.bit_count() > 1:
                self.mixed = True
            elif reads:
                self.guards[reads.bit_length() - 1].add((self._what[i], truth))

    def _look(self, whose: dict[int, int]) -> None:
        """Note what each scalar computes and which examples it reads."""
        places = [0] * (max(whose.values(), default=-1) + 1)
        for i, code in enumerate(self._codes):
            if code == INPUT:
                example = whose[i]
                self._reads[i], self._what[i] = 1 << example, hash(("input", places[example]))
                places[example] += 1
            elif code == PARAMETER:
                self._what[i] = hash(("parameter", self._parameters[i]))
            elif code == LITERAL:
                self._what[i] = hash(("literal", self._numbers[i]))
            else:
                found = 0
                for j in self._of[i]:
                    found |= self._reads[j]
                self._reads[i] = found
                self._what[i] = hash((code, *[self._what[j] for j in self._of[i]]))

    def _terms(self, root: int) -> dict[int, float]:
        """The factors of scalars that are no sums."""
        factors, found = {root: 1.0}, dict[int, float]()
        for i in range(root, -1, -1):
            factor = factors.pop(i, None)
            if factor is None:
                continue
            parts = self._parts(i)
            if parts is None:
                found[i] = factor
                continue
            for j, by in parts:
                factors[j] = factors.get(j, 0.0) + factor * by
        return found

    def _parts(self, i: int) -> list[tuple[int, float]] | None:
        """The operands of a sum and their factors; None of anything else."""
        code, given, numbers = self._codes[i], self._of[i], self._numbers
        if code in (SUM, MEAN, ADD, POSITIVE):
            return [(j, 1.0 / len(given) if code == MEAN else 1.0) for j in given]
        if code == SUBTRACT:
            return [(given[0], 1.0), (given[1], -1.0)]
        if code == NEGATIVE:
            return [(given[0], -1.0)]
        if code == DIVIDE and numbers.get(given[1]):
            return [(given[0], 1.0 / numbers[given[1]])]
        if code == MULTIPLY:
            for j, other in (given, given[::-1]):
                if j in numbers and other not in numbers:
                    return [(other, numbers[j])]
        return None

    def _add(self, i: int, factor: float) -> None:
        """Note a term."""
        reads = self._reads[i]
        terms = (
            self.of_none
            if not reads
            else self.of_several
            if reads.bit_count() > 1
            else self.of_examples[reads.bit_length() - 1]
        )
        terms[self._what[i]] = terms.get(self._what[i], 0.0) + factor


def is_mean(batch: Recording, whose: Sequence[int], singles: Sequence[Recording]) -> bool:
    """Return whether what was recorded of a batch is the mean of what was of each of its examples.

    What depends on no example, a penalty, has to be the same in all of them.

    Parameters
    ----------
    batch : Recording
    whose : sequence of int
        For each input of the batch which example it belongs to.
    singles : sequence of Recording
        Those of the examples alone.

    Examples
    --------
    >>> import autograd
    >>> from autograd.compiler.recording import recorded
    >>> def loss(xs):
    ...     return autograd.mean([x * x for x in xs])
    >>> one, two = recorded(loss, [[1.0]]), recorded(loss, [[1.0, 2.0]])
    >>> is_mean(two, [0, 1], [one, one])
    True
    >>> is_mean(recorded(lambda xs: autograd.max(xs), [[1.0, 2.0]]), [0, 1], [one, one])
    False
    """
    whole = Linear(batch, whose)
    if whole.of_several or whole.mixed:
        return False
    for example, single in enumerate(singles):
        alone = Linear(single, [0] * len(single.program.inputs))
        (own,), (guards,) = (alone.of_examples or [{}]), (alone.guards or [set[Any]()])
        mine = whole.of_examples[example] if example < len(whole.of_examples) else {}
        if not _same(mine, own, 1.0 / len(singles)) or not _same(whole.of_none, alone.of_none, 1.0):
            return False
        if whole.guards and whole.guards[example] != guards:
            return False
    return True


def _same(terms: Terms, others: Terms, factor: float) -> bool:
    """Whether the terms are the others times a factor."""
    return terms.keys() == others.keys() and all(
        math.isclose(x, others[what] * factor, rel_tol=DIGITS) for what, x in terms.items()
    )
