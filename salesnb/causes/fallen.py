"""What fell in a period, told alike in every frame: a quarter names what its months name, a month what it began with.

A figure is judged in months, where there are most to learn from. A longer period asks each of its finished months
first, and takes what these name with it: its loss is the sum of theirs. A month that still runs asks the one before,
and goes on naming what has not come back. Only then the period itself is searched, beside what is known by then.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

import pandas as pd

from salesnb.calendar import Period
from salesnb.causes.signals import newcomers, order_cells, signals
from salesnb.causes.sizing import FIXED, IN_MONEY, WAYS, Sized, shown, sized
from salesnb.methods.attribution import product_change
from salesnb.methods.over_time.fallen_slices import BACK, Signal, Slice, find_fallen
from salesnb.scope import Scope
from salesnb.views.past import Past, past_of
from salesnb.views.periods import LONGEST_MONTH, days_of, run_to
from salesnb.views.slices import in_slice

MOST = 6
"""So many slices are sought in a frame: three are told first, and what is less is still told."""

LIMIT = 0.02
"""Nominal chance of any false problem in a period. In trials 2 of 220 months of synthetic noise named one, each with
low confidence, and none of 192 quiet months of four sample companies did."""

LEAST = 0.01
"""Losses below this share of a usual month's sales are no problem."""

YOUNG = 18
"""Months before the period of which fewer tell normal variation badly. Of 384 quiet months of eight made companies
three named a problem, with a nominal chance below a thousandth: each had 12 or 13 months before it."""

MEASURED = {
    "price": "lower_prices",
    "newcomers": "fewer_new_customers",
    "frequency": "fewer_orders",
    "wins": "lower_win_rate",
    "collection": "lower_collection",
}
FACTORS = {"customers": "fewer_customers", "frequency": "fewer_orders", "value": "smaller_orders"}


@dataclass(frozen=True)
class Fallen:
    """A slice that fell: under which code, since which day, what it took in the period, and how sure that is.

    ``young`` tells that the months before were few where it was found.
    """

    slice: Slice
    problem: str
    start: date
    size: Sized
    young: bool

    @property
    def key(self) -> tuple[str, frozenset[tuple[str, str]]]:
        """By which figure it is watched, and its members."""
        return self.slice.signal, frozenset(self.slice.members.items())


@dataclass(frozen=True)
class Frame:
    """A period laid out for the search: the months before it, and what is watched."""

    scope: Scope
    past: Past
    cells: pd.DataFrame
    watched: Sequence[Signal]

    @cached_property
    def lengths(self) -> list[float]:
        """The working days of the bins."""
        return self.past.lengths

    @property
    def least(self) -> float:
        """The smallest loss that matters."""
        months = len(self.past.bins)
        return LEAST * float(self.cells.loc[self.cells["bin"] < months, "amount"].sum()) / max(months, 1)

    def search(self, limit: float, known: Sequence[Fallen] = ()) -> list[Fallen]:
        """Return what fell here beyond what is known, at most `MOST`, most surprising first."""
        count, taken = len(self.lengths), [self.here(one) for one in known]
        found = find_fallen(self.watched, count, self.past.spans, MOST, limit, self.least, FIXED, self.lengths, taken)
        codes = [_problem(one, self.cells, count - 1) for one in found]
        every = [*taken, *found]
        sizes = [sized(one, code, every, self.watched, self.lengths) for one, code in zip(found, codes, strict=True)]
        starts = [self.past.windows[count - one.bins].start for one in found]
        young = count - 1 < YOUNG
        return [Fallen(*one, young) for one in zip(found, codes, starts, sizes, strict=True)]

    def here(self, known: Fallen) -> Slice:
        """Return a slice known from another frame as one of this: what is its past ends where its fall began."""
        since = max(sum(window.end >= known.start for window in self.past.windows), 1)
        return replace(known.slice, bins=1, ends=since)

    def lost(self, known: Fallen, every: Sequence[Fallen]) -> Sized | None:
        """Return what a known slice took here; None before its start, or where this frame has not its figure."""
        ways = ("sales",) if known.problem in IN_MONEY else WAYS.get(known.slice.signal, (known.slice.signal,))
        if known.start > self.past.now.end or not {*ways} <= {s.name for s in self._figures}:
            return None
        own = self.here(known)
        return sized(own, known.problem, self._beside(own, known, every), self._figures, self.lengths)

    def shown(self, known: Fallen, kpi: str, effect: float, every: Sequence[Fallen]) -> Sized:
        """Return what a known slice took, told by its months, as a figure of this frame."""
        own = self.here(known)
        return shown(own, kpi, effect, self._beside(own, known, every), self._figures, self.lengths)

    @cached_property
    def _figures(self) -> list[Signal]:
        """What is watched, and the new customers, which a longer period shows though it does not watch them."""
        there = [*self.watched]
        return there if any(s.name == "newcomers" for s in there) else [*there, newcomers(self.cells)]

    def _beside(self, own: Slice, known: Fallen, every: Sequence[Fallen]) -> list[Slice]:
        return [own, *(self.here(one) for one in every if one.key != known.key)]


Tables = tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame]
"""Orders, targets, opportunities and receipts."""


def fallen(tables: Tables, scope: Scope) -> list[Fallen]:
    """Return all that fell in a period, most surprising first; months before it must be enough to tell.

    Parameters
    ----------
    tables
        Clean orders, targets, opportunities and receipts; empty ones are left out.
    """
    own, scopes = _frame(tables, scope), [scope.at(month) for month in _finer(scope)]
    frames = [_frame(tables, month) for month in scopes if len(past_of(month).bins) >= BACK]
    told = [[one for one in frame.search(LIMIT) if one.slice.signal not in FIXED] for frame in frames]
    # Of so many months one errs more easily: what only one of them names is told where the whole period names it too.
    sure = _as_one([[one for one in found if one.slice.chance * len(frames) < LIMIT] for found in told], own.cells)
    loose = {_name(one): one for one in _as_one(told, own.cells)}
    over = _Over(own, [*zip(frames, told, strict=True), *_running(tables, scope, scopes)])
    still = [one for one in over.sized(sure) if -one.size.effect >= own.least]
    found = own.search(LIMIT, still)
    again = over.sized([loose[_name(one)] for one in found if _name(one) in loose])
    return [*still, *again, *(one for one in found if _name(one) not in loose)]


def _name(one: Fallen) -> tuple[str, frozenset[tuple[str, str]]]:
    return one.problem, frozenset(one.slice.members.items())


def _running(tables: Tables, scope: Scope, asked: Sequence[Scope]) -> list[tuple[Frame, list[Fallen]]]:
    """Return the month of a longer period that still runs; it is not asked, but what is known goes on in it."""
    if days_of(scope.period.window) <= LONGEST_MONTH:
        return []
    there = {month.period for month in asked}
    return [(_frame(tables, scope.at(m)), []) for m in run_to(scope, "month", 1) if m not in there]


def _finer(scope: Scope) -> list[Period]:
    """Return the months that are asked first: those of a longer period that are over, for one that runs the last."""
    if scope.period.level == "month":
        return [] if scope.complete else _before(scope)
    if days_of(scope.period.window) <= LONGEST_MONTH:
        return []
    months = [m for m in run_to(scope, "month", 12) if m.start >= scope.period.start]
    over = [m for m in months if scope.at(m).complete]
    return over or _before(scope)


def _before(scope: Scope) -> list[Period]:
    """Return the last month that was over before the period began."""
    return [m for m in run_to(scope, "month", 14) if m.end < scope.period.start][-1:]


def _frame(tables: Tables, scope: Scope) -> Frame:
    orders, targets, opportunities, receipts = tables
    past = past_of(scope)
    cells = order_cells(orders, targets, past, scope)
    return Frame(scope, past, cells, signals(cells, opportunities, receipts, past, scope))


def _as_one(told: Sequence[Sequence[Fallen]], cells: pd.DataFrame) -> list[Fallen]:
    """Return each loss of several months once, as the month tells it in which it is most surprising, since its start.

    Two slices of different months are one loss where one holds the other: a rep's in one, the team's in another.
    """
    every = sorted(
        ((one, {month}) for month, found in enumerate(told) for one in found), key=lambda f: f[0].slice.surprise
    )
    kept: list[tuple[Fallen, set[int]]] = []
    for one, months in every:
        for place, (other, seen) in enumerate(kept):
            if one.key == other.key or (
                not seen & months and _family(one) == _family(other) and _overlie(one, other, cells)
            ):
                kept[place] = (replace(other, start=min(one.start, other.start)), seen | months)
                break
        else:
            kept.append((one, months))
    return [one for one, _ in kept]


_OF_SALES = frozenset({"sales", "orders", "frequency"})

_NEARLY = 0.9
"""Part of a slice's sales that lies in another one for that one to hold it."""


def _family(one: Fallen) -> str:
    return "sales" if one.slice.signal in _OF_SALES else one.slice.signal


def _overlie(one: Fallen, other: Fallen, cells: pd.DataFrame) -> bool:
    """Tell whether one of two slices holds nearly all of the other."""
    first, second = (in_slice(cells, f.slice.members) for f in (one, other))
    amount = cells["amount"].clip(lower=0.0).to_numpy()
    common = amount[first & second].sum()
    return bool(common >= _NEARLY * min(amount[first].sum(), amount[second].sum()) > 0)


@dataclass(frozen=True)
class _Over:
    """Sizes what months name over the whole period: a longer one's loss is the sum of its months'."""

    own: Frame
    frames: Sequence[tuple[Frame, Sequence[Fallen]]]

    def sized(self, known: Sequence[Fallen]) -> list[Fallen]:
        """Return slices with what they took in the period, without those that took nothing in it."""
        sizes = [self._size(one, known) for one in known]
        return [replace(one, size=size) for one, size in zip(known, sizes, strict=True) if size is not None]

    def _size(self, known: Fallen, every: Sequence[Fallen]) -> Sized | None:
        if days_of(self.own.scope.period.window) <= LONGEST_MONTH:
            return self.own.lost(known, every)
        frames = [(f, found) for f, found in self.frames if f.scope.period.start >= self.own.scope.period.start]
        own = [next((f.size for f in found if f.key == known.key), None) for _, found in frames]
        sizes = [size or frame.lost(known, every) for (frame, _), size in zip(frames, own, strict=True)]
        if len({size.kpi for size in sizes if size}) > 1:  # of two ways to size a loss months may take different ones
            sizes = [frame.lost(replace(known, problem=next(iter(IN_MONEY))), every) for frame, _ in frames]
        there = [size for size in sizes if size]
        return self.own.shown(known, there[0].kpi, sum(s.effect for s in there), every) if there else None


def _problem(found: Slice, cells: pd.DataFrame, last: int) -> str:
    """Code of the problem: the driver that fell most against the slice's own past."""
    if found.signal in MEASURED:
        return MEASURED[found.signal]
    if found.members.get("new_existing") == "new":
        return "fewer_new_customers"
    if "customer" in found.members and found.actual == 0:
        return "customer_stopped"
    own = cells[in_slice(cells, found.members)]
    before, after = _factors(own, last - BACK, last), _factors(own, last, last + 1)
    parts = dict(zip(FACTORS, product_change(before, after), strict=True))
    worst = min(parts, key=lambda factor: parts[factor])
    if worst == "customers" and "customer" in found.members:
        return "fewer_orders"  # one account in fewer months: it is the orders that are missing
    return FACTORS[worst] if parts[worst] < 0 else "unexplained"


def _factors(own: pd.DataFrame, first: int, until: int) -> list[float]:
    """Customers a month, orders per customer and value of an order over some bins; NaN where there is none."""
    span = own[(own["bin"] >= first) & (own["bin"] < until)]
    customers, orders, amount = (float(span[c].sum()) for c in ("customers", "orders", "amount"))
    if not orders or not customers:
        return [0.0, float("nan"), float("nan")]
    return [customers / (until - first), orders / customers, amount / orders]
