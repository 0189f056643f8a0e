"""Target, actual, gap, attainment and change, and where targets come from when they stand at several levels."""

from datetime import date
from functools import partial

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesnb.calendar import Calendar, Period
from salesnb.metrics import change, four_figures, targets_for
from salesnb.metrics.against import attainment, gap
from tests.frames import frame, scope_of

CALENDAR = Calendar()


targets = partial(frame, "targets", period="2024-09")
scope = partial(scope_of, "2024-09")


def orders(*rows: tuple[str, str, float, str]) -> pd.DataFrame:
    """Order lines of (rep, day, amount, product line), each an order of its own."""
    names = "rep", "day", "money", "product_line"
    return frame("orders", *(dict(zip(names, row, strict=True)) for row in rows), customer="C")


def test_the_worked_rows_of_two_reps():
    sold = orders(
        ("张*", "2024-09-10", 85_000, "A"), ("张*", "2024-08-10", 94_444, "A"), ("张*", "2023-09-10", 80_952, "A"),
        ("李*", "2024-09-11", 96_000, "B"), ("李*", "2024-08-11", 80_000, "B"), ("李*", "2023-09-11", 83_478, "B"),
    )  # fmt: skip
    due = targets(
        {"rep": "张*", "product_line": "A", "amount": 100_000.0},
        {"rep": "李*", "product_line": "B", "amount": 80_000.0},
    )
    rows = four_figures(sold, due, scope(), ["rep"]).set_index("rep")
    assert rows.loc["张*", ["gap", "attainment"]].tolist() == [-15_000, 0.85]
    assert rows.loc["李*", ["gap", "attainment"]].tolist() == [16_000, 1.20]
    assert rows.loc["张*", ["yoy", "mom"]].tolist() == pytest.approx([0.05, -0.10], abs=5e-6)
    assert rows.loc["李*", ["yoy", "mom"]].tolist() == pytest.approx([0.15, 0.20], abs=5e-6)
    assert list(rows.index) == ["张*", "李*"]  # by gap, not by name


def test_east_and_south_together_are_no_mean_of_rates():
    sold = orders(("East", "2024-09-02", 120.0, "A"), ("South", "2024-09-02", 60.0, "A"))
    due = targets({"rep": "East", "amount": 100.0}, {"rep": "South", "amount": 100.0})
    assert four_figures(sold, due, scope()).loc[0, ["sales", "target", "attainment"]].tolist() == [180, 200, 0.9]


def test_gap_and_attainment_of_a_million():
    pair = pd.DataFrame({"actual": [800_000.0], "target": [1_000_000.0]})
    assert gap(pair).tolist() == [-200_000.0]
    assert attainment(pair).tolist() == [0.8]


def test_attainment_is_not_available_where_it_would_mislead():
    pair = pd.DataFrame({"actual": [5.0, 5.0, -5.0], "target": [0.0, -1.0, 10.0]})
    assert attainment(pair).isna().all()
    assert gap(pair).tolist() == [5.0, 6.0, -15.0]


def test_change_needs_a_positive_base():
    assert change(pd.Series([1.0, 1.0, 3.0]), pd.Series([0.0, -2.0, 2.0])).tolist()[2] == 0.5
    assert change(pd.Series([1.0, 1.0]), pd.Series([0.0, -2.0])).isna().all()


def test_no_last_year_is_null_not_zero():
    rows = four_figures(orders(("R", "2024-09-02", 10.0, "A")), targets(), scope(begin=date(2024, 9, 1)))
    assert rows[["sales_previous", "mom", "sales_last_year", "yoy", "target", "gap"]].isna().all(axis=None)


def due(amount: float, team: str = "", rep: str = "", line: str = "", region: str = "") -> dict[str, object]:
    return {"team": team, "rep": rep, "product_line": line, "region": region, "amount": amount}


LEVELS = {
    "a total stands above its teams": ([due(100), due(60, "T"), due(50, "U")], 100),
    "a team stands above its reps": ([due(60, "T"), due(59, "T", "R")], 60),
    "one team gives a total, another only its reps": ([due(60, "T"), due(10, "U", "R"), due(5, "U", "S")], 75),
    "one rep gives a total and parts, another only parts": (
        [due(20, "T", "R"), due(20, "T", "R", "A"), due(7, "T", "S", "A"), due(8, "T", "S", "B")],
        35,
    ),
    "the company by region and by team": ([due(100, "T"), due(40, region="N"), due(60, region="S")], 100),
    "one line beside the complete split by rep": ([due(9, "T", "", "A"), due(30, "T", "R"), due(20, "T", "S")], 50),
}


@pytest.mark.parametrize("case", LEVELS)
def test_targets_at_several_levels_are_never_added_twice(case):
    rows, expected = LEVELS[case]
    found = targets_for(targets(*rows), CALENDAR.period("2024-09"), CALENDAR)
    assert found["target"].tolist() == [expected]


def test_a_quarter_takes_its_three_months_and_not_two_of_them():
    months = [{"period": f"2024-0{m}", "team": "T", "amount": float(m)} for m in (7, 8, 9)]
    quarter = CALENDAR.period("2024-Q3")
    assert targets_for(targets(*months), quarter, CALENDAR)["target"].tolist() == [24.0]
    assert targets_for(targets(*months[:2]), quarter, CALENDAR).empty
    own = [*months, {"period": "2024-Q3", "team": "T", "amount": 30.0}]
    assert targets_for(targets(*own), quarter, CALENDAR)["target"].tolist() == [30.0]


def test_a_dimension_without_targets_has_none():
    due = targets({"team": "T", "rep": "R", "amount": 1.0})
    assert targets_for(due, CALENDAR.period("2024-09"), CALENDAR, "sales", ["manager"]).empty
    assert targets_for(due, CALENDAR.period("2024-09"), CALENDAR, "sales", ["region"]).empty


split = st.tuples(st.sampled_from("TU"), st.sampled_from("RS"), st.sampled_from("AB"), st.integers(1, 99))


@settings(max_examples=40, deadline=None)
@given(st.lists(split, min_size=1, max_size=10), st.randoms())
def test_rows_of_targets_have_no_order_and_the_total_is_that_of_the_parts(rows, random):
    unique = {(team, rep, line): amount for team, rep, line, amount in rows}
    table = [{"team": t, "rep": t + r, "product_line": p, "amount": float(a)} for (t, r, p), a in unique.items()]
    whole = targets_for(targets(*table), CALENDAR.period("2024-09"), CALENDAR)["target"].sum()
    assert whole == sum(unique.values())
    random.shuffle(table)
    by = targets_for(targets(*table), CALENDAR.period("2024-09"), CALENDAR, "sales", ["rep"])
    assert by["target"].sum() == whole


def test_who_sold_last_year_only_sold_nothing_since():
    """Two bases are joined one after the other: a member of the last one has zeros in the others, not holes."""
    sold = orders(("Old", "2023-09-10", 70, "A"), ("Now", "2024-09-10", 50, "A"), ("Aug", "2024-08-10", 30, "A"))
    rows = four_figures(sold, targets(), scope(), ["rep"]).set_index("rep")
    columns = ["sales", "sales_previous", "sales_last_year"]
    assert rows.loc["Old", columns].tolist() == [0.0, 0.0, 70.0]
    assert rows.loc["Now", columns].tolist() == [50.0, 0.0, 0.0]
    assert rows.loc["Aug", columns].tolist() == [0.0, 30.0, 0.0]
    assert rows.loc["Old", ["yoy"]].tolist() == [-1.0]
    assert rows["mom"].isna().tolist() == [name != "Aug" for name in rows.index]


def test_a_base_before_the_history_is_a_hole_and_no_zero():
    late = scope(begin=date(2024, 8, 1))
    rows = four_figures(orders(("Now", "2024-09-10", 50, "A")), targets(), late, ["rep"])
    assert rows["sales_previous"].tolist() == [0.0]
    assert rows["sales_last_year"].isna().all()


def test_a_fiscal_table_that_lacks_months_has_no_targets_of_months_and_no_fault():
    months = [Period(f"P{n}", "month", 2024, n, date(2024, n, 1), date(2024, n, 28)) for n in (1, 2)]
    quarters = [Period("Q1", "quarter", 2024, 1, date(2024, 1, 1), date(2024, 3, 31))]
    calendar = Calendar([*months, *quarters])
    assert targets_for(targets(), quarters[0], calendar).empty
    assert targets_for(targets(), quarters[0], calendar, "collection_rate").empty
