"""Programs and groups as functions of JAX and as models of ONNX."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograd.compiler.exporting import jax_source
from autograd.compiler.lanes.groups import Groups
from autograd.compiler.lanes.jax import JaxWriter, scope_of
from autograd.compiler.lanes.onnx import OnnxWriter
from autograd.compiler.onnx import Graph, write_program
from autograd.compiler.program import Program
from autograd.extras import need


def _chosen(groups: Groups) -> Groups:
    """Groups whose derivatives are right without a look at what is not finite."""
    return groups.again(chosen=True)[1] if groups.again and groups.gradients else groups


def to_jax(program: Program | Groups) -> Any:
    """Return a program as a function of JAX arrays, for `jax.jit`, `jax.vmap` and a GPU.

    Parameters
    ----------
    program : Program or Groups
        As `Compiled.program` has it, with a gradient or without: scalar by scalar. Or as
        `Compiled.groups` has it after a call over lanes: as products of matrices and formulas on
        whole arrays, which is what a network is for, and takes a fraction of the time to compile.

    Returns
    -------
    callable
        ``f(inputs, parameters)`` answers results and gradients, each stacked along the first axis,
        in the order of the program. `inputs` and `parameters` have a number, or an array of a
        number for each lane, for each input and parameter. Of groups parameters are numbers, and so
        are inputs that were the same in every lane of the call; those of `Bound.backward` may have
        one more, 1/lanes, by which sums over the lanes are multiplied. Where a lane takes another
        path than the program's (a guard fails) all its answers are nan, and sums over the lanes.
        Results of groups of which none depends on the lanes have no axis of lanes.

    Raises
    ------
    ModuleNotFoundError
        If JAX is not installed: ``pip install 'glassgrad[jax]'``.
    ProgramError
        If JAX has no function for a row of it.
    RuntimeError
        If JAX computes in single precision: it is told by ``jax.config.update("jax_enable_x64",
        True)`` to do otherwise.

    Notes
    -----
    Numbers of any real type are computed with in doubles; the function raises TypeError for complex
    ones, and ValueError for another number of inputs or parameters. It is differentiable by JAX
    itself. Functions are JAX's own, whose last digits are others; rows that JAX does not have are
    their definitions, without our float functions' care for digits.
    """
    jax = need("jax", "jax", "to_jax")
    if not jax.config.jax_enable_x64:
        raise RuntimeError(
            "JAX computes in single precision; call jax.config.update('jax_enable_x64', True) first"
        )
    jnp = need("jax.numpy", "jax", "to_jax")
    scope = {"jnp": jnp, "nn": need("jax.nn", "jax"), "special": need("jax.scipy.special", "jax")}
    scope |= scope_of(jnp)
    if isinstance(program, Groups):
        written = JaxWriter(_chosen(program))
        source, scope = written.source, scope | written.fixed
    else:
        source = jax_source(program)
    exec(source, scope)  # printed from our table; names are in comments alone
    return scope["program"]


def to_onnx(program: Program | Groups, parameters: Sequence[float] | None = None) -> Any:
    """Return a program as an ONNX model of doubles, of opset 17.

    Parameters
    ----------
    program : Program or Groups
        As `Compiled.program` has it, with a gradient or without: scalar by scalar. Or as
        `Compiled.groups` has it after a call over lanes: as products of matrices and formulas on
        whole tensors, which is what a network is for.
    parameters : sequence of float, optional
        The numbers of the captured Values, as ``g.bound().parameters`` has them; they are constants
        of the model then. Else they are an input of it.

    Returns
    -------
    onnx.ModelProto
        Its inputs are `inputs`, of the shape (inputs, lanes), where the number of lanes is free;
        and, if there are any, `parameters`, (parameters, 1), and of groups `uniform`, (inputs, 1):
        the inputs that were the same in every lane of the call, and last, for those of
        `Bound.backward` over several lanes, 1/lanes, by which sums over the lanes are multiplied.
        Its outputs are `results` and, if there are any, `gradients`, of the shape (results, lanes);
        of groups (results, 1) if none of them depends on the lane. Where a lane takes another path
        than the program's (a guard fails) all its answers are nan, and sums over the lanes.

    Raises
    ------
    ModuleNotFoundError
        If onnx is not installed: ``pip install 'glassgrad[onnx]'``.
    ProgramError
        If the standard has no operators for a row of it, as for arctan2.
    ValueError
        If there are not as many parameters.

    Notes
    -----
    The model is checked by `onnx.checker`. Runtimes need not have every operator for doubles: ONNX
    Runtime 1.32 lacks those of tan, erf, cosh, sinh and the inverse functions (1.20: of cos).
    """
    graph = Graph()
    if isinstance(program, Groups):
        OnnxWriter(graph, _chosen(program)).write(parameters)
    else:
        write_program(graph, program, parameters)
    return graph.model()
