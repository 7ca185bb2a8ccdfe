"""Programs as C: compiled by the compiler of this machine, and compared with Python."""

import ctypes
import math
import random
import shutil
import struct
import subprocess

import numpy as np
import pytest
from compiler.bounds import bounded
from compiler.random_programs import FIXED, N_ARY, SMOOTH, Recipe, numbers, recipe
from compiler.test_passes import program

from autograd import rules
from autograd.compiler.c import c_source
from autograd.compiler.evaluating import evaluated
from autograd.compiler.expanding import expand
from autograd.compiler.planning import with_gradient
from autograd.compiler.pruning import prune
from autograd.compiler.verifying import ProgramError

COMPILER = shutil.which("cc") or shutil.which("gcc")
needs_c = pytest.mark.skipif(COMPILER is None, reason="there is no C compiler")
# Of the same bits in C are those that CPython takes from the C library, or computes itself alike.
LEFT_TO_PYTHON = {
    "digamma", "exp_neg_square_derivative", "normal_pdf_derivative", "arctan2_partial",
    "divide_partial", "power_partial", "polygamma", "gamma_derivative", "round_to",
    "norm_partial",
}  # fmt: skip
OTHERWISE = {"hypot", "unit_hypot", "lgamma", "gamma"}  # by another algorithm than CPython's


def compiled(sources, folder):
    """Functions of (inputs, parameters) that answer whether guards hold, results and gradients."""
    text = "\n".join(f"/* {i} */" + x for i, x in enumerate(sources))
    (folder / "p.c").write_text(text, encoding="utf-8")
    command = [COMPILER, "-O1", "-std=c99", "-ffp-contract=off", "-fPIC", "-shared", "-w"]
    subprocess.run([*command, "-o", folder / "p.so", folder / "p.c", "-lm"], check=True)
    return ctypes.CDLL(str(folder / "p.so"))


def called(library, made, xs, ps, name="program"):
    def doubles(items):
        return (ctypes.c_double * max(1, len(items)))(*items)

    results, gradients = doubles([0.0] * len(made.results)), doubles([0.0] * len(made.gradients))
    held = getattr(library, name)(doubles(xs), doubles(ps), results, gradients)
    return held, [*results], [*gradients][: len(made.gradients)]


def bits(x):
    return "nan" if x != x else struct.pack("d", x)


@needs_c
@pytest.mark.parametrize("seed", range(24))
def test_c_answers_as_python_does(seed, tmp_path):
    """To the bit but for rows of many operands, whose sums are added up in another way."""
    rng = random.Random(seed)
    narrow = [x for x in FIXED if x not in OTHERWISE]
    made = recipe(rng, rng.choice([4, 12, 40]), [SMOOTH, narrow, narrow + 3 * ["where"]][seed % 3])
    plan = with_gradient(made.program())
    count, others = made.counts
    try:
        library = compiled([c_source(plan)], tmp_path)
    except ProgramError as told:
        assert any(name in str(told) for name in LEFT_TO_PYTHON)  # noqa: PT017  (either may be)
        return
    for _ in range(4):
        xs, ps = numbers(rng, count), numbers(rng, others)
        found = evaluated(prune(expand(plan)), xs, ps)
        flat = prune(expand(plan))
        true = [found[flat.results[0]], *(found[i] + 0.0 for i in flat.gradients)]
        held, results, gradients = called(library, plan, xs, ps)
        assert held == 1
        assert [*map(bits, results + gradients)] == [*map(bits, true)]


@needs_c
@pytest.mark.parametrize("name", N_ARY)
def test_rows_of_many_operands_are_close(name, tmp_path):
    rng = random.Random(name)
    made = Recipe()
    made.add(name, *[made.add("input") for _ in range(5)])
    plan = with_gradient(made.program())
    library = compiled([c_source(plan)], tmp_path)
    xs = numbers(rng, 5, 0.0)
    found, _ = bounded(plan, xs, [])
    true = [found[plan.results[0]], *(found[i] for i in plan.gradients)]
    _, results, gradients = called(library, plan, xs, [])
    np.testing.assert_allclose(results + gradients, true, rtol=1e-14, atol=1e-300)


@pytest.mark.parametrize("row", rules.TABLE.values(), ids=lambda row: row.name)
def test_a_row_has_c_or_is_listed(row):
    made = Recipe()
    size = (row.arity or row.integers + 3) - row.integers
    integers = [made.add("literal", 1.0) for _ in range(row.integers)]
    made.add(row.name, *integers, *[made.add("input") for _ in range(size)])
    if row.name in LEFT_TO_PYTHON:
        with pytest.raises(
            ProgramError, match=f"{row.name} has no C .*: the program runs in Python"
        ):
            c_source(made.program())
    else:
        assert "int program(" in c_source(made.program())


@needs_c
def test_a_guard_that_fails_answers_0(tmp_path):
    made = program("input\ngreater @0 0.0\nlog @0").with_(guards=((2, True),))
    library = compiled([c_source(made)], tmp_path)
    assert called(library, made, [-1.0], [])[0] == 0
    assert called(library, made, [math.e], []) == (1, [1.0], [])


def test_a_name_in_a_program_ends_no_comment():
    made = program("input\nexp @0").with_(input_names=("*/ evil(); /*",))
    assert "/* * / evil(); /* */" in c_source(made)
    with pytest.raises(ValueError, match="has to be an identifier; got 'a b'"):
        c_source(made, "a b")
