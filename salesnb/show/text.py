"""Text that comes from data, made safe for a page: escaped, on one line, unable to turn the text around it."""

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


def fact_link(name: str) -> str:
    """Return the opening tag of a link to what proves a figure; where that is, only the finished page knows."""
    return f'<a class="snb-fact" data-fact="{escaped(name)}">'


def width(text: str) -> float:
    """Return the width of text in ems, roughly: Chinese is one wide, Latin letters are a little over half."""
    return sum(_advance(c) for c in text)


_WIDE = frozenset("WMwm@%\u2014\u2026")
"""Latin letters and signs nearly as wide as they are tall."""


def _advance(character: str) -> float:
    if unicodedata.east_asian_width(character) in "WF":
        return 1.0
    if character in " .,:;|il1'":
        return 0.3
    if character in _WIDE:
        return 0.96
    return 0.72 if character.isupper() else 0.56


def whole_clauses(text: str) -> str:
    """Return escaped text whose figures, and whose Chinese clauses of up to 14 characters, do not break over lines."""
    if not re.search(r"[\u4e00-\u9fff]", text):
        return re.sub(r"(?<=\d) (?=pts\b)", "\u00a0", escaped(text))
    return "".join(_clause(c) for c in re.split(r"(?<=[，。；：？！])", plain(text)) if c)


def _clause(clause: str) -> str:
    if width(clause) <= _CLAUSE:
        return f'<span class="snb-whole">{html.escape(clause)}</span>'
    parts = re.split(r"([−+]?\d[\d,.]*(?:万|亿|%|个百分点|年|月|日)?)", clause)
    return "".join(f'<span class="snb-whole">{p}</span>' if i % 2 else html.escape(p) for i, p in enumerate(parts))


_CLAUSE = 15.0


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
