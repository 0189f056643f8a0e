"""What is asked of pages in the browser can fail: each question, put to a page with just that fault."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import chromium
from tests.chromium import broken_references, faint, overlaps, reading, tabbed, violations

pytestmark = chromium.in_chromium


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium.running() as running:
        yield running


@pytest.fixture
def page(tmp_path: Path) -> Any:
    """Make a page of a body."""

    def made(body: str) -> Path:
        path = tmp_path / "a page (1).html"
        head = '<title>Page</title><meta charset="utf-8"><link rel="icon" href="data:,">'
        whole = f'<!DOCTYPE html><html lang="en"><head>{head}</head><body><main>{body}</main></body></html>'
        path.write_text(whole, encoding="utf-8")
        return path

    return made


@pytest.mark.parametrize(
    "body",
    [
        '<img src="https://example.org/a.png" alt="">',
        '<link rel="stylesheet" href="beside.css">',
        "<script>console.error('broken')</script>",
        "<script>nowhere()</script>",
        "<script>alert(1)</script>",
    ],
)
def test_a_request_an_error_and_a_dialog_are_noticed(browser: Any, page: Any, body: str) -> None:
    with pytest.raises(AssertionError, match=r"https?://|beside|broken|nowhere|dialog"), reading(browser) as reader:
        reader.open(page(body)).wait_for_timeout(50)


def test_a_page_without_fault_is_told_so(browser: Any, page: Any) -> None:
    good = (
        '<h1 id="a">Page</h1><p><a href="#a">Back</a></p><style>:focus-visible {outline: 2px solid blue}</style>'
        '<div tabindex="0" role="group" aria-label="Wide" style="width: 3em; overflow: auto"><pre>a line</pre></div>'
    )
    with reading(browser) as reader:
        opened = reader.open(page(good))
        assert violations(opened) == broken_references(opened) == overlaps(opened) == faint(opened) == []
        assert tabbed(opened) == ([], [])


def test_axe_notices_an_image_without_words(browser: Any, page: Any) -> None:
    with reading(browser) as reader:
        found = violations(reader.open(page('<h1>Page</h1><img src="data:,">')))
    assert [v.partition(":")[0] for v in found] == ["image-alt"]


def test_what_the_keyboard_does_not_reach_or_does_not_show_is_noticed(browser: Any, page: Any) -> None:
    body = (
        '<style>a:focus {outline: none}</style><a href="#x">shown by nothing</a><a href="#x" tabindex="-1">left out</a>'
        '<div style="height: 20px; overflow: auto"><p style="height: 90px">box</p></div>'
    )
    with reading(browser) as reader:
        unreached, unseen = tabbed(reader.open(page(body)))
    assert [("left out" in what) for what in unreached][:1] == [True]
    assert ["shown by nothing" in what for what in unseen][:1] == [True]


def test_what_a_page_refers_to_and_lacks_is_noticed(browser: Any, page: Any) -> None:
    body = (
        '<p id="a">1</p><p id="a">2</p><table><tr><td headers="gone">3</td></tr></table>'
        '<svg><rect fill="url(#none)"/></svg><a href="https://example.org">4</a>'
    )
    with reading(browser) as reader:
        found = broken_references(reader.open(page(body)))
    assert found == ["twice: a", "headers: gone", "fill: none", "leads elsewhere: 'https://example.org/'"]


def test_text_over_text_and_faint_text_are_noticed(browser: Any, page: Any) -> None:
    body = (
        '<p>below</p><p style="margin-top: -34px">above</p><p style="color: #999">faint</p>'
        '<svg width="200" height="40"><text x="0" y="20">one</text><text x="9" y="22" fill="#aaa">two</text></svg>'
        '<div style="height: 0; overflow: hidden"><p>hidden</p></div><p>after it</p>'
    )
    with reading(browser) as reader:
        opened = reader.open(page(body))
        assert overlaps(opened) == ["'below' and 'above' in ", "'one' and 'two' in "]
        assert [found.split()[0] for found in faint(opened)] == ["faint", "two"]
