"""What shows text: the font of pages, the terminal, and the browser that prints pages."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator

from salesnb import words
from salesnb.doctor.check import Check, Request, fail, ok, warn

_SECONDS = 30
_BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
)
_MAC = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"


def look_at_font(_: Request) -> Iterator[Check]:
    """Look for a font of the system with Chinese glyphs: a browser here sets pages and their charts with it.

    The batch itself needs none: text stays text, and is set where a page is read.
    """
    from matplotlib.font_manager import findSystemFonts

    found = next((path for path in sorted(findSystemFonts()) if _knows(path)), "")
    yield ok("font", "found", path=found) if found else warn("font", "none")


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
    """Find Chromium or Chrome and have it say its version; only where pages are to be printed."""
    if not request.pdf:
        return
    named = os.environ.get("CHROMIUM", "")
    path = shutil.which(named) if named else next(filter(None, map(shutil.which, (*_BROWSERS, _MAC))), None)
    if path is None:
        yield fail("browser", "named", path=named) if named else fail("browser", "none")
        return
    try:
        ran = subprocess.run(
            [path, "--version"], stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace",
            timeout=_SECONDS,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as fault:
        yield fail("browser", "silent", path=path, reason=type(fault).__name__)
        return
    said = " ".join((ran.stdout or ran.stderr).split())
    if ran.returncode or not any(letter.isdigit() for letter in said):
        yield fail("browser", "silent", path=path, reason=said or ran.returncode)
    else:
        yield ok("browser", "answers", path=path, version=said)


def _sample() -> str:
    """Return Chinese that everyone needs: the name of this very check."""
    return words.text("doctor", "terminal.name", "zh")


def _knows(path: str) -> bool:
    """Tell whether a font has the glyphs of that text."""
    from matplotlib.ft2font import FT2Font

    try:
        glyphs = FT2Font(path).get_charmap()
    except (OSError, RuntimeError):
        return False
    return all(ord(letter) in glyphs for letter in _sample())
