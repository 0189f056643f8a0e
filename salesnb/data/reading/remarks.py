"""What a reader must know of the files though no row is set aside for it: told, counted, with its money.

A remark is made where it is noticed (``Sheet.remarks``, ``Validator.remarks``, ``Staged.remarks``, ``Taken.remarks``)
and ends in the accounting; its text stands in ``words/remarks.toml``.
"""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import astuple, dataclass
from typing import Any

import pandas as pd

from salesnb import words
from salesnb.schema import SCALE

COLUMNS = {
    "code": "str", "table": "str", "file": "str", "column": "str", "value": "str", "rows": "int64", "money": "float64",
}  # fmt: skip
_LONGEST_VALUE = 200

UNREAD = frozenset({"sheet_other_shape", "sheet_hidden", "sheet_total"})
"""Codes of remarks on a sheet of a workbook that is not read; ``file`` names it."""


@dataclass(frozen=True)
class Remark:
    """One thing to tell: a code of ``words/remarks.toml`` and what its slots are filled with.

    ``money`` is in 1/10,000 of the currency unit like all money of the clean tables; None where there is none to tell.
    """

    code: str
    table: str
    file: str = ""
    column: str = ""
    value: str = ""
    rows: int = 0
    money: int | None = None


def frame(remarks: Iterable[Remark]) -> pd.DataFrame:
    """Return remarks as the accounting keeps them, each once, money in currency units (NaN: none)."""
    rows = [astuple(remark) for remark in dict.fromkeys(remarks)]
    made = pd.DataFrame({name: [row[i] for row in rows] for i, name in enumerate(COLUMNS)})
    made = made.assign(money=made["money"].astype("float64") / SCALE, value=[short(str(v)) for v in made["value"]])
    return made.astype(COLUMNS)


def worded(remark: Mapping[Hashable, Any], lang: str) -> str:
    """Return a row of that frame as a sentence in one language."""
    money = remark["money"]
    shown = {**remark, "rows": f"{int(remark['rows']):,}", "money": "-" if pd.isna(money) else f"{money:,.2f}"}
    return words.text("remarks", str(remark["code"]), lang, **{str(k): v for k, v in shown.items()})


def short(text: str) -> str:
    """Return a value of a cell as it is shown, cut where it is too long."""
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 1] + "…"
