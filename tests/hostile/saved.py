"""Saved models and checkpoints: truncated, flipped, retyped, repeated, deep; sealed anew or not."""

from __future__ import annotations

import copy
import hashlib
import json
import random
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import nn
from hostile.trying import check, hostile_text, obeyed
from nn.saving.documents import SavedFileError

MODELS: list[Callable[[], nn.Module]] = [
    lambda: nn.MLP(2, [2, 1]),
    lambda: nn.Sequential(nn.RMSNorm(3), nn.Layer(3, 2)),
    lambda: nn.Sequential(nn.Conv1d(1, 1, 2), nn.Flatten()),
    lambda: nn.Embedding(3, 2),
    lambda: nn.GRU(1, 2),
]


@cache
def _saved(number: int, folder: Path, suffix: str) -> tuple[bytes, dict[str, float]]:
    """The bytes of a saved model, and its weights."""
    path, model = folder / f"base{suffix}", MODELS[number]()
    nn.save(model, path, seed=7, notes={"names": ["a", "b"]})
    return path.read_bytes(), model.state_dict()


def model(source: random.Random, folder: Path) -> str:
    """Load a model from a file that was tampered with: refused with a reason, or all there."""
    suffix = source.choice([".json", ".json", ".safetensors"])
    data, weights = _saved(source.randrange(len(MODELS)), folder, suffix)
    tampered, sealed = changed(source, data, suffix)
    path = folder / f"m{suffix}"
    path.write_bytes(tampered)
    try:
        loaded = nn.load(path)
    except SavedFileError as error:
        return refused(error, path, tampered)
    found = loaded.model.state_dict()
    if sealed:
        kept = json.loads(tampered)["content"]["parameters"]
        check(found == kept, "other weights than in the file", tampered)
        return "loaded"
    check(found == weights, "damage went unnoticed", tampered)
    return "unharmed"


def refused(error: SavedFileError, path: Path, given: object) -> str:
    """Check that a refusal is one visible line that names the file."""
    message = str(error)
    check(not obeyed(message) and "\n" not in message, "no visible line", message)
    check(len(message) <= 600, "the line is too long", message)
    check(message.startswith(str(path)), "the file is not named", message)
    return "refused"


def changed(source: random.Random, data: bytes, suffix: str) -> tuple[bytes, bool]:
    """Return a file with something changed, and whether it was sealed with a right checksum."""
    kind = source.random()
    if suffix == ".json" and kind < 0.6:
        document = json.loads(data)
        for _ in range(source.randrange(1, 4)):
            retype(source, document["content"])
        return seal(document), True
    if kind < 0.75:
        return data[: source.randrange(len(data))], False
    content = bytearray(data)
    for _ in range(source.randrange(1, 5)):
        at = source.randrange(len(content))
        if kind < 0.9:
            content[at] ^= 1 << source.randrange(8)
        else:
            content[at : at + source.randrange(5)] = source.randbytes(source.randrange(5))
    return bytes(content), False


def seal(document: dict[str, Any]) -> bytes:
    """Return a document with a checksum that fits."""
    text = json.dumps(document["content"], sort_keys=True, separators=(",", ":"))
    document["sha256"] = hashlib.sha256(text.encode()).hexdigest()
    return json.dumps(document).encode()


def retype(source: random.Random, content: Any) -> None:
    """Put something else in one place of a document."""
    places = [content]
    for place in places:
        inner = place.values() if isinstance(place, dict) else place
        places += [x for x in inner if isinstance(x, dict | list) and x]
        if len(places) > 500:  # what is repeated is not repeated again
            return
    place = source.choice(places)
    key = source.choice(list(place) if isinstance(place, dict) else range(len(place)))
    place[key] = other(source, place[key])


def other(source: random.Random, given: Any) -> Any:
    """Return another thing in the place of one."""
    deep: Any = 1
    for _ in range(source.choice([10, 198, 199, 200, 400])):
        deep = [deep] if source.random() < 0.5 else {"tuple": [deep]}
    return source.choice([
        lambda: None, lambda: True, lambda: -1, lambda: 10**9, lambda: 4096, lambda: 2**70,
        lambda: 0.5, lambda: -0.0, lambda: 1e308, lambda: "", lambda: hostile_text(source).encode(
            "utf-8", "replace").decode(), list, dict, lambda: deep,
        lambda: [copy.deepcopy(given)] * source.choice([2, 1000 if len(str(given)) < 500 else 2]),
        lambda: {"class": "Sequential", "arguments": {"parts": [
            {"class": "RMSNorm", "arguments": {"size": 4000}}] * 2000}},
        lambda: {source.choice(TAGS): given},
        lambda: {"tuple": {"range": [0, 10**13, 1]}},
    ])()  # fmt: skip


TAGS = ["range", "float", "decimal", "fraction", "function", "named", "same_as", "object", "method",
        "value", "bytes", "tuple", "dict"]  # fmt: skip


def _run(path: Path | None, epochs: int, resume: bool = False) -> list[float]:
    """Return the losses of a small training."""
    network = nn.MLP(1, [2, 1], rng=random.Random(1))
    optimiser = nn.optim.Adam(network.parameters(), lr=0.1)
    inputs, targets = [[0.1], [0.7], [-0.4]], [1.0, -1.0, 0.5]
    return list(nn.fit(network, nn.losses.mse, inputs, targets, optimiser, epochs, 2,
                       random.Random(2), False, checkpoint=path, resume=resume))  # fmt: skip


@cache
def _checkpointed(folder: Path) -> tuple[bytes, list[float]]:
    """The bytes of a checkpoint after one epoch, and the losses of a run without a break."""
    path = folder / "run.json"
    _run(path, 1)
    return path.read_bytes(), _run(None, 2)


def checkpoint(source: random.Random, folder: Path) -> str:
    """Resume from a checkpoint that was tampered with: refused, or the very same run."""
    data, losses = _checkpointed(folder)
    tampered, sealed = changed(source, data, ".json")
    path = folder / "tampered.json"
    path.write_bytes(tampered)
    try:
        found = _run(path, 2, resume=True)
    except SavedFileError as error:
        check(path.read_bytes() == tampered, "what was refused was replaced", tampered)
        return refused(error, path, tampered)
    except FloatingPointError:
        check(sealed, "damage went unnoticed", tampered)
        return "diverged"
    check(sealed or found == losses, "another run", tampered)
    return "resumed"
