"""The door of nn: what holds rows or numbers is read by position, and the rest is refused."""

from __future__ import annotations

import array
import random
from collections import UserList, deque
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pandas
import pytest
import scipy.sparse
from labelled import Labelled

import nn
from autograd import Value
from nn import MLP, RNN, Neuron, fit
from nn.checks import check_size, numbers, pair, rows, table
from nn.data import Standardiser, moons, train_test_split
from nn.losses import cross_entropy, mse
from nn.optim import SGD, StepLR

FOLDER = Path(nn.__file__).parent

XS = [[x / 4] for x in range(-8, 8)]
YS = [3 * x + 1 for (x,) in XS]
ORDER = random.Random(5).sample(range(16), 16)
SHUFFLED_XS, SHUFFLED_YS = [XS[i] for i in ORDER], [YS[i] for i in ORDER]


def trained(inputs: Any, targets: Any, **options: Any) -> tuple[list[float], list[float]]:
    """Return the losses, and those of validation, of a line fitted to the examples."""
    model = Neuron(1, nonlin=False, rng=random.Random(0))
    optimiser = SGD(model.parameters(), lr=0.1, momentum=0.5)
    history = fit(model, mse, inputs, targets, optimiser, 150, 8, progress=False, **options)
    return list(history), history.validation


# --- position, not label -------------------------------------------------------------------------


def test_targets_are_paired_by_position_not_by_label() -> None:
    losses, validation = trained(
        np.array(SHUFFLED_XS),
        Labelled(SHUFFLED_YS, ORDER),
        validation=(np.array(SHUFFLED_XS), Labelled(SHUFFLED_YS, ORDER)),
    )
    assert losses[-1] < 1e-15  # the examples lie on a line
    assert validation[-1] < 1e-15


def test_a_series_and_a_frame_are_paired_by_position_not_by_label() -> None:
    frame = pandas.DataFrame({"x": [x for (x,) in XS], "y": YS})
    shuffled = frame.sample(frac=1, random_state=0)
    by_hand = trained(shuffled[["x"]].values.tolist(), shuffled.y.tolist())
    for inputs in (shuffled[["x"]].values, shuffled[["x"]]):
        losses, validation = trained(inputs, shuffled.y, validation=(inputs, shuffled.y))
        assert losses == by_hand[0]
        assert losses[-1] < 1e-15
        assert validation[-1] < 1e-15


def test_a_part_of_a_frame_needs_no_row_of_label_0() -> None:
    frame = pandas.DataFrame({"x": [x for (x,) in XS], "y": YS})
    assert trained(frame[["x"]][8:], frame.y[8:]) == trained(XS[8:], YS[8:])


ALIKE: dict[str, Callable[[list[Any]], Any]] = {
    "tuple": tuple,
    "deque": deque,
    "UserList": UserList,
    "array": np.array,
    "objects": lambda given: np.array(given, dtype=object),
    "list of arrays": lambda given: list(map(np.array, given)),
    "read-only": lambda given: np.broadcast_to(np.array(given), np.shape(given)),
    "backwards": lambda given: np.array(given[::-1])[::-1],
    "masked nowhere": np.ma.array,
}


@pytest.mark.parametrize("container", ALIKE.values(), ids=ALIKE)
def test_every_container_trains_as_lists_do(container: Callable[[list[Any]], Any]) -> None:
    plain = trained(XS, YS, validation=(XS, YS))
    assert trained(container(XS), container(YS), validation=(container(XS), YS)) == plain


@pytest.mark.parametrize("dtype", ["float32", "float16", "int64", "uint8", "longdouble", "bool"])
def test_every_number_type_of_numpy_keeps_its_exact_value(dtype: str) -> None:
    xs, ys = np.array([[0], [1], [1]], dtype), np.array([0.1, 1, 0], dtype)
    exact = [[float(x) for x in row] for row in xs], [float(y) for y in ys]
    assert trained(xs, ys) == trained(*exact)


def test_columns_of_a_frame_keep_their_own_types() -> None:
    frame = pandas.DataFrame({"n": [2**53 + 1, 3], "x": [0.5, 1.5]}, index=[1, 0])
    assert rows(frame, "inputs") == [[2**53 + 1, 0.5], [3, 1.5]]
    twice = pandas.DataFrame([[1, 2]], columns=["x", "x"])
    assert rows(twice, "inputs") == [[1, 2]]
    assert rows(pandas.Series([1.5, 2.5], index=[1, 0]), "targets") == [1.5, 2.5]
    assert rows([frame.x, frame.x], "inputs") == [[0.5, 1.5], [0.5, 1.5]]
    assert rows(pandas.Categorical(["b", "a"]), "targets") == ["b", "a"]


def test_rows_may_be_anything_that_a_model_understands() -> None:
    words = ["anna", {"age": 3}, None, Fraction(1, 3), (1, [2])]
    found = rows(words, "inputs")
    assert found == words
    assert found is not words
    assert all(a is b for a, b in zip(found, words, strict=True))
    assert rows([(np.array([1]), "a")], "inputs") == [([1], "a")]
    assert rows(array.array("d", [1.0]), "inputs") == [1.0]
    assert rows(range(3), "inputs") == [0, 1, 2]


def test_sequences_of_different_lengths_are_left_to_the_model() -> None:
    sequences = [[[0.5], [1.0]], np.array([[0.25]]), ([2.0], [1.0], [0.0])]
    model = RNN(1, 1, rng=1)
    optimiser = SGD(model.parameters(), lr=0.0)
    history = fit(
        model, lambda out, y: mse([states[-1][0] for states in out], y), sequences, [1, 2, 3],
        optimiser, 1, None, progress=False,
    )  # fmt: skip
    last = [model(xs)[-1][0].data for xs in ([[0.5], [1.0]], [[0.25]], [[2.0], [1.0], [0.0]])]
    expected = sum((x - y) ** 2 for x, y in zip(last, [1, 2, 3], strict=True)) / 3
    assert history == [pytest.approx(expected, rel=1e-14)]


REFUSED = [
    ({1.0, 2.0}, "a set, which has no order; make a list, in the order that you mean$"),
    (frozenset({1.0}), "a frozenset, which has no order"),
    ({0: 1.0}, "a dict, whose members go by keys; take its values$"),
    ({0: 1.0}.keys(), "a dict_keys, which has no order"),
    ((x for x in [1.0]), r"a generator, which can be read but once; write list\(...\)$"),
    (map(float, [1]), "a map, which can be read but once"),
    ("1.0", "the text '1.0'$"),
    (scipy.sparse.csr_matrix([[1.0]]), r"a sparse csr_matrix; call its toarray\(\)$"),
    (scipy.sparse.coo_array([[1.0]]), r"a sparse coo_array; call its toarray\(\)$"),
    (moons(4), "a Dataset; take its features or its labels$"),
    (None, "None$"),
    (object(), "<object objec"),
]


@pytest.mark.parametrize(("given", "what"), REFUSED, ids=[what for _, what in REFUSED])
def test_what_has_no_positions_is_refused_everywhere_with_the_remedy(given: Any, what: str) -> None:
    model = Neuron(1, nonlin=False, rng=0)
    before = [p.data for p in model.parameters()]
    optimiser = SGD(model.parameters(), lr=0.1)
    doors: list[tuple[str, Callable[[], Any]]] = [
        ("inputs", lambda: fit(model, mse, given, [1.0], optimiser, 1)),
        ("targets", lambda: fit(model, mse, [[1.0]], given, optimiser, 1)),
        (
            "inputs of validation",
            lambda: fit(model, mse, XS, YS, optimiser, 1, validation=(given, [1.0])),
        ),
        (
            "targets of validation",
            lambda: fit(model, mse, XS, YS, optimiser, 1, validation=([1.0], given)),
        ),
        ("inputs of data", lambda: train_test_split((given, [1.0, 2.0]))),
        ("features", lambda: Standardiser.fit(given)),
        ("features", lambda: Standardiser((0.0,), (1.0,))(given)),
        ("nouts", lambda: MLP(2, given)),
    ]
    # The values of an iterator are still there for the last of the doors: none has read it.
    for name, door in doors:
        with pytest.raises(TypeError, match=rf"^{name} has to be a list, .* but was {what}"):
            door()
    assert [p.data for p in model.parameters()] == before


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        (np.ma.array([1.0, 2.0], mask=[0, 1]), ValueError, "masked; fill or drop them"),
        ([1.0, np.ma.masked], ValueError, "masked; fill or drop them"),
        (np.array(["2026-01-01"], "M8[ns]"), TypeError, r"holds dates or times \(datetime64"),
        (np.array(1.0), TypeError, r"but was array\(1.\)"),
        ([iter([1.0])], TypeError, "a list_iterator, which can be read but once"),
    ],
    ids=["masked", "masked scalar", "dates", "0-d", "iterators within"],
)
def test_arrays_without_numbers_for_every_row_are_refused(
    given: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=rf"^inputs .*{message}"):
        rows(given, "inputs")


def test_a_missing_value_of_pandas_is_refused() -> None:
    for missing in (
        pandas.Series([1, None], dtype="Int64"),
        pandas.DataFrame({"x": pandas.array([1, None], dtype="Int64")}),
        [1.0, pandas.NaT],
    ):
        with pytest.raises(ValueError, match=r"inputs lacks a number: it has (<NA>|NaT); fill or"):
            rows(missing, "inputs")


@pytest.mark.parametrize(
    "given",
    [XS, np.array(XS), 3.0, (XS,), (XS, YS, YS), {(1.0,), (2.0,)}, {"x": XS, "y": YS}],
    ids=str,
)
def test_validation_has_to_be_a_pair(given: Any) -> None:
    with pytest.raises(TypeError, match=r"^validation has to be a tuple \(inputs, targets\) or a"):
        pair(given, "validation")


# --- numbers, tables, sizes ----------------------------------------------------------------------


def test_numbers_come_as_nested_lists_of_what_they_were() -> None:
    x = Value(1.0)
    assert numbers(x, "input") is x
    given = [1.0, x]
    assert numbers(given, "input") == given
    assert numbers(np.array([[1, 2], [3, 4]]), "input") == [[1, 2], [3, 4]]
    assert numbers((np.float32(0.5), (x, Fraction(1, 3))), "input") == [0.5, [x, Fraction(1, 3)]]
    assert type(numbers(np.float32(0.5), "input")) is float


@pytest.mark.parametrize("given", ["a", ["a"], [[1.0], [None]], [{1.0}], np.array(["a"])], ids=repr)
def test_what_is_no_number_is_refused(given: Any) -> None:
    with pytest.raises(TypeError, match=r"^target has to be a number, or numbers in lists"):
        numbers(given, "target")


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ([1.0, 2.0], TypeError, r"row 0 is 1.0; of a single feature write \[\[x\] for x in x\]"),
        ([[1.0], [1.0, 2.0]], ValueError, "row 1 of x has 2 numbers, but row 0 has 1"),
        ([[1.0], ["2"]], TypeError, "row 1 of x has '2', which is no number"),
        ([[1.0], [None]], TypeError, "row 1 of x has None, which is no number"),
        ([[float("nan")]], ValueError, "row 0 of x has nan, which is no finite real number"),
        ([[10**400]], ValueError, "which is no finite real number"),
        ([[1j]], ValueError, "which is no finite real number"),
    ],
)
def test_a_table_has_finite_numbers_in_rows_of_one_length(
    given: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        table(given, "x")


@pytest.mark.parametrize("given", [3, np.int64(3), np.uint8(3), np.array(3), True + 2])
def test_a_size_becomes_an_int(given: Any) -> None:
    assert type(check_size(given, "nin")) is int
    assert check_size(given, "nin") == 3


@pytest.mark.parametrize("given", [3.0, np.float64(3), "3", None, [3], Fraction(3)], ids=repr)
def test_a_size_that_is_no_int_is_refused(given: Any) -> None:
    with pytest.raises(TypeError, match="nin has to be an int, but was"):
        MLP(given, [1])


def test_sizes_may_come_as_an_array_or_series() -> None:
    expected = str(MLP(2, [3, 1]))
    assert str(MLP(2, np.array([3, 1]))) == expected
    assert str(MLP(np.int64(2), (np.int64(3), np.int8(1)))) == expected
    assert str(MLP(2, Labelled([3, 1], [1, 0]).to_numpy())) == expected


def test_the_sizes_of_a_series_are_taken_by_position() -> None:
    assert str(MLP(2, pandas.Series([3, 1], index=[1, 0]))) == str(MLP(2, [3, 1]))


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: nn.Embedding(3, 2)(-1), ValueError, "a symbol is -1, .* rows from 0 to 2"),
        (lambda: nn.Embedding(3, 2)(1.0), TypeError, "a symbol has to be an int, but was 1.0"),
        (lambda: nn.Dropout(0.5, 1.5), TypeError, "seed has to be an int, but was 1.5"),
        (lambda: nn.save(Neuron(1), "x.json", seed=0.5), TypeError, "seed has to be an int"),
        (lambda: cross_entropy([1.0, 2.0], 2), ValueError, "the class is 2, .* from 0 to 1"),
        (lambda: cross_entropy([[1.0, 2.0]], [-1]), ValueError, "position 0 is -1, but 2 logits"),
        (lambda: StepLR(SGD([Value(1.0)]), True), ValueError, "int, but was True"),
        (lambda: StepLR(SGD([Value(1.0)]), 2.0), ValueError, "step_size .* int, but was 2.0"),
        (lambda: moons(1), ValueError, "n .* at least 2, one point for each moon, but was 1"),
    ],
)
def test_every_int_is_checked_by_one_door(
    make: Callable[[], Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        make()


def test_no_other_module_asks_for_an_index() -> None:
    """`operator.index` is what the door is made of; `source` tells seeds from generators by it."""
    own = {"checks.py", "rng.py"}
    asking = {path.name for path in FOLDER.rglob("*.py") if "operator.index" in path.read_text()}
    assert asking == own
