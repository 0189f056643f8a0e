"""Any place that fsspec reaches, such as an object store, as a place for files."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from salesnb.errors import InputError, problem
from salesnb.places.lease import Lease, owner_of
from salesnb.places.place import USER, PlaceError, checked, is_own, lock_path, part_name, without_credentials

_SIDE_BY_SIDE = 16
_PUT_WHOLE = frozenset({"s3", "s3a", "gs", "gcs", "az", "abfs", "abfss", "adl", "oci", "oss", "memory"})
"""Protocols of stores that show a file only when all of it has arrived."""
_FROM_ENVIRONMENT = frozenset({"s3", "s3a"})
"""Protocols whose credentials never come from a URL."""


_SECRET = ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_ACCESS_KEY_ID")


def open_remote(url: str) -> RemotePlace:
    """Return the place that a URL names; raise InputError where its protocol is unknown or its package missing."""
    import fsspec

    shown = without_credentials(url).rstrip("/")
    protocol, _, rest = url.partition("://")
    if not rest.strip("/"):
        raise InputError(problem("place_root", place=url))
    try:
        # Other machines write here too: what a listing showed a moment ago is not asked for again from memory.
        files, root = fsspec.url_to_fs(shown if protocol in _FROM_ENVIRONMENT else url, use_listings_cache=False)
    except ImportError as fault:
        raise InputError(problem("place_package", place=shown, reason=fault)) from None
    except ValueError as fault:
        if "rotocol not known" not in str(fault):
            raise InputError(problem("place_failed", place=shown, reason=type(fault).__name__)) from None
        raise InputError(problem("place_protocol", place=shown, found=protocol)) from None
    return RemotePlace(url, shown, files, root.rstrip("/"), protocol in _PUT_WHOLE)


class RemotePlace:
    """A place behind a URL; see `Place` for what it can do.

    A lock is an object with a lease that its holder renews; who waits takes it over when it has not changed for
    ``lease_seconds`` by the waiter's own clock. A holder that has lost its lock so can write no more.
    """

    local: Path | None = None

    def __init__(self, where: str, shown: str, files: Any, root: str, puts_whole: bool) -> None:
        self.shown = shown
        self.lease_seconds = 30.0
        self._where, self._files, self._root, self._puts_whole = where, files, root, puts_whole
        self._leases: set[Lease] = set()

    def __repr__(self) -> str:
        return f"RemotePlace({self.shown!r})"

    def __reduce__(self) -> tuple[Callable[[str], RemotePlace], tuple[str]]:
        return open_remote, (self._where,)

    def read(self, path: str) -> bytes:
        """Return a file's content; raise FileNotFoundError where there is none."""
        with self._explained(path) as at:
            return bytes(self._files.cat_file(at))

    def read_all(self, paths: Iterable[str]) -> dict[str, bytes]:
        """Return the content of those files that exist, read side by side."""
        return {path: content for path, content in self._each(self._read_if_there, paths) if content is not None}

    def write(self, path: str, content: bytes) -> None:
        """Write a file, whole or not at all; raise PlaceError where that fails."""
        if any(lease.lost for lease in self._leases):
            raise PlaceError(problem("place_lock_lost", place=self.shown))
        try:
            with self._explained(path) as at:
                self._write(at, content)
        except FileNotFoundError as fault:  # the place itself: a bucket, say
            raise PlaceError(problem("place_failed", place=self.url(path), reason=fault.strerror)) from None

    def remove(self, *paths: str) -> None:
        """Remove files; what is not there is fine."""
        self._each(self._remove, paths)

    def find(self, folder: str = "") -> set[str]:
        """Return the paths of all files beneath a folder."""
        try:
            with self._explained(folder, empty=self._root) as base:
                found = [str(name).lstrip("/") for name in self._files.find(base)]
        except FileNotFoundError:
            return set()
        start, base = len(self._root.strip("/")) + 1, base.lstrip("/") + "/"
        return {name[start:] for name in found if name.startswith(base) and not is_own(name)}

    def holder(self, name: str) -> str | None:
        """Return the words of who holds a lock at this moment, or held it when he was cut off."""
        try:
            return owner_of(self.read(lock_path(name)))
        except FileNotFoundError:
            return None

    def folders(self, folder: str = "") -> set[str]:
        """Return the names of the folders right beneath a folder."""
        found: list[dict[str, str]] = []
        with suppress(FileNotFoundError), self._explained(folder, empty=self._root) as at:
            found = self._files.ls(at, detail=True)
        names = (str(f["name"]).rstrip("/").rpartition("/")[2] for f in found if f["type"] == "directory")
        return set(names)

    @contextmanager
    def lock(self, name: str, waiting: Callable[[str], None], owner: str) -> Iterator[None]:
        """Hold a lock that one process anywhere holds at a time; raise PlaceError when it was lost meanwhile."""
        lease = Lease(self, lock_path(name), owner, self.lease_seconds)
        with lease.held(waiting):
            self._leases.add(lease)
            try:
                yield
            finally:
                self._leases.discard(lease)
        if lease.lost:
            raise PlaceError(problem("place_lock_lost", place=self.shown))

    def url(self, path: str = "") -> str:
        """Return the URL of a file."""
        return f"{self.shown}/{checked(path)}" if path else self.shown

    def _at(self, path: str) -> str:
        return f"{self._root}/{checked(path)}"

    def _each(self, work: Callable[[str], Any], paths: Iterable[str]) -> list[tuple[str, Any]]:
        listed = list(paths)
        if len(listed) < 2:
            return [(path, work(path)) for path in listed]
        with ThreadPoolExecutor(min(_SIDE_BY_SIDE, len(listed))) as pool:
            return list(zip(listed, pool.map(work, listed), strict=True))

    def _read_if_there(self, path: str) -> bytes | None:
        try:
            return self.read(path)
        except FileNotFoundError:
            return None

    def _remove(self, path: str) -> None:
        with suppress(FileNotFoundError), self._explained(path) as at:
            self._files.rm_file(at)

    def _write(self, target: str, content: bytes) -> None:
        if self._puts_whole:
            self._files.pipe_file(target, content)
            return
        folder = target.rpartition("/")[0]
        part = f"{folder}/{part_name()}"
        self._files.makedirs(folder, exist_ok=True)
        try:
            self._files.pipe_file(part, content)
            self._files.mv(part, target)
        except BaseException:
            with suppress(Exception):
                self._files.rm_file(part)
            raise

    def create(self, path: str, content: bytes) -> bool:
        """Write a file that is not there yet; False where the store says that it is, as not every store does."""
        with self._explained(path) as target:
            if not self._puts_whole:
                self._files.makedirs(target.rpartition("/")[0], exist_ok=True)
            try:
                self._files.pipe_file(target, content, mode="create")
            except FileExistsError:
                return False
            except (NotImplementedError, TypeError, ValueError):
                self._files.pipe_file(target, content)
        return True

    @contextmanager
    def _explained(self, path: str, *, empty: str = "") -> Iterator[str]:
        """Give the full path; turn what libraries raise into FileNotFoundError or PlaceError, without credentials."""
        at = self._at(path) if path or not empty else empty
        try:
            yield at
        except FileNotFoundError as fault:
            raise FileNotFoundError(fault.errno or 2, self._plain(fault), self._shown(path)) from None
        except FileExistsError:
            raise
        except Exception as fault:
            number = getattr(fault, "errno", None)
            raise PlaceError(
                problem("place_failed", place=self._shown(path), reason=self._plain(fault)), number
            ) from None

    def _plain(self, fault: Exception) -> str:
        """Return what a library says, on one line and without what it should not say."""
        said = without_credentials(" ".join(str(fault).split())) or type(fault).__name__
        for secret in filter(None, (*_secrets_of(self._where), *map(os.environ.get, _SECRET))):
            said = said.replace(secret, "***")
        return said

    def _shown(self, path: str) -> str:
        return f"{self.shown}/{path}" if path else self.shown


def _secrets_of(url: str) -> list[str]:
    found = USER.search(url)
    return found[0].rstrip("@").split(":", 1) if found else []
