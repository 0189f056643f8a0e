"""Worker processes: all jobs are done, a death costs one step, an interrupt ends everything."""

import os
import signal
import time

import pytest

from salesnb.batch.workers import Died, work_through


def doubled(job, report):
    for number in job:
        if number == 13:
            os.kill(os.getpid(), signal.SIGKILL)
        report((number, 2 * number))


def slow(job, report):
    report(os.getpid())
    time.sleep(60)


def environment_of(job, report):
    report(os.environ[job])


def after(done):
    """What is left of a job once the step that killed its worker is passed over."""

    def rest(job):
        left = [n for n in job if n not in done and n != 13]
        return left or None

    return rest


@pytest.mark.parametrize("count", [1, 2, 5])
def test_every_step_of_every_job_is_reported_once(count):
    jobs = [[1, 2], [3], [4, 5, 6]]
    got = list(work_through(jobs, doubled, count, {}, lambda job: None))
    assert sorted(got) == [(n, 2 * n) for n in range(1, 7)]


def test_steps_of_one_job_come_in_order():
    got = [n for n, _ in work_through([[5, 1, 4]], doubled, 2, {}, lambda job: None)]
    assert got == [5, 1, 4]


def test_a_worker_that_dies_costs_its_step_and_no_other():
    done, died = [], []
    for event in work_through([[1, 13, 2], [3]], doubled, 1, {}, after(done)):
        if isinstance(event, Died):
            died.append(event.job)
        else:
            done.append(event[0])
    assert sorted(done) == [1, 2, 3]
    assert died == [[1, 13, 2]]


def test_workers_get_the_environment():
    assert list(work_through(["SALESNB_PROBE"], environment_of, 1, {"SALESNB_PROBE": "here"}, lambda job: None)) == [
        "here"
    ]


def test_leaving_early_ends_the_processes():
    steps = work_through([1, 2], slow, 2, {}, lambda job: None)
    pids = [next(steps), next(steps)]
    begun = time.monotonic()
    steps.close()
    assert time.monotonic() - begun < 20
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
