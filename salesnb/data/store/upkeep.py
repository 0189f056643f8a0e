"""The store of clean tables: built once from the files, read by every notebook.

It is brought up to date in a folder beside it, under a lock, and moved into place when it is whole. It is current as
long as settings, input files, playbook and this package's reading code are unchanged.
"""

import json
import os
import platform
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

from salesnb.data.reading import discovery
from salesnb.data.store import fingerprint, sharing, writing
from salesnb.data.store.fingerprint import hashed, sha256
from salesnb.data.store.folder import (
    MANIFEST,
    cache_folder,
    folder_of,
    home,
    language_of,
    lock,
    manifest_of,
    say_waiting,
    set_aside,
)
from salesnb.data.store.opened import Pin
from salesnb.data.tables import playbook
from salesnb.data.taking import intake
from salesnb.places import LocalPlace, Place, is_remote, open_place, without_credentials
from salesnb.settings import Settings

_KEPT_SECONDS = 7 * 24 * 3600


# -- bringing it up to date


def bring_up_to_date(data: Path, settings_path: Path | None, settings: Settings, *, published: bool = False) -> Path:
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
    folder = folder_of(data, settings_path, settings)
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
            _bring_shared(open_place(settings.store), folder, data, settings, before, wanted)
        elif before.get("fingerprint") != wanted["fingerprint"]:
            _rebuild(folder, data, settings, wanted)
        elif not _is_current(before, wanted):
            if before["state"] != wanted["state"]:
                set_aside(folder, before["state"])
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


def _rebuild(folder: Path, data: Path, settings: Settings, manifest: dict[str, Any], *share: Place) -> None:
    """Build a store and put it in place; with ``share``, publish it there first."""
    with _beside(folder) as made:
        taken = intake.take(data, settings, made / "staging")
        manifest = {**manifest, **writing.write(taken, settings, made)}
        shutil.rmtree(made / "staging")
        manifest["partitions"] = {p.relative_to(made).as_posix(): sha256(p) for p in sorted(made.rglob("*.parquet"))}
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
        set_aside(folder, manifest_of(folder).get("state", ""))
        shutil.rmtree(folder)
    made.rename(folder)


def _write_manifest(folder: Path, manifest: dict[str, Any]) -> None:
    text = json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True)
    LocalPlace(folder).write(MANIFEST, text.encode())


# -- a store that machines share


def _bring_shared(
    share: Place, folder: Path, data: Path, settings: Settings, before: dict[str, Any], wanted: dict[str, Any]
) -> None:
    """Mirror the wanted state where it is published; else build and publish it, one machine at a time."""
    state = wanted["state"]
    theirs = sharing.read_manifest(share, state, complete=True)
    if theirs is None:
        waiting = partial(say_waiting, share.shown, language_of(settings))
        with share.lock(f"building-{state[:12]}", lambda _: waiting(), f"{platform.node()} {os.getpid()}"):
            theirs = sharing.read_manifest(share, state, complete=True)
            if theirs is None:
                _publish_or_rebuild(share, folder, data, settings, before, wanted)
                return
    if not _is_current(before, wanted):
        _mirror(folder, before, {**theirs, "inputs": wanted["inputs"]})


def _publish_or_rebuild(
    share: Place, folder: Path, data: Path, settings: Settings, before: dict[str, Any], wanted: dict[str, Any]
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
        return home(folder, pin.state)
    here = cache_folder() / folder.name
    if manifest_of(here).get("state") == pin.state:
        return here
    own = cache_folder() / f"{folder.name}.{pin.state[:12]}"
    with lock(own, "en", shared=True):
        if manifest_of(own).get("state") == pin.state:
            return own
    with lock(own, "en"):
        if manifest_of(own).get("state") != pin.state:
            share = open_place(pin.url)
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
