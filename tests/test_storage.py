"""What a Value holds, and for how long: things that C can get wrong and Python cannot."""

import copy
import gc
import math
import os
import random
import struct
import subprocess
import sys
import tracemalloc
import weakref
from array import array
from fractions import Fraction
from itertools import pairwise
from typing import ClassVar

import pytest

from autograd import Value, checkpoint, dot, grad, primitive, record, tanh
from autograd.functions import rules
from autograd.graph import adjoints
from autograd.graph.adjoints import in_full
from autograd.graph.many import dots
from autograd.graph.watching.listening import listening
from autograd.twin import native

pytestmark = pytest.mark.usefixtures("plain_sweep")


class Number(float):
    """A float that can be watched."""


class Watched:
    """No number: what nobody computes with."""


def freed(make):
    """Whether what a function gives a Value goes with it."""
    kept, value = make()
    watched = weakref.ref(kept)
    del kept
    assert watched() is not None
    del value
    gc.collect()
    return watched() is None


def as_data():
    x, kept = Value(1.0), Watched()
    x.data = kept
    return kept, x


def as_gradient():
    x, kept = Value(1.0), Watched()
    x.grad = kept
    return kept, x


def as_literal():
    kept = Number(2.0)
    return kept, Value(1.0) * kept


def as_operand_of_a_dot():
    kept = Number(2.0)
    return kept, dot([Value(1.0)], [kept], Number(1.0))


def as_bias():
    kept = Number(2.0)
    return kept, dot([Value(1.0)], [2.0], kept)


def as_row():
    kept = Watched()

    @primitive(partials=lambda x, out: (kept and 1.0,))
    def same(x):
        return x

    return kept, same(Value(2.0))


def as_partials():
    kept, x = Number(2.0), Value(1.0) * 3.0
    x.partials = (kept,)
    return kept, x


def as_label():
    class Name(str):
        """A label that can be watched."""

    kept = Name("x")
    return kept, Value(1.0, label=kept)


def as_class():
    class Local(Value):
        """A class that nobody else knows."""

    return Local, [Local(1.0) * 2.0, tanh(Local(2.0))]


@pytest.mark.parametrize("make", [
    as_data, as_gradient, as_literal, as_operand_of_a_dot, as_bias, as_row,
    as_partials, as_label, as_class,
], ids=lambda make: make.__name__)  # fmt: skip
def test_what_a_value_holds_goes_with_it(make):
    assert freed(make)


@pytest.mark.parametrize("name", ["data", "grad"])
def test_what_was_replaced_is_let_go(name):
    x, kept = Value(1.0), Watched()
    watched = weakref.ref(kept)
    setattr(x, name, kept)
    del kept
    assert watched() is getattr(x, name)
    setattr(x, name, 1.0)
    assert watched() is None


def test_a_class_that_holds_one_of_its_own_is_freed():
    def cycle():
        class Local(Value):
            pass

        Local.one = Local(1.0) * 2.0
        return weakref.ref(Local)

    watched = cycle()
    gc.collect()
    assert watched() is None


def test_a_cycle_through_a_dot_is_freed():
    def cycle():
        x, kept = Value(1.0), Watched()
        y = dot([x, 2.0], [3.0, Value(4.0)], 1.0)
        x.register_hook(lambda gradient: print(kept, y))
        return weakref.ref(kept)

    watched = cycle()
    gc.collect()
    assert watched() is None


def test_a_dot_takes_no_memory_when_it_is_gone():
    x = [Value(1.0)] * 100
    dot(x, x)
    tracemalloc.start()
    try:
        for _ in range(100):
            dot(x, x)
        assert tracemalloc.get_traced_memory()[0] < 20_000
    finally:
        tracemalloc.stop()


def test_what_data_was_is_let_go_when_it_has_been_replaced():
    seen = []

    class Dying:
        def __del__(self):
            seen.append(x.data)

    x = Value(1.0)
    x.data = Dying()
    x.data = 3.0
    assert seen == [3.0]


@pytest.mark.skipif(native is None, reason="a slot of Python's can be deleted")
@pytest.mark.parametrize("name", ["data", "grad", "parents", "partials", "operands", "op"])
def test_nothing_that_a_value_holds_can_be_deleted(name):
    x = Value(2.0) * 3.0
    before = getattr(x, name)
    with pytest.raises(AttributeError, match="cannot be deleted"):
        delattr(x, name)
    assert getattr(x, name) == before


@pytest.mark.skipif(native is None, reason="Python holds what it is given")
def test_the_parents_are_a_tuple():
    with pytest.raises(TypeError, match=r"the parents of a Value are a tuple; got \["):
        Value(2.0).parents = [Value(1.0)]


def test_an_init_makes_a_value_new():
    x = Value(2.0)
    (x * x).backward()
    x.__init__(5.0)
    assert (x.data, x.grad, x.parents) == (5.0, 0, ())
    y = x * 2.0
    y.__init__(7.0)
    assert (y.data, y.parents, y.op) == (7.0, (), None)


def test_an_int_that_is_no_float_is_compared_and_refused_without_a_trace():
    x = Value(1.0)
    for _ in range(3):
        assert x < 10**400
        assert (x == 10**400) is False
        with pytest.raises(OverflowError):
            x + 10**400
    assert (Value(2.0**53) == 2**53 + 1) is False


def test_a_value_that_is_made_within_a_transform_is_noticed():
    """Else it would count as captured, and what depends on it would be a Value."""
    slope = grad(lambda x: x * Value(2.0))(5.0)
    assert (type(slope), slope) == (float, 2.0)


class Told(list):
    def built(self, node, operands):
        self.append(node.op.sign)

    def compared(self, sign, x, y, answer):
        self.append((sign, answer))


def test_a_listener_is_told_of_everything():
    x, told = Value(2.0), Told()
    with listening(told):
        found = [x * x, x + 1, -x, tanh(x), x < 1, not x, x == 2.0, dot([x], [x], x)]
    assert len(found) == 8
    assert told == ["*", "+", "-", "tanh", ("<", False), ("bool", True), ("==", True), "dot"]


def test_rows_that_are_called_count_their_operands():
    for call in (lambda: tanh(), lambda: tanh(1.0, 2.0), lambda: rules.power(Value(1.0))):
        with pytest.raises(TypeError):
            call()
    x = Value(1.0)
    for call in (lambda: x.power(), lambda: x.power(1.0, 2.0), lambda: pow(x, 2, 3)):
        with pytest.raises(TypeError):
            call()


@pytest.mark.parametrize(("partials", "slope"), [
    ((2,), 2.0), ((Fraction(1, 2),), 0.5), ((True,), 1.0), ([4.0], 4.0),
])  # fmt: skip
def test_partials_set_by_hand_may_be_any_numbers(partials, slope):
    x = Value(3.0)
    y = x * 5.0
    y.partials = partials
    y.backward()
    assert x.grad == slope


@pytest.mark.parametrize("partials", [(), (1.0, 2.0)])
def test_partials_that_are_not_as_many_as_parents_are_an_error(partials):
    y = Value(3.0) * 5.0
    y.partials = partials
    with pytest.raises(ValueError, match="values to unpack"):
        y.backward()


def test_a_parent_that_is_no_value_is_an_error():
    y = Value(2.0) * 3.0
    y.parents = (1.0,)
    with pytest.raises(AttributeError, match="parents"):
        y.backward()


def test_rows_of_a_layer_may_be_any_sequences():
    x = Value(2.0)
    (y,) = dots([array("d", [3.0, 5.0])], [x, 1.0], [0.5])
    y.backward()
    assert (y.data, x.grad) == (11.5, 3.0)


def test_a_unit_that_is_off_passes_nothing_on_but_what_is_no_number():
    a, b, c = Value(-1.0), Value(-2.0), Value(0.0)
    dot([a, b], [1.0, 2.0], c).relu().backward()
    assert [(x.grad, type(x.grad)) for x in (a, b, c)] == [(0, int)] * 3
    dot([a, b], [math.inf, 2.0], c).relu().backward()
    assert math.isnan(a.grad)
    assert [(x.grad, type(x.grad)) for x in (b, c)] == [(0.0, float)] * 2


@pytest.mark.skipif(native is None, reason="there is nobody to learn")
def test_what_nobody_calls_is_not_learnt():
    with pytest.raises(TypeError, match="nothing to learn of 'nothing'"):
        native.learn(nothing=print)


# -- where Values live -----------------------------------------------------------------------------

in_c = pytest.mark.skipif(native is None, reason="pages are those of autograd/native/memory.c")


@pytest.mark.parametrize("seed", range(3))
def test_no_two_values_that_live_share_a_place(seed):
    """Whatever was let go between: each has its own number to the end."""
    rng, living = random.Random(seed), {}
    for step in range(30_000):
        if rng.random() < (0.9 if step // 5_000 % 2 == 0 else 0.2) or not living:
            living[step] = Value(step)
        else:
            living.pop(rng.choice([*living][:50]) if rng.random() < 0.1 else next(iter(living)))
    assert len({id(x) for x in living.values()}) == len(living)
    assert all(x.data == step and x.grad == 0 for step, x in living.items())


def test_what_python_counts_as_taken_is_given_back():
    """But for the few objects of each kind that Python keeps to use again."""

    def live():
        end = Value(1.0)
        for _ in range(50_000):
            end = end * 0.5
        del end

    live()
    gc.collect()
    tracemalloc.start()
    live()
    left, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most > 90 * 50_000 > 20 * left


@in_c
@pytest.mark.parametrize("name", ["operands", "parents", "partials", "op"])
def test_the_collector_knows_a_value_whose_graph_was_set(name):
    """From then on it may be on a cycle, and the first of all starts the search for gaps."""
    y = Value(1.0) * 2.0
    assert not gc.is_tracked(y)
    setattr(y, name, getattr(y, name))
    assert gc.is_tracked(y)


@in_c
@pytest.mark.skipif(not os.path.exists("/proc/self/statm"), reason="Linux tells what is resident")
def test_the_memory_of_a_large_graph_is_given_back_but_for_16_mb():
    """In a process of its own, for what lives in that of the tests lies in as many regions."""
    script = """if True:
        import os
        from autograd import Value

        def resident():
            with open("/proc/self/statm") as file:
                return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

        before = resident()
        for _ in range(3):
            end = Value(1.0)
            for _ in range(1_000_000):
                end = end * 0.5
            most = resident() - before
            del end
            print(most, resident() - before)
    """
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (done.stderr, done.stdout.count("\n")) == ("", 3)
    for line in done.stdout.splitlines():
        most, left = map(int, line.split())
        assert most > 90_000_000 > 4 * left


@in_c
def test_a_graph_lies_in_memory_as_it_is_built_however_those_before_it_died():
    rng = random.Random(0)
    for _ in range(5):
        many = [Value(1.0) for _ in range(5_000)]
        rng.shuffle(many)
        while many:
            many.pop()
    places = [id(x) for x in [Value(1.0) for _ in range(5_000)]]
    beside = sum(y - x == 96 for x, y in pairwise(places))
    assert beside > 4_500


@in_c
def test_two_words_of_the_collector_are_all_that_precedes_a_value():
    """As in every CPython since 3.8: memory.c, which leaves room for them, relies on it."""
    assert sys.getsizeof(Value(1.0)) - Value.__basicsize__ == struct.calcsize("2P")


class Plain(Value):
    """A class whose instances have a dict, which lies before them in memory."""


def test_the_memory_of_a_subclass_is_not_taken_for_that_of_a_value():
    """More of them than fill a page, so that some are given back."""
    for kind in (Plain, Value, Plain, Value):
        many = [kind(1.0) for _ in range(70_000)]
        assert sum(x.data for x in many) == 70_000
        del many


# -- a sweep that nothing else concerns ------------------------------------------------------------


def labelled():
    x = Value(2.0, label="x")
    return x * x


def recorded():
    x = Value(2.0)
    with record():
        return x * x


def hooked_leaf():
    x = Value(2.0)
    x.register_hook(lambda gradient: 10 * gradient)
    return x * x


def hooked_within():
    square = labelled()
    square.register_hook(lambda gradient: 10 * gradient)
    return square * 3.0


def of_a_complex_number():
    return abs(Value(3 + 4j)) * 2.0


def into_a_complex_gradient():
    x = Value(3.0)
    (x * 1j).backward()
    return x * x


def of_a_fraction():
    return Value(Fraction(1, 2)) * 3


def through_a_checkpoint():
    return checkpoint(tanh)(Value(0.5)) * 2.0


ALONE = {  # graphs, and whether floats are all that a sweep from there meets
    labelled: True, recorded: True, hooked_leaf: False, hooked_within: False,
    of_a_complex_number: False, into_a_complex_gradient: False, of_a_fraction: False,
    through_a_checkpoint: False,
}  # fmt: skip


@in_c
@pytest.mark.parametrize(("make", "alone"), ALONE.items())
def test_what_is_alive_elsewhere_is_no_matter(make, alone):
    """A hook that lives anywhere, or a complex number, is looked for, and found where it is."""
    elsewhere = hooked_leaf(), of_a_complex_number()
    root = make()
    assert native.holds_floats_alone(root) is alone
    assert in_full(root) is not alone
    assert in_full()
    root.backward()
    swept = [x.grad for x in (root, *root.parents, *root.parents[0].parents)]
    del elsewhere
    again = make()
    adjoints.sweep_in_full(again, type(again.data)(1), create_graph=False, exact=False)
    assert swept == [x.grad for x in (again, *again.parents, *again.parents[0].parents)]


def test_a_seed_that_is_a_value_is_added_up_alike_on_both_twins():
    """Its sum begins with 0 in the sweep in full, which hooks ask for wherever they are."""
    x, seed = Value(2.0), Value(0.0)
    elsewhere = hooked_leaf()
    square = x * x
    square.backward(seed=seed)
    assert square.grad.op is rules.add
    assert (x.grad.data, elsewhere.data) == (0.0, 4.0)
    x.grad.backward()
    assert seed.grad == 4.0


@in_c
def test_what_is_no_value_is_not_looked_into():
    assert native.holds_floats_alone(2.0) is native.holds_floats_alone(Value(2.0)) is False


# -- the sweep of a run, whose graph is its own ----------------------------------------------------


@pytest.mark.skipif(native is None, reason="Python sweeps it as any other")
class TestGradients:
    def test_can_be_asked_for_again(self):
        a, b = Value(2.0), Value(3.0)
        y = dot([a, b], [b, 5.0], a * a) * a
        for seed in (1.0, 2.0, 1):
            # y = (ab + 5b + a^2) a, whose slopes are 2ab + 5b + 3a^2 and (a + 5) a
            assert native.gradients(y, seed, [a, b]) == [39.0 * seed, 14.0 * seed]

    def test_are_not_told_where_another_leaf_would_be_written_to(self):
        a, b = Value(2.0), Value(3.0)
        for _ in range(2):
            assert native.gradients(a * b, 1.0, [a, b]) == [3.0, 2.0]
            b.grad = 7.0
            assert native.gradients(a * b, 1.0, [a]) is None
            assert b.grad == 7.0

    @pytest.mark.parametrize("variable", [
        Value(2.0) * 3.0, Value(Fraction(1, 2)), type("Own", (Value,), {})(1.0), 2.0,
    ])  # fmt: skip
    def test_are_left_to_python_for_other_variables(self, variable):
        assert native.gradients(variable * 1, 1.0, [variable]) is None

    def test_are_left_to_python_where_one_variable_is_a_function_of_another(self):
        a = Value(2.0)
        b = a * 3.0
        assert native.gradients(b * a, 1.0, [a, b]) is None

    def test_leave_a_gradient_that_is_an_object(self):
        a = Value(2.0)
        a.grad = kept = Value(5.0)
        assert native.gradients(a * a, 1.0, [a]) is None
        assert a.grad is kept


# -- what other extensions have had wrong ----------------------------------------------------------


class Slotless(Value):
    """A class that differs by its name."""

    __slots__ = ()


class Kept(Value):
    """A Value that lives on when it dies."""

    kept: ClassVar[list[Value]] = []

    def __del__(self):
        self.kept.append(self)


def let_go():
    """Let all of them die for good; parents live on when what was computed from them dies."""
    while Kept.kept:
        Kept.kept.clear()
        gc.collect()


@pytest.mark.parametrize("kind", [Value, Slotless, Kept])
def test_an_instance_holds_its_class_once(kind):
    """Else each that dies leaves a reference: multidict 1311 and 1415, PyO3 6223, atom 254."""
    kind(1.0) * 2.0
    let_go()
    gc.collect()
    before = sys.getrefcount(kind)
    for _ in range(100):
        copy.copy(tanh(kind(1.0) * 2.0))
    let_go()
    gc.collect()
    assert abs(sys.getrefcount(kind) - before) < 10


def test_what_lives_on_when_it_dies_is_whole():
    let_go()
    y = Kept(2.0) * 3.0
    del y
    product = next(x for x in Kept.kept if x.parents)
    product.backward()
    assert (product.data, product.parents[0].grad) == (6.0, 3.0)
    del product
    let_go()


def test_a_class_can_be_set_and_set_back():
    x, many = Value(2.0), [Value(1.0) * i for i in range(1000)]
    for value in (x, *many):
        value.__class__ = Slotless
    assert type(x * 3.0) is Slotless
    del many, value
    x.__class__ = Value
    assert (x * x).data == 4.0


class Refusing:
    """What is asked for a number and raises: gmpy2 173."""

    def __float__(self):
        raise ValueError

    __index__ = __float__


@pytest.mark.parametrize("operation", [
    lambda x, y: x + y, lambda x, y: y / x, lambda x, y: x < y, lambda x, y: x.leaky_relu(y),
    lambda x, y: tanh(y), lambda x, y: Value(y), lambda x, y: dot([x], [y]),
])  # fmt: skip
def test_what_is_no_number_is_refused_by_name(operation):
    with pytest.raises(TypeError, match="Refusing"):
        operation(Value(1.0), Refusing())


def test_the_end_of_the_interpreter_meets_values_that_live():
    """Where the module may be gone before its objects: multidict 1380."""
    script = """if True:
        import autograd
        from autograd import Value, tanh
        class Named(Value):
            def __del__(self):
                (Value(self.data) * self.parents[:1].count(self)).backward()
        x = Named(1.0)
        y = tanh(x * Value(3.0))
        x.register_hook(lambda gradient: print(y, gradient) if tanh else None)
        x.me = autograd.kept = Value.kept = y
        y.grad = y
    """
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
