"""What is known of a team's notebooks of a period: ``record.json`` in their folder, written after each of them.

It is what a batch that was broken off goes on from, and what tells whether a notebook needs to run at all.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Literal, TypedDict

from salesnb.places import Place
from salesnb.report.facts import FACTS_FILE
from salesnb.report.files import start_name
from salesnb.report.run_record import Figures

FILE_NAME = "record.json"

Status = Literal["ok", "failed"]


class StageRecord(TypedDict):
    """How one notebook ended.

    ``key`` stands for everything that it was made from; ``code`` and ``reason`` say why it failed, ``missing`` which
    questions were not answered, in each language; ``pages`` are file names by language.
    """

    key: str
    status: Status
    seconds: float
    attempts: int
    code: str
    reason: Mapping[str, str]
    missing: Mapping[str, list[str]]
    pages: Mapping[str, str]


class TeamRecord(TypedDict):
    """A team's notebooks of one period by stage, the figures of the whole team, and what those were gathered from."""

    team: str
    period: str
    stages: dict[str, StageRecord]
    figures: Figures
    gathered: str


def new_record(team: str, period: str) -> TeamRecord:
    """Return the record of a team none of whose notebooks has run."""
    return {"team": team, "period": period, "stages": {}, "figures": {}, "gathered": ""}


def failed_record(key: str, code: str, why: Mapping[str, str], attempts: int = 1) -> StageRecord:
    """Return the record of a notebook that left nothing; ``why`` says it in each language."""
    return {
        "key": key, "status": "failed", "seconds": 0.0, "attempts": attempts, "code": code, "reason": why,
        "missing": {}, "pages": {},
    }  # fmt: skip


def record_path(period: str, folder: str) -> str:
    """Return the path of a record within the reports."""
    return f"{period}/{folder}/{FILE_NAME}"


def read_records(place: Place, places: Iterable[tuple[str, str]]) -> dict[tuple[str, str], TeamRecord]:
    """Return the records that exist, by period and folder; one that cannot be read counts as absent."""
    paths = {record_path(*place): place for place in places}
    found = {}
    for path, content in place.read_all(paths).items():
        record = _parsed(content)
        if record is not None:
            found[paths[path]] = record
    return found


def write_record(place: Place, folder: str, record: TeamRecord) -> None:
    """Write a record; once it is there, so is everything that it tells of."""
    text = json.dumps(record, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    place.write(record_path(record["period"], folder), text.encode())


def files_of(stage: str, found: StageRecord) -> set[str]:
    """Return the names of the files that a notebook which ended well has left."""
    return {f"{stage}.ipynb", *found["pages"].values()}


def is_done(record: TeamRecord, stage: str, key: str, files: set[str]) -> bool:
    """Tell whether a notebook need not run: it ended well, from the same, and all its files are there."""
    found = record["stages"].get(stage)
    return found is not None and found["status"] == "ok" and found["key"] == key and files_of(stage, found) <= files


def is_gathered(record: TeamRecord, files: set[str]) -> bool:
    """Tell whether facts, links between pages and start pages are those of the notebooks as they stand."""
    langs = {lang for found in record["stages"].values() for lang in found["pages"]}
    return record["gathered"] == basis(record) and {FACTS_FILE, *map(start_name, langs)} <= files


def basis(record: TeamRecord) -> str:
    """Return what facts and links were made from: which notebooks ended how."""
    ended = sorted((stage, found["key"], found["status"]) for stage, found in record["stages"].items())
    return hashlib.sha256(json.dumps(ended).encode()).hexdigest()


def _parsed(content: bytes) -> TeamRecord | None:
    try:
        record: TeamRecord = json.loads(content)
        return record if set(record) >= set(TeamRecord.__annotations__) else None
    except ValueError:
        return None


# -- which files were made from the reports afterwards, beside them: ``exports.json`` of a team's or a period's folder


EXPORTS = "exports.json"


def exported(place: Place, folder: str) -> dict[str, list[str]]:
    """Return the names of the files that were exported into a folder, relative to it, by format."""
    try:
        found = json.loads(place.read(f"{folder}/{EXPORTS}"))
        return {str(form): [str(name) for name in names] for form, names in found.items()}
    except (FileNotFoundError, ValueError, TypeError, AttributeError):
        return {}


def note_exported(place: Place, folder: str, form: str, names: Iterable[str]) -> None:
    """Take down that these are the files of a format in a folder; to be called before they are written."""
    found = {**exported(place, folder), form: sorted(set(names))}
    text = json.dumps(found, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    place.write(f"{folder}/{EXPORTS}", text.encode())


def remove_exported(place: Place, folder: str) -> None:
    """Remove all that was exported into a folder."""
    found = exported(place, folder)
    names = [EXPORTS, *(name for names in found.values() for name in names)]
    place.remove(*(f"{folder}/{name}" for name in names))
