"""Mutants of the testing kit: ``python tests/mutation/forked.py MODULE[:LINE] ... [TESTS ...]``.

cosmic-ray's operators make them. Each runs in a process that is forked off one session of pytest,
where it takes the place of what is loaded, against the tests that call its function, the shortest
first: all of the kit's, if none are named.
"""

import ast
import io
import multiprocessing
import re
import resource
import signal
import sys
import time
from contextlib import redirect_stdout, suppress
from pathlib import Path

import pytest
from _pytest.runner import runtestprotocol
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names
from loaded import put

# | stands in annotations only; what floats cannot do (&, ^, <<) dies at once and shows nothing, and
# //, % and ** in the place of an operator are noticed wherever - and / are.
LEFT_OUT = re.compile(r"BinaryOp\w+_(BitOr_|\w+_(Bit\w+|[LR]Shift|FloorDiv|Mod|Pow)$)")
FORK = multiprocessing.get_context("fork")
BUDGET = 5  # seconds of the processor for the tests of one mutant, which tell nearly always


def mutants(source, only):
    """Every mutant of a source, or of one line: its line, its operator, the source."""
    nodes = list(ast_nodes(get_ast(source)))
    for name in operator_names():
        kind = get_operator(name)
        if not LEFT_OUT.search(name) and not kind.arguments():
            places = [x for node in nodes for x in kind().mutation_positions(node)]
            for index, line in [(n, start[0]) for n, (start, _) in enumerate(places)]:
                if only in (0, line):
                    yield line, name.partition("/")[2], mutate_code(source, kind(), index)


def forked(work):
    """What some work answers in a process of its own; None if that breaks."""
    ours, theirs = FORK.Pipe(duplex=False)

    def run():
        resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
        with suppress(BaseException), redirect_stdout(io.StringIO()):
            theirs.send(work())

    process = FORK.Process(target=run)
    process.start()
    theirs.close()
    with ours, suppress(EOFError):
        return ours.recv()


def passes(item, seconds):
    """Whether a test passes; one that takes too long ends the process."""
    signal.alarm(int(10 + 5 * seconds))
    return not any(x.failed for x in runtestprotocol(item, log=False, nextitem=None))


def reached(item, files):
    """How long a test takes that passes, and the first lines of the functions that it calls."""
    seen, start = {file: set() for file in files}, time.perf_counter()

    def profile(frame, *_):
        if (code := frame.f_code).co_filename in seen:
            seen[code.co_filename].add(code.co_firstlineno)

    sys.setprofile(profile)
    passed = passes(item, 60)
    sys.setprofile(None)
    return passed and [time.perf_counter() - start, {file: [*x] for file, x in seen.items()}]


class Trial:
    """A session of pytest that, instead of its tests, tries the mutants of some modules."""

    def __init__(self, places):
        self.places, self.alive, self.runs = places, 0, []

    def pytest_runtestloop(self, session):
        """Try them all."""
        files = [str(Path(name).resolve()) for name, _ in self.places]
        runs = [(item, forked(lambda item=item: reached(item, files))) for item in session.items]
        self.runs = sorted(((x, *run) for x, run in runs if run), key=lambda run: run[1])
        print(f"{len(self.runs)} of {len(runs)} tests pass in a process of their own", flush=True)
        for (name, only), file in zip(self.places, files, strict=True):
            source = Path(file).read_text()
            found = list(mutants(source, only))
            alive = [x for x in found if not self.notices(file, source, name, *x)]
            self.alive += len(alive)
            print(f"{name}: {len(found)} mutants, {len(alive)} not noticed", flush=True)
        return True

    def notices(self, file, source, name, line, operator, changed):
        """Whether one of the tests fails with a mutant; else it is shown."""
        functions = [x for x in ast.walk(ast.parse(source)) if isinstance(x, ast.FunctionDef)]
        firsts = {min(y.lineno for y in (x, *x.decorator_list)): x.end_lineno for x in functions}
        inside = max((a for a, b in firsts.items() if a <= line <= b), default=0)
        tests = [x[:2] for x in self.runs if (inside in x[2][file] if inside else x[2][file])]

        def told():
            put(sys.modules[name.removesuffix(".py").replace("/", ".")], changed, line)
            end = time.process_time() + BUDGET
            return any(time.process_time() < end and not passes(*test) for test in tests)

        if forked(told) is not False:
            return True
        old, new = (x.splitlines()[line - 1] for x in (source, changed))
        print(f"{name}:{line}: {operator}, {len(tests)} tests\n-{old}\n+{new}", flush=True)
        return False


def main(arguments):
    """Try the mutants of the modules; 1 if there are some that nothing notices."""
    named = [x.partition(":") for x in arguments if x.startswith("autograd/")]
    tests = [x for x in arguments if x.startswith("tests/")]
    trial = Trial([(name, int(line or 0)) for name, _, line in named])
    options = ["-q", "-s", "--hypothesis-profile=mutation"]
    pytest.main([*options, *(tests or ["tests/testing", "autograd/testing"])], plugins=[trial])
    return 1 if trial.alive else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
