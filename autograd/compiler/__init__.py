"""The compiler: a function as a `Program`, and what is made of it by passes and executors."""

from typing import TYPE_CHECKING, Any

from autograd.compiler.compiling import compile as compile
from autograd.compiler.program import Program as Program
from autograd.compiler.storing import load_program as load_program
from autograd.compiler.storing import save_program as save_program
from autograd.compiler.traced import TraceError as TraceError

if TYPE_CHECKING:
    from autograd.compiler.lanes.exporting import to_jax as to_jax
    from autograd.compiler.lanes.exporting import to_onnx as to_onnx
else:

    def __getattr__(name: str) -> Any:
        """Import exports when they are asked for: it takes longer than to compile a formula."""
        if name in ("to_jax", "to_onnx"):
            from importlib import import_module

            return getattr(import_module("autograd.compiler.lanes.exporting"), name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
