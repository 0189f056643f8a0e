"""Which steps have ended, and what becomes of one whose worker died: a second chance, then it has failed."""

from __future__ import annotations

from dataclasses import replace

from salesnb.batch.assignment import ATTEMPTS, Assignment, Begun, Ended
from salesnb.batch.plan import Step
from salesnb.batch.reason import reason
from salesnb.batch.records import failed_record


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
