"""The system's Chromium for tests: pages opened with the network cut, and questions to ask of a page that is open."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

_PROGRAMS = ("chromium-headless-shell", "chromium", "chromium-browser")
"""The lightest first: what tests need no window for, it does for half the work."""
CHROMIUM = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, _PROGRAMS)), "")
_QUESTIONS = Path(__file__).with_suffix(".js").read_text(encoding="utf-8").rstrip()
ARGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"]

in_chromium = [
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM, reason="no Chromium found: set CHROMIUM or install the package chromium"),
]
"""Marks of a module whose tests drive the browser."""


@contextmanager
def running() -> Iterator[Any]:
    """Run a browser. While it runs, this process has an event loop, so no notebook can run in it."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        yield browser
        browser.close()


@dataclass
class Reading:
    """A reader with one page open at a time, and everything the pages asked for or complained of."""

    page: Any
    asked: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    _own: str = ""

    def open(self, file: Path, *, unfolded: bool = True) -> Any:
        """Open a file; unfold what is folded, so that all of it is looked at."""
        self._own = file.as_uri()
        self.page.goto(self._own)
        if unfolded:
            self.page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        return self.page

    def serve(self, route: Any) -> None:
        """Let the page itself through and nothing else, not even a file beside it."""
        url = route.request.url
        if url.partition("#")[0] == self._own:
            route.continue_()
        else:
            self.asked.append(f"{url} by {self._own}")
            route.abort()

    def note(self, kind: str, text: str) -> None:
        """Keep what the page complained of, with where."""
        self.said.append(f"{kind} in {self._own}: {text}")

    def refuse(self, dialog: Any) -> None:
        """Close a dialog, which no page of ours opens."""
        self.note("dialog", dialog.message)
        dialog.dismiss()


@contextmanager
def reading(browser: Any, width: int = 1280, **wish: Any) -> Iterator[Reading]:
    """Give a reader without network; at the end its pages must have asked for nothing and complained of nothing."""
    context = browser.new_context(viewport={"width": width, "height": 844}, offline=True, **wish)
    reader = Reading(context.new_page())
    context.route("**/*", reader.serve)
    reader.page.on("console", lambda m: reader.note(m.type, m.text) if m.type in {"error", "warning"} else None)
    reader.page.on("pageerror", lambda fault: reader.note("error", str(fault)))
    reader.page.on("dialog", reader.refuse)
    yield reader
    context.close()
    if reader.asked or reader.said:
        raise AssertionError("\n".join([*reader.asked, *reader.said]))


@contextmanager
def beside(browser: Any, address: str, width: int) -> Iterator[Any]:
    """Give a page that reaches one server and nothing else; at the end it must have asked for nothing else."""
    context, asked = browser.new_context(viewport={"width": width, "height": 1000}), list[str]()

    def serve(route: Any) -> None:
        if route.request.url.startswith((address, "data:", "blob:")):
            route.continue_()
        else:
            asked.append(route.request.url)
            route.abort()

    context.route("**/*", serve)
    yield context.new_page()
    context.close()
    assert asked == []


def violations(page: Any, *rules: str, without: str = "") -> list[str]:
    """Return what axe-core finds, by all its rules, those named or all but one; one line for each element."""
    from axe_playwright_python.base import AXE_SCRIPT

    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    wish: dict[str, Any] = {"resultTypes": ["violations"]}
    if rules:
        wish["runOnly"] = list(rules)
    if without:
        wish["rules"] = {without: {"enabled": False}}
    found = page.evaluate("wish => axe.run(wish)", wish)
    assert found["passes"], "axe-core looked at nothing"
    return [f"{v['id']}: {node['html'][:160]}" for v in found["violations"] for node in v["nodes"]]


def tabbed(page: Any) -> tuple[list[str], list[str]]:
    """Go through a page with the Tab key; return what was never reached, and what was but does not show it."""
    wanted = _asked(page, "wanted")
    _asked(page, "watch")
    for _ in range(wanted + 4):
        page.keyboard.press("Tab")
    unreached, unseen = set(range(wanted)), []
    for at, seen in _asked(page, "watched"):
        if at in unreached:
            unreached.discard(at)
            if not seen:
                unseen.append(_asked(page, "named", at))
    return [_asked(page, "named", at) for at in sorted(unreached)], unseen


def broken_references(page: Any) -> list[str]:
    """Return what a page refers to and does not have: ids that are missing or given twice, files that are not there."""
    found: list[str] = _asked(page, "broken")
    for href in page.evaluate("[...document.querySelectorAll('a')].map(a => a.href)"):
        if not href.startswith("file:"):
            found.append(f"leads elsewhere: {href!r}")
    return found


def overlaps(page: Any) -> list[str]:
    """Return pairs of texts that lie over one another, in figures too."""
    return [f"{a!r} and {b!r} in {where}" for where, a, b in _asked(page, "overlapping")]


def faint(page: Any) -> list[str]:
    """Return text with less contrast than 4.5 to what lies behind it, in figures too, which axe-core passes over."""
    found: list[str] = _asked(page, "faint")
    return found


def _asked(page: Any, question: str, *given: Any) -> Any:
    """Ask one of the questions in chromium.js."""
    return page.evaluate(f"given => ({_QUESTIONS}).{question}(...given)", list(given))
