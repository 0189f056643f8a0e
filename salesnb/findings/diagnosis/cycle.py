"""Sales cycle: how long from first contact to close, deals that are still open counted as such."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from salesnb.findings.finding import Chart, Finding, Missing, Say
from salesnb.methods.survival import kaplan_meier, log_rank
from salesnb.metrics import UNASSIGNED, measure
from salesnb.metrics.grouped import named
from salesnb.scope import Scope
from salesnb.views.contracts import contract_days
from salesnb.views.pipeline import BEGUN, Deals, dated_within, followed, followed_year_before, look_back, seen_on

DIMENSIONS = ("product_line", "customer_type")
TYPICAL = ("cycle", "cycle_low", "cycle_high")
WON = ("won_deals", "won_cycle", "won_cycle_median")
FIGURES = (
    "followed_deals", "followed_open", *TYPICAL, "cycle_last_year", *WON, "contracts", "contract_cycle",
    "late_entries", "undated_deals", "reversed_deals",
)  # fmt: skip
LIMIT = 0.01
"""Chance by itself below which members, or this year and the last, are said to differ."""


@dataclass(frozen=True)
class _Given:
    """What the rows are made from: the deals followed, those of a year before, contracts, and deals won."""

    now: Deals
    before: Deals
    contracts: pd.DataFrame
    opportunities: pd.DataFrame
    scope: Scope


def cycle(opportunities: pd.DataFrame, orders: pd.DataFrame, *, scope: Scope) -> Finding:
    """Estimate how long deals take from first contact to close, by product line and by customer type.

    The deals are those begun within ``sales.cycle_months`` up to the last day of the window, followed to that day.
    The median is that of Kaplan and Meier: a deal still open then has taken at least so long. Deals begun before the
    data begin, or before losses are recorded, are counted from then on only: those that had closed by then are not
    known. Members are told apart where a log-rank test finds a difference.

    Parameters
    ----------
    opportunities
        Clean opportunities with ``created_date``.
    orders
        Clean orders; with ``signed_date`` they give the contract cycle, from won to signed.

    Returns
    -------
    Finding
        Row 0 is the total, then one row per product line and per customer type, longest first. ``won_cycle`` is
        the mean of the deals won in the period, beside it.
    """
    if opportunities.empty or opportunities[BEGUN].isna().all():
        needed = Missing("opportunities", ("opportunity_id", "created_date", "close_date", "status"))
        empty = pd.DataFrame(columns=[*DIMENSIONS, *FIGURES])
        return Finding("diagnosis.cycle", scope, empty, Say("no_dates"), missing=(needed,))
    day = scope.window.end
    seen, window = seen_on(opportunities, day, scope.history_start), look_back(scope, day)
    now, before = followed(opportunities, scope, day), followed_year_before(opportunities, scope)
    given = _Given(now, before, contract_days(orders, window), opportunities, scope)
    total = _won(given, []).assign(
        **_figures(given, now, before, given.contracts),
        late_entries=float((now.entry >= 0).sum()),
        undated_deals=float(dated_within(seen.undated, window)),
        reversed_deals=float(dated_within(seen.reversed, window)),
        start=window.start.isoformat(),
        last_date=window.end.isoformat(),
    )
    rows = pd.concat([total, *(_members(given, d) for d in DIMENSIONS)], ignore_index=True)
    return _finding(given, _ordered(rows))


def _figures(given: _Given, now: Deals, before: Deals, contracts: pd.DataFrame) -> dict[str, float]:
    found = kaplan_meier(now.days, now.closed, now.entry).quantile()
    past = kaplan_meier(before.days, before.closed, before.entry).quantile()
    enough = len(before) >= given.scope.settings.sales.small_n
    signing = kaplan_meier(contracts["days"].to_numpy(), contracts["signed"].to_numpy()).quantile()
    return {
        "followed_deals": float(len(now)),
        "followed_open": float((~now.closed).sum()),
        "cycle": found.value,
        "cycle_low": found.low,
        "cycle_high": found.high,
        "cycle_last_year": past.value if enough else np.nan,
        "contracts": float(len(contracts)),
        "contract_cycle": signing.value,
    }


def _won(given: _Given, by: list[str]) -> pd.DataFrame:
    """Return what the deals won in the period took, which is what most reports call the cycle."""
    found = measure(WON, {"opportunities": given.opportunities}, given.scope.window, by)
    return found[[*by, *WON]]


def _members(given: _Given, dimension: str) -> pd.DataFrame:
    """Return one row per member that any deal followed names; none where no deal names one."""
    own, past = (deals.named(dimension) for deals in (given.now, given.before))
    members = sorted(set(own))
    if members in ([], [UNASSIGNED]):
        return pd.DataFrame(columns=[dimension])
    orders = named(given.contracts[dimension])
    rows = [
        {
            dimension: m,
            **_figures(given, given.now.kept(own == m), given.before.kept(past == m), given.contracts[orders == m]),
        }
        for m in members
    ]
    made = pd.DataFrame(rows).merge(_won(given, [dimension]), on=dimension, how="left")
    return made.assign(won_deals=made["won_deals"].fillna(0.0))


def _ordered(rows: pd.DataFrame) -> pd.DataFrame:
    """Put the total first, then lines, then types, the longest cycle first."""
    rows = rows.reindex(columns=[*DIMENSIONS, "start", "last_date", *FIGURES]).reset_index(drop=True)
    texts = {c: rows[c].fillna("").astype("str") for c in (*DIMENSIONS, "start", "last_date")}
    rows = rows.assign(**texts).astype(dict.fromkeys(FIGURES, "float64"))
    kinds = np.where(rows["product_line"] != "", 1, np.where(rows["customer_type"] != "", 2, 0))
    order = np.lexsort((-rows["cycle"].fillna(-1.0), kinds))  # members stand in the order of their names
    return rows.iloc[order].reset_index(drop=True)


def _finding(given: _Given, rows: pd.DataFrame) -> Finding:
    headline = _headline(given, rows)
    accent = tuple(int(str(p)) for name, p in headline.picks.items() if name != "total")
    roles = {"value": "cycle", "label": "product_line", "group": "customer_type"}
    signed = bool(rows["contracts"].iloc[0])
    last = bool(rows["cycle_last_year"].notna().any())
    return Finding(
        "diagnosis.cycle",
        given.scope,
        rows,
        headline,
        notes=_notes(given, rows),
        chart=Chart("bars", roles, accent=accent) if len(rows) > 1 else None,
        table=(
            *DIMENSIONS, "followed_deals", *TYPICAL, *(["cycle_last_year"] if last else []), "won_cycle",
            *(["contract_cycle"] if signed else []), "followed_open", "won_deals",
            *(["contracts"] if signed else []),
        ),
        reasons=_reasons(given),
        quiet=rows["followed_deals"].iloc[0] < given.scope.settings.sales.small_n,
    )  # fmt: skip


def _reasons(given: _Given) -> dict[str, str]:
    """Return why figures are absent: left-out counts belong to the total alone."""
    return dict.fromkeys(("late_entries", "undated_deals", "reversed_deals"), "not_asked")


def _headline(given: _Given, rows: pd.DataFrame) -> Say:
    total, limit = rows.iloc[0], given.scope.settings.sales.small_n
    if total["followed_deals"] < limit:
        return Say("few" if total["followed_deals"] else "none", {"total": 0})
    if np.isnan(total["cycle"]):
        return Say("not_reached", {"total": 0})
    apart = {d: _apart(given, rows, d) for d in DIMENSIONS}
    told = [d for d in DIMENSIONS if apart[d] < LIMIT / len(DIMENSIONS)]
    if not told:
        return Say("typical", {"total": 0})
    dimension = min(told, key=lambda d: apart[d])
    fit = _fit(given, rows, dimension)
    lengths = rows["cycle"].iloc[fit].to_numpy()
    slow, fast = fit[int(lengths.argmax())], fit[int(lengths.argmin())]
    if rows["cycle"].iloc[slow] == rows["cycle"].iloc[fast]:
        return Say("typical", {"total": 0})
    return Say(f"spread_{dimension}", {"total": 0, "slow": slow, "fast": fast})


def _fit(given: _Given, rows: pd.DataFrame, dimension: str) -> list[int]:
    """Return the rows of a dimension's members with enough deals and a median."""
    enough = rows["followed_deals"] >= given.scope.settings.sales.small_n
    named = (rows[dimension] != "") & (rows[dimension] != UNASSIGNED)
    return np.flatnonzero(named & enough & rows["cycle"].notna()).tolist()


def _apart(given: _Given, rows: pd.DataFrame, dimension: str) -> float:
    """Return the chance that members differ as much by themselves; 1 where fewer than two can be compared."""
    fit = _fit(given, rows, dimension)
    if len(fit) < 2:
        return 1.0
    names = given.now.named(dimension)
    deals = given.now.kept(np.isin(names, rows[dimension].iloc[fit].tolist()))
    return log_rank(deals.days, deals.closed, deals.named(dimension), deals.entry).chance


def _notes(given: _Given, rows: pd.DataFrame) -> tuple[Say, ...]:
    total, limit, here = rows.iloc[0], given.scope.settings.sales.small_n, {"total": 0}
    if not total["followed_deals"]:
        return ()
    enough = total["followed_deals"] >= limit
    keys = [
        ("about", True),
        ("won", enough and total["won_deals"] >= limit and total["won_cycle"] >= 0),
        (_change(given, total), enough),
        ("contract", total["contracts"] >= limit and total["contract_cycle"] >= 0),
        ("truncated", total["late_entries"] > 0),
        ("undated", total["undated_deals"] > 0),
        ("reversed", total["reversed_deals"] > 0),
    ]
    return tuple(Say(key, here) for key, said in keys if key and said)


def _change(given: _Given, total: pd.Series) -> str:
    """Tell whether deals take longer than a year before, or shorter, by more than chance."""
    if np.isnan(total["cycle"]) or np.isnan(total["cycle_last_year"]):
        return ""
    both = (given.now, given.before)
    years = np.repeat([1, 0], [len(deals) for deals in both])
    days, closed, entry = (
        np.concatenate([getattr(deals, part) for deals in both]) for part in ("days", "closed", "entry")
    )
    if total["cycle"] == total["cycle_last_year"] or log_rank(days, closed, years, entry).chance >= LIMIT:
        return "as_last_year"
    return "longer" if total["cycle"] > total["cycle_last_year"] else "shorter"
