"""What a batch costs before and without its notebooks: planning, and finding that nothing is left.

    python benchmarks/batch_plan.py [--teams 1000] [--periods 1] [--stages 9] [--times 5] [--no-batch]

Plans teams x periods x stages of a made company for real: where there are no reports, and where all of them are there
(records with the real content keys, empty files). Then `salesnb run` of the sample company when nothing is left to run,
several times (`--no-batch` leaves that out: it takes a whole batch first).
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from made_company import make_company, make_stages, periods
from measuring import ROOT, TOOLS, environment, head, machine, row, run, spread, timed

from salesnb import data
from salesnb.batch.content import Contents
from salesnb.batch.plan import Job, check_parameters, find_stages, plan, team_folders
from salesnb.batch.records import TeamRecord, basis, failed_record, files_of, new_record, write_record
from salesnb.batch.resume import Known, Left, find_left
from salesnb.data import Store
from salesnb.places import Place, open_place
from salesnb.report.facts import FACTS_FILE
from salesnb.report.files import start_name

ORDERS = 20
"""Order lines of a team; planning looks at none of them."""


def pretend_done(place: Place, jobs: Sequence[Job], contents: Contents) -> None:
    """Leave what a batch leaves that ran all jobs well: records with the real keys, and empty files."""
    for job in jobs:
        records: dict[str, TeamRecord] = {}
        for step in job.steps:
            if step.stage is None:
                continue
            record = records.setdefault(step.period, new_record(job.team, step.period))
            key = contents.key(step.stage.name, job.team, step.period)
            pages = {"en": f"{step.stage.name}.html"}
            record["stages"][step.stage.name] = {**failed_record(key, "", {}), "status": "ok", "seconds": 1.0, "pages": pages}  # fmt: skip  # noqa: E501
        for record in records.values():
            _leave(place, job.folder, record)


def _leave(place: Place, folder: str, record: TeamRecord) -> None:
    record["figures"] = {"sales": 1234567.0, "target": 1300000.0, "gap": -65433.0, "attainment": 0.9497}
    record["gathered"] = basis(record)
    write_record(place, folder, record)
    assert place.local is not None
    at = place.local / record["period"] / folder
    for name in {
        FACTS_FILE,
        start_name("en"),
        *(n for stage, found in record["stages"].items() for n in files_of(stage, found)),
    }:
        (at / name).touch()


@dataclass(frozen=True)
class Planned:
    """A plan and what is known to find out what is left of it."""

    store: Store
    jobs: list[Job]
    known: Known
    parameters: dict[str, str]


def planned(store: Store, names: Sequence[str], notebooks: Path) -> Planned:
    """Plan all teams, periods of those names and stages, as a batch does."""
    stages = find_stages(notebooks)
    check_parameters(stages)
    jobs = plan((), store.teams, names, stages)
    parameters = {"data": str(store.folder), "settings": "", "as_of": "", "lang": "en", "audience": "leadership"}
    texts = {stage.name: stage.notebook.read_bytes() for stage in stages}
    contents = Contents(store, parameters, texts)
    known = Known(team_folders(store.teams), {stage.name: stage for stage in stages}, contents)
    return Planned(store, jobs, known, parameters)


def measure_plan(folder: Path, teams: int, wanted: int, count: int, times: int) -> None:
    """Print what planning costs at a size."""
    company, notebooks = folder / "company", make_stages(folder / "notebooks", ROOT / "notebooks", count)
    make_company(company, teams, ORDERS)
    taken = timed(lambda: data.open_store(str(company)))
    store = data.open_store(str(company))
    names = periods()[-wanted:]
    notebook_count = sum(bool(s.stage) for job in planned(store, names, notebooks).jobs for s in job.steps)
    print(f"{teams:,} teams and the whole company x {wanted} period(s), {notebook_count:,} notebooks\n")
    print(head("what", "seconds"))
    print(row(["taking the files in (once)", f"{taken:.2f}"]))
    print(row(["looking whether the files have changed", _times(lambda: data.open_store(str(company)), times)]))
    place = open_place(folder / "reports")

    def find() -> Left:
        made = planned(store, names, notebooks)
        return find_left(place, made.jobs, made.known)

    print(row(["planning, nothing there", _times(find, times)]))
    assert find().kept == 0
    made = planned(store, names, notebooks)
    pretend_done(place, made.jobs, made.known.contents)
    print(row(["planning, everything there", _times(find, times)]), flush=True)
    left = find()
    assert (left.kept, left.jobs) == (notebook_count, []), "something is left of what is there"


def _times(work: Callable[[], object], times: int) -> str:
    return spread([timed(work) for _ in range(times)], 2)


def measure_nothing_to_do(folder: Path, times: int) -> None:
    """Print what `salesnb run` of the sample company takes when nothing is left to run."""
    asked = ["run", "--data", "sample", "--period", "latest", "--lang", "en"]
    command: list[str | Path] = [TOOLS / "salesnb", *asked, "--out", folder / "sample"]
    command += ["--notebooks", ROOT / "notebooks"]
    run(command)
    found = [run(command) for _ in range(times)]
    print(row(["`salesnb run` of the sample, nothing to do", spread([c.seconds for c in found], 2)]))
    print(row(["the same, CPU s", spread([c.cpu for c in found], 2)]))


def main(arguments: list[str] | None = None) -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--teams", type=int, default=1000)
    options.add_argument("--periods", type=int, default=1)
    options.add_argument("--stages", type=int, default=9)
    options.add_argument("--times", type=int, default=5)
    options.add_argument("--no-batch", action="store_true")
    given = options.parse_args(arguments)
    print(machine())
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        environment({"XDG_CACHE_HOME": f"{folder}/cache"})
        measure_plan(folder, given.teams, given.periods, given.stages, given.times)
        if not given.no_batch:
            measure_nothing_to_do(folder, given.times)


if __name__ == "__main__":
    main()
