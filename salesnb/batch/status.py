"""What a batch has done and what is left, read from what it writes as it goes."""

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from salesnb.batch.events import FOLDER, LOCK, Event
from salesnb.batch.records import read_records
from salesnb.batch.resume import notebook_record
from salesnb.places import Place, open_place
from salesnb.report.run_record import NotebookRecord, RunRecord, read_run

_OVER = frozenset({"ended", "failed"})


@dataclass(frozen=True)
class PeriodStatus:
    """How the notebooks of one period stand."""

    period: str
    notebooks: tuple[NotebookRecord, ...]

    @property
    def failed(self) -> list[NotebookRecord]:
        """Those that failed."""
        return [n for n in self.notebooks if n["status"] == "failed"]

    def counts(self) -> dict[str, Any]:
        """Return how many are done (``ok``), failed, left, and all, with the period."""
        states = [n["status"] for n in self.notebooks]
        counted = {"ok": states.count("ok"), "failed": states.count("failed"), "left": states.count("not run")}
        return {"period": self.period, "all": len(states), **counted}


@dataclass(frozen=True)
class BatchStatus:
    """All periods, who is running a batch (empty: nobody), and the notebooks in hand with their seconds so far."""

    periods: list[PeriodStatus]
    owner: str = ""
    running: list[Event] = field(default_factory=list)


def status_of(out: str | Path, period: str = "") -> BatchStatus:
    """Return how the batches that write to a place stand; ``period`` leaves out all others."""
    place = open_place(out)
    wanted = sorted(name for name in place.folders() if period in ("", name))
    periods = [found for name in wanted for found in _period(place, name)]
    owner = place.holder(LOCK) or ""
    return BatchStatus(periods, owner, list(_running(place)) if owner else [])


def _period(place: Place, period: str) -> Iterator[PeriodStatus]:
    """Yield a period's status where it has a record; the teams' own records are newer than that."""
    with suppress(FileNotFoundError, ValueError, KeyError, TypeError):
        run = read_run(place, period)
        yield PeriodStatus(period, tuple(_newer(place, run)))


def _newer(place: Place, run: RunRecord) -> Iterator[NotebookRecord]:
    folders = {team["team"]: team["folder"] for team in run["teams"]}
    records = read_records(place, [(run["period"], folder) for folder in folders.values()])
    for notebook in run["notebooks"]:
        folder, stage = folders[notebook["team"]], notebook["stage"]
        record = records.get((run["period"], folder))
        found = record["stages"].get(stage) if record else None
        if notebook["status"] == "not run" and found and found["key"] == notebook["key"]:
            yield notebook_record(notebook["team"], folder, stage, found)
        else:
            yield notebook


def _running(place: Place) -> Iterator[Event]:
    """Yield what the newest log says has begun and not ended; there is no log yet of a batch on an object store."""
    if place.local is None:
        return
    logs = sorted((place.local / FOLDER).glob("*.jsonl"))
    begun: dict[tuple[str, str, str], Mapping[str, Any]] = {}
    for line in logs[-1].read_text(encoding="utf-8").splitlines() if logs else ():
        told = json.loads(line)
        at = (told.get("period", ""), told.get("team", ""), told.get("stage", ""))
        if told["kind"] in ("begun", "retried") and at[2]:
            begun[at] = told
        elif told["kind"] in _OVER:
            begun.pop(at, None)
    for at, told in begun.items():
        seconds = (datetime.now() - datetime.fromisoformat(told["at"])).total_seconds()
        yield Event("begun", *at, seconds=seconds)
