"""An analyst's half hour: JupyterLab in a real browser, by menus and keyboard; what is seen there is right.

Run, change the team, copy a section, change its dimension and heading, join orders with targets, draw, make a page.
"""

import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from salesnb import load
from salesnb.findings import diagnosis
from salesnb.show.numbers import figure
from salesnb.show.sentence import sentence_text
from tests import chromium
from tests.lab.jupyterlab import Analyst, serving, shortened

pytestmark = chromium.in_chromium
ROOT = Path(__file__).resolve().parents[2]
SECTIONS = {"stage", "attainment", "five_whys", "problems", "attainment_slices"}
ASKED = "Which slice carries the gap?"
TYPED = "Who buys what of East's channels?"
OWN = """by_channel_and_type = diagnosis.attainment(
    case.orders, case.targets, scope=case.scope, by=["chanel", "customer_type"]
)
show.sentence(by_channel_and_type)"""
EVIDENCE = "show.evidence(by_channel_and_type)"
JOINED = """sold = case.orders[case.orders["sales_date"].between("2025-09-01", "2025-09-30")]
goals = case.targets[(case.targets["period"] == "2025-09") & (case.targets["metric"] == "sales")]
(sold.groupby("rep")["amount"].sum() / goals.groupby("rep")["amount"].sum()).dropna()"""
DRAWN = """import seaborn as sns
axes = sns.barplot(sold, x="channel", y="amount", estimator="sum", errorbar=None)
axes.set_title("东区各渠道销售额：九月");"""
TAKEN = """chart = show.figure(by_channel_and_type, "zh")
chart.axes[0].set_title("东区各渠道与客户类型")
chart"""
COMPLAINTS = "[data-mime-type='application/vnd.jupyter.stderr'], [data-mime-type='application/vnd.jupyter.error']"
TABLE = "rows => [...rows].map(r => [...r.cells].map(c => c.textContent.trim()))"


@dataclass
class Seen:
    """What was on the screen, step by step."""

    sentences: dict[str, str] = field(default_factory=dict)
    heads: dict[str, str] = field(default_factory=dict)
    tables: dict[str, list[list[str]]] = field(default_factory=dict)
    refusals: dict[str, str] = field(default_factory=dict)
    marks: dict[str, list[str]] = field(default_factory=dict)
    charts: dict[str, list[int]] = field(default_factory=dict)
    styled: bool = False
    attainment: str = ""
    complaints: list[str] = field(default_factory=list)
    page: dict[str, Any] = field(default_factory=dict)


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    """Spend the half hour; return what was seen."""
    home, notebooks = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("notebooks")
    (notebooks / "mine").mkdir()
    sections = {f"diagnosis.{word}" for word in SECTIONS}
    shortened(ROOT / "notebooks" / "03_diagnosis.ipynb", sections, notebooks / "03_diagnosis.ipynb")
    found = Seen()
    with chromium.running() as browser:
        with serving(home, notebooks) as address, chromium.beside(browser, address, width=1400) as page:
            analyst = Analyst(page)
            analyst.open(address)
            analyst.duplicate("03_diagnosis.ipynb")
            run_and_change_the_team(analyst, found)
            copy_a_section(analyst, found)
            ask_for_what_is_not_there(analyst, found)
            compute_and_draw(analyst, found)
            found.complaints = page.locator(COMPLAINTS).all_text_contents()
            analyst.save_as("mine/20_channels.ipynb")
        words = ["--data", "sample", "--period", "2025-09", "--team", "East", "--workers", 1]
        words += ["--notebooks", notebooks / "mine", "--out", notebooks / "reports"]
        command = [sys.executable, "-m", "salesnb.cli", "run", *words]
        ran = subprocess.run([*map(str, command)], cwd=ROOT, capture_output=True, text=True)
        assert ran.returncode == 0, (ran.stdout[-3000:], ran.stderr[-3000:])
        with chromium.reading(browser) as reader:
            look_at_the_page(reader.open(notebooks / "reports" / "2025-09" / "East" / "channels.html"), found)
    return found


def run_and_change_the_team(analyst: Analyst, found: Seen) -> None:
    parameters, loads = analyst.code("audience: str"), analyst.code("show.masthead")
    for before, team in (("", "South"), ("South", "Eest"), ("Eest", "East")):
        if before:
            analyst.type_over(parameters, f'"{before}"', team)
        analyst.run_all()
        if team == "Eest":
            found.refusals["team"] = text(loads)
            continue
        found.heads[team] = text(loads.locator(".snb-head strong"))
        found.sentences[team] = said(analyst.code("attainment = "))
        evidence = analyst.code("show.evidence(attainment)")
        found.tables[team] = table(evidence)
        found.marks[team] = evidence.locator("svg:visible text").all_text_contents()


def copy_a_section(analyst: Analyst, found: Seen) -> None:
    analyst.copy_section(ASKED, cells=2)
    analyst.write_over(analyst.heading(ASKED).nth(1), f"## {TYPED}\n\nTwo dimensions at once.")
    own = analyst.code("by_slice = ").nth(1)
    analyst.write_over(own, OWN)
    own = analyst.code("by_channel_and_type = ")
    analyst.run(own)
    found.refusals["dimension"] = text(own)
    analyst.type_over(own, '"chanel"', "channel")
    analyst.run(own)
    analyst.write_over(analyst.code("show.evidence(*by_slice)").nth(1), EVIDENCE)
    analyst.run(analyst.code(EVIDENCE))
    found.sentences["own"] = said(own)
    found.tables["own"] = table(analyst.code(EVIDENCE))


def ask_for_what_is_not_there(analyst: Analyst, found: Seen) -> None:
    tried = {"figure": "show.figure(five_whys)", "rows": "show.sentence(five_whys.rows)"}
    analyst.write_below(analyst.code("audience: str"), "tried = True")
    asked = analyst.page.locator(".jp-CodeCell").nth(1)
    for name, source in {**tried, "parameter": '# Parameters\nteem = "South"'}.items():
        analyst.write_over(asked, source)
        analyst.run(asked)
        found.refusals[name] = text(asked) if name in tried else ""
    loads = analyst.code("show.masthead")
    analyst.run(loads)
    found.refusals["parameter"] = text(loads)
    found.styled = said_large(analyst.code("attainment = "))
    analyst.delete(asked)
    analyst.run(loads)


def compute_and_draw(analyst: Analyst, found: Seen) -> None:
    last = analyst.code(EVIDENCE)
    for source in (JOINED, DRAWN, TAKEN):
        analyst.write_below(last, source)
        last = analyst.code(source.splitlines()[-1])
        analyst.run(last)
    found.attainment = text(analyst.code("goals = "))
    for name, source in (("drawn", "axes.set_title"), ("taken", "chart.axes")):
        image = analyst.code(source).locator("img")
        found.charts[name] = image.evaluate("i => [i.naturalWidth, i.naturalHeight]")


def look_at_the_page(page: Any, found: Seen) -> None:
    section = page.locator("section.finding").filter(has_text="Two dimensions at once.")
    found.page = {
        "headings": page.get_by_role("heading").all_text_contents(),
        "sentence": said(section),
        "table": table(section),
        "text": section.inner_text(),
        "images": section.locator("img").evaluate_all("all => all.map(i => [i.naturalWidth, i.naturalHeight])"),
    }


def text(place: Any) -> str:
    """Return what a cell has put out, or a place says."""
    outputs = place.locator(".jp-OutputArea-output")
    shown = outputs.last if outputs.count() else place
    shown.wait_for()
    return str(shown.text_content()).strip()


def said(place: Any) -> str:
    return " ".join(text(place.locator(".snb-said")).split())


def said_large(cell: Any) -> bool:
    """Tell whether a sentence has the kit's type."""
    return bool(cell.locator(".snb-said").evaluate("e => parseFloat(getComputedStyle(e).fontSize) > 16"))


def table(place: Any) -> list[list[str]]:
    """Open what is folded and return the table's rows."""
    if (folded := place.locator("details:not([open]) > summary")).count():
        folded.click()
    rows = place.locator("details table.snb-table tr")
    rows.first.wait_for()
    return rows.evaluate_all(TABLE)


@pytest.fixture(scope="module")
def cases():
    return {team: load(team=team, period="2025-09") for team in ("South", "East")}


def thousands(cell: str) -> float:
    return float(cell.replace(",", "") or "nan")


def sold(case):
    return case.orders[case.orders["sales_date"].between("2025-09-01", "2025-09-30")]


@pytest.mark.parametrize("team", ["South", "East"])
def test_what_is_seen_is_the_teams(team, seen, cases):
    case = cases[team]
    problems = diagnosis.problems(case.orders, case.targets, case.opportunities, case.receipts, scope=case.scope).rows
    finding = diagnosis.attainment(case.orders, case.targets, scope=case.scope, problems=problems)
    assert seen.heads[team] == team
    assert seen.sentences[team] == sentence_text(finding, finding.headline, "en")
    sales = sold(case).groupby("rep")["amount"].sum()
    assert figure(sales.sum(), "money", "en") in seen.sentences[team]
    (head, *rows), at = seen.tables[team], [cell.startswith("Sales") for cell in seen.tables[team][0]].index(True)
    assert head[0].startswith("Rep")
    shown = {row[0]: thousands(row[at]) for row in rows if row[at]}  # the last row may tell a problem
    assert {rep: shown[rep] for rep in sales.index} == pytest.approx((sales / 1000).to_dict(), abs=0.5)
    assert shown["Total"] == pytest.approx(sales.sum() / 1000, abs=0.5)
    assert set(sales.index) <= set(seen.marks[team])


def test_the_copied_section_tells_its_own_dimensions(seen, cases):
    case = cases["East"]
    last = case.orders[case.orders["sales_date"].between("2024-09-01", "2024-09-30")]
    by = ["channel", "customer_type"]
    now, then = (o.groupby(by)["amount"].sum() for o in (sold(case), last))
    fell = now.reindex(then.index, fill_value=0.0) - then
    worst = fell.idxmin()
    a, b = (figure(sales[worst], "money", "en") for sales in (then, now))
    told = f"{' × '.join(worst)} lost the most against last year: {a} then, {b} now."
    assert seen.sentences["own"].casefold() == told.casefold()
    rows = {tuple(row[:2]): (thousands(row[2]), thousands(row[5])) for row in seen.tables["own"][1:]}
    for members in now.index:
        assert rows[members] == pytest.approx((now[members] / 1000, then[members] / 1000), abs=0.5)


def test_orders_joined_with_targets_are_in_one_unit(seen, cases):
    case = cases["East"]
    goals = case.targets[(case.targets["period"] == "2025-09") & (case.targets["metric"] == "sales")]
    due = goals.groupby("rep")["amount"].sum()
    attained = {
        rep: amount / due[rep] for rep, amount in sold(case).groupby("rep")["amount"].sum().items() if rep in due
    }
    shown = dict(re.findall(r"^(\S.*?) {2,}(\d+\.\d+)$", seen.attainment, flags=re.M))
    assert {rep: float(v) for rep, v in shown.items()} == pytest.approx(attained, abs=1e-6)
    assert 0.2 < min(attained.values()) < max(attained.values()) < 5


def test_own_charts_are_drawn_with_all_their_letters(seen):
    assert seen.complaints == []
    assert min(seen.charts["drawn"]) > 200
    assert min(seen.charts["taken"]) > 200


def test_what_is_not_there_is_said_in_a_line_and_leaves_the_rest_as_it_was(seen):
    assert seen.styled
    assert {name: line.count("\n") for name, line in seen.refusals.items()} == dict.fromkeys(seen.refusals, 0)
    assert "Nearest: West, East" in seen.refusals["team"]
    assert "Nearest: channel" in seen.refusals["dimension"]
    assert "Nearest: team" in seen.refusals["parameter"]
    assert "show.evidence" in seen.refusals["figure"]
    assert "not its rows" in seen.refusals["rows"]


def test_the_page_says_what_the_lab_showed(seen):
    assert seen.page["sentence"] == seen.sentences["own"]
    assert seen.page["table"] == seen.tables["own"]
    assert seen.page["images"] == [seen.charts["drawn"], seen.charts["taken"]]
    assert TYPED in seen.page["headings"]
    assert seen.attainment.splitlines()[1] in seen.page["text"]
