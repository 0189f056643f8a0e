"""Competitors and stock, on deals, notes and orders worked out by hand."""

from datetime import date

import pandas as pd
import pytest

from salesnb.findings.diagnosis import competitors, stock
from salesnb.views.naming import named_in
from tests.frames import deals, frame, notes, orders, scope_of
from tests.reading import said

PRODUCTS = frame("products", *({"product": name} for name in ("KS-5 Flow meter", "KP-30 Pump", "维保合同")))


def closed(won, lost, competitor, month="2025-03", money=100.0):
    one = {"close_date": f"{month}-12", "competitor": competitor, "money": money}
    return [{**one, "status": "won"}] * won + [{**one, "status": "lost"}] * lost


def row(found, competitor):
    return found.rows[found.rows["competitor"] == competitor].iloc[0]


def test_win_rate_and_losses_by_competitor_with_their_interval():
    rows = closed(56, 14, "A") + closed(20, 20, "B") + closed(5, 5, None) + closed(9, 9, "A", "2024-03")
    found = competitors(deals(*rows, {"status": "open", "competitor": "A"}), notes(), scope=scope_of())
    a = row(found, "A")
    assert (a["period"], a["closed_deals"], a["won_deals"], a["lost_value"]) == ("2024-10..2025-09", 70, 56, 1400.0)
    assert a["win_rate"] == 0.8
    # By hand: (0.8 + 1.9207 / 70 -+ 1.96 x sqrt(0.16 / 70 + 0.9604 / 4900)) / (1 + 3.8415 / 70).
    assert a["win_low"] == pytest.approx(0.6918, abs=5e-4)
    assert a["win_high"] == pytest.approx(0.8769, abs=5e-4)
    whole, any_ = row(found, ""), row(found, "(any)")
    assert (whole["closed_deals"], any_["closed_deals"], row(found, "(none)")["closed_deals"]) == (120, 110, 10)
    assert set(found.rows["evidence"].iloc[1:]) == {"associated"}


def test_a_competitor_is_named_only_where_chance_does_not_explain_it():
    hard = competitors(
        deals(*closed(30, 10, "A"), *closed(5, 35, "B"), *closed(20, 20, "C")), notes(), scope=scope_of()
    )
    assert hard.headline.key == "hardest"
    assert hard.rows["competitor"].iloc[hard.headline.picks["worst"]] == "B"
    even = competitors(deals(*closed(20, 20, "A"), *closed(18, 22, "B")), notes(), scope=scope_of())
    assert even.headline.key == "alike"
    lower = competitors(
        deals(*closed(10, 30, "A"), *closed(9, 31, "B"), *closed(60, 20, None)), notes(), scope=scope_of()
    )
    assert lower.headline.key == "lower"
    assert "associat" in " ".join(said(lower)["en"])
    few = competitors(deals(*closed(1, 5, "A"), *closed(60, 20, None)), notes(), scope=scope_of())
    assert few.headline.key == "few"
    assert "%" not in said(few)["en"][0]


def test_no_competitor_and_no_money_are_said():
    assert competitors(deals(), notes(), scope=scope_of()).missing
    assert competitors(deals(*closed(9, 9, None)), notes(), scope=scope_of()).missing
    old = competitors(deals(*closed(9, 9, "A", "2023-03")), notes(), scope=scope_of())
    assert (old.headline.key, old.quiet) == ("none_closed", True)
    free = competitors(deals(*closed(9, 9, "A", money=0.0)), notes(), scope=scope_of())
    assert "most_lost_unpriced" in {n.key for n in free.notes}
    assert pd.isna(row(free, "A")["lost_value"])


def test_notes_are_counted_with_the_competitor_they_name():
    told = notes(("2025-03-02", "competitor", "恒钛阀业报价低约8%", None),
                 ("2025-04-02", "competitor", "恒钛阀业 again", None),
                 ("2025-04-02", "competitor", "someone is cheaper", None), ("2025-04-02", "stock", "恒钛阀业", None),
                 ("2023-04-02", "competitor", "恒钛阀业", None))  # fmt: skip
    found = competitors(deals(*closed(9, 9, "恒钛阀业"), *closed(9, 9, "B")), told, scope=scope_of())
    assert row(found, "恒钛阀业")["competitor_notes"] == 2
    assert row(found, "B")["competitor_notes"] == 0
    assert row(found, "")["competitor_notes"] == 3


def test_without_any_note_nobody_knows_how_many_there_were():
    for by in ("competitor", "month"):
        found = competitors(deals(*closed(9, 9, "A")), notes(), scope=scope_of(), by=by)
        assert found.rows["competitor_notes"].isna().all(), by
        assert not [f for f in found.facts() if f["metric"] == "competitor_notes"], by
    assert (found.headline.key, found.quiet) == ("no_notes", True)


def months(rates, noted):
    rows, told = [], []
    for number, (share, seen) in enumerate(zip(rates, noted, strict=True), start=1):
        month = f"2025-{number:02d}"
        rows += closed(round(20 * share), 20 - round(20 * share), "A", month)
        told += [(f"{month}-10", "competitor", "A undercuts us", None)] * seen
    return competitors(deals(*rows), notes(*told), scope=scope_of(), by="month")


def test_months_with_reports_are_held_against_those_without():
    lower = months([0.5, 0.5, 0.5, 0.5, 0.5, 0.2, 0.2, 0.2, 0.2], [0, 0, 0, 0, 0, 1, 2, 1, 1])
    assert lower.headline.key == "lower_months"
    with_, without = (lower.rows.iloc[lower.headline.picks[p]] for p in ("with", "without"))
    assert (with_["event"], with_["won_deals"], with_["closed_deals"], with_["competitor_notes"]) == (
        "reported",
        16,
        80,
        5,
    )
    assert (without["won_deals"], without["closed_deals"]) == (50, 100)
    assert lower.rows[lower.rows["month"] == "2025-06"]["note"].iloc[0] == "A undercuts us"
    assert "no effect" in said(lower)["en"][0]
    assert months([0.5] * 9, [0, 1] * 4 + [0]).headline.key == "not_lower"
    assert months([0.5] * 9, [0] * 9).quiet
    assert months([0.5] * 2, [1, 0]).headline.key == "not_lower"


def test_a_month_of_which_the_data_hold_a_part_is_no_month_of_the_run():
    rows = [row for m in (6, 7, 8, 9) for row in closed(2, 2, "A", f"2025-{m:02d}")]
    told = notes(("2025-07-21", "competitor", "A undercuts us", None))
    found = competitors(deals(*rows), told, scope=scope_of(begin=date(2025, 6, 16)), by="month")
    assert found.rows["month"].tolist() == ["2025-07", "2025-08", "2025-09", "", ""]


def test_the_order_of_rows_does_not_matter_and_inputs_stay():
    told = deals(*closed(30, 10, "A"), *closed(5, 35, "B"), *closed(7, 3, None))
    field = notes(("2025-03-02", "competitor", "A", None), ("2025-06-02", "competitor", "B", None))
    copies = told.copy(deep=True), field.copy(deep=True)
    for by in ("competitor", "month"):
        one, two = (
            competitors(t, f, scope=scope_of(), by=by).rows for t, f in ((told, field), (told[::-1], field[::-1]))
        )
        pd.testing.assert_frame_equal(one, two)
    pd.testing.assert_frame_equal(told, copies[0])
    pd.testing.assert_frame_equal(field, copies[1])


# -- stock


def test_reports_of_a_month_are_told_by_day_whatever_the_order_of_rows():
    told = [("2025-03-09", "competitor", "later", None), ("2025-03-02", "competitor", "zeal", None),
            ("2025-03-02", "competitor", "able", None), ("2025-03-20", "competitor", "last", None)]  # fmt: skip
    for mixed in (told, told[::-1]):
        found = competitors(deals(*closed(6, 6, "Norrvik")), notes(*mixed), scope=scope_of(), by="month")
        rows = found.rows.set_index("month")
        assert rows.loc["2025-03", "note"] == "able / zeal / later"


def sold(product, last_year, now, customer="Hua"):
    of = {"product": product, "customer": customer}
    return [{**of, "day": "2024-09-10", "money": last_year}, {**of, "day": "2025-09-10", "money": now}]


def test_what_was_missing_is_held_against_last_year_and_against_all_others():
    field = notes(("2025-08-20", "stock", "KS-5 库存不足，只能分批交货", "Hua"),
                  ("2025-06-20", "stock", "ks-5 out of stock", "Li Ltd."),
                  ("2025-05-20", "stock", "KP-30 缺货两周", "Hua"),
                  ("2025-05-21", "competitor", "KS-5", None))  # fmt: skip
    bought = orders(*sold("KS-5 Flow meter", 100, 60), *sold("KP-30 Pump", 50, 50), *sold("维保合同", 100, 120))
    found = stock(field, bought, PRODUCTS, scope=scope_of())
    assert found.rows["product"].tolist() == ["", "KS-5 Flow meter", "KP-30 Pump", "(others)"]
    top = found.rows.iloc[1]
    assert (top["stock_notes"], top["sales"], top["sales_last_year"]) == (2, 60, 100)
    assert top["yoy"] == pytest.approx(-0.4)
    # Two customers were named; Hua bought after the note, Li Ltd. did not.
    assert (top["stock_customers"], top["stock_customers_served"]) == (2, 1)
    assert str(top["last_date"])[:10] == "2025-08-20"
    assert found.rows["yoy"].iloc[3] == pytest.approx(0.2)
    assert found.rows["sales"].iloc[0] == found.rows["sales"].iloc[1:].sum() == 230
    assert found.headline.key == "behind_others"
    assert "−40.0%" in said(found)["en"][0]


def test_sales_that_did_not_fall_are_said_to_have_held():
    field = notes(("2025-08-20", "stock", "KS-5 short", None))
    held = stock(
        field, orders(*sold("KS-5 Flow meter", 100, 110), *sold("维保合同", 100, 150)), PRODUCTS, scope=scope_of()
    )
    assert held.headline.key == "held"
    new = stock(
        field,
        orders({"day": "2025-09-01", "product": "KP-30 Pump", "customer": "Hua", "money": 5.0}),
        PRODUCTS,
        scope=scope_of(),
    )
    assert new.headline.key == "reported"
    assert new.rows["sales"].iloc[1] == 0
    assert said(new)


def test_reports_of_long_ago_are_not_held_against_the_sales_of_now():
    bought = orders(*sold("KS-5 Flow meter", 100, 10), *sold("维保合同", 100, 150))
    found = stock(notes(("2025-03-20", "stock", "KS-5 short", "Hua")), bought, PRODUCTS, scope=scope_of())
    assert found.headline.key == "past"
    assert "20 Mar 2025" in said(found)["en"][0]
    quarter = stock(notes(("2025-03-20", "stock", "KS-5 short", "Hua")), bought, PRODUCTS, scope=scope_of("2025"))
    assert quarter.headline.key == "behind_others"  # of a year March is a part


def test_stock_that_nobody_reported_or_named_is_said():
    bought = orders(*sold("KS-5 Flow meter", 100, 60))
    assert stock(notes(), bought, PRODUCTS, scope=scope_of()).missing
    quiet = stock(notes(("2025-08-20", "need", "KS-5", None)), bought, PRODUCTS, scope=scope_of())
    assert (quiet.headline.key, quiet.quiet) == ("none", True)
    vague = stock(notes(("2025-08-20", "stock", "everything is short", None)), bought, PRODUCTS, scope=scope_of())
    assert vague.headline.key == "unnamed"
    assert said(vague)
    cut = scope_of(as_of=date(2025, 9, 12))
    assert "unfinished" in {
        n.key for n in stock(notes(("2025-08-20", "stock", "KS-5", "Hua")), bought, PRODUCTS, scope=cut).notes
    }


@pytest.mark.parametrize(
    ("text", "name"),
    [("KS-5 库存不足", "KS-5 Flow meter"), ("ks-5缺货", "KS-5 Flow meter"), ("KS-50 short", ""),
     ("维保合同到期", "维保合同"),
     ("the pump is late", ""), ("KP-30 Pump then KS-5", "KP-30 Pump"), ("", "")],
)  # fmt: skip
def test_a_text_names_a_product_by_its_name_or_its_model(text, name):
    assert named_in([text], PRODUCTS["product"]) == [name]


def test_a_first_word_that_several_names_share_names_none():
    assert named_in(["GTX is late", "GTX Pro is late"], ["GTX Basic", "GTX Pro"]) == ["", "GTX Pro"]
