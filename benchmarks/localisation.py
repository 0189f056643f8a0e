"""How often the scan finds what was planted, how often it finds what was not, and what it costs; beside it, others.

    python benchmarks/localisation.py                              # everything, 200 cases a level
    python benchmarks/localisation.py --only sales ratios --cases 20
    python benchmarks/localisation.py --wise-pizza /path/to/other/python --wise-pizza-cases 10

wise-pizza is no dependency: `--wise-pizza` is the Python of an environment of its own in which it is installed. Every
case is made from its seed alone; the reported ones begin at `UNSEEN` (see `made_causes.py`).
"""

from __future__ import annotations

import argparse
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import product
from pathlib import Path

import pandas as pd
from made_causes import (
    HEAVY,
    LEVELS,
    RISKLOC,
    SALES,
    UNSEEN,
    Case,
    Score,
    ratio_case,
    riskloc_case,
    sales_case,
    score,
    wide,
)
from measuring import environment, head, machine, row
from rivals import WisePizza, pivot

from salesnb.methods.at_once.scan import Scan, scan
from salesnb.methods.at_once.scan_ratio import scan_ratio

LIMIT = 0.01
"""Chance of any false slice at which one is named with confidence."""

TOP = 3
KINDS = ("counts", "money")
PAST = 12
"""Periods of a past that tells the usual ratio, where it is not known."""

RATIO = {"value": "value", "base": "base", "expected_value": "expected_value", "expected_base": "expected_base"}

Search = Callable[..., Scan]


@dataclass(frozen=True)
class Run:
    """What one call measures: how many cases and periods, from which seed on, and the other library where it is."""

    cases: int
    periods: int
    first: int = UNSEEN
    pizza: WisePizza | None = None
    pizza_cases: int = 10

    def made(self, make: Callable[..., Case], count: int) -> Iterator[tuple[int, Case]]:
        """Make so many cases, one by one."""
        for number in range(count):
            yield number, make(seed=self.first + number)


@dataclass
class Tally:
    """The scores of a method over many cases and the CPU seconds each took."""

    method: str
    top: Score = field(default_factory=Score)
    sure: Score = field(default_factory=Score)
    seconds: list[float] = field(default_factory=list)

    def add(self, top: Score, seconds: float, sure: Score | None = None) -> None:
        """Count one more case: the first three losses and, where a method knows them, the confident ones."""
        self.top, self.sure = self.top + top, self.sure + (sure or Score())
        self.seconds.append(seconds)

    def row(self, level: str) -> str:
        """Return recall of the first three, recall and precision of the confident ones, and the cost."""
        sure = [f"{self.sure.recall:.3f}", f"{self.sure.precision:.3f}"] if self.sure.planted else ["-", "-"]
        cost = f"{statistics.mean(self.seconds):.2f} ({max(self.seconds):.2f})"
        return row((level, self.method, f"{self.top.recall:.3f}", *sure, cost, len(self.seconds)))


HEADS = ("case", "method", "recall of top 3", "recall, confident", "precision, confident", "CPU s (most)", "cases")


def sales(run: Run) -> Iterator[str]:
    """Compare the methods on additive figures of a sales organisation."""
    yield f"## Additive figures\n\n{head(*HEADS)}"
    for told, shape in (("", SALES), (", heavier tails", HEAVY)):
        for level in LEVELS:
            make = partial(sales_case, level, shape=shape)
            search = partial(scan, limit=1.0)
            beside = run if shape is SALES else replace(run, pizza=None)
            yield from _compared(beside, level + told, make, search, lambda leaves: leaves, ("expected", "actual"))


def ratios(run: Run) -> Iterator[str]:
    """Compare the methods on ratios: counts of tries, and money of a count."""
    yield f"\n## Ratios\n\n{head(*HEADS)}"
    for kind, history, level in product(KINDS, (0, PAST), LEVELS):
        make = partial(ratio_case, level, kind=kind, history=history)
        search = _ratio_search(kind, history, 1.0)
        told = f"{level}, {_ratio_name(kind, history)}"
        beside = replace(run, pizza=None) if history else run
        yield from _compared(beside, told, make, search, shortfall, ("base", "expected_base"))


def riskloc(run: Run) -> Iterator[str]:
    """Measure F1 on RiskLoc's S and L: all slices named with confidence, falls and rises."""
    yield f"\n## RiskLoc's S and L\n\n{head('data', 'F1', 'precision', 'recall', 'CPU s (most)', 'cases')}"
    for name, of in RISKLOC.items():
        total, seconds = Score(), []
        for _, case in run.made(partial(riskloc_case, name), run.cases):
            found, took = _timed(partial(scan, depth=len(of.sizes), most=10, limit=LIMIT), case)
            total, seconds = total + score(case, [cause.members for cause in found.causes]), [*seconds, took]
        figures = (f"{figure:.3f}" for figure in (total.f1, total.precision, total.recall))
        cost = f"{statistics.mean(seconds):.2f} ({max(seconds):.2f})"
        yield row((name, *figures, cost, len(seconds)))


def alarms(run: Run) -> Iterator[str]:
    """Count the periods of noise and drift alone in which a slice is named with confidence."""
    yield f"\n## False alarms\n\n{head('figures', 'level', 'periods', 'with a confident slice', 'share')}"
    for level in LEVELS:
        yield _alarms(run, "additive", level, partial(sales_case, level), partial(scan, limit=LIMIT))
    for kind, history, level in product(KINDS, (0, PAST), LEVELS):
        make = partial(ratio_case, level, kind=kind, history=history)
        search = _ratio_search(kind, history, LIMIT)
        yield _alarms(run, f"ratio, {_ratio_name(kind, history)}", level, make, search)


def growth(run: Run) -> Iterator[str]:
    """Measure seconds and memory as leaves and dimensions grow."""
    yield f"\n## Growth\n\n{head('leaves', 'dimensions', 'CPU s', 'peak MB of the process so far')}"
    for leaves, dimensions in product((1_000, 4_000, 16_000, 40_000, 100_000), (7, 9)):
        if leaves > run.cases * 500:
            break  # a quick look
        case = sales_case("medium", run.first, shape=wide(leaves, dimensions))
        _, took = _timed(scan, case)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        yield row((f"{len(case.leaves):,}", dimensions, f"{took:.2f}", f"{peak:.0f}"))


def shortfall(leaves: pd.DataFrame) -> pd.DataFrame:
    """Return a ratio's leaves as additive ones: the value, and the base at the usual ratio of the leaf."""
    usual = leaves["expected_value"] / leaves["expected_base"].where(leaves["expected_base"] > 0)
    overall = leaves["expected_value"].sum() / leaves["expected_base"].sum()
    return leaves.assign(expected=leaves["base"] * usual.fillna(overall), actual=leaves["value"])


def _compared(
    run: Run, told: str, make: Callable[..., Case], search: Search, additive: Callable[[pd.DataFrame], pd.DataFrame],
    figures: tuple[str, str],
) -> Iterator[str]:  # fmt: skip
    ours, plain, other = Tally("scan"), Tally("largest gaps of two dimensions"), Tally("wise-pizza")
    for number, case in run.made(make, run.cases):
        found, took = _timed(search, case)
        losses = [cause for cause in found.causes if cause.effect < 0]
        sure = score(case, [c.members for c in losses if c.chance <= LIMIT], figures)
        ours.add(score(case, [c.members for c in losses[:TOP]], figures), took, sure)
        leaves = additive(case.leaves)
        begun = time.process_time()
        ranked = pivot(leaves, case.dimensions, TOP)
        plain.add(score(case, ranked, figures), time.process_time() - begun)
        if run.pizza and number < run.pizza_cases:
            answer = run.pizza.losses(leaves, case.dimensions)
            other.add(score(case, answer.losses[:TOP], figures), answer.seconds)
    for tally in (ours, plain, other):
        if tally.seconds:
            yield tally.row(told)


def _alarms(run: Run, figures: str, level: str, make: Callable[..., Case], search: Search) -> str:
    quiet = run.made(partial(make, problems=0, traps=0), run.periods)
    loud = sum(bool(_timed(search, case)[0].causes) for _, case in quiet)
    return row((figures, level, run.periods, loud, f"{loud / run.periods:.1%}"))


def _timed(search: Search, case: Case) -> tuple[Scan, float]:
    begun = time.process_time()
    found = search(case.leaves, case.dimensions)
    return found, time.process_time() - begun


def _ratio_search(kind: str, history: int, limit: float) -> Search:
    return partial(scan_ratio, **RATIO, part=kind == "counts", sampled=history > 0, limit=limit)


def _ratio_name(kind: str, history: int) -> str:
    return kind + (f", past of {history} periods" if history else "")


PARTS: dict[str, Callable[[Run], Iterator[str]]] = {
    "sales": sales, "riskloc": riskloc, "ratios": ratios, "alarms": alarms, "growth": growth,
}  # fmt: skip


def main(argv: Sequence[str] | None = None) -> None:
    """Print a table for each part."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--cases", type=int, default=200, help="cases of each level")
    parser.add_argument("--periods", type=int, default=500, help="periods of noise of each level")
    parser.add_argument("--first-seed", type=int, default=UNSEEN)
    parser.add_argument("--only", nargs="*", choices=list(PARTS), default=list(PARTS))
    parser.add_argument("--wise-pizza", type=Path, help="Python of an environment that has wise-pizza")
    parser.add_argument("--wise-pizza-cases", type=int, default=10)
    args = parser.parse_args(argv)
    environment({})
    print(f"{machine()}; seeds from {args.first_seed}\n")
    with ExitStack() as stack:
        pizza = None
        if args.wise_pizza:
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            pizza = stack.enter_context(WisePizza(args.wise_pizza, Path(folder)))
        run = Run(args.cases, args.periods, args.first_seed, pizza, args.wise_pizza_cases)
        for part in args.only:
            for line in PARTS[part](run):
                print(line, flush=True)


if __name__ == "__main__":
    main()
