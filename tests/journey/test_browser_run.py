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


def one_of_each(pages):
    """Return an English page of each kind: what differs from it in data or words only is left out."""
    others = {"index.html", "intake.html"}
    return [p for p in pages if not p.name.endswith(".zh.html") and (p.parent.name not in {"Central", "all"}
            or (p.parent.name == "all" and p.name in others))]  # fmt: skip


def chinese(pages):
    """Return a Chinese page of each template: notebook, start page and the two indexes."""
    wanted = {"diagnosis.zh.html", "index.zh.html"}
    return [p for p in pages if p.name in wanted and p.parent.name not in {"Central", "all"}]


@pytest.fixture(scope="module")
def seen(pages, browser):
    """What a reader sees of every page, each opened once: by file, what was asked of it and the answer."""
    found = {}
    with reading(browser) as reader:
        for file in pages:
            page = reader.open(file)
            ask = page.evaluate
            answers = {
                "lang": ask("document.documentElement.lang"),
                "overflow": ask(OVERFLOW),
                "broken": broken_references(page),
                "ids": set(ask("[...document.querySelectorAll('[id]')].map(e => e.id)")),
                "links": ask("[...document.querySelectorAll('a[href]')].map(a => a.href)"),
            }
            for scheme in ("dark", "light"):
                page.emulate_media(color_scheme=scheme)
                answers[scheme] = faint(page)
            for width in WIDTHS:
                page.set_viewport_size({"width": width, "height": 844})
                answers[width] = (ask("document.documentElement.scrollWidth") <= width, overlaps(page))
            found[file] = answers
    return found


def test_no_page_scrolls_sideways_or_sets_text_over_text(seen):
    for file, answers in seen.items():
        assert answers["lang"] in {"en", "zh-CN"}
        assert answers["overflow"] == ["visible", "visible"]
        assert [(file, width, answers[width]) for width in WIDTHS if answers[width] != (True, [])] == []


LENGTH = """() => [
  document.documentElement.scrollHeight,
  [...document.querySelectorAll('.finding')].filter(e => e.checkVisibility({contentVisibilityAuto: true})).length,
  [...new Intl.Segmenter('zh', {granularity: 'word'}).segment(document.body.innerText)].filter(w => w.isWordLike)
    .length,
]"""


def test_a_page_can_be_read_in_one_sitting(pages, browser):
    """As it opens on a phone: its height, the sections that are open, the words that are seen."""
    team_pages = [p for p in pages if p.parent.name in {"South", "Central", "all"}]
    assert len(team_pages) >= 2 * (4 + 4 + 5)
    with reading(browser, 390) as reader:
        for file in team_pages:
            high, sections, seen = reader.open(file, unfolded=False).evaluate(LENGTH)
            assert high <= (5000 if file.name.startswith("review") else 9000), (file, high)
            assert sections <= 12, (file, sections)
            assert seen <= 2500, (file, seen)


def test_without_javascript_all_of_a_page_is_there(pages, browser):
    """But for the search, which is one of the browser's own without it."""
    shown = "document.querySelectorAll('search, [role=search]').forEach(e => e.remove()), document.body.innerText"
    with reading(browser) as scripted, reading(browser, java_script_enabled=False) as plain:
        for file in one_of_each(pages) + chinese(pages):
            full = scripted.open(file).evaluate(shown)
            bare = plain.open(file).evaluate(shown)
            assert set(full.split()) - set(bare.split()) == set(), file
            assert len(bare.split()) > 20


def test_every_link_and_reference_leads_to_something(seen):
    assert {file: a["broken"] for file, a in seen.items() if a["broken"]} == {}
    for file, answers in seen.items():
        assert answers["links"]
        for href in answers["links"]:
            parts = urlsplit(href)
            target = type(file)(unquote(parts.path))
            assert target in seen, (file, href)
            assert not parts.fragment or unquote(parts.fragment) in seen[target]["ids"], (file, href)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_stands_out_from_the_paper_in_figures_too(seen, scheme):
    assert {file: answers[scheme] for file, answers in seen.items() if answers[scheme]} == {}


def test_a_change_of_language_keeps_the_place(sample, browser):
    """Each section has a way to itself in the other language, which needs no script."""
    context = browser.new_context(offline=True, java_script_enabled=False)
    page = context.new_page()
    page.goto((sample / "South" / "diagnosis.html").as_uri())
    for lang, name in (("zh-CN", "diagnosis.zh.html"), ("en", "diagnosis.html")):
        page.locator(f"#drivers a[hreflang={lang}]").first.click()  # a finding folded in it has its own
        page.wait_for_url(f"**/{name}#drivers")
        assert page.locator("html").get_attribute("lang") == lang
        assert 0 <= page.locator("#drivers").bounding_box()["y"] < 100
    context.close()


@pytest.mark.parametrize("width", [390, 1280])
def test_the_keyboard_reaches_everything_and_shows_where_it_is(pages, browser, width):
    with reading(browser, width) as reader:
        for file in one_of_each(pages):
            assert tabbed(reader.open(file)) == ([], []), file


def test_axe_finds_nothing(pages, browser):
    """Contrast is looked at in each scheme by the tests beside this one."""
    with reading(browser, 390) as reader:
        for file in one_of_each(pages) + chinese(pages):
            assert violations(reader.open(file), without="color-contrast") == [], file


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_faint_text(pages, browser, scheme):
    """On one page of each template; all text of every page is held to the same contrast above."""
    with reading(browser, color_scheme=scheme) as reader:
        for file in (file.with_name(file.name.replace(".zh", "")) for file in chinese(pages)):
            assert violations(reader.open(file, unfolded=False), "color-contrast") == [], file


def test_on_paper_nothing_is_cut_or_lies_over_anything_and_heads_are_repeated(pages, browser):
    for file in one_of_each(pages):
        page = browser.new_page()
        page.goto(file.as_uri())
        paper = Paper.read(page.pdf(prefer_css_page_size=True, tagged=True))
        page.close()
        assert sorted(round(float(side)) for side in paper.reader.pages[0].mediabox[2:]) == [595, 842], file
        assert (paper.cut(), paper.headless(), paper.alone(), paper.overlaps()) == ([], [], [], []), file
