"""Which customer names look like another customer's full name."""

import pandas as pd

from salesnb.findings.finding import Chart, Finding, Say, with_total
from salesnb.scope import Scope


def names(similar: pd.DataFrame, *, scope: Scope) -> Finding:
    """List customer names that are probably another spelling of a known one; nothing is merged.

    Parameters
    ----------
    similar
        ``customer`` (spelling found), ``likely`` (the full name it resembles), ``rows``.

    Returns
    -------
    Finding
        Row 0 is the total; then one row per spelling, most rows first.
    """
    if similar.empty:
        rows = pd.DataFrame({"customer": [""], "rows": [0], "likely": [""]})
        return Finding("intake.names", scope, rows, Say("none"))
    keys = ["customer", "likely"]
    parts = similar.groupby("customer", as_index=False, sort=True).agg(rows=("rows", "sum"), likely=("likely", _joined))
    parts = parts.sort_values(["rows", *keys], ascending=[False, True, True])
    rows = with_total(pd.DataFrame({"rows": [parts["rows"].sum()], "likely": [""]}), parts, ["customer"])
    return Finding(
        "intake.names", scope, rows, Say("one" if len(parts) == 1 else "some", {"total": 0, "most": 1}),
        chart=Chart("table", accent=(1,)), table=("customer", "likely", "rows"),
    )  # fmt: skip


def _joined(values: pd.Series) -> str:
    return " / ".join(sorted(set(values.astype("str"))))
