"""The sample company: the same bytes each time, as dirty as its key says, as ill as its key says, and believable."""

from __future__ import annotations

import io
import json
import re
import tomllib
import zipfile
from collections import Counter
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pytest

from salesnb import settings
from salesnb.data import load
from salesnb.data.cells import numbers
from salesnb.sample import answer_key, company, days, demand, money, planted, write
from salesnb.sample.dirt import full_width, wan
from salesnb.sample.words import say
from salesnb.sample.write import SEED
from salesnb.schema import tables as schema

COMMITTED = Path(__file__).parents[2] / "data" / "sample"
SEPTEMBER = "2025-09"


@pytest.fixture(scope="module")
def fresh(written):
    return written("en")


@pytest.fixture(scope="module")
def drawn():
    return demand.draw(SEED)


@pytest.fixture(scope="module")
def key():
    return answer_key()


@pytest.fixture(scope="module")
def orders():
    """The true orders, read from the committed file without the package's reader."""
    rows = pd.read_csv(COMMITTED / "orders.csv", dtype=str, keep_default_na=False).drop_duplicates()
    rows = rows[rows["Order ID"].str.fullmatch(r"\d{8}0\d{5}")]  # ids of bad rows have a 9 there
    rows = rows[~rows["Status"].isin(["cancelled", "已取消"])]
    rows["Amount"] = [float(numbers.amount(text)) for text in rows["Amount"]]
    rows["Date"] = pd.to_datetime(rows["Order Date"])
    return rows.assign(Month=rows["Order Date"].str[:7])


@pytest.fixture(scope="module")
def case():
    return load(data=str(COMMITTED))


# -- bytes


def test_a_fresh_company_is_the_committed_one(fresh):
    assert sorted(p.name for p in fresh.iterdir()) == sorted(p.name for p in COMMITTED.iterdir())
    different = [p.name for p in fresh.iterdir() if p.read_bytes() != (COMMITTED / p.name).read_bytes()]
    assert different == []


def test_another_seed_is_another_company(monkeypatch):
    few = company.customers(SEED)[:40]
    monkeypatch.setattr(company, "customers", lambda seed: few)
    one, other = (demand.draw.__wrapped__(seed).orders for seed in (SEED, SEED + 1))
    assert len(one) != len(other)


def test_the_workbook_holds_no_time_of_writing(fresh):
    with zipfile.ZipFile(io.BytesIO((fresh / "targets.xlsx").read_bytes())) as archive:
        assert {info.date_time for info in archive.infolist()} == {(2025, 10, 8, 9, 0, 0)}
        assert set(re.findall(rb"20\d\d-\d\d-\d\dT", archive.read("docProps/core.xml"))) == {b"2025-10-08T"}


def test_all_files_together_are_at_most_five_megabytes():
    assert sum(p.stat().st_size for p in COMMITTED.iterdir()) <= 5_000_000


def test_an_unknown_language_is_refused(tmp_path):
    with pytest.raises(ValueError, match="lang is en or zh, not 'fr'"):
        write(tmp_path, lang="fr")


# -- files


def test_every_table_but_the_calendar_is_there(key):
    assert set(key["dirt"]) == set(schema()) - {"calendar"}


def test_encodings_are_those_of_real_exports():
    (COMMITTED / "客户.csv").read_bytes().decode("gb18030")
    with pytest.raises(UnicodeDecodeError):
        (COMMITTED / "客户.csv").read_bytes().decode("utf-8")
    assert (COMMITTED / "回款.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert not (COMMITTED / "orders.csv").read_bytes().startswith(b"\xef\xbb\xbf")


def test_the_settings_are_valid_and_map_nothing():
    found = settings.load(COMMITTED / "salesnb.toml")
    assert found.company.currency == "CNY"
    assert found.tables == {}
    assert len(found.calendar.holidays) == len(set(found.calendar.holidays)) > 60


def test_a_chinese_company_has_chinese_headers_and_names(written):
    orders = pd.read_csv(written("zh") / "订单.csv", dtype=str)
    assert set(orders["销售"]) >= {"马小龙", "陈伟"}
    targets = pd.read_excel(written("zh") / "目标.xlsx", dtype=str, engine="calamine")
    assert set(targets["团队"].dropna()) == {"华南", "华北", "华东", "西部", "华中", "大客户部"}
    latin = pd.read_csv(written("zh") / "客户.csv", dtype=str, encoding="gb18030")["客户"].str.contains("[A-Za-z]")
    assert not latin.any()


# -- dirt


def test_the_reader_finds_what_the_key_says(case, key):
    files = case.intake.files.set_index("table")
    columns = ["rows_read", "rows_accepted", "rows_quarantined", "rows_duplicate"]
    found = {name: [int(files.loc[name, c]) for c in columns] for name in key["dirt"]}
    assert found == {name: [row[c] for c in columns] for name, row in key["dirt"].items()}


def test_the_reasons_are_those_of_the_key(case, key):
    found = Counter(zip(case.intake.quarantine["table"], case.intake.quarantine["reason"], strict=True))
    reasons = set(case.intake.quarantine["reason"])
    told = {(t, kind): n for t, row in key["dirt"].items() for kind, n in row["kinds"].items() if kind in reasons}
    assert found == told


def test_unknown_reps_and_shortened_customers_are_as_many_as_the_key_says(case, key):
    kinds = key["dirt"]["orders"]["kinds"]
    unknown = case.intake.unknown.query("table == 'orders' and column == 'rep'")
    assert unknown["rows"].sum() == kinds["unknown_rep"]
    assert case.intake.similar_customers["rows"].sum() == kinds["customer_variant"]


def test_odd_spellings_are_counted_and_readable(key):
    text = pd.read_csv(COMMITTED / "orders.csv", dtype=str, keep_default_na=False)["Amount"]
    kinds = key["dirt"]["orders"]["kinds"]
    assert text.str.startswith("¥").sum() == kinds["yuan_sign"]
    assert text.str.fullmatch(r"[\d.]+万").sum() == kinds["wan"]
    assert text.str.contains("[０-９]").sum() == kinds["full_width"]
    assert text.str.fullmatch(r"\([\d.]+\)").sum() == kinds["parentheses"] > 0


@pytest.mark.parametrize(
    ("written", "expected"), [("12345.67", "1.234567万"), ("120000.00", "12万"), ("900.50", "0.09005万")]
)
def test_wan_keeps_the_value(written, expected):
    assert wan(written) == expected
    assert float(numbers.amount(expected)) == float(written)


def test_full_width_keeps_the_value():
    assert full_width("10.5") == "１０．５"


def test_finance_agrees_with_the_clean_orders(case):
    sold = case.orders[case.orders["sales_date"].notna()]
    months = sold["sales_date"].dt.strftime("%Y-%m")
    company = case.controls[case.controls["team"].fillna("") == ""].set_index("period")["amount"]
    assert sold["amount"].groupby(months).sum().round(2).to_dict() == company.to_dict()


# -- what was planted


def test_the_key_knows_the_true_sales(orders, key):
    known = _teams()
    teams = [known[rep, month] for rep, month in zip(orders["Rep"], orders["Month"], strict=True)]
    found = orders["Amount"].groupby([pd.Series(teams, index=orders.index), orders["Month"]]).sum()
    told = pd.Series({(team, m): v for team, months in key["sales"].items() for m, v in months.items()})
    pd.testing.assert_series_equal(found.sort_index(), told.sort_index(), check_names=False, rtol=1e-9)


def _teams() -> dict[tuple[str, str], str]:
    """Team by rep and month: stints begin and end with months."""
    roster = pd.read_csv(COMMITTED / "reps.csv", dtype=str, keep_default_na=False)
    return {
        (row.Rep, month): row.Team
        for row in roster.itertuples()
        for month in days.seen()
        if (row.From or "0") <= f"{month}-01" and (row.To or "9") >= f"{month}-28"
    }


@pytest.mark.parametrize("problem", [p.id for p in planted.PROBLEMS if p.driver != "collection"])
def test_a_loss_is_the_counterfactual_minus_the_actual(drawn, key, problem):
    told = next(p for p in key["problems"] if p["id"] == problem)
    without = _by_team(drawn, planted.ALL - {problem})
    for month, lost in told["lost_by_month"].items():
        assert without[told["team"], month] - key["sales"][told["team"]][month] == pytest.approx(lost, abs=0.01)
    same = [(t, m) for t, months in key["sales"].items() for m in months
            if t != told["team"] or m not in told["lost_by_month"]]  # fmt: skip
    assert all(without[t, m] == pytest.approx(key["sales"][t][m], abs=0.01) for t, m in same)


def _by_team(drawn, effects) -> dict[tuple[str, str], float]:
    lines = money.counted(planted.sales(drawn, effects))
    names = {t: say("teams", t, "en") for t in lines["team"].unique()}
    return (lines["amount"].groupby([lines["team"].map(names), lines["month"]]).sum() / 100).to_dict()


def test_price_falls_and_nothing_else(drawn):
    lines = planted.sales(drawn, planted.ALL)
    without = planted.sales(drawn, planted.ALL - {"north-sensors-price"})
    slice_ = (lines["team"] == "north") & (lines["line"] == "sensors") & (lines["month"] >= "2025-07")
    ratio = lines.loc[slice_, "unit"] / without.loc[slice_, "unit"]
    assert ratio.between(0.81, 0.83).mean() > 0.99
    assert (lines["quantity"] == without["quantity"]).all()
    assert (lines.loc[~slice_, "unit"] == without.loc[~slice_, "unit"]).all()


def test_distributors_order_less_often_but_all_of_them_still_order(drawn):
    def rate(effects):
        lines = planted.sales(drawn, effects).query(
            "team == 'east' and channel == 'distributor' and month == @SEPTEMBER"
        )
        return lines["order"].nunique() / lines["customer"].nunique(), lines["customer"].nunique()

    (less, customers), (usual, as_many) = rate(planted.ALL), rate(planted.ALL - {"east-distributor-orders"})
    assert customers == as_many
    assert less < 0.85 * usual


def test_the_win_rate_halves_and_deals_stay_deals(case):
    closed = case.opportunities[case.opportunities["rep"] == "Ma Xiaolong"].dropna(subset=["close_date"])
    late = closed["close_date"] >= "2025-06-01"
    before, after = closed[~late], closed[late]
    assert (after["status"] == "won").mean() < 0.65 * (before["status"] == "won").mean()
    assert (after["lost_reason"] == "slow follow-up").sum() > 0.4 * (after["status"] == "lost").sum()


def test_the_lost_account_is_silent(orders, key):
    name = next(p["dims"]["customer"] for p in key["problems"] if p["id"] == "south-lost-account")
    months = orders.loc[orders["Customer"] == name, "Month"]
    assert months.max() == "2025-05"
    assert months.value_counts().mean() > 2


def test_new_pump_customers_fall_by_half(key):
    problem = next(p for p in key["problems"] if p["id"] == "south-pumps-new")
    without, with_ = problem["customers_without_effect"], problem["customers_with_effect"]
    assert all(with_[m] <= 0.6 * without[m] for m in ("2025-08", SEPTEMBER))
    assert all(with_[m] == without[m] for m in without if m < "2025-08")


def test_collection_is_late_where_it_was_planted(drawn, key):
    rows = money.receipts(SEED, drawn)
    rate = (
        money.collected_in_time(rows)
        / rows.groupby(["team", pd.to_datetime(rows["due"]).dt.strftime("%Y-%m")])["amount"].sum()
    )
    assert rate["key"]["2025-07":SEPTEMBER].mean() < 0.65
    assert rate["key"]["2024-07":"2025-06"].mean() > 0.85
    assert rate["central"]["2025-03":SEPTEMBER].mean() > rate["central"]["2024-01":"2025-02"].mean()


def test_actions_that_did_not_work_moved_nothing(key):
    idle = [s for s in key["strategies"] if not s["worked"]]
    assert len(idle) >= 4
    assert all(not s["gained_by_month"] for s in idle)
    assert all(sum(s["gained_by_month"].values()) > 100_000 for s in key["strategies"] if s["worked"])


def test_every_action_of_the_key_is_in_the_register(case, key):
    assert {s["action_id"] for s in key["strategies"]} <= set(case.actions["action_id"])


# -- attainment


@pytest.fixture(scope="module")
def attainment(key):
    sheet = openpyxl.load_workbook(COMMITTED / "targets.xlsx", read_only=True).active
    rows = list(sheet.iter_rows(values_only=True))
    targets = pd.DataFrame(rows[1:], columns=rows[0])
    targets = targets[(targets["Metric"] == "sales") & (targets["Rep"] != "Temp Agency")]
    asked = targets.groupby(["Period", "Team"])["Target"].sum().unstack()
    made = pd.DataFrame(key["sales"])
    asked = asked.loc[made.index, made.columns]
    return (made / asked).assign(all=made.sum(axis=1) / asked.sum(axis=1))


def test_quiet_months_are_quiet(attainment, key):
    quiet = [attainment.loc[m, team] for team, months in key["quiet"].items() if team != "all" for m in months]
    assert len(quiet) > 100
    assert max(abs(x - 1) for x in quiet) < 0.12
    assert np.std(quiet) > 0.02, "a month without any noise is not believable"


def test_the_company_is_on_target_in_quiet_months(attainment, key):
    assert len(key["quiet"]["all"]) >= 12
    assert attainment.loc[key["quiet"]["all"], "all"].between(0.95, 1.05).all()


def test_september_shows_the_planted_picture(attainment):
    month = attainment.loc[SEPTEMBER]
    assert 0.85 <= month["South"] <= 0.90
    assert 0.95 <= month["all"] <= 0.975
    assert sum(month[t] < 0.97 for t in ("South", "North", "East", "West")) >= 3
    assert month["Central"] > 1.02


def test_at_least_one_team_has_no_problem_in_september(key):
    assert [t for t, months in key["no_problem"].items() if SEPTEMBER in months] == ["Central"]


def test_problems_stand_out_from_noise(key):
    for problem in key["problems"]:
        if problem["driver"] != "collection":
            assert problem["share_of_target"][SEPTEMBER] > 0.03, problem["id"]


def test_targets_end_with_the_rep(case):
    sales = case.targets[case.targets["metric"] == "sales"]
    gone = sales[sales["rep"] == "Deng Chao"]
    assert gone["period"].max() == "2024-05"
    joined = sales[sales["rep"] == "Ou Ting"].groupby("period")["amount"].sum()
    assert joined.index.min() == "2023-11"
    assert joined.iloc[0] < 0.7 * joined.iloc[6:18].mean()


# -- shape


def test_orders_rush_at_the_end_of_the_month(orders):
    daily = orders.groupby("Date")["Order ID"].nunique()
    working = pd.Series([d for d in days.days() if days.works(d) and d <= days.LAST])
    frame = pd.DataFrame({"day": pd.to_datetime(working)})
    frame["month"] = frame["day"].dt.strftime("%Y-%m")
    frame["last"] = frame.groupby("month").cumcount(ascending=False) < 3
    frame["orders"] = frame["day"].map(daily).fillna(0)
    means = frame.groupby("last")["orders"].mean()
    assert 1.5 < means[True] / means[False] < 3.5


def test_business_stops_over_chinese_new_year(orders):
    in_feast = orders["Date"].between("2024-02-10", "2024-02-17") | orders["Date"].between("2025-01-28", "2025-02-04")
    assert in_feast.sum() < 20
    monthly = orders.groupby("Month")["Amount"].sum()
    assert monthly["2024-02"] < 0.75 * monthly["2024-03"]
    assert monthly["2025-01"] + monthly["2025-02"] < 0.75 * (monthly["2025-03"] + monthly["2025-04"])


def test_weekends_are_for_the_online_channel(orders):
    closed = ~orders["Date"].dt.date.map(days.works)
    assert set(orders.loc[closed, "Channel"]) == {"online"}


def test_the_company_grows_by_about_eight_percent(orders):
    first = orders[orders["Month"].between("2023-07", "2024-06")]["Amount"].sum()
    second = orders[orders["Month"].between("2024-07", "2025-06")]["Amount"].sum()
    assert 1.05 < second / first < 1.13


def test_customers_have_a_heavy_tail(orders):
    sales = orders.groupby("Customer")["Amount"].sum().sort_values(ascending=False)
    assert sales.head(len(sales) // 10).sum() / sales.sum() > 0.4
    deals = orders.groupby("Order ID")["Amount"].sum()
    assert deals.mean() > 1.3 * deals.median()


def test_regular_customers_keep_their_cycle(drawn):
    orders = drawn.orders[~drawn.orders["gone"] & (drawn.orders["type"] == "mid")]
    counts = orders.groupby("customer").size()
    steady = orders[orders["customer"].isin(counts[counts >= 12].index)]
    gaps = pd.to_datetime(steady["date"]).groupby(steady["customer"]).diff().dt.days
    spread = gaps.groupby(steady["customer"]).std() / gaps.groupby(steady["customer"]).mean()
    assert spread.median() < 0.75, "a Poisson process would have 1"


def test_won_deals_are_orders(case):
    won = case.opportunities[case.opportunities["status"] == "won"]
    orders = case.orders.groupby("order_id").agg(
        day=("order_date", "first"), rep=("rep", "first"), amount=("amount", "sum")
    )
    known = Counter(zip(orders["day"], orders["rep"], orders["amount"].round(4), strict=True))
    assert len(won) > 1000
    missing = [
        deal for deal in zip(won["close_date"], won["rep"], won["amount"].round(4), strict=True) if deal not in known
    ]
    assert missing == []


def test_deals_go_through_their_stages_in_time(case):
    deals = case.opportunities
    closed = deals.dropna(subset=["close_date"])
    assert (closed["created_date"] < closed["close_date"]).all()
    proposed = closed.dropna(subset=["proposal_date"])
    assert (proposed["proposal_date"] <= proposed["close_date"]).all()
    history = case.stage_history[case.stage_history["opportunity_id"].isin(deals["opportunity_id"])]
    assert history.groupby("opportunity_id")["stage"].first().eq("Lead").mean() > 0.99


def test_snapshots_hold_the_deals_open_on_their_day(case):
    deals = case.opportunities.set_index("opportunity_id")
    day = pd.Timestamp("2025-09-01")
    seen = set(case.snapshots.loc[case.snapshots["snapshot_date"] == day, "opportunity_id"])
    open_ = deals[(deals["created_date"] < day) & ~(deals["close_date"] < day)]
    assert seen == set(open_.index)


def test_two_reps_move_and_some_join_and_leave(case):
    roster = case.reps
    moved = roster.groupby("rep")["team"].nunique()
    assert set(moved[moved > 1].index) == {"Song Tao", "Wu Di"}
    assert roster["rep"].nunique() >= 36
    assert roster.groupby("region")["team"].nunique().max() == 2


def test_parquet_holds_dates_and_times():
    schema_ = pq.read_schema(COMMITTED / "activities.parquet")
    assert str(schema_.field("Date").type) == "date32[day]"
    assert str(schema_.field("Entered At").type) == "timestamp[ms]"


def test_the_key_is_plain_json(fresh):
    assert json.loads((fresh / "answer_key.json").read_text(encoding="utf-8")) == answer_key()
    assert (
        tomllib.loads((fresh / "salesnb.toml").read_text(encoding="utf-8"))["company"]["name"] == "Kunlan Flow Control"
    )
