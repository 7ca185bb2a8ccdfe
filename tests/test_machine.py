"""Building, sweeping, hooks, modes, copies, pickles and interrupts in any order, beside a model."""

# ruff: noqa: S301  (the pickles are our own)

from __future__ import annotations

import copy
import pickle
import warnings
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from injector import interrupts

from autograd import Value, checkpoint, is_grad_enabled, no_grad

WAYS: list[dict[str, Any]] = [{}, {"accumulate": "exact"}, {"create_graph": True}]
places = st.integers(0, 30)


class Machine(RuleBasedStateMachine):
    """Values, and of each in integers: its number, where it comes from, its hooks, its gradient."""

    @initialize()
    def begin(self) -> None:
        """One leaf."""
        self.values: list[Value] = []
        self.numbers: list[int] = []
        self.parents: list[list[tuple[int, int]]] = []
        self.hooks: list[list[tuple[Any, int]]] = []
        self.grads: list[int] = []
        self.blocks: list[Any] = []
        self.leaf(3)

    def new(self, value: Value, number: int, parents: list[tuple[int, int]]) -> None:
        """A Value and what the model knows of it."""
        self.values.append(value)
        self.numbers.append(number)
        self.parents.append([] if self.blocks else parents)
        self.hooks.append([])
        self.grads.append(0)

    @rule(number=st.integers(-5, 5))
    def leaf(self, number: int) -> None:
        """A leaf."""
        self.new(Value(float(number)), number, [])

    @precondition(lambda self: len(self.values) < 15)
    @rule(i=places, k=places, factor=st.integers(-2, 2), again=st.booleans())
    def combine(self, i: int, k: int, factor: int, again: bool) -> None:
        """The sum of one and a multiple of another, remembered or to be computed again."""
        i, k = i % len(self.values), k % len(self.values)
        f = checkpoint(lambda a, b: a * factor + b) if again else lambda a, b: a * factor + b
        number = self.numbers[i] * factor + self.numbers[k]
        self.new(f(self.values[i], self.values[k]), number, [(i, factor), (k, 1)])

    @rule(i=places, way=st.sampled_from(WAYS), seed=st.integers(1, 3))
    def sweep(self, i: int, way: dict[str, Any], seed: int) -> None:
        """A sweep of either; where there is an interior node, its gradient is overwritten."""
        i %= len(self.values)
        self.values[i].backward(float(seed), **way)
        flow = {i: seed}
        for node in range(i, -1, -1):
            if node in flow:
                for _, factor in self.hooks[node]:
                    flow[node] *= factor
                for parent, factor in self.parents[node]:
                    flow[parent] = flow.get(parent, 0) + factor * flow[node]
                held = 0 if self.parents[node] else self.grads[node]
                self.grads[node] = held + flow[node]

    @rule(i=places, factor=st.integers(0, 2))
    def hook(self, i: int, factor: int) -> None:
        """A hook that multiplies."""
        i %= len(self.values)
        hook = self.values[i].register_hook(lambda gradient: gradient * factor)
        self.hooks[i].append((hook, factor))

    @rule(i=places)
    def remove(self, i: int) -> None:
        """The hooks of one taken back."""
        while self.hooks[i % len(self.values)]:
            self.hooks[i % len(self.values)].pop()[0].remove()

    @precondition(lambda self: len(self.blocks) < 3)
    @rule()
    def enter(self) -> None:
        """A block without gradients."""
        self.blocks.append(no_grad())
        self.blocks[-1].__enter__()

    @precondition(lambda self: self.blocks)
    @rule(i=places)
    def leave(self, i: int) -> None:
        """One of the blocks left."""
        self.blocks.pop(i % len(self.blocks)).__exit__()

    @rule(i=places, twin=st.sampled_from([copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))]))
    def copied(self, i: int, twin: Any) -> None:
        """A copy has the number and the gradient, no hooks, and a graph of its own."""
        i %= len(self.values)
        if not any(self.again(k) for k in self.ancestry(i)) or twin is copy.deepcopy:
            other = twin(self.values[i])
            assert (other.data, other.grad) == (self.values[i].data, self.values[i].grad)
            assert other.hooks == []
            other.backward()

    def ancestry(self, i: int) -> set[int]:
        """The places of what one was computed from, its own too."""
        found = {i}
        for node in range(i, -1, -1):
            if node in found:
                found.update(parent for parent, _ in self.parents[node])
        return found

    def again(self, i: int) -> bool:
        """Whether a function of the user's is in a node, which has no pickle."""
        return getattr(self.values[i].op, "name", "") == "checkpoint"

    @rule(i=places, line=st.integers(1, 120), way=st.sampled_from(WAYS))
    def interrupt(self, i: int, line: int, way: dict[str, Any]) -> None:
        """Ctrl-C in a sweep: after it the gradients are set back."""
        root = self.values[i % len(self.values)]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            next(interrupts(lambda: root.backward(**way), first=line), None)
        for value in self.values:
            value.zero_grad()
        self.grads = [0] * len(self.values)

    @invariant()
    def are_alike(self) -> None:
        """The numbers, the gradients and the modes are those of the model."""
        if hasattr(self, "values"):
            assert [value.data for value in self.values] == self.numbers
            assert [getattr(v.grad, "data", v.grad) for v in self.values] == self.grads
            assert is_grad_enabled() is (not self.blocks)

    def teardown(self) -> None:
        """No block stays open."""
        while getattr(self, "blocks", []):
            self.blocks.pop().__exit__()


TestMachine = Machine.TestCase
TestMachine.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
