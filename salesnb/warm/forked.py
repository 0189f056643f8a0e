"""The asker's half of a forked kernel: like a child process to look at, though it is the server's child."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import time
from collections import deque
from contextlib import suppress
from typing import ClassVar

from salesnb.warm.request import News, Request, send_request

_SECONDS_TO_BIND = 5.0
_SECONDS_BETWEEN_LOOKS = 0.01


class RefusedError(Exception):
    """There will be no forked kernel; ``code`` and ``fields`` say why, as in ``words/warm.toml``."""

    def __init__(self, code: str, fields: dict[str, str] | None = None) -> None:
        self.code, self.fields = code, fields or {}
        super().__init__(code)


class ForkedKernel:
    """A kernel process, with as much of `subprocess.Popen` as jupyter_client uses."""

    stdin = stdout = stderr = None

    _living: ClassVar[set[ForkedKernel]] = set()
    """Kernels outlive whoever forgets them, as child processes do; the server kills one whose connection closes."""

    def __init__(self, connection: socket.socket) -> None:
        self.pid = 0
        self.returncode: int | None = None
        self._is_begun = False
        self._connection = connection
        self._lines = b""
        self._news: deque[News] = deque()

    @classmethod
    async def fork(cls, address: str, request: Request, streams: tuple[int, int] = (1, 2)) -> ForkedKernel:
        """Have the server at ``address`` fork a kernel and wait until it can be spoken to; raise `RefusedError`."""
        connection = socket.socket(socket.AF_UNIX)
        kernel = cls(connection)
        try:
            connection.connect(address)
            send_request(connection, request, streams)
            connection.setblocking(False)
            await kernel._begin()
        except OSError as fault:
            raise RefusedError("gone") from fault
        finally:
            if not kernel._is_begun:
                connection.close()
        return kernel

    def poll(self) -> int | None:
        """Return the exit code, negative for a signal, or None while the kernel runs."""
        while self.returncode is None:
            try:
                self._take(self._connection.recv(4096))
            except BlockingIOError:
                break
            except OSError:
                self._take(b"")
        return self.returncode

    async def ended(self) -> int:
        """Wait for the end and return the exit code."""
        while (code := self.poll()) is None:
            await asyncio.sleep(_SECONDS_BETWEEN_LOOKS)
        return code

    def wait(self, timeout: float | None = None) -> int:
        """Return the exit code; raise `subprocess.TimeoutExpired` where there is none in time."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while (code := self.poll()) is None:
            if deadline is not None and time.monotonic() > deadline:
                raise subprocess.TimeoutExpired("kernel", timeout or 0)
            time.sleep(_SECONDS_BETWEEN_LOOKS)
        return code

    def send_signal(self, signum: int) -> None:
        """Send a signal to the process, if it has not ended."""
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, signum)

    def kill(self) -> None:
        """Kill the process."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask the process to end."""
        self.send_signal(signal.SIGTERM)

    async def _begin(self) -> None:
        first = await self._next()
        if "refused" in first:
            raise RefusedError(first["refused"], first["fields"])
        if "pid" not in first:
            raise RefusedError("gone")
        self.pid = first["pid"]
        # Whoever connects before the kernel listens has to try again, and tries only every tenth of a second.
        with suppress(TimeoutError):
            await asyncio.wait_for(self._next(), _SECONDS_TO_BIND)
        self._is_begun = True
        if self.returncode is None:
            self._living.add(self)

    async def _next(self) -> News:
        loop = asyncio.get_running_loop()
        while not self._news and self.returncode is None:
            self._take(await loop.sock_recv(self._connection, 4096))
        return self._news.popleft() if self._news else {"exit": self.returncode}

    def _take(self, received: bytes) -> None:
        """Take in what the server sent; nothing at all means that it died, and the kernel with it."""
        *lines, self._lines = (self._lines + received).split(b"\n")
        self._news.extend(json.loads(line) for line in lines)
        if self._news and "exit" in self._news[-1]:
            self._end(self._news[-1]["exit"])
        elif not received:
            self._end(-signal.SIGKILL)

    def _end(self, code: int) -> None:
        self.returncode = code
        self._connection.close()
        self._living.discard(self)
