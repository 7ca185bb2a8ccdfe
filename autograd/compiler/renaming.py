"""Local names of a long function, used again: Python reaches its first 256 locals faster."""

from __future__ import annotations

import re
from collections.abc import Sequence

MANY = 256
_NAME = re.compile(r"\bv\d+\b")


def renamed_lines(lines: Sequence[str]) -> list[str]:
    """Return lines of assignments to names v1, v2 ... in which a name that is read no more is the
    next one's; as they are where there are few names.

    Examples
    --------
    >>> lines = [f"v{i + 1} = v{i} * x" for i in range(300)]
    >>> renamed_lines(["v0 = x", *lines])[-1], renamed_lines(lines[:3]) == lines[:3]
    ('v0 = v0 * x', True)
    """
    found = [[] if line.startswith("#") else _NAME.findall(line) for line in lines]
    last = {name: n for n, names in enumerate(found) for name in names}
    if len(last) <= MANY:
        return list(lines)
    called: dict[str, str] = {}
    free: list[str] = []
    renamed = []
    for n, (line, names) in enumerate(zip(lines, found, strict=True)):
        if not names:
            renamed.append(line)
            continue
        made, sign, read = line.partition(" = ")
        is_made = bool(sign) and made == names[0]
        text = _NAME.sub(lambda name: called.get(name[0], name[0]), read if is_made else line)
        # A name that was never made is an argument's; one that is made again keeps its own.
        done = dict.fromkeys(name for name in names if last[name] == n and name in called)
        free += [called.pop(name) for name in done if not (is_made and name == made)]
        if is_made:
            if made not in called:
                called[made] = free.pop() if free else made
            text = f"{called[made]} = {text}"
        renamed.append(text)
    return renamed
