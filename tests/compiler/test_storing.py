"""Programs in files: read as they were written, and refused where one index or name is wrong."""

import copy
import json
import math
import os
import random
import threading

import numpy as np
import pytest
from compiler.random_programs import FIXED, N_ARY, numbers, recipe
from compiler.test_passes import program

from autograd.compiler.codes import CODES
from autograd.compiler.evaluating import evaluated
from autograd.compiler.planning import with_gradient
from autograd.compiler.program import Program
from autograd.compiler.storing import as_document, from_document, load_program, save_program
from autograd.compiler.verifying import ProgramError, verified


def plan(seed=3, size=12):
    rng = random.Random(seed)
    made = recipe(rng, size, FIXED + N_ARY + 5 * ["where"])
    found = with_gradient(made.program())
    return found.with_(
        sources=(("net.py", 3, "f"),),
        places=np.where(found.sizes > 0, 0, -1).astype(np.int32),
        guards=tuple((int(i), True) for i in np.flatnonzero(found.codes == CODES["greater"])),
    )


@pytest.mark.parametrize("seed", range(20))
def test_a_program_is_read_as_it_was_written(seed, tmp_path):
    made = plan(seed)
    save_program(made, tmp_path / "p.json")
    read = load_program(tmp_path / "p.json")
    assert str(read) == str(made)
    assert repr(read) == repr(made)
    for what, array in vars(made).items():
        if isinstance(array, np.ndarray):
            assert getattr(read, what).dtype == array.dtype
            assert getattr(read, what).tobytes() == array.tobytes(), what
        else:
            assert getattr(read, what) == array
    rng = random.Random(seed)
    xs, ps = (numbers(rng, len(x)) for x in (made.inputs, made.parameters))
    assert [*map(repr, evaluated(read, xs, ps))] == [*map(repr, evaluated(made, xs, ps))]


def test_numbers_that_json_has_not_are_words(tmp_path):
    made = program("input\nadd @0 nan\nadd @1 inf\nadd @2 -inf\nadd @3 -0.0\nadd @4 5e-324")
    assert as_document(made)["literals"] == ["nan", "inf", "-inf", -0.0, 5e-324]
    save_program(made, tmp_path / "p.json")
    text = (tmp_path / "p.json").read_text()
    json.loads(text, parse_constant=pytest.fail)
    read = load_program(tmp_path / "p.json").literals
    assert read.tobytes() == made.literals.tobytes()


FAULTS = {
    "format": (lambda d: d.update(format="model"), 'its "format" is not "glassgrad program"'),
    "version": (lambda d: d.update(version=2), "its version is 2, and this glassgrad reads 1"),
    "missing": (lambda d: d.pop("starts"), '"starts" has to be a list'),
    "unknown": (lambda d: d.update(extra=1), 'there is no field "extra"'),
    "row": (lambda d: d["rows"].__setitem__(-1, "tahn"), "no row 'tahn'; did you mean tanh?"),
    "no name": (lambda d: d["rows"].__setitem__(-1, 3), "no row '3'"),
    "a list": (lambda d: d["rows"].__setitem__(-1, []), r"no row '\[\]'"),
    "code": (lambda d: d["codes"].__setitem__(0, 99), r"codes\[0\] is 99"),
    "negative": (lambda d: d["codes"].__setitem__(0, -1), r"codes\[0\] is -1"),
    "true": (lambda d: d["codes"].__setitem__(0, True), r"codes\[0\] is True"),
    "float": (lambda d: d["operands"].__setitem__(0, 0.0), r"operands\[0\] is 0.0"),
    "huge": (lambda d: d["operands"].__setitem__(0, 2**40), r"operands\[0\] is 1099511627776"),
    "beyond": (lambda d: d["operands"].__setitem__(0, 500), r"operands\[0\] is 500"),
    "forward": (
        lambda d: d["operands"].__setitem__(0, d["operands"][-1]),
        "no earlier than itself",
    ),
    "start": (lambda d: d["starts"].__setitem__(0, 1), "starts has to lead from 0"),
    "end": (lambda d: d["starts"].__setitem__(-1, 1), "starts has to lead from 0"),
    "backwards": (lambda d: d["starts"].__setitem__(-2, 10**6), "end before they begin"),
    "arity": (
        lambda d: d["starts"].__setitem__(-2, d["starts"][-2] - 1),
        "has not as many operands",
    ),
    "literal": (lambda d: d["literals"].__setitem__(0, "2.0"), "a literal is a number"),
    "object": (lambda d: d["literals"].__setitem__(0, {}), "a literal is a number"),
    "digits": (lambda d: d["literals"].__setitem__(0, 10**400), "a literal is a number"),
    "literals": (lambda d: d["literals"].append(1.0), "numbers for"),
    "input": (lambda d: d["inputs"].__setitem__(0, 3), "does not list every scalar"),
    "twice": (lambda d: d["inputs"].append(d["inputs"][0]), "names for|does not list"),
    "name": (lambda d: d["input_names"].pop(), "there are 1 names for 2 inputs"),
    "names": (lambda d: d["input_names"].__setitem__(0, 5), r"input_names\[0\] is 5"),
    "result": (lambda d: d["results"].__setitem__(0, 400), r"results\[0\] is 400"),
    "none": (lambda d: d["results"].__setitem__(0, -1), r"results\[0\] is -1"),
    "gradient": (lambda d: d["gradients"].__setitem__(0, 400), r"gradients\[0\] is 400"),
    "guard": (lambda d: d["guards"].append([400, True]), r"guards\[0\] is 400"),
    "guard's truth": (
        lambda d: d["guards"].append([1, 1]),
        "a guard is a scalar and true or false",
    ),
    "guard's index": (lambda d: d["guards"].append([True, True]), "a guard is a scalar"),
    "place": (lambda d: d["places"].__setitem__(0, 4), r"places\[0\] is 4"),
    "places": (lambda d: d["places"].pop(), "places for"),
    "source": (lambda d: d["sources"].append([1, 2]), "a source is a file, a line and a function"),
    "line": (lambda d: d["sources"].append(["f", True, "g"]), "a source is a file"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_in_a_file_is_told_before_anything_runs(fault, tmp_path):
    made = program("input\ninput\nmultiply @0 @1\nadd @2 2.0\npairs @0 @3 @1 @2\ntanh @4")
    document = as_document(made.with_(gradients=made.results))
    change, message = FAULTS[fault]
    change(document)
    (tmp_path / "p.json").write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(ProgramError, match=message) as told:
        load_program(tmp_path / "p.json")
    assert str(tmp_path / "p.json") in str(told.value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[1, 2]",
        "null",
        '{"format": NaN}',
        "[" * 100_000,
        "\x00\xff",
        '"glassgrad program"',
    ],
)
def test_what_is_no_program_is_refused(text, tmp_path):
    (tmp_path / "p.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(ProgramError):
        load_program(tmp_path / "p.json")


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (
            Program.of([0, CODES["share"], 2], [2, 0, 0], counts={1: 3}, literals=[0.0]),
            "no earlier",
        ),
        (
            Program.of([0, 2, CODES["share"]], [1, 0, 0], counts={2: 3}, literals=[2.0]),
            "from 0 to 1",
        ),
        (
            Program.of([0, 2, CODES["share"]], [1, 0, 0], counts={2: 3}, literals=[-1.0]),
            "from 0 to",
        ),
        (Program.of([0, 2, CODES["share"]], [1, 0, 0], counts={2: 3}, literals=[0.5]), "integer"),
        (Program.of([0, 2, CODES["share"]], [0, 0, 0], counts={2: 3}, literals=[0.0]), "a literal"),
        (Program.of([0, 2, CODES["polygamma"]], [1, 0], literals=[1e9]), "from 0 to 1000"),
        (Program.of([0, 2, CODES["polygamma"]], [1, 0], literals=[math.nan]), "from 0 to 1000"),
        (Program.of([0, 2, CODES["round_to"]], [1, 0], literals=[-2.0], results=[2]), ""),
        (Program.of([0, CODES["pairs"]], [0], counts={1: 1}), "half a pair"),
        (Program.of([0, CODES["total"]], [0, 0, 0], counts={1: 3}), "half a pair"),
        (Program.of([0, CODES["dot"]], [0, 0], counts={1: 2}), "weights, as many inputs, a bias"),
        (Program.of([0, CODES["max"]], [], counts={1: 0}), "at least 1 operands"),
    ],
)
def test_the_verifier_knows_what_rows_take(made, message):
    if not message:
        assert verified(made) is made
        return
    with pytest.raises(ProgramError, match=message):
        verified(made)


def test_a_random_change_of_a_document_is_refused_or_means_a_program_that_runs():
    rng = random.Random(5)
    document = as_document(plan(size=6))
    outcomes = {True: 0, False: 0}
    for _ in range(1500):
        changed = copy.deepcopy(document)
        what = rng.choice([k for k, x in changed.items() if isinstance(x, list) and x])
        at = rng.randrange(len(changed[what]))
        wrong = [0, 1, -1, 5, 10**6, 2.5, "x", None, [], True]
        changed[what][at] = rng.choice([*wrong, rng.choice(changed[what])])
        try:
            read = from_document(changed)
        except ProgramError:
            outcomes[False] += 1
        else:
            evaluated(read, [0.5] * len(read.inputs), [0.25] * len(read.parameters))
            outcomes[True] += 1
    assert min(outcomes.values()) > 100


def test_a_file_is_written_whole_or_not_at_all(tmp_path):
    path = tmp_path / "p.json"
    save_program(plan(1), path)
    broken = plan(1).with_(results=np.array([10**6], np.int32))
    with pytest.raises(ProgramError, match="results"):
        save_program(broken, path)
    assert str(load_program(path)) == str(plan(1))
    both = [plan(1), plan(2, 40)]
    threads = [threading.Thread(target=save_program, args=(x, path)) for x in both * 8]
    for thread in threads:
        thread.start()
    texts = {str(x) for x in both}
    while any(thread.is_alive() for thread in threads):
        assert str(load_program(path)) in texts
    assert os.listdir(tmp_path) == ["p.json"]
