"""The registry of figures: every figure of the vocabulary is defined once, under its id.

A *base* figure is summed or counted from the rows of one table that fall into a window. A *derived* figure is
computed from columns of other figures, so that it holds at every level alike (a rate of sums, never a mean of rates).
A figure of a *whole* scope is measured from tables at once: no sum of rows gives it. What is left a finding measures.
Names and definitions in words stand in ``words/metrics.toml`` under the same id.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from inspect import getdoc
from itertools import compress
from types import MappingProxyType
from typing import Any, Literal, TypedDict, TypeVar, Unpack

import numpy as np
import pandas as pd

from salesnb.calendar import Window
from salesnb.errors import ScopeError, nearest, problem
from salesnb.metrics.dimensions import listed
from salesnb.metrics.grouped import ALL, UNKNOWN, Member, Rows, rows_in
from salesnb.scope import Scope

Unit = Literal["money", "count", "rate", "points", "ratio", "days", "score", "kpi"]
"""``kpi``: the unit of the figure that the row's ``kpi`` names. ``points`` are percentage points as a fraction."""

Tables = Mapping[str, pd.DataFrame]
Column = TypeVar("Column", pd.Series, np.ndarray)
Figures = Mapping[str, np.ndarray]
BaseFormula = Callable[[Rows], np.ndarray]
DerivedFormula = Callable[[Any], Any]
WholeFormula = Callable[[Tables, Scope, Sequence[str]], Mapping[Member, Mapping[str, float]]]


@dataclass(frozen=True, repr=False)
class Metric:
    """One figure: its formula, or the finding that measures it.

    ``definition`` is raised whenever the formula changes, so that two runs can be told apart. ``absent`` is the code
    of the usual reason why the figure is not available (``words/reasons.toml``). ``counted_by`` names the count a rate
    or a typical duration rests on: one of too few cases is not shown. ``needs`` is what must be recorded for it, e.g.
    ``losses`` (`salesnb.scope.Scope.recorded`). ``signed`` is a difference, which is shown with its sign, + as well;
    points always are. ``par`` is where all that was asked is reached, for a figure that has the same place for all.
    """

    id: str
    unit: Unit
    definition: int = 1
    less_is_better: bool = False
    signed: bool = False
    par: float | None = None
    absent: str = "no_data"
    counted_by: str = ""
    needs: str = ""
    table: str = ""
    date: str = ""
    of: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()
    base: BaseFormula | None = None
    derived: DerivedFormula | None = None
    whole: WholeFormula | None = None
    finding: str = ""

    def __post_init__(self) -> None:
        """Points are a difference of two rates."""
        object.__setattr__(self, "signed", self.signed or self.unit == "points")

    def __repr__(self) -> str:
        """Say how the figure comes about: ``aov (money, definition 1): Divide sales by orders.``"""
        made = (
            getdoc(self.base or self.derived or self.whole) or f"salesnb/findings/{self.finding.replace('.', '/')}.py"
        )
        return f"{self.id} ({self.unit}, definition {self.definition}): {made}"


class Traits(TypedDict, total=False):
    """What may be said of a figure beside id, unit and formula; see `Metric`."""

    definition: int
    less_is_better: bool
    signed: bool
    par: float
    absent: str
    counted_by: str
    needs: str


_METRICS: dict[str, Metric] = {}


def _add(metric: Metric) -> None:
    if metric.id in _METRICS:
        raise ValueError(f"figure {metric.id} is defined twice")
    _METRICS[metric.id] = metric


def base(
    id: str, unit: Unit, *, table: str, date: str, **traits: Unpack[Traits]
) -> Callable[[BaseFormula], BaseFormula]:
    """Register a figure computed from the rows of ``table`` whose ``date`` column lies in the window.

    The formula gets these rows in groups and returns one number per group, NaN for a group that has no row for it,
    ``UNKNOWN`` for one whose rows do not say.
    """

    def register(formula: BaseFormula) -> BaseFormula:
        _add(Metric(id, unit, table=table, date=date, base=formula, **traits))
        return formula

    return register


def derived(
    id: str, unit: Unit, *, of: Sequence[str], **traits: Unpack[Traits]
) -> Callable[[DerivedFormula], DerivedFormula]:
    """Register a figure computed from the columns ``of`` other figures; NaN where it is not available."""

    def register(formula: DerivedFormula) -> DerivedFormula:
        _add(Metric(id, unit, of=tuple(of), derived=formula, **traits))
        return formula

    return register


def whole(
    unit: Unit, *ids: str, tables: Sequence[str], **traits: Unpack[Traits]
) -> Callable[[WholeFormula], WholeFormula]:
    """Register figures that one formula measures from ``tables`` at once, of a scope and by a level that it can tell.

    The formula gets clean tables that have rows, the scope and the dimensions of the level (none: the total); it
    returns its figures by member, and leaves out what is not known.
    """
    for id in ids:
        _add(Metric(id, unit, **traits))
    return measures(*ids, tables=tables)


def measures(*ids: str, tables: Sequence[str]) -> Callable[[WholeFormula], WholeFormula]:
    """Give figures that a finding measures a formula of a `whole` scope too, so that a target can be set for them."""

    def register(formula: WholeFormula) -> WholeFormula:
        for id in ids:
            _METRICS[id] = replace(_METRICS[id], tables=tuple(tables), whole=formula)
        return formula

    return register


def measured_by(finding: str, unit: Unit, *ids: str, table: str = "", **traits: Unpack[Traits]) -> None:
    """Register figures that only a finding can measure, e.g. ``diagnosis.cycle``: no sum of rows gives them.

    ``table`` is given where they are not known when no row of it carries an amount.
    """
    for id in ids:
        _add(Metric(id, unit, table=table, finding=finding, **traits))


def metric(id: str) -> Metric:
    """Return a figure of the registry; ScopeError with the nearest for an id that it does not have."""
    if id not in _METRICS:
        raise ScopeError(problem("figure_unknown", found=repr(id), near=nearest(str(id), _METRICS)))
    return _METRICS[id]


def metrics() -> Mapping[str, Metric]:
    """Return all figures by id."""
    return MappingProxyType(_METRICS)


def measure(ids: Iterable[str], tables: Tables, window: Window, by: str | Sequence[str] = ()) -> pd.DataFrame:
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
        Dimensions, one of them bare or several; rows without a member are put under ``(none)``. ``tag`` counts a row
        under each of its tags, so that its parts overlap and do not add up to the total.

    Returns
    -------
    DataFrame
        Columns ``by``, then the figures; money in currency units, rates as fractions; one row per member that any
        figure has, sorted by ``by``; exactly one row for the total.

    Raises ScopeError for a dimension that a table has no column for, and for a figure that there is not.
    """
    by = listed(by)
    members, figures = measured(ids, tables, window, by)
    named = {d: pd.array([m[i] for m in members], dtype="str") for i, d in enumerate(by)}
    return pd.DataFrame({**named, **figures}, index=pd.RangeIndex(len(members)))


def measured(
    ids: Iterable[str],
    tables: Tables,
    window: Window,
    by: Sequence[str] = (),
    fit: Callable[[Rows], Rows] | None = None,
) -> tuple[list[Member], dict[str, np.ndarray]]:
    """Compute figures as `measure` does; return the members in order and, per figure, its values beside them.

    ``fit`` takes those rows of a table out that are measured, e.g. only those of whom a target is asked.
    """
    wanted = _with_parts(ids)
    members, figures = _base_figures([m for m in wanted if m.base], tables, window, by, fit)
    for m in wanted:
        if m.derived:
            figures[m.id] = m.derived(figures)
    return members, figures


def parts_of(id: str) -> list[Metric]:
    """Return the figures at the ground of one: itself, or those that what it is derived from rests on."""
    return [part for part in _with_parts([id]) if not part.derived]


def made_of(id: str, parts: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return a figure from those at its ground (`parts_of`)."""
    figures = dict(parts)
    for m in _with_parts([id]):
        if m.derived:
            figures[m.id] = np.asarray(m.derived(figures))
    return figures[id]


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


def _base_figures(
    wanted: Sequence[Metric], tables: Tables, window: Window, by: Sequence[str], fit: Callable[[Rows], Rows] | None
) -> tuple[list[Member], dict[str, np.ndarray]]:
    sources: dict[tuple[str, str], Rows] = {}
    parts: list[tuple[Metric, list[Member], np.ndarray]] = []
    for m in wanted:
        if m.table not in tables:
            raise KeyError(f"figure {m.id} needs the table {m.table}")
        if (m.table, m.date) not in sources:
            rows = rows_in(tables[m.table], m.date, window, by)
            sources[m.table, m.date] = fit(rows) if fit else rows
        parts.append((m, *_by_member(m, sources[m.table, m.date])))
    members = sorted({member for _, found, _ in parts for member in found}) if by else ALL
    place = {member: i for i, member in enumerate(members)}
    figures = {m.id: np.full(len(members), 0.0 if m.unit in {"money", "count"} else np.nan) for m in wanted}
    for m, found, values in parts:
        figures[m.id][[place[member] for member in found]] = np.where(values == UNKNOWN, np.nan, values)
    return members, figures


def _by_member(m: Metric, rows: Rows) -> tuple[list[Member], np.ndarray]:
    """Return the members that have any row for a figure, and its values."""
    assert m.base is not None
    values = m.base(rows)
    known = ~np.isnan(values)
    return list(compress(rows.members, known)), values[known]


def only(column: Column, fit: Column) -> Column:
    """Return a column where ``fit`` holds, NaN elsewhere."""
    found = np.where(fit, column, np.nan)
    return pd.Series(found, column.index) if isinstance(column, pd.Series) else found


def ratio(above: Column, below: Column) -> Column:
    """Divide, giving NaN where the divisor is zero or missing."""
    over, under = np.asarray(above, dtype="float64"), np.asarray(below, dtype="float64")
    with np.errstate(over="ignore"):
        found = np.divide(over, under, out=np.full(len(under), np.nan), where=under != 0)
    found[np.isinf(found)] = np.nan
    return pd.Series(found, above.index) if isinstance(above, pd.Series) else found
