"""The slice of the business a problem sits in: the dimensions that identify it, blank where it is all of one."""

from __future__ import annotations

import pandas as pd

SLICE = ["team", "rep", "product_line", "region", "channel", "customer_type", "new_existing", "customer"]


def with_slice(problems: pd.DataFrame) -> pd.DataFrame:
    """Return problems with every dimension of a slice as text, blank where it does not cut."""
    filled = {d: problems[d].fillna("").astype("str") if d in problems else "" for d in SLICE}
    return problems.assign(**filled)
