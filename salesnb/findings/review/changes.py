"""What changed since the last issue of this memo."""

import pandas as pd

from salesnb.calendar import Period
from salesnb.findings.finding import NOT_ASKED, Chart, Finding, Say
from salesnb.metrics import four_figures
from salesnb.metrics.covered import ALL
from salesnb.scope import WHOLE_COMPANY, Scope

KPIS = ("sales", "target", "gap", "attainment", "covered")
ISSUED_AS = "verdict"
"""The finding whose figures of the whole team an issue put first."""

COLUMNS = ["kpi", "period", "before", "after", "change", "source", "last_date"]


def changes(orders: pd.DataFrame, targets: pd.DataFrame, issued: pd.DataFrame, *, scope: Scope) -> Finding:
    """Set the memo's first figures beside those of the last issue.

    The last issue is the latest of this period before ``as_of``. Where there was none, it is that of the period
    before: with the figures it was issued with, the others as today's data give them. While the period runs, its sales
    are held against as many working days of the period before, and nothing else is compared with a finished one.

    Parameters
    ----------
    orders, targets
        Clean tables.
    issued
        Figures of pages already issued.

    Returns
    -------
    Finding
        One row per figure: ``before``, ``after``, ``change``, and ``source``, whether the former was issued so or is
        recomputed.
    """
    now = four_figures(orders, targets, scope)
    told = _last_told(issued, scope.period, scope)
    period, before = scope.period, told
    if not told:
        earlier = scope.calendar.previous(scope.period)
        if earlier is None or not scope.holds(earlier.window) or not scope.holds(scope.previous):
            return _none(scope)
        period = earlier
        told = _last_told(issued, earlier, scope) if scope.complete else {}
        before = {**_recomputed(orders, targets, now, earlier, scope), **told}
    rows = _rows(now, before, told, period)
    if rows.empty:
        return _none(scope)
    given = tuple(i for i, source in enumerate(rows["source"]) if source == "issued")
    # Of a period that no page was issued for there was no review that anybody remembers.
    key = "issue" if period == scope.period else "to_date" if not scope.complete else "period" if given else "before"
    notes = (Say("as_issued", {"first": given[0], "given": given}),) if key == "period" else ()
    return Finding(
        "review.changes", scope, rows, Say(key, {"first": 0}), notes=notes, chart=Chart("strip"),
        table=("kpi", "before", "after", "change", "source"), front="both",
        reasons=dict.fromkeys(("before", "after", "change"), NOT_ASKED),
    )  # fmt: skip


def _none(scope: Scope) -> Finding:
    return Finding("review.changes", scope, pd.DataFrame(columns=COLUMNS), Say("none"), quiet=True)


def _rows(
    now: pd.DataFrame, before: dict[str, tuple[float, str]], told: dict[str, tuple[float, str]], period: Period
) -> pd.DataFrame:
    """Return the figures that both sides have."""
    found = []
    for kpi in KPIS:
        after = float(now[kpi].iloc[0])
        if kpi not in before or pd.isna(after) or pd.isna(before[kpi][0]):
            continue
        value, day = before[kpi]
        if kpi == "covered" and min(value, after) >= ALL:
            continue
        source = "issued" if kpi in told else "recomputed"
        found.append((kpi, period.name, value, after, after - value, source, day))
    return pd.DataFrame(found, columns=COLUMNS)


def _recomputed(
    orders: pd.DataFrame, targets: pd.DataFrame, now: pd.DataFrame, earlier: Period, scope: Scope
) -> dict[str, tuple[float, str]]:
    """Return the figures of the period before as the data give them today, each with the day, blank, of its issue."""
    if not scope.complete:
        return {"sales": (float(now["sales_previous"].iloc[0]), "")}
    then = four_figures(orders, targets, scope.at(earlier))
    return {kpi: (float(then[kpi].iloc[0]), "") for kpi in KPIS}


def _last_told(issued: pd.DataFrame, period: Period, scope: Scope) -> dict[str, tuple[float, str]]:
    """Return the figures of a period's latest issue before the as-of day, each with that day."""
    team = issued["team"].fillna("").astype("str")
    whole = (issued["dims"].fillna("").astype("str") == "") & (issued["finding"].astype("str") == ISSUED_AS)
    own = team.isin(["", WHOLE_COMPANY] if scope.team == WHOLE_COMPANY else [scope.team])
    past = (issued["issued_on"] < pd.Timestamp(scope.as_of)).fillna(False)
    rows = issued[own & whole & past & (issued["period"].astype("str") == period.name)]
    rows = rows[rows["issued_on"] == rows["issued_on"].max()]
    return {
        str(metric): (float(value), day.date().isoformat())
        for metric, value, day in zip(rows["metric"], rows["value"], rows["issued_on"], strict=True)
        if metric in KPIS and pd.notna(value)
    }
