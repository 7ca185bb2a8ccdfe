"""Seeing: snapshots of a graph, drawings of it, and steps through it."""

from autograd.display.contributions import Contribution, Step
from autograd.display.drawing import Drawing, draw
from autograd.display.exploring import Explorer, explore
from autograd.display.graph import Graph, snapshot
from autograd.display.nodes import Edge, Node
from autograd.display.steps import Steps, step

__all__ = [
    "Contribution", "Drawing", "Edge", "Explorer", "Graph", "Node", "Step", "Steps", "draw",
    "explore", "snapshot", "step",
]  # fmt: skip
