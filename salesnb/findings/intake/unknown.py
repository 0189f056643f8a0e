"""What the master data does not know: reps, teams, lookup keys."""

import pandas as pd

from salesnb.findings.finding import Chart, Finding, Say, with_total
from salesnb.scope import Scope


def unknown(unmatched: pd.DataFrame, *, scope: Scope) -> Finding:
    """List values that rows carry and the roster or a lookup file does not hold.

    Parameters
    ----------
    unmatched
        ``table``, ``column``, ``value``, ``rows``.

    Returns
    -------
    Finding
        Row 0 is the total; then one row per table, column and value, most rows first.
    """
    keys = ["table", "field", "value"]
    if unmatched.empty:
        rows = pd.DataFrame({**{k: [""] for k in keys}, "rows": [0]})
        return Finding("intake.unknown", scope, rows, Say("none"))
    named = unmatched.rename(columns={"column": "field"})
    parts = named.groupby(keys, sort=True)["rows"].sum().reset_index()
    parts = parts.sort_values(["rows", *keys], ascending=[False, True, True, True])
    rows = with_total(pd.DataFrame({"rows": [parts["rows"].sum()]}), parts, keys)
    aimed = [i for i in range(1, len(rows)) if rows["table"].iloc[i] == "targets"]
    notes = (Say("targets", {"first": aimed[0]}),) if aimed else ()
    return Finding(
        "intake.unknown", scope, rows, Say("one" if len(parts) == 1 else "some", {"total": 0, "most": 1}), notes=notes,
        chart=Chart("table", accent=(1,)), table=(*keys, "rows"),
    )  # fmt: skip
