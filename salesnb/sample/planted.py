"""What was planted: problems and strategies, each a rule on the same drawn demand.

A world is the set of effects that are active. The money an effect costs is the difference of two worlds that share
every random draw, so it is exact.
"""

from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from salesnb.sample.company import LOST_ACCOUNT
from salesnb.sample.demand import Demand

FOREVER = "9999-12"


@dataclass(frozen=True)
class Effect:
    """One planted effect: on which slice (codes), in which months, through which driver, how strongly."""

    id: str
    team: str
    driver: str
    since: str
    size: float
    dims: tuple[tuple[str, str], ...]
    until: str = FOREVER
    worked: bool = False
    """Whether it is a strategy that helped, not a problem."""

    def during(self, months: pd.Series) -> pd.Series:
        """Tell which months it is active in."""
        return months.between(self.since, self.until)


PROBLEMS = (
    Effect("south-pumps-new", "south", "new_customers", "2025-08", 0.80,
           (("product_line", "pumps"), ("customer_kind", "new"))),
    Effect("south-lost-account", "south", "customers", "2025-06", 1.0, (("customer", str(LOST_ACCOUNT)),)),
    Effect("west-win-rate", "west", "win_rate", "2025-06", 0.50, (("rep", "Ma Xiaolong"),)),
    Effect("north-sensors-price", "north", "price", "2025-07", 0.18, (("product_line", "sensors"),)),
    Effect("east-distributor-orders", "east", "orders_per_customer", "2025-09", 0.60,
           (("channel", "distributor"),)),
    Effect("key-collection", "key", "collection", "2025-07", 0.6, (), until="2025-09"),
)  # fmt: skip
CROSS_SELL = ("Luo Bin", "Hu Dan", "Shi Peng", "Cao Mei", "Zhou Kai", "Lin Xiu", "Zheng Yi")
STRATEGIES = (
    Effect("bundle-offers", "", "order_value", "2025-03", 0.12, (("rep", "|".join(CROSS_SELL)),), worked=True),
    Effect(
        "quote-desk", "central", "order_value", "2024-05", 0.10, (("team", "central"),), until="2024-10", worked=True
    ),
    Effect("retention-calls", "east", "customers", "2025-04", 0.80, (("channel", "direct"),), worked=True),
    Effect("payment-reminders", "central", "collection", "2025-03", 0.70, (), worked=True),
)
EFFECTS = {effect.id: effect for effect in PROBLEMS + STRATEGIES}
ALL = frozenset(EFFECTS)


def kept(demand: Demand, active: Collection[str]) -> np.ndarray:
    """Tell which drawn orders exist in a world: a mask over ``demand.orders``."""
    orders = demand.orders
    stays = ~orders["gone"].to_numpy()
    if "retention-calls" in active:
        stays = stays | _saved(orders)
    for name in active:
        if name in _REMOVES:
            stays = stays & ~_removed(demand, name)
    return np.asarray(stays)


def _saved(orders: pd.DataFrame) -> np.ndarray:
    """Four in five of the direct customers who left lately come back, or stay."""
    effect = EFFECTS["retention-calls"]
    direct = (orders["team"] == "east") & (orders["channel"] == "direct")
    group = orders["gone"] & direct & (orders["customer"] % 5 > 0)
    last = orders[~orders["gone"]].groupby("customer")["month"].max()
    recent = orders["customer"].map(last.to_dict()).fillna("") >= "2023-10"
    return np.asarray(group & recent & effect.during(orders["month"]))


def _removed(demand: Demand, name: str) -> np.ndarray:
    return np.asarray(_REMOVES[name](demand, EFFECTS[name]))


def _new_pumps(demand: Demand, effect: Effect) -> pd.Series:
    orders = demand.orders
    main = demand.lines.drop_duplicates("order").set_index("order")["line"]
    first = orders[orders["first"] & (orders["team"] == "south") & effect.during(orders["month"])]
    first = first[first.index.map(main.to_dict()) == "pumps"]
    turn = np.arange(1, len(first) + 1)
    never = set(first["customer"][np.floor(turn * effect.size) > np.floor((turn - 1) * effect.size)])
    return orders["customer"].isin(never)


def _lost_account(demand: Demand, effect: Effect) -> pd.Series:
    orders = demand.orders
    return (orders["customer"] == LOST_ACCOUNT) & effect.during(orders["month"])


def _lost_deals(demand: Demand, effect: Effect) -> pd.Series:
    orders = demand.orders
    deals = orders["project"] & (orders["rep"] == effect.dims[0][1]) & effect.during(orders["month"])
    # Every second deal of a month goes, large ones and small ones: half by count and about half by value.
    rank = orders[deals & ~orders["gone"]].groupby("month")["value"].rank(ascending=False)
    return (rank.reindex(orders.index) % 4).isin([2, 3])


def _fewer_orders(demand: Demand, effect: Effect) -> pd.Series:
    orders = demand.orders
    slice_ = (orders["team"] == effect.team) & (orders["channel"] == "distributor") & effect.during(orders["month"])
    again = orders[slice_ & ~orders["gone"]].groupby("customer").cumcount() > 0
    return again.reindex(orders.index, fill_value=False) & (orders["chance"] < effect.size)


_REMOVES = {
    "south-pumps-new": _new_pumps,
    "south-lost-account": _lost_account,
    "west-win-rate": _lost_deals,
    "east-distributor-orders": _fewer_orders,
}


@lru_cache(maxsize=16)
def sales(demand: Demand, active: frozenset[str]) -> pd.DataFrame:
    """Return the lines of a world, joined with their orders; ``amount`` in fen, cancelled orders included."""
    orders = demand.orders[kept(demand, active)]
    lines = demand.lines.join(orders.drop(columns="chance"), on="order", how="inner")
    unit, quantity = lines["unit"].to_numpy().copy(), lines["quantity"].to_numpy().copy()
    if "north-sensors-price" in active:
        effect = EFFECTS["north-sensors-price"]
        cheap = (lines["team"] == "north") & (lines["line"] == "sensors") & effect.during(lines["month"])
        unit = np.where(cheap, np.round(unit * (1 - effect.size) / 10) * 10, unit).astype(np.int64)
    for name in ("bundle-offers", "quote-desk"):
        if name in active:
            more = _treated(lines, EFFECTS[name])
            grown = np.maximum(1, np.floor(lines["exact"] * (1 + EFFECTS[name].size) + lines["chance"]))
            quantity = np.where(more, grown, quantity).astype(np.int64)
    return lines.assign(unit=unit, quantity=quantity, amount=unit * quantity)


def _treated(lines: pd.DataFrame, effect: Effect) -> pd.Series:
    (dimension, members), *_ = effect.dims
    return lines[dimension].isin(members.split("|")) & effect.during(lines["month"])
