"""A real dask.distributed cluster for tests: a scheduler and workers, each a process of its own on the loopback."""

import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path

PATIENCE = 120
"""Seconds that anything may take on a loaded machine before a test fails."""


class Cluster:
    """A scheduler, and the workers that are started for it; a worker's mark is in the environment of all it starts."""

    def __init__(self, folder, allowed_failures=3):
        self._folder, self._started, self.workers = folder, [], {}
        file = folder / "scheduler.json"
        settings = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": str(allowed_failures)}
        self.scheduler = self._start(
            "scheduler", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", file, **settings
        )
        wait_until(lambda: file.exists() and file.read_text())  # it is there before it is written
        self.address = json.loads(file.read_text())["address"]

    def add_worker(self, name, *, nanny=False, **environment):
        """Start a worker; its process is returned once the scheduler knows it."""
        environment = {"XDG_CACHE_HOME": str(self._folder / name), "SALESNB_MARK": self.mark(name), **environment}
        options = ["--nthreads", "1", "--nworkers", "1", "--memory-limit", "0", "--name", name, "--local-directory",
                   self._folder / "scratch", "--nanny" if nanny else "--no-nanny"]  # fmt: skip
        self.workers[name] = self._start("worker", self.address, *options, **environment)
        return self.workers[name]

    def mark(self, name):
        """Return what marks everything that a worker has started, however far down."""
        return f"{self._folder}/{name}"

    def wait_for_workers(self):
        from distributed import Client

        with Client(self.address, timeout=PATIENCE, set_as_default=False) as client:
            client.wait_for_workers(len(self.workers), timeout=PATIENCE)

    def log(self):
        return (self._folder / "log.txt").read_text(errors="replace")

    def end(self):
        for process in reversed(self._started):
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGCONT)
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def _start(self, part, *options, **environment):
        command = [sys.executable, "-m", f"distributed.cli.dask_{part}", *map(str, options), "--no-dashboard"]
        with (self._folder / "log.txt").open("a") as log:
            process = subprocess.Popen(
                command, env={**os.environ, **environment}, cwd=self._folder, stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, start_new_session=True, preexec_fn=_end_with_parent,
            )  # fmt: skip
        self._started.append(process)
        return process


def _end_with_parent():
    """Have the kernel end this process when the tests are killed."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


@contextmanager
def cluster(folder, *names, **settings):
    """Give a cluster with workers of those names; end all of it."""
    folder.mkdir(exist_ok=True)
    made = Cluster(folder, **settings)
    try:
        for name in names:
            made.add_worker(name)
        if names:
            made.wait_for_workers()
        yield made
    finally:
        made.end()


def wait_until(true, seconds=PATIENCE):
    """Wait until a condition holds; fail after a long time."""
    end = time.monotonic() + seconds
    while not (found := true()):
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)
    return found


def processes(mark):
    """Return the ids of the living processes with a mark in their environment."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if f"SALESNB_MARK={mark}\0".encode() in (process / "environ").read_bytes():
                found.append(int(process.name))
    return found


def parent_of(pid):
    """Return the process that started another."""
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
