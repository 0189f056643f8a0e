"""The same jobs on the workers of a dask.distributed cluster, on however many machines.

A task is one team's job. It runs in a plain subprocess of the dask worker, as on a single machine, since nothing may
be forked there. When a worker is lost, dask gives its task to another, which goes on after the notebooks that have
ended; the claim on the job keeps the lost one, should it come back, from writing.
"""

from __future__ import annotations

import atexit
import pickle
import queue
import subprocess
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from salesnb.batch.attempts import Attempts
from salesnb.batch.job import Assignment, Begun, Ended, do
from salesnb.batch.kernels import kernel_place
from salesnb.batch.workers import Died, work_through
from salesnb.errors import InputError, problem

if TYPE_CHECKING:
    from distributed import Client, Future

_PATIENCE = 60
"""Seconds within which a scheduler must answer and a worker must be there."""
_POLL = 0.5
_HOLDINGS: dict[str, _Task] = {}
"""The tasks that this process, a dask worker, has in hand."""


def work_on_cluster(
    assignments: Sequence[Assignment],
    scheduler: str,
    environment: Mapping[str, str],
    rest: Callable[[Assignment], Assignment | None],
    *,
    warm_kernels: bool = True,
) -> Iterator[Begun | Ended | Died[Assignment]]:
    """Do all jobs on a cluster and yield their steps as they are reported, like `workers.work_through`.

    Raises
    ------
    InputError
        The package is not installed, no scheduler answers at the address, or it has no worker.
    """
    batch = uuid.uuid4().hex[:12]
    with _client(scheduler) as client:
        news: queue.SimpleQueue[Begun | Ended] = queue.SimpleQueue()
        client.subscribe_topic(batch, lambda told: news.put(pickle.loads(told[1])))
        tasks: dict[Future, Assignment] = {}

        def submit(assignment: Assignment) -> None:
            own = replace(assignment, claim=batch)
            given = (own, dict(environment), warm_kernels, batch)
            tasks[client.submit(do_on_worker, *given, pure=False, key=_task_name(own))] = assignment

        try:
            for assignment in assignments:
                submit(assignment)
            while tasks:
                yield from _heard(news)
                for future in [f for f in tasks if f.done()]:
                    assignment = tasks.pop(future)
                    yield from _outcome(future, assignment)
                    left = rest(assignment)
                    if left is not None:
                        submit(left)
        finally:
            if tasks:
                client.cancel(list(tasks), force=True)
                client.run(stop, batch)
            client.unsubscribe_topic(batch)


def do_on_worker(
    assignment: Assignment, environment: Mapping[str, str], warm_kernels: bool, batch: str
) -> list[Ended]:
    """Do a job in a subprocess of this dask worker; return how its steps went, each of which is also told at once."""
    from distributed import get_worker

    worker, task = get_worker(), _Task()
    _HOLDINGS[f"{batch} {assignment.job.folder}"] = task
    try:
        place = {**environment, **_kernels(warm_kernels)}
        for event in work_through([assignment], do, 1, place, task.rest, hired=task.hired):
            for told in task.heard(event):
                worker.log_event(batch, pickle.dumps(told))
        return task.steps
    finally:
        _HOLDINGS.pop(f"{batch} {assignment.job.folder}", None)


def stop(batch: str) -> None:
    """End what this process, a dask worker, has in hand of a batch."""
    for name, task in list(_HOLDINGS.items()):
        if name.startswith(f"{batch} "):
            task.stop()


class _Task:
    """A job in the hands of a dask worker."""

    def __init__(self) -> None:
        self.steps: list[Ended] = []
        self._attempts = Attempts()
        self._stopped = False
        self._processes: list[subprocess.Popen[bytes]] = []

    def hired(self, process: subprocess.Popen[bytes]) -> None:
        """Take down a process that works on the job."""
        self._processes.append(process)

    def heard(self, event: Begun | Ended | Died[Assignment]) -> Iterator[Begun | Ended]:
        """Take down an event and yield what it means to others."""
        told = self._attempts.lost(event.job) if isinstance(event, Died) else event
        if isinstance(told, Ended):
            self._attempts.note(told)
            self.steps.append(told)
        if told is not None and not self._stopped:
            yield told

    def rest(self, assignment: Assignment) -> Assignment | None:
        """Return what is left of the job, nothing once it was stopped."""
        return None if self._stopped else self._attempts.rest(assignment)

    def stop(self) -> None:
        """End the processes that work on the job."""
        self._stopped = True
        for process in self._processes:
            with suppress(OSError):
                process.kill()


@cache
def _kernels(warm_kernels: bool) -> Mapping[str, str]:
    """Return where the kernels of this process come from; made once, ended with the process."""
    stack = ExitStack()
    atexit.register(stack.close)
    return stack.enter_context(kernel_place(warm_kernels=warm_kernels))


@contextmanager
def _client(scheduler: str) -> Iterator[Client]:
    try:
        from distributed import Client
    except ImportError:
        raise InputError(problem("cluster_package")) from None
    try:
        client = Client(scheduler, timeout=_PATIENCE, set_as_default=False, name="salesnb")
    except (OSError, ValueError) as fault:
        raise InputError(
            problem("cluster_unreachable", address=scheduler, reason=type(fault).__name__)
        ) from None
    with client:
        try:
            client.wait_for_workers(1, timeout=_PATIENCE)
        except TimeoutError:
            raise InputError(problem("cluster_empty", address=scheduler)) from None
        yield client


def _heard(news: queue.SimpleQueue[Begun | Ended]) -> Iterator[Begun | Ended]:
    """Yield what has been told, waiting a moment for the first."""
    with suppress(queue.Empty):
        yield news.get(timeout=_POLL)
        while True:
            yield news.get_nowait()


def _outcome(future: Future, assignment: Assignment) -> Iterator[Ended | Died[Assignment]]:
    """Yield the steps of a task that is over; what was told before is told again, in case that was lost."""
    if future.status == "finished":
        yield from future.result()
    else:
        yield Died(assignment)


def _task_name(assignment: Assignment) -> str:
    return f"salesnb-{assignment.job.folder}-{uuid.uuid4().hex[:8]}"
