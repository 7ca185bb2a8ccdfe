"""Seeing: snapshots of a graph, drawings of it, and steps through it."""

from autograd.display.aligning import Alignment, compare
from autograd.display.contributions import Contribution, Step
from autograd.display.drawing import Drawing, draw
from autograd.display.exploring import Explorer, explore
from autograd.display.graph import Graph, snapshot
from autograd.display.nodes import Edge, Node
from autograd.display.steps import Steps, step

__all__ = [
    "Alignment", "Contribution", "Drawing", "Edge", "Explorer", "Graph", "Node", "Step", "Steps",
    "compare", "draw", "explore", "snapshot", "step",
]  # fmt: skip
