"""The reps' daily work: activities, weekly plans, field notes."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

import numpy as np
import pandas as pd

from salesnb.sample import days
from salesnb.sample.company import Customer, Stint, stints
from salesnb.sample.pipeline import place_or_none
from salesnb.sample.rows import each
from salesnb.sample.words import book

WEEKS = 8
FORGETFUL = ("Xie Fang", "Jin Lei", "Tang Yong")
"""Reps who often enter their day late."""
BOASTFUL = ("Jiang Shan", "Fei Yu")
"""Reps whose weekly plans claim a quarter more calls than they logged."""
SLACK = {
    ("rep", "Ma Xiaolong", "followup"): ("2025-06", 0.5),
    ("team", "south", "visit"): ("2025-07", 0.75),
    ("team", "west", "call"): ("2024-09", 1.22),
}
"""Activity that changed, since when, by which factor: traces of what was planted, and of a quota that did nothing."""
PLANNED = (("calls", "day", 18), ("visits", "week", 6), ("proposals", "week", 2), ("new_customers", "week", 1))
USUAL = {"call": 16.5, "followup": 4.2, "visit": 1.1}


def entered(draws: np.random.Generator, day: date, late: float) -> datetime:
    """Return when a day's row was entered: mostly by 18:00, sometimes in the evening or days later."""
    u, minutes = float(draws.random()), int(draws.integers(0, 150))
    if u > late:
        return datetime.combine(day, time(15, 20)) + timedelta(minutes=minutes)
    if u > late * 0.4:
        return datetime.combine(day, time(18, 5)) + timedelta(minutes=minutes)
    later = 1 + int(u / (late * 0.4) * 6)
    return datetime.combine(day, time(8, 30)) + timedelta(days=later, minutes=minutes)


def activities(seed: int, customers: list[Customer], deals: pd.DataFrame) -> pd.DataFrame:
    """Return calls and follow-ups a day, visits by customer, proposals and meetings by deal."""
    rows: list[tuple] = []
    for stint in stints():
        rows += _stint(seed, stint, customers)
    rows += _of_deals(seed, deals)
    columns = ["day", "rep", "kind", "customer", "deal", "approach", "count", "entered"]
    made = pd.DataFrame(rows, columns=columns)
    return made.sort_values(["day", "rep", "kind", "customer", "deal"], ignore_index=True)


def _stint(seed: int, stint: Stint, customers: list[Customer]) -> list[tuple]:
    draws = days.random(seed, "work", stint.rep, stint.team)
    own = [c for c in customers if c.team == stint.team and c.channel != "online"]
    rows: list[tuple] = []
    for day in days.days():
        if day > days.LAST or not days.works(day) or not stint.holds(day):
            continue
        counts = {kind: int(draws.poisson(usual * _factor(stint, kind, day))) for kind, usual in USUAL.items()}
        at = entered(draws, day, 0.35 if stint.rep in FORGETFUL else 0.06)
        rows += [(day, stint.rep, kind, -1, "", "", counts[kind], at) for kind in ("call", "followup") if counts[kind]]
        seen = draws.integers(0, len(own), counts["visit"])
        rows += [(day, stint.rep, "visit", own[i].number, "", "", 1, at) for i in seen if _there(own[i], day)]
    return rows


def _there(customer: Customer, day: date) -> bool:
    at = (day - days.FIRST).days
    return (customer.arrival or 0.0) - 60 <= at <= customer.leaves + 30


def _factor(stint: Stint, kind: str, day: date) -> float:
    factor = 1.0
    for (what, who, which), (since, times) in SLACK.items():
        if getattr(stint, what) == who and which == kind and f"{day:%Y-%m}" >= since:
            factor *= times
    return factor


def _of_deals(seed: int, deals: pd.DataFrame) -> list[tuple]:
    draws = days.random(seed, "deal work")
    rows: list[tuple] = []
    for deal in each(deals):
        for kind, day in (("meeting", deal.s_meeting), ("proposal", deal.s_proposal)):
            if day is None or not days.FIRST <= day <= days.LAST or place_or_none(deal.rep, day) is None:
                continue
            approach = deal.approach if kind == "meeting" else ""
            rows.append((day, deal.rep, kind, deal.customer, deal.id, approach, 1, entered(draws, day, 0.06)))
    return rows


def plans(seed: int, work: pd.DataFrame, wins: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the weekly plans of the last weeks; days that have not come yet are None."""
    monday = days.LAST - timedelta(days=days.LAST.weekday())
    begin = monday - timedelta(weeks=WEEKS - 1)
    recent, fresh = work[work["day"] >= begin], wins[wins["first"]]
    done = recent.groupby(["rep", "kind", "day"])["count"].sum().to_dict()
    first = fresh.groupby(["rep", "date"], as_index=False).size().to_numpy()
    done |= {(rep, "new_customer", day): count for rep, day, count in first}
    rows = []
    for week in range(WEEKS):
        start = begin + timedelta(weeks=week)
        for stint in stints():
            if stint.holds(start):
                rows += _plan(seed, stint, start, done)
    return rows


def _plan(seed: int, stint: Stint, start: date, done: Mapping[Any, int]) -> list[dict[str, Any]]:
    draws = days.random(seed, "plan", stint.rep, start)
    submitted = entered(draws, start, 0.0) if draws.random() < 0.15 else datetime.combine(start, time(9, 40))
    rows = []
    for metric, basis, planned in PLANNED:
        week = [_done(metric, stint.rep, start + timedelta(days=i), done) for i in range(5)]
        rows.append({
            "week": f"{start:%G-W%V}", "rep": stint.rep, "metric": metric, "basis": basis, "planned": planned,
            "done": week, "submitted": submitted, "chance": float(draws.random()),
        })  # fmt: skip
    return rows


def _done(metric: str, rep: str, day: date, done: Mapping[Any, int]) -> int | None:
    if day > days.LAST:
        return None
    count = int(done.get((rep, metric.removesuffix("s"), day), 0))
    return round(count * 1.3) if metric == "calls" and rep in BOASTFUL else count


def notes(seed: int, customers: list[Customer]) -> list[tuple[date, str, int, str, str, bool]]:
    """Return field notes: day, rep, customer, kind, text (Chinese), whether it was dealt with."""
    draws = days.random(seed, "notes")
    texts = book("register")["notes"]
    rows = []
    for _ in range(420):
        day = days.days()[int(draws.integers(0, (days.LAST - days.FIRST).days + 1))]
        customer = customers[int(draws.integers(0, len(customers)))]
        kind = str(draws.choice(list(texts), p=[0.24, 0.2, 0.24, 0.08, 0.08, 0.16]))
        text = str(draws.choice(texts[kind]))
        if days.works(day) and _there(customer, day):
            rows.append((day, customer.owner(day), customer.number, kind, text, bool(draws.random() < 0.6)))
    return sorted(rows)
