"""Text that comes from data, made safe for a page: escaped, on one line, unable to turn the text around it."""

from __future__ import annotations

import html
import re
import unicodedata

# Controls and the marks that reverse or isolate what follows them; they would garble a page or break an SVG.
_UNSAFE = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
)


def plain(text: str) -> str:
    """Return text on one line, without control characters and direction marks."""
    return " ".join(_UNSAFE.sub("", text.replace("\x0b", " ")).split())


def escaped(text: str) -> str:
    """Return text ready to stand in HTML, in an element or in a quoted attribute."""
    return html.escape(plain(text), quote=True)


def width(text: str) -> float:
    """Return the width of text in ems, roughly: Chinese is one wide, Latin letters are a little over half."""
    return sum(
        1.0 if unicodedata.east_asian_width(c) in "WF" else 0.3 if c in " .,:;|il1'" else 0.58 for c in text
    )


def shortened(text: str, ems: float) -> str:
    """Return text cut with an ellipsis where it is wider than ``ems``; the full text stands in the table."""
    text = plain(text)
    if width(text) <= ems:
        return text
    kept = ""
    for character in text:
        if width(kept + character) + 0.8 > ems:
            break
        kept += character
    return kept.rstrip() + "…"


def slug(text: str) -> str:
    """Return text as an anchor: letters, digits and hyphens."""
    return re.sub(r"[^0-9a-z]+", "-", text.lower()).strip("-")
