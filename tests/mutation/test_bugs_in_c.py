"""Bugs in the C: each is one change of what is there; those that are quick to notice are noticed.

All of them are planted by ``python tests/mutation``.
"""

from __future__ import annotations

from pathlib import Path

import bugs_in_c
import compiling
import pytest
import sanitizing

QUICK = [
    "a node begins with the gradient of a dead one", "partials of two operands are swapped",
    "the data of a subclass is read", "forgotten +=", "interior gradients are not set back",
    "weights and inputs are swapped where some are", "the collector does not see hooks",
]  # fmt: skip


def compiler_or_skip() -> None:
    try:
        compiling.compiler()
    except FileNotFoundError as error:
        pytest.skip(str(error))


def test_each_is_one_change_of_what_is_there():
    texts = [source.read_text(encoding="utf-8") for source in compiling.NATIVE.glob("*.[ch]")]
    for name, place, instead in bugs_in_c.BUGS:
        assert sum(text.count(place) for text in texts) == 1, name
        assert place != instead, name
    assert len({name for name, *_ in bugs_in_c.BUGS}) == len(bugs_in_c.BUGS)


def test_what_is_right_is_no_bug(tmp_path: Path):
    compiler_or_skip()
    library = compiling.build(tmp_path / "_value.so", "-O0")
    assert bugs_in_c.programs(library) == bugs_in_c.right_programs()


@pytest.mark.parametrize(
    ("place", "instead"), [bug[1:] for bug in bugs_in_c.BUGS if bug[0] in QUICK], ids=QUICK
)
def test_a_bug_is_noticed(tmp_path: Path, place: str, instead: str):
    compiler_or_skip()
    assert bugs_in_c.notices(bugs_in_c.broken(place, instead, tmp_path))


USE_OF_WHAT_IS_FREE = """
from autograd import Value, dot
y = dot([Value(1.0)], [2.0], Value(3.0))
print(y.operands)
"""


def test_the_sanitizers_see_a_use_of_what_is_free(tmp_path: Path):
    compiler_or_skip()
    bug = next(bug for bug in bugs_in_c.BUGS if bug[0] == "operands of a dot are not held")
    library = bugs_in_c.broken(*bug[1:], tmp_path, *sanitizing.FLAGS)
    if not Path(sanitizing.environment()["LD_PRELOAD"]).is_file():
        pytest.skip("this compiler has no sanitizers")
    done = compiling.run(
        library, USE_OF_WHAT_IS_FREE, env=sanitizing.environment(), capture_output=True, text=True
    )
    assert "use-after-poison" in done.stderr
    assert done.returncode
