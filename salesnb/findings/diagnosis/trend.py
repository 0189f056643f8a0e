"""How sales and their drivers moved up to this period."""

import numpy as np
import pandas as pd

from salesnb.calendar import Period
from salesnb.findings.finding import NOT_ASKED, Chart, Finding, Say
from salesnb.metrics import four_figures
from salesnb.metrics.registry import measured
from salesnb.scope import Scope
from salesnb.views.lights import covered_column
from salesnb.views.past import QUARTER_BEFORE, base_of

RUN_UP = {"month": 13, "quarter": 5, "year": 3, "week": 13}
"""Periods of the own level that are shown, the last one included."""

FIGURES = ("customers", "new_customers", "orders", "aov")
DEALS = ("won_deals", "closed_deals", "win_rate")
UNITS = ("month", "quarter")


def trend(orders: pd.DataFrame, targets: pd.DataFrame, opportunities: pd.DataFrame, *, scope: Scope) -> Finding:
    """Show the periods up to this one, each against the one before and the year before.

    Parameters
    ----------
    orders, targets, opportunities
        Clean tables; without opportunities the figures of deals are left out.

    Returns
    -------
    Finding
        One row per period, oldest first, under a dimension named after the period's level; quarters and years also
        bring their months, years their quarters. ``streak`` counts the periods in a row that rose (+) or fell (-).
    """
    level = scope.period.level if scope.period.level in RUN_UP else "period"
    runs = {level: scope.calendar.run_up(scope.period, RUN_UP.get(level, 5))}
    if level in {"quarter", "year"}:
        finer = ("quarter", "month") if level == "year" else ("month",)
        runs |= {unit: scope.calendar.parts(scope.period, unit) for unit in finer}
    rows = pd.concat([_run(orders, targets, opportunities, scope, unit, run) for unit, run in runs.items()])
    rows = rows[[*runs, *(c for c in rows.columns if c not in runs)]].reset_index(drop=True)
    rows[list(runs)] = rows[list(runs)].fillna("")
    if opportunities.empty:
        rows = rows.drop(columns=list(DEALS))
    # A year is best read by its months, everything else by its own run-up.
    drawn = "month" if level == "year" else level
    places = [i for i, name in enumerate(rows[drawn]) if name]
    headline = _headline(rows, places, drawn if drawn in UNITS else "period")
    part = covered_column(rows)
    shown = tuple(c for c in rows.columns if c != "covered" or part)
    rows = _with_season(rows, headline, orders, scope)
    return Finding(
        "diagnosis.trend",
        scope,
        rows,
        headline,
        notes=(*_season(headline, rows), *_notes(scope)),
        table=shown,
        reasons={"compared": NOT_ASKED},
        chart=Chart(
            "line",
            {"x": drawn, "value": "sales", "compare": "sales_last_year"} | ({} if part else {"target": "target"}),
            rows=tuple(places),
            accent=(places[-1],) if places else (),
        ),
    )


def _run(
    orders: pd.DataFrame, targets: pd.DataFrame, opportunities: pd.DataFrame, scope: Scope, unit: str, run: list[Period]
) -> pd.DataFrame:
    # A first period that the data hold in part would look like a rise of the next one.
    run = [p for p in run if p.start <= scope.as_of and (p == scope.period or scope.holds(scope.at(p).window))]
    tables, found = {"orders": orders, "opportunities": opportunities}, []
    for period in run:
        at = scope.at(period)
        figures = measured([*FIGURES, *DEALS], tables, at.window)[1]
        four = four_figures(orders, targets, at).iloc[0]
        found.append({**dict(four), **{name: figures[name][0] for name in (*FIGURES, *DEALS)}, unit: period.name})
    if not found:
        return pd.DataFrame(columns=[unit])
    rows = pd.DataFrame(found)
    # A base that the history covers only in part makes no rise or fall.
    for base, changes in (("previous", ("mom", "sales_previous")), ("last_year", ("yoy", "sales_last_year"))):
        whole = np.array([scope.holds(getattr(scope.at(p), base)) for p in run], dtype=bool)
        rows = rows.assign(**{c: rows[c].where(whole) for c in changes})
    return rows.assign(streak=_streaks(rows["mom"]))


def _streaks(change: pd.Series) -> pd.Series:
    streak, found = 0.0, []
    for value in change:
        if pd.isna(value):
            streak = 0.0
            found.append(np.nan)
            continue
        direction = float(np.sign(value))
        streak = streak + direction if direction and streak * direction >= 0 else direction
        found.append(streak)
    return pd.Series(found, index=change.index, dtype="float64")


def _headline(rows: pd.DataFrame, places: list[int], unit: str) -> Say:
    if not places:
        return Say("nothing")
    now, streaks = places[-1], rows["streak"].iloc[places]
    if streaks.notna().sum() < 2:
        return Say("short", {"now": now})
    if streaks.iloc[-1] <= -2:
        return Say(f"falling_{unit}", {"now": now})
    if streaks.iloc[-1] >= 2:
        return Say(f"rising_{unit}", {"now": now})
    if pd.isna(streaks.iloc[-1]):
        return Say("short", {"now": now})
    turned = {-1.0: "turned_down", 0.0: "level", 1.0: "turned_up"}
    return Say(turned[float(streaks.iloc[-1])], {"now": now})


def _with_season(rows: pd.DataFrame, headline: Say, orders: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    """Put the same month of the quarter before beside a month that fell and has no year before, as ``compared``."""
    now, base = headline.picks.get("now"), base_of(scope)
    if not _fell(headline) or not isinstance(now, int) or base is None or base.basis != QUARTER_BEFORE:
        return rows
    before = measured(["sales"], {"orders": orders}, base.window)[1]["sales"][0]
    return rows.assign(compared=[before if i == now else np.nan for i in range(len(rows))])


def _fell(headline: Say) -> bool:
    return headline.key.startswith(("falling", "turned_down"))


def _season(headline: Say, rows: pd.DataFrame) -> list[Say]:
    """Tell a fall that comes back each year, or each quarter where no year is known, from one that does not."""
    now = headline.picks.get("now")
    if not _fell(headline) or not isinstance(now, int):
        return []
    if pd.notna(rows["yoy"].iloc[now]):
        return [Say("above_last_year" if rows["yoy"].iloc[now] >= 0 else "below_last_year", {"now": now})]
    if "compared" not in rows:
        return [Say("no_season")]
    above = rows["sales"].iloc[now] >= rows["compared"].iloc[now]
    return [Say("above_quarter_before" if above else "below_quarter_before", {"now": now})]


def _notes(scope: Scope) -> list[Say]:
    notes = [] if scope.complete else [Say("unfinished")]
    if not scope.holds(scope.period.window):
        notes.append(Say("began"))
    return notes
