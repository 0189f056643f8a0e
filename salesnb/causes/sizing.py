"""What a problem took: by which figure it is sized, what that was, what was to be expected, and what one is worth.

The loss is the difference of the two times the worth and nothing else, so that whoever shows a problem shows the
figure it was sized by.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from salesnb.methods.over_time.fallen_slices import Signal, Slice, apart
from salesnb.metrics import metric
from salesnb.metrics.grouped import parts_of_one
from salesnb.views.slices import in_slice

FIXED = ("collection",)
"""Signals whose losses are of another kind: money that comes in late is sold all the same."""

KPIS = {
    "sales": "sales", "orders": "orders", "newcomers": "new_customers", "price": "price_level", "wins": "win_rate",
    "collection": "due_collection",
}  # fmt: skip
"""The figure by which a signal sizes."""

WAYS = {"orders": ("orders", "sales"), "frequency": ("orders", "sales")}
"""Signals of which the loss is the lesser of two: fewer orders may be larger ones, and larger ones may be fewer."""

IN_MONEY = frozenset({"smaller_orders", "unexplained"})
"""Problems that no count of orders tells: they are sized by sales."""

_PARTS = {"orders": "order", "newcomers": "buyer"}
"""Columns that hold parts of something countable, and the column that tells of what."""


@dataclass(frozen=True)
class Sized:
    """A problem's figure: ``effect`` is ``(actual - expected) * worth``, in money, a loss negative.

    ``worth`` is what one of a count is worth, 1 of money, and of a rate what 100 % of it is; ``cases`` are those a rate
    rests on (NaN: it rests on none).
    """

    kpi: str
    actual: float
    expected: float
    worth: float
    effect: float
    cases: float = float("nan")


def sized(
    found: Slice, problem: str, every: Sequence[Slice], watched: Sequence[Signal], lengths: Sequence[float]
) -> Sized:
    """Size a problem beside a business without the other slices found.

    Parameters
    ----------
    found
        The problem's slice.
    problem
        Code of the problem.
    every
        All slices found.
    watched
        The signals they were found by.
    lengths
        Working days of the bins.
    """
    ways = ("sales",) if problem in IN_MONEY else WAYS.get(found.signal, (found.signal,))
    others = [one for one in every if one is not found]
    sizes = [_by(next(s for s in watched if s.name == way), found, others, lengths) for way in ways]
    return max(sizes, key=lambda size: size.effect)


def shown(
    found: Slice, kpi: str, effect: float, every: Sequence[Slice], watched: Sequence[Signal], lengths: Sequence[float]
) -> Sized:
    """Return a loss that is known as a figure of this frame: what the figure is, and what it would be without the loss.

    Parameters are those of `sized`, the figure and its loss in place of the problem. StopIteration where no signal
    has the figure.
    """
    signal = next(s for s in watched if KPIS.get(s.name) == kpi)
    return _by(signal, found, [one for one in every if one is not found], lengths, effect)


def _by(
    signal: Signal, found: Slice, others: Sequence[Slice], lengths: Sequence[float], known: float | None = None
) -> Sized:
    signal, last = counted(signal, found.members), len(lengths) - 1
    beside = apart(replace(found, signal=signal.name), others, [signal], len(lengths), FIXED, lengths)
    effect, kpi = round(beside.effect if known is None else known, 4), KPIS[signal.name]
    own = signal.cells[in_slice(signal.cells, found.members) & (signal.cells["bin"] == last).to_numpy()]
    value = round(float(own[signal.value].sum()), 6)  # thirds of an order make a whole one
    base = float(own[signal.base].sum()) if signal.base else 1.0
    worth = beside.worth * base
    actual = value / base if base > 0 else float("nan")
    # Where another problem lies in the same slice, what it took is none of this one's loss.
    expected = actual - effect / worth if worth > 0 else actual
    return Sized(kpi, actual, expected, worth, effect, base if metric(kpi).counted_by else float("nan"))


def counted(signal: Signal, members: Mapping[str, str]) -> Signal:
    """Return a signal whose orders or customers are whole ones inside a slice, and not the parts that fall to it.

    An order of two product lines is half an order of each to them that are compared, and one order to who counts.
    """
    cells, column = signal.cells, _PARTS.get(signal.value)
    if column is None or column not in cells:
        return signal
    own = in_slice(cells, {**members, **signal.marks})
    together = 2 * cells[column].to_numpy(dtype="int64") + own
    whole = parts_of_one(together, cells["amount"].to_numpy())
    if signal.marks:
        whole = np.where(in_slice(cells, signal.marks), whole, 0.0)
    return replace(signal, cells=cells.assign(**{signal.value: whole}))
