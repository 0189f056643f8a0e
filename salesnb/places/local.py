"""A folder of this machine as a place for files."""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from salesnb.places.file_lock import is_at, locked, taken
from salesnb.places.place import checked, is_own, is_part, lock_path, part_name


@dataclass(frozen=True)
class LocalPlace:
    """A folder; see `Place` for what it can do.

    A file is written beside its place, under a name that `find` does not show, and renamed. Its writer holds a lock
    on it meanwhile, so that what a dead process has left can be told apart and is removed.
    """

    folder: Path
    _swept: set[Path] = field(default_factory=set, repr=False, compare=False)

    @property
    def shown(self) -> str:
        """The absolute path."""
        return str(self.folder)

    @property
    def local(self) -> Path | None:
        """The folder."""
        return self.folder

    def read(self, path: str) -> bytes:
        """Return a file's content; raise FileNotFoundError where there is none."""
        return self._at(path).read_bytes()

    def read_all(self, paths: Iterable[str]) -> dict[str, bytes]:
        """Return the content of those files that exist."""
        found = {}
        for path in paths:
            with suppress(FileNotFoundError, NotADirectoryError):
                found[path] = self.read(path)
        return found

    def write(self, path: str, content: bytes) -> None:
        """Write a file, whole or not at all; raise OSError with the file's name where that fails."""
        target = self._at(path)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            self._sweep_once(target.parent)
            with _part(target.parent) as (part, file):
                file.write(content)
                file.flush()
                part.replace(target)
        except OSError as fault:
            raise OSError(fault.errno, fault.strerror, str(target)) from fault

    def remove(self, *paths: str) -> None:
        """Remove files; what is not there is fine."""
        for path in paths:
            with suppress(FileNotFoundError, NotADirectoryError):
                self._at(path).unlink()

    def find(self, folder: str = "") -> set[str]:
        """Return the paths of all files beneath a folder."""
        found = set()
        for where, _, names in os.walk(self._at(folder) if folder else self.folder):
            if any(map(is_part, names)):
                _sweep(Path(where))
            inside = Path(where).relative_to(self.folder)
            found |= {(inside / name).as_posix() for name in names if not is_own(name)}
        return found

    def holder(self, name: str) -> str | None:
        """Return the words of who holds a lock at this moment, None where nobody does."""
        with suppress(FileNotFoundError), (self.folder / lock_path(name)).open("rb") as file:
            if not taken(file, shared=True):
                return file.read().decode(errors="replace")
        return None

    def folders(self, folder: str = "") -> set[str]:
        """Return the names of the folders right beneath a folder."""
        base = self._at(folder) if folder else self.folder
        return {p.name for p in base.iterdir() if p.is_dir()} if base.is_dir() else set()

    @contextmanager
    def lock(self, name: str, waiting: Callable[[str], None], owner: str) -> Iterator[None]:
        """Hold a lock that one process of this machine holds at a time."""
        path = self.folder / lock_path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        with locked(path, waiting) as file:
            file.truncate(0)
            with suppress(OSError):  # a full disk: who waits is told less
                file.write(owner.encode())
                file.flush()
            try:
                yield
            finally:
                path.unlink(missing_ok=True)

    def url(self, path: str = "") -> str:
        """Return the absolute path of a file."""
        return str(self._at(path) if path else self.folder)

    def _at(self, path: str) -> Path:
        return self.folder / checked(path)

    def _sweep_once(self, folder: Path) -> None:
        if folder not in self._swept:
            self._swept.add(folder)
            _sweep(folder)


@contextmanager
def _part(folder: Path) -> Iterator[tuple[Path, BinaryIO]]:
    """Open a new file that is locked against being swept; where it is not renamed, it is gone in the end."""
    while True:
        path = folder / part_name()
        with path.open("xb") as file:
            try:
                if taken(file) and is_at(file, path):  # else swept before it was locked
                    yield path, file
                    return
            finally:
                path.unlink(missing_ok=True)


def _sweep(folder: Path) -> None:
    """Remove what writers that are gone have left half written."""
    for entry in os.scandir(folder):
        if is_part(entry.name):
            with suppress(OSError), Path(entry.path).open("rb") as file:
                if taken(file):
                    Path(entry.path).unlink()
