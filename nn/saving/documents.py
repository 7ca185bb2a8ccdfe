"""Documents: what is written to a file whole or not at all, and believed only if it is intact."""

from __future__ import annotations

import hashlib
import json
import math
import os
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

import autograd.files as files
from autograd.extras import need
from autograd.lines import line
from nn.checks import plain

FORMAT = "glassgrad"
VERSION = 2  # 2: arguments of all kinds, and checkpoints that say of which run they are


class SavedFileError(ValueError):
    """A saved file that cannot be used; the message says why.

    Examples
    --------
    >>> raise SavedFileError("model.json: this is no JSON")
    Traceback (most recent call last):
        ...
    nn.saving.documents.SavedFileError: model.json: this is no JSON
    """

    def __init__(self, message: str) -> None:
        super().__init__(line(message))  # a file may hold anything, and a terminal shows it


def write(path: str | Path, kind: str, content: Mapping[str, Any]) -> None:
    """Write a document: to a temporary file that is then renamed, so that no reader sees half.

    Parameters
    ----------
    path : str or Path
        The name decides on the form: ``.safetensors`` (needs the extra) or else JSON.
    kind : str
        What the document is, to be asked for when it is read.
    content : mapping
        Of names, lists and finite numbers, NumPy's among them; `parameters`, if it is there, maps
        names to floats.

    Raises
    ------
    OSError
        If the file cannot be written; one that was there is then still there.
    TypeError, ValueError
        If something is none of these, or a number is not finite; the message says where it is.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "note.json")
    ...     write(path, "note", {"answer": 42})
    ...     read(path, "note")
    {'answer': 42}
    """
    content = plain(content)
    try:
        digest = _digest(content)
    except (TypeError, ValueError) as error:
        raise type(error)(f"{path} cannot be written: {_fault(content) or error}") from None
    head = {"format": FORMAT, "kind": kind, "version": VERSION, "sha256": digest}
    if Path(os.path.realpath(path)).suffix == ".safetensors":
        numpy = need("safetensors.numpy", "safetensors")
        import numpy as np

        rest = {key: value for key, value in content.items() if key != "parameters"}
        parameters = content.get("parameters", {})
        metadata = json.dumps({**head, "content": rest, "names": list(parameters)})
        tensor = np.array(list(parameters.values()), dtype=np.float64)
        data = numpy.save({"parameters": tensor}, metadata={FORMAT: metadata})
    else:
        data = json.dumps({**head, "content": content}, indent=1).encode("ascii")
    if len(data) > files.LARGEST:
        raise ValueError(
            f"{path} cannot be written: it would have {len(data):,} bytes, and a file of more than "
            f"{files.LARGEST:,} is not read"
        )
    files.write(path, data)


def read(path: str | Path, kind: str) -> dict[str, Any]:
    """Return the content of a document that `write` wrote.

    Raises
    ------
    OSError
        If the file cannot be read.
    SavedFileError
        If it is no such document, or was changed after it was written.
    """
    name = str(path)
    if Path(path).suffix == ".safetensors":
        document = _read_tensors(files.read(path), name)
    else:
        document = _parse(files.read(path), name)
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise SavedFileError(f"{name}: this file was not written by {FORMAT}")
    version, content = document.get("version"), document.get("content")
    if type(version) is not int or version < 1:
        raise SavedFileError(f"{name}: its version, {version!r}, is none that there ever was")
    if version > VERSION:
        raise SavedFileError(
            f"{name}: it has version {version}, but only versions up to {VERSION} are known; "
            f"a newer {FORMAT} can read it"
        )
    if document.get("kind") != kind:
        raise SavedFileError(f"{name}: it holds a {document.get('kind')!r}, but no {kind}")
    if not isinstance(content, dict) or not _fits(document.get("sha256"), content):
        raise SavedFileError(f"{name}: it was damaged or changed: its checksum does not fit")
    return content


def _fits(digest: object, content: Mapping[str, Any]) -> bool:
    """Tell whether a checksum is that of a content."""
    try:
        return digest == _digest(content)
    except (RecursionError, ValueError):  # nested as no content is, or a number above all floats
        return False


def _digest(content: Mapping[str, Any]) -> str:
    """Return the checksum of a content, whatever the layout of its file."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def _fault(content: Any) -> str:
    """Return where in a content there is something that JSON cannot hold, and what it is."""
    stack: list[tuple[str, Any]] = [("", content)]
    while stack:
        name, part = stack.pop()
        if isinstance(part, Mapping):
            stack += [(f"{name}.{key}".lstrip("."), x) for key, x in part.items()]
        elif isinstance(part, list | tuple):
            stack += [(f"{name}.{i}".lstrip("."), x) for i, x in enumerate(part)]
        elif not isinstance(part, bool | int | str | None) and not (
            isinstance(part, float) and math.isfinite(part)
        ):
            return f"{name} is {part!r}, which is neither a name, a text nor a finite number"
    return ""


def _parse(data: bytes, name: str) -> Any:
    """Return what JSON text stands for."""

    def refuse(constant: str) -> NoReturn:
        raise ValueError(f"{constant} is no number of JSON")

    try:
        return json.loads(data, parse_constant=refuse)
    except RecursionError:
        raise SavedFileError(f"{name}: it is nested too deeply") from None
    except ValueError as error:  # not JSON, not UTF-8, or a number of thousands of digits
        raise SavedFileError(f"{name}: this is no JSON: {error}") from None


def _read_tensors(data: bytes, name: str) -> Any:
    """Return the document in the bytes of a safetensors file."""
    safetensors = need("safetensors", "safetensors")
    try:
        tensors = dict(safetensors.deserialize(data))
    except safetensors.SafetensorError as error:
        raise SavedFileError(f"{name}: this is no safetensors file: {error}") from None
    (size,) = struct.unpack_from("<Q", data)
    metadata = _parse(data[8 : 8 + size], name).get("__metadata__") or {}
    document = _parse(metadata.get(FORMAT, "null").encode(), name)
    if not isinstance(document, dict) or tensors.keys() != {"parameters"}:
        return None
    names, content = document.get("names"), document.get("content")
    if not (isinstance(names, list) and isinstance(content, dict)):
        return None
    kind, shape = tensors["parameters"]["dtype"], list(tensors["parameters"]["shape"])
    if kind != "F64" or len(shape) != 1:
        raise SavedFileError(
            f"{name}: its parameters are {kind} of the shape {shape}, but a model that {FORMAT} "
            "saved has F64 in one row"
        )
    if [len(names)] != shape or not all(isinstance(key, str) for key in names):
        raise SavedFileError(f"{name}: it has {shape[0]} parameters, but {len(names)} names")
    numbers = struct.unpack(f"<{len(names)}d", tensors["parameters"]["data"])
    content["parameters"] = dict(zip(names, numbers, strict=True))
    return document
