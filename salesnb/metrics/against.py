"""Actual against target, last period and last year: the four figures, at any level."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from math import fsum
from typing import NamedTuple

import numpy as np
import pandas as pd

from salesnb.calendar import Calendar, Period, Window
from salesnb.metrics.registry import derived, measure, metrics, plain, ratio
from salesnb.scope import Scope

plain("target", "kpi", absent="no_target")
plain("sales_previous", "money", absent="no_base")
plain("sales_last_year", "money", absent="no_base")

TARGET_DIMENSIONS = ("team", "rep", "region", "channel", "product_line", "customer_type")


@derived("gap", "kpi", of=("actual", "target"), absent="no_target")
def gap(frame: pd.DataFrame) -> pd.Series:
    """Subtract target from actual: negative means behind."""
    return frame["actual"] - frame["target"]


@derived("attainment", "rate", of=("actual", "target"), absent="no_target")
def attainment(frame: pd.DataFrame) -> pd.Series:
    """Divide actual by target; not available where the target is not positive or the actual is negative."""
    fit = (frame["target"] > 0) & (frame["actual"] >= 0)
    return ratio(frame["actual"], frame["target"]).where(fit)


plain("actual", "kpi", absent="no_data")


def change(now: pd.Series, before: pd.Series) -> pd.Series:
    """Return now / before - 1, not available where the base is not positive (同比, 环比)."""
    return ratio(now, before.where(before > 0)) - 1


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
    rows = targets[targets["metric"] == metric]
    if not _adds_up(metric):
        return _inherited(rows, period, calendar, by)
    own = _at_level(rows[rows["period"] == period.name], by)
    if not own.empty:
        return own
    for level in ("quarter", "month", "week"):
        if period.level in {level, "week"}:
            continue
        parts = [p.name for p in calendar.parts(period, level)]
        found = [_at_level(rows[rows["period"] == name], by) for name in parts]
        if found and all(not f.empty for f in found):
            together = pd.concat(found)
            if not by:
                return pd.DataFrame({"target": [together["target"].sum()]})
            return together.groupby(list(by))["target"].sum().reset_index()
    return own


def _adds_up(metric: str) -> bool:
    known = metrics().get(metric)
    return known is None or (known.base is not None and known.unit in {"money", "count"})


def _inherited(rows: pd.DataFrame, period: Period, calendar: Calendar, by: Sequence[str]) -> pd.DataFrame:
    levels = [
        [period.name],
        *([p.name for p in calendar.parts(period, level)] for level in ("quarter", "month")),
    ]
    given = next((names for names in levels if rows["period"].isin(names).any()), [])
    keys = [d for d in by if d in TARGET_DIMENSIONS]
    held = rows[rows["period"].isin(given) & (rows[keys].fillna("").astype("str") != "").all(axis=1)]
    if held.empty or len(keys) < len(by):
        return pd.DataFrame(columns=[*by, "target"])
    if not keys:
        amounts = held["amount"].astype("float64").unique()
        return pd.DataFrame({"target": amounts if len(amounts) == 1 else []})
    found = held.groupby(keys)["amount"].agg(["min", "max"]).reset_index()
    same = found.loc[found["min"] == found["max"]].rename(columns={"min": "target"})
    return pd.DataFrame(same, columns=[*keys, "target"]).reset_index(drop=True)


class _Row(NamedTuple):
    """One target: what it names, which dimensions it names, how much."""

    team: str
    rep: str
    grain: tuple[bool, ...]
    amount: float


def _at_level(rows: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    empty = pd.DataFrame(columns=[*by, "target"])
    if rows.empty or any(d not in TARGET_DIMENSIONS for d in by):
        return empty
    named = rows[list(TARGET_DIMENSIONS)].fillna("").astype("str")
    groups: dict[tuple[str, ...], list[_Row]] = {}
    for names, amount in zip(named.itertuples(index=False, name=None), rows["amount"], strict=True):
        given = dict(zip(TARGET_DIMENSIONS, names, strict=True))
        member = tuple(given[d] for d in by)
        if all(member):
            row = _Row(given["team"], given["rep"], tuple(name != "" for name in names), float(amount))
            groups.setdefault(member, []).append(row)
    found = [(*member, _without_doubles(groups[member])) for member in sorted(groups)]
    return pd.DataFrame(found, columns=[*by, "target"]) if found else empty


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
    keys = list(by)
    frame = _sales(orders, scope.window, keys)
    frame = _join(frame, targets_for(targets, scope.period, scope.calendar, "sales", keys), keys)
    bases = {"sales_previous": scope.previous, "sales_last_year": scope.last_year}
    for name, window in bases.items():
        if window is None:
            frame[name] = np.nan
        else:
            frame = _join(frame, _sales(orders, window, keys).rename(columns={"sales": name}), keys)
    # Only now, since each join may bring members that the ones before did not have.
    sold = ["sales", *(name for name, window in bases.items() if window is not None)]
    frame[sold] = frame[sold].fillna(0.0)
    pair = pd.DataFrame({"actual": frame["sales"], "target": frame["target"].astype("float64")})
    frame["target"], frame["gap"], frame["attainment"] = pair["target"], gap(pair), attainment(pair)
    frame["mom"] = change(frame["sales"], frame["sales_previous"])
    frame["yoy"] = change(frame["sales"], frame["sales_last_year"])
    order = [*keys, "sales", "target", "gap", "attainment", "sales_previous", "mom", "sales_last_year", "yoy"]
    frame = frame[order]
    if keys:
        frame = frame.sort_values(["gap", "sales", *keys], ascending=[True, False, *[True] * len(keys)])
    return frame.reset_index(drop=True)


def truncated(scope: Scope, window: Window | None) -> bool:
    """Tell whether the history begins so late inside a window that a change against it says little.

    A tenth of its working days may be missing: a shop's first sale of a year need not fall on its first day.
    """
    if window is None or scope.history_start <= window.start:
        return False
    before = Window(window.start, min(window.end, scope.history_start - timedelta(days=1)))
    days = scope.calendar.working_days
    return days(before) > 0.1 * days(window)


def _sales(orders: pd.DataFrame, window: Window, by: list[str]) -> pd.DataFrame:
    return measure(["sales"], {"orders": orders}, window, by)


def _join(left: pd.DataFrame, right: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    if not keys:
        added = [c for c in right.columns if c not in left.columns]
        return left.assign(**{c: right[c].iloc[0] if len(right) else np.nan for c in added})
    return left.merge(right, on=keys, how="outer")
