"""The pytest plugin, run on small test files in a process of its own."""

import os
import subprocess
import sys

import pytest

FAILING = """
import autograd as ag
from hypothesis import given, settings
from autograd.testing.strategies import programs

def test_the_engine(check_gradients):
    check_gradients(lambda x: ag.tanh(x) * x, (0.5,))

def test_a_wrong_gradient(check_gradients):
    check_gradients(ag.exp, (0.3,), grad=lambda x: ag.exp(x) * (1 + 6 * 2.0**-52))

def test_random_numbers(grad_rng):
    print("drawn", grad_rng.randrange(10**6))

@settings(database=None, derandomize=True, max_examples=300)
@given(programs(rows=["tanh", "add"]))
def test_no_program_has_a_tanh(program):
    assert all(x.row != "tanh" for x in program.operations)

def test_a_program_is_shown(check_gradients):
    from autograd.testing import Computation
    from autograd.testing.operations import Operation
    program = Computation((0.0,), (Operation("abs", (0,)),))
    check_gradients(program, program.inputs, kink="fail")
"""


FIXTURES = """
import mpmath, numpy as np, pytest

def slope(x):
    g = np.cos(x)
    g[1] += 1e-9
    return g

def test_numpy(check_numpy):
    check_numpy(lambda x: np.sum(np.sin(x)), slope, np.array([0.5, 1.0, 2.0]))

def test_vjp(check_vjp):
    check_vjp(np.sin, lambda c, x: c * slope(x), (np.array([0.5, 1.0]),))

def test_elementwise(check_elementwise):
    check_elementwise(np.sin, slope, mpmath.sin, points=[0.5, 1.0])

def test_right(check_numpy, check_vjp, check_elementwise):
    check_numpy(lambda x: np.sum(np.sin(x)), np.cos, np.array([0.5]))
    check_vjp(np.sin, lambda c, x: c * np.cos(x), (np.array([0.5]),))
    check_elementwise(np.sin, np.cos, mpmath.sin, points=[0.5, 1.0])

def test_torch(check_torch):
    torch = pytest.importorskip("torch")
    check_torch(torch.sin, torch.tensor([0.5]), reference=np.sin)

def function(x):
    raise KeyError("of the function")

def test_an_error_of_the_function(check_numpy):
    check_numpy(function, np.cos, np.array([0.5]))
"""


@pytest.fixture
def run(tmp_path):
    def run(*options, program=FAILING):
        (tmp_path / "test_gradients.py").write_text(program)
        environment = os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "NO_COLOR": "1"}
        command = [sys.executable, "-m", "pytest", "-p", "autograd.testing.plugin", *options]
        done = subprocess.run(
            [*command, "-p", "no:cacheprovider", "-rP", str(tmp_path)],
            env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=60,
        )  # fmt: skip
        return done.stdout

    return run


def test_failures_are_shown_as_python(run):
    out = run()
    assert "3 passed, 2 failed" in out or "2 failed, 3 passed" in out
    assert "gradient check: the failure as Python" in out
    assert "v1 = tanh(x0)\nv1.backward()" in out, "the shrunk program of Hypothesis"
    assert "v1 = abs(x0)" in out, "the program of the fixture's report"


def test_a_fixture_for_every_check(run):
    out = run(program=FIXTURES)
    assert "4 failed" in out
    assert "test_right" in out.partition("short test summary")[0] or "passed" in out
    for where in ("args[0][1]: fail, few digits", "derivative at 1.0: fail, few digits"):
        assert where in out, "the finding, in one line"
    assert "KeyError: 'of the function'" in out


def test_tracebacks_leave_the_kit_out(run):
    out = run("--tb=short", program=FIXTURES)
    assert "test_gradients.py" in out
    for file in ("gradients.py:", "subject.py:", "reports.py:", "adapters.py:", "plugin.py:"):
        assert f"autograd/testing/{file}" not in out


def test_the_options(run):
    """The bound of --grad-ulp holds where a test says nothing; the seed is repeated."""
    strict = run("--grad-ulp=4", "-k", "wrong_gradient")
    assert "6 ULP off, 4 allowed" in strict or "ULP off, 4 allowed" in strict
    assert "1 failed" in strict
    assert "1 passed" in run("--grad-ulp=64", "-k", "wrong_gradient")
    first, again, other = (
        next(line for line in run(f"--grad-seed={seed}", "-k", "random").splitlines()
             if line.startswith("drawn"))
        for seed in (1, 1, 2)
    )  # fmt: skip
    assert first == again != other


def test_importing_the_plugin_imports_neither_numpy_nor_the_oracles():
    code = "import sys, autograd.testing.plugin as p; print('mpmath' in sys.modules, p.__name__)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout.split() == ["False", "autograd.testing.plugin"]


@pytest.mark.parametrize("name", ["hypothesis", "mpmath"])
def test_a_missing_package_is_named_with_the_extra(name):
    code = f"""
import sys
sys.modules[{name!r}] = None
from autograd import tanh
try:
    if {name!r} == "hypothesis":
        from autograd.testing import strategies
    else:
        from autograd.testing import check_gradients
        check_gradients(tanh, (1.0,), oracle="mpmath")
except ImportError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert "pip install 'glassgrad[testing]'" in done.stdout, done.stderr
