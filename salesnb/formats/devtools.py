"""Chromium's DevTools protocol over a pair of pipes: messages of JSON, each ended by a zero byte."""

from __future__ import annotations

import base64
import json
import os
import time
from collections.abc import Callable
from functools import partial
from select import select
from typing import Any

from salesnb.errors import SalesnbError, problem

_FETCHED = ["http://*", "https://*", "ws://*", "wss://*", "ftp://*", "file://*"]


class BrowserError(SalesnbError):
    """There is no browser to print with, or it does not do what it is asked."""


class Browser:
    """A running browser.

    Parameters
    ----------
    asking, answering
        The ends of two pipes: what is written to the first it reads, what it says is read from the second.
    died
        Called when it has closed the pipes; returns what it ended with.
    """

    def __init__(self, asking: int, answering: int, died: Callable[[], object]) -> None:
        self._asking, self._answering, self._died = asking, answering, died
        self._asked, self._rest = 0, b""
        self._loaded: set[str] = set()
        self.version = ""
        os.set_blocking(asking, False)
        self.allow(0.0)

    def allow(self, seconds: float) -> None:
        """Give it so long, from now, to do what it will be asked."""
        self._seconds, self._until = seconds, time.monotonic() + seconds

    def pdf(self, page: str, seconds: float) -> bytes:
        """Return a page, given as HTML, as PDF; its own style sets the paper, no script runs, nothing is fetched.

        Raises
        ------
        BrowserError
            It has not done so in time, has died, or refuses.
        """
        self.allow(seconds)
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        ask = partial(self.ask, _session=session)
        ask("Emulation.setScriptExecutionDisabled", value=True)
        ask("Network.enable")
        ask("Network.setBlockedURLs", urls=_FETCHED)
        ask("Page.enable")
        frame = ask("Page.getFrameTree")["frameTree"]["frame"]["id"]
        self._loaded.discard(session)
        ask("Page.setDocumentContent", frameId=frame, html=page)
        while session not in self._loaded:
            self._take()
        made = ask(
            "Page.printToPDF", printBackground=True, preferCSSPageSize=True, generateTaggedPDF=True,
            generateDocumentOutline=True,
        )  # fmt: skip
        self.ask("Target.closeTarget", targetId=target)
        return base64.b64decode(made["data"])

    def ask(self, method: str, /, _session: str = "", **given: Any) -> dict[str, Any]:
        """Have it do something and return its answer."""
        self._asked += 1
        message = {"id": self._asked, "method": method, "params": given}
        self._send(json.dumps(message | ({"sessionId": _session} if _session else {})).encode() + b"\0")
        while (answer := self._take()).get("id") != self._asked:
            pass
        if "error" in answer:
            reason = answer["error"].get("message", "-")
            raise BrowserError(problem("browser_refused", method=method, reason=reason))
        result: dict[str, Any] = answer["result"]
        return result

    def _send(self, content: bytes) -> None:
        """Write a message; what it says meanwhile is read, so that neither waits for the other."""
        left = memoryview(content)
        while left:
            if self._ready([self._answering], [self._asking]):
                self._rest += self._read()
            try:
                left = left[os.write(self._asking, left[: 1 << 16]) :]
            except BlockingIOError:
                continue
            except BrokenPipeError:
                raise self._gone() from None

    def _take(self) -> dict[str, Any]:
        """Return the next message; take down which pages have been loaded."""
        parts = [self._rest]
        while b"\0" not in parts[-1]:
            self._ready([self._answering], [])
            parts.append(self._read())
        message, _, self._rest = b"".join(parts).partition(b"\0")
        told: dict[str, Any] = json.loads(message)
        if told.get("method") == "Page.loadEventFired":
            self._loaded.add(told.get("sessionId", ""))
        return told

    def _read(self) -> bytes:
        content = os.read(self._answering, 1 << 20)
        if not content:
            raise self._gone()
        return content

    def _ready(self, reading: list[int], writing: list[int]) -> bool:
        """Wait until something can be read or written; tell whether it can be read."""
        rest = self._until - time.monotonic()
        readable, writable, _ = select(reading, writing, [], max(rest, 0.0))
        if not readable and not writable:
            raise BrowserError(problem("browser_late", seconds=f"{self._seconds:.0f}"))
        return bool(readable)

    def _gone(self) -> BrowserError:
        return BrowserError(problem("browser_died", reason=self._died()))
