"""A problem is sized by one figure, that of the registry, and shown by no other: here, as evidence and in the whys."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from salesnb.causes.signals import price_windows
from salesnb.causes.sizing import IN_MONEY, counted, sized
from salesnb.findings import diagnosis
from salesnb.methods.over_time.fallen_slices import Signal
from salesnb.methods.over_time.readable_name import Slice
from salesnb.metrics import measure, within
from salesnb.views.prices import at_usual_prices
from salesnb.views.slices import SLICE
from tests.diagnosis.test_planted import KEY, MONTHS, problems_of
from tests.diagnosis.test_problems import business
from tests.frames import frame, scope_of

DAYS = [20.0] * 13
"""Twelve months and the one that is judged."""


def cells(rows):
    """Cells of months from (bin, amount, orders, ...) dicts, texts as the search has them."""
    frame = pd.DataFrame(rows)
    return frame.astype({c: "category" for c in SLICE if c in frame})


def found(signal, worth=1.0, **members):
    return Slice(signal, members, 0.0, 0.0, -9.0, 1e-9, bins=1, ends=1, worth=worth)


def lines(t, order, client, **amounts):
    """One order of some product lines in month ``t``."""
    part = 1 / len(amounts)
    return [{"bin": t, "order": order, "client": client, "product_line": line, "amount": money, "orders": part,
             "customers": part} for line, money in amounts.items()]  # fmt: skip


def months(past, now):
    """Orders of twelve months alike and of a last one, each given by its amounts by product line."""
    rows, number = [], 0
    for t in range(13):
        for amounts in past if t < 12 else now:
            rows += lines(t, number, number, **amounts)
            number += 1
    return cells(rows)


def watched(frame):
    dims = tuple(d for d in SLICE if d in frame)
    return [
        Signal("sales", frame, "amount", "", dims),
        Signal("orders", frame, "orders", "", dims, counts=True, size="amount"),
    ]


def test_orders_of_two_lines_are_counted_whole_in_each_slice():
    both, valves = {"Pumps": 60.0, "Valves": 40.0}, {"Valves": 100.0}
    frame = months([both] * 4 + [valves] * 6, [both] + [valves] * 6)
    one = found("orders", product_line="Pumps")
    size = sized(one, "fewer_orders", [one], watched(frame), DAYS)
    # Four of ten orders with valves in them had pumps too; now it is one of seven. An order's pumps brought 60.
    assert (size.kpi, size.actual, size.worth) == ("orders", 1.0, pytest.approx(60.0))
    assert size.expected == pytest.approx(2.8)
    assert size.effect == pytest.approx(-1.8 * 60)
    whole = counted(watched(frame)[1], {"product_line": "Pumps"}).cells
    assert whole.loc[whole["product_line"] == "Pumps", "orders"].tolist() == [1.0] * (12 * 4 + 1)


def test_orders_that_are_fewer_and_larger_took_no_more_than_sales_lost():
    small, large, rest = {"Pumps": 100.0}, {"Pumps": 190.0}, [{"Valves": 100.0}] * 10
    one = found("orders", product_line="Pumps")
    frame = months([small] * 4 + rest, [large] * 2 + rest)
    size = sized(one, "fewer_orders", [one], watched(frame), DAYS)
    assert (size.kpi, size.actual, size.expected, size.effect) == ("sales", 380.0, 400.0, -20.0)
    frame = months([small] * 4 + rest, [{"Pumps": 250.0}] * 2 + rest)
    assert sized(one, "fewer_orders", [one], watched(frame), DAYS).effect > 0


@pytest.mark.parametrize("problem", sorted(IN_MONEY))
def test_what_no_count_tells_is_sized_by_sales(problem):
    one = found("orders", product_line="Pumps")
    frame = months([{"Pumps": 100.0}] * 4 + [{"Valves": 100.0}], [{"Pumps": 40.0}] * 3 + [{"Valves": 100.0}])
    size = sized(one, problem, [one], watched(frame), DAYS)
    assert (size.kpi, size.actual, size.expected) == ("sales", 120.0, pytest.approx(400.0))


def test_what_another_problem_took_of_the_slice_is_none_of_its_loss():
    def month(t, *amounts):
        places = [("R", "A"), ("R", "B"), ("C", "A"), ("C", "B")]
        return [{"bin": t, "rep": rep, "product_line": line, "amount": money}
                for (rep, line), money in zip(places, amounts, strict=True)]  # fmt: skip

    frame = cells(
        [r for t in range(12) for r in month(t, 100.0, 100.0, 300.0, 300.0)] + month(12, 50.0, 40.0, 300.0, 240.0)
    )
    rep, line = found("sales", rep="R"), found("sales", product_line="B")
    size = sized(rep, "smaller_orders", [rep, line], watched(frame)[:1], DAYS)
    # All that R sold is shown; of line A it sold 50 where 100 were due, and B is the other problem's.
    assert (size.actual, size.expected, size.effect) == (90.0, pytest.approx(140.0), pytest.approx(-50.0))


@pytest.mark.parametrize(("name", "kpi", "worth"), [
    ("price", "price_level", 100.0), ("wins", "win_rate", 100.0 * 7), ("collection", "due_collection", 100.0),
])  # fmt: skip
def test_a_rate_is_worth_what_all_of_it_is_worth(name, kpi, worth):
    rows = [{"bin": t, "team": team, "value": (0.5 if t == 12 else 0.8) * base, "base": base, "money": 5.6 * base}
            for t in range(13) for team, base in (("S", 100.0), ("N", 50.0))]  # fmt: skip
    size = "money" if name == "wins" else ""
    signal = Signal(name, cells(rows), "value", "base", ("team",), whole=True, size=size)
    one = found(name, team="S")
    made = sized(one, "", [one], [signal], DAYS)
    assert (made.kpi, made.actual, made.expected, made.worth) == (kpi, 0.5, pytest.approx(0.8), pytest.approx(worth))
    assert made.effect == pytest.approx(-0.3 * worth)
    assert made.cases == 100.0 if name == "wins" else np.isnan(made.cases)


# -- the same figure everywhere


def rows_in(frame, row, scope):
    """Rows of a table in a problem's slice, told plainly: who is new began to buy in the period."""
    own = np.ones(len(frame), dtype=bool)
    for d in SLICE:
        if row[d] and d == "new_existing":
            if "customer_since" in frame:
                own &= (frame["customer_since"] >= pd.Timestamp(scope.period.start)).to_numpy()
        elif row[d] and d in frame:
            own &= (frame[d] == row[d]).to_numpy(dtype=bool)
    return frame[own]


def figure(row, orders, deals, receipts, scope):
    """The registry's figure of a problem's slice and period, or what its definition says."""
    kpi = row["kpi"]
    if kpi == "price_level":
        lines_ = rows_in(orders.assign(usual=at_usual_prices(orders, price_windows(scope))), row, scope)
        now = within(lines_[lines_["usual"] > 0], "sales_date", scope.window)
        return now["amount"].sum() / now["usual"].sum()
    if kpi == "due_collection":
        due = within(rows_in(receipts, row, scope), "due_date", scope.window)
        there = due["received_date"] <= pd.Timestamp(scope.window.end)
        return due.loc[there, "received_amount"].sum() / due["due_amount"].sum()
    tables = {"orders": rows_in(orders, row, scope), "opportunities": rows_in(deals, row, scope)}
    return float(measure([kpi], tables, scope.window)[kpi].iloc[0])


def hold_together(problems, evidence, whys, figures):
    """Check that every problem's loss follows from its figure, and that the others show that figure."""
    for place, (_, row) in enumerate(problems.iterrows()):
        assert row["effect"] == pytest.approx((row["actual"] - row["expected"]) * row["worth"], abs=0.01)
        assert row["actual"] < row["expected"]
        # An account counts for the rep, and in the region, that it is served by now, whoever wrote its orders.
        if row["kpi"] == "win_rate" or not (row["rep"] or row["region"]):
            assert row["actual"] == pytest.approx(figures[place], rel=1e-9)
        if row["rank"] == "further":
            continue
        chain = str(place + 1)
        shown = evidence[evidence["chain"] == chain].iloc[-1]
        first = whys[(whys["chain"] == chain) & (whys["step"] == "1")].iloc[0]
        told = [row["kpi"], row["actual"], row["expected"], row["effect"]]
        assert shown[["kpi", "actual", "expected", "effect"]].tolist() == told
        assert first[["kpi", "after", "before", "effect"]].tolist() == told
        assert first["evidence"] == "measured"


def looked_at(rows, tables, scope):
    """Evidence and whys of problems."""
    orders, targets, deals, receipts, activities, notes, customers, whys = tables
    evidence = diagnosis.problem_evidence(rows, orders, targets, deals, receipts, scope=scope).rows
    steps = diagnosis.five_whys(rows, orders, deals, activities, receipts, notes, customers, whys, scope=scope).rows
    return evidence, steps


PERIODS = sorted({(p["team"], m) for p, m in MONTHS})
LONGER = [
    ("East", "2025-Q3"),
    ("North", "2025-Q3"),
    ("Key accounts", "2025-Q3"),
    ("West", "2025-Q3"),
    ("South", "2025"),
]


@pytest.mark.parametrize(("team", "period"), [*PERIODS, *LONGER, ("all", "2025-09")])
def test_every_planted_problem_is_shown_by_the_very_figure_it_was_sized_by(sample, team, period):
    case = sample(team, period)
    tables = (case.orders, case.targets, case.opportunities, case.receipts, case.activities, case.notes,
              case.customers, case.whys)  # fmt: skip
    rows = problems_of(sample, team, period)
    evidence, steps = looked_at(rows, tables, case.scope)
    assert len(rows) or (team, period) in LONGER
    figures = [figure(row, case.orders, case.opportunities, case.receipts, case.scope) for _, row in rows.iterrows()]
    hold_together(rows, evidence, steps, figures)


def test_what_a_slice_is_behind_by_is_money_whatever_sized_its_problem(sample):
    case = sample("North", "2025-09")
    found_ = diagnosis.problems(case.orders, case.targets, case.opportunities, case.receipts, scope=case.scope)
    assert [found_.unit(c, 0) for c in ("actual", "expected", "worth", "effect", "gap")] == (
        ["rate", "rate", "money", "money", "money"]
    )
    assert found_.units("gap") == ["money"]
    assert "kpi" not in found_.dimensions
    facts = {f["metric"]: f for f in found_.facts()}
    assert (facts["gap"]["unit"], facts["actual"]["unit"]) == ("money", "rate")
    assert facts["actual"]["dims"] == "problem=lower_prices|product_line=Sensors"


def test_each_driver_that_was_planted_is_sized_by_its_own_figure(sample):
    kpis = {"fewer_new_customers": {"new_customers"}, "lower_win_rate": {"win_rate"}, "lower_prices": {"price_level"},
            "customer_stopped": {"orders", "sales"}, "fewer_orders": {"orders", "sales"},
            "lower_collection": {"due_collection"}}  # fmt: skip
    seen = set()
    for team, month in PERIODS:
        for _, row in problems_of(sample, team, month).iterrows():
            assert row["kpi"] in kpis[row["problem"]]
            seen.add(row["problem"])
    assert seen == set(kpis)
    assert len(KEY["problems"]) == len(kpis)


def fallen(seed):
    """Orders in which a rep and a customer buy little since August and a line is cheap since September."""
    draws = np.random.default_rng(100 + seed)
    rep, line, customer = (f"rep{draws.integers(6)}", str(draws.choice(["Pumps", "Valves"])), f"c{draws.integers(60)}")
    cut = draws.uniform(0.7, 0.85)

    def keep(row):
        fell = row["month"] >= "2025-08" and (row["rep"] == rep or row["customer"] == customer)
        return not fell or row["chance"] > 0.8

    def price(row):
        return cut if row["month"] >= "2025-09" and row["product_line"] == line else 1.0

    orders = frame("orders", *business(seed, keep, price))
    # Every third line belongs to the order before, so that orders reach over product lines.
    keys = ["customer", orders["sales_date"].dt.to_period("M")]
    place = orders.groupby(keys, observed=True).cumcount()
    joined = orders.groupby(keys, observed=True)["order_id"].transform("first")
    return orders.assign(order_id=orders["order_id"].where(place % 3 != 1, joined))


@pytest.mark.parametrize(
    ("period", "as_of"), [("2025-09", 30), ("2025-09", 21), ("2025-Q3", 30), ("2025", 30), ("2025-W39", 30)]
)
def test_whatever_falls_is_shown_by_the_figure_it_was_sized_by(period, as_of):
    scope = scope_of(period, date(2025, 9, as_of), date(2023, 8, 1), team="S")
    none = [frame(n) for n in ("opportunities", "receipts", "activities", "notes", "customers", "whys")]
    count = 0
    for seed in range(4):
        orders = fallen(seed)
        orders = orders[orders["sales_date"] <= pd.Timestamp(scope.as_of)].reset_index(drop=True)
        rows = diagnosis.problems(orders, frame("targets"), *none[:2], scope=scope).rows
        figures = [figure(row, orders, *none[:2], scope) for _, row in rows.iterrows()]
        hold_together(rows, *looked_at(rows, (orders, frame("targets"), *none), scope), figures)
        count += len(rows)
    assert count >= 3 or period in {"2025", "2025-W39"}
