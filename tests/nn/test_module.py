"""Module finds its parameters by walking: what counts, in which order, under which name."""

from __future__ import annotations

from collections import ChainMap, OrderedDict, UserDict, UserList, deque, namedtuple
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest

from autograd import Value
from nn import MLP, Layer, Module, Neuron


class Bag(Module):
    """A module that holds whatever it is given."""

    def __init__(self, **attributes: Any) -> None:
        for name, value in attributes.items():
            setattr(self, name, value)


def names(module: Module) -> list[str]:
    return [name for name, _ in module.named_parameters()]


def test_names_are_dotted_paths_in_the_order_of_definition() -> None:
    model = MLP(2, [2, 1])
    assert names(model) == [
        "layers.0.neurons.0.w.0",
        "layers.0.neurons.0.w.1",
        "layers.0.neurons.0.b",
        "layers.0.neurons.1.w.0",
        "layers.0.neurons.1.w.1",
        "layers.0.neurons.1.b",
        "layers.1.neurons.0.w.0",
        "layers.1.neurons.0.w.1",
        "layers.1.neurons.0.b",
    ]


def test_a_name_leads_to_its_parameter() -> None:
    model = MLP(3, [2, 2])
    for name, parameter in model.named_parameters():
        found: Any = model
        for key in name.split("."):
            found = found[int(key)] if key.isdigit() else getattr(found, key)
        assert found is parameter


def test_parameters_are_found_in_lists_tuples_dicts_and_modules_alike() -> None:
    a, b, c, d, e = (Value(float(i)) for i in range(5))
    module = Bag(one=a, many=[b, (c, {"key": d})], inner=Bag(deep=e))
    assert names(module) == ["one", "many.0", "many.1.0", "many.1.1.key", "inner.deep"]
    assert all(p is q for p, q in zip(module.parameters(), [a, b, c, d, e], strict=True))


@dataclass
class Record:
    """What is no module, and says what it holds."""

    key: Any


@dataclass(slots=True)
class SlottedRecord(Record):
    """The same with slots beside."""

    more: Any = None


Pair = namedtuple("Pair", ["first", "second"])

HOLDERS: dict[str, tuple[Callable[[Value], Any], str]] = {
    "deque": (lambda w: deque([1.0, w]), "1"),
    "a user's list": (lambda w: UserList([w]), "0"),
    "named tuple": (lambda w: Pair(None, w), "1"),
    "values of a dict": (lambda w: {"a": w}.values(), "0"),
    "items of a dict": (lambda w: {"a": w}.items(), "0.1"),
    "ordered dict": (lambda w: OrderedDict(a=w), "a"),
    "a user's dict": (lambda w: UserDict(a=w), "a"),
    "read-only dict": (lambda w: MappingProxyType({"a": w}), "a"),
    "chain of dicts": (lambda w: ChainMap({"b": 1.0}, {"a": w}), "a"),
    "array": (lambda w: np.array([w, 2.0]), "0"),
    "array of two axes": (lambda w: np.array([[1.0, w]], dtype=object), "0.1"),
    "dataclass": (lambda w: Record(w), "key"),
    "dataclass with slots": (lambda w: SlottedRecord(1.0, [w]), "more.0"),
    "bound method": (lambda w: Bag(w=w).parameters, "__self__.w"),
    "partial call": (lambda w: partial(max, w, key=None), "args.0"),
    "partial call, by keyword": (lambda w: partial(max, key=Bag(w=w)), "keywords.key.w"),
    "all at once": (lambda w: {"a": deque([(Record(UserList([w])),)])}, "a.0.0.key.0"),
}


@pytest.mark.parametrize("holder", HOLDERS)
def test_a_parameter_is_found_in_every_kind_of_holder(holder: str) -> None:
    make, way = HOLDERS[holder]
    w = Value(1.0)
    assert list(Bag(x=make(w)).named_parameters()) == [(f"x.{way}", w)]


def test_a_parameter_in_a_slot_is_found() -> None:
    class Slotted(Module):
        __slots__ = ("__hidden", "unset", "w")

        def __init__(self) -> None:
            self.w, self.__hidden, self.plain = Value(1.0), Value(2.0), Value(3.0)

    class OneMore(Slotted):
        __slots__ = "v"

        def __init__(self) -> None:
            super().__init__()
            self.v = Neuron(1)

    module = OneMore()
    assert names(module) == ["plain", "_Slotted__hidden", "w", "v.w.0", "v.b"]
    module.eval()
    assert not module.v.training


@pytest.mark.parametrize(
    ("hide", "kind"),
    [
        (lambda w: {w}, "Value"),
        (lambda w: frozenset([w]), "Value"),
        (lambda w: {w: 1.0}, "Value"),
        (lambda w: {w: 1.0}.keys(), "Value"),
        (lambda w: {(1.0, w)}, "Value"),
        (lambda w: [{"a": {Bag(w=w)}}], "Bag"),
    ],
)
def test_a_parameter_without_a_place_in_an_order_is_refused(
    hide: Callable[[Value], Any], kind: str
) -> None:
    w = Value(1.0)
    with pytest.raises(TypeError, match=rf"x.* holds a {kind} in a set or as a key"):
        Bag(x=hide(w)).parameters()


def test_what_a_set_holds_may_have_its_place_elsewhere() -> None:
    w, inner = Value(1.0), Neuron(1)
    assert names(Bag(seen={w, inner}, w=w, inner=inner)) == ["w", "inner.w.0", "inner.b"]
    assert names(Bag(words={"a", "b"}, sizes={1: "x"}, w=w)) == ["w"]


def test_what_is_made_for_the_search_hides_nothing() -> None:
    rows = [np.array([[Value(float(i))]], dtype=object) for i in range(200)]
    assert [p.data for p in Bag(rows=rows).parameters()] == [float(i) for i in range(200)]


def test_a_shared_value_counts_once_under_its_first_name() -> None:
    shared = Value(1.0)
    module = Bag(first=shared, second=[shared, Value(2.0)])
    assert names(module) == ["first", "second.1"]


def test_a_shared_module_counts_once() -> None:
    neuron = Neuron(2)
    assert names(Bag(encoder=neuron, decoder=neuron)) == ["encoder.w.0", "encoder.w.1", "encoder.b"]


def test_equal_values_are_two_parameters() -> None:
    assert len(Bag(a=Value(1.0), b=Value(1.0)).parameters()) == 2


def test_what_is_computed_is_no_parameter() -> None:
    w = Value(2.0)
    assert names(Bag(w=w, last_output=w * 3.0, number=1.5, text="w", nothing=None)) == ["w"]


def test_a_module_may_refer_to_its_owner() -> None:
    child = Bag(w=Value(1.0))
    parent = Bag(child=child)
    child.parent = parent
    assert names(parent) == ["child.w"]
    assert names(child) == ["w"]
    assert len(list(parent.modules())) == 2


def test_nesting_deeper_than_the_interpreters_stack_is_walked() -> None:
    depth = 3_000
    nest: Any = Value(1.0)
    for _ in range(depth):
        nest = [nest]
    assert names(Bag(nest=nest)) == ["nest" + ".0" * depth]


def test_parameters_set_later_are_found() -> None:
    module = Bag(w=Value(1.0))
    module.extra = Value(2.0)
    assert names(module) == ["w", "extra"]


def test_zero_grad_resets_every_parameter_and_nothing_else() -> None:
    model = MLP(2, [3, 1])
    x = Value(1.0)
    model([x, 2.0]).backward()
    x.grad = 5.0
    model.zero_grad()
    assert [p.grad for p in model.parameters()] == [0] * 13
    assert x.grad == 5.0


def test_train_and_eval_reach_every_module_and_return_the_module() -> None:
    model = MLP(2, [2, 1])
    assert all(module.training for module in model.modules())
    assert model.eval() is model
    assert not any(module.training for module in model.modules())
    assert model.train() is model
    assert all(module.training for module in model.modules())


def test_modules_come_owner_first() -> None:
    kinds = [type(module) for module in MLP(1, [2, 1]).modules()]
    assert kinds == [MLP, Layer, Neuron, Neuron, Layer, Neuron]


def test_a_module_without_parameters_has_none() -> None:
    assert Module().parameters() == []


def test_a_subclass_may_list_its_parameters_itself_as_micrograds_do() -> None:
    class Listed(Module):
        def __init__(self) -> None:
            self.w, self.frozen = Value(1.0), Value(2.0)

        def parameters(self) -> list[Value]:
            return [self.w]

    module = Listed()
    (module.w * module.frozen).backward()
    module.zero_grad()
    assert module.w.grad == 0
    assert module.frozen.grad == pytest.approx(1.0)


def test_a_module_without_a_constructor_takes_no_arguments() -> None:
    class Plain(Module):
        pass

    assert Plain().parameters() == []
    with pytest.raises(TypeError, match="Plain takes no arguments"):
        Plain(3)


def test_a_state_goes_from_one_module_to_another() -> None:
    one, two = MLP(2, [3, 1]), MLP(2, [3, 1])
    two.load_state_dict(one.state_dict())
    assert list(two.state_dict().items()) == list(one.state_dict().items())
    two.layers[0].neurons[0].b.data = 9.0
    assert one.layers[0].neurons[0].b.data == 0.0


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ({"w": 1.0}, "the state lacks v; the module has 2 parameters, the state 1"),
        ({"w": 1.0, "v": 2.0, "u": 3.0}, "the state has the unknown u"),
        ({"w": 1.0, "v": "2"}, "the state has no number for v, but '2'"),
        ({"w": 1.0, "v": [2.0]}, "the state has no number for v"),
    ],
)
def test_a_state_that_does_not_fit_is_refused_and_changes_nothing(
    state: dict[str, Any], message: str
) -> None:
    module = Bag(w=Value(5.0), v=Value(6.0))
    with pytest.raises(ValueError, match=message):
        module.load_state_dict(state)
    assert module.state_dict() == {"w": 5.0, "v": 6.0}


def test_a_state_may_fit_in_part_where_that_is_asked_for() -> None:
    module = Bag(w=Value(5.0), v=Value(6.0), u=Value(7.0))
    keys = module.load_state_dict({"y": 1.0, "v": 2.0, "x": "no number"}, strict=False)
    assert module.state_dict() == {"w": 5.0, "v": 2.0, "u": 7.0}
    assert (keys.missing_keys, keys.unexpected_keys) == (["w", "u"], ["y", "x"])
    missing, unexpected = keys
    assert (missing, unexpected) == (keys.missing_keys, keys.unexpected_keys)
    assert repr(keys) == ("IncompatibleKeys(missing_keys=['w', 'u'], unexpected_keys=['y', 'x'])")


def test_a_state_that_matches_says_so_as_pytorch_does() -> None:
    one, two = MLP(1, [2]), MLP(1, [2])
    for strict in (True, False):
        assert repr(two.load_state_dict(one.state_dict(), strict)) == (
            "<All keys matched successfully>"
        )


def test_what_is_no_number_is_refused_even_in_part_and_changes_nothing() -> None:
    module = Bag(w=Value(5.0), v=Value(6.0))
    with pytest.raises(ValueError, match=r"no number for v, but \[2.0\]"):
        module.load_state_dict({"w": 1.0, "v": [2.0]}, strict=False)
    assert module.state_dict() == {"w": 5.0, "v": 6.0}


def test_what_is_no_state_is_refused() -> None:
    with pytest.raises(TypeError, match=r"mapping of names to numbers, .* but was a MLP"):
        MLP(1, [2]).load_state_dict(MLP(1, [2]), strict=False)  # type: ignore[arg-type]
