"""What a target is held against: the figure of just those rows that it covers, and what share of all they are."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import pandas as pd

from salesnb.calendar import Window
from salesnb.metrics.goals import Goal, Row, asked, dimensions_of, goals_of
from salesnb.metrics.grouped import UNASSIGNED, Member, Rows
from salesnb.metrics.registry import Tables, measured, measured_by, metric, metrics, parts_of
from salesnb.scope import WHOLE_COMPANY, Scope

measured_by("targets.levels", "rate", "covered", absent="no_target")
measured_by("diagnosis.attainment", "money", "covered_sales", absent="no_target")

ALL = 0.9995
"""From this share on it reads as 100.0 %."""

_HEAD = 100


class Held(NamedTuple):
    """A target beside what was reached of it; ``actual`` is NaN where what it covers cannot be told.

    ``covered`` is the share of the whole figure (of a rate, of what it divides by) that the target covers.
    """

    target: float
    actual: float
    covered: float


NOT_HELD = Held(np.nan, np.nan, np.nan)
"""Where there is no target."""


def held(kpi: str, tables: Tables, targets: pd.DataFrame, scope: Scope, by: Sequence[str] = ()) -> dict[Member, Held]:
    """Hold a figure against its targets, each against the rows that it covers, by the members of a level.

    Parameters
    ----------
    kpi
        A figure that is computed from the rows of tables; of any other is only told whether the target is for the
        whole: then ``covered`` is 1.
    tables, targets
        Clean tables by name, and clean targets.
    """
    sources = [tables[name] for name in sources_of(kpi) if name in tables]
    rows = asked(targets, scope.period, scope.calendar, kpi)
    told = {"team"} if scope.team != WHOLE_COMPANY else set()
    blank = frozenset(
        d for d in dimensions_of(rows) if d not in told and any(len(s) and not _names_any(s, d) for s in sources)
    )
    goals = goals_of(rows, scope.period, scope.calendar, kpi, by, blank)
    claims = Claims(by, scope, _split(goals, blank))
    if not goals or not sources:
        return {m: Held(goal.target, np.nan, 1.0 if claims.whole(goal) else np.nan) for m, goal in goals.items()}
    for member, goal in goals.items():
        claims.add(member, goal)
    whole, below = _figures(kpi, tables, scope, by, None)
    if all(claims.whole(goal) for goal in goals.values()):
        return {m: Held(goal.target, whole.get(m, _none(kpi)), 1.0) for m, goal in goals.items()}
    own, part = _figures(kpi, tables, scope, by, claims.fit)
    return {
        m: Held(
            goal.target,
            own.get(m, _none(kpi)) if claims.known(goal) else np.nan,
            np.nan if claims.blind(goal) else _share(below.get(m, 0.0), part.get(m, 0.0), m in claims.beside),
        )
        for m, goal in goals.items()
    }


def sources_of(kpi: str) -> set[str]:
    """Return the tables from whose rows a figure is computed; none where it or a part of it is no sum of rows."""
    parts = parts_of(kpi) if kpi in metrics() else []
    return {part.table for part in parts} if all(part.base for part in parts) else set()


def _none(kpi: str) -> float:
    """Return what a member without any row has: none of what is summed or counted, no rate."""
    return 0.0 if metric(kpi).base is not None and metric(kpi).unit in {"money", "count"} else np.nan


def _figures(
    kpi: str, tables: Tables, scope: Scope, by: Sequence[str], fit: Callable[[Rows], Rows] | None
) -> tuple[dict[Member, float], dict[Member, float]]:
    """Return a figure by member, and what it is a share of: itself, or what it divides by."""
    of = metric(kpi).of
    below = of[1] if of and metric(kpi).unit != "count" else kpi
    members, found = measured([kpi, below], tables, scope.window, by, fit)
    own, under = (dict(zip(members, found[name].tolist(), strict=True)) for name in (kpi, below))
    return own, under


def _share(whole: float, part: float, more: bool) -> float:
    """Return the share of a part: all where there is no more, none where returns make it more than the whole."""
    if not more:
        return 1.0
    return part / whole if whole > 0 and 0 <= part <= whole else np.nan


def _names_any(source: pd.DataFrame, dimension: str) -> bool:
    """Tell whether any row of a table names a member of a dimension."""
    if dimension not in source:
        return False
    cells = source[dimension].array
    if any(isinstance(cell, str) and cell for cell in cells[:_HEAD]):
        return True
    return bool((source[dimension].notna() & (source[dimension] != "")).any())


def _split(goals: Mapping[Member, Goal], blank: Collection[str]) -> dict[str, bool]:
    """Return the dimensions that sales do not name: whether several of their members have targets.

    Targets for all lines of a rep are held against all he sold where sales do not tell lines; one for a single line
    cannot be held against anything.
    """
    found: dict[str, set[str]] = {d: set() for d in blank}
    for row in (row for goal in goals.values() for row in goal.rows if blank):
        for dimension in found.keys() & row.dimensions.keys():
            found[dimension].add(row.dimensions[dimension])
    return {d: len(names) > 1 for d, names in found.items()}


@dataclass
class Claims:
    """The rows that targets cover: by days and dimensions, the members that are named."""

    by: Sequence[str]
    scope: Scope
    unknown: Mapping[str, bool]
    named: dict[tuple[str, ...], dict[Window, set[Member]]] = field(default_factory=dict)
    beside: set[Member] = field(default_factory=set)
    """Members with rows that no target covers, as far as rows were asked for."""

    def add(self, member: Member, goal: Goal) -> None:
        """Take in what the rows of a member's target cover.

        Where a row of a team stands for those of its reps, their sales without a team belong to it too.
        """
        at = dict(zip(self.by, member, strict=True))
        for row in goal.rows:
            self._claim(row.window, {**self._needed(row), **at})
        whole = self.scope.team == WHOLE_COMPANY and "team" not in self.by
        for row in goal.beneath if whole else ():
            self._claim(row.window, {**row.dimensions, **at, "team": UNASSIGNED})

    def _needed(self, row: Row) -> dict[str, str]:
        """Return what a sale must have to belong to a row; the rows of a team's page are the team's anyway."""
        return {d: name for d, name in row.dimensions.items() if (d, name) != ("team", self.scope.team)}

    def _claim(self, window: Window, cells: Mapping[str, str]) -> None:
        dimensions = tuple(d for d in sorted(cells) if d not in self.unknown)
        members = self.named.setdefault(dimensions, {}).setdefault(window, set())
        members.add(tuple(cells[d] for d in dimensions))

    def known(self, goal: Goal) -> bool:
        """Tell whether what a target covers can be told."""
        return all(self.unknown.get(d, True) for d in self._dimensions(goal.rows))

    def blind(self, goal: Goal) -> bool:
        """Tell whether a target names dimensions that the tables do not know."""
        return any(d in self.unknown for d in self._dimensions(goal.rows))

    @staticmethod
    def _dimensions(rows: Collection[Row]) -> set[str]:
        return {d for row in rows for d in row.dimensions}

    def whole(self, goal: Goal) -> bool:
        """Tell whether a row of a member's target asks for all of the member and of the time."""
        return any(self._needed(row).keys() <= {*self.by} and self._all_days(row.window) for row in goal.rows)

    def fit(self, rows: Rows) -> Rows:
        """Return the rows that are covered; note whose the others are."""
        covered = self._covered(rows)
        self.beside |= {rows.members[place] for place in np.unique(rows.group[~covered]).tolist()}
        return rows.kept(covered)

    def _all_days(self, window: Window) -> bool:
        own = self.scope.window
        return window.start <= own.start and window.end >= own.end

    def _covered(self, rows: Rows) -> np.ndarray:
        fit = np.zeros(len(rows.at), dtype=bool)
        for dimensions, by_window in self.named.items():
            codes, names = _together([rows.coded(d) for d in dimensions])
            for window, members in by_window.items():
                wanted = np.array([name in members for name in names], dtype=bool)
                here = wanted[codes] if dimensions else np.ones(len(rows.at), dtype=bool)
                fit |= here & self._during(rows, window)
        return fit

    def _during(self, rows: Rows, window: Window) -> np.ndarray:
        if self._all_days(window):
            return np.ones(len(rows.at), dtype=bool)
        days = rows.days()
        return (days >= np.datetime64(window.start)) & (days <= np.datetime64(window.end))


def _together(columns: Sequence[tuple[np.ndarray, Sequence[str]]]) -> tuple[np.ndarray, list[Member]]:
    """Return each row's place among the combinations of names that occur, and these."""
    if not columns:
        return np.empty(0, dtype=np.int64), []
    codes, names = zip(*columns, strict=True)
    shape = tuple(max(len(of_one), 1) for of_one in names)
    kept, place = np.unique(np.ravel_multi_index(codes, shape), return_inverse=True)
    parts = np.unravel_index(kept, shape)
    return place, [tuple(of_one[i] for of_one, i in zip(names, at, strict=True)) for at in zip(*parts, strict=True)]
