"""A worker process: ``python -m salesnb.batch.worker FD`` takes jobs from a pipe and reports every step of them.

A plain subprocess, started by the batch itself or by a worker of a cluster, where nothing may be forked. It ends when
the process that started it does, however that ended.
"""

import os
import pickle
import queue
import signal
import sys
import threading
from multiprocessing.connection import Connection
from typing import Any

DONE = None
"""Sent when a job is done."""


def main() -> None:
    """Do jobs until the pipe is closed."""
    # The interrupt goes to the whole group of processes; what it means is decided in one place, where it is caught.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    pipe: Connection[Any, Any] = Connection(int(sys.argv[1]))
    sys.path[:] = pipe.recv()
    os.environ.update(pipe.recv())
    _skip_grammar()
    work = pickle.loads(pipe.recv_bytes())  # from the one who started this process, through a pipe of its own
    jobs: queue.SimpleQueue[Any] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(pipe, jobs), daemon=True).start()
    while True:
        work(jobs.get(), pipe.send)
        pipe.send(DONE)


def _skip_grammar() -> None:
    """Spare this process a grammar that jsonschema compiles on import, for a format that no notebook's schema has.

    It would be more than half of what a worker takes to start; jsonschema goes without where it is not installed.
    """
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]


def _listen(pipe: Connection, jobs: queue.SimpleQueue[Any]) -> None:
    """Hand on what comes through the pipe; end the process, busy or not, when its other end is gone."""
    try:
        while True:
            jobs.put(pipe.recv())
    finally:
        os._exit(0)


if __name__ == "__main__":
    main()
