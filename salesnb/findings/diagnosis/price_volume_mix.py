"""Price, volume and mix: a change of sales split by what was sold, new and stopped items apart."""

from typing import Literal

import numpy as np
import pandas as pd

from salesnb.calendar import Window
from salesnb.findings.finding import Chart, Finding, Missing, Say
from salesnb.methods.attribution import mix_change, to_whole
from salesnb.metrics import rows_in
from salesnb.schema import SCALE
from salesnb.scope import Scope

PARTS = ("volume", "mix", "price", "new_items", "stopped_items", "no_quantity")
ITEMS_SHOWN = 10
COLUMNS = ("against", "part", "product", "effect")


def price_volume_mix(
    orders: pd.DataFrame, *, scope: Scope, against: Literal["previous", "last_year"] = "last_year"
) -> Finding:
    """Split the change of sales into volume, mix and price by product, adding up to the last minor unit.

    Parameters
    ----------
    orders
        Clean orders with ``quantity`` and ``product``.
    against
        The period that this one is compared with.

    Returns
    -------
    Finding
        One row per part: ``volume``, ``mix``, ``price``, ``new_items`` (not sold in the base), ``stopped_items``
        (no longer sold) and, where some sales bear no quantity, ``no_quantity``; then the whole change, with blank
        part; then the products with the largest price effects.
    """
    base = scope.previous if against == "previous" else scope.last_year
    if base is None or not scope.holds(base):
        return _without(scope, "truncated" if base else f"no_base_{against}")
    named = [column for column in ("product", "quantity") if orders[column].isna().all()]
    if named and len(orders):
        return _without(scope, "not_given", (Missing("orders", ("product", "quantity")),))
    before, after = _items(orders, base), _items(orders, scope.window)
    rows, total = _rows(before, after)
    rows = rows.assign(against=against)[[*COLUMNS]]
    parts = rows["effect"].iloc[:total]
    if not rows["effect"].iloc[total]:
        return Finding("diagnosis.price_volume_mix", scope, rows, Say(f"same_{against}"))
    fell = rows["effect"].iloc[total] < 0
    most = int(parts.to_numpy().argmin() if fell else parts.to_numpy().argmax())
    return Finding(
        "diagnosis.price_volume_mix",
        scope,
        rows,
        Say(f"{'fell' if fell else 'rose'}_{against}", {"change": total, "most": most}),
        notes=tuple(_notes(scope, rows, total)),
        chart=Chart(
            "bridge",
            {"label": "part", "value": "effect"},
            rows=(*(i for i, effect in enumerate(parts) if effect), total),
            accent=(most,),
            total=total,
        ),
    )


def _without(scope: Scope, key: str, missing: tuple[Missing, ...] = ()) -> Finding:
    rows = pd.DataFrame(columns=[*COLUMNS])
    return Finding("diagnosis.price_volume_mix", scope, rows, Say(key), missing=missing, quiet=True)


def _items(orders: pd.DataFrame, window: Window) -> pd.DataFrame:
    """Quantity and amount (1/10,000, whole) per product; what bears no quantity under a blank one."""
    lines = rows_in(orders, "sales_date", window, ["product"])
    quantity = lines.numbers("quantity")
    # The last place is that of what bears no quantity.
    place = np.where(quantity != 0, lines.group, len(lines.members))
    sums = {}
    for column, numbers in {"quantity": quantity, "amount": lines.exact("amount")}.items():
        sums[column] = np.zeros(len(lines.members) + 1, dtype=numbers.dtype)
        np.add.at(sums[column], place, numbers)
    names = pd.Index([*(name for (name,) in lines.members), ""], name="product", dtype="str")
    items = pd.DataFrame(sums, index=names)
    return items[np.bincount(place, minlength=len(items)) > 0].sort_index()


def _rows(before: pd.DataFrame, after: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    sides = [before.add_suffix("_before"), after.add_suffix("_after")]
    items = sides[0].join(sides[1], how="outer").fillna(0)
    change = (items["amount_after"] - items["amount_before"]).astype("int64")
    bare = items.index == ""
    old, now = (items["quantity_before"] > 0) & ~bare, (items["quantity_after"] > 0) & ~bare
    kept = items[old & now]
    split = to_whole(list(mix_change(kept).values()), int(change[old & now].sum()))
    apart = [int(change[~old & ~bare].sum()), int(change[old & ~now].sum()), int(change[bare].sum())]
    effects = dict(zip(PARTS, [*split, *apart], strict=True))
    if not effects["no_quantity"] and not bare.any():
        del effects["no_quantity"]
    table = [(part, "", effect) for part, effect in effects.items()]
    total = len(table)
    table.append(("", "", sum(effects.values())))
    table += [("price", str(product), effect) for product, effect in _prices(kept, split[2])]
    rows = pd.DataFrame(table, columns=["part", "product", "effect"])
    return rows.assign(effect=rows["effect"] / SCALE), total


def _prices(kept: pd.DataFrame, price: int) -> list[tuple[str, int]]:
    """Price effects of single products, largest first; all of them together make the price effect."""
    if kept.empty:
        return []
    p0 = kept["amount_before"] / kept["quantity_before"]
    p1 = kept["amount_after"] / kept["quantity_after"]
    effects = to_whole(list((p1 - p0) * kept["quantity_after"]), price)
    order = np.argsort([-abs(effect) for effect in effects], kind="stable")[:ITEMS_SHOWN]
    return [(kept.index[i], effects[i]) for i in order if effects[i]]


def _notes(scope: Scope, rows: pd.DataFrame, total: int) -> list[Say]:
    notes = [] if scope.complete else [Say("unfinished")]
    if len(rows) > total + 1:
        notes.append(Say("item", {"item": total + 1}))
    if "no_quantity" in set(rows["part"]):
        notes.append(Say("partly", {"bare": int(rows.index[rows["part"] == "no_quantity"][0])}))
    return notes
