"""Which rows of a crossing with margins are worth drawing."""

from collections.abc import Sequence

import pandas as pd


def without_idle(rows: pd.DataFrame, keys: Sequence[str]) -> tuple[int, ...]:
    """Return the positions of all rows but those of members of the first dimension that have neither sales nor target.

    Parameters
    ----------
    rows
        Crossing of two dimensions with its margins (the other dimension blank) and its total; ``sales``, ``target``.
    keys
        The two dimensions.
    """
    first, second = keys
    margins = rows[(rows[first] != "") & (rows[second] == "")]
    idle = set(margins.loc[(margins["sales"] == 0) & margins["target"].isna(), first])
    return tuple(i for i, member in enumerate(rows[first].tolist()) if member not in idle)
