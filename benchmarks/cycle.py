"""Sales cycle and chance to win against made deals whose truth is known.

    python benchmarks/cycle.py --seeds 200

Deals begin at random within two years and close after a lognormal time, as won or lost by a chance that falls with
that time; the pipeline is read on a day on which many are open. Each figure is that of the finding itself: frames of
dates go in, rows come out. Beside them stand the figures that are common and wrong: the median of closed deals, one
minus Kaplan-Meier as a chance to win, and, where the data begin late, what comes out when that is not looked at.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from datetime import date, timedelta
from math import erf, log, sqrt
from time import perf_counter

import numpy as np
import pandas as pd

from salesnb.calendar import Calendar
from salesnb.findings import diagnosis
from salesnb.methods.survival import kaplan_meier
from salesnb.scope import Scope

LAST = date(2025, 12, 31)
LONG_AGO = date(2020, 1, 1)
DAYS = (30, 60, 90, 120)
"""Days on which the chance to win is compared."""


@dataclass(frozen=True)
class Kind:
    """Deals of one kind: half close within ``middle`` days, spread on a log scale; wins are more likely early on."""

    name: str
    middle: float
    spread: float
    early: float
    late: float

    def closed_by(self, days: np.ndarray) -> np.ndarray:
        """Return the true share closed by some days; a close is dated by the day it falls on."""
        return np.array([0.5 + erf(log((d + 1) / self.middle) / self.spread / sqrt(2)) / 2 for d in days])

    def wins(self, days: np.ndarray) -> np.ndarray:
        """Return the true chance that a close after so many days is a win."""
        return self.late + (self.early - self.late) * np.exp(-days / self.middle)

    @property
    def median(self) -> float:
        """The first day by which half of the deals have closed."""
        days = np.arange(2000)
        return float(days[self.closed_by(days) >= 0.5][0])

    def won_by(self, day: int) -> float:
        """Return the true chance to be won by a day."""
        days = np.arange(day + 1)
        shares = np.diff(self.closed_by(days), prepend=0.0)
        return float((shares * self.wins(days)).sum())


KINDS = (
    Kind("steady", 45.5, 0.5, 0.45, 0.35),
    Kind("slow", 90.5, 0.6, 0.60, 0.20),
    Kind("uneven", 60.5, 1.0, 0.70, 0.10),
)


def made_deals(kind: Kind, seed: int, count: int, begin: date = LONG_AGO) -> pd.DataFrame:
    """Return deals as the loader gives them, as known on the last day; such as closed before ``begin`` are missing.

    Parameters
    ----------
    kind
        How long they take and how they end.
    seed
        Of the random numbers.
    count
        Deals begun in the twelve months up to the last day; as many in the twelve before.
    """
    rng = np.random.default_rng(seed)
    begun = np.datetime64(LAST) - rng.integers(0, 730, 2 * count).astype("timedelta64[D]")
    days = np.floor(rng.lognormal(log(kind.middle), kind.spread, 2 * count))
    won = rng.random(2 * count) < kind.wins(days)
    closed = begun + days.astype("timedelta64[D]")
    done = closed <= np.datetime64(LAST)
    status = np.where(done, np.where(won, "won", "lost"), "open")
    deals = pd.DataFrame(
        {
            "opportunity_id": [f"D{i}" for i in range(2 * count)],
            "created_date": begun.astype("datetime64[s]"),
            "close_date": np.where(done, closed, np.datetime64("NaT")).astype("datetime64[s]"),
            "status": pd.array(status, dtype="str"),
            "product_line": pd.array(["all"] * 2 * count, dtype="str"),
            "customer_type": pd.array(["all"] * 2 * count, dtype="str"),
        }
    )
    return deals[~(deals["close_date"] < pd.Timestamp(begin))].reset_index(drop=True)


def scope_of(begin: date = LONG_AGO) -> Scope:
    """Return the scope of the last month of the made deals."""
    calendar = Calendar()
    return Scope("all", calendar.period("2025-12"), LAST, begin, calendar=calendar)


@dataclass(frozen=True)
class Trial:
    """What one seed gave: medians, shares won by each day, and what else is in use."""

    median: float
    inside: bool
    closed_only: float
    won: tuple[float, ...]
    held: tuple[bool, ...]
    naive: tuple[float, ...]


def tried(kind: Kind, deals: pd.DataFrame, scope: Scope) -> Trial:
    """Read the findings of made deals, and work out beside them what is common."""
    no_orders = pd.DataFrame({"signed_date": pd.Series(dtype="datetime64[s]")})
    total = diagnosis.cycle(deals, no_orders, scope=scope).rows.iloc[0]
    rows = diagnosis.win_by_day(deals, scope=scope).rows
    at = rows["since_contact"].astype("int64").to_numpy()
    places = [int(np.flatnonzero(at == day)[0]) if day in at else -1 for day in DAYS]
    recent = deals[deals["created_date"] > pd.Timestamp(LAST - timedelta(days=365))]
    took = (recent["close_date"].fillna(pd.Timestamp(LAST)) - recent["created_date"]).dt.days.to_numpy()
    won = (recent["status"] == "won").to_numpy()
    truth = [kind.won_by(day) for day in DAYS]
    picked = [rows.iloc[p] if p >= 0 else None for p in places]
    return Trial(
        float(total["cycle"]),
        bool(total["cycle_low"] <= kind.median <= total["cycle_high"]),
        float(np.median(took[(recent["status"] != "open").to_numpy()])),
        tuple(np.nan if r is None else float(r["won_by"]) for r in picked),
        tuple(
            r is not None and bool(r["won_by_low"] <= t <= r["won_by_high"]) for r, t in zip(picked, truth, strict=True)
        ),
        tuple(float(v) for v in 1 - kaplan_meier(took, won).at(np.array(DAYS, dtype="float64"))),
    )


def medians(seeds: int, count: int) -> str:
    """Return the table of medians: bias of the finding and of closed deals only, coverage of the interval."""
    lines = [
        "| deals | true median | cycle | bias | 95 % interval holds it | closed deals only | bias |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for kind in KINDS:
        found = [tried(kind, made_deals(kind, seed, count), scope_of()) for seed in range(seeds)]
        cycle, closed = (float(np.mean([getattr(t, p) for t in found])) for p in ("median", "closed_only"))
        inside = float(np.mean([t.inside for t in found]))
        lines.append(
            f"| {kind.name} | {kind.median:.0f} | {cycle:.2f} | {cycle / kind.median - 1:+.1%} | {inside:.0%} "
            f"| {closed:.2f} | {closed / kind.median - 1:+.1%} |"
        )
    return "\n".join(lines)


def shares(seeds: int, count: int) -> str:
    """Return the table of chances to win by a day: truth, finding, and one minus Kaplan-Meier."""
    lines = [
        "| deals | day | truth | won by then | off, points | 95 % interval holds it | 1 - Kaplan-Meier |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for kind in KINDS:
        found = [tried(kind, made_deals(kind, seed, count), scope_of()) for seed in range(seeds)]
        for i, day in enumerate(DAYS):
            known = [t for t in found if not np.isnan(t.won[i])]
            if len(known) < len(found):
                continue  # so few deals are seen for so long that some tables do not go that far
            truth, won = kind.won_by(day), float(np.mean([t.won[i] for t in known]))
            naive = float(np.mean([t.naive[i] for t in found]))
            held = float(np.mean([t.held[i] for t in known]))
            lines.append(
                f"| {kind.name} | {day} | {truth:.3f} | {won:.3f} | {100 * (won - truth):+.2f} | {held:.0%} "
                f"| {naive:.3f} |"
            )
    return "\n".join(lines)


def late_data(seeds: int, count: int) -> str:
    """Return the table for data that begin four months before the end, looked at and not looked at."""
    begin = LAST - timedelta(days=120)
    lines = [
        "| deals, data of 120 days | true median | cycle | bias | beginning not looked at | bias |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for kind in KINDS:
        made = [made_deals(kind, seed, count, begin) for seed in range(seeds)]
        right, wrong = (
            float(np.nanmean([tried(kind, deals, scope_of(start)).median for deals in made]))
            for start in (begin, LONG_AGO)
        )
        lines.append(
            f"| {kind.name} | {kind.median:.0f} | {right:.2f} | {right / kind.median - 1:+.1%} "
            f"| {wrong:.2f} | {wrong / kind.median - 1:+.1%} |"
        )
    return "\n".join(lines)


def growth(counts: tuple[int, ...]) -> str:
    """Return the seconds that both findings take for so many deals."""
    lines = ["| deals | both findings, ms |", "| --- | --- |"]
    for count in counts:
        deals, start = made_deals(KINDS[0], 1, count), perf_counter()
        tried(KINDS[0], deals, scope_of())
        lines.append(f"| {2 * count:,} | {1000 * (perf_counter() - start):.0f} |")
    return "\n".join(lines)


def main(given: list[str] | None = None) -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=200, help="made sets of deals of each kind")
    parser.add_argument("--deals", type=int, default=2000, help="deals begun in twelve months, in each set")
    parser.add_argument("--growth", type=int, nargs="*", default=[500, 5000, 50_000], help="deals to time")
    asked = parser.parse_args(given)
    for table in (medians, shares, late_data):
        print(table(asked.seeds, asked.deals), end="\n\n")
    print(growth(tuple(asked.growth)))


if __name__ == "__main__":
    main()
