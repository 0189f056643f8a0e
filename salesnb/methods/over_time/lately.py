"""Tell what only began: a product line, a channel, a rep without a past.

What is usual for a slice is told by the rest of the business. A member that sells since lately makes that rest larger
than it was, and every slice beside it would look short: what is to be expected must not go by it.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

HALF = 6
"""Bins before the last one: what has sold only in these, and in none before, has begun."""

NOTICED = 0.03
"""Share of the last bins that a member must have to move what is expected of the others."""

LAST = 4
"""Bins that are judged together, at most."""


def members_lately(cells: pd.DataFrame, dimensions: Sequence[str], value: str, bins: int) -> list[tuple[str, str]]:
    """Return the members that began, and sell enough to be noticed, with their dimensions, the largest first.

    Parameters
    ----------
    cells
        A column per dimension (blank: no member), ``bin`` (0, 1, ...; the last one is judged) and ``value``.
    dimensions
        Those whose members are asked.
    bins
        Number of bins, the judged one included.
    """
    if bins < 2:
        return []
    when, values = cells["bin"].to_numpy(dtype=np.int64), cells[value].to_numpy(dtype=float, na_value=0.0)
    least, before = NOTICED * values[when >= bins - LAST].sum(), max(1, bins - 1 - HALF)
    found: list[tuple[float, str, str]] = []
    for dimension in dimensions:
        code, names = pd.factorize(cells[dimension])
        place = np.maximum(code, 0) * bins + when
        by_bin = np.bincount(place, np.where(code >= 0, values, 0.0), len(names) * bins)[: len(names) * bins]
        for name, sums in zip(names, by_bin.reshape(len(names), bins), strict=True):
            if name != "" and sums[:before].max() <= 0 and sums[-LAST:].sum() >= max(least, 1e-9):
                found.append((float(sums[-LAST:].sum()), dimension, str(name)))
    return [(dimension, name) for _, dimension, name in sorted(found, key=lambda f: (-f[0], f[1:]))]


def began_lately(cells: pd.DataFrame, dimensions: Sequence[str], value: str, bins: int) -> np.ndarray:
    """Tell which rows are of a member that began; parameters are those of `members_lately`."""
    found = np.zeros(len(cells), dtype=bool)
    for dimension, name in members_lately(cells, dimensions, value, bins):
        found |= (cells[dimension] == name).fillna(False).to_numpy(dtype=bool)
    return found
