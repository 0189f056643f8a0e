"""Clean tables that several machines share: built once, published whole, fetched as they are read, verified."""

import json
import multiprocessing
import os
import subprocess
import sys
import time

import pytest

from salesnb.data import load, open_store
from salesnb.data.store import folder as folders
from salesnb.data.store import opened, sharing
from salesnb.data.taking import intake
from salesnb.errors import InputError
from salesnb.places import PlaceError, open_place
from tests import object_store

GOOD = "Order ID,Date,Amount,Team\n1,2025-08-29,10,South\n2,2025-09-30,20,North\n3,2025-09-30,5,East\n"


@pytest.fixture
def url(endpoint, monkeypatch):
    object_store.use(monkeypatch, endpoint)
    return f"s3://{object_store.new_bucket(endpoint)}/clean"


@pytest.fixture
def given(folder, url):
    folder.write("orders.csv", GOOD)
    folder.settings(f'store = "{url}"\n')
    return folder


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """Move to another machine: nothing is kept but what is shared."""

    def move(name):
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / name))

    return move


def no_building(monkeypatch):
    monkeypatch.setattr(intake, "take", lambda *_: pytest.fail("built again"))


def test_tables_are_published_by_their_hash_and_a_manifest(given, url):
    found = open_store(str(given))
    place = open_place(url)
    assert place.find() == {f"tables/{d}.parquet" for d in found.partitions.values()} | {
        f"manifests/{found.state}.json"
    }
    manifest = json.loads(place.read(f"manifests/{found.state}.json"))
    assert manifest["partitions"] == found.partitions
    assert found.url == url


def test_another_machine_fetches_what_it_reads_and_builds_nothing(given, machine, monkeypatch):
    here = load(str(given), team="South")
    machine("second")
    no_building(monkeypatch)
    there = load(str(given), team="South")
    assert there.orders.equals(here.orders)
    assert there.store.folder != here.store.folder
    fetched = {p.relative_to(there.store.folder).as_posix() for p in there.store.folder.rglob("*.parquet")}
    assert fetched == set(there.partitions_read)
    assert len(fetched) == 1
    assert there.intake.files.rows_read.tolist() == [3]


def test_a_pinned_machine_needs_no_data_folder(given, machine, monkeypatch):
    given.settings(f'store = "{open_store(str(given)).settings.store}"\n[company]\nname = "K"\n')
    given.write("playbook.toml", PLAY)
    found = open_store(str(given))
    here = load(str(given), team="South")
    for name, value in found.pin().items():
        monkeypatch.setenv(name, value)
    given.path.rename(given.path.parent / "gone")
    machine("second")
    there = load(str(given), team="South")
    assert there.orders.equals(here.orders)
    assert there.scope.settings == here.scope.settings
    assert there.playbook.equals(here.playbook)
    own = there.playbook["problem"] != "gap_part"  # what it says nothing of is proposed as usual
    assert there.playbook.loc[own, "play"].tolist() == ["call"]


PLAY = """[[play]]
id = "call"
problem = "fewer_orders"
action = { en = "Call them", zh = "打电话" }
resources = "none"
owner = "rep"
effort = "low"
recovers = [0.1, 0.3]
"""


def test_a_pinned_state_outlives_a_newer_one(given, machine, monkeypatch):
    """A batch that runs on other machines ends with the data that it began with."""
    pin = open_store(str(given)).pin()
    given.write("orders.csv", GOOD.replace(",10,", ",99,"))
    newer = open_store(str(given))
    monkeypatch.setenv(opened.PINNED, pin[opened.PINNED])
    for name in ("cache", "second"):
        machine(name)
        case = load(str(given), team="South")
        assert case.orders.amount.tolist() == [10]
        assert case.store.state != newer.state


def test_mirrors_of_long_ago_are_forgotten(given, machine, monkeypatch):
    mirrors = []
    for amount, age in ((1, 8), (2, 6), (3, 0)):
        machine("cache")
        given.write("orders.csv", GOOD.replace(",10,", f",{amount},"))
        monkeypatch.setenv(opened.PINNED, open_store(str(given)).pin()[opened.PINNED])
        machine("second")
        mirrors.append(load(str(given), team="South").store.folder)
        day = time.time() - age * 24 * 3600
        os.utime(mirrors[-1] / "manifest.json", (day, day))
    assert [mirror.exists() for mirror in mirrors] == [False, True, True]


def test_what_is_current_is_read_without_asking_the_place(given, endpoint, monkeypatch):
    open_store(str(given))
    load(str(given), team="South")
    object_store.use(monkeypatch, "http://127.0.0.1:9")
    assert load(str(given), team="South").orders.order_id.tolist() == ["1"]
    with pytest.raises(PlaceError):
        open_store(str(given))


def test_a_change_uploads_what_changed_only(given, url):
    before = open_place(url)
    open_store(str(given))
    old = before.find("tables")
    given.write("orders.csv", GOOD.replace(",10,", ",99,"))
    found = open_store(str(given))
    new = before.find("tables") - old
    assert f"tables/{found.partitions[found.orders['South']]}.parquet" in new
    assert f"tables/{found.partitions[found.orders['North']]}.parquet" in old
    assert len(before.find("manifests")) == 2


def test_a_mirror_keeps_what_did_not_change(given, machine, monkeypatch):
    load(str(given))
    machine("second")
    first = load(str(given))
    machine("cache")
    given.write("orders.csv", GOOD.replace(",10,", ",99,"))
    open_store(str(given))
    machine("second")
    no_building(monkeypatch)
    asked = []
    real = sharing.fetch
    monkeypatch.setattr(opened.sharing, "fetch", lambda *a: asked.extend(a[2]) or real(*a))
    second = load(str(given))
    assert sorted(second.orders.amount) == [5, 20, 99]
    assert asked == [first.store.orders["South"]]


def test_a_damaged_or_missing_table_is_never_read(given, machine, url, monkeypatch):
    found = open_store(str(given))
    place = open_place(url)
    file = f"tables/{found.partitions[found.orders['South']]}.parquet"
    whole = place.read(file)
    for harm in (lambda: place.write(file, whole[:-1]), lambda: place.remove(file)):
        place.write(file, whole)
        machine(f"second-{harm.__code__.co_firstlineno}-{len(place.find())}")
        pinned = found.pin()[opened.PINNED]
        monkeypatch.setenv(opened.PINNED, pinned)
        harm()
        with pytest.raises(InputError, match=found.orders["South"].split("/")[1]) as error:
            load(str(given), team="South")
        assert url in str(error.value)
        assert load(str(given), team="North").orders.order_id.tolist() == ["2"]
        monkeypatch.delenv(opened.PINNED)


def test_what_was_lost_is_published_anew(given, url):
    found = open_store(str(given))
    place = open_place(url)
    place.remove(*[f for f in place.find() if f.startswith("tables/")][:2])
    open_store(str(given))
    assert len(place.find("tables")) == len(set(found.partitions.values()))


def test_a_publication_broken_off_is_no_publication(given, url, machine, monkeypatch):
    """The manifest comes last: a machine that sees it sees all tables."""
    from salesnb.places.remote import RemotePlace

    real, count = RemotePlace.write, []

    def breaks(self, path, content):
        if path.startswith("manifests/"):
            raise ConnectionError("cut off")
        count.append(path)
        real(self, path, content)

    monkeypatch.setattr(RemotePlace, "write", breaks)
    with pytest.raises(ConnectionError):
        open_store(str(given))
    assert count
    assert not folders.manifest_of(next(folders.cache_folder().glob("given-*"), folders.cache_folder() / "none"))
    assert open_place(url).find("manifests") == set()
    monkeypatch.setattr(RemotePlace, "write", real)
    machine("second")
    assert load(str(given)).teams == ("East", "North", "South")


def test_credentials_in_the_settings_reach_neither_the_place_nor_the_pin(given, url):
    given.settings(f'store = "{url.replace("s3://", "s3://user:hidden@")}"\n')
    found = open_store(str(given))
    place = open_place(url)
    texts = [*found.pin().values(), repr(found), found.rules, (found.folder / "manifest.json").read_text()]
    texts += [place.read(f).decode() for f in place.find("manifests")]
    assert not [t for t in texts if "hidden" in t]
    assert found.url == url


_BUILDS = """
import sys
from salesnb.data import open_store
from salesnb.data.taking import intake
real = intake.take
intake.take = lambda *a: print("built", flush=True) or real(*a)
print(open_store(sys.argv[1]).state)
"""


def test_two_machines_at_once_build_once(given, tmp_path):
    made = [
        subprocess.Popen(
            [sys.executable, "-c", _BUILDS, str(given)],
            env={**os.environ, "XDG_CACHE_HOME": str(tmp_path / name)},
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for name in ("one", "two")
    ]  # fmt: skip
    said = [process.communicate(timeout=120)[0].split() for process in made]
    assert sorted(len(words) for words in said) == [1, 2]
    assert len({words[-1] for words in said}) == 1


def _many(data, cache, queue):
    os.environ["XDG_CACHE_HOME"] = cache
    queue.put([load(data, team=team).orders.order_id.tolist() for team in ("South", "North", "all")])


def test_processes_of_one_machine_fetch_at_once_and_agree(given, tmp_path):
    open_store(str(given))
    context = multiprocessing.get_context("spawn")
    queue = context.Queue()
    cache = str(tmp_path / "second")
    started = [context.Process(target=_many, args=(str(given), cache, queue)) for _ in range(3)]
    for process in started:
        process.start()
    found = [queue.get(timeout=90) for _ in started]
    for process in started:
        process.join()
    assert found == [[["1"], ["2"], ["3", "2", "1"]]] * 3


def test_a_file_url_is_a_folder(folder, tmp_path):
    folder.write("orders.csv", GOOD)
    folder.settings(f'store = "{(tmp_path / "clean").as_uri()}"\n')
    found = open_store(str(folder))
    assert found.folder.parent == tmp_path / "clean"
    assert found.url == ""


def test_an_unknown_protocol_is_bad_input(folder):
    folder.write("orders.csv", GOOD)
    folder.settings('store = "nowhere://x/y"\n')
    with pytest.raises(InputError, match="nowhere"):
        open_store(str(folder))
