"""Files as systems export them: packed, of any separator, HTML named .xls, broken; every line read or set aside."""

import gzip
import io
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from salesnb.data.cells import headers, spelling
from salesnb.data.cells.headers import normal
from salesnb.data.reading.batches import open_sheets
from salesnb.data.reading.contents import Content, stem
from salesnb.data.reading.discovery import survey, table_of
from salesnb.data.reading.sheets import Options
from salesnb.data.taking.shaping import is_total
from salesnb.errors import InputError
from salesnb.schema import table, tables
from salesnb.settings import Settings

KNOWN = set(headers.spellings(table("orders")))
HEAD = "Order ID,Date,Amount,Customer\n"
ROWS = [["1", "2025-09-01", "100", "华星"], ["2", "2025-09-02", "200", "b"]]
TEXT = HEAD + "".join(",".join(row) + "\n" for row in ROWS)


def read(path, member="", **options):
    """Return rows, numbers, rows set aside and the first sheet."""
    sheet = open_sheets(Content(path, member), KNOWN, Options(**options))[0]
    rows, numbers = [], []
    for batch in sheet.batches():
        rows += [list(row) for row in zip(*(c.to_pylist() for c in batch.columns.columns), strict=True)]
        numbers += batch.rows.tolist()
    return rows, numbers, sheet.ragged, sheet


def refused(path, member="", **options):
    with pytest.raises(InputError) as fault:
        read(path, member, **options)
    (found,) = fault.value.problems
    assert path.name in found.text("en")
    assert "{" not in found.text("zh")
    return found.code


# -- packed


def test_gzip_and_zip_are_read_like_what_they_hold(tmp_path):
    (tmp_path / "orders.csv.gz").write_bytes(gzip.compress(TEXT.encode("gb18030")))
    assert read(tmp_path / "orders.csv.gz")[:2] == (ROWS, [2, 3])
    with zipfile.ZipFile(tmp_path / "orders.zip", "w") as archive:
        archive.writestr("x/july.csv", TEXT)
        archive.writestr("readme.txt", "not a table")
        archive.writestr("__MACOSX/._july.csv", "junk")
        archive.writestr("notes.pdf", "junk")
    folder, problems = survey(tmp_path, Settings())
    assert not problems
    assert [(f.table, f.content.name) for f in folder.files] == [
        ("orders", "orders.csv.gz"),
        ("orders", "orders.zip [x/july.csv]"),
    ]
    assert folder.ignored == ("orders.zip [readme.txt]",)
    rows, _, _, sheet = read(tmp_path / "orders.zip", "x/july.csv")
    assert (rows, sheet.name) == (ROWS, "orders.zip [x/july.csv]")


def test_members_of_an_archive_go_to_their_tables(tmp_path):
    with zipfile.ZipFile(tmp_path / "export.zip", "w") as archive:
        archive.writestr("abcd.csv", TEXT)
        archive.writestr("targets.csv", "Period,Target\n2025-09,1\n")
        archive.writestr("other.csv", "a,b\n")
    packed = (tmp_path / "export.zip").read_bytes()
    named = packed.replace(b"abcd.csv", "订单.csv".encode("gb18030"))  # as Windows in China packs
    (tmp_path / "export.zip").write_bytes(named)
    (tmp_path / "backup.zip").write_bytes(b"PK\x03\x04 broken")
    folder, _ = survey(tmp_path, Settings())
    assert [(f.table, f.member) for f in folder.files] == [("orders", "订单.csv"), ("targets", "targets.csv")]
    assert folder.ignored == ("backup.zip", "export.zip [other.csv]")
    assert read(tmp_path / "export.zip", "订单.csv")[0] == ROWS


def test_a_bomb_is_refused_while_it_is_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr("salesnb.data.reading.contents._LEAST_LIMIT", 1 << 16)
    (tmp_path / "orders.csv.gz").write_bytes(gzip.compress(HEAD.encode() + b"1,2025-09-01,1,a\n" * 200_000))
    assert refused(tmp_path / "orders.csv.gz") == "unpacks_too_large"
    with zipfile.ZipFile(tmp_path / "orders.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("orders.csv", bytes(10_000_000))
        archive.writestr("xl/workbook.xml", "<workbook/>")
    assert refused(tmp_path / "orders.zip", "orders.csv") == "unpacks_too_large"
    (tmp_path / "orders.zip").rename(tmp_path / "orders.xlsx")
    assert refused(tmp_path / "orders.xlsx") == "unpacks_too_large"


def test_damaged_archives_name_the_file(tmp_path):
    whole = gzip.compress(TEXT.encode() * 50)
    (tmp_path / "orders.csv.gz").write_bytes(whole[: len(whole) // 2])
    assert refused(tmp_path / "orders.csv.gz") == "file_broken"
    (tmp_path / "orders.csv.gz").write_bytes(b"no gzip")
    assert refused(tmp_path / "orders.csv.gz") == "file_broken"
    (tmp_path / "orders.zip").write_bytes(b"PK\x03\x04 broken")
    assert refused(tmp_path / "orders.zip") == "file_broken"
    with zipfile.ZipFile(tmp_path / "orders.zip", "w") as archive:
        archive.writestr("notes.pdf", "junk")
    assert refused(tmp_path / "orders.zip") == "archive_without_table"


def test_names_without_their_endings():
    assert [stem(n) for n in ("orders.csv.gz", "Orders.XLSX", "a/订单.csv", "orders.zip", "v1.2 orders.csv")] == [
        "orders", "Orders", "订单", "orders", "v1.2 orders",
    ]  # fmt: skip


# -- separators


@pytest.mark.parametrize("separator", [";", "\t", "|", "   ", "; "])
def test_separators_are_found(tmp_path, separator):
    (tmp_path / "orders.txt").write_text(TEXT.replace(",", separator), encoding="utf-8")
    rows, numbers, aside, _ = read(tmp_path / "orders.txt")
    assert ([[cell.strip() for cell in row] for row in rows], numbers, aside) == (ROWS, [2, 3], [])


def test_columns_aligned_with_blanks(tmp_path):
    (tmp_path / "orders.txt").write_text(
        "Order ID  Date        Amount  Customer\n1         2025-09-01  1,200   Ann and Co\n\n"
        "2         2025-09-02          b\n", encoding="utf-8",
    )  # fmt: skip
    rows, numbers, aside, sheet = read(tmp_path / "orders.txt")
    assert (rows, numbers) == ([["1", "2025-09-01", "1,200", "Ann and Co"]], [2])
    assert [(n, reason) for n, _, reason in aside] == [(4, "ragged_row")]
    assert sheet.blank == 1


def test_a_separator_of_the_settings(tmp_path):
    (tmp_path / "orders.csv").write_text(TEXT.replace(",", "~"), encoding="utf-8")
    assert read(tmp_path / "orders.csv", separator="~")[0] == ROWS
    (tmp_path / "orders.csv").write_text(TEXT.replace(",", "，"), encoding="utf-8")
    assert read(tmp_path / "orders.csv", separator="，")[0] == ROWS
    (tmp_path / "orders.csv").write_text(TEXT.replace(",", "\t"), encoding="utf-8")
    assert read(tmp_path / "orders.csv", separator="tab")[0] == ROWS


@pytest.mark.parametrize("quoted", ["x", '"x"', '"x\ny"'])
def test_blank_cells_that_all_rows_have_beyond_the_header_are_none(tmp_path, quoted):
    path = tmp_path / "orders.csv"
    path.write_text(f"{HEAD}1,2025-09-01,100,a,\n2,2025-09-02,200,{quoted},\n", encoding="utf-8")
    rows, numbers, aside, _ = read(path)
    assert [row[0] for row in rows] == ["1", "2"]
    assert (numbers, aside) == ([2, 3], [])
    more = "".join(f"{i},d,1,c,\n" for i in range(3, 40))
    path.write_text(f"{HEAD}1,2025-09-01,100,a,\n{more}40,2025-09-02,1,200,{quoted}\n", encoding="utf-8")
    rows, numbers, aside, _ = read(path)
    assert (len(numbers), [(n, reason) for n, _, reason in aside]) == (38, [(40, "ragged_row")])


def test_a_mark_within_a_cell_is_no_blank_cell_beyond(tmp_path):
    path = tmp_path / "orders.csv"
    path.write_text(f"{HEAD}1,2025-09-01,100,a\n2,2025-09-02,1,200,\n", encoding="utf-8")
    rows, _, aside, _ = read(path)
    assert [row[0] for row in rows] == ["1"]
    assert [(n, reason) for n, _, reason in aside] == [(3, "ragged_row")]


def test_a_row_with_a_broken_mark_takes_no_other_row_with_it(tmp_path):
    path = tmp_path / "orders.csv"
    path.write_text(f'{HEAD}1,d,5"0,"a, b"\n2,d,20,c\n3,d,30,"x\n', encoding="utf-8")
    rows, _, aside, _ = read(path)
    assert [row[0] for row in rows] == ["2"]
    assert [(n, reason) for n, _, reason in aside] == [(2, "open_quote"), (4, "open_quote")]


def test_a_mark_that_closes_within_a_cell_is_none(tmp_path):
    path = tmp_path / "orders.csv"
    lines = ['1,d,10,"a, b" ', '2,d,20,"Co.," Ltd."', '3,d,30,3" pipe', '4,d,40,"say ""x"""', '5"0,d,50,"a, b"']
    path.write_text(HEAD + "\n".join(lines) + "\n", encoding="utf-8")
    rows, numbers, aside, _ = read(path)
    assert [row[3] for row in rows] == ["a, b", '3" pipe', 'say "x"']
    assert (numbers, [(n, reason) for n, _, reason in aside]) == ([2, 4, 5], [(3, "open_quote"), (6, "open_quote")])


# -- encodings


@pytest.mark.parametrize(("most", "few"), [("utf-8", "gb18030"), ("gb18030", "utf-8")])
def test_one_line_of_another_encoding_is_set_aside(tmp_path, most, few):
    head = "订单编号,日期,金额,客户\n".encode(most)
    lines = [f"{i},2025-09-01,10,华东公司{i}\n".encode(few if i == 7 else most) for i in range(20)]
    (tmp_path / "orders.csv").write_bytes(head + b"".join(lines))
    rows, numbers, aside, sheet = read(tmp_path / "orders.csv")
    assert (len(rows), rows[0][3], sheet.encoding) == (19, "华东公司0", most)
    assert aside == [(9, "7,2025-09-01,10,华东公司7", "other_encoding")]
    assert 9 not in numbers


def test_chinese_of_taiwan_by_setting(tmp_path):
    (tmp_path / "orders.csv").write_bytes(TEXT.replace("華", "华").replace("华星", "華興").encode("big5"))
    rows, *_ = read(tmp_path / "orders.csv", encoding="big5")
    assert rows[0][3] == "華興"


# -- quotation marks


def lines_of(path, body):
    path.write_text(HEAD + body, encoding="utf-8")
    rows, _, aside, sheet = read(path)
    return [row[0] for row in rows], [(number, reason) for number, _, reason in aside], sheet.blank


@pytest.mark.parametrize(
    ("body", "read_", "aside"),
    [
        ('1,d,10,"a, b"\n2,d,10,""\n3,d,10,"say ""so"""\n', ["1", "2", "3"], []),
        ('1,d,10,"open\n2,d,10,b\n3,d,10,c\n', ["2", "3"], [(2, "open_quote")]),
        ('1,d,10,"open\n2,d,10,"b"\n3,d,10,c\n', ["2", "3"], [(2, "open_quote")]),
        ('1,d,10,"open\n2,d,10,b\n3,d,10,c"\n', ["2", "3"], [(2, "open_quote")]),
        ('1,d,10,a\n"2,d,10,b\n3,d,10,c\n', ["1", "3"], [(3, "open_quote")]),
        ('1,d,10,"open\n', [], [(2, "open_quote")]),
        ('1,d,10,"two\nlines"\n2,d,10,b\n', ["1", "2"], []),
        ('1,d,10,24" screen\n2,d,10,b\n', ["1", "2"], []),
        ('1,d,10,24" screen\n2,d,10,"open\n3,d,10,c\n', ["1", "3"], [(3, "open_quote")]),
        ('1,d,10,a,b"\n\n2,d,10,"b"\n', ["2"], [(2, "ragged_row")]),
        ('1, "d", "10", "a, b"\n', ["1"], []),
    ],
)
def test_a_quote_takes_no_other_row_with_it(tmp_path, body, read_, aside):
    found = lines_of(tmp_path / "orders.csv", body)
    assert found[:2] == (read_, aside)


def test_files_with_tidy_quotes_are_read_in_bulk(tmp_path, monkeypatch):
    monkeypatch.setattr("salesnb.data.reading.delimited.records", None)
    assert lines_of(tmp_path / "orders.csv", '"1","d","10","a, ""b"""\n"2",d,10,""\n')[0] == ["1", "2"]


def test_the_pieces_of_a_file_do_not_matter(tmp_path, monkeypatch):
    monkeypatch.setattr("salesnb.data.reading.quoted_lines._PIECE", 7)
    assert lines_of(tmp_path / "orders.csv", '"1","d","10","a, ""b"""\n"2",d,10,""')[0] == ["1", "2"]
    assert lines_of(tmp_path / "orders.csv", '"1","d","10","a""\n2,d,10,b\n')[1] == [(2, "open_quote")]


# -- headers


def test_two_rows_of_headers_are_joined(tmp_path):
    (tmp_path / "orders.csv").write_text(
        "2025年,,,\n订单,,金额,客户\n编号,日期,,名称\n1,2025-09-01,100,a\n", encoding="utf-8"
    )
    rows, numbers, _, sheet = read(tmp_path / "orders.csv")
    assert (rows, numbers) == ([["1", "2025-09-01", "100", "a"]], [4])
    assert sheet.headers == ["订单 编号", "订单 日期", "金额", "客户 名称"]
    assert (sheet.header_number, sheet.preamble) == (3, 1)


def test_traditional_characters_are_read_as_simplified_ones():
    assert [normal(h) for h in ("訂單 編號", "業績", "客戶名稱", "銷售", "應收賬款", "開票日期", "產品線")] == [
        "订单编号", "业绩", "客户名称", "销售", "应收账款", "开票日期", "产品线",
    ]  # fmt: skip
    assert table_of(Path("訂單_2025.xlsx")) == "orders"
    assert is_total("合 計：")
    words = {
        c for t in tables().values() for w in (*t.zh, *(h for c in t.mapped.values() for h in c.headers)) for c in w
    }
    only_simplified = {c for c in words if "\u4e00" <= c <= "\u9fff" and not c.encode("big5", "ignore")}
    assert only_simplified - set(spelling._PAIRS[1::2]) == set()  # each has its traditional form


# -- HTML

PAGE = """<!DOCTYPE html><html><head><meta charset="utf-8"><style>td {{}}</style></head><body>
<table><tr><td>menu</td></tr></table><table border=1><tr><td colspan=4>Orders of 2025</td></tr>
<tr><th>Order ID<th>Date<th>Amount<th>Customer</tr>
<tr><td rowspan="2">1</td><td>2025-09-01</td><td rowspan=2> 100</td><td>A &amp; B<script>evil()</script></td></tr>
<tr><td>2025-09-02</td><td>c<br>d</td></tr></table></body></html>"""


def test_a_page_named_xls(tmp_path):
    (tmp_path / "orders.xls").write_text(PAGE, encoding="utf-8")
    rows, numbers, _, sheet = read(tmp_path / "orders.xls", measures=frozenset({normal("Amount")}))
    assert rows == [["1", "2025-09-01", "100", "A & B"], ["1", "2025-09-02", "", "c d"]]
    assert (numbers, sheet.preamble) == ([3, 4], 1)
    (tmp_path / "orders.xls").write_text("<html><body>log in</body></html>", encoding="utf-8")
    assert refused(tmp_path / "orders.xls") == "no_table_in_page"


def test_a_spreadsheet_in_xml(tmp_path):
    (tmp_path / "orders.xls").write_text(
        """<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"
 xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet ss:Name="S"><Table>
<Row><Cell><Data ss:Type="String">Order ID</Data></Cell><Cell><Data>Date</Data></Cell><Cell><Data>Amount</Data></Cell>
<Cell><Data>Customer</Data></Cell></Row><Row><Cell><Data>1</Data></Cell><Cell ss:Index="3"><Data ss:Type="Number">5
</Data></Cell></Row></Table></Worksheet></Workbook>""", encoding="utf-8",
    )  # fmt: skip
    assert read(tmp_path / "orders.xls")[0] == [["1", "", "5", ""]]


def test_text_named_xls(tmp_path):
    (tmp_path / "orders.xls").write_text(TEXT.replace(",", "\t"), encoding="utf-16")
    assert read(tmp_path / "orders.xls")[0] == ROWS


# -- Parquet


def test_parquet_damaged_empty_and_packed(tmp_path):
    whole = io.BytesIO()
    pq.write_table(pa.table({"Order ID": [str(i) for i in range(50_000)], "Amount": range(50_000)}), whole)
    data = bytearray(whole.getvalue())
    (tmp_path / "orders.parquet").write_bytes(data[: len(data) // 2])
    assert refused(tmp_path / "orders.parquet") == "file_broken"
    data[200:20_000] = b"\xff" * 19_800
    (tmp_path / "orders.parquet").write_bytes(data)
    assert refused(tmp_path / "orders.parquet") == "file_broken"
    (tmp_path / "orders.parquet").write_bytes(b"text")
    assert refused(tmp_path / "orders.parquet") == "file_broken"
    pq.write_table(pa.table({"Order ID": pa.array([], pa.string())}), tmp_path / "orders.parquet")
    rows, _, _, sheet = read(tmp_path / "orders.parquet")
    assert (rows, sheet.headers) == ([], ["Order ID"])
    (tmp_path / "orders.parquet.gz").write_bytes(gzip.compress(whole.getvalue()))
    assert len(read(tmp_path / "orders.parquet.gz")[0]) == 50_000


def test_a_table_of_headers_only(tmp_path):
    for text in (HEAD, HEAD.strip(), '"Order ID","Date"\n'):
        (tmp_path / "orders.csv").write_text(text, encoding="utf-8")
        assert read(tmp_path / "orders.csv")[0] == []
