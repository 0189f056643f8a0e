"""What jupyter_client gets kernels from when its environment says so: forked ones, or else stock ones."""

import asyncio
import logging
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any, ClassVar

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning import LocalProvisioner

from salesnb import words
from salesnb.warm.forked import ForkedKernel, RefusedError
from salesnb.warm.request import Request
from salesnb.warm.starting import ADDRESS

_LOG = logging.getLogger(__name__)
_SECONDS_TO_END = 1.0
_FORKABLE = {"env", "cwd", "kernel_id", "extra_arguments"}
"""What a launch may ask for; anything else is for `subprocess.Popen` to understand."""


class WarmProvisioner(LocalProvisioner):
    """Forks kernels from the warm server, and starts a stock kernel wherever a fork could be anything else.

    A server that cannot fork is reported once a process; kernels of other languages or Pythons are no case for it.
    """

    _said: ClassVar[set[str]] = set()

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Launch a kernel and return how to reach it, as `LocalProvisioner` does."""
        address = os.environ.get(ADDRESS)
        if not address or not _is_forkable(cmd, kwargs):
            return await super().launch_kernel(cmd, **kwargs)
        request = _request(cmd, kwargs)
        try:
            forked = await ForkedKernel.fork(address, request)
        except RefusedError as refusal:
            self._say(refusal)
            return await super().launch_kernel(cmd, **kwargs)
        self.process = forked  # type: ignore[assignment]  # as much of one as is used
        self.pid = self.pgid = forked.pid
        self.cwd = kwargs.get("cwd", Path.cwd())
        return self.connection_info

    async def shutdown_requested(self, restart: bool = False) -> None:
        """Wait for the kernel to end as asked; the manager would look only every tenth of a second."""
        if isinstance(self.process, ForkedKernel):
            with suppress(TimeoutError):
                await asyncio.wait_for(self.process.ended(), _SECONDS_TO_END)

    async def wait(self) -> int | None:
        """Wait for the end of the process."""
        if isinstance(self.process, ForkedKernel):
            await self.process.ended()
        return await super().wait()

    def _say(self, refusal: RefusedError) -> None:
        if refusal.code not in self._said:
            self._said.add(refusal.code)
            for lang in words.LANGUAGES:
                why = words.text("warm", refusal.code, lang, **refusal.fields)
                _LOG.warning(words.text("warm", "stock", lang, why=why))


def _is_forkable(cmd: list[str], kwargs: dict[str, Any]) -> bool:
    asked = {name for name, value in kwargs.items() if value is not None}
    plain = cmd[0] == sys.executable and not any(part.startswith("~") for part in cmd)
    return plain and cmd[-1:] != ["-m"] and "ipykernel_launcher" in cmd and asked <= _FORKABLE


def _request(cmd: list[str], kwargs: dict[str, Any]) -> Request:
    environment = dict(kwargs.get("env") or os.environ)
    environment["JPY_PARENT_PID"] = str(os.getpid())
    cwd = str(Path(kwargs.get("cwd") or Path.cwd()).resolve())
    return Request(list(cmd), cwd, environment, _umask())


def _umask() -> int:
    """Return the mask for new files, which can be asked for in no other way without changing it for all threads."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1], 8) for line in lines if line.startswith("Umask:"))
