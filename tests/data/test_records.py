"""Since when what is recorded is told once, by the whole company's data: absent is not zero."""

from __future__ import annotations

from datetime import date

import pytest

from salesnb.calendar import Window
from salesnb.data import check, load
from salesnb.data.reading.remarks import worded

ORDERS = "Order ID,Date,Amount,Team,Rep\n" + "".join(
    f"{i},2025-{m:02d}-{d:02d},10,{'South' if i % 2 else 'North'},Ann\n"
    for i, (m, d) in enumerate((m, d) for m in range(6, 10) for d in (1, 8, 15, 22, 28))
)
DAYS = [f"2025-09-{d:02d}" for d in range(15, 29)]


def remarks(folder) -> dict[str, str]:
    return {r["code"]: worded(r, "en") for r in check(str(folder)).remarks.to_dict("records")}


def test_a_log_that_begins_in_mid_period_is_watched_from_its_first_day_for_every_team(folder):
    folder.write("orders.csv", ORDERS)
    rows = [f"{d},{r},{t},call\n" for d in DAYS for r, t in (("Ann", "South"),)] + ["2025-09-20,Bo,North,call\n"]
    folder.write("activities.csv", "Date,Rep,Team,Kind\n" + "".join(rows) + "2025-06-02,Ann,South,visit\n" * 1)
    september = Window(date(2025, 9, 1), date(2025, 9, 28))
    for team in ("all", "North"):  # where nobody logged before the 20th
        scope = load(str(folder), period="2025-09", team=team).scope
        assert scope.recorded("activities.call") == Window(date(2025, 9, 15), date(2025, 9, 28))
        assert scope.at(scope.calendar.period("2025-08")).recorded("activities.call") is None
        assert scope.recorded("activities.meeting") == september  # what is not named is recorded all along
    assert remarks(folder)["recorded_since"] == (
        "activities call: recorded from 2025-09-15 on only; what was before is not known, it is not zero."
    )


def test_a_log_that_stopped_is_watched_to_its_last_day_and_a_pause_is_no_end(folder):
    folder.write("orders.csv", ORDERS)
    days = [f"2025-06-{d:02d}" for d in range(1, 31)]
    folder.write("activities.csv", "Date,Rep,Kind\n" + "".join(f"{d},Ann,call\n" for d in days))
    assert load(str(folder)).scope.records["activities.call"] == Window(date.min, date(2025, 6, 30))
    folder.write("activities.csv", "Date,Rep,Kind\n" + "".join(f"{d},Ann,call\n" for d in [*days, "2025-09-20"]))
    assert load(str(folder)).scope.records["activities.call"] == Window(date.min, date.max)


def deals(*rows: tuple[str, str, int]) -> str:
    """Deals closed on some days: (first day, status, how many, one a day)."""
    made = []
    for first, status, count in rows:
        start = date.fromisoformat(first).toordinal()
        made += [f"{first}{status}{i},2025-01-01,{date.fromordinal(start + i)},{status},5\n" for i in range(count)]
    return "Deal ID,Created Date,Close Date,Status,Amount\n" + "".join(made)


@pytest.mark.parametrize(
    ("rows", "recorded"),
    [
        ((("2025-06-01", "won", 60),), None),
        ((("2025-06-01", "won", 60), ("2025-08-01", "lost", 20), ("2025-08-01", "won", 20)),
         (date(2025, 8, 1), date.max)),
        ((("2025-06-01", "lost", 20), ("2025-06-01", "won", 90)), (date.min, date(2025, 6, 20))),
        ((("2025-06-01", "won", 5), ("2025-06-06", "lost", 5), ("2025-06-06", "won", 5)), (date.min, date.max)),
        ((("2025-06-01", "won", 40), ("2025-07-15", "lost", 1)), (date.min, date.max)),  # it may be the only one
        ((("2025-06-01", "lost", 9),), (date.min, date.max)),
    ],
)  # fmt: skip
def test_losses_are_recorded_from_where_wins_alone_are_no_chance(folder, rows, recorded):
    folder.write("opportunities.csv", deals(*rows))
    case = load(str(folder))
    always = Window(date.min, date.max)
    assert case.scope.records.get("losses", always) == (recorded and Window(*recorded))
    known = case.opportunities.groupby("status")["losses_recorded"].sum().to_dict()
    assert known.get("lost", 0) == sum(n for _, status, n in rows if status == "lost")
    if recorded is None:
        assert known == {"won": 0}
        assert "no deal is recorded as lost" in remarks(folder)["losses_never"]


def test_won_and_lost_deals_are_admitted_alike_and_what_they_lack_is_told(folder):
    folder.write(
        "opportunities.csv",
        "Deal ID,Created Date,Close Date,Status,Amount\n1,2025-04-03,2025-05-05,won,200\n2,2025-04-03,2025-05-06,won,\n"
        "3,2025-04-03,,won,400\n4,2025-04-03,2025-05-08,lost,\n5,2025-04-03,,lost,100\n6,2025-04-03,,lost,100\n",
    )
    assert check(str(folder)).files[["rows_accepted", "rows_quarantined"]].values.tolist() == [[6, 0]]
    told = remarks(folder)
    assert {code: text.rsplit("rows: ", 1)[1] for code, text in told.items()} == {
        "won_undated": "1.", "lost_undated": "2.", "won_unpriced_sales": "1 of 3.",
    }  # fmt: skip
    case = load(str(folder))
    assert case.orders["amount"].tolist() == [200]  # one won deal has no amount, one no day
    assert case.scope.recorded("amounts") is not None


def test_deals_without_any_amount_are_no_sales_of_nothing(folder):
    folder.write("opportunities.csv", "Deal ID,Close Date,Status\n1,2025-05-05,won\n2,2025-05-06,lost\n")
    assert load(str(folder)).scope.recorded("amounts") is None
    assert "sales are not known" in remarks(folder)["won_unpriced_all"]
    folder.write("opportunities.csv", "Deal ID,Created Date,Amount,Status\n1,2025-05-05,5,won\n2,2025-05-06,,open\n")
    assert load(str(folder)).scope.recorded("amounts") is None  # of no known day
    folder.write("opportunities.csv", "Deal ID,Created Date,Amount,Status\n1,2025-05-05,5,open\n2,2025-05-06,,open\n")
    assert load(str(folder)).scope.recorded("amounts") is not None  # nothing was won


def test_losses_beside_wins_without_a_day_tell_no_rate(folder):
    rows = "1,2025-05-05,lost,5\n2,2025-05-06,lost,5\n3,,won,5\n"
    folder.write("opportunities.csv", "Deal ID,Close Date,Status,Amount\n" + rows)
    case = load(str(folder))
    assert case.scope.records["losses"] is None
    assert not case.opportunities["losses_recorded"].any()


def test_receipts_that_came_in_on_no_day(folder):
    folder.write("orders.csv", ORDERS)
    head = "Receipt ID,Due Date,Due Amount,Received Date,Received Amount\n"
    folder.write("receipts.csv", head + "1,2025-09-10,100,,80\n2,2025-09-20,100,,0\n")
    assert load(str(folder)).scope.recorded("receipts.received") is None
    assert remarks(folder)["received_undated"].endswith("rows: 1, together 80.00.")
    folder.write("receipts.csv", head + "1,2025-09-10,100,,0\n2,2025-09-20,100,,\n")  # nothing came in
    assert load(str(folder)).scope.recorded("receipts.received") is not None
