"""How much a batch of these data will take, as far as it can be told before it runs."""

from contextlib import suppress
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from salesnb.doctor.check import Request
from salesnb.errors import SalesnbError
from salesnb.settings import Settings

MB = 1_000_000

PROGRAM = 300 * MB
"""The batch itself and the server that kernels are forked from."""
WORKER = 200 * MB
KERNEL = 350 * MB
"""A kernel that has imported all and holds next to no data."""
IN_MEMORY = 6
"""Clean tables in memory against their files, which are packed."""
STORE = 2
"""The store is made anew beside the one before: its bytes against those of the files read, at most."""
REPORT = 4 * MB
"""What one notebook leaves: itself and a page in each language."""
REPORT_FILES = 5

_ASSUMED_TEAMS, _ASSUMED_NOTEBOOKS = 20, 5


@dataclass(frozen=True)
class Workload:
    """What a batch reads and how it is spread.

    ``whole`` is the memory that the whole company's data take, ``slices`` that of each team, largest first; without a
    store the teams are not known: ``slices`` is empty and ``teams`` an assumption.
    """

    input_bytes: int
    whole: int
    slices: tuple[int, ...]
    teams: int
    notebooks: int

    @property
    def known(self) -> bool:
        """Whether the teams are known."""
        return bool(self.slices)

    @property
    def store_bytes(self) -> int:
        """What the store takes on disk while it is made."""
        return STORE * self.input_bytes

    @property
    def report_count(self) -> int:
        """How many notebooks one period has: every team's and the whole company's."""
        return self.notebooks * (self.teams + 1)

    def memory(self, workers: int) -> int:
        """Return the memory that so many workers need when each has as much to hold as can come together.

        One has the whole company; the others have teams, which together are no more than that once more. No more
        start than there are teams.
        """
        running = min(workers, self.teams + 1) if self.known else workers
        held = list(accumulate(self.slices, initial=0))
        teams = held[min(running - 1, len(self.slices))] if self.known else (self.whole if running > 1 else 0)
        return PROGRAM + running * (WORKER + KERNEL) + self.whole + teams

    def workers_within(self, memory: int) -> int:
        """Return how many workers fit into so much memory; 0: not one."""
        rest = memory - self.memory(1)
        most = max(0, 1 + rest // (WORKER + KERNEL))
        return next((n for n in range(most, 0, -1) if self.memory(n) <= memory), 0)


def workload_of(request: Request) -> Workload:
    """Return the workload of a request; what its data do not tell, because they cannot be read, is left at nothing."""
    read, packed, teams = 0, 0, 0
    by_team: list[int] = []
    from salesnb.data.store.folder import manifest_of

    with suppress(SalesnbError, OSError, ValueError, KeyError):  # said where the data are looked at
        read = sum(p.stat().st_size for p in source_of(request)[0].iterdir() if p.is_file())
        store = store_folder(request)
        teams = len(manifest_of(store)["teams"])
        packed = sum(p.stat().st_size for p in store.rglob("*.parquet"))
        by_team = sorted((p.stat().st_size for p in store.glob("orders/*.parquet")), reverse=True)
    notebooks = _notebooks(request.notebooks)
    if not by_team:
        return Workload(read, read, (), _ASSUMED_TEAMS, notebooks)
    # A team has as large a part of the other tables as it has of the orders.
    slices = tuple(IN_MEMORY * packed * part // sum(by_team) for part in by_team)
    return Workload(read, IN_MEMORY * packed, slices, teams, notebooks)


def source_of(request: Request) -> tuple[Path, Path | None, Settings]:
    """Return data folder, settings file and settings as a batch finds them, the sample company's where none are named.

    Raises InputError or SettingsError.
    """
    from salesnb.data.case import SAMPLE, source

    return source(request.data or SAMPLE, request.settings)


def store_folder(request: Request) -> Path:
    """Return the folder in which the store of the data lies or will lie; raises as `source_of`."""
    from salesnb.data.store.folder import folder_of

    return folder_of(*source_of(request))


def _notebooks(folder: Path) -> int:
    from salesnb.batch.plan import find_stages

    try:
        return len(find_stages(folder))
    except SalesnbError:
        return _ASSUMED_NOTEBOOKS
