"""The sample company's planted problems: each found in its months, with its slice, driver and money; else silence.

What is asked of every planted problem of the answer key: in every month from its first to its last it is named, under
the slice and the driver that were planted, and its loss is sized within a tenth of what it truly took. Months in which
nothing was planted name nothing. Twelve months of history are needed before a month can be judged at all.
"""

import json
from functools import cache
from pathlib import Path

import pytest

from salesnb.findings import diagnosis
from salesnb.views.slices import SLICE

ROOT = Path(__file__).parents[2]
KEY = json.loads((ROOT / "data" / "sample" / "answer_key.json").read_text(encoding="utf-8"))
CODES = {
    "new_customers": "fewer_new_customers",
    "customers": "customer_stopped",
    "win_rate": "lower_win_rate",
    "price": "lower_prices",
    "orders_per_customer": "fewer_orders",
    "collection": "lower_collection",
}
MONTHS = [
    (planted, month)
    for planted in KEY["problems"]
    for month in planted.get("lost_by_month") or planted["late_by_month"]
]
JUDGED = "2024-07"
"""The first month with twelve whole months before it."""


@cache
def problems_of(sample, team: str, period: str, as_of: str = ""):
    case = sample(team, period, as_of=as_of)
    return diagnosis.problems(case.orders, case.targets, case.opportunities, case.receipts, scope=case.scope).rows


def slice_of(row) -> dict[str, str]:
    return {d: row[d] for d in SLICE if row[d]}


def wanted(planted, team: bool = False) -> dict[str, str]:
    dims = {("new_existing" if d == "customer_kind" else d): m for d, m in planted["dims"].items()}
    return {d: m for d, m in dims.items() if team or d != "team"}


def loss_of(planted, month: str) -> float:
    """What the problem took in a month; of new customers what their first orders would have brought."""
    for name in ("lost_in_first_month", "lost_by_month", "late_by_month"):
        if name in planted:
            return float(planted[name][month])
    raise KeyError(planted["id"])


def test_every_planted_problem_and_all_of_its_months_are_asked_for():
    assert len(KEY["problems"]) == 6
    assert {(p["id"], m) for p, m in MONTHS if m in (p["since"], p["until"])} >= {
        (p["id"], m) for p in KEY["problems"] for m in (p["since"], p["until"])
    }


@pytest.mark.parametrize(("planted", "month"), MONTHS, ids=[f"{p['id']}-{m}" for p, m in MONTHS])
def test_a_planted_problem_is_found_with_slice_driver_and_money(sample, planted, month):
    rows = problems_of(sample, planted["team"], month)
    found = [row for _, row in rows.iterrows() if slice_of(row) == wanted(planted)]
    assert [row["problem"] for row in found] == [CODES[planted["driver"]]]
    assert found[0]["effect"] == pytest.approx(-loss_of(planted, month), rel=0.1)


@pytest.mark.parametrize(("planted", "month"), MONTHS, ids=[f"{p['id']}-{m}" for p, m in MONTHS])
def test_nothing_but_what_was_planted_is_named_beside_it(sample, planted, month):
    there = [wanted(p) for p in KEY["problems"] if p["team"] == planted["team"] and p["since"] <= month <= p["until"]]
    assert [slice_of(row) for _, row in problems_of(sample, planted["team"], month).iterrows()] in (
        [there, there[::-1]]
    )


FRAMES = {"2025-Q3": ("2025-07", "2025-08", "2025-09"), "2025": tuple(f"2025-{m:02}" for m in range(1, 10))}


@pytest.mark.parametrize("period", FRAMES)
@pytest.mark.parametrize("planted", KEY["problems"], ids=[p["id"] for p in KEY["problems"]])
def test_a_longer_period_names_what_its_months_name(sample, planted, period):
    """Collection apart, which a quarter judges by its own end; a loss is that of all its months together."""
    if planted["driver"] == "collection":
        return
    rows = problems_of(sample, planted["team"], period)
    found = [row for _, row in rows.iterrows() if slice_of(row) == wanted(planted)]
    assert [row["problem"] for row in found] == [CODES[planted["driver"]]]
    months = [m for m in planted["lost_by_month"] if m in FRAMES[period]]
    assert found[0]["effect"] == pytest.approx(-sum(loss_of(planted, m) for m in months), rel=0.1)
    assert found[0]["start"] == f"{planted['since']}-01"


@pytest.mark.parametrize("day", ["2025-09-12", "2025-09-19", "2025-09-26"])
@pytest.mark.parametrize("planted", [p for p in KEY["problems"] if "lost_by_month" in p and p["since"] < "2025-09"],
                         ids=lambda p: p["id"])  # fmt: skip
def test_a_month_that_runs_goes_on_naming_what_has_not_come_back(sample, planted, day):
    rows = problems_of(sample, planted["team"], "2025-09", day)
    found = [row for _, row in rows.iterrows() if slice_of(row) == wanted(planted)]
    assert [row["problem"] for row in found] == [CODES[planted["driver"]]]
    assert found[0]["start"] == f"{planted['since']}-01"
    assert found[0]["confidence"] in {"high", "medium"}
    assert -loss_of(planted, "2025-09") < found[0]["effect"] < 0


@pytest.mark.parametrize("period", ["2025-09", *FRAMES])
def test_the_company_names_every_planted_loss_the_largest_first(sample, period):
    """Under the slice as the company sees it: an account is told by its rep, a rep by the team."""
    case = sample("all", period)
    found = diagnosis.problems(case.orders, case.targets, case.opportunities, case.receipts, scope=case.scope)
    rows = found.rows
    assert found.headline.key == "more"
    assert found.notes[-1].picks == {"next": 3}
    assert rows["rank"].tolist() == ["top"] * 3 + ["further"] * (len(rows) - 3)
    assert len(rows) == 6 - (period == "2025")
    assert rows["effect"].iloc[:3].is_monotonic_increasing
    assert rows["effect"].iloc[3:].is_monotonic_increasing


def test_the_company_as_a_whole_names_planted_slices_alone(sample):
    rows = problems_of(sample, "all", "2025-09")
    planted = [wanted(p, team=True) for p in KEY["problems"]]
    assert (rows["rank"] == "top").sum() == 3
    for _, row in rows[rows["rank"] == "top"].iterrows():
        found = slice_of(row).items()
        assert any(found <= p.items() or found >= p.items() for p in planted), dict(found)


@pytest.mark.parametrize("team", [*KEY["teams"], "all"])
def test_quiet_months_name_nothing(sample, team):
    months = [m for m in KEY["quiet"][team] if m >= JUDGED]
    assert len(months) >= 4
    named = {m: [(row["problem"], slice_of(row)) for _, row in problems_of(sample, team, m).iterrows()] for m in months}
    assert [m for m in months if named[m]] == [], named


@pytest.mark.parametrize("team", [*KEY["teams"], "all"])
def test_months_in_which_something_helped_but_nothing_hurt_name_nothing(sample, team):
    months = [m for m in KEY["no_problem"][team] if m >= JUDGED and m not in KEY["quiet"][team]]
    named = {m: [(row["problem"], slice_of(row)) for _, row in problems_of(sample, team, m).iterrows()] for m in months}
    assert [m for m in months if named[m]] == [], named
