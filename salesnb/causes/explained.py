"""Which slices explain a comparison: found by a scan of its leaves, kept where their own past does not explain them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from scipy.special import stdtr

from salesnb.calendar import Period
from salesnb.causes.baselines import LAST_YEAR, PREVIOUS, TARGET, Baseline
from salesnb.methods.at_once.scan import Cause, scan
from salesnb.methods.over_time.lately import HALF, members_lately
from salesnb.methods.over_time.variation import BACK, Normal, normal, standing_out, weakest
from salesnb.scope import Scope
from salesnb.views.lines import Lines
from salesnb.views.past import place_of
from salesnb.views.slices import BEGINNING, in_slice

DEPTH, MOST = 3, 3
LIMIT = 0.01
"""Chance, after allowing for all slices looked at, above which a slice is left to normal variation."""

SURE = 0.001
"""Chance below which it is named with high confidence."""

LEAST = 0.01
"""Slices that move less than this share of what was expected explain nothing worth a row."""

APART = 0.01
"""Chance below which a slice is told from others of the same target, once it stands out itself."""

ONE_ORDER = 0.5
"""Part of a rise that no single order may make up: one large order is chance, and no slice that rose."""

_STRANGE = 3.0
"""Deviations of their leaves from which members of one dimension are looked at."""

_LOOSE = 0.1
"""Chance up to which the scan of a single period offers slices: it is their past that decides."""

SPANS = (1, 2, 4)
"""How many of the last bins are taken together: a move that is small in one shows over several."""


@dataclass(frozen=True)
class Explaining:
    """A slice that explains part of a comparison. Money is whole.

    ``effect`` is ``actual`` - ``expected``, which holds what moved all else where that is less than it moved.
    """

    members: Mapping[str, str]
    expected: int
    actual: int
    surprise: float
    confidence: str
    parts: tuple[Explaining, ...] = ()
    """Slices within it that moved further than the rest of it, largest first: what they carry is of its own."""

    @property
    def effect(self) -> int:
        """How much it carries, beyond what moved all else."""
        return self.actual - self.expected


@dataclass(frozen=True)
class Known:
    """A slice that is known to be a problem, by its past of several periods or by other figures than sales."""

    members: Mapping[str, str]
    surprise: float
    confidence: str
    began: bool = False
    """Whether it only began: a gain, of which nothing was to be expected."""


def explaining(lines: Lines, baseline: Baseline, scope: Scope, known: Sequence[Known] = ()) -> list[Explaining]:
    """Return the slices that moved further than everything else and than normal, largest first.

    Known ones that fell are among them, whatever this period alone would show, and those that only began and of which
    nothing was expected; the others are sought in what is left.
    """
    leaves, whole = baseline.leaves, float(baseline.leaves["expected"].sum())
    if len(leaves) < 2 or whole <= 0 or not baseline.dimensions:
        return []
    judge = _Judge(lines, baseline, scope, _sizes(baseline, LEAST * whole), LEAST * whole)
    left = np.ones(len(leaves), dtype=bool)
    named: list[_Named] = []
    for slice_ in [*known, *judge.began()]:
        fit = left & judge.leaves_in(slice_.members)
        if fit.any() and not fit.all() and judge.judged(slice_.members, fit, judge.drift([fit]), slice_):
            named.append(_Named(slice_.members, fit, slice_))
            left &= ~fit
    found = scan(
        leaves[left], baseline.dimensions, depth=DEPTH, most=MOST, limit=_LOOSE, least=judge.least, variance="variance"
    )
    for offered, inner in _offers(found.causes, judge.plain(left)):
        for members in judge.names_of(offered):
            fit = left & judge.leaves_in(members)
            drift = judge.drift([*(n.fit for n in named), fit])
            if fit.any() and judge.judged(members, fit, drift) is not None:
                named.append(_Named(members, fit, inner=inner))
                left &= ~fit
                break
    return sorted(_agreed(judge, named), key=lambda k: -abs(k.effect))


def _offers(
    causes: Sequence[Cause], plain: Sequence[Mapping[str, str]]
) -> list[tuple[Mapping[str, str], tuple[Mapping[str, str], ...]]]:
    """Return what may be named, with the slices within: offered by themselves too, should the whole not do."""
    found: list[tuple[Mapping[str, str], tuple[Mapping[str, str], ...]]] = []
    for cause in causes:
        inner = tuple(part.members for part in cause.parts)
        found += [(cause.members, inner), *((members, ()) for members in inner)]
    return [*found, *((members, ()) for members in plain)]


@dataclass(frozen=True, eq=False)
class _Named:
    """A slice, the leaves that count in it, and where it is known already."""

    members: Mapping[str, str]
    fit: np.ndarray
    known: Known | None = None
    inner: tuple[Mapping[str, str], ...] = ()


def _agreed(judge: _Judge, named: list[_Named]) -> list[Explaining]:
    """Return the slices that stand out from all leaves that are in none of them; what does not is let go."""
    while named:
        drift = judge.drift([n.fit for n in named])
        judged = [judge.judged(n.members, n.fit, drift, n.known) for n in named]
        if all(judged):
            return [_with_parts(judge, n, j, drift) for n, j in zip(named, judged, strict=True) if j is not None]
        named = [n for n, j in zip(named, judged, strict=True) if j is not None]
    return []


def _with_parts(judge: _Judge, named: _Named, whole: Explaining, drift: float) -> Explaining:
    """Return a slice with the slices within it that stand out too, the same way; none counts twice."""
    parts, left = [], named.fit.copy()
    for members in named.inner:
        fit = left & judge.leaves_in(members)
        part = judge.judged(members, fit, drift) if fit.any() and (left & ~fit).any() else None
        if part is not None and part.effect * whole.effect > 0:
            parts.append(part)
            left &= ~fit
    return replace(whole, parts=tuple(sorted(parts, key=lambda p: -abs(p.effect))))


def _sizes(baseline: Baseline, least: float) -> np.ndarray:
    """Return the sizes of all slices large enough to be named, in order: how often chance had a try."""
    leaves, found = baseline.leaves, []
    size = leaves[["expected", "actual"]].max(axis=1).to_numpy()
    codes = {d: leaves[d].factorize()[0] for d in baseline.dimensions}
    filled = {d: (leaves[d] != "").to_numpy() for d in baseline.dimensions}
    for depth in range(1, DEPTH + 1):
        for dimensions in combinations(baseline.dimensions, depth):
            group, named = np.zeros(len(leaves), dtype=np.int64), np.ones(len(leaves), dtype=bool)
            for d in dimensions:
                group = group * (int(codes[d].max(initial=0)) + 1) + codes[d]
                named &= filled[d]
            found.append(np.bincount(np.unique(group[named], return_inverse=True)[1], size[named]))
    sizes = np.concatenate(found)
    return np.sort(sizes[sizes >= least])


@dataclass(frozen=True)
class _Judge:
    """Holds slices of one comparison against their own past."""

    lines: Lines
    baseline: Baseline
    scope: Scope
    sizes: np.ndarray
    least: float

    def drift(self, apart: Sequence[np.ndarray]) -> float:
        """Return the ratio of actual to expected over the leaves that are in none of some slices."""
        left = ~np.logical_or.reduce(apart)
        actual, expected = (float(self.baseline.leaves[c].to_numpy()[left].sum()) for c in ("actual", "expected"))
        return max(actual, 0.0) / expected if expected > 0 else 1.0

    def leaves_in(self, members: Mapping[str, str]) -> np.ndarray:
        return in_slice(self.baseline.leaves, members)

    def began(self) -> list[Known]:
        """Return the members that have no past, and of which the comparison expected nothing.

        The past must be long enough to tell what began from what sells now and then.
        """
        if len(self.lines.past.bins) < 2 * HALF:
            return []
        bins, expected = self.lines.bins, self.baseline.leaves["expected"].to_numpy()
        cells = self.lines.members[bins >= 0].assign(bin=bins[bins >= 0], amount=self.lines.amount[bins >= 0])
        named = [d for d in BEGINNING if d in self.baseline.dimensions]
        found = [{d: m} for d, m in members_lately(cells, named, "amount", len(self.lines.past.windows))]
        return [Known(own, np.nan, "high", began=True) for own in found if not expected[self.leaves_in(own)].any()]

    def plain(self, left: np.ndarray) -> list[dict[str, str]]:
        """Return members of single dimensions that look strange by their leaves: few, and told whatever else is."""
        leaves, found = self.baseline.leaves[left], []
        if leaves["expected"].sum() <= 0:
            return []
        sums = {d: leaves.groupby(d)[["actual", "expected", "variance"]].sum() for d in self.baseline.dimensions}
        whole = leaves[["actual", "expected", "variance"]].sum()
        for d, table in sums.items():
            rest = whole - table
            drift = rest["actual"] / rest["expected"].where(rest["expected"] > 0)
            away = (table["actual"] - drift * table["expected"]) / np.sqrt(table["variance"].clip(lower=1.0))
            found += [(abs(z), d, str(m)) for m, z in away.items() if m and abs(z) > _STRANGE]
        return [{d: member} for _, d, member in sorted(found, reverse=True)[:MOST]]

    def names_of(self, members: Mapping[str, str]) -> list[Mapping[str, str]]:
        """Return what a slice may be called: as found, else wider, in case its own past is too thin to tell.

        Where targets do not tell a slice from others, it must stand apart from these itself.
        """
        found: list[Mapping[str, str]] = []
        for depth in range(len(members), 0, -1):
            for kept in combinations(members, depth):
                name = {d: members[d] for d in kept}
                given = {d: m for d, m in name.items() if d in self.baseline.given}
                told = self.baseline.against != TARGET or len(given) == len(name)
                if told or self._stands_apart(name, given):
                    found.append(name)
        return found

    def _stands_apart(self, members: Mapping[str, str], given: Mapping[str, str]) -> bool:
        """Tell whether a slice fell short of its usual share of that which its target was given for."""
        ours, theirs = (in_slice(self.lines.members, m) for m in (members, given))
        own = normal(self.lines.run(ours), self.lines.run(theirs), self.lines.lumps(ours), self.lines.past.cycle)
        if own is None:
            return False
        now = self.lines.slot == 0
        actual = float(self.lines.amount[ours & now].sum())
        rest = float(self.lines.amount[theirs & now].sum()) - actual
        side = np.sign(actual - own.rate * rest)
        strays = [own.lasting(actual, rest, span) for span in self._spans()]
        return any(s * side > 0 and stdtr(own.freedom, -abs(s)) < APART for s in strays)

    def moved(self, fit: np.ndarray, drift: float) -> tuple[float, float]:
        """Return what the leaves of a slice came to, and what they should have: the same where they only drifted.

        A loss or gain is what it is both against what was set and against how all else moved: the smaller of the two.
        """
        leaves = self.baseline.leaves
        actual, expected = (float(leaves[c].to_numpy()[fit].sum()) for c in ("actual", "expected"))
        low, high = sorted((expected, expected * drift))
        return actual, min(max(actual, low), high)

    def judged(
        self, members: Mapping[str, str], fit: np.ndarray, drift: float, known: Known | None = None
    ) -> Explaining | None:
        """Return a slice that moved further than normal; None where it did not, or its past is too short to tell."""
        actual, expected = self.moved(fit, drift)
        if abs(actual - expected) < self.least:
            return None
        if known is not None:
            sure = (known.surprise, known.confidence)
            moved = actual > expected if known.began else actual < expected
            return Explaining(members, round(expected), round(actual), *sure) if moved else None
        ours = in_slice(self.lines.members, members)
        own = normal(self.lines.run(ours), self.lines.run(), self.lines.lumps(ours), self.lines.past.cycle)
        if own is None or self._largest(ours) > ONE_ORDER * (actual - expected) > 0:
            return None
        # Where leaves of it count elsewhere, its past months are not those of what is left.
        entire = bool((fit == self.leaves_in(members)).all())
        surprise = max(self._surprises(actual, expected, own, entire), key=abs)
        chance = self._chance(surprise, own, max(actual, expected))
        if chance >= LIMIT:
            return None
        confidence = "high" if chance < SURE else "medium"
        return Explaining(members, round(expected), round(actual), abs(float(surprise)), confidence)

    def _largest(self, ours: np.ndarray) -> float:
        """Return the largest order of a slice in the period."""
        now = ours & (self.lines.slot == 0)
        orders = np.unique(self.lines.order[now], return_inverse=True)[1]
        return float(np.bincount(orders, self.lines.amount[now]).max(initial=0.0))

    def _surprises(self, actual: float, expected: float, own: Normal, entire: bool) -> list[float]:
        """Return how far a slice moved, in this period and over several, each beyond what the season does to it."""
        rest = float(self.baseline.actual) - actual
        effect = actual - expected
        level = expected if effect < 0 or not entire else max(expected, own.rate * rest)
        spread = own.deviation(level)
        if spread <= 0:
            return [0.0]
        shift = self._season(own)
        wide = spread * np.sqrt(1 + (1.0 if self.baseline.noisy else self.lines.past.times / BACK))
        found = [weakest([standing_out(level + effect - away * spread, level, wide) for away in (0.0, shift)])]
        # What lasted for months must still be seen in this one.
        if entire and self.baseline.against != PREVIOUS and abs(found[0]) >= 1:
            lasting = [own.lasting(actual, rest, span) - shift / np.sqrt(span) for span in self._spans()[1:]]
            found += [s for s in lasting if s * effect > 0]
        return found

    def _season(self, own: Normal) -> float:
        """Return how far the season moves this slice between what is compared, in normal deviations."""
        if self.baseline.against == LAST_YEAR:
            return 0.0
        now = self._moves(own, self.scope.period)
        return now if self.baseline.against == TARGET else now - self._moves(own, self._earlier())

    def _moves(self, own: Normal, period: Period | None) -> float:
        past = self.lines.past
        if period is None:
            return 0.0
        place = place_of(period.window) if past.cycle.any() else 0
        return own.season(past.season(period), past.times, place)

    def _earlier(self) -> Period | None:
        return self.scope.calendar.previous(self.scope.period)

    def _spans(self) -> tuple[int, ...]:
        return SPANS if self.lines.past.times == 1 and self.scope.complete else SPANS[:1]

    def _chance(self, surprise: float, own: Normal, size: float) -> float:
        """Return the chance that any slice strays so far over any of the spans.

        The accepted chance is dealt out by rank of size: large slices are few, and it is they that explain a gap.
        Spans of the same bins stray together, so three count as two. Falls and rises are named alike.
        """
        larger = len(self.sizes) - int(np.searchsorted(self.sizes, size))
        shares = max(larger, 1) * (1 + np.log(max(len(self.sizes), 1)))
        return float(min(1.0, 2 * stdtr(own.freedom, -abs(surprise)) * shares * (2 if len(self._spans()) > 1 else 1)))
