"""Turn a forked process into a kernel that nobody can tell from a stock one, and end it as a stock one ends."""

import atexit
import ctypes
import gc
import importlib.util
import io
import multiprocessing.process
import os
import signal
import socket
import sys
import threading
import traceback
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any

from salesnb.warm.importing import Imported
from salesnb.warm.request import Asked, pack

_PR_SET_PDEATHSIG = 1
_SECONDS_TO_HANG_UP = 1.0

INTERRUPTED = 130
"""How a kernel ends whose batch was stopped while it came up, as a shell tells of an interrupt."""


def detach(asked: Asked, imported: Imported, server: int) -> None:
    """Give a forked process what a child process of the asker would have: session, streams, environment, folder."""
    request = asked.request
    os.setsid()
    _die_with(server)
    _connect(asked.streams)
    os.environ.clear()
    os.environ.update({**request.environment, **imported.set_by_kernel})
    os.chdir(request.cwd)
    os.umask(request.umask)
    launcher = importlib.util.find_spec("ipykernel_launcher")
    assert launcher
    assert launcher.origin
    sys.orig_argv = list(request.command)
    sys.argv = [launcher.origin, *request.command[request.command.index("-m") + 2 :]]
    _renew(imported)
    _tell(asked.connection, {"pid": os.getpid()})


def start(connection: socket.socket) -> Any:
    """Return ipykernel's application, ready to be started, and tell the asker so."""
    from ipykernel.kernelapp import IPKernelApp

    app = IPKernelApp.instance(parent_handle=os.getppid())
    app.initialize()
    _tell(connection, {"bound": True})
    connection.close()
    return app


def _tell(connection: socket.socket, message: dict[str, Any]) -> None:
    """Send the asker a message; if nobody listens any more, leave as one who was interrupted."""
    try:
        connection.sendall(pack(message))
    except ConnectionError:
        raise SystemExit(INTERRUPTED) from None


def hang_up(app: Any) -> None:
    """Let the control thread finish before its ways out are closed.

    ipykernel closes the one it reports its last state on, then waits for it: now and then for as long as it may.
    """
    app.control_thread.stop()
    app.control_thread.join(_SECONDS_TO_HANG_UP)


def leave(code: int, imported: Imported) -> None:
    """End the process as Python ends, but without taking down the modules that were there before the notebook.

    Threads are waited for, what was registered with ``atexit`` runs, and the notebook's own objects are let go, so that
    their files are written. The rest would only give back memory that the system takes anyway.
    """
    try:
        threading._shutdown()  # type: ignore[attr-defined]
        atexit._run_exitfuncs()
        _let_go(imported)
    except BaseException:
        traceback.print_exc(file=sys.__stderr__)
    os._exit(code)


def _let_go(imported: Imported) -> None:
    threading.excepthook = _ignore  # threads that nobody waits for lose the ground under them now, as ever
    for name in [n for n in sys.modules if n not in imported.modules or n == "__main__"]:
        module = sys.modules.pop(name)
        if isinstance(module, ModuleType):
            vars(module).clear()
    gc.collect()
    for thing in [sys.__stdout__, sys.__stderr__, *gc.get_objects()]:
        if isinstance(thing, io.IOBase):
            with suppress(Exception):  # closed, detached, or nobody reads the pipe any more
                thing.flush()


def _ignore(_: object) -> None:
    pass


def _die_with(server: int) -> None:
    """Have the system kill this process when the server dies, even if the server cannot."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != server:
        os._exit(1)


def _connect(streams: list[int]) -> None:
    """Put the asker's output and error in place, and an input that is at its end, as jupyter_client gives it."""
    ended, writing = os.pipe()
    os.close(writing)
    for fd, place in zip((ended, *streams), range(3), strict=True):
        os.dup2(fd, place)
        if fd > place:
            os.close(fd)
    if isinstance(sys.__stdout__, io.TextIOWrapper):
        sys.__stdout__.reconfigure(line_buffering=os.isatty(1))


def _renew(imported: Imported) -> None:
    """Make anew what modules keep for their process: its folder, its secret, its random numbers."""
    multiprocessing.process.ORIGINAL_DIR = str(Path.cwd())  # type: ignore[attr-defined]
    multiprocessing.process.current_process().authkey = os.urandom(32)
    if numbers := imported.held.find("numpy.random"):
        numbers.seed()
