"""A real company whose quarters begin low and end high: no month of it is an alarm."""

import os
from pathlib import Path

import pytest

from salesnb.data import load
from salesnb.findings import diagnosis

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("SALESNB_REALDATA", ROOT.parent / "shared" / "realdata")) / "maven_crm"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="no real data: SALESNB_REALDATA names no folder")


@pytest.fixture(scope="module")
def maven():
    return load(data=str(DATA), settings=str(ROOT / "examples" / "maven_crm.toml"), period="2017-Q4")


@pytest.mark.parametrize(
    "period", ["2017-04", "2017-07", "2017-10", "2017-11", "2017-12", "2017-Q3", "2017-Q4", "2017"]
)
def test_the_rhythm_of_the_quarter_is_no_decline_and_no_alarm(maven, period):
    scope = maven.scope.at(maven.scope.calendar.period(period))
    tables = {n: getattr(maven, n) for n in ("orders", "opportunities", "activities", "reps", "receipts")}
    found = diagnosis.situations(tables, maven.targets, scope=scope)
    decline = found.rows[found.rows["kpi"] == "sales_per_day"].iloc[0]
    assert decline["status"] != "holds"
    figures = diagnosis.key_figures(tables, maven.targets, scope=scope)
    assert figures.rows.set_index("kpi").loc["sales", "verdict"] != "worse"
    trend = diagnosis.trend(maven.orders, maven.targets, maven.opportunities, scope=scope)
    if trend.headline.key in {"falling_month", "turned_down"}:
        assert {n.key for n in trend.notes} & {"above_quarter_before", "below_quarter_before", "no_season"}
