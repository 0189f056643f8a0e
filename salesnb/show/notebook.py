"""What a notebook displays: both languages where both are asked for, and the style wherever a cell stands."""

from collections.abc import Sequence
from typing import Any

from salesnb.show.mime import PAGE
from salesnb.show.style import style

_displayed: set[str] = set()
"""The kinds of output that this kernel has displayed since its last masthead."""

_ALONE = {"masthead"}


def in_notebook(output: dict[str, Any], langs: Sequence[str]) -> dict[str, Any]:
    """Return an output as a notebook displays it; what a page takes of it stays.

    Asked for in several languages it has the HTML of all of them. The masthead brings the style of all that follows,
    and the first output after it too: a lab clears what a cell has shown when it is run anew and fails. Until a
    masthead has run, each output brings it along.
    """
    page, first = output[PAGE], output["text/html"]
    shown = first + "".join(page[lang] for lang in langs[1:] if lang in page)
    masthead = page["kind"] == "masthead"
    if masthead:
        _displayed.clear()
    elif _displayed <= _ALONE or not _displayed >= _ALONE:
        shown = f"<style>{style(notebook=True)}</style>{shown}"
    _displayed.add(page["kind"])
    pages = {} if masthead else {lang: _held(page.get(lang, first), shown) for lang in langs}
    return {**output, "text/html": shown, PAGE: {**page, **pages}}


def _held(html: str, shown: str) -> str | list[int]:
    """Return where a page's HTML stands in what is shown, or itself where it does not: nothing is carried twice."""
    start = shown.find(html)
    return html if start < 0 else [start, start + len(html)]
