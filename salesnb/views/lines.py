"""Order lines of many windows at once, their dimensions coded: sums of any slice in any window."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from salesnb.calendar import Window
from salesnb.metrics.grouped import coded, exact, inside, order_codes
from salesnb.scope import WHOLE_COMPANY, Scope
from salesnb.views.customers import sales_with_kinds
from salesnb.views.past import Past, own_past
from salesnb.views.slices import SLICE, category
from salesnb.views.workload import with_target

NEARLY_ALL = 0.8
"""A member with this share of its dimension is no slice: nearly everything is, and the others are easier to name."""

LARGE = 0.03
"""A customer with this share of the sales of a year, or of this period, is a slice of its own."""


@dataclass(frozen=True, eq=False)
class Lines:
    """Order lines, once for every window that they lie in. Money is whole, in 1/10,000.

    Attributes
    ----------
    dimensions
        Those that tell slices apart. Reps who are gone and all but large customers are blank: in no slice.
    nearly_all
        Of each dimension the member that nearly everything belongs to, blank where there is none: no slice either.
    slot
        Each line's window, its place in ``past.distinct``.
    members
        Each line's member of every dimension.
    order
        Each line's order, as a number.
    known_from
        From which day on the history is long enough to tell who is a new customer.
    """

    past: Past
    dimensions: tuple[str, ...]
    nearly_all: Mapping[str, str]
    slot: np.ndarray
    amount: np.ndarray
    members: pd.DataFrame
    order: np.ndarray
    known_from: date

    def total(self, window: Window | None) -> int:
        """Return the sum of a window, whole."""
        return 0 if window is None else round(float(self.amount[self._in([window])].sum()))

    @property
    def bins(self) -> np.ndarray:
        """Return each line's bin, its place in ``past.windows``; -1 for none."""
        windows = self.past.windows
        return np.array([windows.index(w) if w in windows else -1 for w in self.past.distinct], dtype=np.int64)[
            self.slot
        ]

    def leaves(self, spans: Mapping[str, Sequence[Window]], by: Sequence[str]) -> pd.DataFrame:
        """Return the sums of windows taken together, under a name each, by leaf; then ``squares`` of the past.

        ``squares`` adds up the squares of what each order of a past window bought there: a slice of few large orders
        strays further than one of many small ones.
        """
        wanted = self._in([w for span in spans.values() for w in span] + list(self.past.bins))
        members = self.members.loc[wanted, [*by]]
        leaf, first = _leaves([members[d].cat.codes.to_numpy() for d in by], len(members))
        named = {d: members[d].array.take(first).to_numpy(dtype=object) for d in by}
        sums = {}
        for name, span in spans.items():
            here = self._in(span)[wanted]
            sums[name] = np.bincount(leaf[here], self.amount[wanted][here], minlength=len(first))
        past = self._in(self.past.bins)[wanted]
        order = self.order[wanted][past]
        one = pd.factorize(leaf[past] * np.int64(order.max(initial=0) + 1) + order)[0]
        amounts = np.bincount(one, self.amount[wanted][past])
        of_leaf = np.zeros(len(amounts), dtype=np.int64)
        of_leaf[one] = leaf[past]
        return pd.DataFrame({**named, **sums, "squares": np.bincount(of_leaf, amounts**2, minlength=len(first))})

    def run(self, fit: np.ndarray | None = None) -> np.ndarray:
        """Return the sums of the past windows, oldest first, of the lines that fit."""
        slot, amount = (self.slot, self.amount) if fit is None else (self.slot[fit], self.amount[fit])
        sums = np.bincount(slot, amount, minlength=len(self.past.distinct))
        return np.array([sums[self.past.distinct.index(w)] for w in self.past.bins])

    def lumps(self, fit: np.ndarray) -> float:
        """Return the squares of single orders of past windows over their sum: the size of a typical unit of sales."""
        at = fit & self._in(self.past.bins)
        one = pd.factorize(self.order[at])[0]
        sums = np.bincount(one, self.amount[at])
        return float((sums**2).sum() / sums.sum()) if sums.sum() > 0 else 0.0

    def _in(self, windows: Collection[Window]) -> np.ndarray:
        places = [i for i, window in enumerate(self.past.distinct) if window in windows]
        return np.isin(self.slot, places)


def _leaves(codes: Sequence[np.ndarray], count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return each row's leaf, and a row of each leaf."""
    leaf = np.zeros(count, dtype=np.int64)
    for code in codes:
        leaf = pd.factorize(leaf * (int(code.max(initial=0)) + 1) + code)[0].astype(np.int64)
    return leaf, np.unique(leaf, return_index=True)[1]


def lines_of(orders: pd.DataFrame, targets: pd.DataFrame, scope: Scope, customers: Collection[str] = ()) -> Lines:
    """Lay out clean orders in the windows of a scope; targets tell which reps are there.

    Large customers, and those of ``customers``, are slices of their own.
    """
    whole = own_past(scope)
    parts = [np.flatnonzero(inside(orders["sales_date"], window)) for window in whole.distinct]
    at = np.concatenate(parts)
    slot = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
    amount = exact(orders["amount"].array.take(at)).astype("float64")
    orders = sales_with_kinds(orders, scope)
    columns = {d: _coded(orders, d, at, scope) for d in SLICE}
    customer, names = columns["customer"]
    order = order_codes(orders, at)
    usual = np.isin(slot, [whole.distinct.index(w) for w in whole.year])
    large = _large(customer, names, amount, (slot == 0, usual)) | set(customers)
    columns["customer"] = _only(customer, names, large)
    columns["rep"] = _only(*columns["rep"], _there(*columns["rep"], slot == 0, targets, scope))
    recent = np.where(usual | (slot == 0), amount, 0.0)
    nearly_all = {d: _nearly_all(*columns[d], recent) for d in SLICE}
    known = _known_from(whole, scope)
    dimensions = [d for d in SLICE if any(n not in {"", nearly_all[d]} for n in columns[d][1])]
    if known == date.max:
        dimensions = [d for d in dimensions if d != "new_existing"]
    members = pd.DataFrame({d: category(*column) for d, column in columns.items()})
    return Lines(whole, tuple(dimensions), nearly_all, slot, amount, members, order, known)


def _known_from(past: Past, scope: Scope) -> date:
    """From when on new customers are told from old ones; never where the usual windows lie before."""
    months = scope.settings.sales.existing_customer_months
    known = (pd.Timestamp(scope.history_start) + pd.DateOffset(months=months)).date()
    usual = bool(past.year) and past.year[0].start >= known
    return known if usual else date.max


def _coded(orders: pd.DataFrame, dimension: str, at: np.ndarray, scope: Scope) -> tuple[np.ndarray, Sequence[str]]:
    if dimension == "team" and scope.team != WHOLE_COMPANY:
        return np.zeros(len(at), dtype=np.int64), (scope.team,)
    return coded(orders[dimension].array.take(at), "")


def _there(rep: np.ndarray, names: Sequence[str], now: np.ndarray, targets: pd.DataFrame, scope: Scope) -> set[str]:
    """Reps who sold in the period or have a target then: the customers of others are served by these."""
    due = with_target(targets, scope)["rep"].dropna()
    return {*(names[i] for i in np.unique(rep[now]).tolist()), *due.astype("str")}


def _large(customer: np.ndarray, names: Sequence[str], amount: np.ndarray, spans: Sequence[np.ndarray]) -> set[str]:
    found: set[str] = set()
    for span in spans:
        sums = np.bincount(customer[span], amount[span], minlength=len(names))
        found |= {names[i] for i in np.flatnonzero(sums >= LARGE * max(float(sums.sum()), 1.0)).tolist()}
    return found


def _nearly_all(codes: np.ndarray, names: Sequence[str], amount: np.ndarray) -> str:
    """Return the member that is nearly all of its dimension, blank where none is."""
    sums = np.bincount(codes, amount, minlength=len(names))
    found = np.flatnonzero(sums >= NEARLY_ALL * max(float(sums.sum()), 1.0))
    return names[int(found[0])] if len(found) else ""


def _only(codes: np.ndarray, names: Sequence[str], members: Collection[str]) -> tuple[np.ndarray, Sequence[str]]:
    """Return a column that is blank where it names another member."""
    named = [name if name in members else "" for name in names]
    kept = sorted({*named, ""})
    place = {name: i for i, name in enumerate(kept)}
    return np.array([place[name] for name in named], dtype=np.int64)[codes], kept
