"""What goes wrong in a real batch, each with the real thing: nothing is lost, nothing is done twice, nothing stays."""

import contextlib
import json
import os
import platform
import re
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from datetime import datetime
from importlib import resources
from pathlib import Path

import pytest
from typer.testing import CliRunner

from salesnb import cli
from salesnb.batch.request import Request
from salesnb.batch.run import run
from salesnb.errors import InputError

COUNT = "with open({counter!r}, 'a') as file: file.write(f'{{team}} {{period}} {stage}\\n')\n"
"""Notebooks count their own runs, outside the reports."""


@pytest.fixture
def counter(tmp_path):
    """Return the file in which notebooks count their runs."""
    return tmp_path / "runs.txt"


def runs(counter):
    return sorted(counter.read_text().splitlines()) if counter.exists() else []


@pytest.fixture
def counted(stages, counter):
    """Return a function that writes notebooks which count their runs and then do what they are told."""

    def make(**cells):
        told = {stage: COUNT.format(counter=str(counter), stage=stage) + cell for stage, cell in cells.items()}
        return stages(**told)

    return make


@pytest.fixture
def asked(tmp_path, company):
    """Return a function that gives the words of a batch of the company."""

    def words(notebooks, *more, out=None):
        return ["run", "--data", company(), "--period", "2025-09", "--workers", "2",
                "--out", str(out or tmp_path / "reports"), "--notebooks", str(notebooks), *more]  # fmt: skip

    return words


@pytest.fixture
def command(asked):
    """Return a function that starts a batch in a process of its own, with a mark of its own."""

    def start(notebooks, *more, **where):
        mark = os.urandom(6).hex()
        process = subprocess.Popen(
            [sys.executable, "-m", "salesnb.cli", *asked(notebooks, *more, **where)],
            env={**os.environ, "SALESNB_MARK": mark}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            start_new_session=True,
        )  # fmt: skip
        process.mark = mark
        return process

    return start


@pytest.fixture
def next_batch(asked):
    """Return a function that runs a batch in this process and returns its exit code and what it said."""

    def ran(notebooks, *more, **where):
        result = CliRunner().invoke(cli.app, asked(notebooks, *more, **where))
        return result.exit_code, result.output

    return ran


def marked(mark):
    """Return the process ids of all that a batch with this mark started, however far down."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if mark.encode() in (process / "environ").read_bytes():  # empty for one that is dead and not waited for
                found.append(int(process.name))
    return found


def wait_until(true, seconds=90):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.1)


def statuses(reports, period="2025-09"):
    record = json.loads((reports / period / "run.json").read_text(encoding="utf-8"))
    return {(n["team"], n["stage"]): n["status"] for n in record["notebooks"]}


def assert_whole(reports):
    """Every file is whole, and what the record tells of is there."""
    for path in reports.rglob("*"):
        if path.suffix in {".ipynb", ".json"}:
            json.loads(path.read_text(encoding="utf-8"))
        if path.suffix == ".html":
            assert path.read_text(encoding="utf-8").rstrip().endswith("</html>"), path
        assert not path.name.endswith(".part"), path
    for path in reports.glob("*/*/record.json"):
        for stage, found in json.loads(path.read_text(encoding="utf-8"))["stages"].items():
            suffix = ".ipynb" if found["status"] == "ok" else ".failed.ipynb"
            assert (path.parent / f"{stage}{suffix}").is_file() or found["reason"]
            assert all((path.parent / page).is_file() for page in found["pages"].values())


def read(path):
    return path.read_text(encoding="utf-8")


TEAMS = {"all", "North", "South"}


def test_a_killed_kernel_is_tried_again_and_only_then_given_up(tmp_path, counted, counter, company):
    once = (
        "import os, pathlib\nmark = pathlib.Path({mark!r}, team)\n"
        "if not mark.exists():\n    mark.touch()\n    os.kill(os.getpid(), 9)"
    )
    marks = tmp_path / "marks"
    marks.mkdir()
    notebooks = counted(diagnosis=once.format(mark=str(marks)), review="import os; os.kill(os.getpid(), 9)")
    told = []
    wish = Request(company(), "2025-09", teams=("South",), out=tmp_path / "reports", notebooks=notebooks, workers=1)
    outcome = run(wish, told.append)
    assert [n["stage"] for _, n in outcome.failures] == ["review"]
    assert "kernel died" in outcome.failures[0][1]["reason"]["en"]
    assert [e.stage for e in told if e.kind == "retried"] == ["diagnosis", "review"]
    assert runs(counter) == sorted(["South 2025-09 diagnosis"] * 2 + ["South 2025-09 review"] * 2)
    assert (tmp_path / "reports/2025-09/South/review.failed.ipynb").is_file()
    assert_whole(tmp_path / "reports")


HANG = """\
import os, pathlib, time
flag = pathlib.Path({flag!r})
if team == "South" and not flag.exists():
    flag.with_suffix(".new").write_text(os.environ["JPY_PARENT_PID"])
    flag.with_suffix(".new").rename(flag)
    time.sleep(300)
"""
"""Hangs for South, the first time only, and tells in which worker."""
STAGES = ("targets", "diagnosis", "review")
EACH = sorted(f"{team} 2025-09 {stage}" for team in TEAMS for stage in STAGES)
FEW = sorted(f"{team} 2025-09 {stage}" for team in ("North", "South") for stage in ("diagnosis", "review"))
ONE = ("--workers", "1")
TWO = ("--stage", "diagnosis", "--stage", "review")
KERNELS = {
    "warm": (("--kernel", "warm"), EACH),
    "stock": (("--kernel", "stock", *ONE, "--team", "North", "--team", "South", *TWO), FEW),
}
"""What is asked for and then run, by kind of kernel: a stock one takes seconds to start."""


@pytest.fixture
def hanging(counted, tmp_path):
    """Return notebooks the second of which hangs for one team, once, and the flag that it has raised by then."""
    flag = tmp_path / "flag"
    return counted(targets="1", diagnosis=HANG.format(flag=str(flag)), review="1"), flag


@pytest.mark.parametrize(("kernel", "each"), KERNELS.values(), ids=KERNELS)
def test_a_killed_worker_costs_the_notebook_in_hand_one_try(hanging, counter, command, tmp_path, kernel, each):
    notebooks, flag = hanging
    batch = command(notebooks, *kernel)
    wait_until(flag.exists)
    os.kill(int(read(flag)), signal.SIGKILL)
    _, told = batch.communicate(timeout=180)
    assert batch.returncode == 0, told
    assert "South diagnosis: trying again" in told
    assert set(statuses(tmp_path / "reports").values()) == {"ok"}
    assert runs(counter) == sorted([*each, "South 2025-09 diagnosis"])
    wait_until(lambda: not marked(batch.mark), 10)
    assert_whole(tmp_path / "reports")


@pytest.mark.parametrize(("kernel", "each"), KERNELS.values(), ids=KERNELS)
def test_a_killed_driver_leaves_no_process_and_the_next_batch_does_what_is_left(
    hanging, counter, command, tmp_path, kernel, each
):
    notebooks, flag = hanging
    batch = command(notebooks, *kernel)
    wait_until(lambda: flag.exists() and len(runs(counter)) >= min(4, len(each) - 1))
    batch.kill()
    batch.communicate(timeout=30)
    wait_until(lambda: not marked(batch.mark), 10)
    assert_whole(tmp_path / "reports")
    done = ended(tmp_path / "reports")
    before = runs(counter)
    assert "South 2025-09 diagnosis" not in done
    again = command(notebooks, *kernel)
    _, told = again.communicate(timeout=180)
    assert again.returncode == 0, told
    assert f"{len(each) - len(done)} notebooks to run; {len(done)} are there" in told
    assert set(statuses(tmp_path / "reports").values()) == {"ok"}
    assert len(statuses(tmp_path / "reports")) == len(each)
    assert sorted(runs(counter)) == sorted([*before, *(set(each) - done)])
    assert_whole(tmp_path / "reports")
    assert not left_in_temp(batch.pid)


def ended(reports):
    """Return what the records say has ended well, in the words of the counter."""
    found = set()
    for path in reports.glob("*/*/record.json"):
        record = json.loads(read(path))
        found |= {f"{record['team']} {record['period']} {stage}" for stage in record["stages"]}
    return found


def left_in_temp(pid):
    return list(Path(tempfile.gettempdir()).glob(f"snb-{pid}-*"))


def test_a_batch_with_nothing_to_do_runs_nothing_and_writes_nothing_but_its_log(counted, counter, company, tmp_path):
    wish = Request(company(), "2025-09", out=tmp_path / "reports", notebooks=counted(review="1"), lang="both")
    assert run(wish).ran == 3

    def times():
        found = [p for p in (tmp_path / "reports").rglob("*") if p.is_file() and p.parent.name != "logs"]
        return {p: p.stat().st_mtime_ns for p in found if not p.name.startswith(".")}

    before = times()
    outcome = run(wish)
    assert (outcome.ran, outcome.kept, outcome.failures) == (0, 3, ())
    assert times() == before
    assert len(runs(counter)) == 3
    assert run(replace(wish, force=True)).ran == 3
    assert len(runs(counter)) == 6


def test_what_an_output_depends_on_makes_it_run_again_and_nothing_else_does(counted, counter, company, tmp_path):
    """Another team's orders, another notebook's text: what is not read does not matter."""
    notebooks = counted(diagnosis="1", review="1")
    wish = Request(company(), "2025-09", teams=("North", "South"), out=tmp_path / "reports", notebooks=notebooks)
    assert run(wish).ran == 4
    orders = Path(company(), "orders.csv")
    orders.write_text(read(orders).replace("3,2025-09-30,200", "3,2025-09-30,250"))
    assert run(wish).ran == 2
    assert runs(counter)[-2:] == ["South 2025-09 diagnosis"] * 2 or runs(counter).count("South 2025-09 diagnosis") == 2
    assert runs(counter).count("North 2025-09 diagnosis") == 1
    path = notebooks / "09_review.ipynb"
    path.write_text(read(path).replace("# review", "# Review"))
    assert run(wish).ran == 2
    assert runs(counter).count("South 2025-09 review") == 3
    (Path(company()) / "salesnb.toml").write_text("[sales]\nsmall_n = 5\n")
    assert run(wish).ran == 4
    (tmp_path / "reports/2025-09/South/review.html").unlink()
    assert run(wish).ran == 1


def test_a_playbook_of_one_s_own_makes_everything_run_again(counted, company, tmp_path):
    wish = Request(company(), "2025-09", teams=("South",), out=tmp_path / "reports", notebooks=counted(review="1"))
    assert run(wish).ran == 1
    own = resources.files("salesnb.data.tables").joinpath("playbook.toml").read_text(encoding="utf-8")
    (Path(company()) / "playbook.toml").write_text(
        own.replace('effort = "low"', 'effort = "high"', 1), encoding="utf-8"
    )
    assert run(wish).ran == 1
    assert run(wish).ran == 0


def test_a_notebook_beyond_its_time_is_stopped_alone(counted, command, tmp_path):
    hang = "import time\nwhile team == 'South': time.sleep(0.1)"
    batch = command(counted(diagnosis=hang, review="1"), "--time-limit", "0.15", *ONE)
    _, told = batch.communicate(timeout=120)
    assert batch.returncode == 1
    found = statuses(tmp_path / "reports")
    assert [place for place, status in found.items() if status == "failed"] == [("South", "diagnosis")]
    assert "longer than 0.15 minutes" in told
    assert (tmp_path / "reports/2025-09/South/diagnosis.failed.ipynb").is_file()
    index = read(tmp_path / "reports/2025-09/index.html")
    assert "longer than 0.15 minutes" in index
    assert "Questions not answered: 1</summary><ul><li>diagnosis</li>" in index
    wait_until(lambda: not marked(batch.mark), 10)


def test_two_batches_at_once_do_each_notebook_once(hanging, counter, command, tmp_path):
    notebooks, flag = hanging
    first = command(notebooks, *ONE)
    wait_until(flag.exists)
    second = command(notebooks, *ONE)
    assert "Another batch writes to the same place" in line_with(second, "Another batch")
    assert str(first.pid) in line_with.last
    os.kill(int(read(flag)), signal.SIGKILL)
    assert first.wait(120) == 0
    assert second.wait(60) == 0
    assert runs(counter) == sorted([*EACH, "South 2025-09 diagnosis"])
    for batch in (first, second):
        batch.communicate()
    assert_whole(tmp_path / "reports")


def line_with(process, words):
    """Read what a process says until a line holds these words; return the line."""
    for line in process.stderr:
        if words in line:
            line_with.last = line
            return line
    raise AssertionError(words)


def test_status_tells_what_is_done_what_is_left_and_what_is_in_hand(hanging, counter, command, tmp_path):
    def said():
        return CliRunner().invoke(cli.app, ["status", "--out", str(tmp_path / "reports")]).stdout

    assert "Nothing has been run" in said()
    notebooks, flag = hanging
    batch = command(notebooks)
    wait_until(lambda: flag.exists() and len(ended(tmp_path / "reports")) == 7)
    told = said()
    assert "2025-09: 7 of 9 notebooks done, 0 failed, 2 left" in told
    assert re.search(r"now: 2025-09 South diagnosis, for \d+ s", told)
    assert f"A batch is running ({platform.node()}, {batch.pid}" in told
    batch.kill()
    batch.communicate()
    wait_until(lambda: not marked(batch.mark), 10)
    told = said()
    assert "7 of 9 notebooks done" in told
    assert "No batch is running" in told


def test_one_team_s_bad_data_stays_its_own(counted, company, tmp_path):
    """A team whose rows break a notebook: the others have all their pages."""
    bad = "assert not case.orders.amount.eq(200.0).any(), 'cannot be'"
    outcome = run(Request(company(), "2025-09", out=tmp_path / "reports", notebooks=counted(diagnosis=bad, review="1")))
    assert {(n["team"], n["stage"]) for _, n in outcome.failures} == {("all", "diagnosis"), ("South", "diagnosis")}
    assert statuses(tmp_path / "reports")["North", "diagnosis"] == "ok"
    assert (tmp_path / "reports/2025-09/South/review.html").is_file()


def test_a_file_that_vanishes_in_mid_batch_hurts_nobody(counted, company, tmp_path):
    """The batch has one state of the data in hand: it reads the store, not the files."""
    folder = Path(company())
    gone = f"import pathlib; pathlib.Path({str(folder)!r}, 'orders.csv').unlink(missing_ok=True)"
    wish = Request(str(folder), "2025-09", out=tmp_path / "reports", notebooks=counted(diagnosis=gone, review="1"))
    assert run(wish).failures == ()
    assert not (folder / "orders.csv").exists()
    with pytest.raises(InputError):
        run(wish)
    assert_whole(tmp_path / "reports")


@pytest.fixture
def small_disk(tmp_path):
    """Mount a file system of 1 MB that is the test's own; skip where nobody may mount."""
    place = tmp_path / "small"
    place.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)], capture_output=True)
    if made.returncode:
        pytest.skip("mounting a small file system is not permitted here")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_full_disk_fails_what_does_not_fit_and_nothing_is_half_written(
    counted, command, next_batch, small_disk, counter
):
    big = "from IPython.display import HTML, display\ndisplay(HTML('x' * 150_000))"
    notebooks, out = counted(targets=big, diagnosis=big, review=big), small_disk / "reports"
    batch = command(notebooks, *ONE, out=out)
    _, told = batch.communicate(timeout=120)
    assert batch.returncode == 1, told
    assert "Traceback" not in told
    assert "disk is full" in told
    assert_whole(out)
    done = ended_well(out)
    assert len(done) < len(EACH)
    subprocess.run(["mount", "-o", "remount,size=32m", str(small_disk)], check=True)
    code, told = next_batch(notebooks, *ONE, out=out)
    assert code == 0, told
    assert f"{len(done)} are there already" in told
    assert set(statuses(out).values()) == {"ok"}
    assert runs(counter) == sorted([*EACH, *(set(EACH) - done)])
    assert_whole(out)


def ended_well(reports):
    found = set()
    for path in reports.glob("*/*/record.json"):
        record = json.loads(read(path))
        good = [s for s, made in record["stages"].items() if made["status"] == "ok"]
        found |= {f"{record['team']} {record['period']} {stage}" for stage in good}
    return found


def test_the_log_has_a_line_for_every_event(counted, company, tmp_path):
    wish = Request(company(), "2025-09", teams=("South",), out=tmp_path / "reports",
                   notebooks=counted(diagnosis="1", review="1 / 0"), workers=1)  # fmt: skip
    run(wish)
    (log,) = (tmp_path / "reports/logs").glob("*.jsonl")
    told = [json.loads(line) for line in read(log).splitlines()]
    assert [(t["kind"], t.get("stage", "")) for t in told] == [
        ("started", ""), ("begun", "diagnosis"), ("ended", "diagnosis"), ("begun", "review"), ("failed", "review"),
        ("gathered", ""), ("finished", ""),
    ]  # fmt: skip
    assert all(datetime.fromisoformat(t["at"]) for t in told)
    assert "ZeroDivisionError" in told[4]["reason"]["en"]
    assert told[-1]["done"] == 2
    assert told[-1]["failed"] == 1
