"""The wide figures of the course, as `python tests/course` last found them."""

import json
from pathlib import Path

import pytest

RESULTS = Path(__file__).parent / "results"


def result(name):
    return json.loads((RESULTS / f"{name}.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", sorted(RESULTS.glob("*.json")), ids=lambda path: path.stem)
def test_each_says_when_and_where_it_was_found_and_lists_its_starts(path):
    found = json.loads(path.read_text(encoding="utf-8"))
    assert {"date", "machine", "python", "engine", "seconds"} <= {*found}
    assert [run["seed"] for run in found["runs"]] == list(range(found["starts"]))


def test_symmetry_is_solved_from_nine_in_ten_starts_by_opposite_weights():
    found = result("symmetry")
    solved = [run for run in found["runs"] if run["loss"] < 0.2]
    assert found["starts"] == 100
    assert len(solved) == found["solved"] >= 90
    assert max(run["asymmetry"] for run in solved) < 0.001


def test_its_sizes_are_1_2_4_or_2_3_4_none_of_whose_signed_sums_is_0():
    kinds = result("symmetry")["twice the sizes"]
    assert {*kinds} == {"2:4:8", "2:3:4"}
    assert kinds["2:4:8"] > 2 * kinds["2:3:4"]


def test_one_in_five_nets_for_exclusive_or_or_fewer_are_stuck_and_some_are():
    found = result("xor")
    assert 10 <= found["stuck"] <= 20
    assert found["starts"] == 100
    assert found["losses of the stuck"] == [0.25, 0.33]


def test_family_trees_are_learned_from_half_of_the_starts_or_more():
    found = result("family_trees")
    assert found["at least 99 of 100"] >= 15
    assert found["starts"] == 30
    assert 0 < found["held out, right"] < found["held out"]


def test_six_of_six_nets_that_settle_learn_exclusive_or():
    found = result("recurrent_xor")
    assert found["solved"] == found["starts"] == 6


def test_the_ones_are_forgotten_as_twos_are_learned():
    ones = [*result("forgetting")["ones recalled, alone"].values()]
    assert ones == sorted(ones, reverse=True)
    assert (ones[0], ones[-1] <= 0.2) == (1, True)


def test_with_rehearsal_they_are_there_again_when_the_twos_are_learned():
    found = result("forgetting")
    ones, twos = (found[f"{which} recalled, rehearsed"] for which in ("ones", "twos"))
    assert [ones[epoch] for epoch in ("0", "5", "10", "20")] == [1, 1, 1, 1]
    assert ones["800"] >= 0.98
    assert twos["800"] >= 0.79
    assert min(ones.values()) > 0.7  # on the way some of them are lost for a while


def test_a_perceptron_reads_97_of_100_digits_and_a_convolution_98():
    found = result("digits")
    assert found["perceptron"] >= 0.97
    assert found["convolutional"] >= 0.98
    assert found["starts"] == 3


def test_a_gpt_is_surprised_by_new_names_by_less_than_2_2_nats_after_1000_steps_of_eight():
    found = result("names")
    assert found["steps"] == 1000
    assert found["8 a step"]["held out"] < 2.2 < found["1 a step"]["held out"]


def test_of_series_a_line_reads_a_third_a_perceptron_two_and_a_convolution_nine_in_ten():
    found = result("mnist1d")
    assert found["starts"] == 3
    assert abs(found["logistic"] - 0.32) < 0.01
    assert abs(found["perceptron"] - 0.68) < 0.03
    assert found["convolution"] > 0.9
