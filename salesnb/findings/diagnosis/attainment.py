"""Target, actual, gap, attainment, and change: in total and by one dimension or a crossing of several."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from salesnb.causes.shortfalls import NOT_OF_SALES, lies_within
from salesnb.findings.finding import NOT_ASKED, Chart, Finding, Missing, Say, with_total
from salesnb.metrics import UNASSIGNED, four_figures
from salesnb.metrics.dimensions import dimensions_of
from salesnb.scope import Scope
from salesnb.views.customers import sales_with_kinds
from salesnb.views.lights import covered_column, drawn_sales, lights
from salesnb.views.margins import without_idle
from salesnb.views.past import past_of
from salesnb.views.slices import SLICE, members_of, with_slice
from salesnb.views.usual import SliceView

NAMED = 0.01
"""Falls below this share of all sales are not worth a sentence."""

TARGETED = ("sales", "target", "gap", "attainment", "light", "mom", "yoy")
UNTARGETED = ("sales", "sales_previous", "mom", "sales_last_year", "yoy")
"""Columns of the table; where no member has a target, what each sold before says more than empty columns."""

FEW = 6
"""Members whose lines from before to after can be told apart."""

CAUSED = ("behind_worst", "ahead_worst")
"""Sentences on a rep in which a problem may stand."""

MOST, WITHIN = 0.5, 0.95
"""A problem is told where it is as large as so much of the gap, and where so much of it lies with the rep."""

_CHANGE = {"last_year": "yoy", "previous": "mom"}
"""What a fall is told against, the first that the data hold in full: last year has the same season."""

_MADE_FROM = {"new_existing": "customer"}
"""Columns of the files behind dimensions that no file has."""


def attainment(
    orders: pd.DataFrame,
    targets: pd.DataFrame,
    *,
    scope: Scope,
    by: str | Sequence[str] = ("rep",),
    problems: pd.DataFrame | None = None,
) -> Finding:
    """Compare sales with target, last period and last year, in total and by the members of dimensions.

    Parameters
    ----------
    orders, targets
        Clean tables.
    by
        Dimensions to break down by; several give their crossing, two of them with their margins.
    problems
        Rows of the diagnosis: one as large as most of what the member furthest behind lacks is told with it.

    Returns
    -------
    Finding
        Row 0 is the total; then the margins of a crossing of two; then one row per member, largest shortfall first
        (where no target is set at this level, largest sales first); last the problem that is told, if any.
    """
    keys = dimensions_of(by, orders)
    parts = four_figures(orders, targets, scope, keys)
    margins = [four_figures(orders, targets, scope, [key]) for key in keys] if len(keys) == 2 else []
    whole = four_figures(orders, targets, scope)
    unnamed = _unnamed(parts, keys)
    inner = pd.DataFrame(columns=parts.columns) if unnamed else _below(margins, parts, keys)
    rows = with_total(whole, inner, keys)
    first = len(rows) - (0 if unnamed else len(parts))
    rows, drawn = drawn_sales(rows.assign(light=lights(rows, scope)))
    said = _headline(rows, first, keys, unnamed, scope)
    chart, shown = _chart(rows, first, keys, said, drawn), _shown(rows, first)
    if problems is not None and said.key in CAUSED:
        rows, said = _with_cause(rows, said, problems, orders, scope)
    return Finding(
        id="diagnosis.attainment",
        scope=scope,
        rows=rows,
        headline=said,
        notes=(*_more(said, rows), *_notes(scope)),
        chart=chart,
        table=(*keys, *shown, *_of_cause(rows, said), *(("effect",) if "cause" in said.picks else ())),
        reasons=_not_asked(rows, said),
        missing=(Missing("orders", tuple(_MADE_FROM.get(key, key) for key in unnamed)),) if unnamed else (),
        quiet=len(parts) <= 1,
    )


def _shown(rows: pd.DataFrame, first: int) -> tuple[str, ...]:
    if rows["gap"].iloc[first:].isna().all():
        return (*UNTARGETED, *covered_column(rows.iloc[:1]))
    part, at = covered_column(rows), TARGETED.index("light")
    held = ("covered_sales",) if part else ()
    return (TARGETED[0], *held, *TARGETED[1:at], *part, *TARGETED[at:])


def _unnamed(parts: pd.DataFrame, keys: list[str]) -> list[str]:
    """Dimensions that no row names: the column is not in the data."""
    return [key for key in keys if len(parts) and (parts[key] == UNASSIGNED).all()]


def _below(margins: list[pd.DataFrame], parts: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    blank = [m.assign(**{key: "" for key in keys if key not in m}) for m in margins]
    return pd.concat([m for m in (*blank, parts) if len(m)], ignore_index=True) if len(parts) else parts


def _headline(rows: pd.DataFrame, first: int, keys: list[str], unnamed: list[str], scope: Scope) -> Say:
    total, picks = rows.iloc[0], {"total": 0}
    if unnamed:
        return _of_nobody(rows, keys, scope)
    if first == len(rows):
        return Say("nothing", picks)
    if len(rows) - first == 1:
        return Say("single_target" if pd.notna(rows["gap"].iloc[first]) else "single", {"total": 0, "only": first})
    if rows["gap"].iloc[first:].isna().all():
        return _untargeted(rows, first, keys, _base(rows, scope))
    side = "behind" if total["gap"] < 0 else "ahead"
    worst = rows["gap"].iloc[first]
    if not worst < 0:
        return Say(side, picks)
    if keys == ["rep"] or pd.isna(total["gap"]):
        return Say(f"{side}_worst", {"total": 0, "worst": first})
    # The whole has been told by now: a breakdown says what part of it is where.
    part = "ahead_part" if side == "ahead" else "more_than_gap" if worst < total["gap"] else "part_of_gap"
    return Say(part, {"total": 0, "worst": first})


def _of_nobody(rows: pd.DataFrame, keys: list[str], scope: Scope) -> Say:
    """Say of sales that name nobody how large they are; where reps are asked for, which heads a page, how they went."""
    total, base = rows.iloc[0], _base(rows, scope)
    key = "not_given"
    if keys == ["rep"] and pd.notna(total["gap"]) and pd.notna(total["attainment"]):
        key = "behind" if total["gap"] < 0 else "ahead"
    elif keys == ["rep"] and base and pd.notna(total[_CHANGE[base]]):
        key = f"unnamed_{base}"
    return Say(key, {"total": 0})


def _base(rows: pd.DataFrame, scope: Scope) -> str:
    """Return what falls are told against; blank where the data hold neither last year nor the period before in full."""
    for name in _CHANGE:
        window = scope.last_year if name == "last_year" else scope.previous
        if window is not None and rows[f"sales_{name}"].iloc[0] > 0 and scope.holds(window):
            return name
    return ""


def _with_cause(
    rows: pd.DataFrame, said: Say, problems: pd.DataFrame, orders: pd.DataFrame, scope: Scope
) -> tuple[pd.DataFrame, Say]:
    """Say with the rep who is furthest behind which problem is as large as most of it, where one lies with that rep.

    The problem is added to the rows, below all others.
    """
    place = said.picks["worst"]
    assert isinstance(place, int)
    rep, gap = str(rows["rep"].iloc[place]), float(rows["gap"].iloc[place])
    orders, found = sales_with_kinds(orders, scope), with_slice(problems)
    for problem in found[~found["problem"].isin(NOT_OF_SALES)].to_dict("records"):
        loss = float(problem["effect"])
        view = SliceView({"orders": orders}, members_of(problem), past_of(scope))
        if loss > MOST * gap or lies_within(view, "rep", rep) < WITHIN:
            continue
        told = {"problem": problem["problem"], **members_of(problem), "effect": loss}
        below = pd.concat([rows, pd.DataFrame([told])], ignore_index=True)
        texts = [c for c in told if c != "effect"] + ["rep", "light"]
        below = below.assign(**{c: below[c].fillna("").astype("str") for c in texts})
        # The gap is one to a target, the loss one to the problem's own past: it is told beside the gap, not as "of it".
        return below, Say(f"{said.key}_problem", {**said.picks, "cause": len(rows)})
    return rows, said


def _of_cause(rows: pd.DataFrame, said: Say) -> tuple[str, ...]:
    """Return the columns that tell the problem which is told beside the reps."""
    return ("problem", *(c for c in SLICE if c in rows and c != "rep")) if "cause" in said.picks else ()


def _not_asked(rows: pd.DataFrame, said: Say) -> dict[str, str]:
    """The effect is asked of a problem alone; of a problem no figure is that the others have."""
    place = said.picks.get("cause")
    if not isinstance(place, int):
        return {}
    return {"effect": NOT_ASKED} | {str(c): NOT_ASKED for c in rows if rows[c].iloc[:place].notna().all()}


def _untargeted(rows: pd.DataFrame, first: int, keys: list[str], base: str) -> Say:
    """Name who fell most, or that nobody did, and who sold most; of the reps, whose section is first, the whole too."""
    below = rows.iloc[first:]
    picks = {"total": 0, "top": (top := first + int(below["sales"].to_numpy().argmax()))}
    stem = "whole" if keys == ["rep"] else "untargeted"
    if not base:
        return Say(stem, picks)
    if pd.isna(rows[_CHANGE[base]].iloc[0]):
        stem = "untargeted"
    fall = (below["sales"] - below[f"sales_{base}"]).fillna(0.0).to_numpy()
    fell = first + int(fall.argmin())
    blank = (rows[keys].iloc[fell] == UNASSIGNED).any()
    if fall.min() >= -NAMED * abs(rows["sales"].iloc[0]):
        return Say(f"{stem}_{base}", picks)
    if blank:
        return Say(stem, picks)
    if fell == top:
        return Say(f"{stem}_top_fell_{base}", picks)
    return Say(f"{stem}_fell_{base}", {**picks, "fell": fell})


def _more(said: Say, rows: pd.DataFrame) -> list[Say]:
    """Say beside the one who fell most who sold most, and that there is no target."""
    if not said.key.startswith(("whole", "untargeted")):
        return []
    top = said.picks.get("top", 0)
    part = isinstance(top, int) and rows["sales"].iloc[top] < rows["sales"].iloc[0]
    largest = [Say("largest", said.picks)] if "fell" in said.picks and part else []
    return [*largest, Say("no_level_target")]


def _notes(scope: Scope) -> list[Say]:
    notes = [] if scope.complete else [Say("unfinished")]
    for name, window in (("previous", scope.previous), ("last_year", scope.last_year)):
        told_as_last_year = name == "previous" and window == scope.last_year
        if window and not scope.holds(window) and not told_as_last_year:
            notes.append(Say(f"{name}_truncated"))
    return notes


def _chart(rows: pd.DataFrame, first: int, keys: list[str], said: Say, drawn: str) -> Chart | None:
    if first == len(rows):
        return None
    below = rows.iloc[first:]
    targeted = below["gap"].notna().any()
    if len(keys) == 2:
        change = next((c for c in ("yoy", "mom") if below[c].notna().any()), "sales")
        roles = {"row": keys[0], "column": keys[1], "value": "gap" if targeted else change}
        return Chart("heat", roles, without_idle(rows, keys) if targeted else None)
    accent = (first,) if targeted and below["gap"].iloc[0] < 0 else ()
    # Who has left, and what names nobody, has neither sales nor a target: the table lists it.
    idle = (below["sales"] == 0) & below["target"].isna()
    if not targeted:
        idle &= below[keys[0]] == UNASSIGNED
    shown = tuple(int(p) for p in first + np.flatnonzero(~idle.to_numpy(dtype=bool)))
    if targeted:
        roles = {"label": keys[0], "value": drawn, "target": "target", "light": "light"}
        return Chart("bullet", roles, shown, accent)
    return _change_chart(shown, keys[0], said)


def _change_chart(shown: tuple[int, ...], key: str, said: Say) -> Chart:
    """Draw who fell between two periods, by a line each where there are few; who sold most, by bars."""
    named = said.picks.get("fell", said.picks.get("top"))
    accent = (named,) if isinstance(named, int) else ()
    if "_fell_" not in said.key:
        return Chart("bars", {"label": key, "value": "sales"}, shown, accent)
    base = said.key.partition("_fell_")[2]
    if len(shown) <= FEW:
        return Chart("slope", {"label": key, "before": f"sales_{base}", "value": "sales"}, shown, accent)
    roles = {"label": key, "value": "sales", "target": f"sales_{base}", "aside": _CHANGE[base]}
    return Chart("bullet", roles, shown, accent)
