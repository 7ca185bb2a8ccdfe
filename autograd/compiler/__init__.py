"""The compiler: a function as a `Program`, and what is made of it by passes and executors."""

from autograd.compiler.compiling import compile as compile
from autograd.compiler.traced import TraceError as TraceError
