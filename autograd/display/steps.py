"""Steps: the computation of a graph and its backward sweep, one node at a time, in words."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, overload

from autograd import rules
from autograd.display import stepper
from autograd.display.cards import expression
from autograd.display.drawing import write
from autograd.display.graph import Edge, Graph, Node, Ref
from autograd.display.text import formula, number
from autograd.display.tracing import pictured
from autograd.libraries import is_complex
from autograd.primitives import Expression, written
from autograd.value import Value

MOST_OPERANDS = 40  # of a node whose rules are written out; each may name every operand


@dataclass(frozen=True, slots=True)
class Contribution:
    """What a node passes back to one of its operands.

    Attributes
    ----------
    parent : Node
        The operand.
    partial, gradient, product : number
        The local derivative, the node's own gradient, and their product.
    before, after : number
        The operand's gradient before and after the product is added.
    rule : str
        The local derivative as a formula, made from the row of the table.
    equation : str
        All of it with its numbers.
    """

    parent: Node
    partial: Any
    gradient: Any
    product: Any
    before: Any
    after: Any
    rule: str
    equation: str

    def __str__(self) -> str:
        return self.equation


@dataclass(frozen=True, slots=True)
class Step:
    """One step: a node is computed, or passes its gradient back.

    Attributes
    ----------
    index : int
        Its place, from 0.
    phase : {"forward", "seed", "backward"}
        What happens: the node's value is computed, the root's gradient is set, or the node
        passes its gradient to its operands.
    node : Node
        The node.
    equation : str
        What happens, with its numbers.
    contributions : tuple of Contribution
        What the node passes back, in the order of its operands.
    notes : tuple of str
        What the rules' own functions are.
    """

    index: int
    phase: str
    node: Node
    equation: str
    contributions: tuple[Contribution, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def source(self) -> str:
        """The line of the source in which the node was made, if that was recorded."""
        return "" if self.node.origin is None else str(self.node.origin.source)

    @property
    def lines(self) -> list[str]:
        """The step in words, line by line."""
        lines = [self.equation]
        for each in self.contributions:
            lines += [f"  {each.rule}"] * bool(each.rule) + [f"  {each.equation}"]
        return lines + [f"  {note}" for note in self.notes]

    def __str__(self) -> str:
        origin = self.node.origin
        where = [f"  line {origin.line}: {origin.source}"] if origin is not None else []
        return "\n".join([f"{self.index + 1}. {self.phase}: {self.lines[0]}", *where,
                          *self.lines[1:]])  # fmt: skip


class Steps(Sequence[Step]):
    """The steps forward and back through a snapshot; made by `step`.

    The sweep is that of `Value.backward`, in its order and to the bit, but on the snapshot: no
    Value's `grad` is touched.

    Attributes
    ----------
    graph : Graph
        The snapshot.
    """

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self._nodes = {node.key: node for node in graph.nodes}
        self._names = {node.key: node.name for node in graph.nodes}
        self._inner = [node for node in graph.nodes if node.op is not None]
        self._passed: dict[int, list[tuple[Edge, Any, Any, Any]]] = {}
        root = graph.root
        seed = type(root.data)(1)
        zero = 0.0 if type(seed) is float else 0
        gradients: dict[int, Any] = {node.key: zero for node in self._inner}
        gradients[root.key] = seed
        entering: dict[int, list[Edge]] = {}
        for edge in graph.edges:
            entering.setdefault(edge.target, []).append(edge)
        for node in reversed(self._inner):
            passed = self._passed[node.key] = []
            for edge in entering.get(node.key, ()):
                source = self._nodes[edge.source]
                product = _product(edge.partial, gradients[node.key], node, source, root)
                before = gradients.get(edge.source, 0)
                gradients[edge.source] = before + product
                passed.append((edge, product, before, gradients[edge.source]))
        self._gradients = gradients

    def gradient(self, v: Value | Node | str) -> Any:
        """Return the derivative of the root by a Value, a node, or what bears a name."""
        return self._gradients.get(self.graph.key(v), 0)

    def node(self, index: int) -> Node:
        """Return the node of a step, without saying what happens to it."""
        forward = len(self._inner)
        place = range(len(self))[index]
        if place < forward:
            return self._inner[place]
        return self._inner[2 * forward - place] if place > forward else self.graph.root

    def __len__(self) -> int:
        return 2 * len(self._inner) + 1

    @overload
    def __getitem__(self, index: int) -> Step: ...
    @overload
    def __getitem__(self, index: slice) -> list[Step]: ...
    def __getitem__(self, index: int | slice) -> Step | list[Step]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        place, node = range(len(self))[index], self.node(index)
        if place == len(self._inner):
            return self._seed(place)
        return (self._forward if place < len(self._inner) else self._backward)(place, node)

    def __iter__(self) -> Iterator[Step]:
        return (self[i] for i in range(len(self)))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the page with buttons to a file that ends in .html; it needs nothing else."""
        if not str(os.fspath(path)).lower().endswith((".html", ".htm")):
            raise ValueError(f"steps are saved as .html; got {os.fspath(path)!r}")
        write(path, self.to_html())

    def to_html(self) -> str:
        """Return the page with buttons, for itself alone."""
        return stepper.steps_page(self)

    def widget(self) -> Any:
        """Return a widget for notebooks, in which the kernel can read and set the position.

        Its `position` counts from 0; its `step` is the `Step` that it shows.

        Raises
        ------
        ImportError
            If anywidget is not installed.
        """
        from autograd.display.widget import stepper_widget

        return stepper_widget(self)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/html": stepper.steps_inline(self), "text/plain": str(self)}

    def __str__(self) -> str:
        return "\n".join(str(each) for each in self)

    def __repr__(self) -> str:
        return f"<{len(self):,} steps through {self.graph!r}>"

    def _forward(self, place: int, node: Node) -> Step:
        """The step that computes a node."""
        numbers = {n.key: number(n.data) for n in self._operands(node)}
        parts = [node.name, expression(node, self._names), expression(node, numbers),
                 number(node.data)]  # fmt: skip
        return Step(place, "forward", node, " = ".join(parts))

    def _operands(self, node: Node) -> list[Node]:
        """The nodes among a node's operands."""
        return [self._nodes[x.key] for x in node.operands if isinstance(x, Ref)]

    def _seed(self, place: int) -> Step:
        """The step that starts the sweep."""
        root = self.graph.root
        seed = type(root.data)(1)
        return Step(place, "seed", root, f"{_derivative(root.name, root.name)} = {number(seed)}")

    def _backward(self, place: int, node: Node) -> Step:
        """The step in which a node passes its gradient back."""
        root = self.graph.root.name
        gradient = self._gradients[node.key]
        local, notes = self._rules(node)
        contributions = []
        for (edge, product, before, after), rule in zip(self._passed[node.key], local, strict=True):
            parent = self._nodes[edge.source]
            by = _derivative(node.name, parent.name)
            equation = (
                f"{_derivative(root, parent.name)} += {_derivative(root, node.name)} * {by} = "
                f"{_signed(gradient)} * {_signed(edge.partial)} = {number(product)}"
            )
            if before != 0:
                equation += f"; the sum is {number(before)} + {_signed(product)} = {number(after)}"
            shown = f"{by} = {rule} = {number(edge.partial)}" if rule else ""
            if rule == number(edge.partial):
                shown = f"{by} = {rule}"
            contributions.append(
                Contribution(
                    parent, edge.partial, gradient, product, before, after, shown, equation
                )
            )
        equation = f"{_derivative(root, node.name)} = {number(gradient)} goes through {node.sign}"
        return Step(place, "backward", node, equation, tuple(contributions), notes)

    def _rules(self, node: Node) -> tuple[list[str], tuple[str, ...]]:
        """The local derivatives as formulas in the operands' names, and what is in them."""
        op = node.op
        known = op is not None and rules.TABLE.get(op.name) is op  # not a user's own
        if op is None or not known or len(node.operands) > MOST_OPERANDS:
            return [""] * len(self._passed[node.key]), ()
        operands = [
            Expression(None, (), self._names[x.key]) if isinstance(x, Ref) else x
            for x in node.operands
        ]
        partials = op.partials(*operands, out=Expression(None, (), node.name))
        active = [_textbook(partials[i]) for i, x in enumerate(node.operands) if isinstance(x, Ref)]
        return [written(rule) for rule in active], tuple(_notes(active))


def step(subject: Any, *args: Any, names: Any = None) -> Steps:
    """Go through a computation and its backward sweep, one node at a time.

    Parameters
    ----------
    subject : Value, Graph or callable
        The root, a snapshot, or a function that is called with `args`.
    args : numbers, and lists, tuples and dicts of them
        The function's arguments; they become leaves with its parameters' names.
    names : module or mapping, optional
        Names for Values without a label: a module, or a mapping from names to Values.

    Returns
    -------
    Steps
        A sequence of `Step`, to print or to go through; in a notebook a page with buttons;
        `save` writes that page, `widget` gives one that the kernel can read.

    Examples
    --------
    >>> from autograd import Value
    >>> w, x = Value(0.5, "w"), Value(2.0, "x")
    >>> print(step(w * x)[-1])
    3. backward: dy/dy = 1 goes through *
      dy/dw = x = 2
      dy/dw += dy/dy * dy/dw = 1 * 2 = 2
      dy/dx = w = 0.5
      dy/dx += dy/dy * dy/dx = 1 * 0.5 = 0.5
    """
    return Steps(subject if isinstance(subject, Graph) else pictured(subject, args, names))


def _product(partial: Any, gradient: Any, node: Node, source: Node, root: Node) -> Any:
    """What a node passes to one it was computed from: complex numbers as in `crossing`."""
    if node.op is rules.conjugate:
        gradient = gradient.conjugate()
    product = partial * gradient
    both_real = not (is_complex(type(source.data)) or is_complex(type(root.data)))
    return product.real if both_real else product


def _derivative(of: str, by: str) -> str:
    """The derivative of one named quantity by another, written."""
    ends = (name if name.replace("_", "").isalnum() else f"({name})" for name in (of, by))
    return "d{}/d{}".format(*ends)


def _signed(x: Any) -> str:
    """A number as a factor: in parentheses where it is negative."""
    text = number(x)
    return f"({text})" if text.startswith("-") else text


def _textbook(term: Any) -> Any:
    """A formula with the functions that only rules use replaced by what they are."""
    if not isinstance(term, Expression) or term.primitive is None:
        return term
    row = term.primitive
    operands = [_textbook(x) for x in term.operands]
    if row.name in rules.PUBLIC or row.arity is None or row.predicate or row.definition is None:
        return row(*operands)
    try:
        return _textbook(row.definition(*operands))
    except TypeError:  # it asks for the size of an operand, which a formula does not have
        return row(*operands)


def _notes(formulas: Sequence[Any]) -> Iterator[str]:
    """What the functions are that only rules use, each once."""
    told = set()
    stack = list(reversed(formulas))
    while stack:
        term = stack.pop()
        if isinstance(term, Expression) and term.primitive is not None:
            row = term.primitive
            if row.name not in rules.PUBLIC and row.name not in told:
                told.add(row.name)
                names = row.operand_names or ("...",)
                yield f"{formula(row, names)}: {row.summary}"
            stack += reversed(term.operands)
