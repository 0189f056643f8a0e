"""Worker processes: each takes a job, reports every step of it, and takes the next; one that dies costs one step.

Processes, because papermill changes the folder of its whole process, and because a crash then stays where it was.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, Generic, TypeVar

Job = TypeVar("Job")
Step = TypeVar("Step")

Work = Callable[[Any, Callable[[Any], None]], None]
"""Does a job and reports each step when it is done; importable by name."""

_DONE = None


@dataclass(frozen=True)
class Died(Generic[Job]):
    """A worker process ended in the middle of a job, by no doing of its own."""

    job: Job


@dataclass
class _Worker(Generic[Job]):
    process: BaseProcess
    pipe: Connection
    job: Job


def work_through(
    jobs: Iterable[Job],
    work: Work,
    count: int,
    environment: dict[str, str],
    rest: Callable[[Job], Job | None],
) -> Iterator[Any]:
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
                if step is _DONE:
                    crew.next_job(worker)
                else:
                    yield step
    finally:
        crew.end()


class _Crew(Generic[Job]):
    """The processes at work and the jobs that wait for one."""

    def __init__(self, waiting: deque[Job], work: Work, environment: dict[str, str]) -> None:
        self.workers: list[_Worker[Job]] = []
        self._waiting = waiting
        self._work = work
        self._environment = environment
        self._context = multiprocessing.get_context("spawn")

    def hire(self, count: int) -> None:
        while self._waiting and len(self.workers) < count:
            ours, theirs = self._context.Pipe()
            process = self._context.Process(
                target=_serve, args=(theirs, self._work, self._environment), daemon=True
            )
            process.start()
            theirs.close()
            self.workers.append(_Worker(process, ours, self._waiting.popleft()))
            ours.send(self.workers[-1].job)

    def with_news(self) -> list[_Worker[Job]]:
        speaking = wait([worker.pipe for worker in self.workers])
        return [worker for worker in self.workers if worker.pipe in speaking]

    def next_job(self, worker: _Worker[Job]) -> None:
        if self._waiting:
            worker.job = self._waiting.popleft()
            worker.pipe.send(worker.job)
        else:
            self.dismiss(worker)

    def put_first(self, job: Job | None) -> None:
        if job is not None:
            self._waiting.appendleft(job)

    def dismiss(self, worker: _Worker[Job]) -> None:
        self.workers.remove(worker)
        worker.pipe.close()
        worker.process.join()

    def end(self) -> None:
        for worker in self.workers:
            worker.process.terminate()
        for worker in self.workers:
            worker.process.join()


def _serve(pipe: Connection, work: Work, environment: dict[str, str]) -> None:
    # The interrupt goes to the whole group of processes; what it means is decided in one place, where it is caught.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ.update(environment)
    try:
        while True:
            work(pipe.recv(), pipe.send)
            pipe.send(_DONE)
    except (EOFError, BrokenPipeError):
        return
