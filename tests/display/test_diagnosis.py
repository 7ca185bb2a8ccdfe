"""Diagnosis: an anomaly and a failed check open where they are, and two graphs lie side by side."""

from __future__ import annotations

import math
import pickle
from collections.abc import Callable
from typing import Any

import pytest

from autograd import AnomalyError, Value, compare, detect_anomaly, primitive
from autograd.display.explorer import page_data
from autograd.display.flow import flow
from autograd.testing import GradientError, Report, check_gradients


def anomaly(make: Callable[[], Any]) -> AnomalyError:
    with pytest.raises(AnomalyError) as caught, detect_anomaly():
        make()
    return caught.value


# -- anomalies -------------------------------------------------------------------------------------


def test_an_anomaly_opens_at_the_first_number_that_is_not_finite() -> None:
    x = Value(0.0, "x")
    page = anomaly(lambda: (x.log() * 2 + x).exp()).explore()
    assert page.graph.nodes[page._focus].sign == "log"
    assert page.note == "log gave -inf"


@pytest.mark.parametrize("last", [0.0, 1.0])
def test_an_anomaly_of_the_sweep_opens_in_the_graph_of_its_root(last: float) -> None:
    """Also where the root is 0, and so is false."""
    x = Value(0.0, "x")

    def sweep() -> None:
        (x.sqrt() * x + last).backward()

    page = anomaly(sweep).explore()
    assert page.graph.nodes[page._focus].sign == "sqrt"
    assert len(page.graph) == 4
    assert page.note.startswith("the backward sweep of sqrt gave nan = inf * 0.0")
    data = page.data
    assert data["focus"] == page._focus
    assert data["engine"]["names"][data["engine"]["root"]] == "y"


def test_an_anomaly_of_a_sum_knows_its_root_and_is_pickled_with_it() -> None:
    x = Value(0.0, "x")

    def sweep() -> None:
        (x * 1.5e308 + x * 1.5e308 - x * 1e308).backward()

    error = anomaly(sweep)
    assert error.root is not None
    assert error.root.op.name == "subtract"
    again = pickle.loads(pickle.dumps(error))  # noqa: S301  (our own)
    assert (again.node.label, again.root.op.name) == ("x", "subtract")
    assert error.explore().graph.roots[0].sign == "-"


# -- failed checks ---------------------------------------------------------------------------------


@primitive(partials=lambda x, out: (3 * x * x + 1,))
def cube(x: float) -> float:
    """A function with a wrong derivative."""
    return x**3


def test_a_failed_check_opens_at_the_first_node_whose_partial_is_wrong() -> None:
    report = check_gradients(lambda x: cube(x.tanh()) * cube(x), (0.5,))
    page = report.explore()
    node = page.graph.nodes[page._focus]
    assert (node.sign, page.graph.nodes[node.operands[0].key].sign) == ("cube", "tanh")
    assert f"cube at [{math.tanh(0.5)}] by operand 0: fail" in page.note
    with pytest.raises(GradientError) as caught:
        report.check()
    assert caught.value.explore().note == page.note


def test_a_report_that_kept_no_graph_says_so() -> None:
    passed = check_gradients(lambda x: x * x, (2.0,))
    foreign = check_gradients(lambda x: x * x, (2.0,), grad=lambda x: 3.0)
    for report in (passed, foreign, Report("none", (), "mpmath")):
        with pytest.raises(ValueError, match="has no graph to explore"):
            report.explore()
    assert not foreign


# -- comparing -------------------------------------------------------------------------------------


def with_log(x: Any, w: Any) -> Any:
    return (x * x + 1).log() * w


def with_log1p(y: Any, v: Any) -> Any:
    return (y * y).log1p() * v


def test_what_is_computed_alike_has_the_same_name_in_both() -> None:
    both = compare(with_log, with_log1p, 2.0, 0.5)
    assert [node.name for node in both.one.nodes] == ["x", "v1", "v2", "v3", "w", "y"]
    assert [node.name for node in both.other.nodes] == ["x", "v1", "w", "v2\u2032", "y\u2032"]
    assert str(both) == (
        "Compare with_log and with_log1p: 3 of 6 and 5 nodes are equal; values 0.8047 and 0.8047; "
        "d/dx: 0.4 and 0.4; d/dw: 1.609 and 1.609"
    )


def test_what_is_computed_twice_in_one_is_equal_once() -> None:
    both = compare(lambda x: x * x + x * x, lambda x: x * x + 1, 3.0)
    shared = {n.key for n in both.one.nodes} & {n.key for n in both.other.nodes}
    assert len(shared) == 2
    assert len(both.both) == 2 + 2 + 1


def test_each_side_keeps_its_own_gradients() -> None:
    both = compare(lambda x: x * x * 3, lambda x: x * x * 5, 2.0)
    slopes = [flow(graph).gradients[graph.key("x")] for graph in (both.one, both.other)]
    assert slopes == [12.0, 20.0]


def test_equal_nodes_lie_in_the_same_places_and_each_side_has_its_own_lines() -> None:
    both = compare(with_log, with_log1p, 2.0, 0.5)
    sides = [page_data(graph, around=both.both) for graph in (both.one, both.other)]
    places = [dict(zip(side["engine"]["names"], side["boxes"], strict=False)) for side in sides]
    for name in ("x", "v1", "w"):
        assert places[0][name] == places[1][name]
    for side, graph in zip(sides, (both.one, both.other), strict=True):
        edges = sorted(e for level in side["levels"] for line in level["lines"] for e in line[1])
        assert edges == list(range(len(graph.edges)))
        assert all(len(box) == 5 for box in side["boxes"])


def test_functions_of_one_name_are_told_apart_and_endings_are_said() -> None:
    assert str(compare(with_log, with_log, 1.0, 2.0)).startswith(
        "Compare with_log and with_log (second): 6 of 6 and 6 nodes are equal"
    )
    with pytest.raises(ValueError, match=r"a comparison is saved as \.html; got 'both.svg'"):
        compare(with_log, with_log, 1.0, 2.0).save("both.svg")
