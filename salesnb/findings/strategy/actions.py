"""Proposed actions: which problem, what, who, until when, with what, worth how much; and what they do not close."""

from collections.abc import Iterator
from datetime import date

import pandas as pd

from salesnb.calendar import Window
from salesnb.causes.decided import decided
from salesnb.causes.signals import can_tell
from salesnb.data.tables.roster import TO_BE_NAMED, on_day, owner
from salesnb.findings.finding import NOT_ASKED, Chart, Finding, Say
from salesnb.metrics import four_figures, metrics, within
from salesnb.scope import Scope
from salesnb.views.slices import GAP_PARTS, SLICE, fitting, in_slice, members_of, top_of, used, with_parts

PER_PROBLEM, PER_PART = 2, 1
"""Actions proposed for one problem: more are not done. For a part of the gap, which may be chance, the cheapest."""

LAPSED = "lapsed"
"""What an entry of the playbook may need: customers who bought, and did not in the period."""

_EFFORT = {"low": 1.0, "medium": 2.0, "high": 3.0}
FIGURES = ["expected_effect", "expected_low", "expected_high"]
SUMS = ["expected_sales", "expected_cash"]
CASH = ("lower_collection",)
"""Problems whose loss is money not yet in: winning it back adds no sales."""

TEXTS = ["problem", *SLICE, "play", "action_id", "action", "owner", "due", "resources", "status", "evidence"]
COLUMNS = [
    "problem", *SLICE, "play", "action_id", *FIGURES, *SUMS, "gap", "gap_left", "covered", "days_overdue",
    "action", "owner", "due", "resources", "status", "evidence",
]  # fmt: skip


def actions(
    problems: pd.DataFrame,
    playbook: pd.DataFrame,
    roster: pd.DataFrame,
    orders: pd.DataFrame,
    targets: pd.DataFrame,
    parts: pd.DataFrame | None = None,
    register: pd.DataFrame | None = None,
    whys: pd.DataFrame | None = None,
    *,
    scope: Scope,
) -> Finding:
    """Propose actions against the period's problems, and say how much of the gap they would close.

    What the team has decided against a problem and not finished stands before what is proposed; an action that is there
    to learn the reason is not proposed where people have told it. The expected effect of an action is the playbook's
    share (its middle) of the loss that the problem's earlier actions leave, so that no problem is won back more than
    once. It is a hypothesis about a month like this one.

    Parameters
    ----------
    problems
        Rows of the diagnosis: ``problem``, dimensions, ``effect`` (money, negative: loss).
    playbook, roster
        The team's playbook; the reps table.
    orders, targets
        Clean tables, for the gap that the actions are held against.
    parts
        Rows like those of ``problems`` that say where the rest of the gap lies; one action each, after the problems'.
    register, whys
        The clean tables of actions and of answers; without them nothing is known of either.

    Returns
    -------
    Finding
        Row 0 is the total of what is proposed, with the ``gap`` and what is left of it; then one row per action,
        problem by problem: those of the register (``action_id``, no ``play``), then those proposed, best value for the
        effort first. ``due`` is a working day counted from ``as_of``.
    """
    every = with_parts(top_of(problems), parts)
    if every.empty:
        return _without("no_problems" if can_tell(scope) else "untold", orders, targets, scope)
    done = decided(top_of(problems), _given(register), _given(whys), orders, scope)
    found = _proposed(every, playbook, roster, done.answered, orders, scope)
    if found.empty:
        return _without("no_candidates", orders, targets, scope)
    rows = pd.concat([_total(found, orders, targets, scope), _beside(found, every, done.actions)], ignore_index=True)
    rows = rows.reindex(columns=COLUMNS)
    rows = rows.assign(**{c: rows[c].astype("object").fillna("").astype("str") for c in TEXTS})
    reason = NOT_ASKED if pd.notna(rows["gap"].iloc[0]) else "no_target"
    return Finding(
        "strategy.actions", scope, rows, _headline(rows, scope), notes=_notes(rows),
        chart=Chart("list", {"title": "action", "value": "expected_effect"}, tuple(range(1, len(rows)))),
        table=("problem", *used(rows), "action", "owner", "due", "status", "resources", *FIGURES),
        reasons={
            **dict.fromkeys((*FIGURES, "days_overdue"), NOT_ASKED), "gap": reason, "gap_left": reason, "covered": reason
        },
    )  # fmt: skip


def _given(table: pd.DataFrame | None) -> pd.DataFrame:
    return pd.DataFrame() if table is None else table


def _proposed(
    problems: pd.DataFrame,
    playbook: pd.DataFrame,
    roster: pd.DataFrame,
    answered: frozenset[int],
    orders: pd.DataFrame,
    scope: Scope,
) -> pd.DataFrame:
    """Return the actions of the playbook for each problem, with their owners; ``place`` is the problem's."""
    people, due = on_day(roster, scope.window.end), _due(scope)
    rows = [
        (place, *row)
        for place, (_, problem) in enumerate(problems.iterrows())
        for row in _proposals(problem, _of_use(playbook, problem, place in answered, orders, scope))
    ]
    found = pd.DataFrame(rows, columns=["place", "problem", *SLICE, "play", *FIGURES, "action", "role", "resources"])
    named = [owner(row["role"], {d: row[d] for d in SLICE}, scope.team, people) for _, row in found.iterrows()]
    cash = found["problem"].isin(CASH)
    return found.assign(
        expected_sales=found["expected_effect"].mask(cash, 0.0),
        expected_cash=found["expected_effect"].where(cash, 0.0),
        owner=named, due=due.isoformat(), status="proposed", evidence="hypothesis",
    )  # fmt: skip


def _of_use(
    playbook: pd.DataFrame, problem: pd.Series, answered: bool, orders: pd.DataFrame, scope: Scope
) -> pd.DataFrame:
    """Return the entries that can do something here: nothing to learn what was told, no list that would be empty."""
    kept = playbook[~playbook["asks_why"]] if answered else playbook
    wanted = kept["needs"] == LAPSED
    return kept if not wanted.any() or _lapsed(problem, orders, scope) else kept[~wanted]


def _lapsed(problem: pd.Series, orders: pd.DataFrame, scope: Scope) -> bool:
    """Tell whether a slice has customers of the last twelve months who did not buy in the period."""
    own = orders[in_slice(orders, {d: m for d, m in members_of(problem.to_dict()).items() if d in orders})]
    start = pd.Timestamp(scope.period.start)
    before = Window((start - pd.DateOffset(years=1)).date(), (start - pd.DateOffset(days=1)).date())
    bought, now = (set(within(own, "sales_date", w)["customer"].dropna()) for w in (before, scope.window))
    return bool(bought - now)


def _beside(found: pd.DataFrame, problems: pd.DataFrame, register: pd.DataFrame) -> pd.DataFrame:
    """Put what was decided against each problem before what is proposed."""
    if register.empty:
        return found
    where = problems.reset_index(drop=True).loc[register["place"], ["problem", *SLICE]].reset_index(drop=True)
    return pd.concat([register.join(where), found]).sort_values("place", kind="stable", ignore_index=True)


def _without(key: str, orders: pd.DataFrame, targets: pd.DataFrame, scope: Scope) -> Finding:
    """Say that nothing is proposed, and that a gap, where there is one, then stays as it is."""
    nothing = pd.DataFrame(columns=[*FIGURES, *SUMS], dtype="float64").assign(problem="")
    rows = _total(nothing, orders, targets, scope).reindex(columns=COLUMNS)
    rows = rows.assign(**dict.fromkeys((c for c in COLUMNS if rows[c].isna().all() and c not in metrics()), ""))
    short = scope.complete and rows["gap"].iloc[0] < 0
    say = Say(f"{key}_gap", {"total": 0}) if short else Say(key)
    reason = NOT_ASKED if pd.notna(rows["gap"].iloc[0]) else "no_target"
    return Finding(
        "strategy.actions", scope, rows, say, table=(*SUMS, "gap", "gap_left"),
        reasons={
            **dict.fromkeys((*FIGURES, "days_overdue"), NOT_ASKED), "gap": reason, "gap_left": reason, "covered": reason
        },
    )  # fmt: skip


def _due(scope: Scope) -> date:
    """Count from the day of the report: an action cannot be due before it is proposed, however old its period."""
    return scope.calendar.after(scope.as_of, scope.settings.strategy.due_working_days)


def _proposals(problem: pd.Series, playbook: pd.DataFrame) -> Iterator[tuple[object, ...]]:
    plays = fitting(problem, playbook)
    middle = (plays["recovers_low"] + plays["recovers_high"]) / 2
    plays = plays.assign(middle=middle, worth=middle / plays["effort"].map(_EFFORT).astype("float64"))
    best = plays.sort_values(["worth", "play"], ascending=[False, True])
    best = best.head(PER_PART if problem["problem"] in GAP_PARTS else PER_PROBLEM)
    left = max(-float(problem["effect"]), 0.0)
    for _, play in best.iterrows():
        won = [share * left for share in (play["middle"], play["recovers_low"], play["recovers_high"])]
        left -= won[0]
        where = (problem["problem"], *(problem[d] for d in SLICE), play["play"])
        yield (*where, *won, play["action"], play["owner"], play["resources"])


def _total(parts: pd.DataFrame, orders: pd.DataFrame, targets: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    gap, covered = four_figures(orders, targets, scope)[["gap", "covered"]].iloc[0].tolist()
    sums = parts[SUMS].sum()
    left = {"gap": gap, "gap_left": gap + sums["expected_sales"], "covered": covered}
    return pd.DataFrame([{**dict(zip(SUMS, sums.tolist(), strict=True)), **left}])


def _headline(rows: pd.DataFrame, scope: Scope) -> Say:
    total = {"total": 0}
    gap, left = rows["gap"].iloc[0], rows["gap_left"].iloc[0]
    if rows["expected_sales"].iloc[0] == 0:
        return Say("cash_only" if gap < 0 else "cash_no_gap", total)
    if pd.isna(gap):
        return Say("no_target", total)
    if not scope.complete:
        return Say("running", total)
    if gap >= 0:
        return Say("ahead", total)
    return Say("closes" if left >= 0 else "leaves", total)


def _notes(rows: pd.DataFrame) -> tuple[Say, ...]:
    notes = [*_late(rows), Say("hypothesis")]
    if rows["expected_cash"].iloc[0] > 0 and rows["expected_sales"].iloc[0] > 0:
        notes.append(Say("cash", {"total": 0}))
    unnamed = [i for i in range(1, len(rows)) if rows["play"].iloc[i] and rows["owner"].iloc[i] == TO_BE_NAMED]
    if unnamed:
        notes.append(Say("unnamed", {"first": unnamed[0]}))
    return tuple(notes)


def _late(rows: pd.DataFrame) -> list[Say]:
    """Say which action decided against a problem is late the longest: it comes before anything new."""
    days = rows["days_overdue"].fillna(0.0)
    late = [i for i in range(1, len(rows)) if days.iloc[i] > 0]
    if not late:
        return []
    longest = max(late, key=lambda i: (days.iloc[i], -i))
    return [Say("late_blocked" if rows["status"].iloc[longest] == "blocked" else "late", {"first": longest})]
