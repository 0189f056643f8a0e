"""Every page of a real run in a real browser, network off: the sample's teams, company and indexes, both languages."""

import json
from urllib.parse import unquote, urlsplit

import pytest

from tests import chromium
from tests.chromium import broken_references, faint, overlaps, reading, tabbed, violations
from tests.paper import Paper

pytestmark = chromium.in_chromium
WIDTHS = (360, 390, 768, 1280)
OVERFLOW = "[...document.querySelectorAll('html, body')].map(e => getComputedStyle(e).overflowX)"


@pytest.fixture(scope="module")
def browser():
    with chromium.running() as browser:
        yield browser


@pytest.fixture(scope="module")
def pages(sample):
    """Every page that the run wrote: what it says it made, and the indexes."""
    found = sorted(sample.parent.rglob("*.html"))
    made = json.loads((sample / "run.json").read_text(encoding="utf-8"))["notebooks"]
    assert {sample / page for notebook in made for page in notebook["page"].values()} < set(found)
    assert len(made) == 4 + 4 + 5
    return found


def kinds(pages):
    """Leave out a team whose pages are of the same kinds as another's."""
    return [page for page in pages if page.parent.name != "Central"]


def english(pages):
    """Leave out what differs from another page in its words only."""
    return [page for page in kinds(pages) if not page.name.endswith(".zh.html")]


def test_no_page_scrolls_sideways_or_sets_text_over_text(pages, browser):
    with reading(browser) as reader:
        for file in pages:
            page = reader.open(file)
            assert page.evaluate("document.documentElement.lang") in {"en", "zh-CN"}
            assert page.evaluate(OVERFLOW) == ["visible", "visible"]
            for width in WIDTHS:
                page.set_viewport_size({"width": width, "height": 844})
                assert page.evaluate("document.documentElement.scrollWidth") <= width, (file, width)
                assert overlaps(page) == [], (file, width)


def test_without_javascript_all_of_a_page_is_there(pages, browser):
    """But for the search, which is one of the browser's own without it."""
    shown = (
        "document.querySelectorAll('search, [role=search]').forEach(e => e.remove()), document.body.innerText"
    )
    with reading(browser) as scripted, reading(browser, java_script_enabled=False) as plain:
        for file in pages:
            full = scripted.open(file).evaluate(shown)
            bare = plain.open(file).evaluate(shown)
            assert set(full.split()) - set(bare.split()) == set(), file
            assert len(bare.split()) > 20


def test_every_link_and_reference_leads_to_something(pages, browser):
    ids, links = {}, {}
    with reading(browser) as reader:
        for file in pages:
            page = reader.open(file)
            assert broken_references(page) == [], file
            ids[file] = set(page.evaluate("[...document.querySelectorAll('[id]')].map(e => e.id)"))
            links[file] = page.evaluate("[...document.querySelectorAll('a[href]')].map(a => a.href)")
    for file, hrefs in links.items():
        assert hrefs
        for href in hrefs:
            parts = urlsplit(href)
            target = type(file)(unquote(parts.path))
            assert target in ids, (file, href)
            assert not parts.fragment or unquote(parts.fragment) in ids[target], (file, href)


def test_a_change_of_language_keeps_the_place(sample, browser):
    """Each section has a way to itself in the other language, which needs no script."""
    context = browser.new_context(offline=True, java_script_enabled=False)
    page = context.new_page()
    page.goto((sample / "South" / "diagnosis.html").as_uri())
    for lang, name in (("zh-CN", "diagnosis.zh.html"), ("en", "diagnosis.html")):
        page.locator(f"#drivers a[hreflang={lang}]").click()
        page.wait_for_url(f"**/{name}#drivers")
        assert page.locator("html").get_attribute("lang") == lang
        assert 0 <= page.locator("#drivers").bounding_box()["y"] < 100
    context.close()


@pytest.mark.parametrize("width", [390, 1280])
def test_the_keyboard_reaches_everything_and_shows_where_it_is(pages, browser, width):
    with reading(browser, width) as reader:
        for file in english(pages):
            assert tabbed(reader.open(file)) == ([], []), file


def test_axe_finds_nothing(pages, browser):
    """Colours are the same in every language: they are looked at once, and in all pages by the test of all text."""
    with reading(browser, 390) as reader:
        for file in kinds(pages):
            chinese = file.name.endswith(".zh.html")
            assert violations(reader.open(file), without="color-contrast" if chinese else "") == [], file


def test_axe_finds_no_faint_text_in_the_dark(pages, browser):
    with reading(browser, color_scheme="dark") as reader:
        for file in english(pages):
            assert violations(reader.open(file, unfolded=False), "color-contrast") == [], file


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_stands_out_from_the_paper_in_figures_too(pages, browser, scheme):
    with reading(browser, color_scheme=scheme) as reader:
        for file in pages:
            assert faint(reader.open(file)) == [], file


def test_on_paper_nothing_is_cut_or_lies_over_anything_and_heads_are_repeated(pages, browser):
    for file in english(pages):
        page = browser.new_page()
        page.goto(file.as_uri())
        paper = Paper.read(page.pdf(prefer_css_page_size=True, tagged=True))
        page.close()
        assert sorted(round(float(side)) for side in paper.reader.pages[0].mediabox[2:]) == [595, 842], file
        assert (paper.cut(), paper.headless(), paper.alone(), paper.overlaps()) == ([], [], [], []), file
