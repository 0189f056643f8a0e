"""The places that a batch writes to: tried by writing, measured, and asked for who else is at work there."""

import os
import secrets
import socket
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from threading import Thread

from salesnb.doctor.check import Check, Request, fail, ok, size, warn
from salesnb.doctor.workload import MB, REPORT, REPORT_FILES, source_of, store_folder, workload_of
from salesnb.errors import SalesnbError
from salesnb.places import Place, is_url, open_place

SECONDS = 60
"""What a place may take to answer; its own tools try for much longer."""

FLOOR = 500 * MB
_SMALLEST = 10 * MB
_FILES = 200
_LONGEST_SOCKET = 100
"""A socket's path may have few letters; beyond this a batch's kernels talk over ports."""


def look_at_place(request: Request) -> Iterator[Check]:
    """Write a file to each place, read it back and remove it; say who else runs a batch there."""
    for where in _places(request):
        place = open_place(where)
        fault = _in_time(partial(_try, place))
        if isinstance(fault, TimeoutError):
            yield fail("place", "late", place=place.shown, seconds=SECONDS)
        elif isinstance(fault, SalesnbError):
            code = "bucket" if place.shown.startswith("s3") else "problem"
            yield from (fail("place", code, problem=p) for p in fault.problems)
        elif isinstance(fault, OSError):
            yield fail("place", "refused", place=place.shown, reason=fault.strerror or fault)
        elif fault:
            raise fault
        else:
            yield ok("place", "works", place=place.shown)
            if where == request.out:
                yield _others(place)


def look_at_disks(request: Request) -> Iterator[Check]:
    """Hold what is free on each disk that is written to against what a batch is likely to write there."""
    load = workload_of(request)
    needs = [(Path(tempfile.gettempdir()), _SMALLEST, _FILES)]
    with suppress(SalesnbError):  # said where the settings are read
        needs.insert(0, (store_folder(request).parent, load.store_bytes, _FILES))
    with suppress(SalesnbError):  # said where the place is tried
        if reports := open_place(request.out).local:
            needs.insert(0, (reports, REPORT * load.report_count, REPORT_FILES * load.report_count))
    disks: dict[int, list[tuple[Path, int, int]]] = {}
    for path, room, files in needs:
        disks.setdefault(_existing(path).stat().st_dev, []).append((path, room, files))
    for parts in disks.values():
        yield _disk(parts, teams=load.teams, known=load.known)


def look_at_sockets(_: Request) -> Iterator[Check]:
    """Open a socket file where kernels will have theirs."""
    if not hasattr(socket, "AF_UNIX"):
        yield warn("sockets", "unsupported", platform=sys.platform)
        return
    with tempfile.TemporaryDirectory(prefix=f"snb-{os.getpid()}-") as folder:
        path = Path(folder) / ("0" * 12 + "-5")
        if len(str(path)) > _LONGEST_SOCKET:
            yield warn("sockets", "long", folder=tempfile.gettempdir(), count=len(str(path)), most=_LONGEST_SOCKET)
            return
        try:
            with socket.socket(socket.AF_UNIX) as listener:
                listener.bind(str(path))
                listener.listen(1)
        except OSError as fault:
            yield fail("sockets", "refused", folder=tempfile.gettempdir(), reason=fault.strerror or fault)
        else:
            yield ok("sockets", "open", folder=tempfile.gettempdir())


def _places(request: Request) -> Iterator[str]:
    """Return the place of the reports and that of a shared store, where the settings name one."""
    yield request.out
    with suppress(SalesnbError, OSError):
        shared = source_of(request)[2].store
        if is_url(shared) and open_place(shared).local is None:
            yield shared


def _try(place: Place) -> None:
    """Write, read, remove; leave a local folder that was not there as it was."""
    name, content = f".salesnb-doctor-{secrets.token_hex(6)}", secrets.token_bytes(1000)
    made = [p for p in (place.local, *place.local.parents) if not p.exists()] if place.local else []
    try:
        place.write(name, content)
        if place.read(name) != content:
            raise OSError(None, "what was read is not what was written")
        place.remove(name)
    finally:
        for folder in made:
            with suppress(OSError):
                folder.rmdir()


def _in_time(work: Callable[[], None]) -> Exception | None:
    """Do something and return what it raised; TimeoutError where it has not ended in time, and then leave it."""
    raised: list[Exception] = []

    def run() -> None:
        try:
            work()
        except Exception as fault:
            raised.append(fault)

    thread = Thread(target=run, daemon=True)
    thread.start()
    thread.join(SECONDS)
    return TimeoutError() if thread.is_alive() else next(iter(raised), None)


def _others(place: Place) -> Check:
    from salesnb.batch.events import LOCK

    owner = place.holder(LOCK)
    return warn("batch", "running", owner=owner) if owner is not None else ok("batch", "none")


def _disk(parts: list[tuple[Path, int, int]], *, teams: int, known: bool) -> Check:
    """Hold the disk of these paths against what they need together."""
    paths = ", ".join(str(path) for path, _, _ in parts)
    needed, files = sum(room for _, room, _ in parts), sum(count for _, _, count in parts)
    disk = os.statvfs(_existing(parts[0][0]))
    free = disk.f_bavail * disk.f_frsize
    fields = {"paths": paths, "free": size(free), "need": size(max(needed, FLOOR)), "teams": teams}
    if free < needed:
        return fail("disk", "full", **fields | {"need": size(needed)})
    if disk.f_files and disk.f_favail < files:  # a disk without a fixed number of files says 0
        return fail("disk", "files", **fields, count=f"{disk.f_favail:,}", files=f"{files:,}")
    if free < FLOOR:
        return warn("disk", "tight", **fields)
    return ok("disk", "enough" if known else "enough_assumed", **fields)


def _existing(path: Path) -> Path:
    """Return the nearest that exists of a path and what it lies in."""
    return next(p for p in (path.absolute(), *path.absolute().parents) if p.exists())
