"""Standardisers: exact figures, by position, and nothing that could not be loaded again."""

from __future__ import annotations

import math
import statistics
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pandas
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Value
from nn import MLP, load, save
from nn.data import (
    Standardiser,
    iris,
)
from nn.data.moments import moments


def test_standardised_features_have_mean_0_and_deviation_1() -> None:
    features = iris().features
    columns = list(zip(*Standardiser.fit(features)(features), strict=True))
    for column in columns:
        assert math.fsum(column) / 150 == pytest.approx(0.0, abs=1e-14)
        assert math.fsum(x * x for x in column) / 150 == pytest.approx(1.0, rel=1e-14)


@given(st.lists(st.integers(-1000, 1000), min_size=1, max_size=20))
def test_mean_and_scale_are_exact_up_to_one_rounding(column: list[int]) -> None:
    fitted = Standardiser.fit([(float(x),) for x in column])
    mean = Fraction(sum(column), len(column))
    variance = sum((x - mean) ** 2 for x in column) / len(column)
    assert fitted.mean == (float(mean),)
    assert fitted.scale[0] == pytest.approx(math.sqrt(variance) or 1.0, rel=1e-15)


@pytest.mark.parametrize("constant", [0.0, 0.1, 14.62, 1e-300, 1e308])
def test_a_constant_feature_becomes_zero(constant: float) -> None:
    rows = [(constant,)] * 1000
    assert Standardiser.fit(rows)(rows) == ((0.0,),) * 1000


def test_huge_and_tiny_features_do_not_overflow() -> None:
    rows = [(1e200, 1e-200), (3e200, 3e-200)]
    assert Standardiser.fit(rows)(rows) == (
        pytest.approx((-1.0, -1.0), rel=1e-12),
        pytest.approx((1.0, 1.0), rel=1e-12),
    )


def test_a_difference_beyond_all_floats_is_scaled_none_the_less() -> None:
    rows = [(1.7e308,), (1.7e308,), (-1.7e308,)]
    # Two of one size and one of the other sign: mean 1/3 and deviation sqrt(8)/3 of that size.
    expected = [(pytest.approx(sign, rel=1e-15),) for sign in (0.5**0.5, 0.5**0.5, -(2**0.5))]
    assert list(Standardiser.fit(rows)(rows)) == expected


def test_the_held_out_part_is_scaled_by_the_figures_of_the_training_part() -> None:
    standardise = Standardiser.fit([(0.0,), (2.0,)])
    assert standardise([(5.0,)]) == ((4.0,),)


@pytest.mark.parametrize("dtype", ["int64", "uint8", "float32", "float64", "object"])
def test_a_standardiser_is_fitted_to_an_array_as_to_its_numbers(dtype: str) -> None:
    array = np.array([[1, 7], [2, 7], [6, 7]], dtype)
    fitted = Standardiser.fit(array)
    assert fitted == Standardiser((3.0, 7.0), (math.sqrt(14 / 3), 1.0))
    assert fitted(array) == fitted([(1.0, 7.0), (2.0, 7.0), (6.0, 7.0)])
    assert {type(x) for x in (*fitted.mean, *fitted.scale, *fitted(array)[0])} == {float}


def test_a_frame_is_standardised_by_position() -> None:
    frame = pandas.DataFrame({"x": [1, 2, 6], "y": [0.5, 1.5, 1.0]}, index=[2, 0, 1])
    rows = [[1, 0.5], [2, 1.5], [6, 1.0]]
    assert Standardiser.fit(frame) == Standardiser.fit(rows)
    assert Standardiser.fit(frame)(frame) == Standardiser.fit(rows)(rows)


def test_the_mean_of_integers_too_large_for_floats_is_rounded_once() -> None:
    column = [2**53 + 1, 2**53 + 1, 2**53 + 3]
    fitted = Standardiser.fit(np.array([[x] for x in column]))
    assert fitted.mean == (float(Fraction(sum(column), 3)),)
    assert fitted.scale[0] == pytest.approx(math.sqrt(8 / 9), rel=1e-15)


def test_numbers_of_other_types_are_standardised_exactly() -> None:
    rows = [(Fraction(1, 3), Decimal("0.1")), (Fraction(2, 3), Decimal("0.3"))]
    fitted = Standardiser.fit(rows)
    assert fitted.mean == (0.5, 0.2)
    assert fitted.scale == pytest.approx((1 / 6, 0.1), rel=1e-15)
    assert fitted(rows)[0] == ((1 / 3 - 0.5) / fitted.scale[0], (0.1 - 0.2) / fitted.scale[1])


def test_a_standardised_value_keeps_its_gradient() -> None:
    x = Value(5.0)
    ((y,),) = Standardiser((1.0,), (4.0,))([[x]])
    y.backward()
    assert (y.data, x.grad) == (1.0, 0.25)


def test_a_standardiser_of_ints_or_arrays_is_saved_and_loaded(tmp_path: Path) -> None:
    for mean, scale in (((1, 2), (3, 4)), (np.array([1, 2]), np.float32([3, 4]))):
        scaler = Standardiser(mean, scale)
        assert scaler == Standardiser((1.0, 2.0), (3.0, 4.0))
        save(model=MLP(2, [1]), path=tmp_path / "model.json", scaler=scaler)
        assert load(tmp_path / "model.json").scaler == scaler


@pytest.mark.parametrize(
    ("mean", "scale", "message"),
    [
        ((1.0,), (0.0,), "the scale of feature 0 is 0.0, not above 0"),
        ((1.0,), (-1.0,), "the scale of feature 0 is -1.0, not above 0"),
        ((1.0,), (1.0, 2.0), "mean has 1 numbers, but scale 2"),
        ((math.nan,), (1.0,), "of mean has nan, which is no finite"),
        ((1.0,), (math.inf,), "of scale has inf, which is no finite"),
    ],
)
def test_what_could_not_be_loaded_is_no_standardiser(mean: Any, scale: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Standardiser(mean, scale)


@pytest.mark.parametrize(
    ("features", "error", "message"),
    [
        ([1.0, 2.0], TypeError, "one list of numbers for each example, but row 0 is 1.0"),
        ([[1.0], [2.0]], ValueError, "features has 1 columns, but .* was made for 2"),
        ([[1.0, math.nan]], ValueError, "row 0 of features has nan"),
        ([["1", "2"]], TypeError, "row 0 of features has '1', which is no number"),
    ],
)
def test_a_standardiser_refuses_rows_that_it_cannot_scale(
    features: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        Standardiser((1.0, 2.0), (1.0, 1.0))(features)


def test_no_rows_have_no_mean() -> None:
    with pytest.raises(ValueError, match="features has no rows"):
        Standardiser.fit([])


@given(st.lists(st.floats(-1e300, 1e300), min_size=1, max_size=30))
def test_many_floats_of_an_array_have_the_moments_of_statistics(column: list[float]) -> None:
    """To the last bit: both are rounded once."""
    mean, deviation = moments(np.array(column))
    assert mean == float(statistics.mean(map(Fraction, column)))
    assert deviation == statistics.pstdev(map(Fraction, column))


def test_an_array_is_standardised_as_its_rows_are() -> None:
    array = np.random.default_rng(0).normal(3.0, 1e-3, (200_001, 2)).round(7)
    rows = array[:500]
    fitted = Standardiser.fit(rows)
    assert fitted == Standardiser.fit(rows.tolist())
    assert fitted(rows) == fitted(rows.tolist())
    mean, deviation = moments(array[:, 0])
    assert mean == math.fsum(array[:, 0].tolist()) / 200_001
    assert deviation == pytest.approx(array[:, 0].std(), rel=1e-12)
