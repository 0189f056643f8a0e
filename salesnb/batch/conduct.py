"""A whole run: bring the store up to date once, run what is left of the plan, record how it went, write indexes."""

import os
import platform
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import ExitStack, closing, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from salesnb import data
from salesnb.batch.assignment import Assignment, Begun, Ended
from salesnb.batch.audience import check_alone, told
from salesnb.batch.claim import void_claims
from salesnb.batch.content import Contents
from salesnb.batch.events import LOCK, Event, Log, Tell
from salesnb.batch.ledger import Basis, Ledger, languages
from salesnb.batch.plan import Job, Stage, check_parameters, find_stages, plan, team_folders, wanted_stages
from salesnb.batch.reason import Reason, explain
from salesnb.batch.request import Outcome, Request
from salesnb.batch.resume import Known, find_left
from salesnb.batch.workers import Died, do, work_through
from salesnb.calendar import Period
from salesnb.data import Store
from salesnb.data.case import SAMPLE
from salesnb.limits import default_workers
from salesnb.places import Place, is_remote, is_url, open_place
from salesnb.report.index import INDEX, write_indexes
from salesnb.report.run_record import Head
from salesnb.scope import WHOLE_COMPANY, Scope


def conduct(request: Request, kernels: Mapping[str, str], tell: Tell) -> Outcome:
    """Carry out what `salesnb.batch.run.run` promises, with kernels that the variables in ``kernels`` lead to."""
    every = find_stages(request.notebooks)
    stages = wanted_stages(every, request.stages)
    check_parameters(stages)
    place = open_place(request.out)
    check_alone(place, request.audience)  # before much is done; and below, where no other batch can be at work
    with ExitStack() as keep:  # the state of the data that this batch reads, whatever becomes of the files
        store = data.open_store(request.data, request.settings, keep)
        return _conducted(request, place, store, stages, every, {**kernels, **store.pin()}, tell)


def _conducted(
    request: Request, place: Place, store: Store, stages: Sequence[Stage], every: Sequence[Stage],
    environment: Mapping[str, str], tell: Tell,
) -> Outcome:  # fmt: skip
    """Run the batch on one state of the data, alone at its place."""
    scope, periods = _periods(request, store)
    heads = {period.name: _head(scope.at(period)) for period in periods}
    jobs = plan(request.teams, store.teams, list(heads), stages)
    with place.lock(LOCK, lambda owner: tell(Event("waiting", owner=owner)), _owner()):
        check_alone(place, request.audience)
        void_claims(place)
        parameters = _parameters(request, scope.settings.company.language)
        batch = _Batch(request, place, store, parameters, heads, every, tell)
        return batch.run(jobs, environment)


class _Batch:
    """A run under way: its ledger, its log, and who is told."""

    def __init__(
        self,
        request: Request,
        place: Place,
        store: Store,
        parameters: Mapping[str, str],
        heads: Mapping[str, Head],
        stages: Sequence[Stage],
        tell: Tell,
    ) -> None:
        self._request, self._place, self._store, self._parameters = request, place, store, parameters
        self._heads, self._tell, self._stages = heads, tell, {stage.name: stage for stage in stages}
        self._notebooks = {stage.name: stage.notebook.read_bytes() for stage in stages}
        self._begun, self._log = time.perf_counter(), Log(place, datetime.now())

    def run(self, jobs: Sequence[Job], environment: Mapping[str, str]) -> Outcome:
        """Do what is left of the jobs; return how it went."""
        folders = team_folders(self._store.teams)
        contents = Contents(self._store, self._parameters, self._notebooks)
        known = Known(folders, self._stages, contents)
        left = find_left(self._place, jobs, known, force=self._request.force)
        basis = Basis(told(self._parameters), self._inputs(), folders, self._heads)
        self._ledger = Ledger(self._place, basis, left)
        self._event("started")
        if left.jobs:
            self._write()
        kind = "stopped"
        try:
            self._work_off([self._assignment(job, contents) for job in left.jobs], environment)
            kind = "finished"
        finally:
            unwritten = self._close(kind)
        ledger, index = self._ledger, self._place.url(INDEX)
        return Outcome(index, ledger.ended, ledger.kept, ledger.failures, unwritten)

    def _inputs(self) -> dict[str, str]:
        """Return the hashes of the inputs by name, names that the audience may not read masked in these."""
        masks = data.masks(self._store, self._parameters["audience"])
        return {masks.within(name): digest for name, digest in self._store.inputs.items()}

    def _write(self) -> None:
        write_indexes(self._place, self._ledger.write())

    def _close(self, kind: str) -> Reason:
        """Write how everything went; return why that was not possible, if so: the notebooks' own records are there."""
        unwritten: Reason = {}
        try:
            self._write()
        except OSError as fault:
            unwritten = explain(fault, "records_failed")
        self._event(kind, seconds=round(time.perf_counter() - self._begun, 1))
        with suppress(OSError):
            self._log.close()
        return unwritten

    def _assignment(self, job: Job, contents: Contents) -> Assignment:
        stages = {step.stage.name for step in job.steps if step.stage}
        keys = {
            (step.period, step.stage.name): contents.key(step.stage.name, job.team, step.period)
            for step in job.steps
            if step.stage
        }
        notebooks = {stage: self._notebooks[stage] for stage in stages}
        langs = languages(self._parameters["lang"])
        limit = self._request.minutes * 60
        asked = str(self._request.out)
        out = asked if is_remote(asked) else self._place.url()  # a place's own URL is without credentials
        return Assignment(job, out, self._parameters, langs, notebooks, keys, limit)

    def _work_off(self, assignments: Sequence[Assignment], environment: Mapping[str, str]) -> None:
        attempts = self._ledger.attempts
        with closing(self._events(assignments, environment)) as events:  # at once, not when it is collected
            for event in events:
                told = attempts.lost(event.job) if isinstance(event, Died) else event
                if isinstance(told, Begun):
                    self._step_event("retried" if told.attempt > 1 else "begun", told, attempt=told.attempt)
                elif isinstance(told, Ended) and (told.team, told.step) not in attempts.ended:
                    self._note(told)

    def _events(
        self, assignments: Sequence[Assignment], environment: Mapping[str, str]
    ) -> Generator[Begun | Ended | Died[Assignment]]:
        if self._request.scheduler:
            from salesnb.batch.cluster import work_on_cluster  # needs the extra `cluster`

            warm, attempts = self._request.kernel == "warm", self._ledger.attempts
            where = self._request.scheduler
            return work_on_cluster(assignments, where, environment, attempts, warm_kernels=warm)
        workers = self._request.workers or default_workers()
        return work_through(assignments, do, workers, environment, self._ledger.attempts.rest)

    def _note(self, event: Ended) -> None:
        record = self._ledger.note(event)
        if record is not None:
            kind = "failed" if record["status"] == "failed" else "ended"
            self._step_event(kind, event, seconds=record["seconds"], reason=record["reason"])
        elif event.reason:
            self._step_event("not_gathered", event, reason=event.reason)
        else:
            self._step_event("gathered", event)

    def _step_event(self, kind: Any, event: Begun | Ended, **fields: Any) -> None:
        stage = event.step.stage.name if event.step.stage else ""
        self._event(kind, period=event.step.period, team=event.team, stage=stage, **fields)

    def _event(self, kind: Any, **fields: Any) -> None:
        ledger = self._ledger
        failed = len(ledger.failures) if kind == "finished" else 0
        event = Event(kind, done=ledger.ended, total=ledger.total, kept=ledger.kept, failed=failed, **fields)
        self._log.add(event)
        self._tell(event)


def _owner() -> str:
    return f"{platform.node()}, {os.getpid()}, {datetime.now().isoformat(sep=' ', timespec='seconds')}"


def _periods(request: Request, store: Store) -> tuple[Scope, list[Period]]:
    """Return the scope and the periods asked for; ScopeError where the data hold none of them."""

    def scope(period: str) -> Scope:
        team = store.teams[0] if store.teams else WHOLE_COMPANY
        return data.scope(store, team, period, request.as_of, request.lang or "en", request.audience)

    newest = scope("latest")
    periods = newest.calendar.expand(request.period, newest.as_of)
    for edge in {periods[0].name, periods[-1].name}:
        scope(edge)
    return newest, list({p.name: p for p in periods}.values())


def _head(scope: Scope) -> Head:
    """Return what stands at the head of a period's index, the same as on its pages."""
    company = scope.settings.company
    return {
        "company": company.name,
        "currency": company.currency,
        "as_of": scope.as_of.isoformat(),
        "complete": scope.complete,
    }


def _parameters(request: Request, language: str) -> dict[str, str]:
    """Return the parameters that all notebooks share, with paths that hold from any folder."""
    return {
        "data": _absolute(request.data),
        "settings": _absolute(request.settings),
        "as_of": request.as_of,
        "lang": request.lang or language,
        "audience": request.audience,
    }


def _absolute(path: str) -> str:
    if path in {"", SAMPLE} or is_url(path):
        return path
    named = Path(path).expanduser()
    return str(named.resolve()) if named.exists() else path
