"""The record of one run, ``reports/<period>/run.json``: what ran, from what, and how it went.

The batch writes it, the index is made from it. Times and seconds stand only here and in a page's ``<time>``,
so that everything else repeats byte for byte.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, TypedDict

FILE_NAME = "run.json"

Status = Literal["ok", "failed", "not run"]


class TeamRecord(TypedDict):
    """A team and the safe name of its folder under the period's."""

    team: str
    folder: str


class NotebookRecord(TypedDict):
    """One notebook of one team.

    ``reason`` says in each language why it failed or was not run, empty where it did well; ``page`` is the
    path of its page in each language, relative to the period's folder, with forward slashes, e.g.
    ``South/diagnosis.html``.
    """

    team: str
    stage: str
    status: Status
    seconds: float
    reason: Mapping[str, str]
    page: Mapping[str, str]


class RunRecord(TypedDict):
    """One run: what ran from what.

    ``parameters`` are all text, ``inputs`` are hashes by name, ``versions`` those of the packages used;
    teams and notebooks stand in order; ``started`` and ``finished`` are ISO times with seconds, e.g.
    ``2025-10-03T08:15:00``.
    """

    version: str
    versions: Mapping[str, str]
    period: str
    parameters: Mapping[str, str]
    inputs: Mapping[str, str]
    teams: list[TeamRecord]
    notebooks: list[NotebookRecord]
    started: str
    finished: str


def read_run(folder: Path) -> RunRecord:
    """Return the record of a period's folder."""
    record: RunRecord = json.loads((folder / FILE_NAME).read_text(encoding="utf-8"))
    return record


def write_run(record: RunRecord, folder: Path) -> Path:
    """Write the record into a period's folder, whole or not at all; return its path."""
    path = folder / FILE_NAME
    write_text(path, json.dumps(record, ensure_ascii=False, indent=1, sort_keys=True) + "\n")
    return path


def write_text(path: Path, text: str) -> None:
    """Write a file as UTF-8, whole or not at all: beside its place first, then renamed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.write_text(text, encoding="utf-8", newline="\n")
    beside.replace(path)
