"""A large company's batch, on paper: 1,000 teams x 12 periods x 9 stages on 1, 10 and 100 machines of 8 workers.

    python benchmarks/batch_scale.py --reports REPORTS [--teams 1000] [--periods 12] [--stages 9] [--start 3]

Measured for real, here: seconds of every notebook with its page and its files (from the `record.json` files of a
batch that was run, `--reports`), planning, `run.json` and indexes at full size, the ledger's bookkeeping, and a dask
scheduler with two workers that is given a task for every team with what it would really get. Simulated from these: the
batch itself, as list scheduling: a team's periods in order on one worker, the whole company first. A worker is taken to
be as fast as the one measured. `--whole` is how many times a notebook of the whole company costs that of the sample's,
which has six teams.
"""

from __future__ import annotations

import argparse
import heapq
import json
import logging
import pickle
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from batch_plan import ORDERS, Planned, planned, pretend_done
from made_company import make_company, make_stages, periods
from measuring import ROOT, environment, head, machine, row, timed

from salesnb import data
from salesnb.batch.assignment import Assignment, Begun, Ended
from salesnb.batch.cluster_worker import TOPIC
from salesnb.batch.ledger import Basis, Ledger
from salesnb.batch.records import failed_record
from salesnb.batch.resume import Left, find_left
from salesnb.places import Place, open_place
from salesnb.report.index import write_indexes
from salesnb.scope import WHOLE_COMPANY

WORKERS = 8
"""Workers of a machine."""

_PATIENCE = 600.0

WRITES, READS, GATHERING = 3, 3, 5
"""Objects that one notebook writes (page, notebook, record) and reads (three tables of the store), and what putting a
team's figures together reads and writes beside its notebooks."""


@dataclass(frozen=True)
class Costs:
    """Seconds of a notebook of a team and of the whole company, by stage; seconds until a worker begins."""

    team: Mapping[str, float]
    whole: Mapping[str, float]
    start: float

    def of(self, team: str, stage: str) -> float:
        """Return the seconds of a notebook; a stage that was not measured costs the mean of those that were."""
        known = self.whole if team == WHOLE_COMPANY else self.team
        return known.get(stage, statistics.mean(known.values()))


@dataclass(frozen=True)
class Simulated:
    """How a batch would go: seconds until its end, share of the workers' time in use, its longest job."""

    makespan: float
    utilisation: float
    longest: float


def read_costs(reports: Path, start: float, whole: float) -> tuple[Costs, float]:
    """Return what notebooks cost in a batch that was run, and the mean bytes that each of them left."""
    team: dict[str, list[float]] = {}
    all_teams: dict[str, list[float]] = {}
    for path in reports.glob("*/*/record.json"):
        record = json.loads(path.read_text(encoding="utf-8"))
        seconds = all_teams if record["team"] == WHOLE_COMPANY else team
        for stage, found in record["stages"].items():
            if found["status"] == "ok":
                seconds.setdefault(stage, []).append(found["seconds"])
    assert team, f"{reports} holds no records of teams"
    assert all_teams, f"{reports} holds no records of the whole company"
    bytes_left = sum(p.stat().st_size for p in reports.glob("*/*/*") if p.is_file())
    count = sum(map(len, (*team.values(), *all_teams.values())))
    medians = {stage: statistics.median(found) for stage, found in team.items()}
    costs = Costs(medians, {s: whole * statistics.median(f) for s, f in all_teams.items()}, start)
    return costs, bytes_left / count


def simulate(jobs: Sequence[float], workers: int, start: float, handing: float = 0.0) -> Simulated:
    """Hand jobs out in order, each to the worker that is free first; the scheduler hands out one at a time."""
    free = [start] * workers
    end = 0.0
    for number, seconds in enumerate(jobs):
        begun = max(heapq.heappop(free), start + number * handing)
        heapq.heappush(free, begun + seconds)
        end = max(end, begun + seconds)
    return Simulated(end, sum(jobs) / (workers * end), max(jobs))


def measure_driver(made: Planned, place: Place) -> tuple[Left, dict[str, float]]:
    """Time, at full size, all that the driver of a batch does beside handing out jobs; return what is left to do."""
    begun = time.perf_counter()
    left = find_left(place, made.jobs, made.known)
    found = {"planning, nothing there": time.perf_counter() - begun}
    ledger = Ledger(place, Basis(made.parameters, made.store.inputs, made.known.folders), left)
    found["run.json of all periods"] = timed(ledger.write)
    found["indexes before the first notebook"] = timed(lambda: write_indexes(place))
    found["bookkeeping of all steps"] = timed(lambda: _all_end(ledger, left))
    found["run.json of all periods, ended"] = timed(ledger.write)
    found["indexes, ended"] = timed(lambda: write_indexes(place))
    return left, found


def _all_end(ledger: Ledger, left: Left) -> None:
    """Take down the end of every step and ask what every event of a batch tells."""
    figures = {"sales": 1234567.0, "target": 1300000.0, "gap": -65433.0, "attainment": 0.9497}
    for job in left.jobs:
        for step in job.steps:
            event = Ended(job.team, step, figures=figures)
            if step.stage:
                pages = {"en": f"{step.stage.name}.html"}
                record = failed_record("0" * 64, "", {})
                event = Ended(job.team, step, {**record, "status": "ok", "seconds": 1.0, "pages": pages})
            ledger.note(event)
            assert ledger.ended + ledger.kept <= ledger.total


def sizes(place: Place) -> list[tuple[str, str]]:
    """Return the sizes of the largest files of a period."""
    assert place.local is not None
    names = ("run.json", "index.html")
    largest = {name: max(p.stat().st_size for p in place.local.glob(f"*/{name}")) for name in names}
    return [(f"{name} of a period", f"{size / 1e6:.1f} MB") for name, size in largest.items()]


def assignments_of(left: Left, made: Planned, out: str) -> list[Assignment]:
    """Return what workers are given, as a batch makes it."""
    texts = {name: stage.notebook.read_bytes() for name, stage in made.known.stages.items()}
    key = made.known.contents.key
    return [
        Assignment(
            job, out, made.parameters, ("en",), texts,
            {(s.period, s.stage.name): key(s.stage.name, job.team, s.period) for s in job.steps if s.stage},
        )
        for job in left.jobs
    ]  # fmt: skip


def measure_scheduler(assignments: Sequence[Assignment]) -> tuple[float, float]:
    """Return seconds and bytes of a task, of a real scheduler with two worker processes.

    A task does nothing but tell of every step that it began and ended, as the batch's own tasks do.
    """
    from distributed import Client, LocalCluster

    heard, size = Counter[str](), statistics.mean(len(pickle.dumps(a)) for a in assignments)
    with (
        LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=":0", silence_logs=logging.CRITICAL + 1
        ) as cluster,
        Client(cluster) as client,
    ):
        client.submit(_tell, replace(assignments[0], claim="first"), pure=False).result()
        client.subscribe_topic(TOPIC, lambda event: heard.update([event[1]["batch"]]))
        begun = time.perf_counter()
        client.gather([client.submit(_tell, a, pure=False) for a in assignments])
        told = 2 * sum(len(a.job.steps) for a in assignments)
        while heard[""] < told and time.perf_counter() - begun < _PATIENCE:
            time.sleep(0.01)
        assert heard[""] == told, f"{heard['']} of {told} news came"
        return (time.perf_counter() - begun) / len(assignments), size


def _tell(assignment: Assignment) -> list[Ended]:
    """Tell of every step; runs on a worker."""
    from distributed import get_worker

    worker, steps = get_worker(), []
    for step in assignment.job.steps:
        key = assignment.keys[step.period, step.stage.name] if step.stage else ""
        ended = Ended(assignment.job.team, step, failed_record(key, "", {}))
        for news in (Begun(assignment.job.team, step), ended):
            worker.log_event(TOPIC, {"batch": assignment.claim, "news": pickle.dumps(news)})
        steps.append(ended)
    return steps


def job_seconds(made: Planned, costs: Costs) -> list[float]:
    """Return the seconds of every team's job, in the order in which they are begun."""
    return [sum(costs.of(job.team, s.stage.name) for s in job.steps if s.stage) for job in made.jobs]


def print_simulation(made: Planned, costs: Costs, handing: float, around: float) -> None:
    """Print how the batch would go on so many machines; ``around`` is what the driver does before and after."""
    jobs = job_seconds(made, costs)
    print("\nSimulated (list scheduling of measured costs; `all` first):\n")
    print(head("machines", "workers", "`all` costs", "hours", "workers in use", "longest job h", "of it the driver"))
    for times in (1, 10):
        grown = job_seconds(made, replace(costs, whole={s: times * c for s, c in costs.whole.items()}))
        for machines in (1, 10, 100):
            workers = machines * WORKERS
            found = simulate(grown, workers, costs.start, handing)
            hours = (found.makespan + around) / 3600
            print(row([machines, workers, f"{times} x", f"{hours:.2f}", f"{found.utilisation:.0%}",
                       f"{found.longest / 3600:.2f}", f"{around / 36 / hours:.1f} %"]))  # fmt: skip
    print_bounds(jobs, handing, around)


def print_bounds(jobs: Sequence[float], handing: float, around: float) -> None:
    """Print what no batch can be faster than, and from how many workers on each of it bounds the batch."""
    work = sum(jobs)
    bounds = {
        "a team's periods run in order: the longest job": max(jobs),
        "dask hands out tasks and passes news on, one after the other": handing * len(jobs),
        "the driver plans, and writes records and indexes": around,
    }
    print("\n" + head("what bounds the batch on any number of workers", "hours", "more workers than these do not help"))
    for what, seconds in sorted(bounds.items(), key=lambda bound: -bound[1]):
        print(row([what, f"{seconds / 3600:.3f}", f"{work / seconds:,.0f}"]))
    print(f"\nAll notebooks together: {work / 3600:.1f} worker hours.")


def print_store(made: Planned, bytes_each: float, seconds: float) -> None:
    """Print what the batch asks of an object store."""
    notebooks = sum(bool(s.stage) for job in made.jobs for s in job.steps)
    gatherings = sum(len({s.period for s in job.steps}) for job in made.jobs)
    writes, reads = notebooks * WRITES + gatherings * GATHERING, notebooks * READS + gatherings * GATHERING
    print("\nOf the object store (counted, not measured):\n")
    print(head("what", "how much"))
    print(row(["objects written", f"{writes:,}"]))
    print(row(["objects read", f"{reads:,}"]))
    print(row(["bytes written", f"{notebooks * bytes_each / 1e9:.0f} GB"]))
    for machines in (1, 10, 100):
        workers = machines * WORKERS
        print(row([f"requests a second, {machines} machine(s)", f"{(writes + reads) / (seconds / workers):.0f}"]))


def main(arguments: list[str] | None = None) -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--reports", type=Path, required=True, help="of `salesnb run --data sample --period latest`")
    options.add_argument("--teams", type=int, default=1000)
    options.add_argument("--periods", type=int, default=12)
    options.add_argument("--stages", type=int, default=9)
    options.add_argument("--start", type=float, default=3.0, help="seconds until a machine's workers begin")
    options.add_argument("--whole", type=float, default=1.0)
    given = options.parse_args(arguments)
    print(machine())
    costs, bytes_each = read_costs(given.reports, given.start, given.whole)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        environment({"XDG_CACHE_HOME": f"{folder}/cache"})
        company, notebooks = (folder / "company", make_stages(folder / "notebooks", ROOT / "notebooks", given.stages))
        make_company(company, given.teams, ORDERS)
        made = planned(data.open_store(str(company)), periods()[-given.periods :], notebooks)
        report(made, open_place(folder / "reports"), costs, bytes_each)


def report(made: Planned, place: Place, costs: Costs, bytes_each: float) -> None:
    """Measure, simulate and print."""
    count = sum(bool(s.stage) for job in made.jobs for s in job.steps)
    print(f"{len(made.jobs):,} jobs, {count:,} notebooks, {bytes_each / 1000:.0f} KB a notebook\n")
    print(head("measured", "one of a team, s", "one of the whole company, s"))
    for stage in sorted({*costs.team, *costs.whole}):
        print(row([stage, *(f"{c[stage]:.2f}" if stage in c else "" for c in (costs.team, costs.whole))]))
    print("\n" + head("measured, at full size", "how much"))
    left, driver = measure_driver(made, place)
    for what, seconds in driver.items():
        print(row([what, f"{seconds:.1f} s"]), flush=True)
    pretend_done(place, made.jobs, made.known.contents)
    again = timed(lambda: find_left(place, made.jobs, made.known))
    for what, how_much in [("planning, everything there", f"{again:.1f} s"), *sizes(place)]:
        print(row([what, how_much]))
    handing, size = measure_scheduler(assignments_of(left, made, place.url()))
    print(row(["dask: a task, with all news of it", f"{handing * 1000:.1f} ms"]))
    print(row(["dask: what a task carries", f"{size / 1000:.0f} KB"]))
    print_simulation(made, costs, handing, sum(driver.values()))
    print_store(made, bytes_each, sum(job_seconds(made, costs)))


if __name__ == "__main__":
    main()
