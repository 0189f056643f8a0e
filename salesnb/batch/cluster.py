"""The same jobs on the workers of a dask.distributed cluster, on however many machines.

A task is one team's job; as many are on their way as the cluster has threads, so that none waits behind one that may
take its worker down. When a worker is lost, dask gives its task to another, which goes on after the notebooks that
have ended; the claim on the job keeps the lost one, should it come back, from writing.
"""

from __future__ import annotations

import pickle
import queue
import time
import uuid
from collections import deque
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from salesnb.batch.assignment import Assignment, Attempts, Begun, Ended
from salesnb.batch.claim import open_claims
from salesnb.batch.cluster_worker import TOPIC, Terms, do_on_worker
from salesnb.batch.content import software
from salesnb.batch.plan import Step
from salesnb.batch.reason import first_line
from salesnb.errors import InputError, SalesnbError, problem
from salesnb.places import open_place

if TYPE_CHECKING:
    from distributed import Client, Future

ANSWER = 10.0
"""Seconds within which a scheduler must answer: one that does not is dead, or the address is another's."""

PATIENCE = 60.0
"""Seconds which a scheduler may be without any worker: a cluster may still be starting them."""

_POLL = 0.5


def work_on_cluster(
    assignments: Sequence[Assignment],
    scheduler: str,
    environment: Mapping[str, str],
    attempts: Attempts,
    *,
    warm_kernels: bool = True,
) -> Generator[Begun | Ended]:
    """Do all jobs on a cluster and yield their steps as they are reported; some may be reported twice.

    Parameters
    ----------
    assignments
        What to do, in the order in which it is begun.
    scheduler
        Address of the scheduler.
    environment
        What workers and kernels get in their environment; where kernels come from is each worker's own affair.
    attempts
        What has ended, noted by whoever takes what is yielded.
    warm_kernels
        Whether workers fork their kernels from a server with everything imported.

    Raises
    ------
    InputError
        The package is not installed, no scheduler answers, it has no worker, or a worker is not fit for the work.

    Notes
    -----
    Left early, by an interrupt or an error, it leaves the cluster, upon which the workers end what they have in hand.
    """
    if not assignments:
        return
    batch = uuid.uuid4().hex[:12]
    terms = Terms(batch, dict(environment), warm_kernels, software())
    with _client(scheduler) as client, open_claims(open_place(assignments[0].out), batch):
        yield from _Cluster(client, scheduler, terms, attempts).work_through(assignments)


class _Cluster:
    """The tasks that a cluster has in hand."""

    def __init__(self, client: Client, address: str, terms: Terms, attempts: Attempts) -> None:
        self._client, self._address, self._terms, self._attempts = client, address, terms, attempts
        self._tasks: dict[Future, Assignment] = {}
        self._begun: set[tuple[str, Step]] = set()
        self._announced: set[tuple[str, Step]] = set()
        self._manned = time.monotonic()
        self._news: queue.SimpleQueue[Begun | Ended | Future] = queue.SimpleQueue()
        client.subscribe_topic(TOPIC, self._hear)

    def work_through(self, assignments: Sequence[Assignment]) -> Generator[Begun | Ended]:
        """Do all jobs; yield steps as they are reported."""
        waiting = deque(assignments)
        while waiting or self._tasks:
            for _ in range(min(self._idle(), len(waiting))):
                self._submit(waiting.popleft())
            for news in self._heard():
                if isinstance(news, Begun):
                    yield from self._beginning(news)
                elif isinstance(news, Ended):
                    yield news
                else:
                    assignment = self._tasks.pop(news)
                    yield from self._outcome(news, assignment)
                    left = self._attempts.rest(assignment)
                    if left is not None:
                        waiting.appendleft(left)

    def _submit(self, assignment: Assignment) -> None:
        own = replace(assignment, claim=self._terms.batch)
        key = f"salesnb-{assignment.job.folder}-{uuid.uuid4().hex[:8]}"
        future = self._client.submit(do_on_worker, own, self._terms, pure=False, key=key)
        self._tasks[future] = assignment
        future.add_done_callback(self._news.put)

    def _idle(self) -> int:
        """Return how many tasks more the cluster can take; while it has no worker, one waits for the first."""
        with self._lost_told():
            threads = sum(self._client.nthreads().values())
        if threads:
            self._manned = time.monotonic()
        elif time.monotonic() - self._manned > PATIENCE:
            raise InputError(problem("cluster_empty", address=self._address, seconds=f"{PATIENCE:g}"))
        return max(0, max(threads, 1) - len(self._tasks))

    def _hear(self, event: tuple[float, Any]) -> None:
        """Take what a worker has told; all batches of a cluster share the topic."""
        told = event[1]
        if told["batch"] == self._terms.batch:
            self._news.put(pickle.loads(told["news"]))

    def _heard(self) -> Iterator[Begun | Ended | Future]:
        """Yield what has been told, waiting a moment for the first."""
        with suppress(queue.Empty):
            yield self._news.get(timeout=_POLL)
            while True:
                yield self._news.get_nowait()

    def _beginning(self, news: Begun) -> Iterator[Begun]:
        """Yield a beginning; what another worker had begun is tried again, which may have been announced before."""
        at, first = (news.team, news.step), news.attempt == 1
        if at in self._attempts.ended or (first and at in self._announced):
            self._announced.discard(at)
            return
        if not first:
            self._announced.add(at)
        yield replace(news, attempt=2) if first and at in self._begun else news
        self._begun.add(at)

    def _outcome(self, future: Future, assignment: Assignment) -> Iterator[Begun | Ended]:
        """Yield the steps of a task that is over, in case the news of them was lost, and what its failure means."""
        told: Begun | Ended | None = None
        if future.status == "finished":
            with self._lost_told():
                yield from future.result()
            told = self._attempts.lost(assignment)  # where something is left all the same
        elif self._has_killed_workers(future):
            told = self._attempts.given_up(assignment)
        if isinstance(told, Begun):
            yield from self._beginning(told)
        elif told is not None:
            yield told

    def _has_killed_workers(self, future: Future) -> bool:
        """Tell whether dask gave a task up for the workers it has cost; raise what else went wrong."""
        from distributed import KilledWorker

        if future.status != "error":  # given up without a word, or with the connection
            raise InputError(problem("cluster_lost", address=self._address))
        fault = future.exception()
        if isinstance(fault, SalesnbError):
            raise fault
        if not isinstance(fault, KilledWorker):
            why = f"{type(fault).__name__}: {first_line(str(fault))}"
            raise InputError(problem("cluster_failed", address=self._address, reason=why))
        return True

    @contextmanager
    def _lost_told(self) -> Iterator[None]:
        from concurrent.futures import CancelledError

        try:
            yield
        except (OSError, CancelledError):
            raise InputError(problem("cluster_lost", address=self._address)) from None


@contextmanager
def _client(scheduler: str) -> Iterator[Client]:
    try:
        from distributed import Client
    except ImportError:
        raise InputError(problem("cluster_package")) from None
    try:
        client = Client(scheduler, timeout=ANSWER, set_as_default=False, name="salesnb")
    except (OSError, ValueError) as fault:
        told = problem("cluster_unreachable", address=scheduler, reason=type(fault).__name__)
        raise InputError(told) from None
    with client:
        yield client
