"""GPT.generate: from which law symbols are drawn, and what the drawing leaves as it was."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from itertools import accumulate
from typing import Any

import numpy as np
import pytest

from nn import GPT, Dropout


class Fixed(GPT):
    """A model that expects the same whatever it has read, and remembers what that was."""

    def __init__(self, *logits: float) -> None:
        super().__init__(len(logits), 4, width=2, heads=1, rng=random.Random(0))
        self.logits, self.read = list(logits), []

    def __call__(self, symbols: Any) -> list[list[Any]]:
        self.read.append(list(symbols))
        return [[math.nan] * len(self.logits) for _ in symbols[1:]] + [self.logits]


class Edge(random.Random):
    """A source that answers with an end of the interval, or counts how often it is asked."""

    def __init__(self, end: int) -> None:
        super().__init__(0)
        self.end, self.asked = end, 0

    def uniform(self, a: float, b: float) -> float:
        self.asked += 1
        return (a, b)[self.end]


def weighted(*weights: float) -> Fixed:
    return Fixed(*(math.log(w) if w else -math.inf for w in weights))


def small() -> GPT:
    return GPT(5, 4, width=4, heads=2, rng=random.Random(1))


# --- the law -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("temperature", "top_k", "law"),
    [
        (1.0, None, [1, 2, 3, 4]),
        (0.5, None, [1, 4, 9, 16]),
        (1.0, 2, [0, 0, 3, 4]),
        (0.5, 3, [0, 4, 9, 16]),
        (1.0, 9, [1, 2, 3, 4]),
        (1e300, None, [1, 1, 1, 1]),
        (1e-300, None, [0, 0, 0, 1]),
        (5e-324, None, [0, 0, 0, 1]),
    ],
)
def test_a_symbol_is_drawn_with_its_softmax_weight(
    temperature: float, top_k: int | None, law: list[int]
) -> None:
    """Logits log w give probabilities in proportion to w^(1/T), here to integers."""
    drawn = weighted(1, 2, 3, 4).generate([0], 300, temperature, top_k, rng=random.Random(5))
    twin, sums = random.Random(5), list(accumulate(law))
    points = [twin.random() * sums[-1] for _ in range(300)]
    assert drawn[1:] == [next(i for i, s in enumerate(sums) if s > u) for u in points]


def test_symbols_as_likely_as_the_last_of_the_k_stay() -> None:
    drawn = weighted(1, 3, 2, 2, 1).generate([0], 200, top_k=2, rng=1)
    assert set(drawn[1:]) == {1, 2, 3}


def test_temperature_0_is_the_likeliest_symbol_the_first_of_several_and_draws_nothing() -> None:
    source = Edge(0)
    assert weighted(1, 3, 3, 2).generate([0], 3, temperature=0, rng=source) == [0, 1, 1, 1]
    assert source.asked == 0
    assert weighted(1, 2, 3, 2).generate([0], 2, top_k=1, rng=source) == [0, 2, 2]


@pytest.mark.parametrize("end", [0, 1])
def test_a_symbol_of_no_probability_is_never_drawn(end: int) -> None:
    model, source = weighted(0, 0, 1, 1, 0), Edge(end)
    assert model.generate([0], 1, rng=source) == [0, (2, 3)[end]]
    assert source.asked == 1


def test_generating_is_the_loop_written_by_hand() -> None:
    model = small()
    symbols, source = [3, 1], random.Random(2)
    for _ in range(9):
        logits = np.array([z.data for z in model(symbols[-4:])[-1]]) / 0.7
        chances = np.exp(logits) / np.exp(logits).sum()
        symbols.append(int(np.searchsorted(np.cumsum(chances), source.random(), "right")))
    assert model.generate([3, 1], 9, 0.7, rng=2) == symbols


def test_the_model_reads_the_last_symbols_that_its_context_holds() -> None:
    model = Fixed(0.0, 1.0)
    model.generate([1, 0, 0], 3, temperature=0)
    assert model.read == [[1, 0, 0], [1, 0, 0, 1], [0, 0, 1, 1]]
    model.read.clear()
    model.generate([1, 1, 1, 0, 0, 0], 1, temperature=0)
    assert model.read == [[1, 0, 0, 0]]


@pytest.mark.parametrize("stop", [2, [2], {1, 2}, (2, 0), np.int64(2), np.array([2])], ids=repr)
def test_a_stop_ends_the_sequence_and_is_its_last_symbol(stop: Any) -> None:
    assert weighted(1, 2, 3).generate([2, 0], 9, temperature=0, stop=stop) == [2, 0, 2]


def test_what_is_not_drawn_stops_nothing() -> None:
    assert weighted(1, 2).generate([0], 3, temperature=0, stop=0) == [0, 1, 1, 1]
    assert small().generate((4,), 0) == [4]


# --- what is left as it was ----------------------------------------------------------------------


def test_a_seed_repeats_and_draws_from_nowhere_else() -> None:
    model = small()
    random.seed(3)
    before = random.getstate()
    one = model.generate([0], 30, rng=7)
    assert one == model.generate([0], 30, rng=random.Random(7)) != model.generate([0], 30, rng=8)
    assert random.getstate() == before
    assert model.generate([0], 30) != model.generate([0], 30)


def test_each_symbol_takes_one_number() -> None:
    source = Edge(0)
    small().generate([0], 5, rng=source)
    assert source.asked == 5


def test_no_graph_is_built_and_every_module_is_in_evaluation() -> None:
    class Watched(GPT):
        def __call__(self, symbols: Any) -> list[list[Any]]:
            rows = super().__call__(symbols)
            assert all(z.parents == () for z in rows[-1])
            assert not any(module.training for module in self.modules())
            return rows

    model = Watched(3, 2, width=2, heads=1)
    model.body.parts.append(Dropout(0.5))
    model.body.parts[0].training = False
    modes = [module.training for module in model.modules()]
    model.generate([0], 3)
    assert [module.training for module in model.modules()] == modes
    assert {True, False} == set(modes)
    model.body.parts.append(lambda stream: stream / 0)  # and so after a failure
    with pytest.raises(TypeError, match="unsupported operand"):
        model.generate([0], 1)
    assert [module.training for module in model.modules()] == modes


def test_the_symbols_given_are_left_as_they_are() -> None:
    given = [0, 1]
    assert small().generate(given, 2)[:2] == given == [0, 1]
    drawn = small().generate(np.array([0, 1]), 2)
    assert all(type(symbol) is int for symbol in drawn)


@pytest.mark.parametrize(
    ("generate", "error", "message"),
    [
        (lambda: small().generate([], 1), ValueError, "symbols is empty; give at least one"),
        (
            lambda: small().generate([5], 1),
            ValueError,
            "is 5, but the .* symbols from 0 to 4",
        ),
        (lambda: small().generate([9] + [0] * 9, 1), ValueError, "is 9, but the vocabulary"),
        (lambda: small().generate([-1], 1), ValueError, "a symbol is -1, but the vocabulary"),
        (lambda: small().generate(["a"], 1), TypeError, "a symbol has to be an int, but was 'a'"),
        (lambda: small().generate([0], 1, stop=5), ValueError, "is 5, but the vocabulary has"),
        (lambda: small().generate([0], 1, stop="a"), TypeError, "a symbol has to be an int"),
        (lambda: small().generate([0], -1), ValueError, "max_new_tokens has to be at least 0"),
        (lambda: small().generate([0], 1, -0.1), ValueError, "temperature has to be .* was -0.1"),
        (lambda: small().generate([0], 1, math.nan), ValueError, "temperature has to be .* nan"),
        (lambda: small().generate([0], 1, math.inf), ValueError, "temperature has to be .* inf"),
        (lambda: small().generate([0], 1, top_k=0), ValueError, "top_k has to be at least 1"),
        (lambda: Fixed(0.0, math.nan).generate([0], 1), FloatingPointError, r"\[0.0, nan\]"),
        (lambda: Fixed(0.0, math.inf).generate([0], 1), FloatingPointError, "drawn by the logits"),
        (lambda: Fixed(-math.inf).generate([0], 1), FloatingPointError, r"logits \[-inf\]"),
    ],
)
def test_a_mistake_is_reported_with_what_was_given_and_expected(
    generate: Callable[[], Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        generate()
