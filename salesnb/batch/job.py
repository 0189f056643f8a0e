"""What a worker does: one team's notebooks, one after the other, their pages, and the figures of each period.

Everything is made in a folder of the worker's own and put among the reports when it is whole: first pages and
notebook, then the record that tells of them. Whatever is broken off in between is done again by the next batch.
"""

import json
import os
import tempfile
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

import nbformat

from salesnb.batch.assignment import ATTEMPTS, Assignment, Begun, Ended, Report
from salesnb.batch.audience import figures_told
from salesnb.batch.claim import Claim, LostError
from salesnb.batch.notebook import KERNEL_DIED, Executed, run_notebook
from salesnb.batch.plan import Stage, Step
from salesnb.batch.reason import explain
from salesnb.batch.records import (
    StageRecord,
    TeamRecord,
    basis,
    failed_record,
    files_of,
    is_done,
    new_record,
    read_records,
    write_record,
)
from salesnb.batch.spare import spare_kernels
from salesnb.places import Place, open_place
from salesnb.report.facts import FACTS_FILE, facts_file, merged
from salesnb.report.figures import ENOUGH, figures_of
from salesnb.report.files import START_FILES, page_name, start_name
from salesnb.report.page import page_of
from salesnb.report.siblings import together
from salesnb.report.start import Start, start_page
from salesnb.report.told import Told, told_by
from salesnb.settings import UNRESTRICTED


def do_job(assignment: Assignment, report: Report) -> None:
    """Do every step of a job, reporting each; a step that fails does not stop the next."""
    place = open_place(assignment.out)
    kernels = os.environ.get("JUPYTER_RUNTIME_DIR")  # which the batch clears, however its workers ended
    with tempfile.TemporaryDirectory(prefix="job-", dir=kernels) as scratch, Claim(place, assignment) as claim:
        desk = _Desk(assignment, place, Path(scratch), claim, report)
        for step in assignment.job.steps:
            try:
                report(desk.do(step))
            except LostError:
                break
        spare_kernels().settle()


class _Desk:
    """A job in hand: the record of the period at hand, and what its notebooks gave."""

    def __init__(self, assignment: Assignment, place: Place, scratch: Path, claim: Claim, report: Report) -> None:
        self._given = assignment
        self._place = place
        self._scratch = scratch
        self._claim = claim
        self._report = report
        self._record: TeamRecord | None = None
        self._told: dict[str, Told] = {}

    def do(self, step: Step) -> Ended:
        """Do a step, whatever comes of it; raise LostError where another attempt has taken the job over."""
        try:
            return self._gather(step) if step.stage is None else self._run(step, step.stage)
        except LostError:
            raise
        except Exception as fault:  # the place of the reports is out of reach, for one
            why = explain(fault, "page_failed")
            if step.stage is None:
                return Ended(self._given.job.team, step, reason=why)
            key = self._given.keys[step.period, step.stage.name]
            return Ended(self._given.job.team, step, failed_record(key, "page_failed", why))

    def _run(self, step: Step, stage: Stage) -> Ended:
        """Run one notebook and put its pages among the reports."""
        record, begun = self._turn_to(step.period), time.perf_counter()
        earlier = self._done_before(record, stage.name)
        if earlier is not None:
            return Ended(self._given.job.team, step, earlier)
        attempts, found = self._attempt(step, stage)
        self._claim.check()
        made: StageRecord = {
            "key": self._given.keys[step.period, stage.name], "status": "ok", "seconds": 0.0, "attempts": attempts,
            "code": found.code, "reason": found.reason, "missing": found.missing, "pages": {},
        }  # fmt: skip
        try:
            made["pages"] = self._publish(step.period, stage.name, found)
        except LostError:
            raise
        except Exception as fault:
            made["code"], made["reason"] = "page_failed", explain(fault, "page_failed")
        made["status"] = "failed" if made["code"] else "ok"
        made["seconds"] = round(time.perf_counter() - begun, 2)
        return Ended(self._given.job.team, step, self._noted(record, stage.name, made))

    def _gather(self, step: Step) -> Ended:
        """Put together the facts of all notebooks of a period that ran well, whole or not at all; link their pages.

        The team's start page is made from these pages as they are: it costs no notebook.
        """
        record = self._turn_to(step.period)
        try:
            told = [self._told_of(step.period, stage) for stage in self._good(record)]
            facts = merged(f for one in told for f in one.facts)
            enough = next((one.scope["covered"] for one in told if "covered" in one.scope), ENOUGH)
            self._claim.check()
            self._place.write(self._path(step.period, FACTS_FILE), facts_file(facts))
            self._link(record)
            figures = figures_told(
                figures_of(facts, step.period, enough), self._given.parameters.get("audience", UNRESTRICTED)
            )
            record["figures"], record["gathered"] = figures, basis(record)
            write_record(self._place, self._given.job.folder, record)
        except LostError:
            raise
        except Exception as fault:
            self._take_back(step.period, {FACTS_FILE, *START_FILES})
            return Ended(self._given.job.team, step, reason=explain(fault, "facts_failed"))
        return Ended(self._given.job.team, step, figures=record["figures"])

    def _turn_to(self, period: str) -> TeamRecord:
        if self._record is None or self._record["period"] != period:
            folder = self._given.job.folder
            earlier = read_records(self._place, [(period, folder)])
            self._record = earlier.get((period, folder)) or new_record(self._given.job.team, period)
            self._told = {}
        return self._record

    def _done_before(self, record: TeamRecord, stage: str) -> StageRecord | None:
        """Return how another attempt at this job left a notebook: in this batch, which begins with none of them."""
        found = record["stages"].get(stage)
        period = record["period"]
        if not self._given.claim or found is None or found["key"] != self._given.keys[period, stage]:
            return None
        files = self._place.find(f"{period}/{self._given.job.folder}")
        names = {name.rpartition("/")[2] for name in files}
        done = found["status"] == "failed" or is_done(record, stage, found["key"], names)
        return found if done else None

    def _attempt(self, step: Step, stage: Stage) -> tuple[int, Executed]:
        """Run a notebook, again if its kernel died; return how often it was tried and what came of it."""
        source = self._scratch / stage.notebook.name
        source.write_bytes(self._given.notebooks[stage.name])
        parameters = {**self._given.parameters, "team": self._given.job.team, "period": step.period}
        for attempt in range(1, ATTEMPTS + 1):
            self._report(Begun(self._given.job.team, step, attempt))
            try:
                found = run_notebook(source, parameters, self._given.limit, spare_kernels())
            except Exception as fault:
                found = Executed(None, "setup_failed", explain(fault, "setup_failed"))
            if found.code != KERNEL_DIED:
                break
        return attempt, found

    def _publish(self, period: str, stage: str, found: Executed) -> Mapping[str, str]:
        """Write a notebook and, where it ran well, its pages; take all of them back if one cannot be written."""
        if found.notebook is None:
            return {}
        text = json.dumps(found.notebook, ensure_ascii=False, sort_keys=True).encode()
        if found.code:
            self._place.write(self._path(period, f"{stage}.failed.ipynb"), text)
            return {}
        names = {lang: page_name(stage, lang) for lang in self._given.langs}
        contents = {name: page_of(found.notebook, stage, lang).encode() for lang, name in names.items()}
        contents[f"{stage}.ipynb"] = text
        self._told[stage] = told_by(found.notebook, self._given.langs)
        self._claim.check()
        try:
            for name, content in contents.items():
                self._place.write(self._path(period, name), content)
        except Exception:
            self._take_back(period, contents)
            raise
        return names

    def _noted(self, record: TeamRecord, stage: str, made: StageRecord) -> StageRecord:
        """Write how a notebook ended into the team's record; one that cannot be recorded has not ended well."""
        self._claim.check()
        record["stages"][stage] = made
        record["gathered"] = ""
        try:
            write_record(self._place, self._given.job.folder, record)
        except OSError as fault:
            self._take_back(record["period"], files_of(stage, made))
            why = made["reason"] or explain(fault, "page_failed")
            made = {**made, "status": "failed", "code": made["code"] or "page_failed", "reason": why, "pages": {}}
            record["stages"][stage] = made
        return made

    def _take_back(self, period: str, names: Iterable[str]) -> None:
        self._place.remove(*(self._path(period, name) for name in names))

    def _good(self, record: TeamRecord) -> list[str]:
        return [stage for stage, found in sorted(record["stages"].items()) if found["status"] == "ok"]

    def _told_of(self, period: str, stage: str) -> Told:
        if stage not in self._told:
            text = self._place.read(self._path(period, f"{stage}.ipynb")).decode()
            self._told[stage] = told_by(nbformat.from_dict(json.loads(text)), self._given.langs)
        return self._told[stage]

    def _link(self, record: TeamRecord) -> None:
        """Link each page to the team's others, which are only known when all have run, and make the start pages."""
        good = self._good(record)
        told = {stage: self._told_of(record["period"], stage) for stage in good}
        for lang in self._given.langs:
            names = {s: own[lang] for s in good if lang in (own := record["stages"][s]["pages"])}
            old = {s: self._place.read(self._path(record["period"], name)).decode() for s, name in names.items()}
            new = together(old, names, {s: told[s].places for s in names}, lang)
            for stage in (s for s in new if new[s] != old[s]):
                self._place.write(self._path(record["period"], names[stage]), new[stage].encode())
            start = start_page(self._start(record, told), lang)
            self._place.write(self._path(record["period"], start_name(lang)), start.encode())

    def _start(self, record: TeamRecord, told: Mapping[str, Told]) -> Start:
        failed = {
            stage: found["reason"] for stage, found in sorted(record["stages"].items()) if found["status"] != "ok"
        }
        return Start(record["team"], record["period"], told, self._given.langs, failed)

    def _path(self, period: str, name: str) -> str:
        return f"{period}/{self._given.job.folder}/{name}"
