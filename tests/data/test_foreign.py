"""Two real data sets that nobody here wrote: their totals must be those computed apart from this project."""

import json
import os
from pathlib import Path

import pandas as pd
import pytest

from salesnb.data import load, open_store

ROOT = Path(__file__).parents[2]
REAL = Path(os.environ.get("SALESNB_REALDATA", ROOT.parent / "shared" / "realdata"))
pytestmark = pytest.mark.skipif(not REAL.is_dir(), reason=f"no real data in {REAL} (SALESNB_REALDATA)")


@pytest.fixture(scope="module")
def maven_golden():
    return json.loads((REAL / "maven_crm" / "golden.json").read_text())


@pytest.fixture
def maven():
    return load(str(REAL / "maven_crm"), str(ROOT / "examples" / "maven_crm.toml"), period="2017-Q4")


def test_maven_counts_and_statuses(maven, maven_golden):
    files = maven.intake.files.set_index("table")
    assert files.loc["opportunities", ["rows_read", "rows_accepted"]].tolist() == [8800, 8800]
    counts = maven.intake.statuses.set_index("value").rows.to_dict()
    assert counts == maven_golden["stage_counts"]
    assert maven.opportunities.stage.value_counts().to_dict() == maven_golden["stage_counts"]
    assert maven.derived == {"orders"}
    assert str(maven.scope.history_start) == "2017-03-01"
    assert maven.opportunities.customer.isna().sum() == maven_golden["must_not"]["rows_lost_by_inner_join_on_account"]


@pytest.mark.parametrize(
    ("part", "label", "column"),
    [
        ("by_manager", "manager", "manager"), ("by_manager", "manager", "team"),
        ("by_region", "regional_office", "region"),
        ("by_agent", "sales_agent", "rep"), ("by_product", "product", "product"),
        ("by_series", "series", "product_line"),
    ],
)  # fmt: skip
def test_maven_sales_and_outcomes(maven, maven_golden, part, label, column):
    sales = maven.orders.groupby(column).amount.sum().to_dict()
    assert sales == {row[label]: row["won_value"] for row in maven_golden[part]}
    outcomes = maven.opportunities.groupby([column, "status"]).size().unstack(fill_value=0)
    assert {k: (v.won, v.lost) for k, v in outcomes.iterrows() if v.won} == {
        row[label]: (row["won"], row["lost"]) for row in maven_golden[part]
    }


def test_maven_months_and_open_deals(maven, maven_golden):
    sales = maven.orders.groupby(maven.orders.sales_date.dt.to_period("M").astype(str)).amount.sum()
    assert sales.to_dict() == {row["m"]: row["won_value"] for row in maven_golden["by_month"]}
    still = maven.opportunities[maven.opportunities.status == "open"]
    assert len(still) == maven_golden["pipeline_asof_2017-12-31"]["open"]
    assert still.created_date.isna().sum() == maven_golden["pipeline_asof_2017-12-31"]["prospecting_no_engage_date"]
    idle = set(maven.reps.rep) - set(maven.opportunities.rep)
    assert sorted(idle) == sorted(maven_golden["agents_without_any_opportunity"])


VARIANTS = {
    "gb18030": {},
    "utf8": {"订单.gb18030.csv": "订单.utf8.csv", "销售人员.gb18030.csv": "销售人员.utf8.csv"},
    "xls": {
        '"订单.gb18030.csv"]': '"示例 - 超市.xls"]\nsheet = "订单"',
        '"销售人员.gb18030.csv"': '"示例 - 超市.xls"\nsheet = "销售人员"',
    },
}


def superstore(tmp_path, variant):
    """Load the superstore by the example's settings, the files' names replaced."""
    text = (ROOT / "examples" / "superstore_cn.toml").read_text()
    for before, after in VARIANTS[variant].items():
        assert before in text
        text = text.replace(before, after)
    file = tmp_path / f"{variant}.toml"
    file.write_text(text)
    return load(str(REAL / "superstore_cn"), str(file), period="2017-12")


@pytest.mark.parametrize("variant", VARIANTS)
def test_superstore_totals(tmp_path, variant):
    golden = json.loads((REAL / "superstore_cn" / "golden.json").read_text())
    case = superstore(tmp_path, variant)
    orders = case.orders.assign(year=case.orders.order_date.dt.year)
    assert case.intake.files.rows_accepted.tolist() == [golden["rows"]]
    assert len(case.intake.quarantine) == 0
    total = golden["totals"]
    assert round(orders.amount.sum(), 3) == total["销售额"]
    assert orders.customer.nunique() == total["客户数"]
    assert orders.order_id.nunique() == total["订单数 (订单ID+客户ID)"]
    for part, label, column in [
        ("by_year", "年", "year"), ("by_region", "地区", "region"), ("by_region", "地区经理", "manager"),
        ("by_region", "地区", "team"),
        ("by_category", "类别", "product_line"), ("by_subcategory", "子类别", "product"),
        ("by_segment", "细分", "customer_type"),
    ]:  # fmt: skip
        found = orders.groupby(column).amount.sum().to_dict()
        assert found == pytest.approx({row[label]: row["销售额"] for row in golden[part]}, abs=1e-6)
    months = orders.groupby(orders.order_date.dt.to_period("M").astype(str)).amount.sum()
    assert months.to_dict() == pytest.approx({row["月"]: row["销售额"] for row in golden["by_month"]}, abs=1e-6)


def test_superstore_formats_give_identical_tables(tmp_path):
    first, *others = (superstore(tmp_path, variant).orders for variant in VARIANTS)
    for other in others:
        pd.testing.assert_frame_equal(first, other)


def test_a_team_of_the_superstore_reads_its_own_partition(tmp_path):
    text = (ROOT / "examples" / "superstore_cn.toml").read_text()
    (tmp_path / "s.toml").write_text(text)
    found = open_store(str(REAL / "superstore_cn"), str(tmp_path / "s.toml"))
    assert sorted(found.teams) == sorted(["东北", "中南", "华东", "华北", "西北", "西南"])
    case = load(str(REAL / "superstore_cn"), str(tmp_path / "s.toml"), team="华东", period="2017-12")
    assert case.orders.team.unique().tolist() == ["华东"]
    assert len(case.partitions_read) == 1
