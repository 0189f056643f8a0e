"""What a worker of a dask.distributed cluster does: a job, in a plain subprocess, since nothing may be forked there.

It ends what it has in hand when nobody wants it any more: the batch was stopped or has died, the task was given to
another worker, or the worker itself is being closed.
"""

from __future__ import annotations

import atexit
import pickle
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from salesnb.batch.assignment import Assignment, Attempts, Begun, Ended
from salesnb.batch.claim import is_open
from salesnb.batch.content import software
from salesnb.batch.kernels import kernel_place
from salesnb.batch.worker import DONE
from salesnb.batch.workers import Died, Worker, do
from salesnb.errors import InputError, problem
from salesnb.places import open_place

if TYPE_CHECKING:
    from distributed import Worker as DaskWorker

TOPIC = "salesnb"
"""Where workers tell of steps; one for all batches, since a scheduler keeps the latest news of every topic for good."""

_POLL = 0.5
_IDLE_SECONDS = 20.0
_AT_WORK = frozenset({"executing", "long-running"})


@dataclass(frozen=True)
class Terms:
    """What a batch asks of every worker: the environment of its kernels, their kind, and the same software."""

    batch: str
    environment: Mapping[str, str]
    warm_kernels: bool
    software: Mapping[str, str]


def do_on_worker(assignment: Assignment, terms: Terms) -> list[Ended]:
    """Do a job in a subprocess of this dask worker; return how its steps went, each of which is also told at once.

    Raises
    ------
    InputError
        This worker has other software, or does not see the reports.
    """
    from distributed import Reschedule, get_worker

    worker, task = get_worker(), _Task()
    _check(worker.address, assignment, terms)
    environment = {**terms.environment, **_KERNELS.place(terms.warm_kernels)}
    with _stopped_when_unwanted(worker, task):
        for event in _work_on(assignment, task, environment):
            for told in task.heard(event):
                worker.log_event(TOPIC, {"batch": terms.batch, "news": pickle.dumps(told)})
    if task.stopped:
        raise Reschedule
    return task.steps


def _check(worker: str, assignment: Assignment, terms: Terms) -> None:
    own = software()
    names = sorted(name for name in {**own, **terms.software} if own.get(name) != terms.software.get(name))
    if names:
        found = ", ".join(f"{n} {own.get(n, '-')} ≠ {terms.software.get(n, '-')}" for n in names)
        raise InputError(problem("cluster_software", worker=worker, differences=found))
    place = open_place(assignment.out)
    if not is_open(place, terms.batch):
        raise InputError(problem("cluster_not_shared", worker=worker, place=place.shown))


def _work_on(
    assignment: Assignment, task: _Task, environment: Mapping[str, str]
) -> Iterator[Begun | Ended | Died[Assignment]]:
    """Have a process do a job, and another what is left of it if that one dies; yield what they report."""
    left: Assignment | None = assignment
    while left is not None:
        process = _BENCH.take(environment, left)
        task.hired(process)
        try:
            while (step := process.pipe.recv()) is not DONE:
                yield step
        except (EOFError, ConnectionError):
            process.dismiss()
            yield Died(left)
            left = task.rest(left)
        else:
            _BENCH.put(process)
            return


class _Task:
    """A job in the hands of a dask worker."""

    def __init__(self) -> None:
        self.steps: list[Ended] = []
        self.stopped = False
        self._attempts = Attempts()
        self._process: Worker[Assignment] | None = None

    def hired(self, process: Worker[Assignment]) -> None:
        """Take down the process that works on the job now."""
        self._process = process
        if self.stopped:
            self.stop()

    def heard(self, event: Begun | Ended | Died[Assignment]) -> Iterator[Begun | Ended]:
        """Take down an event and yield what it means to others."""
        if self.stopped:
            return
        told = self._attempts.lost(event.job) if isinstance(event, Died) else event
        if isinstance(told, Ended):
            self._attempts.note(told)
            self.steps.append(told)
        if told is not None:
            yield told

    def rest(self, assignment: Assignment) -> Assignment | None:
        """Return what is left of the job, nothing once it was stopped."""
        return None if self.stopped else self._attempts.rest(assignment)

    def stop(self) -> None:
        """End the process that works on the job."""
        self.stopped = True
        if self._process is not None:
            with suppress(OSError):
                self._process.process.kill()


@contextmanager
def _stopped_when_unwanted(worker: DaskWorker, task: _Task) -> Iterator[None]:
    """Stop a task as soon as this worker is no longer to do it; dask itself lets it run to its end."""
    key, over = worker.get_current_task(), threading.Event()

    def watch() -> None:
        while not over.wait(_POLL):
            known = worker.state.tasks.get(key)
            if known is None or known.state not in _AT_WORK or worker.status.name.startswith("clos"):
                task.stop()
                return

    watching = threading.Thread(target=watch, name=f"watch {key!s}", daemon=True)
    watching.start()
    try:
        yield
    finally:
        over.set()
        watching.join()


class _Bench:
    """Processes between two jobs: they have everything imported, and perhaps a kernel ready."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: list[Worker[Assignment]] = []

    def take(self, environment: Mapping[str, str], job: Assignment) -> Worker[Assignment]:
        """Return a process that has been given a job: one that has this environment, else a new one."""
        with self._lock:
            fit = [w for w in self._idle if w.environment == environment and w.process.poll() is None]
            if fit:
                self._idle.remove(fit[0])
        if not fit:
            return Worker(do, environment, job)
        fit[0].give(job)
        return fit[0]

    def put(self, process: Worker[Assignment]) -> None:
        """Keep a process for the next job, which comes soon or not at all."""
        with self._lock:
            self._idle.append(process)
        leaving = threading.Timer(_IDLE_SECONDS, self._send_off, [process])
        leaving.daemon = True
        leaving.start()

    def _send_off(self, process: Worker[Assignment]) -> None:
        with self._lock:
            idle = process in self._idle
            if idle:
                self._idle.remove(process)
        if idle:
            process.dismiss()


class _Kernels:
    """Where the kernels of this process come from: made for its first task, ended with the process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held = ExitStack()
        self._places: dict[bool, Mapping[str, str]] = {}
        atexit.register(self._held.close)

    def place(self, warm_kernels: bool) -> Mapping[str, str]:
        """Return the environment of kernels; a folder that was cleaned away meanwhile is made anew."""
        with self._lock:
            known = self._places.get(warm_kernels)
            if known is None or not Path(known["JUPYTER_RUNTIME_DIR"]).is_dir():
                known = self._held.enter_context(kernel_place(warm_kernels=warm_kernels))
                self._places[warm_kernels] = known
            return known


_KERNELS = _Kernels()
_BENCH = _Bench()
