"""Rows of a frame as named tuples, typed for what they are: anything."""

from collections.abc import Iterator
from typing import Any

import pandas as pd


def each(frame: pd.DataFrame) -> Iterator[Any]:
    """Yield the rows of a frame with their columns as attributes, ``Index`` among them."""
    yield from frame.itertuples()
