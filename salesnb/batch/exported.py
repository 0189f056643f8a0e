"""Which files were made from the reports afterwards, beside them: ``exports.json`` of a team's or a period's folder.

A batch that runs a notebook anew removes them with it, so that no file of an earlier state of the data stays behind.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from salesnb.places import Place

FILE_NAME = "exports.json"


def exported(place: Place, folder: str) -> dict[str, list[str]]:
    """Return the names of the files that were exported into a folder, relative to it, by format."""
    try:
        found = json.loads(place.read(f"{folder}/{FILE_NAME}"))
        return {str(form): [str(name) for name in names] for form, names in found.items()}
    except (FileNotFoundError, ValueError, TypeError, AttributeError):
        return {}


def note_exported(place: Place, folder: str, form: str, names: Iterable[str]) -> None:
    """Take down that these are the files of a format in a folder; to be called before they are written."""
    found = {**exported(place, folder), form: sorted(set(names))}
    text = json.dumps(found, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    place.write(f"{folder}/{FILE_NAME}", text.encode())


def remove_exported(place: Place, folder: str) -> None:
    """Remove all that was exported into a folder."""
    found = exported(place, folder)
    names = [FILE_NAME, *(name for names in found.values() for name in names)]
    place.remove(*(f"{folder}/{name}" for name in names))
