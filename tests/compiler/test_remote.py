"""Lanes on several machines: the bits of one process, whoever computes them, and if one is lost."""

from __future__ import annotations

import os
import pickle
import random
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autograd
import nn
from autograd import Value
from autograd.compiler.lanes import remote
from autograd.compiler.verifying import ProgramError

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:distributed")
RNG = np.random.default_rng(1)
LANES = RNG.normal(size=(70_001, 2))


def function(x: Any, a: Any) -> Any:
    """Two paths, and functions whose sums round."""
    y = autograd.exp(-x[0] * x[0]) + autograd.tanh(x[1] * a)
    return 2 * y if x[0] > 0.1 else autograd.sin(y)


class Directly:
    """A client whose only worker is this process, beyond a pickle of what is sent and returned."""

    def __init__(self, workers: int) -> None:
        self.workers, self.sent = workers, list[Any]()

    def submit(self, work: Any, *args: Any, pure: bool) -> Any:
        self.sent.append(args)
        return pickle.loads(pickle.dumps(work(*args)))  # noqa: S301

    def gather(self, future: Any) -> Any:
        return future

    def nthreads(self) -> dict[str, int]:
        return {str(k): 1 for k in range(self.workers)}


def alike(one: Any, other: Any) -> bool:
    """Whether numbers are the same to the bit."""
    if isinstance(one, (tuple, list)):
        return len(one) == len(other) and all(map(alike, one, other))
    return np.asarray(one).tobytes() == np.asarray(other).tobytes()


@pytest.mark.parametrize("workers", [1, 2, 7, 100])
def test_the_bits_are_those_of_one_process_whatever_the_number_of_workers(workers: int) -> None:
    client = Directly(workers)
    g = autograd.compile(function)
    assert alike(g.map(LANES, 0.7, client=client), g.map(LANES, 0.7))
    both = g.map_value_and_grad(LANES, 0.7, client=client)
    assert alike(both, g.map_value_and_grad(LANES, 0.7))
    w = Value(0.3)
    h = autograd.compile(lambda x: function(x, w))
    mean = h.map_backward(LANES, client=client)
    slope, w.grad = w.grad, 0
    assert (mean, slope) == (h.map_backward(LANES), w.grad)


@pytest.mark.parametrize("strided", [False, True])
def test_products_of_matrices_have_the_bits_of_one_process(strided: bool) -> None:
    """Which depend on how the inputs lie: they are read in place here, and so they are there."""
    model = nn.MLP(7, [12, 1], activation="tanh", rng=random.Random(4))
    xs = RNG.normal(size=(20_011, 14))
    xs = xs[:, ::2] if strided else xs[:, :7].copy()
    g = autograd.compile(lambda x: (model(x) - x[0]) ** 2)
    both = g.map_value_and_grad(xs, client=Directly(2))
    assert alike(both, g.map_value_and_grad(xs))
    mean = g.map_backward(xs, client=Directly(3))
    slopes = [p.grad for p in model.parameters()]
    for p in model.parameters():
        p.grad = 0
    assert (mean, slopes) == (g.map_backward(xs), [p.grad for p in model.parameters()])
    client = Directly(3)
    here, there = g.bound(), g.bound(client=client)
    assert there.backward(xs) == here.backward(xs)
    assert there.gradient.tolist() == here.gradient.tolist()
    assert client.sent


def test_a_run_that_breaks_off_leaves_nothing_of_its_inputs_behind() -> None:
    """They may have been read in place, and the next ones may not be."""
    w = Value(2.0)
    g = autograd.compile(lambda x: w * x[0] * x[1])
    first, second = np.full((5, 2), 3.0), np.full((5, 4), 7.0)[:, ::2]
    g.map(first)
    (paths,) = g._over_lanes().known()
    machine = paths[0].pool("value").take()
    paths[0].pool("value").give(machine)

    def broken() -> None:
        raise KeyboardInterrupt

    rows, (before, _, after), scope = machine._of(5)
    machine._bound[5] = rows, [before, broken, after], scope
    with pytest.raises(KeyboardInterrupt):
        g.map(first)
    assert g.map(second).tolist() == [98.0] * 5


def test_only_text_and_arrays_are_sent() -> None:
    client = Directly(2)
    autograd.compile(function).map_value_and_grad(LANES, 0.7, client=client)
    sent = [x for args in client.sent for x in args]
    laid = [x for x in sent if isinstance(x, list)]
    sent += [x for one in laid for pair in one for x in pair]
    assert {type(x) for x in sent} == {str, np.ndarray, int, list}


def test_few_lanes_stay_here() -> None:
    client = Directly(2)
    g = autograd.compile(function)
    assert alike(g.map(LANES[:100], 0.7, client=client), g.map(LANES[:100], 0.7))
    assert not any(isinstance(x, np.ndarray) for args in client.sent for x in args)


def test_what_a_worker_is_sent_is_checked() -> None:
    client = Directly(1)
    autograd.compile(lambda x: autograd.tanh(x)).map(LANES[:, 0], client=client)
    text = client.sent[0][0]
    assert remote.planned(text).code.groups.rows > 0
    for before, after in [
        ('"tanh"', '"os.system"'), ('"lanes": [true]', '"lanes": []'), ("value", "values"),
        ('"plan": "', '"plan": "0'), ('"version": 1', '"version": 2'),
    ]:  # fmt: skip
        assert before in text
        with pytest.raises(ProgramError):
            remote.planned(text.replace(before, after))


def test_a_client_is_one_of_dask() -> None:
    with pytest.raises(TypeError, match=r"client has to be one of dask .*extra dask.*got str"):
        autograd.compile(function).map(LANES, 0.7, client="tcp://127.0.0.1:8786")
    w = Value(1.0)
    moves = nn.optim.SGD([w])
    with pytest.raises(ValueError, match="leave compile=False out"):
        nn.fit(lambda x: w * x, nn.losses.mse, [1.0], [1.0], moves, 1, compile=False, client=1)


def fitted(**options: Any) -> list[float]:
    """What a training by large batches leads to."""
    rng = random.Random(1)
    xs = [[rng.gauss(0, 1) for _ in range(4)] for _ in range(3000)]
    ys = [x[0] * x[1] for x in xs]
    model = nn.MLP(4, [48, 1], activation="tanh", rng=rng)
    moves = nn.optim.Adam(model.parameters(), lr=0.01)
    history = nn.fit(
        model, nn.losses.mse, xs, ys, moves, 3, None, progress=False,
        validation=(xs[:2500], ys[:2500]), **options,
    )  # fmt: skip
    assert history.steps.startswith("by programs, ")
    return [*history, *history.validation, *(p.data for p in model.parameters())]


def test_a_training_has_the_bits_of_one_process() -> None:
    client = Directly(2)
    assert fitted(client=client) == fitted(compile=True)
    assert any(isinstance(x, np.ndarray) for args in client.sent for x in args), "it was sent"


# -- a real cluster -----------------------------------------------------------------------------
@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    """A client of two workers, each a process."""
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0"
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


def _dies_once(flag: str) -> None:
    """In a worker: let the one who is the first to be asked for a second chunk be killed there."""
    import autograd.compiler.lanes.remote as there

    whole, count = there.run_blocks, [0]

    def run_blocks(*args: Any) -> Any:
        count[0] += 1
        if count[0] == 2:
            try:
                os.close(os.open(flag, os.O_CREAT | os.O_EXCL))
            except FileExistsError:
                return whole(*args)
            os.kill(os.getpid(), signal.SIGKILL)
        return whole(*args)

    run_blocks.__module__, run_blocks.__qualname__ = whole.__module__, whole.__qualname__
    there.run_blocks = run_blocks


@pytest.mark.slow
def test_two_workers_have_the_bits_of_one_process(client: Any) -> None:
    g = autograd.compile(function)
    both = g.map_value_and_grad(LANES, 0.7, client=client)
    assert alike(both, g.map_value_and_grad(LANES, 0.7))
    assert fitted(client=client) == fitted(compile=True)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_the_work_of_a_killed_worker_is_done_again(client: Any, tmp_path: Path) -> None:
    """There are five chunks or more, so that somebody has a second one."""
    flag, before = tmp_path / "died", {*client.run(os.getpid).values()}
    client.run(_dies_once, str(flag))
    g = autograd.compile(lambda x: function(x, 0.7))
    both = g.map_value_and_grad(LANES, client=client)
    assert alike(both, g.map_value_and_grad(LANES))
    assert flag.exists()
    assert not before <= {*client.run(os.getpid).values()}, "one was killed indeed"
