"""Kernels: one is really started in each way that a batch starts them, and has to answer."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from salesnb.doctor.check import Check, Request, fail, ok, warn
from salesnb.doctor.probe import ANSWER, SECONDS

_LIMIT = SECONDS + 30
"""Seconds for the whole probe: importing and ending too."""


def look_at_stock_kernel(_: Request) -> Iterator[Check]:
    """Find the kernel that notebooks ask for and start it."""
    found = _asked(warm_kernels=False)
    if not found.get("own", True):
        yield fail(
            "kernel", "foreign", folder=found["folder"], command=" ".join(found["command"]), own=sys.prefix
        )
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
            warn("warm", "late", seconds=_LIMIT)
            if found.get("late")
            else warn("warm", "silent", reason=_why(found))
        )
    elif not found["forked"]:
        yield warn("warm", "stock", reason=found.get("said") or "-")
    else:
        yield ok("warm", "answers", seconds=found["seconds"])


def _asked(*, warm_kernels: bool) -> dict[str, Any]:
    """Run the probe as a batch runs its workers; return what it found, ``late`` or ``said`` where it found nothing."""
    from salesnb.batch.kernels import kernel_place

    with kernel_place(warm_kernels=warm_kernels) as environment:
        return _probed(environment)


def _probed(environment: Mapping[str, str]) -> dict[str, Any]:
    command = [sys.executable, "-m", "salesnb.doctor.probe"]
    with tempfile.TemporaryDirectory(prefix="snb-") as folder:
        try:
            ran = subprocess.run(
                command, cwd=folder, env={**os.environ, **environment}, stdin=subprocess.DEVNULL,
                capture_output=True, text=True, errors="replace", timeout=_LIMIT,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return {"late": True}
    said = ran.stderr.strip().rpartition("\n")[2]
    try:
        return {"said": said, **json.loads(ran.stdout.strip().rpartition("\n")[2])}
    except ValueError:
        return {"said": said or f"exit {ran.returncode}"}


def _why(found: Mapping[str, Any]) -> object:
    return found.get("reason") or found.get("said") or "-"
