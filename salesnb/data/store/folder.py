"""The folder of a store: where it lies, its manifest, its lock, and earlier states set aside beside it.

A state that is in use has a lock beside the store, held by the batch; when the store gets another state, the tables of
the one in use are kept in a folder of their own, by hard links, until no batch holds it any more.
"""

import json
import os
import re
import shutil
import sys
import tempfile
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from salesnb import words
from salesnb.data.store.fingerprint import hashed
from salesnb.places import is_remote, is_url, open_place
from salesnb.places.file_lock import locked, taken
from salesnb.settings import Settings

MANIFEST = "manifest.json"
_IN_USE = ".pin"
_PATIENCE = 2.0
"""Seconds that a reader waits before it says so: most are kept waiting by other readers' looks at the files only."""


def manifest_of(folder: Path) -> dict[str, Any]:
    """Return the manifest of a store; empty where there is none that can be read."""
    try:
        return json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def cache_folder() -> Path:
    """Return the folder for stores: the user's cache, or a temporary one where that cannot be written."""
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    for folder in (base / "salesnb", Path(tempfile.gettempdir()) / f"salesnb-{os.getuid()}"):
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(folder, os.W_OK):
            return folder
    return Path(tempfile.mkdtemp(prefix="salesnb-"))


def folder_of(data: Path, settings_path: Path | None, settings: Settings) -> Path:
    """Return the folder of the store of a data folder read with a settings file; that of the mirror of a shared one."""
    whole = f"{data.resolve()}\0{settings_path.resolve() if settings_path else ''}"
    if is_remote(settings.store):
        whole += f"\0{settings.store}"
    return _root(data, settings) / f"{safe_name(data.resolve().name)}-{hashed(whole)[:12]}"


def _root(data: Path, settings: Settings) -> Path:
    if not settings.store or is_remote(settings.store):
        return cache_folder()
    return Path(data, open_place(settings.store).shown if is_url(settings.store) else settings.store).resolve()


def safe_name(name: str) -> str:
    """Return a name made of letters, digits and dashes only, for files; not unique by itself."""
    return re.sub(r"\W+", "-", unicodedata.normalize("NFKC", name)).strip("-_")[:40] or "x"


@contextmanager
def lock(folder: Path, language: str, *, shared: bool = False) -> Iterator[None]:
    """Hold the lock of a store: alone to build it, shared to read it.

    Says so when it has to wait; a reader only after a while.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    path, patience = folder.parent / f"{folder.name}.lock", _PATIENCE if shared else 0.0
    with locked(path, lambda _: say_waiting(folder.name, language), shared=shared, patience=patience):
        yield


def say_waiting(name: str, language: str) -> None:
    """Tell who waits that another process is building a store."""
    print(words.text("errors", "store_waiting", language, folder=name), file=sys.stderr)


def language_of(settings: Settings) -> str:
    """Return the one language in which a process speaks of a store."""
    return "zh" if settings.company.language == "zh" else "en"


# -- states set aside


def home(folder: Path, state: str) -> Path:
    """Return where a state of a store lies: in its folder, or set aside."""
    kept = _aside(folder, state)
    here = manifest_of(folder).get("state") == state
    return kept if not here and manifest_of(kept).get("state") == state else folder


@contextmanager
def in_use(folder: Path, state: str) -> Iterator[None]:
    """Have a state kept, though the store may change meanwhile; entered while the store is locked."""
    with locked(_lock_file(folder, state), lambda _: None, shared=True):
        yield


def set_aside(folder: Path, state: str) -> None:
    """Keep the state that a store has where it is in use; remove those that are no longer."""
    for lock in folder.parent.glob(f"{folder.name}.{'[0-9a-f]' * 12}{_IN_USE}"):
        kept = lock.with_suffix("")
        if not _held(lock):
            if kept.is_dir() and not manifest_of(kept).get("url"):
                shutil.rmtree(kept, ignore_errors=True)
            lock.unlink(missing_ok=True)
    kept = _aside(folder, state)
    if state and _lock_file(folder, state).exists() and not kept.exists():
        half = kept.with_name(f"{kept.name}.half")
        shutil.rmtree(half, ignore_errors=True)
        shutil.copytree(folder, half, copy_function=_linked)
        half.rename(kept)


def _aside(folder: Path, state: str) -> Path:
    return folder.with_name(f"{folder.name}.{state[:12]}")


def _lock_file(folder: Path, state: str) -> Path:
    return folder.with_name(f"{folder.name}.{state[:12]}{_IN_USE}")


def _held(lock: Path) -> bool:
    with lock.open("rb") as file:
        return not taken(file)


def _linked(source: str, target: str) -> str:
    with suppress(OSError):  # a file system without links
        os.link(source, target)
        return target
    return str(shutil.copy2(source, target))
