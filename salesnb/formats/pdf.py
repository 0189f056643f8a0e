"""Pages on paper: the whole report of a team as one PDF, or single pages, printed by a browser of this machine."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar

from salesnb.formats.binding import bound, single
from salesnb.formats.browser import SECONDS, Browser, BrowserError, browsing, find_browser, playwright_api
from salesnb.formats.fonts import check_fonts, fonts_for_print
from salesnb.formats.letters import readable
from salesnb.formats.team_report import TeamReport, file_name
from salesnb.report.page import page_name
from salesnb.stages import MEMO, stage_text

WHOLE = "report"
"""What the file of a whole report is called."""

START, INDEX = "start", "index"
"""What a team's first page is asked for as, and what the period's index is called."""

_DATES = re.compile(rb"/(CreationDate|ModDate) \(D:\d{14}\+00'00'\)")
_kept: ContextVar[Press | None] = ContextVar("_kept", default=None)


def pdf(report: TeamReport, lang: str) -> dict[str, bytes]:
    """Return the whole report as one PDF; where stages are asked for, a PDF of each of their pages instead."""
    order = sorted(report.stages, key=lambda stage: stage != MEMO)
    pages = {stage: report.page(stage, lang) for stage in order if lang in _pages(report, stage)}
    if report.wanted:
        start = report.start(lang) if START in report.wanted else None
        prints = {stage: single(page) for stage, page in [(START, start), *pages.items()] if page is not None}
    else:
        files = {name: stage for stage in pages for name in _pages(report, stage).values()}
        prints = {WHOLE: bound(pages, files, {stage: stage_text(stage, "name", lang) for stage in pages})}
    return {file_name(stem, lang, "pdf"): printed(page, report.scope["as_of"]) for stem, page in prints.items()}


def index(reports: Sequence[TeamReport], langs: Sequence[str]) -> dict[str, bytes]:
    """Return the period's index as PDF, in each language that there is one in."""
    place, period = reports[0].place, reports[0].period
    day = next((report.scope["as_of"] for report in reports if report.scope), f"{period[:4]}-01-01")
    found = place.read_all(f"{period}/{page_name(INDEX, lang)}" for lang in langs)
    pages = {lang: found.get(f"{period}/{page_name(INDEX, lang)}") for lang in langs}
    with printing():
        return {
            file_name(INDEX, lang, "pdf"): printed(single(page.decode()), day) for lang, page in pages.items() if page
        }


def printed(page: str, day: str) -> bytes:
    """Return a page, given as HTML, as PDF that is dated an ISO day: the same page gives the same bytes."""
    with printing() as press:
        content = readable(press.pdf(page))
    stamp = f"D:{day.replace('-', '')}000000+00'00'".encode()
    return _DATES.sub(lambda found: b"/%b (%b)" % (found[1], stamp), content)


class Press:
    """A browser that prints: started when there is something to print, and anew after one that broke down."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._browser: Browser | None = None

    def pdf(self, page: str) -> bytes:
        """Return a page, given as HTML, as PDF; raise BrowserError where that cannot be done."""
        try:
            if self._browser is None:
                self._browser = self._stack.enter_context(browsing(self._stack.enter_context(fonts_for_print())))
            return self._browser.pdf(page, SECONDS)
        except BrowserError:
            self.close()
            raise

    def close(self) -> None:
        """End the browser, if one was started."""
        self._browser = None
        self._stack.close()


@contextmanager
def printing() -> Iterator[Press]:
    """Give what prints; everything printed within, also further down, takes the same browser."""
    kept = _kept.get()
    if kept is not None:
        yield kept
        return
    press = Press()
    token = _kept.set(press)
    try:
        yield press
    finally:
        _kept.reset(token)
        press.close()


def check_printing(langs: Sequence[str]) -> None:
    """Raise BrowserError where this machine cannot print pages in these languages."""
    playwright_api()
    find_browser()
    if "zh" in langs:
        check_fonts()


def _pages(report: TeamReport, stage: str) -> dict[str, str]:
    """Return the file names of a stage's page by language."""
    return dict(report.record["stages"][stage]["pages"])
