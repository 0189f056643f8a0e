"""Whole batches on a real cluster of separate processes: same files, each notebook once, whatever dies meanwhile."""

import json
import os
import re
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner

from salesnb import cli
from salesnb.batch import cluster as cluster_module
from salesnb.batch.request import Request
from salesnb.batch.run import run
from salesnb.errors import InputError
from tests import object_store
from tests.dask_cluster import cluster, parent_of, processes, wait_until

pytestmark = pytest.mark.slow

HEAD = """\
import os, pathlib, time
from IPython.display import display
place = pathlib.Path({place!r})
def tell(what):
    with (place / "told.txt").open("a") as file:
        file.write(f"{{what}} {{team}} {stage}\\n")
def hang(name):
    "Hang until a file of that name is there; leave who hangs."
    kernel, worker = os.getpid(), os.environ["JPY_PARENT_PID"]
    whole = place / f"{{name}}.{{kernel}}"
    whole.write_text(f"{{kernel}} {{worker}}")
    whole.rename(place / f"hangs-{{name}}-{{team}}-{{kernel}}")
    while not (place / name).exists():
        time.sleep(0.05)
def kill_dask_worker():
    batch_worker = os.environ["JPY_PARENT_PID"]
    with open(f"/proc/{{batch_worker}}/stat") as file:
        os.kill(int(file.read().rpartition(")")[2].split()[1]), 9)
    time.sleep(600)
tell("begun")
"""
TAIL = """
tell("ended")
fact = dict(period=period, team=team, stage={stage!r}, finding="total", metric="sales", dims="",
            value=case.orders.amount.sum(), reason="", unit="money", definition=1)
display({{"application/vnd.salesnb.facts+json": {{"facts": [fact], "finding": "x.total"}}}}, raw=True)
"""


@pytest.fixture(scope="module")
def two_workers(tmp_path_factory):
    """A cluster that the tests share which leave it whole."""
    with cluster(tmp_path_factory.mktemp("cluster"), "a", "b") as made:
        yield made


@dataclass
class Desk:
    """What a test works with: a company, notebooks that tell of themselves, and where they do."""

    place: Path
    data: str
    write: object

    def notebooks(self, **cells):
        """Write one notebook per stage; each tells when it begins and ends, and has one fact."""
        return self.write(
            **{
                stage: HEAD.format(place=str(self.place), stage=stage) + cell + TAIL.format(stage=stage)
                for stage, cell in cells.items()
            }
        )

    def request(self, notebooks, out="reports", **wishes):
        wishes = {"period": "2025-09", "lang": "en", "workers": 2, "teams": ("North", "South"), **wishes}
        return Request(data=self.data, out=self.place / out, notebooks=notebooks, **wishes)

    def told(self):
        """Return how often each thing was told."""
        lines = (self.place / "told.txt").read_text().splitlines()
        return {line: lines.count(line) for line in sorted(set(lines))}

    def hanging(self, name, seen=()):
        """Wait for a notebook that hangs; return its file, and the ids of its kernel, worker and dask worker."""

        def new():
            return [f for f in sorted(self.place.glob(f"hangs-{name}-*")) if f not in seen]

        file = wait_until(new)[0]
        kernel, worker = map(int, file.read_text().split())
        return file, kernel, worker, parent_of(worker)


@pytest.fixture
def desk(tmp_path, company, stages, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return Desk(tmp_path, company(), stages)


@contextmanager
def under_way(request):
    """Run a batch beside the test; give its future."""
    with ThreadPoolExecutor(1) as pool:
        yield pool.submit(run, request)


def contents(folder):
    """Return the content of every file of the reports without what differs between runs by its nature."""
    found = {}
    for file in sorted(p for p in folder.rglob("*") if p.is_file()):
        name = file.relative_to(folder).as_posix()
        if not name.startswith("logs/"):
            text = re.sub(rb"<time.*?</time>", b"", file.read_bytes(), flags=re.DOTALL)
            found[name] = re.sub(rb'"(seconds|started|finished)": [^,\n]*', b"", text)
    return found


def statuses(reports, period="2025-09"):
    told = json.loads((reports / period / "run.json").read_text(encoding="utf-8"))
    return {(n["team"], n["stage"]): n["status"] for n in told["notebooks"]}


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


# -- as on one machine


def test_a_cluster_gives_the_same_files_and_runs_each_notebook_once(two_workers, desk):
    notebooks = desk.notebooks(diagnosis="", strategy="1 / (team != 'South')", review="")
    wishes = {"teams": (), "lang": "both"}
    there = run(desk.request(notebooks, "there", scheduler=two_workers.address, **wishes))
    runs = desk.told()
    (desk.place / "told.txt").unlink()
    here = run(desk.request(notebooks, "here", **wishes))
    assert runs == desk.told()
    assert set(runs.values()) == {1}
    assert [n["team"] for _, n in there.failures] == [n["team"] for _, n in here.failures] == ["South"]
    assert contents(desk.place / "there") == contents(desk.place / "here")
    again = run(desk.request(notebooks, "there", scheduler=two_workers.address, stages=("review",), **wishes))
    assert (again.ran, again.kept) == (0, 3)


def test_workers_have_kernels_of_their_own_and_read_the_batch_s_state(two_workers, desk, monkeypatch):
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", "/of/the/driver")
    monkeypatch.setenv("IPYTHONDIR", "/of/the/driver")
    monkeypatch.setenv("SALESNB_WARM", "/of/the/driver")
    names = ["JUPYTER_RUNTIME_DIR", "IPYTHONDIR", "SALESNB_WARM", "SALESNB_PINNED", "OMP_NUM_THREADS", "SALESNB_MARK"]
    cell = f"import json; (place / 'env').write_text(json.dumps({{n: os.environ.get(n) for n in {names}}}))"
    notebooks = desk.notebooks(diagnosis=cell)
    assert run(desk.request(notebooks, teams=("South",), scheduler=two_workers.address)).failures == ()
    found = json.loads((desk.place / "env").read_text())
    for name in names[:3]:
        assert found[name]
        assert "driver" not in found[name]
    assert found["JUPYTER_RUNTIME_DIR"] in found["SALESNB_WARM"]
    assert json.loads(found["SALESNB_PINNED"])["data"] == desk.data
    assert found["OMP_NUM_THREADS"] == "1"
    assert found["SALESNB_MARK"] in {two_workers.mark("a"), two_workers.mark("b")}


def test_workers_need_neither_the_data_nor_the_driver_s_store(tmp_path, desk):
    data = Path(desk.data)
    with object_store.server() as endpoint, pytest.MonkeyPatch.context() as patch:
        for name, value in object_store.environment(endpoint).items():
            patch.setenv(name, value)
        (data / "salesnb.toml").write_text(f'store = "s3://{object_store.new_bucket(endpoint)}/tables"\n')
        out = f"s3://{object_store.new_bucket(endpoint)}/reports"
        notebooks = desk.notebooks(diagnosis="")

        def tell(event):
            if event.kind == "started":
                data.rename(tmp_path / "moved away")
                (tmp_path / "cache").rename(tmp_path / "cache moved away")

        with cluster(tmp_path / "cluster", "a") as one:
            outcome = run(Request(**{**vars(desk.request(notebooks, scheduler=one.address)), "out": out}), tell)
        assert outcome.failures == ()
        assert desk.told() == {f"{w} {t} diagnosis": 1 for w in ("begun", "ended") for t in ("North", "South")}


# -- what dies


def test_a_killed_worker_costs_nothing_but_time(tmp_path, desk):
    """First the process that runs notebooks is killed, then the dask worker that goes on with the job."""
    notebooks = desk.notebooks(diagnosis="", strategy="team == 'South' and hang('go')", review="")
    with cluster(tmp_path / "cluster", "a", "b") as two:
        with under_way(desk.request(notebooks, scheduler=two.address, lang="both")) as batch:
            first, kernel, worker, dask_worker = desk.hanging("go")
            os.kill(worker, signal.SIGKILL)
            second, other_kernel, _, same = desk.hanging("go", [first])
            assert same == dask_worker
            name, process = next((n, p) for n, p in two.workers.items() if p.pid == dask_worker)
            process.kill()
            process.wait()
            _, _, _, other = desk.hanging("go", [first, second])
            assert other != dask_worker
            (desk.place / "go").touch()
            assert batch.result().failures == ()
        wait_until(lambda: not processes(two.mark(name)))
        assert not alive(kernel)
        assert not alive(other_kernel)
    told = desk.told()
    assert told.pop("begun South strategy") == 3
    assert set(told.values()) == {1}
    assert set(statuses(tmp_path / "reports").values()) == {"ok"}
    log = [json.loads(line) for f in (tmp_path / "reports/logs").iterdir() for line in f.open()]
    assert [e["kind"] for e in log if e.get("team") == "South" and e.get("stage") == "strategy"] == [
        "begun", "retried", "retried", "ended",
    ]  # fmt: skip


def test_a_notebook_that_kills_every_worker_fails_alone(tmp_path, desk):
    notebooks = desk.notebooks(diagnosis="team == 'South' and kill_dask_worker()", review="")
    with cluster(tmp_path / "cluster", allowed_failures=1) as one:
        one.add_worker("a", nanny=True)
        outcome = run(desk.request(notebooks, scheduler=one.address, kernel="stock"))
        wait_until(lambda: not [p for p in processes(one.mark("a")) if "ipykernel" in command_of(p)])
    ((_, failed),) = outcome.failures
    assert (failed["team"], failed["stage"]) == ("South", "diagnosis")
    assert "The worker process died" in failed["reason"]["en"]
    told = desk.told()
    assert told.pop("begun South diagnosis") == 2
    others = (("North", "diagnosis"), ("North", "review"), ("South", "review"))
    assert told == {f"{what} {team} {stage}": 1 for what in ("begun", "ended") for team, stage in others}


def command_of(pid):
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return ""


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGKILL])
def test_when_the_driver_ends_so_does_what_workers_have_in_hand(two_workers, desk, sign):
    notebooks = desk.notebooks(diagnosis="", strategy="hang('go')")
    asked = desk.request(notebooks)
    command = [sys.executable, "-m", "salesnb.cli", "run", "--data", desk.data, "--period", "2025-09", "--out",
               str(asked.out), "--notebooks", str(notebooks), "--scheduler", two_workers.address, "--lang", "en",
               "--team", "North", "--team", "South"]  # fmt: skip
    driver = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    first, *one = desk.hanging("go")
    _, *other = desk.hanging("go", [first])
    driver.send_signal(sign)
    _, said = driver.communicate(timeout=60)
    assert driver.returncode == (130 if sign == signal.SIGINT else -signal.SIGKILL)
    assert "Traceback" not in said
    wait_until(lambda: not any(map(alive, [*one[:2], *other[:2]])), 15)
    if sign == signal.SIGINT:
        assert sorted(statuses(asked.out).values()) == ["not run", "not run", "ok", "ok"]
    (desk.place / "go").touch()
    where = two_workers.address if sign == signal.SIGINT else ""
    outcome = run(desk.request(notebooks, scheduler=where))
    assert (outcome.ran, outcome.kept, outcome.failures) == (2, 2, ())
    assert [n for line, n in desk.told().items() if "diagnosis" in line] == [1] * 4


def test_a_worker_that_was_cut_off_writes_nothing_when_it_comes_back(tmp_path, desk):
    cell = "if team == 'South': hang('go')\ndisplay(os.environ['SALESNB_MARK'])"
    notebooks = desk.notebooks(diagnosis="", strategy=cell, review="")
    with cluster(tmp_path / "cluster", "a", "b") as two:
        with under_way(desk.request(notebooks, scheduler=two.address)) as batch:
            first, _, worker, dask_worker = desk.hanging("go")
            lost = next(n for n, p in two.workers.items() if p.pid == dask_worker)
            os.killpg(dask_worker, signal.SIGSTOP)
            cut_off(two.address, lost)
            _, _, _, other = desk.hanging("go", [first])
            (desk.place / "go").touch()
            assert batch.result().failures == ()
        assert other != dask_worker
        before = contents(tmp_path / "reports")
        assert two.mark(lost).encode() not in before["2025-09/South/strategy.ipynb"]
        os.killpg(dask_worker, signal.SIGCONT)
        wait_until(lambda: not alive(worker))
        assert contents(tmp_path / "reports") == before


def cut_off(address, name):
    """Make a scheduler give up a worker, as it does by itself after some minutes without a sign of life."""
    from distributed import Client

    async def give_up(dask_scheduler):
        wanted = dask_scheduler.aliases[name]
        await dask_scheduler.remove_worker(wanted, stimulus_id="test", close=False)

    with Client(address, set_as_default=False) as client:
        client.run_on_scheduler(give_up)


def test_a_job_taken_over_meanwhile_is_not_written(two_workers, desk):
    """The claim alone keeps an attempt from writing, also where nothing has stopped its process."""
    steal = "for f in pathlib.Path(place, 'reports/.salesnb/claims').glob('*-South'): f.write_text('another')"
    outcome = run(desk.request(desk.notebooks(diagnosis=steal), scheduler=two_workers.address))
    ((_, failed),) = outcome.failures
    assert failed["team"] == "South"
    assert desk.told()["ended South diagnosis"] == 2
    found = contents(desk.place / "reports")
    assert not [name for name in found if "South/diagnosis" in name or ".salesnb" in name]
    assert "2025-09/North/diagnosis.html" in found


# -- what cannot be used


def call(monkeypatch, *options):
    for name in ("_out", "_err"):
        monkeypatch.setattr(cli, name, cli.Console(stderr=name == "_err", soft_wrap=True, highlight=False))
    result = CliRunner().invoke(cli.app, [str(o) for o in options])
    assert "Traceback" not in result.output
    return result


@pytest.mark.parametrize(
    ("address", "said"),
    [("tcp://127.0.0.1:1", "No scheduler answers"), ("no address", "No scheduler answers"), ("", "has had no worker")],
)
def test_a_scheduler_that_is_not_there_is_one_line(tmp_path, desk, monkeypatch, address, said):
    monkeypatch.setattr(cluster_module, "PATIENCE" if not address else "ANSWER", 1.0)
    notebooks = desk.notebooks(diagnosis="")
    with nullcontext() if address else cluster(tmp_path / "cluster") as made:
        where = address or made.address
        result = call(monkeypatch, "run", "--data", desk.data, "--period", "2025-09", "--out", tmp_path / "reports",
                      "--notebooks", notebooks, "--scheduler", where, "--lang", "en")  # fmt: skip
    assert result.exit_code == 2, result.output
    assert [line for line in result.stderr.splitlines() if said in line and where in line]
    assert not (desk.place / "told.txt").exists()


def test_a_missing_package_is_named(tmp_path, desk, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(InputError, match=r"salesnb\[cluster\]"):
        run(desk.request(desk.notebooks(diagnosis=""), scheduler="tcp://127.0.0.1:1"))


def test_a_scheduler_that_dies_ends_the_batch_and_what_workers_have_in_hand(tmp_path, desk):
    notebooks = desk.notebooks(diagnosis="", strategy="hang('go')")
    with cluster(tmp_path / "cluster", "a") as one:
        with under_way(desk.request(notebooks, scheduler=one.address, teams=("South",))) as batch:
            _, kernel, worker, _ = desk.hanging("go")
            one.scheduler.kill()
            with pytest.raises(InputError, match="gone") as error:
                batch.result()
        assert "断开" in error.value.text("zh")
        wait_until(lambda: not alive(kernel) and not alive(worker))
    assert statuses(tmp_path / "reports") == {("South", "diagnosis"): "ok", ("South", "strategy"): "not run"}


def test_a_worker_with_other_software_is_refused(two_workers, desk, monkeypatch):
    own = cluster_module.software()
    monkeypatch.setattr(cluster_module, "software", lambda: {**own, "pandas": "0.1"})
    with pytest.raises(InputError, match=r"pandas .* ≠ 0.1") as error:
        run(desk.request(desk.notebooks(diagnosis=""), scheduler=two_workers.address))
    assert "numpy" not in str(error.value)
    assert not (desk.place / "told.txt").exists()


def test_a_worker_that_does_not_see_the_reports_is_refused(two_workers, desk, monkeypatch):
    monkeypatch.setattr(cluster_module, "open_claims", lambda *_: nullcontext())
    with pytest.raises(InputError, match="does not see the reports"):
        run(desk.request(desk.notebooks(diagnosis=""), scheduler=two_workers.address))
    assert not (desk.place / "told.txt").exists()
