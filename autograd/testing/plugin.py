"""The pytest plugin: fixtures that check gradients, and failures shown as runnable Python.

Loaded by pytest through the entry point `glassgrad`; it imports the kit only when it is used.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Generator
from types import TracebackType
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from autograd.testing.reports import Report


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of the kit."""
    group = parser.getgroup("glassgrad", "gradient checks")
    group.addoption(
        "--grad-ulp",
        type=float,
        default=None,
        metavar="N",
        help="what the fixtures allow, in units in the last place, where the test does not say",
    )
    group.addoption(
        "--grad-seed",
        type=int,
        default=0,
        metavar="N",
        help="the seed of the fixture grad_rng, for random points and directions (default 0)",
    )


Check = Callable[..., "Report"]


def _fixture(name: str) -> Callable[..., Check]:
    """A fixture that runs a check of the kit, and fails the test unless it passes."""

    def fixture(request: pytest.FixtureRequest) -> Check:
        import autograd.testing

        check = getattr(autograd.testing, name)

        def checked(*args: Any, **how: Any) -> Report:
            __tracebackhide__ = True
            how.setdefault("max_ulp", request.config.getoption("--grad-ulp"))
            report: Report = check(*args, **how).check()
            return report

        return checked

    fixture.__doc__ = (
        f"Check as `autograd.testing.{name}` does, and fail the test unless it passes; "
        "`--grad-ulp` is the bound where `max_ulp` is left out."
    )
    return pytest.fixture(name=name)(fixture)


check_gradients = _fixture("check_gradients")
check_vjp = _fixture("check_vjp")
check_numpy = _fixture("check_numpy")
check_torch = _fixture("check_torch")
check_elementwise = _fixture("check_elementwise")


@pytest.fixture
def grad_rng(request: pytest.FixtureRequest) -> random.Random:
    """Random numbers for points and directions, seeded by `--grad-seed`."""
    return random.Random(request.config.getoption("--grad-seed"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,  # noqa: ARG001  (the hook's signature)
    call: pytest.CallInfo[None],
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show the program of a failed check beneath the traceback, which is without the kit."""
    raised = call.excinfo and not isinstance(call.excinfo.value, pytest.skip.Exception)
    if raised and "autograd.testing.reports" in sys.modules:
        _hide_the_kit()
    report = yield
    if call.excinfo is not None and report.failed:
        shown = _programs(call.excinfo.value)
        if shown:
            report.sections.append(("gradient check: the failure as Python", "\n\n".join(shown)))
    return report


def _hide_the_kit() -> None:
    """Leave the frames of the kit out of tracebacks, unless an error is made there."""
    for name, module in list(sys.modules.items()):
        if name.startswith("autograd.testing."):
            module.__dict__.setdefault("__tracebackhide__", _is_not_ours)


def _is_not_ours(excinfo: pytest.ExceptionInfo[BaseException]) -> bool:
    """Whether an error says something about the function under test, and not about the kit."""
    from autograd.testing.reports import GradientError

    last = excinfo.traceback[-1].frame.f_globals.get("__name__", "")
    return isinstance(excinfo.value, GradientError) or not str(last).startswith("autograd.testing.")


def _programs(error: BaseException) -> list[str]:
    """The programs in an exception: of a report that it carries, or of a test's own variables."""
    found: list[str] = []
    queue: list[BaseException | None] = [error]
    for failure in queue:
        if failure is None:
            continue
        queue += getattr(failure, "exceptions", ())
        program = getattr(getattr(failure, "report", None), "program", "")
        found += [program] if program else _in_frames(failure.__traceback__)
        if not found:
            queue.append(failure.__cause__)
    return list(dict.fromkeys(found))


def _in_frames(traceback: TracebackType | None) -> list[str]:
    """The programs among the variables of the frames that an exception came through."""
    found: dict[str, None] = {}
    while traceback is not None:
        for x in traceback.tb_frame.f_locals.values():
            if type(x).__module__ == "autograd.testing.computation" and hasattr(x, "leaves"):
                found[x.to_python()] = None
        traceback = traceback.tb_next
    return list(found)[-1:]
