"""The first screen of a page: what stands there, and where each of its figures leads."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from html import unescape

import pytest

from salesnb.findings.finding import Finding
from salesnb.report.page import Links, export
from salesnb.report.proofs import Places, places_of, proven
from salesnb.report.sections import arrange
from salesnb.report.siblings import together
from salesnb.report.told import told_by
from tests import show_frames

NOW = datetime(2025, 9, 22, 18, 6)


@pytest.fixture(autouse=True)
def _words(monkeypatch: pytest.MonkeyPatch) -> None:
    show_frames.install(monkeypatch)


def memo() -> dict[str, Finding]:
    """A verdict, cards and a list on the first screen, a bridge further down."""
    return {
        "bullet": replace(show_frames.bullet(), front="sentence", light="missed"),
        "cards": replace(show_frames.cards(), front="figure"),
        "list": replace(show_frames.ranking(), front="both"),
        "bridge": show_frames.bridge(),
    }


def made(lang: str = "en", links: Links | None = None) -> str:
    return export(show_frames.notebook(memo()), lang, now=NOW, links=links)


def first(page: str) -> str:
    return page[page.index('<div class="verdict">') : page.index('<nav class="anchors"')]


def test_first_screen_holds_verdict_light_cards_and_list_before_the_anchors() -> None:
    page = made().partition("<body")[2]
    order = [page.index(x) for x in ("<h1>", 'class="verdict"', "snb-cards", 'class="snb-list"', 'class="anchors"')]
    assert order == sorted(order)
    assert re.search(r'<p class="snb-stands"><span class="snb-light snb-red">.*?Missed</span></p>', first(page))


def test_anchors_name_the_sections_below_and_the_tables_of_the_first_screen_once() -> None:
    nav = re.search('<nav class="anchors".*?</nav>', made(), re.S)
    assert nav
    assert re.findall('href="#([^"]+)"', nav[0]) == ["bridge", "bullet"]
    assert "Tables behind the key figures" in nav[0]


def test_drawings_stand_on_the_first_screen_once_and_their_tables_after_all_other_sections() -> None:
    page = made()
    assert page.count('class="snb-cards"') == page.count('<ol class="snb-list"') == 1
    assert re.findall(r'<section id="([^"]+)"', page) == ["bridge", "bullet", "cards", "list"]
    behind = page[page.index('<section id="cards"') :]
    assert "<table" in behind
    assert "snb-cards" not in behind


def test_a_sentence_that_only_its_drawing_needs_stays_below() -> None:
    blocks = re.findall(r'id="first-(\w+)"(.*?)</section>', first(made()), re.S)
    assert [(name, "snb-sentence" in block) for name, block in blocks] == [("cards", False), ("list", True)]
    undrawn = replace(memo()["list"], chart=None, front="figure")
    page = export(show_frames.notebook({"bullet": memo()["bullet"], "list": undrawn}), "en", now=NOW)
    assert "snb-sentence" in first(page).partition('id="first-list"')[2]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_figure_of_the_first_screen_leads_to_a_section_of_the_page_that_holds_it(lang: str) -> None:
    page = made(lang)
    links = re.findall(r'<a class="snb-fact" data-fact="([^"]*)"( href="#([^"]*)")?>', first(page))
    assert len(links) > 5
    assert all(anchor and f'<section id="{anchor}"' in page for _, _, anchor in links)
    in_head = re.search('<p class="snb-said">(.*?)</p>', first(page))
    assert in_head
    assert not re.search(r"\d", re.sub("<a .*?</a>", "", in_head[1]))


def test_what_breaks_a_figure_up_proves_it_before_its_own_table_does() -> None:
    """The bridge's total is the effect of all, which the list's second fact is not."""
    link = '<a class="snb-fact" data-fact="list/effect/">'
    own = Places({("list", "effect", ""): (-410e3, "list")}, {("effect", ""): [(-410e3, "bridge"), (5.0, "x")]})
    assert proven(link, own) == '<a class="snb-fact" data-fact="list/effect/" href="#bridge">'
    other = Places({}, {("effect", ""): [(-410e3, "problems")]})
    bare = Places(own.own, {("effect", ""): [(-400e3, "bridge")]})
    assert 'href="#list"' in proven(link, bare)
    led = proven(link, bare, [("targets.html", Places()), ("diagnosis.html", other)])
    assert 'href="diagnosis.html#problems"' in led
    assert proven(led, bare, [("diagnosis.html", other)]) == led
    assert 'href="#list"' in proven(led, bare)


def test_the_figure_of_a_kpi_is_found_under_its_own_name() -> None:
    link = '<a class="snb-fact" data-fact="kpis/actual/kpi=win_rate">'
    own = Places({("kpis", "actual", "kpi=win_rate"): (0.31, "kpis")}, {})
    deals = Places({}, {("win_rate", ""): [(0.31, "deals")], ("win_rate", "rep=Wu"): [(0.31, "wrong")]})
    assert 'href="diagnosis.html#deals"' in proven(link, own, [("diagnosis.html", deals)])
    assert "href" not in proven('<a class="snb-fact" data-fact="kpis/actual/kpi=aov">', own)


def test_places_are_those_of_shown_sections_and_not_of_the_first_screen() -> None:
    quiet = replace(show_frames.bars(), quiet=True)
    sheet = arrange(show_frames.notebook({**memo(), "bars": quiet}), "en")
    places = places_of(sheet.sections)
    assert places.own["cards", "actual", "kpi=sales"] == (8.54e6, "cards")
    assert ("actual", "kpi=sales") not in places.elsewhere
    assert places.elsewhere["effect", "kpi=sales"] == [(-410e3, "bridge")]
    assert not [key for key in places.own if key[0] == "bars"]


def test_pages_of_a_team_prove_each_other_s_figures() -> None:
    whole, part = show_frames.notebook(memo()), show_frames.notebook({"cards": show_frames.cards()})
    pages = {"review": export(whole, "en", now=NOW), "targets": export(part, "en", now=NOW)}
    places = {"review": told_by(whole, ["en"]).places, "targets": told_by(part, ["en"]).places}
    names = {"review": "review.html", "targets": "targets.html"}
    linked = together(pages, names, places, "en")
    link = re.search(r'data-fact="cards/actual/kpi=sales" href="([^"]*)"', linked["review"])
    assert link
    assert link[1] == "targets.html#cards"
    assert 'href="index.html"' in linked["targets"]


def test_facts_with_marks_in_their_names_are_led_as_well() -> None:
    evil = '"><b>=&'
    bullet = replace(show_frames.bullet((evil, "B")), front="sentence", light="missed")
    page = export(show_frames.notebook({"bullet": bullet}), "en", now=NOW)
    names = [unescape(n) for n in re.findall(r'data-fact="([^"]*)" href="#bullet"', page)]
    assert 'bullet/gap/rep="><b>%3D&' in names
    assert "<b>=" not in page


def test_each_section_leads_to_itself_in_the_other_language_and_back_to_the_top() -> None:
    links = Links("../index.html", {"zh": "review.zh.html"})
    page = made(links=links)
    for anchor in ("bridge", "bullet", "cards", "list"):
        section = page[page.index(f'<section id="{anchor}"') :].partition("</section>")[0]
        assert f'href="review.zh.html#{anchor}"' in section
        assert 'href="#top"' in section
    assert 'id="top"' in page
    assert set(re.findall(r'<section id="([^"]+)"', page)) == set(re.findall(r'<section id="([^"]+)"', made("zh")))
