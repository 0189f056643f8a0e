"""The store of clean tables: built once from the files, read by every notebook.

It is brought up to date in a folder beside it, under a lock, and moved into place when it is whole. It is current as
long as settings, input files and this package's reading code are unchanged.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import shutil
import sys
import tempfile
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq

from salesnb import words
from salesnb.data import discovery, intake, writing
from salesnb.data.quarantine import Intake
from salesnb.settings import Settings

MANIFEST = "manifest.json"
ACCOUNTING = ("files", "quarantine", "statuses", "similar_customers", "unknown")


@dataclass(frozen=True)
class Stock:
    """A store that is up to date.

    ``teams`` are all teams in order, ``data_start`` and ``data_end`` the first and last day with data,
    ``fingerprint`` stands for settings, inputs and reading code, ``partitions`` gives the hash of each file of the
    store by its name.
    """

    folder: Path
    teams: list[str]
    data_start: date
    data_end: date
    fingerprint: str
    tables: tuple[str, ...]
    derived: frozenset[str]
    partitions: dict[str, str]
    orders: dict[str, str]
    inputs: dict[str, str]
    intake: Intake

    @property
    def history_start(self) -> date:
        """First day of the sales history."""
        return self.data_start


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
    """Return the folder of the store of a data folder read with a settings file."""
    root = (data / settings.store).resolve() if settings.store else cache_folder()
    whole = f"{data.resolve()}\0{settings_path.resolve() if settings_path else ''}"
    return root / f"{safe_name(data.resolve().name)}-{hashlib.sha256(whole.encode()).hexdigest()[:12]}"


def safe_name(name: str) -> str:
    """Return a name made of letters, digits and dashes only, for files; not unique by itself."""
    return re.sub(r"\W+", "-", unicodedata.normalize("NFKC", name)).strip("-_")[:40] or "x"


@contextmanager
def lock(folder: Path, language: str, *, shared: bool = False) -> Iterator[None]:
    """Hold the lock of a store: alone to build it, shared to read it. Says so when it has to wait."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / f"{folder.name}.lock").open("a") as file:
        kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        try:
            fcntl.flock(file, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            print(words.text("errors", "store_waiting", language, folder=folder.name), file=sys.stderr)
            fcntl.flock(file, kind)
        yield


def bring_up_to_date(data: Path, settings_path: Path | None, settings: Settings) -> Path:
    """Build the store of a data folder where it is missing or out of date; return its folder.

    Raises InputError where the files cannot be used; the store of before is then left as it was.
    """
    folder = place(data, settings_path, settings)
    language = "zh" if settings.company.language == "zh" else "en"
    with lock(folder, language):
        before = _manifest(folder)
        found = discovery.discover(data, settings)
        inputs = _inputs(found.inputs, before.get("inputs", {}), settings, data)
        fingerprint = _fingerprint(settings, inputs, found)
        if before.get("fingerprint") != fingerprint:
            _rebuild(folder, data, settings, {"fingerprint": fingerprint, "inputs": inputs})
        elif before["inputs"] != inputs:
            _write_manifest(folder, {**before, "inputs": inputs})
    return folder


def _rebuild(folder: Path, data: Path, settings: Settings, manifest: dict[str, Any]) -> None:
    for left in folder.parent.glob(f"{folder.name}.new-*"):
        shutil.rmtree(left, ignore_errors=True)
    made = Path(tempfile.mkdtemp(prefix=f"{folder.name}.new-", dir=folder.parent))
    try:
        taken = intake.take(data, settings, made / "staging")
        manifest = {**manifest, **writing.write(taken, settings, made)}
        shutil.rmtree(made / "staging")
        manifest["partitions"] = {
            p.relative_to(made).as_posix(): _sha256(p) for p in sorted(made.rglob("*.parquet"))
        }
        _write_manifest(made, manifest)
        made.chmod(0o755)
        if folder.exists():
            shutil.rmtree(folder)
        made.rename(folder)
    finally:
        shutil.rmtree(made, ignore_errors=True)


def opened(folder: Path) -> Stock:
    """Return what a store holds; its manifest and its accounting."""
    manifest = _manifest(folder)
    frames: dict[str, Any] = {name: read_frame(folder, name) for name in ACCOUNTING}
    return Stock(
        folder,
        list(manifest["teams"]),
        date.fromisoformat(manifest["data_start"]),
        date.fromisoformat(manifest["data_end"]),
        manifest["fingerprint"],
        tuple(manifest["tables"]),
        frozenset(manifest["derived"]),
        manifest["partitions"],
        manifest["orders"],
        {name: entry["sha256"] for name, entry in manifest["inputs"].items()},
        Intake(**frames, ignored=tuple(manifest["ignored"])),
    )


def read_frame(folder: Path, name: str) -> pd.DataFrame:
    """Return one frame of the accounting."""
    return pq.read_table(folder / "intake" / f"{name}.parquet").to_pandas()


# -- what the store was made from


def _inputs(
    paths: tuple[Path, ...], before: dict[str, Any], settings: Settings, data: Path
) -> dict[str, dict[str, Any]]:
    """Return size, time and hash of each input; the hash of before where size and time are unchanged."""
    found = {}
    for path in paths:
        if not path.is_file():
            continue  # said when it is read
        stat = path.stat()
        old = before.get(path.name, {})
        unchanged = (old.get("size"), old.get("mtime_ns")) == (stat.st_size, stat.st_mtime_ns)
        digest = old["sha256"] if unchanged else _sha256(path)
        found[path.name] = {"size": stat.st_size, "mtime_ns": stat.st_mtime_ns, "sha256": digest}
    return found


def _fingerprint(settings: Settings, inputs: dict[str, dict[str, Any]], found: discovery.Folder) -> str:
    parts = [
        settings.model_dump_json(),
        _code_hash(),
        json.dumps({name: entry["sha256"] for name, entry in sorted(inputs.items())}),
        json.dumps([[f.table, f.path.name] for f in found.files]),
        json.dumps(found.ignored),
    ]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


@cache
def _code_hash() -> str:
    digest = hashlib.sha256()
    data = resources.files("salesnb.data")
    root = resources.files("salesnb")
    catalogue = root / "words" / "metrics.toml"
    sources = [p for p in data.iterdir() if p.name.endswith((".py", ".toml"))]
    sources += [root / "calendar.py", root / "settings.py", *([catalogue] if catalogue.is_file() else [])]
    for source in sorted(sources, key=lambda p: p.name):
        digest.update(source.name.encode() + b"\0" + source.read_bytes())
    return digest.hexdigest()


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        return json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def _write_manifest(folder: Path, manifest: dict[str, Any]) -> None:
    temporary = folder / f".{MANIFEST}"
    temporary.write_text(json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True), encoding="utf-8")
    temporary.replace(folder / MANIFEST)
