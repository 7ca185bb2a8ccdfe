"""The compiler: a function as a `Program`, and what is made of it by passes and executors."""

from autograd.compiler.compiling import compile as compile
from autograd.compiler.lanes.exporting import to_jax as to_jax
from autograd.compiler.lanes.exporting import to_onnx as to_onnx
from autograd.compiler.program import Program as Program
from autograd.compiler.storing import load_program as load_program
from autograd.compiler.storing import save_program as save_program
from autograd.compiler.traced import TraceError as TraceError
