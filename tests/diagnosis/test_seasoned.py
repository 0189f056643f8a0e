"""Months whose sales are compared in a row with those of the same season."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from salesnb.calendar import Calendar
from salesnb.views.past import LAST_YEAR, QUARTER_BEFORE
from salesnb.views.seasoned import seasoned
from tests.frames import frame, scope_of


def each_month(size, begin="2023-10"):
    """One order on the first and on the last day of each month up to September 2025, of ``size(month)`` together."""
    months = pd.period_range(begin, "2025-09", freq="M")
    rows = [
        {"day": str(day.date()), "money": size(str(m)) / 2, "customer": "c"}
        for m in months
        for day in (m.start_time, m.end_time)
    ]
    return frame("orders", *rows)


def of(orders, begin="2023-10-01", **more):
    return seasoned(orders, scope_of("2025-09", as_of=date(2025, 9, 30), begin=date.fromisoformat(begin), **more))


def test_months_are_held_against_the_same_of_last_year_by_working_day():
    fallen = lambda m: 800.0 if m in {"2025-07", "2025-08", "2025-09"} else 1000.0  # noqa: E731
    found = of(each_month(fallen))
    days = Calendar().working_days
    assert (found.basis, len(found.months), found.below) == (
        LAST_YEAR,
        24,
        4,
    )  # June too: a working day more than last year
    assert found.per_day[-1] == pytest.approx(8_000_000 / days(found.months[-1].window))
    ratios = found.per_day[12:] / found.base[12:]
    assert np.isnan(found.base[:12]).all()
    assert ratios[-1] == pytest.approx(0.8 * days(found.months[11].window) / days(found.months[-1].window))
    assert found.judged.beyond


def test_where_last_year_is_not_known_the_quarter_before_stands_for_it():
    found = of(each_month(lambda m: 1000.0, "2025-01"), "2025-01-01")
    assert (found.basis, len(found.months)) == (QUARTER_BEFORE, 9)
    assert np.flatnonzero(~np.isnan(found.base)).tolist() == [3, 4, 5, 6, 7, 8]
    assert found.base[8] == found.per_day[5]


def test_too_short_a_history_has_no_base_and_an_empty_one_no_months():
    found = of(each_month(lambda m: 1000.0, "2025-07"), "2025-07-01")
    assert (found.basis, found.judged) == ("", None)
    assert of(each_month(lambda m: 1000.0), "2025-10-01") is None
    assert of(frame("orders")).per_day.sum() == 0.0


def test_falls_are_counted_month_on_month():
    sizes = dict(zip(("2025-06", "2025-07", "2025-08", "2025-09"), (900.0, 700.0, 500.0, 300.0), strict=True))
    assert of(each_month(lambda m: sizes.get(m, 950.0))).falls == 4
    assert of(each_month(lambda m: 1000.0 if m != "2025-08" else 1.0)).falls == 0
