"""Hooks: functions that see, and may replace, a gradient while the sweep passes."""

# ruff: noqa: S301  (the pickles are our own)

from __future__ import annotations

import copy
import gc
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Value, grad
from autograd.graph.modes import MODES, OPEN, Modes
from autograd.graph.sweep import sweep
from autograd.graph.watching.hooks import HOOKED
from autograd.testing.computation import Computation
from autograd.testing.strategies import programs


def collect() -> None:
    """Run the collector, over the youngest objects first, until no hook is left."""
    for generation in range(3):
        if HOOKED:
            gc.collect(generation)


@pytest.fixture(autouse=True)
def _no_hook_is_left():
    """Every test ends with no hook alive: the fast sweep is back."""
    collect()
    assert not HOOKED
    yield
    collect()
    assert not HOOKED


def test_a_hook_on_a_leaf_sees_and_replaces_the_gradient_of_one_sweep():
    x, seen = Value(3.0), []
    x.register_hook(seen.append)
    x.register_hook(lambda g: g * 10)
    y = x * x
    y.backward()
    assert (seen, x.grad) == ([6.0], 60.0)
    y.backward()
    assert (seen, x.grad) == ([6.0, 6.0], 120.0), "it sees the sweep's part, not the sum"


def test_a_hook_on_an_interior_value_changes_what_flows_on():
    x = Value(3.0)
    h = x * 2
    h.register_hook(lambda g: g + 100)
    (h * 5).backward()
    assert (h.grad, x.grad) == (105.0, 210.0)


def test_it_is_called_once_with_the_complete_gradient():
    x, seen = Value(3.0), []
    h = x * x
    h.register_hook(seen.append)
    x.register_hook(seen.append)
    (h * 2 + h * 3 + x).backward()
    assert seen == [5.0, 31.0]


def test_a_hook_on_the_root_sees_the_seed():
    x, seen = Value(3.0), []
    y = x * 2
    y.register_hook(seen.append)
    y.backward(seed=7.0)
    assert (seen, x.grad) == ([7.0], 14.0)
    seen.clear()
    leaf = Value(1.0)
    leaf.register_hook(seen.append)
    leaf.backward()
    assert (seen, leaf.grad) == ([1.0], 1.0)


def test_hooks_run_in_the_order_of_their_registration_each_on_what_the_one_before_made():
    x, seen = Value(1.0), []

    def hook(name, factor):
        def run(gradient):
            seen.append((name, gradient))
            return None if factor is None else gradient * factor

        return run

    for name, factor in [("a", 2), ("b", None), ("c", 3)]:
        x.register_hook(hook(name, factor))
    (x * 5).backward()
    assert seen == [("a", 5.0), ("b", 10.0), ("c", 10.0)]
    assert x.grad == 30.0


def test_zero_is_a_replacement_and_none_is_not():
    x = Value(3.0)
    x.register_hook(lambda g: 0.0)
    x.register_hook(lambda g: None)
    (x * x).backward()
    assert x.grad == 0.0


def test_a_hook_can_be_removed_and_removed_again():
    x, seen = Value(3.0), []
    first, second = x.register_hook(seen.append), x.register_hook(lambda g: seen.append(-g))
    y = x * x
    first.remove()
    first.remove()
    y.backward()
    assert seen == [-6.0]
    second.remove()
    y.backward()
    assert seen == [-6.0]


def test_a_hook_may_remove_itself_or_add_another_for_the_next_sweep():
    x, seen = Value(3.0), []

    def once(gradient):
        seen.append(("once", gradient))
        hook.remove()
        x.register_hook(lambda g: seen.append(("later", g)))

    hook = x.register_hook(once)
    for _ in range(2):
        (x * x).backward()
    assert seen == [("once", 6.0), ("later", 6.0)]


def test_hooks_are_not_run_for_graphs_that_the_value_is_not_in():
    x, other, seen = Value(3.0), Value(2.0), []
    x.register_hook(seen.append)
    unused = x * 2  # noqa: F841
    (other * other).backward()
    assert seen == []
    assert other.grad == 4.0


def test_a_hook_that_removes_itself_does_not_hide_the_next():
    x, seen = Value(3.0), []

    def once(gradient):
        hook.remove()

    hook = x.register_hook(once)
    x.register_hook(seen.append)
    (x * x).backward()
    assert seen == [6.0]


def test_hooks_of_captured_values_are_not_run_for_the_gradient_by_another():
    x, w, seen = Value(3.0), Value(2.0), []
    w.register_hook(seen.append)
    assert grad(lambda x: x * w * w)(3.0) == 4.0
    assert seen == []
    (x * w).backward()
    assert seen == [3.0]


def test_hooks_see_values_where_a_graph_is_created():
    x = Value(3.0)
    x.register_hook(lambda g: g * x)
    (x**3).backward(create_graph=True)
    slope = x.grad
    assert slope.data == 81.0, "3 x**2 * x"
    assert grad(lambda x: x**3)(Value(3.0)).data == 27.0, "a fresh leaf has no hooks"


def test_a_hook_is_a_function():
    with pytest.raises(TypeError, match="a hook is a function of the gradient; got 3"):
        Value(1.0).register_hook(3)


@given(programs(), st.data())
def test_hooks_that_return_none_change_no_bit(program: Computation, data: st.DataObject) -> None:
    """The general sweep, which hooks ask for, and the fast one give the same gradients."""
    plain, hooked = program.leaves(), program.leaves()
    first, second = program.results(plain), program.results(hooked)
    seen = []
    place = data.draw(st.integers(0, len(second) - 1), label="hooked place")
    hook = second[place].register_hook(seen.append)
    if second[place].parents:  # a leaf's own hook sees the sum of this sweep alone
        held = data.draw(st.sampled_from([0, 1.0, 1e16]), label="held by the leaves")
        for leaf in (*plain, *hooked):
            leaf.grad = held
    sweep(first[-1], 1.0)
    second[-1].backward()
    for mine, theirs in zip(second, first, strict=True):
        assert float(mine.grad).hex() == float(theirs.grad).hex()
    assert seen in ([], [second[place].grad])
    hook.remove()


def test_a_hook_elsewhere_does_not_change_the_order_of_a_sum():
    """1e16 + 1 + 1 is 1e16 from the left; a leaf that holds 1e16 starts from there."""
    for hooked in (False, True):
        x, y = Value(1.0), Value(2.0)
        root = x * 1.0 + x * 1.0 + y
        hook = y.register_hook(lambda gradient: None) if hooked else None
        x.grad = 1e16
        root.backward()
        assert x.grad == 1e16
        if hook:
            hook.remove()


def test_an_exception_in_a_hook_passes_through_and_leaves_no_state_behind():
    x = Value(3.0)
    y = x * x

    def fails(gradient):
        raise KeyError("mine")

    hook = y.register_hook(fails)
    with pytest.raises(KeyError, match="mine"):
        y.backward()
    assert x.grad == 0
    assert MODES.get() == Modes()
    assert not OPEN
    hook.remove()
    y.backward()
    assert x.grad == 6.0


def test_a_hook_that_fails_keeps_what_the_leaves_held():
    x, w = Value(3.0), Value(2.0)
    x.grad, w.grad = 10.0, 20.0
    h = x * 1

    def fails(gradient):
        raise KeyError

    hook = h.register_hook(fails)
    for options in ({}, {"create_graph": True}, {"accumulate": "exact"}):
        with pytest.raises(KeyError):
            (h * w).backward(**options)
        assert (x.grad, w.grad) == (10.0, 20.0)
    hook.remove()
    (h * w).backward()
    assert (x.grad, w.grad) == (12.0, 23.0)


def test_a_hook_may_change_what_leaves_hold_and_the_sweep_adds_to_that():
    x, w = Value(3.0), Value(2.0)
    w.grad = 100.0
    h = x * 1
    hook = h.register_hook(lambda gradient: w.zero_grad())
    (h * w).backward()
    assert (x.grad, w.grad) == (2.0, 3.0)
    hook.remove()


def test_a_hook_that_changes_data_is_found_where_it_would_change_a_derivative():
    x = Value(3.0)
    y = (x * x) * (x * x)

    def moves(gradient):
        x.data = 4.0

    hook = y.register_hook(moves)
    y.backward()
    assert x.grad == 4 * 3.0**3, "of the forward pass"
    x.data = 3.0
    with pytest.raises(RuntimeError, match="data was changed after"):
        y.backward(create_graph=True)
    hook.remove()


def test_a_hook_may_take_derivatives_of_any_kind():
    x, seen = Value(3.0), []
    h = x * x

    def asks(gradient):
        seen.append(grad(lambda y: y * h)(2.0))
        (h * h).backward()

    hook = x.register_hook(asks)
    with pytest.raises(RecursionError):
        h.backward()  # the hook's own sweep runs the hook
    hook.remove()
    x.zero_grad()
    hook = h.register_hook(lambda gradient: seen.append(grad(lambda y: y * x)(2.0)))
    h.backward()
    assert (x.grad, seen[-1]) == (6.0, 3.0)
    hook.remove()


def test_freed_values_free_their_hooks():
    x = Value(3.0)
    x.register_hook(lambda g: None)
    y = x * 2
    y.register_hook(lambda g: None)
    assert len(HOOKED) == 2
    del x, y
    collect()
    assert not HOOKED


def test_a_hook_may_refer_to_its_own_value():
    """The cycle is the collector's to free."""
    x = Value(3.0)
    x.register_hook(lambda g: x.zero_grad())
    (x * 2).backward()
    assert x.grad == 2.0


def test_hooks_are_not_copied():
    x, seen = Value(3.0), []
    y = x * x
    x.register_hook(seen.append)
    for twin in (copy.deepcopy(y), pickle.loads(pickle.dumps(y))):
        twin.backward()
        assert twin.parents[0].hooks == []
    copy.copy(x).backward()
    assert seen == []
