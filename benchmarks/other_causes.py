"""Made tables with planted causes, by rules that no method of this project was developed on.

Tables differ from case to case in what a method could lean on: how many dimensions there are and how many members
they have, how the size of leaves is spread, what kind of chance moves them, which dimension the drift differs by. Two
hierarchies (team over rep, line over product) stand in each, one dimension has a blank member, which is no slice, and
some leaves have a figure on one side only. A planted slice hits its leaves unevenly.

A case is a pure function of its arguments: the same ones give the same table.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy import ndarray
from numpy.random import Generator

LEVELS = {"easy": 0.05, "medium": 0.25, "hard": 0.50}  # how far a leaf strays by itself, as a part of its figure
NOISES = ("gamma", "student", "compound")
EXTRAS = {"region": 14, "channel": 6, "industry": 9, "contract": 3, "warehouse": 7, "campaign": 11}
"""Dimensions beside the four of the hierarchies, and the most members they have."""

SHARES = (0.02, 0.30)  # the part of the whole that a planted slice holds
LOSSES = (0.012, 0.12)  # the part of the whole that it loses
FALLS = (0.15, 0.60)  # the part of itself that it loses
UNEVEN = 0.625  # how far a leaf's fall strays from its slice's, at most: of 40 % on average, from 15 to 65 %
LUMPS = 0.8  # how far one order's amount strays from the usual amount, where leaves are sums of orders


@dataclass(frozen=True)
class Planted:
    """A slice that fell (or, as a trap, rose: its loss is negative); clarity is its loss over the chance in it."""

    members: Mapping[str, str]
    covers: ndarray
    loss: float
    clarity: float = 0.0


@dataclass(frozen=True)
class Case:
    """A table of leaves and what was planted in it; parts lie within a problem, whose loss holds theirs."""

    leaves: pd.DataFrame
    dimensions: tuple[str, ...]
    problems: tuple[Planted, ...]
    traps: tuple[Planted, ...]
    parts: tuple[Planted, ...] = ()
    drifting: str = ""  # the dimension whose members move a little by themselves

    def covers(self, members: Mapping[str, str]) -> ndarray:
        """Return which leaves with a figure a slice has; by these it is known, whatever its name."""
        mask = self.told
        for name, member in members.items():
            mask = mask & (self.leaves[name] == member).to_numpy()
        return mask

    @cached_property
    def told(self) -> ndarray:
        """Return which leaves have a figure; of a ratio, those with a base."""
        figures = ["actual", "expected"] if "actual" in self.leaves else ["base"]
        return np.asarray((self.leaves[figures] != 0).any(axis=1))


@dataclass(frozen=True)
class _Draft:
    """A slice before its loss is known: columns and codes of its members, its leaves, what each of them keeps."""

    columns: tuple[int, ...]
    codes: tuple[int, ...]
    covers: ndarray
    keeps: ndarray
    part: _Draft | None = None


class _NoRoomError(Exception):
    """Raised where a table has no room for what is to be planted; another one is drawn."""


@dataclass(frozen=True)
class _Wanted:
    """What is asked of a case."""

    spread: float
    problems: int
    traps: int
    nested: bool
    uneven: bool


def sales_case(
    level: str, seed: int, problems: int = 3, traps: int = 1, nested: bool = False, uneven: bool = True
) -> Case:
    """Return a month of sales against their target, in columns ``actual`` and ``expected``.

    ``level`` is a key of `LEVELS`; ``problems`` slices fall, ``traps`` rise, without either a month is quiet. Where
    ``nested``, a slice within one of the problems falls about twice as far as the rest of it. The drift differs by
    the members of one dimension (1 to 3 %) where ``uneven``.
    """
    wanted = _Wanted(LEVELS[level], problems, traps, nested, uneven)
    rng = _rng("sales", level, problems, traps, nested, uneven, seed)
    return _until_room(lambda: _sales(rng, wanted))


def ratio_case(
    level: str,
    seed: int,
    kind: str = "counts",
    problems: int = 3,
    traps: int = 1,
    nested: bool = False,
    past: bool = False,
    uneven: bool = True,
) -> Case:
    """Return a ratio against its usual one, in columns ``value``, ``base``, ``expected_value``, ``expected_base``.

    Of ``counts`` (deals won of deals decided) a leaf's rate strays beside the chance of what is counted, of ``money``
    (amount of orders) beside that of the orders' amounts. The base halves or doubles in a slice that is no problem of
    the ratio. The usual ratio is known, or drawn for twelve periods where ``past``. What is planted is four times as
    large as chance would make it, or larger: of a few deals nothing can be told. Else as `sales_case`.
    """
    wanted = _Wanted(LEVELS[level], problems, traps, nested, uneven)
    rng = _rng("ratio", level, kind, problems, traps, nested, past, uneven, seed)
    return _until_room(lambda: _ratio(rng, wanted, kind, past))


def _rng(*names: object) -> Generator:
    return np.random.default_rng(zlib.crc32("/".join(map(str, names)).encode()))


def _until_room(draw: Callable[[], Case]) -> Case:
    for _ in range(100):
        try:
            return draw()
        except _NoRoomError:
            continue
    raise ValueError("a hundred tables had no room for what is to be planted")


def _sales(rng: Generator, wanted: _Wanted) -> Case:
    names, codes = _crossing(rng, _between(rng, 400, 8000))
    expected = np.round(_sizes(rng, len(codes)) * _between(rng, 200_000, 80_000_000), 2)
    drift, drifting = _drift(rng, codes, wanted.uneven)
    usual = expected * drift
    noise = str(rng.choice(NOISES))
    order = _middle(expected) * wanted.spread**2 / (1 + LUMPS**2)
    variance = (1 + LUMPS**2) * order * usual if noise == "compound" else (wanted.spread * usual) ** 2
    drafts = _plant(rng, codes, expected, variance, wanted, clear=0.0)
    lost, kept = _losses(usual, drafts)
    actual = np.round(_moved(rng, noise, usual * kept, wanted.spread, order), 2)
    small = expected <= np.quantile(expected, 0.7)
    actual[small & (rng.random(len(codes)) < rng.uniform(0.01, 0.05))] = 0.0
    expected[small & (rng.random(len(codes)) < rng.uniform(0.01, 0.04))] = 0.0
    figures = {"expected": expected, "actual": actual}
    return _case(names, codes, figures, drafts, lost, variance, wanted.problems, drifting)


def _ratio(rng: Generator, wanted: _Wanted, kind: str, past: bool) -> Case:
    spread = wanted.spread
    counted = _between(rng, 4000, 40_000)
    names, codes = _crossing(rng, _between(rng, 400, min(8000, counted // 4)))
    volume = counted * _sizes(rng, len(codes))
    rate = _rates(rng, codes, kind)
    drift, drifting = _drift(rng, codes, wanted.uneven)
    drifted = np.minimum(rate * drift, 0.85 if kind == "counts" else np.inf)
    moved = _slice(rng, codes, volume, [], (1, 2), SHARES)
    base = rng.poisson(volume * rng.gamma(25, 1 / 25, len(codes)) * np.where(moved.covers, rng.choice([0.5, 2]), 1))
    lumps = float(rng.uniform(0.5, 1.3))
    own = (drifted * (1 - drifted) if kind == "counts" else (lumps * drifted) ** 2) * base
    variance = own + base**2 * (spread * drifted) ** 2
    drafts = _plant(rng, codes, base * drifted, variance, wanted, clear=4.0)
    lost, kept = _losses(base * drifted, drafts)
    now = drifted * kept
    if kind == "counts":
        value = rng.binomial(base, _betas(rng, np.minimum(now, 0.95), spread)).astype(float)
    else:
        value = _amounts(rng, base, now, lumps) * rng.gamma(spread**-2, spread**2, len(codes))
    usual_base = rng.poisson(12 * volume).astype(float) if past else np.round(volume, 2)
    usual = usual_base * rate
    if past and kind == "counts":
        usual = rng.binomial(usual_base.astype(int), rate).astype(float)
    elif past:
        usual = _amounts(rng, usual_base, rate, lumps)
    figures = {"value": value.round(2), "base": base, "expected_value": usual, "expected_base": usual_base}
    return _case(names, codes, figures, drafts, lost, variance, wanted.problems, drifting)


def _case(
    names: Sequence[str],
    codes: ndarray,
    figures: Mapping[str, ndarray],
    drafts: Sequence[_Draft],
    lost: Sequence[ndarray],
    variance: ndarray,
    problems: int,
    drifting: int,
) -> Case:
    def named(column: int, code: int) -> str:
        return f"{names[column]} {code + 1:02d}" if code >= 0 else ""

    def planted(draft: _Draft, losses: ndarray) -> Planted:
        members = {names[column]: named(column, code) for column, code in zip(draft.columns, draft.codes, strict=True)}
        loss = float(losses[draft.covers].sum())
        return Planted(members, draft.covers, loss, abs(loss) / float(np.sqrt(variance[draft.covers].sum())))

    columns = {name: [named(i, code) for code in codes[:, i]] for i, name in enumerate(names)}
    slices = tuple(planted(draft, losses) for draft, losses in zip(drafts, lost, strict=True))
    parts = tuple(planted(draft.part, losses) for draft, losses in zip(drafts, lost, strict=True) if draft.part)
    leaves = pd.DataFrame({**columns, **figures})
    return Case(leaves, tuple(names), slices[:problems], slices[problems:], parts, names[drifting])


def _crossing(rng: Generator, count: int) -> tuple[list[str], ndarray]:
    """Return the names of the dimensions and, for each leaf, the codes of its members; -1 is a blank."""
    more = [str(name) for name in rng.permutation(list(EXTRAS))[: rng.integers(0, 5)]]
    least = 24 if more else 40
    team = _parents(rng, int(rng.integers(3, 10)), int(rng.integers(least, 91)))
    line = _parents(rng, int(rng.integers(3, 9)), int(rng.integers(least, 81)))
    liking = rng.gamma(1.5, size=(team.max() + 1, line.max() + 1))
    chance = liking[np.ix_(team, line)] * np.outer(rng.gamma(1.2, size=len(team)), rng.gamma(0.8, size=len(line)))
    drawn = rng.choice(chance.size, size=8 * count, p=(chance / chance.sum()).ravel())
    rep, product = np.divmod(drawn, len(line))
    columns = [team[rep], rep, line[product], product]
    for name in more:
        by = columns[int(rng.choice([1, 2]))] if rng.random() < 0.7 else np.zeros(len(rep), dtype=int)
        columns.append(_members(rng, by, int(rng.integers(2, EXTRAS[name] + 1))))
    blank = int(rng.choice([1, 3, *range(4, len(columns))]))
    columns[blank] = np.where(rng.random(len(rep)) < rng.uniform(0.02, 0.12), -1, columns[blank])
    leaves = pd.DataFrame(np.column_stack(columns)).drop_duplicates()[:count].to_numpy()
    if len(leaves) < 400:
        raise _NoRoomError
    return ["team", "rep", "line", "product", *more], leaves


def _parents(rng: Generator, wide: int, narrow: int) -> ndarray:
    """Return which of the wider members each of the narrower ones belongs to."""
    return np.sort(np.concatenate([np.arange(wide), rng.integers(0, wide, narrow - wide)]))


def _members(rng: Generator, by: ndarray, count: int) -> ndarray:
    """Return members drawn with chances that depend on another column's; some never go together."""
    chances = rng.gamma(1.5, size=count) * (rng.random((by.max() + 1, count)) < 0.65) + 1e-9
    steps = (chances / chances.sum(axis=1, keepdims=True)).cumsum(axis=1)
    steps[:, -1] = 1.0
    return np.asarray((rng.random(len(by))[:, None] > steps[by]).sum(axis=1))


def _between(rng: Generator, low: float, high: float) -> int:
    """Return a number of any size between two, each power as likely as another."""
    return int(np.exp(rng.uniform(np.log(low), np.log(high))))


def _sizes(rng: Generator, count: int) -> ndarray:
    """Return the leaves' parts of the whole: many small, few large, none above 1.5 % by much."""
    tail = rng.random() < 0.5
    sizes = 1 + rng.pareto(rng.uniform(1.3, 2.5), count) if tail else rng.gamma(rng.uniform(0.3, 1.0), size=count)
    sizes = np.minimum(sizes, 0.015 * sizes.sum())
    return np.asarray(sizes / sizes.sum())


def _drift(rng: Generator, codes: ndarray, uneven: bool) -> tuple[ndarray, int]:
    """Return what moves every leaf, -6 to +3 %, and the dimension by whose members it is a little more or less."""
    number = int(rng.integers(codes.shape[1]))
    column = codes[:, number]
    little = rng.normal(0, rng.uniform(0.01, 0.03) if uneven else 0.0, column.max() + 2)
    return 1 + rng.uniform(-0.06, 0.03) + little[column], number  # a blank takes the last


def _rates(rng: Generator, codes: ndarray, kind: str) -> ndarray:
    """Return each leaf's usual rate, which differs by the members of two dimensions."""
    width = 0.35 if kind == "counts" else 0.5
    columns = [codes[:, i] for i in rng.choice(codes.shape[1], 2, replace=False)]
    beyond = sum((rng.normal(0, width, column.max() + 2)[column] for column in columns), np.zeros(len(codes)))
    if kind == "counts":
        return np.asarray(np.clip(1 / (1 + np.exp(-rng.uniform(-1.5, 0.0) - beyond)), 0.03, 0.7))
    return np.asarray(rng.uniform(200, 5000) * np.exp(beyond))


def _middle(sizes: ndarray) -> float:
    """Return the size of the leaf in the middle of the money."""
    ordered = np.sort(sizes)
    return float(ordered[np.searchsorted(ordered.cumsum(), ordered.sum() / 2)])


def _moved(rng: Generator, noise: str, mean: ndarray, spread: float, order: float) -> ndarray:
    """Return figures around their mean; of sums of orders a small leaf strays further than a large one."""
    if noise == "gamma":
        return mean * rng.gamma(spread**-2, spread**2, len(mean))
    if noise == "student":
        return np.asarray(mean * np.maximum(0, 1 + spread * np.sqrt(3 / 5) * rng.standard_t(5, len(mean))))
    return _amounts(rng, rng.poisson(mean / order), np.full(len(mean), order), LUMPS)


def _amounts(rng: Generator, orders: ndarray, usual: ndarray, lumps: float) -> ndarray:
    """Return sums of as many orders, each of a gamma amount."""
    return np.where(orders > 0, rng.gamma(np.maximum(orders, 1) / lumps**2, usual * lumps**2), 0.0)


def _betas(rng: Generator, mean: ndarray, spread: float) -> ndarray:
    """Return rates around their mean that stray by a part of it, as far as a rate can."""
    weight = np.maximum((1 - mean) / (mean * spread**2) - 1, 0.5)
    return rng.beta(mean * weight, (1 - mean) * weight)


def _plant(
    rng: Generator, codes: ndarray, money: ndarray, variance: ndarray, wanted: _Wanted, clear: float
) -> list[_Draft]:
    """Return slices that fall, then slices that rise, of which two share at most a quarter."""
    drafts: list[_Draft] = []
    with_part = int(rng.integers(wanted.problems)) if wanted.nested and wanted.problems else -1
    for number in range(wanted.problems + wanted.traps):
        for _ in range(30):
            depths, shares = ((1, 2), (0.05, SHARES[1])) if number == with_part else ((1, 2, 3), SHARES)
            draft = _slice(rng, codes, money, [other.covers for other in drafts], depths, shares)
            twice = np.ones(len(codes))
            if number == with_part:
                draft = _with_part(rng, codes, money, draft)
                twice = 1 + draft.part.covers.astype(float) if draft.part else twice
            fall = _fall(rng, money, draft.covers, twice) * (1 if number < wanted.problems else -1)
            lost = abs(float((money * fall)[draft.covers].sum()))
            inside = LOSSES[0] <= lost / money.sum() <= LOSSES[1]
            if inside and lost >= clear * float(np.sqrt(variance[draft.covers].sum())):
                drafts.append(_Draft(draft.columns, draft.codes, draft.covers, 1 - fall, draft.part))
                break
        else:
            raise _NoRoomError
    return drafts


def _fall(rng: Generator, money: ndarray, inside: ndarray, twice: ndarray) -> ndarray:
    """Return the part that each leaf loses: uneven, and within the bounds of a slice's loss on the whole."""
    held = float((money * twice)[inside].sum() / money.sum())
    low, high = max(FALLS[0], LOSSES[0] / held), min(FALLS[1] / twice.max() * 1.2, LOSSES[1] / held)
    if low >= high:
        return np.zeros(len(money))
    stray = rng.uniform(-UNEVEN, UNEVEN, len(money))
    stray -= float(np.average(stray[inside], weights=(money * twice)[inside]))
    fall = rng.uniform(low, high) * twice * (1 + np.clip(stray, -UNEVEN, UNEVEN))
    return np.where(inside, np.minimum(fall, 0.97), 0.0)


def _slice(
    rng: Generator,
    codes: ndarray,
    money: ndarray,
    others: Iterable[ndarray],
    depths: Sequence[int],
    shares: tuple[float, float],
) -> _Draft:
    """Return a slice of a size that none of its members could be left out of, apart from the others."""
    steps, others = money.cumsum(), list(others)
    depth = int(rng.choice(depths))
    for _ in range(300):
        columns = rng.choice(codes.shape[1], depth, replace=False)
        leaf = int(np.searchsorted(steps, rng.random() * steps[-1], side="right"))
        members = codes[leaf, columns]
        each = codes[:, columns] == members
        inside = each.all(axis=1)
        held = float(money[inside].sum())
        if (members < 0).any() or not shares[0] <= held / steps[-1] <= shares[1] or (money[inside] > 0).sum() < 6:
            continue
        wider = [float(money[np.delete(each, i, axis=1).all(axis=1)].sum()) for i in range(depth)]
        if min(wider) < 1.25 * held:
            continue
        if all(money[inside & other].sum() <= 0.25 * min(held, money[other].sum()) for other in others):
            return _Draft(tuple(map(int, columns)), tuple(map(int, members)), inside, np.ones(len(codes)))
    raise _NoRoomError


def _with_part(rng: Generator, codes: ndarray, money: ndarray, whole: _Draft) -> _Draft:
    """Return a slice together with one within it, of 15 to 50 % of its money."""
    inside, free = np.flatnonzero(whole.covers), [i for i in range(codes.shape[1]) if i not in whole.columns]
    for _ in range(100):
        column, leaf = int(rng.choice(free)), int(rng.choice(inside))
        code = int(codes[leaf, column])
        part = whole.covers & (codes[:, column] == code)
        held = float(money[part].sum() / money[inside].sum())
        if code >= 0 and 0.15 <= held <= 0.5 and (money[part] > 0).sum() >= 4:
            narrow = _Draft((*whole.columns, column), (*whole.codes, code), part, whole.keeps)
            return _Draft(whole.columns, whole.codes, whole.covers, whole.keeps, narrow)
    raise _NoRoomError


def _losses(usual: ndarray, drafts: Iterable[_Draft]) -> tuple[list[ndarray], ndarray]:
    """Return what each slice takes from each leaf, one after the other, and the part of it that is left of them all."""
    kept, lost = np.ones(len(usual)), []
    for draft in drafts:
        lost.append(usual * kept * (1 - draft.keeps))
        kept = kept * draft.keeps
    return lost, kept
