"""The font that charts are measured with: it knows Chinese, so that no glyph is missing on any machine."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path

from matplotlib import font_manager
from matplotlib.ft2font import FT2Font

FALLBACK = "DejaVu Sans"
_FILE = "fonts/NotoSansSC-Regular.ttf"
# Stands for a character no font has, such as an emoji, while a chart is measured; the page gets the character itself.
_FIRST_STAND_IN = 0x4E00


@cache
def families() -> list[str]:
    """Return the families to measure text with: Noto Sans SC of the wheel ``zhplot``, then DejaVu Sans."""
    # Importing zhplot would change matplotlib's settings; only its file is wanted.
    spec = find_spec("zhplot")
    if spec is None or spec.origin is None:
        return [FALLBACK]
    path = Path(spec.origin).parent / _FILE
    font_manager.fontManager.addfont(path)
    return [font_manager.FontProperties(fname=path).get_name(), FALLBACK]


@cache
def _known() -> frozenset[int]:
    found: set[int] = set()
    for family in families():
        found |= set(FT2Font(font_manager.findfont(family)).get_charmap())
    return frozenset(found)


def stand_ins(texts: list[str]) -> dict[str, str]:
    """Return a stand-in for each character of the texts that no font has, one that occurs in none of them."""
    used = set("".join(texts))
    missing = sorted(c for c in used if ord(c) not in _known())
    free = (
        chr(code) for code in range(_FIRST_STAND_IN, 0x9FA5) if chr(code) not in used and code in _known()
    )
    return dict(zip(missing, free, strict=False))
