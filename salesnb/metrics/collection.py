"""What came in against what was due."""

from __future__ import annotations

import numpy as np

from salesnb.data.schema import SCALE
from salesnb.metrics.grouped import Rows
from salesnb.metrics.registry import Figures, base, derived, ratio


@base("receivable", "money", table="receipts", date="due_date", absent="no_receipts")
def receivable(rows: Rows) -> np.ndarray:
    """Sum what is due in the window."""
    return rows.sum("due_amount") / SCALE


@base("received", "money", table="receipts", date="received_date", absent="no_receipts")
def received(rows: Rows) -> np.ndarray:
    """Sum what came in during the window, whenever it was due."""
    return rows.sum("received_amount") / SCALE


@derived("collection_rate", "rate", of=("received", "receivable"), absent="no_receipts")
def collection_rate(figures: Figures) -> np.ndarray:
    """Divide what came in by what was due in the window; may exceed 100 %."""
    return ratio(figures["received"], figures["receivable"])
