"""The mutation harness imports its own modules by name."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
collect_ignore = ["forked.py"]  # which needs cosmic-ray, and no Windows


@pytest.fixture(autouse=True)
def _at_trial(plain_sweep):
    """What the bugs are planted in is what runs."""
