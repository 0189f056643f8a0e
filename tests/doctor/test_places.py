"""Places are tried by writing: what is refused, full, far away or taken is said; nothing is left behind."""

import os
import socket
import subprocess
import tempfile
from contextlib import contextmanager

import pytest

from salesnb.batch.events import LOCK
from salesnb.doctor.places import look_at_disks, look_at_place, look_at_sockets
from salesnb.places import open_place
from tests import object_store
from tests.doctor.conftest import one, worded


@contextmanager
def small_disk(place, size):
    """Put a disk of that size at a place; skip where that is not permitted."""
    place.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", size, "tmpfs", place], capture_output=True).returncode:
        pytest.skip("mounting is not permitted here")
    try:
        yield place
    finally:
        subprocess.run(["umount", place], check=True)


@pytest.fixture
def credentials(endpoint, monkeypatch):
    object_store.use(monkeypatch, endpoint)
    return endpoint


def test_a_folder_that_is_not_there_yet_will_do_and_is_not_left_behind(request_for, tmp_path):
    out = tmp_path / "a" / "b"
    found = [worded(c) for c in look_at_place(request_for(out=str(out)))]
    assert [(c.name, c.state) for c in found] == [("place", "ok"), ("batch", "ok")]
    assert not (tmp_path / "a").exists()


def test_reports_that_are_there_are_left_as_they_are(request_for, tmp_path):
    out = tmp_path / "reports"
    out.mkdir()
    (out / "index.html").write_text("mine")
    list(look_at_place(request_for()))
    assert [p.name for p in out.iterdir()] == ["index.html"]


def test_a_place_under_a_file_fails(request_for, tmp_path):
    (tmp_path / "file").write_text("")
    found = one(look_at_place(request_for(out=str(tmp_path / "file" / "reports"))))
    assert (found.state, found.code) == ("fail", "refused")
    assert "Not a directory" in found.line()


def test_a_full_disk_fails_and_a_small_one_is_measured(request_for, tmp_path):
    with small_disk(tmp_path / "disk", "size=1m") as disk:
        asked = request_for(out=str(disk / "reports"))
        full = next(map(worded, look_at_disks(asked)))
        assert (full.state, full.code) == ("fail", "full")
        assert str(disk) in full.line()
        (disk / "filler").write_bytes(b"x" * (1 << 20))
        refused = one(look_at_place(asked))
        assert (refused.state, refused.code) == ("fail", "refused")
        assert "No space left" in refused.line()


def test_a_disk_without_room_for_more_files_fails(request_for, tmp_path):
    with small_disk(tmp_path / "disk", "nr_inodes=20") as disk:
        found = next(map(worded, look_at_disks(request_for(out=str(disk)))))
        assert (found.state, found.code) == ("fail", "files")


def test_little_room_is_worth_a_warning(request_for, monkeypatch, tmp_path):
    with small_disk(tmp_path / "disk", "size=100m") as disk:
        monkeypatch.setenv("TMPDIR", str(disk))
        monkeypatch.setattr(tempfile, "tempdir", None)
        states = {c.state for c in map(worded, look_at_disks(request_for())) if str(disk) in c.line()}
        assert states == {"warn"}


def test_the_disks_of_this_machine_are_told_once_each(request_for, tmp_path):
    found = [worded(c) for c in look_at_disks(request_for())]
    assert sum(str(tmp_path / "reports") in c.line() for c in found) == 1
    assert "20 teams" in found[0].line()


def test_another_batch_is_told_with_who_runs_it(request_for, tmp_path):
    asked = request_for()
    with open_place(asked.out).lock(LOCK, lambda _: None, "Ann's machine, 4711"):
        found = [worded(c) for c in look_at_place(asked)]
    assert [(c.name, c.state) for c in found] == [("place", "ok"), ("batch", "warn")]
    assert "Ann's machine, 4711" in found[1].line()


def test_an_object_store_is_really_written_to(request_for, credentials):
    bucket = object_store.new_bucket(credentials)
    asked = request_for(out=f"s3://{bucket}/reports")
    assert [c.state for c in map(worded, look_at_place(asked))] == ["ok", "ok"]
    assert open_place(asked.out).find() == set()
    assert all(bucket not in c.line() for c in look_at_disks(asked))


def test_a_bucket_that_is_not_there_fails(request_for, credentials):
    found = one(look_at_place(request_for(out="s3://no-such-bucket-here/reports")))
    assert (found.state, found.code) == ("fail", "bucket")
    assert "no-such-bucket-here" in found.line()
    assert object_store.SECRET not in found.line()


def test_missing_credentials_fail(request_for, credentials, monkeypatch, tmp_path):
    bucket = object_store.new_bucket(credentials)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    found = one(look_at_place(request_for(out=f"s3://{bucket}/other")))
    assert (found.state, found.code) == ("fail", "bucket")
    assert "redentials" in found.line().split("Look at")[0]


def test_a_place_that_never_answers_is_not_waited_for_without_end(request_for, credentials, monkeypatch):
    monkeypatch.setattr("salesnb.doctor.places.SECONDS", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{mute.getsockname()[1]}")
        found = one(look_at_place(request_for(out="s3://some-bucket/reports")))
    assert (found.state, found.code) == ("fail", "late")


def test_the_place_of_a_shared_store_is_tried_too(request_for, credentials, tmp_path):
    bucket = object_store.new_bucket(credentials)
    (tmp_path / "data" / "salesnb.toml").write_text(f'store = "s3://{bucket}/tables"\n', encoding="utf-8")
    found = [worded(c) for c in look_at_place(request_for())]
    assert [(c.name, c.state) for c in found] == [("place", "ok"), ("batch", "ok"), ("place", "ok")]
    assert found[2].fields["place"] == f"s3://{bucket}/tables"


def test_sockets_open_where_kernels_will_have_theirs():
    assert one(look_at_sockets(None)).state == "ok"


def test_a_folder_too_long_for_sockets_is_worth_a_warning(tmp_path, monkeypatch):
    long = tmp_path / ("x" * 100)
    long.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(long))
    found = one(look_at_sockets(None))
    assert (found.state, found.code) == ("warn", "long")


def test_a_folder_that_takes_no_sockets_fails(tmp_path, monkeypatch):
    """A filter of system calls, as containers have one, refuses them."""

    class Refusing(socket.socket):
        def bind(self, address):
            raise OSError(1, os.strerror(1))

    monkeypatch.setattr(socket, "socket", Refusing)
    found = one(look_at_sockets(None))
    assert (found.state, found.code) == ("fail", "refused")
