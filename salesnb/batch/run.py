"""A whole run: bring the store up to date once, run every notebook, record how each went, write the indexes."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from salesnb import data
from salesnb.batch.job import Assignment, do
from salesnb.batch.ledger import Ledger, languages
from salesnb.batch.plan import Job, check_audience, check_parameters, find_stages, plan, team_folders
from salesnb.batch.workers import work_through
from salesnb.data.case import SAMPLE
from salesnb.report.index import write_indexes
from salesnb.report.run_record import NotebookRecord
from salesnb.scope import WHOLE_COMPANY, Scope

SINGLE = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"), "1"
)
"""Workers share the cores; threads inside each would only take them from one another."""


@dataclass(frozen=True)
class Request:
    """What `run` is asked for; empty means: the settings' or the data's own choice, or all."""

    data: str
    period: str
    settings: str = ""
    as_of: str = ""
    teams: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    lang: str = ""
    audience: str = "leadership"
    out: Path = Path("reports")
    workers: int = 0
    notebooks: Path = Path("notebooks")


@dataclass(frozen=True)
class Progress:
    """How far a run is: the notebooks that ended, of how many, and the last of them (None at the start)."""

    ended: int
    total: int
    last: NotebookRecord | None


@dataclass(frozen=True)
class Outcome:
    """How a run went: the page to open, and the notebooks that failed with their periods."""

    index: Path
    failures: tuple[tuple[str, NotebookRecord], ...]


def run(request: Request, tell: Callable[[Progress], None] = lambda _: None) -> Outcome:
    """Run the notebooks of all teams and periods asked for and write pages, facts, records and indexes.

    Raises
    ------
    SalesnbError
        Before anything is run: settings, data, teams, periods or notebooks cannot be used.

    Notes
    -----
    An interrupt ends the workers, records what was not run, and is raised on.
    """
    check_audience(request.audience)
    stages = find_stages(request.notebooks, request.stages)
    check_parameters(stages)
    stock = data.stock(request.data, request.settings)
    scope, periods = _periods(request, stock.teams)
    jobs = plan(request.teams, stock.teams, periods, stages)
    parameters = _parameters(request, scope.settings.company.language)
    ledger = Ledger(request.out, parameters, stock.inputs, team_folders(stock.teams), jobs)
    ledger.open()
    try:
        _work_off(jobs, ledger, request, parameters, tell)
    finally:
        ledger.close()
        index = write_indexes(request.out, periods)
    return Outcome(index, ledger.failures)


def _work_off(
    jobs: Sequence[Job],
    ledger: Ledger,
    request: Request,
    parameters: Mapping[str, str],
    tell: Callable[[Progress], None],
) -> None:
    langs = languages(parameters["lang"])
    assignments = [Assignment(job, request.out, parameters, langs) for job in jobs]
    tell(Progress(0, ledger.total, None))
    with _quiet_place() as environment:
        workers = request.workers or os.cpu_count() or 1
        for event in work_through(assignments, do, workers, {**SINGLE, **environment}, ledger.rest):
            for record in ledger.note(event):
                tell(Progress(ledger.ended, ledger.total, record))


def _periods(request: Request, teams: Sequence[str]) -> tuple[Scope, list[str]]:
    """Return the scope and the names of the periods asked for; ScopeError where the data hold none of them."""

    def scope(period: str) -> Scope:
        team = teams[0] if teams else WHOLE_COMPANY
        return data.load(
            request.data, request.settings, team, period, request.as_of, request.lang or "en"
        ).scope

    newest = scope("latest")
    periods = [p.name for p in newest.calendar.expand(request.period, newest.as_of)]
    for edge in {periods[0], periods[-1]}:
        scope(edge)
    return newest, periods


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
    named = Path(path).expanduser()
    return str(named.resolve()) if path not in {"", SAMPLE} and named.exists() else path


@contextmanager
def _quiet_place() -> Iterator[dict[str, str]]:
    """Give kernels a short folder for their channels and a profile of their own, so that a user's does not matter."""
    folder = tempfile.mkdtemp(prefix="snb-")
    try:
        yield {"JUPYTER_RUNTIME_DIR": folder, "IPYTHONDIR": str(Path(folder, "profile"))}
    finally:
        shutil.rmtree(folder, ignore_errors=True)
