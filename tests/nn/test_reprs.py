"""What is shown of an object is one short line, however much it holds."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from autograd import Value, step
from autograd.testing.reports import Finding, Report, Verdict
from nn import MLP
from nn.data import Dataset, Standardiser, digits, encoder, moons
from nn.models.classifier import Classifier
from nn.training.history import History

BAD = Finding("args[1]", Verdict.FAIL, 1.0, 2.0, 4.5e15, 4.0, 0.0)

SHOWN: list[tuple[Any, str]] = [
    (moons(60), "Dataset(60 examples; x, y -> moon: upper, lower)"),
    (
        digits(),
        "Dataset(1797 examples; pixel_0_0, pixel_0_1, pixel_0_2, pixel_0_3, ... (64 in all) "
        "-> digit: 0, 1, 2, 3, ... (10 in all))",
    ),
    (
        Dataset(((1.0,),), (0,), ("a\nb",), ("x" * 90,), "k"),
        f"Dataset(1 example; {'x' * 12}...{'x' * 13} -> k: a\\nb)",
    ),
    (History(), "History(0 epochs)"),
    (History([0.123456]), "History(1 epoch; loss 0.1235 -> 0.1235)"),
    (
        History([1.0] * 999 + [0.5], [3.0, 2.0, 2.5]),
        "History(1000 epochs; loss 1 -> 0.5; validation 3 -> 2.5, best 2 after epoch 2)",
    ),
    (
        Report("gradient of f", (BAD,) * 500, "mpmath", "print(1)\nprint(2)"),
        "<Report: gradient of f: fail (500 held against mpmath; 500 wrong)>",
    ),
    (
        Classifier(
            MLP(64, [10]),
            Standardiser((0.0,) * 64, (1.0,) * 64),
            digits().feature_names,
            digits().class_names,
            "digit",
        ),
        "Classifier(MLP; pixel_0_0, pixel_0_1, pixel_0_2, pixel_0_3, ... (64 in all) "
        "-> digit: 0, 1, 2, 3, ... (10 in all))",
    ),
]


@pytest.mark.parametrize(("given", "shown"), SHOWN, ids=[type(x).__name__ for x, _ in SHOWN])
def test_an_object_shows_itself_in_one_line(given: Any, shown: str) -> None:
    assert repr(given) == shown
    assert len(shown.splitlines()) == 1


def test_a_history_says_how_it_ended() -> None:
    history = History([0.5])
    history.stopped = "interrupted"
    assert repr(history) == "History(1 epoch; loss 0.5 -> 0.5; interrupted)"
    assert history == [0.5]


def test_steps_and_what_they_pass_on_show_themselves_in_one_line() -> None:
    x, y = Value(2.0, label="x"), Value(3.0, label="y")
    steps = step(x * y)
    forward, *_, backward = steps
    assert repr(forward) == f"<Step 1, forward: {forward.equation}>"
    assert repr(backward) == f"<Step {len(steps)}, backward: {backward.equation}>"
    to_x = backward.contributions[0]
    assert repr(to_x) == f"<Contribution to x: {to_x.equation}>"
    deep = step(sum(x * i for i in range(50)))
    assert max(len(repr(each)) for each in deep) < 200
    assert all(len(repr(each).splitlines()) == 1 for each in deep)


def test_a_data_set_with_many_columns_and_classes_names_a_few() -> None:
    assert len(repr(encoder(300))) < 120


def test_the_progress_bar_is_that_of_the_notebook_where_there_is_one() -> None:
    program = (
        "import tqdm.auto, nn, nn.losses, nn.optim\n"
        "made = []\n"
        "class Bar(tqdm.auto.tqdm):\n"
        "    def __init__(self, *args, **kwargs):\n"
        "        made.append(self)\n"
        "        super().__init__(*args, **kwargs)\n"
        "tqdm.auto.tqdm = Bar\n"
        "m = nn.Neuron(1)\n"
        "nn.fit(m, nn.losses.mse, [[1.0]], [1.0], nn.optim.SGD(m.parameters()), 1)\n"
        "assert len(made) == 1\n"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
