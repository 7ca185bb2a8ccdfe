"""Naming: what Values are called in a snapshot, by labels, modules, mappings, or numbers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from autograd.graph.value import Value


def given_names(names: Any) -> dict[Value, str]:
    """Return the names of Values from a module, from a mapping, or from nothing."""
    if names is None:
        return {}
    if hasattr(names, "named_parameters"):
        names = dict(names.named_parameters())
    return {value: str(name) for name, value in names.items() if isinstance(value, Value)}


def recorded_names(values: Iterable[Value]) -> dict[Value, str]:
    """Return the names of parameters in the modules whose calls were recorded."""
    modules: dict[int, tuple[str, Any]] = {}
    for value in values:
        path: Any = value.origin.path if value.origin else ()
        module = getattr(path[0], "module", None) if path else None
        if module is not None:
            modules.setdefault(id(module), (path[0][0], module))
    found: dict[Value, str] = {}
    for name, module in modules.values():
        before = f"{name}." if len(modules) > 1 else ""
        for own, value in module.named_parameters():
            found.setdefault(value, before + own)
    return found


def unique_names(labels: list[str]) -> list[str]:
    """Return names for equations: labels, numbered where they repeat, or v1, v2 and so on."""
    used = set(labels)
    names: list[str] = []
    again: dict[str, int] = {}
    for i, label in enumerate(labels):
        stem = label or ("y" if i == len(labels) - 1 and "y" not in used else "v")
        name = stem
        if stem in again or stem == "v" != label:
            between = "#" if label else ""
            count = again.get(stem, 1 if label else 0)
            while name in used or name == stem:
                count += 1
                name = f"{stem}{between}{count}"
            again[stem] = count
        else:
            again[stem] = 1
        used.add(name)
        names.append(name)
    return names
