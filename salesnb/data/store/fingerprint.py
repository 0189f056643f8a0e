"""What a store was made from: inputs, settings and reading code, each as a hash."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from salesnb.data.reading.discovery import Folder
from salesnb.metrics import metrics
from salesnb.settings import Settings


def inputs(paths: Iterable[Path], before: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return size, time and hash of each input; the hash of before where size and time are unchanged."""
    found = {}
    for path in paths:
        if not path.is_file():
            continue  # said when it is read
        stat = path.stat()
        old = before.get(path.name, {})
        unchanged = (old.get("size"), old.get("mtime_ns")) == (stat.st_size, stat.st_mtime_ns)
        digest = old["sha256"] if unchanged else sha256(path)
        found[path.name] = {"size": stat.st_size, "mtime_ns": stat.st_mtime_ns, "sha256": digest}
    return found


def fingerprint(settings: Settings, inputs: Mapping[str, Mapping[str, Any]], found: Folder) -> str:
    """Return the hash that stands for all that clean tables are made from; it knows no paths and no times."""
    return hashed(
        settings.model_dump_json(),
        _code_hash(),
        json.dumps({name: entry["sha256"] for name, entry in sorted(inputs.items())}),
        json.dumps([[f.table, f.content.name] for f in found.files]),
        json.dumps(found.ignored),
    )


def hashed(*parts: str) -> str:
    """Return one hash of several texts."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def sha256(path: Path) -> str:
    """Return the hash of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@cache
def _code_hash() -> str:
    digest = hashlib.sha256()
    for name, source in reading_code().items():
        digest.update(name.encode() + b"\0" + source.read_bytes())
    units = sorted((id, figure.unit) for id, figure in metrics().items())  # targets of rates and money read by these
    digest.update(json.dumps(units).encode())
    return digest.hexdigest()


def reading_code() -> dict[str, Path]:
    """Return every file that decides how input becomes clean tables, by its path within the package."""
    root = Path(str(resources.files("salesnb")))
    data = [p for p in (root / "data").rglob("*") if p.suffix in (".py", ".toml")]
    rules = [root / f"{name}.py" for name in ("calendar", "schema", "settings", "setting_types")]
    found = [*data, *rules, root / "schema.toml", root / "words" / "metrics.toml"]
    return {p.relative_to(root).as_posix(): p for p in sorted(found)}
