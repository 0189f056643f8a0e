"""Run the notebooks of teams and periods, with a head start for the kernels."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from typing import TYPE_CHECKING

from salesnb.batch.kernels import kernel_place
from salesnb.batch.request import KERNELS, Outcome, Request
from salesnb.errors import ScopeError, problem

if TYPE_CHECKING:
    from salesnb.batch.events import Event


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
        here = kernel_place(warm_kernels=request.kernel == "warm", notebooks=request.notebooks)
        kernels = {} if request.scheduler else stack.enter_context(here)
        from salesnb.batch.conduct import conduct

        return conduct(request, kernels, tell)
