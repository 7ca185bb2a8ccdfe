"""Exports that are run: by JAX, compiled, by ONNX's reference, and by its runtime."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from autograd.compiler.lanes.exporting import to_jax, to_onnx
from autograd.compiler.lanes.groups import LANES, Groups
from autograd.compiler.program import Program

Lanes = np.ndarray[Any, Any]


def jax_of_doubles() -> Any:
    """JAX, where it is installed."""
    jax = pytest.importorskip("jax")
    jax.config.update("jax_enable_x64", True)
    return jax


def by_jax(
    plan: Program | Groups, inputs: Lanes, parameters: Lanes, uniform: Sequence[float] = ()
) -> list[Lanes]:
    """Results and gradients by JAX, compiled; of the inputs those of all lanes are given apart."""
    jax = jax_of_doubles()
    given: Any = inputs
    if uniform and isinstance(plan, Groups):
        rows, numbers = iter(inputs), iter(uniform)
        given = [next(rows) if space == LANES else next(numbers) for space, _ in plan.inputs]
    found = [np.asarray(x) for x in jax.jit(to_jax(plan))(given, parameters)]
    return [x if x.ndim == 2 or not x.size else x[:, None] for x in found]


def session_of(model: Any) -> Any:
    """ONNX Runtime with a model, which has no warning for it."""
    ort = pytest.importorskip("onnxruntime")
    return ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])


def by_onnx(
    plan: Program | Groups,
    inputs: Lanes,
    parameters: Lanes,
    uniform: Sequence[float] = (),
    runtime: bool = False,
) -> list[Lanes]:
    """The same by ONNX's reference, or its runtime."""
    pytest.importorskip("onnx")
    model = to_onnx(plan)
    columns = {"parameters": parameters, "uniform": np.array(uniform)}
    given = {"inputs": inputs, **{name: x.reshape(-1, 1) for name, x in columns.items()}}
    given = {x.name: given[x.name] for x in model.graph.input}
    with np.errstate(all="ignore"):
        if runtime:
            found = session_of(model).run(None, given)
        else:
            reference = pytest.importorskip("onnx.reference")
            found = reference.ReferenceEvaluator(model).run(None, given)
    assert all(x.dtype == np.float64 for x in found)
    return [*found, np.zeros((0,))][:2]


RUNS: dict[str, Callable[..., list[Lanes]]] = {
    "jax": by_jax,
    "onnx": by_onnx,
    "onnxruntime": lambda *args: by_onnx(*args, runtime=True),
}
