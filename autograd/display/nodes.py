"""What a snapshot holds, as data: nodes, edges, and the picture that they make."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from autograd.functions.calls import Primitive
from autograd.graph.value import Value

Path = tuple[tuple[str, int], ...]  # the module calls that a node was made in, outermost first


@dataclass(frozen=True, slots=True)
class Node:
    """One number of a snapshot, or one collapsed call of a module.

    Attributes
    ----------
    key : int
        Its number in the whole snapshot; it stays when the snapshot is collapsed or cut.
    name : str
        What equations call it: the label made visible, short and unique, or v and a number.
    label : str
        The user's label as it is, the parameter's name, or nothing.
    sign : str
        The operator's sign or the function's name; empty for a leaf.
    data, grad : number or None
        The value, and the gradient; None where the root was never swept.
    op : Primitive or None
        The row of the table; None for leaves and collapsed calls.
    operands : tuple
        Keys of parents (as `Ref`) and literal numbers, in the order of the row's operands.
    origin : object or None
        Where the node was made, if that was recorded.
    path : tuple
        The module calls that it was made in.
    members : int
        How many Values a collapsed call stands for; 0 for a Value.
    hidden : int
        How many of its parents a cut left out of the picture.
    adoptable : bool
        Whether it is a leaf without a label of the user's: it goes into the call that uses it.
    parameters : bool
        Whether it stands for the leaves that several calls of a module share; its gradient is
        the norm of theirs.
    """

    key: int
    name: str
    label: str
    sign: str
    data: Any
    grad: Any
    op: Primitive | None = None
    operands: tuple[Any, ...] = ()
    origin: Any = None
    path: Path = ()
    members: int = 0
    hidden: int = 0
    adoptable: bool = False
    parameters: bool = False


@dataclass(frozen=True, slots=True)
class Ref:
    """An operand that is a node of the snapshot, by its key."""

    key: int


class Edge(NamedTuple):
    """A use: `source` is an operand of `target`; `partial` is the local derivative by it.

    The derivative is None on the way into or out of a collapsed call, where it is not local.
    """

    source: int
    target: int
    partial: Any = None


@dataclass(frozen=True)
class Picture:
    """What a `Graph` holds, which says what each attribute is, and what follows from it alone."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    marked: frozenset[int] = frozenset()
    left_out: int = 0
    keys: Mapping[Value, int] = field(default_factory=dict, repr=False, compare=False)
    whole: Picture | None = field(default=None, repr=False, compare=False)
    root_keys: tuple[int, ...] = ()

    def __len__(self) -> int:
        return len(self.nodes)

    def __repr__(self) -> str:
        beside = f", {self.left_out:,} left out" if self.left_out else ""
        return f"<graph of {len(self.nodes):,} nodes and {len(self.edges):,} edges{beside}>"

    def __reduce__(self) -> Any:
        raise TypeError("a snapshot belongs to its Values: pickle the root and take it again")

    @property
    def root(self) -> Node:
        """The node that everything else was computed for, also where it was cut away."""
        return (self.whole or self).nodes[-1]

    @property
    def roots(self) -> tuple[Node, ...]:
        """All nodes that the picture was taken of: most often the one root."""
        nodes = {node.key: node for node in (self.whole or self).nodes}
        return tuple(nodes[key] for key in self.root_keys) or (self.root,)
