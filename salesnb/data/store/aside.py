"""Earlier states of a store, set aside as long as a batch reads them while the files change.

A state that is in use has a lock beside the store, held by the batch; when the store gets another state, the tables of
the one in use are kept in a folder of their own, by hard links, until no batch holds it any more.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from salesnb.data.store.holdings import manifest_of

_LOCK = ".pin"


def home(folder: Path, state: str) -> Path:
    """Return where a state of a store lies: in its folder, or set aside."""
    kept = _place(folder, state)
    here = manifest_of(folder).get("state") == state
    return kept if not here and manifest_of(kept).get("state") == state else folder


@contextmanager
def in_use(folder: Path, state: str) -> Iterator[None]:
    """Have a state kept, though the store may change meanwhile; entered while the store is locked."""
    with _lock_file(folder, state).open("a") as file:
        fcntl.flock(file, fcntl.LOCK_SH)
        yield


def set_aside(folder: Path, state: str) -> None:
    """Keep the state that a store has where it is in use; remove those that are no longer."""
    for lock in folder.parent.glob(f"{folder.name}.{'[0-9a-f]' * 12}{_LOCK}"):
        kept = lock.with_suffix("")
        if not _held(lock):
            if kept.is_dir() and not manifest_of(kept).get("url"):
                shutil.rmtree(kept, ignore_errors=True)
            lock.unlink(missing_ok=True)
    kept = _place(folder, state)
    if state and _lock_file(folder, state).exists() and not kept.exists():
        half = kept.with_name(f"{kept.name}.half")
        shutil.rmtree(half, ignore_errors=True)
        shutil.copytree(folder, half, copy_function=_linked)
        half.rename(kept)


def _place(folder: Path, state: str) -> Path:
    return folder.with_name(f"{folder.name}.{state[:12]}")


def _lock_file(folder: Path, state: str) -> Path:
    return folder.with_name(f"{folder.name}.{state[:12]}{_LOCK}")


def _held(lock: Path) -> bool:
    with lock.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _linked(source: str, target: str) -> str:
    with suppress(OSError):  # a file system without links
        os.link(source, target)
        return target
    return str(shutil.copy2(source, target))
