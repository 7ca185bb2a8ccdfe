"""The page for maintainers: its programs run and print what it says, where the libraries are."""

import contextlib
import importlib
import io
import re
from pathlib import Path

import pytest

import autograd.testing as kit

REFERENCE = Path(__file__).parents[2] / "notebooks" / "reference"
PAGE = (REFERENCE / "testing.md").read_text(encoding="utf-8")
BLOCKS = [
    "\n".join(line[4:] for line in block.strip("\n").splitlines())
    for block in re.findall(r"(?:(?:^    .*)?\n)*^    .*$", PAGE, re.MULTILINE)
]
PROGRAMS = [block for block in BLOCKS if "print(" in block]


def names(*libraries):
    """What the page imports; the test is skipped where a library is not installed."""
    found = {x: pytest.importorskip(x, reason=f"{x} is not installed") for x in libraries}
    if "jax" in found:
        found["jax"].config.update("jax_enable_x64", True)
    shown = ("check_elementwise", "from_jax", "from_torch")
    needed = {"np": importlib.import_module("numpy"), "mpmath": importlib.import_module("mpmath")}
    return found | needed | {name: getattr(kit, name) for name in shown}


@pytest.mark.parametrize("place", range(4))
def test_the_four_findings_stand(place):
    program = PROGRAMS[place]
    libraries = [x for x in ("torch", "jax", "sklearn") if re.search(rf"\b(from_)?{x}\b", program)]
    space = names(*libraries)
    if "sklearn" in space:
        importlib.import_module("sklearn.gaussian_process.kernels")
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(program, space)
    said = [x.strip() for x in re.findall(r"#(.*)", program)]
    for line in said:
        assert line in out.getvalue(), f"{line!r} is not in\n{out.getvalue()}"
    assert said or "wrong; got 1.78864567" in out.getvalue()


def test_there_are_four_of_at_most_four_lines():
    assert len(PROGRAMS) == 4
    assert all(len(program.splitlines()) <= 4 for program in PROGRAMS)


def test_what_the_page_names_is_there():
    for name in re.findall(r"`(check_\w+|from_\w+)\(", PAGE):
        assert name in kit.__all__
    for option in re.findall(r"`(\w+)=", PAGE):
        assert option in {
            *kit.check_elementwise.__kwdefaults__, "reference"
        }, option  # fmt: skip


def test_the_table_of_findings_has_versions_a_date_and_the_four():
    text = (REFERENCE / "findings.md").read_text(encoding="utf-8")
    assert re.search(r"\d{4}-\d\d-\d\d: torch \d+\.\d+", text)
    for row in (
        "jax.digamma | wrong",
        "torch.sinc | wrong",
        "scikit-learn.RationalQuadratic | wrong",
        "torch.digamma | few digits",
    ):
        assert f"| {row} |" in text
