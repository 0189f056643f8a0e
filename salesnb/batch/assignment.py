"""A job with everything that is needed to do it on whatever machine, and what is reported of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from salesnb.batch.plan import Job, Step
from salesnb.batch.reason import Reason
from salesnb.batch.records import StageRecord
from salesnb.report.run_record import Figures

ATTEMPTS = 2
"""A kernel that died is given a second chance: memory may have been short for a moment only."""


@dataclass(frozen=True)
class Assignment:
    """A job and everything that is needed to do it on whatever machine.

    ``out`` is where the reports lie, a folder or a URL, which is not shown, since it may hold credentials;
    ``parameters`` are shared by all notebooks; ``notebooks`` holds the text of each stage's; ``keys`` the content keys
    by period and stage; ``limit`` the seconds a notebook may take (0: any). With a ``claim``, another attempt at the
    same job that begins later takes it over.
    """

    job: Job
    out: str = field(repr=False)
    parameters: Mapping[str, str]
    langs: tuple[str, ...]
    notebooks: Mapping[str, bytes] = field(repr=False)
    keys: Mapping[tuple[str, str], str] = field(repr=False)
    limit: float = 0
    claim: str = ""


@dataclass(frozen=True)
class Begun:
    """A step that is being done; ``attempt`` counts from 1."""

    team: str
    step: Step
    attempt: int = 1


@dataclass(frozen=True)
class Ended:
    """How a step went: the record of its notebook; for a gathering, the team's figures or why there are none."""

    team: str
    step: Step
    record: StageRecord | None = None
    reason: Reason = field(default_factory=dict)
    figures: Figures = field(default_factory=Figures)


Report = Callable[[Begun | Ended], None]
