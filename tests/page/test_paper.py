"""What is asked of printed pages can fail: each question, put to a page with just that fault."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests import chromium
from tests.paper import Paper

pytestmark = chromium.in_chromium
ROWS = "".join(f"<tr><th scope=row>{n}</th><td>value {n}</td></tr>" for n in range(90))
TABLE = f"<table><thead><tr><th>name</th><th>figure</th></tr></thead><tbody>{ROWS}</tbody></table>"
DRAWN = '<figure><svg role="img" aria-label="bars" width="90" height="{high}">{bars}</svg></figure>'


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium.running() as running:
        yield running


def printed(browser: Any, body: str) -> Paper:
    page = browser.new_page()
    page.set_content(f"<!DOCTYPE html><html lang=en><title>Page</title><body><h1>Page</h1>{body}</body></html>")
    pdf = page.pdf(format="A4", tagged=True)
    page.close()
    return Paper.read(pdf)


def figure(high: int, step: int = 50) -> str:
    bars = "".join(f'<rect y="{y}" width="60" height="20"/>' for y in range(0, high, step))
    return DRAWN.format(high=high, bars=bars)


def test_a_page_without_fault_is_told_so_though_its_table_goes_on(browser: Any) -> None:
    paper = printed(browser, f"<h2>Table</h2><p>It is long.</p>{TABLE}<h2>Figure</h2>{figure(300)}")
    assert len(paper.reader.pages) > 1
    assert paper.cut() == paper.headless() == paper.alone() == paper.overlaps() == []
    assert paper.text().count("value 89") == 1
    assert next(paper.whole.all("Table")).sheets >= {1, 2}


def test_a_figure_higher_than_a_sheet_is_cut(browser: Any) -> None:
    assert set(printed(browser, figure(1600)).cut()) == {"Figure on [2, 3]"}


def test_lists_in_a_figure_go_on_and_their_items_do_not(browser: Any) -> None:
    items = "".join(f"<li>step {n}</li>" for n in range(90))
    assert printed(browser, f"<figure><ol>{items}</ol></figure>").cut() == []
    lines = "<br>".join(f"line {n}" for n in range(80))
    assert printed(browser, f"<figure><ol><li>{lines}</li></ol></figure>").cut() == ["LI on [1, 2]"]


def test_a_row_and_a_title_that_go_on_are_cut(browser: Any) -> None:
    lines = "<br>".join(f"line {n}" for n in range(80))
    row = f"<table><tr><th>name</th><td>{lines}</td></tr></table>"
    assert printed(browser, row).cut() == ["TR on [1, 2]"]
    assert printed(browser, f"<h2>Title</h2><p>{lines}</p>").cut() == ["P on [1, 2]"]


def test_heads_that_are_not_repeated_are_noticed(browser: Any) -> None:
    style = "<style>thead {display: table-row-group}</style>"
    assert printed(browser, style + TABLE).headless() == ["Table on [1, 2] with heads on [1]"]


def test_a_heading_at_the_end_of_a_sheet_is_noticed(browser: Any) -> None:
    style = "<style>h2 {break-after: auto; margin: 0} figure {break-inside: avoid}</style>"
    body = f'{style}<div style="height: 820px"></div><h2>Alone</h2>{figure(400)}'
    assert printed(browser, body).alone() == ["H2 on [1], what follows on [2]"]


def test_text_over_text_is_noticed(browser: Any) -> None:
    over = '<p>written below</p><p style="margin-top: -34px">written above</p>'
    assert printed(browser, over).overlaps() == ["'written above' and 'written below' on 1"]
