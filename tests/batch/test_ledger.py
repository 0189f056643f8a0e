"""The ledger counts as it goes, each notebook once, at a cost that does not grow with the batch."""

import time

from salesnb.batch.assignment import Ended
from salesnb.batch.ledger import Basis, Ledger
from salesnb.batch.plan import Job, Stage, Step
from salesnb.batch.records import failed_record
from salesnb.batch.resume import Left, not_run
from salesnb.places import open_place
from salesnb.report.run_record import read_run

WHY = {"en": "no room", "zh": "空间不足"}
PERIODS = ("2025-08", "2025-09")


def ledger_of(folder, teams, stages=("review", "strategy")):
    steps = tuple(
        Step(period, stage) for period in PERIODS for stage in [*(Stage(s, folder / s) for s in stages), None]
    )
    jobs = [Job(team, team, steps) for team in teams]
    notebooks = {
        (s.period, job.team, s.stage.name): not_run(job.team, s.stage.name, "k")
        for job in jobs
        for s in steps
        if s.stage
    }
    place = open_place(folder)
    return Ledger(place, Basis({}, {}, {team: team for team in teams}), Left(jobs, notebooks)), jobs, place


def ended(job, step, status="ok"):
    if step.stage is None:
        return Ended(job.team, step, figures={"sales": 1.0})
    return Ended(job.team, step, {**failed_record("k", "", {}), "status": status})


def test_every_notebook_counts_once_however_often_it_is_told(tmp_path):
    ledger, (job, _), _ = ledger_of(tmp_path, ["North", "South"])
    assert (ledger.total, ledger.ended) == (8, 0)
    for step in job.steps:
        ledger.note(ended(job, step))
        ledger.note(ended(job, step))
    assert (ledger.total, ledger.ended) == (8, 4)


def test_failures_stand_in_order_of_period_and_team(tmp_path):
    ledger, (north, south), _ = ledger_of(tmp_path, ["North", "South"], ["review"])
    for job, at in ((south, 2), (north, 2), (south, 0)):
        ledger.note(ended(job, job.steps[at], "failed"))
    found = [(period, record["team"]) for period, record in ledger.failures]
    assert found == [("2025-08", "South"), ("2025-09", "North"), ("2025-09", "South")]


def test_where_figures_could_not_be_put_together_the_notebooks_of_that_team_and_period_have_failed(tmp_path):
    ledger, (north, south), place = ledger_of(tmp_path, ["North", "South"])
    for job in (north, south):
        for step in job.steps:
            ledger.note(ended(job, step))
    ledger.note(Ended("North", Step("2025-09", None), reason=WHY))
    ledger.write()
    failed = {(p, n["team"]) for p in PERIODS for n in read_run(place, p)["notebooks"] if n["status"] != "ok"}
    assert failed == {("2025-09", "North")}
    assert [record["reason"] for _, record in ledger.failures] == [WHY, WHY]


def test_an_event_costs_no_more_in_a_large_batch(tmp_path):
    def seconds(teams):
        ledger, jobs, _ = ledger_of(tmp_path, [f"T{number}" for number in range(teams)])
        begun = time.process_time()
        for job in jobs:
            for step in job.steps:
                ledger.note(ended(job, step))
                assert ledger.ended <= ledger.total
        return time.process_time() - begun

    small, large = min(seconds(50) for _ in range(3)), min(seconds(1000) for _ in range(3))
    assert large < 20 * small * 5  # twenty times the events; if each looked at all of them, four hundred times
