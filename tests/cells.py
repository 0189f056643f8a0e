"""The findings that a stage's notebook shows: its own cells, run in this process."""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path
from typing import Any

from salesnb import show
from salesnb.batch.plan import find_stages
from salesnb.findings.finding import Finding

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"


def shown(stage: str, patch: Any, sections: Collection[str] = (), **parameters: str) -> list[Finding]:
    """Return every finding whose evidence the stage shows, in order, in both languages.

    ``sections`` names those whose cells are run, e.g. ``diagnosis.problems``; none named: all.
    """
    (listed,) = find_stages(NOTEBOOKS, [stage])
    found: list[Finding] = []
    patch.setattr(show, "evidence", lambda *findings: found.extend(findings))
    for name in ("sentence", "masthead"):
        patch.setattr(show, name, lambda *_: None)
    names: dict[str, Any] = {}
    section = ""
    for cell in json.loads(listed.notebook.read_text(encoding="utf-8"))["cells"]:
        section = cell["metadata"].get("salesnb", {}).get("words", section)
        wanted = not sections or section in ("", f"{stage}.stage", *sections)
        if cell["cell_type"] == "code" and wanted:
            exec(compile("".join(cell["source"]), listed.notebook.name, "exec"), names)
            if "parameters" in cell["metadata"].get("tags", ()):
                names.update({"lang": "both", **parameters})
    return found
