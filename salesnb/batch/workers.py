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
    process: multiprocessing.process.BaseProcess
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
    waiting = deque(jobs)
    context = multiprocessing.get_context("spawn")
    running: dict[Connection, _Worker[Job]] = {}

    def begin() -> None:
        while waiting and len(running) < count:
            ours, theirs = context.Pipe()
            process = context.Process(target=_serve, args=(theirs, work, environment), daemon=True)
            process.start()
            theirs.close()
            running[ours] = _Worker(process, ours, waiting.popleft())
            ours.send(running[ours].job)

    try:
        begin()
        while running:
            for pipe in wait(list(running)):
                worker = running[pipe]  # type: ignore[index]
                try:
                    step = worker.pipe.recv()
                except (EOFError, ConnectionError):
                    del running[worker.pipe]
                    worker.process.join()
                    yield Died(worker.job)
                    if (left := rest(worker.job)) is not None:
                        waiting.appendleft(left)
                    begin()
                    continue
                if step is not _DONE:
                    yield step
                elif waiting:
                    worker.job = waiting.popleft()
                    worker.pipe.send(worker.job)
                else:
                    del running[worker.pipe]
                    worker.pipe.close()
                    worker.process.join()
    finally:
        for worker in running.values():
            worker.process.terminate()
        for worker in running.values():
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
