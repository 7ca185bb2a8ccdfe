"""Who takes the steps of a training: Values, or programs where these pay."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from typing import Any

from nn.training.steps import Trainer, are_watched

# A step with Values costs about as much as its parameters times (its examples + SHARE), since the
# optimiser moves a parameter in the time of some examples: .1 to .2 us each with the engine in C.
SHARE = 8
LEAST = 2_000  # of a step, below which one by a program takes no less time
ENOUGH = 1_000_000  # of all steps so far: what making programs takes is about the same
FOR_EACH = 30  # more of it for each parameter, as larger programs take longer to make


def switches(compile: bool | None, parameters: int, examples: int) -> float:
    """Return after how many steps programs take over: inf for never.

    It depends on sizes alone, so that a run that is repeated, or taken up again, has the same bits,
    with callbacks or without: what programs cost where callbacks look on is not counted.

    Examples
    --------
    >>> switches(None, 131, 16), switches(None, 2410, 32), switches(None, 3, 1)
    (320.0, 12.0, inf)
    """
    if compile is not None:
        return 0.0 if compile else math.inf
    work = parameters * (examples + SHARE)
    return float(math.ceil((ENOUGH + FOR_EACH * parameters) / work)) if work >= LEAST else math.inf


class Steps:
    """Takes the steps of `fit`: with Values at first, then by programs where they pay.

    Parameters
    ----------
    compile : bool or None
        As for `fit`.
    parts : tuple
        The arguments of a `Trainer`.
    examples : int
        Those of a step.
    done : int
        The steps that were taken before, in a run that is taken up again.
    watched : bool
        Whether somebody else's code runs between epochs.
    client : Client, optional
        Of dask, whose workers compute.
    """

    def __init__(
        self, compile: bool | None, parts: tuple[Any, ...], examples: int, done: int,
        watched: bool = False, client: Any = None,
    ) -> None:  # fmt: skip
        self._compile, self._parts, self._watched, self._client = compile, parts, watched, client
        self._taker: Trainer = Trainer(*parts)
        self._done, self._began = done, done
        self._switches = switches(compile, len(self._taker.optimiser.params), examples)
        self._first = 0  # the first step that was a program's
        self._pace = {"values": _Pace(), "programs": _Pace()}
        if self._switches <= done:
            self._switch()

    def _switch(self) -> None:
        """Let programs take the steps from now on."""
        self._switches = math.inf
        if self._compile is None and are_watched():  # who watches nodes wants to see them
            self._taker.reason = "nodes are watched"
            return
        try:
            from nn.training.programs import CompiledTrainer  # imported only here: it loads NumPy
        except ImportError as error:
            self._taker.reason = f"programs need NumPy: {error}"
            return
        self._taker = CompiledTrainer(
            *self._parts, thrifty=self._compile is None, watched=self._watched,
            client=self._client, pace=self._pace["values"].add,
        )  # fmt: skip

    def begin(self) -> None:
        """Be told that an epoch begins."""
        self._taker.begin()

    def end(self) -> None:
        """Be told that it is over."""
        self._taker.end()

    def step(self, batch: Sequence[int], where: str) -> float:
        """Take one step."""
        if self._done >= self._switches:
            self._taker.end()
            self._switch()
            self._taker.begin()
        self._done += 1
        taker, made = self._taker, self._taker.making()
        began = time.perf_counter()
        loss = taker.step(batch, where)
        seconds = time.perf_counter() - began
        if not taker.by_programs:
            self._pace["values"].add(seconds)
            return loss
        self._first = self._first or self._done
        if taker.making() == made:  # else something was traced in it
            self._pace["programs"].add(seconds)
        return loss

    def measure(self, size: int, epoch: int) -> float:
        """Return the loss over the examples that are not trained on."""
        return self._taker.measure(size, epoch)

    def __str__(self) -> str:
        """Say how the steps were taken, and what programs gained."""
        if self._done == self._began:
            return "none was to be taken"
        values, programs = self._pace["values"].text, self._pace["programs"].text
        reason = self._taker.reason
        if not self._first:
            if self._compile is False:
                reason = "so it was asked for"
            elif not reason:
                few = "so few of them" if self._switches < math.inf else "such small ones"
                reason = f"{few} gain nothing by programs"
            return f"with Values, {values}: {reason}"
        said = "by programs" + ("" if self._first == 1 else f" from step {self._first} on")
        if programs:
            said += f", {programs}" + (f"; with Values {values}" if values else "")
        said += f"; to make them took {self._taker.making():.2g} s"
        return said + (f"; in the end with Values: {reason}" if reason else "")


class _Pace:
    """How long the steps of one kind took."""

    def __init__(self) -> None:
        self.count, self.seconds = 0, 0.0

    def add(self, seconds: float) -> None:
        """Note a step."""
        self.count += 1
        self.seconds += seconds

    @property
    def text(self) -> str:
        """The mean, in words; none without a step."""
        if not self.count:
            return ""
        each = self.seconds / self.count * 1e3
        return f"{each:.{2 if each < 99 else 3}g} ms each"
