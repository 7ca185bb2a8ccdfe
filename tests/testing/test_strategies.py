"""The strategies: what they draw, how it shrinks, and that right gradients raise no alarm."""

import math
import struct

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd.testing
from autograd.functions import rules
from autograd.graph.order import topological_order
from autograd.testing import Computation, Verdict, check_gradients, strategies
from autograd.testing.operations import CARRIED, Branch, Condition, Literal, Loop, Operation
from autograd.testing.strategies import float_at, floats_in, place_of, programs

DOMAINS = [(-math.inf, math.inf), (0.0, math.inf), (-1.0, 1.0), (1.0, math.inf), (0.0, 5e-324)]


@pytest.mark.parametrize("domain", DOMAINS)
@given(st.data())
def test_floats_lie_in_their_domain(domain, data):
    x = data.draw(floats_in(domain))
    assert domain[0] <= x <= domain[1]
    assert math.isfinite(x)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_places_number_the_floats(x):
    assert float_at(place_of(x)) == x
    if x < 1.7e308:
        assert place_of(math.nextafter(x, math.inf)) == place_of(x) + 1


def drawn(strategy, count=400):
    """Examples, the same each time."""
    found = []

    @hypothesis.settings(max_examples=count, database=None, derandomize=True)
    @given(strategy)
    def collect(x):
        found.append(x)

    collect()
    return found


def test_floats_cover_magnitudes_ends_and_low_bits():
    found = drawn(floats_in((0.0, math.inf), kinks=(3.0,)))
    assert any(0 < x < 2.2e-308 for x in found), "subnormal"
    assert any(x > 1e100 for x in found)
    assert any(0 < x < 1e-100 for x in found)
    assert any(0 < abs(x - 3.0) < 1e-14 for x in found), "beside the kink"
    low_bytes = {struct.pack("<d", x)[0] for x in found}
    assert len(low_bytes) > 60, "low bits vary"


class Enough(Exception):  # noqa: N818  (no error: what was looked for has come)
    """No more examples are needed."""


def drawn_until(strategy, enough, count=150, seed=0):
    """Whether what is looked for comes, in so many draws at most."""

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=count, database=None, deadline=None, phases=[hypothesis.Phase.generate],
        report_multiple_bugs=False,
    )  # fmt: skip
    @given(strategy)
    def look(x):
        if enough(x):
            raise Enough

    try:
        look()
    except Enough:
        return True
    return False


def shows(x):
    """Whether a derivative of softplus that is wrong above 21 shows: to 37 it is not quite 1."""
    return 21 < x < 37


def softplus_of_one_that_shows(program):
    nodes = topological_order(program(*program.leaves()))
    return any(x.op is rules.softplus and shows(x.operands[0].data) for x in nodes)


@pytest.mark.parametrize("seed", range(5))
def test_a_fault_of_softplus_above_21_is_drawn(seed):
    assert drawn_until(floats_in(), shows, seed=seed)
    assert drawn_until(programs(rows=["softplus"]), softplus_of_one_that_shows, seed=seed)


FOUR = [["softplus", "exp", "tanh", "multiply"], ["softplus", "add", "sigmoid", "sin"]]


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("rows", FOUR)
def test_a_fault_of_one_row_of_four_is_drawn(rows, seed):
    assert drawn_until(programs(rows=rows), softplus_of_one_that_shows, seed=seed)


def test_programs_of_several_inputs_join_them():
    found = drawn(programs(rows=["add", "multiply", "sin", "tanh"]))
    several = [p for p in found if len(p.inputs) > 1]
    read = [len(set().union(*(x.places for x in p.operations)) & {0, 1, 2}) for p in several]
    assert sum(n > 1 for n in read) > 0.8 * len(several) > 0.4 * len(found)


def test_a_kind_of_floats_that_is_named_twice_comes_twice_as_often():
    found = drawn(strategies.floats("plain", "saturated", "saturated"), 3000)
    saturated = sum(abs(x) >= 8 for x in found) / len(found)
    assert 0.55 < saturated < 0.78


@given(programs(control=True))
def test_every_operation_counts_for_the_result(program):
    read = set().union(*(x.places for x in program.operations))
    first = len(program.inputs)
    assert read >= set(range(first, first + len(program.operations) - 1))
    assert program.without_dead() == program


def test_a_shrunk_program_has_no_dead_operations():
    search = hypothesis.settings(database=None, derandomize=True, max_examples=2000)
    found = hypothesis.find(
        programs(rows=["softplus", "add"]), softplus_of_one_that_shows, settings=search
    )
    assert len(found.operations) <= 2


def test_dead_operations_are_left_out():
    """The loop reads the branch, whose places move down by one."""
    dead = Operation("sin", (0,))
    branch, loop = CONTROLLED.operations[1], CONTROLLED.operations[0]
    moved = Branch(Condition(0, 1), Operation("exp", (0,)), Operation("multiply", (1, 0)))
    after = Loop(3, Condition(CARRIED, 1), loop.body, 4)
    program = Computation((3.0, 2.0), (dead, moved, after))
    lean = program.without_dead()
    assert lean.operations == (moved, Loop(2, Condition(CARRIED, 1), loop.body, 4))
    assert lean(3.0, 2.0) == program(3.0, 2.0)
    assert CONTROLLED.without_dead() == CONTROLLED
    assert branch.places == {0, 1, 2}


def test_specials_come_on_request_only():
    found = drawn(floats_in(specials=True))
    assert any(map(math.isnan, found))
    assert math.inf in found
    with pytest.raises(ValueError, match="the domain is empty"):
        floats_in((1.0, 0.5))


def test_failures_shrink_to_a_program_of_one_line():
    wrong = lambda p: any(x.row == "tanh" for x in p.operations)  # noqa: E731
    search = hypothesis.settings(database=None, derandomize=True, max_examples=2000)
    found = hypothesis.find(programs(rows=["tanh", "add", "exp"]), wrong, settings=search)
    assert len(found.operations) == 1
    assert found.to_python().count("\n") == 4


CONTROLLED = Computation(
    (3.0, 2.0),
    (
        Loop(0, Condition(CARRIED, 1), Operation("multiply", (CARRIED, Literal(0.5))), 4),
        Branch(Condition(2, 1), Operation("exp", (2,)), Operation("multiply", (2, 0))),
    ),
)


def test_branches_and_loops_print_as_python():
    assert CONTROLLED.to_python() == "\n".join(
        [
            "from autograd import Value",
            "x0 = Value(3.0)",
            "x1 = Value(2.0)",
            "v2 = x0",
            "for _ in range(4):",
            "    if not v2 > x1:",
            "        break",
            "    v2 = v2 * 0.5",
            "if v2 > x1:",
            "    v3 = exp(v2)",
            "else:",
            "    v3 = v2 * x0",
            "v3.backward()",
            "print(x0.grad, x1.grad)",
        ]
    ).replace("import Value", "import Value, exp")
    assert CONTROLLED.results()[2:] == [1.5, 4.5]


@given(programs(control=True) | strategies.rational_programs())
def test_a_printed_program_runs_and_gives_the_same_gradients(program):
    printed = []
    exec(program.to_python(), {"print": lambda *xs: printed.extend(xs)})
    leaves = program.leaves()
    program(*leaves).backward()
    assert [repr(x) for x in printed] == [repr(leaf.grad) for leaf in leaves]


@given(programs(control=True))
def test_programs_compute_the_same_for_floats_and_values(program):
    values = program.results(program.leaves())
    assert [repr(x) for x in program.results()] == [repr(x.data) for x in values]


def test_control_and_every_row_come():
    kinds, named = set(), set()

    def have_come(program):
        kinds.update(map(type, program.operations))
        nodes = topological_order(program(*program.leaves()))
        named.update(node.op.name for node in nodes)
        return kinds == {Operation, Branch, Loop} and len(named) > 60

    assert drawn_until(programs(control=True), have_come, 1500)


def test_right_gradients_raise_no_alarm():
    """The full run is a command: 10,000 programs, no failure (see the page of functions)."""
    for program in drawn(programs(control=True), 120):
        report = check_gradients(program, program.inputs)
        assert report.verdict is not Verdict.FAIL, report
        assert report or report.skipped


def test_the_old_name_of_a_computation_leads_to_it_for_one_version():
    with pytest.warns(DeprecationWarning, match="Computation"):
        assert autograd.testing.Program is Computation
