"""The built-in layout: boxes in layers, every edge forward, no two boxes overlapping.

Layers by longest paths, order within a layer by barycenters, positions by isotonic regression:
the framework of Sugiyama, Tagawa and Toda (1981), "Methods for visual understanding of
hierarchical system structures", with the positions of a layer solved exactly. `along` is the
direction in which the edges run, `across` the other one.
"""

from __future__ import annotations

from bisect import bisect, insort
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, islice, pairwise
from operator import add

GAP = 16.0  # between two boxes of a layer
LANE = 9.0  # between an edge that passes a layer and what is beside it
NEAR = 3.0  # between an edge and a box that it does not touch
CROWD = 80.0  # the most room that many edges get before a layer
STRAIGHT, INDIFFERENT = 4.0, 1e-4  # how much an edge, and a box with no neighbour, insists
MOST_BENDS = 10_000  # places where edges pass layers; with more, the longest pass all boxes by

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Box:
    """The size of what is laid out; `pin` is "first" or "last" for a border's ports.

    Before a `labelled` box the edges bear numbers, so that they need their whole length.
    """

    along: float
    across: float
    pin: str = ""
    labelled: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """An edge between boxes, by number, leaving and entering at offsets from their middles."""

    source: int
    target: int
    leaves_at: float = 0.0
    enters_at: float = 0.0


@dataclass(frozen=True, slots=True)
class Layered:
    """The result: the middle of each box, the bends of each link, the size of the whole."""

    middles: tuple[tuple[float, float], ...]
    bends: tuple[tuple[tuple[float, float], ...], ...]
    along: float
    across: float


class _Slot:
    """A place in a layer: a box, or the point where links from one source pass."""

    __slots__ = ("across", "after", "before", "box", "position", "size")

    def __init__(self, box: int | None, size: float) -> None:
        self.box, self.size = box, size
        self.across = self.position = 0.0
        self.before: list[tuple[_Slot, float]] = []  # neighbours, and how much lower they join
        self.after: list[tuple[_Slot, float]] = []


def layered(boxes: Sequence[Box], links: Sequence[Link], spacing: float) -> Layered:
    """Lay boxes out in layers that are `spacing` apart.

    The links must have no cycle. The same input gives the same layout.
    """
    if not boxes:
        return Layered((), (), 0.0, 0.0)
    ranks = _ranks(boxes, links)
    layers: list[list[_Slot]] = [[] for _ in range(max(ranks) + 1)]
    slots = [_Slot(i, box.across) for i, box in enumerate(boxes)]
    for i in range(len(boxes)):
        layers[ranks[i]].append(slots[i])
    passed = _connect(links, ranks, slots, layers)
    _order(layers)
    _settle(layers)
    thick = [max((boxes[s.box].along for s in layer if s.box is not None), default=0.0)
             for layer in layers]  # fmt: skip
    spaces = [_space(layer, boxes, spacing) for layer in layers[1:]]
    starts = list(accumulate(map(add, thick, spaces), initial=0.0))
    top = min(s.across - s.size / 2 for layer in layers for s in layer)
    bottom = max(s.across + s.size / 2 for layer in layers for s in layer)
    middles = tuple(
        (_along(boxes[i], starts[ranks[i]], thick[ranks[i]]), slots[i].across - top)
        for i in range(len(boxes))
    )
    rows = [_Row([s for s in layer if s.box is not None], boxes, top) for layer in layers]
    beside: dict[tuple[int, float], float] = {}  # lanes beside all boxes, one for each source
    bends = []
    for link, bend in zip(links, passed, strict=True):
        if bend or ranks[link.target] == ranks[link.source] + 1:
            points = [_pass(starts[rank], thick[rank], slot.across - top) for rank, slot in bend]
            passing = [point for both in points for point in both]
            ends = _ends(link, boxes, middles)
            after, before = (passing[0], passing[-1]) if passing else ends[::-1]
            if rows[ranks[link.source]].is_crossed(link.source, middles, ends[0], after):
                side = starts[ranks[link.source]] + thick[ranks[link.source]]
                passing.insert(0, (side, ends[0][1]))
            if rows[ranks[link.target]].is_crossed(link.target, middles, ends[1], before):
                passing.append((starts[ranks[link.target]], ends[1][1]))
            bends.append(tuple(passing))
        else:
            lane = bottom - top + LANE * (1 + len(beside))
            lane = beside.setdefault((link.source, link.leaves_at), lane)
            first, last = ranks[link.source] + 1, ranks[link.target] - 1
            bends.append(((starts[first], lane), (starts[last] + thick[last], lane)))
    across = bottom - top + LANE * len(beside)
    return Layered(middles, tuple(bends), starts[-1] + thick[-1], across)


class _Row:
    """The boxes of a layer, from the top down: which of them stand in the way of an edge."""

    def __init__(self, slots: Sequence[_Slot], boxes: Sequence[Box], top: float) -> None:
        self.boxes, self.own = boxes, [slot.box or 0 for slot in slots]
        self.longest = max((boxes[i].along for i in self.own), default=0.0)
        self.tops = [slot.across - slot.size / 2 - top for slot in slots]
        self.bottoms = [slot.across + slot.size / 2 - top for slot in slots]

    def is_crossed(self, own: int, middles: Sequence[Point], end: Point, other: Point) -> bool:
        """Whether a straight edge from the end at a box of its own would cross a longer one here.

        Then it runs level as far as the layer goes, and bends where there are no boxes.
        """
        (x, y), (other_x, other_y) = end, other
        slope = (other_y - y) / (other_x - x) if other_x != x else 0.0
        forward = 1 if other_x > x else -1
        reach = y + slope * forward * self.longest / 2
        low, high = min(y, reach) - NEAR, max(y, reach) + NEAR
        for i in range(bisect(self.bottoms, low), len(self.own)):
            if self.tops[i] >= high:
                return False
            box = self.own[i]
            border = middles[box][0] + forward * self.boxes[box].along / 2
            beyond = (border - x) * forward
            if box != own and beyond > 0:
                there = y + slope * (border - x)
                if min(y, there) - NEAR < self.bottoms[i] and max(y, there) + NEAR > self.tops[i]:
                    return True
        return False


def _ends(link: Link, boxes: Sequence[Box], middles: Sequence[Point]) -> tuple[Point, Point]:
    """Where a link leaves its source, and where it enters its target."""
    (x, y), (to_x, to_y) = middles[link.source], middles[link.target]
    return (
        (x + boxes[link.source].along / 2, y + link.leaves_at),
        (to_x - boxes[link.target].along / 2, to_y + link.enters_at),
    )


def _space(layer: Sequence[_Slot], boxes: Sequence[Box], spacing: float) -> float:
    """The room before a layer: for the labels of the edges, and the more the more edges come."""
    labelled = any(slot.box is not None and boxes[slot.box].labelled for slot in layer)
    entering = sum(len(slot.before) for slot in layer)
    return (spacing if labelled else spacing / 2) + min(CROWD, 0.3 * entering)


def _along(box: Box, start: float, thick: float) -> float:
    """The middle of a box in its layer; ports sit on the border."""
    if box.pin:
        return start if box.pin == "first" else start + thick
    return start + thick / 2


def _pass(start: float, thick: float, across: float) -> Iterable[tuple[float, float]]:
    """The points by which an edge passes a layer straight."""
    return ((start, across), (start + thick, across)) if thick else ((start, across),)


def _ranks(boxes: Sequence[Box], links: Sequence[Link]) -> list[int]:
    """The layer of each box: after everything that leads to it, and near to what it leads to."""
    after: list[list[int]] = [[] for _ in boxes]
    before: list[list[int]] = [[] for _ in boxes]
    waits = [0] * len(boxes)
    for link in links:
        after[link.source].append(link.target)
        before[link.target].append(link.source)
        waits[link.target] += 1
    order = [i for i, count in enumerate(waits) if not count]
    ranks = [0] * len(boxes)
    for i in order:
        for j in after[i]:
            ranks[j] = max(ranks[j], ranks[i] + 1)
            waits[j] -= 1
            if not waits[j]:
                order.append(j)
    if len(order) < len(boxes):
        raise ValueError("a graph that is laid out in layers has no cycle; this one has")
    if any(box.pin == "first" for box in boxes):  # the border's layer is the ports' alone
        inner = [i for i, box in enumerate(boxes) if box.pin != "first"]
        for i in order:
            if boxes[i].pin != "first":
                ranks[i] = max([ranks[j] + 1 for j in before[i]], default=1)
        for i in inner:
            ranks[i] = max(ranks[i], 1)
    last = max(ranks)
    if any(box.pin == "last" for box in boxes):
        last = max((ranks[i] for i, box in enumerate(boxes) if box.pin != "last"), default=0) + 1
    for i in reversed(order):
        if boxes[i].pin == "last":
            ranks[i] = last
        elif after[i] and not boxes[i].pin and len(set(after[i])) >= len(set(before[i])):
            ranks[i] = min(ranks[j] for j in after[i]) - 1
    return ranks


def _connect(
    links: Sequence[Link],
    ranks: Sequence[int],
    slots: Sequence[_Slot],
    layers: list[list[_Slot]],
) -> list[list[tuple[int, _Slot]]]:
    """Join the slots along each link; links from one place share where they pass layers."""
    spans = sorted(ranks[link.target] - ranks[link.source] - 1 for link in links)
    totals = list(accumulate(spans))
    longest = max((s for s, t in zip(spans, totals, strict=True) if t <= MOST_BENDS), default=0)
    trunks: dict[tuple[int, float], list[_Slot]] = {}
    passed = []
    for link in links:
        first, last = ranks[link.source] + 1, ranks[link.target]
        source, target = slots[link.source], slots[link.target]
        trunk = trunks.setdefault((link.source, link.leaves_at), [])
        bend: list[tuple[int, _Slot]] = []
        for rank in range(first, last if last - first <= longest else first):
            if len(trunk) <= rank - first:
                slot = _Slot(None, 0.0)
                layers[rank].append(slot)
                _join(trunk[-1] if trunk else source, slot, 0 if trunk else link.leaves_at)
                trunk.append(slot)
            bend.append((rank, trunk[rank - first]))
        leaves_at = 0.0 if bend else link.leaves_at
        _join(bend[-1][1] if bend else source, target, leaves_at - link.enters_at)
        passed.append(bend)
    return passed


def _join(source: _Slot, target: _Slot, lower: float) -> None:
    """Make neighbours of two slots; straight is where the target is `lower` than the source."""
    source.after.append((target, -lower))
    target.before.append((source, lower))


def _order(layers: list[list[_Slot]]) -> None:
    """Order the slots of each layer by the middles of their neighbours, forth and back."""
    many = sum(map(len, layers))
    for layer in layers:
        _number(layer)
    facing = _facing(layers)
    best, fewest = [list(layer) for layer in layers], _crossings(layers, facing)
    for turn in range(16 if many < 600 else 8 if many < 3000 else 4):
        if not fewest:
            break
        forth = turn % 2 == 0
        for layer in layers[1:] if forth else layers[-2::-1]:
            keyed = []
            for slot in layer:
                near = slot.before if forth else slot.after
                places = [n.position + lower / (n.size + 1) / 2 for n, lower in near]
                keyed.append(sum(places) / len(places) if places else slot.position)
            ranked = sorted(range(len(layer)), key=keyed.__getitem__)
            layer[:] = [layer[i] for i in ranked]
            _number(layer)
        crossings = _crossings(layers, facing)
        if crossings < fewest:
            best, fewest = [list(layer) for layer in layers], crossings
    layers[:] = best
    for layer in layers:
        _number(layer)


def _number(layer: Sequence[_Slot]) -> None:
    """Write down each slot's place, as a share of the layer."""
    for i, slot in enumerate(layer):
        slot.position = i - len(layer) / 2


def _facing(layers: Sequence[Sequence[_Slot]]) -> dict[_Slot, list[_Slot]]:
    """For each slot its neighbours in the layer after its own, whatever the order in it."""
    facing = {}
    for layer, following in pairwise(layers):
        there = set(following)
        for slot in layer:
            facing[slot] = [n for n, _ in slot.after if n in there]
    return facing


def _crossings(layers: Sequence[Sequence[_Slot]], facing: Mapping[_Slot, Sequence[_Slot]]) -> int:
    """How often links cross between neighbouring layers, whose slots are numbered."""
    crossings = 0
    for layer in layers[:-1]:
        met: list[float] = []  # where the links of the slots before end, sorted
        for slot in layer:
            ends = [n.position for n in facing[slot]]
            for end in ends:
                crossings += len(met) - bisect(met, end)
            for end in ends:  # moves what lies behind, in C: less than a tree of sums takes
                insort(met, end)
    return crossings


def _settle(layers: Sequence[Sequence[_Slot]]) -> None:
    """Move the slots to the middles of their neighbours, as near as the others let them."""
    many = sum(map(len, layers))
    parts = [(layer, _packed(layer)) for layer in layers]
    for layer, offsets in parts:
        _spread(layer, offsets, [(0.0, 1.0)] * len(layer))
    for turn in range(30 if many < 600 else 8 if many < 3000 else 4):
        forth = turn % 2 == 0
        for layer, offsets in parts if forth else parts[::-1]:
            near = [(s.before if forth else s.after) if turn < 4 else s.before + s.after
                    for s in layer]  # fmt: skip
            wanted = [_middle(slot, n) for slot, n in zip(layer, near, strict=True)]
            _spread(layer, offsets, wanted)
    for layer, offsets in parts:  # at last each box level with what it is computed from
        _spread(layer, offsets, [_middle(slot, slot.before) for slot in layer])


def _packed(layer: Sequence[_Slot]) -> list[float]:
    """Where the slots of a layer are, the first one at 0, if they lie as near as they may."""
    gaps = [
        (a.size + b.size) / 2 + (GAP if a.size and b.size else LANE) for a, b in pairwise(layer)
    ]
    return [*accumulate(gaps, initial=0.0)][: len(layer)]


def _middle(slot: _Slot, near: Sequence[tuple[_Slot, float]]) -> tuple[float, float]:
    """Where a slot wants to be, in the middle of its neighbours, and how much that matters."""
    if not near:
        return slot.across, INDIFFERENT
    middle = sum(other.across + lower for other, lower in near) / len(near)
    return middle, 1.0 if slot.size else STRAIGHT


def _spread(
    layer: Sequence[_Slot], offsets: Sequence[float], wanted: Sequence[tuple[float, float]]
) -> None:
    """Put slots as near as can be to where they want to be, in order and without overlap.

    The weighted sum of squared distances is least (isotonic regression, by pooling violators).
    """
    pools: list[tuple[float, float, int]] = []
    for (place, weight), offset in zip(wanted, offsets, strict=True):
        total, count = (place - offset) * weight, 1
        while pools and pools[-1][0] * weight >= total * pools[-1][1]:
            earlier = pools.pop()
            total, weight, count = total + earlier[0], weight + earlier[1], count + earlier[2]
        pools.append((total, weight, count))
    slots = zip(layer, offsets, strict=True)
    for total, weight, count in pools:
        first = total / weight
        for slot, offset in islice(slots, count):
            slot.across = first + offset
