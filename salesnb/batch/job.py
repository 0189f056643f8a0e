"""What a worker does: one team's notebooks, one after the other, their pages, and the figures of each period."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from salesnb.batch.notebook import Reason, explain, run_notebook
from salesnb.batch.plan import Job, Stage, Step
from salesnb.report.export import write_page
from salesnb.report.facts import write_facts

FACTS = "facts.parquet"


@dataclass(frozen=True)
class Assignment:
    """A job, the folder of the reports (one folder per period beneath), and what all its notebooks take."""

    job: Job
    out: Path
    parameters: Mapping[str, str]
    langs: tuple[str, ...]


@dataclass(frozen=True)
class Result:
    """How one step went; ``pages`` are paths within the team's folder, by language."""

    team: str
    step: Step
    seconds: float
    reason: Reason
    pages: Mapping[str, str]


def do(assignment: Assignment, report: Callable[[Result], None]) -> None:
    """Do every step of a job, reporting each; a step that fails does not stop the next."""
    for step in assignment.job.steps:
        folder = assignment.out / step.period / assignment.job.folder
        folder.mkdir(parents=True, exist_ok=True)
        begun = time.perf_counter()
        pages: Mapping[str, str] = {}
        if step.stage is None:
            reason = gather(folder)
        else:
            reason, pages = run_stage(step.stage, folder, assignment, step.period)
        report(Result(assignment.job.team, step, round(time.perf_counter() - begun, 2), reason, pages))


def run_stage(
    stage: Stage, folder: Path, assignment: Assignment, period: str
) -> tuple[Reason, Mapping[str, str]]:
    """Run one notebook and write its pages; return why it failed, if it did, and the pages by language.

    The folder gets ``<stage>.ipynb`` and the pages only when all went well, else ``<stage>.failed.ipynb`` with what
    there was up to the failure.
    """
    beside = folder / f".{stage.name}.{os.getpid()}.ipynb"
    parameters = {**assignment.parameters, "team": assignment.job.team, "period": period}
    try:
        executed = run_notebook(stage.notebook, beside, parameters)
    except Exception as fault:
        beside.unlink(missing_ok=True)
        return explain(fault, "setup_failed"), {}
    reason, pages = executed.reason, {}
    if not reason:
        try:
            pages = {lang: write_page(beside, folder, stage.name, lang).name for lang in assignment.langs}
        except Exception as fault:
            reason = explain(fault, "page_failed")
            remove_outputs(folder, stage.name)
    beside.replace(folder / (f"{stage.name}.failed.ipynb" if reason else f"{stage.name}.ipynb"))
    return reason, pages


def gather(folder: Path) -> Reason:
    """Write the facts of all notebooks of a folder that ran well, whole or not at all; return why it failed."""
    try:
        good = [
            p for p in sorted(folder.glob("*.ipynb")) if not p.name.startswith(".") and p.stem.count(".") == 0
        ]
        write_facts(good, folder / FACTS)
    except Exception as fault:
        (folder / FACTS).unlink(missing_ok=True)
        return explain(fault, "facts_failed")
    return {}


def remove_outputs(folder: Path, stage: str) -> None:
    """Remove what an earlier run left of a stage in a team's folder."""
    for name in (f"{stage}.html", f"{stage}.zh.html", f"{stage}.ipynb", f"{stage}.failed.ipynb"):
        (folder / name).unlink(missing_ok=True)
    for left in folder.glob(f".{stage}.*.ipynb"):
        left.unlink(missing_ok=True)
