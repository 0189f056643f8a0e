"""Headers of files: their spelling made comparable, and the row or two rows they stand in."""

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from salesnb.data.cells import units
from salesnb.data.cells.spelling import simplified
from salesnb.data.cells.units import Unit
from salesnb.schema import Column, Table

SEARCHED_ROWS = 20
"""So far down a file its header row is looked for."""

_IGNORED = re.compile(r"[\s_\-‐-―\ufeff\u200b]+")


def normal(text: str) -> str:
    """Return a header without case, width, spaces, underscores and dashes: ``Order_ID``, ``order id`` are one.

    So are 訂單編號 and 订单编号.
    """
    return simplified(_IGNORED.sub("", unicodedata.normalize("NFKC", text).casefold()))


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


@dataclass(frozen=True)
class Header:
    """The headers of a table: ``first`` and ``last`` are the indices of the rows they stand in.

    ``unit`` is that of all its amounts, where a row above says one.
    """

    first: int
    last: int
    names: list[str]
    unit: Unit = units.NONE


def found(rows: Sequence[Sequence[str]], known: Collection[str]) -> Header:
    """Return the header of a table: the row with the most known headers, or two rows that joined have more.

    ``订单`` above ``编号`` and ``日期`` is ``订单 编号`` and ``订单 日期``.
    """
    index = header_row(rows, known)
    if not rows:
        return Header(0, 0, [])
    best = Header(index, index, [clean(cell) for cell in rows[index]])
    most = hits(best.names, known)
    for i in range(min(len(rows) - 1, SEARCHED_ROWS)):
        names = _joined(rows[i], rows[i + 1], known)
        if (score := hits(names, known)) > most:
            best, most = Header(i, i + 1, names), score
    return best


def _joined(upper: Sequence[str], lower: Sequence[str], known: Collection[str]) -> list[str]:
    """Join a row of headings with the row below; a heading stands for the columns to its right that have none."""
    names, group = [], ""
    for i in range(max(len(upper), len(lower))):
        above, below = (clean(row[i]) if i < len(row) else "" for row in (upper, lower))
        group = above or group
        both = f"{group} {below}".strip() if below else above
        names.append(below if below and normal(both) not in known and normal(below) in known else both)
    return names


def hits(row: Sequence[str], known: Collection[str]) -> int:
    """Return how many known headers a row holds, units beside them aside: 金额(万元) is 金额."""
    return len(frozenset().union(*map(bare, row)) & frozenset(known))


def bare(header: str) -> frozenset[str]:
    """Return the normal forms of a header as it is and without a unit."""
    return frozenset({normal(header), normal(units.split(header)[0])})


def standard(header: str, known: Mapping[str, str], columns: Mapping[str, Column]) -> str | None:
    """Return the canonical column that a header, a unit beside it aside, is a known spelling of; None for others."""
    if column := known.get(normal(header)):
        return column
    name, unit = units.split(header)
    column = known.get(normal(name))
    return column if column and name != header and units.suits(unit, columns[column].type) else None


def header_row(rows: Sequence[Sequence[str]], known: Collection[str]) -> int:
    """Return the index of the row that holds the most known headers; the first filled row where none does.

    A table's title above its header, and a note of the export's date, are passed over this way.
    """
    scores = [hits(row, known) for row in rows[:SEARCHED_ROWS]]
    best = max(scores, default=0)
    if best > 0:
        return scores.index(best)
    return next((i for i, row in enumerate(rows) if any(clean(cell) for cell in row)), 0)
