"""Which spellings of a status were found, and what each was taken for."""

import pandas as pd

from salesnb.findings.finding import Chart, Finding, Missing, Say, with_total
from salesnb.scope import Scope


def statuses(spellings: pd.DataFrame, *, scope: Scope) -> Finding:
    """List the spellings of statuses, what they were read as, and how many rows carry them.

    Parameters
    ----------
    spellings
        ``table``, ``value`` (spelling found), ``status`` (code, blank where it was not understood), ``rows``.

    Returns
    -------
    Finding
        Row 0 is the total; then one row per table and spelling, most rows first. ``status`` is a label.
    """
    if spellings.empty:
        wanted = (Missing("orders", ("status",)),)
        return Finding("intake.statuses", scope, pd.DataFrame(columns=["rows"]), Say("none"), missing=wanted)
    keys = ["table", "value", "status"]
    filled = spellings.assign(**{k: spellings[k].fillna("").astype("str") for k in keys})
    parts = filled.groupby(keys, sort=True)["rows"].sum().reset_index()
    parts = parts.sort_values(["table", "rows", "value"], ascending=[True, False, True])
    parts = parts.rename(columns={"value": "spelling"})
    rows = with_total(pd.DataFrame({"rows": [parts["rows"].sum()], "status": [""]}), parts, ["table", "spelling"])
    strange = [i for i in range(1, len(rows)) if rows["status"].iloc[i] == ""]
    say = Say("strange", {"total": 0, "strange": strange[0]}) if strange else Say("understood", {"total": 0})
    return Finding(
        "intake.statuses", scope, rows, say, chart=Chart("table", accent=tuple(strange)),
        table=("table", "spelling", "status", "rows"),
    )  # fmt: skip
