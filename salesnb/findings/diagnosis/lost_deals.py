"""Deals lost: for which reasons, worth how much, and which department owns each reason."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from salesnb.calendar import Window
from salesnb.findings.finding import NOT_ASKED, Chart, Finding, Missing, Say
from salesnb.findings.recorded import unrecorded
from salesnb.methods.rates import surest, wilson
from salesnb.metrics import UNASSIGNED, measure
from salesnb.scope import Scope
from salesnb.views.departments import owners
from salesnb.views.periods import cut_off, lately, year_before
from salesnb.views.recorded import LOSSES, judged_all
from salesnb.views.slices import without_removed

FIGURES = ("lost_deals", "priced_deals", "lost_value")
WON = ("won_deals", "won_value")
SHARES = ("loss_share", "loss_share_before", "loss_share_change", "loss_share_low", "loss_share_high")
UNKNOWN_LOSSES = Say("unrecorded")
NONE = frozenset({"no_lost", UNKNOWN_LOSSES.key})
KEYS = ("period", "department", "lost_reason", "rep")


def lost_deals(opportunities: pd.DataFrame, *, scope: Scope) -> Finding:
    """Count the deals lost by reason and by the department that owns it, with what was asked for them.

    A month's lost deals are too few to tell reasons from chance, so periods shorter than a quarter are looked at as
    the three months up to their end. Shares are held against the twelve months before.

    Parameters
    ----------
    opportunities
        Clean opportunities with ``lost_reason``, as the reps entered it.

    Returns
    -------
    Finding
        Row 0 is the total; then one row a department, one a reason, and for the reason that the headline names one a
        rep who loses deals for it more often than the others do, or than before.
    """
    lost = opportunities[opportunities["status"] == "lost"]
    now, name = lately(scope)
    if opportunities.empty:
        return _without(scope, "no_deals", ("opportunity_id", "status", "close_date", "lost_reason"))
    past = year_before(now, scope)
    past = past if past and judged_all(scope, past) else None
    rows = _rows(opportunities, now, past, scope)
    if not rows["lost_deals"].iloc[0]:
        return _told(rows, name, scope, Say("no_lost") if scope.recorded(LOSSES, now) else UNKNOWN_LOSSES)
    if lost["lost_reason"].isna().all():
        return _told(rows.iloc[:1], name, scope, Say("unreasoned", {"total": 0}), asks=True)
    headline = _headline(rows, scope)
    named = [int(str(p)) for role, p in headline.picks.items() if role == "named"]
    who = [_by_rep(opportunities, now, past, str(rows["lost_reason"].iloc[i]), scope) for i in named]
    return _told(pd.concat([rows, *who], ignore_index=True), name, scope, headline)


def _without(scope: Scope, key: str, columns: tuple[str, ...]) -> Finding:
    empty = pd.DataFrame(columns=[*KEYS, *FIGURES, *SHARES])
    needed = (Missing("opportunities", columns),)
    return Finding("diagnosis.lost_deals", scope, empty, Say(key), missing=needed, quiet=True)


def _told(rows: pd.DataFrame, name: str, scope: Scope, headline: Say, *, asks: bool = False) -> Finding:
    until = cut_off(scope)
    rows = rows.assign(period=name, last_date=[until, *[""] * (len(rows) - 1)], evidence=_evidence(rows))
    rows = rows.assign(**{k: rows[k].fillna("") if k in rows else "" for k in KEYS})
    rows = without_removed(rows, scope).reset_index(drop=True)
    figures = [c for c in rows.columns if c not in KEYS]
    rows = rows[[*KEYS, *figures]]
    reasons = tuple(i for i in range(len(rows)) if rows["lost_reason"].iloc[i] and not rows["rep"].iloc[i])
    accent = tuple(int(str(p)) for role, p in headline.picks.items() if role == "named")
    roles = {"label": "lost_reason", "group": "department", "value": "lost_deals"}
    return Finding(
        "diagnosis.lost_deals",
        scope,
        rows,
        headline,
        notes=tuple(_notes(rows, scope)) if not asks and headline.key not in NONE else _money(rows),
        chart=Chart("bars", roles, reasons, accent) if reasons else None,
        table=("department", "lost_reason", "rep", "lost_deals", "lost_value", *SHARES, "priced_deals", "evidence"),
        missing=(Missing("opportunities", ("lost_reason",)),) if asks else (),
        reasons={
            "lost_value": "no_amount",
            **dict.fromkeys((*SHARES, *WON, "lost_deals_all", "lost_deals_before"), NOT_ASKED),
        },
        quiet=headline.key in NONE or asks,
    )


def _evidence(rows: pd.DataFrame) -> list[str]:
    """Mark reasons as associated with the loss: they are what reps say of it."""
    said = rows["lost_reason"] if "lost_reason" in rows else pd.Series("", index=rows.index)
    return ["associated" if isinstance(r, str) and r not in ("", UNASSIGNED) else "" for r in said]


def _rows(opportunities: pd.DataFrame, now: Window, past: Window | None, scope: Scope) -> pd.DataFrame:
    """Return the total, the departments and the reasons, each with its share of the lost deals now and before."""
    tables = {"opportunities": opportunities}
    whole = measure([*FIGURES, *WON], tables, now)[[*FIGURES, *WON]]
    reasons = _by_reason(tables, now, scope)
    earlier = _by_reason(tables, past, scope) if past else reasons.iloc[:0]
    parts = [_grouped(reasons, ["department"]), reasons]
    olds = [_grouped(earlier, ["department"]), earlier]
    keys = [["department"], ["department", "lost_reason"]]
    found = [whole.assign(lost_deals_all=whole["lost_deals"])]
    for part, old, key in zip(parts, olds, keys, strict=True):
        made = _shared(part, old, key, float(whole["lost_deals"].iloc[0]), float(earlier["lost_deals"].sum()))
        last = made[key[-1]] == UNASSIGNED  # what is not given comes last, however much of it there is
        order = made.assign(last=last).sort_values(
            ["last", "lost_deals", *key], ascending=[True, False, *[True] * len(key)]
        )
        found.append(order.drop(columns="last"))
    return _valued(pd.concat(found, ignore_index=True))


def _by_reason(tables: dict[str, pd.DataFrame], window: Window, scope: Scope) -> pd.DataFrame:
    found = measure(FIGURES, tables, window, ["lost_reason"])
    found = found[found["lost_deals"] > 0]
    return found.assign(department=found["lost_reason"].map(owners(found["lost_reason"], scope.settings)))


def _grouped(reasons: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    return reasons.groupby(list(by), as_index=False)[list(FIGURES)].sum()


def _shared(part: pd.DataFrame, old: pd.DataFrame, key: list[str], now: float, past: float) -> pd.DataFrame:
    known = old.set_index(key)["lost_deals"]
    places = part.set_index(key).index
    earlier = known.reindex(places).fillna(0.0).to_numpy() if len(known) else np.zeros(len(part))
    low, high = wilson(part["lost_deals"], np.full(len(part), now))
    share = part["lost_deals"].to_numpy() / now if now else np.full(len(part), np.nan)
    share_before = earlier / past if past else np.full(len(part), np.nan)
    return part.assign(
        lost_deals_all=now,
        loss_share=share,
        loss_share_low=low,
        loss_share_high=high,
        lost_deals_before=past,
        loss_share_before=share_before,
        loss_share_change=share - share_before,
    )


def _valued(rows: pd.DataFrame) -> pd.DataFrame:
    """Leave out the money of rows in which no deal carries an amount: none was asked for, as far as is known."""
    return rows.assign(lost_value=rows["lost_value"].where(rows["priced_deals"] > 0))


def _headline(rows: pd.DataFrame, scope: Scope) -> Say:
    reasons = [i for i in range(1, len(rows)) if rows["lost_reason"].iloc[i] not in ("", UNASSIGNED)
               and isinstance(rows["lost_reason"].iloc[i], str)]  # fmt: skip
    total: dict[str, int | tuple[int, ...]] = {"total": 0}
    if not reasons:
        return Say("unentered", total)
    few, top = scope.settings.sales.small_n, reasons[0]
    owned = "" if rows["department"].iloc[top] != UNASSIGNED else "_unowned"
    if rows["lost_deals"].iloc[0] < few:
        return Say("few", {**total, "named": top})
    risen = _risen(rows, reasons, few)
    if risen is not None:
        owned = "" if rows["department"].iloc[risen] != UNASSIGNED else "_unowned"
        return Say(f"risen{owned}", {**total, "named": risen})
    equal = tuple(i for i in reasons if rows["lost_deals"].iloc[i] == rows["lost_deals"].iloc[top])
    if len(equal) > 1:
        return Say("tied", {**total, "equal": equal})
    most = 2 * rows["lost_deals"].iloc[top] > rows["lost_deals"].iloc[0]
    return Say(f"{'most' if most else 'often'}{owned}", {**total, "named": top})


def _risen(rows: pd.DataFrame, reasons: Sequence[int], few: int) -> int | None:
    """Return the reason whose share rose most surely, None where chance explains all."""
    now, past = float(rows["lost_deals"].iloc[0]), rows["lost_deals_before"].iloc[reasons[0]]
    if not past >= few:
        return None
    share, lost = rows["loss_share_before"], rows["lost_deals"]
    pairs = [((float(lost.iloc[i]), now), (float(round(share.iloc[i] * past)), past)) for i in reasons]
    risen = surest(pairs, higher=True)
    return reasons[risen[0]] if risen else None


def _by_rep(opportunities: pd.DataFrame, now: Window, past: Window | None, reason: str, scope: Scope) -> pd.DataFrame:
    """Return the reps who lose deals for a reason more often than the others do, or than they did themselves before.

    Both are more than chance explains, all reps looked at counted.
    """
    hits, every = _of_reps(opportunities, now, reason)
    old_hits, old = _of_reps(opportunities, past, reason) if past else (hits.iloc[:0], every.iloc[:0])
    old_hits, old = (side.reindex(every.index).fillna(0.0) for side in (old_hits, old))
    pairs = list(zip(hits.tolist(), every.tolist(), strict=True))
    others = [((a, n), (hits.sum() - a, every.sum() - n)) for a, n in pairs]
    themselves = list(zip(pairs, zip(old_hits.tolist(), old.tolist(), strict=True), strict=True))
    more = sorted({place % len(pairs) for place in surest([*others, *themselves], higher=True)})
    found = measure(FIGURES, {"opportunities": opportunities}, now, ["rep", "lost_reason"])
    made = found[(found["lost_reason"] == reason) & found["rep"].isin(every.index[more])].set_index("rep")
    cases, before_ = every.reindex(made.index), old.reindex(made.index)
    low, high = wilson(made["lost_deals"], cases)
    share = made["lost_deals"] / cases
    share_before = old_hits.reindex(made.index) / before_.where(before_ > 0)
    made = made.assign(
        lost_deals_all=cases,
        loss_share=share,
        loss_share_low=low,
        loss_share_high=high,
        lost_deals_before=before_,
        loss_share_before=share_before,
        loss_share_change=share - share_before,
        department=owners([reason], scope.settings)[reason],
    )
    return _valued(made.reset_index()).sort_values(["lost_deals", "rep"], ascending=[False, True])


def _of_reps(opportunities: pd.DataFrame, window: Window, reason: str) -> tuple[pd.Series, pd.Series]:
    """Return how many deals each rep lost for a reason, and how many in all."""
    lost = opportunities[opportunities["status"] == "lost"]
    found = measure(["lost_deals"], {"opportunities": lost}, window, ["rep", "lost_reason"])
    found = found[found["rep"] != UNASSIGNED]
    every = found.groupby("rep")["lost_deals"].sum()
    own = found[found["lost_reason"] == reason].set_index("rep")["lost_deals"]
    return own.reindex(every.index).fillna(0.0), every


def _money(rows: pd.DataFrame) -> tuple[Say, ...]:
    """Say what the lost deals were worth, and for how many of them that is known."""
    lost, priced = rows["lost_deals"].iloc[0], rows["priced_deals"].iloc[0]
    if not lost:
        return ()
    return (Say("asked" if priced == lost else "asked_part" if priced else "unpriced", {"total": 0}),)


def _notes(rows: pd.DataFrame, scope: Scope) -> list[Say]:
    won, value = rows["won_deals"].iloc[0], rows["won_value"].iloc[0]
    notes = [*_money(rows), Say("won_none" if won == 0 else "won" if pd.notna(value) else "won_unpriced", {"total": 0})]
    few = rows["lost_deals"].iloc[0] < scope.settings.sales.small_n
    departments = [
        i
        for i in range(1, len(rows))
        if rows["department"].iloc[i] not in ("", UNASSIGNED) and not rows["lost_reason"].iloc[i]
    ]
    if departments and not few:
        notes.append(Say("owner", {"owner": departments[0]}))
    who = [i for i in range(len(rows)) if rows["rep"].iloc[i]]
    if who:
        known = rows["lost_deals_before"].iloc[who[0]] >= scope.settings.sales.small_n
        notes.append(Say("rep_before" if known else "rep", {"who": who[0]}))
    given = (rows["lost_reason"] != "") & (rows["lost_reason"] != UNASSIGNED)
    if (given & (rows["department"] == UNASSIGNED)).any():
        notes.append(Say("unowned"))
    blank = np.flatnonzero((rows["lost_reason"] == UNASSIGNED).to_numpy())
    if len(blank):
        notes.append(Say("blank", {"blank": int(blank[0])}))
    notes += unrecorded(scope, lately(scope)[0])
    return [*notes, Say("up_to", {"total": 0})] if rows["last_date"].iloc[0] else notes
