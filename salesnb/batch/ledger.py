"""How every notebook of a run went, kept as it goes and written as ``run.json`` of each period."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import version

from salesnb import words
from salesnb.batch.assignment import Attempts, Ended
from salesnb.batch.content import versions
from salesnb.batch.resume import Left, notebook_record
from salesnb.places import Place
from salesnb.report.run_record import NO_HEAD, Head, NotebookRecord, RunRecord, read_run, write_run


def languages(lang: str) -> tuple[str, ...]:
    """Return the languages that pages are made in for the parameter ``lang``."""
    return tuple(words.LANGUAGES) if lang == "both" else (lang,)


@dataclass(frozen=True)
class Basis:
    """What all notebooks of a run share: parameters, hashes of the inputs by name, every team's folder.

    ``heads`` is what stands at the head of each period's index.
    """

    parameters: Mapping[str, str]
    inputs: Mapping[str, str]
    folders: Mapping[str, str]
    heads: Mapping[str, Head] = field(default_factory=dict)


class Ledger:
    """The records of a run, begun from what an earlier one left.

    ``total`` is how many notebooks are to be run, ``ended`` how many of them have been, well or not; both are told with
    every event. ``kept`` is how many need not run.
    """

    def __init__(self, place: Place, basis: Basis, left: Left) -> None:
        self._place = place
        self._basis = basis
        self._started = _now()
        self._records: dict[str, dict[str, dict[str, NotebookRecord]]] = {}  # by period, team and stage
        for (period, team, stage), record in left.notebooks.items():
            self._records.setdefault(period, {}).setdefault(team, {})[stage] = record
        self._figures = dict(left.figures)
        self.attempts = Attempts()
        self.kept = left.kept
        self.total = sum(1 for job in left.jobs for step in job.steps if step.stage)
        self.ended = 0

    @property
    def failures(self) -> tuple[tuple[str, NotebookRecord], ...]:
        """The notebooks that failed, each with its period; also earlier ones that were not asked for now."""
        failed = [(period, r) for period in self._records for r in self._of(period) if r["status"] == "failed"]
        return tuple(sorted(failed, key=lambda f: (f[0], f[1]["team"], f[1]["stage"])))

    def write(self) -> list[str]:
        """Write the record of every period that has something new to say; return the names of those."""
        changed = []
        for period in self._records:
            record = self._run_record(period)
            if _told(record) != self._written(period):
                write_run(self._place, record)
                changed.append(period)
        return changed

    def note(self, event: Ended) -> NotebookRecord | None:
        """Take down how a step went; return the record of its notebook, None for a gathering."""
        first = (event.team, event.step) not in self.attempts.ended
        self.attempts.note(event)
        period, stage = event.step.period, event.step.stage
        if stage is None or event.record is None:
            self._note_gathered(event)
            return None
        self.ended += first
        record = notebook_record(event.team, self._basis.folders[event.team], stage.name, event.record)
        self._records.setdefault(period, {}).setdefault(event.team, {})[stage.name] = record
        return record

    def _note_gathered(self, event: Ended) -> None:
        """Keep a team's figures; fail its notebooks of the period where they could not be put together."""
        at = (event.step.period, event.team)
        self._figures[at] = event.figures
        own = self._records.get(event.step.period, {}).get(event.team, {})
        for stage, record in own.items():
            if event.reason and record["status"] == "ok":
                own[stage] = {**record, "status": "failed", "reason": event.reason}

    def _run_record(self, period: str) -> RunRecord:
        order = {team: i for i, team in enumerate(self._basis.folders)}
        return {
            "version": version("salesnb"),
            "versions": versions(),
            "period": period,
            "head": self._basis.heads.get(period, NO_HEAD),
            "parameters": self._basis.parameters,
            "inputs": self._basis.inputs,
            "teams": [
                {"team": team, "folder": folder, "figures": self._figures.get((period, team), {})}
                for team, folder in self._basis.folders.items()
                if team in self._records[period]
            ],
            "notebooks": sorted(self._of(period), key=lambda r: order[r["team"]]),
            "started": self._started,
            "finished": _now(),
        }

    def _written(self, period: str) -> object:
        """Return what a period's record says by now, None where there is none that can be read."""
        try:
            return _told(read_run(self._place, period))
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return None

    def _of(self, period: str) -> Iterator[NotebookRecord]:
        return (record for own in self._records[period].values() for record in own.values())


def _told(record: RunRecord) -> object:
    """Return what a record says, whenever it was written."""
    return json.loads(json.dumps({k: v for k, v in record.items() if k not in ("started", "finished")}))


def _now() -> str:
    return datetime.now().isoformat(timespec="seconds")
