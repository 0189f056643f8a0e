"""What is to be run: teams x periods x stages, decided before anything starts."""

import ast
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from salesnb.data.cells.spelling import one_form
from salesnb.errors import InputError, Problem, ScopeError, nearest, problem
from salesnb.folders import folder_names
from salesnb.scope import WHOLE_COMPANY
from salesnb.stages import OWN, STAGES

PARAMETERS = ("data", "settings", "team", "period", "as_of", "lang", "audience")
"""What every notebook takes, all of it text."""

_TAKEN = (WHOLE_COMPANY, "index.html", "index.zh.html", "run.json", "exports.json", "bundles")
_NAME = re.compile(r"(\d\d)_([a-z][a-z0-9_]*)\.ipynb")


@dataclass(frozen=True)
class Stage:
    """One notebook of the loop, e.g. ``diagnosis``."""

    name: str
    notebook: Path

    def runs_for(self, team: str) -> bool:
        """Tell whether the stage speaks about a team; intake speaks about the whole company only."""
        return team == WHOLE_COMPANY or not (self.name in STAGES and STAGES[self.name].whole_company_only)


@dataclass(frozen=True)
class Step:
    """One notebook of one period; without a stage, the gathering of what the period's notebooks found."""

    period: str
    stage: Stage | None


@dataclass(frozen=True)
class Job:
    """One team's steps: its periods in order, in each its stages in order. Jobs run side by side."""

    team: str
    folder: str
    steps: tuple[Step, ...]


def find_stages(folder: Path, wanted: Sequence[str] = ()) -> list[Stage]:
    """Return the stages whose notebooks, ``NN_stage.ipynb``, lie in a folder, in order of their numbers.

    Parameters
    ----------
    folder
        Where the notebooks are.
    wanted
        Names of stages; empty: all.

    Raises
    ------
    InputError
        The folder holds no such notebook; or one with a number or name of the kit's that is none of its stages, or two
        of one name.
    ScopeError
        A wanted stage has none; the nearest that exists is named.
    """
    found: dict[str, Stage] = {}
    problems: list[Problem] = []
    for path in sorted(folder.glob("*.ipynb")):
        if match := _NAME.fullmatch(path.name):
            problems += _misnamed(path.name, int(match[1]), match[2], found)
            found[match[2]] = Stage(match[2], path.resolve())
    if not found:
        raise InputError(problem("notebooks_missing", folder=folder))
    if problems:
        raise InputError(*problems)
    return wanted_stages(list(found.values()), wanted)


def _misnamed(notebook: str, number: int, name: str, found: Mapping[str, Stage]) -> Iterator[Problem]:
    """Yield what is wrong with the number and name of a notebook beside those found before."""
    listed = STAGES.get(name)
    if name in found:
        yield problem("stage_twice", notebook=notebook, other=found[name].notebook.name, name=name)
    elif listed and listed.number != number:
        yield problem("stage_taken", notebook=notebook, name=name, near=f"{listed.number:02}_{name}.ipynb")
    elif not listed and number < OWN:
        known = ", ".join(f"{stage.number:02} {stage.name}" for stage in STAGES.values())
        near = f"{number + OWN}_{name}.ipynb"
        yield problem(
            "stage_unlisted", notebook=notebook, number=f"{number:02}", name=name, known=known, own=OWN, near=near
        )


def wanted_stages(stages: Sequence[Stage], wanted: Sequence[str]) -> list[Stage]:
    """Return the stages of those names, all where none is named; ScopeError for a name that is not among them."""
    found = {stage.name: stage for stage in stages}
    unknown = [name for name in wanted if name not in found]
    listed = ", ".join(found)
    _refuse([problem("stage_unknown", found=repr(n), near=nearest(n, found), known=listed) for n in unknown])
    return [stage for name, stage in found.items() if not wanted or name in wanted]


def check_parameters(stages: Iterable[Stage]) -> None:
    """Raise InputError for notebooks whose parameters cell lacks a parameter that the batch passes."""
    lacking = {stage: set(PARAMETERS) - parameter_names(stage.notebook) for stage in stages}
    problems = [
        problem("notebook_parameters", notebook=stage.notebook.name, names=", ".join(sorted(names)))
        for stage, names in lacking.items()
        if names
    ]
    if problems:
        raise InputError(*problems)


def parameter_names(notebook: Path) -> set[str]:
    """Return the names that the cell tagged ``parameters`` of a notebook assigns; InputError if it cannot be read."""
    try:
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
        tagged = ["".join(c["source"]) for c in cells if "parameters" in c["metadata"].get("tags", [])]
        nodes = [node for source in tagged for node in ast.parse(source).body]
    except (ValueError, SyntaxError, LookupError, TypeError, AttributeError) as fault:
        raise InputError(problem("notebook_unreadable", notebook=notebook.name, reason=fault)) from None
    targets = [t for n in nodes if isinstance(n, ast.Assign) for t in n.targets]
    targets += [n.target for n in nodes if isinstance(n, ast.AnnAssign)]
    return {t.id for t in targets if isinstance(t, ast.Name)}


def plan(wanted: Sequence[str], known: Sequence[str], periods: Sequence[str], stages: Sequence[Stage]) -> list[Job]:
    """Return one job per team that has anything to run, the whole company first.

    Parameters
    ----------
    wanted
        Names of teams; empty: the whole company and every team.
    known
        The teams of the data.
    periods
        Names of periods, in order.
    stages
        What to run for each.

    Raises
    ------
    ScopeError
        Teams that do not exist, each with the nearest that do.
    """
    wanted = [one_form(name) for name in wanted]
    everyone = [WHOLE_COMPANY, *(team for team in known if team != WHOLE_COMPANY)]
    listed = ", ".join(everyone[:20])
    _refuse(
        [
            problem("team_unknown", found=repr(name), near=nearest(name, everyone), teams=listed)
            for name in wanted
            if name not in everyone
        ]
    )
    folders = team_folders(known)
    jobs = [
        Job(team, folders[team], tuple(_steps(periods, [s for s in stages if s.runs_for(team)])))
        for team in everyone
        if not wanted or team in wanted
    ]
    return [job for job in jobs if job.steps]


def _steps(periods: Sequence[str], stages: Sequence[Stage]) -> Iterator[Step]:
    for period in periods if stages else ():
        yield from (Step(period, stage) for stage in stages)
        yield Step(period, None)


def team_folders(known: Sequence[str]) -> Mapping[str, str]:
    """Return the folder of every team and of the whole company."""
    return {WHOLE_COMPANY: WHOLE_COMPANY, **folder_names((t for t in known if t != WHOLE_COMPANY), _TAKEN)}


def _refuse(problems: Sequence[Problem]) -> None:
    if problems:
        raise ScopeError(*problems)
