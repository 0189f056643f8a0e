"""The process that kernels are forked from: ``python -m salesnb.warm.server DESCRIPTOR MODULE...``.

One loop, one thread, no signal handlers, so that a fork takes along nothing that would have to be undone. It ends when
its standard input does, which the process that started it holds open, and takes its kernels with it.
"""

import gc
import os
import selectors
import signal
import socket
import sys
from dataclasses import dataclass
from pathlib import Path

if __name__ == "__main__" and sys.path[:1] in ([""], [str(Path.cwd())]):
    del sys.path[0]  # as ipykernel_launcher does: a kernel has the folder of its notebook there

from salesnb.warm import kernel
from salesnb.warm.importing import Imported, import_as_in_a_kernel
from salesnb.warm.request import Asked, News, Request, pack, receive_request

_SECONDS_TO_ASK = 10.0


@dataclass
class Forked:
    """The server's half of a kernel: its process, and the connection of the one who asked for it."""

    pid: int
    handle: int
    connection: socket.socket
    ended: bool = False

    def tell(self, news: News) -> None:
        """Send news; an asker who has gone does not want it."""
        try:
            self.connection.sendall(pack(news))
        except OSError:
            return

    def close(self) -> None:
        """Let go of the descriptors, not of the process."""
        self.connection.close()
        os.close(self.handle)


class Server:
    """Forks a kernel for each request, tells how it ended, and kills it when the asker has gone."""

    def __init__(self, listener: socket.socket, imported: Imported) -> None:
        self.imported = imported
        self.pid = os.getpid()
        self._listener = listener
        self._selector = selectors.PollSelector()
        self._selector.register(0, selectors.EVENT_READ, None)
        self._selector.register(listener, selectors.EVENT_READ, None)
        self._kernels: list[Forked] = []

    def serve(self) -> Asked | None:
        """Serve until the end, then return None; in each forked process, return the request that it is to fulfil."""
        while True:
            for key, _ in self._selector.select():
                if key.fileobj == 0:
                    self._end()
                    return None
                if key.fileobj is self._listener:
                    if asked := self._accept():
                        return asked
                elif key.data in self._kernels:
                    self._news_of(key.data, key.fd)

    def _accept(self) -> Asked | None:
        """Take the next request, and return it in the process that is forked for it."""
        connection, _ = self._listener.accept()
        connection.settimeout(_SECONDS_TO_ASK)
        try:
            asked = receive_request(connection)
        except (OSError, ValueError, TypeError):
            connection.close()
            return None
        if refusal := self._refusal(asked.request):
            asked.refuse(*refusal)
            return None
        return asked if self._fork(asked) else None

    def _refusal(self, request: Request) -> tuple[str, dict[str, str]] | None:
        # Only the thread that forks is there afterwards; what the others held locked would stay locked for ever.
        threads = sum(1 for _ in Path("/proc/self/task").iterdir())
        if threads > 1:
            return "threads", {"count": str(threads)}
        return self.imported.obstacle(request)

    def _fork(self, asked: Asked) -> bool:
        """Fork, and tell whether this is the new process."""
        try:
            pid = os.fork()
        except OSError as fault:
            asked.refuse("no_process", {"error": str(fault)})
            return False
        if pid == 0:
            self._let_go()
            return True
        asked.close_streams()
        forked = Forked(pid, os.pidfd_open(pid), asked.connection)
        self._kernels.append(forked)
        self._selector.register(forked.handle, selectors.EVENT_READ, forked)
        self._selector.register(forked.connection, selectors.EVENT_READ, forked)
        return False

    def _let_go(self) -> None:
        """Close, in a forked process, what belongs to the server and to other kernels."""
        self._selector.close()
        self._listener.close()
        for other in self._kernels:
            other.close()

    def _news_of(self, forked: Forked, descriptor: int) -> None:
        if descriptor == forked.handle:
            self._tell_end(forked)
        else:
            self._forget(forked)

    def _tell_end(self, forked: Forked) -> None:
        """Tell how a kernel ended; it keeps its number until the asker knows, lest a signal hit another process."""
        self._selector.unregister(forked.handle)
        forked.ended = True
        found = os.waitid(os.P_PID, forked.pid, os.WEXITED | os.WNOWAIT)
        assert found
        forked.tell({"exit": found.si_status if found.si_code == os.CLD_EXITED else -found.si_status})

    def _forget(self, forked: Forked) -> None:
        """Be done with a kernel whose asker has hung up."""
        self._selector.unregister(forked.connection)
        if not forked.ended:
            self._selector.unregister(forked.handle)
            _kill(forked.pid)
        os.waitpid(forked.pid, 0)
        forked.close()
        self._kernels.remove(forked)

    def _end(self) -> None:
        for forked in self._kernels:
            if not forked.ended:
                _kill(forked.pid)


def _kill(pid: int) -> None:
    """Kill a kernel with all that it started; one that has not yet a group of its own, alone."""
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        os.kill(pid, signal.SIGKILL)


def main() -> None:
    """Import, serve, and in each forked process be the kernel.

    The kernel runs in this very frame: as deep in the stack as a stock kernel, whose depth a notebook can see.
    """
    descriptor, *modules = sys.argv[1:]
    listener = socket.socket(fileno=int(descriptor))
    server = Server(listener, import_as_in_a_kernel(modules))
    gc.collect()
    gc.freeze()  # what is here now is shared by all kernels as long as no collection touches it
    asked = server.serve()
    if asked is None:
        return
    code = 0
    try:
        kernel.detach(asked, server.imported, server.pid)
        app = kernel.start(asked.connection)
        app.start()
        kernel.hang_up(app)
    except SystemExit as leaving:
        code = leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
    except KeyboardInterrupt:  # the batch was stopped while this kernel came up: there is nothing to tell
        code = kernel.INTERRUPTED
    except BaseException:
        sys.excepthook(*sys.exc_info())
        code = 1
    kernel.leave(code, server.imported)


if __name__ == "__main__":
    main()
