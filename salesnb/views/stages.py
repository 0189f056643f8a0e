"""Stages that deals went through: their order, how far each deal came, and how long it stayed.

Stage names are the company's own words, so their order is found from the stage history: a stage stands before another
where more deals entered it first than the other way round. Stages that only say how a deal ended are no steps.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from salesnb.methods.survival import kaplan_meier
from salesnb.schema import table as schema_table
from salesnb.scope import Scope

FIRST_CONTACT, PROPOSAL = "(first contact)", "(proposal)"
"""Stages that are made from the deals themselves where there is no stage history."""

WON = "(won)"
"""What stands after the last stage."""

_ENDED = ("won", "lost")


@dataclass(frozen=True)
class Journey:
    """How far deals came. Each array has a row for a deal of ``deals``, in their order.

    ``entered`` are the days (since 1970) on which each of ``stages`` was entered, NaN for never; ``reached`` is the
    place of the furthest stage, ``len(stages)`` for won deals, -1 where nothing is known. ``how`` tells where the
    order comes from: found, given, or deals. ``left_out`` are stages of the history that the settings do not name.
    """

    deals: pd.DataFrame
    stages: tuple[str, ...]
    entered: np.ndarray
    reached: np.ndarray
    how: str
    left_out: tuple[str, ...] = ()

    def of(self, kept: np.ndarray) -> Journey:
        """Return the journeys of some of the deals."""
        entered, reached = self.entered[kept], self.reached[kept]
        return Journey(self.deals[kept], self.stages, entered, reached, self.how, self.left_out)

    def entries(self, opportunity_stage: str = "") -> pd.DataFrame:
        """Return one row for each deal and stage it reached, as the figures of the funnel count them.

        A deal that came to a later stage counts for the earlier ones, entered or not. ``qualified`` are those that
        reached ``opportunity_stage``, the second stage where it is blank.
        """
        count = len(self.stages)
        known = np.flatnonzero(self.reached >= 0)
        reached = self.reached[known]
        rows = np.repeat(known, np.minimum(reached + 1, count))
        place = np.concatenate([np.arange(min(r + 1, count)) for r in reached]) if len(known) else rows
        place = place.astype(np.int64)
        from_on = self.stages.index(opportunity_stage) if opportunity_stage in self.stages else 1
        columns = ["opportunity_id", "lead_source"]
        made = self.deals[columns].iloc[rows].reset_index(drop=True)
        return made.assign(
            begun=self.deals["created_date"].to_numpy()[rows],
            stage=pd.array(np.array(self.stages, dtype=object)[place], dtype="str"),
            passed=pd.array(np.where(self.reached[rows] > place, "yes", "no"), dtype="str"),
            qualified=pd.array(np.where(self.reached[rows] >= from_on, "yes", "no"), dtype="str"),
        )

    def waiting(self) -> np.ndarray:
        """Return how many open deals stand in each stage now."""
        here = self.reached[(self.deals["status"] == "open").to_numpy(dtype=bool) & (self.reached >= 0)]
        return np.bincount(here, minlength=len(self.stages)).astype("float64")

    def stays(self, day: np.datetime64) -> np.ndarray:
        """Return the median days that deals stay in each stage.

        A deal leaves a stage for a later one or with its close; one that is still there counts as not having left
        yet (Kaplan and Meier). NaN where too few have left for a median.
        """
        closed = _days(self.deals["close_date"])
        now = float(day.astype("datetime64[D]").astype(np.int64))
        open_ = (self.deals["status"] == "open").to_numpy(dtype=bool)
        medians = []
        for k in range(len(self.stages)):
            later = np.fmin.reduce([closed, *(self.entered[:, j] for j in range(k + 1, len(self.stages)))])
            here = ~np.isnan(self.entered[:, k]) & ~(np.isnan(later) & ~open_)
            left = here & ~np.isnan(later)
            end = np.where(left, later, now)
            stay = np.maximum(end - self.entered[:, k], 0.0)[here]
            medians.append(kaplan_meier(stay, left[here]).quantile().value if here.any() else np.nan)
        return np.array(medians, dtype="float64")


def journey(opportunities: pd.DataFrame, history: pd.DataFrame, scope: Scope) -> Journey:
    """Return how far each deal came as of the scope's day.

    Where there is no stage history, stages are first contact and, where their dates are given, proposal.
    """
    deals = opportunities.reset_index(drop=True)
    seen = history.dropna(subset=["opportunity_id", "stage", "entered_date"])
    own = pd.Index(deals["opportunity_id"]).get_indexer(pd.Index(seen["opportunity_id"]))
    rows = seen.assign(deal=own)[own >= 0]
    if rows.empty:
        return _from_deals(deals, np.datetime64(scope.as_of))
    rows = rows.assign(day=_days(rows["entered_date"]))
    wanted = scope.settings.funnel.stages
    steps = rows[~rows["stage"].isin(_outcomes(rows, deals) - set(wanted))]
    if steps.empty:
        return _from_deals(deals, np.datetime64(scope.as_of))
    named = sorted(set(steps["stage"]))
    entered = _entered(steps, named, len(deals))
    given = [named.index(s) for s in wanted if s in named]  # none, where the settings name other stages altogether
    order = given or in_order(entered)
    left_out = tuple(s for i, s in enumerate(named) if i not in order)
    entered = entered[:, order]
    deals = deals.assign(created_date=_begun(deals, entered))
    stages = tuple(named[i] for i in order)
    return Journey(deals, stages, entered, _reached(entered, deals), "given" if given else "found", left_out)


def in_order(entered: np.ndarray) -> list[int]:
    """Return places of stages in the order in which most deals entered them.

    Stages are ranked by how many others more deals entered after than before them; equal ones by how long after the
    first entry of their deals they were entered on average.

    Parameters
    ----------
    entered
        Days, one row a deal, one column a stage, NaN where it was not entered.
    """
    count = entered.shape[1]
    first = np.fmin.reduce(entered, axis=1) if count else np.empty(0)
    wins, late = [0] * count, [0.0] * count
    for a in range(count):
        for b in range(count):
            before = np.sum(entered[:, a] < entered[:, b])
            wins[a] += int(before > np.sum(entered[:, b] < entered[:, a]))
        known = ~np.isnan(entered[:, a])
        late[a] = float(np.mean((entered[:, a] - first)[known])) if known.any() else 0.0
    return sorted(range(count), key=lambda i: (-wins[i], late[i], i))


def _outcomes(rows: pd.DataFrame, deals: pd.DataFrame) -> set[str]:
    """Return the stages that only say that a deal was won or lost.

    They are called so, or every deal that has them closed that way on the day it entered them.
    """
    spellings = schema_table("opportunities").columns["status"].values
    called = {s.casefold() for code in _ENDED for s in (code, *spellings[code])}
    status = deals["status"].to_numpy()[rows["deal"]]
    on_close = rows["day"].to_numpy() == _days(deals["close_date"])[rows["deal"]]
    found = {s for s in set(rows["stage"]) if s.strip().casefold() in called}
    for code in _ENDED:
        fit = pd.Series(on_close & (status == code), index=rows.index)
        ends = fit.groupby(rows["stage"]).all()
        found |= set(ends[ends].index)
    return found


def _entered(steps: pd.DataFrame, named: list[str], count: int) -> np.ndarray:
    found = np.full((count, len(named)), np.nan)
    codes = pd.Index(named).get_indexer(pd.Index(steps["stage"]))
    np.fmin.at(found, (steps["deal"].to_numpy(), codes), steps["day"].to_numpy())
    return found


def _from_deals(deals: pd.DataFrame, day: np.datetime64) -> Journey:
    proposed = deals["proposal_date"].where(deals["proposal_date"] <= pd.Timestamp(day))
    stages: tuple[str, ...] = (FIRST_CONTACT, PROPOSAL) if proposed.notna().any() else (FIRST_CONTACT,)
    entered = np.column_stack([_days(deals["created_date"]), _days(proposed)])[:, : len(stages)]
    return Journey(deals, stages, entered, _reached(entered, deals), "deals")


def _reached(entered: np.ndarray, deals: pd.DataFrame) -> np.ndarray:
    known = ~np.isnan(entered)
    last = known.shape[1] - 1 - np.argmax(known[:, ::-1], axis=1) if known.shape[1] else np.empty(0, int)
    reached = np.where(known.any(axis=1), last, -1)
    won = (deals["status"] == "won").to_numpy(dtype=bool)
    return np.where(won & (reached >= 0), known.shape[1], reached).astype(np.int64)


def _begun(deals: pd.DataFrame, entered: np.ndarray) -> pd.Series:
    """Return the day of first contact; where it is not given, that of the first stage entered."""
    first = np.fmin.reduce(entered, axis=1)
    days = pd.to_datetime(pd.Series(first, index=deals.index), unit="D").astype("datetime64[s]")
    return deals["created_date"].fillna(days)


def _days(dates: pd.Series) -> np.ndarray:
    """Return days since 1970 as numbers, NaN where there is no date."""
    whole = pd.to_datetime(dates).to_numpy().astype("datetime64[D]")
    return np.where(np.isnat(whole), np.nan, whole.astype(np.int64).astype("float64"))
