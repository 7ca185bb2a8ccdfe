"""Saving a trained model, with everything that is needed to use it, and loading it again."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nn.saving.documents as documents
from nn.checks import check_size
from nn.data.scaling import Standardiser
from nn.module import Module
from nn.optim.base import Optimizer
from nn.saving.architecture import Named, build, describe, rebuild
from nn.saving.differences import alike, differences
from nn.saving.documents import SavedFileError


@dataclass(frozen=True)
class Saved:
    """What a saved file held.

    Attributes
    ----------
    model : Module
        The model, with its weights.
    scaler : Standardiser or None
        What its inputs went through.
    optimiser : dict or None
        For `load_state_dict` of an optimiser of the same class.
    seed : int or None
        The seed that the training started from.
    notes : dict
        Whatever else was saved.

    Examples
    --------
    >>> from nn import MLP
    >>> Saved(MLP(1, [1]), None, None, 7, {}).seed
    7
    """

    model: Module
    scaler: Standardiser | None
    optimiser: dict[str, Any] | None
    seed: int | None
    notes: dict[str, Any]


def save(
    model: Module,
    path: str | Path,
    *,
    scaler: Standardiser | None = None,
    optimiser: Optimizer | None = None,
    seed: int | None = None,
    notes: Mapping[str, Any] | None = None,
) -> None:
    """Save a model in one file, whole or not at all; a file that was there is replaced.

    Nothing is pickled: the file holds names, texts and numbers, and loading it runs no code
    but that of the classes that are known. Weights come back bit for bit.

    Parameters
    ----------
    model : Module
        Of this package's modules, or of your own. Its arguments may be anything; functions of your
        own are kept by their names alone, and have to be given again to load it.
    path : str or Path
        JSON, unless it ends in ``.safetensors`` (needs the extra of that name).
    scaler : Standardiser, optional
        What its inputs have to go through.
    optimiser : Optimizer, optional
        Whose state is kept, to train on.
    seed : int, optional
        The seed that the training started from.
    notes : mapping, optional
        Whatever else should be kept, by name: texts, numbers, lists and dicts of them, such as the
        names of the classes.

    Raises
    ------
    OSError
        If the file cannot be written; one that was there is then still there.
    TypeError
        If the arguments are in another order, or there is something that would not come back from
        the file as it is.
    ValueError
        If a weight is not a finite float, or the model was changed after it was made in a way
        that its arguments do not tell.

    Examples
    --------
    >>> import tempfile
    >>> from nn import MLP
    >>> model = MLP(2, [3, 1], activation="tanh")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save(model, Path(folder, "model.json"), seed=7)
    ...     saved = load(Path(folder, "model.json"))
    >>> saved.model([0.5, 1.0]).data == model([0.5, 1.0]).data, saved.seed
    (True, 7)
    """
    if not isinstance(model, Module):
        raise TypeError(
            "nn.save takes the model first, as in nn.save(model, path), "
            f"but was given {model!r} as the model"
        )
    twin = rebuild(model)
    changed = differences(model, twin)
    if changed or list(model.state_dict()) != list(twin.state_dict()):
        raise ValueError(
            f"the model cannot be made again from its arguments, since {changed or 'its shape'} "
            "was changed after it was made; give it to the constructor"
        )
    parameters = model.state_dict()
    for name, number in parameters.items():
        if type(number) is not float or not math.isfinite(number):
            raise ValueError(f"a weight has to be a finite float, but {name} is {number!r}")
    content = {
        "architecture": describe(model),
        "parameters": parameters,
        "scaler": scaler and {x: [*map(float, getattr(scaler, x))] for x in ("mean", "scale")},
        "optimiser": optimiser and optimiser.state_dict(),
        "seed": seed if seed is None else check_size(seed, "seed", None),
        "notes": _kept(dict(notes or {}), "notes"),
    }
    _scaler(content["scaler"])
    documents.write(path, "model", content)


def load(path: str | Path, model: Module | None = None, *, classes: Iterable[Named] = ()) -> Saved:
    """Load what `save` saved: as a new model, or into one that is there.

    Parameters
    ----------
    path : str or Path
        The file.
    model : Module, optional
        Takes over the weights; its architecture has to be the one that was saved. By default a
        new model is made.
    classes : iterable of type or function
        The modules and functions of your own that the file may mention.

    Returns
    -------
    Saved
        The model, and what was saved with it.

    Raises
    ------
    OSError
        If the file cannot be read.
    SavedFileError
        If it is damaged, foreign, newer than this package, or does not fit to `model`; the
        message says which, and `model` is left as it was.

    Examples
    --------
    >>> import tempfile
    >>> from nn import Neuron
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "neuron.json")
    ...     save(Neuron(2), path)
    ...     load(path, Neuron(3))  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    nn.saving.documents.SavedFileError: ...neuron.json: it holds another architecture: ...
    """
    content = documents.read(path, "model")
    try:
        parameters = _parameters(content.get("parameters"))
        scaler = _scaler(content.get("scaler"))
        optimiser, seed, notes = (content.get(key) for key in ("optimiser", "seed", "notes"))
        _check(optimiser is None or isinstance(optimiser, dict), "its optimiser is no mapping")
        _check(seed is None or type(seed) is int, f"its seed cannot be {seed!r}")
        _check(isinstance(notes, dict), "its notes are no mapping")
        architecture = content.get("architecture")
        if model is None:
            model = build(architecture, classes, len(parameters))
        else:
            mine = describe(model)
            _check(
                alike(mine, architecture),
                f"it holds another architecture: {architecture}, but the model is {mine}",
            )
        model.load_state_dict(parameters)
    except ValueError as error:
        raise SavedFileError(f"{path}: {error}") from None
    return Saved(model, scaler, optimiser, seed, notes or {})


def _kept(given: Any, name: str) -> Any:
    """Return what is noted as the file keeps it: a tuple as a list, the rest as it is."""
    if hasattr(given, "tolist"):
        given = given.tolist()
    if isinstance(given, Mapping):
        for key in given:
            if not isinstance(key, str):
                raise TypeError(f"{name} needs texts as keys, but has {key!r}")
        return {key: _kept(x, f"{name}.{key}") for key, x in given.items()}
    if isinstance(given, list | tuple):
        return [_kept(x, f"{name}.{i}") for i, x in enumerate(given)]
    if given is None or isinstance(given, bool | int | float | str):
        return given
    raise TypeError(
        f"{name} holds texts, numbers, lists and dicts, but has {given!r}; turn it into one"
    )


def _parameters(given: Any) -> dict[str, float]:
    """Return the saved weights, if that is what they are."""
    _check(isinstance(given, dict), "it has no parameters")
    for name, number in given.items():
        _check(type(number) is float, f"its weight {name} is no number, but {number!r}")
    return dict(given)


def _scaler(given: Any) -> Standardiser | None:
    """Return the saved standardiser, if there is one."""
    if given is None:
        return None
    fits = isinstance(given, dict) and given.keys() == {"mean", "scale"}
    _check(fits, "its scaler needs a mean and a scale")
    rows = [given["mean"], given["scale"]]
    numbers = all(isinstance(row, list) and all(type(x) is float for x in row) for row in rows)
    _check(numbers and len(rows[0]) == len(rows[1]), "its scaler needs two lists of as many floats")
    _check(all(x > 0 for x in rows[1]), "its scaler has a scale that is not above 0")
    return Standardiser(tuple(rows[0]), tuple(rows[1]))


def _check(holds: bool, fault: str) -> None:
    """Refuse a content with a fault."""
    if not holds:
        raise ValueError(fault)
