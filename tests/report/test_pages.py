"""Pages from executed notebooks."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime

import pytest
from nbformat import v4

from salesnb.report.page import Links, export, page_of
from salesnb.report.siblings import linked
from salesnb.show.render import needs_text
from salesnb.show.sentence import sentence_text
from tests import show_frames

NOW = datetime(2025, 9, 22, 18, 6)


@pytest.fixture(autouse=True)
def _words(monkeypatch: pytest.MonkeyPatch) -> None:
    show_frames.install(monkeypatch)


def body(page: str) -> str:
    return page[page.index("<body") :]


def plain(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub("<[^>]*>", " ", re.sub("<style.*?</style>", "", html, flags=re.S)))


def test_page_leads_with_the_verdict_and_each_section_has_its_word_as_anchor() -> None:
    page = body(export(show_frames.notebook(), "en", now=NOW))
    order = [
        page.index(x) for x in ("<h1>", 'class="verdict"', "2.58M of 3M", '<section id="bullet"', '<section id="line"')
    ]
    assert order == sorted(order)
    assert page.count("2.58M of 3M: 420K short; Chen Hao −450K.</p>") == 1
    shown = [word for word in show_frames.every() if word != "needs"]
    assert re.findall(r'<section id="([^"]+)"', page) == shown
    assert page.count("<h1") == 1
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(re.findall(r'id="([^"]+)"', page))


@pytest.mark.parametrize(("lang", "heading"), [("en", "Not shown, and why"), ("zh", "未展示的内容及原因")])
def test_sections_with_nothing_to_tell_are_named_at_the_end_with_the_reason(lang: str, heading: str) -> None:
    silent = replace(show_frames.bars(), quiet=True)
    made = {"bullet": show_frames.bullet(), "bars": silent, "needs": show_frames.needs()}
    page = export(show_frames.notebook(made), lang, now=NOW)
    assert re.findall(r'<section id="([^"]+)"', page) == ["bullet"]
    assert re.findall('class="left-out"', page) == ['class="left-out"']
    end = plain(page[page.rindex("<summary>", 0, page.index('class="left-out"')) :])
    assert heading in end
    assert sentence_text(silent, silent.headline, lang) in end
    assert needs_text(made["needs"], lang) in end
    assert 'href="#bars"' not in page


def test_a_page_whose_findings_are_all_silent_still_shows_the_first() -> None:
    silent = replace(show_frames.bars(), quiet=True)
    page = export(show_frames.notebook({"bars": silent, "needs": show_frames.needs()}), "en", now=NOW)
    assert '<section id="bars"' in page


def test_page_in_chinese_takes_all_words_from_the_catalogue() -> None:
    page = export(show_frames.notebook(), "zh", now=NOW)
    assert '<html lang="zh-CN">' in page
    assert "差在谁身上？" in page
    assert "横条为销售额，竖线为目标。" in page
    known = {
        "Chen",
        "Hao",
        "Wu",
        "Min",
        "Lin",
        "Pumps",
        "Valves",
        "Service",
        "Heng",
        "Yu",
        "South",
        "English",
        "CNY",
        "salesnb",
    }
    words = set(re.findall(r"[A-Za-z]{2,}", plain(page[page.index("</title>") :])))
    assert words - known <= {"amp", "data", "files", "team", "needs", "SPAN"}


def test_input_and_parameters_stay_out_but_their_values_stand_in_the_footer() -> None:
    page = export(show_frames.notebook(), "en", now=NOW)
    assert "show.sentence" not in page
    assert "/home/x" not in page
    assert "data=files team=South" in page
    for said in ("won orders, cancelled ones left out", "from 1 Jan 2024 to 22 Sep 2025", "CNY", "Actual minus target"):
        assert said in page
    assert "Provisional" in page


def test_only_the_time_differs_between_two_exports() -> None:
    one = export(show_frames.notebook(), "en", now=NOW)
    two = export(show_frames.notebook(), "en", now=datetime(2026, 1, 1))
    assert one != two
    assert one.count("<time") == 1
    assert re.sub("<time.*?</time>", "", one) == re.sub("<time.*?</time>", "", two)


def test_page_needs_nothing_from_outside_and_is_small() -> None:
    page = export(show_frames.notebook(), "en", now=NOW)
    assert not re.search(r"<script|<iframe|@import|url\((?!#)|(?:src|href)=\"(?:https?:)?//", page)
    assert set(re.findall(r"https?://[^\s\"<]+", page)) <= {"http://www.w3.org/2000/svg"}
    assert len(page.encode()) < 300_000


def test_a_failed_cell_gives_a_plain_reason() -> None:
    book = show_frames.notebook({"bullet": show_frames.bullet()})
    trace = ["/srv/secret.py line 3", "KeyError: 'x'"]
    book.cells.append(
        v4.new_code_cell("x", outputs=[v4.new_output("error", ename="KeyError", evalue="'x'", traceback=trace)])
    )
    known = v4.new_output("error", ename="InputError", evalue="File a.csv is empty.", traceback=trace)
    book.cells.append(v4.new_code_cell("y", outputs=[known]))
    page = export(book, "en", now=NOW)
    assert "secret" not in page
    assert "an unexpected error (KeyError)" in page
    assert "This part could not be made: File a.csv is empty." in page


def test_own_sections_of_an_analyst_are_kept() -> None:
    book = show_frames.notebook({"bullet": show_frames.bullet()})
    book.cells.append(v4.new_markdown_cell("## My question <b>?\n\nWhy *so*?"))
    book.cells.append(v4.new_code_cell("df", outputs=[v4.new_output("execute_result", data={"text/plain": "<a> & 1"})]))
    book.cells.append(v4.new_code_cell("p", outputs=[v4.new_output("stream", name="stderr", text="/srv/warn")]))
    page = body(export(book, "en", now=NOW))
    assert '<section id="my-question-b"' in page
    assert "My question &lt;b&gt;?" in page
    assert "<em>so</em>" in page
    assert "<pre>&lt;a&gt; &amp; 1</pre>" in page
    assert "/srv/warn" not in page


def test_a_word_shown_twice_gets_two_anchors() -> None:
    book = show_frames.notebook({"bullet": show_frames.bullet()})
    book.cells += show_frames.section("bullet", show_frames.bullet(("A", "B")))
    assert re.findall(r'<section id="([^"]+)"', export(book, "en", now=NOW)) == ["bullet", "bullet-2"]


def test_hostile_names_stay_text_everywhere() -> None:
    evil = "<script>alert(1)</script>"
    page = export(
        show_frames.notebook({"bullet": show_frames.bullet((evil, "B"), show_frames.scope(team=evil))}), "en", now=NOW
    )
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_pages_link_to_each_other_and_to_their_index() -> None:
    english, chinese = (page_of(show_frames.notebook(), "diagnosis", lang, now=NOW) for lang in ("en", "zh"))
    assert 'href="diagnosis.zh.html"' in english
    assert 'href="../index.html"' in english
    assert 'href="../index.zh.html"' in chinese
    assert "All teams" not in export(show_frames.notebook(), "en", links=Links(), now=NOW)


def test_a_page_is_linked_to_the_team_s_others_in_the_order_of_the_loop_and_again_without_trace() -> None:
    page = page_of(show_frames.notebook(), "diagnosis", "en", now=NOW)
    others = {"review": "review.html", "own <b>": "own.html", "targets": "targets.html"}
    made = linked(page, others, "en")
    hrefs = re.findall(r'<li><a href="([^"]+)"', made[made.index('class="siblings"') :])[:3]
    assert hrefs == ["targets.html", "review.html", "own.html"]
    assert "own &lt;b&gt;" in made
    assert linked(made, {}, "en") == linked(page, {}, "en")
