"""What could be sales or targets and is in no figure: rows set aside, and won deals without a date or an amount.

Beside them stand the lines that are counted though another one is equal, and sales that the company counts and no
team, since nothing says of which they are. A verdict rests on the rows that count. How
many do not, with the money that can be read of them, is kept by team and by day or period, so that a finding can tell
whether they could change it.
"""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from salesnb.data.reading import row_files
from salesnb.data.taking.enriching import Enricher, sales_date
from salesnb.data.taking.intake import Taken
from salesnb.data.taking.staging import KEPT_ASIDE, Staged, without
from salesnb.data.taking.validation import ROW
from salesnb.schema import SCALE

SALES, EQUAL, TEAMLESS, TARGETS = "sales", "equal", "teamless", "targets"

_SCHEMA = pa.schema(
    [
        ("of", pa.string()), ("team", pa.string()), ("day", pa.date32()), ("period", pa.string()), ("rows", pa.int64()),
        ("unpriced", pa.int64()), ("gains", pa.float64()), ("returns", pa.float64()), ("largest", pa.float64()),
    ]
)  # fmt: skip
_NO_ROWS = frozenset({"totals_row", "header_again"})
"""Reasons that make a row none: what it holds is in others."""

_FAR = frozenset({"date_far_ahead", "date_far_before"})
"""Reasons that make a date none."""

_SOME_DAY = date(2200, 1, 1)


def gathered(taken: Taken, enricher: Enricher, teamless: Path | None = None) -> pa.Table:
    """Return what is in no figure, one row per kind, team, and day or period.

    Parameters
    ----------
    taken
        What was read; of orders, or of deals where there are no orders, and of targets.
    enricher
        It knows the reps' teams.
    teamless
        File of the clean orders that are of no team, where other orders are of one.

    Returns
    -------
    Table
        ``of`` (``sales``, ``targets``; ``equal`` for lines that count; ``teamless`` for sales that count for the
        company alone), ``team``, ``day`` of sales (null: not known) or ``period`` of targets (blank: not known),
        ``rows``, those ``unpriced``, and of the others, in currency units, the sum of what is above zero (``gains``),
        of what is below (``returns``), and the ``largest`` of both.
    """
    found = []
    if (orders := taken.staged.get("orders")) is not None:
        found += [_orders(rows, enricher, SALES) for rows in _aside(orders)]
        found += [_orders(rows, enricher, EQUAL) for rows in _equal(orders)]
    elif (deals := taken.staged.get("opportunities")) is not None:
        found += [_deals(rows, enricher) for rows in (*_aside(deals), *_incomplete(deals))]
    if (targets := taken.staged.get("targets")) is not None:
        found += [_targets(rows, enricher) for rows in _aside(targets)]
    if teamless is not None:
        found.append(_teamless(teamless))
    return _summed(pa.concat_tables(found)) if found else _SCHEMA.empty_table()


# -- rows set aside


def _aside(staged: Staged) -> Iterator[pa.Table]:
    """Yield the rows set aside with what could be read of them; those of which nothing could be, without anything."""
    columns = KEPT_ASIDE[staged.table.name]
    wanted, far = _positions(staged)
    seen = [np.empty(0, dtype=np.int64)]
    for rows in (*staged.aside, *_dropped(staged, columns)):
        places = rows.column(ROW).to_numpy()
        rows = rows.filter(pa.array(np.isin(places, wanted)))
        seen.append(rows.column(ROW).to_numpy())
        yield _undated(rows, far)
    unread = len(wanted) - len(np.intersect1d(wanted, np.concatenate(seen)))
    unread += sum(len(ledger.ragged) for ledger in staged.ledgers)
    kinds = row_files.schema_of(staged.path)
    yield pa.table({c: pa.nulls(unread, kinds.field(c).type) for c in (*columns, ROW)})


def _positions(staged: Staged) -> tuple[np.ndarray, np.ndarray]:
    """Return the positions of rows set aside, and of those whose date is far from all others."""
    found: dict[int, str] = {}
    for start, ledger in zip(staged.offsets, staged.ledgers, strict=True):
        found |= {start + place: faults[0].reason for place, faults in ledger.faults.items()}
    wanted = [position for position, reason in found.items() if reason not in _NO_ROWS]
    far = [position for position, reason in found.items() if reason in _FAR]
    return np.array(sorted(wanted), dtype=np.int64), np.array(sorted(far), dtype=np.int64)


def _dropped(staged: Staged, columns: tuple[str, ...]) -> Iterator[pa.Table]:
    """Yield the rows that were good by themselves and were dropped in view of others."""
    if not len(staged.dropped):
        return
    for rows in row_files.batches(staged.path, [*columns, ROW]):
        yield rows.filter(pa.array(np.isin(rows.column(ROW).to_numpy(), staged.dropped)))


def _undated(rows: pa.Table, far: np.ndarray) -> pa.Table:
    if not len(far):
        return rows
    for column in rows.schema:
        if pa.types.is_date(column.type):
            rows = without(rows, column.name, far)
    return rows


def _incomplete(deals: Staged) -> Iterator[pa.Table]:
    """Yield won deals that count as won and lie in no period's sales, having no date or no amount."""
    for rows in deals.batches(KEPT_ASIDE["opportunities"]):
        lacking = pc.or_(pc.is_null(rows.column("close_date")), pc.is_null(rows.column("amount")))
        yield rows.filter(pc.and_(lacking, pc.equal(rows.column("status"), "won")))


def _equal(orders: Staged) -> Iterator[pa.Table]:
    """Yield the lines that are kept though an earlier one is equal."""
    for rows in orders.batches(KEPT_ASIDE["orders"]) if len(orders.equal) else ():
        yield rows.filter(pa.array(np.isin(rows.column(ROW).to_numpy(), orders.equal)))


# -- what they could be


def _orders(rows: pa.Table, enricher: Enricher, of: str) -> pa.Table:
    """Return order rows by the day they would count on; those that are no sale under the basis are left out."""
    columns = _combined(rows)
    team = enricher.team_of("orders", columns)
    some_day = pa.scalar(_SOME_DAY, pa.date32())
    dated = {**columns, "order_date": pc.fill_null(columns["order_date"], some_day)}
    dated["status"] = pc.fill_null(columns["status"], "collected")  # any may be
    day = sales_date(dated, enricher.basis)
    made = _laid_out(of, team, pc.if_else(pc.equal(day, some_day), pa.scalar(None, pa.date32()), day), columns)
    return made.filter(pc.is_valid(day))


def _deals(rows: pa.Table, enricher: Enricher) -> pa.Table:
    columns = _combined(rows)
    made = _laid_out(SALES, enricher.team_of("opportunities", columns), columns["close_date"], columns)
    return made.filter(pc.equal(pc.fill_null(columns["status"], "won"), "won"))


def _teamless(path: Path) -> pa.Table:
    """Return clean orders as what they may add to a team."""
    rows = pq.read_table(path, columns=["sales_date", "amount"]).combine_chunks()
    rows = rows.filter(pc.is_valid(rows.column("sales_date")))
    columns = _combined(rows)
    return _laid_out(TEAMLESS, pa.nulls(len(rows), pa.string()), columns["sales_date"], columns)


def _targets(rows: pa.Table, enricher: Enricher) -> pa.Table:
    columns = _combined(rows)
    columns["period"] = pc.fill_null(columns["period"], "")
    made = _laid_out(TARGETS, enricher.team_of("targets", columns), pa.nulls(len(rows), pa.date32()), columns)
    return made.filter(pc.equal(pc.fill_null(columns["metric"], SALES), SALES))


def _combined(rows: pa.Table) -> dict[str, pa.Array]:
    return {c: rows.column(c).combine_chunks() for c in rows.column_names}


def _laid_out(of: str, team: pa.Array, day: pa.Array, columns: dict[str, pa.Array]) -> pa.Table:
    amount = columns["amount"].cast(pa.float64(), safe=False)
    return pa.table(
        {
            "of": pa.array([of] * len(team), pa.string()),
            "team": pc.fill_null(team, ""),
            "day": day,
            "period": columns.get("period", pa.array([""] * len(team), pa.string())),
            "amount": amount if of == TARGETS else pc.divide(amount, float(SCALE)),
        }
    )


def _summed(rows: pa.Table) -> pa.Table:
    amount = rows.column("amount")
    read = pc.fill_null(amount, 0.0)
    none = pa.scalar(0.0)
    sized = {
        "rows": pa.array(np.ones(len(rows), dtype=np.int64)), "unpriced": pc.is_null(amount).cast(pa.int64()),
        "gains": pc.max_element_wise(read, none), "returns": pc.min_element_wise(read, none), "largest": pc.abs(read),
    }  # fmt: skip
    for name, column in sized.items():
        rows = rows.append_column(name, column)
    keys = ["of", "team", "day", "period"]
    found = rows.group_by(keys).aggregate([(n, "max" if n == "largest" else "sum") for n in sized])
    named = found.rename_columns([c.removesuffix("_sum").removesuffix("_max") for c in found.column_names])
    return named.select(_SCHEMA.names).cast(_SCHEMA).sort_by([(key, "ascending") for key in keys])
