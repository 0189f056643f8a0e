"""Which of the five situations that call for a diagnosis hold now, and why."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd

from salesnb.calendar import Window
from salesnb.errors import ScopeError
from salesnb.findings.finding import NOT_ASKED, Chart, Finding, Say
from salesnb.methods.over_time.decline import LEAST, Dispersion, chance_fewer, dispersion, fallen
from salesnb.methods.rates import chance_equal
from salesnb.metrics import UNASSIGNED
from salesnb.metrics.activity import joined
from salesnb.metrics.covered import NOT_HELD, held
from salesnb.metrics.customers import looked_back, repurchase
from salesnb.metrics.registry import measured
from salesnb.schema import SCALE
from salesnb.scope import Scope
from salesnb.views.past import LAST_YEAR, base_of
from salesnb.views.periods import run_before
from salesnb.views.recorded import AMOUNTS
from salesnb.views.seasoned import Seasoned, seasoned
from salesnb.views.slices import without_removed
from salesnb.views.workload import DAYS, LOG, RATES, rates, staff

COLUMNS = ("situation", "rep", "kpi", "actual", "limit", "streak", "cases", "source", "status", "note", "evidence",
           "start")  # fmt: skip
HOLDS, NOT_NOW, CANNOT_TELL = "holds", "not_now", "cannot_tell"

Tables = Mapping[str, pd.DataFrame]
Check = dict[str, object]

OTHERS = 3
"""Months beside those in a row by which it is told how far months differ; of fewer nothing is called usual."""

_CHANCE = 0.01
"""How often a rate that did not fall may be called fallen."""


def situations(tables: Tables, targets: pd.DataFrame, *, scope: Scope) -> Finding:
    """Check which of the five situations hold that call for a diagnosis.

    They are: a new team; a missed target or months of decline; the sprint to a quarter's end; low repurchase or too
    few new customers; falling activity.

    Parameters
    ----------
    tables
        Clean tables: orders, activities, reps; what is absent cannot be told of.
    targets
        Clean targets.

    Returns
    -------
    Finding
        One row per check, in the order of the five. ``actual`` is held against ``limit``; ``status`` is ``holds``,
        ``not_now`` or ``cannot_tell``, ``note`` the code of what else is to be known, ``source`` what the limit is.
    """
    orders = tables["orders"]
    checks = [
        _new_team(tables["reps"], scope),
        _target(orders, targets, scope),
        _decline(orders, scope),
        *_sprint(orders, targets, scope),
        _repurchase(orders, scope),
        _new_customers(orders, targets, scope),
        *_activity(tables["activities"], tables["reps"], scope),
    ]
    empty: Check = {"rep": "", "actual": np.nan, "limit": np.nan, "streak": np.nan, "cases": np.nan, "source": "",
                    "note": "", "evidence": "measured", "start": ""}  # fmt: skip
    made = pd.DataFrame([{**empty, **check} for check in checks], columns=list(COLUMNS))
    rows = without_removed(made, scope).reset_index(drop=True)
    return Finding(
        "diagnosis.situations", scope, rows, _headline(rows), notes=tuple(_why(rows)),
        chart=Chart("table", accent=tuple(int(i) for i in np.flatnonzero(rows["status"] == HOLDS))),
        table=("situation", "rep", "kpi", "actual", "limit", "source", "status", "note"),
        reasons=dict.fromkeys(("actual", "limit", "streak", "cases"), NOT_ASKED),
    )  # fmt: skip


# -- the five


def _new_team(reps: pd.DataFrame, scope: Scope) -> Check:
    """Compare the number of reps who joined lately with the share of all that makes a team a new one."""
    rules = scope.settings.situations
    since = (pd.Timestamp(scope.window.end) - pd.DateOffset(months=rules.new_team_months)).date()
    check: Check = {"situation": "new_team", "kpi": "new_reps", "start": since.isoformat(), "source": "settings"}
    days = joined(reps, scope.window.end)
    if not days or reps["valid_from"].isna().all():
        return {**check, "status": CANNOT_TELL, "note": "no_roster" if not days else "no_days"}
    new = sum(1 for day in days.values() if day is not None and day > since)
    limit = rules.new_team_share * len(days)
    held = {"actual": float(new), "limit": limit, "cases": float(len(days))}
    return {**check, **held, "status": HOLDS if new >= limit and new else NOT_NOW}


def _target(orders: pd.DataFrame, targets: pd.DataFrame, scope: Scope) -> Check:
    goal, sold, _ = held("sales", {"orders": orders}, targets, scope).get((), NOT_HELD)
    sold = _sales(orders, scope.window) if np.isnan(goal) else sold
    check: Check = {"situation": "behind", "kpi": "sales", "actual": sold, "limit": goal, "source": "target"}
    if scope.recorded(AMOUNTS) is None:
        return {**check, "actual": np.nan, "limit": np.nan, "status": CANNOT_TELL, "note": "no_amounts"}
    if np.isnan(goal) or np.isnan(sold):
        return {**check, "status": CANNOT_TELL, "note": "no_target"}
    if not scope.complete and sold < goal:
        return {**check, "status": CANNOT_TELL, "note": "not_over"}
    return {**check, "status": HOLDS if sold < goal else NOT_NOW}


def _decline(orders: pd.DataFrame, scope: Scope) -> Check:
    """Judge months of decline by months of the same season, not by the month before."""
    found = seasoned(orders, scope)
    check: Check = {"situation": "behind", "kpi": "sales_per_day"}
    if found is None or len(found.months) < 2:
        return {**check, "status": CANNOT_TELL, "note": "short"}
    if not found.basis:
        own = {"actual": _money(found.per_day[-1:]), "streak": float(-found.falls)}
        fell = found.falls >= 2
        return {**check, **own, "status": CANNOT_TELL if fell else NOT_NOW, "note": "no_season" if fell else ""}
    run = max(found.below, 1)
    own = {"actual": _money(found.per_day[-run:]), "limit": _money(found.base[-run:]), "streak": float(-found.below)}
    status, note = _judged(found)
    return {**check, **own, "source": found.basis, "status": status, "note": note}


def _judged(found: Seasoned) -> tuple[str, str]:
    """Return status and note of a run of months: only a year before rules out that it is the season."""
    if found.below < 2:
        fell = "season" if found.below == 0 else "one_month"
        return NOT_NOW, fell if found.falls >= 2 else ""
    if found.judged is None or (not found.judged.beyond and found.others < OTHERS):
        return CANNOT_TELL, "few_months"
    if not found.judged.beyond:
        return NOT_NOW, "within"
    return (HOLDS, "") if found.basis == LAST_YEAR else (CANNOT_TELL, "no_year")


def _money(per_day: np.ndarray) -> float:
    return float(np.mean(per_day)) / SCALE


def _sprint(orders: pd.DataFrame, targets: pd.DataFrame, scope: Scope) -> list[Check]:
    """Tell whether the last working days of the period's quarter run, and how far the quarter's target is.

    Days are counted from the day of the report: of a quarter that is over nothing is left to sprint for.
    """
    most, end = scope.settings.situations.sprint_days, scope.window.end
    check: Check = {"situation": "sprint", "kpi": "days_left", "limit": float(most), "source": "settings"}
    try:
        quarter = scope.calendar.holding(end, "quarter")
    except ScopeError:  # a fiscal table without quarters of that time
        return [{**check, "limit": np.nan, "status": CANNOT_TELL, "note": "no_quarter"}]
    from_now = max(end, min(scope.as_of, quarter.end)) + timedelta(days=1)
    left = scope.calendar.working_days(Window(from_now, quarter.end))
    sprint = 0 < left <= most
    check |= {"actual": float(left), "status": HOLDS if sprint else NOT_NOW, "note": "" if left else "quarter_over"}
    goal, sold, _ = held("sales", {"orders": orders}, targets, replace(scope.at(quarter), as_of=end)).get((), NOT_HELD)
    if not sprint or np.isnan(goal) or np.isnan(sold) or scope.recorded(AMOUNTS) is None:
        return [check]
    of_quarter = {"kpi": "sales", "actual": sold, "limit": goal, "source": "quarter_target"}
    return [check, {**check, **of_quarter, "note": "quarter_met" if sold >= goal else "quarter_short"}]


def _repurchase(orders: pd.DataFrame, scope: Scope) -> Check:
    """Compare the share of existing customers who bought again with that of the same season."""
    months, base = scope.settings.sales.existing_customer_months, base_of(scope)
    check: Check = {"situation": "customers", "kpi": "repurchase_rate"}
    if orders["customer"].isna().all() or not scope.holds(looked_back(scope.window, months)):
        return {**check, "status": CANNOT_TELL, "note": "young"}
    now = repurchase(orders, scope.window, months)
    check |= {"actual": now["repurchase_rate"], "cases": now["existing_customers"]}
    if base is None or not scope.holds(looked_back(base.window, months)):
        return {**check, "status": CANNOT_TELL, "note": "no_season"}
    then = repurchase(orders, base.window, months)
    check |= {"limit": then["repurchase_rate"], "source": base.basis}
    if min(now["existing_customers"], then["existing_customers"]) < scope.settings.sales.small_n:
        return {**check, "status": CANNOT_TELL, "note": "few_cases"}
    pairs = [(side["returning_customers"], side["existing_customers"]) for side in (now, then)]
    lower = now["repurchase_rate"] < then["repurchase_rate"]
    return {**check, **_fell(lower and chance_equal(*pairs) < _CHANCE, lower, base.basis)}


def _new_customers(orders: pd.DataFrame, targets: pd.DataFrame, scope: Scope) -> Check:
    """Hold new customers against their target, else against the same season."""
    months, base = scope.settings.sales.existing_customer_months, base_of(scope)
    check: Check = {"situation": "customers", "kpi": "new_customers"}
    if orders["customer"].isna().all() or not scope.holds(looked_back(scope.window, months)):
        return {**check, "status": CANNOT_TELL, "note": "young"}
    now = _new(orders, scope.window)
    check |= {"actual": float(now)}
    goal, reached, _ = held("new_customers", {"orders": orders}, targets, scope).get((), NOT_HELD)
    if not np.isnan(goal) and not np.isnan(reached):
        check |= {"actual": reached}
        status = NOT_NOW if reached >= goal else HOLDS if scope.complete else CANNOT_TELL
        return {**check, "limit": goal, "source": "target", "status": status, "note": _over(status)}
    if base is None or not scope.holds(looked_back(base.window, months)):
        return {**check, "status": CANNOT_TELL, "note": "no_season"}
    then, days = _new(orders, base.window), scope.calendar.working_days
    share = days(scope.window) / max(days(scope.window) + days(base.window), 1)
    check |= {"limit": float(then), "source": base.basis}
    return {**check, **_fell(chance_fewer(now, then, share) < _CHANCE, now < then, base.basis)}


def _fell(beyond: bool, lower: bool, basis: str) -> Check:
    """Return status and note of a figure that lies below that of its season, beyond chance or not."""
    if not beyond:
        return {"status": NOT_NOW, "note": "within" if lower else ""}
    return {"status": HOLDS} if basis == LAST_YEAR else {"status": CANNOT_TELL, "note": "no_year"}


def _over(status: str) -> str:
    return "not_over" if status == CANNOT_TELL else ""


def _activity(activities: pd.DataFrame, reps: pd.DataFrame, scope: Scope) -> list[Check]:
    """Hold the team's activity a rep and day against the year before; add every rep whose own fell beyond chance."""
    months = _year_before(activities, scope)
    check: Check = {"situation": "activity", "kpi": "calls_per_day"}
    if activities.empty or len(months) < LEAST:
        return [{**check, "status": CANNOT_TELL, "note": "no_log" if activities.empty else "short"}]
    people = staff(activities, reps, scope, [*months, scope.window])
    team, each = [rates(p) for p in people], [_by_rep(p) for p in people]
    month = sum(scope.calendar.working_days(m) for m in months) / len(months)
    share = scope.calendar.working_days(scope.window) / max(month, 1.0)
    there = dict(zip(people[-1]["rep"].tolist(), people[-1]["working_days"] / max(month, 1.0), strict=True))
    chance = _CHANCE / len(RATES)
    found, named = [], []
    for kpi in RATES:
        found.append(_activity_check(kpi, "", [r[kpi] for r in team], None, share, chance))
        series = {rep: [one.get(rep, {}).get(kpi, np.nan) for one in each] for rep in sorted(each[-1])}
        usual = dispersion(values[:-1] for values in series.values())
        own = [
            _activity_check(kpi, rep, values, usual, there[rep], chance / len(series))
            for rep, values in series.items()
            if rep != UNASSIGNED
        ]
        named += [one for one in own if one.get("status") == HOLDS]
    return [one for one in (*found, *named) if one] or [{**check, "status": CANNOT_TELL, "note": "no_log"}]


def _year_before(activities: pd.DataFrame, scope: Scope) -> list[Window]:
    """Return the months that the log covers of the year that ended three months before the period.

    So a fall of the last months is still one when it has lasted for some of them.
    """
    first = _log_begins(activities, scope)
    log = replace(scope, history_start=first or date.max)
    return [p.window for p in run_before(log, "month", 12, _RECENT)]


def _log_begins(activities: pd.DataFrame, scope: Scope) -> date | None:
    """Return the first day of the company's log; where that is not told, of the entries at hand."""
    kept = scope.records.get(LOG)
    if kept is not None:
        return max(kept.start, scope.history_start)
    first = activities["activity_date"].min()
    return None if pd.isna(first) else first.date()


_RECENT = 3
"""Months before the period that are not what is usual, since a fall may be some months old."""


def _by_rep(people: pd.DataFrame) -> dict[str, dict[str, float]]:
    """Return each rep's rates of activity."""
    found: dict[str, dict[str, float]] = {rep: {} for rep in people["rep"].tolist()}
    for kpi, (kind, formula) in RATES.items():
        values = formula({kind: people[kind].to_numpy(), "working_days": people[DAYS[kind]].to_numpy()})
        for rep, value in zip(people["rep"].tolist(), values.tolist(), strict=True):
            found[rep][kpi] = value
    return found


def _activity_check(
    kpi: str, rep: str, series: list[float], usual: Dispersion | None, share: float, chance: float
) -> Check:
    """Judge the last of a series by the ones before; empty for a kind of activity that was not logged then."""
    *before, now = series
    known = [value for value in before if not np.isnan(value)]
    if len(known) < LEAST:
        return {}
    check: Check = {"situation": "activity", "kpi": kpi, "rep": rep, "actual": now, "limit": float(np.mean(known)),
                    "source": "year_before"}  # fmt: skip
    if np.isnan(now):
        return {**check, "status": CANNOT_TELL, "note": "not_logged"}
    fell = fallen(now, known, usual, share=share, chance=chance)
    return {**check, "status": HOLDS if fell else NOT_NOW}


# -- what is said of them


def _sales(orders: pd.DataFrame, window: Window) -> float:
    return float(measured(["sales"], {"orders": orders}, window)[1]["sales"][0])


def _new(orders: pd.DataFrame, window: Window) -> int:
    return int(measured(["new_customers"], {"orders": orders}, window)[1]["new_customers"][0])


def _first_of_each(rows: pd.DataFrame, status: str) -> tuple[int, ...]:
    """Return the first row of every situation that has one of a status."""
    found = rows[rows["status"] == status].drop_duplicates("situation")
    return tuple(int(i) for i in found.index)


def _headline(rows: pd.DataFrame) -> Say:
    holding, untold = _first_of_each(rows, HOLDS), _first_of_each(rows, CANNOT_TELL)
    if holding:
        return Say("some", {"holding": holding})
    return Say("none_untold", {"untold": untold}) if untold else Say("none")


def _why(rows: pd.DataFrame) -> Iterator[Say]:
    """Yield a sentence for every check that holds, or that cannot be told, or that only looks like it holds."""
    columns = ("situation", "rep", "kpi", "status", "source", "note")
    for i, (situation, rep, kpi, status, source, note) in enumerate(rows[list(columns)].itertuples(index=False)):
        if status == NOT_NOW and note not in {"within", "season", "one_month"}:
            continue
        parts = [kpi, status]
        if kpi in RATES:
            parts = ["activity", status, *(["rep"] if rep else [])]
        elif kpi in {"sales", "days_left"}:
            parts = [situation, kpi, status]
        parts += [source] if source and kpi in _BY_SOURCE else []
        yield Say("_".join([*parts, *([note] if note else [])]), {"row": i})


_BY_SOURCE = frozenset({"sales_per_day", "repurchase_rate", "new_customers"})
"""Figures of which the sentence says what they are held against."""
