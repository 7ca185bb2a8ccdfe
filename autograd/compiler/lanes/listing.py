"""Groups as text: a line for each step, product and sum."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from autograd.compiler.lanes.matrices import strides_of
from autograd.compiler.listing import applied

SHOWN = 6  # slots that are written out one by one


def listed(groups: Any) -> str:
    """Return groups as text."""
    counts = (len(groups.body), "instruction"), (groups.cells, "cell"), (groups.rows, "row")
    first, *spaces = (f"{count} {what}{'s' * (count != 1)}" for count, what in counts)
    lines = [f"groups of {first} on {' and '.join(spaces)}:"]
    lines += [f"    rows[{row}] = 1.0" for row in groups.ones]
    for one in groups.body:
        lines += [f"    {line}" for line in lines_of(one, groups.constants)]
    return "\n".join(lines)


def lines_of(one: Any, constants: dict[int, float]) -> Iterator[str]:
    """Yield the lines of an instruction."""
    if hasattr(one, "steps"):
        for step in one.steps:
            yield f"{slots(step.out)} = {_step(step, constants)}"
    elif hasattr(one, "addends"):
        sign = "@ over lanes @" if one.kind == "VV" else "@"
        added = "".join(f" + {slots(x, constants)}" for x in one.addends)
        yield f"{slots(one.out)} = {slots(one.left)} {sign} {slots(one.right)}{added}"
    else:
        what = "largest" if one.largest else "sums over lanes" if one.summed else "sums"
        sides = f"of {len(one.left)} numbers" if one.largest else f"of {len(one.left)} products"
        yield f"{slots(one.out)} = {what} {sides}"


def _step(step: Any, constants: dict[int, float]) -> str:
    """What a step computes."""
    operands = [*map(str, step.integers), *(slots(x, constants) for x in step.operands)]
    text = applied(step.code, operands)
    return f"total({text})" if step.summed else text


def slots(given: Any, constants: dict[int, float] | None = None) -> str:
    """Return slots as text; of one constant its number."""
    at, name = given.at, ("cells", "rows")[given.space]
    if at.size == 1:
        number = int(at.reshape(-1)[0])
        if constants and not given.space and number in constants:
            return str(constants[number])
        return f"{name}[{number}]"
    strides = strides_of(at) if at.ndim < 3 else None
    if strides is None:
        flat = at.reshape(-1)
        shown = ", ".join(map(str, flat[:SHOWN].tolist()))
        shape = "x".join(map(str, at.shape)) + ": " if at.ndim > 1 else ""
        return f"{name}[{shape}{shown}{', ...' * (len(flat) > SHOWN)}]"
    first = int(at.reshape(-1)[0])
    if at.ndim == 1:
        by = f":{strides[0]}" if strides[0] != 1 else ""
        return f"{name}[{first}:{first + len(at) * strides[0]}{by}]"
    return f"{name}[{at.shape[0]}x{at.shape[1]} from {first} by {strides[0]}, {strides[1]}]"
