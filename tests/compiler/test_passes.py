"""The passes, each a printed program; and the program as a struct of arrays."""

import random

import numpy as np
import pytest
from compiler.random_programs import FIXED, N_ARY, SMOOTH, Recipe, recipe
from hypothesis import given
from hypothesis import strategies as st

from autograd.compiler.building import sorted_by, with_literals
from autograd.compiler.codes import CODES, NAMES, row_of
from autograd.compiler.evaluating import evaluated
from autograd.compiler.expanding import expand, expand_joint, expand_wide
from autograd.compiler.flow import constant, levels, needed, reached, varying
from autograd.compiler.folding import fold
from autograd.compiler.fusing import fuse
from autograd.compiler.planning import with_gradient, with_hessian, with_hvp
from autograd.compiler.program import Program
from autograd.compiler.pruning import prune
from autograd.compiler.scalars import order_of
from autograd.compiler.sharing import share
from autograd.compiler.verifying import verified

PASSES = [expand, expand_joint, expand_wide, fold, fuse, prune, share]


def program(text, results=None):
    """A program in lines of "row operand operand", where an operand is a line or a literal."""
    made, at = Recipe(), []
    for line in text.strip().splitlines():
        what, *given = line.split()
        operands = [at[int(x[1:])] if x[0] == "@" else made.add("literal", float(x)) for x in given]
        at.append(made.add(what, *operands))
    return made.program(None if results is None else [at[i] for i in results])


def printed(text):
    return "\n".join(line.removeprefix("        ") for line in text.strip("\n").splitlines())


@pytest.mark.parametrize(
    ("before", "passes", "after"),
    [
        (
            "input\nexp @0\nmultiply @1 @0\nsin @0",
            [prune],
            """
        program(x0):
            v1 = sin(x0)
            return v1""",
        ),
        (
            "input\ninput\nmultiply @0 @1\nmultiply @1 @0\n"
            "subtract @2 @3\nsubtract @3 @2\nadd @4 @5",
            [share, prune],
            """
        program(x0, x1):
            v2 = x0 * x1
            v3 = v2 - v2
            v4 = v3 + v3
            return v4""",
        ),
        (
            "input\npairs 1.0 @0 2.0 @0\npairs 1.0 @1\nmultiply -1.0 @2\nexp 0.0\ndivide @3 @4",
            [fold, prune],
            """
        program(x0):
            v4 = x0 + 2.0*x0
            v5 = -1.0 * v4
            return v5""",
        ),
        (
            "input\nadd @0 0.0\nsubtract @1 0.0\nsubtract @2 -0.0\npower @3 1.0\npositive @4",
            [fold, prune],
            """
        program(x0):
            v3 = x0 + 0.0
            v4 = v3 - -0.0
            return v4""",
        ),
        (
            "input\ngreater 2.0 1.0\nwhere @1 @0 7.0\nless @0 3.0\nwhere @3 @2 @0\nheld @4",
            [fold, prune],
            """
        program(x0):
            v1 = held(x0)
            return v1""",
        ),
        (
            "input\nless @0 3.0\nwhere @1 4.0 4.0\nsqrt @2\nadd @3 @0",
            [share, fold, prune],
            """
        program(x0):
            v2 = 2.0 + x0
            return v2""",
        ),
        (
            "input\ninput\nmultiply @0 @1\nsubtract @2 @0\nadd @3 @2\ntanh @4",
            [fuse, prune],
            """
        program(x0, x1):
            v4 = x0 * x1
            v5 = v4 + -1.0*x0 + v4
            v6 = tanh(v5)
            return v6""",
        ),
        (
            "input\ninput\nsum @0 @1 @0\ndot @0 @1 @1 @0 @2",
            [expand, fuse, prune],
            """
        program(x0, x1):
            v2 = x0 + x1 + x0 + x0*x1 + x1*x0
            return v2""",
        ),
        (
            "input\ninput\ntotal @0 @1\nadd @2 @2",
            [fold, fuse, share, prune],
            """
        program(x0, x1):
            v2 = total(x0*x1)
            v3 = v2 + v2
            return v3""",
        ),
    ],
    ids=["prune", "share", "fold", "no copies", "choices", "one number", "fuse", "n-ary", "total"],
)
def test_what_a_pass_makes_of_a_program(before, passes, after):
    made = verified(program(before))
    for each in passes:
        made = verified(each(made))
    shown = str(made)
    names = {f"v{i}": f"v{k}" for k, i in enumerate(computed(made), first_of(after))}
    assert renamed(shown, names) == printed(after)


def computed(made):
    return [i for i, code in enumerate(made.codes.tolist()) if code > CODES["literal"]]


def first_of(after):
    """The number of the first name in a printed program."""
    return int(after.partition(" v")[2].partition(" ")[0])


def renamed(text, names):
    """A printed program with its scalars numbered anew: where literals stand is no matter here."""
    import re

    return re.sub(r"\bv\d+\b", lambda found: names[found[0]], text)


@pytest.mark.parametrize("each", PASSES, ids=lambda each: each.__name__)
def test_a_pass_leaves_its_program_as_it_was_and_has_nothing_to_do_twice(each):
    for seed in range(40):
        rng = random.Random(seed)
        made = recipe(rng, 30, FIXED + 3 * N_ARY + 10 * ["where"]).program()
        before = str(made)
        once = verified(prune(each(made)))
        assert str(made) == before
        twice = prune(each(once))
        assert len(twice) <= len(once)
        assert str(prune(each(twice))) == str(twice)


def test_a_gradient_takes_no_more_than_three_operations_for_one_of_its_function():
    """On random programs, whose functions are costly or not; over all of them it is far less."""
    before = after = 0
    for seed in range(200):
        rng = random.Random(seed)
        made = prune(recipe(rng, 60, SMOOTH).program())
        plan = with_gradient(made)
        before += made.stats()["operations"]
        after += plan.stats()["operations"]
        assert plan.stats()["operations"] <= 3 * made.stats()["operations"] + 3, seed
    assert after < 2 * before


# -- what flows where ---------------------------------------------------------------------------


def slow_reached(made, origins):
    found = [i in set(origins) for i in range(len(made))]
    for i in range(len(made)):
        read = made.operands[made.starts[i] : made.starts[i + 1]]
        found[i] = found[i] or any(found[j] for j in read)
    return found


def slow_needed(made, wanted):
    found = [i in set(wanted) for i in range(len(made))]
    for i in reversed(range(len(made))):
        if found[i]:
            for j in made.operands[made.starts[i] : made.starts[i + 1]]:
                found[j] = True
    return found


@pytest.mark.parametrize("size", [1, 10, 200, 3000])
def test_what_is_reached_and_needed_and_how_deep_it_lies(size):
    for seed in range(5):
        rng = random.Random(seed)
        made = recipe(rng, size, SMOOTH + N_ARY).program()
        origins = rng.sample(range(len(made)), min(3, len(made)))
        assert reached(made, origins).tolist() == slow_reached(made, origins)
        assert needed(made, origins).tolist() == slow_needed(made, origins)
        assert varying(made, origins[:1]).tolist() == slow_reached(made, origins[:1])
        leaves = np.flatnonzero((made.sizes == 0) & (made.codes != CODES["literal"]))
        assert constant(made).tolist() == [not x for x in slow_reached(made, leaves)]
        level = levels(made)
        for i in range(len(made)):
            read = made.operands[made.starts[i] : made.starts[i + 1]]
            assert level[i] == (1 + max(level[j] for j in read) if len(read) else 0)


def test_a_chain_is_walked_one_by_one():
    n = 5000
    made = Program.of([CODES["input"], *[CODES["sin"]] * n], range(n), results=[n])
    assert levels(made)[-1] == n
    assert needed(made, [n // 2]).tolist() == [i <= n // 2 for i in range(n + 1)]
    assert reached(made, [n // 2]).tolist() == [i >= n // 2 for i in range(n + 1)]


def test_a_long_chain_of_numbers_is_known():
    n = 50
    codes = [CODES["literal"], CODES["input"], *[CODES["sin"]] * n, CODES["add"]]
    made = Program.of(codes, [0, *range(2, n + 1), n + 1, 1], literals=[2.0], results=[n + 2])
    assert constant(made).tolist() == [True, False, *[True] * n, False]


@given(st.lists(st.integers(0, 2**62)))
def test_numbers_of_any_size_are_sorted(numbers):
    keys = np.array(numbers, np.int64)
    assert order_of(keys).tolist() == np.argsort(keys, kind="stable").tolist()


def test_a_total_is_one_number_for_all_lanes():
    made = program("input\ntotal @0 @0\nadd @1 @0\nadd @1 @1")
    assert varying(made, [0]).tolist() == [True, False, True, False]


# -- a program as arrays ---------------------------------------------------------------------------


def test_literals_move_with_their_scalars():
    made = program("input\nadd @0 2.0\nmultiply @1 3.0\nadd @2 2.5")
    moved, where = with_literals(made, 3.0, 5.0)
    numbers = verified(moved).numbers()
    assert where == [0, 1]
    assert (numbers[0], numbers[1]) == (3.0, 5.0)
    again, where = with_literals(moved, 2.0, 3.0)
    assert again is moved, "they are in their places"
    assert [numbers[i] for i in where] == [2.0, 3.0]
    assert evaluated(moved, [1.0])[moved.results[0]] == 11.5
    order = np.argsort(moved.sizes > 0, kind="stable")
    assert evaluated(verified(sorted_by(moved, order)), [1.0])[-1] == 11.5


def test_a_program_counts_itself():
    made = program("input\nparameter\nmultiply @0 @1\nmultiply @2 @2\nexp @3")
    assert made.stats() == {
        "scalars": 5, "operations": 3, "literals": 0, "inputs": 1, "parameters": 1, "operands": 5,
        "guards": 0, "depth": 3, "rows": {"multiply": 2, "exp": 1},
        "bytes": sum(x.nbytes for x in vars(made).values() if isinstance(x, np.ndarray)),
    }  # fmt: skip
    assert repr(made) == ("<Program of 5 scalars: 1 inputs, 1 parameters, 1 results, 0 gradients>")


def test_a_million_scalars_take_some_tens_of_bytes_each():
    n = 1_000_000
    made = Program.of([CODES["input"], *[CODES["sin"]] * n], range(n), results=[n])
    assert made.stats()["bytes"] < 20 * n


def test_what_is_printed_names_guards_and_source_lines(tmp_path):
    file = tmp_path / "net.py"
    file.write_text("\n\ny = x * w\n", encoding="utf-8")
    made = program("input\nparameter\nmultiply @0 @1\ngreater @2 @0")
    made = made.with_(
        guards=((3, True),), results=np.array([2], np.int32), sources=((str(file), 3, "loss"),),
        places=np.array([-1, -1, 0, 0], np.int32), input_names=("x",), parameter_names=("w",),
    )  # fmt: skip
    assert str(made) == printed("""
        program(x, w):
            v2 = x * w  # net.py:3 loss: y = x * w
            v3 = v2 > x
            guard v3 is True
            return v2""")


def test_without_counts_an_n_ary_scalar_has_no_operands_to_take():
    with pytest.raises(ValueError, match="scalar 1 is sum, which takes any number"):
        Program.of([CODES["input"], CODES["sum"]], [0, 0])
    with pytest.raises(ValueError, match="pairs is no row"):
        row_of(CODES["pairs"])
    assert NAMES[CODES["pairs"]] == "pairs"


def test_second_derivatives_add_inputs_for_the_vector():
    made = program("input\nparameter\nmultiply @0 @1\nsquare @2")
    plan = verified(with_hvp(made))
    assert plan.input_names == ("x0", "v_x0")
    assert len(plan.gradients) == 1
    assert len(verified(with_hessian(made)).gradients) == 1
