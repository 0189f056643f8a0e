"""Which of several sheets with the same headers only repeats or adds up the others: read too, all would count twice."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import isclose

from salesnb.data.cells import values
from salesnb.data.cells.spelling import simplified

_NAMED_TOTAL = re.compile(
    r"汇总|总表|总计|合计|总览|^(全部|全年|所有)$|^(all|totals?|grand total|summary|overview|year)$"
)

Row = tuple[str, ...]


@dataclass(frozen=True)
class Rows:
    """The filled rows of a sheet as text, their cells in the same order in all sheets."""

    name: str
    rows: Sequence[Row]


def totals(sheets: Sequence[Rows]) -> set[int]:
    """Return the positions of the sheets that repeat or add up the others."""
    found: set[int] = set()
    # The largest first: of a sheet of the whole year and its months, the months stay.
    order = sorted(range(len(sheets)), key=lambda i: (-len(sheets[i].rows), -i))
    own = [i for i, s in enumerate(sheets) if not _named_total(s)]
    for test in (_repeats, *([_named] if own else []), _adds_up):
        for i in order:
            others = [row for j, s in enumerate(sheets) if j != i and j not in found for row in s.rows]
            if i not in found and sheets[i].rows and others and test(sheets[i], others):
                found.add(i)
    return found


def _repeats(sheet: Rows, others: Sequence[Row]) -> bool:
    return not Counter(sheet.rows) - Counter(others)


def _named(sheet: Rows, others: Sequence[Row]) -> bool:
    return _named_total(sheet)


def _named_total(sheet: Rows) -> bool:
    return bool(_NAMED_TOTAL.search(simplified(values.plain(sheet.name))))


def _adds_up(sheet: Rows, others: Sequence[Row]) -> bool:
    """Tell whether the figures of a sheet are those of the others added up by what its rows are named for.

    A month may by chance be the sum of two others: its rows must be named for things that the others' rows name too,
    its days must be theirs.
    """
    width = len(sheet.rows[0])
    figures = [i for i in range(width) if _all(_figure(row[i]) is not None for row in sheet.rows if row[i])]
    names = [i for i in range(width) if i not in figures and any(row[i] for row in sheet.rows)]
    dates = [i for i in names if _all(_is_date(row[i]) for row in sheet.rows if row[i])]
    theirs = {i: {row[i] for row in others} for i in names}
    if not figures or any(not {row[i] for row in sheet.rows} <= theirs[i] for i in dates):
        return False
    return any(_same_sums(sheet.rows, others, name, figures) for name in names)


def _same_sums(rows: Sequence[Row], others: Sequence[Row], name: int, figures: Sequence[int]) -> bool:
    own, theirs = _sums(rows, name, figures), _sums(others, name, figures)
    if len(own) < 2 or own.keys() != theirs.keys():
        return False
    return any(own[k] for k in own) and all(
        isclose(a, b, rel_tol=1e-9, abs_tol=0.005) for k in own for a, b in zip(own[k], theirs[k], strict=True)
    )


def _sums(rows: Sequence[Row], name: int, figures: Sequence[int]) -> dict[str, list[float]]:
    sums: dict[str, list[float]] = {}
    for row in rows:
        if row[name]:
            have = sums.setdefault(row[name], [0.0] * len(figures))
            for place, i in enumerate(figures):
                have[place] += _figure(row[i]) or 0.0
    return sums


def _all(found: Iterable[bool]) -> bool:
    answers = list(found)
    return bool(answers) and all(answers)


def _figure(cell: str) -> float | None:
    try:
        return float(cell.replace(",", ""))
    except ValueError:
        return None


def _is_date(cell: str) -> bool:
    try:
        values.period(cell)
    except values.Unreadable:
        return False
    return True
