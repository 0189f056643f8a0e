"""Chromium without a window: found on this machine, started, and gone when it is no longer needed, whatever happens.

It is driven over a pipe, which is its life line: the pipe ends with this process, however that ends, and the browser
with the pipe.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from io import FileIO
from pathlib import Path

from salesnb.errors import problem
from salesnb.formats.devtools import Browser, BrowserError

VARIABLE = "CHROMIUM"
"""The environment variable that names the program; without it, one is looked for."""

SECONDS = 60.0
"""What it may take to start, and what one page may take."""

_DYING = 5.0
_NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "chromium-headless-shell",
    "chrome-headless-shell",
    "microsoft-edge",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
_OF_PLAYWRIGHT = ("chromium-*/chrome-*/*", "chromium_headless_shell-*/chrome-*/*")
_PROGRAMS = frozenset({"chrome", "headless_shell", "chrome-headless-shell"})
_OPTIONS = (
    "--headless=new",
    "--remote-debugging-pipe",
    "--no-first-run",
    "--no-default-browser-check",
    "--no-pings",
    "--disable-background-networking",
    "--disable-breakpad",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-dev-shm-usage",  # small in containers
    "--disable-domain-reliability",
    "--disable-extensions",
    "--disable-gpu",
    "--disable-sync",
    "--font-render-hinting=none",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--metrics-recording-only",
    "--mute-audio",
    "--password-store=basic",
    "--use-mock-keychain",
)
_LONGEST = 40
"""Letters of a folder's path that leave room for the names within, of the hundred-odd that a socket's path may have."""

_LOW = 10
"""Descriptors from here on collide with none that the browser expects."""

_BEGIN = (
    "import os, sys; asked, answered = int(sys.argv[1]), int(sys.argv[2]); os.dup2(asked, 3); "
    "os.dup2(answered, 4); os.close(asked); os.close(answered); os.execv(sys.argv[3], sys.argv[3:])"
)
"""The browser takes the pipes as its third and fourth descriptor."""


def find_browser() -> Path:
    """Return the browser's program: the one named in the environment, else of the path, else playwright's own.

    Raises
    ------
    BrowserError
        The one named is no program, or there is none.
    """
    if named := os.environ.get(VARIABLE, ""):
        if path := shutil.which(named):
            return Path(path)
        raise BrowserError(problem("browser_named", path=named))
    path = next(filter(None, map(shutil.which, _NAMES)), None)
    found = Path(path) if path else next(_of_playwright(), None)
    if found is None:
        raise BrowserError(problem("browser_none"))
    return found


def _of_playwright() -> Iterator[Path]:
    """Yield the browsers that playwright has installed, the newest first."""
    place, home = os.environ.get("PLAYWRIGHT_BROWSERS_PATH", ""), Path("~").expanduser()
    caches = (
        [Path(place)] if place else [home / part / "ms-playwright" for part in (".cache", "Library/Caches")]
    )
    found = (
        path for cache in caches for form in _OF_PLAYWRIGHT for path in sorted(cache.glob(form), reverse=True)
    )
    return (path for path in found if path.name in _PROGRAMS and path.is_file() and os.access(path, os.X_OK))


@contextmanager
def browsing(fonts: Path | None = None) -> Iterator[Browser]:
    """Start a browser; end it with all its processes and files.

    ``fonts`` is a fontconfig file for it. It runs within its sandbox where the system gives one, which is not so for
    root and in many containers; what it shows is ours, runs no script and reaches no network.

    Raises
    ------
    BrowserError
        There is none, or it does not start.
    """
    program = find_browser()
    environment = {**os.environ, **({"FONTCONFIG_FILE": str(fonts)} if fonts else {})}
    sandboxed = os.geteuid() != 0
    with ExitStack() as stack:
        try:
            found = stack.enter_context(_started(program, environment, sandboxed=sandboxed))
        except BrowserError:
            if not sandboxed:
                raise
            found = stack.enter_context(_started(program, environment, sandboxed=False))
        yield found


@contextmanager
def _started(program: Path, environment: dict[str, str], *, sandboxed: bool) -> Iterator[Browser]:
    """Start a browser with a profile of its own, and have it answer."""
    options = [*_OPTIONS, *([] if sandboxed else ["--no-sandbox"])]
    with (
        tempfile.TemporaryDirectory(
            prefix="salesnb-print-", dir=_place(), ignore_cleanup_errors=True
        ) as folder,
        (Path(folder) / "stderr").open("wb") as said,
        _pipe() as (asked, asking),
        _pipe() as (answering, answered),
    ):
        ends = (asked.fileno(), answered.fileno())
        process = subprocess.Popen(
            [sys.executable, "-S", "-E", "-c", _BEGIN, *map(str, ends), str(program), *options,
             f"--user-data-dir={folder}/profile"],
            pass_fds=ends, env={**environment, "TMPDIR": folder}, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=said, start_new_session=True,
        )  # fmt: skip
        try:
            asked.close()
            answered.close()
            words = partial(_last_words, process, Path(said.name))
            found = Browser(asking.fileno(), answering.fileno(), words)
            found.allow(SECONDS)
            found.version = found.ask("Browser.getVersion").get("product", "")
            yield found
        finally:
            _end(process)


def _place() -> str | None:
    """Return where the browser's files lie, None for the usual place; its socket needs a short path."""
    return "/tmp" if len(tempfile.gettempdir()) > _LONGEST and os.access("/tmp", os.W_OK) else None


@contextmanager
def _pipe() -> Iterator[tuple[FileIO, FileIO]]:
    """Make a pipe to read from and to write to, whose descriptors have high numbers."""
    high = []
    for end in os.pipe():
        high.append(fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, _LOW))
        os.close(end)
    with FileIO(high[0], "r") as reading, FileIO(high[1], "w") as writing:
        yield reading, writing


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the browser with all the processes that it has started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        process.wait(_DYING)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _last_words(process: subprocess.Popen[bytes], said: Path) -> str:
    """Return how a browser ended, with the last line that it wrote."""
    with suppress(subprocess.TimeoutExpired):
        process.wait(_DYING)
    lines = said.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return " ".join([str(process.returncode), *lines[-1:]])
