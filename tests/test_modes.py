"""no_grad, record, detect_anomaly: where a block holds, when it ends, and what it decorates."""

from __future__ import annotations

import asyncio
import functools
import gc
import inspect
import random
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from contextvars import copy_context
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd as ag
import nn
from autograd import AnomalyError, Value, detect_anomaly, is_grad_enabled, no_grad, record
from autograd.graph.modes import MODES, OPEN, Modes, changed

KINDS = {"no_grad": no_grad, "record": record, "detect_anomaly": detect_anomaly}
USUAL: set[str] = set()  # of the modes
x = Value(2.0)
every_mode = pytest.mark.parametrize("name", KINDS)


def held() -> set[str]:
    """The modes that hold for the caller, told by what becomes of a node."""
    found = set()
    node = x * x
    assert is_grad_enabled() is bool(node.parents), "what is said is what is done"
    if not node.parents:
        found.add("no_grad")
    with changed(remembers=True):  # under no_grad a Value has no origin
        if (x * x).origin is not None:
            found.add("record")
    try:
        ag.log(Value(0.0))
    except AnomalyError:
        found.add("detect_anomaly")
    return found


def given_by(name: str) -> set[str]:
    """The modes that one block makes hold: an anomaly is blamed on a line that was recorded."""
    return {name, "record"} if name == "detect_anomaly" else {name}


@pytest.fixture(autouse=True)
def nothing_is_left() -> Iterator[None]:
    """After each test the fast methods look at nothing again."""
    yield
    if OPEN:  # seen by a task or a thread that has ended
        gc.collect()
    assert not OPEN
    assert MODES.get() == Modes()


# -- any order ---------------------------------------------------------------------------------


@every_mode
def test_two_zipped_generators_restore_what_held(name: str) -> None:
    def inside() -> Iterator[set[str]]:
        with KINDS[name]():
            yield held()

    assert list(zip(inside(), inside(), strict=True)) == [(given_by(name), given_by(name))]
    assert held() == USUAL


@given(st.lists(st.sampled_from([*KINDS, 0, 1, 2, 3]), max_size=12))
def test_blocks_closed_in_any_order_restore_what_the_others_ask_for(
    deeds: list[str | int],
) -> None:
    """A name opens a block, a number closes one of those that are open."""

    def run() -> None:
        opened: list[tuple[str, Any]] = []
        for deed in deeds:
            if isinstance(deed, str):
                opened.append((deed, KINDS[deed]()))
                opened[-1][1].__enter__()
            elif opened:
                opened.pop(deed % len(opened))[1].__exit__()
            assert held() == set().union(*(given_by(name) for name, _ in opened))
        while opened:
            opened.pop(0)[1].__exit__()
        assert held() == USUAL
        assert not OPEN

    copy_context().run(run)


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 5)), max_size=6))
def test_the_innermost_of_those_that_are_left_decides(deeds: list[tuple[bool, int]]) -> None:
    def run() -> None:
        with no_grad():
            blocks = [(remembers, changed(remembers=remembers)) for remembers, _ in deeds]
            for _, block in blocks:
                block.__enter__()
            for _, place in deeds:
                assert is_grad_enabled() is blocks[-1][0]
                blocks.pop(place % len(blocks))[1].__exit__(None, None, None)
            assert held() == {"no_grad"}

    copy_context().run(run)


def test_an_anomaly_is_still_blamed_on_its_line_when_the_recording_around_has_ended() -> None:
    around, inner = record(), detect_anomaly()
    around.__enter__()
    inner.__enter__()
    around.__exit__()
    with pytest.raises(AnomalyError, match=r"at .*test_modes\.py.*: ag\.log\(Value\(0\.0\)\)"):
        ag.log(Value(0.0))
    inner.__exit__()


def test_an_exception_ends_its_block_and_no_other() -> None:
    with no_grad():
        with pytest.raises(KeyError), record(), detect_anomaly():
            raise KeyError
        assert held() == {"no_grad"}


def test_one_object_may_be_entered_again_also_within_itself_and_by_threads() -> None:
    block = no_grad()
    both = threading.Barrier(2, timeout=10)

    def work() -> set[str]:
        with block:
            both.wait()
            with block:
                both.wait()
            within = held()
            both.wait()
        return within | {f"then {each}" for each in held()}

    with ThreadPoolExecutor(2) as pool:
        assert [each.result() for each in [pool.submit(work), pool.submit(work)]] == [
            {"no_grad"},
            {"no_grad"},
        ]
    with block:
        assert held() == {"no_grad"}


def test_very_many_blocks_are_let_go_without_recursion() -> None:
    blocks = [no_grad() for _ in range(30_000)]

    def enter() -> None:
        for block in blocks:
            block.__enter__()

    copy_context().run(enter)


# -- generators that hold a block --------------------------------------------------------------


@every_mode
def test_the_block_of_a_suspended_generator_holds_for_its_caller_until_it_is_left(
    name: str,
) -> None:
    def inside() -> Iterator[int]:
        with KINDS[name]():
            yield 1
        yield 2

    generator = inside()
    assert held() == USUAL
    next(generator)
    assert held() == given_by(name)
    next(generator)
    assert held() == USUAL
    generator = inside()
    next(generator)
    generator.close()
    assert held() == USUAL


def test_a_loop_that_ends_early_lets_go_of_its_generators_block() -> None:
    def inside() -> Iterator[int]:
        with no_grad():
            yield 1

    for _ in inside():
        break
    assert held() == USUAL


@pytest.mark.parametrize("copied", [True, False])
def test_a_block_that_is_closed_elsewhere_than_opened_is_an_error_with_the_remedy(
    copied: bool,
) -> None:
    def inside() -> Iterator[None]:
        with no_grad():
            yield

    def opener() -> None:
        generator = inside()
        next(generator)
        elsewhere = copy_context().run if copied else in_a_thread
        with pytest.raises(RuntimeError, match=r"decorate it, as in @no_grad\(\)"):
            elsewhere(generator.close)
        assert held() == {"no_grad"}, "as long as its context lives"

    copy_context().run(opener)


def in_a_thread(f: Callable[[], Any]) -> Any:
    """What a function gives in a thread of its own, which starts with the usual modes."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(f).result()


def test_an_interpreter_ends_quietly_while_generators_hold_blocks() -> None:
    program = """if True:
        from autograd import no_grad, record

        def inside():
            with no_grad(), record():
                yield

        @no_grad()
        def decorated():
            yield

        generators = [inside(), inside(), decorated()]
        for each in generators:
            next(each)
    """
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stderr == ""


# -- decorators --------------------------------------------------------------------------------


def plain() -> list[set[str]]:
    return [held(), held()]


def generator() -> Iterator[set[str]]:
    yield held()
    yield held()


async def coroutine() -> list[set[str]]:
    before = held()
    await asyncio.sleep(0)
    return [before, held()]


async def asynchronous_generator() -> AsyncIterator[set[str]]:
    yield held()
    await asyncio.sleep(0)
    yield held()


FOUR: list[Callable[[], Any]] = [plain, generator, coroutine, asynchronous_generator]
four_kinds = pytest.mark.parametrize("f", FOUR, ids=lambda f: f.__name__)


def ran(f: Callable[[], Any]) -> tuple[list[set[str]], list[set[str]]]:
    """What held in a function of any kind, and what held for its caller between its steps."""
    inside: list[set[str]] = []
    outside: list[set[str]] = []
    made = f()
    if inspect.isasyncgen(made):

        async def through() -> None:
            async for each in made:
                inside.append(each)
                outside.append(held())

        asyncio.run(through())
    elif inspect.iscoroutine(made):
        steps = made.__await__()  # by hand, so that what holds while it waits is seen
        try:
            while True:
                next(steps)
                outside.append(held())
        except StopIteration as stop:
            inside = stop.value
    else:
        for each in made:
            inside.append(each)
            outside.append(held())
    return inside, outside


@every_mode
@four_kinds
def test_a_decorated_function_runs_in_a_block_and_its_caller_does_not(
    f: Callable[[], Any], name: str
) -> None:
    inside, outside = ran(KINDS[name]()(f))
    assert inside == [given_by(name)] * 2
    assert outside
    assert all(each == USUAL for each in outside)


@four_kinds
def test_the_callers_modes_hold_between_the_steps_and_add_to_the_functions_own(
    f: Callable[[], Any],
) -> None:
    with record():
        inside, outside = ran(no_grad()(f))
    assert inside == [{"no_grad", "record"}] * 2
    assert all(each == {"record"} for each in outside) or f is asynchronous_generator


@four_kinds
def test_a_decorated_function_stays_of_its_kind_and_can_be_decorated_again(
    f: Callable[[], Any],
) -> None:
    twice = record()(no_grad()(f))
    for is_kind in (inspect.isgeneratorfunction, inspect.iscoroutinefunction,
                    inspect.isasyncgenfunction):  # fmt: skip
        assert is_kind(twice) == is_kind(f)
    assert (twice.__name__, twice.__module__) == (f.__name__, f.__module__)
    inside, _ = ran(twice)
    assert inside == [{"no_grad", "record"}] * 2


def test_what_is_decorated_may_be_anything_that_can_be_called() -> None:
    class Methods:
        @no_grad()
        def method(self) -> Iterator[set[str]]:
            yield from generator()

        @no_grad()
        @staticmethod
        def static_inside() -> Iterator[set[str]]:
            yield from generator()

        @staticmethod
        @no_grad()
        def static_outside() -> Iterator[set[str]]:
            yield from generator()

        @no_grad()
        @classmethod
        def of_the_class(cls) -> Iterator[set[str]]:
            yield from generator()

        def __call__(self) -> Iterator[set[str]]:
            yield from generator()

    one = Methods()
    for f in (one.method, one.static_inside, one.static_outside, one.of_the_class,
              no_grad()(one), no_grad()(functools.partial(generator))):  # fmt: skip
        assert list(f()) == [{"no_grad"}] * 2
    assert type(no_grad()(Fraction)(1, 2)) is Fraction
    with pytest.raises(TypeError, match="a block decorates a function; got 3"):
        no_grad()(3)  # type: ignore[type-var]


def conversation() -> Any:
    """A generator that answers, asks on when something is thrown, and cleans up."""
    log: list[Any] = []
    try:
        while True:
            try:
                log.append((yield list(log)))
                if log[-1] == "enough":
                    return log
            except KeyError as error:
                log.append(error.args[0])
    finally:
        log.append(held())
        said.append(log)


said: list[list[Any]] = []


@pytest.mark.parametrize("decorator", [lambda f: f, no_grad()], ids=["bare", "decorated"])
def test_send_throw_close_and_the_result_pass_through(decorator: Any) -> None:
    within = USUAL if decorator(plain) is plain else {"no_grad"}
    f = decorator(conversation)
    talk = f()
    assert next(talk) == []
    assert talk.send("a") == ["a"]
    assert talk.throw(KeyError("b")) == ["a", "b"]
    assert held() == USUAL
    with pytest.raises(StopIteration) as stop:
        talk.send("enough")
    assert stop.value.value == ["a", "b", "enough", within]

    def delegating() -> Any:
        return (yield from f())

    talk = delegating()
    next(talk)
    talk.close()
    assert said.pop() == [within], "it was closed inside its block"
    talk = f()
    next(talk)
    with pytest.raises(ZeroDivisionError):
        talk.throw(ZeroDivisionError)
    with pytest.raises(StopIteration):
        next(talk)
    assert held() == USUAL


@no_grad()
async def asynchronous_conversation() -> Any:
    """The same with waiting in between."""
    log: list[Any] = []
    try:
        while True:
            try:
                given = yield list(log)
                await asyncio.sleep(0)
                log.append(given)
                if given == "enough":
                    return
            except KeyError as error:
                await asyncio.sleep(0)
                log.append(error.args[0])
    finally:
        await asyncio.sleep(0)
        log.append(held())
        said.append(log)


def test_asend_athrow_and_aclose_pass_through() -> None:
    async def main() -> None:
        talk = asynchronous_conversation()
        assert await talk.asend(None) == []
        assert await talk.asend("a") == ["a"]
        assert await talk.athrow(KeyError("b")) == ["a", "b"]
        assert held() == USUAL
        with pytest.raises(StopAsyncIteration):
            await talk.asend("enough")
        assert said.pop() == ["a", "b", "enough", {"no_grad"}]
        talk = asynchronous_conversation()
        await anext(talk)
        await talk.aclose()
        assert said.pop() == [{"no_grad"}]
        talk = asynchronous_conversation()
        await anext(talk)
        with pytest.raises(ZeroDivisionError):
            await talk.athrow(ZeroDivisionError())
        assert said.pop() == [{"no_grad"}]
        assert held() == USUAL

    asyncio.run(main())


def test_a_generator_that_goes_on_after_being_closed_is_an_error_as_ever() -> None:
    @no_grad()
    def stubborn() -> Iterator[int]:
        while True:
            try:
                yield 1
            except GeneratorExit:
                yield 2

    generator = stubborn()
    next(generator)
    with pytest.raises(RuntimeError, match="generator ignored GeneratorExit"):
        generator.close()
    assert held() == USUAL


def test_cancelling_a_decorated_coroutine_runs_its_clean_up_inside() -> None:
    seen = []

    @no_grad()
    async def waiting() -> None:
        try:
            await asyncio.sleep(1000)
        finally:
            seen.append(held())

    async def main() -> None:
        task = asyncio.create_task(waiting())
        await asyncio.sleep(0)
        assert held() == USUAL
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    assert seen == [{"no_grad"}]


def test_a_decorated_generator_may_go_from_thread_to_thread() -> None:
    @no_grad()
    def inside() -> Iterator[set[str]]:
        while True:
            yield held()

    steps = inside()
    assert [next(steps), in_a_thread(lambda: next(steps)), copy_context().run(next, steps)] == [
        {"no_grad"}
    ] * 3
    in_a_thread(steps.close)
    assert held() == USUAL


def test_a_suspended_decorated_generator_costs_nothing() -> None:
    @no_grad()
    def inside() -> Iterator[None]:
        yield

    generator = inside()
    next(generator)
    assert not OPEN


def test_a_decorated_function_may_call_itself() -> None:
    @no_grad()
    def factorial(n: int) -> Any:
        return n * factorial(n - 1) if n else x * x

    assert factorial(20).parents == ()

    @no_grad()
    def counted(n: int) -> Iterator[set[str]]:
        yield held()
        if n:
            yield from counted(n - 1)

    assert list(counted(20)) == [{"no_grad"}] * 21
    assert held() == USUAL


def test_each_call_of_a_recorded_function_counts_the_calls_of_modules_anew() -> None:
    model = nn.Neuron(1, rng=random.Random(0))

    @record()
    def once() -> Any:
        return model([x]).origin.path

    @record()
    def thrice() -> Iterator[Any]:
        for _ in range(3):
            yield model([x]).origin.path

    assert [once(), once()] == [(("Neuron", 1),)] * 2
    one, other = thrice(), thrice()
    pairs = list(zip(one, other, strict=True))
    assert pairs == [((("Neuron", n),), (("Neuron", n),)) for n in (1, 2, 3)]


def test_two_threads_in_one_recorded_function_keep_their_paths_apart() -> None:
    both = threading.Barrier(2, timeout=10)

    class Meeting(nn.Module):
        def __init__(self, name: str) -> None:
            self.name = name

        def __call__(self, x: Value) -> Value:
            both.wait()
            out = x * x
            both.wait()
            return out

    @record()
    def run() -> Any:
        return Meeting("a")(x).origin.path

    with ThreadPoolExecutor(2) as pool:
        found = [each.result() for each in [pool.submit(run), pool.submit(run)]]
    assert found == [(("Meeting", 1),)] * 2


# -- tasks, and threads that are given a context -----------------------------------------------


@every_mode
def test_a_task_goes_on_as_it_began_when_it_outlives_the_block(name: str) -> None:
    async def task(ended: asyncio.Event) -> list[set[str]]:
        before = held()
        await ended.wait()
        return [before, held()]

    async def main() -> None:
        ended = asyncio.Event()
        with KINDS[name]():
            inside = asyncio.create_task(task(ended))
            await asyncio.sleep(0)
            late = asyncio.create_task(task(ended))
        assert held() == USUAL
        ended.set()
        assert await inside == [given_by(name)] * 2
        assert await late == [given_by(name)] * 2
        assert held() == USUAL

    asyncio.run(main())


def test_a_task_that_outlives_the_block_may_open_and_close_its_own() -> None:
    async def task(ended: asyncio.Event) -> None:
        await ended.wait()
        outer, inner = record(), no_grad()
        outer.__enter__()
        inner.__enter__()
        outer.__exit__()
        assert held() == {"no_grad"}
        inner.__exit__()
        assert held() == {"no_grad"}

    async def main() -> None:
        ended = asyncio.Event()
        with no_grad():
            inside = asyncio.create_task(task(ended))
        ended.set()
        await inside

    asyncio.run(main())


def test_tasks_beside_each_other_do_not_see_each_others_blocks() -> None:
    async def quiet() -> set[str]:
        with no_grad():
            await asyncio.sleep(0)
            return held()

    async def loud() -> set[str]:
        await asyncio.sleep(0)
        return held()

    async def main() -> list[set[str]]:
        return await asyncio.gather(quiet(), loud(), no_grad()(loud)())

    assert asyncio.run(main()) == [{"no_grad"}, USUAL, {"no_grad"}]


def test_a_thread_that_runs_in_a_copied_context_goes_on_as_it_began() -> None:
    with no_grad():
        context = copy_context()
    assert held() == USUAL
    assert in_a_thread(lambda: context.run(held)) == {"no_grad"}


def test_leaving_an_asynchronous_loop_early() -> None:
    """The loop closes the generator in another task: a `with` block is reported then."""

    async def bare() -> AsyncIterator[int]:
        with no_grad():
            yield 1

    async def through(f: Callable[[], Any]) -> list[str]:
        reports: list[str] = []
        asyncio.get_running_loop().set_exception_handler(
            lambda _, context: reports.append(str(context["exception"]))
        )
        async for _ in f():
            break
        await asyncio.sleep(0.01)
        return [*reports, *held()]

    (report, left) = asyncio.run(through(bare))
    assert "decorate it, as in @no_grad()" in report
    assert left == "no_grad"
    assert asyncio.run(through(no_grad()(asynchronous_generator))) == []

    async def closing() -> set[str]:
        async with aclosing(bare()) as steps:
            async for _ in steps:
                break
        return held()

    assert asyncio.run(closing()) == USUAL
