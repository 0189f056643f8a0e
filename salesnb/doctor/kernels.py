"""Kernels: one is really started in each way that a batch starts them, and has to answer."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from salesnb import words
from salesnb.doctor.check import Check, Request, fail, ok, warn
from salesnb.doctor.probe import ANSWER, SECONDS

_LIMIT = SECONDS + 30
"""Seconds for the whole probe: importing and ending too."""
_SECONDS_TO_END = 10
_STOPS = " .。"


def look_at_stock_kernel(_: Request) -> Iterator[Check]:
    """Find the kernel that notebooks ask for and start it."""
    found = _asked(warm_kernels=False)
    if not found.get("own", True):
        yield fail("kernel", "foreign", folder=found["folder"], command=" ".join(found["command"]), own=sys.prefix)
    elif found.get("late"):
        yield fail("kernel", "late", seconds=_LIMIT)
    elif found.get("answer") != ANSWER:
        yield fail("kernel", "silent", folder=found.get("folder", "-"), reason=_why(found))
    elif not Path(found["python"]).exists() or not Path(found["python"]).samefile(sys.executable):
        yield fail("kernel", "other", folder=found["folder"], found=found["python"], own=sys.executable)
    else:
        yield ok("kernel", "answers", folder=found["folder"], seconds=found["seconds"])


def look_at_warm_kernel(_: Request) -> Iterator[Check]:
    """Have a kernel forked from a warm server; without it a batch is slower and finds the same."""
    from salesnb import warm

    if not warm.supported():
        yield warn("warm", "unsupported", platform=sys.platform)
        return
    found = _asked(warm_kernels=True)
    if found.get("answer") != ANSWER:
        yield (
            warn("warm", "late", seconds=_LIMIT) if found.get("late") else warn("warm", "silent", reason=_why(found))
        )
    elif not found["forked"]:
        yield warn("warm", "stock", reason=_why(found))
    else:
        yield ok("warm", "answers", seconds=found["seconds"])


def _asked(*, warm_kernels: bool) -> dict[str, Any]:
    """Run the probe as a batch runs its workers; return what it found, ``late`` or ``said`` where it found nothing."""
    from salesnb.batch.kernels import kernel_place

    with kernel_place(warm_kernels=warm_kernels) as environment:
        return _probed(environment)


def _probed(environment: Mapping[str, str]) -> dict[str, Any]:
    command = [sys.executable, "-m", "salesnb.doctor.probe"]
    with tempfile.TemporaryDirectory(prefix="snb-doctor-") as folder:
        # Not pipes: a kernel that goes on would hold them open, and who reads them to their end would wait for it.
        out, err = Path(folder, "printed"), Path(folder, "complaints")
        with out.open("wb") as printing, err.open("wb") as complaining:
            running = subprocess.Popen(
                command, cwd=folder, env={**os.environ, **environment}, stdin=subprocess.DEVNULL, stdout=printing,
                stderr=complaining,
            )  # fmt: skip
            try:
                running.wait(_LIMIT)
            except subprocess.TimeoutExpired:
                _end(running)
                return {"late": True}
        printed, complaints = (path.read_text("utf-8", errors="replace") for path in (out, err))
    said = _last_words(complaints)
    try:
        return {"said": said, **json.loads(printed.strip().rpartition("\n")[2])}
    except ValueError:
        return {"said": said or f"exit {running.returncode}"}


def _end(running: subprocess.Popen[bytes]) -> None:
    """Interrupt a process, so that it ends its kernel; kill it where it does not listen."""
    running.send_signal(signal.SIGINT)
    try:
        running.wait(_SECONDS_TO_END)
    except subprocess.TimeoutExpired:
        running.kill()
        running.wait()


def _why(found: Mapping[str, Any]) -> object:
    """Return what is known of the reason, in every language where it is worded, without the stop at its end."""
    why = found.get("reason") or found.get("said") or "-"
    return {lang: text.rstrip(_STOPS) for lang, text in why.items()} if isinstance(why, dict) else why.rstrip(_STOPS)


def _last_words(printed: str) -> str | dict[str, str]:
    """Return the last line printed; the last of each language where it was said in each, as the kit does."""
    lines = printed.strip().splitlines()
    last = lines[-len(words.LANGUAGES) :]
    if len(last) == len(words.LANGUAGES) and last[-1] and not last[-1].isascii():
        return dict(zip(words.LANGUAGES, last, strict=True))
    return lines[-1] if lines else ""
