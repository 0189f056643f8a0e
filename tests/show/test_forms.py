"""Where the marks of the forms stand: worked out by hand from the literal findings."""

from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree

import pandas as pd
import pytest

from salesnb.findings.finding import Chart, Finding
from salesnb.show.canvas import NARROW, WIDE
from salesnb.show.charts import strip
from salesnb.show.charts.marks import nice_ticks
from salesnb.show.charts.slope import spread
from salesnb.show.numbers import stacked
from salesnb.show.palette import ACCENT, BARS, INK
from salesnb.show.render import evidence_html
from salesnb.show.table import table_html, table_of
from salesnb.show.text import shortened, width
from tests import show_frames


@pytest.fixture(autouse=True)
def _words(monkeypatch: pytest.MonkeyPatch) -> None:
    show_frames.install(monkeypatch)


def drawn(made: Finding, tag: str, lang: str = "en", which: str = "wide") -> list[dict[str, str]]:
    """The elements of one drawing, with their text."""
    svg = re.search(rf'<svg class="snb-{which}".*?</svg>', evidence_html(made, lang), re.S)
    assert svg is not None
    found = [e for e in ElementTree.fromstring(svg[0]).iter() if e.tag.endswith("}" + tag)]
    return [{**e.attrib, "text": "".join(e.itertext())} for e in found]


def test_a_slope_leads_from_before_to_now_and_the_accent_lies_on_top() -> None:
    lines = drawn(show_frames.slope(), "line")
    assert len(lines) == 2  # the shops have no before, so a dot alone
    online, direct = lines[-1], lines[0]
    assert f"accent,{ACCENT}" in online["stroke"]
    # 2.0M to 2.4M rises by 0.4, 1.2M to 0.6M falls by 0.6: on one scale from zero.
    rise, fall = float(direct["y1"]) - float(direct["y2"]), float(online["y2"]) - float(online["y1"])
    assert fall / rise == pytest.approx(0.6 / 0.4, rel=1e-2)
    assert len(drawn(show_frames.slope(), "circle")) == 5
    said = {t["text"] for t in drawn(show_frames.slope(), "text")}
    assert {"网店 1.2M", "600K", "500K", "Period before", "This period", "Sales, CNY"} <= said


def test_labels_stand_apart_as_near_to_their_places_as_can_be() -> None:
    assert spread([10, 12, 80], 18, 0, 100) == [10, 28, 80]
    assert spread([90, 95, 99], 18, 0, 100) == [64, 82, 100]
    assert spread([], 18, 0, 100) == []


def test_a_line_has_a_dot_wherever_something_was_noted_and_says_what_the_dots_are() -> None:
    made = show_frames.line()
    chart = replace(made.chart or Chart("line"), columns={**(made.chart or Chart("")).columns, "event": "orders"})
    noted = replace(made, rows=made.rows.assign(orders=[0.0, 2.0, None]), chart=chart)
    dots = [c for c in drawn(noted, "circle") if INK in c["fill"]]
    line = [c for c in drawn(noted, "circle") if ACCENT in c["fill"]]
    assert len(dots) == 1
    assert float(dots[0]["cx"]) < float(line[0]["cx"])  # the second of three months
    assert "Dots: Orders" in {t["text"] for t in drawn(noted, "text")}
    assert not [c for c in drawn(made, "circle") if INK in c["fill"]]


def test_stages_of_deals_narrow_on_one_scale() -> None:
    bars = [b for b in drawn(show_frames.stages(), "rect") if b["height"] == "16"]
    lengths = [float(b["width"]) for b in bars]
    chen_closed, lin_closed, chen_proposed, _, chen_won, lin_won = lengths
    assert chen_proposed / chen_closed == pytest.approx(30 / 40, rel=1e-2)
    assert chen_won / chen_closed == pytest.approx(20 / 40, rel=1e-2)
    assert lin_closed / chen_closed == pytest.approx(8 / 40, rel=1e-2)
    assert lin_won / chen_closed == pytest.approx(4 / 40, rel=2e-2)
    assert [ACCENT in b["fill"] for b in bars] == [True, False] * 3
    said = [t["text"] for t in drawn(show_frames.stages(), "text")]
    assert "50.0%" in said
    assert "n 8" in said  # a win rate of eight deals is not shown


def test_multiples_have_a_panel_for_the_score_and_for_each_part_with_its_target() -> None:
    made = show_frames.multiples()
    said = [t["text"] for t in drawn(made, "text")]
    assert [t for t in said if t in {"KPI score, capped", "Sales", "Collection rate"}] == [
        "KPI score, capped", "Sales", "Collection rate",
    ]  # fmt: skip
    bars = [float(b["width"]) for b in drawn(made, "rect") if b["height"] == "16"]
    assert bars[4] / bars[2] == pytest.approx(1.2 / 0.6, rel=1e-2)  # one scale for all panels
    goals = [r for r in drawn(made, "rect") if r["width"] == "2" and INK in r["fill"]]
    assert len(goals) == 6
    assert said.count("100%") == 3


def test_on_a_phone_heads_of_drawings_are_whole_words() -> None:
    """Long names of rows take the room: heads of panels and the key of bars and lines stay readable."""
    made = show_frames.stages()
    long = made.rows.assign(rep=["", "KP-50 Submersible pump", "KS-3 Level sensor"])
    heads = [t["text"] for t in drawn(replace(made, rows=long), "text", which="narrow")]
    assert {"Closed", "Proposals", "Won", "Win rate"} <= set(heads)
    rows = pd.DataFrame(
        {"product": ["KP-50 Submersible pump", "KS-3 Level sensor"], "sales": [5e6, 4e6],
         "sales_last_year": [2e6, 5e6], "yoy": [1.5, -0.2]}
    )  # fmt: skip
    roles = {"label": "product", "value": "sales", "target": "sales_last_year", "aside": "yoy"}
    bullet = show_frames.finding("bars", rows.rename(columns={"product": "product_line"}), {"names": (0,)},
                                 Chart("bullet", {**roles, "label": "product_line"}))  # fmt: skip
    heads = [t["text"] for t in drawn(bullet, "text", which="narrow")]
    assert {"Sales, CNY", "Last year", "Change"} <= set(heads)


def test_no_head_of_a_panel_leaves_the_drawing() -> None:
    made = show_frames.multiples()
    rows = made.rows.assign(kpi=["", "new_customers", "collection_rate"] * 2)
    for which, room in (("narrow", NARROW), ("wide", WIDE)):
        heads = [t for t in drawn(replace(made, rows=rows), "text", which=which) if t.get("text-anchor") != "end"]
        assert heads
        for head in heads:
            ends = float(head["x"]) + 0.9 * width(head["text"]) * (12 if which == "narrow" else 13)
            assert ends <= room, (which, head["text"])


def test_a_part_that_nobody_has_gets_no_panel() -> None:
    made = show_frames.multiples()
    rows = made.rows.assign(attainment=made.rows["attainment"].where(made.rows["kpi"] == "sales"))
    assert "Collection rate" not in {t["text"] for t in drawn(replace(made, rows=rows), "text")}


def test_rows_of_one_light_stand_under_its_word_and_shape() -> None:
    made = show_frames.bullet(("Chen", "Wu", "Li"))
    chart = replace(made.chart or Chart("bullet"), columns={**(made.chart or Chart("")).columns, "light": "light"})
    lit = replace(made, rows=made.rows.assign(light=["missed", "missed", "met", "met"]), chart=chart)
    said = [t["text"] for t in drawn(lit, "text")]
    assert [s for s in said if s in {"Missed", "Met", "Chen", "Wu", "Li"}] == ["Missed", "Chen", "Met", "Wu", "Li"]
    assert len(drawn(lit, "g")) == 2
    mixed = replace(lit, rows=made.rows.assign(light=["", "missed", "met", "missed"]))
    assert "Missed" not in {t["text"] for t in drawn(mixed, "text")}  # they would be told apart wrongly
    assert drawn(made, "g") == []


def test_attainment_is_drawn_with_its_target_and_bars_reach_it_or_not() -> None:
    frame = pd.DataFrame({"kpi": ["sales", "collection_rate"], "attainment": [0.5, 1.1]})
    made = show_frames.finding("bars", frame, {"names": (0, 1)}, Chart("bars", {"label": "kpi", "value": "attainment"}))
    made = replace(made, rows=frame.assign(product_line=["a", "b"]))
    bars = [r for r in drawn(made, "rect") if BARS in r["fill"]]
    goal = next(r for r in drawn(made, "rect") if r["width"] == "2")
    at, half, more = float(goal["x"]) + 1, *(float(b["x"]) + float(b["width"]) for b in bars)
    start = float(bars[0]["x"])
    assert (half - start) / (at - start) == pytest.approx(0.5, rel=1e-2)
    assert (more - start) / (at - start) == pytest.approx(1.1, rel=1e-2)
    assert {"Attainment, %", "Target", "50.0%", "110.0%"} <= {t["text"] for t in drawn(made, "text")}


def test_more_rows_than_are_drawn_are_counted() -> None:
    frame = pd.DataFrame({"product_line": [f"P{i}" for i in range(25)], "sales": [100.0 - i for i in range(25)]})
    made = show_frames.finding(
        "bars", frame, {"names": (0,)}, Chart("bars", {"label": "product_line", "value": "sales"})
    )
    assert "5 more in the table" in evidence_html(made, "en")
    assert "其余 5 项见下表" in evidence_html(made, "zh")


@pytest.mark.parametrize(
    ("values", "unit", "lang", "wanted"),
    [
        ([-387e3, -75.6e3, 1110.0, None], "money", "en", ["\u2212387K", "\u221276K", "+1K", "\u2013"]),
        ([-387e3, -75.6e3, 1110.0], "money", "zh", ["\u221238.7万", "\u22127.6万", "+0.1万"]),
        ([0.104, -0.5], "rate", "en", ["+10.4%", "\u221250.0%"]),
        ([999_999.0, -5.0, 0.0], "money", "en", ["+1.00M", "\u22125", "0"]),
        ([-508e3, -308.0, 0.2], "money", "en", ["\u2212508K", "\u2212308", "+0.20"]),
        ([], "money", "en", []),
    ],
)
def test_figures_one_below_the_other_are_written_alike(
    values: list[float | None], unit: str, lang: str, wanted: list[str]
) -> None:
    assert stacked(values, unit, lang, signed=True) == wanted


def test_a_table_says_units_once_and_sets_digits_beneath_each_other() -> None:
    frame = pd.DataFrame(
        {"rep": ["A", "B"], "win_rate": [0.25, 0.5], "days_overdue": [3.0, 12.5], "orders": [1.0, 20.0]}
    )
    html = table_html(show_frames.finding("bars", frame, {}, None), "en", "x")
    heads = re.findall(r"<th[^>]*>(.*?)</th>", html.split("</thead>")[0])
    assert [re.sub("<[^>]+>", "", h) for h in heads] == ["Rep", "Win rate %", "Days overdue", "Orders"]
    cells = re.findall(r'class="snb-right">([^<]*)</td>', html)
    assert cells == ["25.0", "3.0", "1", "50.0", "12.5", "20"]


def test_a_table_that_stands_alone_shows_the_rows_it_is_to_and_marks_what_its_title_names() -> None:
    frame = pd.DataFrame({"rep": ["", "A", "B"], "orders": [3.0, 1.0, 2.0]})
    made = show_frames.finding("bars", frame, {}, Chart("table", rows=(1, 2), accent=(2,)))
    html = table_html(made, "en", "x")
    assert "Total" not in html
    assert html.count('<tr class="snb-named">') == 1
    assert re.search(r'<tr class="snb-named"><th[^>]*>B</th>', html)


def test_counts_stand_on_an_axis_of_whole_numbers() -> None:
    frame = pd.DataFrame({"product_line": ["A", "B"], "orders": [1.0, 1.0]})
    chart = Chart("bars", {"label": "product_line", "value": "orders"})
    texts = [t["text"] for t in drawn(show_frames.finding("bars", frame, {"names": (0,)}, chart), "text")]
    assert not [text for text in texts if "." in text]
    assert nice_ticks(0.0, 1.0, 5) == pytest.approx([0.0, 0.2, 0.4, 0.6, 0.8, 1.0])


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (0.8431, 0.8427, "\u22120.04 pts"),  # 84.3 % and 84.3 %
        (0.84251, 0.84249, "\u22120.00 pts"),  # 84.3 % and 84.2 %
        (0.99551, 0.96649, "\u22122.90 pts"),  # 99.6 % and 96.6 %
        (0.896, 0.881, "\u22121.5 pts"),
    ],
)
def test_a_change_agrees_with_the_rounded_figures_beside_it(before: float, after: float, said: str) -> None:
    frame = pd.DataFrame({"kpi": ["attainment"], "before": [before], "after": [after], "change": [after - before]})
    made = show_frames.finding("bars", frame, {}, Chart("strip"))
    written = said.replace("\u22120.00", "0.00")
    assert f">{written}</span>" in strip.draw(made, "en", "x")


def test_a_name_of_wide_letters_is_cut_to_its_column() -> None:
    assert width("W" * 10) >= 9.4
    assert len(shortened("W" * 60, 12)) <= 13


def test_on_a_page_the_verdict_stands_where_a_phone_shows_it():
    """After what names the row; an Excel sheet keeps the finding's own order."""
    rows = pd.DataFrame(
        [("A", "sales", 1.0, 3.0, "missed"), ("B", "sales", 2.0, 1.0, "met")],
        columns=["rep", "kpi", "actual", "target", "light"],
    )
    made = show_frames.finding("bars", rows, {}, None)
    heads = re.findall(r'<th[^>]* scope="col"[^>]*>(.*?)</th>', table_html(made, "en", "x"))
    assert [head.split(" ")[0] for head in heads] == ["Rep", "Figure", "Light", "Actual", "Target"]
    first = re.findall(r"<tr>(.*?)</tr>", table_html(made, "en", "x"))[1]
    cells = [re.sub("<[^>]+>", "", cell) for cell in re.findall(r"<t[hd].*?</t[hd]>", first)]
    assert (cells[0], cells[2]) == ("A", "Missed")
    assert [column.name for column in table_of(made, "en").columns] == ["rep", "kpi", "actual", "target", "light"]
