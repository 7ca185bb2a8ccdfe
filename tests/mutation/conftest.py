"""The mutation harness imports its own modules by name."""

import sys
from pathlib import Path

import pytest

from autograd.graph import crossing

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(autouse=True)
def _no_complex_numbers_alive():
    """The plain sweep is at trial; complex Values that a test keeps would take it elsewhere."""
    kept = crossing.CROSSED[:]
    crossing.CROSSED.clear()
    yield
    crossing.CROSSED.extend(kept)
