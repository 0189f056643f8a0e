"""What every fact of every stage does when the input changes in a way whose effect is known."""

import pytest

from tests.journey.small_company import company
from tools.relations import RELATIONS, Asked, judged

ASKED = Asked("all", "2025-08")
HELD_HERE = (
    "half the roster is gone", "one rep has no team", "a stranger's activity", "a stranger's note",
    "a stranger's open deal", "no table receipts", "no table reps", "half of orders.rep is blank",
    "rows in another order", "orders in two files", "two files that overlap", "a sheet with notes",
    "amounts in another notation", "persons renamed", "ten times the money", "a row of 2052 and one of 1925",
    "a year of 52 weeks earlier", "a rep without deals", "targets of one rep only", "a second currency", "no lost deal",
    "a log from the middle of the period",
)  # fmt: skip
"""Each kind; ``python -m tools.relations`` holds further tables and columns, on larger companies."""


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


# In halves, so that two test processes share them.
@pytest.mark.parametrize("half", [0, 1])
def test_facts_move_as_relations_say_and_not_otherwise(half):
    chosen = [r for r in RELATIONS if r.name in HELD_HERE]
    assert len(chosen) == len(HELD_HERE)
    found = dict(judged(company(), ASKED, chosen[half::2]))
    assert len(found) == 1 + len(chosen[half::2])
    assert {name: moved[:8] for name, moved in found.items() if moved} == {}
