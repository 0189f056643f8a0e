"""Actual against target, last period and last year: the four figures, at any level."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

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
    levels = [[period.name], *([p.name for p in calendar.parts(period, level)] for level in ("quarter", "month"))]
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


def _at_level(rows: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    empty = pd.DataFrame(columns=[*by, "target"])
    if rows.empty or any(d not in TARGET_DIMENSIONS for d in by):
        return empty
    named = rows[list(TARGET_DIMENSIONS)].fillna("").astype("str")
    filled = named != ""
    fit = filled[list(by)].all(axis=1).to_numpy()
    table = pd.DataFrame({"grain": list(filled.itertuples(index=False, name=None)), "amount": rows["amount"]})
    table = table.assign(**{d: named[d] for d in ("team", "rep", *by)})[fit]
    if table.empty:
        return empty
    if not by:
        return pd.DataFrame({"target": [_without_doubles(table)]})
    found = [(*members, _without_doubles(part)) for members, part in table.groupby(list(by), sort=True)]
    return pd.DataFrame(found, columns=[*by, "target"])


def _without_doubles(table: pd.DataFrame) -> float:
    """Add targets of one member that may stand at several levels at once, each unit of sales counted once.

    A coarser level stands for the finer ones beneath it. Teams are judged one by one (one gives a total, another
    only its reps' parts), and so are reps where their team gives no total.
    """
    for unit in ("team", "rep"):
        blank = table[table[unit] == ""]
        named = table[table[unit] != ""]
        if named.empty:
            continue
        apart = float(sum(_without_doubles(part.assign(**{unit: ""})) for _, part in named.groupby(unit)))
        if blank.empty:
            return apart
        together, above = _one_level(blank), _coarseness(named) - _coarseness(blank)
        return together if above > 0 else apart if above < 0 else max(together, apart)
    return _one_level(table)


def _coarseness(table: pd.DataFrame) -> int:
    return int(table["grain"].map(sum).min())


def _one_level(table: pd.DataFrame) -> float:
    sums = table.groupby("grain")["amount"].sum()
    # Of levels equally coarse the larger one: a target for a single product must not hide the complete split.
    return float(sums[min(sums.index, key=lambda grain: (sum(grain), -sums[grain], grain))])


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
    for name, window in (("sales_previous", scope.previous), ("sales_last_year", scope.last_year)):
        if window is None:
            frame[name] = np.nan
        else:
            frame = _join(frame, _sales(orders, window, keys).rename(columns={"sales": name}), keys)
            frame[name] = frame[name].fillna(0.0)
    frame["sales"] = frame["sales"].fillna(0.0)
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
