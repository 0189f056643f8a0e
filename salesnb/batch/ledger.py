"""How every notebook of a run went, kept as it goes and written as ``run.json`` of each period."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version

from salesnb import words
from salesnb.batch.assignment import Ended
from salesnb.batch.attempts import Attempts
from salesnb.batch.content import versions
from salesnb.batch.resume import Left, notebook_record
from salesnb.report.run_record import NotebookRecord, RunRecord, write_run
from salesnb.stores import Store


def languages(lang: str) -> tuple[str, ...]:
    """Return the languages that pages are made in for the parameter ``lang``."""
    return tuple(words.LANGUAGES) if lang == "both" else (lang,)


@dataclass(frozen=True)
class Basis:
    """What all notebooks of a run share: parameters, hashes of the inputs by name, and every team's folder."""

    parameters: Mapping[str, str]
    inputs: Mapping[str, str]
    folders: Mapping[str, str]


class Ledger:
    """The records of a run, begun from what an earlier one left."""

    def __init__(self, store: Store, basis: Basis, left: Left) -> None:
        self._store = store
        self._basis = basis
        self._started = _now()
        self._records = dict(left.notebooks)
        self._figures = dict(left.figures)
        self._periods = list(dict.fromkeys(period for period, _, _ in self._records))
        self._todo = {(job.team, step) for job in left.jobs for step in job.steps}
        self.attempts = Attempts()
        self.kept = left.kept

    @property
    def total(self) -> int:
        """How many notebooks are to be run."""
        return sum(1 for _, step in self._todo if step.stage)

    @property
    def ended(self) -> int:
        """How many notebooks have been run, well or not."""
        return sum(1 for _, step in self.attempts.ended if step.stage)

    @property
    def failures(self) -> tuple[tuple[str, NotebookRecord], ...]:
        """The notebooks that failed, each with its period; also earlier ones that were not asked for now."""
        failed = ((place, r) for place, r in self._records.items() if r["status"] == "failed")
        return tuple((place[0], record) for place, record in sorted(failed, key=lambda f: f[0]))

    def write(self) -> None:
        """Write the record of every period as it stands."""
        for period in self._periods:
            write_run(self._store, self._run_record(period))

    def note(self, event: Ended) -> NotebookRecord | None:
        """Take down how a step went; return the record of its notebook, None for a gathering."""
        self.attempts.note(event)
        period, stage = event.step.period, event.step.stage
        if stage is None or event.record is None:
            self._note_gathered(event)
            return None
        record = notebook_record(event.team, self._basis.folders[event.team], stage.name, event.record)
        self._records[period, event.team, stage.name] = record
        return record

    def _note_gathered(self, event: Ended) -> None:
        """Keep a team's figures; fail its notebooks of the period where they could not be put together."""
        place = (event.step.period, event.team)
        self._figures[place] = event.figures
        for key, record in self._records.items():
            if event.reason and key[:2] == place and record["status"] == "ok":
                self._records[key] = {**record, "status": "failed", "reason": event.reason}

    def _run_record(self, period: str) -> RunRecord:
        mine = [record for key, record in self._records.items() if key[0] == period]
        order = {team: i for i, team in enumerate(self._basis.folders)}
        present = {record["team"] for record in mine}
        return {
            "version": version("salesnb"),
            "versions": versions(),
            "period": period,
            "parameters": self._basis.parameters,
            "inputs": self._basis.inputs,
            "teams": [
                {"team": team, "folder": folder, "figures": self._figures.get((period, team), {})}
                for team, folder in self._basis.folders.items()
                if team in present
            ],
            "notebooks": sorted(mine, key=lambda r: order[r["team"]]),
            "started": self._started,
            "finished": _now(),
        }


def _now() -> str:
    return datetime.now().isoformat(timespec="seconds")
