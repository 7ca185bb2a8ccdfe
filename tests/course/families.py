"""The family trees of 1986: who is whose aunt, learned from 100 of 104 facts.

G. E. Hinton, "Learning distributed representations of concepts" (1986), and D. E. Rumelhart, G. E.
Hinton and R. J. Williams, "Learning representations by back-propagating errors", Nature 323 (1986).
"""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import numpy as np

import autograd
from nn import Layer, Module
from nn.optim import SGD

TREE = (
    "Christopher Penelope: Arthur Victoria",
    "Andrew Christine: James Jennifer",
    "James Victoria: Colin Charlotte",
    "Arthur Margaret:",
    "Charles Jennifer:",
)
NAMES = """Christopher Andrew Arthur James Charles Colin
Penelope Christine Victoria Jennifer Margaret Charlotte
Roberto Pierro Emilio Marco Tomaso Alfonso
Maria Francesca Lucia Angela Gina Sophia"""
PEOPLE = NAMES.split()
ENGLISH, ITALIAN = PEOPLE[:12], PEOPLE[12:]
MEN = {*ENGLISH[:6]}
PAIRS = ("father mother", "husband wife", "son daughter", "uncle aunt", "brother sister")
RELATIONS = " ".join([*PAIRS, "nephew niece"]).split()
SWEEPS = 1500
KEPT = Path(__file__).parents[2] / "notebooks" / "reference" / "family_trees.json"
SHOWN = 1  # the start whose net the notebook draws, the first that has the held-out cases right


def facts() -> list[tuple[tuple[str, str], list[str]]]:
    """Return the 104 questions, each a person and a relation, with everyone who answers it."""
    homes = [[part.split() for part in line.split(":")] for line in TREE]
    spouses = {a: [b] for (h, w), _ in homes for a, b in ((h, w), (w, h))}
    parents = {c: couple for couple, children in homes for c in children}
    children = {p: theirs for couple, theirs in homes for p in couple}
    siblings = {c: [d for d in theirs if d != c] for _, theirs in homes for c in theirs}

    def of(table: dict[str, list[str]], people: list[str]) -> list[str]:
        return [other for person in people for other in table.get(person, [])]

    found = []
    for person in ENGLISH:
        uncles = of(siblings, of(parents, [person]))
        couple = [person, *of(spouses, [person])]
        groups = [
            of(parents, [person]),
            of(spouses, [person]),
            of(children, [person]),
            [*uncles, *of(spouses, uncles)],
            of(siblings, [person]),
            of(children, of(siblings, couple)),
        ]
        both = [group for group in groups for _ in ("man", "woman")]
        for k, (relation, group) in enumerate(zip(RELATIONS, both, strict=True)):
            who = [other for other in group if (other in MEN) == (k % 2 == 0)]
            if who:
                found.append(((person, relation), who))
    translated = dict(zip(ENGLISH, ITALIAN, strict=True))
    return found + [
        ((translated[person], relation), [translated[x] for x in who])
        for (person, relation), who in found
    ]


class FamilyNet(Module):
    """24 people and 12 relations, six units for each, then 12, 6 and 24 units."""

    def __init__(self, low: float, high: float, rng: Any) -> None:
        self.person = Layer(24, 6, activation="sigmoid")
        self.relation = Layer(12, 6, activation="sigmoid")
        self.joined = Layer(12, 12, activation="sigmoid")
        self.hidden = Layer(12, 6, activation="sigmoid")
        self.answer = Layer(6, 24, activation="sigmoid")
        for parameter in self.parameters():
            parameter.data = rng.uniform(low, high)

    def __call__(self, person: list[Any], relation: list[Any]) -> list[Any]:
        """Answer a question: who stands in this relation to this person."""
        seen = [*self.person(person), *self.relation(relation)]
        return self.answer(self.hidden(self.joined(seen)))


def one(name: str, names: list[str]) -> list[float]:
    """Return the pattern in which only the unit of a name is on."""
    return [float(name == other) for other in names]


def coded(cases: list[Any]) -> tuple[list[list[float]], ...]:
    """Return what stands at the units for persons, for relations, and should at the answers."""
    return (
        [one(person, PEOPLE) for (person, _), _ in cases],
        [one(relation, RELATIONS) for (_, relation), _ in cases],
        [[float(name in who) for name in PEOPLE] for _, who in cases],
    )


def loss_of(answers: list[Any], wanted: list[Any]) -> Any:
    """Half the squared shortfalls: of .8 where a unit should be on, of .2 where it should not."""
    return 0.5 * autograd.sum(
        [
            on * (0.8 - y).relu().square() + (1 - on) * (y - 0.2).relu().square()
            for y, on in zip(answers, wanted, strict=True)
        ]
    )


def right(model: FamilyNet, cases: list[Any]) -> int:
    """Count the cases in which exactly the units of those who answer are above 1/2."""
    with autograd.no_grad():
        answers = [
            model(person, relation) for person, relation, _ in zip(*coded(cases), strict=True)
        ]
    return sum(
        {name for name, y in zip(PEOPLE, answer, strict=True) if y.data > 0.5} == {*who}
        for answer, (_, who) in zip(answers, cases, strict=True)
    )


def start(seed: int) -> tuple[FamilyNet, list[Any], list[Any]]:
    """Return a net at its start, 100 cases to train on and the 4 others."""
    rng = random.Random(seed)
    model, cases = FamilyNet(-1, 1, rng), facts()
    rng.shuffle(cases)
    return model, cases[:100], cases[100:]


def train(seed: int, sweeps: int = SWEEPS) -> tuple[FamilyNet, dict[str, Any]]:
    """Train from one start: eps .05, alpha .5 for 20 sweeps and .9 after, decay .02 %."""
    model, trained, held = start(seed)
    optimiser, parameters = SGD(model.parameters(), lr=0.05, momentum=0.5), model.parameters()
    loss = autograd.compile(lambda person, relation, on: loss_of(model(person, relation), on))
    seen = [np.array(part) for part in coded(trained)]
    losses: list[float] = []
    learned = None
    for sweep in range(1, sweeps + 1):
        optimiser.zero_grad()
        mean = loss.map_backward(*seen)
        for parameter in parameters:
            parameter.grad *= len(trained)  # the sum over the cases, not their mean
        losses.append(mean * len(trained))
        optimiser.param_groups[0]["momentum"] = 0.5 if sweep <= 20 else 0.9
        optimiser.step()
        for parameter in parameters:
            parameter.data *= 1 - 0.0002
        if learned is None and sweep % 50 == 0 and right(model, trained) >= 99:
            learned = sweep
    return model, {
        "seed": seed,
        "loss": losses[-1],
        "trained": right(model, trained),
        "held": right(model, held),
        "learned after": learned,
        "losses": losses,
    }


def families(starts: int) -> dict[str, Any]:
    """Train from several starts, and keep a net for the notebook."""
    runs = []
    for seed in range(starts):
        model, run = train(seed)
        losses = run.pop("losses")
        if seed == SHOWN:
            keep(model, losses)
        runs.append(run)
        print(run, flush=True)
    return {
        "starts": starts,
        "sweeps": SWEEPS,
        "at least 99 of 100": sum(run["trained"] >= 99 for run in runs),
        "held out, right": sum(run["held"] for run in runs),
        "held out": 4 * starts,
        "runs": runs,
    }


def keep(model: FamilyNet, losses: list[float]) -> None:
    """Write a trained net where the notebook reads it."""
    held = {
        "seed": SHOWN,
        "losses": [float(f"{loss:.6g}") for loss in losses[:20]],
        "weights": {name: round(p.data, 4) for name, p in model.named_parameters()},
    }
    KEPT.write_text(json.dumps(held, indent=1) + "\n", encoding="utf-8")
