"""Make the table of findings: derivatives of the libraries that are installed, held against mpmath.

Run ``python notebooks/reference/findings.py`` where torch, jax, mygrad, casadi, uncertainties,
tinygrad and scikit-learn are installed, or some of them; it writes ``findings.md`` (a quarter of an
hour). HIPS autograd has our import name: ``pip install --target DIR autograd`` puts it into a
folder of its own, and ``--hips DIR`` asks it in a process of its own. ``--only WORD`` prints the
rows whose names contain a word, and writes nothing.
"""

from __future__ import annotations

import argparse
import datetime
import importlib.metadata
import importlib.util
import json
import math
import os
import platform
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import mpmath as mp
import numpy as np

from autograd.testing import Report, Table, check_elementwise, from_jax, from_torch

PAGE = Path(__file__).parent / "findings.md"
Pair = tuple[Callable[[Any], Any], Callable[[Any], Any]]
REALS = (-math.inf, math.inf)

# Name, the truth, and the domain: where a library has a function of the name it is checked there.
TRUTHS: dict[str, tuple[Callable[[Any], Any], tuple[float, float]]] = {
    "arcsinh": (mp.asinh, REALS),
    "arctan": (mp.atan, REALS),
    "arctanh": (mp.atanh, (-1.0, 1.0)),
    "digamma": (mp.digamma, (-20.0, 1e3)),
    "erf": (mp.erf, (-30.0, 30.0)),
    "erfc": (mp.erfc, (-5.0, 30.0)),
    "expm1": (mp.expm1, (-800.0, 800.0)),
    "lgamma": (lambda x: mp.log(abs(mp.gamma(x))), (-20.0, 100.0)),
    "log1p": (mp.log1p, (-1.0, math.inf)),
    "sigmoid": (lambda x: 1 / (1 + mp.exp(-x)), REALS),
    "silu": (lambda x: x / (1 + mp.exp(-x)), (-800.0, 800.0)),
    "sinc": (mp.sincpi, (-100.0, 100.0)),
    "softplus": (lambda x: mp.log1p(mp.exp(x)), (-800.0, 1e6)),
    "sqrt": (mp.sqrt, (0.0, math.inf)),
    "tan": (mp.tan, (-100.0, 100.0)),
    "tanh": (mp.tanh, REALS),
}
CLAMPS = {"torch.softplus": {(20.0, math.inf): "documented: linear above threshold=20"}}
MODULES = {  # where each library keeps which functions, by our names
    "torch": {"torch": ("arcsinh", "arctan", "arctanh", "digamma", "erf", "erfc", "expm1", "lgamma",
                        "log1p", "sigmoid", "sinc", "sqrt", "tan", "tanh"),
              "torch.nn.functional": ("silu", "softplus")},
    "jax": {"jax.numpy": ("arcsinh", "arctan", "arctanh", "expm1", "log1p", "sinc", "sqrt", "tan",
                          "tanh"),
            "jax.lax": ("digamma", "erf", "erfc", "lgamma"),
            "jax.nn": ("sigmoid", "silu", "softplus")},
    "mygrad": {"mygrad": ("arcsinh", "arctan", "arctanh", "expm1", "log1p", "sinc", "sqrt", "tan",
                          "tanh")},
    "casadi": {"casadi": ("arctan", "arcsinh", "arctanh", "erf", "expm1", "log1p", "sqrt", "tan",
                          "tanh")},
    "uncertainties": {"uncertainties.umath": ("asinh", "atan", "atanh", "erf", "erfc", "expm1",
                                              "lgamma", "log1p", "sqrt", "tan", "tanh")},
    "tinygrad": {"tinygrad.Tensor": ("asinh", "atan", "atanh", "erf", "sigmoid", "silu", "softplus",
                                     "sqrt", "tan", "tanh")},
}  # fmt: skip
HIPS = {"autograd.numpy": ("arcsinh", "arctan", "arctanh", "expm1", "log1p", "sinc", "sqrt", "tan",
                           "tanh"),
        "autograd.scipy.special": ("digamma", "erf", "erfc", "expit", "gammaln")}  # fmt: skip
OUR_NAMES = {"asinh": "arcsinh", "atan": "arctan", "atanh": "arctanh", "expit": "sigmoid",
             "gammaln": "lgamma"}  # fmt: skip
ANSWER = """
import importlib, json, sys
sys.path.insert(0, sys.argv[1])
import autograd, numpy
numpy.seterr(all="ignore")
module, name, xs = json.load(sys.stdin)
f = getattr(importlib.import_module(module), name)
xs = numpy.array(xs)
json.dump([f(xs).tolist(), autograd.elementwise_grad(f)(xs).tolist()], sys.stdout)
"""


def found(name: str) -> Any:
    """What stands at a dotted name, a module or a class."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError:
        module, _, rest = name.rpartition(".")
        if not module:
            raise
        return getattr(importlib.import_module(module), rest)


def of_mygrad(f: Callable[[Any], Any]) -> Pair:
    """Value and derivative by mygrad."""

    def derivative(xs: Any) -> Any:
        given = found("mygrad").tensor(xs)
        f(given).backward()
        return given.grad

    return lambda xs: np.asarray(f(xs)), derivative


def of_casadi(f: Callable[[Any], Any]) -> Pair:
    """Value and derivative by CasADi."""
    casadi = found("casadi")

    def evaluated(xs: Any, which: int) -> Any:
        x = casadi.SX.sym("x", len(xs))
        y = f(x)
        both = casadi.Function("f", [x], [y, casadi.jtimes(y, x, casadi.SX.ones(len(xs)))])
        return np.asarray(both(xs)[which]).ravel()

    return lambda xs: evaluated(xs, 0), lambda xs: evaluated(xs, 1)


def of_uncertainties(f: Callable[[Any], Any]) -> Pair:
    """Value and derivative by uncertainties, number by number."""

    def both(x: float) -> tuple[float, float]:
        given = found("uncertainties").ufloat(x, 1.0)
        try:
            y = f(given)
            return y.nominal_value, y.derivatives[given]
        except (ArithmeticError, ValueError):
            return math.nan, math.nan

    return (lambda xs: np.array([both(float(x))[0] for x in xs]),
            lambda xs: np.array([both(float(x))[1] for x in xs]))  # fmt: skip


def of_tinygrad(f: Callable[[Any], Any]) -> Pair:
    """Value and derivative by tinygrad."""
    tinygrad = found("tinygrad")

    def tensor(xs: Any) -> Any:
        return tinygrad.Tensor(xs, dtype=tinygrad.dtypes.float64)

    def derivative(xs: Any) -> Any:
        given = tensor(xs)
        (slope,) = f(given).sum().gradient(given)
        return slope.numpy()

    return lambda xs: f(tensor(xs)).numpy(), derivative


def of_hips(folder: str, module: str, name: str) -> Pair:
    """Value and derivative by HIPS autograd, in a process where that is the `autograd`."""

    def answer(xs: Any, which: int) -> Any:
        asked = json.dumps([module, name, xs.tolist()])
        command = [sys.executable, "-I", "-c", ANSWER, folder]
        done = subprocess.run(  # noqa: S603  (our own command)
            command, input=asked, capture_output=True, text=True, check=True
        )
        return np.array(json.loads(done.stdout)[which])

    return lambda xs: answer(xs, 0), lambda xs: answer(xs, 1)


def of_scikit_learn(distance: float = 0.01) -> Report:
    """The RationalQuadratic kernel of two points by the logarithm of its alpha."""
    kernels = found("sklearn.gaussian_process.kernels")
    points = np.array([[0.0], [distance]])

    def kernel(t: float, **how: Any) -> Any:
        return kernels.RationalQuadratic(1.0, math.exp(t))(points, **how)

    return check_elementwise(
        np.vectorize(lambda t: kernel(t)[0, 1]),
        np.vectorize(lambda t: kernel(t, eval_gradient=True)[1][0, 1, 0]),
        lambda t: (1 + mp.mpf(distance) ** 2 / (2 * mp.exp(t))) ** -mp.exp(t),
        points=np.log([1.0, 10.0, 100.0, 1e3, 1e4]),
        negligible=1e-14,
    )


ADAPTERS = {"torch": from_torch, "jax": from_jax, "mygrad": of_mygrad, "casadi": of_casadi,
            "uncertainties": of_uncertainties, "tinygrad": of_tinygrad}  # fmt: skip


def checks(hips: str | None) -> Iterator[tuple[str, Callable[[], Pair]]]:
    """Yield every check that can be run here, under the name of its function."""
    for library, modules in MODULES.items():
        if importlib.util.find_spec(library) is None:
            continue
        for module, names in modules.items():
            home = found(module)
            for name in names:
                if hasattr(home, name):
                    f = getattr(home, name)
                    yield f"{library}.{name}", lambda f=f, a=ADAPTERS[library]: a(f)
    if hips:
        for module, names in HIPS.items():
            for name in names:
                yield f"HIPS autograd.{name}", lambda m=module, n=name: of_hips(hips, m, n)


def report_of(full: str, pair: Pair) -> Report:
    """The report of one function of a library."""
    name = full.rpartition(".")[2]
    truth, domain = TRUTHS[OUR_NAMES.get(name, name)]
    clamps = CLAMPS.get(full)
    return check_elementwise(*pair, truth, domain=domain, clamps=clamps, points=1500)


def versions(hips: str | None) -> str:
    """The versions of all that took part."""
    names = [*MODULES, "scikit-learn", "numpy", "mpmath"]
    there = [f"{x} {importlib.metadata.version(x)}" for x in names if _is_installed(x)]
    if hips:
        found_there = importlib.metadata.distributions(name="autograd", path=[hips])
        there += [f"HIPS autograd {x.version}" for x in found_there]
    return ", ".join([*there, f"Python {platform.python_version()}"])


def _is_installed(distribution: str) -> bool:
    """Whether a distribution is there."""
    try:
        return bool(importlib.metadata.version(distribution))
    except importlib.metadata.PackageNotFoundError:
        return False


def page(table: Table, said: str) -> str:
    """The page."""
    rows = table.rows
    failed = sum(row.failed > 0 for row in rows)
    return f"""# Derivatives of other libraries, held against mpmath

Made by `findings.py`; do not edit. {datetime.date.today().isoformat()}: {said}.

Of {len(rows)} functions {failed} have a value or a derivative that is off by more than 64 units in
the last place (of the truth, or what so many units of the argument change) at one of some 1,500
points of their domain. Each row is the worst point of the worst severity that was found: *wrong*
(not three digits are right), *few digits*, *vanishing* (both numbers below 1.8e-12), *clamp* (the
library says so); nan stands also where a library raises. Many a wrong number stands where no
program comes; what a row means for yours the points say. How to read and repeat it:
[testing.md](testing.md).

{table.markdown()}
"""


def main() -> None:
    """Check what is installed, and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hips", metavar="DIR", help="where HIPS autograd is installed")
    parser.add_argument("--only", metavar="WORD", default="", help="only names that contain it")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    os.environ.setdefault("DEV", "PYTHON")  # tinygrad's device that needs no compiler
    if importlib.util.find_spec("jax"):
        found("jax").config.update("jax_enable_x64", True)
    table = Table()
    for full, pair in checks(options.hips):
        if options.only in full:
            report = report_of(full, pair())
            table.add(full, report)
            print(full, report.verdict.value, flush=True)
    if importlib.util.find_spec("sklearn") and options.only in "scikit-learn.RationalQuadratic":
        table.add("scikit-learn.RationalQuadratic", of_scikit_learn())
    if options.only:
        print(table.text())
    else:
        PAGE.write_text(page(table, versions(options.hips)), encoding="utf-8")


if __name__ == "__main__":
    main()
