"""A job with everything that is needed to do it on whatever machine, and what is reported of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from salesnb.batch.plan import Job, Step
from salesnb.batch.reason import Reason, reason
from salesnb.batch.records import StageRecord, failed_record
from salesnb.report.run_record import Figures

ATTEMPTS = 2
"""A kernel that died is given a second chance: memory may have been short for a moment only."""


@dataclass(frozen=True)
class Assignment:
    """A job and everything that is needed to do it on whatever machine.

    ``out`` is where the reports lie, a folder or a URL, which is not shown, since it may hold credentials;
    ``parameters`` are shared by all notebooks; ``notebooks`` holds the text of each stage's; ``keys`` the content keys
    by period and stage; ``limit`` the seconds a notebook may take (0: any). With a ``claim``, another attempt at the
    same job that begins later takes it over.
    """

    job: Job
    out: str = field(repr=False)
    parameters: Mapping[str, str]
    langs: tuple[str, ...]
    notebooks: Mapping[str, bytes] = field(repr=False)
    keys: Mapping[tuple[str, str], str] = field(repr=False)
    limit: float = 0
    claim: str = ""


@dataclass(frozen=True)
class Begun:
    """A step that is being done; ``attempt`` counts from 1."""

    team: str
    step: Step
    attempt: int = 1


@dataclass(frozen=True)
class Ended:
    """How a step went: the record of its notebook; for a gathering, the team's figures or why there are none."""

    team: str
    step: Step
    record: StageRecord | None = None
    reason: Reason = field(default_factory=dict)
    figures: Figures = field(default_factory=Figures)


Report = Callable[[Begun | Ended], None]


# -- which steps have ended, and what becomes of one whose worker died: a second chance, then it has failed


class Attempts:
    """The steps of a batch as far as it has got."""

    def __init__(self) -> None:
        self.ended: set[tuple[str, Step]] = set()
        self._deaths: dict[tuple[str, Step], int] = {}

    def note(self, event: Ended) -> None:
        """Take down that a step has ended."""
        self.ended.add((event.team, event.step))

    def rest(self, assignment: Assignment) -> Assignment | None:
        """Return what is left of an assignment after the steps that have ended."""
        job = assignment.job
        left = tuple(step for step in job.steps if (job.team, step) not in self.ended)
        return replace(assignment, job=replace(job, steps=left)) if left else None

    def lost(self, assignment: Assignment) -> Begun | Ended | None:
        """Return what it means that a worker died: the first step that is left begins anew, or has failed for good."""
        left = self.rest(assignment)
        if left is None:
            return None
        team, step = left.job.team, left.job.steps[0]
        deaths = self._deaths[team, step] = self._deaths.get((team, step), 0) + 1
        return Begun(team, step, deaths + 1) if deaths < ATTEMPTS else self.given_up(left)

    def given_up(self, assignment: Assignment) -> Ended | None:
        """Return the end of the first step that is left, which has cost enough workers."""
        left = self.rest(assignment)
        if left is None:
            return None
        team, step, why = left.job.team, left.job.steps[0], reason("worker_died")
        if step.stage is None:
            return Ended(team, step, reason=why)
        key = left.keys[step.period, step.stage.name]
        return Ended(team, step, failed_record(key, "worker_died", why, ATTEMPTS))
