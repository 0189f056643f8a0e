"""Cells as text made comparable: width, case and blanks; and the reason why one cannot be read."""

from __future__ import annotations

import unicodedata


class Unreadable(Exception):  # noqa: N818 - a fact about a cell, not a fault of the program
    """A cell cannot be read; ``reason`` is its code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


BLANKS = " \t\r\n\v\f\u3000\xa0\u2007\u202f\ufeff\u200b"


def plain(written: str) -> str:
    """Return a cell in half-width letters, lower case, without blanks around it."""
    return unicodedata.normalize("NFKC", written).strip(BLANKS).casefold()


def figures(written: str, reason: str) -> str:
    """Return a cell as ``plain`` does; refuse it where a mark would become a digit: 1200¹ is not 12001."""
    if not written.isascii():
        for letter in written:
            if unicodedata.category(letter) != "Nd" and any(
                "0" <= c <= "9" for c in unicodedata.normalize("NFKC", letter)
            ):
                raise Unreadable(reason)
    return plain(written)
