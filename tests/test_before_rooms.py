"""What the packages wrote before they had rooms is still read: saved models, checkpoints, pickles.

`tests/data/before_rooms/make.py` wrote it, by the commit that it names; `expected.json` holds the
numbers that its models, optimisers and trainings gave then.
"""

from __future__ import annotations

import importlib.util
import json
import math
import pickle
import shutil
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

import autograd
import nn
from autograd import AnomalyError
from autograd.functions import rules
from nn import data, init, losses, optim

FOLDER = Path(__file__).with_name("data") / "before_rooms"
EXPECTED = json.loads((FOLDER / "expected.json").read_text())
_spec = importlib.util.spec_from_file_location("before_rooms", FOLDER / "make.py")
assert _spec is not None
assert _spec.loader is not None
make = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(make)
INPUTS = {name: x for name, (_, x) in make.models().items()}


def read(pickled: bytes) -> Any:
    return pickle.loads(pickled)  # noqa: S301  (our own)


def kept(file: str) -> dict[str, Any]:
    """The pickles in a file, each still a string of bytes, by name."""
    return read((FOLDER / file).read_bytes())


MODULES, OPTIMISERS = kept("modules.pickle"), kept("optimisers.pickle")
THINGS, GRAPHS = kept("things.pickle"), kept("graphs.pickle")


def agree(found: Any, expected: Any) -> bool:
    """Whether numbers in lists agree; `math.sumprod`, from Python 3.12, rounds less often."""
    if isinstance(expected, list):
        return len(found) == len(expected) and all(map(agree, found, expected))
    return math.isclose(found, expected, rel_tol=1e-14, abs_tol=1e-15)


@pytest.mark.parametrize("name", INPUTS)
def test_a_saved_model_gives_its_numbers(name: str) -> None:
    saved = nn.load(FOLDER / f"{name}.json")
    assert (saved.seed, saved.notes) == (16, {"kind": name})
    assert saved.model.state_dict() == EXPECTED["models"][name]["state"]
    out = make.numbers(saved.model.eval()(INPUTS[name]))
    assert agree(out, EXPECTED["models"][name]["out"])


@pytest.mark.parametrize("name", INPUTS)
def test_a_pickled_module_gives_its_numbers_and_learns(name: str) -> None:
    model = read(MODULES[name])
    assert model.state_dict() == EXPECTED["models"][name]["state"]
    out = model.eval()(INPUTS[name])
    assert agree(make.numbers(out), EXPECTED["models"][name]["out"])
    autograd.sum(list(nn.Flatten()(out if isinstance(out, list) else [out]))).backward()
    assert any(parameter.grad for parameter in model.parameters())
    assert read(pickle.dumps(model)).state_dict() == model.state_dict()


@pytest.mark.parametrize("name", OPTIMISERS)
def test_a_pickled_optimiser_goes_on_where_it_was(name: str) -> None:
    optimiser = read(OPTIMISERS[name])
    for step in range(1, 12):
        for parameter, gradient in zip(optimiser.params, make.gradients(step), strict=True):
            parameter.grad = gradient
        optimiser.step()
        places = [parameter.data.hex() for parameter in optimiser.params]
        assert places == EXPECTED["optimisers"][name]["places"][step]
    assert optimiser.state == EXPECTED["optimisers"][name]["state"]


@pytest.mark.parametrize("name", OPTIMISERS)
def test_an_optimiser_takes_the_very_steps_of_before(name: str) -> None:
    """Every bit of them: with gradients of 1e150 and 1e-200, too, and of always 0."""
    trajectory = make.trajectories()[name]
    assert json.loads(json.dumps(trajectory)) == EXPECTED["optimisers"][name]


def test_a_training_is_taken_up_from_its_checkpoint(tmp_path: Path) -> None:
    shutil.copyfile(FOLDER / "checkpoint.json", tmp_path / "checkpoint.json")
    model = make.fitted(tmp_path, 5, resume=True)
    found, expected = model.state_dict(), EXPECTED["fitted"]
    assert found.keys() == expected.keys()
    assert agree(list(found.values()), list(expected.values()))


def test_what_else_of_nn_was_pickled() -> None:
    things = {name: read(pickled) for name, pickled in THINGS.items()}
    table, saved = things["Dataset"], things["Saved"]
    assert type(table) is data.Dataset
    assert (table.features, table.class_names) == (((1.0,), (2.0,)), ("a", "b"))
    assert things["Standardiser"] == data.Standardiser((1.5,), (0.5,))
    assert (len(things["History"]), things["History"].stopped) == (2, "")
    assert saved.model.state_dict() == EXPECTED["models"]["MLP"]["state"]
    assert things["Summary"].total == 13
    assert len(things["IncompatibleKeys"].missing_keys) == 13
    assert str(things["DataError"]) == "no row"
    for name in ("StepLR", "CosineAnnealingLR", "LinearLR", "ReduceLROnPlateau"):
        assert type(things[name]) is getattr(optim, name)
    assert things["functions"] == [
        losses.mse, losses.cross_entropy, losses.l1, init.xavier, data.moons, data.iris,
        data.load_csv, data.train_test_split, optim.clip_grad_norm_, nn.fit, nn.save, nn.summary,
    ]  # fmt: skip


def test_pickled_graphs_have_their_gradients_and_can_be_swept() -> None:
    x, w, y = read(GRAPHS["graph"])
    t = math.tanh(0.5 * -1.5 + 1)
    share = 1 / (1 + math.exp(-2.0))  # of x, which is larger by 2
    slopes = (1 - t * t) * -1.5 - 1.5 + share, (1 - t * t) * 0.5 + 2.5 + 1 - share
    for leaf in (x, w):
        leaf.grad = 0
    y.backward()
    assert agree([x.grad, w.grad], [*slopes])
    second = read(GRAPHS["second order"])
    cube, w = second.parents
    (x,) = cube.parents
    x.grad, slope = 0, x.grad
    assert (second.data, cube.op) == (-0.1875, rules.power)
    slope.backward()
    assert x.grad == 6 * x.data * w.data == -4.5


def test_pickled_graphs_of_other_numbers() -> None:
    z, crossed = read(GRAPHS["complex"])
    before, z.grad = z.grad, 0
    crossed.backward()
    assert z.grad == before != 0
    exact, ratio = read(GRAPHS["Fraction"])
    assert (ratio.data, exact.grad) == (Fraction(1, 63), Fraction(2, 21))


def test_pickled_origins_errors_rows_and_functions() -> None:
    recorded, called = read(GRAPHS["origins"])
    assert (recorded.filename, recorded.source) == ("make.py", "recorded = autograd.sin(x) * w")
    assert called.path == (("Sequential", 1), ("parts.1", 3))
    assert read(GRAPHS["recorded"]).origin.line == recorded.line
    assert read(GRAPHS["called"]).origin.path == called.path
    error = read(GRAPHS["AnomalyError"])
    assert type(error) is AnomalyError
    assert (error.node.op, str(error).splitlines()[0]) == (rules.log, "log gave nan")
    assert read(GRAPHS["rows"]) == [
        rules.tanh, rules.add, rules.where, rules.sum, rules.dot, rules.sech2,
    ]  # fmt: skip
    assert read(GRAPHS["functions"]) == [
        autograd.grad, autograd.dot, autograd.softmax, autograd.checkpoint,
    ]  # fmt: skip


@pytest.mark.parametrize("file", ["modules", "things", "graphs"])
def test_a_program_that_has_imported_nothing_reads_them(file: str) -> None:
    program = (
        "import pathlib, pickle, sys\n"
        "for pickled in pickle.loads(pathlib.Path(sys.argv[1]).read_bytes()).values():\n"
        "    pickle.loads(pickled)"
    )
    command = [sys.executable, "-W", "error", "-c", program, str(FOLDER / f"{file}.pickle")]
    done = subprocess.run(command, cwd=FOLDER.parents[2], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
