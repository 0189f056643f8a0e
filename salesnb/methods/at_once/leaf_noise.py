"""How far the leaves of a table stray from what was expected, told by the leaves themselves.

Two notions. Where leaves have figures (`Ratios`), each leaf's actual is compared with its own expectation: every
leaf counts by how sure its ratio is, however small it is, and a single odd leaf counts no more than the tail of all
others allows. Where most leaves are empty in one of the two columns (`Differences`: few orders, each much larger than
its leaf's expectation), ratios of leaves tell nothing; only sums do, and how far sums stray is told by the squares of
their leaves' differences. `evidence` chooses by the data.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log, sqrt

import numpy as np
from scipy.special import ndtri

from salesnb.methods.at_once.leaves import Leaves
from salesnb.methods.at_once.peeling import Evidence, Strays, cells

CLIP = 4.0
"""Standard deviations that a leaf counts at most while large slices are still to be found."""

PART = {False: 0.2, True: 0.5}
"""Part of the leaves, those nearest to the drift, that tells the noise; less while slices are still to be found."""

REDESCENDING = {False: 2.0, True: 4.7}
"""Standard deviations beyond which a leaf does not count for the drift (Tukey's biweight, 95 % efficient at 4.7);
fewer while large slices are still to be found."""

SMALLEST_NOISE = 1e-3
"""Relative noise that every leaf has at least."""

SPARSE = 0.15
"""Part of leaves that are empty in one of both columns, beyond which their ratios tell nothing."""

EXTREME = 20
"""Leaves that are too many to be one odd one; what they show is the tail."""


def evidence(leaves: Leaves, actual: np.ndarray, expected: np.ndarray) -> Evidence:
    """Return the notion of straying that fits the leaves."""
    some = Differences if _sparse(leaves, actual, expected) else Ratios
    return some(leaves, actual, expected)


def _sparse(leaves: Leaves, actual: np.ndarray, expected: np.ndarray) -> bool:
    """Tell whether even the best filled of the large members is half empty (an emptied slice alone does not matter)."""
    half_empty = ((actual == 0) != (expected == 0)).astype(float)
    least = half_empty.mean()
    for code, names in zip(leaves.codes.values(), leaves.names.values(), strict=True):
        count = np.bincount(code, minlength=len(names))
        large = count >= max(10, 0.05 * leaves.size)
        if large.any():
            least = min(least, (np.bincount(code, half_empty, len(names))[large] / count[large]).min())
    return bool(least > SPARSE)


@dataclass(frozen=True)
class _Normal:
    """What is normal: how far each leaf is apart, its noise, both as a normal deviate, drift and usual noise."""

    apart: np.ndarray
    sigma: np.ndarray
    z: np.ndarray
    drift: float
    noise: float


class Ratios:
    """Leaves that have figures: the relative difference ``2 (a - m e) / (a + m e)`` of each, ``m`` being the drift.

    It is nearly the logarithm of the ratio, but bounded where one of the two is zero. The drift is a robust mean of
    the leaves that no slice explains, begun at their mode. Noise may depend on a leaf's size and be larger in a
    slice that strays than elsewhere.
    """

    def __init__(self, leaves: Leaves, actual: np.ndarray, expected: np.ndarray) -> None:
        self.actual, self.expected = actual, expected
        # By what was expected: leaves by chance above it are no larger ones.
        size = np.log(np.maximum(np.abs(np.where(expected != 0, expected, actual)), 1e-12))
        order = np.argsort(size, kind="stable")
        self.parts = _parts(size, order, int(np.clip(leaves.size // 150, 1, 12)))
        self.size = size - np.mean([size[part].mean() for part in self.parts])
        self.known: dict[tuple[bytes, bool], _Normal] = {}

    def given(self, covers: Sequence[np.ndarray], careful: bool, beside: Sequence[np.ndarray] = ()) -> Strays:
        """Return how leaves stray from the drift of those outside of some slices, or from their cell's own ratio."""
        cell, inside = cells(covers, len(self.actual))
        outside = ~np.logical_or.reduce([cell > 0, *beside])
        normal = self._normal(outside, careful)
        z, sigma = normal.z.copy(), normal.sigma.copy()
        shifts = np.zeros(len(inside))
        for number in range(1, len(inside)):
            leaves = np.flatnonzero(cell == number)
            shifts[number] = np.median(normal.apart[leaves])
            z[leaves], wider = _centred(normal.apart[leaves] / sigma[leaves])
            sigma[leaves] *= wider
        money = self.actual - normal.drift * self.expected
        return Strays(z / sigma, sigma**-2.0, cell, shifts, money, normal.drift, normal.noise)

    def _normal(self, outside: np.ndarray, careful: bool) -> _Normal:
        key = (outside.tobytes(), careful)
        if key not in self.known:
            self.known = {key: self._learned(outside, careful)}
        return self.known[key]

    def _learned(self, outside: np.ndarray, careful: bool) -> _Normal:
        """Learn from some leaves what is normal, and tell how far all of them are from it."""
        drift = self._drift(outside)
        if outside.sum() < max(EXTREME, 0.05 * len(outside)):
            outside = np.ones(len(outside), dtype=bool)
        apart = self._apart(self._centre(outside, careful))
        if careful:
            apart -= self._tilt(apart, outside)
        sigma = self._sigma(apart, outside, PART[careful])
        z = apart / sigma
        if careful:
            z = _as_normal(z, outside)
            z -= np.clip(z[outside], -3, 3).mean()
        else:
            z = np.clip(z, -CLIP, CLIP)
        return _Normal(apart, sigma, z, drift, float(np.median(sigma[outside])))

    def _apart(self, centre: float) -> np.ndarray:
        expected = centre * self.expected
        sizes = np.abs(self.actual) + np.abs(expected)
        return np.asarray(2 * (self.actual - expected) / np.where(sizes == 0, 1.0, sizes))

    def _centre(self, outside: np.ndarray, careful: bool) -> float:
        """Return the ratio of the typical leaf."""
        actual, expected = self.actual[outside], self.expected[outside]
        both = (actual > 0) & (expected > 0)
        centre = exp(_mode(np.log(actual[both] / expected[both]))) if both.any() else 1.0
        for _ in range(30):
            apart = self._apart(centre)[outside]
            scale = max(_scale(apart, PART[careful]), SMALLEST_NOISE)
            weight = np.clip(1 - (apart / (REDESCENDING[careful] * scale)) ** 2, 0, None) ** 2
            step = float((weight * apart).sum() / max(weight.sum(), 1e-9))
            centre *= exp(step)
            if abs(step) < 1e-3 * scale:
                break
        return centre

    def _drift(self, outside: np.ndarray) -> float:
        """Return the ratio of the sums of what no slice explains, or of everything where that is nothing."""
        for some in (outside, np.ones(len(outside), dtype=bool)):
            actual, expected = self.actual[some].sum(), self.expected[some].sum()
            if expected > 0 and actual > 0:
                return float(actual / expected)
        return 1.0

    def _tilt(self, apart: np.ndarray, outside: np.ndarray) -> np.ndarray | float:
        """Return how the typical leaf's difference depends on its size, where it clearly does.

        Noise that is skewed and larger in small leaves moves their typical ratio, though nothing happened to them.
        """
        where, middle, sure = self._by_size(apart, outside)
        if len(where) < 4:
            return 0.0
        x = where - np.average(where, weights=sure)
        slope = np.average(x * middle, weights=sure) / np.average(x**2, weights=sure)
        error = 1 / sqrt(float((sure * x**2).sum()))
        if abs(slope) < 4 * error:
            return 0.0
        return np.asarray(np.interp(self.size, where, middle))

    def _sigma(self, apart: np.ndarray, outside: np.ndarray, part: float) -> np.ndarray:
        """Return each leaf's noise, a power of its size."""
        where, spread = [], []
        for leaves in self.parts if len(self.parts) >= 4 else ():
            kept = leaves[outside[leaves]]
            if len(kept) >= EXTREME:
                where.append(self.size[kept].mean())
                spread.append(max(_scale(apart[kept], part), 1e-5))
        shape = np.ones(len(apart))
        if len(where) >= 4:
            slope = float(np.clip(np.polyfit(where, np.log(spread), 1)[0], -1.0, 0.25))
            shape = np.exp(slope * self.size)
        return np.asarray(max(_scale(apart[outside] / shape[outside], part), SMALLEST_NOISE) * shape)

    def _by_size(self, apart: np.ndarray, outside: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return mean size, median difference and its precision of leaves of about the same size."""
        kept = [part[outside[part]] for part in self.parts]
        kept = [part for part in kept if len(part) >= EXTREME]
        middle = np.array([np.median(apart[part]) for part in kept])
        noise = np.array([max(_scale(apart[part] - m, 0.5), 1e-5) for part, m in zip(kept, middle, strict=True)])
        count = np.array([len(part) for part in kept])
        # A median has a variance of pi / 2 times that of a mean.
        return np.array([self.size[part].mean() for part in kept]), middle, count / (1.57 * noise**2)


class Differences:
    """Leaves that are mostly empty: the difference ``a - m e`` of each, ``m`` being the ratio of sums.

    How far a sum of them strays is told by what squares of differences are at leaves of that expectation, and by
    the squares of the very leaves, whichever is more.
    """

    def __init__(
        self, leaves: Leaves, actual: np.ndarray, expected: np.ndarray, variance: np.ndarray | None = None
    ) -> None:
        self.actual, self.expected, self.variance = actual, expected, variance
        self.leaves = leaves
        self.order = np.argsort(expected, kind="stable")

    def given(self, covers: Sequence[np.ndarray], careful: bool, beside: Sequence[np.ndarray] = ()) -> Strays:
        """Return how leaves stray from the drift of those outside of some slices, or from their cell's own ratio."""
        cell, inside = cells(covers, len(self.actual))
        outside = ~np.logical_or.reduce([cell > 0, *beside])
        if self.expected[outside].sum() <= 0 or self.actual[outside].sum() <= 0:
            outside = np.ones(len(cell), dtype=bool)
        drift = float(self.actual[outside].sum() / self.expected[outside].sum())
        actual = np.bincount(cell, self.actual, len(inside))
        expected = np.bincount(cell, self.expected, len(inside))
        ratio = np.divide(actual, expected, out=np.ones(len(inside)), where=expected > 0)
        ratio[0] = drift if careful else self._robust(outside, drift)
        apart = self.actual - ratio[cell] * self.expected
        # A cell without expectation has no ratio; what came in beside expectation is its own.
        strange = (expected <= 0) & (np.arange(len(inside)) > 0)
        apart[strange[cell]] = 0.0
        money = self.actual - drift * self.expected
        if self.variance is not None:
            spread, own = self.variance, None
        else:
            spread, own = self._variance(apart, outside), apart**2
        whole = self.expected.sum()
        # A leaf strays by a millionth of a usual one at least: nothing is surer than that.
        spread = np.maximum(spread, (1e-6 * np.abs(self.expected).mean()) ** 2)
        noise = sqrt(float(spread.sum()) * len(cell)) / whole if whole > 0 else 0.0
        return Strays(apart, spread, cell, ratio - drift, money, drift, noise, own)

    def _robust(self, outside: np.ndarray, otherwise: float) -> float:
        """Return the ratio of the typical slice: of two dimensions, slices weighted by what was expected of them."""
        found = []
        for cuboid in self.leaves.cuboids:
            if len(cuboid.dimensions) != 2:
                continue
            expected = cuboid.sums(self.expected * outside)
            actual = cuboid.sums(self.actual * outside)
            kept = expected > 0
            if kept.sum() >= 8:
                found.append(_weighted_median(actual[kept] / expected[kept], expected[kept]))
        return float(np.median(found)) if found else otherwise

    def _variance(self, apart: np.ndarray, outside: np.ndarray) -> np.ndarray:
        """Return what the square of a difference is for leaves of the same expectation."""
        order = self.order[outside[self.order]]
        if len(order) < EXTREME:
            return np.full(len(apart), float((apart**2).mean()))
        parts = _parts(self.expected, order, int(np.clip(len(order) // 100, 1, 10)))
        where = np.array([self.expected[part].mean() for part in parts])
        squares = np.array([(apart[part] ** 2).mean() for part in parts])
        return np.maximum(np.interp(self.expected, where, squares), 1e-12 * max(squares.max(), 1e-12))


def _parts(sizes: np.ndarray, order: np.ndarray, count: int) -> list[np.ndarray]:
    """Return leaves, given in the order of their sizes, in about ``count`` parts of about as many leaves.

    Leaves of one size are in one part, so that the order of rows does not decide which of them are.
    """
    ranked = sizes[order]
    kept = [0]
    for part in np.array_split(np.arange(len(order)), count)[1:]:
        edge = int(np.searchsorted(ranked, ranked[part[0]]))
        if min(edge - kept[-1], len(order) - edge) >= len(order) // (2 * count):
            kept.append(edge)
    return np.split(order, kept[1:])


def _mode(logs: np.ndarray) -> float:
    """Return where logarithms of ratios are densest; of two such places rather the one near no change.

    That most of the leaves moved far and all others stayed is likelier than that the market did and they did not.
    """
    low, middle, high, top = np.quantile(logs, [0.005, 0.25, 0.75, 0.995])
    width = max(0.15 * (high - middle), 0.004)
    low, top = low - 4 * width, top + 4 * width
    bins = int(np.clip((top - low) / width * 4, 40, 20_000))
    counts, edges = np.histogram(logs, bins, (low, top))
    step = (top - low) / bins
    kernel = np.exp(-0.5 * (np.arange(-16, 17) * step / width) ** 2)
    middles = (edges[1:] + edges[:-1]) / 2
    density = np.convolve(counts, kernel, "same") * np.maximum(np.exp(-6 * np.abs(middles)), 0.25)
    return float(middles[int(np.argmax(density))])


def _scale(apart: np.ndarray, part: float) -> float:
    """Return the standard deviation around zero of a normal distribution of which such a part lies as near to it."""
    return float(np.quantile(np.abs(apart), part) / ndtri((1 + part) / 2))


def _centred(z: np.ndarray) -> tuple[np.ndarray, float]:
    """Centre the leaves of a cell, and tell how much wider than others they are spread (drawn towards one)."""
    z = np.clip(z - np.median(z), -5 * CLIP, 5 * CLIP)
    z -= z.mean()
    wider = max(1.0, sqrt((3 + float((z**2).sum())) / (3 + len(z))))
    z = np.clip(z / wider, -CLIP, CLIP)
    return z - z.mean(), wider


def _as_normal(z: np.ndarray, outside: np.ndarray) -> np.ndarray:
    """Return normal deviates as rare as these are, beyond the most extreme ones by continuing their tail.

    A tail heavier than a normal one is continued as a power of a normal deviate, and a little heavier than seen.
    """
    sizes = np.sort(np.abs(z[outside]))
    count = len(sizes)
    if count < 10 * EXTREME:
        return np.clip(z, -3.0, 3.0)
    last = max(EXTREME, count // 1000) / count
    parts = [p for p in (0.5, 0.3, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002) if p > 1.3 * last] + [last]
    normal = np.array([0.0, *-ndtri(np.array(parts) / 2)])
    seen = np.array([0.0, *(sizes[count - 1 - int(p * count)] for p in parts)])
    seen = np.maximum.accumulate(seen + 1e-9 * np.arange(len(seen)))
    size = np.abs(z)
    deviate = np.interp(size, seen, normal)
    start = min(int(np.searchsorted(normal, 1.9)), len(normal) - 2)
    power = max(1.0, log(seen[-1] / seen[start]) / log(normal[-1] / normal[start]))
    power *= 1 + 0.4 * (power - 1)
    far = size > seen[-1]
    deviate[far] = normal[-1] * (size[far] / seen[-1]) ** (1 / power)
    return np.asarray(np.sign(z) * deviate)


def _weighted_median(values: np.ndarray, weights: np.ndarray) -> float:
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[order])
    return float(values[order][int(np.searchsorted(reached, reached[-1] / 2))])
