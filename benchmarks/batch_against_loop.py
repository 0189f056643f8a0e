"""A whole batch against the shell loop that does the same without this kit.

    python benchmarks/batch_against_loop.py [--pairs 5] [--workers 1|2] [--team South ...] [--stage strategy ...]

A is `salesnb run` of the sample company into a fresh folder, start and indexes included. B is a shell script that
calls `papermill` and `jupyter nbconvert` for each of the same notebooks and teams; for N workers, N such loops side by
side, notebooks dealt out in turn. The store of clean tables is up to date beforehand for both. A B A B in one run;
each pair is printed as it ends.
"""

from __future__ import annotations

import argparse
import json
import shlex
import tempfile
from pathlib import Path

from measuring import ROOT, TOOLS, Cost, head, machine, row, run, spread

from salesnb import data
from salesnb.batch.plan import find_stages, plan
from salesnb.scope import WHOLE_COMPANY

Notebook = tuple[Path, str]
"""A notebook and the team it is to run for."""


def kit_command(given: argparse.Namespace, out: Path) -> list[str | Path]:
    """Return the command that runs the batch."""
    wanted = [part for team in given.team for part in ("--team", team)]
    wanted += [part for stage in given.stage for part in ("--stage", stage)]
    return [
        TOOLS / "salesnb", "run", "--data", "sample", "--period", given.period, "--lang", "en", "--force",
        "--workers", str(given.workers), "--out", out, "--notebooks", ROOT / "notebooks", *wanted,
    ]  # fmt: skip


def loop_script(notebooks: list[Notebook], period: str, loops: int, out: Path) -> str:
    """Return the script that does the same with papermill and nbconvert, in so many loops side by side."""
    blocks = ["\n".join(_calls(n, period, out) for n in notebooks[start::loops]) for start in range(loops)]
    return "\n".join(f"(\n{block}\n) &" for block in blocks if block) + "\nwait\n"


def _calls(notebook: Notebook, period: str, out: Path) -> str:
    source, team = notebook
    made = out / f"{team}-{source.name}"
    parameters = ["-r", "team", team, "-r", "period", period, "-p", "lang", "en"]
    execute = [TOOLS / "papermill", "--no-progress-bar", source, made, *parameters]
    convert = [TOOLS / "jupyter", "nbconvert", "--to", "html", made]
    return " && ".join(shlex.join(map(str, command)) for command in (execute, convert))


def wanted_notebooks(given: argparse.Namespace) -> tuple[str, list[Notebook]]:
    """Return the period's name and what the batch will run; brings the store of clean tables up to date."""
    store = data.open_store("sample")
    period = data.scope(store, WHOLE_COMPANY, given.period, "", "en").period.name
    jobs = plan(given.team, store.teams, [period], find_stages(ROOT / "notebooks", given.stage))
    return period, [(step.stage.notebook, job.team) for job in jobs for step in job.steps if step.stage]


def kit(given: argparse.Namespace, count: int) -> Cost:
    """Run the batch; its notebooks must all have ended well."""
    with tempfile.TemporaryDirectory() as folder:
        cost = run(kit_command(given, Path(folder)))
        records = [json.loads(path.read_text()) for path in Path(folder).glob("*/run.json")]
        well = sum(n["status"] == "ok" for record in records for n in record["notebooks"])
        assert well == count, f"{well} of {count} notebooks ended well in the batch"
        return cost


def loop(given: argparse.Namespace, period: str, notebooks: list[Notebook]) -> Cost:
    """Run the shell loop; it must have left a page for every notebook."""
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder, "loop.sh")
        script.write_text(loop_script(notebooks, period, given.workers, Path(folder)), encoding="utf-8")
        cost = run(["sh", script])
        pages = len(list(Path(folder).glob("*.html")))
        assert pages == len(notebooks), f"{pages} of {len(notebooks)} notebooks ended well in the loop"
        return cost


def main(arguments: list[str] | None = None) -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--pairs", type=int, default=5)
    options.add_argument("--workers", type=int, default=1)
    options.add_argument("--period", default="latest")
    options.add_argument("--team", action="append", default=[])
    options.add_argument("--stage", action="append", default=[])
    given = options.parse_args(arguments)
    print(machine())
    period, notebooks = wanted_notebooks(given)
    loops = f"{given.workers} loop{'s' if given.workers > 1 else ''}"
    print(f"{len(notebooks)} notebooks of {period}, {given.workers} worker(s) against {loops}\n")
    print(head("pair", "kit s", "kit CPU s", "loop s", "loop CPU s", "wall ratio", "CPU ratio"))
    pairs: list[tuple[Cost, Cost]] = []
    for number in range(1, given.pairs + 1):
        a, b = kit(given, len(notebooks)), loop(given, period, notebooks)
        pairs.append((a, b))
        ratios = [f"{b.seconds / a.seconds:.2f}", f"{b.cpu / a.cpu:.2f}"]
        times = [f"{t:.1f}" for t in (a.seconds, a.cpu, b.seconds, b.cpu)]
        print(row([number, *times, *ratios]), flush=True)
    print(_summary(pairs))
    print(f"\nAll {len(notebooks)} notebooks ended well in both, in every pair.")


def _summary(pairs: list[tuple[Cost, Cost]]) -> str:
    columns = ([a.seconds for a, _ in pairs], [a.cpu for a, _ in pairs],
               [b.seconds for _, b in pairs], [b.cpu for _, b in pairs])  # fmt: skip
    wall = [b.seconds / a.seconds for a, b in pairs]
    cpu = [b.cpu / a.cpu for a, b in pairs]
    return row(["median", *(spread(c) for c in columns), spread(wall, 2), spread(cpu, 2)])


if __name__ == "__main__":
    main()
