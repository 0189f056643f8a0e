"""Actual against target, last period and last year: the four figures, at any level."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from salesnb.calendar import Calendar, Period, Window
from salesnb.metrics.registry import derived, measure, plain, ratio
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
    takes the sum of its complete finer periods, where the metric is one that adds up (money and counts).

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
    own = _at_level(rows[rows["period"] == period.name], by)
    if not own.empty or metric.endswith("_rate"):
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
            return together.groupby(list(by), as_index=False)["target"].sum()
    return own


def _at_level(rows: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    empty = pd.DataFrame(columns=[*by, "target"])
    if rows.empty or any(d not in TARGET_DIMENSIONS for d in by):
        return empty
    filled = rows[list(TARGET_DIMENSIONS)].fillna("").astype("str") != ""
    filled = filled[filled[list(by)].all(axis=1)]
    company = ~filled.any(axis=1)
    if company.any():
        chosen = rows.loc[filled.index[company]]
    else:  # each team by itself: one may give a total, another only its reps' parts
        teams = rows.loc[filled.index, "team"].fillna("").astype("str")
        levels = [_coarsest(filled.loc[teams[teams == team].index]) for team in teams.unique()]
        chosen = rows.loc[[i for level in levels for i in level]]
    if chosen.empty:
        return empty
    if not by:
        return pd.DataFrame({"target": [float(chosen["amount"].sum())]})
    return chosen.groupby(list(by), as_index=False)["amount"].sum().rename(columns={"amount": "target"})


def _coarsest(filled: pd.DataFrame) -> list[int]:
    grains = filled.apply(tuple, axis=1)
    best = min(grains, key=lambda grain: (sum(grain), grain))
    return list(grains.index[[grain == best for grain in grains]])


def four_figures(orders: pd.DataFrame, targets: pd.DataFrame, scope: Scope, by: Sequence[str] = ()) -> pd.DataFrame:
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


def _sales(orders: pd.DataFrame, window: Window, by: list[str]) -> pd.DataFrame:
    return measure(["sales"], {"orders": orders}, window, by)


def _join(left: pd.DataFrame, right: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    if not keys:
        added = [c for c in right.columns if c not in left.columns]
        return left.assign(**{c: right[c].iloc[0] if len(right) else np.nan for c in added})
    return left.merge(right, on=keys, how="outer")
