"""Rows that are states of one deal or one order line, as a log of changes lists them: the newest one counts."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from salesnb.data.taking.duplicates import groups

COLUMNS = {"orders": ("status", "signed_date", "invoiced_date", "entered_at")}
"""What changes while the line of an order stays the same."""

_DEAL = ("customer", "created_date")
"""What stays the same while a deal changes."""

_ITEM = ("product", "product_line")

_FAR = {
    "orders": {"won": 1, "signed": 2, "collected": 3, "cancelled": 4},
    "opportunities": {"open": 0, "won": 1, "lost": 1},
}
_DATED = {"orders": ("signed_date", "invoiced_date"), "opportunities": ("close_date",)}


def newness(name: str, rows: pa.Table) -> np.ndarray:
    """Return a number for each row of a table that is higher the newer its state is.

    The newest is what was entered last, where that is told; else what is furthest, is dated last, stands last.
    """
    told = pd.DataFrame({"far": rank(name, rows)})
    if "entered_at" in rows.column_names:
        told["entered"] = rows.column("entered_at").to_pandas().astype("datetime64[us]")
    dates = [pd.to_datetime(rows.column(c).to_pandas()) for c in _DATED[name]]
    told["dated"] = pd.concat(dates, axis=1).max(axis=1)
    by = [c for c in ("entered", "far", "dated") if c in told]
    order = told.sort_values(by, kind="stable", na_position="first").index.to_numpy()
    found = np.empty(len(order), dtype=np.int64)
    found[order] = np.arange(len(order))
    return found


def logged(name: str, rows: pa.Table, key: np.ndarray, row: np.ndarray) -> np.ndarray:
    """Tell which rows with the same key are states of one thing: what cannot change agrees, and what can does not.

    ``row`` is the same for rows that are equal.
    """
    if name not in _FAR:
        return np.zeros(rows.num_rows, dtype=bool)
    frame = pd.DataFrame({c: rows.column(c).to_pandas() for c in rows.column_names})
    by_key = frame.groupby(key, sort=False)
    others = [c for c in rows.column_names if c not in COLUMNS.get(name, ()) and c != "_row"]
    fixed = _DEAL if name == "opportunities" else others
    agrees = np.logical_and.reduce([by_key[c].transform("nunique").to_numpy() <= 1 for c in fixed])
    changed = by_key["status"].transform("nunique").to_numpy() > 1
    if name == "opportunities":
        changed |= by_key["stage"].transform("nunique").to_numpy() > 1
        changed |= (frame["status"] == "open").groupby(key, sort=False).transform("all").to_numpy()
    unlike = pd.Series(row).groupby(key).transform("nunique").to_numpy() > 1
    return np.asarray(agrees & changed & unlike)


def lines(name: str, rows: pa.Table, key: np.ndarray, row: np.ndarray) -> np.ndarray:
    """Tell which rows with the same key are lines of one deal: they name different products and agree in all else.

    ``row`` is the same for rows that are equal.
    """
    if name != "opportunities":
        return np.zeros(rows.num_rows, dtype=bool)
    item = groups(rows.select(list(_ITEM)))
    named = np.logical_or.reduce([np.asarray(pc.is_valid(rows.column(c))) for c in _ITEM])
    rest = groups(rows.drop_columns(["_row", "amount", *_ITEM]))
    by_key = pd.DataFrame({"row": row, "item": item, "rest": rest, "named": named}).groupby(key, sort=False)
    distinct = {c: by_key[c].transform("nunique").to_numpy() for c in ("row", "item", "rest")}
    several = (distinct["rest"] == 1) & (distinct["item"] == distinct["row"]) & (distinct["row"] > 1)
    return np.asarray(several & by_key["named"].transform("all").to_numpy())


def of_one_file(name: str, rows: pa.Table, line: np.ndarray, file: np.ndarray) -> np.ndarray:
    """Tell which rows without a key are older states of others of their file.

    ``line`` is the same for rows that agree in all but their state. Where each status is there equally often, they are
    states of so many lines; otherwise some may be lines of their own, and all are.
    """
    each = pd.DataFrame({"line": line, "file": file, "status": rows.column("status").to_pandas()})
    each["new"] = newness(name, rows)
    counts = each.groupby(["line", "file", "status"], sort=False)["new"].agg(["size", "max"])
    per = counts.groupby(["line", "file"], sort=False)
    even = (per["size"].transform("nunique") == 1) & (per["size"].transform("size") > 1)
    old = counts[even & (counts["max"] < per["max"].transform("max"))].index
    return np.asarray(pd.MultiIndex.from_frame(each[["line", "file", "status"]]).isin(old))


def rank(name: str, rows: pa.Table) -> np.ndarray:
    """Return how far the state of each row is, whenever that was."""
    return rows.column("status").to_pandas().map(_FAR[name]).to_numpy()
