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
    from autograd.testing import Program
    from autograd.testing.program import Operation
    program = Program((0.0,), (Operation("abs", (0,)),))
    check_gradients(program, program.inputs, kink="fail")
"""


@pytest.fixture
def run(tmp_path):
    (tmp_path / "test_gradients.py").write_text(FAILING)

    def run(*options):
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
