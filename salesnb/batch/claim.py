"""Whose a job is, where two attempts at it might overlap: a lost machine that comes back must not write any more."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from salesnb.stores import Store

if TYPE_CHECKING:
    from salesnb.batch.job import Assignment

FOLDER = ".salesnb/claims"


class Claim:
    """A job taken in hand. The latest to begin has it; an assignment without a claim is nobody else's anyway."""

    def __init__(self, store: Store, assignment: Assignment) -> None:
        self._store = store
        self._path = f"{FOLDER}/{assignment.claim}-{assignment.job.folder}" if assignment.claim else ""
        self._mark = uuid.uuid4().hex.encode()

    def __enter__(self) -> Claim:
        if self._path:
            self._store.write(self._path, self._mark)
        return self

    def __exit__(self, *_: object) -> None:
        if self._path and self.held():
            self._store.remove(self._path)

    def held(self) -> bool:
        """Tell whether no other attempt has begun since."""
        if not self._path:
            return True
        try:
            return self._store.read(self._path) == self._mark
        except FileNotFoundError:
            return False
