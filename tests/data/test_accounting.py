"""Rows read = accepted + quarantined + duplicates, whatever the file holds; and the accepted sum is right."""

import csv
import io
import tempfile
from collections import Counter
from decimal import Decimal
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from salesnb.data import check, load
from salesnb.data.taking.intake import account, take
from salesnb.settings import Settings, from_mapping

LENIENT = from_mapping({"quality": {"refuse_share": 1.0}})

AMOUNTS = st.sampled_from(
    [("100", 100), ("¥1,200.50", "1200.5"), ("1.2万", 12000), ("(30)", -30), ("１２", 12), ("0.1", "0.1"),
     ("5.43999999999998", "5.44"),
     ("", None), ("n/a", None), ("abc", None), ("inf", None), ("1,2345", None)]
)  # fmt: skip
DATES = st.sampled_from(
    [("2025-09-01", True), ("2025/9/2", True), ("2025年9月3日", True), ("45901", True), ("13/13/2025", False),
     ("", False), ("2025-02-30", False), ("x", False)]
)  # fmt: skip
IDS = st.sampled_from(
    [("1", True), ("007", True), ("A-2", True), ("编号3", True), ("", False), ("1.23457E+15", False), ("合计", False)]
)
STATUSES = st.sampled_from([("won", True), ("已成交", True), ("已取消", True), ("", True), ("perhaps", False)])
TEXTS = st.sampled_from(["华星科技", 'say "so"', "a,b", "=SUM(A1)", "two\nlines", " x ", "Total", ""])
ROWS = st.lists(st.tuples(IDS, DATES, AMOUNTS, STATUSES, TEXTS, st.sampled_from([0, 0, 0, 0, 1, -1])), max_size=60)
HEADER = ["Order ID", "订单日期", "Amount", "Status", "Customer"]


def _cells(row):
    (order, _), (day, _), (amount, _), (status, _), customer, odd = row
    cells = [order, day, amount, status, customer]
    return cells[:-1] if odd < 0 else [*cells, "more"] if odd else cells


def _good(row):
    (_, fine_id), (_, fine_day), (_, value), (_, fine_status), _, odd = row
    return fine_id and fine_day and value is not None and fine_status and not odd


def _text(rows, separator, preamble):
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator, lineterminator="\n")
    for line in preamble:
        out.write(line + "\n")
    writer.writerow(HEADER)
    writer.writerows(_cells(row) for row in rows)
    return out.getvalue()


def _older_state(row, good):
    """Tell whether a row is there again as cancelled: equal lines are kept, and so are states that do not pair up."""

    def line(one):
        return (one[0][0], "2025-09-01" if one[1][0] == "45901" else one[1][0], one[2][1], one[4].strip())

    states = Counter(other[3][0] == "已取消" for other in good if line(other) == line(row))
    return row[3][0] != "已取消" and states[True] == states[False]


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    ROWS,
    st.sampled_from([",", ";", "\t"]),
    st.sampled_from([[], ["销售明细"], ["Sales report", ""]]),
    st.sampled_from(["utf-8", "utf-8-sig", "gb18030"]),
)
def test_every_row_is_accounted_for(rows, separator, preamble, encoding):
    filled = [row for row in rows if any(c.strip() for c in _cells(row))]
    good = [row for row in filled if _good(row)]
    accepted = [row for row in good if not _older_state(row, good)]
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        (folder / "orders.csv").write_bytes(_text([_ANCHOR, *rows], separator, preamble).encode(encoding))
        taken = take(folder, LENIENT, folder / "work")
        ledger = taken.staged["orders"].ledgers[0]
        clean = taken.whole("orders")
        files = account(taken).files.iloc[0]
    assert ledger.read == len(filled) + 1
    assert ledger.duplicates == len(good) - len(accepted)
    assert clean.num_rows + ledger.quarantined + ledger.duplicates == ledger.read
    assert clean.num_rows == len(accepted) + 1
    assert (files.rows_read, files.rows_accepted) == (len(filled) + 1, len(accepted) + 1)
    expected = sum(Decimal(row[2][1]) for row in accepted) + 1
    assert sum(clean.column("amount").to_pylist()) == int(expected * 10_000)


_ANCHOR = (("anchor", True), ("2025-09-30", True), ("1", 1), ("won", True), "Anchor", 0)


def test_row_numbers_are_those_a_person_sees(folder):
    folder.settings("[quality]\nrefuse_share = 1.0\n")
    folder.write(
        "orders.csv",
        "Sales 2025\n\nOrder ID,Date,Amount,Customer\n1,2025-09-01,10,a\n\n2,soon,10,b\n3,2025-09-01\n"
        "4,2025-09-01,x,c\n,,,\n5,2025-09-02,5,d\n",
    )
    intake = check(str(folder))
    bad = intake.quarantine
    assert list(zip(bad.row, bad.reason, strict=True)) == [
        (6, "date_unreadable"),
        (7, "ragged_row"),
        (8, "amount_unreadable"),
    ]
    files = intake.files.iloc[0]
    assert (files.rows_read, files.rows_accepted, files.rows_quarantined, files.rows_duplicate) == (5, 2, 3, 0)
    assert (files.rows_preamble, files.rows_blank, files.header_row) == (1, 2, 3)


def test_a_bad_row_is_listed_once_with_all_its_columns(folder):
    folder.write("orders.csv", "Order ID,Date,Amount\n1,2025-09-01,1\n2,2025-09-01,1\n3,soon,x\n")
    bad = check(str(folder)).quarantine
    assert bad.to_dict("records") == [
        {
            "table": "orders",
            "file": "orders.csv",
            "row": 4,
            "column": "Date, Amount",
            "value": "soon, x",
            "reason": "date_unreadable",
        }
    ]


def test_totals_rows_are_put_aside_but_customers_called_total_are_not(folder):
    folder.write(
        "orders.csv",
        "订单编号,日期,金额,客户\n1,2025-09-01,10,Total\n2,2025-09-02,5,b\n"
        "小计,,15,\n,,15,合计：\n,,30,Grand Total\n总计,2025-09-30,30,\n",
    )
    case = load(str(folder))
    assert case.orders.amount.sum() == 15
    assert list(case.intake.quarantine.reason) == ["totals_row"] * 4
    assert list(case.intake.quarantine.row) == [4, 5, 6, 7]


def test_totals_rows_of_targets(folder):
    folder.write("orders.csv", "Order ID,Date,Amount\n1,2025-09-01,10\n")
    folder.write(
        "目标.csv",
        "期间,团队,销售,目标值\n2025-09,South,Ann,100\n2025-09,South,Bob,50\n2025-09,South,合计,150\n合计,,,150\n",
    )
    case = load(str(folder))
    assert case.targets.amount.sum() == 150
    assert list(case.intake.quarantine.reason) == ["totals_row", "totals_row"]


def test_an_earlier_row_with_the_same_key_stays_and_is_named(folder):
    folder.write(
        "orders.csv",
        "Order ID,Line,Date,Amount\n1,1,2025-09-01,10\n1,2,2025-09-01,20\n"
        "1,1,2025-09-01,99\n1,,2025-09-01,5\n1,,2025-09-01,6\n",
    )
    case = load(str(folder))
    assert case.orders.amount.sum() == 41
    (bad,) = case.intake.quarantine.to_dict("records")
    assert (bad["row"], bad["reason"], bad["value"]) == (4, "duplicate_id", "1|1 (orders.csv:2)")


def test_a_quote_that_is_not_closed_does_not_swallow_rows_silently(folder):
    rows = "".join(f"{i},2025-09-01,10,c\n" for i in range(2, 9))
    folder.write(
        "orders.csv",
        f'Order ID,Date,Amount,Customer\n1,2025-09-01,10,"open\n9,2025-09-01,10,c\n10,2025-09-01,10,d"\n{rows}',
    )
    case = load(str(folder))
    assert len(case.orders) == 9  # 9 and 10 too
    bad = case.intake.quarantine
    assert (bad.row.tolist(), bad.reason.tolist()) == ([2], ["open_quote"])
    assert case.intake.files.rows_read.tolist() == [10]


def test_spellings_of_a_status_are_counted(folder):
    folder.write(
        "orders.csv",
        "Order ID,Date,Amount,Status\n1,2025-09-01,1,已成交\n2,2025-09-01,1,WON\n"
        "3,2025-09-01,1,已成交\n4,2025-09-01,1,lost?\n",
    )
    intake = load(str(folder)).intake
    assert intake.statuses.to_dict("records") == [
        {"table": "orders", "value": "WON", "status": "won", "rows": 1},
        {"table": "orders", "value": "已成交", "status": "won", "rows": 2},
    ]
    assert intake.quarantine.reason.tolist() == ["choice_unknown"]


def test_defaults_of_the_settings_refuse_half(folder):
    assert Settings().quality.refuse_share == 0.5


def test_a_header_that_is_there_again_is_no_row(folder):
    head = "Order ID,Date,Amount,Status\n"
    folder.write("orders.csv", f"{head}1,2025-09-01,10,won\n{head}2,2025-09-02,5,\n")
    folder.write("reps.csv", "Rep,Team\nAnn,South\nRep,Team\nTeam,Rep\n")
    case = load(str(folder))
    assert case.intake.quarantine[["table", "row", "reason"]].to_numpy().tolist() == [
        ["orders", 3, "header_again"], ["reps", 3, "header_again"],
    ]  # fmt: skip
    assert case.reps["rep"].tolist() == ["Ann", "Team"]
