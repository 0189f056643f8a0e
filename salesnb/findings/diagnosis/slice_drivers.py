"""Which drivers moved the slices that stand out: customers, orders, their value; deals, proposals, wins."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from salesnb.calendar import Window
from salesnb.findings.finding import Chart, Finding, Say
from salesnb.methods.attribution import change_table
from salesnb.metrics.registry import made_of
from salesnb.schema import SCALE
from salesnb.scope import Scope
from salesnb.views.customers import deals_with_kinds, sales_with_kinds
from salesnb.views.past import past_of
from salesnb.views.recorded import judged_all
from salesnb.views.slices import OF_WHICH, SLICE, members_of, top_of, with_slice, without_removed
from salesnb.views.usual import SliceView

MOST = 3
FEWEST = 3
"""Earlier periods needed to speak of a usual one."""

ORDERS = ("customers", "orders_per_customer", "aov")
DEALS = ("closed_deals", "proposal_rate", "wins_per_proposal", "deal_value")
UNPROPOSED = ("closed_deals", "win_rate", "deal_value")
"""The tree of deals where nobody keeps the dates of proposals."""

COLUMNS = (*SLICE, "kpi", "effect", "part_share", "before", "after", "evidence")


def slice_drivers(orders: pd.DataFrame, opportunities: pd.DataFrame, *slices: pd.DataFrame, scope: Scope) -> Finding:
    """Attribute the change of the slices that stand out to their drivers, exact to the last minor unit.

    A slice is held against its own usual period, the mean of about a year that ended some months before: customers x
    orders per customer x average order value, and its deals as deals closed x proposals per deal x wins per proposal
    x value of a deal.

    Parameters
    ----------
    orders, opportunities
        Clean tables.
    slices
        Rows that name slices by their dimensions with a negative ``effect``, those of greater weight first: problems,
        slices that explain the gap.

    Returns
    -------
    Finding
        Per slice one row per driver of sales (``effect`` in money, ``part_share`` of the change, ``before`` and
        ``after`` the driver itself), then its whole change of sales with blank ``kpi``; then its deals alike, their
        last row being ``won_value``.
    """
    named, past = _named([top_of(rows) for rows in slices], scope), past_of(scope)
    if not named:
        return _without(scope, "none")
    if len(past.usual) < FEWEST:
        return _without(scope, "short")
    # Deals are held against usual ones only where losses are recorded all along.
    deals = opportunities if judged_all(scope, past.now, *past.usual) else opportunities.iloc[:0]
    tables = {"orders": sales_with_kinds(orders, scope), "opportunities": deals_with_kinds(deals, orders, scope)}
    trees: list[pd.DataFrame] = []
    said: list[Say] = []
    for members, of_deals in named:
        found = _trees(SliceView(tables, members, past))
        at = sum(len(tree) for tree in trees)
        trees += found
        said += _said_of(found, at)[:: -1 if of_deals else 1]
    if not trees:
        return _without(scope, "none")
    rows = pd.concat(trees, ignore_index=True).assign(evidence="measured").reindex(columns=[*COLUMNS])
    told = _named([top_of(table) for table in slices if "problem" in table], scope)
    notes = [*said[1:], *_notes(rows, scope), *([Say("amounts")] if told else [])]
    return Finding("diagnosis.slice_drivers", scope, rows, said[0], notes=tuple(notes), chart=_chart(rows, said[0]))


def _without(scope: Scope, key: str) -> Finding:
    return Finding("diagnosis.slice_drivers", scope, pd.DataFrame(columns=[*COLUMNS]), Say(key), quiet=True)


def _named(slices: Sequence[pd.DataFrame], scope: Scope) -> list[tuple[dict[str, str], bool]]:
    """Return the members of the slices that lost, each once, and whether it is their deals that are told first."""
    found: dict[tuple[tuple[str, str], ...], tuple[dict[str, str], bool]] = {}
    for table in slices:
        rows = without_removed(with_slice(table), scope)
        if "problem" in rows:
            rows = rows[rows["problem"] != "lower_collection"]  # money that comes late is no change of sales
        if "part" in rows:
            rows = rows[rows["part"] != OF_WHICH]  # its change is told with the slice that it lies in
        for row in rows[rows["effect"] < 0].sort_values("effect", kind="stable").to_dict("records"):
            if members := members_of(row):
                of_deals = row.get("problem") == "lower_win_rate"
                found.setdefault(tuple(sorted(members.items())), (members, of_deals))
    return list(found.values())[:MOST]


def _trees(view: SliceView) -> list[pd.DataFrame]:
    """Return a slice's tree of sales and, where it closed deals, that of these."""
    deals = view.tables["opportunities"]
    dated = bool(len(deals)) and bool(deals["proposal_date"].notna().any())
    trees = [_tree(view, "sales", ORDERS)]
    if trees[0] is not None:
        trees.append(_tree(view, "won_value", DEALS if dated else UNPROPOSED))
    return [tree for tree in trees if tree is not None]


def _tree(view: SliceView, whole: str, factors: Sequence[str]) -> pd.DataFrame | None:
    """Return a slice's tree, its last row the whole; None where it has nothing to multiply."""
    before, after = (_figures(view, whole, factors, w) for w in (view.past.usual, [view.past.now]))
    sides = (before, after)
    if not any(side[whole] for side in sides) or not all(_multiplies(s, factors, s[whole]) for s in sides):
        return None
    parts = change_table(before, after, factors, whole, SCALE)
    change = (round(after[whole] * SCALE) - round(before[whole] * SCALE)) / SCALE
    total = {"kpi": "" if whole == "sales" else whole, "effect": change, "before": before[whole], "after": after[whole]}
    shares = [e / change if change and 0 < e / change <= 1 else np.nan for e in parts["effect"]]
    rows = pd.concat([parts, pd.DataFrame([total])], ignore_index=True)
    return rows.assign(part_share=[*shares, np.nan], **{d: view.members.get(d, "") for d in SLICE})


def _figures(view: SliceView, whole: str, factors: Sequence[str], windows: Sequence[Window]) -> pd.Series:
    """Return the factors and their product over some windows, as in one of them: rates of sums, counts on average."""
    sums: dict[str, np.ndarray] = {}
    for id in (*factors, whole):
        sums |= {name: np.array([per.sum()]) / len(windows) for name, per in (view.sums(id, windows) or {}).items()}
    return pd.Series({id: float(made_of(id, sums)[0]) for id in (*factors, whole)}, dtype="float64")


def _multiplies(side: pd.Series, factors: Sequence[str], value: float) -> bool:
    """Tell whether the factors make the whole; sales that name no customer do not."""
    return abs(float(side[list(factors)].fillna(0.0).to_numpy().prod()) - value) <= 1e-6 * max(abs(value), 1.0)


def _said_of(trees: Sequence[pd.DataFrame], at: int) -> list[Say]:
    """Say of a slice which drivers of its sales fell, and which of its deals where their value did."""
    if not trees:
        return []
    whole = at + len(trees[0]) - 1
    found = [_said(trees[0], at, {"slice": whole}, "")]
    for tree in trees[1:]:
        last = whole + len(tree)
        if tree["effect"].iloc[-1] < 0:
            found.append(_said(tree, whole + 1, {"slice": whole, "deals": last}, "deals_"))
    return found


def _said(tree: pd.DataFrame, at: int, picks: dict[str, int], of: str) -> Say:
    """Say which drivers of a tree fell: two as shares of the fall where nothing rose against it, else in money."""
    effect, whole = tree["effect"].tolist(), tree.iloc[-1]
    if effect[-1] >= 0:
        return Say("held", picks)
    if whole["after"] == 0:
        return Say(f"{of}stopped", picks)
    fell = sorted((p for p, e in enumerate(effect[:-1]) if e < 0), key=lambda p: effect[p])
    shared = all(e <= 0 for e in effect[:-1])
    if len(fell) == 1:
        return Say(of + ("one" if shared else "against"), {**picks, "first": at + fell[0]})
    return Say(of + ("shares" if shared else "two"), {**picks, "first": at + fell[0], "second": at + fell[1]})


def _notes(rows: pd.DataFrame, scope: Scope) -> list[Say]:
    notes = [] if scope.complete else [Say("unfinished")]
    closed = rows.loc[rows["kpi"] == "closed_deals", "after"]
    return [*notes, Say("few")] if (closed < scope.settings.sales.small_n).any() else notes


def _chart(rows: pd.DataFrame, said: Say) -> Chart:
    """Draw the tree that the headline tells of."""
    picks = {name: place for name, place in said.picks.items() if isinstance(place, int)}
    whole = picks.get("deals", picks["slice"])
    wholes = [-1, *(int(p) for p in np.flatnonzero(rows["kpi"].isin(["", "won_value"])))]
    first = max(w for w in wholes if w < whole) + 1
    shown = (*(p for p in range(first, whole) if rows["effect"][p]), whole)
    accent = tuple(place for name, place in picks.items() if name in {"first", "second"})
    return Chart("bridge", {"label": "kpi", "value": "effect"}, rows=shown, accent=accent, total=whole)
