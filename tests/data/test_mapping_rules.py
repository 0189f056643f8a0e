"""What rows, cells, lookups, years and currencies become by the rules of the settings, at their edges."""

import tomllib
from collections import Counter

import numpy as np
import pyarrow as pa
import pytest

from salesnb.data.cells.currencies import CurrencyColumn, currencies
from salesnb.data.reading.sheets import Batch
from salesnb.data.taking.intake import account, take
from salesnb.data.taking.melting import month_or_quarter
from salesnb.data.taking.shaping import Filling
from salesnb.errors import InputError, SettingsError
from salesnb.schema import tables
from salesnb.settings import from_mapping

COLUMNS = {name: tuple(t.mapped) for name, t in tables().items()}
ORDER = "Order ID,Date,Amount\n1,2025-09-01,100\n"


@pytest.fixture
def read(tmp_path):
    """Return a function that takes in files (by name without suffix) with settings."""

    def taken(settings="", **files):
        for name, text in files.items():
            (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
        return take(tmp_path, from_mapping(tomllib.loads(settings), tables=COLUMNS), tmp_path / "work")

    return taken


def rows(taken, table, *names):
    return [tuple(row.values()) for row in taken.whole(table).select(names).to_pylist()]


def told(taken):
    remarks = account(taken).remarks
    return [tuple(r) for r in remarks[["code", "column", "value", "rows"]].itertuples(index=False)]


def counts(taken, table="orders"):
    file = account(taken).files.set_index("table").loc[table]
    return tuple(file[[f"rows_{k}" for k in ("read", "accepted", "quarantined", "duplicate", "skipped")]])


def faults(taken):
    bad = account(taken).quarantine
    return [tuple(r) for r in bad[["row", "column", "value", "reason"]].itertuples(index=False)]


def problems(call, kind=InputError):
    with pytest.raises(kind) as caught:
        call()
    for p in caught.value.problems:
        assert p.text("zh")
    return [(p.code, p.text()) for p in caught.value.problems]


# -- rows taken and skipped

SALES = (
    "Order ID,Line,Date,Amount,Kind,Note\n1,1,2025-09-01,100,A,\n1,1,2025-09-01,100,A,\n2,1,2025-09-02,200,B,x\n"
    "3,1,2025-09-03,bad,C,\n4,1,2025-09-04,400,Ａ,\n"
)


def test_each_row_is_in_one_part_of_the_sum(read):
    taken = read('[tables.orders]\nskip = { Kind = "b" }\n', orders=SALES)
    assert counts(taken) == (5, 2, 1, 1, 1)
    assert ("rows_skipped", "Kind", "B", 1) in told(taken)
    assert faults(taken) == [(5, "Amount", "bad", "amount_unreadable")]


def test_a_row_is_left_out_by_the_first_rule_only_and_blanks_are_values(read):
    taken = read('[tables.orders]\nskip = { Kind = ["C"], Note = [""] }\n', orders=SALES)
    assert counts(taken) == (5, 1, 0, 0, 4)
    assert [t for t in told(taken) if t[0] == "rows_skipped"] == [
        ("rows_skipped", "Kind", "C", 1), ("rows_skipped", "Note", '""', 3),
    ]  # fmt: skip


def test_two_columns_to_take_must_both_agree(read):
    taken = read('[tables.orders]\ntake = { Kind = ["A", "B"], Note = "x" }\n', orders=SALES)
    assert rows(taken, "orders", "order_id") == [("2",)]
    assert [t for t in told(taken) if t[0] == "rows_not_taken"] == [
        ("rows_not_taken", "Kind", "C", 1), ("rows_not_taken", "Note", '""', 3),
    ]  # fmt: skip


def test_a_column_to_skip_by_that_no_file_has_is_named_with_the_nearest(read):
    (found,) = problems(lambda: read('[tables.orders]\nskip = { Kinds = "A" }\n', orders=SALES))
    assert found[0] == "header_unknown"
    assert "column Kinds, which the settings name (skip). Nearest: Kind" in found[1]


def test_a_take_that_leaves_nothing_is_refused(read):
    assert [c for c, _ in problems(lambda: read('[tables.orders]\ntake = { Kind = "D" }\n', orders=SALES))] == [
        "no_rows"
    ]


def test_a_value_that_stands_in_one_of_several_files_is_found(read):
    taken = read(
        '[tables.orders]\nskip = { Kind = "Test" }\n',
        orders_1="Order ID,Date,Amount,Kind\n1,2025-09-01,100,A\n",
        orders_2="Order ID,Date,Amount,Kind\n2,2025-09-01,100,Test\n",
    )
    assert told(taken) == [("rows_skipped", "Kind", "Test", 1)]


# -- values


def test_mapped_values_that_no_row_holds_are_told_with_the_nearest(read):
    taken = read(
        '[tables.orders.values]\ncustomer = { Acmee = "Acme Ltd", B = "Bolt" }\n'
        'status = { "" = "cancelled", Dnoe = "won" }\n',
        orders="Order ID,Date,Amount,Customer,Status\n1,2025-09-01,100,Acme,\n2,2025-09-01,100,B,Done\n"
        "3,2025-09-01,100,,won\n",
    )
    assert [t for t in told(taken) if t[0] == "value_nowhere"] == [
        ("value_nowhere", "customer", "Acmee (≈ Acme)", 0), ("value_nowhere", "status", "Dnoe (≈ Done)", 0)
    ]  # fmt: skip
    assert rows(taken, "orders", "customer", "status") == [("Acme", "cancelled"), (None, "won")]
    assert faults(taken) == [(3, "Status", "Done", "choice_unknown")]


def test_a_choice_can_only_become_one_that_exists(read):
    (found,) = problems(
        lambda: read(
            '[tables.orders.values]\nstatus = { Done = "wonn" }\n',
            orders="Order ID,Date,Amount,Status\n1,2025-09-01,100,Done\n",
        )
    )
    assert found[0] == "values_choice"
    assert "Done is to become wonn" in found[1]
    assert "Nearest: won" in found[1]


# -- one of several

PARTS = "Order ID,Date,Goods,Freight,First,Last\n1,2025-09-01,{},{},Ann,Lee\n9,2025-09-01,1,,,\n"


@pytest.mark.parametrize(
    ("goods", "freight", "amount", "fault"),
    [
        ("0.1", "0.2", 3000, None), ("", "5", 50000, None), ("1.2万", "(2)", 119980000, None),
        ("", "", None, "missing_value"), ("x", "5", None, "amount_unreadable"),
        ("600000000000000", "600000000000000", None, "amount_too_large"),
    ],
)  # fmt: skip
def test_amounts_are_added_exactly_or_the_row_is_set_aside(read, goods, freight, amount, fault):
    taken = read(
        '[quality]\nrefuse_share = 1\n[tables.orders.columns]\namount = { sum = ["Goods", "Freight"] }\n'
        'rep = { join = ["Last", "First"], with = ", " }\n',
        orders=PARTS.format(goods, freight),
    )
    assert rows(taken, "orders", "amount", "rep")[:-1] == ([] if fault else [(amount, "Lee, Ann")])
    assert [f[3] for f in faults(taken)] == ([fault] if fault else [])
    assert rows(taken, "orders", "amount", "rep")[-1] == (10_000, None)


def test_added_columns_are_read_in_the_notation_that_any_of_their_cells_proves(read):
    taken = read(
        '[tables.orders.columns]\namount = { sum = ["Goods", "Freight"] }\n',
        orders="Order ID;Date;Goods;Freight\n1;2025-09-01;1.234,56;1.500\n2;2025-09-01;2.000,00;5,20\n",
    )
    assert rows(taken, "orders", "amount") == [(27_345_600,), (20_052_000,)]


def test_a_rule_must_fit_the_type_of_its_column(read):
    found = problems(
        lambda: read(
            '[tables.orders.columns]\namount = { join = ["Goods", "Freight"] }\nrep = { sum = ["Goods"] }\n',
            orders=PARTS.format(1, 2),
        )
    )
    assert [c for c, _ in found] == ["rule_of_column", "rule_of_column"]
    assert "join does not make a column of type money" in found[0][1]


# -- fields on the first line


def _filled(filling, *batches):
    filling.begin()
    made = []
    for lines in batches:
        columns = {str(i): pa.array(list(c)) for i, c in enumerate(zip(*lines, strict=True))}
        batch = filling.of(Batch(pa.table(columns), np.arange(len(lines))))
        made += ["|".join(row.values()) for row in batch.columns.to_pylist()]
    return made


def test_cells_are_filled_within_their_id_across_batches():
    repeated = _filled(
        Filling((0,), (1,)), [("1", "Acme", "a"), ("1", "", "b")], [("1", " ", "c"), ("2", "", "d"), ("", "", "e")]
    )
    assert repeated == ["1|Acme|a", "1|Acme|b", "1|Acme|c", "2||d", "||e"]
    first_only = _filled(
        Filling((0,), (0, 1)),
        [("1", "Acme", "a")],
        [("", "", "b"), ("2", "Bolt", "c"), ("", "New", "d"), ("", "", "e")],
    )
    assert first_only == ["1|Acme|a", "1|Acme|b", "2|Bolt|c", "2|New|d", "2|New|e"]


def test_a_line_that_adds_up_others_belongs_to_no_order():
    filling = Filling((0,), (0, 1))
    assert _filled(filling, [("1", "Acme", "5"), ("", "小计", "5"), ("", "", "9")]) == ["1|Acme|5", "|小计|5", "||9"]
    assert _filled(filling, [("1", "Acme", "5"), ("", "", "1,200.50")])[1] == "||1,200.50"


def test_cells_that_no_line_above_fills_are_told(read):
    taken = read(
        '[tables.orders]\nfill_down = ["customer"]\n',
        orders="Order ID,Date,Amount,Customer\n1,2025-09-01,1,Acme\n2,2025-09-01,2,Bolt\n1,2025-09-01,3,\n",
    )
    assert rows(taken, "orders", "customer") == [("Acme",), ("Bolt",), (None,)]
    assert [t for t in told(taken) if t[0] == "fill_nothing"] == [("fill_nothing", "Customer", "", 1)]


def test_without_an_id_cells_are_filled_to_the_next_one(read):
    taken = read(
        '[tables.targets]\nfill_down = ["team"]\n', orders=ORDER,
        targets="Team,Rep,Period,Target\nSouth,Ann,2025-09,100\n,Bob,2025-09,50\nNorth,Cid,2025-09,70\n,合计,2025-09,220\n",
    )  # fmt: skip
    assert rows(taken, "targets", "team", "rep") == [("South", "Ann"), ("South", "Bob"), ("North", "Cid")]
    assert [f[3] for f in faults(taken)] == ["totals_row"]


def test_skipping_by_a_field_of_the_first_line_skips_the_whole_order(read):
    taken = read(
        '[tables.orders]\nfill_down = ["order_id", "order_date", "State"]\nskip = { State = "Test" }\n',
        orders="Order ID,Date,State,Product,Amount\n1,2025-09-01,Test,a,1\n,,,b,2\n2,2025-09-02,,a,3\n,,,a,3\n",
    )
    assert rows(taken, "orders", "order_id", "amount") == [("2", 30_000), ("2", 30_000)]
    assert counts(taken) == (4, 2, 0, 0, 2)


# -- lookups

DEALS = "Order ID,Date,Amount,Who\n1,2025-09-01,1,a\n2,2025-09-01,1,b\n3,2025-09-01,1,zz\n4,2025-09-01,1,\n"
CHAIN = """
[[tables.orders.lookups]]
file = "who.csv"
on = {{ Who = "Id" }}
{}
[[tables.orders.lookups]]
file = "where.csv"
via = "{}"
on = {{ "{}" = "Code" }}
take = {{ region = "Name" }}
"""


def test_a_chain_counts_what_each_file_does_not_know(read):
    taken = read(
        CHAIN.format("", "who.csv", "Place"), orders=DEALS,
        who="Id,Place\na,10\nb,99\n,10\n", where="Code,Name\n10,North\n,Everywhere\n",
    )  # fmt: skip
    assert rows(taken, "orders", "region") == [("North",), (None,), (None,), (None,)]
    unknown = account(taken).unknown[["column", "value", "rows"]].values.tolist()
    assert unknown == [["Who", "", 1], ["Who", "zz", 1], ["Place", "99", 1]]


def test_what_is_wrong_with_lookups_names_their_number_file_and_headers(read):
    files = {"orders": DEALS, "who": "Id,Place\na,10\n", "where": "Code,Name\n10,North\n"}
    (unknown,) = problems(lambda: read(CHAIN.format('take = { team = "Plaze" }', "who.csv", "Place"), **files))
    assert "who.csv has no column Plaze, which the settings name (lookups.1.take). Nearest: Place." in unknown[1]
    (lacking,) = problems(lambda: read(CHAIN.format("", "who.csv", "Plaze"), **files))
    assert "who.csv has no column Plaze" in lacking[1]
    taking = 'take = { team = "Place" }'
    (nowhere,) = problems(lambda: read(CHAIN.format(taking, "whom.csv", "Place"), **files))
    assert nowhere[0] == "lookup_via"
    assert "lookups.2: via names whom.csv" in nowhere[1]
    idle = problems(lambda: read(CHAIN.format("", "", "Who"), **files), SettingsError)
    assert "tables.orders.lookups.1.take is {}" in idle[0][1]


def test_columns_that_lookups_and_wide_tables_name_must_exist(read):
    found = problems(
        lambda: read(
            CHAIN.format('take = { taem = "Id" }', "who.csv", "Id") + '[tables.targets.wide]\ninto = "perod"\n'
        ),
        SettingsError,
    )
    assert [c for c, _ in found] == ["settings_column", "settings_column"]
    assert "tables.orders.lookups.1.take names the column taem" in found[0][1]


def test_a_key_made_of_joined_cells_leads_to_a_lookup(read):
    taken = read(
        '[tables.orders.columns]\nrep = { join = ["First", "Last"] }\n[[tables.orders.lookups]]\nfile = "who.csv"\n'
        'on = { rep = "Name" }\ntake = { region = "Region" }\n',
        orders="Order ID,Date,Amount,First,Last\n1,2025-09-01,1,Ann,Lee\n", who="Name,Region\nAnn Lee,North\n",
    )  # fmt: skip
    assert rows(taken, "orders", "rep", "region") == [("Ann Lee", "North")]


# -- a year beside months


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("Jan", "01"), ("sept.", "09"), ("December", "12"), ("3月", "03"), ("十二月", "12"), ("５月份", "05"),
        ("Q3", "Q3"), ("二季度", "Q2"), ("第4季度", "Q4"), ("Feb Target", "02"), ("目标1月", "01"), ("13月", None),
        ("0月", None), ("一二月", None), ("7", None), ("Mon", None), ("Year", None), ("合计", None), ("", None),
    ],
)  # fmt: skip
def test_headers_that_name_a_month_or_quarter(header, found):
    assert month_or_quarter(header) == found


def test_bare_numbers_are_months_where_settings_say_that_there_are_some():
    assert [month_or_quarter(h, bare=True) for h in ("7", "07", "M12", "13", "2025")] == ["07", "07", "12", None, None]


@pytest.mark.parametrize(
    "text",
    [
        "Rep,Year,Jan,Feb,Q1,Q2,Total\nAnn,2025,10,20,30,50,80\n",
        "销售,年份,1月,2月,一季度,二季度,合计\nAnn,2025年,10,20,30,50,80\n",
        "Rep,2025-01,2025年2月,2025-Q2\nAnn,10,20,50\n",
    ],
)
def test_targets_with_a_column_per_month_need_no_settings(read, text):
    taken = read(orders=ORDER, targets=text)
    assert rows(taken, "targets", "rep", "period", "amount") == [
        ("Ann", "2025-01", 10.0), ("Ann", "2025-02", 20.0), ("Ann", "2025-Q2", 50.0)
    ]  # fmt: skip


def test_melted_cells_are_replaced_like_others(read):
    taken = read(
        '[tables.targets.values]\namount = { "" = "0", tbd = "" }\n',
        orders=ORDER, targets="Rep,Year,Jan,Feb,Mar\nAnn,2025,1,,tbd\n",
    )  # fmt: skip
    assert rows(taken, "targets", "period", "amount") == [("2025-01", 1.0), ("2025-02", 0.0)]


def test_months_without_a_year_ask_for_one(read):
    text = "Rep,Jan,Feb\nAnn,10,20\n"
    (found,) = problems(lambda: read(orders=ORDER, targets=text))
    assert found[0] == "wide_year"
    assert 'year = "2025"' in found[1]
    taken = read('[tables.targets.wide]\ninto = "period"\nyear = "2024"\n', orders=ORDER, targets=text)
    assert rows(taken, "targets", "period") == [("2024-01",), ("2024-02",)]


def test_a_year_that_cannot_be_read_sets_its_row_aside_once(read):
    taken = read(orders=ORDER, targets="Rep,Year,Jan,Feb\nAnn,2025,1,2\nBob,,1,2\nCid,soon,1,2\nDan,2025,,2\n")
    assert rows(taken, "targets", "rep", "period") == [("Ann", "2025-01"), ("Ann", "2025-02"), ("Dan", "2025-02")]
    assert faults(taken) == [(3, "Year", "", "missing_value"), (4, "Year", "soon", "period_unreadable")]


# -- currencies


@pytest.mark.parametrize(
    ("written", "codes"),
    [
        ("usd", {"USD"}), ("EUR - Euro", {"EUR"}), ("人民币", {"CNY"}), ("人民币(CNY)", {"CNY"}), ("€", {"EUR"}),
        ("US Dollar", {"USD"}), ("¥", {"CNY", "JPY"}), ("RMB", {"CNY"}), ("U.S. Dollar (USD)", {"USD"}),
        ("港币", {"HKD"}), ("DE", set()), ("points", set()),
    ],
)  # fmt: skip
def test_what_a_cell_of_a_currency_column_may_mean(written, codes):
    assert currencies(written) == codes


def test_rows_of_another_currency_are_told_apart():
    column = CurrencyColumn("RMB", "币种")
    cells = pa.array(["CNY", "", "美元", " 人民币 ", "Bitcoin", "¥"])
    assert column.foreign(cells) == {2: "美元", 4: "Bitcoin"}
    assert column.rows == Counter(filled=5, blank=1)
    assert CurrencyColumn("USD", "ISO Code").foreign(pa.array(["DE", "FR", "EUR"])) == {2: "EUR"}


MIXED = "Order ID,Date,Amount,{}\n1,2025-09-01,100,CNY\n2,2025-09-01,x,EUR\n3,2025-09-01,5,JPY\n"


@pytest.mark.parametrize(
    "header", ["Currency", "Amount Currency", "币种", "货币", "Curr.", "CurrencyIsoCode", "ISO code", "幣別"]
)
def test_a_currency_column_is_known_by_its_header(read, header):
    taken = read('[company]\ncurrency = "CNY"\n', orders=MIXED.format(header))
    assert rows(taken, "orders", "amount") == [(1_000_000,)]
    assert [f[3] for f in faults(taken)] == ["other_currency", "other_currency"]
    assert faults(taken)[0][1:3] == (f"{header}, Amount", "EUR, x")
    assert "currency" not in taken.whole("orders").column_names


def test_a_currency_column_by_settings_and_for_a_whole_file(read):
    named = '[company]\ncurrency = "CNY"\n[tables.orders.columns]\ncurrency = "Money"\n'
    assert [f[3] for f in faults(read(named, orders=MIXED.format("Money")))] == ["other_currency"] * 2
    whole = '[company]\ncurrency = "CNY"\n[tables.orders.constants]\ncurrency = "USD"\n'
    assert [c for c, _ in problems(lambda: read(whole, orders=ORDER))] == ["file_refused"]


def test_a_file_mostly_of_another_currency_is_refused_where_nobody_said_which_is_the_company_s(read):
    (found,) = problems(lambda: read(orders=MIXED.format("Currency")))
    assert found[0] == "file_refused"
    assert "set the company's currency" in found[1]
