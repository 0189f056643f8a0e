"""Where each team stands, for the index: its figures, its notebooks, and the light of each of its pages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import quote

from salesnb.report.run_record import Figures, NotebookRecord, RunRecord, Tally
from salesnb.scope import WHOLE_COMPANY
from salesnb.stages import STAGES


@dataclass(frozen=True)
class Standing:
    """A team, its folder, its notebooks by stage and its figures; ``complete``: whether the period is over."""

    team: str
    folder: str
    notebooks: dict[str, NotebookRecord]
    figures: Figures
    complete: bool

    @property
    def anchor(self) -> str:
        """The anchor of its row: its folder's name with nothing in it that a link would have to encode."""
        return "team-" + quote(self.folder, safe="").replace("%", ":")

    @property
    def gap(self) -> float | None:
        """How far sales are from the target; None without either."""
        return self.figures.get("gap")

    @property
    def part(self) -> bool:
        """Whether the target covers too little of the sales to be called met or missed."""
        return self.figures.get("part", False)

    @property
    def reached(self) -> float | None:
        """The sales of what the target covers; all of them where it covers all."""
        target, covered = self.figures.get("target"), self.figures.get("covered")
        if self.gap is None or target is None or covered is None or covered >= 1:
            return self.figures.get("sales")
        return target + self.gap

    @property
    def failed(self) -> bool:
        """Whether a page of it could not be made."""
        return any(n["status"] == "failed" for n in self.notebooks.values())

    @property
    def code(self) -> str:
        """Whether the sales target is met: ``met``, ``missed``, ``open`` while it can still be met, ``none``."""
        if self.gap is None or self.part:
            return "none"
        return "met" if self.gap >= 0 else "missed" if self.complete else "open"

    def tally(self, stage: str) -> Tally | None:
        """Return how many targets the page of a stage judges; None where it gives none."""
        return self.figures.get("tallies", {}).get(stage)

    def light(self, stage: str) -> str:
        """Return the light of a stage as a code.

        ``failed`` and ``waiting``: there is no page. With targets on it: ``met``, ``some`` missed, ``missed`` (half of
        them or more), ``open`` (the period runs). Without: ``none``, ``part`` where they cover
        too little of the sales, or ``done`` where none are asked of the stage.
        """
        status = self.notebooks[stage]["status"]
        if status != "ok":
            return "failed" if status == "failed" else "waiting"
        tally, targets = self.tally(stage), STAGES[stage].targets if stage in STAGES else ()
        if tally is None:
            return ("part" if self.part else "none") if targets else "done"
        if not tally["missed"]:
            return "met"
        if not self.complete and not any(target.settled for target in targets):
            return "open"
        return "missed" if 2 * tally["missed"] >= tally["judged"] else "some"


@dataclass(frozen=True)
class RollUp:
    """The teams with a target together: exact sums of what their rows say, and the teams that are left out."""

    teams: tuple[Standing, ...]
    left_out: tuple[Standing, ...]
    sales: float
    reached: float
    """What was sold of what the targets cover."""
    target: float
    gap: float

    @property
    def attainment(self) -> float | None:
        """The share of the target attained."""
        return self.reached / self.target if self.target else None

    @property
    def covered(self) -> float | None:
        """The share of the sales that the targets cover."""
        return self.reached / self.sales if self.sales > 0 else None

    @property
    def met(self) -> int:
        """How many teams have met their target."""
        return sum(s.code == "met" for s in self.teams)

    def beyond(self, other: RollUp) -> RollUp:
        """Return what this one has more than another, of no team."""
        sales, reached, target = (
            _decimal(own) - _decimal(beside)
            for own, beside in ((self.sales, other.sales), (self.reached, other.reached), (self.target, other.target))
        )
        return RollUp((), (), float(sales), float(reached), float(target), float(reached - target))


def standings(record: RunRecord) -> list[Standing]:
    """Return the teams of a run: those with failures first, then by gap, the whole company last."""
    notebooks: dict[str, dict[str, NotebookRecord]] = {}
    for notebook in record["notebooks"]:
        notebooks.setdefault(notebook["team"], {})[notebook["stage"]] = notebook
    complete = record["head"]["complete"]
    found = [
        Standing(t["team"], t["folder"], notebooks.get(t["team"], {}), t["figures"], complete) for t in record["teams"]
    ]
    return sorted(found, key=_order)


def split(teams: Iterable[Standing]) -> tuple[list[Standing], Standing | None]:
    """Return the teams, and the whole company where it was run."""
    found = list(teams)
    whole = next((s for s in found if s.team == WHOLE_COMPANY), None)
    return [s for s in found if s is not whole], whole


def roll_up(teams: Sequence[Standing]) -> RollUp:
    """Add up the teams that can be judged, exactly: in decimals, before anything is rounded."""
    judged = [s for s in teams if s.gap is not None and not s.part]
    sales, reached, target = (
        _sum(s.figures.get("sales") for s in judged),
        _sum(s.reached for s in judged),
        _sum(s.figures.get("target") for s in judged),
    )
    out = tuple(s for s in teams if s.gap is None or s.part)
    return RollUp(tuple(judged), out, float(sales), float(reached), float(target), float(reached - target))


def _sum(values: Iterable[float | None]) -> Decimal:
    return sum((_decimal(v) for v in values if v is not None), Decimal(0))


def _decimal(value: float) -> Decimal:
    return Decimal(repr(float(value)))


def _order(standing: Standing) -> tuple[bool, bool, bool, float, str]:
    gap = standing.gap
    whole = standing.team == WHOLE_COMPANY
    return (whole, not standing.failed, gap is None, gap if gap is not None else 0.0, standing.team)
