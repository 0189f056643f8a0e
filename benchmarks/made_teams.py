"""Made sales teams, quiet or with a planted loss: clean tables as the loader gives them, for measuring findings.

Unlike `made_causes.py`, which makes the leaves of one period, these are years of orders, deals and receipts of
customers who come, buy in lumps, pay late and leave; of reps and products that have good and bad months; of seasons,
growth and a rush at the end of the quarter. In a quiet team nothing happens beyond that: every month's ups and downs
are drawn from what such months always were. A team is a function of its kind and its seed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import numpy as np
import pandas as pd

from salesnb.calendar import Calendar, Period
from salesnb.scope import WHOLE_COMPANY, Scope

FIRST_DAY = date(2021, 1, 1)
MONTHS = 48
"""Through December 2024."""

TEAM = "North"
REPS = ("Ash", "Birch", "Cedar", "Elm", "Fir", "Hazel", "Larch", "Maple")
LINES = ("Doors", "Gates", "Locks", "Sills")
REGIONS = ("Coast", "Hills", "Plains")
CHANNELS = ("direct", "distributor", "online")
TYPES = {"large": (60_000.0, 0.15), "medium": (18_000.0, 0.40), "small": (6_000.0, 0.45)}
"""What an order of such a customer brings, and how many of them are such."""

PRODUCTS = 3
"""Products of a line."""

LARGE = 0.01
"""Customers with that share of a team's sales do not leave by themselves: where one does, that is a problem."""

NEVER, LATE = 0.015, 0.14
"""Shares of the orders that are never paid, and that are paid weeks late."""

_ROOM = 1.5
"""How many times as many orders are drawn as are kept on average: a good month keeps more of them."""


@dataclass(frozen=True)
class Kind:
    """How a team's business goes."""

    customers: int
    regular: float
    """Shape of the time between two orders: 1 is pure chance, more is more regular."""
    uneven: float
    """Spread (of the logarithm) of customers' sizes; that of their orders is half of it and a fifth."""
    months: float
    """Spread of good and bad months of a rep, and of a product line."""
    seasons: float
    """Spread of a product line's own season, the same every year."""
    leave: float
    """Share of the customers who leave in a month, and of new ones who come."""
    teams: int = 1


KINDS = {
    "even": Kind(120, 4.0, 0.3, 0.03, 0.0, 0.02),
    "usual": Kind(90, 1.5, 0.6, 0.07, 0.08, 0.02),
    "lumpy": Kind(50, 1.0, 1.0, 0.12, 0.12, 0.03),
    "company": Kind(60, 1.5, 0.6, 0.07, 0.08, 0.02, teams=3),
}


@dataclass(frozen=True)
class Frames:
    """The tables that the findings of slices take, and how they are looked at."""

    orders: pd.DataFrame
    targets: pd.DataFrame
    opportunities: pd.DataFrame
    receipts: pd.DataFrame
    history_start: date = FIRST_DAY
    team: str = TEAM
    calendar: Calendar = field(default_factory=Calendar)

    def scope(self, period: str) -> Scope:
        """Return the scope of a period, seen on its last day."""
        found = self.calendar.period(period)
        return Scope(self.team, found, found.end, self.history_start, calendar=self.calendar)

    def until(self, day: date) -> Frames:
        """Return what was known on a day: deals that closed and money that came in later were open."""
        last = pd.Timestamp(day)
        deals = self.opportunities[self.opportunities["created_date"] <= last].copy()
        later = deals["close_date"] > last
        deals.loc[later, "status"] = "open"
        deals.loc[later, "close_date"] = pd.NaT
        orders = self.orders[self.orders["sales_date"] <= last]
        due = self.receipts[self.receipts["order_id"].isin(set(orders["order_id"]))].copy()
        unpaid = due["received_date"] > last
        due.loc[unpaid, "received_date"] = pd.NaT
        due.loc[unpaid, "received_amount"] = 0
        return replace(self, orders=orders, opportunities=deals, receipts=due)


def quiet_team(kind: str, seed: int) -> Frames:
    """Make a company of such a kind in which nothing happens but what always does."""
    of, draws = KINDS[kind], np.random.default_rng([seed, sorted(KINDS).index(kind)])
    names = [TEAM, "East", "West"][: of.teams]
    parts = [_team(of, name, draws, number) for number, name in enumerate(names)]
    lines, targets, deals = (pd.concat(tables, ignore_index=True) for tables in zip(*parts, strict=True))
    lines = lines.sort_values("sales_date", kind="stable", ignore_index=True)
    return Frames(
        _orders(lines), _targets(targets), _deals(deals), _receipts(lines, draws),
        team=TEAM if of.teams == 1 else WHOLE_COMPANY,
    )  # fmt: skip


def with_loss(made: Frames, members: Mapping[str, str], first: date, part: float, seed: int) -> Frames:
    """Return the tables of a world in which a slice lost a part of its orders, by lot, from a day on."""
    fit = (made.orders["sales_date"] >= pd.Timestamp(first)).to_numpy()
    for dimension, member in members.items():
        fit = fit & (made.orders[dimension] == member).to_numpy(dtype=bool)
    order = made.orders["order_id"]
    hit = list(dict.fromkeys(order[fit]))
    lot = np.random.default_rng([seed, 77]).random(len(hit))
    gone = {one for one, chance in zip(hit, lot, strict=True) if chance < part}
    orders = made.orders[~order.isin(gone)].reset_index(drop=True)
    receipts = made.receipts[~made.receipts["order_id"].isin(gone)].reset_index(drop=True)
    return replace(made, orders=orders, receipts=receipts)


def months_of(made: Frames) -> list[Period]:
    """Return the months of a made history."""
    last = made.calendar.period(f"{FIRST_DAY.year + (MONTHS - 1) // 12}-{(MONTHS - 1) % 12 + 1:02d}")
    return made.calendar.run_up(last, MONTHS)


# -- the making


def _days() -> pd.DatetimeIndex:
    return pd.date_range(FIRST_DAY, periods=round(MONTHS * 30.4375), freq="D")


def _team(of: Kind, name: str, draws: np.random.Generator, number: int) -> tuple[pd.DataFrame, ...]:
    """Return the order lines, targets and deals of one team."""
    reps = [f"{rep} {name[0]}" if of.teams > 1 else rep for rep in REPS[: int(draws.integers(4, 9))]]
    customers = _customers(of, name, reps, draws, number)
    days = _days()
    month = (days.year - FIRST_DAY.year) * 12 + days.month - 1
    whole = _whole(draws)
    business = np.cumsum(_weights(days) * whole[np.minimum(month, MONTHS - 1)])
    orders = _visits(of, customers, business, draws)
    orders = orders[month[orders["day"]] < MONTHS].assign(month=lambda o: month[o["day"]])
    good = {rep: draws.lognormal(0, of.months, MONTHS) for rep in reps}
    chance = np.array(
        [good[rep][m] for rep, m in zip(customers["rep"].to_numpy()[orders["at"]], orders["month"], strict=True)]
    )
    orders = orders[draws.random(len(orders)) < chance / _ROOM].reset_index(drop=True)
    lines = _lines(of, customers, orders, days, name, number, draws)
    return lines, _targets_of(lines, name, whole, draws), _deals_of(customers, name, reps, days, whole, draws)


def _whole(draws: np.random.Generator) -> np.ndarray:
    """What a month brings the whole team: season, growth, a rush each quarter's end, and good and bad months."""
    season = np.tile(draws.lognormal(0, 0.1, 12), MONTHS // 12 + 1)[:MONTHS]
    quarter = np.where(np.arange(MONTHS) % 3 == 2, 1.15, 1.0)
    growth = (1 + draws.uniform(-0.08, 0.25)) ** (np.arange(MONTHS) / 12)
    return season * quarter * growth * draws.lognormal(0, 0.05, MONTHS)


def _weights(days: pd.DatetimeIndex) -> np.ndarray:
    """Business of a day: none on weekends, more in a month's last days."""
    rush = np.where(days.day >= days.days_in_month - 2, 1.8, 1.0)
    return np.asarray(np.where(days.day_of_week < 5, rush, 0.0))


def _customers(of: Kind, name: str, reps: list[str], draws: np.random.Generator, number: int) -> pd.DataFrame:
    months = of.customers * of.leave
    there, come = of.customers, int(draws.poisson(months * MONTHS))
    count = there + come
    kinds = draws.choice(list(TYPES), count, p=[share for _, share in TYPES.values()])
    size = np.array([TYPES[k][0] for k in kinds]) * draws.lognormal(0, of.uneven, count)
    weight = draws.dirichlet(np.full(len(reps), 6.0))
    rep = draws.choice(reps, count, p=weight)
    by_rep = dict(zip(reps, draws.choice(REGIONS, len(reps)), strict=True))
    region = [by_rep[r] for r in rep] if number % 2 else list(draws.choice(REGIONS, count, p=[0.5, 0.3, 0.2]))
    channel = draws.choice(CHANNELS, count, p=[0.6, 0.25, 0.15])
    cycle = draws.gamma(4.0, 0.25, count) * 22.0 + 3.0
    worth = size / cycle
    large = worth > LARGE * worth[:there].sum()
    begin = np.concatenate([np.zeros(there), np.sort(draws.uniform(0, MONTHS, come))])
    end = begin + np.where(large, np.inf, draws.exponential(1 / of.leave, count))
    return pd.DataFrame({
        "customer": [f"{name} {n:03d}" for n in range(count)], "customer_type": kinds, "size": size, "cycle": cycle,
        "rep": rep, "region": region, "channel": channel, "begin": begin, "end": end,
        "discount": draws.uniform(0.0, 0.15, count),
    })  # fmt: skip


def _visits(of: Kind, customers: pd.DataFrame, business: np.ndarray, draws: np.random.Generator) -> pd.DataFrame:
    """Return the orders that could be placed: customer's place, day's place. Time runs as business goes."""
    month = business[-1] / MONTHS
    found = []
    for at, one in enumerate(customers.itertuples()):
        cycle = float(one.cycle) / _ROOM
        first, last = float(one.begin) * month, min(float(one.end) * month, business[-1])
        count = int((last - first) / cycle * 1.5) + 12
        gaps = draws.gamma(of.regular, 1 / of.regular, count) * cycle
        times = first + np.cumsum(gaps) - (gaps[0] * draws.random() if first == 0 else gaps[0])
        days = np.searchsorted(business, times[times < last])
        found.append(np.column_stack([np.full(len(days), at), days]))
    rows = np.concatenate(found)
    return pd.DataFrame({"at": rows[:, 0], "day": np.minimum(rows[:, 1], len(business) - 1)})


def _lines(
    of: Kind, customers: pd.DataFrame, orders: pd.DataFrame, days: pd.DatetimeIndex, name: str, number: int,
    draws: np.random.Generator,
) -> pd.DataFrame:  # fmt: skip
    """Return one or two lines an order: what was bought, how much of it, at which price."""
    count = len(orders)
    season = draws.lognormal(0, of.seasons, (12, len(LINES)))[np.arange(MONTHS) % 12]
    liked = season * draws.lognormal(0, of.months, (MONTHS, len(LINES))) * draws.dirichlet([5.0, 4.0, 3.0, 2.0])
    taste = draws.dirichlet(np.full(len(LINES), 1.5), len(customers))
    two = np.repeat(np.arange(count), 1 + (draws.random(count) < 0.3))
    at, month = orders["at"].to_numpy()[two], orders["month"].to_numpy()[two]
    weight = np.cumsum(liked[month] * taste[at], axis=1)
    line = (weight < (draws.random(len(two)) * weight[:, -1])[:, None]).sum(axis=1)
    product = draws.integers(0, PRODUCTS, len(two))
    of_customers = customers.iloc[at].reset_index(drop=True)
    worth = of_customers["size"].to_numpy() * np.array([1.0, 0.8, 1.2, 0.9])[line] / np.bincount(two)[two]
    worth = worth * draws.lognormal(0, 0.2 + of.uneven / 2, count)[two]
    price = 50.0 * (1 + line * PRODUCTS + product) * 1.02 ** (month // 12)
    price *= (1 - of_customers["discount"].to_numpy()) * (1 + draws.uniform(-0.04, 0.04, len(two)))
    quantity = np.maximum(1.0, np.round(worth / price))
    made = of_customers[["customer", "customer_type", "rep", "region", "channel"]]
    return made.assign(
        order_id=[f"{number}{order:06d}" for order in two],
        team=name,
        product_line=np.array(LINES)[line],
        product=[f"{LINES[one]} {n}" for one, n in zip(line, product, strict=True)],
        sales_date=days[orders["day"].to_numpy()[two]],
        quantity=quantity,
        money=np.round(quantity * price, 2),
        month=month,
    )


def _targets_of(lines: pd.DataFrame, name: str, whole: np.ndarray, draws: np.random.Generator) -> pd.DataFrame:
    """Return targets per rep and product line: the team's level, shared out by what each sold in the year before."""
    sold = lines.pivot_table(
        index="month", columns=["rep", "product_line"], values="money", aggfunc="sum", fill_value=0.0
    ).reindex(range(MONTHS), fill_value=0.0)
    level = float(sold.sum(axis=1).sum() / whole.sum())
    rows = []
    for month in range(12, MONTHS):
        share = sold.iloc[month - 12 : month].sum()
        total = level * whole[month] * float(draws.lognormal(0.02, 0.05))
        for (rep, line), part in (share / share.sum()).items():
            rows.append((f"{FIRST_DAY.year + month // 12}-{month % 12 + 1:02d}", name, rep, line, total * part))
    return pd.DataFrame(rows, columns=["period", "team", "rep", "product_line", "amount"])


def _deals_of(
    customers: pd.DataFrame, name: str, reps: list[str], days: pd.DatetimeIndex, whole: np.ndarray,
    draws: np.random.Generator,
) -> pd.DataFrame:  # fmt: skip
    """Return deals with the day each was closed on, won at a rate of the rep's and the line's own."""
    month = np.repeat(np.arange(MONTHS), draws.poisson(5.0 * len(reps) * whole / whole.mean()))
    count = len(month)
    at, line = draws.integers(0, len(customers), count), draws.integers(0, len(LINES), count)
    rate = dict(zip(reps, draws.uniform(0.25, 0.5, len(reps)), strict=True))
    chance = np.array([rate[rep] for rep in customers["rep"].to_numpy()[at]])
    won = draws.random(count) < chance * np.array([1.1, 1.0, 0.9, 1.0])[line]
    starts = pd.to_datetime([f"{FIRST_DAY.year + m // 12}-{m % 12 + 1:02d}-01" for m in month])
    closed = starts + pd.to_timedelta(draws.integers(0, 28, count), unit="D")
    begun = closed - pd.to_timedelta(np.round(draws.lognormal(3.7, 0.5, count)), unit="D")
    made = customers.iloc[at].reset_index(drop=True)
    return made[["customer", "customer_type", "rep", "region", "channel"]].assign(
        team=name, product_line=np.array(LINES)[line], status=np.where(won, "won", "lost"), close_date=closed,
        created_date=begun, money=np.round(made["size"] * draws.lognormal(0.3, 0.6, count), 2),
    )  # fmt: skip


# -- tables as the loader gives them

_TEXTS = ("customer", "rep", "team", "region", "channel", "product_line", "customer_type")


def _orders(lines: pd.DataFrame) -> pd.DataFrame:
    day = lines["sales_date"].astype("datetime64[s]")
    texts = {c: lines[c].astype("str") for c in ("order_id", *_TEXTS, "product")}
    since = day.groupby(lines["customer"]).transform("min").astype("datetime64[s]")
    return pd.DataFrame(
        {
            **texts,
            "sales_date": day,
            "order_date": day,
            "amount": _units(lines["money"]),
            "quantity": lines["quantity"].astype("float64"),
            "customer_since": since,
        }
    )


def _units(money: pd.Series) -> pd.Series:
    return money.round(4)


def _targets(rows: pd.DataFrame) -> pd.DataFrame:
    made = rows.assign(metric="sales", region=None, channel=None, customer_type=None)
    texts = ("period", "metric", "team", "rep", "region", "channel", "product_line", "customer_type")
    return made[[*texts, "amount"]].astype({**dict.fromkeys(texts, "str"), "amount": "float64"})


def _deals(rows: pd.DataFrame) -> pd.DataFrame:
    made = {c: rows[c].astype("str") for c in (*_TEXTS, "status")}
    dates = {c: rows[c].astype("datetime64[s]") for c in ("created_date", "close_date")}
    ids = pd.Series([f"d{n}" for n in range(len(rows))], dtype="str")
    return pd.DataFrame({"opportunity_id": ids, **made, **dates, "amount": _units(rows["money"])})


def _receipts(lines: pd.DataFrame, draws: np.random.Generator) -> pd.DataFrame:
    """Return one instalment an order, due after thirty days; most come in on time, some weeks late, few never."""
    orders = lines.groupby("order_id", sort=False).agg(
        {"customer": "first", "rep": "first", "team": "first", "sales_date": "first", "money": "sum"}
    ).reset_index()  # fmt: skip
    lot, count = draws.random(len(orders)), len(orders)
    due = orders["sales_date"] + timedelta(days=30)
    lag = np.where(lot < NEVER + LATE, draws.integers(6, 50, count), draws.integers(-12, 3, count))
    paid = (due + pd.to_timedelta(lag, unit="D")).where(lot >= NEVER)
    money = _units(orders["money"])
    return pd.DataFrame(
        {
            **{c: orders[c].astype("str") for c in ("order_id", "customer", "rep", "team")},
            "due_date": due.astype("datetime64[s]"),
            "due_amount": money,
            "received_date": paid.astype("datetime64[s]"),
            "received_amount": money.where(lot >= NEVER, 0),
        }
    )
