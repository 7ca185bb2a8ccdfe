"""One run of a function that is differentiated: on leaves of its own, swept as often as asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from autograd.ending import lazily
from autograd.functions import rules
from autograd.graph.adjoints import adjoints, differentiable_partials, in_full
from autograd.graph.crossing import CROSSED, is_real, pushed
from autograd.graph.joint import Vector
from autograd.graph.modes import MODES, OPEN, changed, look_around, tracing
from autograd.graph.node import new, number_of
from autograd.graph.order import topological_order
from autograd.graph.sweep import sweep
from autograd.graph.turns import SWEEPING
from autograd.graph.value import Value
from autograd.graph.variables import differentiating
from autograd.numbers.kinds import as_number, fitted, untrapped
from autograd.transforms.trees import Rebuild, flatten
from autograd.twin import native

Function = Callable[..., Any]


class Traced:
    """One run of a function, on fresh leaves in place of the numbers in some of its arguments."""

    def __init__(
        self,
        f: Function,
        args: Sequence[Any],
        kwargs: dict[str, Any],
        argnums: int | tuple[int, ...],
        scalars: bool = True,
    ) -> None:
        if OPEN:
            look_around()
        self.bare = isinstance(argnums, int)
        self.asked = _picked(f, args, argnums)
        self.picked = picked = tuple(dict.fromkeys(self.asked))
        trees = [flatten(args[i], f"argument {i} of {name_of(f)}") for i in picked]
        self.rebuilds: list[Rebuild] = [rebuild for _, rebuild in trees]
        numbers = [leaves for leaves, _ in trees]
        self.sizes = [len(leaves) for leaves in numbers]
        kinds = {kind for leaves in numbers for kind in map(type, leaves)}
        self.create_graph = any(issubclass(kind, Value) for kind in kinds)
        new = list(args)
        self.trace = trace = tracing()
        with changed(remembers=True):
            # For a Value a node of its own, so that nested transforms differ.
            fresh = [
                [_variable(x) if trace is None else trace.variable(x) for x in leaves]
                for leaves in numbers
            ]
            self.leaves = [leaf for leaves in fresh for leaf in leaves]
            for i, leaves, rebuild in zip(picked, fresh, self.rebuilds, strict=True):
                new[i] = rebuild(leaves)
            if trace is not None:  # it knows what it meets
                self.output = f(*new, **kwargs)
            else:
                with differentiating(self.leaves) as self.born:
                    self.output = f(*new, **kwargs)
        what = f"the result of {name_of(f)}"
        self.outputs, self.rebuild = flatten(self.output, what, scalars)

    @lazily
    def _order(self) -> list[Value]:
        """The nodes between the leaves and all of the outputs."""
        return self._order_of(self.outputs)

    def _order_of(self, outputs: Sequence[Any]) -> list[Value]:
        """The nodes between the leaves and some outputs, parents first."""
        above = new(Value)  # all of them at once, so that what they share is visited once
        above.parents = tuple(x for x in outputs if isinstance(x, Value))
        return topological_order(above, set(self.leaves))[:-1]

    @lazily
    def _foreign(self) -> set[Value]:
        """The leaves that the outputs were computed from, or are, beside the variables."""
        leaves = {x for x in self.outputs if isinstance(x, Value) and not x.parents}
        leaves.update([x for node in self._order for x in node.parents if not x.parents])
        return leaves.difference(self.leaves)

    @lazily
    def _moving(self) -> set[Value]:
        """What a result has to be differentiable by, and all of the run that depends on it.

        These are variables that were made of Values, and leaves that are neither variables nor
        made in the run: f has captured them.
        """
        moving = self._foreign.difference(self.born)
        moving.update(leaf for leaf in self.leaves if leaf.parents)
        for node in self._order if moving else ():
            if not moving.isdisjoint(node.parents):
                moving.add(node)
        return moving

    def _live(self) -> set[Value]:
        """The same, as far as the block around asks for it: not under `no_grad`."""
        return self._moving if self.create_graph or MODES.get().remembers else set()

    def gradient(self, outputs: Sequence[Any], seeds: Sequence[Any]) -> Any:
        """The gradient of the sum of seed * output, as the arguments are structured."""
        if self.trace is not None:
            gradients: list[Any] | None = self.trace.gradient(outputs, seeds, self.leaves)
        else:
            gradients = self._in_c(outputs, seeds) if native else None
        if gradients is None:
            with untrapped(_kind(self.leaves)):
                found = self._adjoints(outputs, seeds)
            live = any(map(_is_value, seeds))
            gradients = [self._result(found.get(x, type(x.data)(0)), live) for x in self.leaves]
        parts, start = {}, 0
        for i, size, rebuild in zip(self.picked, self.sizes, self.rebuilds, strict=True):
            parts[i] = rebuild(gradients[start : start + size])
            start += size
        return parts[self.asked[0]] if self.bare else tuple(parts[i] for i in self.asked)

    def _in_c(self, outputs: Sequence[Any], seeds: Sequence[Any]) -> list[Any] | None:
        """The gradient by one sweep in C, if all that it meets is floats and the run's own."""
        if len(outputs) > 1 or self.create_graph or in_full(outputs[0]):
            return None
        found: list[Any] | None = native.gradients(outputs[0], seeds[0], self.leaves)
        if found is not None and outputs is self.outputs:
            self._moving = set()
        return found

    def _adjoints(self, outputs: Sequence[Any], given: Sequence[Any]) -> dict[Value, Any]:
        """The adjoints of the leaves: nothing flows to Values that do not depend on them."""
        leaves, moving = set(self.leaves), self._live()
        order = self._order if outputs is self.outputs else self._order_of(outputs)
        seeds: dict[Value, Any] = {}
        for output, seed in zip(outputs, given, strict=True):
            if isinstance(output, Value):
                seed = matched(seed, output, "a cotangent")
                seeds[output] = seeds[output] + seed if output in seeds else seed
        special = moving or in_full() or any(map(_is_value, given))
        if len(seeds) == 1 and order and not (special or self._foreign):
            ((root, seed),) = seeds.items()
            with SWEEPING: return _swept(root, seed, order, leaves)  # fmt: skip  # noqa: E701
        relevant = set(leaves)
        for node in order:
            if not relevant.isdisjoint(node.parents):
                relevant.add(node)
        found: dict[Value, Any] = {}
        with changed(remembers=True):
            for real in {is_real(x) for x in seeds}:  # a sweep for the real outputs is its own
                flow = adjoints(
                    {x: seed for x, seed in seeds.items() if is_real(x) is real},
                    order,
                    create_graph=bool(moving),
                    moving=moving,
                    relevant=relevant,
                    real_root=real,
                )
                for x, adjoint in flow:
                    if x in leaves:
                        found[x] = found[x] + adjoint if x in found else adjoint
        return found

    def pushed(self, directions: Sequence[Any]) -> list[Any]:
        """The tangents of the outputs: forward over the partials."""
        if self.trace is not None:
            tangents_of: list[Any] = self.trace.pushed(self.outputs, directions, self.leaves)
            return tangents_of
        # What stands still moves nothing, also where a partial derivative is inf or nan.
        pairs = zip(self.leaves, directions, strict=True)
        tangents: dict[Value, Any] = {x: t for x, t in pairs if _is_value(t) or t != 0}
        moving = self._live()
        with changed(remembers=True), untrapped(_kind(self.leaves)):
            for node in self._order:
                active = [parent in tangents for parent in node.parents]
                if not any(active):
                    continue
                partials: Sequence[Any] = node.partials
                if node in moving:
                    partials = differentiable_partials(node, moving, tangents)
                terms = [
                    partial * tangents[parent]
                    for parent, partial, flows in zip(node.parents, partials, active, strict=True)
                    if flows
                ]
                total = Vector.sum if isinstance(terms[0], Vector) else rules.sum
                tangent = total(terms) if len(terms) > 1 else terms[0]
                tangents[node] = pushed(node, tangent) if CROSSED else tangent
        kinds = [type(as_number(number_of(x))) for x in self.outputs]
        live = any(map(_is_value, directions))
        return [
            self._result(tangents.get(x, kind(0)) if _is_value(x) else kind(0), live)
            for x, kind in zip(self.outputs, kinds, strict=True)
        ]

    def value(self, output: Any) -> Any:
        """An output: a plain number, or a Value where it is to be differentiated again."""
        if self.trace is not None:
            return output
        if self.create_graph:
            return output if isinstance(output, Value) else Value(output)
        live = _is_value(output) and output in self._live()
        return _own(output) if live else as_number(number_of(output))

    def _result(self, derivative: Any, live: bool) -> Any:
        """A derivative: always a Value where an argument, a seed or a direction was one."""
        if self.create_graph or live:
            return derivative if isinstance(derivative, Value) else Value(derivative)
        return _own(derivative) if _is_value(derivative) else as_number(derivative)


def _swept(root: Value, seed: Any, order: list[Value], leaves: set[Value]) -> dict[Value, Any]:
    """What one plain sweep brings to the leaves that it reaches."""
    for leaf in leaves:
        leaf.grad = 0
    sweep(root, seed, order)
    return {leaf: leaf.grad for leaf in leaves if type(leaf.grad) is not int}


def _variable(x: Any) -> Value:
    """A variable in place of a number, or of a Value."""
    return +x if isinstance(x, Value) else Value(x)


def _own(x: Value) -> Value:
    """A result that is no leaf of somebody else's, whose data may change."""
    return x if x.parents else +x


def _is_value(x: Any) -> bool:
    """Whether something is a Value."""
    return isinstance(x, Value)


def matched(x: Any, value: Value, what: str) -> Any:
    """Return a seed or a direction for a Value, as a number of its type or a Value."""
    if tracing() is not None:
        return x  # all are floats there
    number = fitted(number_of(x), type(value.data), what)
    return x if isinstance(x, Value) else number


def _kind(values: Iterable[Value]) -> type:
    """The number type of the first of some Values."""
    return next((type(x.data) for x in values), float)


def _picked(f: Function, args: Sequence[Any], argnums: int | tuple[int, ...]) -> tuple[int, ...]:
    """The positions of the arguments to differentiate by, checked and counted from 0."""
    positions = (argnums,) if isinstance(argnums, int) else tuple(argnums)
    for i in positions:
        if not isinstance(i, int) or not -len(args) <= i < len(args):
            raise TypeError(
                f"argnums asks for argument {i!r} of {name_of(f)}, which was called with "
                f"{len(args)} positional arguments"
            )
    return tuple(i % len(args) for i in positions)


def name_of(f: Any) -> str:
    """Return the name of a function, for messages."""
    return getattr(f, "__name__", repr(f))
