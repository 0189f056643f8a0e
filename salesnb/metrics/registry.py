"""The registry of figures: every figure of the vocabulary is defined once, under its id.

A *base* figure is summed or counted from the rows of one table that fall into a window. A *derived* figure is
computed from columns of other figures, so that it holds at every level alike (a rate of sums, never a mean of rates).
Names and definitions in words stand in ``words/metrics.toml`` under the same id.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from salesnb.calendar import Window

Unit = Literal["money", "count", "rate", "points", "ratio", "days", "score", "kpi"]
"""``kpi``: the unit of the figure that the row's ``kpi`` names. ``points`` are percentage points as a fraction."""

UNASSIGNED = "(none)"
"""Member of a dimension for rows that name none; a blank would read as the total."""

Tables = Mapping[str, pd.DataFrame]
BaseFormula = Callable[[pd.DataFrame, list[str]], "pd.Series"]
DerivedFormula = Callable[[pd.DataFrame], "pd.Series"]


@dataclass(frozen=True)
class Metric:
    """One figure.

    ``definition`` is raised whenever the formula changes, so that two runs can be told apart. ``absent`` is the code
    of the usual reason why the figure is not available (``words/reasons.toml``). ``counted_by`` names the count a rate
    rests on: a rate of too few cases is not shown.
    """

    id: str
    unit: Unit
    definition: int = 1
    less_is_better: bool = False
    absent: str = "no_data"
    table: str = ""
    date: str = ""
    of: tuple[str, ...] = ()
    counted_by: str = ""
    base: BaseFormula | None = None
    derived: DerivedFormula | None = None


_METRICS: dict[str, Metric] = {}


def _add(metric: Metric) -> None:
    if metric.id in _METRICS:
        raise ValueError(f"figure {metric.id} is defined twice")
    _METRICS[metric.id] = metric


def base(
    id: str, unit: Unit, *, table: str, date: str, definition: int = 1, absent: str = "no_data"
) -> Callable[[BaseFormula], BaseFormula]:
    """Register a figure computed from the rows of ``table`` whose ``date`` column lies in the window.

    The formula gets these rows and the columns to group by; it returns a series indexed by them, or a series with
    the single index 0 for the total.
    """

    def register(formula: BaseFormula) -> BaseFormula:
        _add(Metric(id, unit, definition, False, absent, table, date, base=formula))
        return formula

    return register


def derived(
    id: str,
    unit: Unit,
    *,
    of: Sequence[str],
    definition: int = 1,
    absent: str = "no_data",
    less_is_better: bool = False,
    counted_by: str = "",
) -> Callable[[DerivedFormula], DerivedFormula]:
    """Register a figure computed from the columns ``of`` other figures; NaN where it is not available."""

    def register(formula: DerivedFormula) -> DerivedFormula:
        _add(
            Metric(
                id,
                unit,
                definition,
                less_is_better,
                absent,
                of=tuple(of),
                counted_by=counted_by,
                derived=formula,
            )
        )
        return formula

    return register


def plain(
    id: str, unit: Unit, *, definition: int = 1, absent: str = "no_data", less_is_better: bool = False
) -> None:
    """Register a figure that findings bring themselves, e.g. a count of quarantined rows."""
    _add(Metric(id, unit, definition, less_is_better, absent))


def metric(id: str) -> Metric:
    """Return a figure of the registry; KeyError for an unknown id."""
    return _METRICS[id]


def metrics() -> Mapping[str, Metric]:
    """Return all figures by id."""
    return dict(_METRICS)


def within(frame: pd.DataFrame, column: str, window: Window) -> pd.DataFrame:
    """Return the rows whose date lies in the window, both ends included."""
    days = frame[column]
    return frame[
        (days >= pd.Timestamp(window.start)) & (days < pd.Timestamp(window.end) + pd.Timedelta(days=1))
    ]


def measure(ids: Iterable[str], tables: Tables, window: Window, by: Sequence[str] = ()) -> pd.DataFrame:
    """Compute figures over a window, in total or by the members of dimensions.

    Parameters
    ----------
    ids
        Ids of base or derived figures; what a derived figure needs is computed too, and returned.
    tables
        Clean tables by name, e.g. ``{"orders": case.orders}``.
    window
        First and last day.
    by
        Dimension columns; rows without a member are put under ``(none)``. ``tag`` counts a row under each of its
        tags, so that its parts overlap and do not add up to the total.

    Returns
    -------
    DataFrame
        Columns ``by``, then the figures; money in currency units, rates as fractions; one row per member that any
        figure has, sorted by ``by``; exactly one row for the total.
    """
    wanted = _with_parts(ids)
    columns = {m.id: _grouped(m, tables, window, list(by)) for m in wanted if m.base}
    frame = pd.DataFrame(columns)
    if not by and frame.empty:
        frame = pd.DataFrame(index=[0])
    for m in wanted:
        if m.base and metric(m.id).unit in {"money", "count"}:
            frame[m.id] = frame[m.id].fillna(0.0)
    for m in wanted:
        if m.derived:
            frame[m.id] = m.derived(frame).astype("float64")
    if not by:
        return frame.reset_index(drop=True)
    frame.index.names = list(by)
    return frame.sort_index().reset_index()


def _with_parts(ids: Iterable[str]) -> list[Metric]:
    ordered: dict[str, Metric] = {}

    def visit(id: str) -> None:
        if id in ordered:
            return
        for part in metric(id).of:
            visit(part)
        ordered[id] = metric(id)

    for id in ids:
        visit(id)
    return list(ordered.values())


def _grouped(m: Metric, tables: Tables, window: Window, by: list[str]) -> pd.Series:
    assert m.base is not None
    if m.table not in tables:
        raise KeyError(f"figure {m.id} needs the table {m.table}")
    rows = members(within(tables[m.table], m.date, window), window, by)
    return m.base(rows, by).astype("float64")


def members(rows: pd.DataFrame, window: Window, by: Sequence[str]) -> pd.DataFrame:
    """Return rows with the columns ``by`` ready to group: derived dimensions added, blanks under ``(none)``.

    Derived dimensions: ``tag`` (a row appears once under each of its tags) and, where the rows carry
    ``customer_since``, ``new_existing`` (new: the customer's first ever sale lies in the window).
    """
    if "tag" in by:
        tags = rows["tags"].fillna("").astype("str").str.split(r"\s*[;；、]\s*", regex=True)
        rows = rows.assign(tag=tags).explode("tag")
    if "customer_since" in rows:
        since = rows["customer_since"]
        age = np.where(since >= pd.Timestamp(window.start), "new", "existing")
        rows = rows.assign(new_existing=pd.Series(age, index=rows.index).where(since.notna(), UNASSIGNED))
    for column in by:
        filled = rows[column].fillna("").astype("str")
        rows = rows.assign(**{column: filled.where(filled != "", UNASSIGNED)})
    return rows


def total(rows: pd.DataFrame, by: list[str], column: str, how: str) -> pd.Series:
    """Aggregate one column in total or by columns; ``how`` is a method such as ``sum`` or ``nunique``."""
    if not by:
        return pd.Series([getattr(rows[column], how)()])
    return getattr(rows.groupby(by, sort=False)[column], how)()


def ratio(above: pd.Series, below: pd.Series) -> pd.Series:
    """Divide, giving NaN where the divisor is zero or missing."""
    return (above / below.where(below != 0)).astype("float64").replace([np.inf, -np.inf], np.nan)
