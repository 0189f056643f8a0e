"""Intake: each row accounted for, and each oddity named."""

from datetime import date

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesnb import schema, words
from salesnb.data.reading.remarks import Remark
from salesnb.data.reading.remarks import frame as remarks_frame
from salesnb.findings import intake
from tests.frames import frame, scope_of
from tests.reading import said

COUNTS = ["rows_read", "rows_accepted", "rows_quarantined", "rows_duplicate", "rows_skipped"]


def files(*rows):
    made = [(*row, 0) if len(row) == 2 + len(COUNTS) else row for row in rows]  # few have skipped rows
    return pd.DataFrame(made, columns=["table", "file", "encoding", *COUNTS])


def test_the_sum_of_rows_is_shown():
    found = intake.accounting(
        files(("orders", "a.csv", "utf-8", 10, 7, 2, 1), ("reps", "b.csv", "gb18030", 5, 5, 0, 0)), scope=scope_of()
    )
    assert found.rows["rows_read"].tolist() == [15, 10, 5]
    assert said(found)["en"] == ["All rows are accounted for: 15 read = 12 accepted + 2 quarantined + 1 repeat."]
    assert "读取15行＝接收12行＋隔离2行＋重复1行" in said(found)["zh"][0]


def test_rows_that_do_not_add_up_are_named_with_their_file():
    found = intake.accounting(
        files(("orders", "a.csv", "", 10, 7, 1, 1), ("reps", "b.csv", "", 5, 6, 0, 0)), scope=scope_of()
    )
    assert found.headline.key == "unbalanced"
    assert found.rows["rows_unexplained"].tolist() == [2, 1, -1]  # sizes: +1 and -1 do not cancel
    assert "a.csv (+1)" in said(found)["en"][0]


def test_rows_that_settings_skip_are_part_of_the_sum():
    found = intake.accounting(files(("orders", "a.csv", "", 10, 5, 2, 1, 2)), scope=scope_of())
    assert said(found)["en"] == [
        "All rows are accounted for: 10 read = 5 accepted + 2 quarantined + 1 repeat + 2 skipped by the settings."
    ]
    assert "＋按设置略过2行" in said(found)["zh"][0]
    wrong = intake.accounting(files(("orders", "a.csv", "", 10, 5, 2, 1, 1)), scope=scope_of())
    assert wrong.headline.key == "unbalanced"


def test_several_sheets_of_one_file_are_one_row():
    found = intake.accounting(
        files(("orders", "a.xlsx", "", 3, 3, 0, 0), ("orders", "a.xlsx", "", 4, 4, 0, 0)), scope=scope_of()
    )
    assert found.rows["rows_read"].tolist() == [7, 7]
    assert found.headline.key == "clean"
    said(found)


@given(st.lists(st.tuples(st.integers(0, 99), st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=6))
@settings(max_examples=60, deadline=None)
def test_whatever_is_read_and_accounted_for_balances(parts):
    rows = [("orders", f"{i}.csv", "", a + 2 * q + d, a, q, d, q) for i, (a, q, d) in enumerate(parts)]
    found = intake.accounting(files(*rows), scope=scope_of())
    assert found.headline.key in {"balanced", "clean", "skipped"}
    total = found.rows.iloc[0]
    assert total["rows_read"] == total[COUNTS[1:]].sum()
    assert (found.rows[COUNTS].iloc[0] == found.rows[COUNTS].iloc[1:].sum()).all()
    turned = intake.accounting(files(*reversed(rows)), scope=scope_of())
    pd.testing.assert_frame_equal(found.rows, turned.rows)


BAD = pd.DataFrame(
    [
        ("orders", "a.csv", 9, "Amount", "", "missing_value"),
        ("orders", "a.csv", 3, "Amount", None, "missing_value"),
        ("orders", "a.csv", 4, "Date", "31/31", "date_unreadable"),
    ],
    columns=["table", "file", "row", "column", "value", "reason"],
)


def test_quarantine_is_counted_by_reason_with_the_first_place():
    before = BAD.copy()
    found = intake.quarantine(BAD, scope=scope_of())
    assert found.rows["rows"].tolist() == [3, 2, 1]
    assert found.rows["example"].tolist() == ["", 'a.csv:3 Amount = ""', "a.csv:4 Date = 31/31"]
    assert "a required value is missing" in said(found)["en"][0]
    assert "必填项为空" in said(found)["zh"][0]
    pd.testing.assert_frame_equal(BAD, before)


def test_nothing_quarantined_is_said():
    assert said(intake.quarantine(BAD.iloc[:0], scope=scope_of()))["en"] == ["No row had to be set aside."]


def test_one_reason_alone():
    said(intake.quarantine(BAD.iloc[:2], scope=scope_of()))


def test_statuses_show_what_each_spelling_was_taken_for():
    found = intake.statuses(
        pd.DataFrame(
            {"table": ["orders"] * 3, "value": ["won", "已成交", "?"], "status": ["won", "won", ""], "rows": [5, 3, 1]}
        ),
        scope=scope_of(),
    )
    assert found.rows["spelling"].tolist() == ["", "won", "已成交", "?"]
    assert found.rows["rows"].tolist() == [9, 5, 3, 1]
    assert said(found)["en"] == ["The status “?” in orders was not understood: 1 row."]


def test_statuses_without_any():
    none = intake.statuses(pd.DataFrame(columns=["table", "value", "status", "rows"]), scope=scope_of())
    assert none.missing
    said(none)


def test_names_are_reported_and_never_merged():
    similar = pd.DataFrame({"customer": ["Acme", "Bolt"], "likely": ["Acme Co., Ltd.", "Bolt AG"], "rows": [1, 4]})
    found = intake.names(similar, scope=scope_of())
    assert found.rows["customer"].tolist() == ["", "Bolt", "Acme"]
    assert found.rows["rows"].tolist() == [5, 4, 1]
    assert "They were not merged" in said(found)["en"][0]
    assert "未合并" in said(intake.names(similar.iloc[:1], scope=scope_of()))["zh"][0]
    assert said(intake.names(similar.iloc[:0], scope=scope_of()))["en"] == [
        "No customer name looks like a variant of another."
    ]


def test_unknown_reps_and_targets_nobody_can_attain():
    strangers = pd.DataFrame(
        {"table": ["orders", "targets"], "column": ["rep", "rep"], "value": ["Ann", "Bob"], "rows": [3, 1]}
    )
    lines = said(intake.unknown(strangers, scope=scope_of()))["en"]
    assert "“Ann” (Rep in orders), 3 rows" in lines[0]
    assert "Targets are set for Bob" in lines[1]
    said(intake.unknown(strangers.iloc[:1], scope=scope_of()))
    assert intake.unknown(strangers.iloc[:0], scope=scope_of()).headline.key == "none"


def test_absent_tables_stand_first_with_what_they_would_add():
    found = intake.tables({"receipts", "market"}, scope=scope_of())
    assert found.rows["table"].tolist()[1:3] == ["receipts", "market"]
    assert found.rows["tables_given"].iloc[0] == len(schema.tables()) - 2
    assert found.rows["tables_given"].iloc[1:].sum() == found.rows["tables_given"].iloc[0]
    assert said(found)["zh"][0].endswith("尚缺2张：回款和市场容量。")
    assert said(intake.tables(set(), scope=scope_of()))["en"] == [f"All {len(schema.tables())} tables are given."]


@pytest.mark.parametrize("table", schema.tables())
def test_every_table_has_a_name_and_a_use(table):
    assert words.has("dimensions", f"members.table.{table}")
    assert words.has("intake", f"tables_adds.{table}")


def notes():
    rows = [("2025-09-01", "need", "product", "open"), ("2025-09-09", "need", "product", "done"),
            ("2025-09-05", "stock", "", "open"), ("2025-08-31", "need", "product", "open")]  # fmt: skip
    return frame("notes", *(dict(zip(("day", "kind", "department", "status"), row, strict=True)) for row in rows))


def test_notes_of_the_period_by_kind_and_department():
    found = intake.notes(notes(), scope=scope_of())
    assert found.rows["rows"].tolist() == [3, 2, 1]
    assert found.rows["rows_open"].tolist() == [2, 1, 1]
    assert found.rows["last_date"].tolist() == ["2025-09-09", "2025-09-09", "2025-09-05"]
    said(found)
    shuffled = intake.notes(notes().iloc[::-1], scope=scope_of())
    pd.testing.assert_frame_equal(found.rows, shuffled.rows)


def test_notes_absent_none_or_all_done():
    assert intake.notes(frame("notes"), scope=scope_of()).missing[0].table == "notes"
    assert intake.notes(notes(), scope=scope_of("2025-07", date(2025, 7, 31))).headline.key == "none"
    assert intake.notes(notes().assign(status="done"), scope=scope_of()).headline.key == "done"
    for when in (scope_of(), scope_of("2025-07", date(2025, 7, 31))):
        for table in (frame("notes"), notes(), notes().assign(status="done")):
            said(intake.notes(table, scope=when))


def told(*remarks):
    return remarks_frame([Remark(*values) for values in remarks])


def test_remarks_are_listed_with_file_rows_and_sentence():
    assert said(intake.remarks(told(), scope=scope_of()))["en"] == ["Nothing else is noteworthy about the files."]
    one = told(("repeats_bare", "orders", "a.csv", "", "", 1))
    assert said(intake.remarks(one, scope=scope_of()))["zh"] == [
        "有一项情况需要留意：a.csv：重复出现的行只计一次，略去 1 行。"
    ]
    two = told(("repeats_bare", "orders", "a.csv", "", "", 2), ("repeats_bare", "orders", "b.csv", "", "", 1200))
    found = intake.remarks(two, scope=scope_of())
    assert found.rows["remarks"].tolist() == [2, 1, 1]
    assert found.rows["rows"].tolist()[1:] == [2, 1200]
    assert found.rows["file"].tolist() == ["", "a.csv", "b.csv"]
    assert said(found)["en"][0].startswith("2 things are worth knowing, the first of them: a.csv: rows")
    assert "1,200" in found.rows["remark"].iloc[2]
    assert not [f for f in found.facts() if f["metric"] == "rows" and not f["dims"]]
