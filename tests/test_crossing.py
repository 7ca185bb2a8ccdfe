"""Real functions of complex numbers: gradients by JAX's convention, on every route.

The gradient of a real u by z = x + iy is du/dx - i du/dy, so that u changes by Re(gradient * dz).
The oracle is a difference quotient in x and one in y, or a closed form.
"""

from __future__ import annotations

import cmath
import copy
import gc
import math
import pickle
import threading
from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest
from mpmath import mpc, mpf

import autograd as ag
from autograd import Value, checkpoint, grad, hessian, hvp, jacobian, jvp, step, value_and_grad, vjp
from autograd.functions.arrays import value_array
from autograd.graph.crossing import CROSSED

Z = 0.6 - 0.8j
W = 1.2 + 0.3j

REAL: dict[str, Callable[[Any], Any]] = {  # functions of a complex number whose value is real
    "real": ag.real,
    "imag": ag.imag,
    "abs": abs,
    "angle": ag.angle,
    ".real": lambda z: (z * z).real,
    ".imag": lambda z: ag.exp(z).imag,
    "abs squared": lambda z: abs(z * z + 1) ** 2,
    "z conj(z)": lambda z: (z * ag.conjugate(z)).real,
    "conj inside": lambda z: ag.imag(ag.exp(ag.conjugate(z) * z * z)),
    "norm": lambda z: ag.norm([z, z * z, 2]),
    "hypot": lambda z: ag.hypot(z, 3j),
    "hypot of a real": lambda z: ag.hypot(2.0, z),
    "real, then complex again": lambda z: abs(ag.real(z) * 1j + ag.exp(1j * ag.imag(z * z))),
    "both parts": lambda z: ag.real(z) * ag.imag(z) + ag.sin(ag.angle(z)),
    "a loss": lambda z: ag.log(abs(ag.tanh(z) - W) ** 2 + 1),
    "phase": lambda z: ag.cos(ag.angle(ag.exp(2j * z)) - 0.5),
    "checkpointed": checkpoint(lambda z: abs(z * z + ag.conjugate(z))),
}
each_real = pytest.mark.parametrize("f", REAL.values(), ids=REAL)


def fourth(f: Callable[[float], float], h: float) -> float:
    """A difference quotient of the fourth order at 0."""
    return (8 * (f(h) - f(-h)) - (f(2 * h) - f(-2 * h))) / (12 * h)


def slopes(f: Callable[[complex], Any], z: complex) -> tuple[complex, float]:
    """du/dx - i du/dy by difference quotients, and twice their error: see `test_foreign`."""
    number = lambda z: getattr(f(Value(z)), "data", None)  # noqa: E731
    parts, error = [], 0.0
    for direction in (1, 1j):
        moved = lambda s, direction=direction: number(z + s * direction)  # noqa: E731
        fine, coarse = fourth(moved, 2**-9), fourth(moved, 2**-8)
        parts.append(fine)
        error += 2 / 15 * abs(fine - coarse) + 12 * 2.0**-52 / 2**-9 * max(1, abs(number(z)))
    return complex(parts[0], -parts[1]), 2 * error


def swept(f: Callable[[Any], Any], z: complex, **options: Any) -> Any:
    """The gradient that a sweep leaves."""
    leaf = Value(z)
    f(leaf).backward(**options)
    return getattr(leaf.grad, "data", leaf.grad)


@each_real
def test_the_gradient_of_a_real_function_on_every_route(f):
    truth, error = slopes(f, Z)
    watched = Value(Z)
    with ag.detect_anomaly():
        f(watched).backward()
    hooked = Value(Z)
    hook = hooked.register_hook(lambda gradient: None)
    f(hooked).backward()
    hook.remove()
    routes = {
        "backward": swept(f, Z),
        "create_graph": swept(f, Z, create_graph=True),
        "exact": swept(f, Z, accumulate="exact"),
        "grad": grad(f)(Z),
        "grad at a Value": grad(f)(Value(Z)).data,
        "nested": grad(lambda z: grad(lambda t: t * f(z))(1.0))(Z),
        "value_and_grad": value_and_grad(f)(Z)[1],
        "vjp": vjp(f, Z)[1](1.0)[0],
        "jacobian": jacobian(lambda z: [f(z)])(Z)[0],
        "anomaly": watched.grad,
        "hook": hooked.grad,
        "jvp": complex(jvp(f, (Z,), (1,))[1], -jvp(f, (Z,), (1j,))[1]),
        "jvp of a Value": complex(
            jvp(f, (Z,), (Value(1 + 0j),))[1].data, -jvp(f, (Z,), (Value(1j),))[1].data
        ),
    }
    for route, got in routes.items():
        assert type(got) is complex, route
        assert abs(got - truth) <= error, (route, got, truth)


@each_real
def test_real_leaves_have_real_gradients_of_any_order(f):
    """Along the line z(t) = Z + t W a real function of t, and its derivatives by differences."""
    along = lambda t: f(Z + t * W)  # noqa: E731
    first, second = grad(along), grad(grad(along))
    for order, (lower, derivative) in enumerate(((along, first), (first, second)), start=1):
        got = derivative(0.3)
        assert type(got) is float
        number = lambda s, g=lower: getattr(g(Value(0.3 + s)), "data", 0.0)  # noqa: E731
        fine, coarse = fourth(number, 2**-8), fourth(number, 2**-7)
        error = 4 / 15 * abs(fine - coarse) + 2**-36 * max(1, abs(number(0.0)))
        assert abs(got - fine) <= error, (order, got, fine)
    leaf = Value(0.3)
    along(leaf).backward()
    assert (type(leaf.grad), leaf.grad) == (float, pytest.approx(first(0.3), rel=1e-14))
    assert jvp(along, (0.3,), (1.0,))[1] == pytest.approx(first(0.3), rel=1e-13)
    assert hvp(along, 0.3, 1.0) == pytest.approx(second(0.3), rel=1e-12)
    assert hessian(along)(0.3) == pytest.approx(second(0.3), rel=1e-12)


def test_by_closed_form():
    assert grad(abs)(3 + 4j) == 0.6 - 0.8j
    assert (grad(ag.real)(1 + 2j), grad(ag.imag)(1 + 2j)) == (1, -1j)
    assert grad(ag.angle)(3 + 4j) == pytest.approx(-1j / (3 + 4j), rel=1e-15)
    assert grad(lambda z: (z * ag.conjugate(z)).real)(1 + 2j) == 2 * (1 - 2j)
    assert grad(lambda x: ag.imag(ag.exp(1j * x)))(1.0) == pytest.approx(math.cos(1), rel=1e-15)
    assert jvp(lambda z: z * ag.conjugate(z), (1 + 2j,), (1j,)) == (5, 4)
    assert jacobian(lambda x: [ag.real(ag.exp(1j * x)), ag.imag(ag.exp(1j * x))])(0.5) == (
        pytest.approx([-math.sin(0.5), math.cos(0.5)], rel=1e-15)
    )


@pytest.mark.parametrize("size", [1e-300, 1e-170, 5e-324, 1e-23, 1.0, 1e200, 1.5e308])
def test_a_length_has_the_gradient_of_its_direction_at_any_size(size):
    """Reported against PyTorch (96543: nan at -1e-23) and Zygote (1472: nan at 0)."""
    assert grad(abs)(complex(-size, 0.0)) == -1
    assert grad(abs)(complex(0.0, size)) == -1j
    assert grad(lambda z: ag.norm([z, 0]))(complex(-size, 0.0)) == -1
    assert grad(abs)(0j) == grad(lambda z: ag.norm([z]))(0j) == grad(ag.hypot)(0j, 0j) == 0
    assert cmath.isnan(grad(abs)(complex(math.nan, 0.0)))


def test_angles_near_zero():
    """PyTorch 98276: nan gradients where the square of the modulus underflows."""
    z = 5.6843e-14 + 1e-13j
    assert grad(ag.angle)(z * 1e-200) == pytest.approx(-1j / z * 1e200, rel=1e-14)


def test_a_complex_root_has_one_derivative_where_all_is_holomorphic():
    assert grad(lambda x: ag.exp(1j * x))(1.0) == pytest.approx(1j * cmath.exp(1j), rel=1e-15)
    assert grad(lambda x: np.exp(1j * x))(1.0) == pytest.approx(1j * cmath.exp(1j), rel=1e-15)
    x = Value(1.0)
    other = abs(Value(1j))  # a live node that is not holomorphic changes nothing
    ag.exp(1j * x).backward()
    assert x.grad == pytest.approx(1j * cmath.exp(1j), rel=1e-15)
    assert other.data == 1.0


NOT_HOLOMORPHIC = {
    "conjugate": lambda z: 0.5 * (z - ag.conjugate(z)),
    "abs": lambda z: abs(z) * z,
    "real": lambda z: 1j * ag.real(z),
    "norm": lambda z: ag.norm([z, 1j]) + 1j,
    "checkpoint": lambda z: checkpoint(abs)(z) * z,
}


@pytest.mark.parametrize("f", NOT_HOLOMORPHIC.values(), ids=NOT_HOLOMORPHIC)
def test_where_something_is_not_a_complex_root_is_refused(f):
    """PyTorch 47200 gives 0 for the gradient of (z - conj z)/2; here nothing is given for it."""
    for route in (
        lambda: swept(f, Z), lambda: swept(f, Z, create_graph=True), lambda: grad(f)(Z),
        lambda: vjp(f, Z)[1](1j), lambda: grad(lambda t: f(t * W))(1.0), lambda: hessian(f)(Z),
    ):  # fmt: skip
        with pytest.raises(TypeError, match=r"not holomorphic.*real\(y\) and imag\(y\)"):
            route()
    real, imag = (grad(lambda z, part=part: part(f(z)))(Z) for part in (ag.real, ag.imag))
    for part, got in ((ag.real, real), (ag.imag, imag)):
        truth, error = slopes(lambda z, part=part: part(f(z)), Z)
        assert abs(got - truth) <= error
    pushed = jvp(f, (Z,), (W,))[1]  # forwards there is nothing to refuse
    assert pushed == pytest.approx(complex((real * W).real, (imag * W).real), rel=1e-13)


def test_outputs_of_both_kinds_are_swept_apart():
    """A real output passes a real part to a real leaf, a complex one all of it."""
    f = lambda x: [abs(ag.exp(1j * x) + 1), ag.exp(1j * x)]  # noqa: E731
    (together,) = vjp(f, 0.5)[1]([2.0, 3j])
    assert together == pytest.approx(-math.sin(0.5) * 2 / math.sqrt(2 + 2 * math.cos(0.5))
                                     + 3j * 1j * cmath.exp(0.5j), rel=1e-14)  # fmt: skip


def test_a_real_leaf_that_holds_a_complex_gradient_keeps_it():
    x = Value(0.5)
    ag.exp(1j * x).backward()
    held = x.grad
    ag.imag(ag.exp(1j * x)).backward()
    assert x.grad == held + math.cos(0.5)


def test_parts_of_real_numbers_of_any_type():
    from decimal import Decimal
    from fractions import Fraction

    for number in (2.0, Fraction(-1, 2), Decimal(2), mpf(-2)):
        x = Value(number)
        assert x.real is x
        assert (x.imag, type(x.imag)) == (0, type(number))
        assert (ag.real(x).data, ag.imag(x).data, ag.conjugate(x).data) == (number, 0, number)
        ag.real(x).backward()
        assert (x.grad, type(x.grad)) == (1, type(number))
    assert (ag.angle(-2.0), ag.angle(2.0), ag.angle(mpf(-1))) == (math.pi, 0.0, mpmath.pi)
    z = Value(3 + 4j)
    assert (z.real.data, z.imag.data, abs(z).data) == (3.0, 4.0, 5.0)
    assert {type(x.data) for x in (z.real, z.imag, abs(z), ag.angle(z))} == {float}
    assert (ag.abs(3 + 4j), ag.real(3 + 4j), ag.conjugate(3 + 4j), ag.norm([3j, 4])) == (
        5,
        3,
        3 - 4j,
        5,
    )


def test_mpmath_crosses_in_its_own_types():
    with mpmath.workdps(40):
        f = lambda t: ag.angle(1 + ag.exp(mpc(0, 1) * t)) * abs(1 + ag.exp(mpc(0, 2) * t))  # noqa: E731
        got = grad(f)(mpf("0.3"))
        truth = mpmath.diff(lambda t: t / 2 * 2 * mpmath.cos(t), mpf("0.3"))
        assert type(got) is mpf
        assert abs(got - truth) < mpf(10) ** -38
        assert type(grad(abs)(mpc(3, 4))) is mpc
        assert abs(grad(abs)(mpc(3, 4)) - mpc("0.6", "-0.8")) < mpf(10) ** -39


def test_a_primitive_of_complex_numbers_may_be_real():
    power = ag.primitive(partials=lambda z, out: (2 * ag.conjugate(z),))(lambda z: abs(z) ** 2)
    assert grad(power)(3 + 4j) == 6 - 8j
    assert grad(lambda t: power(t * W))(2.0) == pytest.approx(4 * abs(W) ** 2, rel=1e-15)
    with pytest.raises(TypeError, match="not holomorphic"):
        grad(lambda z: power(z) * z)(Z)


def test_copies_and_pickles_cross_too():
    x = Value(0.5, "x")
    y = abs(ag.exp(1j * x) + 1)
    y.backward()
    for twin in (copy.deepcopy(y), pickle.loads(pickle.dumps(y))):  # noqa: S301
        leaf = next(v for v in _ancestors(twin) if v.label == "x")
        leaf.grad = 0
        twin.backward()
        assert (leaf.grad, type(leaf.grad)) == (x.grad, float)


def _ancestors(value: Value) -> list[Value]:
    found = [value]
    for each in found:
        found += each.parents
    return found


def test_sweeps_are_plain_again_when_the_last_such_node_is_gone():
    gc.collect()
    before = len(CROSSED)
    y = abs(ag.exp(1j * Value(0.5)))
    assert len(CROSSED) == before + 1
    del y
    assert len(CROSSED) == before
    with ag.no_grad():
        y = abs(Value(1j))
    assert len(CROSSED) == before
    assert y.data == 1.0


def test_in_a_thread_of_its_own():
    found = []
    run = lambda: found.append(grad(lambda t: abs(1 + ag.exp(1j * t)))(0.5))  # noqa: E731
    thread = threading.Thread(target=run)
    thread.start()
    thread.join(timeout=30)
    assert found == pytest.approx([-math.sin(0.5) / math.sqrt(2 + 2 * math.cos(0.5))], rel=1e-14)


def test_the_steps_end_with_the_gradients_of_the_sweep():
    t = Value(0.5, "t")
    y = abs(1 + ag.exp(1j * t).conjugate() * 2j)
    y.backward()
    assert (step(y).gradient("t"), type(step(y).gradient("t"))) == (t.grad, float)


# -- NumPy -------------------------------------------------------------------------------------

X = np.array([0.6, 0.3, 1.8])
WAVES: dict[str, Callable[[Any], Any]] = {  # real functions of a real array, by way of complex ones
    "np.imag": lambda x: np.imag(np.exp(1j * x)).sum(),
    "np.real": lambda x: np.real(np.exp(1j * x)).sum(),
    ".imag": lambda x: (np.exp(1j * x) * np.array([1, 2j, 3])).imag.sum(),
    ".real of a slice": lambda x: np.exp(1j * x)[1:].real.sum(),
    "np.abs": lambda x: np.abs(np.exp(1j * x) + x).sum(),
    "np.angle": lambda x: np.angle(np.exp(1j * x) + x).sum(),
    "np.conj": lambda x: (np.conj(np.exp(1j * x)) * x).imag.sum(),
    "np.vdot": lambda x: np.vdot(np.exp(1j * x), np.exp(2j * x)).real,
    "np.dot": lambda x: np.dot(np.exp(1j * x), x).imag,
    "matmul": lambda x: (np.outer(x, np.exp(1j * x)) @ x).imag.sum(),
    "np.var": lambda x: np.var(np.exp(1j * x)),
    "np.sum": lambda x: np.abs(np.sum(x * np.array([1, 1j, 2j]))) ** 2,
    "np.tensordot": lambda x: np.abs(np.tensordot(x, np.array([1, 1j, 2j]), 1)) ** 2,
    "np.concatenate": lambda x: np.concatenate([x, np.exp(1j * x)]).imag.sum(),
    "np.stack": lambda x: np.stack([x, np.exp(1j * x)])[1].imag.sum(),
    "np.where": lambda x: np.where(x > 0.5, np.exp(1j * x), 2 * np.exp(1j * x)).imag.sum(),
    "np.select": lambda x: np.select([x > 0.5], [np.exp(1j * x)], 0).imag.sum(),
    "np.einsum": lambda x: np.einsum("i,i->i", x, np.exp(1j * x)).imag.sum(),
    "np.copy": lambda x: np.copy(np.exp(1j * x)).imag.sum(),
    "np.pad": lambda x: np.pad(np.exp(1j * x), 1, mode="edge").imag.sum(),
    "np.kron": lambda x: np.kron(np.exp(1j * x), x).imag.sum(),
    "np.convolve": lambda x: np.convolve(np.exp(1j * x), x).imag.sum(),
    "np.tile": lambda x: np.tile(np.exp(1j * x), 2).imag.sum(),
    "np.block": lambda x: np.block([[x, np.exp(1j * x)]]).imag.sum(),
    "np.split": lambda x: np.split(np.exp(1j * x), 3)[1].imag.sum(),
    "np.take": lambda x: np.take(np.exp(1j * x), [0, 0, 2]).imag.sum(),
    "np.cumsum": lambda x: np.cumsum(np.exp(1j * x)).imag.sum(),
    "np.mean": lambda x: np.mean(np.exp(1j * x)).imag,
    "reshape": lambda x: np.exp(1j * x).reshape(3, 1).T.imag.sum(),
    "autograd's": lambda x: ag.sum(ag.imag(ag.exp(1j * x))),
    "a list": lambda x: np.sum(ag.imag([ag.exp(1j * x[0]), 2j * x[1], x[2]])),
    "+=": lambda x: _added(x).imag.sum(),
}  # fmt: skip


def _added(x: Any) -> Any:
    """An array that is changed in place."""
    z = 1j * x
    z += np.exp(2j * x)
    return z


@pytest.mark.parametrize("f", WAVES.values(), ids=WAVES)
def test_parts_of_arrays(f):
    """HIPS autograd 27 and 360; the oracle is NumPy itself, by difference quotients."""
    got = grad(f)(X)
    assert got.dtype == float
    for i, slope in enumerate(got):
        moved = lambda s, i=i: float(f(X + s * np.eye(3)[i]))  # noqa: E731
        fine, coarse = fourth(moved, 2**-8), fourth(moved, 2**-7)
        assert abs(slope - fine) <= 4 / 15 * abs(fine - coarse) + 2**-38 * max(1, abs(moved(0.0)))
    x, y = X[:2]
    second = hessian(lambda x: np.imag(np.exp(1j * x[0] * x[1])))(X[:2])
    a, b = math.sin(x * y), math.cos(x * y)
    np.testing.assert_allclose(
        second, [[-y * y * a, b - x * y * a], [b - x * y * a, -x * x * a]], rtol=1e-13
    )


def test_the_case_of_the_issue():
    got = grad(lambda x: np.imag(np.exp(1j * x)).sum())(np.array([1.0]))
    np.testing.assert_allclose(got, [math.cos(1)], rtol=1e-15)


def test_arrays_of_values_are_of_a_class_of_their_own_results_are_not():
    seen = []
    got = grad(lambda x: (seen.append(x), (x * x).sum())[1])(X)
    assert type(seen[0]) is value_array()
    assert isinstance(seen[0], np.ndarray)
    assert type(got) is np.ndarray
    assert type(seen[0] > 1) is np.ndarray
    twin = pickle.loads(pickle.dumps(seen[0]))  # noqa: S301
    assert (type(twin), [x.data for x in twin]) == (type(seen[0]), X.tolist())


def test_a_norm_that_numpy_would_take_wrongly_is_refused():
    with pytest.raises(TypeError, match=r"use autograd\.norm"):
        grad(lambda x: np.linalg.norm(np.exp(1j * x)))(X)
    assert grad(lambda x: np.linalg.norm(x * x))(X) == pytest.approx(
        (2 * X**3 / np.linalg.norm(X * X)).tolist()
    )


def test_the_documented_limit_is_a_bare_array_of_objects():
    """Until 2.4 NumPy says itself that an array of objects has an imaginary part of zeros."""
    bare = np.array([Value(1j)])
    asks = np.lib.NumpyVersion(np.__version__) >= "2.5.0"  # (since then it asks the elements)
    assert [getattr(x, "data", x) for x in bare.imag] == [1.0 if asks else 0]
    assert ag.imag(bare)[0].data == 1.0
