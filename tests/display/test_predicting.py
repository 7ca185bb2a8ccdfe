"""Predicting: what is asked before a step, and what the usual mistakes are told."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import pytest

from autograd import Value
from autograd.display import step
from autograd.display.page import asset
from autograd.display.questions import questions
from autograd.display.stepper import page_data
from tests.display.test_javascript import node


def asked(y: Value) -> list[dict[str, Any]]:
    """All questions of the steps of a root."""
    return [each for told in page_data(step(y))["steps"] for each in told["questions"]]


def judged(question: dict[str, Any], *answers: str) -> list[str]:
    """What the page says to answers."""
    source = f"""{asset("predicting.js")}
    function answer([question, texts]) {{
      return texts.map((text) => judge(question, text).told);
    }}"""
    told: list[str] = node(source, [question, answers])
    return told


def test_each_value_and_each_contribution_is_asked() -> None:
    w, x = Value(0.5, "w"), Value(2.0, "x")
    found = [(each["text"], each["answer"]) for each in asked((w * x).tanh())]
    slope = 1 - math.tanh(1.0) ** 2
    assert [text for text, _ in found] == [
        "v1 = w * x = 0.5 * 2 = ?", "y = tanh(v1) = tanh(1) = ?", "dy/dv1 += dy/dy * ∂y/∂v1 = ?",
        "dy/dw += dy/dv1 * ∂v1/∂w = ?", "dy/dx += dy/dv1 * ∂v1/∂x = ?",
    ]  # fmt: skip
    expected = [1.0, math.tanh(1.0), slope, 2 * slope, 0.5 * slope]
    assert [answer for _, answer in found] == pytest.approx(expected, rel=1e-15)


def test_the_usual_mistakes_of_a_product_are_named() -> None:
    a, b = Value(3.0, "a"), Value(4.0, "b")
    y = (a * b + a) * 0.5966
    to_a = next(each for each in asked(y) if "∂v1/∂a" in each["text"])
    assert to_a["answer"] == pytest.approx(0.5966 * 4)
    assert judged(to_a, "2.386", "4", "0.5966", "4.5966", "-2.386", "2.983", "9", "1", "x") == [
        "right", "that is the local derivative; multiply by 0.5966",
        "that is the gradient of the node; multiply by 4", "the two are multiplied, not added",
        "the sign is the other one", "that is the sum with 0.5966; asked is what is added to it",
        "it is smaller", "it is larger", "type a number, such as 0.25 or 1/3",
    ]  # fmt: skip


@pytest.mark.parametrize(("y", "wrong", "told"), [
    (lambda x: x - 5, "3", "that is with the operands the other way round"),
    (lambda x: x.sin(), "0.0349", "that is with the angle in degrees: it is in radians"),
    (lambda x: x * 3, "2", "that is x, which goes in"),
    (lambda x: x * 3, "-6", "the sign is the other one"),
])  # fmt: skip
def test_the_usual_mistakes_of_a_value_are_named(y: Any, wrong: str, told: str) -> None:
    assert judged(asked(y(Value(2.0, "x")))[0], wrong) == [told]


def test_a_mistake_that_is_the_right_number_is_none() -> None:
    """Of a sum the local derivative is 1, and what flows is the gradient."""
    x = Value(2.0, "x")
    (_, to_x) = asked(x + 3)
    assert to_x["answer"] == 1.0
    assert to_x["mistakes"] == [
        (2.0, "the two are multiplied, not added"), (-1.0, "the sign is the other one")
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["1/3", " 0.3333 ", "3333e-4", "0.334"])
def test_an_answer_may_be_a_fraction_and_has_three_digits(text: str) -> None:
    assert judged({"answer": 1 / 3, "mistakes": []}, text) == ["right"]


@pytest.mark.parametrize("text", ["", "1/", "1/0", "1/2/3", "nan", "1,5"])
def test_what_is_no_number_is_said(text: str) -> None:
    assert judged({"answer": 1.0, "mistakes": []}, text) == ["type a number, such as 0.25 or 1/3"]


def test_numbers_that_nobody_types_are_not_asked() -> None:
    assert asked(Value(1 + 2j, "z") * 2) == []
    assert [each["answer"] for each in asked(Value(Fraction(1, 3)) * 3)] == [1.0, 3.0]
    x = Value(0.0, "x")
    steps = step(x.log())
    assert questions(steps[0], {n.key: n for n in steps.graph.nodes}) == []
