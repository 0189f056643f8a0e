"""What pages and indexes have in common: their style sheet, and how a page names its language."""

from __future__ import annotations

from functools import cache
from importlib import resources

HTML_LANG = {"en": "en", "zh": "zh-CN"}


@cache
def page_style() -> str:
    """Return the style sheet of pages and indexes."""
    return resources.files("salesnb.report").joinpath("page.css").read_text(encoding="utf-8")
