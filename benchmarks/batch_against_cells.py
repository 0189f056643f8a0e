"""A batch with one worker against its cells alone: what kernels, pages, records and indexes add.

    python benchmarks/batch_against_cells.py [--pairs 5] [--team South ...] [--stage strategy ...]

A is `salesnb run` of the sample company into a fresh folder, start included. B runs the cells of the same notebooks one
after the other, each notebook in a fork of a process that has everything imported and a shell ready; only the cells
are timed. `start` is a batch that has nothing left to run. A, start, B, A, start, B ... in one run.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import json
import os
import pkgutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from batch_against_loop import Notebook, kit_command, wanted_notebooks
from measuring import SINGLE, Cost, head, machine, row, run, spread


def run_cells(notebooks: list[Notebook], period: str) -> list[float]:
    """Return the seconds of every notebook's cells, each in a fork of this process with everything imported."""
    from IPython.core.interactiveshell import InteractiveShell

    from salesnb import data, findings
    from salesnb.batch.kernels import MODULES

    names = [f"salesnb.findings.{m.name}" for m in pkgutil.iter_modules(findings.__path__) if m.ispkg]
    for name in (*MODULES, *names):
        importlib.import_module(name)
    os.environ.update(data.open_store("sample").pin())  # as the batch does: one look at the files for all
    shell = InteractiveShell.instance()
    return [_in_fork(shell, notebook, period) for notebook in notebooks]


def _in_fork(shell: Any, notebook: Notebook, period: str) -> float:
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(theirs, json.dumps(_cells(shell, *notebook, period)).encode())
        finally:
            os._exit(0)
    os.close(theirs)
    with os.fdopen(ours) as answer:
        told = answer.read()
    os.waitpid(child, 0)
    assert told, f"the cells of {notebook} failed"
    return float(told)


def _cells(shell: Any, source: Path, team: str, period: str) -> float:
    from IPython.utils.capture import capture_output

    cells = [c for c in json.loads(source.read_text(encoding="utf-8"))["cells"] if c["cell_type"] == "code"]
    given = f"team = {team!r}; period = {period!r}; lang = 'en'"
    begun = time.perf_counter()
    for cell in cells:
        with capture_output():
            shell.run_cell("".join(cell["source"])).raise_error()
            if "parameters" in cell["metadata"].get("tags", ()):
                shell.run_cell(given).raise_error()
    return time.perf_counter() - begun


def cells_alone(notebooks: list[Notebook], period: str) -> float:
    """Return the seconds of all cells, run in a process of their own, imports apart."""
    asked = json.dumps([[str(source), team] for source, team in notebooks])
    done = subprocess.run(
        [sys.executable, __file__, "--cells", asked, "--period", period],
        env={**os.environ, **SINGLE}, stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    found: list[float] = json.loads(done.stdout.splitlines()[-1])
    assert len(found) == len(notebooks)
    return sum(found)


def batch_and_start(given: argparse.Namespace) -> tuple[Cost, Cost]:
    """Return the cost of a batch and of the same again when nothing is left."""
    with tempfile.TemporaryDirectory() as folder:
        command = kit_command(given, Path(folder))
        whole = run(command)
        return whole, run([part for part in command if part != "--force"])


def main(arguments: list[str] | None = None) -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--pairs", type=int, default=5)
    options.add_argument("--period", default="latest")
    options.add_argument("--team", action="append", default=[])
    options.add_argument("--stage", action="append", default=[])
    options.add_argument("--cells", help=argparse.SUPPRESS)
    given = options.parse_args(arguments, argparse.Namespace(workers=1))
    if given.cells:
        notebooks = [(Path(source), team) for source, team in json.loads(given.cells)]
        with contextlib.redirect_stderr(sys.stdout):
            found = run_cells(notebooks, given.period)
        print(json.dumps(found))
        return
    compare(given)


def compare(given: argparse.Namespace) -> None:
    """Print every pair as it ends, and the medians."""
    print(machine())
    period, notebooks = wanted_notebooks(given)
    print(f"{len(notebooks)} notebooks of {period}, one worker\n")
    names = ("pair", "batch s", "batch CPU s", "start s", "cells s", "ratio", "ratio without start", "ms a notebook beside its cells")  # fmt: skip  # noqa: E501
    print(head(*names))
    found: list[list[float]] = []
    for number in range(1, given.pairs + 1):
        batch, start = batch_and_start(given)
        cells = cells_alone(notebooks, period)
        work = batch.seconds - start.seconds
        beside = 1000 * (work - cells) / len(notebooks)
        found.append([batch.seconds, batch.cpu, start.seconds, cells, batch.seconds / cells, work / cells, beside])
        print(row([number, *_written(found[-1])]), flush=True)
    columns = [list(column) for column in zip(*found, strict=True)]
    print(row(["median", *(spread(c, d) for c, d in zip(columns, _DIGITS, strict=True))]))


_DIGITS = (1, 1, 1, 1, 2, 2, 0)


def _written(values: list[float]) -> list[str]:
    return [f"{value:.{digits}f}" for value, digits in zip(values, _DIGITS, strict=True)]


if __name__ == "__main__":
    main()
