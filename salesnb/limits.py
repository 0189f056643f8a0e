"""How much of the machine this process may use: of the whole, and of what its control groups leave it."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_NO_LIMIT = 1 << 60
"""Version 1 writes a number near 2**63 where there is no limit."""


def available_memory(root: Path = Path("/")) -> int | None:
    """Return the bytes that can be taken without swapping; None where the platform does not say.

    ``root`` is where ``proc`` and the control groups' mounts are.
    """
    found = list(_headrooms(root))
    with suppress(OSError):
        for line in (root / "proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                found.append(int(line.split()[1]) * 1024)
    return max(0, min(found)) if found else None


def usable_cores(root: Path = Path("/")) -> float:
    """Return the number of cores that this process may use, a fraction where its time is limited."""
    try:
        cores: float = len(os.sched_getaffinity(0))
    except AttributeError:  # not on every platform
        cores = os.cpu_count() or 1
    return min([cores, *_quotas(root)])


def default_workers() -> int:
    """Return how many workers a batch starts unless it is told: one for each core that it may use."""
    return max(1, int(usable_cores()))


def _headrooms(root: Path) -> Iterator[int]:
    """Return what each control group still leaves; files in the cache that nobody uses count as free."""
    for folder in _groups("memory", root):
        for limit_name, used_name, idle in (
            ("memory.max", "memory.current", "inactive_file"),
            ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
        ):
            limit, used = _number(folder / limit_name), _number(folder / used_name)
            if limit is not None and used is not None and limit < _NO_LIMIT:
                yield limit - used + _reclaimable(folder / "memory.stat", idle)


def _reclaimable(path: Path, name: str) -> int:
    with suppress(OSError):
        for line in path.read_text().splitlines():
            if line.split()[0] == name:
                return int(line.split()[1])
    return 0


def _quotas(root: Path) -> Iterator[float]:
    """Return the cores' worth of time that each control group allows."""
    for folder in _groups("cpu", root):
        with suppress(OSError, ValueError):  # "max": no limit
            quota, period = (folder / "cpu.max").read_text().split()
            yield int(quota) / int(period)
        allowed, span = _number(folder / "cpu.cfs_quota_us"), _number(folder / "cpu.cfs_period_us")
        if allowed and span and allowed > 0:
            yield allowed / span


def _number(path: Path) -> int | None:
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return None


def _groups(controller: str, root: Path) -> Iterator[Path]:
    """Return the folders of this process's control groups, of either version, each with all that it lies in."""
    try:
        own = _own_groups((root / "proc/self/cgroup").read_text())
        mounts = (root / "proc/self/mountinfo").read_text().splitlines()
    except OSError:
        return
    for mount in mounts:
        left, _, right = mount.partition(" - ")
        kind, _, options = right.split(" ", 2)
        path = own.get("" if kind == "cgroup2" else controller)
        if path is None or not (kind == "cgroup2" or (kind == "cgroup" and controller in options.split(","))):
            continue
        base, point = left.split(" ")[3:5]
        top = root / point.lstrip("/")
        leaf = top / path.removeprefix(base).strip("/")
        yield from (folder for folder in (leaf, *leaf.parents) if folder == top or top in folder.parents)


def _own_groups(text: str) -> dict[str, str]:
    """Return the path of this process's group by controller, by '' in version 2."""
    fields = (line.split(":", 2) for line in text.splitlines())
    return {name: path for _, names, path in fields for name in names.split(",")}
