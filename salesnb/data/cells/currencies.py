"""Which currency a cell of a currency column names, and whether that is the company's."""

import re
from collections import Counter
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from salesnb.data.cells import currency_marks, headers, values

CODES = frozenset(code.upper() for code in currency_marks.CODES)
"""The three letters of each currency."""

_BY_NAME = {name: frozenset(code.upper() for code in codes) for name, codes in currency_marks.NAMES.items()}

_PARTS = re.compile(r"[^\W\d_]+|[^\w\s]+")
_UNSURE = frozenset({"isocode"})
"""Headers, in their normal form, that may also speak of countries: only codes of currencies count there."""


def currencies(written: str) -> frozenset[str]:
    """Return the codes that a cell such as ``USD``, ``EUR - Euro``, ``人民币`` or ``$`` may mean; none if unknown."""
    text = " ".join(values.plain(written).split())
    if text.upper() in CODES:
        return frozenset({text.upper()})
    if text in _BY_NAME:
        return _BY_NAME[text]
    coded = {p.upper() for p in _PARTS.findall(text)} & CODES
    if coded:
        return frozenset(coded)
    return frozenset().union(*(_BY_NAME.get(p.strip("()（）"), frozenset()) for p in _PARTS.findall(text)))


@dataclass
class CurrencyColumn:
    """The column of a file that names each row's currency; a blank cell is taken for the company's.

    Parameters
    ----------
    own
        The company's currency, as the settings write it.
    header
        The column's header.
    """

    own: str
    header: str
    rows: Counter[str] = field(default_factory=Counter)
    """Rows with a blank cell, and with a filled one, under ``blank`` and ``filled``."""

    def foreign(self, cells: pa.Array) -> dict[int, str]:
        """Return the positions of rows in another currency, with what their cells say."""
        coded = pc.utf8_trim(cells, values.BLANKS).dictionary_encode()
        words = coded.dictionary.to_pylist()
        codes = np.asarray(coded.indices)
        counts = np.bincount(codes, minlength=len(words))
        for word, count in zip(words, counts.tolist(), strict=True):
            self.rows["filled" if word else "blank"] += count
        other = [i for i, word in enumerate(words) if word and not self._is_own(word)]
        return {int(p): words[codes[p]] for p in np.flatnonzero(np.isin(codes, other))}

    def _is_own(self, word: str) -> bool:
        if values.plain(word) == values.plain(self.own):
            return True
        if headers.normal(self.header) in _UNSURE and values.plain(word).upper() not in CODES:
            return True
        return bool(currencies(word) & currencies(self.own))
