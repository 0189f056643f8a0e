"""What came in of what was due, and what is overdue: with whom, and for how long."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

import numpy as np
import pandas as pd

from salesnb.findings.finding import NOT_ASKED, Chart, Finding, Missing, Say
from salesnb.metrics import UNASSIGNED
from salesnb.metrics.collection import due_in_time, overdue_items, rate_on_sales
from salesnb.metrics.grouped import Member
from salesnb.metrics.registry import measured
from salesnb.schema import SCALE
from salesnb.scope import WHOLE_COMPANY, Scope
from salesnb.views.recorded import RECEIVED
from salesnb.views.slices import without_removed

AGES = {"days_30": 30, "days_60": 60, "days_90": 90, "over_90": None}
"""How long something is overdue, in days, at most."""

SUMS = ("instalments", "undated_receipts", "receivable", "received", "collection_rate")
RATES = (*SUMS, "due_collection")
OVERDUE = ("overdue", "overdue_previous", "days_overdue")
FAR = 0.05
"""From so many points on, what came in of the period's own dues tells something else than the collection rate."""

COLUMNS = ("customer", "ageing", *OVERDUE, *RATES, "last_date")

Balances = dict[Member, tuple[int, int]]
"""What is overdue of each member in 1/10,000 of the unit, and the days of its oldest instalment."""


def collection(receipts: pd.DataFrame, orders: pd.DataFrame, *, scope: Scope) -> Finding:
    """Compare what came in with what was due, and list what is overdue by rep, customer and age.

    What is overdue is told as of the last day of the period, or of the scope's day where the period still runs. For
    the whole company teams stand for reps.

    Parameters
    ----------
    receipts, orders
        Clean tables; of receipts without any due dates, what came in is compared with sales.

    Returns
    -------
    Finding
        Row 0 is the total; then the reps (teams), most overdue first, the ages of what is overdue, each rep's overdue
        customers, and the ages by rep. ``days_overdue`` is the age of the oldest instalment.
    """
    key = "team" if scope.team == WHOLE_COMPANY and receipts["team"].notna().any() else "rep"
    if receipts.empty:
        needed = Missing("receipts", ("due_date", "due_amount", "received_date", "received_amount"))
        empty = pd.DataFrame(columns=[key, *COLUMNS])
        return Finding("diagnosis.collection", scope, empty, Say("not_given"), missing=(needed,), quiet=True)
    dated = bool(receipts["due_date"].notna().any())
    rates = _rates(receipts, orders, scope, key, dated)
    rows = pd.DataFrame(list(_rows(receipts, rates, scope, key)), columns=[key, *COLUMNS])
    if not dated:
        rows[["receivable", *OVERDUE]] = np.nan
    if scope.recorded(RECEIVED) is None:  # money came in, and no day is given for any of it
        rows[["received", "collection_rate", "due_collection"]] = np.nan
    rows = without_removed(rows, scope).reset_index(drop=True)
    headline = _headline(rows, key, dated)
    return Finding(
        "diagnosis.collection", scope, rows, headline,
        notes=_notes(rows, key, scope, dated), chart=_chart(rows, key, headline),
        table=(key, *(c for c in COLUMNS if c not in {"instalments", "undated_receipts", "last_date"})),
        reasons={"days_overdue": NOT_ASKED, **dict.fromkeys(RATES, NOT_ASKED), "overdue_previous": "no_base"},
    )  # fmt: skip


def _rates(
    receipts: pd.DataFrame, orders: pd.DataFrame, scope: Scope, key: str, dated: bool
) -> dict[str, tuple[float, ...]]:
    """Return `RATES` of the period: of the total (blank) and of the reps (teams)."""
    tables, found = {"receipts": receipts, "orders": orders}, {}
    for by in ([], [key]):
        members, figures = measured([*SUMS, "sales"], tables, scope.window, by)
        in_time = due_in_time(receipts, scope.window, "".join(by))
        for i, member in enumerate(members):
            values = [float(figures[name][i]) for name in SUMS]
            if not dated:
                values[-1] = rate_on_sales(values[3], float(figures["sales"][i]))
            if values[0] or values[3]:
                found["".join(member)] = (*values, in_time.get("".join(member), np.nan))
    return {"": (0.0, 0.0, 0.0, 0.0, np.nan, np.nan), **found}


def _rows(
    receipts: pd.DataFrame, rates: Mapping[str, tuple[float, ...]], scope: Scope, key: str
) -> Iterator[dict[str, object]]:
    """Yield all rows in order, what is overdue beside what was overdue a period before."""
    days = (
        scope.window.end,
        scope.previous.end if scope.previous and _begun(receipts, scope.previous.end, scope) else None,
    )
    sides = [overdue_items(receipts, day) if day else None for day in days]
    levels: tuple[list[str], ...] = ([], [key], ["ageing"], [key, "customer"], [key, "ageing"])
    for level in levels:
        now, before = (_sums(side, level) if side is not None else None for side in sides)
        names = {(name,) for name in rates if name} if level == [key] else {()} if not level else set()
        for member in _in_order({*(now or {}), *(before or {}), *names}, now or {}, level):
            units, oldest = (now or {}).get(member, (0, 0))
            own = rates.get("".join(member)) if level in ([], [key]) else None
            yield {
                **dict.fromkeys((key, "customer", "ageing"), ""), **dict(zip(level, member, strict=True)),
                **dict(zip(RATES, own or (np.nan,) * len(RATES), strict=True)),
                "overdue": units / SCALE, "days_overdue": float(oldest) if oldest else np.nan,
                "overdue_previous": np.nan if before is None else before.get(member, (0, 0))[0] / SCALE,
                "last_date": "" if level else scope.window.end.isoformat(),
            }  # fmt: skip


def _begun(receipts: pd.DataFrame, day: date, scope: Scope) -> bool:
    """Tell whether the company's record of receipts had begun on a day; where that is not told, the one at hand."""
    kept = scope.records.get("receipts")
    if kept is not None and kept.start > scope.history_start:
        return kept.start <= day
    first = receipts["due_date"].min()
    return bool(pd.notna(first) and first <= pd.Timestamp(day))


def _sums(items: pd.DataFrame, level: Sequence[str]) -> Balances:
    """Add up what is overdue by member."""
    edges = [most for most in AGES.values() if most is not None]
    age = np.array(list(AGES))[np.searchsorted(edges, items["days"].to_numpy(), side="left")]
    named = items.assign(ageing=age)
    keys = [named[column].replace("", UNASSIGNED).tolist() for column in level]
    found: Balances = {}
    for member, units, days in zip(
        zip(*keys, strict=True) if keys else [()] * len(named), named["units"], named["days"], strict=True
    ):
        one, oldest = found.get(member, (0, 0))
        found[member] = one + int(units), max(oldest, int(days))
    return found


def _in_order(members: set[Member], now: Balances, level: Sequence[str]) -> list[Member]:
    """Return members most overdue first, of customers only those who owe something now, and every age of each."""
    if level[-1:] == ["ageing"]:
        return [(*head, age) for head in sorted({m[:-1] for m in members}) for age in AGES]
    if level[-1:] == ["customer"]:
        members = {m for m in members if now.get(m, (0, 0))[0]}
    return sorted(members, key=lambda m: (-now.get(m, (0, 0))[0], m))


def _places(rows: pd.DataFrame, key: str, *, customers: bool = False) -> list[int]:
    """Return where the rows of reps (teams) stand, or those of customers; most overdue first."""
    named = (rows[key] != "") & (rows["ageing"] == "") & ((rows["customer"] != "") == customers)
    return [int(i) for i in np.flatnonzero(named)]


def _headline(rows: pd.DataFrame, key: str, dated: bool) -> Say:
    total = rows.iloc[0]
    if not dated and pd.isna(total["received"]):
        return Say("undated_all")
    if not dated:
        return Say("on_sales" if pd.notna(total["collection_rate"]) else "nothing_sold", {"total": 0})
    if total["overdue"] <= 0:
        return Say("none_overdue", {"total": 0})
    then = "_then" if pd.notna(total["overdue_previous"]) else ""
    holders = [i for i in _places(rows, key) if rows[key].iloc[i] != UNASSIGNED and rows["overdue"].iloc[i] > 0]
    if len(_places(rows, key)) < 2 or not holders:
        return Say(f"overdue{then}", {"total": 0})
    return Say(f"overdue_most{then}", {"total": 0, "most": holders[0]})


def _notes(rows: pd.DataFrame, key: str, scope: Scope, dated: bool) -> tuple[Say, ...]:
    notes: list[Say] = []
    if dated:
        notes += _rate_notes(rows)
        named = (rows["customer"] != UNASSIGNED) & (rows["overdue"] > 0)
        owing = [i for i in _places(rows, key, customers=True) if named.iloc[i]]
        notes += [Say("customer", {"first": owing[0]})] if owing else []
        old = np.flatnonzero((rows["ageing"] == "over_90") & (rows[key] == "") & (rows["overdue"] > 0))
        notes += [Say("old", {"old": int(old[0])})] if len(old) else []
    return (*notes, Say("unfinished")) if not scope.complete else tuple(notes)


def _rate_notes(rows: pd.DataFrame) -> list[Say]:
    """Tell the collection rate; whose is lowest the table shows, and instalments are too few and uneven to rank."""
    total = {"total": 0}
    if pd.isna(rows["collection_rate"].iloc[0]):
        return [Say("undated" if rows["receivable"].iloc[0] > 0 else "nothing_due", total)]
    undated = [Say("undated_part", total)] if rows["undated_receipts"].iloc[0] > 0 else []
    own, rate = rows["due_collection"].iloc[0], rows["collection_rate"].iloc[0]
    return [Say("rate", total), *undated, *([Say("in_time", total)] if abs(rate - own) >= FAR else [])]


def _chart(rows: pd.DataFrame, key: str, headline: Say) -> Chart | None:
    owing = [i for i in _places(rows, key) if rows["overdue"].iloc[i] > 0]
    accent = tuple(int(str(p)) for name, p in headline.picks.items() if name == "most")
    if len(owing) < 2:
        return None
    return Chart(
        "panels", {"label": key, "value": "overdue", "panel": "ageing", "part": "overdue"}, tuple(owing), accent
    )
