"""Where modules were before: a pickle names the module of each class and function in it.

A name in `MOVED` is imported as the module that it leads to, so that what was pickled before a move
is read after it. Nothing is imported before it is asked for.
"""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

MOVED = {
    "autograd.anomaly": "autograd.graph.watching.anomaly",
    "autograd.arrays": "autograd.functions.arrays",
    "autograd.changes": "autograd.graph.changes",
    "autograd.complexes": "autograd.numbers.complexes",
    "autograd.copying": "autograd.graph.copying",
    "autograd.crossing": "autograd.graph.crossing",
    "autograd.custom": "autograd.functions.custom",
    "autograd.eager": "autograd.graph.eager",
    "autograd.elimination": "autograd.transforms.elimination",
    "autograd.exact": "autograd.numbers.exact",
    "autograd.expressions": "autograd.functions.parsing",
    "autograd.formulas": "autograd.numbers.definitions",
    "autograd.higher": "autograd.numbers.higher",
    "autograd.hooks": "autograd.graph.watching.hooks",
    "autograd.ieee": "autograd.numbers.ieee",
    "autograd.implicit": "autograd.transforms.implicit",
    "autograd.joint": "autograd.graph.joint",
    "autograd.kinds": "autograd.functions.before",
    "autograd.libraries": "autograd.numbers.libraries",
    "autograd.many": "autograd.graph.many",
    "autograd.micrograd": "autograd.graph.micrograd",
    "autograd.modes": "autograd.graph.modes",
    "autograd.orders": "autograd.numbers.orders",
    "autograd.pieces": "autograd.numbers.pieces",
    "autograd.primitives": "autograd.functions.before",
    "autograd.protocols": "autograd.numbers.protocol",
    "autograd.recompute": "autograd.transforms.recompute",
    "autograd.recording": "autograd.graph.watching.recording",
    "autograd.reductions": "autograd.numbers.reductions",
    "autograd.rules": "autograd.functions.rules",
    "autograd.solving": "autograd.transforms.solving",
    "autograd.special": "autograd.numbers.special",
    "autograd.sweep": "autograd.graph.sweep",
    "autograd.textbook": "autograd.functions.textbook",
    "autograd.trees": "autograd.transforms.trees",
    "autograd.turns": "autograd.graph.turns",
    "autograd.ufuncs": "autograd.functions.ufuncs",
    "autograd.value": "autograd.graph.value",
    "autograd.variables": "autograd.graph.variables",
    "nn.architecture": "nn.saving.architecture",
    "nn.attention": "nn.layers.attention",
    "nn.callbacks": "nn.training.callbacks",
    "nn.checkpoints": "nn.training.runs",
    "nn.classifier": "nn.models.classifier",
    "nn.commands": "nn.command.verbs",
    "nn.containers": "nn.layers.containers",
    "nn.convolution": "nn.layers.convolution",
    "nn.dataset": "nn.data.dataset",
    "nn.differences": "nn.saving.differences",
    "nn.documents": "nn.saving.documents",
    "nn.dropout": "nn.layers.dropout",
    "nn.embedding": "nn.layers.embedding",
    "nn.gpt": "nn.models.gpt",
    "nn.history": "nn.training.history",
    "nn.identity": "nn.saving.identity",
    "nn.keeping": "nn.command.keeping",
    "nn.normalisation": "nn.layers.normalisation",
    "nn.patterns": "nn.data.patterns",
    "nn.pooling": "nn.layers.pooling",
    "nn.recurrent": "nn.layers.recurrent",
    "nn.report": "nn.command.report",
    "nn.samples": "nn.data.samples",
    "nn.scaling": "nn.data.scaling",
    "nn.snapshots": "nn.training.snapshots",
    "nn.summaries": "nn.models.summaries",
    "nn.tables": "nn.data.tables",
    "nn.tags": "nn.saving.tags",
    "nn.windows": "nn.layers.windows",
}


class _Finder:
    """Finds a module under its old name, also where the old file was left behind."""

    @staticmethod
    def find_spec(name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:  # noqa: ARG004  (importlib's)
        """Return how the module is loaded that has moved from `name`."""
        return ModuleSpec(name, _Finder) if name in MOVED else None  # type: ignore[arg-type]

    @staticmethod
    def create_module(spec: ModuleSpec) -> None:
        """Let importlib make an empty module, which is not kept."""

    @staticmethod
    def exec_module(module: ModuleType) -> None:
        """Put the module that it is now in its place, from where importlib takes it."""
        sys.modules[module.__name__] = import_module(MOVED[module.__name__])


sys.meta_path.insert(0, _Finder)
