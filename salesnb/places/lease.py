"""A lock in a place that knows no locks: a file whose holder keeps changing it for as long as it lives."""

import json
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread
from typing import Protocol


class Board(Protocol):
    """What a lease needs of the place where it is kept."""

    def read(self, path: str) -> bytes:
        """Return a file's content; raise FileNotFoundError where there is none."""

    def write(self, path: str, content: bytes) -> None:
        """Write a file."""

    def create(self, path: str, content: bytes) -> bool:
        """Write a file that is not there yet; False where the place says that it is, as not every place does."""

    def remove(self, *paths: str) -> None:
        """Remove files."""


class Lease:
    """A lock that is its holder's as long as the file changes, and anyone's after ``seconds`` without a change.

    Nobody compares clocks: who waits measures by its own how long the file has stayed the same. Where the place
    creates files exclusively, as S3 does, two never begin at once; elsewhere, and when a dead holder's lock is taken
    over, each looks again after a moment whether the last word was its own. ``lost`` is true when another has taken
    over, which happens to a holder that was stopped for that long.
    """

    def __init__(self, board: Board, path: str, owner: str, seconds: float) -> None:
        self.lost = False
        self._board, self._path, self._owner, self._seconds = board, path, owner, seconds
        self._token, self._beat = uuid.uuid4().hex, 0
        self._moment = seconds / 15
        self._over = Event()

    @contextmanager
    def held(self, waiting: Callable[[str], None]) -> Iterator[None]:
        """Wait for the lock and hold it; ``waiting`` is told once who has it."""
        self._acquire(waiting)
        renewing = Thread(target=self._renew, daemon=True)
        renewing.start()
        try:
            yield
        finally:
            self._over.set()
            renewing.join()
            with suppress(OSError):  # else it runs out by itself
                if self._is_mine(self._content()):
                    self._board.remove(self._path)

    def _acquire(self, waiting: Callable[[str], None]) -> None:
        told, seen, since = False, b"", 0.0
        while True:
            content = self._content()
            if self._is_mine(content):  # created, though the answer to that was lost
                return
            if content is None:
                if self._board.create(self._path, self._text()) and self._is_certain():
                    return
            elif content != seen:
                seen, since = content, time.monotonic()
            elif time.monotonic() - since >= self._seconds:
                self._board.write(self._path, self._text())
                if self._is_mine_in_a_moment():
                    return
            if content is not None and not told:
                told = True
                waiting(owner_of(content))
            time.sleep(self._moment)

    def _is_certain(self) -> bool:
        """Tell, having created the file, whether it is ours; at once where the place refuses to create it again."""
        if not self._board.create(self._path, self._text()):
            return self._is_mine(self._content())
        return self._is_mine_in_a_moment()

    def _is_mine_in_a_moment(self) -> bool:
        time.sleep(self._moment)
        return self._is_mine(self._content())

    def _renew(self) -> None:
        while not self._over.wait(self._seconds / 5):
            with suppress(OSError):  # out of reach: tried again, and lost only if another took over meanwhile
                if not self._is_mine(self._content()):
                    self.lost = True
                    return
                self._beat += 1
                self._board.write(self._path, self._text())

    def _text(self) -> bytes:
        return json.dumps({"owner": self._owner, "token": self._token, "beat": self._beat}).encode()

    def _content(self) -> bytes | None:
        try:
            return self._board.read(self._path)
        except FileNotFoundError:
            return None

    def _is_mine(self, content: bytes | None) -> bool:
        return content is not None and self._token.encode() in content


def owner_of(content: bytes) -> str:
    """Return the words of a lock's holder from the lock's content."""
    try:
        return str(json.loads(content)["owner"])
    except (ValueError, TypeError, KeyError):
        return "?"
