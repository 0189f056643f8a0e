"""The columns of one table judged over all of its files, and what is wrong with those that cannot be told."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from salesnb.data.cells import currency_marks
from salesnb.data.cells.numbers import Marks
from salesnb.data.taking import notation
from salesnb.data.taking.notation import DATES, NUMBERS, Doubt, Evidence, Notation
from salesnb.errors import Problem, problem
from salesnb.schema import Column
from salesnb.settings import Source

Evidences = Mapping[str, Evidence]
"""What the cells of one file prove, by column."""


def told(
    columns: Mapping[str, Column], source: Source, own: Evidences, others: Sequence[Evidences] = ()
) -> dict[str, Notation | Doubt]:
    """Return the notation of each column of a file, or that it is in doubt.

    Parameters
    ----------
    columns, source
        Of the table, and what settings say about its files.
    own, others
        Evidence of the file, and of the table's other files.
    """
    found = {}
    marks = Marks.said(source.decimal, source.thousands)
    for name, evidence in own.items():
        kind = columns[name].type
        alike = NUMBERS if kind in NUMBERS else DATES
        same = sum((o[name] for o in others if name in o), Evidence())
        beside = sum((e for n, e in own.items() if n != name and columns[n].type in alike), Evidence())
        found[name] = notation.judge(kind, (evidence, same, beside), marks, source.date_order)
    return found


def doubtful(
    table: str, file: str, header: Callable[[str], str], found: Mapping[str, Notation | Doubt]
) -> Iterator[Problem]:
    """Yield a problem for each column in doubt, with the line that settles it; ``header`` gives that of a column."""
    for name, doubt in found.items():
        if isinstance(doubt, Doubt):
            yield problem(
                doubt.code,
                file=file,
                table=table,
                column=header(name),
                example=doubt.example,
                other=doubt.other,
            )


def foreign(table: str, file: str, marks: Mapping[str, str], currency: str) -> Iterator[Problem]:
    """Yield a problem for each header that names another currency than the company's; ``marks`` by header."""
    for header, mark in marks.items():
        if mark and not currency_marks.fits(mark, currency):
            code = min(currency_marks.MARKS.get(mark, {mark}), key=lambda c: (c != "usd", c)).upper()
            yield problem(
                "header_currency", file=file, table=table, column=header, found=code, currency=currency
            )
