"""Memory, cores and open files against the number of workers."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from salesnb.doctor.check import Check, Request, fail, ok, size, warn
from salesnb.doctor.workload import workload_of
from salesnb.limits import available_memory, default_workers, usable_cores

_OWN_FILES = 256
_FILES_A_WORKER = 32


def look_at_memory(request: Request) -> Iterator[Check]:
    """Hold the memory that is free against that of the workers with the largest teams."""
    free, load, workers = available_memory(), workload_of(request), workers_of(request)
    if free is None:
        yield warn(
            "memory", "unknown", platform=sys.platform, need=size(load.memory(workers)), workers=workers
        )
        return
    need, fits = load.memory(workers), load.workers_within(free)
    fields = {"free": size(free), "need": size(need), "workers": f"{workers:,}", "fits": f"{fits:,}"}
    if free >= need:
        yield ok("memory", "enough", **fields)
    elif fits:
        yield fail("memory", "short", **fields, advised=min(fits, default_workers()))
    else:
        yield fail("memory", "none", **fields)


def look_at_cores(request: Request) -> Iterator[Check]:
    """Hold the cores that this process may use against the number of workers."""
    cores, workers = usable_cores(), workers_of(request)
    fields = {"cores": f"{cores:g}", "workers": f"{workers:,}", "advised": default_workers()}
    yield warn("cores", "few", **fields) if workers > max(1, cores) else ok("cores", "enough", **fields)


def look_at_open_files(request: Request) -> Iterator[Check]:
    """Hold the limit of open files against a file per team, which making the store takes, and those of the workers."""
    try:
        import resource
    except ImportError:
        yield warn("files", "unknown", platform=sys.platform)
        return
    limit, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    need = _OWN_FILES + workload_of(request).teams + _FILES_A_WORKER * workers_of(request)
    unlimited = limit == resource.RLIM_INFINITY
    fields = {"limit": "∞" if unlimited else f"{limit:,}", "need": need}
    if unlimited or limit >= need:
        yield ok("files", "enough", **fields)
    else:
        yield fail("files", "few" if most == resource.RLIM_INFINITY or most >= need else "capped", **fields)


def workers_of(request: Request) -> int:
    """Return how many workers the batch would start, as it reckons itself."""
    return request.workers or default_workers()
