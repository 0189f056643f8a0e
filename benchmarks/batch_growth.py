"""How the cost of a batch grows with the number of teams: time, CPU time and memory at 1, 2, 4, ... teams.

    python benchmarks/batch_growth.py [--most 64] [--orders 400] [--workers 2]

A made company (`made_company.py`), every team of the same size; the stages `targets` and `strategy` of its last month,
for every team and for the whole company. The store of clean tables is up to date beforehand; the start, a batch that
has nothing left to run, is measured at every size and taken off. Peaks are the kernel's own high-water marks
(VmHWM), read of every process of the batch while it runs. A slope of 2 is linear: time(2n) / time(n) beyond the start.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from made_company import make_company
from measuring import ROOT, TOOLS, environment, head, machine, row
from measuring import run as run_command

_POLL = 0.05


@dataclass
class Peaks:
    """The most memory that any process of a batch held, and that its first, the driver, held; in MB."""

    largest: float = 0
    driver: float = 0
    _parents: dict[int, int] = field(default_factory=dict)

    def look(self, driver: int) -> None:
        """Read the marks of a process and all beneath it."""
        self._parents = {int(p.name): _parent(p) for p in Path("/proc").iterdir() if p.name.isdigit()}
        for process in [driver, *(p for p in self._parents if self._is_beneath(p, driver))]:
            mark = _mark(process)
            self.largest = max(self.largest, mark)
            self.driver = max(self.driver, mark if process == driver else 0)

    def _is_beneath(self, process: int, driver: int) -> bool:
        while process > 1:
            process = self._parents.get(process, 0)
            if process == driver:
                return True
        return False


def _parent(process: Path) -> int:
    try:
        return int((process / "stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def _mark(process: int) -> float:
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:")), 0)


def batch(command: list[str]) -> tuple[float, float, Peaks]:
    """Run a batch; return its seconds, its CPU seconds and its peaks."""
    peaks, over = Peaks(), threading.Event()
    before, begun = os.times(), time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def watch() -> None:
        while not over.wait(_POLL):
            peaks.look(process.pid)

    watching = threading.Thread(target=watch, daemon=True)
    watching.start()
    code = process.wait()
    seconds = time.perf_counter() - begun
    over.set()
    watching.join()
    assert code == 0, f"the batch ended with {code}: {' '.join(command)}"
    after = os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return seconds, cpu, peaks


def measure(folder: Path, teams: int, orders: int, workers: int) -> tuple[float, float, float, Peaks]:
    """Return seconds, start, CPU seconds and peaks of a company of so many teams."""
    from salesnb import data

    company, out = folder / f"company-{teams}", folder / f"reports-{teams}"
    make_company(company, teams, orders)
    data.open_store(str(company))
    stages = [part for stage in ("targets", "strategy") for part in ("--stage", stage)]
    command = [str(TOOLS / "salesnb"), "run", "--data", str(company), "--period", "latest", "--lang", "en", *stages,
               "--workers", str(workers), "--out", str(out), "--notebooks", str(ROOT / "notebooks")]  # fmt: skip
    seconds, cpu, peaks = batch(command)
    return seconds, run_command(command).seconds, cpu, peaks


def main(arguments: list[str] | None = None) -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--most", type=int, default=64)
    options.add_argument("--orders", type=int, default=400, help="order lines of a team")
    options.add_argument("--workers", type=int, default=2)
    given = options.parse_args(arguments)
    print(machine())
    print(f"{given.orders} order lines a team, 2 stages, {given.workers} workers\n")
    names = ("teams", "notebooks", "seconds", "start s", "CPU s", "s a team beyond start", "slope", "largest process MB", "driver MB")  # fmt: skip  # noqa: E501
    print(head(*names))
    with tempfile.TemporaryDirectory() as folder:
        environment({"XDG_CACHE_HOME": f"{folder}/cache"})
        teams, before = 1, 0.0
        while teams <= given.most:
            seconds, start, cpu, peaks = measure(Path(folder), teams, given.orders, given.workers)
            beyond = seconds - start
            slope = f"{beyond / before:.2f}" if before else ""
            figures = [f"{seconds:.1f}", f"{start:.1f}", f"{cpu:.1f}", f"{beyond / teams:.2f}", slope]
            memory = [f"{peaks.largest:.0f}", f"{peaks.driver:.0f}"]
            print(row([teams, 2 * (teams + 1), *figures, *memory]), flush=True)
            teams, before = teams * 2, beyond


if __name__ == "__main__":
    main()
