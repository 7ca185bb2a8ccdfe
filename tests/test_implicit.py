"""Values defined by equations: fixed_point (recurrent backpropagation) and root."""

import copy
import itertools
import math
import random
import re
import threading
from decimal import Decimal, localcontext
from fractions import Fraction

import mpmath
import pytest

import autograd
from autograd import (
    ConvergenceError,
    Value,
    checkpoint,
    cos,
    detect_anomaly,
    exp,
    fixed_point,
    grad,
    hessian,
    hvp,
    jvp,
    no_grad,
    root,
    sin,
    tanh,
)
from autograd.graph.order import topological_order


def settled(w):
    return fixed_point(lambda x, w: tanh(w * x + 0.3), 0.0, w)


def test_published_derivatives_of_fixed_points():
    """x = cos(a x) at a = 1, and x = tanh(w x + 0.3) at w = 0.5."""
    assert grad(lambda a: fixed_point(lambda x: cos(a * x), 0.5))(1.0) == pytest.approx(
        -0.297474341509832, rel=1e-14
    )
    assert grad(settled)(0.5) == pytest.approx(0.5999315006234137, rel=1e-14)


def test_parameters_may_be_passed_or_captured():
    w = Value(0.5)
    passed = settled(w)
    captured = fixed_point(lambda x: tanh(w * x + 0.3), 0.0)
    passed.backward()
    by_passed, w.grad = w.grad, 0
    captured.backward()
    assert w.grad == by_passed


def test_higher_derivatives_of_a_fixed_point():
    with mpmath.workdps(40):

        def exact(w):
            return mpmath.findroot(lambda x: mpmath.tanh(w * x + mpmath.mpf("0.3")) - x, 0.5)

        second, third = (float(mpmath.diff(exact, mpmath.mpf("0.5"), n)) for n in (2, 3))
    assert grad(grad(settled))(0.5) == pytest.approx(second, rel=1e-10)
    assert grad(grad(grad(settled)))(0.5) == pytest.approx(third, rel=1e-9)


def network(rng, n, radius):
    """Weights of a recurrent net whose Jacobian is at most `radius` in norm."""
    weights = [[rng.uniform(-1, 1) for _ in range(n)] for _ in range(n)]
    scale = radius / math.sqrt(sum(w * w for row in weights for w in row))
    return [[w * scale for w in row] for row in weights]


def test_recurrent_backpropagation_is_the_limit_of_unrolling():
    """x = tanh(W x + I): the gradient by W equals that of 200 unrolled steps."""
    weights = network(random.Random(1), 3, 0.7)
    inputs = [0.1, -0.4, 0.3]

    def step(x, w):
        return [tanh(autograd.dot(row, x, i)) for row, i in zip(w, inputs, strict=True)]

    def unrolled(w):
        x = [0.0] * 3
        for _ in range(200):
            x = step(x, w)
        return autograd.sum([a * a for a in x])

    def relaxed(w):
        return autograd.sum([a * a for a in fixed_point(step, [0.0] * 3, w)])

    for by_relaxing, by_unrolling in zip(
        grad(relaxed)(weights), grad(unrolled)(weights), strict=True
    ):
        assert by_relaxing == pytest.approx(by_unrolling, rel=1e-12)


def test_root_solves_and_differentiates_systems():
    """x + y = s, x y = p: the roots of z**2 - s z + p move as Vieta's formulas say."""

    def solve(s, p):
        return root(lambda z: [z[0] + z[1] - s, z[0] * z[1] - p], [3.0, 1.0])

    x, y = 3.0, 2.0
    found = solve(5.0, 6.0)
    assert [z.data for z in found] == pytest.approx([x, y], rel=1e-15)
    by_s, by_p = grad(lambda s, p: solve(s, p)[0], (0, 1))(5.0, 6.0)
    assert (by_s, by_p) == (pytest.approx(x / (x - y)), pytest.approx(-1 / (x - y)))


def test_the_second_derivative_of_a_square_root_by_newton():
    h = hessian(lambda a: root(lambda x: x * x - a, 1.0))(4.0)
    assert h == pytest.approx(-0.25 * 4**-1.5, rel=1e-12)


def test_an_element_of_the_jacobian_that_is_0_at_the_solution_still_moves():
    """y = -(x - 1)**2 and x = a: dF/dx of the second equation is 0 at a = 1, and d2y/da2 is -2."""

    def y(a):
        return root(lambda v: [v[0] - a, v[1] + (v[0] - 1) ** 2], [1.0, 0.3])[1]

    assert grad(grad(y))(1.0) == -2.0
    assert hessian(lambda p: y(p[0]))([1.0]) == [[-2.0]]
    assert hvp(lambda p: y(p[0]), [1.0], [3.0]) == [-6.0]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_equations_in_any_order_have_exact_derivatives_of_any_order(order):
    """a y = 1, x = y**2 and z = x y in fractions: z = a**-3, and rows have to change places."""

    def z(a):
        def equations(v):
            x, y, z = v
            both = [a * y - 1, x - y * y, z - x * y]
            return [both[i] for i in order]

        return root(equations, [Fraction(1)] * 3)[2]

    truth, f = Fraction(2) ** -3, z
    for n in range(3, 6):
        f, truth = grad(f), -n * truth / 2
        assert f(Fraction(2)) == truth


def slots(*roots):
    """How many operands the nodes below some Values have."""
    nodes = {node for top in roots for node in topological_order(top)}
    return sum(len(node.operands) for node in nodes)


def test_the_graph_of_a_solution_is_the_equation_and_its_factors():
    """Of x = tanh(W x + b) with n units: n (n + 1) parameters, and n**2 factors."""
    n = 12
    weights = [[Value(w) for w in row] for row in network(random.Random(2), n, 0.7)]
    biases = [Value(0.1) for _ in range(n)]
    x = fixed_point(
        lambda x: [tanh(autograd.dot(w, x, b)) for w, b in zip(weights, biases, strict=True)],
        [0.0] * n,
    )
    assert slots(*x) == n * (n + 1) + n * n


def test_the_graph_of_equations_that_form_a_chain_is_a_chain():
    """-x[i-1] + 3 x[i] - x[i+1] = a: each component of L and U has one neighbour."""
    n, a = 60, Value(1.0)
    x = root(
        lambda x: [
            3 * x[i] - a - (x[i - 1] if i else 0) - (x[i + 1] if i < n - 1 else 0) for i in range(n)
        ],
        [0.0] * n,
    )
    assert slots(*x) == n + (n - 1) + n + (n - 1)


def test_second_derivatives_of_a_system_are_the_limit_of_unrolling():
    weights, inputs = network(random.Random(4), 4, 0.6), [0.1, -0.4, 0.3, 0.2]

    def step(x, w):
        return [tanh(autograd.dot(row, x, i)) for row, i in zip(w, inputs, strict=True)]

    def unrolled(w):
        x = [0.0] * 4
        for _ in range(120):
            x = step(x, w)
        return x[0] * x[1] + x[2] ** 2 - x[3]

    def relaxed(w):
        x = fixed_point(step, [0.0] * 4, w)
        return x[0] * x[1] + x[2] ** 2 - x[3]

    direction = network(random.Random(5), 4, 1.0)
    for by_relaxing, by_unrolling in zip(
        hvp(relaxed, weights, direction), hvp(unrolled, weights, direction), strict=True
    ):
        assert by_relaxing == pytest.approx(by_unrolling, rel=1e-11)


def test_data_that_was_changed_is_refused_by_a_differentiable_sweep():
    """And nothing is remembered of it where the data is put back."""
    a = Value(4.0)
    x = square_root(a)
    a.data = 9.0
    with pytest.raises(RuntimeError, match="data was changed after a solution had been computed"):
        x.backward(create_graph=True)
    a.data = 4.0
    a.zero_grad()
    x.backward(create_graph=True)
    slope, a.grad = a.grad, 0
    slope.backward()
    assert a.grad == -1 / 32


def test_structures_are_kept_and_nothing_flows_to_the_start():
    start, a = Value(0.5), Value(2.0)
    solution = fixed_point(lambda x, a: {"x": cos(x["x"]) / a}, {"x": start}, a)
    solution["x"].backward()
    assert start.grad == 0
    assert a.grad != 0


# -- relaxation: the estimated radius, and a remedy that works ---------------------------------


def remedy(name, solve):
    """The number that the message of a failing call recommends for one of its arguments."""
    with pytest.raises(ConvergenceError) as error:
        solve()
    found = re.search(rf"{name}=([\d.e+-]*\d)", str(error.value))
    assert found, str(error.value)
    return float(found[1]), str(error.value)


def test_a_slow_contraction_tells_its_radius_and_the_steps_that_it_takes():
    """x = .999 x + 1: the solution to what the two roundings of f, over 1 - .999, leave of it."""

    def relax(**how):
        return fixed_point(lambda x, p: 0.999 * x + p, 0.0, Value(1.0), **how)

    steps, message = remedy("max_steps", relax)
    assert "after 10000 steps" in message
    assert "each move is 0.999 of the one before" in message
    exact = 1 / (1 - Fraction(0.999))
    rounding = 2 * 1024 * 2**-53
    assert abs(Fraction(relax(max_steps=int(steps)).data) - exact) <= rounding / (1 - 0.999)


def test_keplers_equation_of_a_comet_near_the_sun():
    """E = M + e sin E at e = .999 and M = 1e-6, by iteration; E and dE/dM = 1/(1 - e cos E)."""
    e, anomaly = 0.999, 1e-6

    def relax(m, **how):
        return fixed_point(lambda x, m: m + e * sin(x), 0.0, m, **how)

    steps, message = remedy("max_steps", lambda: relax(anomaly))
    assert "0.999 of the one before" in message
    m = Value(anomaly)
    by_iteration = relax(m, max_steps=int(steps))
    by_iteration.backward()
    by_newton = root(lambda x: x - (anomaly + e * sin(x)), 0.0)
    with mpmath.workdps(40):
        exact = mpmath.findroot(lambda x: x - anomaly - e * mpmath.sin(x), 1e-3)
        rounding = 4 * float(exact) * 2**-53 / (1 - e)
        for found in (by_iteration, by_newton):
            assert abs(found.data - exact) <= rounding
        assert m.grad == pytest.approx(float(1 / (1 - e * mpmath.cos(exact))), rel=1e-12)


@pytest.mark.parametrize(("radius", "angle"), [(0.99, 1.0), (0.997, 0.01), (0.998, 3.1)])
def test_complex_eigenvalues_are_seen_through(radius, angle):
    """A spiral into the solution of x = R x + (1, 0): from one step to the next its moves go up and
    down, and the roundings of the many steps add up to more than the tolerance.
    """
    c, s = radius * math.cos(angle), radius * math.sin(angle)

    def relax(**how):
        return fixed_point(
            lambda x: [c * x[0] - s * x[1] + 1, s * x[0] + c * x[1]], [0.0] * 2, **how
        )

    steps, message = remedy("max_steps", lambda: relax(max_steps=1500))
    estimate = float(re.search(r"each move is ([\d.]+) of", message)[1])
    assert estimate == pytest.approx(radius, abs=0.1 * (1 - radius))
    a, b = Fraction(c), Fraction(s)
    determinant = (1 - a) ** 2 + b**2
    exact = [(1 - a) / determinant, b / determinant]
    found = [x.data for x in relax(max_steps=int(steps))]
    rounding = 6 * 2**-53 * float(max(map(abs, exact))) / (1 - radius)
    assert found == pytest.approx([float(x) for x in exact], rel=0, abs=rounding)


@pytest.mark.parametrize(
    ("f", "radius"),
    [
        (lambda x: 2 * x + 1, "2"),
        (lambda x: -x + 1, "1"),  # a cycle of period 2
        (lambda x: 3.2 * x * (1 - x), "1"),  # another, which attracts
        (lambda x: x * x + 1, "[^ ]*"),
    ],
)
def test_what_is_no_contraction_is_an_error_and_no_endless_loop(f, radius):
    with pytest.raises(
        ConvergenceError, match=f"no contraction .* is {radius} as estimated.* use root"
    ):
        fixed_point(f, 0.3)


@pytest.mark.parametrize(
    "f", [lambda x: autograd.log(x - 5), lambda x: x**0.5 - 1.0, lambda x: 1 / (x - 0.3)]
)
def test_a_relaxation_that_leaves_the_domain_says_so(f):
    """Floats behave as Values do: no exception of theirs, and no complex number in silence."""
    with pytest.raises(ConvergenceError, match="x was no longer finite"):
        fixed_point(f, 0.3)


def test_moves_that_fall_ever_less_get_no_number_of_steps():
    """At the solution of x = x - x**2 the radius is 1: no number of steps would do."""
    with pytest.raises(ConvergenceError, match="though not steadily") as error:
        fixed_point(lambda x: x - x * x, 0.3)
    assert "max_steps=" not in str(error.value)


def test_a_fixed_point_that_nothing_determines():
    with pytest.raises(ConvergenceError, match=r"after fixed_point .* the Jacobian is singular"):
        fixed_point(lambda x: x, 0.3)


# -- what counts as a solution -----------------------------------------------------------------


def call_price(volatility, normal_cdf, log, sqrt, strike=60, time=0.1):
    """Black and Scholes' price of a call on 100 without interest."""
    d = (log(100 / strike) + volatility * volatility / 2 * time) / (volatility * sqrt(time))
    return 100 * normal_cdf(d) - strike * normal_cdf(d - volatility * sqrt(time))


def float_price(volatility, **how):
    return call_price(volatility, autograd.normal_cdf, math.log, math.sqrt, **how)


def exact_price(volatility):
    tenth = mpmath.mpf(0.1)
    return call_price(volatility, mpmath.ncdf, mpmath.log, mpmath.sqrt, mpmath.mpf(60), tenth)


def test_an_implied_volatility_is_found_at_its_noise_floor():
    """The price is known to half a unit of 40: over vega, which is 0.05, this leaves 1e-13."""
    price = Value(float_price(0.5))
    found = root(lambda v: float_price(v) - price, 0.4)
    found.backward()
    with mpmath.workdps(40):
        exact = mpmath.findroot(lambda v: exact_price(v) - price.data, 0.5)
        vega = mpmath.diff(exact_price, exact)
        rounding = 8 * 100 * 2**-53 / vega
        assert abs(found.data - exact) <= rounding
        assert price.grad == pytest.approx(float(1 / vega), rel=1e-10)
    relaxed = fixed_point(lambda v: v - 10 * (float_price(v) - price.data), 0.4)
    assert relaxed.data == pytest.approx(found.data, abs=2 * float(rounding))


@pytest.mark.parametrize(
    ("f", "x0"),
    [
        (lambda x: x * x + 1, 0.5),  # no root: least at 0
        (lambda x: x**4 - x**2 + 1, 0.001),  # no root: a minimum that is not at 0
        (lambda x: x * x + 1e-20, 0.5),  # no root, but nearly
        (lambda x: (1 + x * x) - 1 + 1e-20, 0.5),  # the same, lost in the roundings
        (lambda x: (x - 1) ** 2, 3.0),  # a double root, to which Newton halves the way
        (lambda x: x * x - 2 * x + 1, 3.0),  # the same, lost in the roundings
        (lambda x: (x - 1) * (x - 1) * (x - 1), 3.0),
        (lambda x: ((x - 3) * x + 3) * x - 1, 3.0),  # a triple root among roundings
        (lambda x: autograd.sigmoid(x) - 1, 0.0),  # 0 in floats from 37 on
        (lambda x: exp(-x), 0.0),  # 0 at infinity
        (lambda x: 1 / x, 1.0),
        (lambda x: float_price(x) - float_price(0.1), 0.3),  # vega is below the last place
        (lambda x: autograd.sqrt(x) - 1, 0.0),  # an infinite derivative: a step of 0
        (lambda x: x * x - 4, 0.0),  # a derivative of 0
        (lambda x: x * 0.0 + 1.0, 1.0),
        (lambda x: [x[0] + x[1] - 1, x[0] + x[1] - 1], [0.0, 0.0]),
    ],
)
def test_what_is_no_regular_solution_is_an_error(f, x0):
    """Also where the last step was 0, or where a tolerance is given."""
    for tolerance in (None, 1e-3):
        with pytest.raises(ConvergenceError):
            root(f, x0, tolerance=tolerance)


@pytest.mark.parametrize(
    ("f", "x0", "exact"),
    [
        (lambda x: x**3 - 1e300, 1.0, 1e100),  # the first step ends at 3e299
        (lambda x: x * x * x - 1e300, 1.0, 1e100),
        (lambda x: x**3 - 1e-60, 1e-15, 1e-20),  # all moves are below 1e-15
        (lambda x: 1e200 * x - 1e-100, 1.0, 1e-300),
        (lambda x: x**3 - mpmath.mpf("1e3000"), mpmath.mpf(1), mpmath.mpf("1e1000")),
        (lambda x: autograd.arctan(x), 5.0, 0.0),  # Newton's own steps would diverge
        (lambda x: tanh(x), 3.0, 0.0),
        (lambda x: autograd.log(x), 10.0, 1.0),  # the first step leaves the domain
        (lambda x: autograd.sqrt(x) - 1e-3, 10.0, 1e-6),
        (lambda x: cos(x) - 1 + x, 0.3, 0.0),
        (sin, 0.0, 0.0),
        (lambda x: autograd.maximum(x - 1, 2 * x - 2), 0.0, 1.0),  # a kink at the root
        (lambda x: x * x + 1, 0.1 + 1j, 1j),
        (lambda z: z**3 - 1, -1 + 1j, mpmath.expjpi(mpmath.mpf(2) / 3)),
    ],
)
def test_solutions_far_from_the_start_or_of_another_size(f, x0, exact):
    assert abs(root(f, x0).data - exact) <= 4e-16 * abs(exact)


def test_a_function_with_noise_is_told_its_tolerance_and_then_solved():
    """x**2 = 2, off by up to 1e-10 as a simulation would be: 4e-11 in x."""

    def noise(x):
        return 1e-10 * math.sin(1e14 * x.data)

    def by_newton(**how):
        return root(lambda x: x * x - 2 + noise(x), 1.0, **how)

    def by_iteration(**how):
        return fixed_point(lambda x: x - 0.3 * (x * x - 2 + noise(x)), 1.0, **how)

    for solve in (by_newton, by_iteration):
        tolerance, _ = remedy("tolerance", solve)
        assert 1e-11 < tolerance < 1e-9
        assert solve(tolerance=tolerance).data == pytest.approx(math.sqrt(2), rel=tolerance)


def test_a_solution_that_roundings_blur_is_not_taken_in_silence():
    """(1e11 + x) - (1e11 + 1) is 0 for all x within 1e-5 of 1."""

    def solve(**how):
        return root(lambda x: (1e11 + x) - (1e11 + 1), 0.0, **how)

    tolerance, message = remedy("tolerance", solve)
    assert "roundings of f leave it uncertain" in message
    assert solve(tolerance=tolerance).data == pytest.approx(1.0, abs=tolerance)
    x = root(lambda x: (mpmath.mpf(10) ** 11 + x) - (10**11 + 1), mpmath.mpf(0), tolerance=1e-4)
    with mpmath.workdps(50):
        x = root(lambda x: (mpmath.mpf(10) ** 11 + x) - (10**11 + 1), mpmath.mpf(0))
    assert abs(x.data - 1) < 1e-35


def test_a_hilbert_matrix_is_solved_as_far_as_its_condition_goes():
    """Order 5 has the condition 5e5: ten digits are left; of order 8 six, which are refused."""

    def solve(n):
        rows = [[1 / (i + k + 1) for k in range(n)] for i in range(n)]
        return root(lambda x: [autograd.dot(row, x, -sum(row)) for row in rows], [0.0] * n)

    assert [x.data for x in solve(5)] == pytest.approx([1.0] * 5, rel=1e-9)
    with pytest.raises(ConvergenceError, match="uncertain"):
        solve(8)


def test_a_start_at_the_solution_is_the_solution():
    last_place = 2**-53 * 2
    assert root(lambda x: x * x - 2, math.sqrt(2)).data == pytest.approx(2**0.5, abs=last_place)
    assert fixed_point(cos, 0.7390851332151607).data == 0.7390851332151607


# -- number types ------------------------------------------------------------------------------


@pytest.mark.parametrize("start", [mpmath.mpf(1), 1.0, math.sqrt(2)])
def test_mpf_gets_all_its_digits_from_any_start(start):
    with mpmath.workdps(50):
        a = Value(mpmath.mpf(2))
        x = root(lambda x, a: x * x - a, start, a)
        x.backward()
        assert abs(x.data - mpmath.sqrt(2)) <= 4 * mpmath.eps
        assert abs(a.grad - 1 / mpmath.sqrt(8)) <= 4 * mpmath.eps
        x = fixed_point(lambda x: cos(x), mpmath.mpf("0.7"))
        exact = mpmath.findroot(lambda x: mpmath.cos(x) - x, 0.7)
        assert abs(x.data - exact) <= 8 * mpmath.eps


def test_decimals_get_the_digits_of_their_context():
    with localcontext() as context:
        context.prec = 40
        a = Value(Decimal(2))
        x = root(lambda x: x * x - a, Decimal(1))
        x.backward()
        assert abs(x.data - Decimal(2).sqrt()) <= Decimal("4e-39")
        assert abs(a.grad - 1 / Decimal(8).sqrt()) <= Decimal("4e-39")


def test_fractions_are_exact_or_an_error():
    """A linear equation ends exactly; another one never does, and its numbers double in length."""
    a = Value(Fraction(2))
    x = root(lambda x: 3 * x - a, Fraction(0))
    x.backward()
    assert (x.data, a.grad) == (Fraction(2, 3), Fraction(1, 3))
    x, y = root(lambda v: [2 * v[0] + v[1] - 1, v[0] - 3 * v[1]], [Fraction(0), Fraction(0)])
    assert (x.data, y.data) == (Fraction(3, 7), Fraction(1, 7))
    assert fixed_point(lambda x: x / 2 + 1, Fraction(0)).data == 2
    for solve, f, x0, remedies in (
        (root, lambda x: x * x - 2, Fraction(1), "tolerance, or start from floats"),
        (root, lambda x: x * x + 1, Fraction(1, 2), "tolerance, or start from floats"),
        (fixed_point, lambda x: x * x / 4 + 1, Fraction(0), "start from floats"),
        (fixed_point, lambda x: x * x, Fraction(2), "start from floats"),
    ):
        with pytest.raises(ConvergenceError, match=f"fractions have more than .*{remedies}"):
            solve(f, x0)
    x = root(lambda x: x * x - 2, Fraction(1), tolerance=1e-30)
    assert abs(x.data**2 - 2) < Fraction(1, 10**30)


def test_a_real_parameter_of_a_complex_solution_keeps_its_complex_derivative():
    """z = i sqrt(a): dz/da = i / (2 sqrt(a)), as exp(i a) has the derivative i exp(i a)."""
    a = Value(4.0)
    z = root(lambda z, a: z * z + a, 0.1 + 1j, a)
    z.backward()
    assert (z.data, a.grad) == (pytest.approx(2j, abs=1e-16), pytest.approx(0.25j, abs=1e-17))


# -- in company --------------------------------------------------------------------------------


def square_root(a):
    return root(lambda x: x * x - a, 1.0)


def test_every_route_to_the_derivatives():
    """The square root of 4: 1/4, -1/32, 3/256, -15/2048."""
    truth = [1 / 4, -1 / 32, 3 / 256, -15 / 2048]
    f = square_root
    for exact in truth:
        f = grad(f)
        assert f(4.0) == pytest.approx(exact, rel=1e-13)
    assert jvp(square_root, (4.0,), (1.0,)) == (2.0, 0.25)
    assert hvp(lambda v: square_root(v[0]), [4.0], [1.0])[0] == pytest.approx(-1 / 32, rel=1e-13)
    found = []
    threads = [threading.Thread(target=lambda: found.append(grad(square_root)(4.0)))] * 1
    for thread in threads:
        thread.start()
        thread.join(timeout=30)
    assert found == [0.25]


def test_solutions_nest_in_everything_and_everything_in_them():
    assert grad(lambda a: root(lambda x: square_root(x) - a, 1.0))(3.0) == pytest.approx(6.0)
    of_a_gradient = grad(lambda a: root(lambda x: grad(lambda t: t**4 / 4 - a * t)(x), 1.0))
    assert of_a_gradient(8.0) == pytest.approx(1 / 12)
    a = Value(4.0)
    y = checkpoint(lambda a: fixed_point(lambda x: x - 0.1 * (x * x - a), 1.0))(a)
    assert y.parents == (a,), "nothing of the relaxation is taken for an operand"
    y.backward()
    assert a.grad == pytest.approx(0.25)


def test_under_no_grad_a_solution_has_no_parents():
    with no_grad():
        assert square_root(Value(4.0)).parents == ()
        assert grad(square_root)(4.0) == 0.25


def test_a_search_that_overflows_on_its_way_is_no_anomaly():
    with detect_anomaly():
        assert root(lambda x: x**3 - 1e300, 1.0).data == pytest.approx(1e100, rel=4e-16)


def test_hooks_run_once_and_in_the_sweep_only():
    """On the parameter and on the solution: not while the equation is solved or linearised."""
    seen = []
    for create_graph in (False, True):
        a = Value(4.0)
        hook = a.register_hook(lambda g: seen.append("a") or 3 * g)
        x = square_root(a)
        x.register_hook(lambda g: seen.append("x") or 5 * g)
        x.backward(create_graph=create_graph)
        assert a.grad == 15 * 0.25
        hook.remove()
    assert seen == ["x", "a"] * 2


def test_a_value_that_f_makes_for_itself_is_a_constant():
    """It is another one at each run of f, also where f runs again for the second derivative."""
    a = Value(8.0)
    x = root(lambda x: Value(2.0) * x * x - a, 1.0)
    x.backward(create_graph=True)
    slope, a.grad = a.grad, 0
    slope.backward()
    assert (slope.data, a.grad) == (pytest.approx(1 / 8), pytest.approx(-1 / 128))


def test_first_derivatives_of_a_copy():
    a, x = copy.deepcopy((a := Value(4.0), square_root(a)))
    x.backward()
    assert a.grad == 0.25


def test_misuse_of_root_and_fixed_point():
    for f, x0, message in (
        (lambda x: x * 0.0 + 1.0, 1.0, "after 0 steps, at x = 1.0, the Jacobian is singular"),
        (lambda x: x * x + 1.0, 0.5, "did not settle: .* f does not get smaller than 1: "),
        (lambda x: x * x - 2 * x + 1, 3.0, "0 to within its roundings.* a multiple root"),
        (lambda x: autograd.log(x), 0.0, "at x = 0.0, f is not finite: start elsewhere"),
        (lambda x: 1 / x, Decimal(0), "f raised DivisionByZero.* start elsewhere"),
        (lambda x: 1 / x, 1.0, "after 100 steps, .* give it more max_steps"),
    ):
        with pytest.raises(ConvergenceError, match=message):
            root(f, x0)
    with pytest.raises(ConvergenceError, match="after 1 steps the last moved by"):
        fixed_point(cos, 0.3, max_steps=1)
    with pytest.raises(ValueError, match="gives 1 numbers for an x of 2"):
        root(lambda x: [x[0]], [1.0, 2.0])
    with pytest.raises(TypeError, match="x0 has to be a number"):
        root(lambda x: x, None)
    for tolerance in (-1.0, math.nan):
        with pytest.raises(ValueError, match="a tolerance is a number of at least 0"):
            root(lambda x: x, 1.0, tolerance=tolerance)
    with pytest.raises(ValueError, match="max_steps is a number of at least 1; got 0"):
        fixed_point(cos, 1.0, max_steps=0)
