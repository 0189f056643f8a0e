"""What a slice of the business makes in a period, and what it usually makes in one: figures of the registry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from salesnb.calendar import Window
from salesnb.metrics import UNASSIGNED, Metric, metric
from salesnb.metrics.grouped import inside
from salesnb.metrics.registry import made_of, measured, parts_of
from salesnb.views.past import Past
from salesnb.views.periods import place_in
from salesnb.views.slices import in_slice, told_by_customers

FEWEST = 6
"""Usual periods that are needed to tell how much a count normally strays."""


@dataclass(frozen=True)
class Usual:
    """A figure now and usually; ``far`` is how far it strays, in units of what is normal (NaN: not known)."""

    now: float
    usual: float
    far: float = float("nan")

    @classmethod
    def of(cls, now: np.ndarray, past: np.ndarray, *, count: bool = True) -> Usual:
        """Hold a figure's mean over some windows against that of past ones, at least six of them."""
        mean, usual = float(now.mean()), float(past.mean())
        spread = max(float(past.std(ddof=1)), max(usual, 1.0) ** 0.5 if count else 1e-9)
        return cls(mean, usual, (mean - usual) / (spread * (1 / len(now) + 1 / len(past)) ** 0.5))


@dataclass(frozen=True)
class SliceView:
    """A slice's rows of some tables, and figures made of them.

    ``tables`` are whole; ``members`` are those of the slice. ``customers`` tells where customers belong in tables that
    do not say.
    """

    tables: Mapping[str, pd.DataFrame]
    members: Mapping[str, str]
    past: Past
    _own: dict[str, pd.DataFrame | None] = field(default_factory=dict, repr=False)

    def within(self, more: Mapping[str, str]) -> SliceView:
        """Return the view of a part of the slice."""
        return SliceView(self.tables, {**self.members, **more}, self.past)

    def rows(self, name: str) -> pd.DataFrame | None:
        """Return a table's rows in the slice, None where the table cannot tell which these are."""
        if name not in self._own:
            table = self.tables[name]
            told = told_by_customers(table, self.members, self.tables.get("customers", pd.DataFrame()))
            self._own[name] = None if told is None else told[in_slice(told, self.members)]
        return self._own[name]

    @property
    def team(self) -> str:
        """The one team that all orders and deals of the slice belong to, blank where there are several or none."""
        found: set[str] = set()
        for name in ("orders", "opportunities"):
            rows = self.rows(name)
            found |= set() if rows is None or "team" not in rows else set(rows["team"].dropna().unique())
        return str(found.pop()) if len(found) == 1 else ""

    def sums(self, id: str, windows: Sequence[Window]) -> dict[str, np.ndarray] | None:
        """Return what a figure is made of, summed per window, by id; None where a table cannot tell."""
        found: dict[str, np.ndarray] = {}
        for base in parts_of(id):
            rows = self.rows(base.table) if base.table in self.tables else None
            if rows is None or not windows:
                return None
            found[base.id] = _per_window(base, rows, windows)
        return found

    def figure(self, id: str, windows: Sequence[Window]) -> float:
        """Return a figure over some windows: amounts and counts per window, rates and averages over all of them."""
        sums = self.sums(id, windows)
        if sums is None:
            return float("nan")
        whole = made_of(id, {name: np.array([values.sum()]) for name, values in sums.items()})[0]
        return float(whole) / len(windows) if adds_up(id) else float(whole)

    def by_member(self, dimension: str, windows: Sequence[Window]) -> dict[str, float]:
        """Return the sales per window of each member of a dimension."""
        orders = self.rows("orders")
        if orders is None or dimension not in orders or not windows:
            return {}
        at = np.logical_or.reduce([inside(orders["sales_date"], w) for w in windows])
        span = Window(min(w.start for w in windows), max(w.end for w in windows))
        members, figures = measured(["sales"], {"orders": orders[at]}, span, [dimension])
        amounts = (figures["sales"] / len(windows)).tolist()
        return {m[0]: v for m, v in zip(members, amounts, strict=True) if m[0] != UNASSIGNED}

    def usually(self, id: str) -> Usual:
        """Return a figure of the period beside the usual one, and how far a count strays from it."""
        now, sums = self.figure(id, [self.past.now]), self.sums(id, self.past.usual)
        if sums is None or not adds_up(id):
            return Usual(now, self.figure(id, self.past.usual))
        past = made_of(id, sums)
        usual = float(past.mean())
        if len(past) < FEWEST:
            return Usual(now, usual)
        return Usual.of(np.array([now]), past, count=metric(id).unit == "count")


_PLACE = "place"


def _per_window(base: Metric, rows: pd.DataFrame, windows: Sequence[Window]) -> np.ndarray:
    """Return a base figure per window, all windows measured at once."""
    place = place_in(windows, rows[base.date])
    kept = rows[place >= 0].assign(**{_PLACE: place[place >= 0]})
    first, last = min(w.start for w in windows), max(w.end for w in windows)
    members, found = measured([base.id], {base.table: kept}, Window(first, last), [_PLACE])
    values = np.zeros(len(windows))
    values[[int(member[0]) for member in members]] = found[base.id]
    return values


def adds_up(id: str) -> bool:
    """Tell whether a figure of parts is the sum of theirs: amounts and counts, not rates and averages."""
    return metric(id).base is not None or metric(id).unit == "count"
