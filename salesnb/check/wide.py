"""Files of targets with a column per month, quarter or period, as far as their headers and names tell."""

import re
from dataclasses import dataclass
from pathlib import Path

from salesnb.check.draft import Entry, quoted, said
from salesnb.data.reading.sheets import Sheet
from salesnb.data.taking import melting
from salesnb.schema import table
from salesnb.settings import Source

_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")


@dataclass(frozen=True)
class Melted:
    """How many headers name periods, and where their year is: nowhere else, in a column, or in the file's name."""

    headers: int
    year: str = ""
    lacks_year: bool = False

    def entries(self, *, active: bool) -> list[Entry]:
        """Return the lines of the section ``wide``; only to be taken where the year is not known."""
        live = active and not (self.lacks_year and not self.year)
        made = [Entry('into = "period"', said("wide", count=self.headers), live), Entry('value = "amount"', None, live)]
        if self.lacks_year:
            why = said("year_of_name") if self.year else said("fill_year")
            made.append(Entry(f"year = {quoted(self.year or '2025')}", why, live))
        elif self.year:
            made.append(Entry(f"year = {quoted(self.year)}", None, live))
        return made


def melted(sheet: Sheet, path: Path) -> Melted | None:
    """Return how a file's headers would be melted into targets; None where they do not name periods."""
    rule, wrong = melting.implied(table("targets"), sheet, Source())
    if rule is not None:
        return Melted(len(melting.with_year(sheet) or melting.of_year(sheet, bare=False)), rule.year)
    if not any(p.code == "wide_year" for p in wrong):
        return None
    return Melted(len(melting.of_year(sheet, bare=False)), year_of(path), lacks_year=True)


def year_of(path: Path) -> str:
    """Return the only year that a file's name holds; empty where there is none, or more than one."""
    years = set(_YEAR.findall(path.stem))
    return years.pop() if len(years) == 1 else ""
