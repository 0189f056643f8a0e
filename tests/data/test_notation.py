"""A column is judged whole: what one cell proves holds for all; what nothing proves is refused with a line to paste."""

from datetime import date

import pyarrow as pa
import pytest

from salesnb import schema
from salesnb.data import load
from salesnb.data.cells.numbers import Marks
from salesnb.data.taking import notation
from salesnb.data.taking.notation import Doubt, Evidence
from salesnb.data.taking.parsing import Parser
from salesnb.errors import InputError

ORDERS = schema.table("orders").columns


def read(column, cells, *, others=(), marks=None, order="", currency=""):
    """Return a column's values after judging it, or the code of its doubt."""
    parser = Parser(column, currency=currency)
    begun = parser.begin(pa.array(cells))
    elsewhere = Parser(column)
    elsewhere.begin(pa.array(others, pa.string()))
    told = notation.judge(column.type, [parser.evidence, elsewhere.evidence], marks, order)
    if isinstance(told, Doubt):
        return told.code
    parser.judged(told)
    values = parser.finish(begun).values.to_pylist()
    return [v / 10_000 if column.type == "money" and v is not None else v for v in values]


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        # one cell proves the decimal mark for all
        (["1.500", "750", "1.234,56"], [1500, 750, 1234.56]),
        (["1.500", "2,5"], [1500, 2.5]),
        (["1.234.567", "1.500"], [1234567, 1500]),
        (["1,500", "1,234.56"], [1500, 1234.56]),
        (["1,500", "2.5"], [1500, 2.5]),
        (["1.500", "0.250"], [1.5, 0.25]),
        (["1.500", "1234.500"], [1.5, 1234.5]),
        (["12.345", "125.43999999999998"], [12.345, 125.44]),
        (["1.500", "1,234,567"], [1.5, 1234567]),
        (["1.234万", "1.500"], [12340, 1.5]),
        # what contradicts it is set aside
        (["2,024,994", "34,20", "17,5", "1,500"], [None, 34.2, 17.5, 1.5]),
        (["12.5"] * 98 + ["1,500", "34,20"], [12.5] * 98 + [1500, None]),
        # thousands alone
        (["1,500", "2,000", "750"], [1500, 2000, 750]),
        (["1,20,000", "12,34,567.50", "900"], [120000, 1234567.5, 900]),
        (["1 234,56", "1\u202f234\u202f567", "1\xa0500"], [1234.56, 1234567, 1500]),
        (["1 234", "1,500"], [1234, 1.5]),
        (["1'234.50", "1’234’567", "12.345"], [1234.5, 1234567, 12.345]),
        # marks around
        (["€ 2.900,00", "500,50 €", "11000"], [2900, 500.5, 11000]),
        (["1 234,50 zł", "kr 12,00", "99,90kr"], [1234.5, 12, 99.9]),
        (["₹1,20,000.50", "Rs. 500/-", "INR 7"], [120000.5, 500, 7]),
        (["R$ 1.234,56", "R$ 1.500"], [1234.56, 1500]),
        (["Fr. 1'200.50", "CHF 500.-"], [1200.5, 500]),
        (["NT$1,200", "-1,200.50 CAD", "A$ 3"], [1200, -1200.5, 3]),
        (["(1.234,56)", "12,00-", "500,-"], [-1234.56, -12, 500]),
        (["5w", "1.2W", "3 w元", "1.5k"], [50000, 12000, 30000, 1500]),
        # never a number
        (["1200¹", "①200", "12 34", "1,2345", "1200"], [None, None, None, None, 1200]),
        # nothing tells, or both are proved
        (["1.500", "2.000", "750"], "decimal_untold"),
        (["1.500", "1,500"], "decimal_untold"),
        (["12.50", "34,20"], "decimal_mixed"),
        (["1,234,567", "1.234.567"], "decimal_mixed"),
        (["1,500"] * 99 + ["1,2"], "decimal_mixed"),
    ],
)
def test_amounts_are_read_by_what_their_column_proves(cells, values):
    assert read(ORDERS["amount"], cells) == values


def test_what_proves_nothing_by_itself_is_told_by_other_files_and_columns():
    assert read(ORDERS["amount"], ["1.500"], others=["34,20"]) == [1500]
    assert read(ORDERS["quantity"], ["1,500"], others=["34,20"]) == [1.5]
    assert read(ORDERS["quantity"], ["1.500", "2"], others=["0.5"]) == [1.5, 2]


def test_amounts_in_another_currency_prove_nothing():
    assert read(ORDERS["amount"], ["99,50", "$1,234.56", "1.500"], currency="EUR") == [99.5, None, 1500]


def test_settings_say_the_marks():
    comma, point = Marks.said(",", ""), Marks.said("", ",")
    assert read(ORDERS["amount"], ["1.500", "2.000", "12.5"], marks=comma) == [1500, 2000, None]
    assert read(ORDERS["amount"], ["1.500", "34,20"], marks=point) == [1.5, None]
    assert read(ORDERS["quantity"], ["1 500,5", "1.500"], marks=Marks.said(",", " ")) == [1500.5, None]


def test_a_rate_has_no_thousands():
    column = next(t.columns["progress"] for t in schema.tables().values() if "progress" in t.columns)
    assert read(column, ["1.000", "1"]) == [1, 1]
    assert read(column, ["1.000", "0,5"]) == [1000, 0.5]


@pytest.mark.parametrize(
    ("cells", "days"),
    [
        (["6/16/2025", "6/5/2025"], ["2025-06-16", "2025-06-05"]),
        (["16/6/2025", "6/5/2025 10:30"], ["2025-06-16", "2025-05-06"]),
        (["05.06.2025", "6.5.2025"], ["2025-06-05", "2025-05-06"]),
        (["06.16.2025", "06.05.2025"], ["2025-06-16", "2025-06-05"]),
        (["5/5/2025"], ["2025-05-05"]),
        (["Tue 6/3/2025", "7/6/2025"], ["2025-06-03", "2025-07-06"]),
        # two-figure years
        (["25/9/6", "25.9.30", "25-09-07"], ["2025-09-06", "2025-09-30", "2025-09-07"]),
        (["6/9/25", "16/9/25"], ["2025-09-06", "2025-09-16"]),
        (["6/9/25", "9/16/2025"], ["2025-06-09", "2025-09-16"]),
        (["25-09-06", "25-09-07", "25-09-15"], ["2025-09-06", "2025-09-07", "2025-09-15"]),
        (["06.09.25", "17.09.25", "30.09.25"], ["2025-09-06", "2025-09-17", "2025-09-30"]),
        (["25年9月6日"], ["2025-09-06"]),
        # weekdays and names of months
        (["2025-09-09 星期二", "周二 2025/9/9", "2025年9月9日(周二)"], ["2025-09-09"] * 3),
        (["Tue 9 Sep 2025", "Tuesday, September 9, 2025", "9. Sept. 2025", "9-Sep-25"], ["2025-09-09"] * 4),
        (["9 März 2025", "9 août 2025", "2025-Sep-09"], ["2025-03-09", "2025-08-09", "2025-09-09"]),
        (["2025-09-09 星期三", "marxyz 2025", "9 Sepp 2025", "2025-09-0¹"], [None] * 4),
        # typed and plain ones beside
        (["45540", "2024-09-06", "13/09/2024"], ["2024-09-05", "2024-09-06", "2024-09-13"]),
        (["9/13/2025"] * 98 + ["13/9/2025", "3/4/2025"], ["2025-09-13"] * 98 + [None, "2025-03-04"]),
        (["13/9/2025"] * 98 + ["25/09/06"], ["2025-09-13"] * 98 + [None]),
        (["2025-09-13"] * 98 + ["3/4/2025", "25/09/06"], ["2025-09-13"] * 98 + [None, None]),
        # nothing tells, or both are proved
        (["03/04/2025", "04/04/2025", "2025-05-01"], "date_order_untold"),
        (["01/02/2025", "02/02/2025", "03/02/2025"], "date_order_untold"),
        (["13/04/2025", "04/13/2025"], "date_order_mixed"),
        (["25/09/06", "25/09/07"], "date_year_untold"),
        (["2025-05-06"] * 5 + ["6/16/2025"] * 5, "dates_swapped"),
        (["2025-05-13", *["6/16/2025"] * 5], ["2025-05-13", *["2025-06-16"] * 5]),
        (["05/06/25"], "date_year_untold"),
        (["6/9/25"], "date_order_untold"),
    ],
)
def test_dates_are_read_by_what_their_column_proves(cells, days):
    expected = [None if d is None else date.fromisoformat(d) for d in days] if isinstance(days, list) else days
    assert read(ORDERS["order_date"], cells) == expected


def test_settings_say_the_order_of_dates():
    assert read(ORDERS["order_date"], ["03/04/2025", "13/04/2025"], order="mdy") == [date(2025, 3, 4), None]
    assert read(ORDERS["order_date"], ["25/09/06"], order="ymd") == [date(2025, 9, 6)]
    assert read(ORDERS["order_date"], ["25/09/06", "6/9/25"], order="dmy") == [date(2006, 9, 25), date(2025, 9, 6)]


def test_evidence_of_batches_adds_up():
    one, other = Evidence(), Evidence()
    one.number("1.500", 3)
    other.number("34,20", 1)
    both = one + other
    assert both.rows == {"point_open": 3, "comma": 1}
    assert both.examples == {"point_open": "1.500", "comma": "34,20"}


# -- through a folder


def total(folder):
    return load(str(folder), period="2025-09").orders.amount.sum()


def test_the_last_row_of_a_file_tells_the_first(folder, monkeypatch):
    monkeypatch.setattr("salesnb.data.reading.delimited.BLOCK_BYTES", 64)
    rows = "".join(f"{i};2025-09-01;1.500\n" for i in range(20))
    folder.write("orders.csv", f"Order ID;Date;Amount\n{rows}21;2025-09-02;34,20\n")
    assert total(folder) == pytest.approx(20 * 1500 + 34.2)


def test_one_file_tells_another_of_the_same_table(folder):
    folder.write("orders_1.csv", "Order ID,Date,Amount\n1,03/09/2025,10\n")
    folder.write("orders_2.csv", "Order ID,Date,Amount\n2,13/09/2025,20\n")
    folder.settings('[tables.orders]\nfiles = ["orders_*.csv"]\n')
    assert total(folder) == 30


def test_a_column_in_doubt_is_refused_with_the_line_to_paste(folder):
    folder.write("orders.csv", "Order ID,Date,Amount\n1,03/04/2025,1.500\n2,05/04/2025,2.000\n")
    with pytest.raises(InputError) as fault:
        load(str(folder))
    assert sorted(p.code for p in fault.value.problems) == ["date_order_untold", "decimal_untold"]
    for lang in ("en", "zh"):
        assert '[tables.orders]\ndate_order = "dmy"' in fault.value.text(lang)
        assert '[tables.orders]\ndecimal = "."' in fault.value.text(lang)
    folder.settings('[tables.orders]\ndate_order = "dmy"\ndecimal = ","\n')
    case = load(str(folder))
    assert (case.orders.amount.sum(), str(case.scope.as_of)) == (3500, "2025-04-05")


def test_typed_decimals_are_open_to_one_reading_only(folder):
    import pyarrow.parquet as pq

    amounts = pa.array(["1.500", "2.000", "-7.250", None], pa.string()).cast(pa.decimal128(10, 3))
    days = pa.array(["2025-09-01"] * 4)
    pq.write_table(
        pa.table({"Order ID": ["1", "2", "3", "4"], "Date": days, "Amount": amounts}), folder.path / "orders.parquet"
    )
    assert load(str(folder)).orders.amount.tolist() == [1.5, 2, -7.25]
