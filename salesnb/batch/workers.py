"""Worker processes: each takes a job, reports every step of it, and takes the next; one that dies costs one step.

Processes, because papermill changes the folder of its whole process, and because a crash then stays where it was.
"""

import multiprocessing
import os
import pickle
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import wait
from typing import Any, Generic, TypeVar

from salesnb.batch.assignment import Assignment, Report
from salesnb.batch.worker import DONE

Job = TypeVar("Job")

Work = Callable[[Any, Callable[[Any], None]], None]
"""Does a job and reports each step when it is done; importable by name."""


@dataclass(frozen=True)
class Died(Generic[Job]):
    """A worker process ended in the middle of a job, by no doing of its own."""

    job: Job


class Worker(Generic[Job]):
    """A worker process, and the job that it has in hand.

    It has ended once ``pipe`` raises EOFError or ConnectionError on being read.
    """

    def __init__(self, work: Work, environment: Mapping[str, str], job: Job) -> None:
        self.environment = environment
        self.pipe, theirs = multiprocessing.Pipe()
        with theirs:
            self.process = _start(theirs.fileno(), environment)
        self._send(sys.path)
        self._send(dict(environment))
        with suppress(ConnectionError):
            self.pipe.send_bytes(pickle.dumps(work))
        self.give(job)

    def give(self, job: Job) -> None:
        """Have it do a job, after those that it has been given before."""
        self.job = job
        self._send(job)

    def dismiss(self) -> None:
        """Let it end, which it does at once, busy or not; wait for that."""
        self.pipe.close()
        self.process.wait()

    def _send(self, what: object) -> None:
        with suppress(ConnectionError):  # it has died; the end of its pipe says so in its turn
            self.pipe.send(what)


def _start(pipe: int, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "salesnb.batch.worker", str(pipe)]
    place = {**os.environ, **environment}
    return subprocess.Popen(command, pass_fds=[pipe], env=place, stdin=subprocess.DEVNULL)


def work_through(
    jobs: Iterable[Job], work: Work, count: int, environment: Mapping[str, str], rest: Callable[[Job], Job | None]
) -> Generator[Any]:
    """Do all jobs in up to ``count`` processes and yield their steps as they are reported.

    Parameters
    ----------
    jobs
        What to do, in the order in which it is begun.
    work
        Does one job in a worker.
    count
        Number of processes.
    environment
        Environment variables of the workers and the kernels that they start.
    rest
        Returns what is left of a job whose worker died (which is reported as `Died` first), None for nothing.

    Notes
    -----
    Left early, by an interrupt or an error, it ends its processes; their kernels end with them.
    """
    crew = _Crew(deque(jobs), work, environment)
    try:
        crew.hire(count)
        while crew.workers:
            for worker in crew.with_news():
                try:
                    step = worker.pipe.recv()
                except (EOFError, ConnectionError):
                    crew.dismiss(worker)
                    yield Died(worker.job)
                    crew.put_first(rest(worker.job))
                    crew.hire(count)
                    continue
                if step is DONE:
                    crew.next_job(worker)
                else:
                    yield step
    finally:
        crew.end()


class _Crew(Generic[Job]):
    """The processes at work and the jobs that wait for one."""

    def __init__(self, waiting: deque[Job], work: Work, environment: Mapping[str, str]) -> None:
        self.workers: list[Worker[Job]] = []
        self._waiting, self._work, self._environment = waiting, work, environment

    def hire(self, count: int) -> None:
        while self._waiting and len(self.workers) < count:
            self.workers.append(Worker(self._work, self._environment, self._waiting.popleft()))

    def with_news(self) -> list[Worker[Job]]:
        speaking = wait([worker.pipe for worker in self.workers])
        return [worker for worker in self.workers if worker.pipe in speaking]

    def next_job(self, worker: Worker[Job]) -> None:
        if self._waiting:
            worker.give(self._waiting.popleft())
        else:
            self.dismiss(worker)

    def put_first(self, job: Job | None) -> None:
        if job is not None:
            self._waiting.appendleft(job)

    def dismiss(self, worker: Worker[Job]) -> None:
        self.workers.remove(worker)
        worker.dismiss()

    def end(self) -> None:
        for worker in self.workers:
            worker.process.kill()
        for worker in self.workers:
            worker.process.wait()


def do(assignment: Assignment, report: Report) -> None:
    """Do every step of a job, reporting each; a step that fails does not stop the next."""
    from salesnb.batch.job import (
        do_job,  # papermill and nbconvert, which who hands out jobs need not wait for
    )

    do_job(assignment, report)
