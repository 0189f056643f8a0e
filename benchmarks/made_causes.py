"""Tables of leaves with known causes planted in them, and how a search for those causes is scored.

Three families. `sales_case`: the figures of a sales organisation, sparse and heavy-tailed, a team above each rep,
with a market drift on everything, losses of known slices, and a rising slice as a trap. `ratio_case`: the same with
a numerator and a denominator (deals won of deals decided, or money of deals). `riskloc_case`: the S and L data of
RiskLoc (Kalander 2022, arXiv 2205.10004), made again from the paper's description. A case is a pure function of its
names and its seed.

Seeds below `UNSEEN` are for whoever develops a method; those from `UNSEEN` on are for reported figures alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from zlib import crc32

import numpy as np
import pandas as pd

LEVELS = {"easy": 0.05, "medium": 0.25, "hard": 0.50}
"""Spread of a leaf's figure around what was to be expected of it: standard deviation, lognormal with a mean of one."""

UNSEEN = 10_000
"""First seed of the reported figures."""

SHARE = (0.02, 0.30)
"""Part of the whole target that a planted slice may have."""
LOSS = (0.012, 0.12)
"""Part of the whole target that a planted slice may lose (or win, as a trap)."""
DRIFT = (-0.06, 0.03)
OVERLAP = 0.25
"""Largest part of a planted slice's target that may lie in another one: beyond it nobody could tell them apart."""


@dataclass(frozen=True)
class Shape:
    """What a made organisation is like; the members of dimensions that cross freely in ``free``."""

    teams: int = 6
    reps: int = 4
    """Of each team."""
    regions: int = 6
    beats: tuple[int, int] = (1, 3)
    """How many regions a rep works in, at least and at most."""
    free: Mapping[str, int] = field(
        default_factory=lambda: {"product": 8, "channel": 4, "customer_type": 4, "new_existing": 2}
    )
    leaves: int = 3_900
    tail: float = 0.8
    """Sigma of the lognormal base of a leaf."""
    member: float = 0.3
    """Sigma of the lognormal multiplier of a member."""

    @property
    def dimensions(self) -> tuple[str, ...]:
        """Return the names of the dimensions, the nested pair first."""
        return ("team", "rep", "region", *self.free)


SALES = Shape()


HEAVY = Shape(tail=1.0, member=0.4)
"""Heavier tails: at the hard level a fifth of what is planted lies within four standard deviations of noise."""


def wide(leaves: int, dimensions: int = 9) -> Shape:
    """Return an organisation with so many leaves and dimensions, for measuring growth."""
    more = {f"extra_{n}": 3 for n in range(dimensions - len(SALES.dimensions))}
    grown = max(1, round(leaves / SALES.leaves / 10))
    return Shape(teams=6 * min(grown, 4), free={**SALES.free, **more}, leaves=leaves)


@dataclass(frozen=True)
class Planted:
    """A slice with a cause: its members, the leaves it covers, and what it lost (below zero: won)."""

    members: Mapping[str, str]
    covers: np.ndarray
    loss: float


@dataclass(frozen=True)
class Case:
    """A table of leaves, its dimensions, the problems planted in it and the traps."""

    leaves: pd.DataFrame
    dimensions: tuple[str, ...]
    problems: tuple[Planted, ...] = ()
    traps: tuple[Planted, ...] = ()

    def covers(self, members: Mapping[str, str]) -> np.ndarray:
        """Tell which leaves a slice covers."""
        inside = np.ones(len(self.leaves), dtype=bool)
        for dimension, member in members.items():
            inside &= (self.leaves[dimension] == member).to_numpy()
        return inside


def sales_case(level: str, seed: int, problems: int = 3, traps: int = 1, shape: Shape = SALES) -> Case:
    """Return a case with columns ``expected`` and ``actual``; without problems and traps it is noise and drift."""
    rng = _generator("sales", level, seed)
    frame, expected = _organisation(rng, shape)
    case = Case(frame, shape.dimensions)
    planted = _plant(rng, case, expected, problems + traps)
    factor = _factors(planted[:problems], planted[problems:], expected)
    drift = 1.0 + rng.uniform(*DRIFT)
    frame["expected"] = expected
    frame["actual"] = expected * factor * drift * _noise(rng, LEVELS[level], len(frame))
    return Case(frame, shape.dimensions, *_lists(planted, problems))


def ratio_case(
    level: str,
    seed: int,
    problems: int = 3,
    traps: int = 1,
    kind: str = "counts",
    deals: int = 20_000,
    history: int = 0,
) -> Case:
    """Return a case of a ratio: ``value`` over ``base``, with ``expected_value`` over ``expected_base``.

    ``counts``: events of tries (deals won of deals decided), binomial beyond the leaf's own spread. ``money``: an
    amount of a count (sales of orders); a mean of many amounts strays less than one, beyond the leaf's own spread.
    The base moves by itself, and one slice loses a good part of it while its ratio stays: no problem of the ratio.
    What was to be expected is known exactly or, with ``history``, is what so many earlier periods happened to be.
    """
    rng = _generator(f"ratio-{kind}", level, seed)
    frame, size = _organisation(rng, SALES)
    usual = size / size.sum() * deals
    rate = _rates(rng, frame, kind)
    case = Case(frame, SALES.dimensions)
    weight = usual * rate
    planted = _plant(rng, case, weight, problems + traps)
    factor = _factors(planted[:problems], planted[problems:], weight)
    now = usual * _noise(rng, 0.25, len(frame)) * (1 + rng.uniform(*DRIFT))
    if problems:
        emptied = _plant(rng, case, weight, 1, beside=planted)
        for slice_ in emptied:
            now[slice_.covers] *= rng.uniform(0.4, 0.7)
    base = rng.poisson(now)
    true = rate * factor * (1 + rng.uniform(*DRIFT)) * _noise(rng, LEVELS[level], len(frame))
    frame["base"] = base.astype(float)
    frame["value"] = _values(rng, base, true, kind)
    before = rng.poisson(usual * history).astype(float) if history else usual
    frame["expected_base"] = before
    frame["expected_value"] = _values(rng, before.astype(int), rate, kind) if history else weight
    return Case(frame, SALES.dimensions, *_lists(planted, problems))


def _generator(family: str, level: str, seed: int) -> np.random.Generator:
    return np.random.default_rng([crc32(f"{family}/{level}".encode()), seed])


def _noise(rng: np.random.Generator, spread: float, size: int) -> np.ndarray:
    sigma = np.sqrt(np.log1p(spread**2))
    return rng.lognormal(-(sigma**2) / 2, sigma, size)


def _organisation(rng: np.random.Generator, shape: Shape) -> tuple[pd.DataFrame, np.ndarray]:
    """Make the leaves that exist and the target of each: not every rep sells in every region, nor everything."""
    reps = shape.teams * shape.reps
    beats = [
        rng.choice(shape.regions, min(shape.regions, rng.integers(*shape.beats, endpoint=True)), replace=False)
        for _ in range(reps)
    ]
    pairs = np.array([(rep, region) for rep, beat in enumerate(beats) for region in beat])
    sizes = [len(pairs), *shape.free.values()]
    total = int(np.prod(sizes))
    cells = np.sort(rng.choice(total, min(shape.leaves, total), replace=False))
    pair, *free = np.unravel_index(cells, sizes)
    codes = {"team": pairs[pair, 0] // shape.reps, "rep": pairs[pair, 0], "region": pairs[pair, 1]}
    codes |= dict(zip(shape.free, free, strict=True))
    weight = rng.lognormal(0.0, shape.tail, len(cells))
    frame = pd.DataFrame()
    for name, code in codes.items():
        weight *= rng.lognormal(0.0, shape.member, code.max() + 1)[code]
        frame[name] = np.char.add(f"{name} ", code.astype(str)).astype(object)
    return frame, weight / weight.sum() * 1e8


def _plant(
    rng: np.random.Generator, case: Case, weight: np.ndarray, count: int, beside: Sequence[Planted] = ()
) -> list[Planted]:
    """Choose slices of one to three dimensions at random, of a fair size each and hardly overlapping."""
    planted: list[Planted] = []
    total = weight.sum()
    while len(planted) < count:
        depth = rng.integers(1, 4)
        chosen = list(rng.choice(case.dimensions, depth, replace=False))
        if {"team", "rep"} <= set(chosen):
            continue
        leaf = case.leaves.iloc[rng.choice(len(weight), p=weight / total)]
        members = {d: str(leaf[d]) for d in case.dimensions if d in chosen}
        covers = case.covers(members)
        share = weight[covers].sum() / total
        most = min(LOSS[1], 0.9 * share)
        if not SHARE[0] <= share <= SHARE[1] or most <= LOSS[0]:
            continue
        if any(_overlap(covers, other.covers, weight) > OVERLAP for other in (*beside, *planted)):
            continue
        planted.append(Planted(members, covers, rng.uniform(LOSS[0], most) * total))
    return planted


def _overlap(one: np.ndarray, other: np.ndarray, weight: np.ndarray) -> float:
    both = weight[one & other].sum()
    return float(both / min(weight[one].sum(), weight[other].sum()))


def _factors(problems: Sequence[Planted], traps: Sequence[Planted], weight: np.ndarray) -> np.ndarray:
    factor = np.ones(len(weight))
    for sign, slices in ((-1, problems), (1, traps)):
        for slice_ in slices:
            factor[slice_.covers] *= 1 + sign * slice_.loss / weight[slice_.covers].sum()
    return factor


def _lists(planted: Sequence[Planted], problems: int) -> tuple[tuple[Planted, ...], tuple[Planted, ...]]:
    traps = tuple(Planted(trap.members, trap.covers, -trap.loss) for trap in planted[problems:])
    return tuple(planted[:problems]), traps


def _rates(rng: np.random.Generator, frame: pd.DataFrame, kind: str) -> np.ndarray:
    """Usual ratio of each leaf: what its product, channel and rep make of it."""
    logit = np.full(len(frame), -0.9 if kind == "counts" else np.log(20_000))
    for dimension, spread in (("product", 0.35), ("channel", 0.25), ("rep", 0.3), ("customer_type", 0.25)):
        code, names = pd.factorize(frame[dimension])
        logit += rng.normal(0.0, spread, len(names))[code]
    return 1 / (1 + np.exp(-logit)) if kind == "counts" else np.exp(logit)


def _values(rng: np.random.Generator, base: np.ndarray, rate: np.ndarray, kind: str) -> np.ndarray:
    if kind == "counts":
        return rng.binomial(base, np.clip(rate, 0.0, 1.0)).astype(float)
    spread = 0.8 / np.sqrt(np.maximum(base, 1))  # of a mean of so many amounts, each lognormal
    sigma = np.sqrt(np.log1p(spread**2))
    return base * rate * np.exp(rng.normal(-(sigma**2) / 2, sigma))


@dataclass(frozen=True)
class RiskLoc:
    """The settings of one of RiskLoc's made data sets; pairs are the ends of uniform distributions."""

    sizes: Mapping[str, int]
    noise: tuple[float, float]
    severity: tuple[float, float]
    deviation: tuple[float, float]
    anomalies: tuple[int, int]
    elements: tuple[int, int]
    deepest: bool = False
    """Whether anomalies are single leaves."""
    zeros: tuple[float, float] = (0.0, 0.25)
    weibull: tuple[float, float] = (0.5, 1.0)


RISKLOC = {
    "S": RiskLoc({"a": 10, "b": 12, "c": 10, "d": 8, "e": 5}, (0, 0.25), (0.2, 1.0), (0, 0.1), (1, 3), (1, 3)),
    "L": RiskLoc({"a": 10, "b": 24, "c": 10, "d": 15}, (0, 0.1), (0.5, 1.0), (0, 0), (1, 5), (1, 1), deepest=True),
}


def riskloc_case(name: str, seed: int, most: int | None = None) -> Case:
    """Return a case of RiskLoc's S or L; ``most`` cuts every dimension to so many members (for quick tests).

    The forecast of a normal leaf errs by a normal relative error, on either of the two columns by the toss of a coin.
    An anomaly lowers all its leaves by about the same part: the actual figures or, where the table as a whole lies
    above its forecast, the forecast. The noise level is added to the severity, as the paper's generator does.
    """
    of = RISKLOC[name]
    rng = _generator("riskloc", name, seed)
    sizes = {d: min(size, most or size) for d, size in of.sizes.items()}
    codes = np.unravel_index(np.arange(int(np.prod(list(sizes.values())))), list(sizes.values()))
    actual, expected, noise = _forecast(rng, of, len(codes[0]))
    anomalies = _anomalies(rng, of, sizes, codes, actual)
    high = actual.sum() > expected.sum()
    kept, cut = (actual, expected) if high else (expected, actual)
    planted = []
    for elements in anomalies:
        severity, deviation = rng.uniform(*of.severity) + noise, rng.uniform(*of.deviation)
        masks = [_inside(codes, list(sizes), members) for members in elements]
        inside = np.logical_or.reduce(masks)
        cut[inside] = np.maximum(kept[inside] * (1 - rng.normal(severity, deviation, inside.sum())), 0.0)
        planted += list(zip(elements, masks, strict=True))
    frame = pd.DataFrame(
        {d: np.char.add(d, (code + 1).astype(str)).astype(object) for d, code in zip(sizes, codes, strict=True)}
    ).assign(expected=expected, actual=actual)
    problems = tuple(
        Planted({d: f"{d}{m + 1}" for d, m in members.items()}, mask, float((expected - actual)[mask].sum()))
        for members, mask in planted
    )
    return Case(frame, tuple(sizes), problems)


def _forecast(rng: np.random.Generator, of: RiskLoc, count: int) -> tuple[np.ndarray, np.ndarray, float]:
    zeros, noise = rng.uniform(*of.zeros), rng.uniform(*of.noise)
    one = 100 * rng.weibull(rng.uniform(*of.weibull), count) * (rng.random(count) > zeros)
    other = one * (1 + rng.normal(0.0, noise, count))
    coin = rng.random(count) < 0.5
    # Only a forecast is kept from falling below zero.
    return np.where(coin, other, one), np.maximum(np.where(coin, one, other), 0.0), float(noise)


def _anomalies(
    rng: np.random.Generator, of: RiskLoc, sizes: dict[str, int], codes: tuple[np.ndarray, ...], actual: np.ndarray
) -> list[list[dict[str, int]]]:
    """Choose the elements of each anomaly: no cuboid twice, and no member that an earlier anomaly has."""
    count = rng.integers(*of.anomalies, endpoint=True)
    found: list[list[dict[str, int]]] = []
    for _ in range(count):
        depth = len(sizes) if of.deepest else rng.integers(1, len(sizes), endpoint=True)
        amount = rng.integers(*of.elements, endpoint=True)
        for _ in range(1_000):
            elements = _elements(rng, sizes, depth, amount, found)
            distinct = len({tuple(e.items()) for e in elements}) == amount
            empty = depth == len(sizes) and any(actual[_inside(codes, list(sizes), e)].sum() == 0 for e in elements)
            used = depth < len(sizes) and any(set(elements[0]) == set(other[0]) for other in found if elements)
            if distinct and not empty and not used:
                found.append(elements)
                break
    return found


def _elements(
    rng: np.random.Generator, sizes: dict[str, int], depth: int, amount: int, found: list[list[dict[str, int]]]
) -> list[dict[str, int]]:
    chosen = sorted(rng.choice(list(sizes), depth, replace=False))
    free = {d: sorted(set(range(sizes[d])) - {e[d] for other in found for e in other if d in e}) for d in chosen}
    if not all(free.values()):
        return []
    return [{d: int(rng.choice(free[d])) for d in chosen} for _ in range(amount)]


def _inside(codes: tuple[np.ndarray, ...], names: list[str], members: Mapping[str, int]) -> np.ndarray:
    return np.logical_and.reduce([codes[names.index(d)] == member for d, member in members.items()])


@dataclass(frozen=True)
class Score:
    """How many planted slices were named, and how many named ones were not planted; scores add up."""

    hits: int = 0
    planted: int = 0
    named: int = 0

    def __add__(self, other: Score) -> Score:
        return Score(self.hits + other.hits, self.planted + other.planted, self.named + other.named)

    @property
    def recall(self) -> float:
        """Return the part of the planted slices that was named."""
        return self.hits / self.planted if self.planted else 1.0

    @property
    def precision(self) -> float:
        """Return the part of the named slices that was planted."""
        return self.hits / self.named if self.named else 1.0

    @property
    def f1(self) -> float:
        """Return the harmonic mean of the two, of all cases together, as RiskLoc's authors report it."""
        return 2 * self.hits / (self.planted + self.named) if self.planted + self.named else 1.0


def score(case: Case, named: Sequence[Mapping[str, str]], figures: Sequence[str] = ("expected", "actual")) -> Score:
    """Count the named slices that cover the same leaves as a planted one, whatever they are called.

    Leaves in which all ``figures`` are zero do not tell slices apart.
    """
    some = (case.leaves[list(figures)] != 0).any(axis=1).to_numpy()
    wanted = {(problem.covers & some).tobytes() for problem in case.problems}
    got = [(case.covers(members) & some).tobytes() for members in named]
    return Score(len(wanted & set(got)), len(wanted), len(got))
