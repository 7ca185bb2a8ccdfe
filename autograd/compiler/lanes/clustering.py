"""Lower: steps on as many scalars each are one expression, where what they read is there."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from autograd.compiler.lanes.groups import UNIFORM, Expression, Groups, Instruction, Slots, Step

LOOK = 12  # how many expressions back a step may go
FEW = 4  # rows that are computed one by one rather than copied to lie beside each other


def clustered(groups: Groups) -> Groups:
    """Return the groups with each step in an earlier expression, if its operands are computed by
    then, or in that expression for the very same scalars. What runs before the lanes, for them and
    after them stands in this order.

    Examples
    --------
    >>> from autograd.compiler.codes import CODES
    >>> from autograd.compiler.lanes.rolling import roll
    >>> from autograd.compiler.program import Program
    >>> codes = [CODES[name] for name in ("input", "tanh", "exp")]
    >>> print(clustered(roll(Program.of(codes, [0, 1], results=[2]), [True])))
    groups of 1 instruction on 1 cell and 3 rows:
        rows[1] = tanh(rows[0])
        rows[2] = exp(rows[1])
    """
    when = [np.full(groups.cells, -1), np.full(groups.rows, -1)]
    found: list[list[Step] | Instruction] = []
    alike: dict[tuple[int, int], list[int]] = defaultdict(list)
    made: list[set[tuple[int, bytes]]] = []

    def fits(at: int, operand: Slots) -> bool:
        latest = int(when[operand.space][operand.at].max())
        return latest < at or (latest == at and operand.key in made[at])

    parts = enumerate(groups.sections())
    for section, one in [(k, one) for k, part in parts for one in part]:
        at = len(found)
        if isinstance(one, Expression):
            for step in [x for given in one.steps for x in _apart(given)]:
                key = section, step.out.at.size
                places = alike[key]
                at = next(
                    (k for k in places[: -LOOK - 1 : -1] if all(fits(k, x) for x in step.operands)),
                    len(found),
                )
                if at == len(found):
                    found.append([])
                    made.append(set())
                    places.append(at)
                steps = found[at]
                if isinstance(steps, list):
                    steps.append(step)
                if not step.summed:
                    made[at].add(step.out.key)
                when[step.out.space][step.out.at] = at
        else:
            found.append(one)
            made.append(set())
            for out in one.writes():
                when[out.space][out.at] = at
    return groups.with_(body=[Expression(tuple(x)) if isinstance(x, list) else x for x in found])


def _apart(step: Step) -> list[Step]:
    """A step as one for each scalar, where that saves copies of rows, or reading some of them that
    do not lie beside each other at once.
    """
    count = step.out.at.size
    slots = (step.out, *step.operands)
    if not (step.over_lanes and 1 < count <= FEW) or all(
        x.at.size == 1 or x.space == UNIFORM or x.strides in ((1,), (-1,)) for x in slots
    ):
        return [step]

    def one(given: Slots, k: int) -> Slots:
        return given if given.at.size == 1 else Slots(given.space, given.at[k : k + 1])

    return [
        step._replace(out=one(step.out, k), operands=tuple(one(x, k) for x in step.operands))
        for k in range(count)
    ]
