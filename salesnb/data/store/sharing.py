"""A store of clean tables in a place that several machines reach, such as an object store.

Everything there is named by what it holds, so nothing is ever changed: tables by their hash, and one manifest per
state, which is written last. A machine has a mirror of a state in its cache, and fetches what it reads into it.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from salesnb.errors import InputError, problem
from salesnb.places import LocalPlace, Place

_TABLES = "tables"


def read_manifest(place: Place, state: str, *, complete: bool = False) -> dict[str, Any] | None:
    """Return the manifest of a state, or None where nobody has published it.

    With ``complete``, also None where one of its tables is missing.
    """
    try:
        manifest = json.loads(place.read(_manifest_path(state)))
    except FileNotFoundError:
        return None
    if complete and not {_table_path(d) for d in manifest["partitions"].values()} <= place.find(_TABLES):
        return None
    return manifest


def publish(place: Place, folder: Path, manifest: Mapping[str, Any]) -> None:
    """Copy a store to a place: the tables that are not there yet, then the manifest.

    Raises FileNotFoundError where a table is neither there nor in the folder.
    """
    there = place.find(_TABLES)
    for name, digest in manifest["partitions"].items():
        if _table_path(digest) not in there:
            place.write(_table_path(digest), (folder / name).read_bytes())
    place.write(_manifest_path(manifest["state"]), json.dumps(manifest, ensure_ascii=False).encode())


def fetch(place: Place, folder: Path, wanted: Mapping[str, str]) -> None:
    """Copy tables of a place, given by name and hash, into a mirror.

    Raises InputError where one is missing or is not what its hash says.
    """
    found = place.read_all({_table_path(digest) for digest in wanted.values()})
    bad = [n for n, digest in wanted.items() if _hash(found.get(_table_path(digest), b"")) != digest]
    if bad:
        raise damaged(place, bad)
    mirror = LocalPlace(folder)
    for name, digest in wanted.items():
        mirror.write(name, found[_table_path(digest)])


def damaged(place: Place, files: Iterable[str]) -> InputError:
    """Return the error of a place that lacks what it should have."""
    return InputError(problem("store_damaged", place=place.shown, files=", ".join(files)))


def _table_path(digest: str) -> str:
    return f"{_TABLES}/{digest}.parquet"


def _manifest_path(state: str) -> str:
    return f"manifests/{state}.json"


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
