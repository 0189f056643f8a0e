"""Cells as text: made comparable, or taken from typed cells; and the reason why one cannot be read."""

import unicodedata
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any


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


# -- typed cells of Excel and Parquet as the text that a CSV export of them would hold


_EXACT = 2**53
"""Whole numbers beyond this are no longer exact in a float: an id that went through one is lost."""


def text(cell: Any) -> str:
    """Return a cell as text: whole floats without a point, dates in ISO, nothing for an empty cell."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return _number(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(sep=" ")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, Decimal):
        return f"{cell:f}"
    return str(cell)


def _number(value: float) -> str:
    if value != value:  # not a number: an empty cell of a data frame
        return ""
    if value.is_integer():
        # With an exponent a destroyed id shows itself as such.
        return str(int(value)) if abs(value) < _EXACT else f"{value:.15E}"
    return repr(value)
