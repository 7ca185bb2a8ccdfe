"""Programs as JAX functions and ONNX models: run there, and compared with Python's floats."""

from __future__ import annotations

import itertools
import math
import random
import sys
from typing import Any

import numpy as np
import pytest
from compiler.bounds import bounded
from compiler.random_programs import FIXED, SMOOTH, Recipe, recipe
from compiler.running import RUNS, Lanes, jax_of_doubles, session_of
from compiler.test_passes import program

import autograd
import nn
from autograd import rules
from autograd.compiler.evaluating import evaluated
from autograd.compiler.expanding import expand
from autograd.compiler.exporting import jax_source
from autograd.compiler.lanes.exporting import to_jax, to_onnx
from autograd.compiler.planning import with_gradient
from autograd.compiler.program import Program
from autograd.compiler.pruning import prune
from autograd.compiler.verifying import ProgramError

# What each language lacks: also the rows whose definitions take one of these.
JAX_LACKS = {"power_partial", "gamma_derivative", "norm_partial", "round_to"}
ONNX_LACKS = JAX_LACKS | {
    "floor_divide", "remainder", "fmod", "cbrt", "arctan2", "erfc", "gamma", "lgamma", "digamma",
    "angle", "polygamma", "truncate_divide",
}  # fmt: skip
# Of what ONNX Runtime has no doubles; the reference of the standard computes erf in single
# precision, and so what is made of it.
NO_DOUBLES = {
    "tan", "arcsin", "arccos", "arctan", "sinh", "cosh", "arcsinh", "arccosh", "arctanh", "erf",
    "normal_cdf", "gelu", "gelu_slope",
}  # fmt: skip
BY_ERF = {"erf", "normal_cdf", "gelu", "gelu_slope"}

LACKS = {"jax": JAX_LACKS, "onnx": ONNX_LACKS, "onnxruntime": ONNX_LACKS | NO_DOUBLES}


def of_row(row: Any) -> Program:
    """A row of inputs, its integers being 1."""
    made = Recipe()
    size = (row.arity or row.integers + 3) - row.integers
    integers = [made.add("literal", 1.0) for _ in range(row.integers)]
    made.add(row.name, *integers, *[made.add("input") for _ in range(size)])
    return made.program()


def true(plan: Program, inputs: Lanes) -> Lanes:
    """What Python's floats give, lane by lane."""
    flat = prune(expand(plan))
    found = [evaluated(flat, xs, []) for xs in inputs.T.tolist()]
    return np.array([[float(x[i]) for x in found] for i in flat.results.tolist()])


EDGES = [math.nan, math.inf, -math.inf, 0.0, -0.0, 1.0, 1e200, -1e200, 1e-200]
# Where even these are left out: XLA's polygamma is nan at infinity, its gamma 131 units off at
# 1e-200; the standard's reference knows no erf of 1e-200; y - 1 is rounded in a power of -1; what
# is infinite is subtracted from its like.
WITHOUT_EDGES = {
    "jax": {"polygamma", "gamma", "power_by_base", "arctan2_partial"},
    "onnx": {*BY_ERF, "power_by_base", "arctan2_partial"},
    "onnxruntime": {"power_by_base", "arctan2_partial"},
}


def operands(plan: Program, edges: bool = True) -> Lanes:
    """The operands that a row is tried with."""
    rng, count = np.random.default_rng(3), len(plan.inputs)
    found = rng.uniform(-4.0, 4.0, (count, 500))
    found[:, :100] = rng.integers(-2, 3, (count, 100))  # ties, zeros and edges
    if not edges:
        return found
    more = [*itertools.product(EDGES, repeat=min(count, 2))]
    columns = np.array(more).T if count < 3 else rng.choice(EDGES, (count, 100))
    return np.concatenate([found, columns], axis=1)


@pytest.mark.parametrize("language", ["jax", "onnx"])
@pytest.mark.parametrize("row", rules.TABLE.values(), ids=lambda row: row.name)
def test_a_row_is_written_or_lacks_a_word_for_a_reason(row: Any, language: str) -> None:
    plan = of_row(row)
    write: Any = jax_source
    if language == "onnx":
        pytest.importorskip("onnx")
        write = to_onnx
    if row.name in LACKS[language]:
        with pytest.raises(ProgramError, match=r"(JAX|ONNX) has no .*: the program runs in Python"):
            write(plan)
    else:
        assert write(plan)


# How far the answers may be from Python's floats, in units in the last place; as measured with JAX
# 0.10, NumPy 2.4 and ONNX Runtime 1.32 on 500 operands between -4 and 4. The wider ones are XLA's.
ULPS = 8
WIDER = {
    "log1p": 64, "arctanh": 32, "erfc": 16, "normal_cdf": 32, "gamma": 32, "gelu": 32,
    "polygamma": 16, "lgamma": 32, "digamma": 16,
}  # fmt: skip
# Sums of terms that cancel, and functions that are inexact near their zeros there, such as sin and
# cos of ONNX Runtime: the unit is that of 1.
CANCEL = {
    "sin", "cos", "lgamma", "digamma", "dot", "sum", "mean", "logsumexp", "silu_slope",
    "gelu_slope", "arctan2_partial", "log_sigmoid", "softplus",
}  # fmt: skip
RNG = np.random.default_rng(3)


@pytest.mark.parametrize("language", RUNS)
@pytest.mark.parametrize("row", rules.TABLE.values(), ids=lambda row: row.name)
def test_a_row_answers_as_python_does(row: Any, language: str) -> None:
    if row.name in LACKS[language]:
        pytest.skip("it is not written")
    plan = of_row(row)
    inputs = operands(plan, row.name not in WITHOUT_EDGES[language])
    if (row.name, language) == ("digamma", "jax"):
        inputs = inputs[:, inputs[0] != 0]  # where it is nan in JAX, and -inf here
    [[found], _], [expected] = RUNS[language](plan, inputs, np.zeros(0)), true(plan, inputs)
    finite = np.isfinite(expected)
    np.testing.assert_array_equal(found[~finite], expected[~finite])
    found, expected = found[finite], expected[finite]
    cancels = BY_ERF | CANCEL | ({"logaddexp"} if language != "jax" else set())
    unit = np.spacing(np.maximum(np.abs(expected), 1.0 if row.name in cancels else 0.0))
    limit = 2.0**30 if language == "onnx" and row.name in BY_ERF else WIDER.get(row.name, ULPS)
    assert (np.abs(found - expected) / unit).max(initial=0.0) <= limit


@pytest.mark.parametrize("language", RUNS)
@pytest.mark.parametrize("seed", range(8))
def test_a_random_program_and_its_gradient(seed: int, language: str) -> None:
    rng = random.Random(seed)
    steps = {"sign", "floor", "ceil", "rint"}
    rows = [x for x in FIXED if x not in LACKS[language] | BY_ERF | steps]
    made = recipe(rng, 12, [SMOOTH, rows][seed % 2], special=0.0)
    plan = with_gradient(made.program())
    count, others = made.counts
    inputs = np.array([[rng.uniform(0.3, 1.0) for _ in range(5)] for _ in range(count)])
    parameters = np.array([rng.uniform(0.3, 1.0) for _ in range(others)])
    try:
        results, gradients = RUNS[language](plan, inputs, parameters[:, None])
    except ProgramError as told:
        assert "has no" in str(told)  # noqa: PT017  (a derivative may be one that it lacks)
        return
    flat = prune(expand(plan))
    for lane in range(5):
        numbers, errors = bounded(flat, inputs[:, lane].tolist(), parameters.tolist(), 64.0)
        for found, scalars in ((results, flat.results), (gradients, flat.gradients)):
            for k, i in enumerate(scalars.tolist()):
                exact = float(numbers[i])
                if math.isfinite(exact) and math.isfinite(errors[i]):
                    assert abs(found[k, lane] - exact) <= errors[i] + 1e-300


@pytest.mark.parametrize("language", RUNS)
def test_a_network_over_lanes(language: str) -> None:
    """A perceptron with its gradient by the inputs, and one with parameters as constants."""
    model = nn.MLP(3, [8, 2], activation="tanh", rng=random.Random(1))
    g = autograd.compile(lambda x: autograd.softmax(model(x))[0])
    xs = RNG.normal(size=(40, 3))
    values, slopes = g.map_value_and_grad(xs)
    g.value_and_grad(xs[0].tolist())
    held = np.array([[x.data] for x in g.bound().values])
    results, gradients = RUNS[language](g.program, xs.T.copy(), held)
    np.testing.assert_allclose(results[0], values, rtol=1e-13)
    np.testing.assert_allclose(gradients, slopes.T, rtol=1e-11, atol=1e-14)


def test_parameters_may_be_constants_of_a_model() -> None:
    pytest.importorskip("onnx")
    w = autograd.Value(3.0)
    g = autograd.compile(lambda x: autograd.tanh(w * x))
    g(0.5)
    model = to_onnx(g.program, g.bound().parameters)
    [found] = session_of(model).run(None, {"inputs": np.array([[0.5, -2.0]])})
    np.testing.assert_allclose(found, [[math.tanh(1.5), math.tanh(-6.0)]], rtol=1e-15)
    with pytest.raises(ValueError, match="has 1 parameters, but 2 numbers were given"):
        to_onnx(g.program, [1.0, 2.0])


@pytest.mark.parametrize("language", RUNS)
def test_a_lane_that_takes_another_path_is_nan(language: str) -> None:
    made = program("input\ngreater @0 0.0\nlog @0").with_(guards=((2, True),))
    [found, _] = RUNS[language](made, np.array([[1.0, -1.0, math.e]]), np.zeros(0))
    assert [str(x) for x in found[0].round(12).tolist()] == ["0.0", "nan", "1.0"]


def test_jax_differentiates_it_too() -> None:
    jax = jax_of_doubles()
    g = autograd.compile(lambda x, y: autograd.tanh(x * y) * autograd.exp(-x))
    _, slopes = g.value_and_grad(0.3, 1.2)
    g(0.3, 1.2)
    f = to_jax(g.program)
    theirs = jax.grad(lambda xs: f(xs)[0][0])(np.array([0.3, 1.2]))
    np.testing.assert_allclose(theirs, slopes, rtol=1e-14)


def test_a_gpu_is_not_asked_to_compute_in_single_precision() -> None:
    jax = pytest.importorskip("jax")
    jax.config.update("jax_enable_x64", False)
    try:
        with pytest.raises(RuntimeError, match=r"single precision; call jax\.config\.update"):
            to_jax(of_row(rules.TABLE["tanh"]))
    finally:
        jax.config.update("jax_enable_x64", True)


@pytest.mark.parametrize(("export", "extra"), [(to_jax, "jax"), (to_onnx, "onnx")])
def test_what_is_not_installed_is_named(
    export: Any, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, extra, None)
    with pytest.raises(ModuleNotFoundError, match=rf"pip install 'glassgrad\[{extra}\]'"):
        export(of_row(rules.TABLE["tanh"]))


def test_source_is_read(capsys: pytest.CaptureFixture[str]) -> None:
    g = autograd.compile(lambda x, y: autograd.tanh(x * y) if x > 0 else y)
    g.value_and_grad(0.5, 2.0)
    assert g.source("jax").splitlines() == [
        "def program(inputs, parameters=()):",
        '    inputs = doubles(inputs, 2, "inputs")',
        '    parameters = doubles(parameters, 0, "parameters")',
        "    v0 = inputs[0]  # x",
        "    v1 = inputs[1]  # y",
        "    v3 = 1.0 * (v0 > 0.0)",
        "    v4 = v0 * v1",
        "    v5 = jnp.tanh(v4)",
        "    v6 = 1.0 / (jnp.cosh(v4) * jnp.cosh(v4))",
        "    v7 = v6 * v0",
        "    v8 = v6 * v1",
        "    ok = (v3 != 0)",
        "    return stacked(inputs, [v5], ok), stacked(inputs, [v8, v7], ok)",
    ]
