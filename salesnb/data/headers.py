"""Headers of files: their spelling made comparable, and the row they stand in."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence

from salesnb.data.schema import Table

SEARCHED_ROWS = 20
"""So far down a file its header row is looked for."""

_IGNORED = re.compile(r"[\s_\-‐-―\ufeff\u200b]+")


def normal(text: str) -> str:
    """Return a header without case, width, spaces, underscores and dashes: ``Order_ID``, ``order id`` are one."""
    return _IGNORED.sub("", unicodedata.normalize("NFKC", text).casefold())


def clean(text: str) -> str:
    """Return a header as shown in messages: without blanks and marks around it."""
    return text.strip(" \t\r\n\u3000\xa0\ufeff\u200b")


def spellings(table: Table) -> dict[str, str]:
    """Return the normal form of each known header of a table with its canonical column."""
    known: dict[str, str] = {}
    columns = table.mapped.values()
    firsts = [(header, c) for c in columns for header in (c.name, *c.en, *c.zh)]
    for header, column in (*firsts, *((header, c) for c in columns for header in c.also)):
        known.setdefault(normal(header), column.name)
    return known


def second_choice(table: Table) -> frozenset[str]:
    """Return the normal forms of headers that stand for a column only where none of its others is there."""
    return frozenset(normal(header) for column in table.columns.values() for header in column.also)


def header_row(rows: Sequence[Sequence[str]], known: Collection[str]) -> int:
    """Return the index of the row that holds the most known headers; the first filled row where none does.

    A table's title above its header, and a note of the export's date, are passed over this way.
    """
    scores = [len({normal(cell) for cell in row} & set(known)) for row in rows[:SEARCHED_ROWS]]
    best = max(scores, default=0)
    if best > 0:
        return scores.index(best)
    return next((i for i, row in enumerate(rows) if any(clean(cell) for cell in row)), 0)
