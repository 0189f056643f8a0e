"""The evidence of each top problem: the run of its figure, beside what its own past lets expect."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from salesnb.calendar import Period, Window
from salesnb.errors import ScopeError
from salesnb.findings.finding import Chart, Finding, Say
from salesnb.findings.prices import CHEAPER, PRICED, at_usual_prices, price_level
from salesnb.findings.signals import Bins, can_tell, order_cells, signals
from salesnb.findings.slices import SLICE, used, with_slice
from salesnb.findings.usual import SliceView, members_of, spans_of
from salesnb.methods.localisation import Signal
from salesnb.metrics import metric, truncated
from salesnb.metrics.grouped import inside
from salesnb.scope import Scope

SHOWN = 13
"""Periods of a run, the last one included."""
BACK = 12
"""Periods from which an expectation is made."""
FEWEST = 6
"""Periods that an expectation needs."""

LONG = frozenset({"quarter", "year"})
"""Levels that are shown by their months."""

SIGNALS = {
    "fewer_new_customers": ("newcomers",), "fewer_orders": ("frequency", "orders"),
    "lower_win_rate": ("wins",), "lower_collection": ("collection",),
}  # fmt: skip
"""The figures that may have shown a problem, the most telling first; sales where none did."""
KPIS = {
    "newcomers": "new_customers", "frequency": "orders_per_customer", "orders": "orders",
    "wins": "win_rate", "collection": "due_collection", "sales": "sales",
}  # fmt: skip

READ = ("sales_date", "amount", "quantity", "customer_since", "product", *SLICE)
"""Columns that prices are made of."""
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

    The figures are those that the problems were found by. Expected are: for an amount or a count its usual share of
    all the rest, times the rest of that period, so that season and market are in it; for a ratio that of the twelve
    periods before. The time that is judged together with the period is not among these.

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
    unit, names, windows, recent = _windows(scope)
    columns = ["chain", "problem", *SLICE, "kpi", unit, *FIGURES, "confidence", "evidence"]
    if problems.empty or len(windows) < 2:
        return _finding(pd.DataFrame(columns=columns), unit, scope)
    bins = Bins(tuple(windows), True)
    cells = order_cells(orders, targets, bins, scope)
    watched = {s.name: s for s in signals(cells, opportunities, receipts, bins, scope)}
    long = unit == "month" and scope.period.level in LONG
    parts: list[pd.DataFrame] = []
    for place, problem in enumerate(with_slice(problems).to_dict("records")):
        code, members = str(problem["problem"]), members_of(problem)
        run = _prices(orders, members, windows, scope) if code in PRICED else None
        run = _run(code, members, watched, len(windows), recent) if run is None else run
        rows = _figures(pd.concat([run, _together(run.tail(recent))], ignore_index=True) if long else run)
        rows = rows.assign(**{unit: [*names, ""] if long else names}).tail(SHOWN + long)
        of = {
            "chain": str(place + 1),
            **{c: problem[c] for c in ("problem", *SLICE, "confidence", "evidence")},
        }
        parts.append(_with_loss(rows.assign(**of), float(problem["effect"])))
    return _finding(pd.concat(parts, ignore_index=True).reindex(columns=columns), unit, scope)


def _windows(scope: Scope) -> tuple[str, list[str], list[Window], int]:
    """Return the unit of the run, its periods that the history holds, and how many last ones are judged together."""
    unit, last = _last(scope)
    start = spans_of(scope).recent.start
    recent = max(sum(p.start >= start for p in scope.calendar.run_up(last, 30)), 1)
    run = scope.calendar.run_up(last, SHOWN + BACK + recent)
    found = [
        (p.name, Window(p.start, min(p.end, scope.as_of))) for p in run if not truncated(scope, p.window)
    ]
    return unit, [name for name, _ in found], [window for _, window in found], recent


def _last(scope: Scope) -> tuple[str, Period]:
    """Return the unit of the run and its last period: months of a longer period where the calendar has them."""
    level = scope.period.level
    if level in LONG:
        try:
            return "month", scope.calendar.holding(scope.window.end, "month")
        except ScopeError:
            return level, scope.period
    return level if level in {"month", "week"} else "period", scope.period


def _run(
    problem: str, members: Mapping[str, str], watched: Mapping[str, Signal], count: int, recent: int
) -> pd.DataFrame:
    """Return the run of the figure that shows a problem: sums that `_figures` divides."""
    for name in (*SIGNALS.get(problem, ()), "sales"):
        signal = watched.get(name)
        if signal is None or any(d not in signal.cells for d in members):
            continue
        run = _of_signal(signal, members, count, recent)
        if name == "sales" or run["value"].iloc[-1] < run["due"].iloc[-1]:
            return run
    return pd.DataFrame(
        {"value": [np.nan] * count, "due": np.nan, "per": 1.0, "cases": np.nan, "kpi": "sales"}
    )


def _prices(
    orders: pd.DataFrame, members: Mapping[str, str], windows: Sequence[Window], scope: Scope
) -> pd.DataFrame | None:
    """Return what was paid beside what the same units would have brought at usual prices, None without a fall."""
    spans = spans_of(scope)
    own = SliceView({"orders": orders[[c for c in READ if c in orders]]}, members, spans).rows("orders")
    lines = at_usual_prices(own, spans.usual) if own is not None else None
    if lines is None or not price_level(lines, spans.now) < CHEAPER:
        return None
    parts = [lines[inside(lines["sales_date"], w)][["paid", "usual"]].sum() for w in windows]
    paid, usual = (np.array([part[c] for part in parts], dtype="float64") for c in ("paid", "usual"))
    return pd.DataFrame({"value": paid, "due": usual, "per": usual, "cases": np.nan, "kpi": "price_level"})


def _of_signal(signal: Signal, members: Mapping[str, str], count: int, recent: int) -> pd.DataFrame:
    """Return a slice's sums by period: what there was, what was due by its past, and what both are divided by."""
    cells, kpi = signal.cells, KPIS[signal.name]
    own = np.ones(len(cells), dtype=bool)
    for d, member in members.items():
        own &= np.asarray(cells[d] == member, dtype=bool)
    value = _sums(cells[own], signal.value, count)
    base = _sums(cells[own], signal.base, count) if signal.base else _beside(signal, value, count)
    due = np.full(count, np.nan)
    for t in range(count):
        end = min(t, count - recent)
        past = slice(max(0, end - BACK), end)
        if end - past.start >= FEWEST and base[past].sum() > 0:
            due[t] = value[past].sum() / base[past].sum() * base[t]
    # Orders are told per customer, though they go with the working days of each.
    per = _sums(cells[own], "customers", count) if signal.name == "frequency" else base
    cases = base if metric(kpi).counted_by else np.full(count, np.nan)
    per = per if signal.base else np.full(count, np.nan)
    return pd.DataFrame({"value": value, "due": due, "per": per, "cases": cases, "kpi": kpi})


def _sums(cells: pd.DataFrame, column: str, count: int) -> np.ndarray:
    return np.bincount(cells["bin"], cells[column].to_numpy(dtype="float64"), count)


def _beside(signal: Signal, values: np.ndarray, count: int) -> np.ndarray:
    """Return what a slice's amounts are a share of: another column, or all the rest; nothing where there is none."""
    if signal.against:
        return _sums(signal.cells, signal.against, count)
    rest = _sums(signal.cells, signal.value, count) - values
    return rest if rest.sum() > 0 else np.ones(count)


def _together(run: pd.DataFrame) -> pd.DataFrame:
    """Return one row for all periods of a run."""
    sums = run[["value", "due", "per", "cases"]].sum(min_count=1)
    return pd.DataFrame([{**sums.to_dict(), "kpi": run["kpi"].iloc[-1]}])


def _figures(run: pd.DataFrame) -> pd.DataFrame:
    """Return figures made of a run's sums; an amount is divided by nothing."""
    ratio = run["per"].notna()
    per = run["per"].where(run["per"] > 0).where(ratio, 1.0)
    return pd.DataFrame(
        {"kpi": run["kpi"], "actual": run["value"] / per, "expected": run["due"] / per, "cases": run["cases"]}
    )


def _with_loss(rows: pd.DataFrame, effect: float) -> pd.DataFrame:
    """Return a run with the problem's loss in its last row."""
    expected = rows["expected"].tolist()
    if rows["kpi"].iloc[-1] == "sales":
        # The problem's own expectation, so that evidence and problem cannot disagree.
        expected[-1] = rows["actual"].iloc[-1] - effect
    return rows.assign(effect=[*[np.nan] * (len(rows) - 1), effect], expected=expected)


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
