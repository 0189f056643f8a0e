"""The sample company's own pages in a real browser, network off."""

import pytest

from tests.page.test_browser import OVERLAPS, browser, pytestmark  # noqa: F401


@pytest.mark.parametrize("width", [360, 390, 768, 1280])
def test_no_page_scrolls_sideways_asks_for_anything_or_complains(sample, browser, width):  # noqa: F811
    context = browser.new_context(viewport={"width": width, "height": 800}, offline=True)
    page = context.new_page()
    asked, said = [], []
    page.on("request", lambda r: asked.append(r.url))
    page.on("console", lambda m: said.append((page.url, m.text)) if m.type in {"error", "warning"} else None)
    page.on("pageerror", lambda e: said.append((page.url, str(e))))
    files = [f for team in ("South", "all") for f in sorted((sample / team).glob("*.html"))]
    files += [*sorted(sample.glob("*.html")), *sorted(sample.parent.glob("*.html"))]
    assert len(files) == 2 * (4 + 5 + 1 + 1)
    for file in files:
        page.goto(file.as_uri())
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, file
        assert page.locator("h1").count() == 1
        assert page.evaluate("document.documentElement.lang") in {"en", "zh-CN"}
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert said == []
    context.close()


def test_on_paper_nothing_lies_over_anything(sample, browser):  # noqa: F811
    context = browser.new_context(viewport={"width": 688, "height": 1000})  # A4 less its margins
    page = context.new_page()
    page.emulate_media(media="print")
    for file in sorted(sample.rglob("*.html")):
        page.goto(file.as_uri())
        assert page.evaluate(OVERLAPS) == [], file
    context.close()
