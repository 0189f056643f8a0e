"""Whole runs over real kernels: what lands where, what a failure costs, what an earlier run leaves."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from html import unescape
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from salesnb.batch.records import note_exported
from salesnb.batch.request import Request
from salesnb.batch.run import run
from salesnb.errors import ScopeError
from salesnb.places import LocalPlace


@pytest.fixture
def go(tmp_path, company, stages):
    """Run tiny notebooks on a tiny company; the reports lie in ``tmp_path / 'reports'``."""

    def start(notebooks, company_of=("North", "South"), **wishes):
        wishes = {"period": "2025-09", "lang": "en", "workers": 2, "teams": ("South",), **wishes}
        return run(
            Request(data=company(*company_of), out=tmp_path / "reports", notebooks=stages(**notebooks), **wishes)
        )

    return start


@pytest.fixture
def reports(tmp_path):
    return tmp_path / "reports"


def files(folder):
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def facts(path):
    return [(f["stage"], f["team"], f["value"]) for f in pq.read_table(path).to_pylist()]


def record(reports, period="2025-09"):
    return json.loads((reports / period / "run.json").read_text(encoding="utf-8"))


def statuses(reports, period="2025-09"):
    return {(n["team"], n["stage"]): n["status"] for n in record(reports, period)["notebooks"]}


def test_each_team_gets_its_pages_notebooks_and_facts(go, reports):
    outcome = go({"intake": None, "diagnosis": None}, teams=(), lang="both")
    assert outcome.failures == ()
    assert outcome.index == str(reports / "index.html")
    found = files(reports / "2025-09")
    assert [f for f in found if f.startswith("South/")] == [
        "South/diagnosis.html", "South/diagnosis.ipynb", "South/diagnosis.zh.html", "South/facts.parquet",
        "South/index.html", "South/index.zh.html", "South/record.json",
    ]  # fmt: skip
    assert "all/intake.html" in found
    assert facts(reports / "2025-09/North/facts.parquet") == [("diagnosis", "North", 400.0)]
    assert sorted(facts(reports / "2025-09/all/facts.parquet")) == [
        ("diagnosis", "all", 600.0),
        ("intake", "all", 600.0),
    ]
    told = record(reports)
    assert [t["team"] for t in told["teams"]] == ["all", "North", "South"]
    assert set(told["inputs"]) == {"orders.csv"}
    assert told["versions"]["papermill"]
    assert told["parameters"]["lang"] == "both"
    assert told["notebooks"][-1]["page"] == {"en": "South/diagnosis.html", "zh": "South/diagnosis.zh.html"}


def test_a_failing_notebook_stays_alone_and_leaves_its_part(go, reports):
    outcome = go({"strategy": "1 / (team != 'South')", "review": None}, teams=("North", "South"), lang="zh")
    assert [(period, n["team"], n["stage"]) for period, n in outcome.failures] == [("2025-09", "South", "strategy")]
    why = outcome.failures[0][1]["reason"]["zh"]
    assert "ZeroDivisionError" in why
    start = (reports / "2025-09/South/index.zh.html").read_text(encoding="utf-8")
    assert why in unescape(start)
    assert 'href="review.zh.html"' in start
    south = files(reports / "2025-09/South")
    assert "strategy.failed.ipynb" in south
    assert not {"strategy.ipynb", "strategy.html", "strategy.zh.html"} & set(south)
    assert "review.zh.html" in south
    assert [f[0] for f in facts(reports / "2025-09/South/facts.parquet")] == ["review"]
    assert "North/strategy.zh.html" in files(reports / "2025-09")


def test_what_an_earlier_run_left_goes_when_it_no_longer_holds(go, reports):
    go({"diagnosis": None, "review": None})
    (reports / "2025-09/South/my notes.txt").write_text("kept")
    go({"diagnosis": "1 / 0", "review": None})
    south = files(reports / "2025-09/South")
    assert "diagnosis.html" not in south
    assert "diagnosis.ipynb" not in south
    assert "my notes.txt" in south
    assert [f[0] for f in facts(reports / "2025-09/South/facts.parquet")] == ["review"]
    assert 'href="diagnosis.html"' not in (reports / "2025-09/South/index.html").read_text(encoding="utf-8")


def test_what_was_exported_goes_with_the_notebooks_that_it_was_made_from(go, reports):
    go({"diagnosis": None, "review": None})
    place, period, south = LocalPlace(reports), reports / "2025-09", reports / "2025-09/South"
    note_exported(place, "2025-09/South", "pdf", ["report.pdf"])
    note_exported(place, "2025-09", "bundle", ["bundles/Mia/review.html"])
    (south / "report.pdf").write_bytes(b"old")
    (south / "mine.pdf").write_bytes(b"mine")
    (period / "bundles/Mia").mkdir(parents=True)
    (period / "bundles/Mia/review.html").write_bytes(b"old")
    go({"diagnosis": None, "review": None})
    assert {"report.pdf", "exports.json"} <= set(files(south))
    go({"diagnosis": "x = 1", "review": None})
    assert not {"report.pdf", "exports.json"} & set(files(south))
    assert "mine.pdf" in files(south)
    assert not [file for file in files(period) if file.startswith(("bundles/", "exports"))]


def test_a_start_page_that_is_gone_is_made_again_without_running_a_notebook(go, reports):
    go({"diagnosis": None})
    start = reports / "2025-09/South/index.html"
    kept = start.read_bytes()
    start.unlink()
    assert go({"diagnosis": None}).kept == 1
    assert start.read_bytes() == kept


def test_a_part_run_again_keeps_the_rest_of_the_same_run(go, reports):
    go({"diagnosis": None, "review": None})
    go({"diagnosis": None, "review": None}, stages=("review",))
    assert statuses(reports) == {("South", "diagnosis"): "ok", ("South", "review"): "ok"}
    assert sorted(f[0] for f in facts(reports / "2025-09/South/facts.parquet")) == ["diagnosis", "review"]


def test_a_part_run_on_other_data_removes_the_rest(go, reports):
    go({"diagnosis": None})
    go({"diagnosis": None}, company_of=("North", "West"), teams=("North",))
    assert {team for team, _ in statuses(reports)} == {"North"}
    assert not [f for f in files(reports / "2025-09") if f.startswith("South/")]


def test_periods_run_in_order_and_each_has_its_folder(go, reports):
    outcome = go({"diagnosis": None}, period="2025-08..2025-09", teams=("all",), lang="zh")
    assert outcome.failures == ()
    assert statuses(reports, "2025-08") == statuses(reports, "2025-09") == {("all", "diagnosis"): "ok"}
    assert "diagnosis.zh.html" in files(reports / "2025-08/all")
    assert "diagnosis.html" not in files(reports / "2025-08/all")


def test_any_team_name_gets_a_folder_beneath_its_period(go, tmp_path, reports):
    names = ("../../华东 A/B", "CON")
    outcome = go({"diagnosis": None}, company_of=names, teams=names)
    assert outcome.failures == ()
    told = record(reports)
    assert {t["team"] for t in told["teams"]} == set(names)
    for team in told["teams"]:
        folder = reports / "2025-09" / team["folder"]
        assert folder.resolve().parent == (reports / "2025-09").resolve()
        assert facts(folder / "facts.parquet")[0][1] == team["team"]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["data", "notebooks", "reports"]


def test_one_figure_with_two_values_fails_and_leaves_no_facts(go, reports):
    twice = (
        "from IPython.display import display\n"
        "fact = dict(period='2025-09', team=team, stage='review', finding='f', metric='sales', dims='', reason='',\n"
        "            unit='money', definition=1)\n"
        "for value in (1.0, 2.0):\n"
        "    display({'application/vnd.salesnb.facts+json': {'facts': [{**fact, 'value': value}]}}, raw=True)"
    )
    outcome = go({"review": twice})
    assert [n["team"] for _, n in outcome.failures] == ["South"]
    assert not (reports / "2025-09/South/facts.parquet").exists()
    assert not (reports / "2025-09/South/index.html").exists()


WRONG = [{"period": "2031-01"}, {"period": "soon"}, {"as_of": "yesterday"}, {"audience": "pubic"}, {"stages": ("x",)}]


@pytest.mark.parametrize("wish", WRONG, ids=str)
def test_what_does_not_exist_is_refused_before_anything_runs(go, reports, wish):
    with pytest.raises(ScopeError):
        go({"diagnosis": None}, **wish)
    assert not reports.exists()


@pytest.mark.parametrize("kernel", ["warm", "stock"])
@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_the_interrupt_stops_everything_in_seconds(tmp_path, company, stages, reports, kernel, sign):
    hang = (
        f"import os, pathlib, time\npathlib.Path({str(tmp_path)!r}, f'kernel-{{os.getpid()}}').touch(); time.sleep(120)"
    )
    command = [sys.executable, "-m", "salesnb.cli", "run", "--data", company(), "--period", "2025-09", "--workers", "2",
               "--out", str(reports), "--notebooks", str(stages(diagnosis=hang)), "--kernel", kernel]  # fmt: skip
    marker = f"salesnb-interrupt-{os.urandom(4).hex()}"
    started = subprocess.Popen(command, env={**os.environ, "SALESNB_MARK": marker}, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True, start_new_session=True)  # fmt: skip
    wait_until(lambda: len(list(tmp_path.glob("kernel-*"))) >= 2, 60)
    os.killpg(started.pid, sign)
    begun = time.monotonic()
    _, told = started.communicate(timeout=60)
    assert time.monotonic() - begun < 30
    assert started.returncode == 130
    assert "Stopped" in told
    assert "Traceback" not in told
    wait_until(lambda: not processes(marker), 30)
    assert set(statuses(reports).values()) == {"not run"}
    index = (reports / "2025-09/index.html").read_text(encoding="utf-8")
    assert "not made" in index


def wait_until(true, seconds):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.2)


def processes(marker):
    """Process ids of whatever was started with this mark in its environment, however far down."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if marker.encode() in (process / "environ").read_bytes():
                found.append(int(process.name))
    return found
