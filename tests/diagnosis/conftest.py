"""The sample company, where a test needs a believable one."""

import pytest

from salesnb.data import load


@pytest.fixture(scope="session")
def sample():
    """Load the sample company: ``sample(team, period)``."""
    return lambda team, period, **more: load(team=team, period=period, **more)
