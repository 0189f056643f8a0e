"""Places for files: a folder and an object store behave alike, and nothing there is ever half written."""

import errno
import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import fsspec
import pytest

from salesnb.errors import InputError
from salesnb.places import PlaceError, is_remote, open_place
from salesnb.places import local as local_module
from salesnb.places.place import is_part, lock_path, part_name
from salesnb.places.remote import RemotePlace
from tests import object_store

TREE = {"a.txt": b"1", "2025-09/South/page.html": b"<p>", "2025-09/华东 [x]/facts*.parquet": b"\0\1", "空": b""}


@pytest.fixture
def bucket(endpoint, monkeypatch):
    object_store.use(monkeypatch, endpoint)
    return object_store.new_bucket(endpoint)


@pytest.fixture(params=["folder", "file url", "memory", "s3", "other protocol"])
def place(request, tmp_path):
    """One place of every kind."""
    if request.param == "folder":
        return open_place(tmp_path / "out")
    if request.param == "file url":
        return open_place((tmp_path / "with space" / "out").as_uri())
    if request.param == "memory":
        return open_place(f"memory://{tmp_path.name}-{os.getpid()}/out")
    if request.param == "s3":
        return open_place(f"s3://{request.getfixturevalue('bucket')}/some/out")
    return other_protocol(tmp_path)


def other_protocol(folder):
    """A place where a file appears as it grows, as over SFTP."""
    files = fsspec.filesystem("file", use_listings_cache=False)
    return RemotePlace("x://", "x://out", files, str(folder / "out"), puts_whole=False)


def listed(folder):
    return sorted(path.name for path in Path(folder).iterdir())


def quick(place, seconds=0.6):
    place.lease_seconds = seconds
    return place


# -- files


def test_what_is_written_is_read_and_found(place):
    assert place.find() == set()
    for path, content in TREE.items():
        place.write(path, content)
    assert place.find() == set(TREE)
    assert place.find("2025-09/South") == {"2025-09/South/page.html"}
    assert place.find("2025-0") == place.find("nowhere") == set()
    assert {path: place.read(path) for path in TREE} == TREE
    assert place.read_all([*TREE, "none"]) == TREE
    assert place.folders() == {"2025-09"}
    assert place.folders("2025-09") == {"South", "华东 [x]"}


def test_writing_again_replaces(place):
    place.write("a/b", b"long content")
    place.write("a/b", b"short")
    assert place.read("a/b") == b"short"
    assert place.find() == {"a/b"}


def test_what_is_not_there_is_said_in_one_way(place):
    with pytest.raises(FileNotFoundError) as error:
        place.read("no/such")
    assert "no/such" in str(error.value)
    assert place.read_all(["no/such"]) == {}


def test_removing_what_is_not_there_is_fine(place):
    place.write("a/b", b"1")
    place.write("a/c", b"1")
    place.remove("a/b", "a/b", "no/such", "a/b/c")
    assert place.find() == {"a/c"}
    place.remove()


@pytest.mark.parametrize("path", ["../x", "a/../../x", "/etc/x", "", ".", "a//b", "./a", "a\\..\\b", "a\0", "a/"])
def test_no_path_leads_out_of_a_place(place, path):
    for act in (place.read, lambda p: place.write(p, b""), place.remove, lambda p: place.read_all([p])):
        with pytest.raises(ValueError, match="inside"):
            act(path)
    with pytest.raises(ValueError, match="inside"), place.lock(path, print, "x"):
        pass


def test_a_place_can_be_handed_to_another_process(tmp_path, bucket):
    for place in (open_place(tmp_path), open_place(f"s3://{bucket}/out")):
        copy = pickle.loads(pickle.dumps(place))
        copy.write("a", b"1")
        assert (copy.shown, place.read("a")) == (place.shown, b"1")


# -- names of places


def test_places_of_this_machine(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for where in ("out", str(tmp_path / "out"), Path("out"), (tmp_path / "out").as_uri()):
        place = open_place(where)
        assert place.local == tmp_path / "out"
        assert (place.shown, place.url("a/b")) == (str(tmp_path / "out"), str(tmp_path / "out/a/b"))
    assert open_place("~/out").local == tmp_path / "home" / "out"
    assert not list(tmp_path.iterdir())


def test_urls_of_other_places(bucket):
    place = open_place(f"s3://{bucket}/some/out/")
    assert place.local is None
    assert (place.shown, place.url("a/b")) == (f"s3://{bucket}/some/out", f"s3://{bucket}/some/out/a/b")
    assert is_remote(place.shown)
    assert not is_remote("file:///x")
    assert not is_remote("C:/x")


@pytest.mark.parametrize("url", ["nowhere://x/y", "s3://", "s3:///"])
def test_a_place_that_cannot_be_is_refused(url):
    with pytest.raises(InputError) as error:
        open_place(url)
    assert url.split(":")[0] in error.value.text("en")
    assert error.value.text("zh") != error.value.text("en")


def test_a_missing_package_is_named():
    with pytest.raises(InputError, match=r"gcsfs.*salesnb\[s3\]"):
        open_place("gs://bucket/out")


def test_credentials_are_never_shown(bucket, endpoint, monkeypatch):
    place = open_place(f"s3://{object_store.KEY}:{object_store.SECRET.replace('/', '')}@{bucket}/out")
    place.write("a", b"1")  # those of the environment are used
    told = [place.shown, place.url("a"), repr(place), str(vars(place)["shown"])]
    object_store.use(monkeypatch, f"http://who:{object_store.SECRET.replace('/', '')}@127.0.0.1:9")
    for act in (lambda s: s.read("a"), lambda s: s.write("a", b""), lambda s: s.find()):
        other = open_place(f"s3://{object_store.KEY}:hidden@{bucket}-other/out")
        with pytest.raises(OSError) as error:
            act(other)
        told += [str(error.value), repr(error.value), error.value.text("zh")]
    for secret in (object_store.KEY, object_store.SECRET.replace("/", ""), "hidden"):
        assert not [text for text in told if secret in text]


# -- whole or not at all


def test_a_connection_cut_in_mid_write_leaves_the_old_or_the_new(bucket, endpoint, monkeypatch):
    old, new = b"old" * 1000, os.urandom(200_000)
    open_place(f"s3://{bucket}/out").write("page", old)
    line = object_store.Line(endpoint, limit=60_000)
    object_store.use(monkeypatch, line.endpoint)
    through = open_place(f"s3://{bucket}/out")
    for path in ("page", "other"):
        with pytest.raises(OSError, match="cannot be read or written") as error:
            through.write(path, new)
        assert through.url(path) in str(error.value)
    assert line.cuts >= 2
    object_store.use(monkeypatch, endpoint)
    direct = open_place(f"s3://{bucket}/out")
    assert direct.find() == {"page"}
    assert direct.read("page") == old
    line.limit = None
    through.write("page", new)
    assert direct.read("page") == new
    line.close()


def test_a_write_that_fails_in_the_middle_leaves_nothing_half(tmp_path, monkeypatch):
    place = other_protocol(tmp_path)
    place.write("a", b"old")

    def breaks(path, content, **_):
        Path(path).write_bytes(content[:1])
        raise ConnectionError("cut off")

    monkeypatch.setattr(place._files, "pipe_file", breaks)
    with pytest.raises(PlaceError, match="cut off"):
        place.write("a", b"new")
    assert (place.read("a"), place.find()) == (b"old", {"a"})
    assert listed(place._root) == ["a"]


_WRITES = "import sys; from salesnb.places import open_place; s = open_place(sys.argv[1]); print(flush=True)\n" \
    "while True: s.write('big', b'x' * 30_000_000)"  # fmt: skip


def test_a_writer_killed_in_mid_write_leaves_nothing_half(tmp_path):
    process = subprocess.Popen([sys.executable, "-c", _WRITES, str(tmp_path)], stdout=subprocess.PIPE)
    process.stdout.readline()
    place = open_place(tmp_path)
    end, halves = time.monotonic() + 60, []
    while not (halves and (tmp_path / "big").exists()):
        assert time.monotonic() < end
        assert place.find() <= {"big"}
        halves = [name for name in listed(tmp_path) if is_part(name)]
    process.kill()
    process.wait()
    process.stdout.close()
    assert len(place.read("big")) == 30_000_000
    open_place(tmp_path).write("small", b"1")
    assert listed(tmp_path) == ["big", "small"]


def test_what_a_dead_writer_left_is_swept_and_what_a_living_one_writes_is_not(tmp_path):
    place = open_place(tmp_path)
    (tmp_path / part_name()).write_bytes(b"left by the dead")
    with local_module._part(tmp_path) as (alive, file):
        file.write(b"whole")
        file.flush()
        assert place.find() == set()
        open_place(tmp_path).write("other", b"1")
        assert alive.exists()
        assert len(listed(tmp_path)) == 2
        alive.replace(tmp_path / "mine")
    assert place.find() == {"mine", "other"}


@pytest.fixture
def small_disk(tmp_path):
    place = tmp_path / "disk"
    place.mkdir()
    if (
        os.geteuid()
        or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", place], check=False).returncode
    ):
        pytest.skip("a small disk can be mounted by root only")
    yield place
    subprocess.run(["umount", place], check=True)


def test_a_full_disk_is_an_error_that_leaves_the_old(small_disk):
    place = open_place(small_disk)
    place.write("page", b"old" * 1000)
    with pytest.raises(OSError) as error:
        place.write("page", b"x" * 2_000_000)
    assert error.value.errno == errno.ENOSPC
    assert "page" in str(error.value)
    assert listed(small_disk) == ["page"]
    assert place.read("page") == b"old" * 1000


# -- locks

LEASE = 5.0
"""Seconds; the holder renews five times in it, so that a machine that stands still for a while loses no lock."""


def _hold(where, name, started, ended, seconds):
    place = open_place(where)
    if place.local is None:
        place.lease_seconds = LEASE
    with place.lock(name, lambda owner: None, f"process {os.getpid()}"):
        started.put((os.getpid(), time.monotonic()))
        time.sleep(seconds)
        ended.put((os.getpid(), time.monotonic()))


@pytest.fixture(params=["folder", "s3"])
def where(request, tmp_path):
    return str(tmp_path / "out") if request.param == "folder" else f"s3://{request.getfixturevalue('bucket')}/out"


def longer_than_a_lease(where):
    """Return seconds; a folder has the system's own locks, which know no lease."""
    return LEASE * 1.5 if is_remote(where) else 0.5


def processes(where, seconds, count):
    context = multiprocessing.get_context("spawn")
    started, ended = context.Queue(), context.Queue()
    made = [context.Process(target=_hold, args=(where, "batch", started, ended, seconds)) for _ in range(count)]
    for process in made:
        process.start()
    return made, started, ended


def test_of_two_that_race_one_holds_at_a_time(where):
    made, started, ended = processes(where, 0.5, 2)
    spans = sorted((started.get(timeout=60)[1], ended.get(timeout=60)[1]) for _ in made)
    for process in made:
        process.join()
    assert [p.exitcode for p in made] == [0, 0]
    assert spans[0][1] <= spans[1][0]
    assert open_place(where).find() == set()


def test_a_lock_outlives_its_lease_as_long_as_its_holder_lives(where):
    made, started, ended = processes(where, longer_than_a_lease(where), 2)
    spans = sorted((started.get(timeout=60)[1], ended.get(timeout=60)[1]) for _ in made)
    for process in made:
        process.join()
    assert spans[0][1] <= spans[1][0]


def test_a_killed_holder_s_lock_goes_to_the_next(where):
    (holder,), started, _ = processes(where, 600, 1)
    pid, _ = started.get(timeout=60)
    place, told, got = open_place(where), [], threading.Event()
    if place.local is None:
        place.lease_seconds = LEASE

    def wait():
        with place.lock("batch", told.append, "second"):
            got.set()

    waiter = threading.Thread(target=wait)
    waiter.start()
    assert not got.wait(longer_than_a_lease(where))
    assert told == [f"process {pid}"]
    assert place.holder("batch") == f"process {pid}"
    os.kill(holder.pid, signal.SIGKILL)
    holder.join()
    assert got.wait(60)
    waiter.join()
    assert place.holder("batch") is None


def test_locks_of_other_names_do_not_wait(place):
    with place.lock("a/one", pytest.fail, "x"), place.lock("a/two", pytest.fail, "y"):
        assert place.find() == set()


def test_a_holder_that_was_taken_over_writes_no_more(bucket):
    place = quick(open_place(f"s3://{bucket}/out"))
    other = open_place(f"s3://{bucket}/out")

    def go_on():
        with place.lock("batch", print, "slow"):
            other.write(lock_path("batch"), b'{"owner": "another", "token": "t"}')
            for _ in range(100):
                time.sleep(0.1)
                place.write("page", b"late")

    with pytest.raises(PlaceError, match="took over"):
        go_on()
    assert other.holder("batch") == "another"


def test_a_place_that_creates_over_what_is_there_still_has_one_holder(monkeypatch):
    """Not every store refuses to create what exists; then the last word counts, after a moment."""
    where = f"memory://lenient-{os.getpid()}/out"
    held, most, count = [], [], threading.Lock()

    def lenient(self, path, content):
        self._files.pipe_file(self._at(path), content)
        return True

    def hold():
        place = quick(open_place(where), LEASE)
        with place.lock("batch", lambda _: None, "x"):
            with count:
                held.append(1)
                most.append(len(held))
            time.sleep(0.3)
            with count:
                held.pop()

    monkeypatch.setattr("salesnb.places.remote.RemotePlace.create", lenient)
    threads = [threading.Thread(target=hold) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1, 1, 1]
