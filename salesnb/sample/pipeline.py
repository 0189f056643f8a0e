"""Deals, their stages, and how the open pipeline looked at the start of each month.

Every project order was won as a deal; around each there are deals that were lost, as many as the rep's win rate says.
Deals whose close lies after the last day are open.
"""

from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from salesnb.sample import days
from salesnb.sample.company import place, skill
from salesnb.sample.demand import Demand
from salesnb.sample.planted import ALL, EFFECTS, kept, sales
from salesnb.sample.rows import each

CYCLE = {"valves": 36.0, "pumps": 62.0, "sensors": 30.0, "service": 21.0}
SLOWER = {"top": 1.5, "mid": 1.0, "small": 0.8}
REASONS = ("price", "product", "delivery", "service", "followup", "budget")
STAGES = ("lead", "meeting", "qualified", "proposal", "negotiation")
SHARES = (0.12, 0.20, 0.38, 0.62, 1.0)
"""Part of the sales cycle that has passed when a stage ends; the last one ends with the close."""


def win_rate(seed: int, rep: str) -> float:
    """Return the chance that a rep wins a deal."""
    return float(np.clip(0.42 * skill(seed, rep), 0.24, 0.60))


def opportunities(seed: int, demand: Demand) -> pd.DataFrame:
    """Return all deals created up to the last day, in fen and codes, with their stage dates in ``s_<stage>``."""
    alive = kept(demand, ALL)
    beaten = kept(demand, ALL - {"west-win-rate"}) & ~alive
    projects = demand.orders[(alive | beaten) & demand.orders["project"]]
    value = sales(demand, ALL).groupby("order")["amount"].sum()
    main = demand.lines.drop_duplicates("order").set_index("order")
    rows, owed = [], 0.0
    for order in each(projects):
        draws = days.random(seed, "deal", order.customer, order.seq)
        won = bool(alive[order.Index])
        amount = int(value[order.Index]) if won else int(order.value * 100)
        rows.append(_deal(draws, order, order.date, won, amount, main.loc[order.Index]))
        chance = win_rate(seed, order.rep)
        beaten_by = int(draws.poisson((1 - chance) / chance))
        if order.even and not order.first:
            # As many of a contractor's tenders are lost as the win rate says, neither more nor fewer.
            owed += (1 - chance) / chance
            beaten_by = int(owed)
            owed -= beaten_by
        rows.extend(_losses(draws, order, demand, main.loc[order.Index], beaten_by))
    made = pd.DataFrame(rows)
    made = made[made["created"] <= days.LAST].sort_values(["created", "rep", "amount"], ignore_index=True)
    made["id"] = [f"OP{day:%y%m}{number:05d}" for number, day in enumerate(made["created"], 1)]
    return made


def _losses(
    draws: np.random.Generator, order: Any, demand: Demand, main: pd.Series, times: int
) -> list[dict[str, object]]:
    """Return deals that were lost around an order, those about tenders in its month."""
    made = []
    for _ in range(times):
        day = order.date + timedelta(days=int(draws.integers(-20, 21)))
        if order.even and f"{day:%Y-%m}" != order.month:
            day = order.date
        day = min(max(day, days.FIRST), days.HORIZON)
        while not days.works(day):
            day += timedelta(days=1)
        at = place_or_none(order.rep, day)
        if at != order.team:
            continue
        amount = int(order.value * 100 * float(draws.lognormal(0.1, 0.15 if order.even else 0.5)))
        made.append(_deal(draws, order, day, False, amount, main, _other(draws, order, demand)))
    return made


def place_or_none(rep: str, day: date) -> str | None:
    """Return a rep's team on a day, or None."""
    try:
        return place(rep, day).team
    except KeyError:
        return None


def _other(draws: np.random.Generator, order: Any, demand: Demand) -> int:
    """Pick whose deal was lost: a direct customer of the team, buying already or later; of tenders a contractor."""
    kind = "tender" if order.even and not order.first else ""
    team = [
        c.number
        for c in demand.customers
        if c.team == order.team and c.channel == "direct" and (c.habit == "tender") == bool(kind)
    ]
    return int(draws.choice(team))


def _deal(
    draws: np.random.Generator, order: Any, close: date, won: bool, amount: int, main: pd.Series,
    customer: int | None = None,
) -> dict[str, object]:  # fmt: skip
    length = CYCLE[main["line"]] * SLOWER[order.type] * float(draws.lognormal(0, 0.45))
    if not won:
        length *= 1.15
    created = close - timedelta(days=max(4, round(length)))
    reached = 4 if won else int(draws.choice(5, p=[0.26, 0.24, 0.14, 0.24, 0.12]))
    effect = EFFECTS["west-win-rate"]
    slow = not won and order.rep == effect.dims[0][1] and effect.since <= f"{close:%Y-%m}"
    if slow and reached < 3:
        reached = 3
    dates = _stage_dates(draws, created, close, reached)
    weights = np.array([0.34, 0.14, 0.16, 0.08, 0.16, 0.12])
    if slow:
        weights = np.array([0.18, 0.04, 0.05, 0.03, 0.66, 0.04])
    lost = "" if won else str(draws.choice(REASONS, p=weights / weights.sum()))
    return {
        "created": created, "close": close, "won": won, "amount": amount, "reached": reached,
        "customer": order.customer if customer is None else customer, "rep": order.rep, "team": order.team,
        "channel": order.channel, "product": main["product"], "line": main["line"],
        "reason": lost, **_signals(draws, won),
        "error": float(draws.normal(-6, 14)), **dates,
    }  # fmt: skip


def _signals(draws: np.random.Generator, won: bool) -> dict[str, object]:
    """Return what can be known of a deal early; won and lost deals differ in it."""
    sources, approaches = ["outbound", "referral", "database"], ["demo", "price", "reference"]
    return {
        "source": str(draws.choice(sources, p=[0.5, 0.35, 0.15] if won else [0.46, 0.2, 0.34])),
        "competitor": str(draws.choice(["a", "b", "c"])) if draws.random() < (0.3 if won else 0.6) else "",
        "budget": bool(draws.random() < (0.78 if won else 0.42)),
        "decider": bool(draws.random() < (0.74 if won else 0.38)),
        "approach": str(draws.choice(approaches, p=[0.5, 0.2, 0.3] if won else [0.32, 0.46, 0.22])),
    }


def _stage_dates(draws: np.random.Generator, created: date, close: date, reached: int) -> dict[str, date | None]:
    """Return when each stage was entered; None for stages that the deal never reached."""
    length = (close - created).days
    made: dict[str, date | None] = {"s_lead": created}
    for number, stage in enumerate(STAGES[1:], 1):
        share = SHARES[number - 1] * float(draws.uniform(0.85, 1.15))
        made[f"s_{stage}"] = created + timedelta(days=int(length * share)) if number <= reached else None
    return made


def stage_on(deal: Any, day: date) -> str:
    """Return the stage a deal was in on a day, its close not looked at."""
    entered = [s for s in STAGES if (at := getattr(deal, f"s_{s}")) is not None and at <= day]
    return entered[-1]


def expected_close(deal: Any, day: date) -> date:
    """Return the close that was expected on a day: wrong by some days, and moved on when it passed."""
    guess = deal.close + timedelta(days=round(deal.error))
    while guess <= day:
        guess += timedelta(days=21)
    return guess


def stage_history(deals: pd.DataFrame) -> pd.DataFrame:
    """Return one row per stage entered up to the last day: id, stage code, date."""
    rows = []
    for deal in each(deals):
        rows += [(deal.id, s, at) for s in STAGES if (at := getattr(deal, f"s_{s}")) is not None and at <= days.LAST]
        if deal.close <= days.LAST:
            rows.append((deal.id, "won" if deal.won else "lost", deal.close))
    return pd.DataFrame(rows, columns=["id", "stage", "date"])


def snapshots(deals: pd.DataFrame) -> pd.DataFrame:
    """Return the deals open on the first day of each month of the last fifteen, as they were seen on that day."""
    rows = []
    for month in days.seen()[12:]:
        day = date.fromisoformat(f"{month}-01")
        for deal in each(deals[(deals["created"] < day) & (deals["close"] >= day)]):
            rows.append((day, deal.id, stage_on(deal, day), deal.amount, expected_close(deal, day)))
    return pd.DataFrame(rows, columns=["day", "id", "stage", "amount", "expected"])
