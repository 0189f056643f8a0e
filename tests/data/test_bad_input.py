"""Each bad input: one clear error with its code and both texts, or a counted quarantine."""

from datetime import date

import pytest

from salesnb.data import check, load, open_store
from salesnb.errors import InputError, ScopeError, SettingsError

GOOD = "Order ID,Date,Amount,Team\n1,2025-08-29,10,South\n2,2025-09-30,20,North\n"


def refused(data, **asked):
    """Return the only problem of a call that must be refused; both its texts must be complete."""
    with pytest.raises((InputError, ScopeError)) as fault:
        load(str(data), **asked)
    (found,) = fault.value.problems
    for lang in ("en", "zh"):
        assert "{" not in found.text(lang)
    return found


def test_missing_folder(tmp_path):
    assert refused(tmp_path / "nowhere").code == "folder_missing"


def test_folder_without_orders_or_opportunities(folder):
    folder.write("something.csv", "a,b\n1,2\n")
    folder.write("targets.csv", "Period,Target\n2025-09,1\n")
    found = refused(folder)
    assert found.code == "nothing_to_read"
    assert "something.csv" in found.text()


def test_missing_file_that_the_settings_name(folder):
    folder.write("sales_2025.csv", GOOD)
    folder.settings('[tables.orders]\nfiles = ["sale_2025.csv"]\n')
    found = refused(folder)
    assert (found.code, found.fields["near"]) == ("file_named_missing", "sales_2025.csv")


@pytest.mark.parametrize("content", ["", "\n\n", "   \n"])
def test_empty_file(folder, content):
    folder.write("orders.csv", content)
    found = refused(folder)
    assert (found.code, found.fields["file"]) == ("file_empty", "orders.csv")


def test_file_with_a_header_only(folder):
    folder.write("orders.csv", "Order ID,Date,Amount\n")
    assert refused(folder).code == "no_rows"


def test_bytes_of_no_encoding(folder):
    (folder.path / "orders.csv").write_bytes(GOOD.encode() + b"3,2025-09-01,1,\xff\xff\xff\n")
    assert refused(folder).code == "encoding_unknown"


@pytest.mark.parametrize("name", ["Süd", "Österreich", "München Süd", "Łódź"])
def test_western_letters_are_not_taken_for_chinese(folder, name):
    encoding = "cp1250" if name == "Łódź" else "latin-1"
    folder.write("orders.csv", f"Order ID,Date,Amount,Team\n1,2025-09-01,10,{name}\n", encoding)
    assert refused(folder).code == "encoding_unknown"
    folder.settings(f'[tables.orders]\nencoding = "{encoding}"\n')
    assert load(str(folder)).orders.team.tolist() == [name]


@pytest.mark.parametrize("name", ["A店", "華東", "B區", "朱镕基", "喆X", "Q3季度", "€"])
def test_chinese_beside_letters_is_still_chinese(folder, name):
    folder.write("orders.csv", f"Order ID,Date,Amount,Team,客户\n1,2025-09-01,10,{name},华东公司\n", "gb18030")
    assert load(str(folder)).orders.team.tolist() == [name]


def test_wrong_encoding_in_the_settings(folder):
    folder.write("订单.csv", "订单编号,日期,金额\n1,2025-09-01,10\n", "gb18030")
    folder.settings('[tables.orders]\nencoding = "utf-8"\n')
    found = refused(folder)
    assert (found.code, found.fields["found"]) == ("encoding_wrong", "utf-8")


def test_unknown_encoding_in_the_settings(folder):
    folder.write("orders.csv", GOOD)
    folder.settings('[tables.orders]\nencoding = "gbk-9"\n')
    with pytest.raises(SettingsError, match=r"tables\.orders\.encoding is 'gbk-9'"):
        load(str(folder))


def test_not_an_excel_file(folder):
    (folder.path / "orders.xlsx").write_bytes(b"PK\x03\x04" + bytes(200))
    assert refused(folder).code == "file_broken"


def test_a_row_without_end(folder):
    folder.write("orders.csv", GOOD + "3,2025-09-30,5,South" + "h" * (20 << 20) + "\n")
    found = refused(folder)
    assert (found.code, found.fields["megabytes"]) == ("row_too_long", 8)


def test_required_column_absent_lists_headers_and_candidates(folder):
    folder.write("orders.csv", "Order ID,Date,Amont,Team\n1,2025-09-01,10,South\n")
    found = refused(folder)
    assert found.code == "column_missing"
    assert found.fields["column"] == "amount"
    assert found.fields["near"].split(", ")[0] == "Amont"
    assert "Order ID, Date, Amont, Team" in found.text()


def test_two_columns_for_one(folder):
    folder.write("orders.csv", "Order ID,Date,Order Date,Amount\n1,2025-09-01,2025-09-01,10\n")
    found = refused(folder)
    assert (found.code, found.fields["headers"]) == ("column_twice", "Date, Order Date")


def test_settings_that_name_a_header_the_file_does_not_have(folder):
    folder.write("orders.csv", "No,Day,Value\n1,2025-09-01,10\n")
    folder.settings('[tables.orders.columns]\norder_id = "No"\norder_date = "Day"\namount = "Valu"\n')
    found = refused(folder)
    assert (found.code, found.fields["near"]) == ("header_unknown", "Value")


def test_problems_of_all_files_come_together(folder):
    folder.write("orders.csv", "Order ID,Date\n1,2025-09-01\n")
    folder.write("targets.csv", "")
    folder.write("reps.csv", "Who\nAnn\n")
    with pytest.raises(InputError) as fault:
        load(str(folder))
    assert sorted(p.code for p in fault.value.problems) == ["column_missing", "column_missing", "file_empty"]


def test_header_row_not_first(folder):
    folder.write("orders.csv", "Export of 2025-10-01\nprinted by Ann,,\n\nOrder ID,Date,Amount\n1,2025-09-01,10\n")
    case = load(str(folder))
    assert len(case.orders) == 1
    assert case.intake.files.header_row.tolist() == [4]


def test_header_row_of_the_settings(folder):
    folder.write("orders.csv", "Order ID,Date,Amount\nNo,Day,Value\n1,2025-09-01,10\n")
    folder.settings(
        "[tables.orders]\nheader_row = 2\n"
        '[tables.orders.columns]\norder_id = "No"\norder_date = "Day"\namount = "Value"\n'
    )
    assert load(str(folder)).orders.amount.tolist() == [10]


def test_dates_in_two_formats_in_one_column(folder):
    rows = "".join(f"{i},2025-03-{i:02d},10\n" for i in range(1, 9))
    folder.write("orders.csv", f"Order ID,Date,Amount\n{rows}20,03/04/2025,10\n21,13/04/2025,10\n")
    case = load(str(folder))
    assert [str(d.date()) for d in case.orders.order_date[-2:]] == ["2025-04-03", "2025-04-13"]
    folder.write("orders.csv", f"Order ID,Date,Amount\n{rows}20,04/13/2025,10\n21,13/04/2025,10\n")
    assert refused(folder).code == "date_order_mixed"


def test_a_mistyped_year_does_not_move_the_end_of_the_data(folder):
    rows = "".join(f"{i},2025-09-{i % 28 + 1:02d},10,South\n" for i in range(60))
    folder.write("orders.csv", f"Order ID,Date,Amount,Team\n{rows}99,2035-09-01,7,South\n")
    case = load(str(folder), period="2025-09")
    assert case.scope.as_of == date(2025, 9, 28)
    assert case.orders.amount.sum() == 60 * 10
    assert case.intake.quarantine[["row", "column", "value", "reason"]].values.tolist() == [
        [62, "Date", "2035-09-01", "date_far_ahead"]
    ]


def test_a_pause_of_years_is_no_mistyped_year(folder):
    rows = "".join(f"{i},{year}-09-{i % 28 + 1:02d},10\n" for year in (2021, 2025) for i in range(30))
    folder.write("orders.csv", f"Order ID,Date,Amount\n{rows}")
    assert load(str(folder)).scope.as_of == date(2025, 9, 28)


def test_a_mistyped_year_of_a_closed_deal(folder):
    rows = "".join(f"{i},a,10,won,2025-08-01,2025-09-{i % 28 + 1:02d}\n" for i in range(60))
    folder.write(
        "opportunities.csv",
        f"opportunity_id,customer,amount,status,created_date,close_date\n{rows}"
        "98,a,5,won,2025-08-01,2052-09-01\n99,a,5,open,2025-08-01,2052-09-01\n",
    )
    case = load(str(folder), period="2025-09")
    assert case.scope.as_of == date(2025, 9, 28)
    assert case.intake.quarantine[["row", "reason"]].values.tolist() == [[62, "date_far_ahead"]]
    assert len(case.opportunities) == 61


def test_dates_against_the_order_of_the_settings(folder):
    folder.write("orders.csv", "Order ID,Date,Amount\n1,03/09/2025,10\n2,13/09/2025,10\n3,09/13/2025,10\n")
    folder.settings('[tables.orders]\ndate_order = "dmy"\n')
    case = load(str(folder))
    assert [str(d.date()) for d in case.orders.order_date] == ["2025-09-03", "2025-09-13"]
    assert case.intake.quarantine.reason.tolist() == ["date_two_formats"]


def test_a_file_of_ambiguous_dates_is_refused_with_the_way_out(folder):
    folder.write("orders.csv", "Order ID,Date,Amount\n1,03/04/2025,10\n2,05/04/2025,10\n3,2025-04-05,10\n")
    found = refused(folder)
    assert found.code == "date_order_untold"
    assert "date_order" in found.text("en")
    assert "date_order" in found.text("zh")


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("opportunities.csv", "Deal ID,Status,Created Date\n1,Won,soon\n", "soon"),
        ("orders.csv", "Order ID,Line,Order Date,Amount\nA1,1,bad,10\n", "bad"),
    ],
)
def test_a_file_of_which_no_row_can_be_read_is_refused_with_an_example(folder, name, text, said):
    folder.write(name, text)
    found = refused(folder)
    assert found.code == "file_refused"
    assert said in found.text("en")


def test_ids_that_a_float_destroyed(folder):
    folder.write("orders.csv", "Order ID,Date,Amount\n007,2025-09-01,10\n08,2025-09-01,10\n1.23457E+15,2025-09-01,10\n")
    case = load(str(folder))
    assert case.orders.order_id.tolist() == ["007", "08"]
    assert case.intake.quarantine.reason.tolist() == ["id_destroyed"]


def test_excel_ids_beyond_what_a_float_holds(folder):
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    for row in (
        ["Order ID", "Date", "Amount"],
        [12345678, 45901, 10.5],
        ["007", 45902, 1],
        [123456789012345678, 45903, 1],
    ):
        sheet.append(row)
    book.save(folder.path / "orders.xlsx")
    case = load(str(folder))
    assert case.orders.order_id.tolist() == ["12345678", "007"]
    assert case.orders.amount.tolist() == [10.5, 1]
    assert str(case.orders.order_date[0].date()) == "2025-09-01"
    assert case.intake.quarantine.reason.tolist() == ["id_destroyed"]


def test_amounts_that_cannot_be_read(folder):
    folder.write(
        "orders.csv",
        "Order ID,Date,Amount\n1,2025-09-01,10\n2,2025-09-01,ten\n3,2025-09-01,NaN\n4,2025-09-01,5\n5,2025-09-01,1\n",
    )
    case = load(str(folder))
    assert case.orders.amount.sum() == 16
    assert case.intake.quarantine[["row", "value", "reason"]].values.tolist() == [
        [3, "ten", "amount_unreadable"], [4, "NaN", "amount_unreadable"],
    ]  # fmt: skip


def test_destroyed_columns_refuse_the_file(folder):
    folder.write("orders.csv", "Order ID,Date,Amount\n1,#####,10\n2,#####,10\n3,2025-09-01,10\n")
    found = refused(folder)
    assert (found.code, found.fields["rows"], found.fields["read"]) == ("file_refused", 2, 3)
    assert "the date cannot be read" in found.text("en")
    assert "日期无法识别" in found.text("zh")


def test_half_of_the_rows_may_be_bad(folder):
    folder.write("orders.csv", "Order ID,Date,Amount\n1,#####,10\n2,2025-09-01,10\n")
    assert len(load(str(folder)).orders) == 1


def test_targets_for_unknown_reps_are_kept_and_listed(folder):
    folder.write("orders.csv", GOOD)
    folder.write("reps.csv", "Rep,Team\nAnn,South\n")
    folder.write("targets.csv", "Period,Rep,Target\n2025-09,Ann,10\n2025-09,Zoe,5\n")
    case = load(str(folder))
    assert case.targets.amount.sum() == 15
    listed = case.intake.unknown
    assert listed[listed.table == "targets"].values.tolist() == [["targets", "rep", "Zoe", 1]]


def test_targets_of_an_unknown_metric(folder):
    folder.write("orders.csv", GOOD)
    folder.write(
        "targets.csv", "Period,Metric,Target\n2025-09,sales,1\n2025-09,销售额,2\n2025-09,Sales,3\n2025-09,happiness,4\n"
    )
    case = load(str(folder))
    assert case.intake.quarantine.reason.tolist() == ["duplicate_id", "duplicate_id", "metric_unknown"]
    assert case.targets.metric.tolist() == ["sales"]


def test_a_period_with_no_data(folder):
    folder.write("orders.csv", GOOD)
    found = refused(folder, period="2024-01")
    assert found.code == "period_outside_data"
    assert "2025-08-29" in found.text()
    assert "2025-09-30" in found.text()


def test_a_period_inside_the_data_without_rows_is_allowed(folder):
    folder.write("orders.csv", GOOD)
    case = load(str(folder), team="South", period="2025-09")
    assert [str(d.date()) for d in case.orders.order_date] == ["2025-08-29"]
    assert case.scope.period.name == "2025-09"


def test_a_team_that_does_not_exist(folder):
    folder.write("orders.csv", GOOD)
    found = refused(folder, team="Soth")
    assert (found.code, found.fields["near"]) == ("team_unknown", "South, North")


@pytest.mark.parametrize(("name", "value"), [("team", 7), ("period", 2025), ("period", None), ("data", 1)])
def test_parameters_that_are_not_text(folder, name, value):
    folder.write("orders.csv", GOOD)
    with pytest.raises(ScopeError) as fault:
        load(**{"data": str(folder), name: value})
    assert fault.value.problems[0].code == "not_text"
    assert "-r" in fault.value.text("en")


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"as_of": "2026-01-01"}, "as_of_outside_data"), ({"as_of": "yesterday"}, "as_of_unreadable"),
        ({"as_of": "2025-08-30", "period": "2025-09"}, "as_of_before_period"),
        ({"period": "2025-99"}, "period_unknown"), ({"period": "2025-08..2025-09"}, "period_several"),
        ({"lang": "fr"}, "lang_unknown"),
    ],
)  # fmt: skip
def test_wrong_questions(folder, asked, code):
    folder.write("orders.csv", GOOD)
    assert refused(folder, **asked).code == code


@pytest.mark.parametrize("name", ["all", "ALL", " All "])
def test_a_team_called_all(folder, name):
    folder.write("orders.csv", f"Order ID,Date,Amount,Team\n1,2025-09-01,10,{name}\n")
    assert refused(folder).code == "team_reserved"


def test_teams_with_dangerous_names_stay_inside_the_store(folder):
    names = ["A/B", "A-B", "../../x", "华 南 一部", "..", "CON", "a" * 300, "A\\B"]
    rows = "".join(f"{i},2025-09-{i + 1:02d},{i + 1},{name}\n" for i, name in enumerate(names))
    folder.write("orders.csv", "Order ID,Date,Amount,Team\n" + rows)
    found = open_store(str(folder))
    assert found.teams == sorted(names)
    files = [found.folder / f for f in found.orders.values()]
    assert len(set(files)) == len(names)
    assert all(f.resolve().parent == (found.folder / "orders").resolve() and f.is_file() for f in files)
    for i, name in enumerate(names):
        assert load(str(folder), team=name).orders.amount.tolist() == [i + 1]


def test_without_teams_only_the_whole_company_runs(folder):
    folder.write("orders.csv", "Order ID,Date,Amount\n1,2025-09-01,10\n")
    assert open_store(str(folder)).teams == []
    case = load(str(folder))
    assert case.orders.team.tolist() == [""]
    assert refused(folder, team="").code == "team_unknown"


def test_a_basis_that_needs_a_column(folder):
    folder.write("orders.csv", GOOD)
    folder.settings('[sales]\nbasis = "invoiced"\n')
    assert refused(folder).code == "basis_column"


def test_formulas_stay_text(folder):
    folder.write("orders.csv", "Order ID,Date,Amount,Customer\n1,2025-09-01,10,=cmd()\n2,2025-09-01,5,+1\n")
    assert load(str(folder)).orders.customer.tolist() == ["=cmd()", "+1"]


def test_checking_keeps_nothing(folder, tmp_path):
    folder.write("orders.csv", GOOD)
    assert check(str(folder)).files.rows_accepted.tolist() == [2]
    assert not (tmp_path / "cache").exists()
