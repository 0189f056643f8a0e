"""Where each team stands, for the index: its sales against target, which its own pages gave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from salesnb.report.facts import Fact
from salesnb.report.run_record import NotebookRecord, RunRecord
from salesnb.scope import WHOLE_COMPANY

FIGURES = ("sales", "target", "gap", "attainment")

_SOURCES = ("review", "targets", "diagnosis")


@dataclass(frozen=True)
class Standing:
    """A team, its folder, its notebooks and its figures (money in currency units; None: not available)."""

    team: str
    folder: str
    notebooks: tuple[NotebookRecord, ...]
    figures: dict[str, float | None]

    @property
    def failed(self) -> int:
        """How many of its pages could not be made."""
        return sum(n["status"] != "ok" for n in self.notebooks)

    @property
    def light(self) -> str:
        """Whether the target is met, as a code of lights."""
        gap = self.figures["gap"]
        return "none" if gap is None else "missed" if gap < 0 else "met"


def standings(record: RunRecord) -> list[Standing]:
    """Return the teams of a run: those with failures first, then by gap, the whole company last."""
    notebooks: dict[str, list[NotebookRecord]] = {}
    for notebook in record["notebooks"]:
        notebooks.setdefault(notebook["team"], []).append(notebook)
    found = [
        Standing(
            team["team"],
            team["folder"],
            tuple(notebooks.get(team["team"], ())),
            {name: team["figures"].get(name) for name in FIGURES},
        )
        for team in record["teams"]
    ]
    return sorted(found, key=_order)


def _order(standing: Standing) -> tuple[bool, bool, bool, float, str]:
    gap = standing.figures["gap"]
    whole = standing.team == WHOLE_COMPANY
    return (whole, not standing.failed, gap is None, gap if gap is not None else 0.0, standing.team)


def figures_of(facts: Sequence[Fact], period: str) -> dict[str, float | None]:
    """Return sales, target, gap and attainment of the whole team, from the first page that gives them."""
    totals: dict[str, dict[str, dict[str, float | None]]] = {}
    for fact in facts:
        if fact["period"] == period and fact["dims"] == "" and fact["metric"] in FIGURES:
            own = totals.setdefault(fact["stage"], {}).setdefault(fact["finding"], {})
            own[fact["metric"]] = fact["value"]
    none: dict[str, float | None] = dict.fromkeys(FIGURES)
    candidates = [f for stage in _SOURCES for f in totals.get(stage, {}).values() if "sales" in f]
    best = max(candidates, key=lambda f: sum(f.get(name) is not None for name in FIGURES), default=none)
    return {name: best.get(name) for name in FIGURES}
