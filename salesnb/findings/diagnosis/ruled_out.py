"""What was looked at and is no problem of its own: the largest shortfalls, each with the reason."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from salesnb.causes.shortfalls import (
    AGAINST,
    LAST_YEAR,
    NOT_OF_SALES,
    PREVIOUS,
    TARGET,
    OwnPast,
    Shortfall,
    lies_within,
    pasts,
    shortfalls,
)
from salesnb.findings.finding import NOT_ASKED, Chart, Finding, Say
from salesnb.scope import Scope
from salesnb.views.customers import sales_with_kinds
from salesnb.views.past import past_of
from salesnb.views.slices import SLICE, members_of, used, with_slice, without_removed
from salesnb.views.usual import SliceView

EACH = 3
"""So many of each comparison are shown, the largest ones."""
DRAWN = 6
"""So many slices are drawn, each with its largest shortfall; the table has all."""
LEAST = 0.02
"""Shortfalls below this share of what is compared with are left out."""
HALF = 0.5
"""A reason holds where it explains at least this part of the shortfall."""
NORMAL = 2.0
"""A slice that strays less than this, in units of what is normal, is within normal variation."""
FEW = 3.0
"""Orders that a slice must usually have to be judged."""

READ = ("sales_date", "amount", "order_id", *SLICE)
"""Columns of orders that are asked for; copying the others would cost more than all the rest."""
FIGURES = ("actual", "before", "effect", "explained", "expected", "surprise")
COLUMNS = ("against", *SLICE, "chain", *FIGURES, "reason")


def ruled_out(problems: pd.DataFrame, orders: pd.DataFrame, targets: pd.DataFrame, *, scope: Scope) -> Finding:
    """Name the largest shortfalls against target, last year and the period before that are no problem of their own.

    A reason is given where it explains at least half of the shortfall; the first that holds counts: it is part of a
    problem already named; too few orders; fewer working days; the same season last year; everything else fell too;
    its own past lets expect no more; new customers where they are not watched; within normal variation. What is left
    strays more than is normal, but not so far that the number of slices looked at could not explain it.

    Parameters
    ----------
    problems
        Rows of the diagnosis.
    orders, targets
        Clean tables.

    Returns
    -------
    Finding
        One row per slice and comparison, largest shortfall first: ``actual``, ``before`` (what it is compared with),
        ``effect`` (the shortfall), ``explained`` (how much of it the reason explains), ``expected`` (of its own past)
        and ``surprise``; ``chain`` is the number of the problem it is part of.
    """
    orders = sales_with_kinds(orders, scope)
    orders = orders[[c for c in READ if c in orders]]
    named = with_slice(problems).to_dict("records")
    found = _largest(shortfalls(orders, targets, scope), named, scope)
    views = {i: _usual_view(p, orders, scope) for i, p in enumerate(named) if p["problem"] not in NOT_OF_SALES}
    past = pasts(orders, found, scope)
    losses = {i: float(named[i]["effect"]) for i in views}
    made = [_row(s, past[s.dimension, s.member], views, losses, scope) for s in found]
    rows = pd.DataFrame(made, columns=[*COLUMNS])
    rows = without_removed(rows, scope).sort_values("effect", kind="stable").reset_index(drop=True)
    if rows.empty:
        return Finding("diagnosis.ruled_out", scope, rows, Say("none"), quiet=True)
    roles = {"title": "matter", "beside": "against", "value": "effect"}
    # That somebody has left is known; the headline tells what is not.
    news = rows.index[rows["reason"] != "gone"].tolist()
    first = news[0] if news else 0
    return Finding(
        "diagnosis.ruled_out", scope, rows, Say(f"first_{rows['reason'].iloc[first]}", {"first": first}),
        notes=() if scope.complete else (Say("unfinished"),),
        chart=Chart("list", roles, _drawn(rows, first), accent=(first,)),
        table=("against", *used(rows), *FIGURES, "reason", "chain"),
        reasons={"explained": NOT_ASKED, "expected": "no_base", "surprise": "no_base"},
    )  # fmt: skip


def _drawn(rows: pd.DataFrame, first: int) -> tuple[int, ...]:
    """Return the rows that are drawn: a slice that is behind in several comparisons stands once, with the largest."""
    places = rows.index[~rows.duplicated([*SLICE])][:DRAWN].tolist()
    return tuple(sorted({*places, first}))


def _largest(found: Sequence[Shortfall], problems: Sequence[Mapping[object, object]], scope: Scope) -> list[Shortfall]:
    """Return the largest shortfalls of each comparison that are not a problem's own slice."""
    slices = [members_of(p) for p in problems]
    kept: list[Shortfall] = []
    same = scope.previous == scope.last_year  # of a year the period before is last year's
    for against in AGAINST if not same else (TARGET, LAST_YEAR):
        own = [s for s in found if s.against == against and {s.dimension: s.member} not in slices]
        own = [s for s in own if -s.effect >= LEAST * (s.base + s.rest_base) and _may_be_seen(s, scope)]
        own.sort(key=lambda s: (s.effect, s.dimension, s.member))
        # The same shortfall under two names, a region served by one rep, is shown once.
        seen: dict[tuple[float, float], Shortfall] = {}
        for shortfall in own:
            seen.setdefault((round(shortfall.actual, 2), round(shortfall.base, 2)), shortfall)
        kept += list(seen.values())[:EACH]
    return kept


def _may_be_seen(shortfall: Shortfall, scope: Scope) -> bool:
    return len(without_removed(pd.DataFrame([{shortfall.dimension: shortfall.member}]), scope)) > 0


def _usual_view(problem: Mapping[object, object], orders: pd.DataFrame, scope: Scope) -> SliceView:
    return SliceView({"orders": orders}, members_of(problem), past_of(scope))


def _row(
    shortfall: Shortfall, past: OwnPast, views: Mapping[int, SliceView], losses: Mapping[int, float], scope: Scope
) -> dict[str, object]:
    reason, explained, chain = _reason(shortfall, past, views, losses, scope)
    return {
        **dict.fromkeys(SLICE, ""), shortfall.dimension: shortfall.member, "against": shortfall.against,
        "chain": chain, "actual": shortfall.actual, "before": shortfall.base, "effect": shortfall.effect,
        "explained": explained, "expected": past.expected, "surprise": past.surprise, "reason": reason,
    }  # fmt: skip


def _reason(
    shortfall: Shortfall, past: OwnPast, views: Mapping[int, SliceView], losses: Mapping[int, float], scope: Scope
) -> tuple[str, float, str]:
    """Return the code of the first reason that holds, how much it explains (negative) and the problem's number."""
    for place, view in views.items():
        part = losses[place] * lies_within(view, shortfall.dimension, shortfall.member)
        if part <= HALF * shortfall.effect:
            return "part_of_problem", part, str(place + 1)
    if shortfall.gone:
        return "gone", np.nan, ""
    if past.orders < FEW:
        return "few_cases", np.nan, ""
    for reason, part in _explanations(shortfall, past, scope):
        if part <= HALF * shortfall.effect:
            return reason, part, ""
    if shortfall.dimension == "new_existing" and not past_of(scope).tell_newcomers:
        return "judged_by_month", np.nan, ""
    if np.isnan(past.surprise):
        return "short_history", np.nan, ""
    normal = past.surprise > -NORMAL and (past.as_low > 0 or past.surprise > -NORMAL / 2)
    return ("normal_variation" if normal else "not_certain"), np.nan, ""


def _explanations(shortfall: Shortfall, past: OwnPast, scope: Scope) -> list[tuple[str, float]]:
    """Return reasons with the change that each alone would have made, NaN where that cannot be told."""
    base = shortfall.base
    found: list[tuple[str, float]] = []
    window = {PREVIOUS: scope.previous, LAST_YEAR: scope.last_year}.get(shortfall.against)
    if window is not None:
        now, before = (scope.calendar.working_days(w) for w in (scope.window, window))
        found.append(("working_days", base * (now / before - 1) if before else np.nan))
    if shortfall.against == PREVIOUS:
        found.append(("same_season", base * (shortfall.season - 1)))
    if shortfall.rest_base > 0:
        found.append(("whole_market", base * (shortfall.rest / shortfall.rest_base - 1)))
    code = "target_above_past" if shortfall.against == TARGET else "no_more_expected"
    return [*found, (code, past.expected - base)]
