"""Python itself and the packages that the project states."""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterable, Iterator
from importlib.metadata import PackageNotFoundError, metadata, requires, version

from salesnb.doctor.check import Check, Request, fail, ok

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
        yield fail(
            "packages", "unmet", list=", ".join(wrong), count=len(wrong), extra=f"[{extra}]" if extra else ""
        )
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
