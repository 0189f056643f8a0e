"""Every finding of a stage on a small company, in this process: the code of its notebook without kernel and page."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import salesnb
from salesnb.batch.plan import find_stages
from salesnb.findings.finding import Finding
from salesnb.report.facts import merged
from tests.reading import said

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"


def stage_findings(stage: str, folder: Path, **scope: str) -> list[Finding]:
    """Run the cells of a stage's notebook on a data folder; return every finding that it shows."""
    (found,) = find_stages(NOTEBOOKS, [stage])
    cells = json.loads(found.notebook.read_text("utf-8"))["cells"]
    code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    told: list[Finding] = []
    show = SimpleNamespace(
        masthead=lambda case: None, sentence=lambda *findings: told.extend(findings), evidence=lambda *findings: None
    )
    names = {"show": show, "load": salesnb.load}
    exec(code[0], names)
    names.update(data=str(folder), team="all", **scope)
    for cell in code[1:]:
        exec(cell.replace("from salesnb import load, show", ""), names)
    return told


def stage_facts(stage: str, folder: Path, **scope: str) -> dict[tuple[str, str, str], float | None]:
    """Return the facts of a stage by finding, figure and dims, having checked its sentences and that no two collide."""
    findings = stage_findings(stage, folder, **scope)
    for finding in findings:
        said(finding)
    facts = merged(fact for finding in findings for fact in finding.facts())
    return {(fact["finding"], fact["metric"], fact["dims"]): fact["value"] for fact in facts}


def written(folder: Path, **files: str) -> Path:
    """Write files, ``orders`` as ``orders.csv``, into a new folder; return it."""
    folder.mkdir(parents=True)
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text.lstrip("\n"), encoding="utf-8")
    return folder
