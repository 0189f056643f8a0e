"""What shows text: the font of pages, the terminal, and the browser that prints pages."""

import sys
from collections.abc import Iterator

from salesnb import words
from salesnb.doctor.check import Check, Request, fail, ok, size, warn
from salesnb.formats.browser import SECONDS, BrowserError, browsing, find_browser
from salesnb.formats.fonts import fonts_for_print
from salesnb.show.letters import packaged_font, system_font


def look_at_font(request: Request) -> Iterator[Check]:
    """Look for a font with Chinese glyphs: a browser here sets pages and their charts with the system's.

    The batch itself needs none: text stays text, and is set where a page is read. A PDF takes the font that comes as a
    package where the system has none.
    """
    if found := system_font():
        yield ok("font", "found", path=found)
    elif request.pdf and (packaged := packaged_font()):
        yield ok("font", "packaged", path=packaged)
    else:
        yield fail("font", "boxes") if request.pdf else warn("font", "none")


def look_at_terminal(_: Request) -> Iterator[Check]:
    """Tell whether what the command prints may be Chinese."""
    encoding = sys.stdout.encoding or "ascii"
    try:
        _sample().encode(encoding)
    except (UnicodeEncodeError, LookupError):
        yield warn("terminal", "foreign", encoding=encoding)
    else:
        yield ok("terminal", "prints", encoding=encoding)


def look_at_browser(request: Request) -> Iterator[Check]:
    """Have the browser print a page; only where pages are to be printed."""
    if not request.pdf:
        return
    try:
        path = find_browser()
        with fonts_for_print() as fonts, browsing(fonts) as browser:
            printed = browser.pdf(f"<p>{_sample()}</p>", SECONDS)
            version = browser.version
    except BrowserError as fault:
        yield from (fail("browser", "problem", problem=p) for p in fault.problems)
        return
    yield ok("browser", "prints", path=path, version=version, size=size(len(printed)))


def _sample() -> str:
    """Return Chinese that everyone needs: the name of this very check."""
    return words.text("doctor", "terminal.name", "zh")
