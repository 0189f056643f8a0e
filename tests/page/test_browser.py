"""Pages in a real browser: nothing is fetched, nothing scrolls sideways, nothing needs JavaScript."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from salesnb.report.export import export
from tests import show_frames

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser") or ""
ARGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not CHROMIUM, reason="no Chromium found: set CHROMIUM or install the package chromium"
    ),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        yield running
        running.close()


@pytest.fixture(params=["en", "zh"])
def page_file(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    show_frames.install(monkeypatch)
    made = show_frames.every()
    made["bullet"] = show_frames.bullet(("王" * 60, "Unbreakablenamewithnospacesatallandthensome" * 3))
    path = tmp_path / "page.html"
    path.write_text(
        export(show_frames.notebook(made), request.param, now=datetime(2025, 9, 22)), encoding="utf-8"
    )
    return path


@pytest.mark.parametrize("width", [320, 360, 390, 768, 1280])
@pytest.mark.parametrize("opened", [False, True])
def test_no_request_no_error_no_sideways_scroll(
    browser: Any, page_file: Path, width: int, opened: bool
) -> None:
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
    page.locator("summary").first.click()
    assert page.locator("details[open] table").first.is_visible()
    assert page.locator("h1").count() == 1
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_the_paper(browser: Any, page_file: Path, scheme: str) -> None:
    context = browser.new_context(color_scheme=scheme)
    page = context.new_page()
    page.goto(page_file.as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    faint = page.evaluate(_CONTRAST)
    assert faint == []
    context.close()


_CONTRAST = """() => {
  const parse = c => (c.match(/[\\d.]+/g) || []).map(Number);
  const lum = ([r, g, b]) => [r, g, b].map(v => (v /= 255) <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((s, v, i) => s + v * [.2126, .7152, .0722][i], 0);
  const behind = e => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor);
    if (c.length === 3 || c[3] > 0) return c; } return [255, 255, 255]; };
  const found = [];
  for (const e of document.querySelectorAll('body *')) {
    const own = [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
    if (!own || !e.getClientRects().length || ['STYLE', 'TITLE'].includes(e.tagName)) continue;
    const style = getComputedStyle(e);
    const colour = parse(e instanceof SVGElement ? style.fill : style.color);
    const [a, b] = [lum(colour), lum(behind(e))].sort((x, y) => y - x);
    if ((a + .05) / (b + .05) < 4.5) found.push(e.textContent.trim().slice(0, 40) + ' ' + colour + ' on ' + behind(e));
  }
  return found;
}"""


def test_on_paper_prose_and_evidence_do_not_lie_over_one_another(browser: Any, page_file: Path) -> None:
    context = browser.new_context(viewport={"width": 688, "height": 1000})  # A4 less its margins
    page = context.new_page()
    page.goto(page_file.as_uri())
    page.emulate_media(media="print")
    assert page.evaluate(OVERLAPS) == []
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
