"""Which few slices explain the gap, against target, last year and last period; what the calendar and all alike did."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from salesnb.causes.baselines import Baseline, baselines
from salesnb.causes.explained import Explaining, Known, explaining
from salesnb.findings.finding import NOT_ASKED, Chart, Finding, Say
from salesnb.methods.over_time.variation import FEWEST
from salesnb.metrics.covered import NOT_HELD, held
from salesnb.schema import SCALE
from salesnb.scope import Scope
from salesnb.views.lines import lines_of
from salesnb.views.slices import OF_WHICH, SLICE, members_of, with_slice, without_removed

COLUMNS = ("against", "part", *SLICE, "expected", "sales", "effect", "part_share", "surprise", "confidence", "evidence")
_OTHERS = {"expected": NOT_ASKED, "sales": NOT_ASKED, "surprise": NOT_ASKED}
"""Figures that only slices have, not the parts of a bridge beside them."""


def localisation(
    orders: pd.DataFrame, targets: pd.DataFrame, *, scope: Scope, problems: pd.DataFrame | None = None
) -> Finding:
    """Tell how far few slices explain the distance to target, to last year and to the period before.

    The calendar comes first (days left, working days, the step that earlier years made here too), then the slices, of
    up to three dimensions, that moved further than everything else did and than their own past explains: losses and
    gains. All else moved together, by what is common to all and normal variation. A target set for few dimensions is
    spread by what each slice usually made of it; a slice is named beyond these only where it fell short of its usual
    share of them.

    Parameters
    ----------
    orders, targets
        Clean tables; about a year before the period is needed to know what is normal.
    problems
        Rows that name slices known to be problems (by several months, by prices, by deals) with ``surprise`` and
        ``confidence``: they are taken out first, so that this and those agree.

    Returns
    -------
    Finding
        Per comparison (``against``) one row per part of its bridge: ``part`` is ``days_left``, ``working_days``,
        ``season``, blank for a slice, ``of_which`` for a slice within the one above (its ``effect`` is in that one's),
        ``rest`` for all else; the last row, blank but for ``against``, is the whole.
        ``effect`` in money adds up to the whole to the last minor unit. A slice's ``effect`` is ``sales`` -
        ``expected``, where it was expected to move like all else.
    """
    known = _known(problems, scope)
    lines = lines_of(orders, targets, scope, {k.members["customer"] for k in known if "customer" in k.members})
    whole = held("sales", {"orders": orders}, targets, scope).get((), NOT_HELD)
    found = baselines(lines, targets, scope, whole)
    if not found or not len(lines.amount):
        return _without(scope, "no_base")
    tables = [_rows(baseline, explaining(lines, baseline, scope, known)) for baseline in found]
    rows = without_removed(pd.concat(tables, ignore_index=True), scope)
    rows = _closed(rows).reset_index(drop=True)
    short = len(lines.past.bins) < 2 * FEWEST
    said = [_said(rows, baseline.against, short=short) for baseline in found]
    return Finding(
        "diagnosis.localisation",
        scope,
        rows,
        said[0],
        notes=(*(() if short else said[1:]), *_notes(rows, found[0].against, scope), *_amounts(rows, known)),
        chart=_chart(rows, said),
        table=COLUMNS,
        reasons=_OTHERS | {"part_share": NOT_ASKED},
    )


def _without(scope: Scope, key: str) -> Finding:
    return Finding("diagnosis.localisation", scope, pd.DataFrame(columns=[*COLUMNS]), Say(key), quiet=True)


def _known(problems: pd.DataFrame | None, scope: Scope) -> list[Known]:
    """Return the slices of problems of sales; money that comes late changes none."""
    if problems is None or problems.empty:
        return []
    rows = without_removed(with_slice(problems), scope)
    records = rows[rows["problem"] != "lower_collection"].to_dict("records")
    named = [(members_of(row), row) for row in records]
    return [Known(m, float(row["surprise"]), str(row["confidence"])) for m, row in named if m]


def _rows(baseline: Baseline, slices: list[Explaining]) -> pd.DataFrame:
    """Return a bridge: what the calendar made, the slices, all else together, then the whole."""
    change = baseline.actual - baseline.expected
    rest = change - sum(effect for _, effect in baseline.parts) - sum(s.effect for s in slices)
    table = [_part(name, effect) for name, effect in baseline.parts]
    for whole in slices:
        table += [_slice(whole, change), *({**_slice(p, change), "part": OF_WHICH} for p in whole.parts)]
    table += [_part("rest", rest)]
    table += [{**_part("", change), "expected": baseline.expected / SCALE, "sales": baseline.actual / SCALE}]
    return pd.DataFrame(table).reindex(columns=[*COLUMNS]).assign(against=baseline.against)


def _part(name: str, effect: int) -> dict[str, object]:
    blank = dict.fromkeys(SLICE, "")
    labels = {"confidence": "", "evidence": "measured" if name in {"", "working_days", "days_left"} else ""}
    return {"part": name, **blank, "effect": effect / SCALE, **labels}


def _slice(found: Explaining, change: int) -> dict[str, object]:
    share = found.effect / change if change and 0 < found.effect / change <= 1 else np.nan
    return {
        "part": "",
        **dict.fromkeys(SLICE, ""),
        **found.members,
        "expected": found.expected / SCALE,
        "sales": found.actual / SCALE,
        "effect": found.effect / SCALE,
        "part_share": share,
        "surprise": found.surprise,
        "confidence": found.confidence,
        "evidence": "measured",
    }


def _closed(rows: pd.DataFrame) -> pd.DataFrame:
    """Return bridges whose rest takes up what slices that may not be shown carried."""
    rows = rows.copy()
    units = (rows["effect"] * SCALE).round().astype("int64")
    whole = _whole(rows)
    for against in rows["against"].unique():
        of = rows["against"] == against
        missing = int(units[of & whole].iloc[0]) - int(units[of & ~whole & (rows["part"] != OF_WHICH)].sum())
        rest = of & (rows["part"] == "rest")
        rows.loc[rest, "effect"] = (units[rest] + missing) / SCALE
    return rows


def _whole(rows: pd.DataFrame) -> pd.Series:
    return (rows[["part", *SLICE]] == "").all(axis=1)


def _said(rows: pd.DataFrame, against: str, *, short: bool) -> Say:
    """Say of one comparison which slices stand out: those that pull where all went first, largest first."""
    places = [int(p) for p in rows.index[rows["against"] == against]]
    effect, part, whole = rows["effect"], rows["part"], places[-1]
    if not effect[whole]:
        return Say(f"same_{against}", {"whole": whole})
    side = "fell" if effect[whole] < 0 else "rose"
    slices = [p for p in places[:-1] if part[p] == ""]
    with_it = [p for p in slices if (effect[p] < 0) == (effect[whole] < 0)]
    if short or not slices:
        rest = next(p for p in places if part[p] == "rest")
        kind = "short" if short else "none" if rest == places[0] else "calendar"
        return Say(
            f"{kind}_{against}_{side}", {"whole": whole, "rest": rest} if kind == "calendar" else {"whole": whole}
        )
    kind = "other" if not with_it else "one" if len(with_it) == 1 else "more"
    named = (with_it or slices)[: 2 if kind == "more" else 1]
    return Say(f"{kind}_{against}_{side}", {"whole": whole, **dict(zip(("first", "second"), named, strict=False))})


def _notes(rows: pd.DataFrame, against: str, scope: Scope) -> list[Say]:
    notes = [] if scope.complete else [Say("unfinished")]
    of = rows["against"] == against
    upside = rows.index[of & (rows["part"] == "") & ~_whole(rows) & (rows["effect"] > 0)]
    whole = rows["effect"][rows.index[of][-1]]
    if len(upside) and whole < 0:
        notes.append(Say("upside", {"best": int(upside[0])}))
    return notes


def _amounts(rows: pd.DataFrame, known: Sequence[Known]) -> list[Say]:
    """Say why a problem that was told above has another amount here."""
    told = {tuple(sorted(k.members.items())) for k in known}
    shown = {tuple(sorted(members_of(row).items())) for row in rows[rows["part"] == ""].to_dict("records")}
    return [Say("amounts")] if told & shown else []


def _chart(rows: pd.DataFrame, told: list[Say]) -> Chart | None:
    """Draw the first comparison that falls into parts; what is no more than one rest needs no picture."""
    for said, against in zip(told, rows["against"].unique(), strict=True):
        places = [int(p) for p in rows.index[rows["against"] == against]]
        shown = [p for p in places[:-1] if rows["effect"][p] and rows["part"][p] != OF_WHICH]
        if len(shown) > 1:
            accent = tuple(
                p for name, p in said.picks.items() if name in {"first", "second", "rest"} and isinstance(p, int)
            )
            roles = {"label": "member", "value": "effect"}
            title = None if said is told[0] else said
            return Chart("bridge", roles, (*shown, places[-1]), accent, total=places[-1], title=title)
    return None
