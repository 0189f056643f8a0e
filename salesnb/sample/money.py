"""Targets, receipts and finance's totals."""

from collections.abc import Collection
from datetime import date, timedelta
from functools import lru_cache

import numpy as np
import pandas as pd

from salesnb.sample import days
from salesnb.sample.company import active
from salesnb.sample.demand import Demand, level
from salesnb.sample.planted import ALL, EFFECTS, sales
from salesnb.sample.rows import each
from salesnb.sample.words import book

SLOW = (0.89, 0.985)
"""Parts of the orders below which an order is paid about in time, and below which it is paid at all."""
PROMPT = {"key": (0.98, 1.0)}
"""The same of teams whose customers pay as agreed."""
TERMS = {"top": 60, "mid": 30, "small": 30}
STEP = 100
"""Targets are rounded to whole hundreds of CNY."""


def counted(lines: pd.DataFrame) -> pd.DataFrame:
    """Return the lines that are sales of the months that the data hold."""
    return lines[~lines["cancelled"] & (lines["month"] <= f"{days.LAST:%Y-%m}")]


def targets(demand: Demand) -> pd.DataFrame:
    """Return targets per month, team, rep and product line in CNY, and each team's other targets.

    They are made from what is expected of a team: last year's level, its growth and the season, never from what
    happened in the month. Reps get the shares of the business they look after; who joins grows into it.
    """
    drawn = sales(demand, frozenset())
    plain = drawn[~drawn["cancelled"]].groupby(["team", "month", "rep", "line"])["amount"].sum()
    months = days.months()
    rows: list[tuple[str, str, str, str, str, float]] = []
    for team, facts in book("company")["teams"].items():
        for at, month in enumerate(months):
            near = plain[team].reindex(months[max(0, at - 3) : at + 4], level="month").groupby(["rep", "line"]).sum()
            there = active(team, date.fromisoformat(f"{month}-01"))
            near = near[[rep in there for rep, _ in near.index]]
            total = level(team, month) * facts["stretch"]
            for (rep, line), share in (near / near.sum()).items():
                amount = round(total * share / STEP) * STEP
                if amount > 0:
                    rows.append((month, "sales", team, rep, line, float(amount)))
    return pd.DataFrame(rows + _others(demand), columns=["period", "metric", "team", "rep", "line", "amount"])


def _others(demand: Demand) -> list[tuple[str, str, str, str, str, float]]:
    rows = []
    for team, facts in book("company")["teams"].items():
        for month in days.months():
            customers = max(1, round(facts["arrivals"] * days.expected()[month]))
            rows.append((month, "new_customers", team, "", "", float(customers)))
            rows.append((month, "collection_rate", team, "", "", 0.95))
    return rows


@lru_cache(maxsize=8)
def receipts(seed: int, demand: Demand, effects: frozenset[str] = ALL) -> pd.DataFrame:
    """Return one instalment per order in a world: due and received, dates and fen; ``received`` None: not yet."""
    lines = counted(sales(demand, ALL))
    orders = lines.groupby("order").agg(
        date=("date", "first"), customer=("customer", "first"), seq=("seq", "first"), rep=("rep", "first"),
        team=("team", "first"), type=("type", "first"), amount=("amount", "sum"),
    )  # fmt: skip
    rows = []
    for order in each(orders[orders["amount"] > 0]):
        draws = days.random(seed, "receipt", order.customer, order.seq)
        due = order.date + timedelta(days=TERMS[order.type])
        lag, part = _lag(draws, effects, order.team, due)
        paid = due + timedelta(days=lag)
        there = lag < 900 and paid <= days.LAST
        got = round(order.amount * part) if there else 0
        rows.append(
            (order.Index, order.customer, order.rep, order.team, due, order.amount, paid if there else None, got)
        )
    columns = ["order", "customer", "rep", "team", "due", "amount", "received", "got"]
    return pd.DataFrame(rows, columns=columns)


def _lag(draws: np.random.Generator, effects: Collection[str], team: str, due: date) -> tuple[int, float]:
    """Return days from due to received (999: never) and the part that is paid; every draw is made in any case."""
    kind, usual, slow, part, hit = draws.random(5)
    delay = int(draws.integers(35, 70))
    lag = int(usual * 14) - 12
    slow_from, never_from = PROMPT.get(team, SLOW)
    if kind > never_from:
        lag = 999
    elif kind > slow_from:
        lag = 6 + int(slow * 40)
    month = f"{due:%Y-%m}"
    key, reminders = EFFECTS["key-collection"], EFFECTS["payment-reminders"]
    if key.id in effects and team == key.team and key.since <= month <= key.until and hit < key.size:
        lag = max(lag, delay)
    if reminders.id in effects and team == reminders.team and reminders.since <= month and hit < reminders.size:
        lag = min(lag, 2)
    return lag, 0.95 if part < 0.02 else 1.0


def collected_in_time(rows: pd.DataFrame) -> pd.Series:
    """Return the fen received by the end of the month they were due in, by team and month."""
    due = pd.to_datetime(rows["due"]).dt.strftime("%Y-%m")
    paid = pd.to_datetime(rows["received"]).dt.strftime("%Y-%m")
    return rows["got"].where(paid <= due, 0).groupby([rows["team"], due]).sum()
