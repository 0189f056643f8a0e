"""Is this machine ready for a batch? One line per thing looked at; nothing is taken for granted that can be tried.

`examine` yields a `Check` for each; `salesnb.doctor.check` says what a check is. The rest is one module a topic: what
is installed, the kernels, the data, the places written to, the machine's limits, and what shows text. Each look
imports what it looks at when it begins, so that one that cannot be imported is told of and the others go on.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping

from salesnb import words
from salesnb.doctor.check import STATES, Check, Request, fail
from salesnb.doctor.display import look_at_browser, look_at_font, look_at_terminal
from salesnb.doctor.inputs import look_at_data, look_at_notebooks
from salesnb.doctor.kernels import look_at_stock_kernel, look_at_warm_kernel
from salesnb.doctor.machine import look_at_cores, look_at_memory, look_at_open_files, look_at_packages, look_at_python
from salesnb.doctor.places import look_at_disks, look_at_place, look_at_sockets
from salesnb.errors import SalesnbError

__all__ = ["Check", "Request", "examine", "summary"]

Look = Callable[[Request], Iterable[Check]]

LOOKS: tuple[tuple[str, Look], ...] = (
    ("python", look_at_python),
    ("packages", look_at_packages),
    ("kernel", look_at_stock_kernel),
    ("warm", look_at_warm_kernel),
    ("sockets", look_at_sockets),
    ("data", look_at_data),
    ("notebooks", look_at_notebooks),
    ("place", look_at_place),
    ("disk", look_at_disks),
    ("memory", look_at_memory),
    ("cores", look_at_cores),
    ("files", look_at_open_files),
    ("font", look_at_font),
    ("terminal", look_at_terminal),
    ("browser", look_at_browser),
)
"""Everything looked at, in order, each under the name that its line has when it breaks down."""


def examine(request: Request, looks: Iterable[tuple[str, Look]] = LOOKS) -> Iterator[Check]:
    """Look at everything and yield what was found, as it is found.

    Never raises: what breaks down while it is looked at is a failed check, and the others are still done.
    """
    for name, look in looks:
        try:
            yield from look(request)
        except SalesnbError as fault:
            yield from (fail(name, "problem", problem=p) for p in fault.problems)
        except Exception as fault:
            said = " ".join(str(fault).split()) or "-"
            yield fail(name, "broke", kind=type(fault).__name__, reason=said)


def summary(states: Mapping[str, int], lang: str) -> str:
    """Return, in one language, whether the machine is ready, from how many checks ended in each state."""
    counts = {state: states.get(state, 0) for state in STATES}
    return words.text("doctor", "summary.unready" if counts["fail"] else "summary.ready", lang, **counts)
