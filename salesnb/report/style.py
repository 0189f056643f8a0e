"""What pages and indexes have in common: style sheets for screen and paper, and how a page names its language."""

from collections.abc import Iterable
from functools import cache
from importlib import resources

from salesnb.show.text import plain

HTML_LANG = {"en": "en", "zh": "zh-CN"}
_FOOT = (
    '@page {{ @bottom-left {{ content: "{text}"; font: 8pt sans-serif; color: #5a6068; '
    "vertical-align: top; padding-top: 4mm; width: 80% }} }}\n"
)


@cache
def page_style() -> str:
    """Return the style sheets of pages and indexes."""
    folder = resources.files("salesnb.report")
    return "".join(folder.joinpath(name).read_text(encoding="utf-8") for name in ("page.css", "print.css"))


def foot_style(parts: Iterable[str]) -> str:
    """Return the style that writes these, one after the other, at the foot of every sheet of paper."""
    text = " · ".join(plain(part) for part in parts if part)
    escaped = "".join(f"\\{ord(c):x} " if c in '"\\<>&' else c for c in text)
    return _FOOT.format(text=escaped)
