"""Problems named, sized and not invented, on frames whose truth is known."""

import importlib
from datetime import date

import numpy as np
import pandas as pd
import pytest

from salesnb.findings import diagnosis
from salesnb.findings.diagnosis.problems import ranked
from salesnb.show.sentence import sentence_text
from tests.frames import frame, scope_of

module = importlib.import_module("salesnb.findings.diagnosis.problems")

MONTHS = [str(m) for m in pd.period_range("2023-08", "2025-09", freq="M")]
SCOPE = scope_of("2025-09", begin=date(2023, 8, 1), team="S")
NONE = frame("targets"), frame("opportunities"), frame("receipts")


def business(seed: int, keep=lambda row: True, price=lambda row: 1.0) -> list[dict[str, object]]:
    """Orders of six reps, three lines and sixty customers over 26 months; ``keep`` and ``price`` plant things."""
    draws, rows = np.random.default_rng(seed), []
    clients = [(f"c{i}", f"rep{i % 6}", ("direct", "distributor")[i % 5 == 0]) for i in range(60)]
    size = draws.lognormal(0, 0.4, 60)
    for month in MONTHS:
        for i, (customer, rep, channel) in enumerate(clients):
            for _ in range(draws.poisson(2.5)):
                line, quantity = draws.choice(["Pumps", "Valves", "Sensors"]), int(draws.integers(1, 20))
                row = {
                    "day": f"{month}-{draws.integers(1, 28):02d}", "rep": rep, "customer": customer,
                    "channel": channel, "product_line": line, "product": line, "customer_type": "all", "team": "S",
                    "region": f"r{i % 3}", "quantity": quantity,
                }  # fmt: skip
                chance = draws.random()
                money = 100 * quantity * size[i] * draws.lognormal(0, 0.05)
                if keep({**row, "month": month, "chance": chance}):
                    rows.append({**row, "money": round(money * price({**row, "month": month}), 4)})
    return rows


def named(found) -> list[dict[str, str]]:
    dims = [d for d in found.dimensions if d != "problem"]
    return [{d: row[d] for d in dims if row[d]} | {"problem": row["problem"]} for _, row in found.rows.iterrows()]


def problems(rows, targets=NONE[0], scope=SCOPE):
    return diagnosis.problems(frame("orders", *rows), targets, NONE[1], NONE[2], scope=scope)


def test_months_of_noise_alone_have_no_problem():
    found = [problems(business(seed)) for seed in range(8)]
    assert [named(f) for f in found] == [[]] * 8
    assert {f.headline.key for f in found} == {"none"}


def test_an_account_that_stopped_is_named_with_its_loss():
    whole = pd.DataFrame(business(1))
    whole["customer"] = whole["customer"].replace({"c13": "c7", "c19": "c7"})  # one large account of rep1
    rows = whole[(whole["customer"] != "c7") | (whole["day"] < "2025-06")]
    found = problems(rows.to_dict("records"))
    assert named(found) == [{"customer": "c7", "problem": "customer_stopped"}]
    usual = rows[rows["customer"] == "c7"]["money"].sum() / 22
    assert found.rows["effect"].iloc[0] == pytest.approx(-usual, rel=0.3)
    assert found.rows["gap_share"].isna().all()  # no target, no gap


def test_a_lower_price_is_told_from_fewer_orders():
    cut = lambda row: 0.85 if row["product_line"] == "Sensors" and row["month"] >= "2025-09" else 1.0  # noqa: E731
    found = problems(business(2, price=cut))
    assert named(found) == [{"product_line": "Sensors", "problem": "lower_prices"}]
    assert found.rows["evidence"].tolist() == ["measured"]
    sold = pd.DataFrame(business(2, price=cut))
    month = sold[(sold["day"] >= "2025-09") & (sold["product_line"] == "Sensors")]["money"].sum()
    assert found.rows["effect"].iloc[0] == pytest.approx(-month * (1 / 0.85 - 1), rel=0.1)


def test_fewer_orders_of_a_channel_are_found_and_sized_against_the_gap():
    thin = lambda r: not (r["channel"] == "distributor" and r["month"] == "2025-09" and r["chance"] < 0.9)  # noqa: E731
    rows = business(3, keep=thin)
    targets = frame("targets", {"period": "2025-09", "team": "S", "amount": 260_000.0})
    found = problems(rows, targets)
    assert found.rows["channel"].tolist() == ["distributor"]
    sales = sum(row["money"] for row in rows if row["day"] >= "2025-09")
    assert found.rows["gap_share"].iloc[0] == pytest.approx(found.rows["effect"].iloc[0] / (sales - 260_000.0))


def test_a_loss_larger_than_the_gap_is_no_share_of_it_and_its_driver_is_no_measurement():
    """That fewer orders go along with the loss is seen beside it; others made up for most, so the gap is small."""
    thin = lambda r: not (r["channel"] == "distributor" and r["month"] == "2025-09" and r["chance"] < 0.9)  # noqa: E731
    rows = business(3, keep=thin)
    sales = sum(row["money"] for row in rows if row["day"] >= "2025-09")
    for target, shared in ((sales + 100_000.0, True), (sales + 1_000.0, False), (sales - 1.0, False)):
        found = problems(rows, frame("targets", {"period": "2025-09", "team": "S", "amount": target}))
        assert found.rows["channel"].tolist() == ["distributor"]
        assert -100_000 < found.rows["effect"].iloc[0] < -1_000
        assert found.rows["gap_share"].notna().tolist() == [shared]
        assert found.rows["evidence"].tolist() == ["associated"]
        assert {"share_alone"} & {n.key for n in found.notes} == ({"share_alone"} if shared else set())


def test_collection_that_slows_is_named_once_and_kept_apart():
    invoices = np.repeat(MONTHS, 10)
    share = np.where(invoices >= "2025-07", 0.5, 0.95 + 0.02 * np.sin(np.repeat(np.arange(len(MONTHS)), 10)))
    paid = [
        {"due": f"{m}-15", "paid": f"{m}-15", "got": part * 100_000.0} for m, part in zip(invoices, share, strict=True)
    ]
    receipts = frame("receipts", *paid, team="S", owed=100_000.0)
    found = diagnosis.problems(frame("orders", *business(4)), NONE[0], NONE[1], receipts, scope=SCOPE)
    assert named(found) == [{"problem": "lower_collection"}]
    assert found.rows["effect"].iloc[0] == pytest.approx(-450_000, rel=0.1)
    assert "slower collection" in sentence_text(found, found.headline, "en")


def test_a_rep_who_left_is_no_problem_of_sales_but_one_with_a_target_is():
    left = lambda row: not (row["rep"] == "rep1" and row["month"] >= "2025-08")  # noqa: E731
    handed = [{**r, "rep": "rep2"} if not left({**r, "month": r["day"][:7]}) else r for r in business(5)]
    assert problems(handed).rows.empty
    targets = frame("targets", {"period": "2025-09", "team": "S", "rep": "rep1", "amount": 1.0})
    assert problems(handed, targets).rows.empty  # his customers buy as ever, from somebody else
    unserved = [r for r in business(5) if left({**r, "month": r["day"][:7]})]
    assert problems(unserved, targets).rows["rep"].tolist()[:1] == ["rep1"]


def test_a_short_history_says_so():
    found = problems(business(6), scope=scope_of("2025-09", begin=date(2025, 1, 1), team="S"))
    assert found.headline.key == "short"
    assert found.facts() == []


def test_of_a_history_hardly_longer_than_a_year_nobody_is_sure():
    """Pumps of distributors are gone from August on: clear, but from a year one hardly knows what is normal."""
    gone = lambda r: not (r["channel"] == "distributor" and r["month"] >= "2025-08")  # noqa: E731
    rows, told = business(3, keep=gone), {}
    for begin in (date(2023, 8, 1), date(2024, 3, 1), date(2024, 4, 1), date(2024, 7, 1)):
        found = problems(rows, scope=scope_of("2025-09", begin=begin, team="S")).rows
        told[begin.isoformat()[:7]] = found.set_index("channel")["confidence"].get("distributor")
    assert told == {"2023-08": "high", "2024-03": "high", "2024-04": "low", "2024-07": "low"}


def test_no_orders_at_all():
    found = problems(business(6)[:0])
    assert found.rows.empty


def test_rows_have_no_order_and_frames_are_not_changed():
    thin = lambda r: not (r["channel"] == "distributor" and r["month"] == "2025-09" and r["chance"] < 0.9)  # noqa: E731
    orders = frame("orders", *business(3, keep=thin))
    kept = orders.copy(deep=True)
    first = diagnosis.problems(orders, *NONE, scope=SCOPE)
    pd.testing.assert_frame_equal(orders, kept)
    again = diagnosis.problems(orders.sample(frac=1, random_state=4), *NONE, scope=SCOPE)
    assert named(first) == named(again) != []
    assert first.rows["effect"].tolist() == pytest.approx(again.rows["effect"].tolist(), abs=1e-3)


def rush(quarter_ends, begin="2023-08"):
    """Orders of which one channel's double in the last month of each quarter, as it has always done."""
    rows = []
    for seed in (11, 12):
        for row in business(seed):
            if row["channel"] != "distributor" or quarter_ends(row["day"]) or seed == 11:
                rows.append(row)
    return rows


@pytest.mark.parametrize("period", ["2025-07", "2025-08", "2025-09"])
def test_a_quarter_end_rush_of_one_channel_is_no_alarm(period):
    rows = rush(lambda day: day[5:7] in {"03", "06", "09", "12"})
    kept = [row for row in rows if row["day"][:7] <= period]
    assert problems(kept, scope=scope_of(period, begin=date(2023, 8, 1), team="S")).rows.empty


def test_a_month_in_which_everything_rests_is_no_alarm():
    feast = {"2024-02", "2025-02"}
    rows = business(14, keep=lambda row: row["month"] not in feast or row["chance"] < 0.5)
    kept = [row for row in rows if row["day"][:7] <= "2025-02"]
    assert problems(kept, scope=scope_of("2025-02", begin=date(2023, 8, 1), team="S")).rows.empty


def test_new_customers_who_stay_away_are_counted_and_sized():
    rows, draws = business(15), np.random.default_rng(15)
    for at, month in enumerate(MONTHS):
        for number in range(4 if month == "2025-09" else 16 + at % 3):
            rows.append({
                "day": f"{month}-{draws.integers(1, 28):02d}", "rep": f"rep{number % 6}", "team": "S",
                "customer": f"{month}/{number}", "customer_type": "all", "channel": "direct",
                "region": f"r{number % 3}", "product_line": "Pumps", "product": "Pumps", "quantity": 5, "money": 3000.0,
            })  # fmt: skip
    orders = frame("orders", *rows)
    known = orders.groupby("customer")["sales_date"].transform("min")
    found = diagnosis.problems(orders.assign(customer_since=known), *NONE, scope=SCOPE)
    assert named(found) == [{"new_existing": "new", "problem": "fewer_new_customers"}]  # all of them buy pumps
    assert found.rows["effect"].iloc[0] == pytest.approx(-13 * 3000, rel=0.15)
    assert found.rows["start"].tolist() == ["2025-09-01"]


def test_an_account_handed_over_is_no_loss_of_its_rep():
    handed = [{**r, "rep": "rep2"} if r["customer"] == "c1" and r["day"] >= "2025-07" else r for r in business(16)]
    assert problems(handed).rows.empty


def test_a_slip_of_the_pen_is_no_lower_price():
    rows = business(17)
    large = max(range(len(rows)), key=lambda i: rows[i]["money"] * (rows[i]["day"] >= "2025-09"))
    rows[large] = {**rows[large], "money": 1.0}
    assert problems(rows).rows.empty


def test_a_problem_stands_beside_target_last_year_and_last_period():
    thin = lambda r: not (r["channel"] == "distributor" and r["month"] == "2025-09" and r["chance"] < 0.9)  # noqa: E731
    rows = business(3, keep=thin)
    found = problems(rows).rows.iloc[0]
    sold = pd.DataFrame(rows).query("channel == 'distributor'")
    month = sold.groupby(sold["day"].str[:7])["money"].sum()
    assert found["yoy"] == pytest.approx(month["2025-09"] / month["2024-09"] - 1)
    assert found["mom"] == pytest.approx(month["2025-09"] / month["2025-08"] - 1)
    assert np.isnan(found["gap"])


def test_nothing_of_low_confidence_stands_above_what_is_surer():
    rows = pd.DataFrame(
        [("low", 900.0), ("high", 100.0), ("medium", 300.0), ("low", 950.0), ("high", 50.0)],
        columns=["confidence", "lost"],
    ).assign(effect=lambda r: -r["lost"], problem="fewer_orders")
    told = ranked(rows)
    assert told[["confidence", "lost", "rank"]].to_numpy().tolist() == [
        ["medium", 300.0, "top"], ["high", 100.0, "top"], ["high", 50.0, "top"],
        ["low", 950.0, "further"], ["low", 900.0, "further"],
    ]  # fmt: skip
    alone = ranked(rows[rows["confidence"] == "low"])
    assert alone["lost"].tolist() == [950.0, 900.0]
    assert alone["rank"].tolist() == ["top", "top"]


def test_money_that_is_less_sure_counts_for_less_when_three_are_chosen():
    rows = pd.DataFrame({"effect": [-100.0, -105.0, -300.0, -200.0], "confidence": ["high", "medium", "high", "high"]})
    told = ranked(rows.assign(problem="fewer_orders"))
    assert told["effect"].tolist() == [-300.0, -200.0, -100.0, -105.0]


@pytest.mark.parametrize(("shares", "said"), [((0.65, 0.49), True), ((0.5, 0.5), False), ((0.9,), False)])
def test_problems_that_lost_more_than_the_gap_say_what_made_up_for_it(shares, said):
    """65 % and 49 % of a gap are 114 % of it: without a word a reader takes one of them for wrong."""
    rows = pd.DataFrame(
        {"gap_share": shares, "rank": "top", "effect": -1.0, "problem": "fewer_orders", "kpi": "orders"}
    )
    rows = rows.reindex(columns=[*module.COLUMNS]).assign(gap_share=shares, rank="top")
    found = module._finding(SCOPE, rows, "two" if len(shares) > 1 else "one")
    assert ("offset" in {n.key for n in found.notes}) == said
