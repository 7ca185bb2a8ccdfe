"""The rows of many operands in rows of fixed arity: the same function, in fewer words."""

import itertools
import math
import random

import pytest

from autograd import Value
from autograd.functions import rules

INF, NAN = math.inf, math.nan
EXPANDED = [row for row in rules.TABLE.values() if row.expansion]
OF_PLACE = [row for row in EXPANDED if row.integers]  # the gradients of the others
OF_ALL = [row for row in EXPANDED if not row.integers]

EDGES = [
    [1.0, 2.0, 3.0], [2.0, 2.0, 1.0], [0.0, 0.0, 0.0], [-2.0, -2.0], [INF, 1.0, INF], [INF, INF],
    [-INF, -INF, -INF], [-INF, 1.0, 2.0], [3.0, -INF], [1e200, 1e200, 3.0], [5e-324, 5e-324],
    [1e-310, -1e-310, 1e-310, 2e-309], [NAN, 1.0, 2.0], [1.0, NAN], [-2.0], [0.0], [800.0, 0.0],
]  # fmt: skip


def drawn(name):
    rng = random.Random(name)
    return [[rng.gauss(0, 3) for _ in range(n)] for n in (1, 2, 3, 4, 5, 8, 13)]


def swept(function, xs):
    """The value of a function of a list, and its gradient."""
    leaves = [Value(x) for x in xs]
    out = function(leaves)
    out.backward()
    return [out.data, *(leaf.grad for leaf in leaves)]


def same(got, true, digits=1e-13):
    return (got != got and true != true) or got == true or abs(got - true) <= digits * abs(true)


def test_every_row_of_many_operands_is_expanded_or_is_a_sum():
    n_ary = {row.name for row in rules.TABLE.values() if row.arity is None}
    assert n_ary - {row.name for row in EXPANDED} == {"sum", "dot", "largest", "norm_partial"}


@pytest.mark.parametrize("row", OF_ALL, ids=lambda row: row.name)
def test_an_expansion_has_the_value_and_the_gradient_of_its_row(row):
    for xs in [*EDGES, *drawn(row.name)]:
        if row is rules.norm and xs == [-INF] * 3:
            continue  # below
        true, got = swept(row, xs), swept(lambda vs: row.expansion(*vs), xs)
        assert all(map(same, got, true)), (xs, got, true)


def test_the_share_of_each_of_more_than_two_infinite_lengths_is_of_pairs():
    """No limit exists: the row gives 1/sqrt(3) to each; both are of length 1."""
    _, *gradient = swept(lambda vs: rules.norm.expansion(*vs), [INF] * 3)
    assert math.hypot(*gradient) == pytest.approx(1.0, abs=1e-15)


@pytest.mark.parametrize("row", OF_PLACE, ids=lambda row: row.name)
def test_an_expansion_has_the_value_of_its_row_at_every_place(row):
    for xs in [*EDGES, *drawn(row.name)]:
        for i in range(len(xs)):
            if row is rules.direction and xs == [-INF] * 3:
                continue
            leaves = [Value(x) for x in xs]
            got, true = row.expansion(i, *leaves), row(i, *xs)
            assert same(getattr(got, "data", got), true), (i, xs, got, true)


@pytest.mark.parametrize("row", OF_PLACE, ids=lambda row: row.name)
def test_an_expansion_has_the_gradient_of_its_row_at_every_place(row):
    """Within the rounding of its terms: of a share near 1 the derivative is s - s**2."""
    for xs in drawn(row.name)[1:]:
        for i in range(len(xs)):
            true = swept(lambda vs, i=i: row(i, *vs) + 0 * vs[0], xs)
            got = swept(lambda vs, i=i: row.expansion(i, *vs) + 0 * vs[0], xs)
            for a, b in zip(got, true, strict=True):
                assert abs(a - b) <= 1e-13 * max(abs(b), abs(true[0]), 1.0), (i, xs, got, true)


def test_expansions_are_of_rows_of_fixed_arity_and_of_sums():
    met = set()

    class Seen(rules.Expression):
        @staticmethod
        def apply(row, /, *operands):
            met.add(row)
            return Seen(row, operands)

    for row, n in itertools.product(EXPANDED, range(1, 5)):
        xs = [Seen(None, (), f"x{i}") for i in range(n)]
        row.expansion(*range(bool(row.integers)), *xs)
    assert {row.name for row in met if row.arity is None} == {"sum", "largest"}
    assert not [row for row in met if row.integers]
