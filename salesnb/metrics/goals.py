"""Which rows of the targets table count for a period at a level, so that each unit of sales is asked for once.

Targets may stand at several levels at once: a team's total and its reps' parts, a quarter and its months. A coarser
row stands for the finer ones beneath it; finer ones that no coarser one reaches are added.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import fsum
from typing import NamedTuple

import numpy as np
import pandas as pd

from salesnb.calendar import Calendar, Period, Window
from salesnb.metrics.grouped import UNASSIGNED, Member
from salesnb.metrics.registry import metrics

TARGET_DIMENSIONS = (
    "team", "rep", "region", "channel", "product_line", "customer_type", "customer", "product", "manager",
)  # fmt: skip
_TEAM, _REP = TARGET_DIMENSIONS.index("team"), TARGET_DIMENSIONS.index("rep")
_IMPLIED = tuple(
    (TARGET_DIMENSIONS.index(wide), TARGET_DIMENSIONS.index(narrow))
    for wide, narrow in (
        ("team", "rep"), ("manager", "rep"), ("customer_type", "customer"), ("product_line", "product")
    )
)  # fmt: skip
"""What a member says beside itself: a target of a rep is for what he sells, in whatever team he is on that day."""

_FINER = ("quarter", "month", "week")


class Row(NamedTuple):
    """One target: the members it names, one for each of `TARGET_DIMENSIONS`, blank where it names none."""

    named: tuple[str, ...]
    needed: tuple[str, ...]
    """Of these what a sale must have to belong to the target: not the team where a rep is named."""
    amount: float
    window: Window
    depth: int
    """How many levels of periods it lies beneath the one that is asked for."""

    @property
    def grain(self) -> tuple[int, ...]:
        """What it asks for, however it is called."""
        return self.depth, *(name != "" for name in self.needed)

    @property
    def rep(self) -> str:
        """The rep it names."""
        return self.named[_REP]

    @property
    def dimensions(self) -> Mapping[str, str]:
        """The dimensions and members that a sale must have to belong to it."""
        return {d: name for d, name in zip(TARGET_DIMENSIONS, self.needed, strict=True) if name}

    def coarseness(self, in_team: int) -> int:
        """Count what narrows it down; the team where all that it is compared with have the same."""
        return sum(self.grain) - (in_team > 0 and self.needed[_TEAM] != "")

    def holds(self, other: Row) -> bool:
        """Tell whether every sale of another target belongs to this one too."""
        return all(a in ("", b) for a, b in zip(self.needed, other.named, strict=True))

    def apart(self, other: Row) -> bool:
        """Tell whether no sale can belong to both."""
        if self.window.end < other.window.start or other.window.end < self.window.start:
            return True
        return any(a != b and a != "" and b != "" for a, b in zip(self.named, other.named, strict=True))


class Goal(NamedTuple):
    """What is asked of a member: the sum of ``rows``; ``beneath`` are rows of reps for whom one of the team stands."""

    target: float
    rows: tuple[Row, ...]
    beneath: tuple[Row, ...] = ()


Written = tuple[tuple[str, ...], float]
Asked = Mapping[str, Sequence[Written]]
"""Members and amounts of a figure's targets by period."""


def goals_for(
    targets: pd.DataFrame, period: Period, calendar: Calendar, metric: str = "sales", by: Sequence[str] = ()
) -> dict[Member, Goal]:
    """Return what is asked of each member of a level in a period, members in order.

    A period takes its own targets and, where these ask for nothing, those of finer periods that fill it exactly. A
    metric that does not add up (a rate, an average) is inherited: it holds where all parts were given the same one.

    Parameters
    ----------
    targets
        Clean targets: ``period``, ``metric``, ``amount`` and dimension columns (blank: all of it).
    by
        Dimensions; empty for the total. A rep's target without a team belongs to the team ``(none)``.
    """
    return goals_of(asked(targets, period, calendar, metric), period, calendar, metric, by)


def goals_of(
    rows: Asked,
    period: Period,
    calendar: Calendar,
    metric: str,
    by: Sequence[str],
    unknown: frozenset[str] = frozenset(),
) -> dict[Member, Goal]:
    """Return what `goals_for` does from the targets that are `asked`.

    ``unknown`` are dimensions that no sale names: rows that need them are used only where there are no others.
    """
    if any(d not in TARGET_DIMENSIONS or d in unknown for d in by):
        return {}
    at = [TARGET_DIMENSIONS.index(d) for d in by]
    of_level = {name: [r for r in own if all(r[0][i] for i in at)] for name, own in rows.items()}
    groups: dict[Member, list[Row]] = {}
    for row in _within(of_level, period, calendar, 0):
        groups.setdefault(tuple(row.named[i] for i in at), []).append(row)
    weigh = _chosen if adds_up(metric) else _shared
    found = {member: weigh(_known(groups[member], unknown)) for member in sorted(groups)}
    return {member: goal for member, goal in found.items() if goal is not None}


def asked(targets: pd.DataFrame, period: Period, calendar: Calendar, metric: str) -> Asked:
    """Return a figure's targets of a period and of the finer ones that fill it, one for each set of members."""
    names = [*dict.fromkeys(_names(period, calendar))]
    fit = np.asarray(targets["metric"].array == metric, dtype=bool)
    at = np.flatnonzero(fit & np.asarray(targets["period"].array.isin(names), dtype=bool))

    def cells(column: str) -> list[str]:
        if column not in targets or not len(at):
            return [""] * len(at)
        own = targets[column].array.take(at)
        if own.isna().all():
            return [""] * len(at)
        return list(map(str, own.to_numpy(dtype="object", na_value="")))

    teams, reps = cells("team"), cells("rep")
    teams = [UNASSIGNED if rep and not team else team for team, rep in zip(teams, reps, strict=True)]
    named = zip(teams, reps, *(cells(d) for d in TARGET_DIMENSIONS[2:]), strict=True)
    amounts = targets["amount"].array.take(at).to_numpy(dtype="float64", na_value=np.nan).tolist()
    found: dict[str, dict[tuple[str, ...], float]] = {}
    for name, members, amount in zip(cells("period"), named, amounts, strict=True):
        own = found.setdefault(name, {})
        # Two amounts for the same members are set aside when files are read; here they are never added.
        own[members] = max(amount, own.get(members, amount))
    return {name: list(own.items()) for name, own in found.items()}


def dimensions_of(rows: Asked) -> list[str]:
    """Return the dimensions that sales must have to belong to any of the targets."""
    found = {i for own in rows.values() for members, _ in own for i, name in enumerate(_needed(members)) if name}
    return [TARGET_DIMENSIONS[i] for i in sorted(found)]


def _needed(named: tuple[str, ...]) -> tuple[str, ...]:
    cells = list(named)
    for wide, narrow in _IMPLIED:
        if cells[wide] and cells[narrow]:
            cells[wide] = ""
    return tuple(cells)


def _names(period: Period, calendar: Calendar) -> Iterator[str]:
    yield period.name
    for level in _finer(period):
        for part in calendar.tiles(period, level):
            yield from _names(part, calendar)


def _finer(period: Period) -> Sequence[str]:
    return _FINER[_FINER.index(period.level) + 1 if period.level in _FINER else 0 :]


def adds_up(metric: str) -> bool:
    """Tell whether the targets of parts of a figure make up that of the whole."""
    known = metrics().get(metric)
    return known is None or (known.base is not None and known.unit in {"money", "count"})


def _within(rows: Asked, period: Period, calendar: Calendar, depth: int) -> list[Row]:
    """Return the rows of a period and those of the coarsest finer periods that fill it, each of which has some."""
    own = [Row(named, _needed(named), amount, period.window, depth) for named, amount in rows.get(period.name, ())]
    for level in _finer(period):
        beneath = list(_all_or_none(calendar.tiles(period, level), rows, calendar, depth + 1))
        if beneath:
            return own + beneath
    return own


def _all_or_none(parts: Sequence[Period], rows: Asked, calendar: Calendar, depth: int) -> list[Row]:
    found: list[Row] = []
    for part in parts:
        own = _within(rows, part, calendar, depth)
        if not own:
            return []
        found += own
    return found


def _known(rows: list[Row], blind: frozenset[str]) -> list[Row]:
    """Return the rows that name no dimension that sales do not have; all of them where none is left."""
    return [r for r in rows if blind.isdisjoint(r.dimensions)] or rows if blind else rows


# -- a figure that adds up


def _chosen(rows: list[Row]) -> Goal:
    chosen, beneath = _by_unit(rows, 0)
    return Goal(fsum(r.amount for r in chosen), tuple(chosen), tuple(beneath))


_UNITS = (_TEAM, _REP)


def _by_unit(rows: list[Row], place: int) -> tuple[list[Row], list[Row]]:
    """Choose among rows team by team (one gives a total, another only its reps' parts), and so among reps."""
    if place == len(_UNITS):
        return _by_level(rows), []
    units: dict[str, list[Row]] = {}
    for row in rows:
        units.setdefault(row.named[_UNITS[place]], []).append(row)
    blank = units.pop("", [])
    if not units:
        return _by_unit(blank, place + 1)
    parts = [_by_unit(units[name], place + 1) for name in sorted(units)]
    split, beneath = [r for own, _ in parts for r in own], [r for _, under in parts for r in under]
    if not blank:
        return split, beneath
    together, _ = _by_unit(blank, place + 1)
    return _either(together, split, beneath, place)


def _either(together: list[Row], split: list[Row], beneath: list[Row], place: int) -> tuple[list[Row], list[Row]]:
    """Take the coarser of two ways to ask for the same, of equal ones the larger; add what it does not reach."""
    above = min(r.coarseness(place) for r in split) - min(r.coarseness(place) for r in together)
    larger = fsum(r.amount for r in together) >= fsum(r.amount for r in split)
    first = above > 0 or (above == 0 and larger)
    taken, other = (together, split) if first else (split, together)
    if not first:
        return taken + [r for r in other if all(r.apart(t) for t in taken)], beneath
    if min(r.coarseness(place) for r in taken) == 0:
        return taken, [r for r in other if r.rep] + beneath
    return taken + [r for r in other if all(r.apart(t) for t in taken)], []


def _by_level(rows: list[Row]) -> list[Row]:
    """Take the rows of the coarsest level, then of the others those that lie apart from all taken before."""
    levels: dict[tuple[int, ...], list[Row]] = {}
    for row in rows:
        levels.setdefault(row.grain, []).append(row)
    sums = {grain: fsum(r.amount for r in level) for grain, level in levels.items()}
    chosen: list[Row] = []
    # Of levels equally coarse the larger one: a target for a single product must not hide the complete split.
    for grain in sorted(levels, key=lambda grain: (sum(grain), -sums[grain], grain)):
        chosen += [r for r in levels[grain] if all(r.apart(c) for c in chosen)] if chosen else levels[grain]
    return chosen


# -- a figure that does not


def _shared(rows: list[Row]) -> Goal | None:
    """Return the target of the row that holds all others, else the one that all were given; None where they differ."""
    depth = min(r.depth for r in rows)
    rows = [r for r in rows if r.depth == depth]
    least = min(rows, key=lambda r: sum(r.grain))
    rows = [least] if all(least.holds(r) for r in rows) and depth == 0 else rows
    amounts = {r.amount for r in rows}
    return Goal(amounts.pop(), tuple(rows)) if len(amounts) == 1 else None
