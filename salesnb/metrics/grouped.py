"""Rows of a table that lie in a window, each in its group: what the base figures of the registry sum and count.

Of the table only those cells are copied that a formula asks for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd

from salesnb.calendar import Window
from salesnb.metrics.dimensions import dimensions_of
from salesnb.schema import SCALE

UNASSIGNED = "(none)"
"""Member of a dimension for rows that name none; a blank would read as the total."""

UNKNOWN = np.inf
"""What a formula gives for a group of which no row says how much: not known, and no zero."""

KINDS = (UNASSIGNED, "existing", "new")
"""Members of ``new_existing``, in the order of `kinds`."""

Member = tuple[str, ...]
ALL: list[Member] = [()]


def inside(days: pd.Series, window: Window) -> np.ndarray:
    """Tell of each day whether it lies in the window, both ends included; a missing day does not."""
    dates = days.to_numpy() if days.dtype.kind == "M" else pd.to_datetime(days).to_numpy()
    return (dates >= np.datetime64(window.start)) & (dates < np.datetime64(window.end + timedelta(days=1)))


def within(frame: pd.DataFrame, column: str, window: Window) -> pd.DataFrame:
    """Return the rows whose date lies in the window, both ends included."""
    return frame[inside(frame[column], window)]


def coded(cells: Any, blank: str) -> tuple[np.ndarray, list[str]]:
    """Return each cell's place among the names of a column, and the names in order; ``blank`` where it has none."""
    codes, found = pd.factorize(cells)
    named = [str(value) or blank for value in found]
    if (codes < 0).any():
        named.append(blank)  # the place that the code -1 of a missing value stands for
    return in_order(codes, named)


def named(cells: Any) -> np.ndarray:
    """Return cells of a dimension as text, ``(none)`` where one is empty: a blank would read as the total."""
    texts = pd.Series(cells).to_numpy(dtype="object", na_value="")
    return np.where(texts == "", UNASSIGNED, texts)


def in_order(codes: np.ndarray, named: Sequence[str]) -> tuple[np.ndarray, list[str]]:
    """Return codes of names, some of which may be the same, as places among the different ones in order."""
    names = sorted(set(named))
    places = {name: i for i, name in enumerate(names)}
    return np.array([places[name] for name in named], dtype=np.int64)[codes], names


def order_codes(table: pd.DataFrame, at: np.ndarray) -> np.ndarray:
    """Return the order of some rows of a table as numbers, -1 for a row without one.

    An order is a number and a customer: two customers who share a number have an order each. A row that names no
    customer belongs to the first one of its number.
    """
    number = pd.factorize(table["order_id"].array.take(at))[0]
    if "customer" not in table:
        return number
    customer, names = pd.factorize(table["customer"].array.take(at))
    of_number = np.full(int(number.max(initial=-1)) + 2, -1, dtype=np.int64)  # the last place: of no number
    named = np.flatnonzero((customer >= 0) & (number >= 0))[::-1]
    of_number[number[named]] = customer[named]
    first = of_number[number]
    customer = np.where(customer < 0, first, customer)
    if np.array_equal(customer, first):
        return number
    pairs = pd.factorize(number * np.int64(len(names) + 1) + customer + 1)[0]
    return np.where(number < 0, -1, pairs)


def parts_of_one(codes: np.ndarray, amounts: np.ndarray) -> np.ndarray:
    """Return each row's part of its order (customer): one over its rows; nothing where their amounts are none."""
    parts = np.where(np.bincount(codes, amounts) > 0, 1.0, 0.0) / np.maximum(np.bincount(codes), 1)
    return parts[codes]


def kinds(since: np.ndarray, first: Any, last: Any) -> np.ndarray:
    """Return the place among `KINDS` of customers in stretches of days: new is who began in them, in all their sales.

    Who has only returned goods by then bought before the data begin, and is no new one.
    """
    return np.where(np.isnat(since), 0, np.where((since >= first) & (since <= last), 2, 1))


def exact(cells: Any) -> np.ndarray:
    """Return money of a clean table as whole numbers of 1/10,000 of the unit, which add up exactly; missing: nothing.

    Amounts below 2**51 of these (225 billion units) give back what was read; larger ones are as near as a float is.
    """
    return np.rint(cells.to_numpy(dtype="float64", na_value=0.0) * SCALE).astype("int64")


@dataclass(frozen=True)
class Rows:
    """Some rows of a table, in groups.

    ``at`` are their positions in ``table``, ``group`` the place of each row's group among ``members``. Without
    dimensions all rows are in the one group ``()``.
    """

    table: pd.DataFrame
    at: np.ndarray
    group: np.ndarray
    members: Sequence[Member]
    start: np.datetime64
    end: np.datetime64
    """First and last day of the window."""
    date: str = ""
    """The column by which they lie in it."""

    def where(self, column: str, *values: str | bool) -> Rows:
        """Return the rows that have one of the values in a column."""
        derived = self._derives(column)
        cells = self._kinds() if derived else self._cells(column)
        fit = np.zeros(len(self.at), dtype=bool)
        for value in values:
            fit |= np.asarray(cells == (KINDS.index(str(value)) if derived else value), dtype=bool)
        return self.kept(fit)

    def known(self, column: str) -> Rows:
        """Return the rows that have any value in a column."""
        return self.kept(~np.asarray(pd.isna(self._cells(column)), dtype=bool))

    def without(self, column: str) -> Rows:
        """Return the rows that have no value in a column."""
        return self.kept(np.asarray(pd.isna(self._cells(column)), dtype=bool))

    def above(self, column: str, limit: float) -> Rows:
        """Return the rows whose number in a column is above a limit; a missing one is none."""
        return self.kept(self.numbers(column) > limit)

    def sum(self, column: str) -> np.ndarray:
        """Add up a column, whole numbers exactly; NaN for a group without rows."""
        return self._added(self.numbers(column))

    def _added(self, numbers: np.ndarray) -> np.ndarray:
        if self.members == ALL:
            return np.array([numbers.sum()], dtype="float64")
        sums = np.zeros(len(self.members), dtype=numbers.dtype)
        np.add.at(sums, self.group, numbers)
        return self._of_groups(sums)

    def exact(self, column: str) -> np.ndarray:
        """Return a column of money as whole numbers of 1/10,000; a missing one counts as nothing."""
        return exact(self._cells(column))

    def money(self, column: str) -> np.ndarray:
        """Add up a column of money exactly; NaN for a group without rows."""
        return self._added(self.exact(column)) / SCALE

    def money_known(self, column: str) -> np.ndarray:
        """Add up a column of money as `money` does; ``UNKNOWN`` as `sum_known` gives it."""
        return self.where_said(column, self.money(column))

    def sum_known(self, column: str) -> np.ndarray:
        """Add up a column as `sum` does; ``UNKNOWN`` for a group that has rows and no number in any of them."""
        return self.where_said(column, self.sum(column))

    def where_said(self, column: str, values: np.ndarray) -> np.ndarray:
        """Return a value for each group, ``UNKNOWN`` for one that has rows of which none says anything in a column."""
        rows, said = (np.bincount(r.group, minlength=len(self.members)) for r in (self, self.known(column)))
        return np.where((rows > 0) & (said == 0), UNKNOWN, values)

    def numbers(self, column: str) -> np.ndarray:
        """Return a column's numbers, whole ones as int64; a missing one counts as nothing."""
        cells = self._cells(column)
        kind = "int64" if cells.dtype.kind in "iu" else "float64"
        return cells.to_numpy(dtype=kind, na_value=0)

    def distinct(self, column: str) -> np.ndarray:
        """Count the different values of a column; NaN for a group without rows."""
        codes, found = pd.factorize(self._cells(column))
        if self.members == ALL:
            return np.array([len(found)], dtype="float64")
        known, width = codes >= 0, max(len(found), 1)
        pairs = pd.unique(self.group[known] * width + codes[known])
        return self._of_groups(np.bincount(pairs // width, minlength=len(self.members)))

    def earning(self, codes: np.ndarray) -> np.ndarray:
        """Count the different codes of the rows (-1: none) whose ``amount`` adds up to more than nothing.

        A code of which only returns lie in the window is not counted there; NaN for a group without rows.
        """
        amounts, known = self.exact("amount"), codes >= 0
        width = int(codes.max(initial=0)) + 1
        pairs, found = pd.factorize(self.group[known] * width + codes[known])
        sums = np.zeros(len(found), dtype=amounts.dtype)
        np.add.at(sums, pairs, amounts[known])
        counts = np.bincount(found[sums > 0] // width, minlength=len(self.members))
        if self.members == ALL:
            return counts.astype("float64")
        return self._of_groups(counts)

    def codes(self, column: str) -> np.ndarray:
        """Return each row's value of a column as a number, -1 where it has none."""
        return pd.factorize(self._cells(column))[0]

    def orders(self) -> np.ndarray:
        """Return each row's order as a number; see `order_codes`."""
        return order_codes(self.table, self.at)

    def durations(self, since: str, until: str) -> Rows:
        """Return the rows whose days from one date to another are known and not negative."""
        days = self._days_between(since, until)
        return self.kept(days >= 0)

    def mean_days(self, since: str, until: str) -> np.ndarray:
        """Return the mean of the days from one date to another; NaN for a group without rows."""
        days = self._days_between(since, until)
        rows = np.bincount(self.group, minlength=len(self.members))
        sums = np.bincount(self.group, weights=days, minlength=len(self.members))
        return np.divide(sums, rows, out=np.full(len(rows), np.nan), where=rows > 0)

    def median_days(self, since: str, until: str) -> np.ndarray:
        """Return the median of the days from one date to another; NaN for a group without rows."""
        days = self._days_between(since, until)
        found = np.full(len(self.members), np.nan)
        for place in np.unique(self.group):
            found[place] = np.median(days[self.group == place])
        return found

    def by(self, dimensions: Sequence[str]) -> Rows:
        """Return the rows in groups by dimensions, members in order; rows that name none are under ``(none)``.

        ``tag`` puts a row into the group of each of its tags. ``new_existing`` is derived where the table has only
        ``customer_since``.
        """
        if not dimensions:
            return self
        dimensions = dimensions_of(dimensions, self.table)
        rows = self._under_each_tag() if "tag" in dimensions else self
        codes, names = zip(*(rows.coded(d) for d in dimensions), strict=True)
        if len(names) == 1:
            return replace(rows, group=codes[0], members=[(name,) for name in names[0]])
        shape = tuple(len(of_one) for of_one in names)
        kept, group = np.unique(np.ravel_multi_index(codes, shape), return_inverse=True)
        places = np.unravel_index(kept, shape)
        named = [[of_one[i] for i in place] for of_one, place in zip(names, places, strict=True)]
        return replace(rows, group=group, members=list(zip(*named, strict=True)))

    def days(self) -> np.ndarray:
        """Return the day by which each row lies in the window."""
        return np.asarray(self._cells(self.date).to_numpy()).astype("datetime64[D]")

    def coded(self, column: str) -> tuple[np.ndarray, Sequence[str]]:
        """Return each row's place among the column's names, and the names in order."""
        if self._derives(column):
            return self._kinds(), KINDS
        return coded(self._cells(column), UNASSIGNED)

    def _cells(self, column: str) -> Any:
        return self.table[column].array.take(self.at)

    def _days_between(self, since: str, until: str) -> np.ndarray:
        """Return the days from one date to another of each row, NaN where one is missing."""
        first, last = (self._cells(c).to_numpy().astype("datetime64[D]") for c in (since, until))
        days = (last - first).astype("float64")
        return np.where(np.isnat(first) | np.isnat(last), np.nan, days)

    def _derives(self, column: str) -> bool:
        return column == "new_existing" and column not in self.table and "customer_since" in self.table

    def _kinds(self) -> np.ndarray:
        return kinds(self._cells("customer_since").to_numpy(), self.start, self.end)

    def _under_each_tag(self) -> Rows:
        rows = self.table.iloc[self.at]
        tags = rows["tags"].fillna("").astype("str").str.split(r"\s*[;；、]\s*", regex=True)
        rows = rows.assign(tag=tags).explode("tag")
        return replace(self, table=rows, at=np.arange(len(rows)), group=np.zeros(len(rows), dtype=np.int64))

    def kept(self, fit: np.ndarray) -> Rows:
        """Return the rows that fit."""
        return replace(self, at=self.at[fit], group=self.group[fit])

    def _of_groups(self, values: np.ndarray) -> np.ndarray:
        rows = np.bincount(self.group, minlength=len(self.members))
        return np.where(rows > 0, values, np.nan)


def rows_in(table: pd.DataFrame, date: str, window: Window, by: Sequence[str] = ()) -> Rows:
    """Return the rows of a table whose date lies in the window, in groups by dimensions."""
    at = np.flatnonzero(inside(table[date], window))
    everything = np.broadcast_to(np.int64(0), len(at))
    first, last = (np.datetime64(day) for day in window)
    return Rows(table, at, everything, ALL, first, last, date).by(by)
