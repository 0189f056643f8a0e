"""What an earlier batch has done that still holds, what of it must go, and what is left to do.

A period's folder tells one story: a notebook's results stay where its content key is the same and its files are there;
everything else is removed before the first notebook runs.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from salesnb.batch.content import Contents
from salesnb.batch.plan import Job, Stage, Step
from salesnb.batch.reason import reason
from salesnb.batch.records import (
    EXPORTS,
    StageRecord,
    TeamRecord,
    is_done,
    is_gathered,
    new_record,
    read_records,
    remove_exported,
    write_record,
)
from salesnb.places import Place
from salesnb.report.facts import FACTS_FILE
from salesnb.report.files import START_FILES
from salesnb.report.run_record import Figures, NotebookRecord, read_run

Spot = tuple[str, str]
"""A period and a team's folder in it."""


@dataclass
class Left:
    """What is left of a plan, and how every notebook of its periods stands before it begins.

    ``notebooks`` by period, team and stage: those that hold, and the planned ones as not run; ``figures`` by period and
    team; ``kept`` counts the planned ones that need not run.
    """

    jobs: list[Job]
    notebooks: dict[tuple[str, str, str], NotebookRecord] = field(default_factory=dict)
    figures: dict[tuple[str, str], Figures] = field(default_factory=dict)
    kept: int = 0


@dataclass(frozen=True)
class Known:
    """What the data and the notebooks' folder hold today: every team's folder, every stage, and the keys."""

    folders: Mapping[str, str]
    stages: Mapping[str, Stage]
    contents: Contents


def find_left(place: Place, jobs: Sequence[Job], known: Known, *, force: bool = False) -> Left:
    """Return what is left of a plan; remove from the reports what no longer holds.

    With ``force``, everything that is planned is left.
    """
    left = Left([])
    steps: dict[Spot, list[Step]] = {}
    periods: dict[str, set[tuple[str, str]]] = {}
    for job in jobs:
        for step in job.steps:
            own = periods.setdefault(step.period, set())
            if step.stage:
                own.add((job.team, step.stage.name))
    for period, planned in periods.items():
        steps |= _Period(place, period, planned, known, force).settle(left)
    teams = {folder: team for team, folder in known.folders.items()}
    for folder in dict.fromkeys(folder for _, folder in steps):
        to_do = tuple(step for period in periods for step in steps.get((period, folder), ()))
        if to_do:
            left.jobs.append(Job(teams[folder], folder, to_do))
    order = {job.team: i for i, job in enumerate(jobs)}
    left.jobs.sort(key=lambda job: order.get(job.team, len(order)))
    return left


class _Period:
    """One period's folder: what lies in it, what is planned for it."""

    def __init__(self, place: Place, period: str, planned: set[tuple[str, str]], known: Known, force: bool) -> None:
        self._place, self._period, self._known, self._force = place, period, known, force
        self._planned = planned
        self._files = _by_folder(place.find(period), period)
        self._earlier = {(n["team"], n["stage"]): n for n in self._run()}
        teams = dict.fromkeys(team for team, _ in [*self._planned, *self._earlier])
        self._folders = {t: f for t, f in known.folders.items() if t in teams}
        self._records = read_records(place, [(period, f) for f in self._folders.values() if f in self._files])

    def settle(self, left: Left) -> dict[Spot, list[Step]]:
        """Take down what holds, remove what does not, and return the steps to do by folder."""
        self._remove_strangers()
        steps = {}
        for team, folder in self._folders.items():
            record = self._records.get((self._period, folder)) or new_record(team, self._period)
            todo = [s for s in self._known.stages if self._is_left(team, s, record, left)]
            gone = [s for s in record["stages"] if (self._period, team, s) not in left.notebooks or s in todo]
            self._remove(folder, record, {*gone, *todo})
            left.figures[self._period, team] = record["figures"]
            made = [Step(self._period, self._known.stages[stage]) for stage in todo]
            if made or not is_gathered(record, self._files.get(folder, set())):
                made.append(Step(self._period, None))
            steps[self._period, folder] = made if made[:-1] or record["stages"] else []
        if any(steps.values()):
            remove_exported(self._place, self._period)
        return steps

    def _is_left(self, team: str, stage: str, record: TeamRecord, left: Left) -> bool:
        """Note how a notebook stands; tell whether it is to be run."""
        key = self._known.contents.key(stage, team, self._period)
        folder, at = self._folders[team], (self._period, team, stage)
        planned = (team, stage) in self._planned
        found = record["stages"].get(stage)
        holds = found is not None and is_done(record, stage, key, self._files.get(folder, set()))
        if found is not None and holds and not (planned and self._force):
            left.notebooks[at] = notebook_record(team, folder, stage, found)
            left.kept += planned
            return False
        if planned:
            left.notebooks[at] = not_run(team, stage, key)
            return True
        earlier = self._earlier.get((team, stage))
        if earlier is not None and earlier["status"] != "ok" and earlier["key"] == key:
            left.notebooks[at] = earlier  # it failed from the very same, or its turn has not come yet
        return False

    def _remove(self, folder: str, record: TeamRecord, stages: Iterable[str]) -> None:
        """Remove what is there of stages that do not hold, from the folder and from its record."""
        files = self._files.get(folder, set())
        names = {name for stage in stages for name in outputs(stage)} & files
        dropped = [record["stages"].pop(stage) for stage in list(stages) if stage in record["stages"]]
        if names or dropped:
            names |= {FACTS_FILE, *START_FILES} & files
            record["gathered"], record["figures"] = "", {}
            self._place.remove(*(f"{self._period}/{folder}/{name}" for name in sorted(names)))
            self._remove_exported(folder)
            files -= names
        if dropped:
            write_record(self._place, folder, record)

    def _remove_strangers(self) -> None:
        """Remove what was made for teams that are no more, or have another folder now."""
        for folder in self._stranger_folders():
            known = {FACTS_FILE, *START_FILES, "record.json"}
            for stage in {s for _, s in self._earlier}:
                known |= outputs(stage)
            names = known & self._files.get(folder, set())
            self._place.remove(*(f"{self._period}/{folder}/{name}" for name in sorted(names)))
            self._remove_exported(folder)

    def _remove_exported(self, folder: str) -> None:
        """Remove what was exported of a team that has changed."""
        if EXPORTS in self._files.get(folder, set()):
            remove_exported(self._place, f"{self._period}/{folder}")

    def _stranger_folders(self) -> set[str]:
        return set(self._entries().values()) - set(self._folders.values())

    def _entries(self) -> dict[str, str]:
        try:
            return {t["team"]: t["folder"] for t in read_run(self._place, self._period)["teams"]}
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return {}

    def _run(self) -> list[NotebookRecord]:
        try:
            return read_run(self._place, self._period)["notebooks"]
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return []


def outputs(stage: str) -> set[str]:
    """Return the names of all files that a stage may leave in a team's folder."""
    return {f"{stage}.html", f"{stage}.zh.html", f"{stage}.ipynb", f"{stage}.failed.ipynb"}


def notebook_record(team: str, folder: str, stage: str, found: StageRecord) -> NotebookRecord:
    """Return how a notebook ended, as the period's record has it."""
    return {
        "team": team, "stage": stage, "status": found["status"], "seconds": found["seconds"], "key": found["key"],
        "attempts": found["attempts"], "reason": found["reason"], "missing": found["missing"],
        "page": {lang: f"{folder}/{name}" for lang, name in found["pages"].items()},
    }  # fmt: skip


def not_run(team: str, stage: str, key: str) -> NotebookRecord:
    """Return the record of a notebook whose turn has not come."""
    return {
        "team": team, "stage": stage, "status": "not run", "seconds": 0.0, "attempts": 0, "key": key,
        "reason": reason("stopped"), "missing": {}, "page": {},
    }  # fmt: skip


def _by_folder(files: Iterable[str], period: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for file in files:
        folder, _, name = file.removeprefix(f"{period}/").partition("/")
        if name:
            found.setdefault(folder, set()).add(name)
    return found
