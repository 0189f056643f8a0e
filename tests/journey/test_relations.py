"""What every fact of every stage does when the input changes in a way whose effect is known."""

import pytest

from tests.journey.small_company import company
from tools.relations import RELATIONS, Asked, judged

ASKED = Asked("all", "2025-08")


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


# In groups, so that test processes share them.
@pytest.mark.parametrize("group", range(4))
def test_facts_move_as_relations_say_and_not_otherwise(group):
    found = dict(judged(company(), ASKED, RELATIONS[group::4]))
    assert len(found) > 4
    assert {name: moved[:8] for name, moved in found.items() if moved} == {}
