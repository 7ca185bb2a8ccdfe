"""Summaries and printed forms of modules."""

from __future__ import annotations

import math
import random
from typing import Any

import pytest

import autograd
from autograd import Value
from nn import (
    GPT,
    GRU,
    MLP,
    Attention,
    AvgPool1d,
    Conv1d,
    Conv2d,
    Dropout,
    Embedding,
    Flatten,
    Layer,
    MaxPool2d,
    Module,
    Neuron,
    Residual,
    Sequential,
    summary,
)

SHARED = Layer(2, 2)


def images() -> Sequential:
    return Sequential(
        Conv2d(1, 4, 3, padding="same", activation="relu"), MaxPool2d(2), Dropout(0.5), Flatten(),
        Layer(16, 10, nonlin=False),
    )  # fmt: skip


def test_a_summary_is_a_table_of_modules_shapes_and_parameters() -> None:
    assert (
        str(summary(images()))
        == """\
module                shape          parameters
Sequential                                  210
  parts.0: Conv2d                            40
    filters: Filters  w 4x9, b 4             40
  parts.1: MaxPool2d                          0
  parts.2: Dropout                            0
  parts.3: Flatten                            0
  parts.4: Layer      w 10x16, b 10         170
total                                       210"""
    )


def test_with_an_input_it_has_the_shapes_of_what_the_modules_made_of_it() -> None:
    assert (
        str(summary(images(), [[[1.0] * 4] * 4]))
        == """\
module                shape          parameters  output
Sequential                                  210  10
  parts.0: Conv2d                            40  4x4x4
    filters: Filters  w 4x9, b 4             40
  parts.1: MaxPool2d                          0  4x2x2
  parts.2: Dropout                            0  4x2x2
  parts.3: Flatten                            0  16
  parts.4: Layer      w 10x16, b 10         170  10
total                                       210"""
    )


def test_large_numbers_are_grouped_and_a_bare_number_is_a_scalar() -> None:
    assert (
        str(summary(Layer(100, 20)))
        == """\
module  shape           parameters
Layer   w 20x100, b 20       2,020
total                        2,020"""
    )
    assert (
        str(summary(Neuron(2), [1.0, 2.0]))
        == """\
module  shape          parameters  output
Neuron  w 2, b scalar           3  scalar
total                           3"""
    )


@pytest.mark.parametrize(
    "model",
    [
        MLP(3, [4, 2]), GPT(5, 4, 4, 2, 2), GRU(2, 3), Attention(4, 2), Embedding(3, 2),
        Sequential(SHARED, SHARED), Residual(Conv1d(1, 1, 3, padding=1), AvgPool1d(1)),
        Layer(1, 2, activation=Sequential(Residual(lambda x: x))), images(), Module(),
    ],
    ids=lambda model: type(model).__name__,
)  # fmt: skip
def test_every_parameter_is_in_one_shape_and_in_the_count_of_each_module_around_it(
    model: Any,
) -> None:
    found = summary(model)
    assert found.total == len(model.parameters())
    assert sum(math.prod(s) for row in found.rows for s in row.shapes.values()) == found.total
    shown = [module for module in model.modules() if not isinstance(module, Neuron)]
    assert [(row.kind, row.parameters) for row in found.rows] == [
        (type(module).__name__, len(module.parameters())) for module in shown
    ]


def test_rows_stand_within_the_module_that_holds_them() -> None:
    model = Sequential(Residual(Layer(1, 1)), Layer(1, 1))
    assert [(row.depth, row.name, row.kind) for row in summary(model).rows] == [
        (0, "", "Sequential"),
        (1, "parts.0", "Residual"),
        (2, "parts.0", "Layer"),
        (1, "parts.1", "Layer"),
    ]


def test_parameters_that_fill_no_rectangle_are_counted() -> None:
    class Own(Module):
        def __init__(self) -> None:
            self.ragged = [[Value(1.0)], [Value(2.0), Value(3.0)]]
            self.named = {"a": Value(1.0), "b": [Value(2.0), Value(3.0)]}
            self.unit = Neuron(2)

    assert [row.shapes for row in summary(Own()).rows] == [
        {"ragged": (3,), "named.a": (), "named.b": (2,), "unit.w": (2,), "unit.b": ()}
    ]


def test_a_shared_parameter_counts_once_in_the_total_and_in_each_module_that_has_it() -> None:
    """torchinfo 322: there a model of tied weights had more parameters than it had."""
    model = Sequential(Layer(2, 1), Layer(2, 1))
    model.parts[1].neurons[0].w = model.parts[0].neurons[0].w
    assert (
        str(summary(model))
        == """\
module            shape       parameters
Sequential                             4
  parts.0: Layer  w 1x2, b 1           3
  parts.1: Layer  b 1                  3
total                                  4"""
    )


def test_a_summary_with_an_input_leaves_the_model_as_it_was() -> None:
    model = Sequential(Layer(2, 2), Dropout(0.5, seed=1), Layer(2, 1))
    model.parts[0].training = False
    twin, modes = random.Random(1), [module.training for module in model.modules()]
    seen = []
    model.parts.append(lambda out: seen.append((out[0].parents, model.parts[1].training)) or out)
    summary(model, [1.0, 2.0])
    assert seen == [((), False)]
    assert model.parts[1].rng.getstate() == twin.getstate()
    model.parts.append(lambda out: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        summary(model, [1.0, 2.0])
    assert [module.training for module in model.modules()] == modes


def test_a_summary_is_of_a_module() -> None:
    with pytest.raises(TypeError, match="takes a Module, but was given a list"):
        summary([Layer(1, 1)])  # type: ignore[arg-type]


def test_functions_are_shown_by_name_without_an_address() -> None:
    class Mine(Sequential):
        pass

    model = Sequential(len, autograd.tanh, lambda x: x, Residual(Flatten()), Mine(Dropout(0.5)))
    assert repr(model) == (
        "Sequential of [len, tanh, <lambda>, Residual of [Flatten()], Mine of [Dropout(0.5)]]"
    )
    assert repr(Conv1d(1, 1, 2, activation=autograd.tanh)) == "Conv1d(1, 1, 2, activation=tanh)"
    assert repr(MaxPool2d((2, 1), ceil_mode=True)) == "MaxPool2d((2, 1), ceil_mode=True)"


def test_what_a_terminal_would_obey_in_a_name_is_written_as_an_escape() -> None:
    model = Module()
    setattr(model, "a\x1b[31m", Neuron(1))
    model.inner = MLP(1, [1])
    setattr(model.inner, "b\x1b[31m", MLP(1, [1]))
    shown = repr(summary(model))
    assert "a\\x1b[31m.w" in shown
    assert "b\\x1b[31m: MLP" in shown
    assert "\x1b" not in shown
