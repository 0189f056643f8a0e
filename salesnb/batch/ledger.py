"""How every notebook of a run went, kept as it goes and written as ``run.json`` of each period.

A period's folder tells one story: what an earlier run left is kept where it came from the same inputs, parameters and
version and is not run again now; everything else is removed before the first notebook runs.
"""

from __future__ import annotations

import platform
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from salesnb import words
from salesnb.batch.job import FACTS, Assignment, Result, remove_outputs
from salesnb.batch.notebook import Reason, reason
from salesnb.batch.plan import Job, Step
from salesnb.batch.workers import Died
from salesnb.report.run_record import NotebookRecord, RunRecord, Status, read_run, write_run

_PACKAGES = ("pandas", "pyarrow", "duckdb", "papermill", "nbclient", "nbconvert", "ipykernel")


def languages(lang: str) -> tuple[str, ...]:
    """Return the languages that pages are made in for the parameter ``lang``."""
    return tuple(words.LANGUAGES) if lang == "both" else (lang,)


class Ledger:
    """The records of a run.

    Parameters
    ----------
    out
        Folder of the reports, one folder per period beneath.
    parameters
        What all notebooks share.
    inputs
        Hashes of the inputs by name.
    folders
        Safe folder name of every team.
    jobs
        What will be run.
    """

    def __init__(
        self,
        out: Path,
        parameters: Mapping[str, str],
        inputs: Mapping[str, str],
        folders: Mapping[str, str],
        jobs: Sequence[Job],
    ) -> None:
        self._out = out
        self._parameters = dict(parameters)
        self._inputs = dict(inputs)
        self._folders = folders
        self._started = _now()
        self._steps = [(job, step) for job in jobs for step in job.steps]
        self._records: dict[tuple[str, str, str], NotebookRecord] = {}
        self._planned = {_key(job, step) for job, step in self._steps if step.stage}
        self._reported: set[tuple[str, Step]] = set()

    @property
    def total(self) -> int:
        """How many notebooks are to be run."""
        return len(self._planned)

    @property
    def ended(self) -> int:
        """How many notebooks have been run, well or not."""
        return sum(1 for _, step in self._reported if step.stage)

    @property
    def failures(self) -> tuple[tuple[str, NotebookRecord], ...]:
        """The notebooks of this run that failed, each with its period."""
        failed = (key for key in self._planned if self._records[key]["status"] == "failed")
        return tuple((key[0], self._records[key]) for key in sorted(failed))

    def open(self) -> None:
        """Remove what earlier runs left that no longer holds, and write that nothing has been run yet."""
        for period in self._periods():
            for earlier in self._earlier(period):
                # Also those that will be run again: they keep their place among the others.
                self._records[(period, earlier["team"], earlier["stage"])] = earlier
        for job, step in self._steps:
            if step.stage:
                self._records[_key(job, step)] = _record(
                    job.team, step.stage.name, "not run", reason("stopped")
                )
                remove_outputs(self._out / step.period / job.folder, step.stage.name)
            else:
                (self._out / step.period / job.folder / FACTS).unlink(missing_ok=True)
        self.close()

    def close(self) -> None:
        """Write the record of every period as it stands."""
        for period in self._periods():
            write_run(self._run_record(period), self._out / period)

    def note(self, event: Result | Died[Assignment]) -> Iterator[NotebookRecord]:
        """Take down how a step went; yield the record that is settled by it, if any."""
        result = self._lost(event.job) if isinstance(event, Died) else event
        if result is None:
            return
        self._reported.add((result.team, result.step))
        if result.step.stage is None:
            self._mark_gathered(result)
            return
        stage, folder = result.step.stage.name, self._folders[result.team]
        record = _record(
            result.team, stage, "failed" if result.reason else "ok", result.reason, result.seconds
        )
        record["page"] = {lang: f"{folder}/{page}" for lang, page in result.pages.items()}
        self._records[(result.step.period, result.team, stage)] = record
        yield record

    def rest(self, assignment: Assignment) -> Assignment | None:
        """Return what is left of an assignment after the steps that were reported."""
        job = assignment.job
        left = tuple(step for step in job.steps if (job.team, step) not in self._reported)
        return replace(assignment, job=replace(job, steps=left)) if left else None

    def _lost(self, assignment: Assignment) -> Result | None:
        left = self.rest(assignment)
        if left is None:
            return None
        return Result(left.job.team, left.job.steps[0], 0.0, reason("worker_died"), {})

    def _mark_gathered(self, result: Result) -> None:
        """Fail the notebooks of a period whose figures could not be put together."""
        mine = [key for key in self._planned if key[:2] == (result.step.period, result.team)]
        for record in (self._records[key] for key in mine if result.reason):
            if record["status"] == "ok":
                record["status"], record["reason"] = "failed", result.reason

    def _periods(self) -> list[str]:
        return list(dict.fromkeys(step.period for _, step in self._steps))

    def _earlier(self, period: str) -> list[NotebookRecord]:
        """Return an earlier run's records that still hold; remove the files of all others."""
        folder = self._out / period
        try:
            earlier = read_run(folder)
            facts = {t["team"]: t["folder"] for t in earlier["teams"]}
            same = _basis(earlier) == _basis(self._run_record(period))
            records = earlier["notebooks"]
        except (OSError, ValueError, KeyError, TypeError):
            return []
        kept = [r for r in records if same and facts[r["team"]] == self._folders.get(r["team"])]
        for record in records:
            if record not in kept:
                remove_outputs(folder / facts[record["team"]], record["stage"])
                (folder / facts[record["team"]] / FACTS).unlink(missing_ok=True)
        return kept

    def _run_record(self, period: str) -> RunRecord:
        mine = [record for key, record in self._records.items() if key[0] == period]
        order = {team: i for i, team in enumerate(self._folders)}
        return {
            "version": version("salesnb"),
            "versions": {"python": platform.python_version(), **{name: version(name) for name in _PACKAGES}},
            "period": period,
            "parameters": self._parameters,
            "inputs": self._inputs,
            "teams": [
                {"team": team, "folder": self._folders[team]}
                for team in sorted({r["team"] for r in mine}, key=order.__getitem__)
            ],
            "notebooks": sorted(mine, key=lambda r: order[r["team"]]),
            "started": self._started,
            "finished": _now(),
        }


def _key(job: Job, step: Step) -> tuple[str, str, str]:
    assert step.stage is not None
    return (step.period, job.team, step.stage.name)


def _record(team: str, stage: str, status: Status, why: Reason, seconds: float = 0.0) -> NotebookRecord:
    return {"team": team, "stage": stage, "status": status, "seconds": seconds, "reason": why, "page": {}}


def _basis(record: RunRecord) -> tuple[object, ...]:
    return (record["version"], record["versions"], record["parameters"], record["inputs"])


def _now() -> str:
    return datetime.now().isoformat(timespec="seconds")
