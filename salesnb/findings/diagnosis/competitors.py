"""Competitors: how often deals are won against each, and what the field reports of them against that."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal, get_args

import numpy as np
import pandas as pd

from salesnb.calendar import Period, Window
from salesnb.findings.finding import NOT_ASKED, Chart, Finding, Missing, Say
from salesnb.findings.recorded import NO_LOSSES, unrecorded
from salesnb.methods.rates import RARE, chance_equal, surest, wilson
from salesnb.metrics import UNASSIGNED, measure, within
from salesnb.metrics.deals import judged
from salesnb.metrics.dimensions import refuse
from salesnb.metrics.registry import measured
from salesnb.scope import Scope
from salesnb.views.naming import named_in
from salesnb.views.periods import YEAR, cut_off, months_of, months_to
from salesnb.views.recorded import LOSSES

FIGURES = ("closed_deals", "won_deals", "lost_deals", "win_rate", "priced_deals", "lost_value")
NOTED = "notes.competitor"

ANY, OTHERS = "(any)", "(others)"
"""Members for all deals with a competitor, and for those with another one than the row before names."""

By = Literal["competitor", "month"]
_WAYS = get_args(By)


def competitors(opportunities: pd.DataFrame, notes: pd.DataFrame, *, scope: Scope, by: By = "competitor") -> Finding:
    """Count the deals closed against each competitor in the twelve months up to the period's end.

    Single periods hold too few of them. A competitor may be entered more readily when a deal is lost, so a lower rate
    with one than without is an association, no effect.

    Parameters
    ----------
    opportunities
        Clean opportunities with ``competitor``.
    notes
        Clean field notes; those of kind ``competitor`` are counted.
    by
        ``competitor``: one row each, the total first, then any competitor, each of them, and none. ``month``: one row
        a month, then the months with and without such a note.
    """
    refuse({by} - {*_WAYS}, _WAYS)
    columns = ("opportunity_id", "status", "close_date", "competitor")
    if opportunities.empty or opportunities["competitor"].isna().all():
        empty = pd.DataFrame(columns=["period", by, *FIGURES])
        needed = (Missing("opportunities", columns),)
        return Finding("diagnosis.competitors", scope, empty, Say("no_competitors"), missing=needed, quiet=True)
    told = notes[notes["kind"] == "competitor"]
    window = months_of(scope)[0]
    if scope.recorded(LOSSES, window) is None:
        empty = pd.DataFrame(columns=["period", by, *FIGURES])
        return Finding("diagnosis.competitors", scope, empty, NO_LOSSES, quiet=True)
    opportunities = judged(opportunities)
    found = _by_month(opportunities, told, scope) if by == "month" else _by_name(opportunities, told, scope)
    return _unreported(found) if notes.empty else found


def _unreported(found: Finding) -> Finding:
    """Return a finding without counts of notes: where there are none of any kind, nobody knows what the field saw."""
    rows = found.rows[found.rows["event"] == ""] if "event" in found.rows else found.rows
    reasons = {**found.reasons, "competitor_notes": NOT_ASKED}
    found = replace(found, rows=rows.assign(competitor_notes=np.nan), reasons=reasons)
    return replace(found, headline=Say("no_notes"), notes=(), quiet=True) if "event" in rows else found


# -- by competitor


def _by_name(opportunities: pd.DataFrame, told: pd.DataFrame, scope: Scope) -> Finding:
    window, name = months_of(scope)
    rows = _rows(opportunities, window)
    rows = rows.assign(period=name, last_date=[cut_off(scope), *[""] * (len(rows) - 1)])
    said = within(told, "note_date", window)
    who = named_in(said["text"].fillna(""), opportunities["competitor"].dropna().unique())
    counts = pd.Series(who, dtype="str").value_counts()
    named = rows["competitor"].map(counts).fillna(0.0).astype("float64")
    rows = rows.assign(competitor_notes=named.mask(rows["competitor"] == "", float(len(said))))
    rows = rows.assign(
        competitor_notes=rows["competitor_notes"].mask(rows["competitor"].isin([ANY, UNASSIGNED, OTHERS]))
    )
    headline = _headline(rows, scope)
    drawn = tuple(i for i in range(len(rows)) if rows["competitor"].iloc[i] not in ("", ANY))
    accent = tuple(int(str(p)) for role, p in headline.picks.items() if role == "worst")
    keys = ["period", "competitor"]
    return Finding(
        "diagnosis.competitors",
        scope,
        rows[[*keys, *(c for c in rows.columns if c not in keys)]],
        headline,
        notes=(*_notes(rows), *unrecorded(scope, window)),
        chart=Chart("bars", {"label": "competitor", "value": "win_rate"}, drawn, accent),
        table=("competitor", "closed_deals", "won_deals", "lost_deals", "win_rate", "win_low", "win_high",
               "lost_value", "competitor_notes", "evidence"),
        reasons={"lost_value": "no_amount", "competitor_notes": NOT_ASKED},
        quiet=not (rows["closed_deals"].iloc[1] if len(rows) > 1 else 0),
    )  # fmt: skip


def _rows(opportunities: pd.DataFrame, window: Window) -> pd.DataFrame:
    """Return the total, any competitor, each one (most lost deals first), and none."""
    named = opportunities[opportunities["competitor"].notna()]
    asked = list(FIGURES)
    whole, any_ = (measure(asked, {"opportunities": t}, window)[asked] for t in (opportunities, named))
    each = measure(asked, {"opportunities": opportunities}, window, ["competitor"])[["competitor", *asked]]
    each = each[each["closed_deals"] > 0]
    none = each["competitor"] == UNASSIGNED
    each = each.assign(none=none).sort_values(["none", "lost_deals", "competitor"], ascending=[True, False, True])
    rows = pd.concat(
        [whole.assign(competitor=""), any_.assign(competitor=ANY), each.drop(columns="none")], ignore_index=True
    )
    low, high = wilson(rows["won_deals"], rows["closed_deals"])
    value = rows["lost_value"].where(rows["priced_deals"] > 0)
    evidence = np.where(rows["competitor"] == "", "", "associated")
    return rows.assign(win_low=low, win_high=high, lost_value=value, evidence=evidence)


def _headline(rows: pd.DataFrame, scope: Scope) -> Say:
    few = scope.settings.sales.small_n
    total: dict[str, int | tuple[int, ...]] = {"any": 1}
    named = [i for i in range(2, len(rows)) if rows["competitor"].iloc[i] != UNASSIGNED]
    none = [i for i in range(2, len(rows)) if rows["competitor"].iloc[i] == UNASSIGNED]
    if not rows["closed_deals"].iloc[1]:
        return Say("none_closed")
    if rows["closed_deals"].iloc[1] < few:
        return Say("few", {**total, "top": named[0]})
    worst = _hardest(rows, [i for i in named if rows["closed_deals"].iloc[i] >= few])
    if worst is not None:
        return Say("hardest", {**total, "worst": worst})
    if none and rows["closed_deals"].iloc[none[0]] >= few:
        pair = [_hits(rows, i) for i in (1, none[0])]
        if chance_equal(*pair) < RARE:
            lower = pair[0][0] / pair[0][1] < pair[1][0] / pair[1][1]
            return Say("lower" if lower else "higher", {**total, "none": none[0]})
    return Say("alike", {**total, "top": named[0]})


def _hardest(rows: pd.DataFrame, fit: Sequence[int]) -> int | None:
    """Return the competitor against whom fewer deals are won than against the others, by more than chance."""
    if len(fit) < 2:
        return None
    won, closed = _hits(rows, 1)
    pairs = [((a, n), (won - a, closed - n)) for a, n in (_hits(rows, i) for i in fit)]
    harder = surest(pairs, higher=False)
    return fit[harder[0]] if harder else None


def _hits(rows: pd.DataFrame, i: int) -> tuple[float, float]:
    return float(rows["won_deals"].iloc[i]), float(rows["closed_deals"].iloc[i])


def _notes(rows: pd.DataFrame) -> list[Say]:
    notes = [Say("entered")]
    named = [i for i in range(2, len(rows)) if rows["competitor"].iloc[i] != UNASSIGNED]
    if named and rows["lost_deals"].iloc[named[0]]:
        asked = "" if rows["lost_value"].notna().iloc[named[0]] else "_unpriced"
        notes.append(Say(f"most_lost{asked}", {"top": named[0]}))
    return [*notes, Say("up_to", {"total": 0})] if rows["last_date"].iloc[0] else notes


# -- by month


def _by_month(opportunities: pd.DataFrame, told: pd.DataFrame, scope: Scope) -> Finding:
    named = opportunities[opportunities["competitor"].notna()]
    run = [
        m
        for m in months_to(scope, YEAR + 1)
        if scope.holds(m.window) and all(scope.recorded(what, m.window) for what in (LOSSES, NOTED))
    ]
    rows = pd.DataFrame([_month(named, told, month, scope) for month in run]).assign(event="")
    noted = rows["competitor_notes"] > 0
    sides = [_side(rows[noted], "reported"), _side(rows[~noted], "not_reported")]
    rows = pd.concat([rows, *sides], ignore_index=True)
    rows = rows.assign(win_rate=rows["won_deals"] / rows["closed_deals"].where(rows["closed_deals"] > 0))
    low, high = wilson(rows["won_deals"], rows["closed_deals"])
    rows = rows.assign(win_low=low, win_high=high, evidence=np.where(rows["event"] == "", "", "associated"))
    headline = _month_headline(rows, len(run), scope)
    columns = ["month", "event", "competitor_notes", "lost_deals", "closed_deals", "won_deals", "win_rate", "note",
               "win_low", "win_high", "evidence"]  # fmt: skip
    roles = {"x": "month", "value": "lost_deals", "event": "competitor_notes"}
    return Finding(
        "diagnosis.competitors",
        scope,
        rows[columns],
        headline,
        notes=(Say("no_notes"),) if not len(told) else (),
        chart=Chart("line", roles, tuple(range(len(run)))),
        table=tuple(columns),
        quiet=not len(told) or not rows["closed_deals"].iloc[: len(run)].any(),
    )


def _month(named: pd.DataFrame, told: pd.DataFrame, month: Period, scope: Scope) -> dict[str, float | str]:
    """Return the deals closed against any competitor in a month, and what the field reported in it."""
    window = scope.at(month).window
    said = within(told, "note_date", window).sort_values(["note_date", "text"])["text"]
    figures = measured(FIGURES[:3], {"opportunities": named}, window)[1]
    counts = {c: float(figures[c][0]) for c in FIGURES[:3]}
    texts = " / ".join(list(dict.fromkeys(said.dropna()))[:3])
    return {"month": month.name, "competitor_notes": float(len(said)), **counts, "note": texts}


def _side(rows: pd.DataFrame, event: str) -> pd.DataFrame:
    sums = rows[["competitor_notes", "closed_deals", "won_deals", "lost_deals"]].sum()
    return sums.to_frame().T.assign(month="", event=event, note="")


def _month_headline(rows: pd.DataFrame, months: int, scope: Scope) -> Say:
    picks: dict[str, int | tuple[int, ...]] = {"with": months, "without": months + 1}
    few = scope.settings.sales.small_n
    if not rows["competitor_notes"].iloc[months]:
        return Say("unreported")
    if min(rows["closed_deals"].iloc[months:]) < few:
        return Say("reported", {"with": months})
    pair = [_hits(rows, i) for i in (months, months + 1)]
    lower = pair[0][0] / pair[0][1] < pair[1][0] / pair[1][1] and chance_equal(*pair) < RARE
    return Say("lower_months" if lower else "not_lower", picks)
