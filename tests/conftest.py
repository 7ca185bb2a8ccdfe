"""Settings of the whole test suite."""

import os

import pytest
from hypothesis import HealthCheck, Phase, settings

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
settings.load_profile("ci" if os.environ.get("CI") else "local")


def pytest_configure(config):
    config.addinivalue_line(
        "markers", "python_twin(reason): what is asked for, the C twin of the engine does not have"
    )


def pytest_runtest_setup(item):
    marker = item.get_closest_marker("python_twin")
    if marker is not None and native:
        pytest.skip(f"the Python twin's alone: {marker.args[0]}")
