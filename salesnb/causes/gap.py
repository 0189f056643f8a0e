"""Where a period's gap lies: what it is held against, and its largest parts.

Held against is the target, where there is none last year, where the data do not reach back that far the period before.
Money is in 1/10,000.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from salesnb.causes.baselines import LAST_YEAR, PREVIOUS, TARGET, Baseline, against_target
from salesnb.data.masks.masking import removed_dimensions
from salesnb.methods.over_time.largest_parts import Part, largest_parts
from salesnb.methods.over_time.lately import began_lately
from salesnb.metrics.covered import NOT_HELD, held
from salesnb.metrics.grouped import parts_of_one
from salesnb.scope import Scope
from salesnb.views.lines import Lines, lines_of
from salesnb.views.slices import BEGINNING, SLICE, in_slice

LEAST = 0.01
"""Parts below this share of what was to be expected are not worth a look."""

FAR = 30.0
"""A target so many times the sales, or so small a part of them, is in another unit: no gap is told against it."""

ALONE = ("customer",)
"""Dimensions that are not crossed with others."""


@dataclass(frozen=True, eq=False)
class Gap:
    """What a period is held against; ``rows`` hold ``actual`` and ``expected`` by line, and the lines of the past."""

    against: str
    actual: float
    expected: float
    rows: pd.DataFrame
    dimensions: tuple[str, ...]
    bins: int
    length: int
    given: tuple[str, ...] = ()
    """Dimensions at which the target was given."""
    covered: bool = False
    """Whether the target covers a part of the sales alone: the rows are those of that part."""

    @property
    def short(self) -> bool:
        """Whether anything is missing."""
        return self.actual < self.expected

    def parts(self, most: int, told: Iterable[Mapping[str, str]] = ()) -> list[Part]:
        """Return at most ``most`` parts of the gap that hold nothing of each other nor of what is ``told`` already.

        What is told of the whole says nothing of where, and takes none away.
        """
        named = [{d: m for d, m in members.items() if d in self.dimensions} for members in told]
        taken = [in_slice(self.rows, members) for members in named if members]
        crossed = [d for d in self.dimensions if d not in ALONE]
        alone = [d for d in self.dimensions if d in ALONE]
        return largest_parts(
            self.rows, self.bins, crossed, alone, most=most, least=LEAST * self.expected, taken=taken,
            length=self.length,
        )  # fmt: skip


def gap_of(
    orders: pd.DataFrame, targets: pd.DataFrame, scope: Scope, customers: Iterable[str] = ()
) -> Gap | None:  # fmt: skip
    """Lay out the gap of a period; None where there is nothing to hold it against.

    Parameters
    ----------
    orders, targets
        Clean tables.
    customers
        Those that are told apart whatever they bought, beside the large ones.
    """
    lines = lines_of(orders, targets, scope, set(customers))
    whole = held("sales", {"orders": orders}, targets, scope).get((), NOT_HELD)
    goal = against_target(lines, targets, whole, scope)
    if goal is not None and _in_one_unit(goal):
        return _of_target(lines, goal, scope)
    for against, window in ((LAST_YEAR, scope.last_year), (PREVIOUS, scope.previous)):
        if window is not None and scope.holds(window) and lines.total(window) > 0:
            slot = lines.past.distinct.index(window)
            return _gap(lines, against, _lines(lines, slot), None, scope)
    return None


def _in_one_unit(goal: Baseline) -> bool:
    """Tell whether a target may be in the unit of sales; where nothing is sold nothing speaks against it."""
    return goal.expected > 0 and (goal.actual <= 0 or FAR > goal.actual / goal.expected > 1 / FAR)


def _of_target(lines: Lines, goal: Baseline, scope: Scope) -> Gap:
    """The lines that the target covers, and its parts by leaf as rows of their own."""
    leaves = goal.leaves
    rows = leaves.reindex(columns=[*SLICE], fill_value="").assign(expected=leaves["expected"], actual=leaves["actual"])
    covered = goal.actual != lines.total(lines.past.now)
    return replace(_gap(lines, TARGET, _lines(lines, None), rows, scope), given=goal.given, covered=covered)


def _lines(lines: Lines, base: int | None) -> pd.DataFrame:
    """Return order lines by bin with what they came to; those of the period that they are compared with as expected."""
    at, last = lines.bins, len(lines.past.windows) - 1
    kept = (at >= 0) | (lines.slot == base)
    rows, slot = lines.members[kept].reset_index(drop=True), lines.slot[kept]
    amount = lines.amount[kept]
    there = at[kept] >= 0
    when = np.where(there, at[kept], last)
    # What only began tells nothing of what is usual: not by itself, nor as the rest beside another.
    past = rows.assign(bin=when, amount=np.where(there, amount, 0.0))
    told = there & ~began_lately(past, BEGINNING, "amount", last + 1)
    code = pd.factorize(lines.order[kept] * np.int64(len(lines.past.distinct)) + slot)[0]
    return rows.assign(
        bin=when,
        amount=np.where(told, amount, 0.0),
        events=np.where(told, parts_of_one(code, amount), 0.0),
        actual=np.where(slot == 0, amount, 0.0) if base is not None else 0.0,
        expected=np.where(slot == base, amount, 0.0) if base is not None else 0.0,
    )


def _gap(lines: Lines, against: str, rows: pd.DataFrame, leaves: pd.DataFrame | None, scope: Scope) -> Gap:
    kept = removed_dimensions(scope.rights).values()
    dimensions = tuple(d for d in lines.dimensions if not any(d in removed for removed in kept))
    bins = len(lines.past.windows)
    table = rows.assign(**{d: rows[d].astype("object") for d in SLICE})
    if leaves is not None:
        more = leaves.assign(bin=bins - 1, amount=0.0, events=0.0)
        table = pd.concat([table, more[table.columns]], ignore_index=True)
    for d in dimensions:
        table[d] = table[d].where(table[d] != lines.nearly_all[d], "").astype("category")
    actual, expected = (float(table[column].sum()) for column in ("actual", "expected"))
    return Gap(against, actual, expected, table, dimensions, bins, lines.past.length)
