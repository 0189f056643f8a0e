"""Every row that was set aside, as a file that a spreadsheet opens: source file, row, column, value, reason."""

from __future__ import annotations

import csv
import os
import re
import tempfile
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from salesnb.data.reading.discovery import QUARANTINE_FILE

_HEAD = ("table", "file", "row", "column", "value", "reason", "why")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = re.compile(r"[-+]?[\d.,]+%?")


def write(bad: pd.DataFrame, reasons: Callable[[str], str]) -> str:
    """Write the rows set aside into the current folder, or where that is closed a temporary one; return the path.

    What an earlier check left there is removed where nothing was set aside; the answer is empty then.

    Parameters
    ----------
    bad
        The accounting's ``quarantine``.
    reasons
        Words the codes of a row's reason.
    """
    place = Path.cwd() if os.access(Path.cwd(), os.W_OK) else Path(tempfile.mkdtemp(prefix="salesnb-"))
    path = place / QUARANTINE_FILE
    if bad.empty:
        if _own(path):
            path.unlink()
        return ""
    if path.exists() and not _own(path):
        path = Path(tempfile.mkdtemp(prefix="salesnb-")) / QUARANTINE_FILE
    rows = bad[list(_HEAD[:-1])].astype(object).itertuples(index=False, name=None)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(_HEAD)
        for row in rows:
            writer.writerow([_harmless(cell) for cell in (*row, reasons(str(row[5])))])
    return str(path)


def _own(path: Path) -> bool:
    try:
        return path.read_text(encoding="utf-8-sig", errors="replace").startswith(",".join(_HEAD))
    except OSError:
        return False


def _harmless(cell: object) -> object:
    """Return a cell that no spreadsheet takes for a formula."""
    if not isinstance(cell, str) or _NUMBER.fullmatch(cell):
        return cell
    return f"'{cell}" if unicodedata.normalize("NFKC", cell).lstrip(" ").startswith(_FORMULA) else cell
