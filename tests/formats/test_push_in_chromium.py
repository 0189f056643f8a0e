"""A mail and the first page of a manager's folder in a real browser: readable at every width, and for everybody."""

from dataclasses import replace
from types import SimpleNamespace

import pytest
from nbformat import NotebookNode

from salesnb import words
from salesnb.formats.bundle_page import Part, front_page
from salesnb.formats.email import body
from salesnb.formats.memo import Card, Item, Memo
from salesnb.show.mime import PAGE
from tests.chromium import faint, in_chromium, overlaps, reading, running, tabbed, violations

pytestmark = in_chromium

LONG = "<script>alert(1)</script>\"'\u202e😀" + "长" * 100 + "x" * 100
COLUMNS = ("rep", "target", "sales", "gap", "attainment")
TRACKING = {
    "columns": [{"name": "rep", "kind": "dimension"},
                *({"name": c, "kind": "figure", "unit": "money"} for c in COLUMNS[1:4]),
                {"name": "attainment", "kind": "figure", "unit": "rate"}],
    "rows": [["", 3e5, 2e5, -1e5, 0.6667], ["Ann", 1e5, 5e4, -5e4, 0.5], [LONG, 2e5, 15e4, -5e4, None]],
}  # fmt: skip


def notebook():
    said = {lang: ["6.07M sold, 742K short."] for lang in words.LANGUAGES}
    page = {"said": said, "kind": "sentence", "finding": "review.verdict", "quiet": {}}
    output = NotebookNode(data={PAGE: page})
    return NotebookNode(cells=[NotebookNode(cell_type="code", outputs=[output])])


def report(team):
    scope = {"as_of": "2025-09-30", "period": "2025-09", "company": "Heng & Yu", "currency": "CNY"}
    return SimpleNamespace(
        team=team, folder="South", stages=["strategy", "review"], scope=scope, langs=["en", "zh"],
        notebook=lambda _: notebook(), rows=lambda _: {"tracking": TRACKING},
    )  # fmt: skip


def memo():
    item = Item(LONG, "417K", "measured", confidence="high", owner=LONG, due="21 Oct 2025")
    card = Card("Sales", "6.07M", "6.82M", "missed", "Missed")
    bare = Memo("South", "September 2025", "as of 30 Sep 2025", "CNY", True, LONG, (), (), (), (), (), ())
    cards = (card, replace(card, light="met", word="Met"), replace(card, light="amber", word="At risk", target=""))
    return replace(bare, cards=cards, problems=(item,), actions=(item,), outlook=(LONG,), since=("Nothing.",))


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pushed")
    parts = [
        Part(report("North"), (), True, frozenset({"index.html", "review.html", "review.xlsx", "facts.parquet"})),
        Part(report(LONG), ("Ann", LONG), False, frozenset({"actions.ics"})),
    ]
    texts = {f"{lang}-front": front_page(LONG, parts, lang, words.LANGUAGES) for lang in words.LANGUAGES}
    texts |= {f"{lang}-mail": body(memo(), lang) for lang in words.LANGUAGES}
    for name, text in texts.items():
        (folder / f"{name}.html").write_text(text, encoding="utf-8")
    return sorted(folder.glob("*.html"))


@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (390, "dark"), (1280, "dark")])
def test_pages_fit_and_are_accessible(pages, width, scheme):
    wrong = []
    with running() as browser, reading(browser, width, color_scheme=scheme) as reader:
        for file in pages:
            page = reader.open(file)
            if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                wrong.append(f"{file.name}: scrolls sideways")
            wrong += [f"{file.name}: {found}" for found in (*violations(page), *overlaps(page), *faint(page))]
            unreached, unseen = tabbed(page)
            wrong += [f"{file.name}: {found} by keyboard" for found in (*unreached, *unseen)]
    assert wrong == []
