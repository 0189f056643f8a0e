"""Contracts as they stood on a day: how long each took from won to signed, or has waited for it."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from salesnb.calendar import Window
from salesnb.methods.survival import kaplan_meier
from salesnb.metrics.grouped import Member, inside, order_codes
from salesnb.metrics.registry import Tables, measures
from salesnb.scope import Scope

COLUMNS = ("days", "signed", "product_line", "customer_type")


def contract_days(orders: pd.DataFrame, window: Window) -> pd.DataFrame:
    """Return one row per order won in a window: days to its signing or, unsigned, to the window's last day.

    Cancelled orders are out, and such as are said to be signed on no known day, or before they were won. Where no
    order has a date of signing there is no contract to speak of.

    Returns
    -------
    DataFrame
        ``days``, ``signed`` (whether it was by the last day), ``product_line`` and ``customer_type`` of the line that
        brought most, of equal ones the first by name.
    """
    if orders.empty or orders["signed_date"].isna().all():
        return pd.DataFrame({c: np.array([], dtype="bool" if c == "signed" else "float64") for c in COLUMNS})
    lines = orders[inside(orders["order_date"], window)]
    lines = lines[(lines["status"] != "cancelled").to_numpy(dtype=bool)]
    keys = ["amount", *COLUMNS[2:], "order_date", "signed_date", "status"]
    lines = lines.assign(order=order_codes(lines, np.arange(len(lines))))
    ordered = lines.sort_values(["order_id", *keys], ascending=[True, False, *[True] * (len(keys) - 1)])
    first = ordered.drop_duplicates("order")
    last = np.datetime64(window.end)
    won, signed = (first[c].to_numpy().astype("datetime64[D]") for c in ("order_date", "signed_date"))
    done = signed <= last
    days = (np.where(done, signed, last) - won).astype("float64")
    known = ~np.isnat(signed) | (first["status"] == "won").to_numpy(dtype=bool)
    made = pd.DataFrame({"days": days, "signed": done})
    for column in COLUMNS[2:]:
        made[column] = first[column].to_numpy(dtype="object", na_value="")
    return made[known & (days >= 0)].reset_index(drop=True)


@measures("contracts", "contract_cycle", tables=("orders",))
def signing(tables: Tables, scope: Scope, by: Sequence[str]) -> dict[Member, dict[str, float]]:
    """Estimate the days from won to signed of the contracts won in the window; of the whole."""
    days = contract_days(tables["orders"], scope.window) if "signed_date" in tables["orders"] else None
    if by or days is None or days.empty:
        return {}
    typical = kaplan_meier(days["days"].to_numpy(), days["signed"].to_numpy()).quantile().value
    return {(): {"contracts": float(len(days)), "contract_cycle": typical}}
