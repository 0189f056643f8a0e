"""Fonts with Chinese letters: those of the system, else the one that comes as a package."""

from functools import cache
from importlib.util import find_spec
from pathlib import Path

from salesnb import words

_PACKAGE, _FONT = "zhplot", "fonts/NotoSansSC-Regular.ttf"

_KNOWN = (
    "NotoSansCJKSC", "NotoSansSC", "SourceHanSansSC", "SourceHanSansCN", "MicrosoftYaHei", "PingFangSC",
    "HiraginoSansGB", "HeitiSC", "WenQuanYiMicroHei", "WenQuanYiZenHei", "SimHei", "SimSun", "NotoSansCJKJP",
    "DroidSansFallback",
)  # fmt: skip
"""Families that have them, the plainest first, without blanks: asked by name, no font need be opened."""


def packaged_font() -> Path | None:
    """Return the Chinese font that comes as a package, None where that is not installed.

    The package is not imported: that would change the fonts of everyone's charts.
    """
    spec = find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        return None
    path = Path(spec.origin).parent / _FONT
    return path if path.is_file() else None


def system_font() -> str:
    """Return the path of a font of the system that has Chinese letters; empty where there is none."""
    from matplotlib.font_manager import findSystemFonts

    return next((path for path in sorted(findSystemFonts()) if _has_chinese(path)), "")


@cache
def chinese_family() -> str:
    """Return a font family with Chinese letters that matplotlib can draw with; empty where there is none."""
    from matplotlib.font_manager import fontManager

    there = {name.replace(" ", ""): name for name in fontManager.get_font_names()}
    if known := next((there[family] for family in _KNOWN if family in there), ""):
        return str(known)
    font = packaged_font()
    if font is None:
        return ""
    fontManager.addfont(font)
    return str(fontManager.ttflist[-1].name)


def _has_chinese(path: str) -> bool:
    from matplotlib.ft2font import FT2Font

    try:
        glyphs = FT2Font(path).get_charmap()
    except (OSError, RuntimeError):
        return False
    return all(ord(letter) in glyphs for letter in words.text("report", "definitions", "zh"))
