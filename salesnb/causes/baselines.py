"""What a period's sales are held against, leaf by leaf: its target, the period before, the same period of last year.

A leaf is what all dimensions together single out, e.g. one rep's new small customers of one line in one region. Money
is in 1/10,000.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from salesnb.calendar import Window
from salesnb.metrics.against import TARGET_DIMENSIONS, due
from salesnb.metrics.covered import ALL, Held
from salesnb.metrics.grouped import Member
from salesnb.metrics.pace import time_progress
from salesnb.schema import SCALE
from salesnb.scope import Scope
from salesnb.views.lines import Lines
from salesnb.views.slices import SLICE

TARGET, PREVIOUS, LAST_YEAR = "target", "previous", "last_year"

_UNKNOWN = 0.1
"""Part of a leaf's size that strays as any lump may, where its own past shows nothing."""


@dataclass(frozen=True, eq=False)
class Baseline:
    """One comparison.

    Attributes
    ----------
    against
        ``target``, ``previous`` or ``last_year``.
    leaves
        One row per leaf: the dimensions (blank: in no slice of it), ``actual``, ``expected`` (corrected for all of
        ``parts``) and the ``variance`` that is normal.
    dimensions
        Those that may name a slice here.
    expected, actual
        The sums that are compared, whole.
    parts
        What the calendar explains before any slice is asked: ``days_left``, ``working_days``, ``season``; whole.
    given
        Dimensions at which the expectation was given; beyond them it was spread by history.
    """

    against: str
    leaves: pd.DataFrame
    dimensions: tuple[str, ...]
    expected: int
    actual: int
    parts: tuple[tuple[str, int], ...] = ()
    given: tuple[str, ...] = ()

    @property
    def noisy(self) -> bool:
        """Whether what it is held against is a single period, which strays as much as this one."""
        return self.against != TARGET


def baselines(lines: Lines, targets: pd.DataFrame, scope: Scope, whole: Held | None = None) -> list[Baseline]:
    """Return every comparison that the data allow, that with the target first, then last year, then last period.

    ``whole`` is the target held against what it covers; without it the target is taken to cover all.
    """
    if whole is None:
        target = due(targets, scope.period, scope.calendar).get((), np.nan)
        whole = Held(target, lines.total(lines.past.now) / SCALE, 1.0)
    previous = scope.previous if scope.previous != scope.last_year else None
    found = [
        against_target(lines, targets, whole, scope),
        _before(lines, LAST_YEAR, scope.last_year, scope),
        _before(lines, PREVIOUS, previous, scope),
    ]
    return [f for f in found if f is not None]


# -- against the target


def against_target(lines: Lines, targets: pd.DataFrame, whole: Held, scope: Scope) -> Baseline | None:
    """Hold sales against the target; where it covers a part of them, that part, if leaves can be told apart by it."""
    if not whole.target > 0 or np.isnan(whole.actual):
        return None
    given, goals = _finest(targets, scope, whole.target)
    part = whole.covered < ALL
    leaves, expected, parts = _spread(lines, given, goals, part), round(whole.target * SCALE), []
    actual = round(leaves["actual"].sum()) if part else lines.total(lines.past.now)
    if part and abs(actual - whole.actual * SCALE) > SCALE:
        return None
    progress = float(np.nan_to_num(time_progress(scope)))  # none, where no day of it is worked
    if not scope.complete and 0 <= progress < 1:
        parts.append(("days_left", -round(expected * (1 - progress))))
        leaves["expected"] *= progress
    leaves = _with_variance(leaves, lines, 1.0)
    return Baseline(TARGET, leaves, lines.dimensions, expected, actual, tuple(parts), tuple(given))


def _finest(targets: pd.DataFrame, scope: Scope, whole: float) -> tuple[Sequence[str], dict[Member, float]]:
    """Return the finest level whose targets make up the whole one, and these."""
    rows = targets[targets["metric"] == "sales"]
    named = [d for d in TARGET_DIMENSIONS if d in rows]
    there = (rows[named].notna() & (rows[named] != "")).drop_duplicates().to_numpy().tolist()
    grains = {tuple(d for d, given in zip(named, row, strict=True) if given) for row in there}
    grains = {grain for grain in grains if {*grain} <= _TOLD}
    for grain in sorted(grains, key=lambda g: (-len(g), g)):
        goals = due(targets, scope.period, scope.calendar, "sales", grain)
        near = max(scope.settings.company.smallest_unit, 1e-9 * whole)
        if grain and min(goals.values(), default=-1.0) >= 0 and abs(sum(goals.values()) - whole) <= near:
            return grain, goals
    return (), {(): whole}


_TOLD = {*SLICE} - {"customer", "new_existing"}
"""Dimensions of which lines tell every member."""


def _spread(lines: Lines, given: Sequence[str], goals: dict[Member, float], part: bool) -> pd.DataFrame:
    """Spread targets over leaves by what each usually made of the sales that its target is for.

    A target whose leaves have no past stays whole: it belongs to no slice beyond the dimensions it was given at, nor
    do the sales that are held against it. ``part`` leaves out what no target is for.
    """
    by = list(dict.fromkeys((*lines.dimensions, *given)))
    found = lines.leaves({"actual": [lines.past.now], "usual": lines.past.year}, by)
    members = list(zip(*(found[d] for d in given), strict=True)) if given else [()] * len(found)
    if part:
        kept = np.array([member in goals for member in members], dtype=bool)
        found, members = found[kept], [member for member in members if member in goals]
    place = {member: i for i, member in enumerate(dict.fromkeys([*members, *goals]))}
    at = np.array([place[member] for member in members], dtype=np.int64)
    goal = np.array([goals.get(member, 0.0) for member in place]) * SCALE
    usual = found["usual"].clip(lower=0.0).to_numpy()
    together = np.bincount(at, usual, minlength=len(place))
    share = np.divide(usual, together[at], out=np.zeros(len(found)), where=together[at] > 0)
    leaves = found[[*lines.dimensions, "actual", "squares"]].assign(expected=goal[at] * share)
    bare = (goal > 0) & (together <= 0)
    leaves.loc[bare[at], [d for d in lines.dimensions if d not in given]] = ""
    whole = pd.DataFrame(
        [dict(zip(given, member, strict=True)) for member, i in place.items() if bare[i]],
        columns=[d for d in lines.dimensions if d in given], index=range(int(bare.sum())),
    ).assign(**{d: "" for d in lines.dimensions if d not in given})  # fmt: skip
    whole = whole.assign(actual=0.0, squares=0.0, expected=goal[bare])
    return pd.concat([leaves, whole[leaves.columns]], ignore_index=True) if len(whole) else leaves


# -- against an earlier period


def _before(lines: Lines, against: str, window: Window | None, scope: Scope) -> Baseline | None:
    if window is None or not scope.holds(window) or lines.total(window) <= 0:
        return None
    new_is_known = window.start >= lines.known_from
    dimensions = tuple(d for d in lines.dimensions if d != "new_existing" or new_is_known)
    leaves = lines.leaves({"actual": [lines.past.now], "expected": [window]}, dimensions)
    expected, factor, parts = lines.total(window), 1.0, []
    for name, times in _calendar(lines, against, window, scope):
        parts.append((name, round(expected * factor * (times - 1))))
        factor *= times
    leaves = _with_variance(leaves.assign(expected=leaves["expected"] * factor), lines, 1.0 + factor**2)
    return Baseline(against, leaves, dimensions, expected, lines.total(lines.past.now), tuple(parts))


def _calendar(lines: Lines, against: str, window: Window, scope: Scope) -> list[tuple[str, float]]:
    """Return what the calendar multiplies sales by: working days, and the step that earlier years made here too."""
    days, found = scope.calendar.working_days, []
    if days(window) and days(scope.window) and days(window) != days(scope.window):
        found.append(("working_days", days(scope.window) / days(window)))
    steps = [
        np.log(lines.total(to) / days(to) * days(since) / lines.total(since))
        for since, to in (lines.past.seasonal if against == PREVIOUS else ())
        if days(to) and days(since) and lines.total(to) > 0 and lines.total(since) > 0
    ]
    return [*found, ("season", float(np.exp(np.mean(steps))))] if steps else found


def _with_variance(leaves: pd.DataFrame, lines: Lines, times: float) -> pd.DataFrame:
    """Return leaves with the variance that is normal for each, by how lumpy its past was; what is no slice is blank."""
    count = max(len(lines.past.bins), 1) / lines.past.times
    past = float(lines.run().sum())
    lump = float(leaves["squares"].sum()) / past if past > 0 else 0.0
    size = leaves[["actual", "expected"]].abs().max(axis=1)
    blank = {d: leaves[d].where(leaves[d] != lines.nearly_all[d], "") for d in lines.dimensions if d in leaves}
    return leaves.drop(columns="squares").assign(
        **blank, variance=times * (leaves["squares"] / count + _UNKNOWN * lump * size)
    )
