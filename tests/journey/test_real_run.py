"""Real data from files to facts.parquet: every figure that the stages give equals the one computed apart."""

import json

import pytest

from salesnb.report.facts import read_facts
from tests.journey.conftest import ROOT, facts
from tools.every_fact import every_fact

QUARTERS = ("2017-Q1", "2017-Q2", "2017-Q3", "2017-Q4")
CLOSE = {"won": "won_deals", "closed": "closed_deals", "lost": "lost_deals", "win_rate": "win_rate",
         "won_value": "won_value", "avg_won_value": "deal_value"}  # fmt: skip
LEVELS = {"by_manager": ("manager", "manager"), "by_region": ("region", "regional_office"),
          "by_agent": ("rep", "sales_agent"), "by_product": ("product", "product"),
          "by_series": ("product_line", "series")}  # fmt: skip


@pytest.fixture(scope="module")
def maven(real, salesnb, tmp_path_factory):
    out = tmp_path_factory.mktemp("maven")
    data = ("--data", real / "maven_crm", "--settings", ROOT / "examples" / "maven_crm.toml", "--team", "all")
    wish = ("--stage", "diagnosis", "--lang", "en", "--workers", "1", "--out", out)
    for period in ("2017", "2017-Q1..2017-Q4"):
        assert salesnb("run", *data, *wish, "--period", period) == 0
    return out


def golden(real, name):
    return json.loads((real / name / "golden.json").read_text(encoding="utf-8"))


def near(value):
    return pytest.approx(value, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("part", LEVELS)
def test_maven_by_every_level(maven, real, part):
    dimension, label = LEVELS[part]
    deals, sold = (facts(maven / "2017")["diagnosis", "deals"], facts(maven / "2017")["diagnosis", "attainment"])
    for row in golden(real, "maven_crm")[part]:
        dims = f"{dimension}={row[label]}"
        for theirs, ours in CLOSE.items():
            assert deals[ours, dims]["value"] == near(row[theirs]), (dims, ours)
        assert sold["sales", dims]["value"] == near(row["won_value"])


def test_maven_overall_and_by_quarter(maven, real):
    gold = golden(real, "maven_crm")
    whole = facts(maven / "2017")["diagnosis", "deals"]
    assert whole["win_rate", ""]["value"] == near(gold["overall"]["win_rate"])
    assert whole["deal_value", ""]["value"] == near(gold["overall"]["avg_won_value"])
    for period, row in zip(QUARTERS, gold["by_quarter"], strict=True):
        own = facts(maven / period)
        for theirs, ours in CLOSE.items():
            assert own["diagnosis", "deals"][ours, ""]["value"] == near(row[theirs]), (period, ours)
        change = own["diagnosis", "attainment"]["mom", ""]
        if row["won_value_qoq"] is None:
            assert change["value"] is None
            assert change["reason"] == "no_base"
        else:
            assert change["value"] == near(row["won_value_qoq"])


def test_maven_change_of_the_last_quarter_is_split_without_remainder(maven, real):
    delta = golden(real, "maven_crm")["q3_to_q4_decomposition"]["delta"]
    own = facts(maven / "2017-Q4")["diagnosis", "deal_drivers"]
    effects = {dims: f["value"] for (m, dims), f in own.items() if m == "effect" and "against=previous" in dims}
    whole = [v for dims, v in effects.items() if "kpi=won_value" in dims]
    parts = [v for dims, v in effects.items() if "kpi=won_value" not in dims]
    assert whole == [delta] == [-179759.0]
    assert len(parts) == 3
    assert round(sum(parts) * 10_000) == round(delta * 10_000)


def test_no_maven_figure_is_that_of_a_mistake(maven, real):
    wrong = golden(real, "maven_crm")["must_not"]
    for period in ("2017", *QUARTERS):
        for fact in read_facts(maven / period / "all" / "facts.parquet"):
            value = fact["value"]
            if fact["metric"] == "win_rate":
                assert value != near(wrong["win_rate_over_all_rows"])
            if fact["metric"] in {"deal_value", "aov"} and fact["dims"] == "":
                assert value != near(wrong["avg_close_value_incl_lost"])


def told(data, settings, period):
    """Run the diagnosis in this process: what a batch makes of it is held on the other company."""
    found = every_fact(data, "all", period, ["diagnosis"], settings=str(settings))
    assert found.failed == {}
    return found


@pytest.fixture(scope="module")
def years(real):
    """Return the facts of each year by finding, each by figure and dims."""
    made = {}
    for year in ("2014", "2015", "2016", "2017"):
        for (stage, finding, metric, dims), value in told(
            real / "superstore_cn", ROOT / "examples" / "superstore_cn.toml", year
        ).facts.items():
            made.setdefault(year, {}).setdefault((stage, finding), {})[metric, dims] = {"value": value}
    return made


def test_superstore_years_regions_managers_and_months(years, real):
    gold = golden(real, "superstore_cn")
    trend = {}
    for row in gold["by_year"]:
        own = years[str(row["年"])]
        assert own["diagnosis", "attainment"]["sales", ""]["value"] == near(row["销售额"])
        change = own["diagnosis", "attainment"]["yoy", ""]["value"]
        assert change == (None if row["销售额同比"] is None else near(row["销售额同比"]))
        trend |= {dims: own["diagnosis", "trend"] for _, dims in own["diagnosis", "trend"]}
    for row in gold["by_region_manager_year"]:
        for year in ("2014", "2015", "2016", "2017"):
            own = years[year]["diagnosis", "attainment"]
            for dims in (f"region={row['地区']}", f"manager={row['地区经理']}"):
                assert own["sales", dims]["value"] == near(row[year])
                if year != "2014":
                    assert own["yoy", dims]["value"] == near(row[f"同比{year}"])
    for row in gold["by_month"]:
        dims = f"month={row['月']}"
        for theirs, ours in (("销售额", "sales"), ("同比", "yoy"), ("环比", "mom")):
            value = trend[dims][ours, dims]["value"]
            assert value == (None if row[theirs] is None else near(row[theirs])), (dims, ours)


@pytest.mark.parametrize(
    ("part", "label", "dimension"),
    [("by_category", "类别", "product_line"), ("by_subcategory", "子类别", "product"),
     ("by_segment", "细分", "customer_type")],
)  # fmt: skip
def test_superstore_totals_over_all_years_by_dimension(years, real, part, label, dimension):
    rows = [years[str(year)]["diagnosis", "attainment"] for year in range(2014, 2018)]
    for row in golden(real, "superstore_cn")[part]:
        dims = f"{dimension}={row[label]}"
        assert sum(own["sales", dims]["value"] for own in rows) == near(row["销售额"])


def test_superstore_in_three_formats_gives_identical_facts(real, tmp_path):
    settings = (ROOT / "examples" / "superstore_cn.toml").read_text(encoding="utf-8")
    utf8 = settings.replace(".gb18030.csv", ".utf8.csv")
    xls = (
        settings.replace('"订单.gb18030.csv"', '"示例 - 超市.xls"')
        .replace("[tables.orders]", '[tables.orders]\nsheet = "订单"')
        .replace('file = "销售人员.gb18030.csv"', 'file = "示例 - 超市.xls"\nsheet = "销售人员"')
    )
    made = []
    for name, text in (("gb", settings), ("utf8", utf8), ("xls", xls)):
        path = tmp_path / f"{name}.toml"
        path.write_text(text, encoding="utf-8")
        made.append(told(real / "superstore_cn", path, "2017-12").facts)
    assert len(made[0]) > 100
    assert made[0] == made[1] == made[2]
