"""The change on the period before and that on last year as one finding."""

from dataclasses import replace
from typing import Final, Literal

import pandas as pd

from salesnb.findings.finding import Finding, Say

Base = Literal["previous", "last_year"]
BASES: Final[tuple[Base, Base]] = ("previous", "last_year")
Against = Literal["previous", "last_year", "both"]

_TOLD = "told_above"
"""Said of last year where that is the period before."""


def both(previous: Finding, last_year: Finding) -> Finding:
    """Join two comparisons in one table; what can be told of the first is drawn, the second is a note."""
    if previous.quiet and last_year.quiet:
        return previous
    if previous.quiet or last_year.quiet:
        told, other = (last_year, previous) if previous.quiet else (previous, last_year)
        return told if other.headline.key == _TOLD else replace(told, notes=(*told.notes, other.headline))
    further = [_moved(say, len(previous.rows)) for say in (last_year.headline, *last_year.notes)]
    chart = previous.chart and replace(previous.chart, rows=previous.chart.rows or tuple(range(len(previous.rows))))
    return replace(
        previous,
        rows=pd.concat([previous.rows, last_year.rows], ignore_index=True),
        notes=(*previous.notes, *(say for say in further if say not in previous.notes)),
        chart=chart,
    )


def _moved(say: Say, by: int) -> Say:
    """Return a sentence whose rows stand that much further down."""
    picks = {name: tuple(p + by for p in at) if isinstance(at, tuple) else at + by for name, at in say.picks.items()}
    return Say(say.key, picks)
