"""What the batch benchmarks share: a command's wall and CPU time, paired ratios, the machine, rows of Markdown."""

from __future__ import annotations

import os
import platform
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TOOLS = Path(sys.executable).parent
SINGLE = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"), "1")
"""As the kit sets them for its kernels; what it is compared with gets the same."""

PACKAGES = ("pandas", "papermill", "nbclient", "nbconvert", "ipykernel", "distributed")


@dataclass(frozen=True)
class Cost:
    """What a command took, all of its processes together."""

    seconds: float
    cpu: float


def run(command: Sequence[str | Path]) -> Cost:
    """Run a command to its end; raise CalledProcessError with its output where it fails."""
    before, begun = _children(), time.perf_counter()
    done = subprocess.run(
        [str(part) for part in command],
        env={**os.environ, **SINGLE},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    cost = Cost(time.perf_counter() - begun, _children() - before)
    if done.returncode:
        print(done.stdout[-2000:], file=sys.stderr)
        done.check_returncode()
    return cost


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def timed(work: Callable[[], object]) -> float:
    """Return the seconds that a call takes."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def machine() -> str:
    """Return one line on what was measured where; a load before the run spoils the figures, so it is told."""
    packages = ", ".join(f"{name} {_version(name)}" for name in PACKAGES)
    cores, load = len(os.sched_getaffinity(0)), os.getloadavg()[0]
    return f"{cores} cores, load {load:.1f} before, Python {platform.python_version()}, {packages}"


def _version(name: str) -> str:
    try:
        return version(name)
    except ModuleNotFoundError:
        return "-"


def spread(values: Sequence[float], digits: int = 1) -> str:
    """Return the median of values and, where there are several, the least and the greatest."""
    middle = f"{statistics.median(values):.{digits}f}"
    return f"{middle} ({min(values):.{digits}f}..{max(values):.{digits}f})" if len(values) > 1 else middle


def row(cells: Iterable[object]) -> str:
    """Return one row of a Markdown table."""
    return f"| {' | '.join(map(str, cells))} |"


def head(*names: str) -> str:
    """Return the head of a Markdown table."""
    return f"{row(names)}\n{row('---' for _ in names)}"


def environment(extra: Mapping[str, str]) -> None:
    """Set variables of this process, and single threads as the kit's kernels have them."""
    os.environ.update({**SINGLE, **extra})
