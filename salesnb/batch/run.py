"""Run the notebooks of teams and periods: what can be asked for, what is answered, and the kernels' head start."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from salesnb.batch.kernels import kernel_place
from salesnb.errors import ScopeError, problem

if TYPE_CHECKING:
    from salesnb.batch.events import Event
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


def run(request: Request, tell: Callable[[Event], None] = lambda _: None) -> Outcome:
    """Run the notebooks of all teams and periods asked for and write pages, facts, records and indexes.

    What an earlier run left and what still holds is not run again. While another run writes to the same place, this
    one waits, and says so.

    Raises
    ------
    SalesnbError
        Before anything is run: settings, data, teams, periods or notebooks cannot be used.

    Notes
    -----
    An interrupt ends the workers, records what was not run, and is raised on.
    """
    if request.kernel not in KERNELS:
        raise ScopeError(problem("kernel_unknown", found=repr(request.kernel), known=", ".join(KERNELS)))
    with ExitStack() as stack:
        # The kernels' server imports for longer than anything else here, so it begins before this process imports.
        here = kernel_place(warm_kernels=request.kernel == "warm")
        kernels = {} if request.scheduler else stack.enter_context(here)
        from salesnb.batch.conduct import conduct

        return conduct(request, kernels, tell)
