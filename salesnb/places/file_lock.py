"""The lock of a file, which the system frees when its holder dies, however that happens."""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, BinaryIO


@contextmanager
def locked(
    path: Path, waiting: Callable[[str], None], *, shared: bool = False, patience: float = 0.0
) -> Iterator[BinaryIO]:
    """Hold the lock of a file, alone or with others who share it, and give the file; it is made where there is none.

    ``waiting`` is told once, with the file's content, that others hold it, after so many seconds of ``patience``.
    """
    told = False
    while True:
        with path.open("a+b") as file:
            if not taken(file, shared=shared, patience=patience):
                if not told:
                    told = True
                    file.seek(0)
                    waiting(file.read().decode(errors="replace"))
                fcntl.flock(file, _kind(shared))
            if is_at(file, path):  # else its holder has removed it while we waited
                yield file
                return


def taken(file: IO[bytes], *, shared: bool = False, patience: float = 0.0) -> bool:
    """Take the lock of an open file until that is closed; False where others hold it for longer than the patience."""
    until = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(file, _kind(shared) | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            if time.monotonic() >= until:
                return False
            time.sleep(0.02)


def is_at(file: IO[bytes], path: Path) -> bool:
    """Tell whether an open file is still the one that lies there."""
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False


def _kind(shared: bool) -> int:
    return fcntl.LOCK_SH if shared else fcntl.LOCK_EX
