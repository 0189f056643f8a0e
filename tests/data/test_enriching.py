"""Team by the roster of the date, type by customer, line by product, the day a sale counts, the view of a day."""

from datetime import date

import pandas as pd
import pytest

from salesnb.data import load, open_store
from salesnb.data.tables.roster import on_day

ROSTER = (
    "Rep,Team,Manager,Region,From,To\nAnn,South,Max,S,,2025-06-30\n"
    "Ann,North,Mia,N,2025-07-01,\nBob,South,Max,S,2025-01-01,2025-03-31\n"
)


def test_a_rep_who_moves_takes_no_history_along(folder):
    folder.write("reps.csv", ROSTER)
    folder.write(
        "orders.csv",
        "Order ID,Date,Amount,Rep,Team\n1,2025-06-30,1,Ann,\n2,2025-07-01,2,Ann,\n"
        "3,2025-02-01,4,Bob,\n4,2025-05-01,8,Bob,\n"
        "5,2025-07-02,16,Ann,South\n6,2025-07-02,32,Zoe,\n7,2025-07-02,64,Ann,Moon\n",
    )
    case = load(str(folder))
    placed = case.orders.set_index("order_id")[["team", "manager", "region"]].fillna("").sort_index()
    assert placed.values.tolist() == [
        ["South", "Max", "S"], ["North", "Mia", "N"], ["South", "Max", "S"], ["", "", ""],
        ["South", "Mia", "N"], ["", "", ""], ["Moon", "Mia", "N"],
    ]  # fmt: skip
    assert case.intake.unknown.values.tolist() == [
        ["orders", "rep", "Zoe", 1], ["orders", "rep, order_date", "Bob", 1], ["orders", "team", "Moon", 1],
    ]  # fmt: skip
    assert case.teams == ("Moon", "North", "South")
    assert load(str(folder), team="South").orders.amount.sum() == 21
    assert load(str(folder), team="North").orders.amount.sum() == 2


def test_a_stretch_ends_where_the_next_begins(folder):
    folder.write("reps.csv", "Rep,Team,From\nAnn,South,2024-01-01\nAnn,North,2025-07-01\nAnn,East,2025-08-01\n")
    folder.write(
        "orders.csv",
        "Order ID,Date,Amount,Rep\n1,2023-12-31,1,Ann\n2,2025-06-30,2,Ann\n3,2025-07-31,4,Ann\n4,2025-09-30,8,Ann\n",
    )
    found = load(str(folder)).orders.set_index("order_id").team
    assert found.sort_index().tolist() == ["", "South", "North", "East"]


def test_the_clean_roster_says_itself_where_a_stretch_ends(folder):
    """A team sees its own rows only: without the end, a rep who has left would still be there."""
    folder.write(
        "reps.csv",
        "Rep,Team,Manager,From,To\nAnn,South,Max,2024-01-01,\nAnn,North,Mia,2025-07-01,\n"
        "Bob,South,Max,,2025-12-31\nBob,North,Mia,2025-08-01,2025-08-31\nCy,South,Max,,\n",
    )
    folder.write("orders.csv", "Order ID,Date,Amount,Rep\n1,2025-09-30,1,Cy\n")
    reps = load(str(folder)).reps.sort_values(["rep", "valid_from"], na_position="first")
    ends = [None if pd.isna(day) else day.date().isoformat() for day in reps["valid_to"]]
    assert ends == ["2025-06-30", None, "2025-07-31", "2025-08-31", None]
    south = on_day(load(str(folder), team="South").reps, date(2025, 9, 30))
    assert south["rep"].tolist() == ["Cy"]


def test_other_tables_follow_the_roster(folder):
    folder.write("reps.csv", ROSTER)
    folder.write("orders.csv", "Order ID,Date,Amount,Rep\n1,2025-09-30,1,Ann\n")
    folder.write("targets.csv", "Period,Rep,Target\n2025-06,Ann,1\n2025-07,Ann,2\n2025-Q2,Ann,4\n2025,Bob,8\n")
    folder.write("activities.csv", "Date,Rep,Kind\n2025-06-01,Ann,call\n2025-08-01,Ann,call\n")
    folder.write("plans.csv", "Week,Rep,Metric,Planned\n2025-W26,Ann,calls,1\n2025-W40,Ann,calls,1\n")
    south, north = load(str(folder), team="South"), load(str(folder), team="North")
    assert (south.targets.amount.sum(), north.targets.amount.sum()) == (13, 2)
    assert (len(south.activities), len(north.activities)) == (1, 1)
    assert (south.plans.week.tolist(), north.plans.week.tolist()) == (["2025-W26"], ["2025-W40"])


def test_the_target_of_a_rep_who_joins_within_the_period_is_the_team_s(folder):
    folder.write("reps.csv", "Rep,Team,From\nEve,South,2025-09-10\n")
    folder.write("orders.csv", "Order ID,Date,Amount,Rep\n1,2025-09-30,1,Eve\n")
    folder.write("targets.csv", "Period,Rep,Target\n2025-09,Eve,7\n2025-08,Eve,9\n")
    assert load(str(folder), team="South").targets.amount.tolist() == [7]


def test_attributes_of_customers_and_products_fill_what_is_blank(folder):
    folder.write(
        "orders.csv", "Order ID,Date,Amount,Customer,Product,Segment\n1,2025-09-01,1,A,P,\n2,2025-09-01,1,B,Q,own\n"
    )
    folder.write("customers.csv", "Customer,Customer Type,Tags\nA,Key,vip;late\nB,Small,\n")
    folder.write("products.csv", "Product,Series\nP,Pumps\n")
    case = load(str(folder))
    shown = case.orders[["customer_type", "tags", "product_line"]].fillna("").values.tolist()
    assert shown == [["Key", "vip;late", "Pumps"], ["own", "", ""]]
    assert case.intake.unknown.values.tolist() == [["orders", "product", "Q", 1]]


STATUSES = (
    "Order ID,Date,Amount,Customer,Status,Signed Date,Invoice Date\n"
    "1,2025-07-01,1,A,won,,\n2,2025-07-02,2,A,signed,2025-08-02,\n"
    "3,2025-07-03,4,B,collected,,2025-09-03\n"
    "4,2025-07-04,8,A,cancelled,2025-08-04,2025-09-04\n"
)


@pytest.mark.parametrize(
    ("basis", "days"),
    [
        ("won", ["2025-07-01", "2025-07-02", "2025-07-03", None]),
        ("signed", [None, "2025-08-02", "2025-07-03", None]),
        ("collected", [None, None, "2025-07-03", None]),
        ("invoiced", [None, None, "2025-09-03", None]),
    ],
)
def test_the_day_a_sale_counts(folder, basis, days):
    folder.write("orders.csv", STATUSES)
    folder.settings(f'[sales]\nbasis = "{basis}"\n')
    found = load(str(folder)).orders.sort_values("order_id").sales_date
    assert [None if d != d else str(d.date()) for d in found] == days


def test_customer_since_is_the_first_sale_in_the_whole_company(folder):
    folder.write(
        "orders.csv",
        "Order ID,Date,Amount,Customer,Team,Status\n1,2024-01-01,1,A,North,cancelled\n"
        "2,2024-05-01,1,A,North,won\n3,2025-09-01,1,A,South,won\n"
        "4,2025-09-01,1,,South,won\n",
    )
    orders = load(str(folder), team="South").orders
    assert [None if d != d else str(d.date()) for d in orders.customer_since] == ["2024-05-01", None]


def test_orders_come_from_won_deals_where_there_are_none(folder):
    folder.write(
        "deals.csv",
        "Deal ID,Status,Created Date,Close Date,Amount,Account,Team\n"
        "1,Won,2025-01-01,2025-03-01,10,A,South\n2,Lost,2025-01-01,2025-03-05,0,A,South\n"
        "3,open,2025-04-01,,,B,South\n4,won,2025-01-02,,5,B,South\n",
    )
    case = load(str(folder))
    assert case.derived == {"orders"}
    assert "orders" not in case.absent
    assert "targets" in case.absent
    assert case.orders[["order_id", "amount", "status"]].values.tolist() == [["1", 10, "won"]]
    assert str(case.scope.as_of) == "2025-04-01"
    assert str(case.scope.history_start) == "2025-03-01"
    assert case.intake.quarantine.empty
    assert case.intake.remarks[["code", "rows"]].values.tolist() == [["won_undated", 1]]


def test_a_day_in_the_past_shows_what_was_known_then(folder):
    folder.write("orders.csv", "Order ID,Date,Amount\n1,2025-07-01,1\n2,2025-09-30,2\n")
    folder.write(
        "opportunities.csv",
        "Deal ID,Status,Created Date,Close Date,Amount,Lost Reason\n"
        "1,won,2025-06-01,2025-09-01,10,\n2,lost,2025-06-01,2025-07-05,10,price\n"
        "3,lost,2025-06-01,2025-09-02,1,price\n4,open,2025-09-01,,1,\n",
    )
    folder.write(
        "receipts.csv",
        "Receipt ID,Due Date,Due Amount,Received Date,Received Amount\n"
        "1,2025-07-01,10,2025-09-01,10\n2,2025-12-01,5,2025-07-20,5\n3,2025-09-01,5,,\n",
    )
    folder.write("actions.csv", "Action ID,Due Date\n1,2026-01-01\n")
    case = load(str(folder), as_of="2025-07-31", period="2025-07")
    assert case.orders.order_id.tolist() == ["1"]
    deals = case.opportunities.set_index("opportunity_id")
    assert deals.status.tolist() == ["open", "lost", "open"]
    assert deals.lost_reason.fillna("").tolist() == ["", "price", ""]
    assert deals.close_date.notna().tolist() == [False, True, False]
    assert case.receipts.received_amount.fillna(0).tolist() == [0, 5]
    assert len(case.actions) == 1
    assert len(load(str(folder)).receipts) == 3


def test_the_end_of_the_data_is_what_has_happened(folder):
    folder.write("orders.csv", "Order ID,Date,Amount\n1,2025-07-01,1\n")
    folder.write(
        "opportunities.csv",
        "Deal ID,Status,Created Date,Close Date,Expected Close,Amount\n1,open,2025-07-10,,2026-01-01,1\n",
    )
    folder.write("receipts.csv", "Receipt ID,Due Date,Received Date\n1,2025-12-01,2025-07-15\n")
    folder.write("activities.csv", "Date,Rep,Kind\n2025-07-20,Ann,call\n")
    found = open_store(str(folder))
    assert (str(found.data_start), str(found.data_end)) == ("2025-07-01", "2025-07-20")


def test_fiscal_periods_come_from_the_calendar_table(folder):
    folder.write("orders.csv", "Order ID,Date,Amount\n1,2025-07-01,1\n2,2025-09-01,1\n")
    folder.write(
        "calendar.csv",
        "Level,Year,Number,Start,End,Name\nmonth,2025,1,2025-06-29,2025-07-26,P1\n"
        "month,2025,2,2025-07-27,2025-09-05,P2\n",
    )
    folder.write("targets.csv", "Period,Target\nP2,10\nP3,10\n")
    case = load(str(folder), period="P2")
    assert str(case.scope.period.start) == "2025-07-27"
    assert case.targets.period.tolist() == ["P2"]
    assert case.intake.quarantine.reason.tolist() == ["period_unreadable"]


def test_every_frame_has_all_columns_and_the_agreed_types(folder):
    from salesnb import schema

    folder.write("orders.csv", "Order ID,Date,Amount,Quantity\n1,2025-07-01,1,2\n")
    case = load(str(folder))
    kinds = {"money": "float64", "count": "Int64", "quantity": "float64", "rate": "float64", "measure": "float64",
             "date": "datetime64[s]", "datetime": "datetime64[us]", "bool": "boolean"}  # fmt: skip
    for table in schema.tables().values():
        frame = getattr(case, table.name)
        for column in table.columns.values():
            assert str(frame[column.name].dtype) == kinds.get(column.type, "str"), (table.name, column.name)


WIDE_DEALS = """[tables.opportunities.wide]
into = "product_line"
value = "amount"
headers = { "Fix" = "Fix", "Mobile" = "Mobile" }
"""


def test_a_wide_deal_is_one_deal_with_the_sum_and_its_sales_are_of_each_line(folder):
    folder.settings(WIDE_DEALS)
    folder.write(
        "opportunities.csv",
        "Deal ID,Status,Close Date,Customer,Fix,Mobile\n1,won,2025-09-05,A,100,50\n2,won,2025-09-06,B,200,\n"
        "3,open,,C,40,300\n4,open,,D,,\n1,won,2025-09-05,A,100,50\n2,won,2025-09-06,B,200,7\n",
    )
    case = load(str(folder))
    deals = case.opportunities[["opportunity_id", "product_line", "amount"]].astype(object)
    deals = deals.where(deals.notna(), None).values.tolist()
    assert deals == [["1", "Fix", 150], ["2", "Fix", 200], ["3", "Mobile", 340], ["4", None, None]]
    sold = case.orders[["order_id", "product_line", "amount"]].values.tolist()
    assert sold == [["1", "Fix", 100], ["1", "Mobile", 50], ["2", "Fix", 200]]
    assert case.intake.quarantine[["row", "reason"]].values.tolist() == [[7, "duplicate_id"]]
    assert case.intake.files[["rows_accepted", "rows_duplicate"]].values.tolist() == [[4, 1]]
    remarks = case.intake.remarks.set_index("code")["rows"].to_dict()
    assert (remarks["deals_of_several"], remarks["repeats"]) == (2, 1)
