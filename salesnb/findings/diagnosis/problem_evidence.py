"""The evidence of each top problem: the run of its figure, beside what its own past lets expect."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from salesnb.calendar import Period
from salesnb.causes.signals import can_tell, order_cells, signals
from salesnb.causes.sizing import KPIS, counted
from salesnb.findings.finding import Chart, Finding, Say
from salesnb.methods.over_time.fallen_slices import Signal
from salesnb.metrics import metric
from salesnb.scope import Scope
from salesnb.views.past import Past, past_of
from salesnb.views.periods import run_to, unit_of
from salesnb.views.slices import SLICE, in_slice, members_of, top_of, used, with_slice

SHOWN = 13
"""Periods of a run, the last one included."""
BACK = 12
"""Periods from which an expectation is made."""
FEWEST = 6
"""Periods that an expectation needs."""

UNITS = frozenset({"week", "month", "quarter", "year"})
"""Levels that have a name of their own; a company's own are called periods."""

FIGURES = ("actual", "expected", "cases", "effect")


def problem_evidence(
    problems: pd.DataFrame,
    orders: pd.DataFrame,
    targets: pd.DataFrame,
    opportunities: pd.DataFrame,
    receipts: pd.DataFrame,
    *,
    scope: Scope,
) -> Finding:
    """Show for each top problem the run of the figure that fell, and what its own past lets expect.

    The figures are those that the problems were sized by, and the last ones are the problems' own. Expected are: for
    an amount or a count its usual share of all the rest, times the rest of that period, so that season and market are
    in it; for a ratio that of the twelve periods before. The time that is judged together with the period is not among
    these.

    Parameters
    ----------
    problems
        Rows of the diagnosis.
    orders, targets, opportunities, receipts
        Clean tables.

    Returns
    -------
    Finding
        One row per problem and month (week, for a week), oldest first: ``actual`` and ``expected`` of ``kpi``,
        ``cases`` a rate rests on; a quarter or a year has a last row of its own, without a month. The problem's loss
        stands as ``effect`` beside the last one.
    """
    unit, run, recent = _run_of(scope)
    columns = ["chain", "problem", *SLICE, "kpi", unit, *FIGURES, "confidence", "evidence"]
    if problems.empty or len(run) < 2:
        return _finding(pd.DataFrame(columns=columns), unit, scope)
    past = Past(scope.at(run[-1]), tuple(p.window for p in run[:-1]))
    cells = order_cells(orders, targets, past, scope)
    watched = {KPIS[s.name]: s for s in signals(cells, opportunities, receipts, past, scope) if s.name in KPIS}
    names, long = [p.name for p in run], unit != scope.period.level and unit != "period"
    parts: list[pd.DataFrame] = []
    for place, problem in enumerate(with_slice(top_of(problems)).to_dict("records")):
        rows = _run(watched.get(str(problem["kpi"])), problem, len(run), recent)
        rows = (pd.concat([rows, rows.tail(1)]) if long else rows).reset_index(drop=True)
        rows = rows.assign(**{unit: [*names, ""] if long else names}).tail(SHOWN + long)
        of = {"chain": str(place + 1), **{c: problem[c] for c in ("problem", *SLICE, "kpi", "confidence", "evidence")}}
        parts.append(_with_own(rows.assign(**of), problem))
    return _finding(pd.concat(parts, ignore_index=True).reindex(columns=columns), unit, scope)


def _run_of(scope: Scope) -> tuple[str, list[Period], int]:
    """Return the unit of the run, its periods that the history holds, and how many last ones are judged together."""
    unit, start = unit_of(scope), past_of(scope).recent.start
    recent = max(sum(p.start >= start for p in run_to(scope, unit, 30)), 1)
    run = [p for p in run_to(scope, unit, SHOWN + BACK + recent) if scope.holds(p.window)]
    return unit if unit in UNITS else "period", run, recent


def _run(signal: Signal | None, problem: Mapping[Any, object], count: int, recent: int) -> pd.DataFrame:
    """Return a slice's figure by period: what it was, what was due by its past, and the cases it rests on."""
    nothing = np.full(count, np.nan)
    if signal is None:
        return pd.DataFrame({"actual": nothing, "expected": nothing, "cases": nothing})
    members = members_of(problem)
    signal = counted(signal, members)
    cells, own = signal.cells, in_slice(signal.cells, members)
    value = _sums(cells[own], signal.value, count)
    base = _sums(cells[own], signal.base, count) if signal.base else _beside(signal, value, count)
    due = nothing.copy()
    for t in range(count):
        end = min(t, count - recent)
        past = slice(max(0, end - BACK), end)
        if end - past.start >= FEWEST and base[past].sum() > 0:
            due[t] = value[past].sum() / base[past].sum() * base[t]
    per = np.where(base > 0, base, np.nan) if signal.base else np.ones(count)
    cases = base if metric(str(problem["kpi"])).counted_by else nothing
    return pd.DataFrame({"actual": value / per, "expected": due / per, "cases": cases})


def _sums(cells: pd.DataFrame, column: str, count: int) -> np.ndarray:
    return np.bincount(cells["bin"], cells[column].to_numpy(dtype="float64"), count)


def _beside(signal: Signal, values: np.ndarray, count: int) -> np.ndarray:
    """Return what a slice's amounts are a share of: another column, or all the rest; nothing where there is none."""
    if signal.against:
        return _sums(signal.cells, signal.against, count)
    rest = _sums(signal.cells, signal.value, count) - values
    return rest if rest.sum() > 0 else np.ones(count)


def _with_own(rows: pd.DataFrame, problem: Mapping[Any, object]) -> pd.DataFrame:
    """Return a run whose last row has the problem's own figures, so that evidence and problem cannot disagree."""
    last = np.arange(len(rows)) == len(rows) - 1
    own = {c: np.where(last, float(str(problem[c])), rows[c]) for c in ("actual", "expected", "cases")}
    return rows.assign(**own, effect=np.where(last, float(str(problem["effect"])), np.nan))


def _finding(rows: pd.DataFrame, unit: str, scope: Scope) -> Finding:
    rows = rows.astype(dict.fromkeys(FIGURES, "float64"))
    if rows.empty:
        say = Say("none" if can_tell(scope) else "untold")
        return Finding("diagnosis.problem_evidence", scope, rows, say, quiet=True)
    now = int((rows["chain"] == "1").to_numpy().nonzero()[0][-1])
    key = "shown" if pd.notna(rows["expected"].iloc[now]) else "shown_only"
    roles = {"group": "chain", "x": unit, "value": "actual", "expected": "expected", "say": "run"}
    return Finding(
        "diagnosis.problem_evidence", scope, rows, Say(key, {"now": now}),
        notes=() if scope.complete else (Say("unfinished"),), chart=Chart("runs", roles, accent=(now,)),
        table=("chain", "problem", *used(rows), "kpi", unit, *FIGURES, "confidence", "evidence"),
        reasons={"effect": "not_asked", "cases": "not_asked", "expected": "no_base"},
    )  # fmt: skip
