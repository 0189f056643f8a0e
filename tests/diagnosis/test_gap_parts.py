"""Where the gap lies: filled up to three while there is a gap, exact, and worded as what may be chance."""

from datetime import date

import pandas as pd
import pytest

from salesnb.findings import diagnosis
from salesnb.findings.diagnosis.gap_parts import NAMES, SHARE
from salesnb.findings.finding import Finding
from salesnb.show.sentence import sentence_text
from salesnb.views.slices import GAP_PARTS, SLICE, in_slice, members_of
from tests.frames import deals, frame, scope_of

LINES = ("Pumps", "Valves", "Sensors")
REPS = ("Ann", "Bob", "Cid", "Dan")
FEW = pd.DataFrame(columns=["problem", *SLICE, "effect"])
DEALS = deals({"day": "2025-09-03", "money": 10.0, "status": "won"})


def business(begin: str, end: str, left=lambda rep, line, month: 1.0) -> list[dict[str, object]]:
    """Each rep sells three orders of 100 of each line a month, to as many customers; ``left`` is what is left of it."""
    return [
        {"day": f"{month}-{9 + k:02d}", "money": 100.0 * left(rep, line, str(month)), "rep": rep, "team": "S",
         "product_line": line, "customer": f"{rep} {line} {k}", "channel": "direct"}
        for month in pd.period_range(begin, end, freq="M") for rep in REPS for line in LINES for k in range(3)
    ]  # fmt: skip


def pumps(rep: str, line: str, month: str) -> float:
    return 0.3 if line == "Pumps" and month == "2025-09" else 1.0


def goals(amount: float = 300.0) -> pd.DataFrame:
    return frame("targets", *({"rep": r, "product_line": x} for r in REPS for x in LINES), team="S", amount=amount)


NONE = frame("targets")


def parts(rows, targets=NONE, problems=FEW, begin=date(2023, 8, 1), held=DEALS, as_of=date(2025, 12, 31)) -> Finding:
    scope = scope_of("2025-09", as_of, begin, team="S")
    return diagnosis.gap_parts(frame("orders", *rows), targets, held, scope=scope, problems=problems)


def said(found: Finding) -> dict[str, list[str]]:
    return {lang: [sentence_text(found, s, lang) for s in (found.headline, *found.notes)] for lang in ("en", "zh")}


def keys(found: Finding) -> list[str]:
    return [found.headline.key, *(note.key for note in found.notes)]


LONG = business("2023-08", "2025-09", pumps)


def test_against_a_target_parts_are_the_members_gaps():
    found = parts(LONG, goals())
    assert keys(found) == ["alone", "chance", "ask"]
    row = found.rows.iloc[0]
    assert (row["problem"], row["product_line"], row["rep"]) == ("short_of_target", "Pumps", "")
    assert (row["sales"], row["expected"], row["effect"]) == (360.0, 1200.0, -840.0)
    assert (row["confidence"], row["evidence"]) == ("low", "sum")
    assert said(found)["en"][0] == (
        "Nothing stands out from normal variation; to look at first: short of target (Pumps), 840."
    )


def test_without_a_target_last_year_is_what_it_is_held_against_and_without_that_the_period_before():
    found = parts(LONG)
    assert keys(found) == ["alone", "chance", "ask", "no_target"]
    assert found.rows[["problem", "effect"]].values.tolist() == [["below_last_year", -840.0]]
    young = parts(business("2025-07", "2025-09", pumps), begin=date(2025, 7, 1))
    assert keys(young) == ["untold", "chance", "ask_short", "no_target"]
    assert young.rows[["problem", "product_line", "effect"]].values.tolist() == [["below_period_before", "Pumps", -840]]


def test_a_part_beyond_the_targets_own_dimensions_is_told_as_a_share_of_it():
    rows = [{**row, "region": "east" if str(row["customer"]).endswith("0") else "west"} for row in LONG]
    east = [r for r in rows if not (r["region"] == "east" and r["day"] >= "2025-09")]
    found = parts(east, goals())
    assert found.rows[["problem", "region", "effect"]].values.tolist()[0] == ["short_of_share", "east", -1200.0]


def test_where_nothing_is_missing_no_part_is_named():
    for rows, targets in ((LONG, goals(200.0)), (business("2023-08", "2025-09"), NONE)):
        found = parts(rows, targets)
        assert (keys(found), found.quiet, len(found.rows)) == (["no_gap"], True, 0)
        said(found)


def test_without_anything_to_hold_sales_against_there_is_no_gap_to_tell():
    found = parts(business("2025-09", "2025-09"), begin=date(2025, 9, 1))
    assert (keys(found), found.quiet) == (["no_base"], True)
    said(found)


def test_what_everything_lacks_alike_is_named_by_size_and_what_is_trifling_is_not():
    alike = parts(business("2023-08", "2025-09", lambda r, x, m: 0.9 if m == "2025-09" else 1.0), goals())
    assert len(alike.rows) == 3
    trifle = parts(LONG, goals(), problems=pd.DataFrame([{"problem": "fewer_orders", "product_line": "Pumps",
                                                          "effect": -840.0}]))  # fmt: skip
    assert (keys(trifle), trifle.quiet) == (["spread"], True)
    said(trifle)


def test_parts_fill_the_list_up_to_three_beside_problems_and_hold_nothing_of_them():
    short = business("2023-08", "2025-09", lambda r, x, m: 0.5 if m == "2025-09" and r != "Dan" else 1.0)
    problem = pd.DataFrame([{"problem": "fewer_orders", "rep": "Ann", "effect": -450.0}])
    found = parts(short, goals(), problem)
    assert keys(found)[:2] == ["beside", "chance"]
    assert len(found.rows) == 2
    orders = frame("orders", *short)
    told = in_slice(orders, {"rep": "Ann"})
    for row in found.rows.to_dict("records"):
        own = in_slice(orders, members_of(row))
        assert not (own & told).any()
        told = told | own
    full = parts(short, goals(), pd.concat([problem] * 3))
    assert (keys(full), full.quiet) == (["enough"], True)
    said(full)


def test_a_problem_of_the_whole_or_of_money_that_comes_late_leaves_all_parts_open():
    for row in ({"problem": "lower_win_rate"}, {"problem": "lower_collection", "team": "S"}):
        found = parts(LONG, goals(), pd.DataFrame([{**row, "effect": -1.0}]))
        assert found.rows["product_line"].tolist() == ["Pumps"]


def test_while_the_period_runs_the_target_is_that_of_the_days_gone():
    rows = business("2023-08", "2025-09", lambda r, x, m: 1.0 if m != "2025-09" else 0.1 if x == "Pumps" else 0.5)
    found = parts(rows, goals(), as_of=date(2025, 9, 15))
    assert "to_date" in keys(found)
    assert found.rows["product_line"].tolist() == ["Pumps"]
    assert found.rows["expected"].iloc[0] == pytest.approx(600.0, rel=0.01)  # 11 of 22 working days
    assert "to_date" not in keys(parts(LONG, goals()))
    said(found)


def test_parts_that_come_to_more_than_the_gap_say_that_others_are_ahead():
    ahead = business("2023-08", "2025-09", lambda r, x, m: 1.2 if m == "2025-09" and x != "Pumps" else pumps(r, x, m))
    assert "offset" in keys(parts(ahead, goals()))
    assert "offset" not in keys(parts(business("2023-08", "2025-09", pumps), goals()))


def test_what_would_settle_it_asks_for_deals_only_where_there_are_none():
    assert "no_deals" in keys(parts(LONG, goals(), held=deals()))
    assert "no_deals" not in keys(parts(LONG, goals()))


def test_a_member_that_is_not_given_is_no_part():
    rows = [{**row, "product_line": None if row["product_line"] == "Pumps" else row["product_line"]} for row in LONG]
    assert all(members_of(row) for row in parts(rows).rows.to_dict("records"))


def test_a_target_in_another_unit_gives_no_parts():
    found = parts(LONG, goals(300.0 * 10_000))
    assert found.rows["problem"].tolist() == ["below_last_year"]


def test_what_a_part_may_be_called_stands_once_for_all_who_treat_it_otherwise_than_a_problem():
    assert {*NAMES.values(), SHARE} == GAP_PARTS


@pytest.mark.parametrize("said_of_rows", [(), ("rep",), ("customer",), ("rep", "customer", "channel")])
def test_of_sales_that_nothing_divides_no_part_is_named(said_of_rows):
    """No dimension at all, or one of a single member only: the memo is made all the same."""
    one = {"rep": "Ann", "customer": "Big", "channel": "direct"}
    rows = [
        {"day": f"{month}-10", "money": 100.0 if str(month) < "2025-09" else 40.0, **{d: one[d] for d in said_of_rows}}
        for month in pd.period_range("2023-08", "2025-09", freq="M")
    ]
    for begin in (date(2023, 8, 1), date(2025, 7, 1)):
        kept = [row for row in rows if str(row["day"]) >= begin.isoformat()]
        for targets in (NONE, frame("targets", {"amount": 100.0})):
            found = parts(kept, targets, begin=begin)
            assert (keys(found)[0], len(found.rows)) == ("spread", 0)
            said(found)


def test_where_targets_cover_a_part_of_sales_it_is_said_that_no_other_sale_is_counted():
    """Ann alone has a target: of her 900, 300 of pumps, 690 came, 90 of pumps."""
    found = parts(LONG, frame("targets", {"rep": "Ann", "amount": 900.0}, team="S"))
    row = found.rows.iloc[0]
    assert (row["product_line"], row["sales"], row["expected"], row["effect"]) == ("Pumps", 90.0, 300.0, -210.0)
    assert "covered" in keys(found)
    assert "covered" not in keys(parts(LONG, goals()))
    assert "covered" not in keys(parts(LONG))
    said(found)


def test_where_nothing_was_sold_the_gap_is_that_to_the_target_still():
    found = parts([row for row in LONG if row["day"] < "2025-09"] + [{**LONG[-1], "money": 0.0}], goals())
    assert set(found.rows["problem"]) == {"short_of_target"}
    assert found.rows["effect"].tolist() == [-1200.0] * 3
    assert "no_target" not in keys(found)


def test_targets_that_cannot_be_held_against_sales_are_not_asked_for_as_if_there_were_none():
    assert "no_target" not in keys(parts(LONG, goals(300.0 * 10_000)))
    assert "no_target" in keys(parts(LONG))
