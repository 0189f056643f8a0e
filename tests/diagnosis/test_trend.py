"""Runs of months, quarters and years: how far they go, and what counts as a run."""

from datetime import date

import pandas as pd
import pytest

from salesnb.findings import diagnosis
from salesnb.show.sentence import sentence_text
from tests.frames import frame, scope_of

NO_TARGETS, NO_DEALS = frame("targets"), frame("opportunities")


def monthly(*amounts: float, first: str = "2024-01") -> pd.DataFrame:
    months = pd.period_range(first, periods=len(amounts), freq="M")
    return frame(
        "orders", *[{"day": f"{m}-10", "money": a, "customer": "a"} for m, a in zip(months, amounts, strict=True)]
    )


def trend(orders: pd.DataFrame, period: str, begin: date = date(2024, 1, 1)):
    return diagnosis.trend(orders, NO_TARGETS, NO_DEALS, scope=scope_of(period, begin=begin))


@pytest.mark.parametrize(
    ("amounts", "key", "streak"),
    [
        ((5, 4, 3, 2), "falling_month", -3),
        ((5, 1, 2, 3), "rising_month", 2),
        ((5, 6, 7, 3), "turned_down", -1),
        ((7, 6, 5, 9), "turned_up", 1),
        ((7, 6, 9, 9), "level", 0),
    ],
)
def test_runs_of_months(amounts, key, streak):
    found = trend(monthly(*amounts), "2024-04")
    assert found.headline.key == key
    assert found.rows["streak"].iloc[-1] == streak


def test_a_run_in_words():
    found = trend(monthly(5, 4, 3, 2), "2024-04")
    assert sentence_text(found, found.headline, "en") == "Sales have fallen 3 months in a row, to 2."
    assert sentence_text(found, found.headline, "zh") == "销售额已连续3个月下降，本期2。"


def test_two_months_make_no_run():
    assert trend(monthly(5, 4), "2024-02").headline.key == "short"


def test_thirteen_months_of_a_month():
    found = trend(monthly(*range(1, 21)), "2025-08")
    assert found.rows["month"].tolist() == [str(m) for m in pd.period_range("2024-08", "2025-08", freq="M")]
    assert found.rows["yoy"].iloc[-1] == 20 / 8 - 1


def test_a_quarter_brings_its_months_and_a_year_its_quarters():
    orders = monthly(*range(1, 25))
    quarter = trend(orders, "2025-Q2").rows
    assert quarter["quarter"].tolist()[:5] == ["2024-Q2", "2024-Q3", "2024-Q4", "2025-Q1", "2025-Q2"]
    assert quarter["month"].tolist()[5:] == ["2025-04", "2025-05", "2025-06"]
    year = trend(orders, "2025").rows
    assert len(year) == 2 + 4 + 12
    assert year.loc[year["quarter"] == "2025-Q1", "sales"].tolist() == [13.0 + 14 + 15]


def test_a_first_period_cut_short_is_not_shown_and_starts_no_run():
    """The data begin on 1 March: the second quarter is no rise of 200 % on the first one, which is a month."""
    orders = monthly(10, 10, 10, 10, 9, 9, 9, 8, 8, 8, first="2024-03")
    found = trend(orders, "2024-Q3", begin=date(2024, 3, 1))
    assert "2024-Q1" not in found.rows["quarter"].tolist()
    told = {f["metric"]: (f["value"], f["reason"]) for f in found.facts() if f["dims"] == "quarter=2024-Q2"}
    assert told["mom"] == told["sales_previous"] == (None, "no_base")
    assert found.rows.loc[found.rows["quarter"] == "2024-Q3", "mom"].tolist() == [27 / 30 - 1]
    assert found.rows.loc[found.rows["quarter"] == "2024-Q2", "streak"].isna().all()
    assert found.headline.key == "short"


def test_figures_of_deals_come_with_deals():
    deals = frame("opportunities", {"day": "2024-04-03", "money": 3, "status": "won"})
    found = diagnosis.trend(monthly(1, 2, 3, 4), NO_TARGETS, deals, scope=scope_of("2024-04", begin=date(2024, 1, 1)))
    assert found.rows["won_deals"].tolist() == [0.0, 0.0, 0.0, 1.0]
    assert "won_deals" not in trend(monthly(1, 2), "2024-02").rows


def test_a_fall_that_may_be_the_season_says_so():
    wave = [100, 120, 140, 160, 180, 200, 190, 170, 150, 130, 110, 90]
    found = trend(monthly(*wave, *(1.1 * w for w in wave)), "2025-09", begin=date(2024, 1, 1))
    assert found.headline.key == "falling_month"
    assert "above_last_year" in [n.key for n in found.notes]
    low = trend(monthly(*wave, *(0.9 * w for w in wave)), "2025-09", begin=date(2024, 1, 1))
    assert "below_last_year" in [n.key for n in low.notes]


def test_a_quarter_that_begins_low_is_no_collapse():
    """April, July and October of a company whose quarters end high, with no year before to judge by."""
    amounts = (113, 72, 102, 133, 73, 105, 123, 74, 93, 113)
    for month, note in (("2024-07", "above"), ("2024-10", "above")):
        found = trend(monthly(*amounts, first="2024-03"), month, begin=date(2024, 3, 1))
        assert found.headline.key == "turned_down"
        assert f"{note}_quarter_before" in [n.key for n in found.notes], month
    deeper = trend(monthly(*amounts[:4], 70, first="2024-03"), "2024-07", begin=date(2024, 3, 1))
    told = next(n for n in deeper.notes if n.key == "below_quarter_before")
    assert sentence_text(deeper, told, "en").startswith("In the same month of the quarter before they were 72:")
    assert "compared" not in deeper.table
