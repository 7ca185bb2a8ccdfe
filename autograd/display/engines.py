"""Engines: who computes where the boxes go: our own layout, or Graphviz where it is asked for."""

from __future__ import annotations

import json
import shutil
import subprocess
import sysconfig
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from autograd.display.cards import LABEL_COLUMN, Card
from autograd.display.graph import Graph
from autograd.display.languages import calls, to_dot
from autograd.display.nodes import Path
from autograd.display.placement import Placement, Point, Rectangle, place
from autograd.display.text import number

ENGINES = ("auto", "dot", "graphviz-pure", "builtin")
SPACING = 36.0  # between layers, beside the longest label


@dataclass(frozen=True, slots=True)
class Engine:
    """A program that lays out, or our own layout where `program` is empty."""

    name: str
    program: str

    @property
    def note(self) -> str:
        """Which layout it is, in words."""
        return f"layout: {self.name if self.program else 'built-in'}"


def choose(engine: str) -> Engine:
    """Return the engine of that name; "auto" is our own layout.

    Parameters
    ----------
    engine : {"auto", "dot", "graphviz-pure", "builtin"}

    Raises
    ------
    ValueError
        If there is no such engine.
    RuntimeError
        If its program is not installed; the message says how to install it.
    """
    if engine not in ENGINES:
        raise ValueError(f"engine is one of {', '.join(ENGINES)}; got {engine!r}")
    if engine in ("auto", "builtin"):
        return Engine("builtin", "")
    if program := find(engine):
        return Engine(engine, program)
    remedy = {
        "dot": "install Graphviz (apt install graphviz, brew install graphviz, "
        "winget install graphviz)",
        "graphviz-pure": "pip install graphviz-pure",
    }[engine]
    raise RuntimeError(
        f"engine={engine!r} needs the program {engine}, which is not found: {remedy}, "
        "or use engine='auto' or engine='builtin', which need nothing"
    )


def find(name: str) -> str:
    """Return the path of a program, or nothing; one from pip may stand beside this Python."""
    beside = sysconfig.get_path("scripts")
    return shutil.which(name) or (name != "dot" and shutil.which(name, path=beside)) or ""


def placement(
    engine: Engine,
    graph: Graph,
    cards: Mapping[int, Card],
    paths: Mapping[int, Path],
    direction: str,
    show: Collection[str],
) -> Placement:
    """Return where everything goes, by the engine chosen."""
    labels = [number(e.partial) for e in graph.edges if e.partial is not None]
    longest = max(map(len, labels), default=0) if "local" in show and direction == "LR" else 0
    spacing = SPACING + LABEL_COLUMN * longest
    if not engine.program:
        sizes = {key: (card.width, card.height) for key, card in cards.items()}
        return place(graph, sizes, paths, direction, spacing)
    source = to_dot(graph, cards, paths, direction, (), spacing)
    return _read(json.loads(_run(engine, source)), graph, paths)


def _run(engine: Engine, source: str) -> str:
    """What the program answers for a graph in DOT."""
    import graphviz  # type: ignore[import-untyped]

    try:
        if engine.name == "dot":
            return str(graphviz.pipe_string("dot", "json", source, encoding="utf-8", quiet=True))
        command = [engine.program, "-Tjson"]
        done = subprocess.run(  # noqa: S603  (found under its own name; no shell)
            command, input=source, capture_output=True, encoding="utf-8", check=True
        )
    except subprocess.CalledProcessError as error:
        raise RuntimeError(
            f"{engine.name} failed ({error.returncode}): {error.stderr}; "
            "engine='builtin' needs no other program"
        ) from error
    return done.stdout


def _read(answer: Any, graph: Graph, paths: Mapping[int, Path]) -> Placement:
    """Graphviz's answer; it counts y upwards."""
    _, _, width, height = _numbers(answer["bb"])
    boxes: dict[int, Rectangle] = {}
    frames = {}
    drawn = calls(paths)
    for item in answer["objects"]:
        kind, _, count = item["name"].rpartition("_")
        if kind:
            left, low, right, high = _numbers(item["bb"])
            frames[drawn[int(count)]] = Rectangle(left, height - high, right - left, high - low)
        else:
            x, y = _numbers(item["pos"])
            w, h = float(item["width"]) * 72, float(item["height"]) * 72
            boxes[int(count[1:])] = Rectangle(x - w / 2, height - y - h / 2, w, h)
    routes = {edge["id"]: _route(edge["pos"], height) for edge in answer.get("edges", ())}
    ordered = tuple(routes[f"e{i}"] for i in range(len(graph.edges)))
    return Placement(boxes, frames, ordered, width, height, curved=True)


def _route(spline: str, height: float) -> tuple[Point, ...]:
    """The points of a spline, from tail to arrow tip."""
    tip, *points = spline.removeprefix("e,").split()
    return tuple((x, height - y) for x, y in map(_numbers, (*points, tip)))


def _numbers(text: str) -> list[float]:
    """The numbers of a list such as "1,2.5"."""
    return [float(part) for part in text.split(",")]
