import json
import multiprocessing
import os
from pathlib import Path

import pytest

import salesnb
from salesnb.data import load, open_store
from salesnb.data.store import folder as folders
from salesnb.data.store import slicing, upkeep, writing
from salesnb.data.store.fingerprint import reading_code
from salesnb.errors import InputError

GOOD = "Order ID,Date,Amount,Team\n1,2025-08-29,10,South\n2,2025-09-30,20,North\n"


@pytest.fixture
def given(folder):
    folder.write("orders.csv", GOOD)
    return folder


def test_an_up_to_date_store_is_not_built_again(given, monkeypatch):
    before = open_store(str(given))
    made = (before.folder / "manifest.json").stat().st_mtime_ns
    monkeypatch.setattr(upkeep, "_rebuild", lambda *_: pytest.fail("built again"))
    os.utime(given.path / "orders.csv")  # another time, the same bytes
    after = open_store(str(given))
    assert (after.fingerprint, after.partitions) == (before.fingerprint, before.partitions)
    assert (before.folder / "manifest.json").stat().st_mtime_ns != made


@pytest.mark.parametrize("change", ["bytes", "file", "settings"])
def test_a_change_of_inputs_or_settings_builds_anew(given, change):
    before = open_store(str(given))
    if change == "bytes":
        given.write("orders.csv", GOOD + "3,2025-09-30,1,North\n")
    elif change == "file":
        given.write("targets.csv", "Period,Target\n2025-09,1\n")
    else:
        given.settings('[sales]\nbasis = "signed"\n')
    assert open_store(str(given)).fingerprint != before.fingerprint


def test_the_same_input_gives_the_same_bytes(given, tmp_path, monkeypatch):
    before = open_store(str(given)).partitions
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "elsewhere"))
    assert open_store(str(given)).partitions == before
    assert len(before) > 3


def test_a_failed_build_leaves_the_store_as_it_was(given):
    folder = open_store(str(given)).folder
    before = sorted(p.name for p in folder.parent.iterdir())
    given.write("orders.csv", "Order ID,Date\n1,2025-09-01\n")
    with pytest.raises(InputError):
        open_store(str(given))
    assert sorted(p.name for p in folder.parent.iterdir()) == before
    assert json.loads((folder / "manifest.json").read_text())["teams"] == ["North", "South"]


def test_a_broken_manifest_is_built_anew(given):
    found = open_store(str(given))
    (found.folder / "manifest.json").write_text("{")
    assert open_store(str(given)).fingerprint == found.fingerprint


def test_the_case_names_the_partitions_it_read(given):
    case = load(str(given), team="South")
    assert len(case.partitions_read) == 1
    assert case.partitions_read[0].startswith("orders/")
    assert len(load(str(given)).partitions_read) == 2


def test_the_store_of_the_settings_is_used(given):
    given.settings('store = "clean"\n')
    assert open_store(str(given)).folder.parent == (given.path / "clean").resolve()


def test_settings_and_data_may_lie_apart(given, tmp_path):
    (tmp_path / "rules.toml").write_text('[company]\ncurrency = "EUR"\n')
    case = load(str(given), settings=str(tmp_path / "rules.toml"))
    assert case.scope.settings.company.currency == "EUR"


def _build(data, cache, queue):
    os.environ["XDG_CACHE_HOME"] = cache
    queue.put(open_store(data).fingerprint)


def test_processes_that_build_at_once_agree(given, tmp_path):
    context = multiprocessing.get_context("spawn")
    queue = context.Queue()
    cache = str(tmp_path / "shared")
    started = [context.Process(target=_build, args=(str(given), cache, queue)) for _ in range(2)]
    for process in started:
        process.start()
    found = {queue.get(timeout=60) for _ in started}
    for process in started:
        process.join()
    assert len(found) == 1


def test_waiting_for_the_lock_says_so(tmp_path, capsys, monkeypatch):
    import threading

    folder = tmp_path / "kept"
    held, said, say = threading.Event(), threading.Event(), folders.say_waiting
    monkeypatch.setattr(folders, "say_waiting", lambda *told: (say(*told), said.set()))

    def hold():
        with folders.lock(folder, "en"):
            held.set()
            assert said.wait(60)

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait()
    with folders.lock(folder, "en"):
        pass
    thread.join()
    assert "waiting" in capsys.readouterr().err


def test_importing_the_package_alone_is_quick():
    import subprocess
    import sys

    code = "import sys, salesnb; assert 'pandas' not in sys.modules; assert callable(salesnb.load)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_sample_is_found_from_any_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert load().scope.period.name == load("sample").scope.period.name


def test_more_teams_than_files_may_be_open_at_once_are_kept_apart_all_the_same(folder, monkeypatch):
    monkeypatch.setattr(writing, "_OPEN_FILES", 3)
    monkeypatch.setattr(writing, "_SHELVES", 2)
    monkeypatch.setattr(writing, "_HELD_ROWS", 0)  # every batch is written out
    monkeypatch.setattr(slicing, "_MAPPED_FILES", 3)
    lines = [f"{n},2025-09-{1 + n % 28:02},{n},T{n % 11}" for n in range(1, 120)]
    folder.write("orders.csv", "Order ID,Date,Amount,Team\n" + "\n".join(lines) + "\n")
    found = open_store(str(folder))
    assert sorted(found.teams) == sorted(f"T{n}" for n in range(11))
    assert {p.name for p in (found.folder / "orders").iterdir()} == {
        f.removeprefix("orders/") for f in found.orders.values()
    }
    whole = load(str(folder)).orders
    assert sorted(whole["order_id"].astype(int)) == list(range(1, 120))
    for team in found.teams:
        own = load(str(folder), team=team).orders
        assert set(own["team"]) == {team}
        assert list(own["order_id"].astype(int)) == [n for n in range(1, 120) if f"T{n % 11}" == team]


def test_the_fingerprint_covers_all_code_that_reads_however_deep_it_lies():
    package = Path(salesnb.__file__).parent
    lying = {p.relative_to(package).as_posix() for p in (package / "data").rglob("*.py")}
    hashed = set(reading_code())
    assert {m for m in lying if not m.startswith("data/sample/")} <= hashed
    assert {"calendar.py", "settings.py", "words/metrics.toml"} <= hashed
