"""Pages in a real browser: nothing is fetched, nothing scrolls sideways, nothing needs JavaScript."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from salesnb.report.page import export
from tests import chromium, show_frames

pytestmark = chromium.in_chromium


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium.running() as running:
        yield running


@pytest.fixture(params=["en", "zh"])
def page_file(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    show_frames.install(monkeypatch)
    made = show_frames.every()
    made["bullet"] = show_frames.bullet(("王" * 60, "Unbreakablenamewithnospacesatallandthensome" * 3))
    path = tmp_path / "page.html"
    path.write_text(export(show_frames.notebook(made), request.param, now=datetime(2025, 9, 22)), encoding="utf-8")
    return path


@pytest.mark.parametrize("width", [320, 360, 390, 768, 1280])
@pytest.mark.parametrize("opened", [False, True])
def test_no_request_no_error_no_sideways_scroll(browser: Any, page_file: Path, width: int, opened: bool) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800})
    page = context.new_page()
    requests: list[str] = []
    errors: list[str] = []
    page.on("request", lambda r: requests.append(r.url))
    page.on("console", lambda m: errors.append(m.text) if m.type in {"error", "warning"} else None)
    page.on("pageerror", lambda e: errors.append(str(e)))
    page.goto(page_file.as_uri())
    if opened:
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert [r for r in requests if r != page_file.as_uri() and not r.startswith("data:")] == []
    assert errors == []
    shown = page.evaluate(
        "[...document.querySelectorAll('figure.snb-drawn svg')].map(s => s.getBoundingClientRect().width > 0)"
    )
    assert sum(shown) * 2 == len(shown)
    context.close()


def test_page_reads_without_javascript_and_every_anchor_resolves(browser: Any, page_file: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(page_file.as_uri())
    anchors = page.locator('a[href^="#"]')
    assert anchors.count() > 5
    for i in range(anchors.count()):
        target = anchors.nth(i).get_attribute("href")
        assert page.locator(f"[id='{target[1:]}']").count() == 1
    page.locator(".snb summary").first.click()
    assert page.locator("details[open] table").first.is_visible()
    assert page.locator("h1").count() == 1
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_the_paper(browser: Any, page_file: Path, scheme: str) -> None:
    context = browser.new_context(color_scheme=scheme)
    page = context.new_page()
    page.goto(page_file.as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert chromium.faint(page) == []
    context.close()


def test_on_paper_prose_and_evidence_do_not_lie_over_one_another(browser: Any, page_file: Path) -> None:
    context = browser.new_context(viewport={"width": 688, "height": 1000})  # A4 less its margins
    page = context.new_page()
    page.goto(page_file.as_uri())
    page.emulate_media(media="print")
    assert page.evaluate(OVERLAPS) == []
    context.close()


@pytest.mark.parametrize("scripted", [True, False])
def test_a_link_into_a_folded_section_opens_it(
    browser: Any, tmp_path: Path, scripted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    show_frames.install(monkeypatch)
    book = show_frames.notebook(
        {"bullet": show_frames.bullet(), "bars": show_frames.bars(), "line": show_frames.line()}
    )
    for cell in book.cells:
        if cell.metadata.get("salesnb", {}).get("words", "").endswith(("bars", "line")):
            cell.metadata["salesnb"]["folded"] = True
    path = tmp_path / "page.html"
    path.write_text(export(book, "en", now=datetime(2025, 9, 22)), encoding="utf-8")
    context = browser.new_context(java_script_enabled=scripted, viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(path.as_uri())
    assert not page.locator("#line").is_visible()
    page.goto(f"{path.as_uri()}#line")
    page.locator("#line").wait_for(state="visible")
    assert not page.locator("#bars").is_visible()
    assert page.locator("summary:has(+ #line)").bounding_box()["y"] < 844
    context.close()


OVERLAPS = """() => [...document.querySelectorAll('section.finding')].filter(s => {
  const prose = s.querySelector('.prose');
  if (!prose) return false;
  const p = prose.getBoundingClientRect();
  return [...s.querySelectorAll('.shown table, .shown svg, .shown li')].some(e => {
    const r = e.getBoundingClientRect();
    return r.width && !e.closest('details:not([open])') && r.right > p.left + 1 && r.left < p.right - 1
      && r.bottom > p.top + 1 && r.top < p.bottom - 1;
  });
}).map(s => s.id)"""
