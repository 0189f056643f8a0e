"""The evidence of each top problem: the run of its figure, beside what its own past lets expect."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from salesnb.calendar import Window
from salesnb.findings.finding import Chart, Finding, Say
from salesnb.findings.prices import CHEAPER, at_usual_prices, price_level
from salesnb.findings.signals import can_tell
from salesnb.findings.slices import SLICE, used, with_slice
from salesnb.findings.usual import SliceView, adds_up, made_of, members_of, spans_of
from salesnb.metrics import metric, truncated
from salesnb.scope import Scope

SHOWN = 13
"""Periods of a run, the last one included."""
BACK = 12
"""Periods from which an expectation is made."""
FEWEST = 6
"""Periods that an expectation needs."""

KPIS = {
    "fewer_customers": "customers", "fewer_new_customers": "new_customers", "fewer_orders": "orders_per_customer",
    "smaller_orders": "aov", "lower_win_rate": "win_rate", "fewer_deals": "closed_deals",
    "lower_deal_value": "deal_value", "lower_collection": "collection_rate",
}  # fmt: skip
"""The figure whose run shows a problem; sales where none is named."""

FIGURES = ("actual", "expected", "cases", "effect")


def problem_evidence(
    problems: pd.DataFrame,
    orders: pd.DataFrame,
    opportunities: pd.DataFrame,
    receipts: pd.DataFrame,
    *,
    scope: Scope,
) -> Finding:
    """Show for each top problem the run of the figure that fell, and what its own past lets expect.

    Expected are: for an amount or a count its usual share of all the rest, times the rest of that period, so that
    season and market are in it; for a rate or an average that of the twelve periods before. The time that is judged
    together with the period is not among these.

    Parameters
    ----------
    problems
        Rows of the diagnosis.
    orders, opportunities, receipts
        Clean tables.

    Returns
    -------
    Finding
        One row per problem and month (week, for a week), oldest first: ``actual`` and ``expected`` of ``kpi``,
        ``cases`` a rate rests on; the problem's loss as ``effect`` beside the last one.
    """
    unit, windows, recent = _windows(scope)
    columns = ["chain", "problem", *SLICE, "kpi", unit, *FIGURES, "confidence", "evidence"]
    tables = {"orders": orders, "opportunities": opportunities, "receipts": receipts}
    parts: list[pd.DataFrame] = []
    for place, problem in enumerate(with_slice(problems).to_dict("records")):
        view = SliceView(tables, members_of(problem), spans_of(scope))
        kpi = _kpi(str(problem["problem"]), view)
        run = _run(kpi, view, SliceView(tables, {}, view.spans), [w for _, w in windows], recent)
        of = {
            "chain": str(place + 1),
            **{c: problem[c] for c in ("problem", *SLICE, "confidence", "evidence")},
        }
        run = run.assign(**of, kpi=kpi, **{unit: [name for name, _ in windows]}).tail(SHOWN)
        run["effect"] = [*[np.nan] * (len(run) - 1), float(problem["effect"])]
        if kpi == "sales" and scope.period.level in {"month", "week"}:
            # The problem's own expectation, so that evidence and problem cannot disagree.
            own = run["actual"].iloc[-1] - float(problem["effect"])
            run["expected"] = [*run["expected"].iloc[:-1], own]
        parts.append(run)
    rows = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)
    return _finding(rows.reindex(columns=columns), unit, scope)


def _windows(scope: Scope) -> tuple[str, list[tuple[str, Window]], int]:
    """Return the unit of the run, its periods that the history holds, and how many last ones are judged together."""
    unit = "week" if scope.period.level == "week" else "month"
    last = scope.calendar.holding(scope.window.end, unit)
    recent = sum(p.start >= spans_of(scope).recent.start for p in scope.calendar.run_up(last, 30))
    run = scope.calendar.run_up(last, SHOWN + BACK + recent)
    found = [
        (p.name, Window(p.start, min(p.end, scope.as_of))) for p in run if not truncated(scope, p.window)
    ]
    return unit, found, max(recent, 1)


def _kpi(problem: str, view: SliceView) -> str:
    kpi = KPIS.get(problem, "sales")
    if kpi == "orders_per_customer" and "customer" in view.members:
        return "orders"
    orders = view.rows("orders")
    if kpi == "aov" and orders is not None:
        level = price_level(at_usual_prices(orders, view.spans.usual), view.spans.now)
        return "price_level" if level < CHEAPER else "aov"
    return kpi


def _run(kpi: str, view: SliceView, whole: SliceView, windows: Sequence[Window], recent: int) -> pd.DataFrame:
    if kpi == "price_level":
        orders = view.rows("orders")
        assert orders is not None
        lines = at_usual_prices(orders, view.spans.usual)
        levels = [price_level(lines, w) for w in windows]
        return pd.DataFrame({"actual": levels, "expected": 1.0, "cases": np.nan})
    own, rest = view.sums(kpi, windows), whole.sums(kpi, windows)
    if own is None or rest is None:
        return pd.DataFrame({name: [np.nan] * len(windows) for name in ("actual", "expected", "cases")})
    actual = made_of(kpi, own)
    expected = np.full(len(windows), np.nan)
    for t in range(len(windows)):
        end = min(t, len(windows) - recent)
        past = slice(max(0, end - BACK), end)
        if past.stop - past.start >= FEWEST:
            expected[t] = _expected(kpi, own, rest, past, t)
    counted = metric(kpi).counted_by
    cases = made_of(counted, own) if counted else np.full(len(windows), np.nan)
    return pd.DataFrame({"actual": actual, "expected": expected, "cases": cases})


def _expected(
    kpi: str, own: dict[str, np.ndarray], whole: dict[str, np.ndarray], past: slice, t: int
) -> float:
    if not adds_up(kpi):
        return float(made_of(kpi, {name: np.array([v[past].sum()]) for name, v in own.items()})[0])
    ours, all_ = made_of(kpi, own), made_of(kpi, whole)
    rest = all_ - ours
    if rest[past].sum() <= 0:
        return float(ours[past].mean())
    return float(ours[past].sum() / rest[past].sum() * rest[t])


def _finding(rows: pd.DataFrame, unit: str, scope: Scope) -> Finding:
    rows = rows.astype(dict.fromkeys(FIGURES, "float64"))
    if rows.empty:
        say = Say("none" if can_tell(scope) else "untold")
        return Finding("diagnosis.problem_evidence", scope, rows, say, quiet=True)
    now = int((rows["chain"] == "1").to_numpy().nonzero()[0][-1])
    # A longer period is shown by its months, so the month that the figures are of must be named.
    own = "" if scope.period.level in {"month", "week"} else "_month"
    key = f"shown{own}" if pd.notna(rows["expected"].iloc[now]) else f"shown{own}_only"
    roles = {"group": "chain", "x": unit, "value": "actual", "expected": "expected", "say": f"run{own}"}
    return Finding(
        "diagnosis.problem_evidence", scope, rows, Say(key, {"now": now}),
        notes=() if scope.complete else (Say("unfinished"),), chart=Chart("runs", roles, accent=(now,)),
        table=("chain", "problem", *used(rows), "kpi", unit, *FIGURES, "confidence", "evidence"),
        reasons={"effect": "not_asked", "cases": "not_asked", "expected": "no_base"},
    )  # fmt: skip
