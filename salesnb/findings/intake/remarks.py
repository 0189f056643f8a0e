"""What must be known about the files though no row was set aside for it."""

import pandas as pd

from salesnb import words
from salesnb.data.reading.remarks import worded
from salesnb.findings.finding import NOT_ASKED, Chart, Finding, Say, with_total
from salesnb.scope import Scope

_KEYS = ["table", "file", "field", "code"]


def remarks(told: pd.DataFrame, *, scope: Scope) -> Finding:
    """List what was noticed about the files, in the order of the tables.

    Parameters
    ----------
    told
        ``code``, ``table``, ``file``, ``column``, ``value``, ``rows``, ``money`` (currency units).

    Returns
    -------
    Finding
        Row 0 is the total; then one row per table, file, column and kind of remark, ``remark`` saying it.
    """
    if told.empty:
        rows = pd.DataFrame({**{k: [""] for k in _KEYS}, "remarks": [0], "rows": [0], "remark": [""]})
        return Finding("intake.remarks", scope, rows, Say("none"))
    listed = told.assign(place=range(len(told)), remarks=1).rename(columns={"column": "field"})
    parts = listed.groupby(_KEYS, sort=False, as_index=False).agg(
        remarks=("remarks", "sum"), rows=("rows", "sum"), remark=("place", lambda places: _said(told.loc[places]))
    )
    total = pd.DataFrame({"remarks": [len(told)], "rows": [None], "remark": [""]})
    rows = with_total(total, parts, _KEYS)
    return Finding(
        "intake.remarks", scope, rows, Say("one" if len(told) == 1 else "some", {"total": 0, "first": 1}),
        chart=Chart("table", accent=(1,)), table=("table", "file", "field", "rows", "remark"),
        reasons={"rows": NOT_ASKED},
    )  # fmt: skip


def _said(told: pd.DataFrame) -> str:
    rows = told.to_dict("records")
    en, zh = ([worded(row, lang) for row in rows] for lang in words.LANGUAGES)
    return words.both(" ".join(en), "".join(zh))
