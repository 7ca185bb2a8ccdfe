"""Settings of the whole test suite."""

import os

from hypothesis import HealthCheck, Phase, settings

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
