"""Whose a job is, where two attempts at it might overlap: a lost machine that comes back must not write any more.

Claims lie among the reports, where every attempt looks before it writes. They hold as long as their batch is open.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from salesnb.batch.assignment import Assignment
from salesnb.places import Place

FOLDER = ".salesnb/claims"


class LostError(Exception):
    """Another attempt at the job has begun since, or the batch is over."""


@contextmanager
def open_claims(place: Place, batch: str) -> Iterator[None]:
    """Let jobs of a batch be claimed; when it is over, whatever is still at work on them may write no more."""
    void_claims(place)
    place.write(_mark(batch), b"")
    try:
        yield
    finally:
        void_claims(place)


def void_claims(place: Place) -> None:
    """End all claims, those too that a batch has left which was killed; only who holds the batch's lock may do so."""
    place.remove(*place.find(FOLDER))


def is_open(place: Place, batch: str) -> bool:
    """Tell whether the claims of a batch are open in a place; it may be another of the same name."""
    return bool(place.read_all([_mark(batch)]))


class Claim:
    """A job taken in hand. The latest to begin has it; an assignment without a claim is nobody else's anyway."""

    def __init__(self, place: Place, assignment: Assignment) -> None:
        self._place = place
        self._path = f"{FOLDER}/{assignment.claim}-{assignment.job.folder}" if assignment.claim else ""
        self._batch = assignment.claim
        self._token = uuid.uuid4().hex.encode()

    def __enter__(self) -> Claim:
        if self._path and is_open(self._place, self._batch):
            self._place.write(self._path, self._token)
        return self

    def __exit__(self, *_: object) -> None:
        return

    def check(self) -> None:
        """Raise LostError where the job is no longer this attempt's."""
        if self._path and not self._is_own():
            raise LostError

    def _is_own(self) -> bool:
        found = self._place.read_all([self._path, _mark(self._batch)])
        return len(found) == 2 and found[self._path] == self._token


def _mark(batch: str) -> str:
    return f"{FOLDER}/{batch}.open"
