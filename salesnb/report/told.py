"""What an executed notebook has told, beside its page: its figures, where they stand, its scope, its first screen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nbformat import NotebookNode

from salesnb.report.cells import carried
from salesnb.report.facts import Fact, collect_facts
from salesnb.report.proofs import Places, places_of
from salesnb.report.sections import arrange
from salesnb.show.mime import SCOPE


@dataclass(frozen=True)
class Told:
    """The facts of a notebook, where its page holds them, and the scope it speaks about, empty where it has none.

    By language ``first`` has the first screen of its page, HTML, ``said`` the sentence at its head; ``silent`` is how
    many questions it leaves out.
    """

    facts: Sequence[Fact]
    places: Places
    scope: Mapping[str, Any]
    first: Mapping[str, str]
    said: Mapping[str, str]
    silent: int


def told_by(notebook: NotebookNode, langs: Sequence[str]) -> Told:
    """Return what a notebook has told, in the languages that its pages are in."""
    sheets = {lang: arrange(notebook, lang) for lang in langs}
    sheet = sheets[langs[0]]
    return Told(
        collect_facts(notebook),
        places_of(sheet.sections),
        next(carried(notebook, SCOPE), {}),
        {lang: own.first for lang, own in sheets.items()},
        {lang: own.said for lang, own in sheets.items()},
        len(sheet.left_out),
    )
