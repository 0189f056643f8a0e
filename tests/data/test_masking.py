"""What stands for a name, and tables, accounting and playbook as an audience may see them."""

from datetime import date

import pandas as pd
import pyarrow as pa
import pytest

from salesnb.data.masks.known_names import KnownNames
from salesnb.data.masks.masking import masked, masked_intake, masked_playbook
from salesnb.data.masks.stand_ins import Masks, mask, masks
from salesnb.data.reading import remarks
from salesnb.data.reading.remarks import Remark
from salesnb.data.taking.quarantine import Intake
from salesnb.settings import Audience
from tests.frames import frame

PUBLIC = Audience()
NO_PAY = Audience(customers="shown", persons="shown")


def both(*known):
    """Masks of customers (c) and persons (p), all first seen on the days given."""
    whose = {"c": "customer", "p": "person"}
    return masks([(whose[sort], name, day) for sort, name, day in known], ["customer", "person"])


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("张伟", "张*"),
        ("欧阳娜娜", "欧*"),
        ("李 明", "李*"),
        ("江淮富昌环保有限公司", "江*"),
        ("Chen Wei", "C*** W***"),
        ("chen wei", "C*** W***"),
        ("Mary Ann Smith", "M*** A***"),
        ("Huanan Shunda Energy Co., Ltd.", "H*** S***"),
        ("The Apple Group", "A***"),
        ("ABC电子有限公司", "A***"),
        ("O'Brien", "O***"),
        ("Straße GmbH", "S***"),
        ("<script>alert(1)</script>", "S*** A***"),
        ('=HYPERLINK("http://x")', "H*** H***"),
        ("x" * 200, "X***"),
        ("😀", "*"),
        ("10023", "1***"),
        ("佐藤 健", "佐*"),
        ("李", "*"),
        ("A B", "*"),
        ("Q Ltd.", "*"),
    ],
)
def test_a_mask_shows_an_initial_or_two_and_never_the_length(name, shown):
    assert mask(name) == shown


def test_names_that_look_alike_are_told_apart_in_the_order_they_came():
    found = both(
        ("p", "张三", date(2024, 5, 1)),
        ("p", "张伟", date(2023, 1, 1)),
        ("p", "张敏", None),
        ("c", "张家港机械厂", None),
    )
    assert found.by_name["person"] == {"张伟": "张*", "张三": "张*·2", "张敏": "张*·3"}
    assert found.by_name["customer"] == {"张家港机械厂": "张*"}


def test_a_mask_stays_when_others_come():
    early = [("p", "张伟", date(2023, 1, 1)), ("p", "张三", date(2024, 5, 1))]
    before, after = both(*early), both(*early, ("p", "张一", date(2025, 1, 1)))
    assert before.by_name["person"].items() < after.by_name["person"].items()


def test_the_number_is_not_the_order_of_the_spelling():
    """Among names of one day the order is that of a hash: some come before others that precede them in any list."""
    names = [f"张{chr(0x4E00 + 7 * i)}" for i in range(40)]
    found = both(*(("p", name, None) for name in names)).by_name["person"]
    by_number = sorted(names, key=lambda n: int((found[n] + "·1").split("·")[1]))
    assert len(set(found.values())) == 40
    assert by_number not in (sorted(names), sorted(names, reverse=True))


def test_a_name_that_no_table_knows_keeps_nothing_of_itself():
    found = both(("p", "张伟", None))
    assert (found.of("person", "王强"), found.of("person", ""), found.of("customer", "王强")) == ("***", "", "***")
    assert Masks().of("person", "王强") == "王强"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("张伟拜访了江淮富昌环保，张三没去", "张*·2拜访了江*，张*没去"),
        ("江淮富昌环保有限公司：催款", "江*：催款"),
        ("Visited HUANAN SHUNDA energy co ltd with chen  wei.", "Visited H*** S*** with C*** W***."),
        ("与Chen Wei去Huanan Shunda Energy Co., Ltd.看样", "与C*** W***去H*** S***.看样"),
        ("Chen Weiss and Wei are others", "Chen Weiss and Wei are others"),
        ("Apex called; the apex of sales", "A*** called; the A*** of sales"),  # rather a word too many
        ("APEX, ａｐｅｘ and a\u200bpex; apexes", "A***, A*** and A***; apexes"),
        ("zyblönka said so; ZYBLO\u0308NKA too", "Z*** said so; Z*** too"),
        ("Straße, STRASSE", "S***, S***"),
        ("order 10023 and 12", "order 1*** and 12"),
        ("nothing to hide 没有", "nothing to hide 没有"),
        ("", ""),
    ],
)
def test_names_are_masked_where_texts_mention_them(text, shown):
    found = both(
        ("p", "张伟", date(2024, 1, 1)),
        ("p", "张三", date(2023, 1, 1)),
        ("p", "Chen Wei", None),
        ("c", "Apex", None),
        ("c", "Zyblo\u0308nka", None),
        ("c", "Straße", None),
        ("c", "江淮富昌环保有限公司", None),
        ("c", "Huanan Shunda Energy Co., Ltd.", None),
        ("c", "10023", date(2024, 1, 1)),
        ("c", "12", None),
    )
    assert found.within(text) == shown


def test_a_short_name_that_is_a_customer_of_its_own_is_that_customer():
    for first, second in ((1, 2), (2, 1)):
        found = both(
            ("c", "江淮富昌环保有限公司", date(2024, 1, first)), ("c", "江淮富昌环保", date(2024, 1, second)),
            ("c", "Apex Pumps Ltd", date(2024, 1, first)), ("c", "Apex Pumps", date(2024, 1, second)),
        )  # fmt: skip
        assert found.within("见江淮富昌环保") == "见" + found.of("customer", "江淮富昌环保")
        assert found.within("see Apex Pumps") == "see " + found.of("customer", "Apex Pumps")


def test_the_longest_name_counts():
    found = both(
        ("c", "Northwind", None), ("c", "Northwind Trading West", None), ("c", "华星", None), ("c", "华星电子", None)
    )
    shown = {name: found.of("customer", name) for name in found.by_name["customer"]}
    assert len(set(shown.values())) == 4
    assert (
        found.within("Northwind Trading West, Northwind") == f"{shown['Northwind Trading West']}, {shown['Northwind']}"
    )
    assert found.within("华星电子、华星") == f"{shown['华星电子']}、{shown['华星']}"


def orders():
    return frame(
        "orders",
        {"customer": "张家机械", "rep": "Chen Wei", "money": 100},
        {"customer": "张氏泵业", "rep": "Chai Wu", "money": 200},
        {"customer": "张家机械", "rep": "Chen Wei", "money": 300}, {"rep": "Chen Wei"}, team="South",
    )  # fmt: skip


KNOWN = both(
    ("c", "张家机械", date(2024, 1, 1)),
    ("c", "张氏泵业", date(2024, 2, 1)),
    ("p", "Chen Wei", None),
    ("p", "Chai Wu", None),
)


def test_figures_do_not_merge_and_nothing_else_of_a_row_changes():
    made = masked({"orders": orders()}, KNOWN, PUBLIC)["orders"]
    assert made["customer"].tolist()[:3] == ["张*", "张*·2", "张*"]
    assert pd.isna(made["customer"][3])
    assert made.groupby("customer")["amount"].sum().to_dict() == {"张*": 400, "张*·2": 200}
    assert sorted(made.groupby("rep")["amount"].sum()) == [200, 400]
    assert made[["team", "amount"]].equals(orders()[["team", "amount"]])
    assert made.dtypes.equals(orders().dtypes)


def test_a_table_is_not_changed_in_place():
    table = orders()
    masked({"orders": table}, KNOWN, PUBLIC)
    assert table.equals(orders())


def test_a_name_has_one_mask_over_all_tables_and_texts():
    frames = {
        "orders": orders(),
        "actions": frame("actions", {"owner": "Chen Wei", "action": "Chen Wei visits 张家机械 again"}),
        "notes": frame("notes", {"customer": "张家机械", "rep": "Chen Wei", "text": "张家机械 complains"}),
        "overrides": frame("overrides", {"member": "Chen Wei"}),
    }
    made = masked(frames, KNOWN, PUBLIC)
    person, customer = made["orders"]["rep"][0], made["orders"]["customer"][0]
    assert made["actions"].iloc[0][["owner", "action"]].tolist() == [person, f"{person} visits {customer} again"]
    assert made["notes"].iloc[0][["customer", "rep", "text"]].tolist() == [customer, person, f"{customer} complains"]
    assert made["overrides"]["member"][0] == person
    assert pd.isna(made["overrides"]["reason"][0])


def test_only_what_the_rules_hide_is_masked():
    own = Audience(customers="masked", persons="shown", pay="shown")
    made = masked({"orders": orders()}, Masks({"customer": KNOWN.by_name["customer"]}), own)["orders"]
    assert made["rep"].equals(orders()["rep"])
    assert made["customer"][1] == "张*·2"


def test_pay_is_left_out_and_sums_of_cost_stay():
    kinds = "trade fairs", "Sales commission", "销售提成"
    frames = {
        "spend": frame("spend", *({"kind": k, "amount": a} for k, a in zip(kinds, (5, 7, 11), strict=True))),
        "targets": frame("targets", *({"metric": m, "amount": 1} for m in ("sales", "bonus", "payments"))),
    }
    made = masked(frames, Masks(), NO_PAY)
    assert made["spend"]["amount"].sum() == 23
    assert made["spend"]["kind"].fillna("").tolist() == ["trade fairs", "", ""]
    assert made["targets"]["metric"].tolist() == ["sales", "payments"]
    assert (
        masked(frames, Masks(), Audience(customers="shown", persons="shown", pay="shown"))["spend"] is frames["spend"]
    )


def test_figures_issued_of_single_persons_are_left_out_and_dims_are_masked_pair_by_pair():
    dims = (None, "rep=Chen Wei", "customer=张家机械|team=A%7CB", "product_line=Pumps")
    told = [{"dims": of, "value": value} for value, of in enumerate(dims, start=1)]
    frames = {"issued": frame("issued", *told, metric="sales")}
    made = masked(frames, KNOWN, PUBLIC)["issued"]
    assert made["dims"].fillna("").tolist() == ["", "customer=张*|team=A%7CB", "product_line=Pumps"]
    assert made["value"].tolist() == [1.0, 3.0, 4.0]
    only_masked = Audience(persons="masked")
    assert masked(frames, KNOWN, only_masked)["issued"]["dims"][1].startswith("rep=C*** W***")


def test_the_playbook_s_texts_are_masked():
    playbook = pd.DataFrame({"action": ["ask Chen Wei"], "resources": ["none"], "owner": ["rep"]})
    made = masked_playbook(playbook, KNOWN)
    assert made["action"][0].startswith("ask C*** W***")
    assert made["owner"][0] == "rep"


def accounting():
    return Intake(
        files=pd.DataFrame({"table": ["orders"], "file": ["orders Chen Wei.csv"], "rows_read": [9]}),
        quarantine=pd.DataFrame(
            {
                "table": ["orders"] * 2,
                "file": ["orders Chen Wei.csv"] * 2,
                "row": [3, 4],
                "column": ["amount", ""],
                "value": ["Chen Wei,Salary 9000", ""],
                "reason": ["ragged_row", "x"],
            }
        ),
        statuses=pd.DataFrame(
            {"table": ["orders"] * 2, "value": ["won", "Chen Wei"], "status": ["won", ""], "rows": [8, 1]}
        ),
        similar_customers=pd.DataFrame({"customer": ["张氏泵业"], "likely": ["张家机械"], "rows": [2]}),
        unknown=pd.DataFrame(
            {"table": ["orders"] * 2, "column": ["rep", "product"], "value": ["Chai Wu", "P-1"], "rows": [1, 2]}
        ),
        remarks=remarks.frame([Remark("x", "orders", "orders Chen Wei.csv", "note", "Chen Wei", 2, 5)]),
        ignored=("张家机械.pdf",),
    )


def test_the_accounting_keeps_its_counts_and_shows_no_raw_value():
    given, made = accounting(), masked_intake(accounting(), KNOWN, PUBLIC)
    assert made.quarantine["value"].tolist() == ["***", ""]
    assert made.statuses["value"].tolist() == ["won", "***"]
    assert made.similar_customers.iloc[0].tolist() == ["张*·2", "张*", 2]
    assert made.unknown["value"].tolist() == [KNOWN.of("person", "Chai Wu"), "P-1"]
    assert made.files["file"][0] == made.quarantine["file"][0] == f"orders {KNOWN.of('person', 'Chen Wei')}.csv"
    assert made.remarks["value"].tolist() == ["***"]
    assert made.remarks["file"][0] == made.files["file"][0]
    assert made.ignored == ("张*.pdf",)
    for part in ("files", "quarantine", "statuses", "similar_customers", "unknown", "remarks"):
        numbers = getattr(given, part).select_dtypes("number")
        assert getattr(made, part)[numbers.columns].equals(numbers)


def test_who_sees_no_pay_sees_no_raw_row_either():
    made = masked_intake(accounting(), Masks(), NO_PAY)
    assert made.quarantine["value"].tolist() == ["***", ""]
    assert made.files["file"][0] == "orders Chen Wei.csv"
    assert (
        masked_intake(accounting(), Masks(), Audience(customers="shown", persons="shown", pay="shown"))
        .quarantine["value"][0]
        .startswith("Chen Wei")
    )


def test_names_are_known_with_the_first_day_they_are_seen():
    known = KnownNames()
    days = pa.array([date(2024, 3, 1), date(2024, 1, 1)], pa.date32())
    known.note(
        "orders", pa.table({"customer": ["A", "A"], "rep": ["R", None], "manager": ["M", ""], "order_date": days})
    )
    known.note("customers", pa.table({"customer": ["A", "B"], "owner": ["R", "O"]}))
    assert [tuple(row.values()) for row in known.table().to_pylist()] == [
        ("customer", "A", date(2024, 1, 1)),
        ("customer", "B", None),
        ("person", "M", date(2024, 3, 1)),
        ("person", "O", None),
        ("person", "R", date(2024, 3, 1)),
    ]
