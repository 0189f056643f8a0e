"""Every fact of every stage for one team and period, without kernels or pages: notebooks' cells run in this process."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

import salesnb
from salesnb import show
from salesnb.batch.plan import find_stages
from salesnb.findings.finding import Finding, Say
from salesnb.show.sentence import sentence_text

NOTEBOOKS = Path(__file__).resolve().parent.parent / "notebooks"

Key = tuple[str, str, str, str]
"""Stage, finding, metric, dims."""


@dataclass
class Told:
    """What the notebooks of one team and period told.

    ``facts`` has each figure, None where it is not available; ``clashes`` the keys with two values; ``failed`` the
    stages that ended with an exception, with its text; ``lights`` the lights by finding and row.
    """

    facts: dict[Key, float | None] = field(default_factory=dict)
    clashes: set[Key] = field(default_factory=set)
    failed: dict[str, str] = field(default_factory=dict)
    lights: dict[tuple[str, int], str] = field(default_factory=dict)
    units: dict[Key, str] = field(default_factory=dict)
    sentences: dict[str, str] = field(default_factory=dict)

    def note(self, *findings: Finding) -> None:
        """Add findings' facts; their sentences are worded too, since they may fail where the rows do not."""
        for finding in findings:
            self._note(finding)

    def _note(self, finding: Finding) -> None:
        for fact in finding.facts():
            key = (fact["stage"], fact["finding"], fact["metric"], fact["dims"])
            value = fact["value"]
            if key in self.facts and self.facts[key] != value:
                self.clashes.add(key)
            self.facts[key], self.units[key] = value, fact["unit"]
        if "light" in finding.rows.columns:
            self.lights |= {(finding.id, i): str(v) for i, v in enumerate(finding.rows["light"].tolist())}
        says: list[Say] = [finding.headline, *finding.notes]
        for lang in ("en", "zh"):
            self.sentences[f"{finding.id}.{lang}"] = " ".join(sentence_text(finding, say, lang) for say in says)


def every_fact(data: Path | str, team: str, period: str, stages: Sequence[str] = (), **more: str) -> Told:
    """Run the code cells of the notebooks of some stages (none named: all) and return what they told.

    ``more`` are further parameters of the notebooks, e.g. ``as_of``.
    """
    told = Told()
    with patch.object(salesnb, "load", cache(salesnb.load)):  # all stages read the same tables
        for stage in (s for s in find_stages(NOTEBOOKS, stages) if s.runs_for(team)):
            try:
                _run(stage.notebook, {"data": str(data), "team": team, "period": period, **more}, told)
            except Exception as fault:
                told.failed[stage.name] = f"{type(fault).__name__}: {fault}"
    return told


def _run(path: Path, parameters: dict[str, str], told: Told) -> None:
    cells = ["".join(c["source"]) for c in json.loads(path.read_text("utf-8"))["cells"] if c["cell_type"] == "code"]
    space: dict[str, Any] = {}
    with _recorded(told):
        for number, source in enumerate(cells):
            exec(compile(source, f"{path.name} cell {number}", "exec"), space)
            if number == 0:  # the cell of parameters
                space.update(parameters)


@contextmanager
def _recorded(told: Told) -> Iterator[None]:
    """Note findings in place of showing them."""
    with (
        patch.object(show, "sentence", told.note),
        patch.object(show, "evidence", lambda *findings: None),
        patch.object(show, "masthead", lambda case: None),
    ):
        yield
