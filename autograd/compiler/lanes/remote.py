"""Lanes on several machines: blocks of them, computed by the workers of a dask client.

What travels is the program as JSON text, which a worker checks and plans for itself, and arrays.
Who computes what, and again where a worker is lost, is dask's affair. The blocks are those of one
process, and their sums are added in its order: nothing depends on how many workers there are.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np

from autograd.compiler.lanes.groups import LANES, Array, Groups
from autograd.compiler.lanes.machine import Machine, Pool, laid_in
from autograd.compiler.lanes.planning import grouped
from autograd.compiler.paths import BY_ARGUMENTS, BY_PARAMETERS, VALUE
from autograd.compiler.program import Program
from autograd.compiler.storing import as_document, from_document
from autograd.compiler.verifying import ProgramError

CHUNKS = 4  # for each thread of a worker, so that a fast one may do more of them
KEPT = 32  # programs that a worker keeps planned
Block = tuple[slice, Array, Array]  # which lanes, their rows, their sums


class Remote:
    """The workers that compute lanes.

    Parameters
    ----------
    client : distributed.Client
    """

    def __init__(self, client: Any) -> None:
        if not all(callable(getattr(client, x, None)) for x in ("submit", "gather", "nthreads")):
            raise TypeError(
                "client has to be one of dask (distributed.Client, by the extra dask); got "
                f"{type(client).__name__}"
            )
        self._client = client
        self._texts: dict[int, tuple[Pool, Any]] = {}

    def blocks(
        self, program: Program, flags: tuple[bool, ...], kind: str, pool: Pool
    ) -> Callable[..., Iterator[Block]]:
        """Return what gives a machine its blocks, computed elsewhere.

        Parameters
        ----------
        program, flags, kind
            As for `grouped`.
        pool : Pool
            What runs it here.
        """
        if id(pool) not in self._texts:
            text = as_text(program, flags, kind, pool)
            self._texts[id(pool)] = pool, self._client.submit(_itself, text, pure=True)
        text = self._texts[id(pool)][1]

        def computed(
            machine: Machine,
            lanes: int,
            put: Callable[[Array, slice], Any],
            columns: Sequence[Array],
        ) -> Iterator[Block]:
            block, groups = machine.code.block, machine.code.groups
            threads = max(1, sum(self._client.nthreads().values()))
            size = block * max(1, math.ceil(lanes / block / (CHUNKS * threads)))
            cells = self._client.submit(_itself, machine.cells.copy(), pure=False)
            wanted, inputs = wanted_rows(groups), sum(space == LANES for space, _ in groups.inputs)
            parts = [slice(at, min(at + size, lanes)) for at in range(0, lanes, size)]
            futures = []
            for part in parts:
                numbers = np.zeros((inputs, part.stop - part.start))
                laid = laid_in(numbers, columns, part)  # as here, or the last bits may differ
                put(numbers, part)
                work = text, cells, numbers, laid, block
                futures.append(self._client.submit(run_blocks, *work, pure=False))
            for part, future in zip(parts, futures, strict=True):
                found, sums = self._client.gather(future)
                for k, at in enumerate(range(part.start, part.stop, block)):
                    here = slice(at, min(at + block, part.stop))
                    rows = np.zeros((groups.rows, here.stop - at))
                    rows[wanted] = found[:, at - part.start : here.stop - part.start]
                    yield here, rows, sums[k]

        return computed


def as_text(program: Program, flags: tuple[bool, ...], kind: str, pool: Pool) -> str:
    """Return a plan as JSON text."""
    return json.dumps(
        {
            "program": as_document(program),
            "lanes": [*map(bool, flags)],
            "kind": kind,
            "plan": mark(pool),
        },
        allow_nan=False,
    )


def mark(pool: Pool) -> str:
    """Return a mark of what a plan does in which slots: here and there it has to be the same."""
    groups = pool.code.groups
    slots = (groups.inputs, groups.results, groups.gradients, groups.guards, pool.code.block)
    said = f"{pool.code.writer.source}{slots}{sorted(groups.constants.items())}{_versions()}"
    return hashlib.sha256(said.encode()).hexdigest()


def _versions() -> list[str]:
    """The versions of what computes the rows of the table for arrays."""
    try:
        return [np.__version__, version("scipy")]
    except PackageNotFoundError:
        return [np.__version__]


def wanted_rows(groups: Groups) -> Array:
    """Return the rows that are looked at when a block is done: results, derivatives and guards."""
    found = [slot for space, slot in (*groups.results, *groups.gradients) if space == LANES]
    found += [slot for space, slot, _ in groups.guards if space == LANES]
    return np.unique(np.array(found, np.int64))


# -- what workers run ---------------------------------------------------------------------------
def _itself(x: Any) -> Any:
    """What is sent once, and sent again to whoever takes over the work of a lost worker."""
    return x


def run_blocks(
    text: str, cells: Array, numbers: Array, laid: Sequence[tuple[int, Array]], block: int
) -> tuple[Array, Array]:
    """Return the wanted rows of lanes, and for each block of them its sums.

    Parameters
    ----------
    text : str
        The plan.
    cells : array
        What is the same for all lanes.
    numbers : array, (inputs, lanes)
    laid : sequence of (int, array)
        Inputs that are read where they lie: the first of them, and lanes by numbers.
    block : int
        How many lanes are computed at a time.

    Raises
    ------
    ProgramError
        If the text is no plan, or the worker plans otherwise than who sent it.
    """
    pool = planned(text)
    wanted, lanes = wanted_rows(pool.code.groups), numbers.shape[1]
    machine = pool.take()
    found, sums = np.empty((len(wanted), lanes)), []
    machine.cells[:] = cells
    for at in range(0, lanes, block):
        part = slice(at, min(at + block, lanes))
        rows = machine.block(numbers[:, part], [(first, x[part]) for first, x in laid])
        found[:, part] = rows[wanted]
        sums.append(machine.sums())
    pool.give(machine)
    return found, np.array(sums)


@lru_cache(KEPT)
def planned(text: str) -> Pool:
    """Return what runs a plan, after looking at everything in it.

    Examples
    --------
    >>> planned("{}")
    Traceback (most recent call last):
        ...
    autograd.compiler.verifying.ProgramError: this is no plan for lanes
    """
    match json.loads(text):
        case {"program": document, "lanes": [*flags], "kind": str() as kind, "plan": str() as plan}:
            program = from_document(document)
        case _:
            raise ProgramError("this is no plan for lanes")
    kinds = (VALUE, BY_ARGUMENTS, BY_PARAMETERS)
    if kind not in kinds or len(flags) != len(program.inputs) or not {True, False} >= {*flags}:
        raise ProgramError("this is no plan for lanes")
    pool = Pool(grouped(program, tuple(flags), kind))
    if mark(pool) != plan:
        raise ProgramError(
            "a worker plans otherwise than this process: all need the same versions of glassgrad, "
            "NumPy and SciPy"
        )
    return pool
