"""Chromium without a window, driven by playwright: found on this machine, started, gone when no longer needed.

Playwright's driver is a process whose life line is a pipe from this one, and the browser's is a pipe from the driver:
both end with this process, however that ends.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from salesnb.errors import SalesnbError, problem

if TYPE_CHECKING:
    from playwright import async_api

VARIABLE = "CHROMIUM"
"""The environment variable that names the program; without it, one is looked for."""

SECONDS = 60.0
"""What it may take to start, and what one page may take."""

_NAMES = (
    "chromium-headless-shell",
    "chrome-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
_OF_PLAYWRIGHT = ("chromium-*/chrome-*/*", "chromium_headless_shell-*/chrome-*/*")
_PROGRAMS = frozenset({"chrome", "headless_shell", "chrome-headless-shell"})
_OPTIONS = ("--disable-gpu", "--font-render-hinting=none", "--host-resolver-rules=MAP * ~NOTFOUND")
_LONGEST = 40
"""Letters of a folder's path that leave room for the names within, of the hundred-odd that a socket's path may have."""


class BrowserError(SalesnbError):
    """There is no browser to print with, or it does not do what it is asked."""


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
    caches = [Path(place)] if place else [home / part / "ms-playwright" for part in (".cache", "Library/Caches")]
    found = (path for cache in caches for form in _OF_PLAYWRIGHT for path in sorted(cache.glob(form), reverse=True))
    return (path for path in found if path.name in _PROGRAMS and path.is_file() and os.access(path, os.X_OK))


class Browser:
    """A running browser; it does nothing between two questions."""

    def __init__(self, running: async_api.BrowserContext, runner: asyncio.Runner) -> None:
        self._running, self._runner = running, runner
        self.version = f"Chromium {running.browser.version if running.browser else ''}".rstrip()

    def pdf(self, page: str, seconds: float) -> bytes:
        """Return a page, given as HTML, as PDF; its own style sets the paper, no script runs, nothing is fetched.

        Raises
        ------
        BrowserError
            It has not done so in time, or has died.
        """
        with _told(seconds):
            return self._runner.run(asyncio.wait_for(self._printed(page), seconds))

    async def _printed(self, page: str) -> bytes:
        opened = await self._running.new_page()
        await opened.set_content(page, timeout=0)
        made = await opened.pdf(print_background=True, prefer_css_page_size=True, tagged=True, outline=True)
        await opened.close()
        return made


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
    program, api = find_browser(), playwright_api()
    with (
        tempfile.TemporaryDirectory(prefix="salesnb-print-", dir=_place(), ignore_cleanup_errors=True) as folder,
        asyncio.Runner() as runner,
    ):
        environment = {**os.environ, "TMPDIR": folder, **({"FONTCONFIG_FILE": str(fonts)} if fonts else {})}
        driver = runner.run(api.async_playwright().start())
        launch = partial(
            driver.chromium.launch_persistent_context, f"{folder}/profile", executable_path=program,
            args=_OPTIONS, env=environment, timeout=SECONDS * 1000, java_script_enabled=False, offline=True,
        )  # fmt: skip
        try:
            with _told(SECONDS):
                running = runner.run(_started(launch))
            yield Browser(running, runner)
        finally:
            runner.run(driver.stop())


async def _started(launch: Callable[..., Awaitable[async_api.BrowserContext]]) -> async_api.BrowserContext:
    """Start it within its sandbox where there may be one, else without."""
    if os.geteuid() != 0:
        with suppress(playwright_api().Error):
            return await launch(chromium_sandbox=True)
    return await launch(chromium_sandbox=False)


def playwright_api() -> ModuleType:
    """Return what drives a browser; raise BrowserError where that is not installed, being an extra."""
    try:
        from playwright import async_api
    except ImportError:
        raise BrowserError(problem("browser_package")) from None
    return async_api


def _place() -> str | None:
    """Return where the browser's files lie, None for the usual place; its socket needs a short path."""
    return "/tmp" if len(tempfile.gettempdir()) > _LONGEST and os.access("/tmp", os.W_OK) else None


@contextmanager
def _told(seconds: float) -> Iterator[None]:
    """Tell what the driver says as a problem of the browser."""
    try:
        yield
    except (TimeoutError, playwright_api().TimeoutError):
        raise BrowserError(problem("browser_late", seconds=f"{seconds:.0f}")) from None
    except playwright_api().Error as fault:
        raise BrowserError(problem("browser_died", reason=_last_words(str(fault)))) from None


def _last_words(said: str) -> str:
    """Return how a browser ended and the last line that it wrote, else the first of what the driver says."""
    written = [found[-1] for part in (r"exitCode=(\w+)", r"\[err\] (.+)") if (found := re.findall(part, said))]
    return " ".join(written) or said.partition("\n")[0]
