"""A client that takes a kernel for ready when it is."""

import asyncio
import time
from typing import Any

from jupyter_client.asynchronous import AsyncKernelClient
from jupyter_client.manager import KernelManager

_SECONDS_TO_REPLY = 1.0
_SECONDS_TO_SETTLE = 0.2


class PromptKernelClient(AsyncKernelClient):
    """Waits until the kernel has answered and gone idle, where the stock client then sleeps a fifth of a second.

    What the kernel published up to then belongs to no cell, and is dropped as the stock client drops it.
    """

    async def _async_wait_for_ready(self, timeout: float | None = None) -> None:
        if not isinstance(self.parent, KernelManager):  # nobody here knows whether it lives: only its heartbeat does
            await super()._async_wait_for_ready(timeout)
            return
        deadline = float("inf") if timeout is None else time.monotonic() + timeout
        asked: set[str] = set()
        while not await self._is_ready(asked):
            if not await self._async_is_alive():
                raise RuntimeError("Kernel died before replying to kernel_info")
            if time.monotonic() > deadline:
                raise RuntimeError(f"Kernel didn't respond in {timeout:.0f} seconds")

    wait_for_ready = _async_wait_for_ready

    async def _is_ready(self, asked: set[str]) -> bool:
        """Ask what the kernel is; return whether it answered this or an earlier time and was heard to go idle then."""
        asked.add(self.kernel_info())
        reply = await self._find(self.get_shell_msg, asked, "kernel_info_reply", _SECONDS_TO_REPLY)
        if reply is None:
            return False
        answered = {reply["parent_header"]["msg_id"]}
        # Not heard where the kernel spoke before this client had subscribed: then ask again.
        if not await self._find(self.get_iopub_msg, answered, "idle", _SECONDS_TO_SETTLE):
            return False
        self._handle_kernel_info_reply(reply)
        return True

    async def _find(self, receive: Any, asked: set[str], what: str, seconds: float) -> dict[str, Any] | None:
        """Return the message of a kind that answers a request, None where there is none in time; drop all others."""
        try:
            async with asyncio.timeout(seconds):
                while True:
                    message: dict[str, Any] = await receive(timeout=None)
                    kinds = {message["msg_type"], message["content"].get("execution_state")}
                    if what in kinds and message["parent_header"].get("msg_id") in asked:
                        return message
        except TimeoutError:
            return None
