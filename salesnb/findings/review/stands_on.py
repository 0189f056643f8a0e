"""What the verdict does not rest on, and what may count twice: told where it could change the verdict."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from salesnb.calendar import Window
from salesnb.errors import ScopeError
from salesnb.findings.finding import Chart, Finding, Say
from salesnb.scope import WHOLE_COMPANY, Scope

COLUMNS = ["part", "rows_in_doubt", "rows_in_doubt_share", "money_in_doubt", "money_in_doubt_share"]
SALES, UNDATED_SALES, TEAMLESS_SALES, EQUAL_SALES, TARGETS, UNDATED_TARGETS = PARTS = (
    "uncounted_sales", "undated_sales", "teamless_sales", "equal_sales", "uncounted_targets", "undated_targets",
)  # fmt: skip

_MUCH = 0.05
"""From this share of rows or money on a part is told even where it would not turn the verdict."""


def stands_on(
    orders: pd.DataFrame, targets: pd.DataFrame, uncounted: pd.DataFrame, whole: pd.DataFrame, *, scope: Scope
) -> Finding:
    """Tell what is in no figure, where that could turn the verdict or is much of what the verdict is made from.

    Rows whose amount cannot be read are taken for usual ones. Rows without a readable date are taken to lie in the
    period as often as the others do, and at least the largest of them may. Sales of no team may all be of this one.

    Parameters
    ----------
    orders, targets
        Clean tables: what counts.
    uncounted
        What could be sales or targets and does not count, and lines that may count twice, money in currency units (see
        ``salesnb.data.taking.uncounted``).
    whole
        Rows of the verdict; the first is the whole with its ``gap``.

    Returns
    -------
    Finding
        One row per ``part`` that is told: sales of the period and without a date, for a team those of which nothing
        says whose they are, lines of the period that are equal to others, targets of the period and without a period.
        Shares are of these and all others together.
    """
    own = uncounted[_may_be_of(uncounted, scope.team)]
    parts = {part.code: part for part in (*_sales(orders, own, scope), *_targets(targets, own, scope))}
    gap = float(whole["gap"].iloc[0])
    turning = [code for code in _turning(parts, gap) if parts[code].rows]
    told = [parts[code] for code in PARTS if code in turning or parts[code].much]
    if not told:
        nothing = pd.DataFrame(columns=COLUMNS)
        return Finding("review.stands_on", scope, nothing, Say("nothing"), quiet=True)
    rows = pd.DataFrame([part.row for part in told], columns=COLUMNS)
    notes = [Say(part.key, {"part": place}) for place, part in enumerate(told)]
    return Finding(
        "review.stands_on", scope, rows, Say("turns" if turning else "much"), notes=tuple(notes),
        chart=Chart("folded"), front="sentence",
    )  # fmt: skip


@dataclass(frozen=True)
class _Part:
    """Rows of one kind that do not count, and those that do; money in currency units.

    ``inside`` is the share of them that is taken to lie in the period.
    """

    code: str
    rows: int
    unpriced: int
    gains: float
    returns: float
    largest: float
    counted: int
    money: float
    inside: float = 1.0

    @property
    def gain(self) -> float:
        """What they may add, all of them together."""
        if self.unpriced and not self.counted:
            return np.inf
        return self.gains + self.unpriced * (self.money / self.counted if self.unpriced else 0.0)

    @property
    def may_add(self) -> float:
        """What they may add to the period."""
        if not self.rows:
            return 0.0
        return self.gain if self.inside == 1 else max(self.largest, self.gain * self.inside)

    @property
    def much(self) -> bool:
        """Whether they are a good part of all."""
        if not self.rows or self.code == EQUAL_SALES:  # lines that are equal are most often two
            return False
        return max(_share(self.rows, self.counted), _share(self.gain, self.money)) >= _MUCH

    @property
    def key(self) -> str:
        """The key of the sentence that tells of them."""
        return f"{self.code}_unread" if self.unpriced == self.rows else self.code

    @property
    def row(self) -> tuple[object, ...]:
        """Their row of the finding."""
        read = self.gains + self.returns if self.unpriced < self.rows else np.nan
        return (self.code, self.rows, _share(self.rows, self.counted), read, _share(read, self.money))


def _share(part: float, rest: float) -> float:
    if np.isinf(part):
        return 1.0
    return part / (part + rest) if part + rest > 0 else np.nan


def _turning(parts: dict[str, _Part], gap: float) -> tuple[str, ...]:
    """Return the parts that could turn the verdict together; none where they cannot."""
    sales, targets = (SALES, UNDATED_SALES, TEAMLESS_SALES), (TARGETS, UNDATED_TARGETS)
    if np.isnan(gap):
        return targets
    if gap < 0:
        return sales if sum(parts[code].may_add for code in sales) >= -gap else ()
    if sum(parts[code].may_add for code in targets) > gap:
        return targets
    less = [-parts[code].returns * parts[code].inside for code in sales] + [parts[EQUAL_SALES].gains]
    return (*sales, EQUAL_SALES) if sum(less) > gap else ()


# -- what counts and what does not


def _may_be_of(uncounted: pd.DataFrame, team: str) -> pd.Series:
    """Tell which rows may be a team's; to the company those of no team count."""
    teamless = uncounted["of"] == "teamless"
    return ~teamless if team == WHOLE_COMPANY else teamless | (uncounted["team"] == team)


def _sales(orders: pd.DataFrame, uncounted: pd.DataFrame, scope: Scope) -> Iterator[_Part]:
    counted = orders.loc[orders["sales_date"].notna(), ["sales_date", "amount"]]
    inside = _within(counted["sales_date"], scope.window)
    amounts = counted["amount"]
    rows = uncounted[uncounted["of"] == "sales"]
    yield _part(SALES, rows[_within(rows["day"], scope.window)], amounts[inside])
    yield _part(UNDATED_SALES, rows[rows["day"].isna()], amounts, inside)
    teamless = uncounted[uncounted["of"] == "teamless"]
    yield _part(TEAMLESS_SALES, teamless[_within(teamless["day"], scope.window)], amounts[inside])
    equal = uncounted[uncounted["of"] == "equal"]
    equal = equal[_within(equal["day"], scope.window)]
    twice = _part(EQUAL_SALES, equal, amounts[inside])
    yield replace(twice, counted=twice.counted - twice.rows, money=twice.money - twice.gains - twice.returns)


def _targets(targets: pd.DataFrame, uncounted: pd.DataFrame, scope: Scope) -> Iterator[_Part]:
    counted = targets[targets["metric"].astype("str") == "sales"]
    inside, amounts = _of_period(counted["period"], scope), counted["amount"].astype("float64")
    rows = uncounted[uncounted["of"] == "targets"]
    yield _part(TARGETS, rows[_of_period(rows["period"], scope)], amounts[inside])
    yield _part(UNDATED_TARGETS, rows[rows["period"] == ""], amounts, inside)


def _part(code: str, rows: pd.DataFrame, amounts: pd.Series, inside: pd.Series | None = None) -> _Part:
    share = 1.0 if inside is None else float(inside.mean()) if len(inside) else 1.0
    return _Part(
        code, int(rows["rows"].sum()), int(rows["unpriced"].sum()), float(rows["gains"].sum()),
        float(rows["returns"].sum()), float(rows["largest"].max()) if len(rows) else 0.0, int(amounts.notna().sum()),
        float(amounts.sum()), share,
    )  # fmt: skip


def _within(days: pd.Series, window: Window) -> pd.Series:
    return (days >= pd.Timestamp(window.start)) & (days <= pd.Timestamp(window.end))


def _of_period(names: pd.Series, scope: Scope) -> pd.Series:
    """Tell which targets are of the period or of a part of it."""
    texts = names.fillna("").astype("str")
    of = {name: _lies_within(name, scope) for name in texts.unique()}
    return texts.map(of).astype(bool)


def _lies_within(name: str, scope: Scope) -> bool:
    try:
        window = scope.calendar.period(name).window
    except ScopeError:
        return False
    return scope.period.start <= window.start and window.end <= scope.period.end
