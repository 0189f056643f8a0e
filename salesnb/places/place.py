"""What every place for files can do."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from salesnb.errors import Problem, SalesnbError

_OWN = re.compile(r"\..*\.lock|\.[0-9a-f]{12}\.part")

USER = re.compile(r"(?<=://)[^/]*@")
"""What stands before the host of a URL: a user, perhaps with a password."""


class Place(Protocol):
    """A place for files, named by relative paths with forward slashes.

    A path that would leave the place raises ValueError, everywhere.
    """

    @property
    def shown(self) -> str:
        """Absolute path or URL, for people; never holds credentials."""

    @property
    def local(self) -> Path | None:
        """The folder, where it is one of this machine."""

    def read(self, path: str) -> bytes:
        """Return a file's content; raise FileNotFoundError where there is none."""

    def read_all(self, paths: Iterable[str]) -> dict[str, bytes]:
        """Return the content of those files that exist; side by side where that is faster."""

    def write(self, path: str, content: bytes) -> None:
        """Write a file, whole or not at all; folders are made. Raise OSError where that fails."""

    def remove(self, *paths: str) -> None:
        """Remove files; what is not there is fine."""

    def find(self, folder: str = "") -> set[str]:
        """Return the paths of all files beneath a folder; neither locks nor what is half written."""

    def folders(self, folder: str = "") -> set[str]:
        """Return the names of the folders right beneath a folder."""

    def lock(self, name: str, waiting: Callable[[str], None], owner: str) -> AbstractContextManager[None]:
        """Hold a lock that one process holds at a time; it is freed when its holder dies.

        Parameters
        ----------
        name
            What is locked, like a path.
        waiting
            Called once, with the words of the present holder, where it has to be waited for.
        owner
            What others are told who wait for this holder.
        """

    def holder(self, name: str) -> str | None:
        """Return the words of who holds a lock at this moment, None where nobody does.

        In a place without locks of its own this may be one who was cut off a moment ago.
        """

    def url(self, path: str = "") -> str:
        """Return how a person or another process names a file of this place."""


class PlaceError(SalesnbError, OSError):
    """A place cannot be reached or used; an OSError whose text is in both languages."""

    def __init__(self, problem: Problem, number: int | None = None) -> None:
        super().__init__(problem)
        self.errno = number or errno.EIO
        self.strerror = problem.text("en")

    def __str__(self) -> str:
        return self.text("en")

    def __reduce__(self) -> tuple[type[PlaceError], tuple[Problem, int | None]]:
        return type(self), (self.problems[0], self.errno)


def checked(path: str) -> str:
    """Return a path of a place as it is; raise ValueError where it could lead out of the place."""
    parts = path.split("/")
    if not path or "\\" in path or "\0" in path or {"", ".", ".."} & set(parts):
        raise ValueError(f"not a path inside a place: {path!r}")
    return path


def lock_path(name: str) -> str:
    """Return the path of the file that stands for a lock."""
    folder, _, last = checked(name).rpartition("/")
    return f"{folder}/.{last}.lock" if folder else f".{last}.lock"


def part_name() -> str:
    """Return a new name for a file that is being written."""
    return f".{os.urandom(6).hex()}.part"


def is_part(name: str) -> bool:
    """Tell whether a file's name is that of one that is, or was, being written."""
    return name.endswith(".part") and _OWN.fullmatch(name) is not None


def is_own(path: str) -> bool:
    """Tell whether a file is the place's own: a lock, or one being written."""
    return _OWN.fullmatch(path.rpartition("/")[2]) is not None


def without_credentials(url: str) -> str:
    """Return a URL, or a text with URLs, without users and passwords."""
    return USER.sub("", url)
