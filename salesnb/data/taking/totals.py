"""Rows that add up others, told by a word such as 合计 in a cell."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from salesnb.data.cells import values
from salesnb.data.cells.traditional import simplified

_TOTALS = frozenset(
    {"合计", "总计", "小计", "共计", "总和", "汇总", "total", "totals", "grandtotal", "subtotal", "sum"}
)
_TOTAL_TRIM = " :：\t"


def is_total(cell: str) -> bool:
    """Tell whether a cell says that its row is a total."""
    return simplified("".join(values.plain(cell).strip(_TOTAL_TRIM).split()).replace("-", "")) in _TOTALS


def looks_total(cells: pa.Array) -> pa.Array:
    """Tell of many cells which hold such a word, perhaps among others; `is_total` decides."""
    return pc.match_substring_regex(
        cells,
        r"(?i)[合总總小共]\s*[计計]|[总總]和|汇总|[彙匯]總|\b(sub\s*-?\s*|grand\s*)?totals?\b|^\s*sum\s*$",
    )
