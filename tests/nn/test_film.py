"""The film of a training: which frames it keeps, and what its page says of them."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path
from typing import Any

import pytest

import nn
from autograd.display.page import asset
from nn.command.program import main
from nn.losses import cross_entropy, mse
from tests.display.test_javascript import node, same


def trained(film: nn.Film, epochs: int = 8, outs: int = 2) -> tuple[nn.MLP, list[list[float]]]:
    """A small network, and its weights after each epoch."""
    X, y = nn.data.moons(30, rng=1)
    targets = y if outs > 1 else [float(label) for label in y]
    model = nn.MLP(2, [3, outs], rng=random.Random(1))
    weights: list[list[float]] = []

    def noted(epoch: Any) -> None:
        weights.append([x.data for x in model.parameters()])

    nn.fit(model, cross_entropy if outs > 1 else mse, X, targets,
           nn.optim.SGD(model.parameters(), lr=0.5), epochs, callbacks=[film, noted],
           progress=False)  # fmt: skip
    return model, weights


def told(film: nn.Film) -> Any:
    """What the page is told."""
    (text,) = re.findall(r'<script type="application/json">(.*?)</script>', film.to_html())
    return json.loads(text)


def test_it_looks_after_the_first_every_few_and_the_last_epoch() -> None:
    film = nn.Film(every=3)
    _, weights = trained(film)
    assert [frame["epoch"] for frame in film.frames] == [1, 3, 6, 8]
    for frame in film.frames:
        assert frame["weights"] == weights[frame["epoch"] - 1]
    assert repr(film).startswith("<Film: 4 frames, epochs 1 to 8, loss ")


def test_of_too_many_frames_every_second_one_goes() -> None:
    film = nn.Film(every=1, most=4)
    trained(film, epochs=20)
    epochs = [frame["epoch"] for frame in film.frames]
    assert len(epochs) <= 4
    assert (epochs[0], epochs[-1]) == (1, 20)
    assert film.every > 4


def test_another_training_is_another_film() -> None:
    film = nn.Film(every=2)
    trained(film, epochs=4)
    trained(film, epochs=6, outs=1)
    assert [frame["epoch"] for frame in film.frames] == [1, 2, 4, 6]


def test_weights_are_in_rows_of_a_neuron_each() -> None:
    film = nn.Film()
    trained(film)
    first, second = told(film)["matrices"]
    assert (first["name"], second["name"]) == ("layers.0.neurons", "layers.1.neurons")
    assert first["rows"] == [[0, 1, 2], [3, 4, 5], [6, 7, 8]]
    assert second["labels"][1] == [
        *(f"layers.1.neurons.1.w.{i}" for i in range(3)), "layers.1.neurons.1.b"
    ]  # fmt: skip


@pytest.mark.parametrize("outs", [1, 2])
def test_the_plane_has_the_answers_of_the_model(outs: int) -> None:
    film = nn.Film()
    model, _ = trained(film, outs=outs)
    plane, field = told(film)["plane"], film.frames[-1]["field"]
    corner = model([plane["across"][0], plane["up"][0]])
    answer = corner.data if outs == 1 else float(corner[1].data > corner[0].data)
    assert (field[0], len(field), plane["classes"]) == (answer, 24 * 24, 2 * (outs > 1))


def test_other_inputs_than_two_have_no_plane() -> None:
    film, model = nn.Film(), nn.Neuron(1)
    nn.fit(model, mse, [[1.0], [2.0]], [1.0, 2.0], nn.optim.SGD(model.parameters(), lr=0.1), 2,
           callbacks=[film], progress=False)  # fmt: skip
    assert told(film)["plane"] is None


def test_the_graph_of_a_frame_is_that_of_its_weights() -> None:
    """The page gives each weight by its name, and computes the loss that it had then."""
    film = nn.Film(every=2, loss=cross_entropy)
    trained(film)
    page = told(film)
    frame = page["frames"][0]
    source = f"""{asset("python.js", "rules.js", "engine.js")}
    function answer([graph, names, weights]) {{
      const machine = engine(graph);
      names.forEach((name, i) => machine.set(name, weights[i]));
      machine.compute();
      return machine.now[machine.root];
    }}"""
    loss = node(source, [page["graph"]["engine"], page["names"], frame["weights"]])
    model = nn.MLP(2, [3, 2])
    for x, weight in zip(model.parameters(), frame["weights"], strict=True):
        x.data = weight
    X, y = nn.data.moons(30, rng=1)
    assert same(cross_entropy([model(X[0])], [y[0]]).data, loss)


@pytest.mark.parametrize(("make", "message"), [
    (lambda: nn.Film(every=0), "every has to be at least 1"),
    (lambda: nn.Film(most=1), "most has to be at least 2"),
    (lambda: nn.Film().to_html(), r"has seen no training: pass callbacks=\[film\]"),
    (lambda: nn.Film().save("film.gif"), r"a film is saved as \.html; got 'film.gif'"),
])  # fmt: skip
def test_what_is_wrong_is_said(make: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()


def test_a_report_has_the_film(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    path = tmp_path / "report.html"
    assert main(["moons", "--epochs", "4", "--hidden", "3", "--report", str(path)]) == 0
    html = path.read_text()
    assert "<h2>Film</h2>" in html
    assert (
        html.index("<h2>Loss</h2>") < html.index("Film of a training") < html.index("<h2>Answers")
    )
