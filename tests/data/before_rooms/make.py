"""Makes the files beside it, as the packages of the commit 51f8c18 write them, before the rooms.

They are not made anew: later packages have to read these (`tests/test_before_rooms.py`). They were
made in this folder, so that no other path is in them, by

    python -c "__file__ = 'make.py'; exec(compile(open(__file__).read(), __file__, 'exec'))"
"""

from __future__ import annotations

import json
import pickle
import random
import shutil
from fractions import Fraction
from pathlib import Path
from typing import Any

import autograd
import nn
from autograd import AnomalyError, Value, detect_anomaly, record
from autograd.functions import rules
from nn import data, init, losses, optim

HERE = Path(__file__).parent
VECTOR, IMAGE = [0.5, -1.0], [[[0.5, -1.0, 2.0], [1.5, 0.25, -0.5], [1.0, 0.75, -2.0]]]
SIGNAL, SEQUENCE = [[0.5, -1.0, 2.0, 0.25]], [[0.5, -1.0], [1.5, 0.25], [-0.75, 2.0]]


def models() -> dict[str, tuple[Any, Any]]:
    """Return a small module of each kind, and an input for it."""
    rng = random.Random(16)
    return {
        "Neuron": (nn.Neuron(2, activation="tanh", rng=rng), VECTOR),
        "Layer": (nn.Layer(2, 2, activation="sigmoid", rng=rng), VECTOR),
        "MLP": (nn.MLP(2, [3, 1], activation="gelu", output_activation="sigmoid", rng=rng), VECTOR),
        "Sequential": (nn.Sequential(nn.Layer(2, 2, rng=rng), nn.Neuron(2, rng=rng)), VECTOR),
        "Residual": (nn.Residual(nn.Layer(2, 2, activation="softplus", rng=rng)), VECTOR),
        "Flatten": (nn.Sequential(nn.Flatten(), nn.Neuron(9, nonlin=False, rng=rng)), IMAGE),
        "Conv1d": (nn.Conv1d(1, 2, 2, activation="silu", rng=rng), SIGNAL),
        "Conv2d": (nn.Conv2d(1, 1, 2, padding="same", rng=rng), IMAGE),
        "MaxPool1d": (
            nn.Sequential(nn.MaxPool1d(2), nn.Flatten(), nn.Neuron(2, nonlin=False, rng=rng)),
            SIGNAL,
        ),
        "MaxPool2d": (
            nn.Sequential(nn.MaxPool2d(2), nn.Flatten(), nn.Neuron(1, nonlin=False, rng=rng)),
            IMAGE,
        ),
        "AvgPool1d": (
            nn.Sequential(nn.AvgPool1d(2), nn.Flatten(), nn.Neuron(2, nonlin=False, rng=rng)),
            SIGNAL,
        ),
        "AvgPool2d": (
            nn.Sequential(nn.AvgPool2d(2), nn.Flatten(), nn.Neuron(1, nonlin=False, rng=rng)),
            IMAGE,
        ),
        "RNN": (nn.RNN(2, 2, rng=rng), SEQUENCE),
        "GRU": (nn.GRU(2, 2, rng=rng), SEQUENCE),
        "Embedding": (nn.Embedding(3, 2, rng=rng), [2, 0]),
        "Attention": (nn.Attention(2, heads=2, rng=rng), SEQUENCE),
        "RMSNorm": (nn.RMSNorm(2), VECTOR),
        "Dropout": (nn.Sequential(nn.Dropout(0.5, seed=3), nn.Neuron(2, rng=rng)), VECTOR),
        "GPT": (nn.GPT(3, 4, width=2, heads=1, rng=rng), [0, 2, 1]),
    }


def optimisers(parameters: list[Value]) -> dict[str, optim.Optimizer]:
    """Return an optimiser of each kind and way."""
    two = [{"params": parameters[:1], "lr": 0.3}, {"params": parameters[1:], "weight_decay": 0.2}]
    return {
        "SGD": optim.SGD(parameters, 0.1),
        "SGD decayed": optim.SGD(parameters, 0.1, weight_decay=0.05),
        "SGD momentum": optim.SGD(parameters, 0.1, 0.9, dampening=0.25, weight_decay=0.05),
        "SGD Nesterov": optim.SGD(parameters, 0.1, 0.9, nesterov=True),
        "SGD groups": optim.SGD(two, 0.1, 0.9),
        "RMSprop": optim.RMSprop(parameters, 0.05),
        "RMSprop without eps": optim.RMSprop(parameters, 0.05, eps=0, alpha=0.5),
        "RMSprop momentum": optim.RMSprop(parameters, 0.05, 0.9, momentum=0.8, weight_decay=0.05),
        "Adam": optim.Adam(parameters, 0.1),
        "Adam decayed": optim.Adam(parameters, 0.1, (0.8, 0.9), weight_decay=0.05),
        "Adam without eps": optim.Adam(parameters, 0.1, eps=0),
        "Adam groups": optim.Adam(two, 0.1),
        "AdamW": optim.AdamW(parameters, 0.1, weight_decay=0.1),
    }


def gradients(step: int) -> list[float]:
    """Return the gradients of a step, of all sizes, and of the last parameter always 0."""
    rng = random.Random(step)
    return [rng.gauss(0, 1), rng.gauss(0, 1e-3), rng.gauss(0, 1e150), 1e-200, 0.0]


def start() -> list[Value]:
    """Return the parameters that the optimisers move."""
    return [Value(x) for x in (1.0, -0.5, 3.0, 0.1, 0.0)]


def trajectories() -> dict[str, Any]:
    """Return where each optimiser leads in 12 steps, and what it remembers of them."""
    found = {}
    for name in optimisers(start()):
        parameters = start()
        optimiser = optimisers(parameters)[name]
        places = []
        for step in range(12):
            for parameter, gradient in zip(parameters, gradients(step), strict=True):
                parameter.grad = gradient
            optimiser.step()
            places.append([parameter.data.hex() for parameter in parameters])
        found[name] = {"places": places, "state": optimiser.state_dict()["state"]}
    return found


def numbers(out: Any) -> Any:
    """Return the numbers of nested lists of Values."""
    return [numbers(part) for part in out] if isinstance(out, list) else getattr(out, "data", out)


def fitted(folder: Path, epochs: int, resume: bool = False) -> nn.Module:
    """Train a model with everything that a checkpoint holds, and return it."""
    model = nn.Sequential(
        nn.MLP(2, [2], output_activation="tanh", rng=random.Random(1)), nn.Dropout(0.25),
        nn.Neuron(2, nonlin=False, rng=random.Random(2)),
    )  # fmt: skip
    optimiser = optim.AdamW(model.parameters(), 0.05)
    xs, ys = SEQUENCE * 2, [1.0, -1.0, 0.5] * 2
    schedule = optim.SequentialLR(
        optimiser, [optim.LinearLR(optimiser, 0.5), optim.StepLR(optimiser, 2)], [2]
    )
    nn.fit(
        model, losses.mse, xs, ys, optimiser, epochs, 2, rng=5, progress=False, resume=resume,
        schedule=schedule, checkpoint=folder / "checkpoint.json", validation=(xs[:2], ys[:2]),
        patience=9,
    )  # fmt: skip
    return model


def history() -> list[float]:
    """Return what a training of two epochs leaves behind."""
    neuron = nn.Neuron(1, rng=random.Random(0))
    sgd = optim.SGD(neuron.parameters())
    return nn.fit(neuron, losses.mse, [[1.0]], [2.0], sgd, 2, progress=False)


def things() -> dict[str, Any]:
    """Return what else of `nn` is pickled: data, what a training leaves behind, functions."""
    model = models()["MLP"][0]
    optimiser = optim.SGD(model.parameters(), 0.1)
    table = data.Dataset([[1.0], [2.0]], [0, 1], ["a", "b"], ["x"], "kind")
    scaler = data.Standardiser.fit(table.features)
    return {
        "Dataset": table,
        "Standardiser": scaler,
        "History": history(),
        "StepLR": optim.StepLR(optimiser, 2),
        "CosineAnnealingLR": optim.CosineAnnealingLR(optimiser, 2),
        "LinearLR": optim.LinearLR(optimiser),
        "ReduceLROnPlateau": optim.ReduceLROnPlateau(optimiser),
        "Saved": nn.load(HERE / "MLP.json"),
        "Summary": nn.summary(model),
        "IncompatibleKeys": model.load_state_dict({}, strict=False),
        "DataError": data.DataError("no row"),
        "functions": [losses.mse, losses.cross_entropy, losses.l1, init.xavier, data.moons,
                      data.iris, data.load_csv, data.train_test_split, optim.clip_grad_norm_,
                      nn.fit, nn.save, nn.summary],
    }  # fmt: skip


class Twice(nn.Module):
    """Doubles a number, within a call that is recorded."""

    def __call__(self, x: Value) -> Value:
        return 2 * x[0] if isinstance(x, list) else 2 * x


def graphs() -> dict[str, Any]:
    """Return what is pickled of `autograd`: graphs with their gradients, rows, errors, origins."""
    x, w = Value(0.5, "x"), Value(-1.5, "w")
    y = autograd.tanh(w * x + 1.0) + autograd.dot([w, x], [2.0, w]) + autograd.logsumexp([x, w])
    y.backward()
    second = x**3 * w
    second.backward(create_graph=True)
    z = Value(1.0 + 2.0j)
    crossed = autograd.real(autograd.exp(z) * autograd.conjugate(z)) + abs(z)
    crossed.backward()
    exact = Value(Fraction(1, 3))
    ratio = exact * exact / 7
    ratio.backward()
    with record():
        recorded = autograd.sin(x) * w
        called = nn.Sequential(Twice(), Twice())(x)
    try:
        with detect_anomaly():
            autograd.log(Value(-1.0)).backward()
    except AnomalyError as error:
        anomaly = error
    return {
        "graph": (x, w, y),
        "second order": second,
        "complex": (z, crossed),
        "Fraction": (exact, ratio),
        "recorded": recorded,
        "called": called,
        "origins": [recorded.origin, called.origin],
        "AnomalyError": anomaly,
        "rows": [rules.tanh, rules.add, rules.where, rules.sum, rules.dot, rules.sech2],
        "functions": [autograd.grad, autograd.dot, autograd.softmax, autograd.checkpoint],
    }


def pickled(things: dict[str, Any]) -> bytes:
    """Return pickles by name, so that each is read by itself."""
    return pickle.dumps({name: pickle.dumps(x, 4) for name, x in things.items()}, 4)


def main() -> None:
    expected: dict[str, Any] = {"models": {}, "optimisers": trajectories()}
    for name, (model, x) in models().items():
        model.eval()
        nn.save(model, HERE / f"{name}.json", seed=16, notes={"kind": name})
        expected["models"][name] = {"out": numbers(model(x)), "state": model.state_dict()}
    fitted(HERE, 3)
    shutil.copyfile(HERE / "checkpoint.json", HERE / "kept.json")
    expected["fitted"] = fitted(HERE, 5, resume=True).state_dict()
    (HERE / "kept.json").replace(HERE / "checkpoint.json")
    (HERE / "modules.pickle").write_bytes(pickled({k: m for k, (m, _) in models().items()}))
    moved = {}
    for name in optimisers(start()):
        parameters = start()
        moved[name] = optimisers(parameters)[name]
        for parameter, gradient in zip(parameters, gradients(0), strict=True):
            parameter.grad = gradient
        moved[name].step()
    (HERE / "optimisers.pickle").write_bytes(pickled(moved))
    (HERE / "things.pickle").write_bytes(pickled(things()))
    (HERE / "graphs.pickle").write_bytes(pickled(graphs()))
    (HERE / "expected.json").write_text(json.dumps(expected) + "\n")


if __name__ == "__main__":
    main()
