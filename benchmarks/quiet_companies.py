"""How often the findings name something in months in which nothing happened, and how large a loss they find.

    python benchmarks/quiet_companies.py                        # everything
    python benchmarks/quiet_companies.py --only quiet --months 500 --show
    python benchmarks/quiet_companies.py --only real --data FOLDER --settings examples/superstore_cn.toml

`localisation.py` measures the methods on leaves that are made one period at a time; here whole histories go in and the
rows of the findings come out: `problems`, then `localisation` with what it found, and `ratio_slices`, as the notebook
calls them. Seeds from 10,000 on are for reported figures, those below for whoever works on a method (`--first-seed 0`).
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from made_teams import KINDS, Frames, months_of, quiet_team, with_loss
from measuring import environment, head, machine, row

from salesnb.calendar import Period
from salesnb.data import load
from salesnb.findings import diagnosis
from salesnb.views.slices import SLICE

UNSEEN = 10_000
"""First seed of the reported figures."""

SURE = ("high", "medium")
NAMES = ("problems", "localisation", "ratio_slices")
JUDGED = (26, 33, 39, 46)
"""Places of the months that are judged in a made history of 48."""

LOSSES = (0.2, 0.4, 0.7)
SHARES = {"1/3": 1 / 3, "1/6": 1 / 6, "1/12": 1 / 12}
CROSSED = ("rep", "product_line", "region", "channel", "customer_type")

Slices = list[tuple[str, dict[str, str], str]]
"""What a finding named: a word, the slice, the confidence."""


@dataclass(frozen=True)
class Run:
    """What one call measures."""

    months: int
    cases: int
    first: int
    show: bool
    data: Path | None = None
    settings: str = ""


@dataclass
class Tally:
    """Months judged, and in how many of them each finding named something."""

    months: int = 0
    named: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0

    def cells(self) -> list[object]:
        """Return the counts with their shares."""
        counts = [self.named[name] for name in (*NAMES, "any")]
        return [self.months, *(f"{n} ({n / max(self.months, 1):.1%})" for n in counts)]


def named(made: Frames, period: str) -> dict[str, Slices]:
    """Return what each finding names of a period, as the notebook asks them one after the other."""
    scope = made.scope(period)
    seen = made.until(scope.period.end)
    top = diagnosis.problems(seen.orders, seen.targets, seen.opportunities, seen.receipts, scope=scope).rows
    bridge = diagnosis.localisation(seen.orders, seen.targets, scope=scope, problems=top).rows
    rates = diagnosis.ratio_slices(seen.orders, seen.opportunities, seen.receipts, scope=scope).rows
    slices = bridge[bridge["part"] == ""] if len(bridge) else bridge
    return {
        "problems": _read(top, "problem"),
        "localisation": [s for s in _read(slices, "against") if s[1]],
        "ratio_slices": [s for s in _read(rates, "kpi") if s[2]],
    }


def _read(rows: pd.DataFrame, word: str) -> Slices:
    return [(str(r[word]), {d: str(r[d]) for d in SLICE if r[d]}, str(r["confidence"])) for _, r in rows.iterrows()]


# -- months in which nothing happened


def quiet(run: Run) -> Iterator[str]:
    """Count the months of made teams in which nothing happened and something is named with confidence."""
    yield f"## Quiet months\n\n{head('teams', 'months', *NAMES, 'any of them')}"
    whole = Tally()
    for kind in KINDS:
        tally = Tally()
        for number in range(-(-run.months // len(KINDS) // len(JUDGED))):
            made = quiet_team(kind, run.first + number)
            months = months_of(made)
            for place in JUDGED:
                _count(tally, made, months[place].name, f"{kind} {run.first + number}", run.show)
        yield row((kind, *tally.cells()))
        whole = _added(whole, tally)
    yield row(("all", *whole.cells()))


def spans(run: Run) -> Iterator[str]:
    """The same of quarters and years."""
    yield f"\n## Quiet quarters and years\n\n{head('teams', 'periods', *NAMES, 'any of them')}"
    for level in ("quarter", "year"):
        tally = Tally()
        for kind in KINDS:
            for number in range(-(-run.months // len(KINDS) // 4)):
                made = quiet_team(kind, run.first + number)
                for period in _periods(made, level):
                    _count(tally, made, period, f"{kind} {run.first + number}", run.show)
        yield row((level, *tally.cells()))


def _periods(made: Frames, level: str) -> list[str]:
    months = [months_of(made)[place] for place in JUDGED]
    return list(dict.fromkeys(made.calendar.holding(month.start, level).name for month in months))


def real(run: Run) -> Iterator[str]:
    """Count the same where the months of real orders are shuffled: then no month is another one's successor."""
    yield f"\n## Shuffled months\n\n{head('data', 'months', *NAMES, 'any of them')}"
    case = load(data=str(run.data or "sample"), settings=run.settings)
    teams = [*case.teams, "all"]
    tally = Tally()
    for number in range(max(1, run.months // len(teams))):
        for team in teams:
            made, last = _shuffled(run, team, run.first + number)
            _count(tally, made, last, f"{team} {run.first + number}", run.show)
    yield row(((run.data or Path("sample")).name, *tally.cells()))


def _shuffled(run: Run, team: str, seed: int) -> tuple[Frames, str]:
    """Return a team's tables with whole months in another order, and the last of them."""
    case = load(data=str(run.data or "sample"), settings=run.settings, team=team)
    calendar = case.scope.calendar
    begin, end = case.orders["sales_date"].min().date(), case.orders["sales_date"].max().date()
    last = calendar.holding(end, "month")
    if run.data is None:  # the sample's months before anything was planted
        last = calendar.period("2024-04" if team in {"Central", "all"} else "2025-05")
    months = [p for p in calendar.run_up(last, 60) if p.start >= begin]
    order = np.random.default_rng([seed, 5]).permutation(len(months))
    to = {months[i].name: months[j] for i, j in enumerate(order.tolist())}
    orders = _moved(case.orders, "sales_date", to, ())
    orders["customer_since"] = orders.groupby("customer")["sales_date"].transform("min")
    deals = _moved(case.opportunities, "close_date", to, ("created_date",))
    receipts = _moved(case.receipts, "due_date", to, ("received_date",))
    goals = case.targets[case.targets["period"].isin(list(to))].copy()
    goals["period"] = goals["period"].map({name: p.name for name, p in to.items()}).astype("str")
    made = Frames(orders, goals, deals, receipts, months[0].start, case.scope.team, calendar)
    return made, last.name


def _moved(rows: pd.DataFrame, date: str, to: dict[str, Period], also: Sequence[str]) -> pd.DataFrame:
    """Return rows in the month that stands for theirs, on the same day of it; without those of other months."""
    name = rows[date].dt.strftime("%Y-%m")
    kept = rows[name.isin(list(to)).fillna(False)].copy()
    starts = kept[date].dt.to_period("M").dt.start_time
    news = pd.to_datetime(name.loc[kept.index].map({n: p.start for n, p in to.items()}))
    shift = (news - starts).astype("timedelta64[s]")
    moved = (kept[date] + shift).clip(upper=news + pd.offsets.MonthEnd(0))
    kept[date] = moved.astype("datetime64[s]")
    for column in also:
        kept[column] = (kept[column] + shift).astype("datetime64[s]")
    if "sales_date" in kept and date == "sales_date":
        kept["order_date"] = kept[date]
    return kept.sort_values(date, kind="stable", ignore_index=True)


def _count(tally: Tally, made: Frames, period: str, told: str, show: bool) -> None:
    begun = time.process_time()
    found = {name: [s for s in slices if s[2] in SURE] for name, slices in named(made, period).items()}
    tally.seconds += time.process_time() - begun
    tally.months += 1
    tally.named.update(name for name in NAMES if found[name])
    tally.named["any"] += any(found.values())
    if show and any(found.values()):
        print("   ", told, period, {name: s for name, s in found.items() if s}, flush=True)


def _added(one: Tally, other: Tally) -> Tally:
    return Tally(one.months + other.months, one.named + other.named, one.seconds + other.seconds)


# -- planted losses


def power(run: Run) -> Iterator[str]:
    """Tell how often a planted loss of a slice's orders is named, by how large slice and loss are."""
    heads = ("period", "slice", "loss", "cases", "problems", "with confidence", "localisation", "either")
    yield f"\n## Planted losses\n\n{head(*heads)}"
    for level in ("month", "quarter"):
        for told, share in SHARES.items():
            for part in LOSSES:
                yield row((level, told, f"{part:.0%}", run.cases, *_power(run, level, share, part)))


def _power(run: Run, level: str, share: float, part: float) -> list[str]:
    hits: Counter[str] = Counter()
    for number in range(run.cases):
        seed = run.first + number
        made = quiet_team("usual", seed)
        month = months_of(made)[JUDGED[number % len(JUDGED)]]
        period = made.calendar.holding(month.start, level)
        members = _slice(made, period, share, number)
        made = with_loss(made, members, period.start, part, seed)
        found = named(made, period.name)
        inside = _rows(made, members, period)
        same = {n: [s for s in found[n] if _rows(made, s[1], period) == inside] for n in NAMES}
        hits["problems"] += bool(same["problems"])
        hits["sure"] += any(s[2] in SURE for s in same["problems"])
        hits["localisation"] += bool(same["localisation"])
        hits["either"] += bool(same["problems"] or same["localisation"])
    return [f"{hits[name] / run.cases:.0%}" for name in ("problems", "sure", "localisation", "either")]


def parts(run: Run) -> Iterator[str]:
    """Tell how often a planted loss is among the three that everybody is given: problems, then parts of the gap."""
    heads = ("slice", "loss", "cases", "with a gap", "of these among the three", "as a problem")
    yield f"\n## Planted losses among the first three\n\n{head(*heads)}"
    for told, share in list(SHARES.items())[:2]:
        for part in reversed(LOSSES):
            yield row((told, f"{part:.0%}", run.cases, *_among_three(run, share, part)))


def _among_three(run: Run, share: float, part: float) -> list[object]:
    hits: Counter[str] = Counter()
    for number in range(run.cases):
        seed = run.first + number
        made = quiet_team("usual", seed)
        month = months_of(made)[JUDGED[number % len(JUDGED)]]
        members = _slice(made, month, share, number)
        made = with_loss(made, members, month.start, part, seed)
        scope, seen = made.scope(month.name), made.until(month.end)
        tables = seen.orders, seen.targets, seen.opportunities
        top = diagnosis.problems(*tables, seen.receipts, scope=scope).rows
        rest = diagnosis.gap_parts(*tables, scope=scope, problems=top)
        inside = _rows(made, members, month)
        same = [
            {_rows(made, s[1], month) == inside for s in _read(rows, "problem") if s[0] != "lower_collection"}
            for rows in (top, rest.rows)
        ]
        hits["gap"] += rest.headline.key != "no_gap"
        hits["three"] += rest.headline.key != "no_gap" and any(True in found for found in same)
        hits["problem"] += True in same[0]
    return [hits["gap"], f"{hits['three'] / max(hits['gap'], 1):.0%}", f"{hits['problem'] / run.cases:.0%}"]


def _slice(made: Frames, period: Period, share: float, number: int) -> dict[str, str]:
    """Return a slice of about such a share of the year before: of one dimension where there is one, or of two."""
    before = made.orders[
        (made.orders["sales_date"] < pd.Timestamp(period.start))
        & (made.orders["sales_date"] >= pd.Timestamp(period.start) - pd.Timedelta(days=365))
    ]
    money, near = before["amount"].astype("float64"), []
    for i, one in enumerate(CROSSED):
        for by in ([one], *([one, other] for other in CROSSED[i + 1 :])):
            parts = money.groupby([before[d] for d in by]).sum() / money.sum()
            for member, part in parts.items():
                names = member if isinstance(member, tuple) else (member,)
                off = abs(float(np.log(part / share))) + 0.1 * (len(by) - 1) if part > 0 else np.inf
                near.append((off, dict(zip(by, map(str, names), strict=True))))
    near.sort(key=lambda pair: pair[0])
    return near[number % 3][1]


def _rows(made: Frames, members: dict[str, str], period: Period) -> frozenset[int]:
    """Return which rows of the year before lie in a slice: names of the same rows name the same slice."""
    at = made.orders["sales_date"]
    fit = (at >= pd.Timestamp(period.start) - pd.Timedelta(days=365)) & (at < pd.Timestamp(period.start))
    for d, member in members.items():
        fit &= made.orders[d] == member if d in made.orders else False
    return frozenset(np.flatnonzero(fit.to_numpy(dtype=bool)).tolist())


PARTS: dict[str, Callable[[Run], Iterator[str]]] = {
    "quiet": quiet,
    "spans": spans,
    "real": real,
    "power": power,
    "parts": parts,
}


def main(argv: Sequence[str] | None = None) -> None:
    """Print a table for each part."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--only", nargs="*", choices=list(PARTS), default=list(PARTS))
    parser.add_argument("--months", type=int, default=500, help="quiet months, about so many")
    parser.add_argument("--cases", type=int, default=60, help="planted losses of each size")
    parser.add_argument("--first-seed", type=int, default=UNSEEN)
    parser.add_argument("--show", action="store_true", help="print what was named")
    parser.add_argument("--data", type=Path, help="folder of real data whose months are shuffled")
    parser.add_argument("--settings", default="")
    args = parser.parse_args(argv)
    environment({})
    print(f"{machine()}; seeds from {args.first_seed}\n")
    run = Run(args.months, args.cases, args.first_seed, args.show, args.data, args.settings)
    for part in args.only:
        for line in PARTS[part](run):
            print(line, flush=True)


if __name__ == "__main__":
    main()
