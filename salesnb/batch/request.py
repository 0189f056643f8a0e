"""What a batch can be asked for, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from salesnb.batch.reason import Reason
    from salesnb.report.run_record import NotebookRecord

KERNELS = ("warm", "stock")
MINUTES = 30.0
"""What a notebook may take unless the caller says otherwise."""


@dataclass(frozen=True)
class Request:
    """What `run` is asked for; empty means: the settings' or the data's own choice, or all.

    ``minutes`` is the time limit of one notebook (0: none); ``force`` runs also what is there already; ``kernel`` is
    ``warm`` (forked from a server that has everything imported) or ``stock``; ``scheduler`` the address of a
    dask.distributed scheduler whose workers do the work instead of processes of this machine.
    """

    data: str
    period: str
    settings: str = ""
    as_of: str = ""
    teams: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    lang: str = ""
    audience: str = "leadership"
    out: str | Path = "reports"
    workers: int = 0
    notebooks: Path = Path("notebooks")
    force: bool = False
    kernel: str = "warm"
    minutes: float = MINUTES
    scheduler: str = ""


@dataclass(frozen=True)
class Outcome:
    """How a run went: the page to open, how many notebooks ran and how many needed not, and those that failed.

    ``unwritten`` says, in each language, why records and indexes could not be brought up to date, if so.
    """

    index: str
    ran: int
    kept: int
    failures: tuple[tuple[str, NotebookRecord], ...]
    unwritten: Reason = field(default_factory=dict)
