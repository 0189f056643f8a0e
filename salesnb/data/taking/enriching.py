"""What other tables know about a row: team by roster, type by customer, line by product, and the day it counts."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from salesnb.calendar import Calendar
from salesnb.data.tables.roster import Roster
from salesnb.data.tables.since import Since
from salesnb.data.taking.parsing import ARROW
from salesnb.data.taking.records import Records, losses_recorded
from salesnb.data.taking.target_rows import Sold
from salesnb.data.taking.validation import ROW
from salesnb.errors import ScopeError
from salesnb.schema import table as schema_table

TEXT, DAY = pa.string(), pa.date32()
EXTRA = {
    "orders": {"tags": TEXT, "sales_date": DAY, "customer_since": DAY},
    "opportunities": {"tags": TEXT, "losses_recorded": pa.bool_()},
    "activities": {"team": TEXT}, "notes": {"team": TEXT}, "plans": {"team": TEXT}, "trainings": {"team": TEXT},
}  # fmt: skip
"""Columns that clean tables have beyond those of their files."""

_DATED_BY = {"orders": "order_date", "opportunities": "close_date", "receipts": "due_date",
             "activities": "activity_date", "notes": "note_date", "trainings": "training_date"}  # fmt: skip
_BY_PERIOD = {"targets": "period", "plans": "week"}
_SOLD = ("won", "signed", "collected")
_FROM_DEALS = {"order_id": "opportunity_id", "order_date": "close_date"}


@dataclass(frozen=True)
class Attributes:
    """Columns of a table looked up by its key."""

    keys: pa.Array
    columns: Mapping[str, pa.Array]

    def of(self, names: pa.Array, column: str) -> pa.Array:
        """Return a column's value for each name, null where the name is not known."""
        return self.columns[column].take(pc.index_in(names, value_set=self.keys))


def attributes(rows: pa.Table | None, key: str, columns: Iterable[str]) -> Attributes | None:
    """Return the columns of a clean table by key, or None where the table is absent or empty."""
    if rows is None or not rows.num_rows:
        return None
    return Attributes(rows.column(key).combine_chunks(), {c: rows.column(c).combine_chunks() for c in columns})


@dataclass
class OwnTeams:
    """The teams that orders name beside each rep, with the span of days and the number of orders."""

    found: dict[str, dict[str, tuple[date, date, int]]] = field(default_factory=dict)

    def note(self, columns: Mapping[str, pa.Array]) -> None:
        """Take in a batch of orders as their files have them."""
        rows = pa.table({name: columns[name] for name in ("rep", "team", "order_date")})
        rows = rows.filter(pc.and_(pc.is_valid(rows.column("rep")), pc.is_valid(rows.column("team"))))
        ends = rows.group_by(["rep", "team"]).aggregate(
            [("order_date", "min"), ("order_date", "max"), ("order_date", "count")]
        )
        for rep, team, first, last, count in zip(*(c.to_pylist() for c in ends.columns), strict=True):
            own = self.found.setdefault(rep, {})
            begin, end, earlier = own.get(team, (first, last, 0))
            own[team] = (min(begin, first), max(end, last), earlier + count)

    def of(self, rep: str, start: date | None, end: date | None) -> str | None:
        """Return the team of most orders, of those that the rep had orders for in a time where there are any."""
        own = self.found.get(rep, {})
        then = {t for t, (first, last, _) in own.items() if start and end and first <= end and last >= start}
        return max(sorted(then or own), key=lambda team: own[team][2], default=None)


@dataclass
class Enricher:
    """Adds to rows what roster, customers and products say; a row's own value wins.

    ``unknown`` counts (table, column, value) that they do not know.
    """

    basis: str
    data_end: date
    calendar: Calendar = field(default_factory=Calendar)
    roster: Roster | None = None
    customers: Attributes | None = None
    products: Attributes | None = None
    since: Since | None = None
    records: Records = field(default_factory=dict)
    own_teams: OwnTeams | None = None
    sold: Sold | None = None
    unknown: Counter[tuple[str, str, str]] = field(default_factory=Counter)

    def enrich(self, name: str, rows: pa.Table) -> pa.Table:
        """Return a batch of a clean table with everything that is known about its rows."""
        columns = {c: rows.column(c).combine_chunks() for c in rows.column_names if c != ROW}
        for extra, kind in EXTRA.get(name, {}).items():
            columns.setdefault(extra, pa.nulls(rows.num_rows, kind))
        if name == "orders" and self.own_teams:
            self.own_teams.note(columns)
        if "rep" in columns and name != "reps":
            self._place(name, columns)
        if name == "targets" and self.own_teams:
            self._of_own_team(columns)
        if name in {"orders", "opportunities", "targets"}:
            self._describe(name, columns)
        if name in {"orders", "opportunities"}:
            columns["team"] = pc.fill_null(columns["team"], "")
        if name == "opportunities":
            columns["losses_recorded"] = losses_recorded(columns["close_date"], self.records)
        if name == "orders":
            columns["sales_date"] = sales_date(columns, self.basis)
            if self.sold:
                self.sold.note(columns)
            if self.since:
                columns["customer_since"] = self.since.of(columns["customer"], columns["sales_date"])
        return pa.table(columns)

    def team_of(self, name: str, columns: Mapping[str, pa.Array]) -> pa.Array:
        """Return the teams of rows that are in no clean table: their own, else the rep's; nothing is noted of them."""
        team = columns["team"]
        if self.roster is None:
            return team
        for days in self._days(name, columns):
            team = pc.coalesce(team, self.roster.at(columns["rep"], days, self.data_end)["team"])
        return team

    def _place(self, name: str, columns: dict[str, pa.Array]) -> None:
        if self.roster is None:
            return
        reps = columns["rep"]
        self._note(name, "rep", reps.filter(pc.and_(pc.is_valid(reps), pc.invert(self.roster.known(reps)))))
        if "team" in columns and self.roster.teams:
            stranger = pc.invert(pc.is_in(columns["team"], value_set=pa.array(self.roster.teams)))
            self._note(name, "team", columns["team"].filter(pc.and_(pc.is_valid(columns["team"]), stranger)))
        for days in self._days(name, columns):
            for place, found in self.roster.at(reps, days, self.data_end).items():
                if place == "team" or (place in columns and name in {"orders", "opportunities"}):
                    columns[place] = pc.coalesce(columns[place], found)
        if name == "orders":
            self._note_strays(columns)

    def _of_own_team(self, columns: dict[str, pa.Array]) -> None:
        """Give a rep's target without a team the team that the rep's orders name, at best those of its period."""
        assert self.own_teams is not None
        cells = zip(*(columns[c].to_pylist() for c in ("team", "rep", "period")), strict=True)
        found = [
            team or (self.own_teams.of(rep, *self._window(period)) if rep else None) for team, rep, period in cells
        ]
        columns["team"] = pa.array(found, TEXT)

    def _note_strays(self, columns: Mapping[str, pa.Array]) -> None:
        """Note orders of known reps on days when the roster has them nowhere."""
        assert self.roster is not None
        nowhere = pc.and_(self.roster.known(columns["rep"]), pc.is_null(columns["team"]))
        self._note("orders", "rep, order_date", columns["rep"].filter(nowhere))

    def _days(self, name: str, columns: Mapping[str, pa.Array]) -> list[pa.Array]:
        """Return the days to look a row's rep up on: its date; of a period the first day, else the last."""
        if name in _DATED_BY:
            return [columns[_DATED_BY[name]]]
        if name not in _BY_PERIOD:
            return []
        periods = columns[_BY_PERIOD[name]].dictionary_encode()
        windows = [self._window(p) for p in periods.dictionary.to_pylist()]
        return [pa.array([w[end] for w in windows], DAY).take(periods.indices) for end in (0, 1)]

    def _window(self, period: str) -> tuple[date | None, date | None]:
        try:
            return self.calendar.period(period).window
        except ScopeError:
            return None, None

    def _describe(self, name: str, columns: dict[str, pa.Array]) -> None:
        if self.customers:
            names = columns["customer"]
            self._note(name, "customer", names.filter(_strange(names, self.customers.keys)))
            columns["customer_type"] = pc.coalesce(columns["customer_type"], self.customers.of(names, "customer_type"))
            columns["tags"] = self.customers.of(names, "tags")
        if self.products:
            names = columns["product"]
            self._note(name, "product", names.filter(_strange(names, self.products.keys)))
            columns["product_line"] = pc.coalesce(columns["product_line"], self.products.of(names, "product_line"))

    def _note(self, name: str, column: str, strangers: pa.Array) -> None:
        if len(strangers):
            for entry in strangers.value_counts().to_pylist():
                self.unknown[name, column, entry["values"]] += entry["counts"]


def _strange(names: pa.Array, known: pa.Array) -> pa.Array:
    return pc.and_(pc.is_valid(names), pc.invert(pc.is_in(names, value_set=known)))


def sales_date(columns: Mapping[str, pa.Array], basis: str) -> pa.Array:
    """Return the day on which each order row counts as a sale under a basis; null where it does not count.

    ``won``: every row that is not cancelled, on its order date. ``signed``: rows signed or collected, or with a date
    of signing, on that date (the order date where there is none). ``collected``: rows collected, on their order
    date. ``invoiced``: rows with an invoice date, on it.
    """
    status, ordered = columns["status"], columns["order_date"]
    nothing = pa.scalar(None, DAY)
    if basis == "won":
        return pc.if_else(pc.is_in(status, value_set=pa.array(_SOLD)), ordered, nothing)
    if basis == "signed":
        signed = pc.or_(pc.is_in(status, value_set=pa.array(_SOLD[1:])), pc.is_valid(columns["signed_date"]))
        counts = pc.and_(signed, pc.not_equal(status, "cancelled"))
        return pc.if_else(counts, pc.coalesce(columns["signed_date"], ordered), nothing)
    if basis == "collected":
        return pc.if_else(pc.equal(status, "collected"), ordered, nothing)
    return pc.if_else(pc.not_equal(status, "cancelled"), columns["invoiced_date"], nothing)


def whole_deals(lines: pa.Table) -> tuple[pa.Table, int]:
    """Return deals that have several lines as one row each, in the order of their first lines, and how many had them.

    Amounts are added up; what else differs is that of the line that brings most, the first of equal ones.
    """
    ids = lines.column("opportunity_id").combine_chunks().dictionary_encode()
    deal = ids.indices.to_numpy()
    known = np.asarray(pc.is_valid(lines.column("amount")))
    amount = pc.fill_null(lines.column("amount"), 0).to_numpy()
    order = np.lexsort((-amount, deal))
    starts = np.flatnonzero(np.diff(deal[order], prepend=-1))
    sums, priced = np.add.reduceat(amount[order], starts), np.logical_or.reduceat(known[order], starts)
    made = lines.take(pa.array(order[starts]))
    place = made.schema.get_field_index("amount")
    several = int((np.diff(starts, append=len(deal)) > 1).sum())
    return made.set_column(place, "amount", pa.array(sums, pa.int64(), mask=~priced)), several


def orders_from_deals(batches: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """Yield won deals as orders, dated by their close; for data without an orders table."""
    columns = schema_table("orders").columns
    for rows in batches:
        won = rows.filter(pc.and_(pc.equal(rows.column("status"), "won"), pc.is_valid(rows.column("amount"))))
        won = won.filter(pc.is_valid(won.column("close_date")))
        made = {}
        for column in columns.values():
            source = _FROM_DEALS.get(column.name, column.name)
            made[column.name] = (
                won.column(source) if source in won.column_names else pa.nulls(won.num_rows, ARROW[column.type])
            )
        made["status"] = pa.array(["won"] * won.num_rows, TEXT)
        yield pa.table({**made, ROW: won.column(ROW)})
