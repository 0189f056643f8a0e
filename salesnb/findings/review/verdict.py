"""The memo's first sentence: sales against target, and the largest problem."""

import pandas as pd

from salesnb.findings.finding import NOT_ASKED, Chart, Finding, Say
from salesnb.metrics import four_figures
from salesnb.metrics.pace import required_rate, time_progress
from salesnb.scope import Scope
from salesnb.views.lights import covered_column, enough
from salesnb.views.slices import SLICE, used, with_slice

WHOLE = ["sales", "target", "gap", "attainment", "covered", "mom", "yoy"]
CASH = ("lower_collection",)
"""Problems of money that does not come in: no part of a gap in sales, so they do not explain it."""

DAILY = {"yoy": "yoy_daily", "mom": "mom_daily"}
UNEVEN = 0.05
"""Part by which working days must differ for a change to be told by the day too: longer months sell more."""

RUNNING = ["time_progress", "pace", "required_rate"]


def verdict(orders: pd.DataFrame, targets: pd.DataFrame, problems: pd.DataFrame, *, scope: Scope) -> Finding:
    """Say where the period stands and what hurts most.

    A finished period is short of its target or ahead of it. An unfinished one is told to date, beside the time
    elapsed and the daily rate that the days left must bring; nothing is forecast.

    Parameters
    ----------
    orders, targets
        Clean tables.
    problems
        Rows of the diagnosis, largest loss first.

    Returns
    -------
    Finding
        Row 0 is the whole, with its changes by the working day where periods had clearly more or fewer; row 1, where
        there is one, the largest problem of sales (without one, of collection) with its ``effect``; row 2, where there
        are both, the largest problem of collection.
    """
    whole = four_figures(orders, targets, scope)[WHOLE]
    daily = _daily(whole, scope)
    whole = whole.assign(**daily) if scope.complete else whole.assign(**_running(whole, scope))
    cash = problems["problem"].isin(CASH)
    chosen = pd.concat([problems[~cash].head(1), problems[cash].head(1)])
    worst = with_slice(chosen).reindex(columns=["problem", *SLICE, "effect"])
    rows = pd.concat([whole, worst], ignore_index=True)
    texts = ["problem", *SLICE]
    rows = rows.assign(**{c: rows[c].fillna("").astype("str") for c in texts})
    figures = [*WHOLE, *(daily if scope.complete else RUNNING), *(["effect"] if len(worst) else [])]
    held = [f for f in figures if f != "effect" and (f != "covered" or covered_column(rows.iloc[:1]))]
    shown = ("problem", *used(rows), "effect") if len(worst) else ()
    return Finding(
        "review.verdict", scope, rows[["problem", *SLICE, *figures]], _headline(rows, scope),
        notes=_notes(rows, scope), chart=Chart("folded", rows=(0,)),
        table=(*shown, *held), reasons=_reasons(rows, figures),
        front="sentence", light=_light(rows.iloc[:1], scope),
    )  # fmt: skip


def _light(whole: pd.DataFrame, scope: Scope) -> str:
    """A target may be met before the period is over; missed it can only be then."""
    gap = whole["gap"].iloc[0]
    if pd.isna(gap) or not enough(whole["covered"], scope)[0] or _of_another_unit(whole, scope):
        return "none"
    return "met" if gap >= 0 else "missed" if scope.complete else "open"


FAR = 30.0
"""Sales so many times the target, or so small a part of it, suggest that the target is in another unit."""


def _of_another_unit(rows: pd.DataFrame, scope: Scope) -> bool:
    share = rows["attainment"].iloc[0]
    return bool(share >= FAR or (scope.complete and 0 < share <= 1 / FAR))


def _running(whole: pd.DataFrame, scope: Scope) -> dict[str, float]:
    elapsed = time_progress(scope)
    gap, attained = float(whole["gap"].iloc[0]), float(whole["attainment"].iloc[0])
    return {"time_progress": elapsed, "pace": attained - elapsed, "required_rate": required_rate(gap, scope)}


def _daily(whole: pd.DataFrame, scope: Scope) -> dict[str, float]:
    """Return the changes by the working day, on periods that had clearly more or fewer of them."""
    found, days = {}, scope.calendar.working_days
    for name, base in (("yoy", scope.last_year), ("mom", scope.previous)):
        change = float(whole[name].iloc[0])
        if not scope.complete or base is None or pd.isna(change) or not (days(base) and days(scope.window)):
            continue
        if abs(days(base) / days(scope.window) - 1) >= UNEVEN and not (name == "mom" and base == scope.last_year):
            found[DAILY[name]] = (1 + change) * days(base) / days(scope.window) - 1
    return found


def _headline(rows: pd.DataFrame, scope: Scope) -> Say:
    gap = rows["gap"].iloc[0]
    key = "short" if gap < 0 else "ahead" if gap > 0 else "met"
    if pd.isna(gap):
        key = "no_target" if pd.isna(rows["target"].iloc[0]) else "target_apart"
    if not scope.complete:
        key = f"to_date_{key}"
    picks: dict[str, int | tuple[int, ...]] = {"total": 0}
    if len(rows) > 1:
        key += "+cash" if rows["problem"].iloc[1] in CASH else "+problem"
        picks["worst"] = 1
    return Say(key, picks)


def _notes(rows: pd.DataFrame, scope: Scope) -> tuple[Say, ...]:
    """Say how far the target is reached, how sales changed, and, while days are left, what each must bring."""
    picks = {"total": 0}
    notes = (
        [Say("attained" if scope.complete else "attained_to_date", picks)]
        if pd.notna(rows["attainment"].iloc[0])
        else []
    )
    if _of_another_unit(rows, scope):
        notes.insert(0, Say("scale", picks))
    bases = {"yoy": scope.last_year, "mom": scope.previous}
    if scope.previous == scope.last_year:
        del bases["mom"]  # of a year both are the year before
    known = [n for n, base in bases.items() if pd.notna(rows[n].iloc[0]) and scope.holds(base)]
    key = "_".join(["changes", *known]) if len(bases) > 1 else "changes_year"
    notes.append(Say(key, picks) if known else Say("no_base"))
    uneven = [name for name in known if DAILY[name] in rows]
    notes += [Say("_".join(["daily", *uneven]), picks)] if uneven else []
    if not scope.complete and rows["gap"].iloc[0] < 0 and pd.notna(rows["required_rate"].iloc[0]):
        notes.append(Say("needed", picks))
    if len(rows) > 2:
        notes.append(Say("besides", {"cash": 2}))
    return tuple(notes)


def _reasons(rows: pd.DataFrame, figures: list[str]) -> dict[str, str]:
    """A figure of the whole is not asked of a problem, nor the other way round; what the whole lacks has its reason."""
    return {c: NOT_ASKED for c in figures if len(rows) > 1 and (c == "effect" or pd.notna(rows[c].iloc[0]))}
