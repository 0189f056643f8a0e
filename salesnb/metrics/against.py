"""Actual against target, last period and last year: the four figures, at any level."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from math import fsum
from typing import NamedTuple

import numpy as np
import pandas as pd

from salesnb.calendar import Calendar, Period, Window
from salesnb.errors import ScopeError
from salesnb.metrics.grouped import Member
from salesnb.metrics.registry import Column, derived, measured, metrics, only, plain, ratio
from salesnb.scope import Scope

plain("target", "kpi", absent="no_target")
plain("sales_previous", "money", absent="no_base")
plain("sales_last_year", "money", absent="no_base")

FOUR_FIGURES = (
    "sales", "target", "gap", "attainment", "sales_previous", "mom", "sales_last_year", "yoy",
)  # fmt: skip
TARGET_DIMENSIONS = ("team", "rep", "region", "channel", "product_line", "customer_type")


@derived("gap", "kpi", of=("actual", "target"), absent="no_target")
def gap(figures: Mapping[str, Column]) -> Column:
    """Subtract target from actual: negative means behind."""
    return figures["actual"] - figures["target"]


@derived("attainment", "rate", of=("actual", "target"), absent="no_target")
def attainment(figures: Mapping[str, Column]) -> Column:
    """Divide actual by target; not available where the target is not positive or the actual is negative."""
    fit = (figures["target"] > 0) & (figures["actual"] >= 0)
    return only(ratio(figures["actual"], figures["target"]), fit)


plain("actual", "kpi", absent="no_data")


def change(now: Column, before: Column) -> Column:
    """Return now / before - 1, not available where the base is not positive (同比, 环比)."""
    return ratio(now, only(before, before > 0)) - 1


plain("yoy", "rate", absent="no_base")
plain("mom", "rate", absent="no_base")


def targets_for(
    targets: pd.DataFrame, period: Period, calendar: Calendar, metric: str = "sales", by: Sequence[str] = ()
) -> pd.DataFrame:
    """Return the targets of a period at a level, from whatever level they were given at.

    Targets may stand at several levels at once (a team's total and its reps' parts), which must not be added. Of
    the levels that hold every dimension of ``by``, the coarsest one is taken. A period without targets of its own
    takes the sum of its complete finer periods. A metric that does not add up (a rate, an average) is inherited
    instead: the target holds for the whole where all its parts were given the same one, and nowhere else.

    Parameters
    ----------
    targets
        Clean targets: ``period``, ``metric``, ``amount`` and dimension columns (blank: all of it).

    Returns
    -------
    DataFrame
        Columns ``by`` and ``target``; empty where there is no target at that level.
    """
    found = due(targets, period, calendar, metric, by)
    named = {d: pd.array([member[i] for member in found], dtype="str") for i, d in enumerate(by)}
    return pd.DataFrame({**named, "target": np.array(list(found.values()), dtype="float64")})


def due(
    targets: pd.DataFrame, period: Period, calendar: Calendar, metric: str = "sales", by: Sequence[str] = ()
) -> dict[Member, float]:
    """Return what `targets_for` does as a mapping of members, in order, to their targets."""
    if any(d not in TARGET_DIMENSIONS for d in by):
        return {}
    of_metric = _is(targets["metric"], metric)

    def given(part: Period) -> list[_Row]:
        return _rows_at(targets, of_metric & _is(targets["period"], part.name))

    if not _adds_up(metric):
        return _inherited(given, period, calendar, by)
    own = _at_level(given(period), by)
    if own:
        return own
    for level in ("quarter", "month", "week"):
        if period.level in {level, "week"}:
            continue
        parts = [_at_level(given(part), by) for part in _finer(calendar, period, level)]
        if parts and all(parts):
            members = sorted({member for part in parts for member in part})
            return {m: fsum(part[m] for part in parts if m in part) for m in members}
    return {}


def _finer(calendar: Calendar, period: Period, level: str) -> list[Period]:
    """Return the finer periods of a period; none where a fiscal table does not hold all of them."""
    try:
        return calendar.parts(period, level)
    except ScopeError:
        return []


def _is(texts: pd.Series, wanted: str) -> np.ndarray:
    return np.asarray(texts.array == wanted, dtype=bool)


def _adds_up(metric: str) -> bool:
    known = metrics().get(metric)
    return known is None or (known.base is not None and known.unit in {"money", "count"})


def _inherited(
    given: Callable[[Period], list[_Row]], period: Period, calendar: Calendar, by: Sequence[str]
) -> dict[Member, float]:
    rows = given(period)
    for level in ("quarter", "month"):
        rows = rows or [row for part in _finer(calendar, period, level) for row in given(part)]
    amounts: dict[Member, set[float]] = {}
    for row in rows:
        amounts.setdefault(row.member(by), set()).add(row.amount)
    return {m: amounts[m].pop() for m in sorted(amounts) if all(m) and len(amounts[m]) == 1}


class _Row(NamedTuple):
    """One target: the members it names, blank where it names none, and how much."""

    team: str
    rep: str
    region: str
    channel: str
    product_line: str
    customer_type: str
    grain: tuple[bool, ...]
    """Which dimensions it names."""
    amount: float

    def member(self, by: Sequence[str]) -> Member:
        """Return whom it is for at a level."""
        return tuple(getattr(self, d) for d in by)


def _rows_at(targets: pd.DataFrame, fit: np.ndarray) -> list[_Row]:
    at = np.flatnonzero(fit)
    named = [targets[d].array.take(at).to_numpy(dtype="object", na_value="") for d in TARGET_DIMENSIONS]
    amounts = targets["amount"].array.take(at).to_numpy(dtype="float64", na_value=np.nan)
    grains = zip(*((names != "").tolist() for names in named), strict=True)
    columns = (*(map(str, names) for names in named), grains, amounts.tolist())
    return [_Row(*cells) for cells in zip(*columns, strict=True)]


def _at_level(rows: list[_Row], by: Sequence[str]) -> dict[Member, float]:
    groups: dict[Member, list[_Row]] = {}
    for row in rows:
        groups.setdefault(row.member(by), []).append(row)
    return {member: _without_doubles(groups[member]) for member in sorted(groups) if all(member)}


def _without_doubles(rows: list[_Row], units: tuple[int, ...] = (0, 1)) -> float:
    """Add targets of one member that may stand at several levels at once, each unit of sales counted once.

    A coarser level stands for the finer ones beneath it. Teams are judged one by one (one gives a total, another
    only its reps' parts), and so are reps where their team gives no total. ``units`` are the fields team and rep.
    """
    for place, unit in enumerate(units):
        apart: dict[str, list[_Row]] = {}
        for row in rows:
            apart.setdefault(str(row[unit]), []).append(row)
        blank = apart.pop("", [])
        if not apart:
            continue
        added = fsum(_without_doubles(part, units[place + 1 :]) for part in apart.values())
        if not blank:
            return added
        together = _one_level(blank)
        above = _coarseness([row for part in apart.values() for row in part]) - _coarseness(blank)
        return together if above > 0 else added if above < 0 else max(together, added)
    return _one_level(rows)


def _coarseness(rows: list[_Row]) -> int:
    return min(sum(row.grain) for row in rows)


def _one_level(rows: list[_Row]) -> float:
    levels: dict[tuple[bool, ...], list[float]] = {}
    for row in rows:
        levels.setdefault(row.grain, []).append(row.amount)
    sums = {grain: fsum(amounts) for grain, amounts in levels.items()}
    # Of levels equally coarse the larger one: a target for a single product must not hide the complete split.
    return sums[min(sums, key=lambda grain: (sum(grain), -sums[grain], grain))]


def four_figures(
    orders: pd.DataFrame, targets: pd.DataFrame, scope: Scope, by: Sequence[str] = ()
) -> pd.DataFrame:
    """Return sales with target, gap, attainment, and change over the last period and last year.

    Parameters
    ----------
    orders, targets
        Clean tables.
    by
        Dimensions; empty for the total.

    Returns
    -------
    DataFrame
        Columns ``by``, ``sales``, ``target``, ``gap``, ``attainment``, ``sales_previous``, ``mom``,
        ``sales_last_year``, ``yoy``; a member with a target and no sales is a row; sorted by gap, then sales.
    """
    windows = {"sales": scope.window, "sales_previous": scope.previous, "sales_last_year": scope.last_year}
    sold = {name: window and _sales(orders, window, by) for name, window in windows.items()}
    goals = due(targets, scope.period, scope.calendar, "sales", by)
    members = sorted({member for side in (goals, *sold.values()) for member in side or ()})
    sides = {name: _beside(members, side) for name, side in sold.items()}
    pair = {"actual": sides["sales"], "target": np.array([goals.get(m, np.nan) for m in members])}
    figures = {
        **sides, "target": pair["target"], "gap": gap(pair), "attainment": attainment(pair),
        "mom": change(sides["sales"], sides["sales_previous"]), "yoy": change(sides["sales"], sides["sales_last_year"]),
    }  # fmt: skip
    order = np.lexsort((-figures["sales"], figures["gap"]))  # members are in order already
    named = {d: pd.array([members[m][i] for m in order], dtype="str") for i, d in enumerate(by)}
    return pd.DataFrame({**named, **{name: figures[name][order] for name in FOUR_FIGURES}})


def _beside(members: list[Member], sold: Mapping[Member, float] | None) -> np.ndarray:
    """Return what each member sold: nothing where it has no sale, NaN where there is no such window."""
    if sold is None:
        return np.full(len(members), np.nan)
    return np.array([sold.get(m, 0.0) for m in members], dtype="float64")


def truncated(scope: Scope, window: Window | None) -> bool:
    """Tell whether the history begins so late inside a window that a change against it says little.

    A tenth of its working days may be missing: a shop's first sale of a year need not fall on its first day.
    """
    if window is None or scope.history_start <= window.start:
        return False
    before = Window(window.start, min(window.end, scope.history_start - timedelta(days=1)))
    days = scope.calendar.working_days
    return days(before) > 0.1 * days(window)


def _sales(orders: pd.DataFrame, window: Window, by: Sequence[str]) -> dict[Member, float]:
    members, figures = measured(["sales"], {"orders": orders}, window, by)
    return dict(zip(members, figures["sales"].tolist(), strict=True))
