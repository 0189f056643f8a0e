"""The next kernel, started while a notebook is still at work: whoever needs one finds it ready."""

import asyncio
import atexit
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import cache

from jupyter_client.manager import AsyncKernelManager
from traitlets.config import Config

KERNEL = "python3"


class SpareKernels:
    """One kernel ahead. It has run nothing, and each is used once: what a notebook gets is as new as ever."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="spare-kernel")
        self._next: Future[AsyncKernelManager] | None = None
        self._retiring: list[Future[None]] = []

    def prepare(self, config: Config, arguments: Sequence[str]) -> None:
        """Begin to start a kernel, where none is ready or on its way."""
        if self._next is None:
            self._next = self._threads.submit(_started, config, list(arguments))

    def take(self, config: Config, arguments: Sequence[str]) -> AsyncKernelManager:
        """Return a kernel that was just started and is nobody else's; raise what its start raised."""
        waiting, self._next = self._next, None
        if waiting is not None:
            # It may have been killed, or memory was short at that moment: one more try.
            with suppress(Exception):
                manager = waiting.result()
                if asyncio.run(manager._async_is_alive()):
                    return manager
        return self._threads.submit(_started, config, list(arguments)).result()

    def retire(self, manager: AsyncKernelManager) -> None:
        """Begin to end a kernel that has done its work; `settle` waits for it."""
        self._retiring.append(self._threads.submit(_ended, manager))

    def settle(self) -> None:
        """Wait until all kernels that were retired have ended, with whatever they had to do at their end."""
        while self._retiring:
            with suppress(Exception):  # it had died before
                self._retiring.pop().result()

    def close(self) -> None:
        """End the kernel that nobody took, and wait for those that were retired."""
        self.settle()
        waiting, self._next = self._next, None
        if waiting is not None:
            with suppress(Exception):
                asyncio.run(waiting.result()._async_shutdown_kernel(now=True))
        self._threads.shutdown()


@cache
def spare_kernels() -> SpareKernels:
    """Return this process's spare kernels; they end with it."""
    made = SpareKernels()
    atexit.register(made.close)
    return made


def _started(config: Config, arguments: list[str]) -> AsyncKernelManager:
    async def start() -> AsyncKernelManager:
        manager = AsyncKernelManager(kernel_name=KERNEL, config=config)
        await manager.start_kernel(extra_arguments=arguments)
        return manager

    return asyncio.run(start())


def _ended(manager: AsyncKernelManager) -> None:
    """End a kernel as nbclient does: it is asked to, and killed if it does not."""

    async def end() -> None:
        try:
            await manager._async_shutdown_kernel()
        finally:
            await manager._async_cleanup_resources()

    asyncio.run(end())
