"""A draft of settings for folders that nobody has prepared: what is right, what is marked, and that it runs."""

import tomllib

import pytest

from salesnb import settings
from salesnb.check.proposal import drafted, propose, tried
from salesnb.data import load
from tests.check.exports import RIGHT, SYSTEMS
from tests.journey.conftest import ROOT, real  # noqa: F401


def proposed(draft):
    """Return {table.column: header} of a draft as settings, with the columns of lookups."""
    found = tomllib.loads(draft.text("en")).get("tables", {})
    made = {f"{t}.{c}": h for t, s in found.items() for c, h in s.get("columns", {}).items()}
    for table, source in found.items():
        for lookup in source.get("lookups", ()):
            made |= {f"{table}.{c}": h for c, h in lookup["take"].items()}
    return made


def judged(name, draft):
    """Return the columns that are right, wrong and left, and of the wrong ones those that no mark warns of."""
    made, right = proposed(draft), RIGHT[name]
    good = {c for c, h in made.items() if h in right.get(c, "").split("|")}
    wrong = set(made) - good
    marked = {e.text.partition(" = ")[0] for s in draft.sections for e in s.entries if e.active and e.why}
    unmarked = {c for c in wrong if c.partition(".")[2] not in marked}
    return good, wrong, set(right) - set(made), unmarked


@pytest.mark.parametrize("name", SYSTEMS)
def test_exports_of_well_known_systems_are_mapped_without_settings(name, tmp_path):
    SYSTEMS[name](tmp_path)
    draft, seen = tried(tmp_path, drafted(tmp_path))
    good, wrong, left, _ = judged(name, draft)
    print(f"{name}: {len(good)} right, {len(wrong)} wrong, {len(left)} left; {draft.count()}")
    assert (wrong, left) == (set(), set())
    assert seen.problems == ()
    assert seen.intake.files.rows_quarantined.sum() == 0
    assert seen.span is not None


@pytest.mark.parametrize("name", ["maven_crm", "superstore_cn"])
def test_real_data_sets_are_mapped_without_settings(name, real, tmp_path):  # noqa: F811
    draft, seen = tried(real / name, drafted(real / name))
    good, wrong, left, unmarked = judged(name, draft)
    print(f"{name}: {len(good)} right, {len(wrong)} wrong, {len(left)} left; {draft.count()}")
    assert (wrong, left, unmarked) == (set(), set(), set())
    assert seen.problems == ()


def test_a_draft_is_written_once_beside_the_data_and_is_a_settings_file(tmp_path):
    SYSTEMS["odoo"](tmp_path)
    made = propose(str(tmp_path), "zh")
    first = made.path.read_text(encoding="utf-8")
    assert made.path == tmp_path / "salesnb.proposed.toml"
    assert "推测" in first
    again = propose(str(tmp_path), "en")
    assert again.path != made.path  # nothing is written over
    assert made.path.read_text(encoding="utf-8") == first
    chosen = settings.load(again.path)
    assert sorted(chosen.tables["orders"].skip["status"]) == ["Quotation", "Quotation Sent"]


def test_sheets_of_one_workbook_are_told_apart_and_joined(tmp_path):
    import openpyxl

    book = openpyxl.Workbook()
    book.active.title = "说明"
    book.active.append(["导出于 2025-10-01"])
    orders, people = book.create_sheet("九月"), book.create_sheet("人员")
    orders.append(["订单编号", "成交日", "金额", "业务员"])
    people.append(["人员", "所属部门"])
    for i in range(12):
        orders.append([f"D{i}", f"2025-09-{i + 1:02d}", 10 + i, "王伟李娜"[i % 2 * 2 :][:2]])
    for name, team in (("王伟", "一部"), ("李娜", "二部")):
        people.append([name, team])
    book.save(tmp_path / "导出.xlsx")
    draft, seen = tried(tmp_path, drafted(tmp_path))
    made = tomllib.loads(draft.text("zh"))["tables"]["orders"]
    assert (made["files"], made["sheet"]) == (["导出.xlsx"], "九月")
    assert made["lookups"][0]["sheet"] == "人员"
    assert seen.problems == ()
    assert seen.span.teams == ("一部", "二部")


def test_the_draft_that_the_page_shows_is_a_settings_file():
    page = (ROOT / "docs" / "mapping.md").read_text(encoding="utf-8").split("## First contact")[1]
    settings.from_mapping(tomllib.loads(page.split("```toml")[1].split("```")[0]))


def test_what_a_price_or_a_customers_number_is_no_amount_and_no_order(tmp_path):
    head = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"
    rows = [
        f"{100 + i // 3},8{i % 9}A,Lantern {i % 9},{i},{i % 12 + 1}/{i % 28 + 1}/2010 8:26,{i}.5,17{i % 7},{'UF'[i % 2]}"  # noqa: E501
        for i in range(40)
    ]
    (tmp_path / "Online Retail.csv").write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    draft, seen = tried(tmp_path, drafted(tmp_path))
    made = tomllib.loads(draft.text("en"))["tables"]["orders"]["columns"]
    assert (made["order_id"], made["customer"], made["order_date"]) == ("InvoiceNo", "CustomerID", "InvoiceDate")
    assert "amount" not in made
    assert '# amount = ""  # fill in' in draft.text("en")
    assert [p.fields["column"] for p in seen.problems] == ["amount"]


def test_lines_of_orders_get_the_date_of_their_order_from_another_file(tmp_path):
    heads = [f"S{i:03d},2025-09-{i % 28 + 1:02d},Firm {i % 4},Ann" for i in range(30)]
    lines = [f"S{i // 2:03d},{i % 2},Pump {i % 5},{i + 1},{(i + 1) * 10}" for i in range(60)]
    for name, rows in (
        ("heads.csv", ["Order Reference,Order Date,Client,Salesperson", *heads]),
        ("lines.csv", ["Order Reference,Line,Product,Qty,Amount", *lines]),
    ):
        (tmp_path / name).write_text("\n".join(rows) + "\n", encoding="utf-8")
    draft, seen = tried(tmp_path, drafted(tmp_path))
    made = tomllib.loads(draft.text("en"))["tables"]["orders"]
    assert made["files"] == ["lines.csv"]
    assert made["lookups"][0]["take"] == {"order_date": "Order Date", "customer": "Client", "rep": "Salesperson"}
    assert seen.problems == ()
    assert seen.intake.files.rows_accepted.tolist() == [60]


def test_from_first_check_to_figures_in_two_steps_in_english(tmp_path):
    rows = [f'{i},{"08/15/2025" if i % 2 else "09/03/2025"},"$3,000.00",Ann' for i in range(20)]
    (tmp_path / "export.csv").write_text("Order #,Date,Total,Seller\n" + "\n".join(rows) + "\n", encoding="utf-8")
    made = propose(str(tmp_path), "en")
    case = load(str(tmp_path), settings=str(made.path), period="2025-08")
    assert case.orders.amount.sum() == 20 * 3_000
    assert case.scope.settings.company.currency == "USD"
    assert set(case.orders.rep) == {"Ann"}


def test_a_chinese_export_needs_no_settings_at_all(tmp_path):
    rows = [f"D{i},25/9/{i + 1},华兴公司,王伟,1.5" for i in range(16)]
    text = "订单编号,成交日,客户名称,销售员,金额(万元)\n" + "\n".join(rows) + "\n"
    (tmp_path / "销售数据_2025.csv").write_text(text, encoding="gb18030")
    case = load(str(tmp_path))
    assert case.orders.amount.sum() == 16 * 15_000
    assert str(case.scope.as_of) == "2025-09-16"
    made = propose(str(tmp_path), "zh")  # the unit in the header is not counted twice
    assert load(str(tmp_path), settings=str(made.path)).orders.amount.sum() == 16 * 15_000


def test_of_several_currencies_the_converted_amounts_are_taken(tmp_path):
    head = "Opportunity ID,Account Name,Stage,Amount Currency,Amount,Amount (converted) Currency"
    head += ",Amount (converted),Close Date"
    rows = [
        f"O{i},Firm {i % 3},Closed Won,{'EUR' if i % 3 else 'USD'},{100 + i},USD,{110 + i},2025-09-{i + 1:02d}"
        for i in range(20)
    ]
    (tmp_path / "report17.csv").write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    draft, seen = tried(tmp_path, drafted(tmp_path))
    made = tomllib.loads(draft.text("en"))
    assert made["tables"]["opportunities"]["columns"]["amount"] == "Amount (converted)"
    assert made["company"]["currency"] == "USD"
    assert seen.problems == ()
    assert seen.intake.files.rows_accepted.tolist() == [20]


@pytest.mark.parametrize(
    ("name", "head", "row", "year"),
    [("2025年度销售目标.csv", "部门,业务员,1月,2月,3月", "一部,王伟,10,20,30", "2025"),
     ("目标.csv", "部门,业务员,年份,1月,2月,3月", "一部,王伟,2025,10,20,30", "年份"),
     ("目标.csv", "部门,业务员,2025年1月,2025年2月,2025年3月", "一部,王伟,10,20,30", None)],
)  # fmt: skip
def test_targets_with_a_column_a_month(name, head, row, year, tmp_path):
    (tmp_path / "订单.csv").write_text("订单编号,日期,金额,业务员\n1,2025-03-31,5,王伟\n", encoding="utf-8")
    (tmp_path / name).write_text(f"{head}\n{row}\n", encoding="utf-8")
    draft, seen = tried(tmp_path, drafted(tmp_path))
    made = tomllib.loads(draft.text("zh"))["tables"]["targets"]
    assert made["wide"].get("year") == year
    assert made["columns"] == {"team": "部门", "rep": "业务员"}
    assert seen.problems == ()


def test_a_pivot_of_sales_is_not_taken_for_targets(tmp_path):
    (tmp_path / "订单.csv").write_text("订单编号,日期,金额,业务员\n1,2025-03-31,5,王伟\n", encoding="utf-8")
    (tmp_path / "透视.csv").write_text("产品,2025年1月,2025年2月\n水泵,10,20\n", encoding="utf-8")
    text = drafted(tmp_path).text("en")
    assert "targets" not in tomllib.loads(text)["tables"]
    assert '# files = ["透视.csv"]' in text


def test_headers_of_several_lines_stay_in_their_comment(tmp_path):
    text = '"Order ID",Date,"Sold\nby",Amount,"a\nb = 1","x\x07y"\n1,2025-09-01,Ann,5,p,q\n2,2025-09-02,Bo,6,p,q\n'
    (tmp_path / "orders.csv").write_text(text, encoding="utf-8")
    draft, seen = tried(tmp_path, drafted(tmp_path))
    assert set(tomllib.loads(draft.text("en"))["tables"]["orders"]) == {"files", "columns"}
    assert seen.problems == ()
