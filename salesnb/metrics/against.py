"""Actual against target, last period and last year: the four figures, at any level."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from salesnb.calendar import Calendar, Period, Window
from salesnb.metrics.covered import NOT_HELD, held
from salesnb.metrics.goals import TARGET_DIMENSIONS, goals_for
from salesnb.metrics.grouped import Member
from salesnb.metrics.registry import Column, derived, measured, measured_by, only, ratio
from salesnb.scope import Scope

__all__ = ["TARGET_DIMENSIONS", "attainment", "change", "due", "four_figures", "gap", "targets_for"]

measured_by("targets.score", "kpi", "actual")
measured_by("targets.score", "kpi", "target", absent="no_target")
measured_by("diagnosis.attainment", "money", "sales_previous", "sales_last_year", table="orders", absent="no_base")
measured_by("targets.levels", "rate", "yoy", "mom", table="orders", absent="no_base", signed=True)

FOUR_FIGURES = ("sales", "target", "gap", "attainment", "covered", "sales_previous", "mom", "sales_last_year", "yoy")


@derived("gap", "kpi", of=("actual", "target"), definition=2, absent="no_target", signed=True)
def gap(figures: Mapping[str, Column]) -> Column:
    """Subtract target from actual: negative means behind."""
    return figures["actual"] - figures["target"]


@derived("attainment", "rate", of=("actual", "target"), definition=2, absent="no_target", par=1.0)
def attainment(figures: Mapping[str, Column]) -> Column:
    """Divide actual by target; not available where the target is not positive or the actual is negative."""
    fit = (figures["target"] > 0) & (figures["actual"] >= 0)
    return only(ratio(figures["actual"], figures["target"]), fit)


def change(now: Column, before: Column) -> Column:
    """Return now / before - 1, not available where the base is not positive (同比, 环比)."""
    return ratio(now, only(before, before > 0)) - 1


def targets_for(
    targets: pd.DataFrame, period: Period, calendar: Calendar, metric: str = "sales", by: Sequence[str] = ()
) -> pd.DataFrame:
    """Return the targets of a period at a level, from whatever level they were given at; see `goals_for`.

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
    return {m: goal.target for m, goal in goals_for(targets, period, calendar, metric, by).items()}


def four_figures(orders: pd.DataFrame, targets: pd.DataFrame, scope: Scope, by: Sequence[str] = ()) -> pd.DataFrame:
    """Return sales with target, gap, attainment, and change over the last period and last year.

    A target is held against the sales of just what it covers: ``gap`` and ``attainment`` are of these, ``covered``
    is their share of all.

    Parameters
    ----------
    orders, targets
        Clean tables.
    by
        Dimensions; empty for the total.

    Returns
    -------
    DataFrame
        Columns ``by``, ``sales``, ``target``, ``gap``, ``attainment``, ``covered``, ``sales_previous``, ``mom``,
        ``sales_last_year``, ``yoy``; a member with a target and no sales is a row; sorted by gap, then sales.
    """
    windows = {"sales": scope.window, "sales_previous": scope.previous, "sales_last_year": scope.last_year}
    sold = {name: window and _sales(orders, window, by) for name, window in windows.items()}
    goals = held("sales", {"orders": orders}, targets, scope, by)
    members = sorted({member for side in (goals, *sold.values()) for member in side or ()})
    sides = {name: _beside(members, side) for name, side in sold.items()}
    target, actual, covered = np.array([goals.get(m, NOT_HELD) for m in members]).reshape(-1, 3).T
    pair = {"actual": actual, "target": target}
    figures = {
        **sides, "target": target, "gap": gap(pair), "attainment": attainment(pair), "covered": covered,
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


def _sales(orders: pd.DataFrame, window: Window, by: Sequence[str]) -> dict[Member, float]:
    members, figures = measured(["sales"], {"orders": orders}, window, by)
    return dict(zip(members, figures["sales"].tolist(), strict=True))
