"""Sentences, tables and charts of literal findings."""

from __future__ import annotations

import json
import re
import warnings
from dataclasses import replace
from html.parser import HTMLParser
from xml.etree import ElementTree

import matplotlib as mpl
import pandas as pd
import pytest
from matplotlib import pyplot as plt

from salesnb.findings.finding import Chart, Finding, Say
from salesnb.show.mime import FACTS, PAGE, page_html
from salesnb.show.notebook import in_notebook
from salesnb.show.outputs import evidence_output, masthead_output, sentence_output
from salesnb.show.render import evidence_html, needs_text, sentence_html
from salesnb.show.rows import rows_of
from salesnb.show.sentence import lowered, sentence_text
from salesnb.show.table import MOST_ROWS, table_html
from tests import show_frames

HOSTILE = (
    "<script>alert(1)</script>",
    '" onload="x',
    "O'Brien & Söhne",
    "😀 Pumps 🏭",
    "\u202eevil\u202c",
    '=HYPERLINK("http://x")',
    "$x^2$ #1b1d20",
    "王" * 200,
    "line\nbreak\x00",
)


@pytest.fixture(autouse=True)
def _words(monkeypatch: pytest.MonkeyPatch) -> None:
    show_frames.install(monkeypatch)


def drawings(html: str) -> list[ElementTree.Element]:
    return [ElementTree.fromstring(svg) for svg in re.findall(r"<svg class=\"snb-(?:wide|narrow).*?</svg>", html, re.S)]


def tags_and_attributes(html: str) -> set[str]:
    found: set[str] = set()

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            found.update([tag, *(name for name, _ in attrs)])

    Reader().feed(html)
    return found


def texts(svg: ElementTree.Element) -> list[str]:
    return ["".join(t.itertext()) for t in svg.iter() if t.tag.endswith("text")]


def test_sentence_takes_its_numbers_from_the_rows() -> None:
    made = show_frames.bullet()
    assert sentence_text(made, made.headline, "en") == "2.58M of 3M: 420K short; Chen Hao −450K."
    assert sentence_text(made, made.headline, "zh") == "销售额258万，目标300万，差42万；Chen Hao差45万。"


def test_names_of_figures_stand_mid_sentence_and_begin_sentences() -> None:
    made = show_frames.bridge()
    assert sentence_text(made, made.headline, "en") == "Active customers of new customers cost 610K."
    assert (lowered("KPI score"), lowered("Win rate")) == ("KPI score", "win rate")
    several = show_frames.bars()
    assert sentence_text(several, several.headline, "zh") == "2025年9月领先的是水泵和阀门。"


@pytest.mark.parametrize(
    ("period", "en", "zh"),
    [
        ("2025-05", "Of 7 deals begun in May 2025, 3 were won, 42.9%.", "2025年5月新增的7个商机，赢单3个，占42.9%。"),
        (
            "2025-03..2025-05",
            "Of 7 deals begun from March to May 2025, 3 were won, 42.9%.",
            "2025年3月至5月新增的7个商机，赢单3个，占42.9%。",
        ),
        ("2025-Q2", "Of 7 deals begun in Q2 2025, 3 were won, 42.9%.", "2025年二季度新增的7个商机，赢单3个，占42.9%。"),
    ],
)
def test_what_happened_in_a_period_or_from_one_to_another(period: str, en: str, zh: str) -> None:
    rows = pd.DataFrame({"cohort": [period], "reached_deals": [7.0], "passed_deals": [3.0], "conversion": [3 / 7]})
    made = Finding("diagnosis.funnel", show_frames.scope(), rows, Say("one_step", {"first": 0}))
    assert sentence_text(made, made.headline, "en") == en
    assert sentence_text(made, made.headline, "zh") == zh


@pytest.mark.parametrize(
    ("key", "figures", "en"),
    [
        ("most", {"lost_deals": 1.0, "loss_share": 1.0}, "Of 1 deal lost in May 2025, most, 1 (100.0%), "),
        ("most", {"lost_deals": 2.0, "loss_share": 1.0}, "Of 2 deals lost in May 2025, most, 2 (100.0%), "),
        ("unentered", {"lost_deals": 1.0}, "1 deal was lost in May 2025, all without a reason entered."),
        ("asked_part", {"priced_deals": 1.0, "lost_value": 1.0}, "1 of the deals lost carries an amount, 1 in all;"),
        ("won", {"won_deals": 1.0, "won_value": 1.0}, "Deals won in the same time: 1, worth 1."),
    ],
)
def test_a_single_one_stands_in_the_singular(key: str, figures: dict[str, float], en: str) -> None:
    rows = pd.DataFrame({"period": ["2025-05"], "lost_reason": ["price"], "department": ["price"], **figures})
    made = Finding("diagnosis.lost_deals", show_frames.scope(), rows, Say(key, {"total": 0, "named": 0}))
    assert sentence_text(made, made.headline, "en").startswith(en)
    assert "\ue002" not in sentence_text(made, made.headline, "zh")
    shown = sentence_html(replace(made, front="sentence"), "en")
    assert "\ue002" not in shown
    assert " deals was" not in shown


def test_a_hole_in_a_sentence_is_an_error() -> None:
    with pytest.raises(KeyError):
        sentence_text(show_frames.bullet(), Say("said", {"total": 0}), "en")
    with pytest.raises(KeyError):
        sentence_text(show_frames.bullet(), Say("unknown"), "en")


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("word", show_frames.FORMS)
def test_every_form_draws_without_warnings_and_repeats_byte_for_byte(word: str, lang: str) -> None:
    made = show_frames.every()[word]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        first = evidence_html(made, lang)
    assert first == evidence_html(made, lang)
    assert "nan" not in first
    assert "None" not in first


def test_a_drawing_is_made_for_both_widths_and_says_its_sentence() -> None:
    html = evidence_html(show_frames.bullet(), "en")
    wide, narrow = drawings(html)
    assert (wide.get("width"), narrow.get("width")) == ("680", "358")
    assert wide.get("role") == "img"
    assert wide.get("aria-label") == "2.58M of 3M: 420K short; Chen Hao −450K."
    assert {"Chen Hao", "Wu Min", "−450K", "+30K", "Gap"} <= set(texts(wide))
    assert "var(--accent,#1d5a96)" in html
    assert "Noto Sans SC" not in html


def test_bars_begin_at_zero_and_are_as_long_as_their_values() -> None:
    wide = drawings(evidence_html(show_frames.bars(), "en"))[0]
    filled = [r for r in wide.iter() if r.tag.endswith("rect") and "grid" not in r.get("fill", "")]
    spans = [(float(r.get("x", "")), float(r.get("width", ""))) for r in filled][:3]
    pumps, valves, service = ((x, x + wide) for x, wide in spans)
    assert pumps[0] == pytest.approx(valves[0], abs=0.02) == pytest.approx(service[1], abs=0.02)
    assert (pumps[1] - pumps[0]) / (valves[1] - valves[0]) == pytest.approx(3.1 / 1.2, rel=1e-3)
    assert (service[1] - service[0]) / (valves[1] - valves[0]) == pytest.approx(0.2 / 1.2, rel=2e-2)


def test_ids_of_two_drawings_on_one_page_do_not_meet() -> None:
    html = "".join(evidence_html(f, "en") for f in show_frames.every().values())
    ids = re.findall(r' id="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r"url\(#([^)]+)\)|href=\"#([^\"]+)", html)) <= {(i, "") for i in ids} | {("", i) for i in ids}


def test_heat_is_a_table_with_signs_totals_and_shades() -> None:
    html = evidence_html(show_frames.heat(), "en")
    assert re.search(
        r'<td class="snb-b4">−290.0</td><td class="snb-g2">\+40.0</td><td class="snb-sum">−250.0</td>', html
    )
    assert '<tr class="snb-total"><th scope="row">Total</th>' in html
    assert "Gap, K CNY" in html


def test_cards_tell_value_target_gap_light_and_trend() -> None:
    html = evidence_html(show_frames.cards(), "en").split("<details")[0]
    assert html.count("<li>") == 2
    for part in ("8.54M", "target 9.6M", "−1.06M", "Missed", "31.0%", "no target", "Not rated"):
        assert part in html
    assert html.count("snb-trend") == 1
    assert html.count('aria-hidden="true"') == 2


def test_a_hypothesis_never_looks_measured() -> None:
    html = evidence_html(show_frames.ranking(), "en").split("<details")[0]
    assert re.search(r'snb-strong">Measured', html)
    assert re.search(r'snb-guess">Hypothesis', html)
    assert "width:34.4%" in html


def test_unknown_form_is_refused() -> None:
    with pytest.raises(KeyError):
        evidence_html(replace(show_frames.bars(), chart=Chart("pie", {})), "en")


def test_missing_table_is_named_with_its_columns() -> None:
    made = show_frames.needs()
    assert needs_text(made, "en") == "Not shown: it needs the table stage_history with the columns opportunity_id."
    assert "stage_history" not in needs_text(made, "zh")
    assert "<svg" not in evidence_html(made, "en")


def test_table_scales_money_once_and_gives_reasons() -> None:
    frame = pd.DataFrame(
        {
            "rep": ["", "A"],
            "sales": [8_540_000.0, 25_000.0],
            "target": [9_600_000.0, None],
            "attainment": [0.8896, None],
        }
    )
    html = table_html(show_frames.finding("bullet", frame, {}, None), "en", "x")
    assert 'Sales <span class="snb-unit">K CNY</span>' in html
    assert re.search(r'<td[^>]*class="snb-right">8,540</td>', html)
    assert 'Attainment <span class="snb-unit">%</span>' in html
    assert re.search(r'<td[^>]*class="snb-right">89.0</td>', html)
    assert html.count("no target") >= 1
    assert re.search(r"<th[^>]*scope=\"row\"[^>]*>Total</th>", html)
    assert html.count('scope="col"') == 4
    assert "<style" not in html


def test_cells_are_escaped_exactly_once_in_row_heads_too() -> None:
    frame = pd.DataFrame({"rep": ["<i>A</i> & B", ""], "product_line": ["<i>C</i>", "Pumps"], "sales": [1.0, 2.0]})
    html = table_html(show_frames.finding("bars", frame, {}, None), "en", "x")
    assert ">&lt;i&gt;A&lt;/i&gt; &amp; B</th>" in html
    assert ">&lt;i&gt;C&lt;/i&gt;</td>" in html
    assert '<span class="snb-muted">All</span></th>' in html


def test_long_tables_are_cut_and_counted() -> None:
    count = MOST_ROWS + 1_234
    frame = pd.DataFrame({"customer": [f"c{i}" for i in range(count)], "sales": 1.0})
    html = table_html(show_frames.finding("bars", frame, {}, None), "en", "x")
    assert html.count('scope="row"') == MOST_ROWS
    assert "and 1,234 more rows" in html


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_text_of_data_stays_text(name: str, lang: str) -> None:
    made = show_frames.bullet((name, "Wu Min", name))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        html = sentence_html(made, lang) + evidence_html(made, lang)
    assert "<script" not in html
    assert "\u202e" not in html
    assert "\x00" not in html
    assert not {"onload", "script"} & tags_and_attributes(html)
    assert len(drawings(html)) == 2
    ElementTree.fromstring(sentence_html(made, lang))


def test_emoji_and_markup_reach_the_drawing_as_they_are() -> None:
    made = show_frames.bullet(("😀 P", "$x$ #1b1d20"))
    assert {"😀 P", "$x$ #1b1d20"} <= set(texts(drawings(evidence_html(made, "en"))[0]))


def test_drawing_leaves_the_settings_of_matplotlib_alone() -> None:
    before = dict(mpl.rcParams)
    evidence_html(show_frames.line(), "zh")
    assert dict(mpl.rcParams) == before


def test_settings_of_matplotlib_leave_a_drawing_alone() -> None:
    before = evidence_html(show_frames.line(), "en")
    with mpl.rc_context({"figure.dpi": 150, "savefig.bbox": "tight", "lines.scale_dashes": False}), plt.xkcd():
        assert evidence_html(show_frames.line(), "en") == before


def test_lines_go_over_gaps_and_end_with_a_dot_at_the_last_month() -> None:
    wide = drawings(evidence_html(show_frames.line(), "en"))[0]
    last_year, target, value = (p.get("points", "") for p in wide.iter() if p.tag.endswith("polyline"))
    assert [len(line.split()) for line in (last_year, target, value)] == [2, 3, 3]
    dot = next(c for c in wide.iter() if c.tag.endswith("circle"))
    assert value.split()[-1] == f"{dot.get('cx')},{dot.get('cy')}"
    assert {"9M last year", "9.6M target", "8.54M", "Jul", "Aug", "Sep", "5M"} <= set(texts(wide))


def test_a_line_of_which_nothing_is_known_is_left_out() -> None:
    made = show_frames.line()
    frame = made.rows.assign(target=None, sales_last_year=None)
    wide = drawings(evidence_html(replace(made, rows=frame), "en"))[0]
    assert sum(p.tag.endswith("polyline") for p in wide.iter()) == 1
    assert not any("target" in text for text in texts(wide))


def test_a_bundle_carries_text_both_languages_and_the_facts() -> None:
    made = show_frames.bullet()
    bundle = sentence_output(made)
    assert bundle["text/plain"] == "2.58M of 3M: 420K short; Chen Hao −450K."
    assert bundle[PAGE]["said"]["en"] == [bundle["text/plain"]]
    assert "差42万" in re.sub("<[^>]*>", "", bundle[PAGE]["zh"])
    assert bundle[FACTS] == {"finding": "trial.bullet", "facts": made.facts()}
    assert FACTS not in evidence_output(made)
    shown = evidence_output(made)
    assert page_html(shown, "en") == shown["text/html"] == evidence_html(made, "en")
    assert shown[PAGE].keys() == {"zh", "kind", "front", "width", "finding", "quiet"}
    assert "<style>" in masthead_output(show_frames.SimpleNamespace(scope=made.scope))["text/html"]


def test_a_notebook_in_both_languages_carries_each_page_once() -> None:
    for made in (show_frames.bullet(), replace(show_frames.cards(), front="figure")):
        for output in (sentence_output(made), evidence_output(made)):
            shown = in_notebook(output, ("en", "zh"))
            assert [page_html(shown, lang) for lang in ("en", "zh")] == [
                page_html(output, lang) for lang in ("en", "zh")
            ]
            assert page_html(shown, "zh") in shown["text/html"]
            assert isinstance(shown[PAGE]["zh"], list)


def test_first_language_of_the_scope_leads() -> None:
    made = show_frames.bullet(own=show_frames.scope(("zh",), team="all"))
    assert sentence_output(made)["text/plain"].startswith("销售额")
    assert set(sentence_output(made)[PAGE]) == {"kind", "said", "finding", "quiet", "front"}
    assert "全公司" in masthead_output(made)["text/html"]


def test_evidence_of_no_rows_is_a_table_of_nothing() -> None:
    rows = pd.DataFrame(columns=["product_line", "sales"])
    empty = Finding("trial.needs", show_frames.scope(), rows, Say("said"))
    assert not re.search("<(svg|table)", evidence_html(empty, "en"))


def test_a_rate_of_too_few_cases_gives_its_count_instead() -> None:
    frame = pd.DataFrame({"product_line": ["Wu", "Li"], "closed_deals": [44.0, 7.0], "win_rate": [0.25, 0.857]})
    made = show_frames.finding("bars", frame, {"names": (0, 1), "worst": 1}, None)
    page = evidence_html(made, "en")
    assert re.search(r'class="snb-right">25.0</td>', page)
    assert "85.7" not in page
    assert "n 7" in page
    assert "样本7" in evidence_html(made, "zh")
    assert [f["value"] for f in made.facts() if f["metric"] == "win_rate"] == [0.25, 0.857]


def test_a_card_of_too_few_cases_shows_no_rate() -> None:
    columns = ["kpi", "month", "actual", "cases", "target", "gap", "attainment", "light"]
    rows = [
        ("win_rate", "", 0.857, 7.0, 0.3, 0.557, 2.86, "none"),
        *(("win_rate", f"2025-0{m}", 0.3 + m / 100, 12.0, None, None, None, "") for m in (6, 7, 8)),
        ("aov", "", 100.0, None, None, None, None, "none"),
    ]
    made = show_frames.finding("cards", pd.DataFrame(rows, columns=columns), {"first": 0}, Chart("cards"))
    card = evidence_html(made, "en").split("<li>")[1]
    assert "85.7%" not in card
    assert "snb-trend" not in card
    assert "n 7" in card
    assert "30.0%" in card


@pytest.mark.parametrize("word", show_frames.every())
def test_rows_are_plain_values(word: str) -> None:
    finding = show_frames.every()[word]
    told = rows_of(finding)
    assert [c["name"] for c in told["columns"]] == list(finding.rows.columns)
    assert len(told["rows"]) == len(finding.rows)
    assert json.loads(json.dumps(told, allow_nan=False)) == told
