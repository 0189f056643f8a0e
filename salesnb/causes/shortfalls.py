"""Parts of the business that lie behind a comparison, with what their own past and the rest of the business tell."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from salesnb.calendar import Window
from salesnb.causes.signals import DIMENSIONS
from salesnb.methods.over_time.lately import began_lately
from salesnb.methods.over_time.straying import BACK, FEWEST, Sums, judge, strays
from salesnb.metrics import UNASSIGNED, within
from salesnb.metrics.covered import held
from salesnb.metrics.pace import time_progress
from salesnb.metrics.registry import measured, ratio
from salesnb.scope import WHOLE_COMPANY, Scope
from salesnb.views.past import Past, past_of
from salesnb.views.slices import BEGINNING
from salesnb.views.usual import SliceView

TARGET, LAST_YEAR, PREVIOUS = "target", "last_year", "previous"
AGAINST = (TARGET, LAST_YEAR, PREVIOUS)

NOT_OF_SALES = frozenset({"lower_collection"})
"""Problems whose loss is no part of a shortfall in sales."""

WIDEST = 0.9
"""A member with more than this share of the whole is the whole by another name."""

_NOW, _BEFORE, _PLACE, _LATELY = "now", "before_last_year", "bin", "lately"


@dataclass(frozen=True)
class Shortfall:
    """One member behind one comparison; money in currency units.

    ``base`` is what it is compared with, of a target so much as is due by now (by working days); ``rest`` and
    ``rest_base`` are actual and base of everything else.
    ``season`` is what last year made of the period before by this one (1: the same), NaN where that is not known.
    ``gone`` tells of a rep who has no target and has sold nothing for long.
    """

    against: str
    dimension: str
    member: str
    actual: float
    base: float
    rest: float
    rest_base: float
    season: float
    gone: bool = False

    @property
    def effect(self) -> float:
        """How much it is behind: negative."""
        return self.actual - self.base


@dataclass(frozen=True)
class OwnPast:
    """What a member's own past tells of the period.

    ``expected`` is what its usual share of the rest lets expect, ``surprise`` how far it strays from that in units of
    what is normal (negative: less), ``orders`` are as many as it usually has in a time of as many working days; NaN
    where the history is too short. ``as_low`` counts the months before that strayed as far down.
    """

    expected: float
    surprise: float
    orders: float
    as_low: int = 0


def shortfalls(orders: pd.DataFrame, targets: pd.DataFrame, scope: Scope) -> list[Shortfall]:
    """Return all members that lie behind target, last year or the period before, of every dimension of the business.

    Parameters
    ----------
    orders, targets
        Clean tables.
    scope
        Comparisons of which the history holds only a part are left out.
    """
    past, own = past_of(scope), ("team",) if scope.team == WHOLE_COMPANY else ()
    dimensions = [d for d in (*own, *DIMENSIONS, "customer") if d in orders] + ["new_existing"]
    sold = {name: _sold(orders, window, dimensions) for name, window in _windows(past).items()}
    selling = set(within(orders, "sales_date", past.recent)["rep"].dropna()) if "rep" in orders else set()
    found: list[Shortfall] = []
    # In a week of holidays nothing is due before its end.
    progress = 1.0 if scope.complete else float(np.nan_to_num(time_progress(scope)))
    for d in dimensions:
        goals = held("sales", {"orders": orders}, targets, scope, [d])
        asked = {m[0]: (h.target * progress, h.actual) for m, h in goals.items() if not np.isnan(h.actual)}
        found += _of_dimension(d, {name: by[d] for name, by in sold.items()}, asked, selling)
    return found


def _windows(past: Past) -> dict[str, Window]:
    scope, step = past.scope, past.steps[0][0] if past.steps else None
    earlier = {PREVIOUS: scope.previous, LAST_YEAR: scope.last_year, _BEFORE: step}
    return {_NOW: past.now, **{name: w for name, w in earlier.items() if w is not None and scope.holds(w)}}


def _sold(orders: pd.DataFrame, window: Window, dimensions: Sequence[str]) -> dict[str, dict[str, float]]:
    """Return sales in a window by dimension and member."""
    rows, found = within(orders, "sales_date", window), {}
    for d in dimensions:
        members, figures = measured(["sales"], {"orders": rows}, window, [d])
        found[d] = {m[0]: float(v) for m, v in zip(members, figures["sales"].tolist(), strict=True)}
    return found


def _of_dimension(
    dimension: str,
    sold: Mapping[str, Mapping[str, float]],
    goals: Mapping[str, tuple[float, float]],
    selling: Collection[str],
) -> list[Shortfall]:
    """Compare members with what is asked of them, each by what that covers, and with what was sold before."""
    found = []
    sides = {name: (sold.get(name, {}), sold[_NOW]) for name in (LAST_YEAR, PREVIOUS)}
    asked, reached = ({m: pair[i] for m, pair in goals.items()} for i in (0, 1))
    for against, (base, now) in {TARGET: (asked, reached), **sides}.items():
        whole, total = sum(now.values()), sum(base.values())
        for member, due_ in base.items():
            actual = now.get(member, 0.0)
            # A member that is nearly all of it is the whole by another name.
            if member == UNASSIGNED or actual >= due_ or due_ > WIDEST * total:
                continue
            gone = dimension == "rep" and member not in selling and member not in goals
            rest, season = (whole - actual, total - due_), _season(sold, member)
            found.append(Shortfall(against, dimension, member, actual, due_, *rest, season, gone))
    return found


def _season(sold: Mapping[str, Mapping[str, float]], member: str) -> float:
    """Return how a member's sales moved between the same two periods a year earlier."""
    after, before = (sold.get(name, {}).get(member, 0.0) for name in (LAST_YEAR, _BEFORE))
    return after / before if before > 0 else float("nan")


def pasts(orders: pd.DataFrame, found: Sequence[Shortfall], scope: Scope) -> dict[tuple[str, str], OwnPast]:
    """Return what the past of members tells, by dimension and member; orders know ``new_existing``.

    What only began, e.g. a product line, is no part of the rest by which a member's usual share is told.
    """
    wanted: dict[str, set[str]] = {}
    for shortfall in found:
        wanted.setdefault(shortfall.dimension, set()).add(shortfall.member)
    past = past_of(scope)
    orders = _with_bins(orders, past)
    return {
        (d, member): told for d, members in wanted.items() for member, told in _judged(orders, d, members, past).items()
    }


def _with_bins(orders: pd.DataFrame, past: Past) -> pd.DataFrame:
    place = past.place(orders["sales_date"])
    rows = orders[place >= 0].assign(**{_PLACE: place[place >= 0]})
    told = [d for d in BEGINNING if d in rows]
    return rows.assign(**{_LATELY: began_lately(rows, told, "amount", len(past.windows))})


def _judged(orders: pd.DataFrame, dimension: str, wanted: Collection[str], past: Past) -> dict[str, OwnPast]:
    members, (values, counts), steady = _by_bin(orders, dimension, past)
    usual = _usual_orders(counts, np.array(past.lengths))
    told = {m: OwnPast(np.nan, np.nan, float(usual[i])) for i, m in enumerate(members) if m in wanted}
    if len(past.bins) < BACK:
        return {m: told.get(m, OwnPast(np.nan, np.nan, 0.0)) for m in wanted}
    # All members tell how far one of their kind normally strays.
    sums = Sums(values, steady.sum(axis=0)[None, :] - steady, values, length=past.length)
    strayed, last = strays(sums), len(past.bins)
    for row in np.flatnonzero(np.isfinite(strayed[:, :last]).sum(axis=1) >= FEWEST).tolist():
        ours, rest = (v[row, -BACK - 1 : -1].sum() for v in (values, sums.bases))
        if members[row] in wanted and ours > 0 and rest > 0:
            # What is no less than expected is not judged: it strays by nothing that matters.
            told[members[row]] = OwnPast(float(ours / rest * sums.bases[row, -1]), 0.0, float(usual[row]), 1)
    found = judge(sums, strayed, last, np.ones(len(members), dtype=bool), counts=False, season=False)
    for place, row in enumerate(found.rows.tolist()):
        if members[row] in wanted:
            expected, surprise = float(found.expected[place]), float(found.surprise[place])
            as_low = int((strayed[row, :last] <= strayed[row, last]).sum())
            told[members[row]] = OwnPast(expected, surprise, float(usual[row]), as_low)
    return {m: told.get(m, OwnPast(np.nan, np.nan, 0.0)) for m in wanted}


def _usual_orders(counts: np.ndarray, days: np.ndarray) -> np.ndarray:
    """Return the usual orders of each member in as many working days as the last bin has."""
    back = slice(-BACK - 1, -1)
    return np.asarray(ratio(counts[:, back].sum(axis=1) * days[-1], np.full(len(counts), days[back].sum())))


def _by_bin(orders: pd.DataFrame, dimension: str, past: Past) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Return the members of a dimension, their sales and orders by bin, and their sales of what did not just begin."""
    needed = ["sales_date", "amount", "order_id", "customer", dimension, _PLACE, _LATELY]
    rows, span = orders[[*dict.fromkeys(needed)]], Window(past.windows[0].start, past.now.end)
    told = []
    for part in (rows, rows[~rows[_LATELY]]):
        found, figures = measured(["sales", "orders"], {"orders": part}, span, [dimension, _PLACE])
        told.append((found, figures))
    members = sorted({member for member, _ in told[0][0]})
    places = {member: i for i, member in enumerate(members)}
    sums = np.zeros((2, 2, len(members), len(past.windows)))
    for which, (found, figures) in enumerate(told):
        for (member, t), sales, count in zip(found, figures["sales"], figures["orders"], strict=True):
            sums[which, :, places[member], int(t)] = sales, count
    return members, sums[0], sums[1, 0]


def lies_within(view: SliceView, dimension: str, member: str) -> float:
    """Return the share of a slice that a member holds, by what they usually sell together."""
    own = view.members.get(dimension)
    if own is not None:
        return float(own == member)
    whole = view.figure("sales", view.past.usual)
    common = view.within({dimension: member}).figure("sales", view.past.usual)
    return common / whole if whole > 0 and not np.isnan(common) else 0.0
