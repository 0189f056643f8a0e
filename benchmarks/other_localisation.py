"""Judge the search for causes on the cases of `other_causes`, beside the largest cells of a plain pivot.

python benchmarks/other_localisation.py --cases 60 --only sales nested quiet
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import numpy as np
from measuring import environment, head, row
from numpy import ndarray
from other_causes import LEVELS, LOSSES, Case, Planted, ratio_case, sales_case

from salesnb.methods.at_once.scan import Scan, scan
from salesnb.methods.at_once.scan_ratio import scan_ratio

FIRST = 3
CLEAR = 5.0  # a loss this many times as large as the chance in its slice can be told from all that could have been

RATIO = {name: name for name in ("value", "base", "expected_value", "expected_base")}


@dataclass(frozen=True)
class Named:
    """A slice that a way names: its members, its leaves, what it says was lost (negative) or won."""

    members: Mapping[str, str]
    covers: ndarray
    effect: float


@dataclass(frozen=True)
class Form:
    """How a case is made, and how it is searched."""

    made: Callable[..., Case]
    search: Callable[..., Scan]
    options: Mapping[str, Any] = field(default_factory=dict)
    given: Mapping[str, Any] = field(default_factory=dict)

    def case(self, level: str, seed: int) -> Case:
        """Return a case."""
        return self.made(level, seed, **self.options)

    def causes(self, case: Case, limit: float) -> list[Named]:
        """Return what the search says of it, with the leaves that each cause is of."""
        found = self.search(case.leaves, case.dimensions, limit=limit, **self.given).causes
        return [Named(cause.members, case.covers(cause.members), cause.effect) for cause in found]


QUIET = {"problems": 0, "traps": 0}
COUNTS, MONEY = {**RATIO, "part": True}, {**RATIO, "part": False}
FORMS = {
    "sales": Form(sales_case, scan),
    "nested": Form(sales_case, scan, {"nested": True}),
    "quiet": Form(sales_case, scan, QUIET),
    "quiet, one drift": Form(sales_case, scan, {**QUIET, "uneven": False}),
    "counts": Form(ratio_case, scan_ratio, {}, COUNTS),
    "counts, nested": Form(ratio_case, scan_ratio, {"nested": True}, COUNTS),
    "counts, past": Form(ratio_case, scan_ratio, {"past": True}, {**COUNTS, "sampled": True}),
    "counts, quiet": Form(ratio_case, scan_ratio, QUIET, COUNTS),
    "counts, quiet, one drift": Form(ratio_case, scan_ratio, {**QUIET, "uneven": False}, COUNTS),
    "money": Form(ratio_case, scan_ratio, {"kind": "money"}, MONEY),
    "money, past": Form(ratio_case, scan_ratio, {"kind": "money", "past": True}, {**MONEY, "sampled": True}),
    "money, quiet": Form(ratio_case, scan_ratio, {"kind": "money", **QUIET}, MONEY),
    "money, quiet, one drift": Form(ratio_case, scan_ratio, {"kind": "money", **QUIET, "uneven": False}, MONEY),
}


@dataclass
class Tally:
    """What came out over the cases of one form and level."""

    cases: int = 0
    problems: int = 0
    clear: int = 0
    by_money: int = 0
    by_surprise: int = 0
    clear_by_surprise: int = 0
    pivot: int = 0
    found: int = 0
    found_first: int = 0
    right: int = 0
    wrong: int = 0
    wrong_by_much: int = 0
    parts: int = 0
    alarmed: int = 0
    alarmed_by_much: int = 0
    seconds: float = 0.0
    told: list[float] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)


def main() -> None:
    """Print a table, and below it why what was planted was not found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=100)
    parser.add_argument("--first-seed", type=int, default=50_000)
    parser.add_argument("--only", nargs="*", choices=FORMS, default=list(FORMS))
    parser.add_argument("--levels", nargs="*", choices=LEVELS, default=list(LEVELS))
    parser.add_argument("--show", action="store_true", help="print every case that fails")
    args = parser.parse_args()
    environment({})
    print(
        head(
            *("form", "level", "cases", "by money", "by surprise", "of clear ones", "pivot", "confident: recall"),
            *(
                "first three by money",
                "precision",
                "of 1.2 %",
                "parts as causes",
                "loss told",
                "false alarms",
                "of 1.2 %",
                "CPU s",
            ),
        )
    )
    kinds: dict[str, Counter[str]] = {}
    for form in args.only:
        for level in args.levels:
            tally = Tally()
            for seed in range(args.first_seed, args.first_seed + args.cases):
                for line in judged(FORMS[form], FORMS[form].case(level, seed), tally):
                    if args.show:
                        print(f"{form} {level} {seed}: {line}", file=sys.stderr)
            print(row((form, level, *cells(tally))), flush=True)
            kinds[f"{form} {level}"] = tally.kinds
    for name, counter in kinds.items():
        if counter:
            print(f"\n{name}: " + ", ".join(f"{kind} {count}" for kind, count in counter.most_common()))


def cells(tally: Tally) -> Iterator[str]:
    """Yield what a row says, after its form and level."""

    def part(some: float, of: float) -> str:
        return f"{some / of:.3f}" if of else "-"

    yield str(tally.cases)
    yield part(tally.by_money, tally.problems)
    yield part(tally.by_surprise, tally.problems)
    yield part(tally.clear_by_surprise, tally.clear)
    yield part(tally.pivot, tally.problems)
    yield part(tally.found, tally.problems)
    yield part(tally.found_first, tally.problems)
    yield part(tally.right, tally.right + tally.wrong) if tally.problems else "-"
    yield part(tally.right, tally.right + tally.wrong_by_much) if tally.problems else "-"
    yield str(tally.parts)
    yield f"{np.median(tally.told):.2f}" if tally.told else "-"
    yield "-" if tally.problems else str(tally.alarmed)
    yield "-" if tally.problems else str(tally.alarmed_by_much)
    yield f"{tally.seconds / max(tally.cases, 1):.2f}"


def judged(form: Form, case: Case, tally: Tally) -> list[str]:
    """Add a case to a tally; return a line for each problem that is not among the first three, and each false one."""
    likely = form.causes(case, 1.0)
    begun = time.process_time()
    sure = form.causes(case, 0.01)
    tally.seconds += time.process_time() - begun
    tally.cases += 1
    much = LOSSES[0] * float(case.leaves["expected" if "actual" in case.leaves else "value"].sum())
    if not case.problems:
        tally.alarmed += bool(sure)
        tally.alarmed_by_much += any(abs(cause.effect) >= much for cause in sure)
        return [f"alarm {dict(cause.members)} {cause.effect:+.0f}" for cause in sure]
    falls = [cause for cause in likely if cause.effect < 0]
    money = sorted(falls, key=lambda cause: cause.effect)[:FIRST]
    sure_money = sorted((cause for cause in sure if cause.effect < 0), key=lambda cause: cause.effect)[:FIRST]
    cells_ = pivot(case)
    lines = []
    for problem in case.problems:
        clear = problem.clarity >= CLEAR
        first, second = among(case, problem, money), among(case, problem, falls[:FIRST])
        tally.problems += 1
        tally.clear += clear
        tally.by_money += first is not None
        tally.by_surprise += second is not None
        tally.clear_by_surprise += clear and second is not None
        tally.pivot += among(case, problem, cells_) is not None
        tally.found += among(case, problem, sure) is not None
        tally.found_first += among(case, problem, sure_money) is not None
        own = among(case, problem, sure)
        if own is not None and any(np.all(part.covers <= problem.covers) for part in case.parts):
            tally.told.append(-own.effect / problem.loss)
        if first is None:
            kind = why(case, problem, money, falls)
            tally.kinds[kind] += 1
            size = float(problem.covers @ weight(case))
            lines.append(
                f"{kind}: {dict(problem.members)} {len(case.told)} leaves, its {int(problem.covers.sum())}, "
                f"{size:.3f} of all, lost {-problem.loss:.0f} clarity {problem.clarity:.1f}, by surprise "
                f"{'found' if second else 'missed'}, confident {'yes' if own else 'no'}; told "
                + "; ".join(f"{dict(cause.members)} {cause.effect:.0f}" for cause in money)
            )
    return lines + weighed(case, sure, much, tally)


def weighed(case: Case, sure: Sequence[Named], much: float, tally: Tally) -> list[str]:
    """Add the causes named with confidence to a tally; return a line for each false one."""
    lines = []
    for cause in sure:
        if any(among(case, one, [cause]) for one in (*case.problems, *case.traps)):
            tally.right += 1
        elif any(among(case, one, [cause]) for one in case.parts):
            tally.parts += 1
        else:
            tally.wrong += 1
            tally.wrong_by_much += abs(cause.effect) >= much
            kind = "false: " + near(case, cause)
            tally.kinds[kind] += 1
            lines.append(f"{kind} {dict(cause.members)} {cause.effect:+.0f}")
    return lines


def among(case: Case, planted: Planted, causes: Iterable[Named]) -> Named | None:
    """Return the cause that has the same leaves as a planted slice."""
    told = planted.covers & case.told
    return next((cause for cause in causes if np.array_equal(cause.covers, told)), None)


def weight(case: Case) -> ndarray:
    """Return each leaf's part of the whole, by target or by usual value of its base."""
    if "actual" in case.leaves:
        sizes = case.leaves["expected"].to_numpy(float)
    else:
        usual = case.leaves["expected_value"].sum() / case.leaves["expected_base"].sum()
        sizes = case.leaves["base"].to_numpy(float) * usual
    return np.asarray(sizes / sizes.sum())


def why(case: Case, problem: Planted, money: Sequence[Named], falls: Sequence[Named]) -> str:
    """Return what kind of failure it is that a problem is not among the first three by money."""
    own, size = problem.covers & case.told, weight(case)
    inside = [cause for cause in falls if np.all(cause.covers <= own) and not np.array_equal(cause.covers, own)]
    if among(case, problem, falls):
        if inside:
            return "drained by its sub-slice"
        split = any(np.all(one.covers <= other.covers) for one in money for other in money if one is not other)
        return "crowded out by a cause and its part" if split else "crowded out by a false cause"
    if any(size[cause.covers & own].sum() >= 0.9 * size[cause.covers | own].sum() for cause in falls):
        return "nearly the same leaves"
    if inside:
        planted = any(among(case, part, inside) for part in case.parts)
        return "its part is told instead" if planted else "too narrow"
    if any(np.all(own <= cause.covers) for cause in falls):
        return "too wide"
    if any(size[cause.covers & own].sum() >= 0.5 * size[own].sum() for cause in falls):
        return "another slice with most of its leaves"
    return "small" if problem.clarity < CLEAR else "missed"


def near(case: Case, cause: Named) -> str:
    """Return what a false cause is, beside what was planted."""
    size = weight(case)
    slices = [("problem", one) for one in case.problems] + [("trap", one) for one in case.traps]
    for kind, one in slices:
        own = one.covers & case.told
        both, either = size[cause.covers & own].sum(), size[cause.covers | own].sum()
        if both >= 0.9 * either:
            return f"nearly a {kind}"
        if both >= 0.5 * size[cause.covers].sum():
            return f"within a {kind}" if np.all(cause.covers <= own) else f"mostly a {kind}"
        if both >= 0.5 * size[own].sum():
            return f"holds a {kind}"
    return "a member that drifts by itself" if case.drifting in cause.members else "elsewhere"


def pivot(case: Case) -> list[Named]:
    """Return the cells of two dimensions that fell short by most money, none twice by another name."""
    leaves, found = case.leaves, []
    for pair in combinations(case.dimensions, 2):
        known = leaves[(leaves[list(pair)] != "").all(axis=1)]
        sums = known.groupby(list(pair))[list(leaves.columns[len(case.dimensions) :])].sum()
        if "actual" in sums:
            gaps = sums["actual"] - sums["expected"]
        else:
            gaps = sums["value"] - sums["base"] * sums["expected_value"] / sums["expected_base"].replace(0, np.nan)
        least = gaps.nsmallest(2 * FIRST)
        found += [
            (float(gap), dict(zip(pair, cell, strict=True)))
            for cell, gap in zip(least.index.to_list(), least, strict=True)
        ]
    first: list[Named] = []
    for gap, members in sorted(found, key=lambda one: one[0]):
        mask = case.covers(members)
        if not any(np.array_equal(mask, one.covers) for one in first):
            first.append(Named(members, mask, gap))
        if len(first) == FIRST:
            break
    return first


if __name__ == "__main__":
    main()
