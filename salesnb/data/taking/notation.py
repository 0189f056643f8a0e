"""How a column writes its numbers and dates, judged over all of its spellings before any of them is read.

What one cell proves (34,20 a decimal comma, 6/16/2025 the month first) holds for the whole column. Where cells prove
both ways, or none proves a notation that matters, the column is in doubt: it is refused with the line that settles it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from salesnb.data.cells import currency_marks, days, numbers
from salesnb.data.cells.days import Order, Parts
from salesnb.data.cells.numbers import COMMA, POINT, Marks
from salesnb.data.cells.written import Unreadable
from salesnb.data.taking import notation
from salesnb.errors import Problem, problem
from salesnb.schema import Column
from salesnb.settings import Source

NUMBERS = frozenset({"money", "quantity", "count", "rate", "measure"})
DATES = frozenset({"date", "datetime", "period"})

_FEW = 0.02
"""Up to this share of its proofs a column is told by the others: that few are slips of the pen, and set aside."""

_ENOUGH = 1000
"""Proofs of a decimal point after which plain numbers need no longer be looked at."""

SETTLED_POINT = r"\.\d{1,2}$|\.\d{4,}$|^-?\d{4,}\.|^-?0?\."
"""A plain number whose point cannot mark thousands."""

_ISO = re.compile(r"\d{4}-\d\d-\d\d( 00:00:00)?")
_SWAPPED = 5
"""So many dates up to the 12th of a month, and so many others after it, are no chance."""

_FOUR = re.compile(r"\d{1,3},\d{4}")
"""1,2345 is as likely a slip of the pen as a decimal comma."""


@dataclass(frozen=True)
class Notation:
    """The marks of numbers and the order of dates in one column."""

    marks: Marks = POINT
    order: Order = days.UNTOLD


@dataclass(frozen=True)
class Doubt:
    """A column that cannot be told: a problem's code, and spellings that show it."""

    code: str
    example: str
    other: str = ""


@dataclass
class Evidence:
    """What the filled ``cells`` of a column prove; ``rows`` by kind of number, ``dates`` by the parts of a date."""

    cells: int = 0
    rows: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)
    dates: Counter[Parts] = field(default_factory=Counter)
    written: dict[Parts, str] = field(default_factory=dict)

    def number(self, written: str, rows: int, currency: str = "") -> None:
        """Note a number as it is written, and in how many rows it is; one in another currency proves nothing."""
        if kind := number_kind(written, currency):
            self.note(kind, written, rows)

    def note(self, kind: str, written: str, rows: int) -> None:
        """Note cells of a kind."""
        self.rows[kind] += rows
        self.examples.setdefault(kind, written)

    def date(self, written: str, rows: int) -> None:
        """Note a date as it is written, and in how many rows it is."""
        if _ISO.fullmatch(written):
            self.rows["early" if written[8:10] <= "12" else "late"] += rows
        elif found := days.parts(written):
            self.dates[found] += rows
            self.written.setdefault(found, written)

    @property
    def wants_points(self) -> bool:
        """Whether plain numbers with a point still can tell something."""
        return self.rows["point"] < _ENOUGH

    def __add__(self, other: Evidence) -> Evidence:
        return Evidence(
            self.cells + other.cells,
            self.rows + other.rows, {**other.examples, **self.examples}, self.dates + other.dates,
            {**other.written, **self.written},
        )  # fmt: skip


def number_kind(written: str, currency: str = "") -> str:
    """Return what a number proves of its column's marks; '' for nothing.

    ``point``, ``comma``: the mark of decimals. ``point_groups``, ``comma_groups``: the mark of thousands.
    ``point_open``, ``comma_open``: one of both, as 1.500. ``parted``: thousands parted by a blank or an apostrophe.
    """
    try:
        digits, unit = numbers.bare(written, currency)
    except Unreadable:
        return ""
    by_point, by_comma = numbers.fits(digits, POINT), numbers.fits(digits, COMMA)
    pointed, comma = "." in digits, "," in digits
    if by_point and by_comma:
        if not pointed and not comma:
            return "parted" if " " in digits or "'" in digits else ""
        mark = "point" if pointed else "comma"
        if unit and (unit == "%" or (pointed and not unit.isascii())):  # no thousands there: 12.345%, 1.234万
            return mark
        return f"{mark}_open"
    if by_point:
        return "point" if pointed else "comma_groups"
    if by_comma and not _FOUR.fullmatch(digits):
        return "comma" if comma else "point_groups"
    return ""


# -- judging


def judge(kind: str, evidence: Sequence[Evidence], marks: Marks | None, order: str) -> Notation | Doubt:
    """Tell the notation of a column, or that it is in doubt.

    Parameters
    ----------
    kind
        Type of the column.
    evidence
        Of the column itself, then of the same column in the table's other files, then of the file's other columns:
        what tells nothing by itself is told by the next.
    marks, order
        What settings say; it wins.
    """
    if kind in NUMBERS:
        found = marks or _marks(evidence, rate=kind == "rate")
        return found if isinstance(found, Doubt) else Notation(found)
    told = Order.said(order) if order else _order(evidence)
    return told if isinstance(told, Doubt) else Notation(order=told)


def _marks(evidence: Sequence[Evidence], rate: bool) -> Marks | Doubt:
    own = evidence[0]
    if isinstance(mark := _decimal(own), Doubt):
        return mark
    opened = [k for k in ("point_open", "comma_open") if own.rows[k]]
    if not mark and opened:
        mark = next((m for e in evidence[1:] if isinstance(m := _decimal(e), str) and m), "")
    if not mark and len(opened) == 2:
        return Doubt("decimal_untold", own.examples["point_open"], own.examples["comma_open"])
    if not mark and opened == ["point_open"] and not rate:
        return Doubt("decimal_untold", own.examples["point_open"])
    return COMMA if mark == "comma" else POINT


def _decimal(own: Evidence) -> str | Doubt:
    """Return which mark is that of decimals, ``point`` or ``comma``; '' where nothing proves it."""
    rows = own.rows
    if rows["point"] and rows["comma"]:
        more, fewer = sorted(("point", "comma"), key=lambda k: -rows[k])
        if rows[fewer] > _FEW * (rows[more] + rows[fewer]):
            return Doubt("decimal_mixed", own.examples["point"], own.examples["comma"])
        return more
    for mark in ("point", "comma"):
        if rows[mark]:
            rare = rows[mark] < _FEW * (rows[f"{mark}_open"] + rows[f"{mark}_groups"])
            return Doubt("decimal_mixed", own.examples[f"{mark}_open"], own.examples[mark]) if rare else mark
    if rows["point_groups"] and rows["comma_groups"]:
        return Doubt("decimal_mixed", own.examples["point_groups"], own.examples["comma_groups"])
    if rows["point_groups"] or rows["comma_groups"]:
        return "comma" if rows["point_groups"] else "point"
    if rows["parted"] and bool(rows["point_open"]) != bool(rows["comma_open"]):
        return "point" if rows["point_open"] else "comma"
    return ""


def _order(evidence: Sequence[Evidence]) -> Order | Doubt:
    own = [(p, rows) for p, rows in evidence[0].dates.items()]
    long = [(p, n) for p, n in own if not p.short]
    made = Order()
    if isinstance(swapped := _swapped(evidence[0], long), Doubt):
        return swapped
    short = _year_first(evidence, own)
    if isinstance(short, Doubt):
        return short
    late = [(p, n) for p, n in own if p.short and short == "last"]
    for name, dotted in (("slashed", False), ("dotted", True)):
        chosen = [(p, n) for p, n in (*long, *late) if (p.mark == ".") == dotted]
        told = _day_or_month(chosen, evidence, dotted)
        if isinstance(told, Doubt):
            return told
        made = replace(made, **{name: told})
    if short != "last":
        return replace(made, short="ymd" if short else "")
    marks = {p.mark == "." for p, _ in late}
    if len(marks) == 2 and made.slashed != made.dotted:
        return Doubt("date_order_mixed", *_two(evidence[0], late))
    return replace(made, short=made.dotted if marks == {True} else made.slashed)


def _swapped(own: Evidence, long: list[tuple[Parts, int]]) -> Doubt | None:
    """Tell whether a spreadsheet took 6/5/2025 for the sixth of May and left 6/16/2025, which it could not read."""
    slashed = [(p, n) for p, n in long if p.mark != "."]
    late = sum(n for p, n in slashed if len(p.readings()) == 1)
    if own.rows["late"] or min(own.rows["early"], late) < _SWAPPED or late < sum(n for _, n in slashed):
        return None
    return Doubt("dates_swapped", own.written[slashed[0][0]])


def _two(own: Evidence, found: Iterable[tuple[Parts, int]]) -> tuple[str, str]:
    one = [own.written[p] for p, _ in found]
    return one[0], one[-1]


def _day_or_month(found: list[tuple[Parts, int]], evidence: Sequence[Evidence], dotted: bool) -> str | Doubt:
    """Return ``dmy`` or ``mdy``; '' where there is no date that needs it."""
    counts, shown = _proofs(found)
    if counts["dmy"] and counts["mdy"] and min(counts["dmy"], counts["mdy"]) > _FEW * sum(counts.values()):
        return Doubt("date_order_mixed", *(evidence[0].written[shown[o]] for o in ("dmy", "mdy")))
    proved = max(("dmy", "mdy"), key=lambda o: counts[o])
    if counts[proved] and (dotted or counts[proved] >= _FEW * counts["open"]):
        return proved
    if not counts["open"] or dotted:
        return "dmy" if found or dotted else ""
    if counts[proved]:
        return Doubt("date_order_mixed", *(evidence[0].written[shown[o]] for o in ("open", proved)))
    for other in evidence[1:]:
        elsewhere, _ = _proofs((p, n) for p, n in other.dates.items() if not p.short and p.mark != ".")
        if bool(elsewhere["dmy"]) != bool(elsewhere["mdy"]):
            return "dmy" if elsewhere["dmy"] else "mdy"
    if counts["open"] <= _FEW * evidence[0].cells:
        return ""
    return Doubt("date_order_untold", evidence[0].written[shown["open"]])


def _proofs(found: Iterable[tuple[Parts, int]]) -> tuple[Counter[str], dict[str, Parts]]:
    """Count rows that are a date with the day first only, with the month first only, and in both ways."""
    counts: Counter[str] = Counter()
    shown: dict[str, Parts] = {}
    for parts, rows in found:
        readings = parts.readings()
        dmy, mdy = readings.get("dmy"), readings.get("mdy")
        kind = "" if dmy == mdy else "dmy" if mdy is None else "mdy" if dmy is None else "open"
        if kind:
            counts[kind] += rows
            shown.setdefault(kind, parts)
    return counts, shown


def _year_first(evidence: Sequence[Evidence], own: list[tuple[Parts, int]]) -> str | Doubt:
    """Return whether the two-figure year comes ``first`` or ``last``; '' where there are no such dates."""
    found = [(p, n) for p, n in own if p.short and p.readings()]
    if not found:
        return ""
    if told := _year_place(found):
        return told
    for other in evidence[1:]:
        if told := _year_place([(p, n) for p, n in other.dates.items() if p.short and p.readings()]):
            return told
    if sum(n for _, n in found) <= _FEW * evidence[0].cells:
        return ""
    return Doubt("date_year_untold", *_two(evidence[0], found))


def _year_place(found: list[tuple[Parts, int]]) -> str:
    first = sum(n for p, n in found if p.readings().keys() == {"ymd"})
    last = sum(n for p, n in found if "ymd" not in p.readings())
    if first and last:
        return "" if min(first, last) > _FEW * (first + last) else "first" if first > last else "last"
    if first or last:
        return "first" if first else "last"
    if len(found) < 3:
        return ""
    # Of year and day the one that hardly changes is the year.
    spans = [max(c) - min(c) for c in ([int(p.first) for p, _ in found], [int(p.last) for p, _ in found])]
    if min(spans) <= 3 and max(spans) >= 2 * min(spans) + 2:
        return "first" if spans[0] < spans[1] else "last"
    return ""


# -- the columns of one table judged over all of its files, and what is wrong with those that cannot be told


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
                doubt.code, file=file, table=table, column=header(name), example=doubt.example, other=doubt.other
            )


def foreign(table: str, file: str, marks: Mapping[str, str], currency: str) -> Iterator[Problem]:
    """Yield a problem for each header that names another currency than the company's; ``marks`` by header."""
    for header, mark in marks.items():
        if mark and not currency_marks.fits(mark, currency):
            code = min(currency_marks.MARKS.get(mark, {mark}), key=lambda c: (c != "usd", c)).upper()
            yield problem("header_currency", file=file, table=table, column=header, found=code, currency=currency)
