"""The store of clean tables: built once from the files, read by every notebook.

It is brought up to date in a folder beside it, under a lock, and moved into place when it is whole. It is current as
long as settings, input files, playbook and this package's reading code are unchanged.
"""

from __future__ import annotations

import fcntl
import json
import os
import platform
import re
import shutil
import sys
import tempfile
import time
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import IO, Any

from salesnb import words
from salesnb.data.reading import discovery
from salesnb.data.store import aside, fingerprint, sharing, writing
from salesnb.data.store.fingerprint import hashed, sha256
from salesnb.data.store.holdings import MANIFEST, Stock, manifest_of, opened
from salesnb.data.store.pinning import Pin
from salesnb.data.tables import playbook
from salesnb.data.taking import intake
from salesnb.places import LocalStore, Store, is_remote, is_url, open_store, without_credentials
from salesnb.settings import Settings

_PATIENCE = 2.0
"""Seconds that a reader waits before it says so: most are kept waiting by other readers' looks at the files only."""

_KEPT_SECONDS = 7 * 24 * 3600


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


def place(data: Path, settings_path: Path | None, settings: Settings) -> Path:
    """Return the folder of the store of a data folder read with a settings file; that of the mirror of a shared one."""
    whole = f"{data.resolve()}\0{settings_path.resolve() if settings_path else ''}"
    if is_remote(settings.store):
        whole += f"\0{settings.store}"
    return _root(data, settings) / f"{safe_name(data.resolve().name)}-{hashed(whole)[:12]}"


def _root(data: Path, settings: Settings) -> Path:
    if not settings.store or is_remote(settings.store):
        return cache_folder()
    return Path(
        data, open_store(settings.store).place if is_url(settings.store) else settings.store
    ).resolve()


def safe_name(name: str) -> str:
    """Return a name made of letters, digits and dashes only, for files; not unique by itself."""
    return re.sub(r"\W+", "-", unicodedata.normalize("NFKC", name)).strip("-_")[:40] or "x"


@contextmanager
def lock(folder: Path, language: str, *, shared: bool = False) -> Iterator[None]:
    """Hold the lock of a store: alone to build it, shared to read it.

    Says so when it has to wait; a reader only after a while.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / f"{folder.name}.lock").open("a") as file:
        kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        if not _locked(file, kind, _PATIENCE if shared else 0):
            _say_waiting(folder.name, language)
            fcntl.flock(file, kind)
        yield


def _locked(file: IO[str], kind: int, patience: float) -> bool:
    until = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(file, kind | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            if time.monotonic() >= until:
                return False
            time.sleep(0.02)


def _say_waiting(name: str, language: str) -> None:
    print(words.text("errors", "store_waiting", language, folder=name), file=sys.stderr)


def language_of(settings: Settings) -> str:
    """Return the one language in which a process speaks of a store."""
    return "zh" if settings.company.language == "zh" else "en"


@contextmanager
def reading(stock: Stock) -> Iterator[Stock]:
    """Keep a store from being changed and give it as it lies now; raise InputError where its state is gone by now."""
    at = aside.home(stock.folder, stock.state)
    with lock(at, "en", shared=True):
        opened(at, state=stock.state)
        yield replace(stock, folder=at)


# -- bringing it up to date


def bring_up_to_date(
    data: Path, settings_path: Path | None, settings: Settings, *, published: bool = False
) -> Path:
    """Build the store of a data folder where it is missing or out of date; return its folder.

    Parameters
    ----------
    data, settings_path, settings
        The folder, the file that the settings come from, and the settings.
    published
        Whether a shared store is asked for even where the mirror is current, since others will read it there.

    Raises
    ------
    InputError
        The files cannot be used; the store of before is then left as it was.
    """
    folder = place(data, settings_path, settings)
    language = language_of(settings)
    with lock(folder, language, shared=True):
        before = manifest_of(folder)
        wanted = _wanted(data, settings, before.get("inputs", {}))
        if _is_current(before, wanted) and not (published and wanted["url"]):
            return folder
    with lock(folder, language):
        before = manifest_of(folder)
        wanted = _wanted(data, settings, {**before.get("inputs", {}), **wanted["inputs"]})
        if wanted["url"]:
            _bring_shared(open_store(settings.store), folder, data, settings, before, wanted)
        elif before.get("fingerprint") != wanted["fingerprint"]:
            _rebuild(folder, data, settings, wanted)
        elif not _is_current(before, wanted):
            if before["state"] != wanted["state"]:
                aside.set_aside(folder, before["state"])
            _write_manifest(folder, {**before, **wanted})
    return folder


def _wanted(data: Path, settings: Settings, hashed_before: Mapping[str, Any]) -> dict[str, Any]:
    """Return the part of the manifest that tells what a current store is made from."""
    found = discovery.discover(data, settings)
    inputs = fingerprint.inputs(found.inputs, hashed_before)
    plays = playbook.load(data, settings).to_numpy().tolist()
    made_from = fingerprint.fingerprint(settings, inputs, found)
    kept = settings.model_copy(update={"store": without_credentials(settings.store)})
    return {
        "fingerprint": made_from,
        "state": hashed(made_from, json.dumps(plays)),
        "inputs": inputs,
        "settings": kept.model_dump_json(),
        "playbook": plays,
        "url": kept.store if is_remote(kept.store) else "",
    }


def _is_current(manifest: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    return all(manifest.get(key) == value for key, value in wanted.items())


def _rebuild(folder: Path, data: Path, settings: Settings, manifest: dict[str, Any], *share: Store) -> None:
    """Build a store and put it in place; with ``share``, publish it there first."""
    with _beside(folder) as made:
        taken = intake.take(data, settings, made / "staging")
        manifest = {**manifest, **writing.write(taken, settings, made)}
        shutil.rmtree(made / "staging")
        manifest["partitions"] = {
            p.relative_to(made).as_posix(): sha256(p) for p in sorted(made.rglob("*.parquet"))
        }
        for at in share:
            sharing.publish(at, made, manifest)
        _write_manifest(made, manifest)
        _put_in_place(made, folder)


@contextmanager
def _beside(folder: Path) -> Iterator[Path]:
    """Give a new folder beside a store's; it is gone in the end if it was not put in place."""
    for left in folder.parent.glob(f"{folder.name}.new-*"):
        shutil.rmtree(left, ignore_errors=True)
    made = Path(tempfile.mkdtemp(prefix=f"{folder.name}.new-", dir=folder.parent))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _put_in_place(made: Path, folder: Path) -> None:
    made.chmod(0o755)
    if folder.exists():
        aside.set_aside(folder, manifest_of(folder).get("state", ""))
        shutil.rmtree(folder)
    made.rename(folder)


def _write_manifest(folder: Path, manifest: dict[str, Any]) -> None:
    text = json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True)
    LocalStore(folder).write(MANIFEST, text.encode())


# -- a store that machines share


def _bring_shared(
    share: Store, folder: Path, data: Path, settings: Settings, before: dict[str, Any], wanted: dict[str, Any]
) -> None:
    """Mirror the wanted state where it is published; else build and publish it, one machine at a time."""
    state = wanted["state"]
    theirs = sharing.read_manifest(share, state, complete=True)
    if theirs is None:
        waiting = partial(_say_waiting, share.place, language_of(settings))
        with share.lock(f"building-{state[:12]}", lambda _: waiting(), f"{platform.node()} {os.getpid()}"):
            theirs = sharing.read_manifest(share, state, complete=True)
            if theirs is None:
                _publish_or_rebuild(share, folder, data, settings, before, wanted)
                return
    if not _is_current(before, wanted):
        _mirror(folder, before, {**theirs, "inputs": wanted["inputs"]})


def _publish_or_rebuild(
    share: Store, folder: Path, data: Path, settings: Settings, before: dict[str, Any], wanted: dict[str, Any]
) -> None:
    if before.get("fingerprint") == wanted["fingerprint"]:
        with suppress(FileNotFoundError):  # a table is neither here nor there
            sharing.publish(share, folder, {**before, **wanted})
            _write_manifest(folder, {**before, **wanted})
            return
    _rebuild(folder, data, settings, wanted, share)


def _mirror(folder: Path, before: dict[str, Any], manifest: dict[str, Any]) -> None:
    """Make a folder the mirror of a state: tables that it has already stay, others are fetched when they are read."""
    kept = before.get("partitions", {})
    with _beside(folder) as made:
        for name, digest in manifest["partitions"].items():
            if kept.get(name) == digest and (folder / name).exists():
                (made / name).parent.mkdir(exist_ok=True)
                (folder / name).rename(made / name)
        _write_manifest(made, manifest)
        _put_in_place(made, folder)


def pinned(pin: Pin) -> Path:
    """Return the folder that holds the state of a pin, or mirrors it.

    Raises InputError where it is no longer there.
    """
    folder = Path(pin.folder)
    if not pin.url:
        return aside.home(folder, pin.state)
    here = cache_folder() / folder.name
    if manifest_of(here).get("state") == pin.state:
        return here
    own = cache_folder() / f"{folder.name}.{pin.state[:12]}"
    with lock(own, "en", shared=True):
        if manifest_of(own).get("state") == pin.state:
            return own
    with lock(own, "en"):
        if manifest_of(own).get("state") != pin.state:
            share = open_store(pin.url)
            manifest = sharing.read_manifest(share, pin.state)
            if manifest is None:
                raise sharing.damaged(share, [MANIFEST])
            _forget_old_mirrors(folder.name)
            _mirror(own, {}, manifest)
    return own


def _forget_old_mirrors(name: str) -> None:
    """Remove mirrors that pinned processes made for states of days long past."""
    for mirror in cache_folder().glob(f"{name}.{'[0-9a-f]' * 12}"):
        with suppress(OSError):
            if time.time() - (mirror / MANIFEST).stat().st_mtime > _KEPT_SECONDS:
                shutil.rmtree(mirror)
