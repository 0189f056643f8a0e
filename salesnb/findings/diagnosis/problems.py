"""The top problems: the few slices that fell further than normal variation explains, sized in money."""

from dataclasses import asdict

import numpy as np
import pandas as pd

from salesnb.causes.signals import can_tell, order_cells, signals
from salesnb.causes.sizing import FIXED, Sized, sized
from salesnb.findings.finding import NOT_ASKED, Chart, Finding, Say
from salesnb.methods.attribution import product_change
from salesnb.methods.over_time.fallen_slices import BACK, Slice, find_fallen
from salesnb.metrics import four_figures
from salesnb.metrics.covered import ALL
from salesnb.scope import Scope
from salesnb.views.customers import sales_with_kinds
from salesnb.views.past import past_of
from salesnb.views.slices import SLICE, compared, in_slice, members_of, without_removed

MOST = 3
LIMIT = 0.02
"""Nominal chance of any false problem in a period. In trials 2 of 220 months of synthetic noise named one, each with
low confidence, and none of 192 quiet months of four sample companies did."""

HIGH, MEDIUM = 0.001, 0.01
"""Chances of a false problem below which confidence is high or medium: low is what is left."""

YOUNG = 18
"""Months before the period of which fewer tell normal variation so badly that confidence is low. Of 384 quiet months of
eight made companies three named a problem, with a nominal chance below `HIGH`: each had 12 or 13 months before it."""

LEAST = 0.01
"""Losses below this share of a usual month's sales are no problem of the top three."""

CERTAIN = {"high": 1.0, "medium": 0.9, "low": 0.6}
UNTOLD = 0.5
"""What money counts for when the three problems are chosen: by confidence, and where no driver is told."""

MEASURED = {
    "price": "lower_prices",
    "newcomers": "fewer_new_customers",
    "frequency": "fewer_orders",
    "wins": "lower_win_rate",
    "collection": "lower_collection",
}
FACTORS = {"customers": "fewer_customers", "frequency": "fewer_orders", "value": "smaller_orders"}
COLUMNS = (
    "problem", *SLICE, "kpi", "actual", "expected", "cases", "worth", "start", "effect", "gap_share", "gap", "yoy",
    "mom", "surprise", "confidence", "evidence",
)  # fmt: skip
TABLE = tuple(c for c in COLUMNS if c not in ("cases", "worth"))


def problems(
    orders: pd.DataFrame, targets: pd.DataFrame, opportunities: pd.DataFrame, receipts: pd.DataFrame, *, scope: Scope
) -> Finding:
    """Name at most three slices that fell further than their own past explains, largest loss first.

    Sales, orders, prices, new customers, order frequency, win rate and collection of every slice, and of crossings of
    two, are held against what the slice usually makes of the whole (or its usual ratio) over the months before; how far
    it normally strays decides, and it must have strayed from the same months of last year too. What all slices share,
    a season or a market that falls, is no problem of any of them. Of more than three the costliest are named; money
    counts for less where it is uncertain.

    Parameters
    ----------
    orders, targets, opportunities, receipts
        Clean tables; empty ones are left out. Twelve months before the period are needed.

    Returns
    -------
    Finding
        One row per problem: its code, its slice (blank: all), ``effect`` (the period's loss against expectation, of
        collection what came late), ``gap_share`` of the gap to target, the slice's own ``gap``, ``yoy`` and ``mom``,
        ``surprise`` and, as labels, since when (``start``), confidence and evidence.
    """
    past = past_of(scope)
    if not can_tell(scope):
        return _finding(scope, pd.DataFrame(columns=[*COLUMNS]), "short")
    cells = order_cells(orders, targets, past, scope)
    usual = cells.loc[cells["bin"] < len(past.bins), "amount"].sum() / len(past.bins)
    watched, lengths = signals(cells, opportunities, receipts, past, scope), past.lengths
    count = len(lengths)
    found = find_fallen(watched, count, past.spans, 2 * MOST, LIMIT, LEAST * usual, FIXED, lengths)
    whole = four_figures(orders, targets, scope).iloc[0]
    # A loss is a part of the gap only where targets cover all that is watched.
    gap = whole["gap"] if whole["covered"] >= ALL else np.nan
    codes = [_problem(one, cells, count - 1) for one in found]
    sizes = [sized(one, code, found, watched, lengths) for one, code in zip(found, codes, strict=True)]
    young = count - 1 < YOUNG
    made = [_row(*one, gap, young) for one in zip(found, codes, sizes, strict=True)]
    rows = pd.DataFrame(
        [{**row, "start": str(past.windows[count - one.bins].start)} for row, one in zip(made, found, strict=True)],
        columns=[*COLUMNS],
    )
    rows = without_removed(rows[rows["effect"] <= -LEAST * usual], scope)
    rows = rows.loc[_priority(rows).nlargest(MOST).index].sort_values("effect", kind="stable", ignore_index=True)
    orders = sales_with_kinds(orders, scope)
    beside = [_beside(row, orders, targets, scope) for _, row in rows.iterrows()]
    rows[["gap", "yoy", "mom"]] = np.array(beside, dtype=float).reshape(len(rows), 3)
    return _finding(scope, rows, ("none", "one", "two", "three")[len(rows)])


def _finding(scope: Scope, rows: pd.DataFrame, key: str) -> Finding:
    picks = dict(zip(("first", "second", "third"), range(len(rows)), strict=False))
    notes = [] if scope.complete else [Say("unfinished")]
    if len(rows) and pd.notna(rows["gap_share"].iloc[0]):
        notes.append(Say("share" if len(rows) > 1 else "share_alone", {"first": 0}))
    chart = Chart("list", {"title": "problem", "value": "effect"}, accent=(0,)) if len(rows) else None
    return Finding(
        "diagnosis.problems", scope, rows, Say(key, picks), notes=tuple(notes), chart=chart, labels=("kpi",),
        of_sales=("gap",), reasons={"cases": NOT_ASKED}, table=TABLE,
    )  # fmt: skip


def _row(found: Slice, problem: str, size: Sized, gap: float, young: bool) -> dict[str, object]:
    shares = found.signal not in FIXED and pd.notna(gap) and gap <= size.effect < 0
    return {
        **dict.fromkeys(SLICE, ""),
        **found.members,
        **asdict(size),
        "problem": problem,
        "gap_share": size.effect / gap if shares else np.nan,
        "surprise": abs(found.surprise),
        "confidence": "low" if young else _confidence(found.chance),
        "evidence": "measured" if found.signal in MEASURED else "associated",
    }


def _confidence(chance: float) -> str:
    return "high" if chance < HIGH else "medium" if chance < MEDIUM else "low"


def _priority(rows: pd.DataFrame) -> pd.Series:
    """What a problem is worth looking at: its money, less where it is uncertain or tells no driver to act on."""
    certain = rows["confidence"].map(CERTAIN).astype(float)
    told = (rows["problem"] != "unexplained") * (1 - UNTOLD) + UNTOLD
    return -rows["effect"].astype(float) * certain * told


def _beside(row: pd.Series, orders: pd.DataFrame, targets: pd.DataFrame, scope: Scope) -> list[float]:
    """The slice's sales against target, last year and last period at once; late money is none of sales."""
    if row["problem"] == MEASURED["collection"]:
        return [np.nan] * 3
    found = compared(members_of(row.to_dict()), orders, targets, scope)
    return [found["gap"], found["yoy"], found["mom"]]


def _problem(found: Slice, cells: pd.DataFrame, last: int) -> str:
    """Code of the problem: the driver that fell most against the slice's own past."""
    if found.signal in MEASURED:
        return MEASURED[found.signal]
    if found.members.get("new_existing") == "new":
        return "fewer_new_customers"
    if "customer" in found.members and found.actual == 0:
        return "customer_stopped"
    own = cells[in_slice(cells, found.members)]
    before, after = _factors(own, last - BACK, last), _factors(own, last, last + 1)
    parts = dict(zip(FACTORS, product_change(before, after), strict=True))
    worst = min(parts, key=lambda factor: parts[factor])
    if worst == "customers" and "customer" in found.members:
        return "fewer_orders"  # one account in fewer months: it is the orders that are missing
    return FACTORS[worst] if parts[worst] < 0 else "unexplained"


def _factors(own: pd.DataFrame, first: int, until: int) -> list[float]:
    """Customers a month, orders per customer and value of an order over some bins; NaN where there is none."""
    span = own[(own["bin"] >= first) & (own["bin"] < until)]
    customers, orders, amount = (float(span[c].sum()) for c in ("customers", "orders", "amount"))
    if not orders or not customers:
        return [0.0, float("nan"), float("nan")]
    return [customers / (until - first), orders / customers, amount / orders]
