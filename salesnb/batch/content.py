"""Content keys: what a notebook's outputs depend on, as one hash. Same key, same outputs: it need not run again."""

import hashlib
import json
import platform
from collections.abc import Mapping
from functools import cache
from importlib import resources
from importlib.metadata import version
from importlib.resources.abc import Traversable

from salesnb.data import Store
from salesnb.scope import rights_of

PACKAGES = (
    "pandas", "numpy", "pyarrow", "duckdb", "matplotlib", "seaborn", "papermill", "nbclient", "nbconvert",
    "ipykernel", "scipy",
)  # fmt: skip
"""Those whose version can change an output."""

_SOURCES = (".py", ".toml", ".css", ".j2", ".html", ".json")
_ACCOUNTING, _UNCOUNTED = b"intake", b"uncounted"
"""A notebook that says these words may use the accounting of the intake, or the rows in no figure, as most do not."""


class Contents:
    """The keys of one batch.

    Parameters
    ----------
    stock
        The store of clean tables that all notebooks read.
    parameters
        What all notebooks share: data, settings, as_of, lang, audience.
    notebooks
        Text of each stage's notebook.
    """

    def __init__(self, store: Store, parameters: Mapping[str, str], notebooks: Mapping[str, bytes]) -> None:
        self._shared = _hash(source_hash(), versions(), store.digest(), dict(parameters))
        self._notebooks = {stage: _hash(text.decode(errors="replace")) for stage, text in notebooks.items()}
        self._audience = parameters["audience"]
        self._further = {stage: (_ACCOUNTING in text, _UNCOUNTED in text) for stage, text in notebooks.items()}
        self._store = store
        self._reads = cache(self._read_hash)

    def key(self, stage: str, team: str, period: str) -> str:
        """Return the key of one notebook of one team and period."""
        reads = self._reads(team, *self._further[stage])
        return _hash(self._shared, self._notebooks[stage], reads, team, period)

    def _read_hash(self, team: str, accounting: bool, uncounted: bool) -> str:
        rights = rights_of(self._store.settings, self._audience, team)
        return _hash(self._store.reads(team, accounting, not rights.sees_names, uncounted))


def software() -> dict[str, str]:
    """Return what must be the same on all machines of a batch: versions, and the hash of the package's source."""
    return {**versions(), "salesnb": f"{version('salesnb')} ({source_hash()[:8]})"}


def versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that outputs depend on."""
    return {"python": platform.python_version(), **{name: version(name) for name in PACKAGES}}


@cache
def source_hash() -> str:
    """Return the hash of the package's own source, catalogues and templates."""
    digest = hashlib.sha256()
    for name, content in sorted(_files(resources.files("salesnb"), "")):
        digest.update(name.encode() + b"\0" + content + b"\0")
    return digest.hexdigest()


def _files(folder: Traversable, place: str) -> list[tuple[str, bytes]]:
    found = []
    for entry in folder.iterdir():
        name = f"{place}/{entry.name}"
        if entry.is_dir():
            found += _files(entry, name)
        elif entry.name.endswith(_SOURCES):
            found.append((name, entry.read_bytes()))
    return found


def _hash(*parts: object) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
