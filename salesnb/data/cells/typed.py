"""Typed cells of Excel and Parquet as the text that a CSV export of them would hold."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

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
