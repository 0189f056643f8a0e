"""What customers order when nothing is planted: orders and their lines, drawn customer by customer.

Two frames come out. Orders hold one row per order with the draws that decide what planted effects do to it;
lines hold product, quantity and unit price in fen (1/100 CNY), all integers.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from salesnb.sample import days
from salesnb.sample.company import Customer, active, customers, date_of
from salesnb.sample.rows import each
from salesnb.sample.words import book

NOISE = 0.03
"""Standard deviation of a team's month around what is expected of it."""
RETURNS = 0.005
"""Share of the orders of which a part comes back: a further line with a negative quantity."""
STARTER = 30_000.0
"""What a starter's set of pumps costs, in CNY."""
LARGER = 1.7
"""How much larger than other orders deals are."""
FIRST_ORDER = 1.5
"""How much larger than later orders a first one is: it equips a plant."""
PROJECT = {"top": 0.22, "mid": 0.22, "small": 0.10}
LINES = ("valves", "pumps", "sensors", "service")


@dataclass(frozen=True, eq=False)
class Demand:
    """All orders that customers could place, and their lines; known by itself, so that what comes of it is kept."""

    customers: list[Customer]
    orders: pd.DataFrame
    lines: pd.DataFrame


@lru_cache(maxsize=2)
def draw(seed: int) -> Demand:
    """Draw the whole company's demand up to the horizon."""
    made = customers(seed)
    orders = pd.DataFrame([row for customer in made for row in _orders(seed, customer)])
    orders = _scale(seed, orders.sort_values(["date", "customer", "seq"], ignore_index=True))
    lines = pd.DataFrame([line for order in each(orders) for line in _lines(seed, order, made)])
    return Demand(made, orders, lines)


def _orders(seed: int, customer: Customer) -> list[dict[str, object]]:
    draws = days.random(seed, "orders", customer.number)
    total = len(days.days())
    count = int(total / customer.cycle * 1.6) + 12
    even, spread = (100, 0.1) if customer.habit in ("contract", "tender") else (9, 0.35)
    gaps = draws.gamma(even, 1 / even, count) * customer.cycle
    start = customer.arrival if customer.arrival is not None else customer.cycle * float(draws.random())
    times = start + np.concatenate([[0.0], np.cumsum(gaps)])
    noise, chance = draws.lognormal(-(spread**2) / 2, spread, count + 1), draws.random((count + 1, 4))
    made = []
    for seq, time in enumerate(times):
        if time >= total:
            break
        made.append(_order(customer, seq, float(time), float(noise[seq]), chance[seq]))
    return made


def _order(customer: Customer, seq: int, time: float, noise: float, chance: np.ndarray) -> dict[str, object]:
    day = date_of(time, customer.channel == "online")
    rep = customer.owner(day)
    first = customer.arrival is not None and seq == 0
    colleagues = [r for r in active(customer.team, day) if r != rep]
    even = customer.habit in ("contract", "tender") or (first and customer.habit == "starter")
    if chance[0] < 0.03 and not first and not even:
        rep = colleagues[int(chance[0] / 0.03 * len(colleagues))]
    project = customer.channel == "direct" and ((first and not even) or chance[1] < _project(customer))
    if even:
        value = noise**0.3 * STARTER if first else noise * customer.size
        if customer.channel == "distributor":  # the one other contract is at fixed prices
            value *= growth(customer.team, f"{day:%Y-%m}")
    else:
        value = customer.size * noise * (LARGER if project else 1.0) * (FIRST_ORDER if first else 1.0)
    return {
        "customer": customer.number, "seq": seq, "date": day, "month": f"{day:%Y-%m}", "team": customer.team,
        "rep": rep, "channel": customer.channel, "type": customer.type, "first": first, "project": project,
        "even": even,
        "gone": time > customer.leaves, "cancelled": bool(chance[2] < 0.02) and not first and not project,
        "chance": float(chance[3]), "value": value,
    }  # fmt: skip


def _project(customer: Customer) -> float:
    """Return the chance that an order is a deal: what is called off never is, what goes out to tender always."""
    return {"contract": 0.0, "tender": 1.0, "starter": 0.2}.get(customer.habit, PROJECT[customer.type])


def level(team: str, month: str) -> float:
    """Sales in CNY expected of a team in a month when nothing is planted."""
    facts = book("company")["teams"][team]
    return float(facts["level"] * growth(team, month) * days.expected()[month])


def growth(team: str, month: str) -> float:
    """Growth factor of a team from the first month to this one."""
    return float((1 + book("company")["teams"][team]["growth"]) ** (days.months().index(month) / 12))


def _scale(seed: int, orders: pd.DataFrame) -> pd.DataFrame:
    """Bring each team's month to what is expected of it, but for noise, so that a quiet month is quiet.

    What is even by contract stays as it is; what customers buy as they like makes up for it.
    """
    counted = orders[~orders["gone"] & ~orders["cancelled"]]
    even = counted[counted["even"]].groupby(["team", "month"])["value"].sum().to_dict()
    free = counted[~counted["even"]].groupby(["team", "month"], as_index=False)["value"].sum()
    factors = {}
    for team, month, total in free.to_numpy():
        luck = days.random(seed, "month", team, month).normal(0, NOISE)
        factors[team, month] = (level(team, month) * float(np.exp(luck)) - even.get((team, month), 0.0)) / total
    rows = zip(orders["value"], orders["even"], orders["team"], orders["month"], strict=True)
    return orders.assign(value=[v if fixed else v * factors[t, m] for v, fixed, t, m in rows])


def _lines(seed: int, order: Any, made: list[Customer]) -> list[dict[str, Any]]:
    customer = made[order.customer]
    draws = days.random(seed, "lines", customer.number, order.seq)
    count = 1 if order.even else int(draws.choice([1, 2, 3], p=[0.66, 0.24, 0.10]))
    parts = draws.dirichlet(np.full(count, 3.0)) * order.value
    main = str(draws.choice(LINES, p=customer.mix))
    if order.first:
        main = LINES[int(customer.mix.argmax())]
    rows: list[dict[str, Any]] = []
    for number, part in enumerate(parts):
        same = order.first or order.project or draws.random() < 0.5
        line = main if same else str(draws.choice(LINES, p=customer.mix))
        product, price = _product(draws, line, float(part) * (0.12 if order.even else 0.6))
        off = customer.discount + float(draws.uniform(-0.02, 0.02))
        unit = round(price * (1 - off) * 10) * 10
        chance = float(draws.random())
        quantity = max(1, int(part * 100 / unit + chance))
        rows.append({
            "order": order.Index, "line_no": number + 1, "product": product, "line": line,
            "unit": unit, "quantity": quantity, "chance": chance, "exact": part * 100 / unit,
        })  # fmt: skip
    if draws.random() < RETURNS and rows[0]["quantity"] > 3:
        back = max(1, rows[0]["quantity"] // 5)
        rows.append({**rows[0], "line_no": count + 1, "quantity": -back, "exact": -float(back)})
    return rows


def _product(draws: np.random.Generator, line: str, most: float) -> tuple[str, float]:
    within = {k: v for k, v in book("company")["products"].items() if v["line"] == line}
    affordable = {k: v for k, v in within.items() if v["price"] <= most}
    if not affordable:
        affordable = dict([min(within.items(), key=lambda item: item[1]["price"])])
    weight = np.array([v["weight"] for v in affordable.values()], dtype=float)
    product = str(draws.choice(list(affordable), p=weight / weight.sum()))
    return product, float(affordable[product]["price"])
