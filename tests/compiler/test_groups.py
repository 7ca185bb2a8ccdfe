"""Groups: printed, verified, and run beside the scalars that they were rolled up from."""

import dataclasses
import random

import numpy as np
import pytest
from compiler.bounds import bounded
from compiler.random_programs import FIXED, N_ARY, SMOOTH, numbers, recipe

import autograd
import nn
from autograd.compiler.codes import CODES
from autograd.compiler.lanes import machine as machines
from autograd.compiler.lanes.checking import checked
from autograd.compiler.lanes.clustering import clustered
from autograd.compiler.lanes.groups import Expression, Slots
from autograd.compiler.lanes.machine import Machine, code_of
from autograd.compiler.lanes.ones import with_ones
from autograd.compiler.lanes.planning import of_lanes
from autograd.compiler.lanes.reusing import reusing
from autograd.compiler.lanes.rolling import roll
from autograd.compiler.paths import BY_ARGUMENTS, BY_PARAMETERS, VALUE
from autograd.compiler.program import Program
from autograd.compiler.recording import recorded
from autograd.compiler.verifying import ProgramError

ULPS = 32.0


def program(names, operands, **more):
    counts = more.pop("counts", None)
    return Program.of([CODES[name] for name in names], operands, counts=counts, **more)


def rolled(scalars, flags, kind):
    """Groups, which are verified before and after they are lowered."""
    groups = checked(roll(scalars, flags, beside=kind == BY_PARAMETERS))
    return checked(clustered(checked(with_ones(groups))))


def run(groups, flags, columns, parameters):
    """The machine after a run, and what it answered: results and gradients for each lane."""
    machine = Machine(code_of(groups))
    groups = machine.code.groups  # whose rows lie elsewhere
    rows = [slot for space, slot in groups.inputs if space]
    cells = [slot for space, slot in groups.inputs if not space]
    lanes = np.array([c for c, flag in zip(columns, flags, strict=True) if flag])
    count = lanes.shape[1] if lanes.size else 1
    machine.cells[groups.parameters] = parameters
    machine.cells[cells] = [c[0] for c, flag in zip(columns, flags, strict=True) if not flag]
    found = np.empty((count, len(groups.results) + len(groups.gradients)))

    def put(block, part):
        if rows:
            block[rows] = lanes[:, part]

    def take(block, part):
        for j, (space, slot) in enumerate([*groups.results, *groups.gradients]):
            found[part, j] = block[slot] if space else machine.cells[slot]

    machine.run(count, put, take)
    for j, (space, slot) in enumerate([*groups.results, *groups.gradients]):
        if not space:
            found[:, j] = machine.cells[slot]
    return found


def compare(scalars, flags, columns, parameters, kind):
    """Groups beside the scalars one by one, within the bound of another order of summation."""
    found = run(rolled(scalars, flags, kind), flags, columns, parameters)
    asked = [*scalars.results.tolist(), *scalars.gradients.tolist()]
    true, error = np.zeros((2, len(found), len(asked)))
    for lane in range(len(found)):
        xs = [c[lane] if flag else c[0] for c, flag in zip(columns, flags, strict=True)]
        values, errors = bounded(scalars, xs, parameters, ULPS)
        true[lane] = [float(values[i]) for i in asked]
        error[lane] = [errors[i] for i in asked]
    if kind == BY_PARAMETERS:  # each is a sum over the lanes
        size = np.abs(true).sum(axis=0)
        with np.errstate(invalid="ignore"):
            true, error = true.sum(axis=0), error.sum(axis=0) + len(found) * 1e-15 * size
        found = found[0]
    sure = np.isfinite(true) & np.isfinite(error) & np.isfinite(found)
    assert (np.abs(found[sure] - true[sure]) <= error[sure] * (1 + 1e-9)).all()
    return sure.mean()


@pytest.mark.parametrize("kind", [VALUE, BY_ARGUMENTS, BY_PARAMETERS])
@pytest.mark.parametrize("seed", range(60))
def test_random_programs_answer_lane_by_lane(kind, seed, monkeypatch):
    """Of any rows, at delicate numbers too, in blocks and at once, with uniform inputs."""
    rng = random.Random(seed)
    rows = [*SMOOTH, *FIXED, *N_ARY, "where"] if seed % 2 else SMOOTH
    made = recipe(rng, rng.choice([3, 10, 40]), rows, special=0.02)
    inputs, count = made.counts
    flags = [rng.random() < 0.7 for _ in range(inputs)]
    lanes = rng.choice([1, 2, 7])
    if seed % 3 == 0:  # blocks of two lanes
        monkeypatch.setattr(machines, "BYTES", 1)
        monkeypatch.setattr(machines, "FEWEST", 2)
    columns = [numbers(rng, lanes, 0.02) for _ in range(inputs)]
    scalars = of_lanes(made.program(), flags, kind)
    compare(scalars, flags, columns, numbers(rng, count, 0.0), kind)


def test_what_is_compared_is_mostly_finite():
    """The random programs do test something."""
    shares = []
    for seed in range(20):
        rng = random.Random(seed)
        made = recipe(rng, 10, SMOOTH, special=0.0)
        inputs, count = made.counts
        columns = [numbers(rng, 3, 0.0) for _ in range(inputs)]
        scalars = of_lanes(made.program(), [True] * inputs, BY_ARGUMENTS)
        shares.append(
            compare(scalars, [True] * inputs, columns, numbers(rng, count, 0.0), BY_ARGUMENTS)
        )
    assert np.mean(shares) > 0.9


def layers(sizes, activation, act=lambda z: z):
    """An MLP whose loss is that of one example."""
    model = nn.MLP(sizes[0], sizes[1:], activation=activation, rng=random.Random(1))

    def loss(*xs):
        out = model(list(xs))
        return act(autograd.sum([z * z for z in out]) if isinstance(out, list) else out)

    return loss, sizes[0], model


@pytest.mark.parametrize("kind", [BY_ARGUMENTS, BY_PARAMETERS])
@pytest.mark.parametrize("activation", ["tanh", "relu"])
@pytest.mark.parametrize("sizes", [(3, 4, 1), (2, 16, 16, 1), (5, 7, 6, 3)])
def test_networks_answer_lane_by_lane(sizes, activation, kind):
    loss, count, model = layers(sizes, activation)
    rng = np.random.default_rng(2)
    columns = [rng.normal(size=6).tolist() for _ in range(count)]
    made = recorded(loss, [0.5] * count)
    scalars = of_lanes(made.program, [True] * count, kind)
    parameters = [p.data for p in made.parameters]
    assert compare(scalars, [True] * count, columns, parameters, kind) == 1.0
    assert len(model.parameters()) == len(parameters)


def test_a_perceptron_is_a_handful_of_matrices():
    loss, count, _ = layers((2, 16, 16, 1), "tanh")
    made = recorded(loss, [0.5] * count)
    groups = rolled(of_lanes(made.program, [True] * 2, BY_PARAMETERS), [True] * 2, BY_PARAMETERS)
    assert len(groups.body) <= 11
    assert "cells[16x17 from 48 by 17, 1] @ rows[" in str(groups)  # biases are a column of it
    assert "@ over lanes @" in str(groups)


def test_the_transformer_is_at_most_a_hundred_instructions():
    from nn.models.gpt import GPT

    model = GPT(27, 16, 16, 4, 1, rng=random.Random(3))
    text = [3, 1, 4, 1, 5, 9, 2, 6]
    made = recorded(lambda: nn.losses.cross_entropy(model(text[:-1]), text[1:]), [])
    scalars = of_lanes(made.program, [], BY_PARAMETERS)
    groups = rolled(scalars, [], BY_PARAMETERS)
    assert len(groups.body) <= 100
    found = run(groups, [], [], [p.data for p in made.parameters])[0]
    out = nn.losses.cross_entropy(model(text[:-1]), text[1:])
    out.backward()
    assert found[0] == pytest.approx(out.data, rel=1e-14)
    assert found[1:] == pytest.approx([p.grad for p in made.parameters], rel=1e-11, abs=1e-15)


# -- traps ------------------------------------------------------------------------------------
def test_what_is_uniform_counts_once_for_each_lane():
    """Its gradient is that of the mean, however little the loss depends on the lane."""
    w = autograd.Value(3.0)
    g = autograd.compile(lambda x: w * w + 0.0 * x)
    assert g(1.0) == 9.0
    b = g.bound()
    assert (b.backward([1.0, 2.0, 3.0]), b.gradient.tolist()) == (9.0, [6.0])


def test_sums_of_products_of_mixed_spaces_are_no_matrix():
    """Rows of weights, of which some come from the lanes."""
    w = [autograd.Value(0.1 * k) for k in range(12)]

    def f(x, y):
        rows = [[w[0], w[1], y], [w[2], w[3], y], [w[4], w[5], w[6]]]
        return [autograd.dot(row, [x, y, x * y]) for row in rows]

    g = autograd.compile(f)
    xs, ys = [0.5, -1.0, 2.0], [3.0, 0.25, -0.5]
    for k, column in enumerate(g.map(xs, ys)):
        assert column == pytest.approx([f(x, y)[k].data for x, y in zip(xs, ys, strict=True)])


def test_where_is_finite_behind_a_branch_that_is_not_taken():
    f = autograd.compile(lambda x: autograd.where(x > 0.0, autograd.log(x), 0.0) + x)
    values, slopes = f.map_value_and_grad([-1.0, 2.0, 0.0])
    assert values.tolist() == [-1.0, autograd.log(2.0) + 2.0, 0.0]
    assert slopes.tolist() == [1.0, 1.5, 1.0]


def test_operands_in_reverse_order_are_views_with_negative_strides():
    names = ["input"] * 4 + ["tanh"] * 4 + ["pairs"]
    operands = [0, 1, 2, 3, 7, 3, 6, 2, 5, 1, 4, 0]
    scalars = program(names, operands, counts={8: 8}, results=[8])
    flags, columns = [True] * 4, [[0.1, 0.2], [0.3, 0.4], [0.5, 0.6], [0.7, 0.8]]
    compare(scalars, flags, columns, [], VALUE)


def test_a_group_of_one_cell_and_a_sum_of_thousands():
    n = 6000
    names = ["input"] * n + ["pairs", "exp"]
    scalars = program(names, [*np.repeat(range(n), 2), n], counts={n: 2 * n}, results=[n + 1])
    columns = [[1e-3 * (k % 7), 1e-3 * (k % 5)] for k in range(n)]
    compare(scalars, [True] * n, columns, [], VALUE)
    compare(scalars, [False] * n, [c[:1] for c in columns], [], VALUE)


def test_lanes_beyond_the_last_are_in_no_sum(monkeypatch):
    """A last block that is short: 7 lanes in blocks of 3."""
    monkeypatch.setattr(machines, "BYTES", 1)
    monkeypatch.setattr(machines, "FEWEST", 3)
    w = autograd.Value(2.0)
    g = autograd.compile(lambda x: w * x)
    assert g.map_backward([1.0] * 7) == 2.0
    assert w.grad == 1.0


def test_literals_of_folded_scalars_are_no_lanes():
    g = autograd.compile(lambda x: x * (autograd.exp(0.0) + 1.0) + autograd.log(1.0))
    assert g.map([1.0, 2.0]).tolist() == [2.0, 4.0]


def test_two_parameters_of_one_gradient_and_one_of_none():
    a, b, c = (autograd.Value(x) for x in (1.0, 2.0, 3.0))
    g = autograd.compile(lambda x: (a + b) * x + 0.0 * c)
    assert g(1.0) == 3.0
    bound = g.bound()
    bound.backward([1.0, 3.0])
    assert dict(zip(bound.values, bound.gradient.tolist(), strict=True)) == {a: 2.0, b: 2.0, c: 0.0}


# -- what the verifier refuses ----------------------------------------------------------------
def small():
    names = ["input", "input", "tanh", "tanh", "add"]
    return roll(program(names, [0, 1, 2, 3], results=[4]), [True, True])


def with_step(groups, k, **changes):
    """Groups in which the step of an instruction is another one."""
    body = [*groups.body]
    body[k] = Expression((body[k].steps[0]._replace(**changes),))
    return groups.with_(body=body)


FAULTS = {
    "writes a slot that was written before": lambda g: g.with_(body=[*g.body, g.body[0]]),
    "reads a slot before it is written": lambda g: g.with_(body=g.body[::-1]),
    "a slot out of range": lambda g: g.with_(rows=4),
    "is asked for, and never written": lambda g: g.with_(body=g.body[:1]),
    "two leaves are in one slot": lambda g: g.with_(inputs=g.inputs[:1] * 2),
    "keeps numbers of lanes in cells": lambda g: with_step(g, 1, out=Slots(0, np.array([0]))),
    "of another number": lambda g: with_step(g, 0, operands=(Slots(1, np.arange(3) % 2),)),
    "a slot of no space": lambda g: with_step(g, 0, operands=(Slots(2, np.arange(2)),)),
}


@pytest.mark.parametrize("message", FAULTS)
def test_the_verifier_names_what_is_wrong(message):
    assert checked(small()) is not None
    with pytest.raises(ProgramError, match=message):
        checked(FAULTS[message](small()))


def test_products_whose_matrices_do_not_fit_are_refused():
    loss, count, _ = layers((2, 16, 1), "tanh")
    made = recorded(loss, [0.5] * count)
    groups = roll(of_lanes(made.program, [True] * 2, BY_PARAMETERS), [True] * 2, True)
    for k, one in enumerate(groups.body):
        if hasattr(one, "kind"):
            for broken in (
                one._replace(left=one.right, right=one.left),
                one._replace(out=Slots(one.out.space, one.out.at[:1])),
                one._replace(kind={"UV": "VV", "VV": "UU", "UU": "UV"}[one.kind]),
            ):
                body = [*groups.body[:k], broken, *groups.body[k + 1 :]]
                with pytest.raises(ProgramError, match=f"instruction {k} is a product"):
                    checked(groups.with_(body=body))


def test_groups_are_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        small().cells = 3


# -- what lies so that NumPy need not copy it ---------------------------------------------------
def test_rows_of_ones_stay_ones():
    """They are read after all else that lay beside them is, and nothing is written there."""
    loss, count, _ = layers((2, 16, 16, 16, 1), "relu")
    made = recorded(loss, [0.5] * count)
    flags = [True] * count
    groups = reusing(rolled(of_lanes(made.program, flags, BY_PARAMETERS), flags, BY_PARAMETERS))
    assert len(groups.ones) == 3
    for one in groups.body:
        for out in one.writes():
            assert not out.space or not set(groups.ones) & set(out.at.reshape(-1).tolist())


@pytest.mark.parametrize("kind", [VALUE, BY_ARGUMENTS, BY_PARAMETERS])
@pytest.mark.parametrize("sizes", [(1, 5, 1), (2, 16, 1), (70, 3, 2)])
def test_inputs_that_are_read_where_they_are_given_answer_the_same(sizes, kind, monkeypatch):
    """And are never written; arrays that are no rows one after the other are copied."""
    loss, count, _ = layers(sizes, "relu")
    made = recorded(loss, [0.5] * count)
    flags = [True] * count
    groups = rolled(of_lanes(made.program, flags, kind), flags, kind)
    parameters = [p.data for p in made.parameters]
    given = np.random.default_rng(5).normal(size=(9, count))
    true = run(groups, flags, given.T.tolist(), parameters)
    for block in (16, 4):
        monkeypatch.setattr(machines, "FEWEST", block)
        monkeypatch.setattr(machines, "MOST", block)
        for columns in (given.copy(), np.asfortranarray(given), np.repeat(given, 2, axis=0)[::2]):
            machine = Machine(code_of(groups))
            machine.cells[machine.code.groups.parameters] = parameters
            found = []

            def take(rows, part, machine=machine, found=found):
                places = [*machine.code.groups.results, *machine.code.groups.gradients]
                found.append([rows[k].copy() if space else [] for space, k in places])

            before = columns.copy()
            machine.run(9, take=take, columns=[columns])
            assert np.array_equal(columns, before)
            if kind != BY_PARAMETERS:
                assert np.allclose(np.hstack(found).T, true, rtol=1e-13, atol=1e-14)
            else:
                cells = [machine.cells[k] for _, k in machine.code.groups.gradients]
                assert np.allclose(cells, true[0, 1:], rtol=1e-12, atol=1e-14)


def test_the_slope_of_a_relu_is_its_sign_at_every_number():
    made = recorded(lambda x: autograd.relu(x) * x, [0.5])
    groups = rolled(of_lanes(made.program, [True], BY_ARGUMENTS), [True], BY_ARGUMENTS)
    assert "sign(" in str(groups)
    assert "heaviside" not in str(groups)


# -- rows used again --------------------------------------------------------------------------
def test_rows_that_are_read_no_more_are_used_again():
    """A chain takes two rows beside its input, however long it is; a network not more than its
    widest layers.
    """
    names = ["input", *["tanh", "exp"] * 50]
    groups = roll(program(names, range(100), results=[100]), [True])
    assert (groups.rows, reusing(groups).rows) == (101, 3)
    loss, count, _ = layers((2, 16, 16, 1), "tanh")
    made = recorded(loss, [0.5] * count)
    groups = rolled(of_lanes(made.program, [True] * 2, BY_PARAMETERS), [True] * 2, BY_PARAMETERS)
    assert reusing(groups).rows < 0.7 * groups.rows


@pytest.mark.parametrize("seed", range(30))
def test_no_result_lies_where_one_of_its_operands_does(seed):
    rng = random.Random(seed)
    made = recipe(rng, 40, SMOOTH)
    flags = [True] * made.counts[0]
    groups = reusing(rolled(of_lanes(made.program(), flags, BY_ARGUMENTS), flags, BY_ARGUMENTS))
    parts = [x for one in groups.body for x in (one.steps if hasattr(one, "steps") else (one,))]
    for part in parts:
        reads = part.operands if hasattr(part, "operands") else [*part.reads()]
        for slots in reads:
            if slots.space == part.out.space == 1:
                assert not set(part.out.at.flat) & set(slots.at.flat)
