"""Where the gap lies: its parts where no problem is told beyond chance, exact and without overlap."""

import pandas as pd

from salesnb.causes.baselines import LAST_YEAR, PREVIOUS, TARGET
from salesnb.causes.gap import Gap, gap_of
from salesnb.causes.signals import can_tell
from salesnb.findings.finding import Chart, Finding, Say
from salesnb.methods.over_time.largest_parts import Part
from salesnb.schema import SCALE
from salesnb.scope import Scope
from salesnb.views.slices import SLICE, members_of, top_of, used, with_slice

MOST = 3
"""So many places to look at has everybody: problems first, parts of the gap after them."""

NAMES = {TARGET: "short_of_target", LAST_YEAR: "below_last_year", PREVIOUS: "below_period_before"}
SHARE = "short_of_share"
"""A part that has no target of its own: its usual share of one is what it is held against."""

COLUMNS = ("problem", *SLICE, "kpi", "sales", "expected", "effect", "confidence", "evidence")


def gap_parts(
    orders: pd.DataFrame, targets: pd.DataFrame, opportunities: pd.DataFrame, *, scope: Scope, problems: pd.DataFrame
) -> Finding:
    """Fill the problems up to three with parts of the gap: where it lies, whatever chance has to do with it.

    The gap is that to the target (while the period runs, to its part for the days gone), where there is none that to
    last year, else to the period before. Parts are slices of one or two dimensions; none holds a sale of another, nor
    of a problem. Those come first that fell against their usual ratio to all the rest, further than they normally
    stray.

    Parameters
    ----------
    orders, targets
        Clean tables.
    opportunities
        Clean deals: whether there are any decides what is said of what would settle it.
    problems
        Rows of the diagnosis.

    Returns
    -------
    Finding
        One row per part, largest first: ``effect`` is ``sales`` - ``expected``, its part of the gap. Confidence is
        low and the evidence a sum.
    """
    named = with_slice(problems)
    room = MOST - len(top_of(named))
    if room <= 0:
        return _finding(scope, [], None, "enough")
    members = [members_of(row) for row in named[named["problem"] != "lower_collection"].to_dict("records")]
    gap = gap_of(orders, targets, scope, [m["customer"] for m in members if "customer" in m])
    if gap is None:
        return _finding(scope, [], None, "no_base")
    if not gap.short:
        return _finding(scope, [], gap, "no_gap")
    found = sorted(gap.parts(room, members), key=lambda part: part.actual - part.expected)
    key = "spread" if not found else "beside" if len(named) else "alone" if can_tell(scope) else "untold"
    aimed = bool((targets["metric"] == "sales").any())
    return _finding(scope, found, gap, key, aimed=aimed, deals=len(opportunities) > 0)


def _finding(
    scope: Scope, found: list[Part], gap: Gap | None, key: str, *, aimed: bool = True, deals: bool = True
) -> Finding:
    rows = pd.DataFrame([_row(part, gap) for part in found if gap is not None], columns=[*COLUMNS])
    figures = {c: rows[c].astype("float64") for c in ("sales", "expected", "effect")}
    rows = rows.assign(**figures)
    return Finding(
        "diagnosis.gap_parts", scope, rows, Say(key, {"first": 0} if found else {}),
        notes=_notes(found, gap, aimed, deals, scope),
        chart=Chart("list", {"title": "problem", "value": "effect"}, accent=(0,)) if found else None,
        labels=("kpi",), table=("problem", *used(rows), "sales", "expected", "effect", "confidence", "evidence"),
        quiet=not found,
    )  # fmt: skip


def _row(part: Part, gap: Gap) -> dict[str, object]:
    actual, expected = round(part.actual), round(part.expected)
    own = gap.against != TARGET or {*part.members} <= {*gap.given}
    return {
        **dict.fromkeys(SLICE, ""),
        **part.members,
        "problem": NAMES[gap.against] if own else SHARE,
        "kpi": "sales",
        "sales": actual / SCALE,
        "expected": expected / SCALE,
        "effect": (actual - expected) / SCALE,
        "confidence": "low",
        "evidence": "sum",
    }


def _notes(found: list[Part], gap: Gap | None, aimed: bool, deals: bool, scope: Scope) -> tuple[Say, ...]:
    """Say that parts may be chance, and what would settle it: whom to ask, how long to wait, which table lacks."""
    if not found or gap is None:
        return ()
    notes = [Say("chance")]
    if sum(part.actual - part.expected for part in found) < gap.actual - gap.expected:
        notes.append(Say("offset"))
    if gap.covered:
        notes.append(Say("covered"))
    if not scope.complete and gap.against == TARGET:
        notes.append(Say("to_date"))
    notes.append(Say("ask" if can_tell(scope) else "ask_short"))
    if not aimed:
        notes.append(Say("no_target"))
    return (*notes, *([] if deals else [Say("no_deals")]))
