"""Worker processes: each takes a job, reports every step of it, and takes the next; one that dies costs one step.

Processes, because papermill changes the folder of its whole process, and because a crash then stays where it was.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Generator, Iterable, Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from typing import Any, Generic, TypeVar

from salesnb.batch.worker import DONE

Job = TypeVar("Job")

Work = Callable[[Any, Callable[[Any], None]], None]
"""Does a job and reports each step when it is done; importable by name."""


@dataclass(frozen=True)
class Died(Generic[Job]):
    """A worker process ended in the middle of a job, by no doing of its own."""

    job: Job


@dataclass
class _Worker(Generic[Job]):
    process: subprocess.Popen[bytes]
    pipe: Connection
    job: Job


def work_through(
    jobs: Iterable[Job],
    work: Work,
    count: int,
    environment: Mapping[str, str],
    rest: Callable[[Job], Job | None],
    hired: Callable[[subprocess.Popen[bytes]], None] = lambda _: None,
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
    hired
        Is given each process that is started.

    Notes
    -----
    Left early, by an interrupt or an error, it ends its processes; their kernels end with them.
    """
    crew = _Crew(deque(jobs), work, environment, hired)
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

    def __init__(
        self,
        waiting: deque[Job],
        work: Work,
        environment: Mapping[str, str],
        hired: Callable[[subprocess.Popen[bytes]], None],
    ) -> None:
        self.workers: list[_Worker[Job]] = []
        self._waiting = waiting
        self._work = pickle.dumps(work)
        self._environment = dict(environment)
        self._hired = hired

    def hire(self, count: int) -> None:
        while self._waiting and len(self.workers) < count:
            ours, theirs = multiprocessing.Pipe()
            with theirs:
                process = self._start(theirs.fileno())
            self._hired(process)
            self.workers.append(_Worker(process, ours, self._waiting.popleft()))
            self._greet(self.workers[-1])

    def with_news(self) -> list[_Worker[Job]]:
        speaking = wait([worker.pipe for worker in self.workers])
        return [worker for worker in self.workers if worker.pipe in speaking]

    def next_job(self, worker: _Worker[Job]) -> None:
        if self._waiting:
            worker.job = self._waiting.popleft()
            self._send(worker, worker.job)
        else:
            self.dismiss(worker)

    def put_first(self, job: Job | None) -> None:
        if job is not None:
            self._waiting.appendleft(job)

    def dismiss(self, worker: _Worker[Job]) -> None:
        self.workers.remove(worker)
        worker.pipe.close()
        worker.process.wait()

    def end(self) -> None:
        for worker in self.workers:
            worker.process.kill()
        for worker in self.workers:
            worker.process.wait()

    def _start(self, pipe: int) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "salesnb.batch.worker", str(pipe)]
        environment = {**os.environ, **self._environment}
        return subprocess.Popen(command, pass_fds=[pipe], env=environment, stdin=subprocess.DEVNULL)

    def _greet(self, worker: _Worker[Job]) -> None:
        self._send(worker, sys.path)
        self._send(worker, self._environment)
        try:
            worker.pipe.send_bytes(self._work)
        except ConnectionError:
            return
        self._send(worker, worker.job)

    def _send(self, worker: _Worker[Job], what: object) -> None:
        try:
            worker.pipe.send(what)
        except ConnectionError:
            return  # it has died; the end of its pipe says so in its turn
