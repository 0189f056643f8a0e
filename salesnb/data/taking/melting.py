"""Wide tables: which headers become rows, and for which month, quarter or item each stands."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from salesnb.data.cells import headers, units, values
from salesnb.data.reading.sheets import Batch, Sheet
from salesnb.errors import Problem, problem
from salesnb.schema import Table
from salesnb.settings import Source, Wide

_YEARS = frozenset(["year", "年", "年度", "年份", "财年", "財年", "fiscalyear", "fy"])
"""Headers of a column that holds the year beside months, in their normal form."""

_ENOUGH = 2
"""So many headers that read as periods make a table of targets a wide one."""

_YEAR = re.compile(r"(?:19|20)\d\d")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_LONG = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
_NUMERALS = ("一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二")
_AROUND = re.compile(r"^(?:targets?|quotas?|plan|goal|目标|指标|任务)|(?:targets?|quotas?|plan|goal|目标|指标|任务)$")
_NAMED_MONTH = re.compile(r"(?:第)?(\d{1,2}|[一二三四五六七八九十]{1,2})月份?")
_BARE_MONTH = re.compile(r"m?(\d{1,2})")
_QUARTER = re.compile(r"q([1-4])|([1-4])q|第?([1-4一二三四])季度?")


@dataclass(frozen=True)
class Year:
    """Where the year of a row's months stands: a column of the file, or one year for all."""

    place: int | None
    fixed: str = ""

    def periods(self, batch: Batch, part: str) -> pa.Array:
        """Return the period of each row for a month or quarter, as text; blank where the year is."""
        if self.place is None:
            return pa.array([f"{self.fixed}-{part}"] * len(batch.rows), pa.string())
        years = self.cells(batch)
        whole = pc.binary_join_element_wise(pc.replace_substring_regex(years, r"\s*(年度?|\.0)$", ""), part, "-")
        return pc.if_else(pc.equal(years, ""), "", whole)

    def cells(self, batch: Batch) -> pa.Array:
        """Return the year's cells as they are written; none for a fixed year."""
        if self.place is None:
            return pa.array([self.fixed] * len(batch.rows), pa.string())
        return pc.utf8_trim(batch.columns.column(str(self.place)).combine_chunks(), values.BLANKS)


def month_or_quarter(header: str, *, bare: bool = False) -> str | None:
    """Return ``07`` or ``Q3`` for a header that names a month or quarter without a year; ``bare``: also for ``7``."""
    text = headers.normal(units.split(header)[0]).rstrip(".")
    text = _AROUND.sub("", text).rstrip(".")
    if text in _LONG or text in _MONTHS or text == "sept":
        return f"{_MONTHS.index(text[:3]) + 1:02d}"
    if found := _QUARTER.fullmatch(text):
        number = found[1] or found[2] or found[3]
        return f"Q{_NUMERALS.index(number) + 1 if number in _NUMERALS else number}"
    if found := _NAMED_MONTH.fullmatch(text) or (_BARE_MONTH.fullmatch(text) if bare else None):
        number = _NUMERALS.index(found[1]) + 1 if found[1] in _NUMERALS else int(found[1]) if found[1].isdigit() else 0
        return f"{number:02d}" if 1 <= number <= 12 else None
    return None


def period(header: str) -> str | None:
    """Return the period that a header names with its year, or None."""
    try:
        return values.period(units.split(header)[0])
    except values.Unreadable:
        return None


def of_year(sheet: Sheet, *, bare: bool) -> list[tuple[int, str]]:
    """Return the positions of headers that name a month or quarter; a quarter whose months are there adds them up."""
    found = [(i, name) for i, h in enumerate(sheet.headers) if (name := month_or_quarter(h, bare=bare))]
    held = {f"Q{(int(name) + 2) // 3}" for _, name in found if name.isdigit()}
    return [(i, name) for i, name in found if name not in held]


def with_year(sheet: Sheet) -> list[tuple[int, str]]:
    """Return the positions of headers that read as a period, with it."""
    return [(i, name) for i, h in enumerate(sheet.headers) if (name := period(h))]


def implied(table: Table, sheet: Sheet, source: Source) -> tuple[Wide | None, list[Problem]]:
    """Return the rule by which a file of targets is plainly wide, though settings do not say so.

    That is one without columns for period and amount, with several headers that name periods; months without a year
    need one column that holds it. Where only the year is lacking, a problem says how to give it.
    """
    said = {*source.columns, *source.constants, *(c for lookup in source.lookups for c in lookup.take)}
    known = headers.spellings(table)
    given = said | {c for h in sheet.headers if (c := headers.standard(h, known, table.mapped))}
    if table.name != "targets" or source.wide or given & {"period", "amount"}:
        return None, []
    whole, months = with_year(sheet), of_year(sheet, bare=False)
    if len(whole) >= _ENOUGH and not months:
        return Wide(into="period", value="amount"), []
    if len(months) < _ENOUGH or whole:
        return None, []
    years = [h for h in sheet.headers if headers.normal(h) in _YEARS]
    if len(years) == 1:
        return Wide(into="period", value="amount", year=years[0]), []
    listed = ", ".join(sheet.headers[i] for i, _ in months)
    return None, [problem("wide_year", file=sheet.name, headers=listed)]


def problems(table: Table, sheet: Sheet, rule: Wide | None, melted: Sequence[tuple[int, str]]) -> Iterator[Problem]:
    """Yield headers that would become one value twice, which would count their cells twice, or no value at all."""
    seen: dict[str, str] = {}
    for place, value in melted:
        header = sheet.headers[place]
        if seen.setdefault(value, header) != header:
            both = f"{seen[value]}, {header}"
            yield problem("wide_twice", file=sheet.name, headers=both, value=value)
        if rule and not rule.year and table.columns[rule.into].type == "period" and not period(value):
            yield problem("wide_value", file=sheet.name, header=header, value=value, column=rule.into)


def named(rule: Wide, header_at: Mapping[str, int], sheet: Sheet) -> tuple[list[tuple[int, str]], list[Problem]]:
    """Return the positions of the headers that a rule names with what each stands for; beside a year, its month."""
    made, wrong = [], []
    for header, place in header_at.items():
        written = rule.headers[header]
        value = month_or_quarter(written, bare=True) if rule.year else written
        if value is None:
            wrong.append(problem("wide_value", file=sheet.name, header=header, value=written, column=rule.into))
        else:
            made.append((place, value))
    return made, wrong


def fixed_year(written: str) -> str | None:
    """Return the year where settings give one instead of a header."""
    return written if _YEAR.fullmatch(written.strip()) else None
