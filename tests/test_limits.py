"""Limits: the page has them all, and each holds at its number and not one beyond."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import nn
from autograd import Value, draw, files, sum
from autograd.__main__ import LONGEST as AUTOGRAD_LINE
from autograd.display import cards, step, text
from autograd.functions.parsing import LIMIT, ExpressionError, ParsedExpression, read_number
from autograd.lines import LONGEST, line
from autograd.numbers.exact import BITS, BudgetError, bounded_fraction
from autograd.numbers.text import in_full
from nn.command import saying
from nn.data.tables import DataError, load_csv
from nn.saving import architecture, documents

PAGE = Path(__file__).parents[1] / "notebooks" / "reference" / "limits.md"


def refuses(call: Callable[[], Any], error: type[Exception], match: str) -> bool:
    with pytest.raises(error, match=match):
        call()
    return True


def accepts(call: Callable[[], Any]) -> bool:
    call()
    return True


def depth(count: int) -> bool:
    x = y = Value(1.0)
    for _ in range(count):
        y = -y
    y.backward()
    return x.grad == (-1) ** count


def fan_in(count: int) -> bool:
    x = Value(1.0)
    sum([x] * count).backward()
    return x.grad == count


def label(count: int) -> bool:
    y = Value(1.0, "x" * count) * 2.0
    return draw(y).graph.nodes[0].label == "x" * count


def whole_name(count: int) -> bool:
    """Whether a label of so many characters is whole in the equations."""
    return "x" * count in str(step(Value(1.0, "x" * count) * 2.0))


def whole_heading(count: int) -> bool:
    return f">{'x' * count}</text>" in draw(Value(1.0, "x" * count) * 2.0).svg


def whole_tooltip(count: int) -> bool:
    return f"<title>{'x' * count}, " in draw(Value(1.0, "x" * count) * 2.0).svg


def chain(nodes: int) -> Value:
    y = Value(1.0)
    for _ in range(nodes - 1):
        y = -y
    return y


def all_drawn(nodes: int) -> bool:
    return "left out" not in draw(chain(nodes), engine="builtin").note


def all_steps(count: int) -> bool:
    odd = chain((count + 1) // 2)  # as many forward as backward, and the seed
    return "more steps" not in step(odd).to_html()


def product(bits: int) -> bool:
    """Whether two numbers of so many bits together may be multiplied."""
    exact = bounded_fraction()
    half = bits // 2
    try:
        return (exact(2 ** (half - 2)) * exact(2 ** (bits - half - 2))).numerator > 0
    except BudgetError:
        return False


def in_digits(count: int) -> bool:
    return in_full(10 ** (count - 1)).isdigit()


def is_read(number: str) -> bool:
    try:
        return bool(read_number(number, exact=True))
    except ExpressionError:
        return False


def parses(characters: int) -> bool:
    expression = "x" + " " * (characters - 3) + "+1"
    try:
        return ParsedExpression(expression).names == ["x"]
    except ExpressionError:
        return False


def whole_line(limit: int) -> Callable[[int], bool]:
    return lambda count: line("x" * count, limit) == "x" * count


def whole_class_name(count: int) -> bool:
    return saying.listed(["x" * count]) == "x" * count


def cell(tmp_path: Path, characters: int) -> bool:
    path = tmp_path / "data.csv"
    path.write_text(f"a,b\n1,{'x' * characters}\n2,y\n")
    try:
        return len(load_csv(path)) == 2
    except DataError as error:
        return "field larger than field limit" not in str(error)


def file_size(tmp_path: Path, size: int) -> bool:
    """Whether a file of this size is read."""
    path = tmp_path / "large"
    with path.open("wb") as file:
        file.truncate(size)
    try:
        return len(files.read(path)) == size
    except OSError:
        return False


def nested(count: int) -> bool:
    parts: Any = 1
    for _ in range(count - 4):  # and the description, its arguments, the list of parts, the number
        parts = [parts]
    try:
        architecture.build({"class": "Sequential", "arguments": {"parts": [parts]}})
    except ValueError as error:
        return "nested too deeply" not in str(error)
    return True


def made(values: int) -> bool:
    try:
        architecture.build({"class": "RMSNorm", "arguments": {"size": values}}, size=0)
    except ValueError:
        return False
    return True


# The words of the page, the number, what holds at the number, and whether it still does beyond.
LIMITS: list[tuple[str, int, Callable[..., bool], bool]] = [
    ("nodes in a row", 10**6, depth, True),
    ("operands of one node", 10**6, fan_in, True),
    ("characters of a label, as data", 10**6, label, True),
    ("characters of a name in equations", text.NAME, whole_name, False),
    ("columns of a heading", cards.LIMIT, whole_heading, False),
    ("in a tooltip", text.SOURCE, whole_tooltip, False),
    ("nodes of a picture", 300, all_drawn, False),
    ("steps as text", 300, all_steps, False),
    ("characters of an expression", LIMIT, parses, False),
    ("bits of an exact number", BITS, product, False),
    ("that is printed", 4300, in_digits, False),
    ("that is read", 400, lambda n: is_read("1" * n), False),
    ("that is read", 400, lambda n: is_read(f"1e{n}") and is_read(f"1e-{n}"), False),
    ("error of `python -m nn`", LONGEST, whole_line(LONGEST), False),
    ("error of `python -m autograd`", AUTOGRAD_LINE, whole_line(AUTOGRAD_LINE), False),
    ("class or column", saying.NAME, whole_class_name, False),
    ("cell of a CSV file", 131_072, cell, False),
    ("bytes of a saved model", files.LARGEST, file_size, False),
    ("within one another", architecture.DEEPEST, nested, False),
    ("Values that a saved model", 4096, made, False),
]


@pytest.mark.parametrize(
    ("what", "limit", "holds", "beyond"), LIMITS, ids=lambda x: getattr(x, "__name__", str(x))[:30]
)
def test_a_limit_holds_at_its_number_and_ends_there(
    tmp_path: Path, what: str, limit: int, holds: Callable[..., bool], beyond: bool
) -> None:
    folder = [tmp_path] * (holds.__code__.co_argcount - 1)
    assert beyond or holds(*folder, limit)
    assert holds(*folder, limit + 1) is beyond


def test_the_page_has_every_limit_and_no_other() -> None:
    rows = re.findall(r"^\| (.*?) \| ([\d,]+) \| .* \|$", PAGE.read_text("utf-8"), re.MULTILINE)
    stated = {(words, int(number.replace(",", ""))) for words, number in rows}
    assert len(stated) == PAGE.read_text("utf-8").count("\n|") - 2
    for words, number in stated:
        assert any(what in words and limit == number for what, limit, *_ in LIMITS), words
    for what, limit, *_ in LIMITS:
        assert any(what in words and limit == number for words, number in stated), what


def test_a_model_that_would_not_be_read_is_not_saved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A document is written up to the size that is read, and not one byte above."""
    path = tmp_path / "m.json"
    nn.save(nn.Neuron(1), path)
    size = path.stat().st_size
    monkeypatch.setattr(files, "LARGEST", size)
    nn.save(nn.load(path).model, path)
    monkeypatch.setattr(files, "LARGEST", size - 1)
    with pytest.raises(ValueError, match=f"it would have {size} bytes"):
        nn.save(nn.load(path).model, path)
    with pytest.raises(ValueError, match="is not read"):
        documents.write(path, "note", {"text": "x" * size})


def test_digits_that_are_printed_are_pythons_own_limit() -> None:
    assert sys.get_int_max_str_digits() == 4300
