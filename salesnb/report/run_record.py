"""The record of one run, ``reports/<period>/run.json``: what ran, from what, and how it went.

The batch writes it, the index is made from it. Times and seconds stand only here and in a page's ``<time>``,
so that everything else repeats byte for byte.
"""

import json
from collections.abc import Mapping
from typing import Literal, NotRequired, TypedDict

from salesnb.places import Place

FILE_NAME = "run.json"

Status = Literal["ok", "failed", "not run"]


class Head(TypedDict):
    """What stands at the head of an index: whose data, in which currency, as of which day, and is the period over."""

    company: str
    currency: str
    as_of: str
    complete: bool


class Tally(TypedDict):
    """How many targets a page holds figures against, and how many of them are missed so far."""

    judged: int
    missed: int


class Rep(TypedDict):
    """A rep's sales against target: the share attained, the gap and the target in currency units."""

    rep: str
    attainment: float
    gap: float
    target: NotRequired[float | None]


class First(TypedDict):
    """The problem that the memo tells first: what identifies it, and its loss in currency units."""

    where: Mapping[str, str]
    effect: float


class Figures(TypedDict, total=False):
    """A team's figures of a period (money in currency units; None: not available); empty until they are gathered.

    ``covered`` is the share of sales that the target covers; ``part``: too little to call the target met or missed.
    ``tallies`` are by stage, those without a target left out; ``reps`` the best ones by attainment; ``rows`` how many
    rows were read and how many of them set aside, where the intake says it; ``uncounted`` whether the memo says that
    rows in no figure could change its verdict, or are many; ``first`` the memo's first problem, where it names one.
    """

    sales: float | None
    target: float | None
    gap: float | None
    attainment: float | None
    covered: float | None
    part: bool
    tallies: Mapping[str, Tally]
    reps: list[Rep]
    rows: Mapping[str, float]
    uncounted: bool
    first: First


class TeamEntry(TypedDict):
    """A team, the safe name of its folder under the period's, and its figures."""

    team: str
    folder: str
    figures: Figures


class NotebookRecord(TypedDict):
    """One notebook of one team.

    ``reason`` says in each language why it failed or was not run, empty where it did well, ``missing`` which
    questions it left unanswered; ``page`` is the path of its page in each language, relative to the period's folder,
    with forward slashes, e.g. ``South/diagnosis.html``; ``key`` stands for everything that it was made from.
    """

    team: str
    stage: str
    status: Status
    seconds: float
    attempts: int
    key: str
    reason: Mapping[str, str]
    missing: Mapping[str, list[str]]
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
    head: Head
    parameters: Mapping[str, str]
    inputs: Mapping[str, str]
    teams: list[TeamEntry]
    notebooks: list[NotebookRecord]
    started: str
    finished: str


NO_HEAD: Head = {"company": "", "currency": "", "as_of": "", "complete": True}


def read_run(place: Place, period: str) -> RunRecord:
    """Return the record of a period.

    Raises
    ------
    FileNotFoundError
        There is none.
    ValueError
        It is not a record of this version.
    """
    record: RunRecord = json.loads(place.read(f"{period}/{FILE_NAME}"))
    record.setdefault("head", {**NO_HEAD})  # an earlier version did not write it
    entries = [(record, RunRecord), *((t, TeamEntry) for t in record["teams"])]
    entries += [(n, NotebookRecord) for n in record["notebooks"]]
    if any(not set(kind.__annotations__) <= set(entry) for entry, kind in entries):
        raise ValueError(FILE_NAME)
    return record


def write_run(place: Place, record: RunRecord) -> None:
    """Write the record of a period, whole or not at all."""
    text = json.dumps(record, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    place.write(f"{record['period']}/{FILE_NAME}", text.encode())
