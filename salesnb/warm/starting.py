"""Start the server that kernels are forked from, and end it with everything that came of it."""

import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

ADDRESS = "SALESNB_WARM"
"""Environment variable that names the server's socket."""

_LONGEST_FOLDER = 90
_SECONDS_TO_END = 5.0


def supported() -> bool:
    """Tell whether this platform can fork kernels safely: Linux, with process descriptors."""
    try:
        os.close(os.pidfd_open(os.getpid()))
    except (AttributeError, OSError):
        return False
    return sys.platform == "linux"


@contextmanager
def warm_server(
    modules: Sequence[str], folder: Path, environment: Mapping[str, str] | None = None
) -> Iterator[dict[str, str]]:
    """Start a server that imports modules, without waiting for it, and end it and its kernels on leaving.

    Parameters
    ----------
    modules
        What the notebooks import, by name; what needs another module stands after it. A notebook that imports one
        has those before it, too, so an order from small to large keeps closest to a stock kernel.
    folder
        Where the socket lies, in a folder of its own that nobody else may enter; its path must be short.
    environment
        What the kernels will have in their environment besides this process's.

    Yields
    ------
    dict
        The environment variables that make every jupyter_client in a process fork its kernels from the server; empty
        where that cannot be, and then kernels start as ever.

    Notes
    -----
    Kernels that ask before the server is ready wait for it. It also ends when this process dies, however it dies.
    """
    if not supported() or len(str(folder)) > _LONGEST_FOLDER:
        yield {}
        return
    place = Path(tempfile.mkdtemp(dir=folder))
    wanted = {**os.environ, **(environment or {})}
    kernels = {
        # Its threads start on import, and a process with threads cannot fork; beside other kernels they gain nothing.
        "OPENBLAS_NUM_THREADS": wanted.get("OPENBLAS_NUM_THREADS", "1"),
        ADDRESS: str(place / "s"),
        "JUPYTER_DEFAULT_PROVISIONER_NAME": "salesnb-warm",
    }
    server = _start(modules, place, {**wanted, **kernels})
    try:
        yield kernels
    finally:
        _end(server)
        with suppress(OSError):
            (place / "s").unlink()
            place.rmdir()


def _start(modules: Sequence[str], place: Path, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    with socket.socket(socket.AF_UNIX) as listener:
        # Bound here, so that whoever asks too early waits in line and is not turned away.
        listener.bind(str(place / "s"))
        listener.listen(1024)
        return subprocess.Popen(
            [sys.executable, "-m", "salesnb.warm.server", str(listener.fileno()), *modules],
            stdin=subprocess.PIPE, pass_fds=[listener.fileno()], cwd=place, env=environment,
            start_new_session=True,
        )  # fmt: skip


def _end(server: subprocess.Popen[bytes]) -> None:
    assert server.stdin
    server.stdin.close()  # what the server waits for; the same happens when this process dies
    try:
        server.wait(_SECONDS_TO_END)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
