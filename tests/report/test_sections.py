"""A heading that an analyst types over the catalogue's is the page's heading."""

import re
from dataclasses import replace
from datetime import datetime

import pytest
from nbformat import v4

from salesnb import words
from salesnb.report.page import export
from salesnb.report.proofs import places_of
from salesnb.report.sections import arrange
from salesnb.show.sentence import sentence_text
from tests import show_frames


def cell(source: str, word: str):
    return v4.new_markdown_cell(source, metadata={"salesnb": {"words": f"diagnosis.{word}"}})


def asked(word: str, lang: str = "en") -> str:
    return words.text("diagnosis", f"{word}.question", lang)


def test_a_typed_heading_stands_in_both_languages():
    copied = cell(f"## Who sells what to whom?\n\n{words.text('diagnosis', 'attainment.prose', 'en')}", "attainment")
    notebook = v4.new_notebook(cells=[cell(f"## {asked('attainment')}\n\nprose", "attainment"), copied])
    for lang in words.LANGUAGES:
        first, second = arrange(notebook, lang).sections
        assert first.question == asked("attainment", lang)
        assert second.question == "Who sells what to whom?"
        assert second.anchor != first.anchor


def test_the_catalogues_heading_in_any_language_is_given_in_the_pages():
    notebook = v4.new_notebook(cells=[cell(f"## {asked('attainment', 'zh')}", "attainment")])
    assert arrange(notebook, "en").sections[0].question == asked("attainment")


def test_a_typed_title_is_the_pages_and_the_stage_stays():
    notebook = v4.new_notebook(cells=[cell("# Channels of the East\n\nAsked by Wu Min.", "stage")])
    sheet = arrange(notebook, "zh")
    assert (sheet.title, sheet.intro, sheet.stage) == ("Channels of the East", "Asked by Wu Min.", "diagnosis")


# -- what is folded


@pytest.fixture
def book(monkeypatch):
    """A notebook of three findings whose last is folded."""
    show_frames.install(monkeypatch)
    made = show_frames.notebook(
        {"bullet": show_frames.bullet(), "bars": show_frames.bars(), "line": show_frames.line()}
    )
    heading(made, "line").metadata["salesnb"]["folded"] = True
    return made


def heading(book, word):
    return next(c for c in book.cells if c.metadata.get("salesnb", {}).get("words", "").endswith(f".{word}"))


def page_of(book, lang="en"):
    page = export(book, lang, now=datetime(2025, 9, 22))
    return page[page.index("<body") :]


def folds_of(page):
    """Heads of folds, each with the anchor of what it opens."""
    found = re.findall(r'<details class="folded"><summary>(.*?)</summary><(?:section|div) id="([^"]+)"', page, re.S)
    return {anchor: re.sub("<[^>]+>", "|", head).strip("|") for head, anchor in found}


@pytest.mark.parametrize("lang", words.LANGUAGES)
def test_a_folded_section_shows_its_question_and_its_sentence(book, lang):
    line = show_frames.line()
    page = page_of(book, lang)
    question = heading(book, "line").source
    assert set(folds_of(page)) == {"line"}
    assert folds_of(page)["line"].endswith(f"||{sentence_text(line, line.headline, lang)}")
    assert (question.partition("## ")[2].partition("\n")[0] in folds_of(page)["line"]) == (lang == "en")
    assert 'href="#line"' not in page[page.index("<nav") : page.index("</nav>")]


def test_what_failed_is_not_folded(book):
    book.cells.append(
        v4.new_code_cell("x", outputs=[v4.new_output("error", ename="KeyError", evalue="", traceback=[])])
    )
    assert folds_of(page_of(book)) == {}


def test_a_section_of_an_analyst_s_own_heading_is_open_though_its_copy_s_cell_says_folded(book):
    heading(book, "line").source = "## Sales by week, as I see them"
    assert folds_of(page_of(book)) == {}
    assert "Sales by week, as I see them" in page_of(book)


def several(*findings, mark=None):
    """A notebook with one section of several findings: their sentences first, then their evidence."""
    book = show_frames.notebook({"bullet": findings[0]})
    outputs = [show_frames.section("bullet", finding)[1:] for finding in findings]
    at = book.cells.index(heading(book, "bullet"))
    if mark:
        book.cells[at].metadata["salesnb"]["folded"] = mark
    book.cells[at + 1 :] = [cell for kind in zip(*outputs, strict=True) for cell in kind]
    return book


def test_findings_of_one_section_are_folded_one_by_one_under_what_they_are_by(book):
    page = page_of(several(show_frames.bullet(), show_frames.heat(), mark="each"))
    found = folds_of(page)
    assert list(found) == ["bullet-rep", "heat-rep-product-line"]
    assert [head.partition("||")[0] for head in found.values()] == ["Rep", "Rep × Product line"]
    assert page.count("<h3>") == 2


def test_of_several_findings_the_first_is_shown(book):
    page = page_of(several(show_frames.bullet(), show_frames.bars()))
    line, asked = show_frames.bars(), words.text("trial", "bars.question", "en")
    assert folds_of(page) == {"bars": f"{asked}||{sentence_text(line, line.headline, 'en')}"}
    shown = page[page.index('<section id="bullet"') : page.index('<details class="folded">')]
    assert "<table" in shown


def test_figures_lead_into_the_fold_that_holds_them(book):
    sections = arrange(several(show_frames.bullet(), show_frames.heat(), mark="each"), "en").sections
    held = {section for _, section in places_of(sections).own.values()}
    assert held == {"bullet-rep", "heat-rep-product-line"}


def test_of_findings_in_one_section_a_silent_one_is_named_at_the_end(book):
    silent = replace(show_frames.bars(), quiet=True)
    sheet = arrange(several(show_frames.bullet(), silent, mark="each"), "en")
    assert [fold.question for fold in sheet.sections[0].folds] == ["Rep"]
    assert [(q.endswith(" Product line"), why) for q, why in sheet.left_out] == [
        (True, sentence_text(silent, silent.headline, "en"))
    ]
