"""What an executed notebook has told, beside its page: its figures, where on the page they stand, and its scope."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nbformat import NotebookNode

from salesnb.report.facts import Fact, collect_facts
from salesnb.report.proofs import Places, places_of
from salesnb.report.sections import arrange
from salesnb.show.mime import SCOPE


@dataclass(frozen=True)
class Told:
    """The facts of a notebook, where its page holds them, and the scope it speaks about, empty where it has none."""

    facts: Sequence[Fact]
    places: Places
    scope: Mapping[str, Any]


def told_by(notebook: NotebookNode) -> Told:
    """Return what a notebook has told."""
    scope = _scope(notebook)
    sheet = arrange(notebook, (scope.get("languages") or ["en"])[0])
    return Told(collect_facts(notebook), places_of(sheet.sections), scope)


def _scope(notebook: NotebookNode) -> Mapping[str, Any]:
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            if found := output.get("data", {}).get(SCOPE):
                return dict(found)
    return {}
