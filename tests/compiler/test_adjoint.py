"""The adjoint of a program: eager's gradient, to the bit; and derivatives of derivatives."""

import itertools
import math
import random
import struct

import numpy as np
import pytest
from compiler.bounds import bounded
from compiler.random_programs import (
    FIXED,
    N_ARY,
    PREDICATES,
    SMOOTH,
    Recipe,
    eager,
    numbers,
    recipe,
)

import autograd
from autograd import Value, rules
from autograd.compiler.codes import CODES
from autograd.compiler.differentiating import adjoint
from autograd.compiler.evaluating import evaluated
from autograd.compiler.expanding import expand
from autograd.compiler.fusing import fuse
from autograd.compiler.planning import leaves, simplified, with_gradient, with_hessian, with_hvp
from autograd.compiler.program import Program
from autograd.compiler.pruning import prune
from autograd.compiler.python import python_function
from autograd.compiler.verifying import verified

INF, NAN = math.inf, math.nan
WHERE = CODES["where"]
BATCHES = range(12)
EACH = 25  # programs of a batch


def bits(x):
    return "nan" if x != x else struct.pack("d", x)


def same(xs, ys):
    return [*map(bits, xs)] == [*map(bits, ys)]


def answers(program, xs, ps):
    """The result and the gradients, from which eager's first addition takes the sign of a zero."""
    found = evaluated(program, xs, ps)
    return [found[program.results[0]], *(found[i] + 0.0 for i in program.gradients)]


def drawn(seed, kinds, sizes=(3, 8, 20, 50), special=0.1):
    rng = random.Random(seed)
    made = recipe(rng, rng.choice(sizes), rng.choice(kinds), special)
    count, others = made.counts
    return made, numbers(rng, count, special), numbers(rng, others, special)


def raw_gradient(program):
    return verified(adjoint(program, int(program.results[0]), leaves(program)))


@pytest.mark.parametrize("batch", BATCHES)
def test_without_choices_value_and_gradient_are_eagers_to_the_bit(batch):
    for seed in range(batch * EACH, (batch + 1) * EACH):
        made, xs, ps = drawn(seed, [SMOOTH, SMOOTH + N_ARY, FIXED, FIXED + N_ARY])
        value, slopes = eager(made, xs, ps)
        program = raw_gradient(verified(made.program()))
        plan = verified(simplified(program))
        for each in (program, plan):
            assert same(answers(each, xs, ps), [value, *slopes]), seed
        out, found = python_function(plan)(*xs, *ps)
        assert same([out, *found], [value, *slopes]), seed


@pytest.mark.parametrize("batch", BATCHES)
def test_through_choices_the_value_is_eagers_and_the_gradient_but_for_the_order_of_terms(batch):
    """Where a branch is not taken eager has no nodes, and may sweep what is shared in another
    order."""
    for seed in range(batch * EACH, (batch + 1) * EACH):
        made, xs, ps = drawn(seed, [SMOOTH + 3 * ["where"], FIXED + N_ARY + 20 * ["where"]])
        value, slopes = eager(made, xs, ps)
        program = raw_gradient(verified(made.program()))
        numbers_, errors = bounded(program, xs, ps)
        assert bits(numbers_[program.results[0]]) == bits(value), seed
        for i, true in zip(program.gradients, slopes, strict=True):
            assert near(numbers_[i] + 0.0, true, errors[i]), seed
        assert same(answers(verified(simplified(program)), xs, ps), answers(program, xs, ps)), seed


def near(got, true, error):
    return bits(got) == bits(true) or abs(got - true) <= error


@pytest.mark.parametrize("batch", BATCHES)
def test_after_fuse_numbers_are_within_the_bound(batch):
    """Relative to the sums of |terms|; where these overflow nothing can be said."""
    for seed in range(batch * EACH, (batch + 1) * EACH):
        kinds = [SMOOTH, SMOOTH + N_ARY, FIXED, FIXED + N_ARY, SMOOTH + 2 * ["where"]]
        made, xs, ps = drawn(seed, kinds)
        value, slopes = eager(made, xs, ps)
        fused = verified(prune(fuse(prune(made.program()))))
        program = verified(fuse(raw_gradient(fused)))
        found, errors = bounded(program, xs, ps)
        at = [program.results[0], *program.gradients]
        for i, true in zip(at, [value, *slopes], strict=True):
            assert near(found[i] + 0.0, true, errors[i]), seed
        plan = verified(with_gradient(made.program(), fused=True))
        assert len(plan) <= len(prune(program))


def test_the_bound_is_one():
    """A sum of 1e16 and 1 in another order is off by no more than it says, and by more than 0."""
    made = Recipe()
    x, y, z = (made.add("input") for _ in range(3))
    made.add("add", made.add("add", x, y), z)
    xs = [1.0, 1e16, -1e16]
    fused = prune(fuse(made.program()))
    backwards = fused.with_(operands=fused.operands.reshape(-1, 2)[::-1].reshape(-1))
    found, errors = bounded(backwards, xs, [])
    true = eager(made, xs, [])[0]
    assert 0 < abs(found[-1] - true) <= errors[-1] < 100


@pytest.mark.parametrize("seed", range(60))
def test_the_adjoint_twice_is_eagers_hessian(seed):
    kinds = [SMOOTH, SMOOTH + N_ARY, FIXED + N_ARY, SMOOTH + 2 * ["where"]]
    made, xs, ps = drawn(seed, kinds, sizes=(3, 8, 20), special=0.0)
    true = np.array(autograd.hessian(lambda zs: made.values(zs, ps)[-1])(xs), float)
    got = np.array(python_function(verified(with_hessian(made.program())))(*xs, *ps)[1])
    scale = max(1.0, np.abs(true[np.isfinite(true)]).max(initial=0.0))
    finite = np.isfinite(true)
    np.testing.assert_allclose(
        got.reshape(true.shape)[finite], true[finite], rtol=0, atol=1e-11 * scale
    )
    if finite.all():
        v = [0.5 - k for k in range(len(xs))]
        hvp = python_function(verified(with_hvp(made.program())))
        row = hvp(*xs, *v, *ps)[1]
        np.testing.assert_allclose(row, true @ np.array(v), rtol=0, atol=1e-10 * scale)


@pytest.mark.parametrize("name", ["max", "min", "maximum", "minimum"])
@pytest.mark.parametrize(
    "xs", [[1.0, 1.0, 0.5], [2.0, 2.0, 2.0], [NAN, 1.0, 2.0], [-0.0, 0.0, 0.0]]
)
def test_ties_share_the_derivative_and_it_is_flat(name, xs):
    made = Recipe()
    read = [made.add("input") for _ in xs]
    if name in ("maximum", "minimum"):
        made.add(name, made.add(name, read[0], read[1]), read[2])
    else:
        made.add(name, *read)
    value, slopes = eager(made, xs, [])
    assert same(answers(raw_gradient(made.program()), xs, []), [value, *slopes])
    second = python_function(with_hessian(made.program()))(*xs)[1]
    assert all(x == 0 for x in second) or NAN in map(abs, xs) or any(x != x for x in xs)


@pytest.mark.parametrize("x", [0.0, -0.0, 2.0, -3.0, INF, -INF])
@pytest.mark.parametrize("y", [0.0, -0.0, 2.0, -3.0, INF, -INF])
def test_copysign_has_eagers_partials(x, y):
    made = Recipe()
    made.add("copysign", made.add("input"), made.add("input"))
    value, slopes = eager(made, [x, y], [])
    assert same(answers(raw_gradient(made.program()), [x, y], []), [value, *slopes])


def branch(of_branch, x):
    """where(x > 0, f(x), 0) + x as a program, and its gradient at x in eager."""
    made = Recipe()
    at = made.add("input")
    zero = made.add("literal", 0.0)
    taken = of_branch(made, at)
    made.add("add", made.add("where", made.add("greater", at, zero), taken, zero), at)
    return made, eager(made, [x], [])


@pytest.mark.parametrize("x", [-1.0, 0.0, 2.0])
@pytest.mark.parametrize(
    "of_branch",
    [
        lambda made, x: made.add("log", x),
        lambda made, x: made.add("multiply", made.add("log", x), made.add("sqrt", x)),
        lambda made, x: made.add("divide", made.add("sin", x), x),
        lambda made, x: made.add("multiply", made.add("exp", x), made.add("literal", INF)),
        lambda made, x: made.add("sqrt", made.add("multiply", made.add("log", x), x)),
        lambda made, x: made.add(
            "where", made.add("less", x, made.add("literal", 1.0)), made.add("log", x), x
        ),
    ],
)
def test_a_branch_that_is_not_taken_passes_nothing_on_whatever_is_in_it(of_branch, x):
    made, (value, slopes) = branch(of_branch, x)
    program = raw_gradient(made.program())
    assert same(answers(program, [x], []), [value, *slopes])
    assert same(answers(simplified(program), [x], []), [value, *slopes])


@pytest.mark.parametrize("x", [-1.0, 2.0])
def test_an_infinite_adjoint_does_not_reach_the_branch_that_is_not_taken(x):
    """inf * where(x > 0, x, y): of the other leaf the derivative is 0, not inf * 0."""
    made = Recipe()
    a, b = made.add("input"), made.add("input")
    choice = made.add("where", made.add("greater", a, made.add("literal", 0.0)), a, b)
    made.add("multiply", choice, made.add("literal", INF))
    value, slopes = eager(made, [x, 3.0], [])
    assert 0.0 in slopes
    assert same(answers(raw_gradient(made.program()), [x, 3.0], []), [value, *slopes])


def test_what_both_branches_read_is_always_reached():
    """No mask is left over it: neither branch changes the partials of what they share."""
    made = Recipe()
    x = made.add("input")
    shared = made.add("exp", x)
    choice = made.add("greater", x, made.add("literal", 0.0))
    made.add("where", choice, made.add("sin", shared), made.add("cos", shared))
    plan = prune(raw_gradient(made.program()))
    chosen = [plan.operands[plan.starts[i] + 1] for i in np.flatnonzero(plan.codes == WHERE)]
    assert shared not in chosen, plan  # the exponential is its own partial
    assert len(chosen) == 6  # the choice, what flows into both branches, their partials, not x > 0


@pytest.mark.parametrize("name", PREDICATES)
def test_nothing_flows_through_a_predicate(name):
    made = Recipe()
    arity = rules.TABLE[name].arity
    xs = [made.add("input") for _ in range(arity)]
    made.add("where", made.add(name, *xs), made.add("literal", 1.0), made.add("literal", 2.0))
    plan = raw_gradient(made.program())
    assert answers(plan, [0.5] * arity, [])[1:] == [0.0] * arity


def test_terms_stand_in_the_order_of_the_sweep():
    """1e16, 1 and -1e16 add up to 0 or to 1 by their order alone."""
    made = Recipe()
    x = made.add("input")
    scales = [made.add("literal", s) for s in (1e16, 1.0, -1e16)]
    for order in itertools.permutations(scales):
        one = Recipe([*made.scalars])
        parts = [one.add("multiply", x, s) for s in order]
        one.add("add", one.add("add", parts[0], parts[1]), parts[2])
        value, slopes = eager(one, [1.0], [])
        assert same(answers(raw_gradient(one.program()), [1.0], []), [value, *slopes])


@pytest.mark.parametrize("root", ["input", "literal", "parameter"])
def test_of_a_leaf_the_derivative_is_1_or_0(root):
    codes = [CODES[what] for what in ("input", "parameter", "literal")]
    at = ("input", "parameter", "literal").index(root)
    program = Program.of(codes, [], literals=[2.0], results=[at])
    plan = verified(with_gradient(program))
    assert answers(plan, [5.0], [7.0]) == [[5.0, 7.0, 2.0][at], float(at == 0), float(at == 1)]


def test_a_chain_of_a_hundred_thousand_is_differentiated():
    """No recursion anywhere; the derivative of x/2 a hundred times a thousand is a power of 2."""
    n = 100_000
    codes = [CODES["input"], CODES["literal"], *(CODES["multiply"], CODES["add"]) * (n // 2)]
    operands, last = [], 0
    for k in range(n // 2):
        operands += [last, 1, 2 + 2 * k, 1]
        last = 3 + 2 * k
    program = Program.of(codes, operands, literals=[0.5], results=[last])
    plan = verified(with_gradient(program))
    value, slope = answers(plan, [3.0], [])
    assert (value, slope) == (1.0, 0.0)  # 2 to the power -50,000 is none
    assert python_function(plan.with_())(3.0) == (1.0, (0.0,))


# -- lanes ----------------------------------------------------------------------------------------


def by_lanes(program, lanes, xs, ps):
    """The numbers of a program of several lanes: arrays, or one number where a total made one."""
    found = [None] * len(program)
    for i, column in zip(program.inputs.tolist(), xs, strict=True):
        found[i] = np.asarray(column, float)
    for i, p in zip(program.parameters.tolist(), ps, strict=True):
        found[i] = p
    found = [program.numbers().get(i, x) for i, x in enumerate(found)]
    starts, operands = program.starts.tolist(), program.operands.tolist()
    for i, code in enumerate(program.codes.tolist()):
        read = [found[j] for j in operands[starts[i] : starts[i + 1]]]
        if code == CODES["total"]:
            pairs = zip(read[::2], read[1::2], strict=True)
            found[i] = float(sum(np.sum(a * b * np.ones(lanes)) for a, b in pairs))
        elif code == CODES["pairs"]:
            found[i] = sum(a * b for a, b in zip(read[::2], read[1::2], strict=True))
        elif code > CODES["literal"]:
            columns = np.broadcast_arrays(*read, np.zeros(lanes))[:-1]
            row = rules.TABLE[list(CODES)[code]]
            uniform = all(np.ndim(x) == 0 for x in read)
            numbers_ = [row.forward(*map(float, x)) for x in zip(*columns, strict=True)]
            found[i] = numbers_[0] if uniform else np.array(numbers_)
    return found


def test_the_derivative_by_a_parameter_is_summed_over_the_lanes():
    """A penalty of parameters alone counts once for each lane, as in a sum of the lanes' losses."""
    made = Recipe()
    x, w = made.add("input"), made.add("parameter")
    loss = made.add("tanh", made.add("multiply", w, x))
    made.add("add", loss, made.add("square", w))
    program = made.program()
    lanes = program.inputs
    plan = verified(adjoint(program, int(program.results[0]), leaves(program), lanes=lanes))
    columns = [0.5, -1.0, 2.0]
    found = by_lanes(plan, 3, [columns], [0.7])
    w_, xs = Value(0.7), [Value(each) for each in columns]
    autograd.sum([autograd.tanh(w_ * each) + w_ * w_ for each in xs]).backward()
    by_x, by_w = (found[i] for i in plan.gradients)
    np.testing.assert_allclose(by_x, [each.grad for each in xs], rtol=1e-15)
    np.testing.assert_allclose(by_w, w_.grad, rtol=1e-15)
    assert np.ndim(by_w) == 0
    again = verified(simplified(plan))
    assert [
        bits(x) for x in np.ravel(by_lanes(again, 3, [columns], [0.7])[again.gradients[1]])
    ] == [bits(by_w)]


def test_a_uniform_loss_is_not_counted_for_each_lane():
    made = Recipe()
    made.add("input")
    w = made.add("parameter")
    made.add("square", w)
    program = made.program()
    plan = adjoint(program, 2, program.parameters, lanes=program.inputs)
    assert by_lanes(plan, 3, [[1.0, 2.0, 3.0]], [0.7])[plan.gradients[0]] == 1.4


# -- expansions -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["logsumexp", "max", "min", "prod", "norm", "mean", "sum", "dot"])
@pytest.mark.parametrize("size", [1, 2, 3, 7, 300])
def test_a_row_of_many_operands_and_its_expansion_have_one_gradient(name, size):
    """Above 256 operands the expansion is what is differentiated."""
    rng = random.Random(f"{name} {size}")
    made = Recipe()
    count = 2 * (size // 2) + 1 if name == "dot" else size
    made.add(name, *[made.add("input") for _ in range(count)])
    xs = [rng.uniform(-1.3, 1.3) for _ in range(count)]
    value, slopes = eager(made, xs, [])
    plan = verified(with_gradient(made.program()))
    flat = verified(prune(expand(plan)))
    for each in (plan, flat):
        np.testing.assert_allclose(answers(each, xs, []), [value, *slopes], rtol=2e-13, atol=1e-290)
    exact = size <= 256 or name in ("mean", "sum", "dot")
    assert not exact or same(answers(plan, xs, []), [value, *slopes])
    assert size <= 256 or len(flat.operands) < 100 * size
