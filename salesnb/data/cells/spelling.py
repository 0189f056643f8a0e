"""One form for names that look alike: what only differs by width, invisible characters, blanks or Unicode form is one.

Case and punctuation are left as written: names that differ in these only may be two, so they are named, not merged.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_WIDE = {
    c: c - 0xFEE0
    for first, last in ("09", "AZ", "az")
    for c in range(ord(first) + 0xFEE0, ord(last) + 0xFEE1)
}
"""Letters and digits of double width; brackets of that width are the usual ones in Chinese, and stay."""

_INVISIBLE = ("Cf", "Cc")

_ODD = (
    r"[\p{Cf}\p{M}\x00-\x1f\x{85}\x{a0}\x{1100}-\x{11ff}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}"
    r"\x{2126}\x{212a}\x{212b}\x{3000}\x{f900}-\x{faff}\x{ff10}-\x{ff19}\x{ff21}-\x{ff3a}\x{ff41}-\x{ff5a}]|  "
)
"""What a name may hold that is not in the one form; all others are passed over."""


def one_form(name: str) -> str:
    """Return a name in Unicode's composed form, letters and digits half-width, single blanks, nothing invisible."""
    text = unicodedata.normalize("NFC", name).translate(_WIDE)
    return " ".join(
        "".join(c for c in text if unicodedata.category(c) not in _INVISIBLE or c.isspace()).split()
    )


def in_one_form(cells: pa.Array) -> pa.Array:
    """Return a column of trimmed names in their one form; null where nothing is left of one."""
    if _plain(cells):
        return cells
    coded = cells.dictionary_encode()
    odd = np.flatnonzero(np.asarray(pc.match_substring_regex(coded.dictionary, _ODD)))
    if not len(odd):
        return cells
    names = coded.dictionary.to_pylist()
    for place in odd.tolist():
        names[place] = one_form(names[place]) or None
    return pa.array(names, pa.string()).take(coded.indices)


def _plain(cells: pa.Array) -> bool:
    """Tell at a glance whether all names are of plain letters with single blanks."""
    written = cells.buffers()[2]
    if written is None:
        return True
    raw = written.to_pybytes()
    return raw.isascii() and b"  " not in raw and not (np.frombuffer(raw, np.uint8) < ord(" ")).any()


def alike(names: Mapping[str, int]) -> list[list[str]]:
    """Return the names, given with their rows, that differ in case, punctuation and blanks only; most rows first."""
    groups: dict[str, list[str]] = {}
    for name in names:
        if key := _bare(name):
            groups.setdefault(key, []).append(name)
    several = [group for group in groups.values() if len(group) > 1]
    return sorted(sorted(group, key=lambda n: (-names[n], n)) for group in several)


def _bare(name: str) -> str:
    folded = unicodedata.normalize("NFKC", name).casefold()
    return "".join(c for c in folded if unicodedata.category(c)[0] in "LNM")


def listed(names: Iterable[str], rows: Mapping[str, int]) -> str:
    """Return names with their rows, as a remark shows them."""
    return ", ".join(f"“{name}” ({rows[name]:,})" for name in names)
