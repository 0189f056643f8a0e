"""What the verdict rests on is told where rows that do not count could turn it or are much of it, and else not."""

from dataclasses import replace
from functools import partial

import pandas as pd
import pytest

from salesnb.calendar import Calendar
from salesnb.findings import review
from salesnb.scope import WHOLE_COMPANY
from tests.frames import frame, scope_of, targets
from tests.reading import said

scope, orders = partial(scope_of, team="South"), partial(frame, "orders", team="South")
SOLD = orders(
    *[("2025-09-03", 8_000, "Acme", "Ann", "Pumps")] * 100, *[("2025-08-04", 8_000, "Acme", "Ann", "Pumps")] * 300
)
"""800,000 in the period, a quarter of all that is dated."""


def aims(amount, count=40):
    return targets(*[{"team": "South", "rep": f"R{i}", "amount": amount / count} for i in range(count)])


def aside(
    of="sales", day="2025-09-10", period="", rows=1, unpriced=0, gains=0.0, returns=0.0, largest=None, team="South"
):
    return (of, team, pd.Timestamp(day) if day else pd.NaT, period, rows, unpriced, gains, returns,
            max(gains, -returns) if largest is None else largest)  # fmt: skip


def uncounted(*rows):
    names = ["of", "team", "day", "period", "rows", "unpriced", "gains", "returns", "largest"]
    made = pd.DataFrame(list(rows), columns=names)
    return made.assign(day=pd.to_datetime(made["day"]))


def told(*rows, aim=1_000_000, sold=SOLD, **more):
    given = aims(aim) if aim else frame("targets")
    where = scope(**more)
    sum_of = sold["amount"].sum() if sold is not SOLD else 800_000
    whole = pd.DataFrame({"gap": [sum_of - aim if aim else float("nan")]})
    return review.stands_on(sold, given, uncounted(*rows), whole, scope=where)


SHORT, AHEAD, NONE = 1_000_000, 790_000, 0


@pytest.mark.parametrize(
    ("aim", "row", "says"),
    [
        (810_000, aside(gains=12_000), "turns"),  # 10,000 short, 12,000 set aside
        (810_000, aside(gains=9_000), ""),
        (810_000, aside(rows=2, unpriced=2), "turns"),  # two usual rows are 16,000
        (810_000, aside(rows=1, unpriced=1), ""),
        (810_000, aside(day="2025-08-31", gains=500_000), ""),  # of another period
        (810_000, aside(team="North", gains=500_000), ""),  # of another team
        (810_000, aside(day="", gains=12_000), "turns"),  # it may be of any day
        (810_000, aside(day="", rows=8, gains=16_000, largest=2_000), ""),  # a quarter of them, 4,000
        (810_000, aside("teamless", team="", gains=12_000), "turns"),  # some of it may be South's
        (810_000, aside("teamless", team="", gains=9_000), ""),
        (810_000, aside("teamless", day="2025-08-31", team="", gains=90_000), ""),
        (SHORT, aside("teamless", team="", gains=60_000), "much"),
        (AHEAD, aside("teamless", team="", gains=12_000), ""),
        (810_000, aside("targets", "", "2025-09", gains=20_000), ""),  # more of a target that is missed
        (SHORT, aside(gains=60_000), "much"),  # of 860,000: 7 %
        (SHORT, aside(gains=30_000), ""),
        (SHORT, aside("targets", "", "2025-09", rows=20, unpriced=20), "much"),
        (AHEAD, aside(gains=12_000), ""),  # more sales of a target that is met
        (AHEAD, aside(returns=-12_000), "turns"),
        (AHEAD, aside("targets", "", "2025-09", gains=12_000), "turns"),
        (AHEAD, aside("targets", "", "2025-09", unpriced=1), "turns"),  # a usual one is 19,750
        (AHEAD, aside("targets", "", "2025-08", gains=12_000), ""),
        (AHEAD, aside("targets", "", "2025", gains=12_000), ""),  # a year's target is none of the month
        (AHEAD, aside("targets", "", "", gains=12_000), "turns"),
        (AHEAD, aside("equal", gains=12_000), "turns"),  # without them the target is missed
        (AHEAD, aside("equal", gains=9_000), ""),
        (SHORT, aside("equal", rows=30, gains=240_000), ""),
        (NONE, aside("targets", "", "2025-09", gains=12_000), "turns"),
        (NONE, aside(gains=12_000), ""),
    ],
)
def test_it_is_said_where_it_could_change_the_verdict(aim, row, says):
    found = told(row, aim=aim)
    assert (found.headline.key if not found.quiet else "") == says
    assert bool(found.facts()) == bool(says)


def test_the_whole_company_rests_on_rows_without_a_team_too():
    assert not told(aside(team="", gains=200_000), team=WHOLE_COMPANY).quiet
    assert told(aside(team="", gains=200_000)).quiet
    assert told().quiet


def test_it_says_how_many_with_which_money():
    found = told(
        aside(rows=25, unpriced=5, gains=100_000),
        aside(day="", rows=3, gains=110_000, largest=90_000),
        aside("targets", "", "2025-09", rows=10, unpriced=10),
    )
    assert said(found)["en"] == [
        "The verdict could turn with the data in doubt.",
        "Not counted of September 2025's sales: 25 rows (20.0%), with 100K.",
        "In no period for want of a readable date: 3 rows of sales with 110K.",
        "Not counted of September 2025's targets: 10 rows (20.0%) without a readable figure.",
    ]
    assert said(found)["zh"][0] == "存疑的数据可能改变结论。"
    facts = {f["dims"].removeprefix("part="): f for f in found.facts() if f["metric"] == "money_in_doubt_share"}
    assert facts["uncounted_sales"]["value"] == pytest.approx(1 / 9)
    assert facts["uncounted_targets"]["reason"] == "amount_unread"


def test_every_sentence_reads_well():
    rows = [
        aside(gains=1_000.0), aside(day="", gains=1_000.0), aside("targets", "", "2025-09", gains=100.0),
        aside(unpriced=1), aside(day="", unpriced=1), aside("targets", "", "2025-09", unpriced=1),
        aside("targets", "", "", unpriced=1), aside("targets", "", "", gains=100.0), aside("equal", gains=100.0),
    ]  # fmt: skip
    few = orders(("2025-09-03", 8_000, "Acme", "Ann", "Pumps"))
    for row in rows:
        found = told(row, sold=few, aim=9_000 if row[0] == "sales" else 7_990)
        assert not found.quiet
        assert len(said(found)["en"]) == 2
    both = told(aside(returns=-12_000), aside("equal", unpriced=1), aim=AHEAD)
    assert said(both)["en"][-1] == "Counted though equal to another line: 1 row without an amount."


def test_a_quarter_rests_on_the_targets_of_its_months():
    quarter = replace(scope(), period=Calendar().period("2025-Q3"))
    none = pd.DataFrame({"gap": [float("nan")]})
    rows = uncounted(aside("targets", "", "2025-08", unpriced=1))
    assert review.stands_on(SOLD, frame("targets"), rows, none, scope=quarter).headline.key == "turns"


def test_sales_of_no_team_count_for_the_company():
    row = aside("teamless", team="", gains=500_000)
    assert told(row, aim=810_000, team=WHOLE_COMPANY).headline.key == "nothing"
