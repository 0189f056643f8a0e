"""Driver trees of sales and of deals: hand-worked, exact, sensible where there was nothing before."""

from datetime import date

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesnb.findings import diagnosis
from salesnb.show.sentence import sentence_text
from tests.frames import frame, scope_of

SCOPE = scope_of("2025-09")


def of(found, kind: str) -> pd.DataFrame:
    return found.rows[found.rows["new_existing"] == kind].set_index("kpi")


def test_new_customers_where_there_were_none_bear_their_whole_sales():
    orders = frame(
        "orders",
        {"day": "2025-01-02", "money": 1, "customer": "old"},
        {"day": "2025-08-01", "money": 100, "customer": "old"},
        {"day": "2025-09-01", "money": 100, "customer": "old"},
        {"day": "2025-09-02", "money": 30, "customer": "fresh"},
        {"day": "2025-09-03", "money": 50, "customer": "fresh"},
    )
    found = diagnosis.drivers(orders, scope=SCOPE)
    new = of(found, "new")
    assert new["effect"].to_dict() == {"customers": 80.0, "orders_per_customer": 0.0, "aov": 0.0}
    assert new["before"].isna().tolist() == [False, True, True]
    assert of(found, "existing")["effect"].sum() == 0.0
    assert found.rows["effect"].iloc[-1] == 80.0
    assert sentence_text(found, found.headline, "en") == (
        "Sales rose 80 on the period before; the largest gain, 80, lies in active customers (new customers)."
    )
    assert "no_new_before" in [note.key for note in found.notes]
    assert len(found.chart.rows) == 2  # what did not move is not drawn


def test_of_a_year_the_comparison_with_last_year_is_not_told_twice():
    orders = frame(
        "orders", *[{"day": day, "money": 10, "customer": "a"} for day in ("2024-01-02", "2024-05-01", "2025-09-01")]
    )
    deals = frame("opportunities", *[{"day": d, "money": 5, "status": "won"} for d in ("2024-05-02", "2025-09-02")])
    year = scope_of("2025")
    for told in (
        diagnosis.drivers(orders, scope=year, against="last_year"),
        diagnosis.deal_drivers(deals, scope=year, against="last_year"),
    ):
        assert (told.quiet, told.headline.key) == (True, "told_above")
    both = diagnosis.drivers(orders, scope=year, against="both")
    assert both.facts() == diagnosis.drivers(orders, scope=year).facts()
    assert "told_above" not in [note.key for note in both.notes]
    assert not diagnosis.drivers(orders, scope=year).quiet
    assert not diagnosis.deal_drivers(deals, scope=year).quiet


def test_both_comparisons_stand_in_one_table_with_the_figures_of_each():
    days = ("2023-01-02", "2024-09-03", "2025-08-05", "2025-09-04", "2025-09-05")
    orders = frame("orders", *[{"day": d, "money": 10.0 + i, "customer": "a"} for i, d in enumerate(days)])
    deals = frame("opportunities", *[{"day": d, "money": 5.0 + i, "status": "won"} for i, d in enumerate(days[1:])])
    for tree, table in ((diagnosis.drivers, orders), (diagnosis.deal_drivers, deals)):
        one, other = (tree(table, scope=SCOPE, against=base) for base in ("previous", "last_year"))
        found = tree(table, scope=SCOPE, against="both")
        assert found.facts() == [*one.facts(), *other.facts()]
        said = sentence_text(other, other.headline, "en")
        assert sentence_text(found, found.headline, "en") == sentence_text(one, one.headline, "en") != said
        assert said in [sentence_text(found, note, "en") for note in found.notes]
        assert max(found.chart.rows) < len(one.rows)


def test_of_both_comparisons_one_that_cannot_be_told_is_a_note():
    days = ("2025-01-02", "2025-08-05", "2025-09-05")
    orders = frame("orders", *[{"day": d, "money": 10, "customer": "a"} for d in days])
    scope = scope_of("2025-09", begin=date(2025, 1, 1))
    found = diagnosis.drivers(orders, scope=scope, against="both")
    assert (found.headline.key, found.quiet) == ("same_previous", False)
    assert "no_base_last_year" in [note.key for note in found.notes] or "truncated" in [n.key for n in found.notes]
    assert set(found.rows["against"]) == {"previous"}


def test_customers_and_orders_that_make_up_for_each_other_are_no_rise():
    orders = frame(
        "orders",
        *[{"day": "2025-08-05", "money": 50, "customer": c} for c in "ab"]
        + [{"day": "2025-09-05", "money": 100, "customer": "a"}],
    )
    found = diagnosis.drivers(orders, scope=SCOPE)
    assert found.headline.key == "same_previous"
    assert found.rows["effect"].iloc[:-1].abs().max() > 10
    assert found.rows["effect"].iloc[-1] == 0


def test_orders_without_a_customer_are_a_row_of_their_own():
    orders = frame(
        "orders",
        {"day": "2025-01-02", "money": 1, "customer": "a"},
        {"day": "2025-08-01", "money": 10, "customer": None},
        {"day": "2025-09-01", "money": 4, "customer": None},
        {"day": "2025-09-01", "money": 20, "customer": "a"},
    )
    found = diagnosis.drivers(orders, scope=SCOPE)
    assert of(found, "(none)")["effect"].to_dict() == {"sales": -6.0}
    assert found.rows["effect"].iloc[-1] == 14.0


def test_without_customers_the_column_is_asked_for():
    found = diagnosis.drivers(frame("orders", {"day": "2025-09-01", "money": 4}), scope=SCOPE)
    assert found.missing[0].columns == ("customer",)
    assert found.facts() == []


def test_before_the_history_there_is_no_base():
    orders = frame("orders", {"day": "2025-09-01", "money": 4, "customer": "a"})
    scope = scope_of("2025-09", begin=pd.Timestamp("2025-09-01").date())
    assert diagnosis.drivers(orders, scope=scope).headline.key == "no_base_previous"
    assert diagnosis.drivers(orders, scope=scope, against="last_year").headline.key == "no_base_last_year"


def test_both_comparisons_have_facts_of_their_own():
    orders = frame(
        "orders",
        *[
            {"day": day, "money": 10 + i, "customer": "a"}
            for i, day in enumerate(("2024-09-02", "2025-08-04", "2025-09-01"))
        ],
    )
    both = [diagnosis.drivers(orders, scope=SCOPE, against=a) for a in ("previous", "last_year")]
    dims = [{fact["dims"] for fact in found.facts()} for found in both]
    assert not dims[0] & dims[1]


line = st.fixed_dictionaries(
    {
        "day": st.sampled_from(["2025-03-03", "2025-08-04", "2025-08-11", "2025-09-01", "2025-09-02"]),
        "money": st.integers(-50_000, 500_000).map(lambda cents: cents / 10_000),
        "customer": st.sampled_from(["a", "b", "c", None]),
    }
)


@settings(max_examples=25, deadline=None)
@given(st.lists(line, min_size=1, max_size=12), st.randoms())
def test_parts_add_up_to_the_last_unit_whatever_the_order_of_rows(lines, random):
    lines = [*lines, {"day": "2025-08-04", "money": 1.0, "customer": "a"}]
    orders = frame("orders", *lines)
    kept = orders.copy(deep=True)
    found = diagnosis.drivers(orders, scope=SCOPE)
    pd.testing.assert_frame_equal(orders, kept)
    units = (found.rows["effect"] * 10_000).round().astype("int64")
    assert units.iloc[:-1].sum() == units.iloc[-1]
    september = orders["sales_date"].dt.month == 9
    august = orders["sales_date"].dt.month == 8
    paid = (orders["amount"] * 10_000).round().astype("int64")
    assert units.iloc[-1] == paid[september].sum() - paid[august].sum()
    random.shuffle(lines)
    assert diagnosis.drivers(frame("orders", *lines), scope=SCOPE).facts() == found.facts()


DEALS = frame(
    "opportunities",
    *[{"day": "2025-08-05", "money": 100, "status": "won", "rep": "Wu"}] * 4,
    *[{"day": "2025-08-06", "money": 0, "status": "lost", "rep": "Wu"}] * 4,
    *[{"day": "2025-09-05", "money": 100, "status": "won", "rep": "Wu"}] * 2,
    *[{"day": "2025-09-06", "money": 0, "status": "lost", "rep": "Li"}] * 6,
    {"day": None, "money": 999, "status": "open", "rep": "Li"},
)


def test_deals_that_are_won_half_as_often():
    found = diagnosis.deal_drivers(DEALS, scope=SCOPE)
    rows = found.rows.set_index("kpi")
    assert rows["effect"].to_dict() == {"closed_deals": 0.0, "win_rate": -200.0, "deal_value": 0.0, "won_value": -200.0}
    assert rows.loc["win_rate", ["before", "after"]].tolist() == [0.5, 0.25]
    assert "from 50.0% to 25.0%" in sentence_text(found, found.headline, "en")
    assert [note.key for note in found.notes] == ["few"]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_drivers_that_make_up_for_each_other_are_no_rise_and_not_unchanged(lang):
    """Half of four at 100, then a quarter of four at 200: as much was won, by fewer and larger deals."""
    deals = frame(
        "opportunities", *[{"day": f"2025-{month}", "money": money, "status": status}
         for month, won, money in (("08-05", 2, 100), ("09-05", 1, 200))
         for status in ["won"] * won + ["lost"] * (4 - won)]
    )  # fmt: skip
    found = diagnosis.deal_drivers(deals, scope=SCOPE)
    assert found.headline.key == "same_previous"
    said = sentence_text(found, found.headline, lang)
    assert not any(wrong in said for wrong in ("rose", "driver by driver", "增加", "各因素"))
    effects = found.rows["effect"]
    assert effects.iloc[-1] == 0.0
    assert effects.iloc[:-1].abs().max() > 100.0


def test_deals_that_are_all_open_are_given_but_not_closed():
    deals = frame("opportunities", {"day": "2025-09-01", "status": "open", "money": 4}).assign(close_date=pd.NaT)
    found = diagnosis.deal_drivers(deals, scope=SCOPE)
    assert (found.headline.key, found.missing) == ("no_closed", ())


def test_nothing_won_lies_in_the_win_rate_and_nothing_closed_in_the_deals():
    lost = frame("opportunities", *[{"day": "2025-09-06", "money": 0, "status": "lost"}] * 8)
    before = DEALS[DEALS["close_date"] < "2025-09-01"]
    rate = diagnosis.deal_drivers(pd.concat([before, lost], ignore_index=True), scope=SCOPE).rows.set_index("kpi")
    assert rate["effect"].to_dict() == {"closed_deals": 0.0, "win_rate": -400.0, "deal_value": 0.0, "won_value": -400.0}
    none = diagnosis.deal_drivers(before, scope=SCOPE)
    assert none.rows.set_index("kpi")["effect"].to_dict() == {
        "closed_deals": -400.0, "win_rate": 0.0, "deal_value": 0.0, "won_value": -400.0
    }  # fmt: skip
    assert none.headline.key == "fell_previous"


def test_no_deals_at_all_names_the_table():
    found = diagnosis.deal_drivers(DEALS[:0], scope=SCOPE)
    assert found.missing[0].table == "opportunities"


def test_a_fifth_fewer_proposals_explain_a_lower_win_rate():
    def month(day: str, proposed: int, won: int) -> list[dict[str, object]]:
        outcome = [("won", day)] * won + [("lost", day)] * (proposed - won) + [("lost", None)] * (100 - proposed)
        return [{"day": day, "money": 10, "status": s, "proposal_date": p} for s, p in outcome]

    deals = frame("opportunities", *month("2025-08-05", 100, 20), *month("2025-09-05", 80, 17))
    rows = diagnosis.proposals(deals, scope=SCOPE).rows.set_index("kpi")
    # The value follows the close rate: 4.12 points of 20 lost by proposals, 1.12 won back by wins per proposal.
    assert rows.loc["proposal_rate", "effect"] == pytest.approx(-41.2, abs=0.05)
    assert rows.loc["wins_per_proposal", "effect"] == pytest.approx(11.2, abs=0.05)
    assert rows.loc["won_value", "effect"] == -30.0
    assert rows["win_rate_effect"].dropna().mul(100).round(2).to_dict() == {
        "proposal_rate": -4.12, "wins_per_proposal": 1.12, "win_rate": -3.0
    }  # fmt: skip
    found = diagnosis.proposals(deals, scope=SCOPE)
    assert sentence_text(found, found.notes[0], "en") == (
        "The win rate itself went from 20.0% to 17.0% (−15.0%), −3.00 pts: "
        "proposals per deal −4.12 pts, wins per proposal +1.12 pts."
    )
    assert diagnosis.proposals(deals.assign(proposal_date=pd.NaT), scope=SCOPE).missing[0].columns[0] == "proposal_date"


def test_wins_without_any_proposal_in_one_period_cannot_be_split():
    deals = frame(
        "opportunities",
        {"day": "2025-08-05", "money": 10, "status": "won", "proposal_date": None},
        {"day": "2025-09-05", "money": 10, "status": "won", "proposal_date": "2025-09-01"},
    )
    assert diagnosis.proposals(deals, scope=SCOPE).headline.key == "not_given"


deal = st.fixed_dictionaries(
    {
        "day": st.sampled_from(["2025-08-04", "2025-09-01"]),
        "money": st.integers(0, 900_000).map(lambda cents: cents / 10_000),
        "status": st.sampled_from(["won", "lost"]),
    }
)


@settings(max_examples=25, deadline=None)
@given(st.lists(deal, min_size=1, max_size=10))
def test_deal_parts_add_up_to_the_last_unit(deals):
    rows = diagnosis.deal_drivers(frame("opportunities", *deals), scope=SCOPE).rows
    units = (rows["effect"] * 10_000).round().astype("int64")
    assert units.iloc[:-1].sum() == units.iloc[-1]


def test_deals_by_rep_rank_no_small_numbers():
    found = diagnosis.deals(DEALS, scope=SCOPE)
    assert found.rows["rep"].tolist() == ["", "Wu", "Li"]
    assert found.rows["win_rate"].tolist() == [0.25, 1.0, 0.0]
    assert found.headline.key == "small"
    assert [note.key for note in found.notes] == ["few"]
    assert found.rows["deal_value"].iloc[1] == 100.0  # what a lost deal was worth is never averaged


def test_two_reps_with_a_few_of_many_deals_are_not_the_range_of_all():
    def closed(rep, won, lost):
        return [
            {"day": "2025-09-05", "money": 10, "status": "won" if i < won else "lost", "rep": rep}
            for i in range(won + lost)
        ]

    ranked = closed("Wu", 1, 11) + closed("Li", 11, 1)
    few = [deal for n in range(5) for deal in closed(f"Rep {n}", 3, 2)]
    assert diagnosis.deals(frame("opportunities", *ranked + few[:20]), scope=SCOPE).headline.key == "spread"  # 24 of 44
    assert diagnosis.deals(frame("opportunities", *ranked + few), scope=SCOPE).headline.key == "most"  # 24 of 49


def test_deals_by_rep_with_enough_of_them():
    many = frame(
        "opportunities",
        *[{"day": "2025-09-05", "money": 10, "status": "won" if i % 4 else "lost", "rep": "Wu"} for i in range(20)]
        + [
            {"day": "2025-09-05", "money": 10, "status": "won" if i % 10 == 0 else "lost", "rep": "Li"}
            for i in range(20)
        ],
    )
    found = diagnosis.deals(many, scope=SCOPE)
    assert found.headline.key == "spread"
    assert found.rows["rep"].iloc[found.headline.picks["best"]] == "Wu"
    close = many.assign(status=["won" if i % 2 else "lost" for i in range(39)] + ["lost"])
    assert diagnosis.deals(close, scope=SCOPE).headline.key == "most"  # 10 of 20 against 9 is chance


@pytest.mark.parametrize("by", ["channel", "product"])
def test_deals_by_what_nobody_filled_in(by):
    found = diagnosis.deals(DEALS, scope=SCOPE, by=[by])
    assert found.missing[0].columns == (by,)
    assert len(found.rows) == 1


def test_who_won_all_is_not_said_to_have_won_the_most_of_it():
    """Eleven deals, too few of each rep for a rate; all three wins are of one."""
    rows = [
        {"day": "2025-09-02", "money": 10, "rep": rep, "status": status}
        for rep, status, count in (("A", "won", 3), ("A", "lost", 3), ("B", "lost", 5))
        for _ in range(count)
    ]
    found = diagnosis.deals(frame("opportunities", *rows), scope=SCOPE)
    assert sentence_text(found, found.headline, "en") == (
        "All that was won, 30, was won by A. In all, 3 of 11 closed deals were won (27.3%)."
    )
    assert sentence_text(found, found.headline, "zh") == "赢单金额30全部来自A；共关闭商机11个，赢单3个（27.3%）。"
    shared = diagnosis.deals(frame("opportunities", *rows, {**rows[0], "rep": "B"}), scope=SCOPE)
    assert shared.headline.key == "most"
    assert found.chart.columns == shared.chart.columns


def test_nothing_won_is_said_in_words_and_worth_nothing():
    rows = [{"day": "2025-09-02", "money": 10, "rep": rep, "status": "lost"} for rep in "AB" for _ in range(6)]
    found = diagnosis.deals(frame("opportunities", *rows), scope=SCOPE)
    assert sentence_text(found, found.headline, "en") == "Of 12 closed deals none was won."
    assert sentence_text(found, found.headline, "zh") == "关闭商机12个，没有赢单。"
    one = diagnosis.deals(frame("opportunities", *rows, {**rows[0], "status": "won"}), scope=SCOPE)
    assert one.headline.key != "none_won"


def test_a_base_that_the_data_hold_in_part_is_no_base():
    """The data begin in November 2024: the quarter before is whole, the same one of last year is not."""
    orders = frame(
        "orders", *[{"day": d, "money": 10, "customer": "a", "product": "p", "quantity": 1}
         for d in ("2024-11-05", "2025-08-05", "2025-11-06")]
    )  # fmt: skip
    deals = frame(
        "opportunities", *[{"day": d, "money": 5, "status": "won"} for d in ("2024-11-06", "2025-08-06", "2025-11-07")]
    )
    scope = scope_of("2025-Q4", begin=date(2024, 11, 4))
    for told in (
        diagnosis.drivers(orders, scope=scope, against="last_year"),
        diagnosis.price_volume_mix(orders, scope=scope, against="last_year"),
        diagnosis.deal_drivers(deals, scope=scope, against="last_year"),
    ):
        assert (told.quiet, told.headline.key, len(told.rows)) == (True, "truncated", 0)
        assert sentence_text(told, told.headline, "en").startswith("The data begin inside the period compared with")
    assert not diagnosis.drivers(orders, scope=scope).quiet
    assert not diagnosis.deal_drivers(deals, scope=scope).quiet
