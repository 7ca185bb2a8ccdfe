"""Settings of the whole test suite."""

import gc
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings

from autograd.graph import crossing
from autograd.twin import native

# In CI the same examples each time, so that red means a change; elsewhere new ones each run.
settings.register_profile(
    "ci", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("local", deadline=None)
# For mutants, of which one failure is enough to know.
settings.register_profile(
    "mutation",
    derandomize=True,
    deadline=None,
    max_examples=25,
    phases=[Phase.explicit, Phase.generate],
)
# Between two changes of a line.
settings.register_profile("quick", deadline=None, max_examples=15)
settings.load_profile("ci" if os.environ.get("CI") else "local")

# What starts browsers, JupyterLab, commands or compilers, collects garbage a hundred times, or
# draws thousands of examples: left out by ``pytest -m "not slow"``, which is for between two
# changes of a line. A file, a folder, or the name of a test.
SLOW = (
    "hostile", "mutation", "typing", "display/test_explorer_page.py", "display/test_export.py",
    "display/test_film_page.py", "display/test_lab.py", "display/test_layout.py",
    "display/test_notebooks.py", "display/test_page.py", "display/test_renderers.py",
    "display/test_site.py", "display/test_steps.py", "display/test_view.py",
    "nn/test_keeping.py", "nn/test_learning.py", "nn/test_main.py", "nn/test_modes.py",
    "nn/test_scikit_learn.py", "test_allocations.py", "test_benchmarks.py", "test_copying.py",
    "test_ieee_orders.py", "test_interrupts.py", "test_limits.py", "test_machine.py",
    "test_main.py", "test_numbers.py", "test_orders.py", "test_packaging.py", "test_pyodide.py",
    "test_rules_in_c.py", "test_storage.py", "test_subclasses.py", "test_threads.py",
    "test_twins.py", "testing/test_elementwise.py", "testing/test_functions_page.py",
    "testing/test_fuzz.py", "testing/test_jacobians.py", "testing/test_laws.py",
    "testing/test_oracles.py", "testing/test_planted.py", "testing/test_plugin.py",
    "testing/test_rows.py", "testing/test_strategies.py",
    "test_a_changed_file_is_refused_even_under_a_right_checksum_or_is_taken_up",
    "test_a_chain_of_a_hundred_thousand_is_walked_without_recursion",
    "test_a_fuzzed_file_is_refused_with_a_reason_or_is_the_same_model",
    "test_threads_write_one_file_while_others_read_it",
    "test_a_large_graph_has_a_png_of_limited_size", "test_twenty_thousand_nodes_collapse",
)  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is slow."""
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            place = item.path.relative_to(here).as_posix()
            if {place, place.partition("/")[0], item.name.partition("[")[0]} & {*SLOW}:
                item.add_marker(pytest.mark.slow)


def pytest_collection_finish():
    """What is loaded by now stays: no collection has to go through it again."""
    gc.collect()
    gc.freeze()


def pytest_configure(config):
    if config.option.markexpr == "not slow" and not os.environ.get("CI"):
        settings.load_profile("quick")
    config.addinivalue_line(
        "markers", "python_twin(reason): what is asked for, the C twin of the engine does not have"
    )


def pytest_runtest_setup(item):
    marker = item.get_closest_marker("python_twin")
    if marker is not None and native:
        pytest.skip(f"the Python twin's alone: {marker.args[0]}")


@pytest.fixture
def plain_sweep():
    """The plain sweep runs: complex Values that other tests keep would have it done otherwise."""
    gc.collect()  # those that are kept by cycles alone
    kept = crossing.CROSSED[:]
    crossing.CROSSED.clear()
    yield
    crossing.CROSSED.extend(kept)
