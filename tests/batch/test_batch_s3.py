"""Whole batches whose reports lie on an object store, spoken to over HTTP: the same files, whole or not at all."""

import os
import pickle
import re
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import boto3
import pytest

from salesnb.batch.assignment import Assignment
from salesnb.batch.plan import Job
from salesnb.batch.request import Request
from salesnb.batch.run import run
from salesnb.batch.status import status_of
from tests import object_store

pytestmark = pytest.mark.slow


@pytest.fixture
def objects(endpoint, bucket):
    """The bucket, which keeps every version of its objects."""
    made = boto3.resource(
        "s3", endpoint_url=endpoint, aws_access_key_id=object_store.KEY,
        aws_secret_access_key=object_store.SECRET, region_name="us-east-1",
    ).Bucket(bucket)  # fmt: skip
    made.Versioning().enable()
    return made


@pytest.fixture
def request_of(company, stages, bucket):
    def make(out=f"s3://{bucket}/some/reports", **cells):
        wishes = {"period": "2025-09", "lang": "en", "workers": 2, "teams": ("North", "South")}
        return Request(data=company(), out=out, notebooks=stages(**cells), **wishes)

    return make


def stored(objects):
    """Return the content of every object beneath the reports, logs apart, without what differs by its nature."""
    found = {o.key.removeprefix("some/reports/"): o.get()["Body"].read() for o in objects.objects.all()}
    return {name: plain(text) for name, text in found.items() if not name.startswith("logs/")}


def on_disk(folder):
    found = {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    return {name: plain(text) for name, text in found.items() if not name.startswith("logs/")}


def plain(text):
    text = re.sub(rb"<time.*?</time>", b"", text, flags=re.DOTALL)
    return re.sub(rb'"(seconds|started|finished)": [^,\n]*', b"", text)


def writes(objects):
    """Return how often each object was written."""
    keys = [v.object_key for v in objects.object_versions.all() if v.size is not None]
    return {key: keys.count(key) for key in keys}


def test_an_object_store_gets_the_same_files_and_keeps_them(tmp_path, request_of, objects):
    cells = {"diagnosis": None, "strategy": "1 / (team != 'South')", "review": None}
    there, here = request_of(**cells), request_of(tmp_path / "reports", **cells)
    outcome = run(there)
    assert outcome.index == f"s3://{objects.name}/some/reports/index.html"
    assert [n["team"] for _, n in outcome.failures] == ["South"]
    assert len(run(here).failures) == 1
    assert stored(objects) == on_disk(tmp_path / "reports")
    before = writes(objects)
    assert {n for key, n in before.items() if key.endswith(".ipynb")} == {1}
    again = run(replace(there, stages=("diagnosis", "review")))
    assert (again.ran, again.kept) == (0, 4)
    after = writes(objects)
    made = re.compile(r".*/(run\.json|index\.html|[^/]*\.jsonl|\.batch\.lock)")
    assert {key for key in after if after[key] != before.get(key) and not made.fullmatch(key)} == set()


def test_of_two_batches_on_one_bucket_the_second_waits(tmp_path, request_of, objects):
    go, waits, told = tmp_path / "go", threading.Event(), []
    cell = f"import pathlib, time\nwhile not pathlib.Path({str(go)!r}).exists(): time.sleep(0.05)"
    asked = request_of(diagnosis=cell)

    def tell(event):
        if event.kind == "begun":
            begun.set()

    def tell_second(event):
        told.append(event)
        if event.kind == "waiting":
            waits.set()

    begun = threading.Event()
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(run, asked, tell)
        assert begun.wait(120)
        second = pool.submit(run, asked, tell_second)
        assert waits.wait(120)
        assert (status_of(asked.out).owner, second.done()) == (told[0].owner, False)
        go.touch()
        assert (first.result().ran, second.result().ran, second.result().kept) == (2, 0, 2)
    assert str(os.getpid()) in told[0].owner
    written = writes(objects)
    assert {written[key] for key in written if key.endswith((".ipynb", ".parquet"))} == {1}
    assert {written[key] for key in written if key.endswith("/diagnosis.html")} == {2}


def test_a_connection_that_breaks_in_mid_write_leaves_nothing_half(
    tmp_path, request_of, objects, endpoint, monkeypatch
):
    line = object_store.Line(endpoint, limit=None)
    monkeypatch.setenv("AWS_ENDPOINT_URL", line.endpoint)
    asked = request_of(diagnosis=None, review=None)

    def tell(event):
        if event.kind == "begun":
            line.limit = 12_000

    outcome = run(asked, tell)
    line.limit = None
    assert line.cuts
    assert outcome.failures
    assert all("cannot be read or written" in n["reason"]["en"] for _, n in outcome.failures)
    half = stored(objects)
    assert run(asked).failures == ()
    line.close()
    run(request_of(tmp_path / "reports", diagnosis=None, review=None))
    whole = stored(objects)
    assert whole == on_disk(tmp_path / "reports")
    assert {n for n in half if n.endswith(".ipynb") and half[n] != whole[n]} == set()
    assert not [n for n in half if n.endswith(".html") and not half[n].rstrip().endswith(b"</html>")]


def test_the_command_works_on_an_object_store_and_shows_no_credentials(request_of, objects, tmp_path):
    asked = request_of(diagnosis="1 / (team != 'South')", review=None)

    def call(*words, **environment):
        done = subprocess.run(
            [sys.executable, "-m", "salesnb.cli", *map(str, words)], env={**os.environ, **environment},
            capture_output=True, text=True, check=False, timeout=300,
        )  # fmt: skip
        said.append(done.stdout + done.stderr)
        assert "Traceback" not in said[-1]
        return done

    said, options = ([], ["--data", asked.data, "--period", "2025-09", "--notebooks", asked.notebooks,
                         "--lang", "en", "--workers", "1"])  # fmt: skip
    done = call("run", *options, "--out", asked.out)
    assert (done.returncode, done.stdout.strip()) == (1, f"{asked.out}/index.html"), done.stderr
    assert "2025-09 South diagnosis" in done.stderr
    done = call("status", "--out", asked.out, "--lang", "en")
    assert done.returncode == 1
    assert "2025-09" in done.stdout
    assert "ZeroDivisionError" in done.stdout
    secret = object_store.SECRET.replace("/", "")
    done = call("run", *options, "--out", f"s3://{object_store.KEY}:{secret}@{objects.name}/other", "--team", "North")
    assert done.returncode == 0, done.stderr
    done = call("run", *options, "--out", f"s3://{objects.name}-none/x")
    assert done.returncode == 2
    assert f"s3://{objects.name}-none" in done.stderr
    done = call("run", *options, "--out", asked.out, AWS_ENDPOINT_URL="http://127.0.0.1:9")
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1), done.stderr
    kept = [o.get()["Body"].read() for o in objects.objects.all()]
    for hidden in (object_store.KEY, object_store.SECRET, secret):
        assert not [text for text in said if hidden in text]
        assert not [text for text in kept if hidden.encode() in text]


def test_credentials_in_a_url_reach_workers_and_no_log():
    given = Assignment(Job("South", "South", ()), "sftp://me:secret@host/reports", {}, (), {}, {})
    assert pickle.loads(pickle.dumps(given)).out == given.out
    assert "secret" not in repr(given)
