"""Worker processes that have everything imported: forked, where a batch starts one, from a process that is ready.

Only for batches that are run in a test's own process; those of the command start workers as they always do.
"""

import json
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from salesnb.batch import worker
from salesnb.batch.kernels import SINGLE

ROOT = Path(__file__).parents[1]
LONGEST = 1 << 20


@contextmanager
def ready_workers() -> Iterator["Ready"]:
    """Give what starts workers in the place of `salesnb.batch.workers._start`."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    command = [sys.executable, "-m", "tests.ready_workers", str(theirs.fileno())]
    place = {**os.environ, **SINGLE}  # a process with threads is not forked
    with subprocess.Popen(command, cwd=ROOT, env=place, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL):
        theirs.close()
        with ours:
            yield Ready(ours)


class Ready:
    """The process that has everything imported, spoken to by one thread at a time."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line

    def start(self, pipe: int, environment: dict[str, str]) -> "Forked":
        asked = {"pipe": pipe, "cwd": str(Path.cwd()), "environment": {**os.environ, **environment}}
        socket.send_fds(self._line, [json.dumps(asked).encode()], [pipe, 1, 2])
        answer, (process,), _, _ = socket.recv_fds(self._line, LONGEST, 1)
        return Forked(int(answer), process)


class Forked:
    """As much of a `subprocess.Popen` as a batch uses."""

    def __init__(self, pid: int, process: int) -> None:
        self.pid, self._process = pid, process

    def poll(self) -> int | None:
        return 0 if select.select([self._process], [], [], 0)[0] else None

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._process, signal.SIGKILL)

    def wait(self) -> None:
        select.select([self._process], [], [])

    def __del__(self) -> None:
        os.close(self._process)


def serve(line: socket.socket) -> None:
    """Fork a worker for everyone who asks, until nobody can ask any more."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody is left to be waited for
    while True:
        asked, descriptors, _, _ = socket.recv_fds(line, LONGEST, 3)
        if not asked:
            return
        if (pid := os.fork()) == 0:
            line.close()
            _work(json.loads(asked), *descriptors)
        for descriptor in descriptors:
            os.close(descriptor)
        process = os.pidfd_open(pid)
        socket.send_fds(line, [str(pid).encode()], [process])
        os.close(process)


def _work(asked: dict, pipe: int, out: int, err: int) -> None:
    """Be a worker, as if this process had been started as one."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.dup2(out, 1)
    os.dup2(err, 2)
    os.chdir(asked["cwd"])
    os.environ.clear()
    os.environ.update(asked["environment"])
    sys.argv[:] = ["worker", str(pipe)]
    try:
        worker.main()
    finally:
        os._exit(1)


if __name__ == "__main__":
    worker._skip_grammar()
    import s3fs  # noqa: F401  # what reports on an object store are written with

    import salesnb.batch.job  # noqa: F401

    serve(socket.socket(fileno=int(sys.argv[1])))
