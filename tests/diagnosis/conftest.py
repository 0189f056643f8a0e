"""The sample company, where a test needs a believable one."""

import pytest

from salesnb.data import load


@pytest.fixture(scope="session")
def sample(tmp_path_factory):
    """Load the sample company: ``sample(team, period)``."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield lambda team, period, **more: load(team=team, period=period, **more)
