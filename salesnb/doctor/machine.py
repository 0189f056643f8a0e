"""Memory, cores and open files against the number of workers."""

import platform
import sys
from collections.abc import Iterable, Iterator
from importlib.metadata import PackageNotFoundError, metadata, requires, version

from salesnb.doctor.check import Check, Request, fail, ok, size, warn
from salesnb.doctor.workload import workload_of
from salesnb.limits import available_memory, default_workers, usable_cores

_OWN_FILES = 256
_FILES_A_WORKER = 32


def look_at_memory(request: Request) -> Iterator[Check]:
    """Hold the memory that is free against that of the workers with the largest teams."""
    free, load, workers = available_memory(), workload_of(request), workers_of(request)
    if free is None:
        yield warn("memory", "unknown", platform=sys.platform, need=size(load.memory(workers)), workers=workers)
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


# -- python itself and the packages that the project states


_EXTRA = {"s3": "s3", "s3a": "s3"}
"""The extra of the project that a protocol of ``--out`` needs."""


def look_at_python(_: Request) -> Iterator[Check]:
    """Hold the version of Python to what the project states."""
    from packaging.specifiers import SpecifierSet

    found, wanted = platform.python_version(), metadata("salesnb")["Requires-Python"]
    fields = {"found": found, "wanted": wanted, "path": sys.executable}
    fits = SpecifierSet(wanted).contains(found, prereleases=True)
    yield ok("python", "fits", **fields) if fits else fail("python", "other", **fields)


def look_at_packages(request: Request) -> Iterator[Check]:
    """Hold the packages installed to those stated; name all that are missing or of another version at once."""
    try:
        stated = requires("salesnb") or []
    except PackageNotFoundError:
        yield fail("packages", "unknown")
        return
    extra = _EXTRA.get(request.out.partition("://")[0].lower(), "") if "://" in request.out else ""
    needed = list(_needed(stated, extra))
    if wrong := list(_unmet(needed)):
        yield fail("packages", "unmet", list=", ".join(wrong), count=len(wrong), extra=f"[{extra}]" if extra else "")
    else:
        yield ok("packages", "met", count=len(needed))


def _needed(stated: Iterable[str], extra: str) -> Iterator[str]:
    """Return the requirements that hold here, without their conditions."""
    from packaging.requirements import Requirement

    for text in stated:
        need = Requirement(text)
        if not need.marker or need.marker.evaluate({"extra": extra}):
            yield f"{need.name}{need.specifier}"


def _unmet(needed: Iterable[str]) -> Iterator[str]:
    """Return each requirement that is not met, with the version that is there instead, if any is."""
    from packaging.requirements import Requirement

    for text in needed:
        need = Requirement(text)
        try:
            there = version(need.name)
        except PackageNotFoundError:
            yield text
            continue
        if not need.specifier.contains(there, prereleases=True):
            yield f"{text} ({there})"
