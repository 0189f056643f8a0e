"""Target, actual, gap, attainment, and change at one level: in total and by the members of a dimension."""

from collections.abc import Sequence

import pandas as pd

from salesnb.findings.finding import Chart, Finding, Missing, Say, with_total
from salesnb.metrics import four_figures
from salesnb.metrics.dimensions import dimensions_of
from salesnb.scope import Scope
from salesnb.views.lights import covered_column, drawn_sales, lights


def levels(orders: pd.DataFrame, targets: pd.DataFrame, *, scope: Scope, by: str | Sequence[str] = ("rep",)) -> Finding:
    """Hold sales against the targets given at a level.

    Parameters
    ----------
    orders, targets
        Clean tables.
    by
        Dimensions of the level: team, rep, product_line, region, channel, customer_type, or several.

    Returns
    -------
    Finding
        Row 0 is the total; then one row per member, largest shortfall first. A member with a target and no sales
        is a row; one with sales and no target has no gap.
    """
    keys = dimensions_of(by, orders)
    rows = with_total(four_figures(orders, targets, scope), four_figures(orders, targets, scope, keys), keys)
    rows, drawn = drawn_sales(rows.assign(light=lights(rows, scope)))
    set_for = [i for i in range(1, len(rows)) if pd.notna(rows["target"].iloc[i])]
    if not set_for:
        missing = (Missing("targets", ("period", *keys, "amount")),) if targets.empty else ()
        return Finding(
            "targets.levels",
            scope,
            rows,
            _without_level(rows, scope),
            chart=_bars(keys, rows),
            missing=missing,
            quiet=True,
        )
    sold = dict.fromkeys(("sales", drawn))
    return Finding(
        "targets.levels", scope, rows, _headline(rows, set_for), notes=_notes(rows, set_for, scope),
        chart=Chart(
            "bullet", {"label": keys[0], "value": drawn, "target": "target", "light": "light"}, tuple(set_for),
            accent=(set_for[0],) if rows["gap"].iloc[set_for[0]] < 0 else (),
        ),
        table=(*keys, *sold, "target", "gap", "attainment", *covered_column(rows), "light", "mom", "yoy"),
        quiet=len(rows) == 2,
    )  # fmt: skip


def _headline(rows: pd.DataFrame, set_for: list[int]) -> Say:
    gaps = [float(rows["gap"].iloc[i]) for i in set_for]
    worst, best = set_for[0], set_for[gaps.index(max(gaps))]
    if len(set_for) == 1:
        return Say("only_behind" if gaps[0] < 0 else "only_met", {"one": worst})
    if min(gaps) >= 0:
        return Say("all_met", {"best": best})
    if max(gaps) >= 0:
        return Say("spread", {"worst": worst, "best": best})
    closest = max(set_for, key=lambda i: float(rows["attainment"].fillna(-1.0).iloc[i]))
    return Say("all_behind", {"worst": worst, "best": closest})


def _without_level(rows: pd.DataFrame, scope: Scope) -> Say:
    if pd.isna(rows["target"].iloc[0]):
        return Say("no_target", {"total": 0})
    if len(rows) == 1:
        return Say("no_level_bare", {"total": 0})
    top = max(range(1, len(rows)), key=lambda i: float(rows["sales"].iloc[i]))
    told = pd.notna(rows["yoy"].iloc[top]) and scope.holds(scope.last_year)
    return Say("no_level_yoy" if told else "no_level", {"top": top})


def _notes(rows: pd.DataFrame, set_for: list[int], scope: Scope) -> tuple[Say, ...]:
    notes = [] if scope.complete else [Say("to_date")]
    sold = {i: float(rows["sales"].iloc[i]) for i in range(1, len(rows)) if i not in set_for}
    if any(sold.values()):
        notes.append(Say("without_target", {"largest": max(sold, key=lambda i: sold[i])}))
    whole, parts = rows["target"].iloc[0], rows["target"].iloc[1:].sum()
    if pd.notna(whole) and abs(whole - parts) >= scope.settings.company.smallest_unit:
        notes.append(Say("differs", {"total": 0}))
    return tuple(notes)


def _bars(keys: list[str], rows: pd.DataFrame) -> Chart:
    return Chart("bars", {"label": keys[0], "value": "sales"}, tuple(range(1, len(rows))))
