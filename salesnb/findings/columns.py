"""What a column of a finding's rows is, said once: a figure, a dimension or a label, and what is to be known of it.

What belongs to a figure (unit, sign, par) stands with it in the registry of figures; names stand in
``words/dimensions.toml`` and ``words/metrics.toml``.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from salesnb.errors import ColumnError, nearest, problem
from salesnb.metrics.registry import metrics
from salesnb.schema import table

DAYS = frozenset({"due", "start", "last_date", "answered_on"})
"""Labels that hold a day."""

LABELS = DAYS | frozenset(
    (
        "light", "action", "owner", "resources", "status", "reason", "remark", "evidence", "confidence", "basis",
        "note", "verdict", "problem_text", "source", "outcome", "columns", "likely", "effort", "encoding", "example",
        "answer", "author", "rank",
    )
)  # fmt: skip
"""Columns that describe a row but do not identify it: shown, never part of a fact."""

PERIODS = frozenset({"month", "quarter", "year", "period", "week", "cohort"})
"""Dimensions that hold a period's name."""

PLACES = frozenset({*table("orders").dimensions, "tag", "new_existing"})
"""Dimensions that tell where in the business something is; others tell what it is or number it."""

DIMENSIONS = PERIODS | PLACES | frozenset(
    (
        "kpi", "part", "against", "stage", "lead_source", "lost_reason", "competitor", "event", "table", "file",
        "code", "fault", "spelling", "value", "field", "kind", "department", "play", "problem", "opportunity_id",
        "since_contact", "action_id", "item", "chain", "step", "why", "situation", "ageing",
    )
)  # fmt: skip
"""Columns that identify a row; blank is the total."""


@dataclass(frozen=True)
class Column:
    """What a column is; ``signed`` and ``par`` are those of a figure (`salesnb.metrics.Metric`)."""

    kind: Literal["figure", "dimension", "label"]
    signed: bool = False
    par: float | None = None


def column_of(name: str) -> Column:
    """Tell what a column is; ColumnError, naming the nearest known ones, where it is none."""
    if figure := metrics().get(name):
        return Column("figure", figure.signed, figure.par)
    check(name, [name])
    return Column("dimension" if name in DIMENSIONS else "label")


def check(where: str, names: Iterable[str]) -> None:
    """Refuse columns that are none: ColumnError with the nearest known of each."""
    known = {*metrics(), *DIMENSIONS, *LABELS}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise ColumnError(
            *(problem("column_unknown", where=where, found=name, near=nearest(name, known)) for name in unknown)
        )
